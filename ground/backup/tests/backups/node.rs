//! A small node: a matter of visits, a book of them, an ordinary table, numbers, a folder of files, and its backups.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backup::{Backup, Identity, Recipient, Taken, Until};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Act, Actor, Body, Book, Draft, Ledger, ManualClock, MatterKey, Options, Profile, SystemRandom,
    VerifierKey, keys,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::testing::Schema;
use store::{Engine, Settings, Sql, Store};
use tempfile::TempDir;
use uuid::Uuid;

pub const NAME: &str = "jiashan.comity.example";

#[derive(Serialize, Deserialize)]
pub struct Visited {
    pub number: i64,
    pub remark: String,
    pub photo: Option<String>,
}

impl Body for Visited {
    fn kind(&self) -> &'static str {
        "shop.visited"
    }
}

struct Visits;

impl Book for Visits {
    fn name(&self) -> &'static str {
        "visits"
    }
    fn version(&self) -> i64 {
        1
    }
    fn tables(&self) -> &'static [&'static str] {
        &["visits"]
    }
    fn definition(&self) -> &'static str {
        "create table visits (act INT64 primary key, number INT64, remark TEXT);"
    }
    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        if act.header.kind != "shop.visited" {
            return Ok(());
        }
        let (number, remark) = act.read::<Visited>()?.map(|visit| (visit.number, visit.remark)).unzip();
        sql.execute(
            "insert into visits (act, number, remark) values ($1, $2, $3)",
            &[act.header.number.into(), number.into(), remark.into()],
        )?;
        Ok(())
    }
}

pub fn books() -> Vec<Box<dyn Book>> {
    vec![Box::new(Visits)]
}

/// Makes the ordinary tables, as a program does at its start.
pub fn prepare(store: &Store) -> anyhow::Result<()> {
    store.write(|sql| {
        sql.define(
            "create table if not exists notes (place INT64 primary key, text TEXT, seal BYTES);
             create table if not exists erased_files (digest TEXT primary key);",
        )
    })?;
    Ok(())
}

/// A node at work, with a folder for its backups and the key pair of its bureau.
pub struct Node {
    pub home: TempDir,
    pub store: Store,
    pub ledger: Arc<Ledger>,
    pub clock: Arc<ManualClock>,
    pub identity: Identity,
    pub recipient: Recipient,
    _schema: Option<Schema>,
}

impl Node {
    /// A new node in a database of its own.
    pub fn new(settings: &Settings) -> Node {
        Node::open(tempfile::tempdir().unwrap(), settings, None)
    }

    fn open(home: TempDir, settings: &Settings, schema: Option<Schema>) -> Node {
        let store = Store::open(settings).unwrap();
        let key = keys::open(home.path(), NAME, Profile::default(), &SystemRandom).unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        let options = Options { name: NAME.into(), key, clock: clock.clone(), books: books() };
        let ledger = Ledger::open(store.clone(), options).unwrap();
        prepare(&store).unwrap();
        let identity = Identity::generate();
        let recipient = identity.to_public();
        Node { home, store, ledger, clock, identity, recipient, _schema: schema }
    }

    pub fn visit(&self, remark: &str) -> i64 {
        self.visit_with(remark, None)
    }

    /// Records as many visits.
    pub fn visits_of(&self, numbers: std::ops::Range<i64>) {
        for number in numbers {
            self.visit(&format!("第{number}次"));
        }
    }

    /// Records many visits by one command, under one checkpoint.
    pub fn visits_at_once(&self, count: i64) {
        let recorded = self.ledger.write(Actor::Officer("o-17".into()), move |writing| {
            for _ in 0..count {
                let number = writing.next_number("visit")?;
                let visited = Visited { number, remark: String::new(), photo: None };
                writing.append(Draft::new(&shop(), &visited))?;
            }
            Ok::<_, ledger::Error>(())
        });
        recorded.unwrap();
    }

    /// Records a visit under the next number, with a file that lies in the folder already.
    pub fn visit_with(&self, remark: &str, photo: Option<String>) -> i64 {
        self.clock.advance(SignedDuration::from_secs(60));
        let remark = remark.to_owned();
        let recorded = self.ledger.write(Actor::Officer("o-17".into()), move |writing| {
            let number = writing.next_number("visit")?;
            writing.append(Draft::new(&shop(), &Visited { number, remark, photo }))
        });
        recorded.unwrap().number
    }

    pub fn file(&self, bytes: &[u8]) -> String {
        let digest = hex::encode(Sha256::digest(bytes));
        let folder = self.files().join(&digest[..2]);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(&digest), bytes).unwrap();
        digest
    }

    pub fn files(&self) -> PathBuf {
        self.home.path().join("uploads")
    }

    pub fn backups(&self) -> PathBuf {
        self.home.path().join("backups")
    }

    pub fn note(&self, place: i64, text: &'static str) {
        self.store
            .write(move |sql| {
                sql.execute(
                    "insert into notes (place, text, seal) values ($1, $2, $3)",
                    &[place.into(), text.into(), vec![0, 255].into()],
                )
            })
            .unwrap();
    }

    pub fn back_up(&self) -> Taken {
        self.try_back_up(&mut |_| ()).unwrap()
    }

    pub fn try_back_up(&self, tell: &mut dyn FnMut(backup::Progress)) -> anyhow::Result<Taken> {
        self.back_up_to(&self.recipient, tell)
    }

    /// As if it were that other node, whose folder of backups and recipient it has.
    pub fn try_back_up_as(&self, other: &Node) -> anyhow::Result<Taken> {
        self.back_up_to(&other.recipient, &mut |_| ())
    }

    fn back_up_to(
        &self,
        recipient: &Recipient,
        tell: &mut dyn FnMut(backup::Progress),
    ) -> anyhow::Result<Taken> {
        let node = backup::Node {
            name: NAME,
            store: &self.store,
            data: self.home.path(),
            files: self.files(),
            configuration: format!("name = '{NAME}'\n"),
            made: vec!["visits"],
            erased_files: |sql| {
                sql.query("select digest from erased_files", &[])?.iter().map(|row| row.get(0)).collect()
            },
        };
        backup::take(&node, &self.backups(), (recipient, true), Timestamp::UNIX_EPOCH, tell)
    }

    pub fn backup(&self) -> anyhow::Result<Backup> {
        self.backup_in(&self.backups())
    }

    pub fn backup_in(&self, folder: &Path) -> anyhow::Result<Backup> {
        Backup::open(folder, self.identity.clone(), Some(self.keys()))
    }

    /// All keys with which it has signed.
    pub fn keys(&self) -> Vec<VerifierKey> {
        keys::public(self.home.path()).unwrap()
    }

    pub fn visits(&self) -> Vec<(Option<i64>, Option<String>)> {
        let rows =
            self.store.read(|sql| sql.query("select number, remark from visits order by act", &[])).unwrap();
        rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect()
    }

    pub fn digest(&self, table: &str) -> [u8; 32] {
        self.store.read(|sql| store::digest(sql, table)).unwrap()
    }

    pub fn root(&self) -> ledger::Hash {
        self.ledger.checkpoint().unwrap().head().root
    }

    /// The record holds together, and the books say what it says. Returns how many acts there are.
    pub fn all_is_well(&self) -> i64 {
        let report = ledger::verify(&self.store, &self.keys()).unwrap();
        assert_eq!(report.fault.as_ref().map(ToString::to_string), None);
        assert!(report.counters.iter().all(|counter| counter.is_ahead()), "{:?}", report.counters);
        let books = ledger::verify_books(&self.store, books()).unwrap();
        assert_eq!((books.acts, books.differing), (report.acts, vec![]));
        report.acts
    }
}

/// Restores a backup on the engine that the node does not use, and opens the node there.
pub fn restore(from: &Node, backup: &Backup, until: Until) -> anyhow::Result<Node> {
    let (settings, schema) = other_engine(from.store.engine());
    let home = tempfile::tempdir().unwrap();
    let settings = settings.unwrap_or_else(|| Settings::Sqlite { file: home.path().join("node.db") });
    let store = Store::open(&settings)?;
    backup.record(&store, until, &mut |_| ())?.finish(books())?;
    prepare(&store)?;
    assert_eq!(backup.tables(&store)?, [""; 0]);
    let restored = backup.files(home.path(), &home.path().join("uploads"))?;
    anyhow::ensure!(restored.missing.is_empty(), "missing: {:?}", restored.missing);
    store.close();
    Ok(Node::open(home, &settings, schema))
}

fn other_engine(engine: Engine) -> (Option<Settings>, Option<Schema>) {
    match engine {
        Engine::Sqlite => {
            let schema = Schema::new();
            (Some(schema.settings()), Some(schema))
        }
        Engine::Postgres => (None, None),
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.store.close();
    }
}

pub fn shop() -> MatterKey {
    MatterKey::new("shop", Uuid::from_u128(1))
}

pub fn noon() -> Timestamp {
    "2026-09-01T04:00:00Z".parse().unwrap()
}
