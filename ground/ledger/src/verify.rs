//! The walk over the whole record: every leaf, body, tile and checkpoint is computed anew, and the first fault is named.
//!
//! Without witnesses a holder of the key who rewrites the tail of the record, and signs new checkpoints over it, stays
//! unseen: what he leaves is a record that holds together. Only a neighbour who kept an older checkpoint can tell.

mod counter;
mod fault;
mod page;
mod pipeline;
mod signers;
mod walk;

use store::{Sql, Store};

use crate::head::Head;
use crate::rotation::Change;
use crate::{Error, Result, VerifierKey};

pub use counter::{Borne, Counter};
pub use fault::{Fault, What};
use page::Page;
use walk::Walk;

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
    if let Some(fault) = pipeline::run(sql, walk)? {
        return Ok((Some(fault), Vec::new()));
    }
    match ending(sql, walk)? {
        None => Ok((None, walk.series().differing(sql)?)),
        fault => Ok((fault, Vec::new())),
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
