//! The command that imports a register: progress, every fault with row and column, and what came of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use ledger::SystemClock;
use site::{House, Language};
use supervision::licence::import::fault::Fault;
use supervision::licence::import::run::{self, Order, Outcome, Progress};
use supervision::licence::import::tables::{self, Run};

use crate::configuration::Configuration;
use crate::node;

/// Faults printed by the command; the page of the import lists and exports all of them.
const SHOWN: i64 = 1_000;

/// What the command line asks for.
pub struct Wish {
    pub file: PathBuf,
    pub source: String,
    pub dry_run: bool,
    pub accept_changes: bool,
    pub language: String,
}

/// Imports a file. Exit code 1 when rows were at fault or the file cannot be read.
///
/// # Errors
/// When the node is running, or store or file cannot be read.
pub fn import(configuration: &Configuration, wish: Wish) -> Result<ExitCode> {
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    let house = node::house(configuration, ledger, false)?;
    let language = Language::from_tag(&wish.language).unwrap_or_default();
    let order = Order {
        file: wish.file,
        source: wish.source,
        dry_run: wish.dry_run,
        accept_changes: wish.accept_changes,
    };
    let outcome = run::run(&house, &order, &mut show)?;
    eprintln!();
    report(&house, language, &outcome)
}

fn show(progress: Progress) {
    eprint!("\r{} {}/{} ", progress.state.word(), progress.done, progress.total);
    // A terminal that cannot be written to is no reason to stop an import.
    let _ = std::io::stderr().flush();
}

fn report(house: &House, language: Language, outcome: &Outcome) -> Result<ExitCode> {
    if let Some(key) = &outcome.run.refusal {
        println!("{}", house.texts.say(language, key, &[]));
        return Ok(ExitCode::FAILURE);
    }
    for fault in &outcome.mapping_faults {
        println!("{}", mapping_fault(house, language, fault));
    }
    let faults = house.store.read(|sql| tables::faults(sql, &outcome.run.id, 0, SHOWN))?;
    for fault in &faults {
        println!("{}", line(house, language, fault));
    }
    counts(&outcome.run);
    let good = outcome.mapping_faults.is_empty() && faults.is_empty();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn mapping_fault(
    house: &House,
    language: Language,
    fault: &supervision::licence::import::mapping::MappingFault,
) -> String {
    use supervision::licence::import::mapping::MappingFault::{
        HalfAPoint, HeadingTwice, Missing, NoDateColumn, NoSuchHeading,
    };
    let name = |key: &str| house.texts.say(language, key, &[]);
    match fault {
        Missing(field) => format!("{}: -", name(field.text_key())),
        NoSuchHeading(Some(field), heading) | HeadingTwice(field, heading) => {
            format!("{}: {heading}", name(field.text_key()))
        }
        NoSuchHeading(None, heading) => heading.clone(),
        HalfAPoint | NoDateColumn => format!("{fault:?}"),
    }
}

/// `row 12, column 3 (许可证号): … : value`, tab-separated for other programs.
fn line(house: &House, language: Language, fault: &Fault) -> String {
    let place = fault.column.as_ref().map(|column| format!("{}\t{}", column.index, column.heading));
    let other = fault.other_row.map(u64::cast_signed).unwrap_or_default();
    let what = house.texts.say(language, fault.kind.text_key(), &[("row", other.into())]);
    format!("{}\t{}\t{what}\t{}", fault.row, place.unwrap_or_else(|| "\t".into()), fault.value)
}

fn counts(run: &Run) {
    let counts = run.counts;
    println!(
        "{}: rows {}, new {}, changed {}, unchanged {}, at fault {} ({} faults), left out {}; written: {} new, {} changed",
        run.state.word(),
        counts.rows,
        counts.fresh,
        counts.changed,
        counts.unchanged,
        counts.faulty,
        counts.faults,
        counts.overtaken,
        counts.added,
        counts.altered
    );
}
