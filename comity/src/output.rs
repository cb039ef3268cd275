//! What commands print. Whoever closed the pipe has read enough: the work goes on, and the exit code tells how it ended.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Prints a line like `println!`, but neither panics nor fails on a closed pipe.
macro_rules! tell {
    ($($words:tt)*) => { crate::output::line(format_args!($($words)*)) };
}
pub(crate) use tell;

/// Prints one line.
///
/// # Errors
/// When it cannot be written although somebody still reads: a full disk must not pass for a printed proof.
pub fn line(words: Arguments<'_>) -> Result<()> {
    plain(format_args!("{words}\n"))
}

/// Prints a text as it stands.
///
/// # Errors
/// As `line`.
pub fn plain(words: Arguments<'_>) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_fmt(words).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.context("standard output cannot be written"),
    }
}

/// Shows progress or a complaint on standard error. If nobody can see it, that is no reason to stop.
pub fn aside(words: Arguments<'_>) {
    let mut out = io::stderr().lock();
    let _ = out.write_fmt(words).and_then(|()| out.flush());
}
