//! One PostgreSQL connection, made anew when it is lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use ::postgres::error::SqlState;
use ::postgres::fallible_iterator::FallibleIterator;
use ::postgres::{Client, SimpleQueryMessage, Statement};

use super::Link;
use super::values::{Bound, bind, explain, read, why};
use crate::connection::{Access, Connection};
use crate::digest::quoted;
use crate::{Engine, Error, Result, Row, Value, ddl};

/// Statements kept prepared per connection.
const PREPARED: usize = 256;

/// Waits before each try to reach the server again, in milliseconds: a restart on the same machine fits in.
const TRIES: [u64; 4] = [0, 100, 400, 1500];

/// How often a purge looks, twenty times a second, whether the transactions in its way have ended.
const PURGE_TRIES: u32 = 100;

pub(super) struct PostgresConnection {
    link: Arc<Link>,
    access: Access,
    client: Client,
    prepared: HashMap<String, Statement>,
    /// State of `link.definitions` that `prepared` fits.
    definitions: u64,
    redefined: bool,
    /// The server's number of the open write transaction.
    transaction: Option<String>,
}

impl PostgresConnection {
    pub(super) fn connect(link: Arc<Link>, access: Access) -> Result<PostgresConnection> {
        let client = link.session(access)?;
        let definitions = link.definitions();
        Ok(PostgresConnection {
            link,
            access,
            client,
            prepared: HashMap::new(),
            definitions,
            redefined: false,
            transaction: None,
        })
    }

    fn try_begin(&mut self, access: Access) -> Result<()> {
        self.forget_outdated();
        let sql = match access {
            // The number tells later whether a commit took effect whose answer was lost.
            Access::Write => {
                "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT CAST(pg_current_xact_id() AS text)"
            }
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let answers = self.client.simple_query(sql).map_err(|error| explain(&error, sql))?;
        self.transaction = first_text(&answers);
        Ok(())
    }

    fn reconnect(&mut self) -> Result<()> {
        let mut last = Error::Closed;
        for wait in TRIES {
            sleep(Duration::from_millis(wait));
            match self.link.session(self.access) {
                Ok(client) => {
                    self.client = client;
                    self.prepared.clear();
                    return Ok(());
                }
                Err(error @ Error::InUse { .. }) => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(Error::Lost(last.to_string()))
    }

    /// The answer to COMMIT was lost: asks the server itself what became of the transaction.
    fn settle(&mut self, transaction: &str, cause: &Error) -> Result<()> {
        let doubtful = |why: &dyn std::fmt::Display| Error::Doubtful(format!("{cause}; {why}"));
        self.reconnect().map_err(|error| doubtful(&error))?;
        let sql = format!("SELECT pg_xact_status(CAST('{transaction}' AS xid8))");
        for wait in TRIES {
            sleep(Duration::from_millis(wait));
            let answers = self.client.simple_query(&sql).map_err(|error| doubtful(&why(&error)))?;
            match first_text(&answers).as_deref() {
                Some("committed") => return Ok(()),
                Some("aborted") => return Err(Error::Lost(cause.to_string())),
                Some(_) => {}
                None => break,
            }
        }
        Err(doubtful(&"the server does not know the transaction"))
    }

    /// VACUUM keeps the deleted rows that a transaction could still see which began before they were deleted.
    fn outlast_readers(&mut self) -> Result<()> {
        let sql = "SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)";
        let now = first_text(&self.client.simple_query(sql).map_err(|error| self.failed(&error, sql))?);
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND greatest(age(backend_xid), age(backend_xmin)) >= age(CAST('{}' AS xid))",
            now.unwrap_or_default()
        );
        for _ in 0..PURGE_TRIES {
            let answers = self.client.simple_query(&sql).map_err(|error| self.failed(&error, &sql))?;
            if first_text(&answers).as_deref() == Some("0") {
                return Ok(());
            }
            sleep(Duration::from_millis(50));
        }
        Err(Error::Statement { why: "an older transaction can still see what was deleted".to_owned(), sql })
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).map_err(|error| explain(&error, sql))?;
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn bound(&mut self, sql: &str, parameters: &[Value]) -> Result<(Statement, Vec<Bound>)> {
        let statement = self.prepare(sql)?;
        let kinds = statement.params();
        if kinds.len() != parameters.len() {
            let (expected, given) = (kinds.len(), parameters.len());
            return Err(Error::Parameters { expected, given, sql: sql.to_owned() });
        }
        let values = parameters.iter().zip(kinds).enumerate();
        let bound =
            values.map(|(index, (value, kind))| bind(value, kind, index + 1, sql)).collect::<Result<_>>()?;
        Ok((statement, bound))
    }

    fn failed(&mut self, error: &::postgres::Error, sql: &str) -> Error {
        // "cached plan must not change result type": another process has changed the table.
        if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) {
            self.prepared.clear();
        }
        if error.as_db_error().is_none() && self.client.is_closed() {
            return Error::Lost(why(error));
        }
        explain(error, sql)
    }

    fn forget_outdated(&mut self) {
        let definitions = self.link.definitions();
        if self.definitions != definitions {
            self.definitions = definitions;
            self.prepared.clear();
        }
    }

    /// After a definition was committed or undone, no connection may use what it had prepared before.
    fn settle_definitions(&mut self) {
        if std::mem::take(&mut self.redefined) {
            self.link.redefined();
            self.forget_outdated();
        }
    }
}

impl Connection for PostgresConnection {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn begin(&mut self, access: Access) -> Result<()> {
        if self.client.is_closed() {
            self.reconnect()?;
        }
        match self.try_begin(access) {
            Err(Error::Lost(_)) => {
                self.reconnect()?;
                self.try_begin(access)
            }
            other => other,
        }
    }

    fn commit(&mut self) -> Result<()> {
        let transaction = self.transaction.take();
        let result = self.client.batch_execute("COMMIT").map_err(|error| self.failed(&error, "COMMIT"));
        self.settle_definitions();
        match (result, transaction) {
            (Err(cause @ Error::Lost(_)), Some(transaction)) => self.settle(&transaction, &cause),
            (result, _) => result,
        }
    }

    fn rollback(&mut self) {
        self.transaction = None;
        if self.in_transaction() {
            // A lost connection has rolled back by itself; the next BEGIN makes a new one.
            let _ = self.client.batch_execute("ROLLBACK");
        }
        self.settle_definitions();
    }

    fn in_transaction(&self) -> bool {
        !self.client.is_closed()
    }

    fn savepoint(&mut self, sql: &str) -> Result<()> {
        if self.redefined && sql.starts_with("ROLLBACK") {
            self.prepared.clear();
        }
        self.client.batch_execute(sql).map_err(|error| self.failed(&error, sql))
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64> {
        let (statement, bound) = self.bound(sql, parameters)?;
        let bound: Vec<_> = bound.iter().map(|value| &**value as _).collect();
        self.client.execute(&statement, &bound).map_err(|error| self.failed(&error, sql))
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let (statement, bound) = self.bound(sql, parameters)?;
        let outcome = stream(&mut self.client, &statement, bound, &mut |row| each(read(row, sql)?));
        outcome.map_err(|error| self.failed(&error, sql))?
    }

    fn define(&mut self, ddl: &str) -> Result<()> {
        self.redefined = true;
        self.prepared.clear();
        for statement in ddl::statements(ddl, Engine::Postgres) {
            self.client.batch_execute(&statement).map_err(|error| self.failed(&error, &statement))?;
        }
        Ok(())
    }

    fn columns_query(&self) -> &'static str {
        "SELECT CAST(column_name AS text) FROM information_schema.columns
         WHERE table_schema = current_schema() AND CAST(table_name AS text) = $1"
    }

    fn key_query(&self) -> &'static str {
        "SELECT CAST(k.column_name AS text) FROM information_schema.table_constraints c
         JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
         WHERE c.constraint_type = 'PRIMARY KEY' AND c.constraint_schema = current_schema()
           AND k.table_name = c.table_name AND CAST(c.table_name AS text) = $1
         ORDER BY k.ordinal_position"
    }

    fn integrity(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn tables_query(&self) -> &'static str {
        "SELECT CAST(table_name AS text) FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    }

    fn purge(&mut self, tables: &[String]) -> Result<()> {
        self.outlast_readers()?;
        for table in tables {
            let sql = format!("VACUUM (FULL, ANALYZE) {}", quoted(table));
            self.client.batch_execute(&sql).map_err(|error| self.failed(&error, &sql))?;
        }
        Ok(())
    }
}

/// The server's error outside, that of the reader inside.
fn stream(
    client: &mut Client,
    statement: &Statement,
    bound: Vec<Bound>,
    each: &mut dyn FnMut(&::postgres::Row) -> Result<()>,
) -> Result<Result<()>, ::postgres::Error> {
    let mut rows = client.query_raw(statement, bound)?;
    while let Some(row) = rows.next()? {
        if let Err(error) = each(&row) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn first_text(answers: &[SimpleQueryMessage]) -> Option<String> {
    answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}
