//! A small town for the tests of the ledger: grids with places for licences, a book of them, and how to grant one.

use std::cell::Cell;
use std::sync::Arc;

use jiff::Timestamp;
use ledger::{
    Act, Actor, Body, Book, Draft, Ledger, ManualClock, Matter, MatterKey, Options, Profile, Recorded,
    SigningKey, VerifierKey, Writing,
};
use serde::{Deserialize, Serialize};
use store::{Sql, Store};
use uuid::Uuid;

pub const NAME: &str = "jiashan.comity.example";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum GridAct {
    Opened { places: i64 },
    Granted { serial: i64, holder: String },
}

impl Body for GridAct {
    fn kind(&self) -> &'static str {
        match self {
            GridAct::Opened { .. } => "grid.opened",
            GridAct::Granted { .. } => "grid.granted",
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Grid {
    pub places: i64,
    pub granted: i64,
    pub holders: Vec<String>,
}

impl Matter for Grid {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        match act.read::<GridAct>()? {
            Some(GridAct::Opened { places }) => self.places = places,
            Some(GridAct::Granted { holder, .. }) => {
                self.granted += 1;
                self.holders.push(holder);
            }
            // Erased: the header still tells that a place was taken.
            None if act.header.kind == "grid.granted" => self.granted += 1,
            None => {}
        }
        Ok(())
    }
}

/// Free places and holders; refuses to fold a holder named "stone", to have a book that fails.
pub struct GridBook;

impl Book for GridBook {
    fn name(&self) -> &'static str {
        "grid"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["grids", "holders"]
    }

    fn definition(&self) -> &'static str {
        "create table grids (matter TEXT primary key, free INT64 not null check (free >= 0));
         create table holders (number INT64 primary key, matter TEXT not null references grids (matter),
                               serial INT64, holder TEXT);"
    }

    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        match act.header.kind.as_str() {
            "grid.opened" => open_in_book(sql, act),
            "grid.granted" => grant_in_book(sql, act),
            _ => Ok(()),
        }
    }
}

fn open_in_book(sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
    if let Some(GridAct::Opened { places }) = act.read()? {
        let row = [act.header.matter.as_str().into(), places.into()];
        sql.execute("insert into grids (matter, free) values ($1, $2)", &row)?;
    }
    Ok(())
}

fn grant_in_book(sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
    let matter = act.header.matter.as_str();
    let (serial, holder) = match act.read()? {
        Some(GridAct::Granted { serial, holder }) => (Some(serial), Some(holder)),
        _ => (None, None),
    };
    anyhow::ensure!(holder.as_deref() != Some("stone"), "a stone holds no licence");
    sql.execute("update grids set free = free - 1 where matter = $1", &[matter.into()])?;
    let insert = "insert into holders (number, matter, serial, holder) values ($1, $2, $3, $4)";
    sql.execute(insert, &[act.header.number.into(), matter.into(), serial.into(), holder.into()])?;
    Ok(())
}

/// Why a grant did not come about.
#[derive(Debug, thiserror::Error)]
pub enum Answer {
    #[error("no place is free")]
    Full,
    #[error("changed my mind")]
    Withdrawn,
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

thread_local! {
    /// In which the story that this thread tells signs.
    static PROFILE: Cell<Profile> = const { Cell::new(Profile::International) };
}

/// Tells a story on each engine under both suites, and once more under Ed25519 alone, never silently under one. The fourth
/// pair, Ed25519 alone on PostgreSQL, is what the stories of the site and of the offices run on.
pub fn for_each_engine(story: impl Fn(Store)) {
    PROFILE.set(Profile::Commercial);
    store::testing::for_each_engine(&story);
    PROFILE.set(Profile::International);
    eprintln!("under Ed25519 alone:");
    let store = Store::temporary().unwrap();
    story(store.clone());
    store.close();
}

pub fn key() -> SigningKey {
    SigningKey::of_profile(PROFILE.get(), [42; 32]).unwrap()
}

pub fn verifiers() -> Vec<VerifierKey> {
    key().verifiers(NAME)
}

pub fn books() -> Vec<Box<dyn Book>> {
    vec![Box::new(GridBook)]
}

pub fn noon() -> Timestamp {
    "2026-09-01T04:00:00Z".parse().unwrap()
}

pub fn open(store: &Store) -> (Arc<Ledger>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(noon()));
    let options = Options { name: NAME.into(), key: key(), clock: clock.clone(), books: books() };
    (Ledger::open(store.clone(), options).unwrap(), clock)
}

pub fn grid(place: u128) -> MatterKey {
    MatterKey::new("grid", Uuid::from_u128(place))
}

pub fn officer() -> Actor {
    Actor::Officer("o-17".into())
}

pub fn open_grid(ledger: &Ledger, grid: &MatterKey, places: i64) -> Recorded {
    let grid = grid.clone();
    let opened = ledger
        .write(officer(), move |writing| writing.append(Draft::new(&grid, &GridAct::Opened { places })));
    opened.unwrap()
}

/// Grants a place if the book says that one is free.
pub fn grant(writing: &mut Writing<'_>, grid: &MatterKey, holder: &str) -> Result<i64, Answer> {
    let free =
        writing.sql().query_one("select free from grids where matter = $1", &[grid.as_str().into()])?;
    if free.map_or(Ok(0), |row| row.get::<i64>(0))? < 1 {
        return Err(Answer::Full);
    }
    let serial = writing.next_number("licence")?;
    writing.append(Draft::new(grid, &GridAct::Granted { serial, holder: holder.into() }))?;
    Ok(serial)
}

pub fn grant_to(ledger: &Ledger, grid: &MatterKey, holder: &str) -> Result<i64, Answer> {
    let (grid, holder) = (grid.clone(), holder.to_owned());
    ledger.write(officer(), move |writing| grant(writing, &grid, &holder))
}

/// The record holds together, and the books say what it says. Returns how many acts there are.
pub fn all_is_well(store: &Store) -> i64 {
    let report = ledger::verify(store, &verifiers()).unwrap();
    assert_eq!(report.fault.as_ref().map(ToString::to_string), None);
    assert_eq!(report.counters, []);
    let books = ledger::verify_books(store, books()).unwrap();
    assert_eq!((books.acts, books.differing), (report.acts, vec![]));
    report.acts
}
