//! A fingerprint of a table that does not depend on the engine or on the order of rows.

use sha2::{Digest, Sha256};

use crate::{Error, Result, Sql, Value};

/// SHA-256 over all rows of a table, ordered by all columns; equal on both engines for equal content.
///
/// The table's name is left out, so that a book rebuilt beside the old one can be compared with it. Column names
/// count, in alphabetical order. The rows are streamed; the engine sorts them, on disk if it must.
///
/// # Errors
/// `Error::Statement` when there is no such table.
pub fn digest(sql: &mut dyn Sql, table: &str) -> Result<[u8; 32]> {
    let columns = sql.columns(table)?;
    if columns.is_empty() {
        return Err(Error::Statement { why: "no such table".to_owned(), sql: format!("digest of {table}") });
    }
    let mut hash = Sha256::new();
    for column in &columns {
        take(&mut hash, &Value::from(column));
    }
    take(&mut hash, &Value::Null);
    sql.each(&every_row(table, &columns), &[], &mut |row| {
        row.values().iter().for_each(|value| take(&mut hash, value));
        Ok(())
    })?;
    Ok(hash.finalize().into())
}

fn every_row(table: &str, columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    // The engines disagree on where NULL stands, so the text says it.
    let order: Vec<String> = names.iter().map(|name| format!("{name} NULLS FIRST")).collect();
    format!("SELECT {} FROM {} ORDER BY {}", names.join(", "), quoted(table), order.join(", "))
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Each value bears its kind and its length, so that no two tables run into the same bytes.
fn take(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update([0]),
        Value::Int(number) => {
            hash.update([1]);
            hash.update(number.to_be_bytes());
        }
        Value::Text(text) => take_bytes(hash, 2, text.as_bytes()),
        Value::Bytes(bytes) => take_bytes(hash, 3, bytes),
    }
}

fn take_bytes(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
