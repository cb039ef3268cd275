//! The state of a walk: the tree so far, the last number of every matter, and what each act must be to go on.

use std::collections::{BTreeSet, HashMap};
use std::iter::Peekable;
use std::vec::IntoIter;

use store::{Row, Value};

use super::Report;
use super::counter::{Borne, Counter, Series};
use super::fault::{Fault, What};
use super::page::{BodyFound, Checked, Sound, get};
use super::signers::Signers;
use crate::rotation::Change;
use crate::tiles::HEIGHT;
use crate::tree::{Closed, Frontier, Head};
use crate::{Hash, VerifierKey};

pub(super) struct Walk<'a> {
    ledger: &'a str,
    signers: Signers,
    /// Acts without a body.
    gone: BTreeSet<i64>,
    /// Acts whose body an act of erasure names.
    erased: BTreeSet<i64>,
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
    pub(super) fn take(&mut self, page: Checked) -> Result<(), Fault> {
        let mut checkpoints = page.checkpoints.into_iter().peekable();
        for act in page.acts {
            let number = self.size() + 1;
            let joined = act
                .and_then(|act| self.follow(act, number))
                .and_then(|hash| self.join(hash, &page.nodes))
                .and_then(|()| self.checkpoint(number, &mut checkpoints));
            joined.map_err(|what| Fault { number, what })?;
        }
        Ok(())
    }

    /// Whether an act goes on from those before it.
    fn follow(&mut self, act: Sound, number: i64) -> Result<Hash, What> {
        if act.recorded < self.recorded {
            return Err(What::Backwards);
        }
        self.recorded = act.recorded;
        for (series, value) in &act.numbers {
            self.series.take(series, Borne { value: *value, act: number })?;
        }
        self.sequence(act.matter, act.sequence)?;
        match act.body {
            BodyFound::Here => {}
            BodyFound::Gone => {
                self.gone.insert(number);
            }
            BodyFound::Erases(numbers) => self.erased.extend(numbers),
        }
        Ok(act.hash)
    }

    fn sequence(&mut self, matter: String, found: i64) -> Result<(), What> {
        let last = self.sequences.entry(matter).or_default();
        *last += 1;
        let expected = *last;
        if found == expected { Ok(()) } else { Err(What::Sequence { expected, found }) }
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
