//! What an officer or a command orders: take a file in, check it, import it, stop.

use anyhow::{Context, Result};
use ledger::Actor;
use site::{House, Upload};
use store::Sql;

use super::executions;
use super::limits::Unreadable;
use super::mapping::{Mapping, MappingFault};
use super::source::Source;
use super::tables::{self, Counts, Run, State};
use crate::bureau::Bureau;

/// Looks at a file that was handed in, and proposes how to read it.
///
/// # Errors
/// The store fails. A file that cannot be read gives a run in the state `Refused`.
pub fn take_in(house: &House, actor: &Actor, source: &str, upload: &Upload) -> Result<Run> {
    let begun = house.wall.now().as_microsecond();
    let id = new_id(house)?;
    let mut run =
        Run::new(id, source.to_owned(), upload.name.clone(), upload.digest.clone(), actor.to_string());
    match Source::open(&house.uploads.path(&upload.digest)?) {
        Ok(opened) => run.mapping = Some(proposed(house, source, &opened)?),
        Err(error) => refuse(&mut run, error)?,
    }
    let stored = run.clone();
    house.store.write(move |sql| stored.insert(sql, begun))?;
    Ok(run)
}

fn new_id(house: &House) -> Result<String> {
    let mut bytes = [0; 16];
    house.random.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// The mapping kept for the source, or the one that comes with the region; a guess where neither fits the file.
fn proposed(house: &House, source: &str, opened: &Source) -> Result<Mapping> {
    let bureau = house.get::<Bureau>()?;
    let kept = house.store.read(|sql| tables::mapping_of(sql, source))?;
    let known = kept.or_else(|| bureau.imports.get(source).cloned());
    let fits = |mapping: &Mapping| {
        let there = opened.clone().with_headings_in(mapping.heading_row).ok();
        there.is_some_and(|there| mapping.bind(&there.headings).is_ok())
    };
    Ok(known.filter(fits).unwrap_or_else(|| Mapping::propose(opened.heading_row, &opened.headings)))
}

/// The reason goes into the run if the file is to blame; every other error goes on.
pub(super) fn refuse(run: &mut Run, error: anyhow::Error) -> Result<()> {
    let unreadable = *error.downcast_ref::<Unreadable>().ok_or_else(|| anyhow::anyhow!("{error:#}"))?;
    run.state = State::Refused;
    run.refusal = Some(unreadable.text_key().to_owned());
    Ok(())
}

/// Fixes the mapping, keeps it for the source, and lets the check begin.
///
/// # Errors
/// The store or file cannot be read; the inner error names what is wrong with the mapping.
pub fn order_check(house: &House, id: &str, mapping: Mapping) -> Result<Result<(), Vec<MappingFault>>> {
    let run = house.store.read(|sql| Run::find(sql, id))?.context("there is no such import")?;
    let source = Source::open(&house.uploads.path(&run.digest)?)?.with_headings_in(mapping.heading_row)?;
    if let Err(faults) = mapping.bind(&source.headings) {
        return Ok(Err(faults));
    }
    let id = id.to_owned();
    house.store.write(move |sql| begin_check(sql, &id, mapping))?;
    Ok(Ok(()))
}

/// The state is looked at where it is changed: between a look and a write, another order may have let the run write.
fn begin_check(sql: &mut dyn Sql, id: &str, mapping: Mapping) -> Result<()> {
    let mut run = Run::find(sql, id)?.context("there is no such import")?;
    if !matches!(run.state, State::Mapping | State::Checked) {
        return Ok(());
    }
    tables::keep_mapping(sql, &run.source, &mapping)?;
    tables::clear(sql, id)?;
    run.state = State::Checking;
    run.mapping = Some(mapping);
    run.refusal = None;
    run.position = 0;
    run.counts = Counts::default();
    run.save(sql)
}

/// Lets a checked or stopped run write, as acts of the one who orders it, whoever handed the file in.
/// Whether changed licences are changed is decided once, at the first start.
///
/// # Errors
/// The store fails.
pub fn order_import(house: &House, actor: &Actor, id: &str, accept_changes: bool) -> Result<()> {
    let (id, actor) = (id.to_owned(), actor.to_string());
    house.store.write(move |sql| {
        let mut run = Run::find(sql, &id)?.context("there is no such import")?;
        match run.state {
            State::Checked => {
                run.accept_changes = accept_changes;
                run.position = 0;
            }
            State::Stopped => run.refusal = None,
            _ => return Ok(()),
        }
        run.state = State::Importing;
        executions::keep_executor(sql, &id, &actor)?;
        run.save(sql)
    })
}

/// Asks a run to stop after the batch that is being written.
///
/// # Errors
/// The store fails.
pub fn order_stop(house: &House, id: &str) -> Result<()> {
    let id = id.to_owned();
    house.store.write(move |sql| {
        let mut run = Run::find(sql, &id)?.context("there is no such import")?;
        if run.state == State::Importing {
            run.state = State::Stopping;
        }
        run.save(sql)
    })
}
