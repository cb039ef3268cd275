//! Takes licences into the register: one act each, inside the transaction of their batch.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use ledger::{Draft, MatterKey, Writing};

use super::acts::{ImportAct, KIND, Opened};
use super::compare::{Compared, compare};
use super::difference::Difference;
use super::mapping::Bound;
use super::tables::{self, Run};
use crate::bureau::NumberScheme;
use crate::licence::acts::{ImportChanged, Imported, LicenceAct};
use crate::licence::data::{LicenceData, Subject};

/// Sees to it that no number of the batch is ever given out here, even when its licence is erased from the register later.
pub(super) fn raise_series(
    writing: &mut Writing,
    scheme: &NumberScheme,
    batch: &[(u64, LicenceData)],
) -> Result<()> {
    let mut highest = BTreeMap::new();
    for number in batch.iter().filter_map(|(_, data)| scheme.parse(&data.number).ok()) {
        let series = scheme.series(number.subject.unwrap_or(Subject::Individual));
        let serial: &mut i64 = highest.entry(series).or_default();
        *serial = number.serial.max(*serial);
    }
    for (series, serial) in highest {
        writing.raise_number(&series, serial)?;
    }
    Ok(())
}

/// Takes licences into the register, inside one transaction.
pub(super) struct Taking<'t, 'w> {
    pub writing: &'t mut Writing<'w>,
    pub run: &'t mut Run,
    pub bound: &'t Bound,
}

impl Taking<'_, '_> {
    /// Writes what the file says of one licence, if it is new or an agreed change.
    pub fn take(&mut self, row: u64, data: LicenceData) -> Result<()> {
        self.run.position = i64::try_from(row)?;
        match compare(self.writing.sql(), &self.run.source, &data, self.bound)? {
            Compared::Unchanged | Compared::GrantedHere => Ok(()),
            Compared::New => {
                let key = MatterKey::new("licence", self.writing.new_id()?);
                let imported = Imported {
                    import: self.open()?,
                    source: self.run.source.clone(),
                    row: self.run.position,
                    data,
                };
                self.writing.append(Draft::new(&key, &LicenceAct::Imported(imported)))?;
                self.run.counts.added += 1;
                Ok(())
            }
            Compared::Changed(change) if self.agreed(&data.number, &change.differences)? => {
                let changed = ImportChanged {
                    import: self.open()?,
                    source: self.run.source.clone(),
                    row: self.run.position,
                    before: change.before,
                    data: change.after,
                };
                self.writing.append(Draft::new(&change.licence, &LicenceAct::ImportChanged(changed)))?;
                self.run.counts.altered += 1;
                Ok(())
            }
            Compared::Changed(_) => Ok(()),
        }
    }

    /// A change is written only if an officer agreed and exactly this change was shown to him.
    fn agreed(&mut self, number: &str, differences: &[Difference]) -> Result<bool> {
        Ok(self.run.accept_changes
            && tables::was_shown(self.writing.sql(), &self.run.id, number, differences)?)
    }

    /// The key of the import. Its act is written with the first licence, so that a file that says nothing new leaves no trace.
    fn open(&mut self) -> Result<String> {
        let key = MatterKey::new(KIND, self.run.id.parse()?);
        if !self.run.opened {
            let opened = Opened {
                source: self.run.source.clone(),
                file: self.run.file.clone(),
                digest: self.run.digest.clone(),
                rows: self.run.counts.rows,
                faulty: self.run.counts.faulty,
                mapping: self.run.mapping.clone().context("the import has no mapping")?,
                handed_in_by: Some(self.run.actor.clone()),
            };
            self.writing.append(Draft::new(&key, &ImportAct::Opened(opened)))?;
            self.run.opened = true;
        }
        Ok(key.to_string())
    }
}
