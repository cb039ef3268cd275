//! Tells a story on SQLite and on PostgreSQL, never silently on one.

mod flip;

pub use flip::{Flip, Flips};

use std::sync::atomic::{AtomicU64, Ordering};

use ::postgres::NoTls;

use crate::{Settings, Store};

/// The variable that names the PostgreSQL server of the tests, as `scripts/test-postgres` prints it.
pub const VARIABLE: &str = "COMITY_TEST_POSTGRES";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs a story on an empty store of each engine.
///
/// # Panics
/// When the story does, and when there is no PostgreSQL server to run it on.
pub fn for_each_engine(story: impl Fn(Store)) {
    for_each_settings(|settings| {
        let store = Store::open(&settings).expect("the store opens");
        story(store.clone());
        store.close();
    });
}

/// Runs a story on the settings of an empty database of each engine; the story opens the store as often as it likes.
///
/// # Panics
/// As `for_each_engine`.
pub fn for_each_settings(story: impl Fn(Settings)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    eprintln!("on SQLite:");
    story(Settings::Sqlite { file: folder.path().join("node.db") });
    eprintln!("on PostgreSQL:");
    let schema = Schema::new();
    story(schema.settings());
}

/// The address of the PostgreSQL server of the tests.
///
/// # Panics
/// When the variable is missing: a test that did not run on both engines must not pass.
pub fn postgres_url() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "only tests come here; the node reads its configuration elsewhere"
    )]
    let url = std::env::var(VARIABLE);
    url.unwrap_or_else(|_| {
        panic!("{VARIABLE} is not set: run  export {VARIABLE}=\"$(scripts/test-postgres)\"")
    })
}

/// Lets the file of a SQLite store grow to so many pages and no further: a disk that is full, and has room again.
///
/// # Panics
/// When the store is not open for writing.
pub fn limit_pages(store: &Store, pages: u32) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    let limited = store
        .writer()
        .and_then(|writer| writer.apart(move |connection| connection.each(&sql, &[], &mut |_| Ok(()))));
    limited.expect("the limit is set");
}

/// A PostgreSQL database of its own, for what must have a schema of a certain name; dropped at the end, also of a failed
/// test.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    #[expect(clippy::new_without_default, reason = "making one is an act on the server")]
    pub fn new() -> Database {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database =
            Database { server: postgres_url(), name: format!("test_{}_{number}", std::process::id()) };
        database.on_server("CREATE DATABASE").expect("the PostgreSQL server of the tests answers");
        database
    }

    /// The address of the database, as a node's configuration names it.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("an address with a database");
        format!("{server}/{}", self.name)
    }

    /// Runs a text of SQL, such as a dump.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn run(&self, sql: &str) {
        let mut client = ::postgres::Client::connect(&self.url(), NoTls).expect("the database is there");
        client.batch_execute(sql).expect("the server takes the text");
    }

    fn on_server(&self, what: &str) -> Result<(), ::postgres::Error> {
        ::postgres::Client::connect(&self.server, NoTls)?.batch_execute(&format!("{what} {}", self.name))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut dropped = self.on_server("DROP DATABASE IF EXISTS");
        // A node that was stopped lets go of its connections a moment later.
        for _ in 0..50 {
            if dropped.is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            dropped = self.on_server("DROP DATABASE IF EXISTS");
        }
        if !std::thread::panicking() {
            dropped.expect("the database of the test is dropped: is a node still running?");
        }
    }
}

/// A PostgreSQL schema of its own, dropped at the end, also of a failed test.
pub struct Schema {
    url: String,
    name: String,
}

impl Schema {
    #[expect(clippy::new_without_default, reason = "making one is an act on the server")]
    pub fn new() -> Schema {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = Schema { url: postgres_url(), name: format!("test_{}_{number}", std::process::id()) };
        schema.clear().expect("the PostgreSQL server of the tests answers");
        schema
    }

    pub fn settings(&self) -> Settings {
        Settings::Postgres { url: self.url.clone(), schema: self.name.clone() }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    fn clear(&self) -> Result<(), ::postgres::Error> {
        let sql = format!(
            "SET client_min_messages TO warning; SET lock_timeout TO '20s'; DROP SCHEMA IF EXISTS {} CASCADE",
            self.name
        );
        ::postgres::Client::connect(&self.url, NoTls)?.batch_execute(&sql)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let cleared = self.clear();
        if !std::thread::panicking() {
            cleared.expect("the schema of the test is dropped: did the story close its store?");
        }
    }
}
