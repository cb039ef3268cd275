//! Finds the first row in which a table of a book is not what the acts say, by walking along its primary key.

use std::fmt;

use store::{Row, Sql, Store, Value};

use crate::Result;

/// Rows compared in one go.
const PAGE: i64 = 1024;

/// A table that does not hold what the acts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// Names and values of the primary key of the first row at fault; none where no single row can be named.
    pub key: Vec<(String, Value)>,
    pub fault: RowFault,
}

/// What is wrong with a row of a book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("it is not what the acts say")]
    Changed,
    #[error("it is missing")]
    Missing,
    #[error("no act speaks of it")]
    Surplus,
    #[error("the store cannot read it: {0}")]
    Unreadable(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.table)?;
        for (place, (column, value)) in self.key.iter().enumerate() {
            write!(formatter, "{} {column} = {}", if place == 0 { " at" } else { "," }, shown(value))?;
        }
        write!(formatter, ": {}", self.fault)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => hex::encode(bytes),
    }
}

/// Compares a table here with the one folded anew: by digest and, only if that differs, row by row.
pub(super) fn first_difference(
    sql: &mut dyn Sql,
    folded: &Store,
    table: &'static str,
) -> store::Result<Option<Difference>> {
    if store::digest(sql, table)? == folded.read(|sql| store::digest(sql, table))? {
        return Ok(None);
    }
    let rows = folded.read(|sql| Rows::of(sql, table))?;
    if rows.key.is_empty() {
        return Ok(Some(rows.difference(&[], RowFault::Changed)));
    }
    let mut after = None;
    loop {
        let found = rows.page(sql, after.as_deref(), PAGE)?;
        let said = folded.read(|sql| rows.page(sql, after.as_deref(), PAGE))?;
        if let Some(difference) = rows.first_unlike(&found, &said) {
            return Ok(Some(difference));
        }
        match said.last() {
            Some(row) => after = Some(rows.key_of(row).to_vec()),
            // The rows are alike, so the tables differ in their columns.
            None => return Ok(Some(rows.difference(&[], RowFault::Changed))),
        }
    }
}

/// The first row of the table that the store cannot read, each tried in a snapshot of its own; nothing if the table is
/// what the acts say.
pub(super) fn first_unreadable(
    store: &Store,
    folded: &Store,
    table: &'static str,
) -> Result<Option<Difference>> {
    let why = match store.read(|sql| first_difference(sql, folded, table)) {
        Ok(difference) => return Ok(difference),
        Err(error @ (store::Error::Statement { .. } | store::Error::Column { .. })) => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    let rows = folded.read(|sql| Rows::of(sql, table))?;
    let mut after = None;
    loop {
        let said = folded.read(|sql| rows.page(sql, after.as_deref(), PAGE))?;
        for row in &said {
            let found = store.read(|sql| rows.page(sql, after.as_deref(), 1));
            match found {
                Err(error) => {
                    return Ok(Some(rows.difference(row.values(), RowFault::Unreadable(error.to_string()))));
                }
                Ok(found) => {
                    if let Some(difference) = rows.first_unlike(&found, std::slice::from_ref(row)) {
                        return Ok(Some(difference));
                    }
                }
            }
            after = Some(rows.key_of(row).to_vec());
        }
        if said.is_empty() {
            return Ok(Some(rows.difference(&[], RowFault::Unreadable(why))));
        }
    }
}

/// The rows of a table in the order of its primary key, which stands first in each.
struct Rows {
    table: &'static str,
    key: Vec<String>,
    others: Vec<String>,
}

impl Rows {
    fn of(sql: &mut dyn Sql, table: &'static str) -> store::Result<Rows> {
        let (key, mut others) = (sql.key(table)?, sql.columns(table)?);
        others.retain(|column| !key.contains(column));
        Ok(Rows { table, key, others })
    }

    /// At most `limit` rows after the one with the key `after`.
    fn page(&self, sql: &mut dyn Sql, after: Option<&[Value]>, limit: i64) -> store::Result<Vec<Row>> {
        let key = self.key.join(", ");
        let columns = [&self.key[..], &self.others].concat().join(", ");
        let mut parameters = after.map_or_else(Vec::new, <[Value]>::to_vec);
        let places: Vec<String> = (1..=parameters.len()).map(|place| format!("${place}")).collect();
        let beyond = after.map_or_else(String::new, |_| format!("where ({key}) > ({})", places.join(", ")));
        parameters.push(limit.into());
        let (table, limit) = (self.table, parameters.len());
        sql.query(
            &format!("select {columns} from {table} {beyond} order by {key} limit ${limit}"),
            &parameters,
        )
    }

    fn key_of<'a>(&self, row: &'a Row) -> &'a [Value] {
        &row.values()[..self.key.len()]
    }

    fn first_unlike(&self, found: &[Row], said: &[Row]) -> Option<Difference> {
        for place in 0..found.len().max(said.len()) {
            let (row, fault) = match (found.get(place), said.get(place)) {
                (Some(found), Some(said)) if found == said => continue,
                (Some(found), Some(said)) if self.key_of(found) == self.key_of(said) => {
                    (said, RowFault::Changed)
                }
                (Some(found), Some(said)) if self.key_of(found) > self.key_of(said) => {
                    (said, RowFault::Missing)
                }
                (Some(found), _) => (found, RowFault::Surplus),
                (None, Some(said)) => (said, RowFault::Missing),
                (None, None) => return None,
            };
            return Some(self.difference(self.key_of(row), fault));
        }
        None
    }

    fn difference(&self, key: &[Value], fault: RowFault) -> Difference {
        let key = self.key.iter().cloned().zip(key.iter().cloned()).collect();
        Difference { table: self.table, key, fault }
    }
}
