//! The walk over the whole record: every leaf, body, tile and checkpoint is computed anew, and the first fault is named.
//!
//! Without witnesses a holder of the key who rewrites the tail of the record, and signs new checkpoints over it, stays
//! unseen: what he leaves is a record that holds together. Only a neighbour who kept an older checkpoint can tell.

mod counter;
mod fault;
mod signers;
mod walk;

use store::{Sql, Store};

use crate::head::Head;
use crate::rotation::Change;
use crate::{Error, Result, VerifierKey};

pub use counter::{Borne, Counter};
pub use fault::{Fault, What};
use walk::Walk;

/// Acts looked at in one go.
const PAGE: i64 = 2048;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Acts that hold: all, or those before the fault.
    pub acts: i64,
    /// Checkpoints that hold.
    pub checkpoints: i64,
    /// Acts whose body was erased by law.
    pub erased: i64,
    /// The keys under which it holds: those given, and those that one of them introduced in the record itself.
    pub keys: Vec<VerifierKey>,
    /// The acts from which on a key signs that the one before did not introduce, because it was lost.
    pub replaced: Vec<i64>,
    /// Counters of series that do not stand where the acts left them, if nothing else is wrong; those behind first.
    pub counters: Vec<Counter>,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Walks over the record in one snapshot. `keys` are those with which the ledger has signed, or the first of them: keys
/// that an older one has introduced are learnt on the way. A key that took the place of a lost one must be among them.
///
/// # Errors
/// When the store cannot be read at all; a record that does not hold is a fault in the report, not an error.
pub fn verify(store: &Store, keys: &[VerifierKey]) -> Result<Report> {
    let mut walk = Walk::new(keys);
    let (fault, counters) = match store.read(|sql| walk_over(sql, &mut walk)) {
        Err(Error::Store(error @ (store::Error::Statement { .. } | store::Error::Column { .. }))) => {
            (Some(unreadable(store, walk.size(), &error)), Vec::new())
        }
        found => found?,
    };
    Ok(walk.report(fault, counters))
}

/// The head as it is stored, or why it is none.
type StoredHead = Result<Head, String>;

/// The first fault; if there is none, the counters that are not where the acts left them.
fn walk_over(sql: &mut dyn Sql, walk: &mut Walk<'_>) -> Result<(Option<Fault>, Vec<Counter>)> {
    walk.learn(Change::all(sql)?);
    loop {
        let page = Page::read(sql, walk.size(), PAGE)?;
        let full = page.acts.len() == PAGE as usize;
        if let Err(fault) = walk.take(page) {
            return Ok((Some(fault), Vec::new()));
        }
        if !full {
            return match ending(sql, walk)? {
                None => Ok((None, walk.series().differing(sql)?)),
                fault => Ok((fault, Vec::new())),
            };
        }
    }
}

/// Goes on act by act from where the store could not read, to name the act at which that is. The store reads no row
/// that follows an unreadable one in the same snapshot, so each act has one of its own.
fn unreadable(store: &Store, from: i64, error: &store::Error) -> Fault {
    let mut number = from;
    loop {
        match store.read(|sql| Page::read(sql, number, 1).and_then(|page| page.last())) {
            Ok(Some(next)) if next > number => number = next,
            Ok(_) => return Fault { number, what: What::Unreadable(error.to_string()) },
            Err(error) => return Fault { number: number + 1, what: What::Unreadable(error.to_string()) },
        }
    }
}

/// What stands beyond the last act, or is missing at the end.
fn ending(sql: &mut dyn Sql, walk: &Walk<'_>) -> Result<Option<Fault>> {
    let (size, head) = (walk.size(), stored_head(sql)?);
    let beyond = "select coalesce((select max(size) from checkpoints), 0), coalesce((select max(number) from bodies), 0),
                  (select count(*) from nodes),
                  (select count(*) from acts where number < 1) + (select count(*) from bodies where number < 1)
                  + (select count(*) from checkpoints where size < 1)";
    let row = sql.query_one(beyond, &[])?.ok_or(Error::Empty)?;
    let (signed, body, nodes, before): (i64, i64, i64, i64) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let said = signed.max(head.as_ref().map_or(0, Head::size));
    let what = if said > size {
        Some((size + 1, What::Truncated { said }))
    } else if let Some(odd) = walk.odd_body() {
        Some(odd)
    } else if before > 0 {
        Some((1, What::BeforeFirst))
    } else if body > size {
        Some((body, What::BodyWithoutAct))
    } else if signed < size {
        Some((signed + 1, What::Unsigned))
    } else if nodes != walk.nodes() {
        Some((size, What::StrayNodes { expected: walk.nodes(), found: nodes }))
    } else if let Some(why) = wrong_head(walk, &head) {
        Some((size, What::Head(why)))
    } else {
        walk.signers().unfounded().map(|number| (number, What::Keys))
    };
    Ok(what.map(|(number, what)| Fault { number, what }))
}

fn stored_head(sql: &mut dyn Sql) -> Result<StoredHead> {
    match Head::read(sql) {
        Ok(head) => Ok(Ok(head)),
        Err(Error::Record(why)) => Ok(Err(why)),
        Err(error) => Err(error),
    }
}

fn wrong_head(walk: &Walk<'_>, head: &StoredHead) -> Option<String> {
    match head {
        Err(why) => Some(why.clone()),
        Ok(head) if head.ledger != walk.ledger() => {
            Some(format!("the head names the ledger {}", head.ledger))
        }
        Ok(head) if head.frontier != *walk.frontier() => {
            Some("the head is not the one of the last act".into())
        }
        Ok(head) if head.recorded.as_microsecond() != walk.last_recorded() => {
            Some("the head bears another time than the last act".into())
        }
        Ok(_) => None,
    }
}

/// A stretch of the record as it lies in the tables.
struct Page {
    acts: Vec<store::Row>,
    bodies: Vec<store::Row>,
    nodes: Vec<store::Row>,
    checkpoints: Vec<store::Row>,
}

impl Page {
    /// Reads at most `limit` acts after `from`, and all that belongs to them.
    fn read(sql: &mut dyn Sql, from: i64, limit: i64) -> Result<Page> {
        let acts = "select number, id, kind, matter, sequence, recorded, leaf, hash from acts
                    where number > $1 order by number limit $2";
        let acts = sql.query(acts, &[from.into(), limit.into()])?;
        let to: i64 = acts.last().map_or(Ok(from), |row| row.get(0))?;
        let bounds = [from.into(), to.into()];
        let bodies =
            "select number, salt, body from bodies where number > $1 and number <= $2 order by number";
        let checkpoints =
            "select size, note, recorded from checkpoints where size > $1 and size <= $2 order by size";
        Ok(Page {
            acts,
            bodies: sql.query(bodies, &bounds)?,
            nodes: nodes(sql, from, to)?,
            checkpoints: sql.query(checkpoints, &bounds)?,
        })
    }

    /// The number of its last act.
    fn last(&self) -> Result<Option<i64>> {
        Ok(self.acts.last().map(|row| row.get(0)).transpose()?)
    }
}

/// The tops of the tiles that fill while the record grows from `from` to `to` acts.
fn nodes(sql: &mut dyn Sql, from: i64, to: i64) -> Result<Vec<store::Row>> {
    let mut rows = Vec::new();
    for level in (crate::tiles::HEIGHT..63).step_by(crate::tiles::HEIGHT as usize) {
        let (first, end) = (from >> level, to >> level);
        if first < end {
            let query = "select level, position, hash from nodes where level = $1 and position >= $2 and position < $3";
            rows.extend(sql.query(query, &[level.into(), first.into(), end.into()])?);
        }
    }
    Ok(rows)
}
