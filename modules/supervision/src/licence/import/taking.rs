//! Takes licences into the register: one act each, inside the transaction of their batch.

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

/// Takes licences into the register, inside one transaction.
pub(super) struct Taking<'t, 'w> {
    pub writing: &'t mut Writing<'w>,
    pub run: &'t mut Run,
    pub bound: &'t Bound,
    pub scheme: &'t NumberScheme,
}

impl Taking<'_, '_> {
    /// Writes what the file says of one licence, if it is new or an agreed change.
    pub fn take(&mut self, row: u64, data: LicenceData) -> Result<()> {
        self.run.position = i64::try_from(row)?;
        match compare(self.writing.sql(), &self.run.source, &data, self.bound)? {
            Compared::Unchanged | Compared::GrantedHere => Ok(()),
            Compared::New => {
                let key = MatterKey::new("licence", self.writing.new_id()?);
                let import = self.open()?;
                self.raise_series(&data.number)?;
                let imported =
                    Imported { import, source: self.run.source.clone(), row: self.run.position, data };
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

    /// Sees to it that the number is never given out here, even when its licence is erased from the register later.
    fn raise_series(&mut self, number: &str) -> Result<()> {
        let Ok(number) = self.scheme.parse(number) else { return Ok(()) };
        let series = self.scheme.series(number.subject.unwrap_or(Subject::Individual));
        Ok(self.writing.raise_number(&series, number.serial)?)
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
