//! Backups on both engines: taken beside a node at work, restored on the other engine, and never believed when at fault.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "backups/erasure.rs"]
mod erasure;
#[path = "backups/fault.rs"]
mod fault;
#[path = "backups/node.rs"]
mod node;
#[path = "backups/way_back.rs"]
mod way_back;
