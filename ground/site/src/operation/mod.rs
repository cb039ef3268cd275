//! How the node fares: gathered in one place for the page of the administrator and for Prometheus.

pub(crate) mod page;
mod reading;

use jiff::Timestamp;
use jiff::civil::Date;
use store::{Engine, Figures, Size};

use crate::chores::Fare;
use crate::house::House;
use crate::module::Chore;
use crate::problem::Problem;
use crate::sessions;

/// Tells when the newest backup was taken, if there is one. The binary puts it into the drawer where backups are set up.
pub struct LastBackup(pub Box<dyn Fn() -> anyhow::Result<Option<Timestamp>> + Send + Sync>);

/// What is known of backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Backup {
    NotSetUp,
    /// The folder of backups cannot be read, and why.
    Unreadable(String),
    NoneYet,
    Taken(Timestamp),
}

impl Backup {
    /// When the newest was taken.
    pub(crate) fn taken(&self) -> Option<Timestamp> {
        match self {
            Backup::Taken(taken) => Some(*taken),
            _ => None,
        }
    }
}

/// How the node fares at one moment.
pub(crate) struct Condition {
    pub engine: Engine,
    /// The moment, by the machine's clock.
    pub wall: Timestamp,
    /// Acts that the newest checkpoint covers.
    pub acts: u64,
    /// When the last of them was recorded.
    pub recorded: Option<Timestamp>,
    pub sessions: u64,
    /// What was written since the start, and what waits to be written.
    pub written: Figures,
    pub size: Size,
    /// Bytes that the node may still write to the file system of its data.
    pub free: u64,
    pub backup: Backup,
    /// The last day whose days off are published.
    pub calendar: Option<Date>,
    pub chores: Vec<(Chore, Fare)>,
}

impl Condition {
    /// Looks at everything; blocks.
    ///
    /// # Errors
    /// When the store or the file system cannot be asked.
    pub(crate) fn of(house: &House) -> Result<Condition, Problem> {
        let wall = house.wall.now();
        let acts = match house.ledger.checkpoint() {
            Ok(checkpoint) => checkpoint.head().size,
            Err(ledger::Error::Empty) => 0,
            Err(error) => return Err(error.into()),
        };
        let sessions = house.store.read(|sql| Ok::<_, Problem>(sessions::count(sql, wall)?))?;
        Ok(Condition {
            engine: house.store.engine(),
            wall,
            acts,
            recorded: ledger::last_recorded(&house.store)?,
            sessions: sessions.unsigned_abs(),
            written: house.store.figures(),
            size: house.store.size()?,
            free: free(house)?,
            backup: backup(house),
            calendar: house.law.calendar().published().map(|(_, last)| last),
            chores: chores(house),
        })
    }
}

fn free(house: &House) -> anyhow::Result<u64> {
    let system = rustix::fs::statvfs(house.uploads.folder())?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

fn backup(house: &House) -> Backup {
    let Ok(last) = house.get::<LastBackup>() else { return Backup::NotSetUp };
    match (last.0)() {
        Ok(Some(taken)) => Backup::Taken(taken),
        Ok(None) => Backup::NoneYet,
        Err(error) => Backup::Unreadable(format!("{error:#}")),
    }
}

fn chores(house: &House) -> Vec<(Chore, Fare)> {
    let all = house.modules.iter().flat_map(|module| module.chores.iter().copied());
    all.map(|chore| (chore, house.fared.of(chore.name))).collect()
}
