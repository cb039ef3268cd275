//! What a module tells the house: menu, books, routes, chores, matters, search and what waits for an officer.

use std::time::Duration;

use ledger::{Act, Book};
use store::Sql;
use uuid::Uuid;

use crate::authority::Subject;
use crate::desk::Desk;
use crate::house::House;
use crate::routes::Routes;

/// An office of the house. Start from [`Module::new`] and set what it has.
#[derive(Clone)]
pub struct Module {
    /// Short name, also the prefix of its text keys.
    pub name: &'static str,
    pub menu: Vec<MenuEntry>,
    /// Makes its books; called once when the ledger opens.
    pub books: fn() -> Vec<Box<dyn Book>>,
    pub routes: fn() -> Routes,
    pub chores: Vec<Chore>,
    pub matters: Vec<MatterKind>,
    pub search: Option<Search>,
    pub inbox: Option<Inbox>,
    pub lists: Option<WorkingLists>,
}

/// Finds things by words; only what this officer may see.
pub type Search = fn(&Desk, &mut dyn Sql, &str) -> anyhow::Result<Vec<Found>>;

/// Lists what waits for this officer.
pub type Inbox = fn(&Desk, &mut dyn Sql) -> anyhow::Result<Vec<Waiting>>;

impl Module {
    /// A module that has nothing yet.
    pub fn new(name: &'static str) -> Module {
        Module {
            name,
            menu: Vec::new(),
            books: Vec::new,
            routes: Routes::new,
            chores: Vec::new(),
            matters: Vec::new(),
            search: None,
            inbox: None,
            lists: None,
        }
    }
}

/// What a module keeps of persons beside acts and books: lists that officers work through, and that can be made again.
#[derive(Clone, Copy)]
pub struct WorkingLists {
    pub tables: &'static [&'static str],
    /// Deletes what these lists hold of the persons in acts that are about to be erased.
    pub forget: fn(&mut dyn Sql, &[Act]) -> anyhow::Result<()>,
}

/// A line of the menu, shown to those who have the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuEntry {
    /// Text key of its name.
    pub key: &'static str,
    pub address: &'static str,
    pub power: &'static str,
    /// Symbol of `icons.svg`.
    pub icon: &'static str,
    /// Text key of the heading above it; empty for none.
    pub group: &'static str,
}

/// Background work without input: looks at books and the clock, then acts.
#[derive(Debug, Clone, Copy)]
pub struct Chore {
    pub name: &'static str,
    /// How often it runs even if nobody wakes it.
    pub every: Duration,
    /// Whether each new act wakes it too; not for a chore that looks at what only time or law data change.
    pub woken: bool,
    pub run: fn(&House) -> anyhow::Result<()>,
}

/// What the house must know of a kind of matter to show its acts to the right people.
#[derive(Debug, Clone, Copy)]
pub struct MatterKind {
    /// As in `application/0193…`.
    pub kind: &'static str,
    /// The power to read it.
    pub power: &'static str,
    /// Where it lies; none when there is no such matter.
    pub subject: fn(&mut dyn Sql, Uuid) -> anyhow::Result<Option<Subject>>,
    /// The address of its page.
    pub address: fn(Uuid) -> String,
    /// The full value of a masked field; none when there is no such field.
    pub reveal: Option<Reveal>,
}

/// Gives the full value of a masked field of a matter.
pub type Reveal = fn(&mut dyn Sql, Uuid, &str) -> anyhow::Result<Option<String>>;

/// One hit of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub title: String,
    pub detail: String,
    pub address: String,
    /// Text key of what it is.
    pub kind: &'static str,
}

/// One thing that waits for an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub title: String,
    pub detail: String,
    pub address: String,
    /// The day by which it must be done, written out.
    pub due: Option<String>,
    pub urgency: Urgency,
}

/// How pressing a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    Late,
    Warned,
    Calm,
}

impl Urgency {
    /// The tone in which the page shows it.
    pub fn tone(self) -> &'static str {
        match self {
            Urgency::Late => "bad",
            Urgency::Warned => "warn",
            Urgency::Calm => "neutral",
        }
    }

    /// Text key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Urgency::Late => "urgency-late",
            Urgency::Warned => "urgency-warned",
            Urgency::Calm => "urgency-calm",
        }
    }
}
