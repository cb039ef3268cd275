//! The one way to speak to a database, whichever engine stands behind it.

use crate::{Engine, Result, Row, Value};

/// A running transaction. Texts use the common subset of both engines with `$1 … $n` parameters.
///
/// A statement that fails spoils its command: everything after it fails with the same error and the command is
/// rolled back even if it returns `Ok`. PostgreSQL behaves so by itself; SQLite is made to.
pub trait Sql {
    fn engine(&self) -> Engine;

    /// Runs a statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// `Error::Constraint` when a row breaks a rule of its table, `Error::Statement` for any other refusal of the engine,
    /// `Error::Nul`, `Error::Parameters` and `Error::Forbidden` before the engine is asked.
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64>;

    /// Runs a query and hands over row by row, so that a long result is never held in memory.
    ///
    /// # Errors
    /// As `execute`; an error of `each` ends the query and is returned.
    fn each(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()>;

    /// Runs one or more DDL statements with the words `INT64`, `BYTES`, `TEXT` for column types.
    ///
    /// # Errors
    /// As `execute`.
    fn define(&mut self, ddl: &str) -> Result<()>;

    /// The column names of a table in alphabetical order; empty if there is no such table.
    ///
    /// # Errors
    /// As `execute`.
    fn columns(&mut self, table: &str) -> Result<Vec<String>>;

    /// The columns of a table's primary key in the order of the key; empty if it has none, or there is no such table.
    ///
    /// # Errors
    /// As `execute`.
    fn key(&mut self, table: &str) -> Result<Vec<String>>;

    /// What the engine itself finds wrong with its files, at most a hundred faults. SQLite walks over every page and
    /// compares every index with its table; PostgreSQL has no such walk for a client and names nothing: there it is
    /// the checksums of its pages that tell (`initdb --data-checksums`).
    ///
    /// # Errors
    /// As `execute`.
    fn integrity(&mut self) -> Result<Vec<String>>;

    /// The names of all tables, in alphabetical order.
    ///
    /// # Errors
    /// As `execute`.
    fn tables(&mut self) -> Result<Vec<String>>;

    /// Runs a query and returns all its rows.
    ///
    /// # Errors
    /// As `execute`.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.each(sql, parameters, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs a query and returns its first row.
    ///
    /// # Errors
    /// As `execute`.
    fn query_one(&mut self, sql: &str, parameters: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }
}

/// Work done around each commit group, in the writer's own transaction. Hooks run in the order of their attachment.
pub trait Group: Send {
    /// After BEGIN, before the first command.
    ///
    /// # Errors
    /// An error fails the whole group.
    fn begin(&mut self, sql: &mut dyn Sql) -> Result<()>;

    /// After each command: `kept` tells whether its changes stand or were rolled back to its savepoint.
    fn command(&mut self, _kept: bool) {}

    /// Before COMMIT, after the last command; not called when no command was kept.
    ///
    /// # Errors
    /// An error fails the whole group.
    fn seal(&mut self, sql: &mut dyn Sql) -> Result<()>;

    /// After COMMIT or after the rollback of the group. After `false`, believe only what `begin` reads anew.
    fn done(&mut self, committed: bool);
}
