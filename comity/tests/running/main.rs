//! The program as it is installed and run: its log and its traces.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod log;
mod support;
