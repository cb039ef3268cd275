//! The peer of the comparison: plain SQLite with group commit, which stores equal bytes and does nothing else.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use anyhow::{Context, Result};

/// As many commands in one commit as the node allows itself.
const LARGEST_GROUP: usize = 256;

/// One row to write, and where to say that it is durable.
struct Order {
    bytes: Vec<u8>,
    done: mpsc::SyncSender<()>,
}

/// A writer thread over one SQLite file with `synchronous=FULL`.
pub struct Plain {
    orders: mpsc::Sender<Order>,
    thread: JoinHandle<Result<u64>>,
}

impl Plain {
    pub fn open(file: &Path) -> Result<Plain> {
        let connection = rusqlite::Connection::open(file)?;
        connection.execute_batch(
            "pragma journal_mode=wal; pragma synchronous=full; pragma cache_size=-65536;
             create table rows(number integer primary key, bytes blob not null) strict;",
        )?;
        let (orders, queue) = mpsc::channel();
        let thread = std::thread::spawn(move || write_groups(&connection, &queue));
        Ok(Plain { orders, thread })
    }

    /// A handle for one of the concurrent writers.
    pub fn writer(&self) -> Writer {
        Writer { orders: self.orders.clone() }
    }

    /// Ends the thread; the answer is the number of commits it made.
    pub fn close(self) -> Result<u64> {
        drop(self.orders);
        self.thread.join().map_err(|_| anyhow::anyhow!("the plain writer panicked"))?
    }
}

pub struct Writer {
    orders: mpsc::Sender<Order>,
}

impl Writer {
    /// Returns once `bytes` are durable.
    pub fn write(&self, bytes: Vec<u8>) -> Result<()> {
        let (done, wait) = mpsc::sync_channel(1);
        self.orders.send(Order { bytes, done }).context("the plain writer has ended")?;
        wait.recv().context("the plain writer lost a row")
    }
}

fn write_groups(connection: &rusqlite::Connection, queue: &mpsc::Receiver<Order>) -> Result<u64> {
    let mut commits = 0;
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        while group.len() < LARGEST_GROUP {
            let Ok(next) = queue.try_recv() else { break };
            group.push(next);
        }
        connection.execute_batch("begin immediate")?;
        for order in &group {
            connection.prepare_cached("insert into rows(bytes) values (?1)")?.execute([&order.bytes])?;
        }
        connection.execute_batch("commit")?;
        commits += 1;
        for order in group {
            order.done.send(()).context("a waiting writer has gone")?;
        }
    }
    Ok(commits)
}
