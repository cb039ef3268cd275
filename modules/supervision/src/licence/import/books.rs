//! The books of imports: which files were taken in, and what an import last said of each licence.

use anyhow::Result;
use ledger::{Act, Book};
use store::{Row, Sql};

use super::acts::{ImportAct, Opened};
use super::compare::digest;
use crate::licence::acts::LicenceAct;

/// The book of imports.
pub struct Imports;

impl Book for Imports {
    fn name(&self) -> &'static str {
        "imports"
    }

    fn version(&self) -> i64 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["imports", "imported"]
    }

    fn definition(&self) -> &'static str {
        "create table imports (
            id TEXT primary key, source TEXT, file TEXT, digest TEXT, row_count INT64, faulty INT64,
            opened TEXT not null, actor TEXT not null, added INT64 not null, changed INT64 not null);
         create table imported (licence TEXT not null, source TEXT not null, digest TEXT, primary key (licence, source));
         -- What follows is no book: working tables of the importer, which hold no acts and which a rebuild leaves alone.
         create table if not exists import_runs (
            id TEXT primary key, source TEXT not null, file TEXT not null, digest TEXT not null, actor TEXT not null,
            mapping TEXT, state TEXT not null, refusal TEXT, accept_changes INT64 not null, opened INT64 not null,
            row_count INT64 not null, position INT64 not null, fresh INT64 not null, unchanged INT64 not null,
            changed INT64 not null, faulty INT64 not null, faults INT64 not null, overtaken INT64 not null,
            added INT64 not null, altered INT64 not null, begun INT64 not null);
         create index if not exists import_runs_state on import_runs (state);
         create table if not exists import_faults (
            run TEXT not null, place INT64 not null, row_number INT64 not null, column_index INT64, heading TEXT,
            kind TEXT not null, value TEXT not null, other_row INT64, primary key (run, place));
         create table if not exists import_differences (
            run TEXT not null, number TEXT not null, row_number INT64 not null, licence TEXT not null, fields TEXT not null,
            primary key (run, number));
         create table if not exists import_executions (run TEXT primary key, actor TEXT not null);
         create table if not exists import_mappings (source TEXT primary key, mapping TEXT not null)"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> Result<()> {
        match act.header.kind.as_str() {
            "import.opened" => open(sql, act),
            "licence.imported" => bring(sql, act, "added"),
            "licence.import-changed" => bring(sql, act, "changed"),
            _ => Ok(()),
        }
    }
}

fn open(sql: &mut dyn Sql, act: &Act) -> Result<()> {
    let body = act.read::<ImportAct>()?.map(|ImportAct::Opened(body)| body);
    let text = |part: fn(&Opened) -> &String| body.as_ref().map(|body| part(body).clone());
    sql.execute(
        "insert into imports (id, source, file, digest, row_count, faulty, opened, actor, added, changed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)",
        &[
            act.header.matter.id().to_string().into(),
            text(|body| &body.source).into(),
            text(|body| &body.file).into(),
            text(|body| &body.digest).into(),
            body.as_ref().map(|body| body.rows).into(),
            body.as_ref().map(|body| body.faulty).into(),
            act.header.recorded.to_string().into(),
            act.header.actor.to_string().into(),
        ],
    )?;
    Ok(())
}

/// Counts the licence for its import and remembers what this source said. An erased act is counted for nobody, and what
/// any source said of its licence before is forgotten.
fn bring(sql: &mut dyn Sql, act: &Act, column: &str) -> Result<()> {
    let licence = act.header.matter.id().to_string();
    let (import, source, data) = match act.read::<LicenceAct>()? {
        Some(LicenceAct::Imported(body)) => (body.import, body.source, body.data),
        Some(LicenceAct::ImportChanged(body)) => (body.import, body.source, body.data),
        _ => {
            sql.execute("delete from imported where licence = $1", &[licence.into()])?;
            return Ok(());
        }
    };
    sql.execute(
        "insert into imported (licence, source, digest) values ($1, $2, $3)
         on conflict (licence, source) do update set digest = excluded.digest",
        &[licence.into(), source.into(), digest(&data)?.into()],
    )?;
    if let Some(id) = import.strip_prefix("import/") {
        sql.execute(&format!("update imports set {column} = {column} + 1 where id = $1"), &[id.into()])?;
    }
    Ok(())
}

/// One import as the record knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportLine {
    pub id: String,
    pub source: String,
    pub file: String,
    pub digest: String,
    pub rows: i64,
    pub faulty: i64,
    pub opened: String,
    pub added: i64,
    pub changed: i64,
}

/// The import with this id, if any act made it.
///
/// # Errors
/// The store fails.
pub fn import(sql: &mut dyn Sql, id: &str) -> store::Result<Option<ImportLine>> {
    let text = "select id, source, file, digest, row_count, faulty, opened, added, changed from imports where id = $1";
    sql.query_one(text, &[id.into()])?.as_ref().map(line).transpose()
}

fn line(row: &Row) -> store::Result<ImportLine> {
    let text = |index| Ok::<_, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let count = |index| Ok::<_, store::Error>(row.get::<Option<i64>>(index)?.unwrap_or_default());
    Ok(ImportLine {
        id: row.get(0)?,
        source: text(1)?,
        file: text(2)?,
        digest: text(3)?,
        rows: count(4)?,
        faulty: count(5)?,
        opened: row.get(6)?,
        added: row.get(7)?,
        changed: row.get(8)?,
    })
}
