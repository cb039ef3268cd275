//! Reading, checking and joining at the same time: this thread reads pages in its one snapshot, others check their acts each
//! by itself, and one more joins them in order.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use store::Sql;

use super::fault::Fault;
use super::page::{Checked, Page};
use super::walk::Walk;
use crate::Result;

/// Acts looked at in one go.
const PAGE: i64 = 1024;

/// Pages that may wait before and behind each checker.
const WAITING: usize = 2;

/// Walks over all acts and returns the first fault. What cannot be read is an error; the walk then stands before it.
pub(super) fn run(sql: &mut dyn Sql, walk: &mut Walk<'_>) -> Result<Option<Fault>> {
    let ledger = walk.ledger().to_owned();
    thread::scope(|scope| {
        let (mut lanes, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..checkers() {
            let (lane, pages) = sync_channel::<Page>(WAITING);
            let (checked, end) = sync_channel(WAITING);
            let ledger = &ledger;
            // It ends when no page comes any more, or when nobody takes them any more.
            scope.spawn(move || pages.iter().try_for_each(|page| checked.send(page.check(ledger))));
            lanes.push(lane);
            ends.push(end);
        }
        let joining = scope.spawn(move || join(walk, &ends));
        let read = read(sql, &lanes);
        drop(lanes);
        let fault = joining.join().unwrap_or_else(|panic| resume_unwind(panic));
        if fault.is_some() { Ok(fault) } else { read.map(|()| None) }
    })
}

/// One core is for reading.
fn checkers() -> usize {
    thread::available_parallelism().map_or(1, |cores| NonZero::get(cores).saturating_sub(1).max(1))
}

/// Deals page after page out to the lanes in turn, until the last or until nobody wants more.
fn read(sql: &mut dyn Sql, lanes: &[SyncSender<Page>]) -> Result<()> {
    let mut from = 0;
    for lane in lanes.iter().cycle() {
        let page = Page::read(sql, from, PAGE)?;
        let last = page.last()?.filter(|_| page.holds(PAGE));
        if lane.send(page).is_err() {
            return Ok(());
        }
        match last {
            Some(last) => from = last,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// Takes the pages from the lanes in the same turn. A lane that has ended where the next page should come was the last.
fn join(walk: &mut Walk<'_>, ends: &[Receiver<Checked>]) -> Option<Fault> {
    let pages = ends.iter().cycle().map_while(|end| end.recv().ok());
    pages.map(|page| walk.take(page)).find_map(Result::err)
}
