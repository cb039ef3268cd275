//! What both engines must be able to do, and the guard that makes them refuse alike.

use crate::{Engine, Error, Result, Row, Sql, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// One connection of one engine.
pub(crate) trait Connection: Send {
    fn engine(&self) -> Engine;
    /// Opens a transaction; a lost connection is made anew first.
    fn begin(&mut self, access: Access) -> Result<()>;
    fn commit(&mut self) -> Result<()>;
    /// Ends the transaction, if there still is one, without its changes.
    fn rollback(&mut self);
    /// False when the engine ended the transaction by itself (disk full, connection lost).
    fn in_transaction(&self) -> bool;
    /// Sets, releases or returns to a savepoint.
    fn savepoint(&mut self, sql: &str) -> Result<()>;
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64>;
    fn each(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()>;
    fn define(&mut self, ddl: &str) -> Result<()>;
    /// A query with one text column, the name of each column of the table `$1`.
    fn columns_query(&self) -> &'static str;
    /// A query with one text column, the name of each column of the primary key of the table `$1`, in its order.
    fn key_query(&self) -> &'static str;
    /// What the engine finds wrong with its own files.
    fn integrity(&mut self) -> Result<Vec<String>>;
    /// A query with one text column, the name of each table.
    fn tables_query(&self) -> &'static str;
    /// Makes deleted bytes leave the files of these tables; outside a transaction.
    fn purge(&mut self, tables: &[String]) -> Result<()>;
}

/// The transaction as one command sees it.
pub(crate) struct Session<'a> {
    connection: &'a mut dyn Connection,
    spoilt: Option<Error>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection) -> Session<'a> {
        Session { connection, spoilt: None }
    }

    /// The error of the first statement that failed.
    pub(crate) fn spoilt(self) -> Result<()> {
        self.spoilt.map_or(Ok(()), Err)
    }

    fn run<T>(
        &mut self,
        sql: &str,
        parameters: &[Value],
        work: impl FnOnce(&mut dyn Connection) -> Result<T>,
    ) -> Result<T> {
        if let Some(error) = &self.spoilt {
            return Err(error.clone());
        }
        let result = check(sql, parameters).and_then(|()| work(self.connection));
        if let Err(error) = &result {
            self.spoilt = Some(error.clone());
        }
        result
    }
}

impl Sql for Session<'_> {
    fn engine(&self) -> Engine {
        self.connection.engine()
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64> {
        self.run(sql, parameters, |connection| connection.execute(sql, parameters))
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        self.run(sql, parameters, |connection| connection.each(sql, parameters, each))
    }

    fn define(&mut self, ddl: &str) -> Result<()> {
        self.run(ddl, &[], |connection| connection.define(ddl))
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>> {
        let rows = self.query(self.connection.columns_query(), &[table.into()])?;
        sorted(&rows)
    }

    fn key(&mut self, table: &str) -> Result<Vec<String>> {
        let rows = self.query(self.connection.key_query(), &[table.into()])?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn integrity(&mut self) -> Result<Vec<String>> {
        self.run("", &[], |connection| connection.integrity())
    }

    fn tables(&mut self) -> Result<Vec<String>> {
        let rows = self.query(self.connection.tables_query(), &[])?;
        sorted(&rows)
    }
}

/// Names as the code points order them, whatever collation the engine has.
fn sorted(rows: &[Row]) -> Result<Vec<String>> {
    let mut names = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

/// Words that would end the writer's transaction or change the connection under the next command.
const FORBIDDEN: [&str; 14] = [
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "PRAGMA",
    "ATTACH",
    "DETACH",
    "VACUUM",
    "SET",
    "RESET",
];

fn check(sql: &str, parameters: &[Value]) -> Result<()> {
    let first =
        sql.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    if let Some(word) = FORBIDDEN.iter().find(|word| first.eq_ignore_ascii_case(word)) {
        return Err(Error::Forbidden { word: (*word).to_owned(), sql: sql.to_owned() });
    }
    // PostgreSQL cannot hold NUL in a text and SQLite hides what follows it, so neither may have it.
    let nul = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    match parameters.iter().position(nul) {
        Some(index) => Err(Error::Nul { number: index + 1, sql: sql.to_owned() }),
        None if sql.contains('\0') => Err(Error::Nul { number: 0, sql: sql.replace('\0', "␀") }),
        None => Ok(()),
    }
}
