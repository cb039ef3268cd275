//! Acts for measuring: as large as ordinary licence acts, and a book with as much to do for each.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use ledger::{
    Body, Book, Draft, Ledger, MatterKey, Options, SystemClock, SystemRandom, VerifierKey, Writing,
};
use serde::{Deserialize, Serialize};

/// Acts that one matter gets before the next is opened: an ordinary application from counter to licence has eight.
pub const ACTS_OF_A_MATTER: usize = 8;

/// An act as large as an ordinary licence act.
#[derive(Serialize, Deserialize)]
pub struct Note {
    pub text: String,
}

impl Body for Note {
    fn kind(&self) -> &'static str {
        "benchmark.noted"
    }
}

/// A ledger in this folder, and the key that checks its notes.
pub fn open(folder: &Path, name: &str, books: Vec<Box<dyn Book>>) -> Result<(Arc<Ledger>, VerifierKey)> {
    let store = store::Store::open(&store::Settings::Sqlite { file: folder.join("comity.sqlite") })?;
    let key = ledger::keys::open(folder, name, ledger::Profile::International, &SystemRandom)?;
    let verifier = key.verifier(name);
    let options = Options { name: name.into(), key, clock: Arc::new(SystemClock), books };
    Ok((Ledger::open(store, options)?, verifier))
}

/// Records one act with a text of `size` bytes.
pub fn append(writing: &mut Writing<'_>, matter: &MatterKey, size: usize) -> Result<(), ledger::Error> {
    writing.append(Draft::new(matter, &Note { text: "a".repeat(size) }))?;
    Ok(())
}
