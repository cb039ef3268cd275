//! SQLite or PostgreSQL behind one small closure API; the only crate that knows a database driver.

mod connection;
mod ddl;
mod digest;
mod error;
mod postgresql;
mod readers;
mod size;
mod sql;
mod sqlite;
mod store;
mod value;
mod writer;

#[cfg(feature = "testing")]
pub mod testing;

pub use digest::digest;
pub use error::{Constraint, Error, Result};
pub use size::Size;
pub use sql::{Group, Sql};
pub use store::{Figures, Store};
pub use value::{FromValue, Row, Value};

use std::path::PathBuf;

/// Where a node keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// One file in an existing folder; SQLite and this crate put `-wal`, `-shm` and `.lock` beside it.
    Sqlite { file: PathBuf },
    /// A schema of its own in a PostgreSQL database; the name may hold a-z, 0-9 and `_`.
    Postgres { url: String, schema: String },
}

/// The database engine behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        })
    }
}
