//! Stories of the import: a register with planted faults, a register nobody here made, stopping, pages and refusals.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "import/chicago.rs"]
mod chicago;
#[path = "import/pages.rs"]
mod pages;
#[path = "import/planted.rs"]
mod planted;
#[path = "import/refused.rs"]
mod refused;
#[path = "import/register.rs"]
mod register;
#[path = "import/stopped.rs"]
mod stopped;
#[path = "import/town.rs"]
mod town;
