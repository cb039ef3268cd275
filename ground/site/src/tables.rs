//! The ordinary tables of the site: what is no act (design §4) and is changed by versioned steps.

use store::{Sql, Store};

/// Each step once, in this order; a step that was shipped is never changed.
const STEPS: &[&str] = &[
    "create table credentials (officer TEXT primary key, password TEXT not null, one_time INT64 not null, changed INT64 not null);
     create table sessions (digest TEXT primary key, officer TEXT not null, opened INT64 not null, seen INT64 not null,
                            address TEXT not null, device TEXT not null);
     create index sessions_officer on sessions (officer);
     create table preferences (officer TEXT primary key, language TEXT not null);",
    "alter table credentials add column used INT64 not null default 0;",
    "create table erased_files (digest TEXT primary key, act INT64 not null);
     create table purged (one INT64 primary key check (one = 1), act INT64 not null);",
    "alter table sessions add column confirmed INT64 not null default 0;
     create table second_factors (officer TEXT primary key, secret TEXT not null, offered TEXT not null, step INT64 not null,
                                  enrolled INT64 not null, reset INT64 not null);
     create table recovery_codes (officer TEXT not null, digest TEXT not null, primary key (officer, digest));
     create table kept_forms (id TEXT primary key, officer TEXT not null, path TEXT not null, form TEXT not null, kept INT64 not null);
     create table sent_forms (digest TEXT primary key, sent INT64 not null);
     create table failures (kind TEXT not null, key TEXT not null, at INT64 not null);
     create index failures_at on failures (at);",
];

/// The table that counts these steps.
pub const STEPS_TABLE: &str = "site_steps";

/// Brings the tables of the site to the present form.
///
/// # Errors
/// When the store refuses a step; the node must not start then.
pub fn migrate(store: &Store) -> store::Result<()> {
    store.write(|sql| {
        sql.define("create table if not exists site_steps (step INT64 primary key)")?;
        let done: i64 = match sql.query_one("select count(*) from site_steps", &[])? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        for (step, text) in STEPS.iter().enumerate().skip(usize::try_from(done).unwrap_or(0)) {
            apply(sql, step, text)?;
        }
        Ok(())
    })
}

fn apply(sql: &mut dyn Sql, step: usize, text: &str) -> store::Result<()> {
    sql.define(text)?;
    sql.execute("insert into site_steps (step) values ($1)", &[i64::try_from(step).unwrap_or(0).into()])?;
    Ok(())
}
