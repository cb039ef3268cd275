//! Backups of a node as a series of parts of its record, encrypted to a key that the node does not hold, and the way back.

mod drill;
mod lines;
mod restore;
mod sealed;
mod series;
mod take;

pub use age::x25519::{Identity, Recipient};
pub use drill::{Drilled, drill};
pub use restore::{Backup, Restored, Until};
pub use sealed::{generate, identity, recipient};
pub use series::last;
pub use take::{Node, Progress, Taken, take};
