//! Runs an import: takes the file in, checks it without writing, then writes one act per licence, in batches that can be stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use ledger::Actor;
use site::House;
use store::Sql;

use super::compare::{Compared, compare};
use super::executions;
use super::fault::{Fault, Kind};
use super::limits::{FILE_BYTES, KEPT, Unreadable};
use super::mapping::{Bound, MappingFault};
use super::orders::{order_check, order_import, refuse, take_in};
use super::source::{Flow, Source};
use super::tables::{self, Counts, Run, State, StoredChange};
use super::taking::Taking;
use super::walk::{Walked, What, walk};
use crate::bureau::Bureau;
use crate::licence::data::LicenceData;

/// Rows checked between two notes of progress.
const CHECKED_AT_ONCE: usize = 500;
/// Licences written in one transaction: few enough that the counter does not wait.
const WRITTEN_AT_ONCE: usize = 200;

/// An import as a command orders it.
#[derive(Clone, Debug)]
pub struct Order {
    pub file: PathBuf,
    /// The register the file is from; its column mapping is kept under this name.
    pub source: String,
    pub dry_run: bool,
    /// Whether licences that the file knows otherwise than the register are changed.
    pub accept_changes: bool,
}

/// How far a run has come, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub state: State,
    pub done: i64,
    /// Rows in all; 0 while they are being counted.
    pub total: i64,
}

/// What an ordered import came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub run: Run,
    /// What is wrong with the mapping, if the run could not even begin.
    pub mapping_faults: Vec<MappingFault>,
}

/// Imports a file at once, as a command does.
///
/// # Errors
/// The store or the file cannot be read. What is wrong inside the file stands in the outcome.
pub fn run(house: &House, order: &Order, progress: &mut dyn FnMut(Progress)) -> Result<Outcome> {
    let bytes = read_bounded(&order.file)?;
    let name = order.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let upload = house.uploads.keep(&name, &bytes)?;
    let actor = Actor::Command("import".to_owned());
    let mut run = take_in(house, &actor, &order.source, &upload)?;
    if run.state == State::Refused {
        return Ok(Outcome { run, mapping_faults: Vec::new() });
    }
    let mapping = run.mapping.clone().unwrap_or_default();
    if let Err(mapping_faults) = order_check(house, &run.id, mapping)? {
        return Ok(Outcome { run, mapping_faults });
    }
    run = Work::begin(house, &run.id)?.go(progress)?;
    if run.state == State::Checked && !order.dry_run {
        order_import(house, &actor, &run.id, order.accept_changes)?;
        run = Work::begin(house, &run.id)?.go(progress)?;
    }
    Ok(Outcome { run, mapping_faults: Vec::new() })
}

/// Reads the file, unless it is larger than a file may be.
fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if size > FILE_BYTES {
        return Err(Unreadable::FileTooLarge.into());
    }
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// The chore: does all checks and imports that are ordered, also those that a restart of the node cut off.
///
/// # Errors
/// The first that fails; it is put aside, so that the next one gets its turn.
pub fn work(house: &House) -> Result<()> {
    while let Some(run) = house.store.read(Run::next_due)? {
        Work::begin(house, &run.id)?.go(&mut |_| {})?;
    }
    Ok(())
}

/// One run at work.
struct Work<'a> {
    house: &'a House,
    bureau: Arc<Bureau>,
    run: Run,
    /// Who ordered that it be written.
    executor: Actor,
}

impl<'a> Work<'a> {
    fn begin(house: &'a House, id: &str) -> Result<Self> {
        let (run, executor) = house
            .store
            .read(|sql| Ok::<_, anyhow::Error>((Run::find(sql, id)?, executions::executor_of(sql, id)?)))?;
        let run = run.context("there is no such import")?;
        let executor = executor.as_ref().unwrap_or(&run.actor).parse()?;
        Ok(Self { house, bureau: house.get::<Bureau>()?, run, executor })
    }

    /// Does what is ordered. A run that fails is set down as stopped or refused before the error goes on.
    fn go(mut self, progress: &mut dyn FnMut(Progress)) -> Result<Run> {
        let done = match self.run.state {
            State::Checking => self.check(progress),
            State::Importing | State::Stopping => self.import(progress),
            _ => Ok(()),
        };
        if let Err(error) = done {
            let why = format!("{error:#}");
            // A check begins anew from the mapping; an import goes on from where it was cut off.
            let (state, refusal) = match self.run.state {
                State::Checking => (State::Mapping, "import-refusal-check-could-not"),
                _ => (State::Stopped, "import-refusal-could-not"),
            };
            (self.run.state, self.run.refusal) = (state, Some(refusal.to_owned()));
            let blamed = refuse(&mut self.run, error);
            self.save()?;
            blamed.with_context(|| format!("import of {}: {why}", self.run.file))?;
        }
        Ok(self.run)
    }

    fn open(&self) -> Result<(Source, Arc<Bound>)> {
        let mapping = self.run.mapping.clone().context("the import has no mapping")?;
        let source = Source::open(&self.house.uploads.path(&self.run.digest)?)?
            .with_headings_in(mapping.heading_row)?;
        let bound =
            mapping.bind(&source.headings).map_err(|faults| anyhow::anyhow!("mapping: {faults:?}"))?;
        Ok((source, Arc::new(bound)))
    }

    fn check(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let (source, bound) = self.open()?;
        let bureau = Arc::clone(&self.bureau);
        self.run.counts = Counts::default();
        let id = self.run.id.clone();
        self.house.store.write(move |sql| tables::clear(sql, &id))?;
        let mut batch = Vec::new();
        walk(&source, &bound, &bureau, &mut |walked| {
            batch.push(walked);
            if batch.len() == CHECKED_AT_ONCE {
                self.note(std::mem::take(&mut batch), &bound)?;
                progress(self.progress());
            }
            Ok(Flow::On)
        })?;
        self.note(batch, &bound)?;
        self.run.state = State::Checked;
        self.save()
    }

    /// Counts a batch of rows and keeps its faults and changes.
    fn note(&mut self, batch: Vec<Walked>, bound: &Bound) -> Result<()> {
        let compared = self.house.store.read(|sql| compare_all(sql, &self.run.source, &batch, bound))?;
        let (mut faults, mut changes) = (Vec::new(), Vec::new());
        for (walked, compared) in batch.into_iter().zip(compared) {
            self.run.position = i64::try_from(walked.row)?;
            self.run.counts.rows += 1;
            match walked.what {
                What::Overtaken => self.run.counts.overtaken += 1,
                What::Licence(data) if compared == Some(Compared::GrantedHere) => {
                    self.run.counts.faulty += 1;
                    faults.push(Fault::of_number(walked.row, Kind::GrantedHere, &data.number, bound));
                }
                What::Licence(data) => changes.extend(self.weigh(data.number, compared)),
                What::Faulty(found) => {
                    self.run.counts.faulty += 1;
                    faults.extend(found);
                }
            }
        }
        let first = self.run.counts.faults + 1;
        self.run.counts.faults += i64::try_from(faults.len())?;
        let run = self.run.clone();
        self.house.store.write(move |sql| {
            for (place, fault) in (first..).zip(&faults) {
                tables::put_fault(sql, &run.id, place, fault)?;
            }
            changes.iter().try_for_each(|change| tables::put_change(sql, &run.id, change))?;
            run.save(sql)
        })
    }

    /// Counts a licence, and gives what is to be shown of it if it changes.
    fn weigh(&mut self, number: String, compared: Option<Compared>) -> Option<StoredChange> {
        let counts = &mut self.run.counts;
        match compared? {
            Compared::GrantedHere => {}
            Compared::New => counts.fresh += 1,
            Compared::Unchanged => counts.unchanged += 1,
            Compared::Changed(change) => {
                counts.changed += 1;
                let (row, licence) = (self.run.position, change.licence.to_string());
                let stored = StoredChange { number, row, licence, fields: change.differences };
                return Some(stored).filter(|_| counts.changed.unsigned_abs() <= KEPT);
            }
        }
        None
    }

    fn import(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let (source, bound) = self.open()?;
        let bureau = Arc::clone(&self.bureau);
        let done = self.run.position.unsigned_abs();
        let mut batch = Vec::new();
        walk(&source, &bound, &bureau, &mut |walked| {
            if walked.row > done {
                batch.extend(licence_of(walked));
            }
            if batch.len() < WRITTEN_AT_ONCE {
                return Ok(Flow::On);
            }
            let flow = self.write(std::mem::take(&mut batch), &bound)?;
            progress(self.progress());
            Ok(flow)
        })?;
        if self.run.state == State::Importing && !self.write(batch, &bound)?.is_stop() {
            self.run.state = State::Finished;
            let run = self.run.clone();
            self.house.store.write(move |sql| {
                run.save(sql)?;
                executions::forget(sql, &run.id)
            })?;
        }
        Ok(())
    }

    /// Writes a batch in one transaction, together with how far the run has come.
    fn write(&mut self, batch: Vec<(u64, LicenceData)>, bound: &Arc<Bound>) -> Result<Flow> {
        let (id, bound, bureau) = (self.run.id.clone(), Arc::clone(bound), Arc::clone(&self.bureau));
        let actor = self.executor.clone();
        self.run = self.house.ledger.write(actor, move |writing| {
            let mut run = Run::find(writing.sql(), &id)?.context("the import is gone")?;
            if run.state == State::Stopping {
                run.state = State::Stopped;
            } else {
                for (row, data) in batch {
                    let scheme = &bureau.scheme;
                    Taking { writing, run: &mut run, bound: &bound, scheme }.take(row, data)?;
                }
            }
            run.save(writing.sql())?;
            Ok::<_, anyhow::Error>(run)
        })?;
        Ok(if self.run.state == State::Importing { Flow::On } else { Flow::Stop })
    }

    fn save(&self) -> Result<()> {
        let run = self.run.clone();
        self.house.store.write(move |sql| run.save(sql))
    }

    fn progress(&self) -> Progress {
        progress_of(&self.run)
    }
}

/// How far a run has come.
#[must_use]
pub fn progress_of(run: &Run) -> Progress {
    let total = if run.state == State::Checking { 0 } else { run.counts.rows };
    Progress { state: run.state, done: (run.position - 1).max(0), total }
}

/// What each row means for the register, all in one snapshot; `None` for rows that hold no licence.
fn compare_all(
    sql: &mut dyn Sql,
    source: &str,
    batch: &[Walked],
    bound: &Bound,
) -> Result<Vec<Option<Compared>>> {
    let compared = |walked: &Walked| match &walked.what {
        What::Licence(data) => compare(sql, source, data, bound).map(Some),
        _ => Ok(None),
    };
    batch.iter().map(compared).collect()
}

fn licence_of(walked: Walked) -> Option<(u64, LicenceData)> {
    match walked.what {
        What::Licence(data) => Some((walked.row, *data)),
        _ => None,
    }
}
