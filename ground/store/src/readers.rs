//! A pool of read connections, opened when first needed.

use std::any::Any;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::connection::{Access, Connection, Session};
use crate::{Error, Result, Sql};

/// Enough for the cores of a bureau's machine; a PostgreSQL server has 100 connections for all its clients.
const LIMIT: usize = 8;

type Open = Box<dyn Fn() -> Result<Box<dyn Connection>> + Send + Sync>;

pub(crate) struct Readers {
    open: Open,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Box<dyn Connection>>,
    lent: usize,
    /// Held while the store is open; `None` once it is closed.
    kept: Option<Arc<[Box<dyn Any + Send + Sync>]>>,
}

impl Readers {
    pub(crate) fn new(open: Open, kept: Arc<[Box<dyn Any + Send + Sync>]>) -> Readers {
        let pool = Pool { idle: Vec::new(), lent: 0, kept: Some(kept) };
        Readers { open, pool: Mutex::new(pool), returned: Condvar::new() }
    }

    pub(crate) fn read<T, E: From<Error>>(
        &self,
        read: impl FnOnce(&mut dyn Sql) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lease = self.borrow()?;
        let connection = lease.begin()?;
        read(&mut Session::new(connection))
    }

    /// Closes idle connections now and lent ones when they come back.
    pub(crate) fn close(&self) {
        let mut pool = self.pool();
        let idle = std::mem::take(&mut pool.idle);
        let kept = pool.kept.take();
        drop(pool);
        self.returned.notify_all();
        discard(idle);
        drop(kept);
    }

    fn borrow(&self) -> Result<Lease<'_>> {
        let mut pool = self.pool();
        while pool.kept.is_some() && pool.idle.is_empty() && pool.lent >= LIMIT {
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        let kept = pool.kept.clone().ok_or(Error::Closed)?;
        pool.lent += 1;
        let idle = pool.idle.pop();
        drop(pool);
        let mut lease = Lease { readers: self, connection: idle, _kept: kept };
        if lease.connection.is_none() {
            lease.connection = Some((self.open)()?);
        }
        Ok(lease)
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A borrowed connection; it goes back to the pool even if the reader panics.
struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Box<dyn Connection>>,
    _kept: Arc<[Box<dyn Any + Send + Sync>]>,
}

impl Lease<'_> {
    fn begin(&mut self) -> Result<&mut dyn Connection> {
        let connection = self.connection.as_deref_mut().ok_or(Error::Closed)?;
        connection.begin(Access::Read)?;
        Ok(connection)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.rollback();
        }
        let mut pool = self.readers.pool();
        pool.lent -= 1;
        let open = pool.kept.is_some();
        let surplus = if open { None } else { self.connection.take() };
        pool.idle.extend(self.connection.take());
        drop(pool);
        self.readers.returned.notify_one();
        discard(surplus.into_iter().collect());
    }
}

/// A PostgreSQL client owns a small runtime, which must not be dropped on a thread of another runtime.
fn discard(connections: Vec<Box<dyn Connection>>) {
    if !connections.is_empty() {
        let thread = std::thread::spawn(move || drop(connections));
        // A panic while closing has no one to tell and nothing to undo.
        let _ = thread.join();
    }
}
