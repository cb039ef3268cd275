//! The counters of series, held against the numbers that the headers of acts bear.

use std::collections::BTreeMap;
use std::fmt;

use store::Sql;

use super::fault::What;
use crate::Result;

/// The highest number of a series that an act bears, and which act that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Borne {
    pub value: i64,
    pub act: i64,
}

/// A counter that does not stand where the record left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub series: String,
    /// Where it stands; none if it is gone.
    pub found: Option<i64>,
    /// What the record says; none if no act speaks of the series.
    pub borne: Option<Borne>,
}

impl Counter {
    /// Whether a number that was given out would be given out again.
    pub fn is_behind(&self) -> bool {
        self.borne.is_some_and(|borne| self.found < Some(borne.value))
    }

    /// Whether the next number will leave a hole. A restore to an earlier point leaves counters so on purpose: numbers of
    /// the acts that it left out were given out all the same.
    pub fn is_ahead(&self) -> bool {
        self.borne.is_some_and(|borne| self.found > Some(borne.value))
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counter { series, found, borne } = self;
        match found {
            Some(found) => write!(formatter, "the counter of {series} stands at {found}")?,
            None => write!(formatter, "the counter of {series} is missing")?,
        }
        match borne {
            Some(Borne { value, act }) => {
                write!(formatter, ", but the last number is {value}, borne by act {act}")
            }
            None => write!(formatter, ", and no act bears a number of this series"),
        }
    }
}

/// What the acts of a walk have said of the series so far.
#[derive(Default)]
pub(super) struct Series(BTreeMap<String, Borne>);

impl Series {
    /// Takes in what an act bears: a number is never given out twice.
    pub(super) fn take(&mut self, series: &str, borne: Borne) -> Result<(), What> {
        match self.0.get_mut(series) {
            Some(last) if last.value >= borne.value => {
                let (series, last, found) = (series.to_owned(), last.value, borne.value);
                Err(What::Number { series, last, found })
            }
            Some(last) => {
                *last = borne;
                Ok(())
            }
            None => {
                self.0.insert(series.to_owned(), borne);
                Ok(())
            }
        }
    }

    /// The counters that do not stand where these acts left them, those behind first.
    pub(super) fn differing(&self, sql: &mut dyn Sql) -> Result<Vec<Counter>> {
        let mut stored: BTreeMap<String, i64> = BTreeMap::new();
        for row in sql.query("select series, value from counters", &[])? {
            stored.insert(row.get(0)?, row.get(1)?);
        }
        let names = self.0.keys().chain(stored.keys().filter(|series| !self.0.contains_key(*series)));
        let mut differing: Vec<Counter> = names
            .map(|series| Counter {
                series: series.clone(),
                found: stored.get(series).copied(),
                borne: self.0.get(series).copied(),
            })
            .filter(|counter| counter.found != counter.borne.map(|borne| borne.value))
            .collect();
        differing.sort_by_key(|counter| !counter.is_behind());
        Ok(differing)
    }
}
