//! The record of a node: acts that nobody can change unseen, the matters they are about, and the books folded from them.

mod act;
mod books;
mod clock;
mod erasure;
mod error;
mod head;
pub mod keys;
mod ledger;
mod matter;
mod names;
pub mod note;
pub mod proof;
mod seal;
mod suite;
mod tables;
mod tiles;
pub mod tree;
mod verify;
mod writing;

pub use act::{Act, Header};
pub use books::{BooksReport, Rebuilt, rebuild, verify_books};
pub use clock::{Clock, DemoClock, ManualClock, Random, SystemClock, SystemRandom};
pub use erasure::{ERASED, Erased, erasures};
pub use error::{Error, Result};
pub use keys::SigningKey;
pub use ledger::{Ledger, Options, extends, last_recorded, proof_of};
pub use matter::{Body, Book, Draft, Matter, Recorded};
pub use names::{Actor, MatterKey};
pub use note::{Checkpoint, VerifierKey};
pub use proof::Proof;
pub use suite::{Profile, Suite};
pub use tiles::TilePath;
pub use tree::Hash;
pub use verify::{Fault, Report, What, verify};
pub use writing::Writing;
