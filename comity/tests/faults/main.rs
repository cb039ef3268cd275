//! The node among faults: the real program, real forms over HTTP, and a machine, a disk or a server that fails.
//!
//! Whatever happens: what was acknowledged (303) is recorded exactly once, what was not is recorded once or not at all,
//! record and books hold, and the node goes on by itself. `COMITY_LONG=1` runs the same stories many times over.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod kill;
mod load;
mod node;
mod power;
mod room;
mod second;
mod server;
mod trace;

/// How often a story is told: `short` times in `make test`, `long` times with `COMITY_LONG` set.
#[expect(clippy::disallowed_methods, reason = "only a test asks for its length")]
fn times(short: usize, long: usize) -> usize {
    if std::env::var("COMITY_LONG").is_ok_and(|value| !value.is_empty()) { long } else { short }
}
