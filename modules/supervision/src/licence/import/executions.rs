//! Who let a run be written, and what of it is forgotten once it is finished.

use anyhow::Result;
use store::Sql;

/// Text form of the actor who last ordered that the run be written.
///
/// # Errors
/// The store fails.
pub fn executor_of(sql: &mut dyn Sql, run: &str) -> Result<Option<String>> {
    let row = sql.query_one("select actor from import_executions where run = $1", &[run.into()])?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

/// Keeps who ordered that the run be written.
///
/// # Errors
/// The store fails.
pub fn keep_executor(sql: &mut dyn Sql, run: &str, actor: &str) -> Result<()> {
    sql.execute(
        "insert into import_executions (run, actor) values ($1, $2) on conflict (run) do update set actor = excluded.actor",
        &[run.into(), actor.into()],
    )?;
    Ok(())
}

/// Forgets what a finished run leaves behind of persons: its own differences, which are in the record as far as they were
/// written, and the faults of older runs of its source, which its own take the place of.
///
/// # Errors
/// The store fails.
pub fn forget(sql: &mut dyn Sql, run: &str) -> Result<()> {
    sql.execute("delete from import_differences where run = $1", &[run.into()])?;
    sql.execute(
        "delete from import_faults where run in (
            select older.id from import_runs older join import_runs own on own.source = older.source
            where own.id = $1 and older.id <> own.id and older.begun <= own.begun)",
        &[run.into()],
    )?;
    Ok(())
}
