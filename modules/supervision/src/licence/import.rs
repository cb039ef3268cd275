//! Import of a register: a file is read, checked, compared with what is known, and written as one act per licence.

pub mod acts;
pub mod books;
pub mod check;
pub mod compare;
pub mod difference;
pub mod encoding;
pub mod executions;
pub mod fault;
pub mod forgetting;
pub mod headings;
pub mod limits;
pub mod mapping;
pub mod masking;
pub mod orders;
pub mod pages;
pub mod run;
pub mod seen;
mod separated;
pub mod source;
pub mod tables;
mod taking;
pub mod walk;
pub mod words;
mod workbook;

use std::time::Duration;

use ledger::Book;
use site::{Chore, MatterKind, Subject};

pub use run::{Order, Outcome, Progress, run};

/// The books of imports.
#[must_use]
pub fn books() -> Vec<Box<dyn Book>> {
    vec![Box::new(books::Imports)]
}

/// The chore that does ordered checks and imports; its short beat is how long an officer waits at most.
#[must_use]
pub fn chores() -> Vec<Chore> {
    vec![Chore { name: "import", every: Duration::from_secs(1), woken: true, run: run::work }]
}

/// What the house must know of imports.
#[must_use]
pub fn matters() -> Vec<MatterKind> {
    vec![MatterKind {
        kind: acts::KIND,
        power: "licence.import",
        subject: |sql, id| Ok(books::import(sql, &id.to_string())?.map(|_| Subject::default())),
        address: |id| format!("/imports/{id}"),
        reveal: None,
    }]
}
