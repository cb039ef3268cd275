//! Which keys must have signed each checkpoint of a walk: those in force at its size, and where an act has introduced them
//! since the checkpoint before, those too that handed over.

use super::fault::What;
use crate::note::in_force;
use crate::rotation::Change;
use crate::{Checkpoint, VerifierKey, keys};

pub(super) struct Signers {
    keys: Vec<VerifierKey>,
    changes: Vec<Change>,
    replaced: Vec<i64>,
}

impl Signers {
    pub(super) fn new(keys: &[VerifierKey]) -> Signers {
        Signers { keys: keys.to_vec(), changes: Vec::new(), replaced: Vec::new() }
    }

    pub(super) fn learn(&mut self, changes: Vec<Change>) {
        self.changes = changes;
    }

    /// Those given and those learnt.
    pub(super) fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// The acts by which lost keys were replaced.
    pub(super) fn replaced(&self) -> &[i64] {
        &self.replaced
    }

    /// Checks the checkpoint over `size` acts; the one before covers `before`.
    pub(super) fn open(&mut self, note: &str, before: i64, size: i64) -> Result<Checkpoint, What> {
        let failed = |error: crate::Error| What::Checkpoint(error.to_string());
        let mut handed_over = Vec::new();
        for change in self.changes.iter().filter(|change| before < change.number && change.number <= size) {
            if change.introduced {
                handed_over.extend(before_change(&self.keys, change));
            } else {
                self.replaced.push(change.number);
            }
            take(&mut self.keys, change)?;
        }
        let checkpoint = Checkpoint::open(note, &self.keys).map_err(failed)?;
        if !handed_over.is_empty() {
            Checkpoint::open(note, &handed_over).map_err(failed)?;
        }
        Ok(checkpoint)
    }

    /// The first act from which on given keys are said to sign although it names none.
    pub(super) fn unfounded(&self) -> Option<i64> {
        let named = |from: &i64| *from == 0 || self.changes.iter().any(|change| change.number == *from);
        self.keys.iter().map(VerifierKey::from).filter(|from| !named(from)).min()
    }
}

/// The keys that were in force when the change came.
fn before_change(keys: &[VerifierKey], change: &Change) -> Vec<VerifierKey> {
    let name = change.keys.first().map_or("", VerifierKey::name);
    let before = in_force(keys, name, (change.number - 1).cast_unsigned());
    before.into_iter().map(|key| key.clone().starting(0)).collect()
}

/// Learns the keys of a change, unless they were given: then they must be the same.
fn take(keys: &mut Vec<VerifierKey>, change: &Change) -> Result<(), What> {
    let given: Vec<_> = keys.iter().filter(|key| key.from() == change.number).cloned().collect();
    match given.is_empty() {
        true if change.introduced => {
            keys.extend_from_slice(&change.keys);
            Ok(())
        }
        true => Err(What::Replaced { number: change.number }),
        false if keys::same(&given, &change.keys) => Ok(()),
        false => Err(What::Keys),
    }
}
