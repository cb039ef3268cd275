//! One SQLite connection.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection as Driver, OpenFlags, ffi};

use crate::connection::{Access, Connection};
use crate::{Constraint, Engine, Error, Result, Row, Value, ddl};

/// What both kinds of connection share. LIKE tells capitals from small letters, as PostgreSQL's does.
const COMMON: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON;";

/// A legal record survives power loss (synchronous), erased bytes are overwritten (secure_delete), and the log keeps
/// its size (journal_size_limit; see `LOG_SIZE`). It is brought into the file every 16 MiB: pages that change with every
/// act, such as the ends of the trees, are then written there once for many commits.
const WRITER: &str = "PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 1073741824;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32768;";

/// The file is mapped, so that a reader needs little memory of its own.
const READER: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -4096;";

/// Statements kept prepared per connection.
const PREPARED: usize = 256;

pub(super) struct SqliteConnection {
    driver: Driver,
    file: PathBuf,
}

impl SqliteConnection {
    pub(super) fn writer(file: &Path, synchronous: &str) -> Result<SqliteConnection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = SqliteConnection::open(file, &file.to_string_lossy(), flags, WRITER)?;
        connection.use_log(synchronous)?;
        Ok(connection)
    }

    /// `at_rest`: nobody writes the file, so that it can be read without locks and without files beside it.
    pub(super) fn reader(file: &Path, at_rest: bool) -> Result<SqliteConnection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let rest = if at_rest { "?immutable=1" } else { "" };
        SqliteConnection::open(file, &format!("file:{path}{rest}"), flags, READER)
    }

    fn open(file: &Path, name: &str, flags: OpenFlags, pragmas: &str) -> Result<SqliteConnection> {
        let open = || {
            let driver = Driver::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            // A name in double quotes is a name, never a text: so it is on PostgreSQL.
            driver.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            driver.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
            // A statement is planned once: planned anew for each value bound, it would cost more than it does.
            driver.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            driver.set_prepared_statement_cache_capacity(PREPARED);
            driver.execute_batch(COMMON)?;
            driver.execute_batch(pragmas)?;
            Ok(driver)
        };
        let driver = open().map_err(|error: rusqlite::Error| super::cannot_open(file, &error))?;
        Ok(SqliteConnection { driver, file: file.to_owned() })
    }

    fn use_log(&self, synchronous: &str) -> Result<()> {
        let failed = |error| super::cannot_open(&self.file, &error);
        self.driver.execute_batch(&format!("PRAGMA synchronous = {synchronous}")).map_err(failed)?;
        let mode: String =
            self.driver.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
        if mode != "wal" {
            let why =
                format!("this file system cannot hold a write-ahead log (mode {mode}); use a local disk");
            return Err(super::cannot_open(&self.file, &why));
        }
        // The first reading makes the log.
        self.driver.execute_batch("SELECT count(*) FROM sqlite_schema").map_err(failed)
    }

    fn define_one(&self, ddl: &str) -> Result<()> {
        self.driver.execute_batch(ddl).map_err(|error| explain(&error, ddl))
    }

    /// Begins and ends transactions and savepoints: the same few texts, over and over.
    fn control(&self, sql: &str) -> Result<()> {
        let mut statement = self.driver.prepare_cached(sql).map_err(|error| explain(&error, sql))?;
        statement.raw_execute().map(|_| ()).map_err(|error| explain(&error, sql))
    }

    /// Runs a statement to its end and hands over its rows; returns how many there were.
    fn step(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(Row) -> Result<()>) -> Result<u64> {
        let failed = |error: rusqlite::Error| explain(&error, sql);
        let mut statement = self.driver.prepare_cached(sql).map_err(failed)?;
        bind(&mut statement, sql, parameters)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut count = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut values = Vec::with_capacity(columns);
            for index in 0..columns {
                values.push(read(row.get_ref(index).map_err(failed)?, sql)?);
            }
            each(Row(values))?;
            count += 1;
        }
        Ok(count)
    }
}

impl Connection for SqliteConnection {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn begin(&mut self, access: Access) -> Result<()> {
        self.control(if access == Access::Write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    fn commit(&mut self) -> Result<()> {
        self.control("COMMIT")
    }

    fn rollback(&mut self) {
        if self.in_transaction() {
            // If this fails the next BEGIN does too, and says why.
            let _ = self.control("ROLLBACK");
        }
    }

    fn in_transaction(&self) -> bool {
        !self.driver.is_autocommit()
    }

    fn savepoint(&mut self, sql: &str) -> Result<()> {
        sql.split("; ").try_for_each(|statement| self.control(statement))
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64> {
        let before = self.driver.total_changes();
        let rows = self.step(sql, parameters, &mut |_| Ok(()))?;
        // `changes` speaks of the last statement that changed rows, which need not be this one.
        Ok(if self.driver.total_changes() == before { rows } else { self.driver.changes() })
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        self.step(sql, parameters, each).map(|_| ())
    }

    fn define(&mut self, ddl: &str) -> Result<()> {
        ddl::statements(ddl, Engine::Sqlite).iter().try_for_each(|statement| self.define_one(statement))
    }

    fn columns_query(&self) -> &'static str {
        "SELECT name FROM pragma_table_info($1)"
    }

    fn key_query(&self) -> &'static str {
        "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk"
    }

    fn integrity(&mut self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        self.step("PRAGMA integrity_check(100)", &[], &mut |row| {
            faults.push(row.get(0)?);
            Ok(())
        })?;
        faults.retain(|fault| fault != "ok");
        Ok(faults)
    }

    fn tables_query(&self) -> &'static str {
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    }

    fn purge(&mut self, _tables: &[String]) -> Result<()> {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self.driver.query_row(sql, [], |row| row.get::<_, bool>(0));
        if busy.map_err(|error| explain(&error, sql))? {
            let why = "a reader is still using the old log".to_owned();
            return Err(Error::Statement { why, sql: sql.to_owned() });
        }
        super::grow_log(&self.file).map_err(|error| super::cannot_open(&self.file, &error))
    }
}

/// Binds by name: SQLite numbers `$2` before `$1` if it stands first in the text.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, sql: &str, parameters: &[Value]) -> Result<()> {
    let expected = statement.parameter_count();
    if expected != parameters.len() {
        return Err(Error::Parameters { expected, given: parameters.len(), sql: sql.to_owned() });
    }
    for place in 1..=expected {
        let name = statement.parameter_name(place).unwrap_or("?");
        let number = name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
        let value = number.and_then(|number| parameters.get(number.checked_sub(1)?));
        let Some(value) = value else {
            let why = format!("a parameter is written $1 to ${expected}, not {name}");
            return Err(Error::Statement { why, sql: sql.to_owned() });
        };
        statement
            .raw_bind_parameter(place, ToSqlOutput::Borrowed(reference(value)))
            .map_err(|error| explain(&error, sql))?;
    }
    Ok(())
}

fn reference(value: &Value) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Int(number) => ValueRef::Integer(*number),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
    }
}

fn read(value: ValueRef<'_>, sql: &str) -> Result<Value> {
    let refuse = |why: &str| Error::Statement { why: why.to_owned(), sql: sql.to_owned() };
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(refuse("the result holds a float, which this store does not know")),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(refuse("the result holds a text that is not UTF-8")),
        },
    }
}

fn explain(error: &rusqlite::Error, sql: &str) -> Error {
    let (sql, why) = (sql.to_owned(), error.to_string());
    let kind = match error.sqlite_error().map(|error| error.extended_code) {
        Some(
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID,
        ) => Constraint::Unique,
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Constraint::ForeignKey,
        Some(ffi::SQLITE_CONSTRAINT_NOTNULL) => Constraint::NotNull,
        Some(ffi::SQLITE_CONSTRAINT_CHECK) => Constraint::Check,
        Some(ffi::SQLITE_FULL) => return Error::Full(why),
        _ => return Error::Statement { why, sql },
    };
    Error::Constraint { kind, why, sql }
}

#[cfg(test)]
mod tests {
    use super::SqliteConnection;

    fn pragmas(connection: &SqliteConnection, names: &[&str]) -> Vec<String> {
        let value = |name: &&str| {
            let value = connection
                .driver
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0));
            format!("{name} {value:?}")
        };
        names.iter().map(value).collect()
    }

    #[test]
    fn a_record_survives_power_loss_and_an_erasure_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("node.db");
        let writer = SqliteConnection::writer(&file, "FULL").unwrap();
        let names =
            ["journal_mode", "synchronous", "foreign_keys", "secure_delete", "cache_size", "busy_timeout"];
        assert_eq!(
            pragmas(&writer, &names),
            [
                "journal_mode Ok(Text(\"wal\"))",
                "synchronous Ok(Integer(2))",
                "foreign_keys Ok(Integer(1))",
                "secure_delete Ok(Integer(1))",
                "cache_size Ok(Integer(-32768))",
                "busy_timeout Ok(Integer(5000))",
            ]
        );
        let reader = SqliteConnection::reader(&file, false).unwrap();
        assert_eq!(
            pragmas(&reader, &["query_only", "mmap_size"]),
            ["query_only Ok(Integer(1))", "mmap_size Ok(Integer(1073741824))"]
        );
    }
}
