//! Statutes with their versions, and the rules of counting that they contain.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::count::Unit;
use crate::text::Text;

/// How sure we are of a statement of law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Certainty {
    /// Read in the text of the law itself.
    V,
    /// Seen in a secondary page or an excerpt.
    S,
    /// From memory, to be checked before release.
    M,
    /// A proposal for this product, not a fact of the field.
    P,
}

/// The days in which a version is in force, both included; an open end is unknown or still in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub to: Option<Date>,
}

impl Validity {
    /// Whether a day falls into the validity.
    #[must_use]
    pub fn holds(&self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on) && self.to.is_none_or(|to| on <= to)
    }

    /// Whether some day falls into both.
    #[must_use]
    pub fn overlaps(&self, other: &Validity) -> bool {
        let starts_in_time = |one: &Validity, two: &Validity| match (one.from, two.to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        starts_in_time(self, other) && starts_in_time(other, self)
    }

    pub(crate) fn reversed(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }
}

/// A law, regulation or rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statute {
    pub id: String,
    pub title: Text,
    pub versions: Vec<Version>,
}

impl Statute {
    /// The version in force on a day.
    #[must_use]
    pub fn version_on(&self, on: Date) -> Option<&Version> {
        self.versions.iter().find(|version| version.valid.holds(on))
    }
}

/// One version of a statute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// As it is usually called, such as 2021年修订.
    pub name: String,
    pub valid: Validity,
    pub certainty: Certainty,
    /// Where we read it.
    pub source: String,
}

/// A place in a statute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub statute: String,
    #[serde(default)]
    pub article: Option<u16>,
    #[serde(default)]
    pub paragraph: Option<u16>,
    #[serde(default)]
    pub item: Option<u16>,
}

/// A rule on how periods are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counting {
    pub id: String,
    pub kind: CountingKind,
    pub basis: Basis,
    pub certainty: Certainty,
    /// For `Unit` only: the numbers of days meant (`None` = all) and their unit.
    pub days: Option<Vec<u32>>,
    pub unit: Option<Unit>,
    pub text: Text,
    pub note: Option<Text>,
}

/// What a rule of counting settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountingKind {
    Unit,
    First,
    Roll,
    MonthEnd,
    EndOfDay,
    Inclusive,
}

impl Counting {
    /// The unit this rule commands for a period of n days under a statute.
    pub(crate) fn commands(&self, statute: &str, n: u32) -> Option<Unit> {
        let meant = self.days.as_ref().is_none_or(|days| days.contains(&n));
        (self.basis.statute == statute && meant).then_some(self.unit).flatten()
    }
}
