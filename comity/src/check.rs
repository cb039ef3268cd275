//! Commands about the record itself: verify it, prove one act, fold the books anew.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ledger::{Checkpoint, Counter, SystemClock, VerifierKey};
use store::Store;

use crate::configuration::Configuration;
use crate::node;
use crate::output::{self, tell};

/// What `verify` is held against beside the folder itself.
pub struct Standard {
    /// A public key kept elsewhere, in place of the one that lies in the folder.
    pub key: Option<PathBuf>,
    /// A checkpoint kept elsewhere, which the record must go on from.
    pub checkpoint: Option<PathBuf>,
    /// Whether the books are folded anew too.
    pub books: bool,
    /// Whether the record was restored just now: its counters may then be ahead of its acts.
    pub restored: bool,
}

/// Checks the record, and with `books` also what was folded from it. Exit code 1 when something is wrong.
///
/// # Errors
/// When the record cannot be read at all.
pub fn verify(configuration: &Configuration, standard: &Standard) -> Result<ExitCode> {
    let store = Store::open_to_read(&configuration.store())?;
    let keys = match &standard.key {
        Some(file) => ledger::keys::read(file)?,
        None => keys(configuration)?,
    };
    let report = ledger::verify(&store, &keys)?;
    if let Some(fault) = &report.fault {
        tell!("WRONG: {fault}")?;
        return Ok(ExitCode::FAILURE);
    }
    tell!("{} acts and {} checkpoints hold under these keys:", report.acts, report.checkpoints)?;
    for key in &report.keys {
        tell!("  {key}")?;
    }
    for act in &report.replaced {
        tell!(
            "from act {act} on a key signs that the one before did not introduce, because that was lost: whether it \
             is the bureau's own, only the bureau can say"
        )?;
    }
    if !counters_hold(&report.counters, standard.restored)? || !goes_on(&store, &report.keys, standard)? {
        return Ok(ExitCode::FAILURE);
    }
    if standard.books { verify_books(&store) } else { Ok(ExitCode::SUCCESS) }
}

/// Tells of every counter that does not stand where the acts left it.
fn counters_hold(counters: &[Counter], restored: bool) -> Result<bool> {
    let mut good = true;
    for counter in counters {
        if counter.is_behind() || (counter.is_ahead() && !restored) {
            tell!("WRONG: {counter}")?;
            good = false;
        } else {
            tell!(
                "{counter}: its numbers were given out by acts that are not in this record, or before acts bore them"
            )?;
        }
    }
    Ok(good)
}

/// Without something from outside the folder, `verify` can only say that the folder agrees with itself.
fn goes_on(store: &Store, keys: &[VerifierKey], standard: &Standard) -> Result<bool> {
    let Some(file) = &standard.checkpoint else {
        tell!(
            "no neighbour witnesses this record yet: who holds its key could rewrite or cut the tail unseen;"
        )?;
        tell!("keep the key and a checkpoint elsewhere and give them as --key and --checkpoint")?;
        return Ok(true);
    };
    let kept = Checkpoint::open(&read(file)?, keys)?;
    let good = ledger::extends(store, &kept)?;
    match good {
        true => tell!("the record goes on from the kept checkpoint of {} acts", kept.head().size),
        false => tell!(
            "WRONG: the record does not go on from the kept checkpoint of {} acts: it was cut or rewritten",
            kept.head().size
        ),
    }?;
    Ok(good)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn verify_books(store: &Store) -> Result<ExitCode> {
    let report = ledger::verify_books(store, node::books())?;
    let files = store.read(|sql| sql.integrity())?;
    if report.differing.is_empty() && files.is_empty() {
        tell!("all books hold what the {} acts say", report.acts)?;
        return Ok(ExitCode::SUCCESS);
    }
    for fault in &files {
        tell!("WRONG: the database file, as its engine says: {fault}")?;
    }
    for difference in &report.differing {
        tell!("WRONG: the book table {difference}; `comity rebuild` folds the books anew")?;
    }
    Ok(ExitCode::FAILURE)
}

/// Prints the newest checkpoint, to be kept elsewhere.
///
/// # Errors
/// When the record is empty or cannot be read.
pub fn checkpoint(configuration: &Configuration) -> Result<ExitCode> {
    let store = Store::open_to_read(&configuration.store())?;
    let proof = ledger::proof_of(&store, 1)?;
    Checkpoint::open(&proof.checkpoint, &keys(configuration)?)?;
    output::plain(format_args!("{}", proof.checkpoint))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the proof of act `number`: header, path and signed checkpoint, checkable without the node.
///
/// # Errors
/// When there is no such act.
pub fn proof(configuration: &Configuration, number: i64) -> Result<ExitCode> {
    let store = Store::open_to_read(&configuration.store())?;
    let proof = ledger::proof_of(&store, number)?;
    proof.verify(&keys(configuration)?).context("the proof does not hold; run `comity verify`")?;
    output::plain(format_args!("{proof}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Folds all books anew.
///
/// # Errors
/// When the node is running, or an act cannot be folded.
pub fn rebuild(configuration: &Configuration) -> Result<ExitCode> {
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    let rebuilt = ledger::rebuild(&ledger)?;
    tell!("{} acts folded; {} tables changed", rebuilt.acts, rebuilt.changed.len())?;
    for table in &rebuilt.changed {
        tell!("  {table} held something else before")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The public keys in the data folder.
///
/// # Errors
/// When there are none.
pub fn keys(configuration: &Configuration) -> Result<Vec<VerifierKey>> {
    if !configuration.data.exists() {
        bail!("there is no folder {}", configuration.data.display());
    }
    Ok(ledger::keys::public(&configuration.data)?)
}
