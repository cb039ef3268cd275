//! The command that imports a register: progress, every fault with row and column, and what came of it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use ledger::SystemClock;
use site::{Argument, House, Language, Texts};
use supervision::licence::import::fault::Fault;
use supervision::licence::import::mapping::{Mapping, MappingFault};
use supervision::licence::import::masking;
use supervision::licence::import::run::{self, Order, Outcome, Progress};
use supervision::licence::import::tables::{self, Run, State};

use crate::configuration::Configuration;
use crate::node;
use crate::output::{self, tell};

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
    let say = Say { texts: &house.texts, language };
    let outcome = run::run(&house, &order, &mut |progress| show(&say, progress))?;
    output::aside(format_args!("\n"));
    report(&house, &say, &outcome)
}

/// Sentences in the language that was chosen.
struct Say<'a> {
    texts: &'a Texts,
    language: Language,
}

impl Say<'_> {
    fn plain(&self, key: &str) -> String {
        self.texts.say(self.language, key, &[])
    }

    fn with(&self, key: &str, name: &str, value: impl Into<Argument>) -> String {
        self.texts.say(self.language, key, &[(name, value.into())])
    }

    fn state(&self, state: State) -> String {
        self.plain(&format!("import-state-{}", state.word()))
    }
}

fn show(say: &Say, progress: Progress) {
    output::aside(format_args!("\r{} {}/{} ", say.state(progress.state), progress.done, progress.total));
}

fn report(house: &House, say: &Say, outcome: &Outcome) -> Result<ExitCode> {
    if let Some(key) = &outcome.run.refusal {
        tell!("{}", say.plain(key))?;
        return Ok(ExitCode::FAILURE);
    }
    for fault in &outcome.mapping_faults {
        tell!("{}", mapping_fault(say, fault))?;
    }
    let faults = house.store.read(|sql| tables::faults(sql, &outcome.run.id, 0, SHOWN))?;
    for fault in &faults {
        tell!("{}", line(say, fault, outcome.run.mapping.as_ref()))?;
    }
    tell!("{}", counts(say, &outcome.run))?;
    let good = outcome.mapping_faults.is_empty() && faults.is_empty();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn mapping_fault(say: &Say, fault: &MappingFault) -> String {
    match fault {
        MappingFault::Missing(field) => {
            say.with("import-refusal-field-missing", "field", say.plain(field.text_key()))
        }
        MappingFault::NoSuchHeading(_, heading) => {
            say.with("import-refusal-no-such-heading", "heading", heading.clone())
        }
        MappingFault::HeadingTwice(_, heading) => {
            say.with("import-refusal-heading-twice", "heading", heading.clone())
        }
        MappingFault::HalfAPoint => say.plain("import-refusal-half-a-point"),
        MappingFault::NoDateColumn => say.plain("import-refusal-no-date-column"),
    }
}

/// Row, column, heading, what is wrong and the value, tab-separated for other programs. Personal numbers are masked
/// as on the pages: what a command prints ends in logs and other files.
fn line(say: &Say, fault: &Fault, mapping: Option<&Mapping>) -> String {
    let place = fault.column.as_ref().map(|column| format!("{}\t{}", column.index, column.heading));
    let what = match fault.other_row {
        Some(row) => say.with(fault.kind.text_key(), "row", row.cast_signed()),
        None => say.plain(fault.kind.text_key()),
    };
    let value = masking::told(fault, mapping);
    format!("{}\t{}\t{what}\t{value}", fault.row, place.unwrap_or_else(|| "\t".into()))
}

fn counts(say: &Say, run: &Run) -> String {
    let counts = run.counts;
    let told = [
        ("import-rows", counts.rows),
        ("import-fresh", counts.fresh),
        ("import-changed", counts.changed),
        ("import-unchanged", counts.unchanged),
        ("import-faulty", counts.faulty),
        ("import-faults", counts.faults),
        ("import-overtaken", counts.overtaken),
        ("import-added", counts.added),
        ("import-altered", counts.altered),
    ];
    let told = told.map(|(key, count)| format!("{} {count}", say.plain(key)));
    format!("{}: {}", say.state(run.state), told.join("; "))
}

#[cfg(test)]
mod tests {
    use supervision::licence::import::fault::{Column, Kind};

    use super::*;

    #[test]
    fn personal_numbers_are_masked_in_what_is_printed() {
        let texts = Texts::embedded().unwrap();
        let say = Say { texts: &texts, language: Language::English };
        let column = Some(Column { index: 6, heading: "身份证号码".into() });
        let value = "330421199001011235".to_owned();
        let fault = Fault { row: 2, column, kind: Kind::IdentityNumber, value, other_row: None };
        let told = line(&say, &fault, None);
        assert!(told.ends_with("330421********1235") && !told.contains("19900101"), "{told}");
    }

    #[test]
    fn counts_and_faults_of_a_mapping_are_told_in_the_language_that_was_chosen() {
        let texts = Texts::embedded().unwrap();
        let run = Run::new("1".into(), "市局".into(), "a.csv".into(), "0".into(), "node".into());
        for (language, state, rows, point) in [
            (Language::English, "Columns to be set", "Rows 0", "Longitude and latitude go together."),
            (Language::Chinese, "待设置列", "数据行 0", "经度和纬度须同时对应。"),
        ] {
            let say = Say { texts: &texts, language };
            let told = counts(&say, &run);
            assert!(told.starts_with(state) && told.contains(rows), "{told}");
            assert_eq!(mapping_fault(&say, &MappingFault::HalfAPoint), point);
        }
    }
}
