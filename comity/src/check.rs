//! Commands about the record itself: verify it, prove one act, fold the books anew.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ledger::{SystemClock, VerifierKey};
use store::Store;

use crate::configuration::Configuration;
use crate::node;

/// Checks the record, and with `books` also what was folded from it. Exit code 1 when something is wrong.
///
/// # Errors
/// When the record cannot be read at all.
pub fn verify(configuration: &Configuration, books: bool) -> Result<ExitCode> {
    let store = Store::open_to_read(&configuration.store())?;
    let report = ledger::verify(&store, &[key(configuration)?])?;
    if let Some(fault) = &report.fault {
        println!("WRONG: {fault}");
        return Ok(ExitCode::FAILURE);
    }
    println!("{} acts and {} checkpoints hold", report.acts, report.checkpoints);
    println!("no neighbour witnesses this record yet: who holds its key could rewrite the tail unseen");
    if books { verify_books(&store) } else { Ok(ExitCode::SUCCESS) }
}

fn verify_books(store: &Store) -> Result<ExitCode> {
    let report = ledger::verify_books(store, node::books())?;
    if report.differing.is_empty() {
        println!("all books hold what the {} acts say", report.acts);
        return Ok(ExitCode::SUCCESS);
    }
    for table in &report.differing {
        println!(
            "WRONG: the book table {table} does not hold what the acts say; `comity rebuild` folds it anew"
        );
    }
    Ok(ExitCode::FAILURE)
}

/// Prints the proof of act `number`: header, path and signed checkpoint, checkable without the node.
///
/// # Errors
/// When there is no such act.
pub fn proof(configuration: &Configuration, number: i64) -> Result<ExitCode> {
    let store = Store::open_to_read(&configuration.store())?;
    let proof = ledger::proof_of(&store, number)?;
    proof.verify(&[key(configuration)?]).context("the proof does not hold; run `comity verify`")?;
    print!("{proof}");
    Ok(ExitCode::SUCCESS)
}

/// Folds all books anew.
///
/// # Errors
/// When the node is running, or an act cannot be folded.
pub fn rebuild(configuration: &Configuration) -> Result<ExitCode> {
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    let rebuilt = ledger::rebuild(&ledger)?;
    println!("{} acts folded; {} tables changed", rebuilt.acts, rebuilt.changed.len());
    for table in &rebuilt.changed {
        println!("  {table} held something else before");
    }
    Ok(ExitCode::SUCCESS)
}

fn key(configuration: &Configuration) -> Result<VerifierKey> {
    if !configuration.data.exists() {
        bail!("there is no folder {}", configuration.data.display());
    }
    Ok(ledger::keys::public(&configuration.data)?)
}
