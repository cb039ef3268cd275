//! The program as it is installed and run: its package, its unit, its log and its traces, its end.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod log;
mod package;
mod support;
