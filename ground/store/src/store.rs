//! The store: many readers, one writer, whichever engine stands behind them.

use std::any::Any;
use std::sync::Arc;

use crate::connection::Connection;
use crate::readers::Readers;
use crate::writer::Writer;
use crate::{Engine, Error, Group, Result, Settings, Size, Sql, postgresql, size, sqlite};

/// A database open for reading and, unless opened by `open_to_read`, for writing. Clones share it.
///
/// All calls block; under an async runtime call them from `spawn_blocking`.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    readers: Readers,
    writer: Option<Writer>,
}

/// What has been written since the store was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Commands run, kept or refused.
    pub commands: u64,
    /// Commit groups made durable.
    pub commits: u64,
    /// Callers whose command is queued or running now.
    pub waiting: u64,
}

/// What an engine hands over when it has opened a database.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) writer: Option<Box<dyn Connection>>,
    pub(crate) reader: Box<dyn Fn() -> Result<Box<dyn Connection>> + Send + Sync>,
    /// Locks and temporary folders, let go after the last connection is closed.
    pub(crate) kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl Store {
    /// Opens a database for reading and writing and makes it if it is not there.
    ///
    /// # Errors
    /// `Error::InUse` when another process has it open for writing, `Error::Open` when it cannot be opened.
    pub fn open(settings: &Settings) -> Result<Store> {
        match settings {
            Settings::Sqlite { file } => Store::start(sqlite::open(file)?),
            Settings::Postgres { url, schema } => Store::start(postgresql::open(url, schema)?),
        }
    }

    /// Opens an existing database for reading only. A SQLite file, be it a running node's or a copy, is not
    /// changed and nothing is made beside it.
    ///
    /// # Errors
    /// `Error::Open` when it is not there or cannot be read.
    pub fn open_to_read(settings: &Settings) -> Result<Store> {
        match settings {
            Settings::Sqlite { file } => Store::start(sqlite::open_to_read(file)?),
            Settings::Postgres { url, schema } => Store::start(postgresql::open_to_read(url, schema)?),
        }
    }

    /// A private SQLite file in a temporary folder, removed on close; it need not survive a crash.
    ///
    /// # Errors
    /// `Error::Open` when there is no temporary folder.
    pub fn temporary() -> Result<Store> {
        Store::start(sqlite::temporary()?)
    }

    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Reads within one snapshot: what others write meanwhile is not seen.
    ///
    /// # Errors
    /// What `read` returns, or an `Error` when no snapshot can be had.
    pub fn read<T, E: From<Error>>(&self, read: impl FnOnce(&mut dyn Sql) -> Result<T, E>) -> Result<T, E> {
        self.inner.readers.read(read)
    }

    /// Runs a command on the one writer thread under a savepoint of its own and returns when its commit is durable.
    ///
    /// # Errors
    /// What `command` returns; then nothing of it is kept, while its neighbours in the group are. `Error::Panicked`
    /// when it panics; `Error::Group`, `Error::Full`, `Error::Lost` or `Error::Doubtful` when the commit fails.
    pub fn write<T, E>(
        &self,
        command: impl FnOnce(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer()?.write(command)
    }

    /// Adds a hook around every commit group that begins from now on; waits for a running one.
    ///
    /// # Errors
    /// `Error::ReadOnly`, or `Error::Nested` when called by a command.
    pub fn attach(&self, group: Box<dyn Group>) -> Result<()> {
        self.writer()?.attach(group)
    }

    /// Makes deleted rows of these tables leave the database files too (erasure by law). SQLite overwrites deleted
    /// bytes at once and here empties its write-ahead log; PostgreSQL rewrites the tables. Backups are not reached.
    ///
    /// # Errors
    /// `Error::Statement` when a long reader is in the way: call again later.
    pub fn purge(&self, tables: &[&str]) -> Result<()> {
        let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
        self.writer()?.apart(move |connection| connection.purge(&tables))
    }

    /// How much room the database takes.
    ///
    /// # Errors
    /// When no snapshot can be had.
    pub fn size(&self) -> Result<Size> {
        self.read(size::measure)
    }

    pub fn figures(&self) -> Figures {
        self.inner.writer.as_ref().map_or_else(Figures::default, Writer::figures)
    }

    /// Runs what is queued, then closes all connections and releases the lock. Later calls fail with `Error::Closed`.
    pub fn close(&self) {
        self.inner.close();
    }

    fn start(opened: Opened) -> Result<Store> {
        let kept: Arc<[_]> = opened.kept.into();
        let readers = Readers::new(opened.reader, Arc::clone(&kept));
        let writer = opened.writer.map(|connection| Writer::start(connection, kept)).transpose()?;
        Ok(Store { inner: Arc::new(Inner { engine: opened.engine, readers, writer }) })
    }

    pub(crate) fn writer(&self) -> Result<&Writer> {
        self.inner.writer.as_ref().ok_or(Error::ReadOnly)
    }
}

impl Inner {
    fn close(&self) {
        // The writer goes last: SQLite folds the write-ahead log into the file when its last connection closes.
        self.readers.close();
        if let Some(writer) = &self.writer {
            writer.close();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
