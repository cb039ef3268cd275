//! The ledger's own tables and the reading of their rows.

use jiff::Timestamp;
use store::{Row, Sql};

use crate::tree::Closed;
use crate::{Act, Error, Hash, Header, MatterKey, Result};

/// `acts.hash` are the leaves of the tree and `nodes` its full tiles, levels 8, 16, … (C2SP tlog-tiles);
/// `book_versions.tables` are the names of a book's tables, separated by spaces.
const DEFINITION: &str = "
create table if not exists acts (
  number INT64 primary key, id TEXT not null, kind TEXT not null, matter TEXT not null, sequence INT64 not null,
  recorded INT64 not null, leaf BYTES not null, hash BYTES not null, unique (matter, sequence));
create table if not exists bodies (number INT64 primary key, salt BYTES not null, body BYTES not null);
create table if not exists nodes (
  level INT64 not null, position INT64 not null, hash BYTES not null, primary key (level, position));
create table if not exists checkpoints (size INT64 primary key, note TEXT not null, recorded INT64 not null);
create table if not exists head (
  one INT64 primary key check (one = 1), ledger TEXT not null, size INT64 not null, frontier BYTES not null,
  recorded INT64 not null);
create table if not exists counters (series TEXT primary key, value INT64 not null);
create table if not exists book_versions (name TEXT primary key, version INT64 not null, tables TEXT not null);
";

/// Which version of each book the tables were folded by.
pub(crate) const BOOK_VERSIONS: &str = "book_versions";

/// Makes the tables of a ledger that lacks them.
pub(crate) fn ensure(sql: &mut dyn Sql) -> Result<()> {
    sql.define(DEFINITION)?;
    // Ledgers made before books told their tables.
    if !sql.columns(BOOK_VERSIONS)?.iter().any(|column| column == "tables") {
        sql.define("alter table book_versions add column tables TEXT not null default ''")?;
    }
    Ok(())
}

/// Acts read in one go when all are walked through.
pub(crate) const PAGE: i64 = 1024;

const ACT: &str = "select a.number, a.leaf, b.body from acts a left join bodies b on b.number = a.number";

/// The acts of a matter, oldest first.
pub(crate) fn acts_of(sql: &mut dyn Sql, matter: &MatterKey) -> Result<Vec<Act>> {
    let query = format!("{ACT} where a.matter = $1 order by a.sequence");
    sql.query(&query, &[matter.as_str().into()])?.iter().map(act_from).collect()
}

/// One act.
pub(crate) fn act(sql: &mut dyn Sql, number: i64) -> Result<Act> {
    let row = sql.query_one(&format!("{ACT} where a.number = $1"), &[number.into()])?;
    row.as_ref().map_or(Err(Error::Unknown(number)), act_from)
}

/// At most `limit` acts after `number`, in order.
pub(crate) fn acts_after(sql: &mut dyn Sql, number: i64, limit: i64) -> Result<Vec<Act>> {
    let query = format!("{ACT} where a.number > $1 order by a.number limit $2");
    sql.query(&query, &[number.into(), limit.into()])?.iter().map(act_from).collect()
}

/// Hands every act to `each`, in order, and returns how many there were.
pub(crate) fn each_act(
    sql: &mut dyn Sql,
    each: &mut dyn FnMut(&mut dyn Sql, &Act) -> Result<()>,
) -> Result<i64> {
    let mut last = 0;
    loop {
        let page = acts_after(sql, last, PAGE)?;
        for act in &page {
            each(sql, act)?;
        }
        match page.last() {
            Some(act) => last = act.header.number,
            None => return Ok(last),
        }
    }
}

/// The last sequence number in a matter; 0 if it has no act yet.
pub(crate) fn last_sequence(sql: &mut dyn Sql, matter: &MatterKey) -> Result<i64> {
    let query = "select sequence from acts where matter = $1 order by sequence desc limit 1";
    Ok(sql.query_one(query, &[matter.as_str().into()])?.map_or(Ok(0), |row| row.get(0))?)
}

/// Size and note of the newest checkpoint.
pub(crate) fn newest_checkpoint(sql: &mut dyn Sql) -> Result<Option<(i64, String)>> {
    let row = sql.query_one("select size, note from checkpoints order by size desc limit 1", &[])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Stores the header of an act: its leaf, and the columns by which it is found.
pub(crate) fn insert_act(sql: &mut dyn Sql, header: &Header, leaf: &[u8], hash: Hash) -> Result<()> {
    let insert = "insert into acts (number, id, kind, matter, sequence, recorded, leaf, hash)
                  values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let row = [
        header.number.into(),
        header.id.to_string().into(),
        header.kind.as_str().into(),
        header.matter.as_str().into(),
        header.sequence.into(),
        header.recorded.as_microsecond().into(),
        leaf.into(),
        hash.into(),
    ];
    sql.execute(insert, &row)?;
    Ok(())
}

/// Stores the body of an act with its salt.
pub(crate) fn insert_body(sql: &mut dyn Sql, number: i64, salt: &[u8], body: &[u8]) -> Result<()> {
    let insert = "insert into bodies (number, salt, body) values ($1, $2, $3)";
    sql.execute(insert, &[number.into(), salt.into(), body.into()])?;
    Ok(())
}

/// Stores the top of a tile that was filled.
pub(crate) fn insert_node(sql: &mut dyn Sql, top: &Closed) -> Result<()> {
    let insert = "insert into nodes (level, position, hash) values ($1, $2, $3)";
    sql.execute(insert, &[top.level.into(), top.position.cast_signed().into(), top.hash.into()])?;
    Ok(())
}

/// Stores the checkpoint under which the act `size` is the last.
pub(crate) fn insert_checkpoint(sql: &mut dyn Sql, size: i64, note: &str, recorded: Timestamp) -> Result<()> {
    let insert = "insert into checkpoints (size, note, recorded) values ($1, $2, $3)";
    sql.execute(insert, &[size.into(), note.into(), recorded.as_microsecond().into()])?;
    Ok(())
}

fn act_from(row: &Row) -> Result<Act> {
    let number = row.get(0)?;
    let leaf: Vec<u8> = row.get(1)?;
    let header = Header::decode(&leaf).map_err(|what| Error::Damaged { number, what })?;
    Ok(Act { header, body: row.get(2)? })
}
