//! How many outlets a zone holds, and who comes first when the places are few.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How many outlets a zone of a given size may hold: `base` for the first `base-up-to` units, then one more for each
/// further `per` units begun or completed, and never more than `most`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Formula {
    /// Outlets that every zone may hold, whatever its size.
    #[serde(default)]
    pub base: u32,
    /// Units that the base already covers.
    #[serde(default)]
    pub base_up_to: u32,
    /// What grows with the size; without it the base is all.
    #[serde(default)]
    pub growth: Option<Growth>,
    #[serde(default)]
    pub most: Option<u32>,
}

/// One more outlet for so many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Growth {
    pub per: u32,
    pub of: Unit,
    pub round: Round,
}

/// In what the size of a zone is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Stalls,
    Inhabitants,
}

/// What a part of `per` units gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Round {
    /// Only completed ones count.
    Down,
    /// One that has begun counts.
    Up,
}

impl Formula {
    /// The places of a zone of this size; `None` if the size is needed and unknown.
    #[must_use]
    pub fn places(&self, size: impl Fn(Unit) -> Option<u32>) -> Option<u32> {
        let grown = match self.growth {
            None => 0,
            Some(growth) => growth.places(size(growth.of)?.saturating_sub(self.base_up_to)),
        };
        let all = self.base.saturating_add(grown);
        Some(self.most.map_or(all, |most| all.min(most)))
    }
}

impl Growth {
    fn places(self, units: u32) -> u32 {
        match self.round {
            Round::Down => units.checked_div(self.per).unwrap_or(0),
            Round::Up => units.div_ceil(self.per.max(1)),
        }
    }
}

/// An application's place in the order: the day from which it counts as accepted, then its number (行政许可法 art. 57).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    pub accepted: Date,
    /// Digits in the number: within a series longer ones came later.
    length: usize,
    pub number: String,
}

impl Turn {
    #[must_use]
    pub fn new(accepted: Date, number: impl Into<String>) -> Turn {
        let number = number.into();
        Turn { accepted, length: number.chars().count(), number }
    }
}

/// Those who get the free places: accepted earlier goes first, at most as many as there are places.
#[must_use]
pub fn served(free: u32, mut turns: Vec<Turn>) -> Vec<Turn> {
    turns.sort();
    turns.dedup();
    turns.truncate(usize::try_from(free).unwrap_or(usize::MAX));
    turns
}
