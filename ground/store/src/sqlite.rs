//! SQLite: how its file is locked, opened and kept.

mod connection;

use std::any::Any;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use self::connection::SqliteConnection;
use crate::store::Opened;
use crate::{Engine, Error, Result, Size};

/// Overwriting a file costs about 1/24 of growing it, so it is grown beforehand; under load it grows to twice this size
/// and keeps it.
const LOG_SIZE: u64 = 8 << 20;

pub(crate) fn open(file: &Path) -> Result<Opened> {
    let lock = lock(file)?;
    private_file(file).map_err(|error| cannot_open(file, &error))?;
    let writer = SqliteConnection::writer(file, "FULL")?;
    grow_log(file).map_err(|error| cannot_open(&beside(file, "-wal"), &error))?;
    Ok(opened(Some(writer), file.to_owned(), false, vec![Box::new(lock)]))
}

/// A running node's file is read beside it. A file at rest is read as it lies; if a log is left beside it, a copy of
/// both is read, because SQLite could not read them without writing there.
pub(crate) fn open_to_read(file: &Path) -> Result<Opened> {
    File::open(file).map_err(|error| cannot_open(file, &error))?;
    let Ok(lock) = lock_at_rest(file) else {
        return Ok(opened(None, file.to_owned(), false, Vec::new()));
    };
    let mut kept: Vec<Box<dyn Any + Send + Sync>> = vec![Box::new(lock)];
    if std::fs::metadata(beside(file, "-wal")).map_or(0, |log| log.len()) == 0 {
        return Ok(opened(None, file.to_owned(), true, kept));
    }
    let (folder, copy) = copy_with_log(file).map_err(|error| cannot_open(file, &error))?;
    kept.push(Box::new(folder));
    Ok(opened(None, copy, false, kept))
}

pub(crate) fn temporary() -> Result<Opened> {
    let folder = temporary_folder().map_err(|error| cannot_open(Path::new("a temporary folder"), &error))?;
    let file = folder.path().join("store.db");
    let writer = SqliteConnection::writer(&file, "OFF")?;
    Ok(opened(Some(writer), file, false, vec![Box::new(folder)]))
}

fn opened(
    writer: Option<SqliteConnection>,
    file: PathBuf,
    at_rest: bool,
    kept: Vec<Box<dyn Any + Send + Sync>>,
) -> Opened {
    Opened {
        engine: Engine::Sqlite,
        writer: writer.map(|writer| Box::new(writer) as _),
        reader: Box::new(move || Ok(Box::new(SqliteConnection::reader(&file, at_rest)?))),
        kept,
    }
}

/// Two processes on one file would each believe they write alone; the operating system drops the lock at a crash.
fn lock(file: &Path) -> Result<File> {
    let path = beside(file, ".lock");
    let lock = private_file(&path).map_err(|error| cannot_open(&path, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(Error::InUse { what: file.display().to_string(), lock: path.display().to_string() })
        }
        Err(TryLockError::Error(error)) => Err(cannot_open(&path, &error)),
    }
}

/// Keeps a node from starting while a file at rest is read; fails when one is running.
fn lock_at_rest(file: &Path) -> Result<Option<File>, TryLockError> {
    let Ok(lock) = File::open(beside(file, ".lock")) else { return Ok(None) };
    lock.try_lock_shared()?;
    Ok(Some(lock))
}

fn copy_with_log(file: &Path) -> std::io::Result<(tempfile::TempDir, PathBuf)> {
    let folder = temporary_folder()?;
    let copy = folder.path().join("store.db");
    std::fs::copy(file, &copy)?;
    std::fs::copy(beside(file, "-wal"), beside(&copy, "-wal"))?;
    Ok((folder, copy))
}

fn temporary_folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("comity-").tempdir()
}

/// Opens or makes a file that only its owner may read: it holds personal data. SQLite gives `-wal` the same rights.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Appends zeros to the log; SQLite ends its reading of the log at the first frame with a wrong checksum.
fn grow_log(file: &Path) -> std::io::Result<()> {
    let mut log = OpenOptions::new().write(true).open(beside(file, "-wal"))?;
    let size = log.seek(SeekFrom::End(0))?;
    if size < LOG_SIZE {
        log.write_all(&vec![0; usize::try_from(LOG_SIZE - size).unwrap_or_default()])?;
        log.sync_all()?;
    }
    Ok(())
}

/// A file that is not there takes no room.
pub(crate) fn size(file: &Path) -> Size {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    Size { database: bytes(file), log: Some(bytes(&beside(file, "-wal"))) }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn cannot_open(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Open { what: path.display().to_string(), why: error.to_string() }
}
