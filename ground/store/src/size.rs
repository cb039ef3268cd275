//! How much room a database takes.

use std::path::Path;

use crate::{Engine, Result, Sql, sqlite};

/// Bytes on the disk of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// The database itself: the SQLite file, or the PostgreSQL database with everything in it.
    pub database: u64,
    /// SQLite's write-ahead log beside it; PostgreSQL shares one among all databases, so there it is not told.
    pub log: Option<u64>,
}

pub(crate) fn measure(sql: &mut dyn Sql) -> Result<Size> {
    match sql.engine() {
        Engine::Sqlite => {
            let row = sql.query_one("select file from pragma_database_list where name = 'main'", &[])?;
            let file = row.map_or_else(|| Ok(String::new()), |row| row.get::<String>(0))?;
            Ok(sqlite::size(Path::new(&file)))
        }
        Engine::Postgres => {
            let row = sql.query_one("select pg_database_size(current_database())", &[])?;
            let bytes: i64 = row.map_or(Ok(0), |row| row.get(0))?;
            Ok(Size { database: bytes.unsigned_abs(), log: None })
        }
    }
}
