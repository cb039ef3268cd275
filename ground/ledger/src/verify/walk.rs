//! The state of a walk: the tree so far, the last number of every matter, and what each act must be to go on.

use std::collections::{BTreeSet, HashMap};
use std::iter::Peekable;
use std::vec::IntoIter;

use store::{FromValue, Row, Value};

use super::counter::{Borne, Counter, Series};
use super::fault::{Fault, What};
use super::signers::Signers;
use super::{Page, Report};
use crate::act::{Leaf, commitment};
use crate::erasure::{ERASED, Erased, erasures};
use crate::rotation::Change;
use crate::tiles::HEIGHT;
use crate::tree::{Closed, Frontier, Head, leaf_hash};
use crate::{Hash, MatterKey, VerifierKey};

pub(super) struct Walk<'a> {
    ledger: &'a str,
    signers: Signers,
    /// Acts without a body.
    gone: BTreeSet<i64>,
    /// Acts whose body an act of erasure names.
    erased: BTreeSet<i64>,
    /// The matter of all acts of erasure.
    erasures: MatterKey,
    frontier: Frontier,
    sequences: HashMap<String, i64>,
    series: Series,
    recorded: i64,
    nodes: i64,
    checkpoints: i64,
    signed: i64,
}

impl<'a> Walk<'a> {
    /// The ledger is the one whose name the keys bear.
    pub(super) fn new(keys: &'a [VerifierKey]) -> Walk<'a> {
        Walk {
            ledger: keys.first().map_or("", VerifierKey::name),
            signers: Signers::new(keys),
            gone: BTreeSet::new(),
            erased: BTreeSet::new(),
            erasures: erasures(),
            frontier: Frontier::default(),
            sequences: HashMap::new(),
            series: Series::default(),
            recorded: 0,
            nodes: 0,
            checkpoints: 0,
            signed: 0,
        }
    }

    pub(super) fn size(&self) -> i64 {
        self.frontier.size().cast_signed()
    }

    pub(super) fn nodes(&self) -> i64 {
        self.nodes
    }

    pub(super) fn signers(&self) -> &Signers {
        &self.signers
    }

    pub(super) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    pub(super) fn last_recorded(&self) -> i64 {
        self.recorded
    }

    /// The changes of keys that the record tells of.
    pub(super) fn learn(&mut self, changes: Vec<Change>) {
        self.signers.learn(changes);
    }

    pub(super) fn ledger(&self) -> &str {
        self.ledger
    }

    /// The first act whose body is gone unnamed, or named as erased and still there: known at the end of the record
    /// only, because an act of erasure comes after those that it names.
    pub(super) fn odd_body(&self) -> Option<(i64, What)> {
        let number = *self.gone.symmetric_difference(&self.erased).next()?;
        let what = if self.gone.contains(&number) { What::BodyMissing } else { What::BodyNotErased };
        Some((number, what))
    }

    pub(super) fn series(&self) -> &Series {
        &self.series
    }

    pub(super) fn report(&self, fault: Option<Fault>, counters: Vec<Counter>) -> Report {
        let acts = fault.as_ref().map_or(self.size(), |fault| self.size().min(fault.number - 1));
        let (keys, replaced) = (self.signers.keys().to_vec(), self.signers.replaced().to_vec());
        let erased = self.gone.intersection(&self.erased).count().cast_signed() as i64;
        Report { acts, checkpoints: self.checkpoints, erased, keys, replaced, counters, fault }
    }

    /// Goes over a stretch of the record.
    pub(super) fn take(&mut self, page: Page) -> Result<(), Fault> {
        let mut bodies = page.bodies.into_iter().peekable();
        let mut checkpoints = page.checkpoints.into_iter().peekable();
        let nodes = stored_nodes(&page.nodes);
        for row in &page.acts {
            let number = self.size() + 1;
            let checked = self
                .act(row, number, &mut bodies)
                .and_then(|hash| self.join(hash, &nodes))
                .and_then(|()| self.checkpoint(number, &mut checkpoints));
            checked.map_err(|what| Fault { number, what })?;
        }
        Ok(())
    }

    fn act(&mut self, row: &Row, number: i64, bodies: &mut Peekable<IntoIter<Row>>) -> Result<Hash, What> {
        let next: i64 = get(row, 0)?;
        if next != number {
            return Err(What::Missing { next });
        }
        let Some(Value::Bytes(bytes)) = row.values().get(6) else {
            return Err(What::Row("its header is no bytes".into()));
        };
        let hash = leaf_hash(bytes);
        if get::<Hash>(row, 7)? != hash {
            return Err(What::Hash);
        }
        let leaf = Leaf::decode(bytes).map_err(What::Leaf)?;
        self.header(row, &leaf)?;
        self.body(&leaf, bodies)?;
        Ok(hash)
    }

    fn header(&mut self, row: &Row, leaf: &Leaf<'_>) -> Result<(), What> {
        columns(row, leaf)?;
        if leaf.ledger != self.ledger {
            return Err(What::Ledger { found: leaf.ledger.to_string() });
        }
        if leaf.recorded < self.recorded {
            return Err(What::Backwards);
        }
        if leaf.effective < leaf.recorded && leaf.reason.is_none() {
            return Err(What::ReasonMissing);
        }
        self.recorded = leaf.recorded;
        for (series, value) in &leaf.numbers {
            self.series.take(series, Borne { value: *value, act: leaf.number })?;
        }
        self.sequence(&leaf.matter, leaf.sequence)
    }

    fn sequence(&mut self, matter: &str, found: i64) -> Result<(), What> {
        let expected = match self.sequences.get_mut(matter) {
            Some(last) => {
                *last += 1;
                *last
            }
            None => {
                self.sequences.insert(matter.to_owned(), 1);
                1
            }
        };
        if found == expected { Ok(()) } else { Err(What::Sequence { expected, found }) }
    }

    fn body(&mut self, leaf: &Leaf<'_>, bodies: &mut Peekable<IntoIter<Row>>) -> Result<(), What> {
        let number = leaf.number;
        let bound = leaf.commitment().map_err(What::Leaf)?;
        let here = bodies.next_if(|row| row.values().first() == Some(&Value::Int(number)));
        match here.as_ref().map(Row::values) {
            Some([_, Value::Bytes(salt), Value::Bytes(body)]) if commitment(salt, body) == bound => {
                self.erasure(leaf, body)
            }
            Some(_) => Err(What::Body),
            None if self.is_erasure(leaf) => Err(What::BodyMissing),
            None => {
                self.gone.insert(number);
                Ok(())
            }
        }
    }

    /// An act of erasure keeps its own body for ever.
    fn is_erasure(&self, leaf: &Leaf<'_>) -> bool {
        leaf.kind == ERASED && *leaf.matter == *self.erasures.as_str()
    }

    fn erasure(&mut self, leaf: &Leaf<'_>, body: &[u8]) -> Result<(), What> {
        if self.is_erasure(leaf) {
            let erased: Erased = serde_json::from_slice(body)
                .map_err(|error| What::Leaf(format!("its body is no erasure: {error}")))?;
            self.erased.extend(erased.numbers);
        }
        Ok(())
    }

    fn join(&mut self, leaf: Hash, stored: &HashMap<(u32, u64), Hash>) -> Result<(), What> {
        let mut wrong = None;
        let mut filled = 0;
        self.frontier.append(leaf, |Closed { level, position, hash }| {
            if level % HEIGHT == 0 {
                filled += 1;
                if stored.get(&(level, position)) != Some(&hash) {
                    wrong = wrong.take().or(Some(What::Node { level, position }));
                }
            }
        });
        self.nodes += filled;
        wrong.map_or(Ok(()), Err)
    }

    fn checkpoint(&mut self, number: i64, checkpoints: &mut Peekable<IntoIter<Row>>) -> Result<(), What> {
        let Some(row) = checkpoints.next_if(|row| row.values().first() == Some(&Value::Int(number))) else {
            return Ok(());
        };
        let note: String = get(&row, 1)?;
        let checkpoint = self.signers.open(&note, self.signed, number)?;
        if checkpoint.origin() != self.ledger || checkpoint.head().size != self.frontier.size() {
            return Err(What::Checkpoint("it is of another ledger or another size".into()));
        }
        if checkpoint.head() != (Head { size: self.frontier.size(), root: self.frontier.root() }) {
            return Err(What::Root { from: self.signed + 1 });
        }
        if get::<i64>(&row, 2)? != self.recorded {
            return Err(What::Checkpoint("it bears another time than the last act under it".into()));
        }
        self.checkpoints += 1;
        self.signed = number;
        Ok(())
    }
}

fn stored_nodes(rows: &[Row]) -> HashMap<(u32, u64), Hash> {
    let read = |row: &Row| {
        let (level, position): (i64, i64) = (row.get(0).ok()?, row.get(1).ok()?);
        Some(((u32::try_from(level).ok()?, position.cast_unsigned()), row.get(2).ok()?))
    };
    rows.iter().filter_map(read).collect()
}

/// Whether the columns, by which acts are found, say what the header says.
fn columns(row: &Row, leaf: &Leaf<'_>) -> Result<(), What> {
    let texts = [("id", 1, &leaf.id), ("kind", 2, &leaf.kind), ("matter", 3, &leaf.matter)];
    for (column, index, said) in texts {
        if !matches!(row.values().get(index), Some(Value::Text(text)) if *text == **said) {
            return Err(What::Column { column });
        }
    }
    for (column, index, said) in
        [("number", 0, leaf.number), ("sequence", 4, leaf.sequence), ("time", 5, leaf.recorded)]
    {
        if row.values().get(index) != Some(&Value::Int(said)) {
            return Err(What::Column { column });
        }
    }
    Ok(())
}

fn get<T: FromValue>(row: &Row, index: usize) -> Result<T, What> {
    row.get(index).map_err(|error| What::Row(error.to_string()))
}
