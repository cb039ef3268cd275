//! A time limit as the law files state it.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::count::{Direction, First, Period, Roll, Unit};
use crate::statute::{Basis, Certainty, Validity};
use crate::text::Text;

/// A time limit. Where unit, start or roll is in doubt it is read twice: strictly for warning, loosely for finding a breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub id: String,
    /// The folder of `law/` it stands in, such as `national`.
    pub layer: String,
    pub title: Text,
    pub valid: Validity,
    pub basis: Vec<Basis>,
    pub citation: Text,
    /// The least certain of period, unit, start and roll.
    pub certainty: Certainty,
    pub source: Option<String>,
    /// Shown as "example, not in force"; founds no real decision.
    pub example: bool,
    pub starts_on: StartsOn,
    pub strict: Reading,
    pub loose: Reading,
    /// Why there are two readings.
    pub doubt: Option<Text>,
    pub extended_by: Option<Extensible>,
    pub on_expiry: Expiry,
    /// Workdays before the strict end (hours for hour limits) at which the warning begins.
    pub warn_at: u32,
    pub note: Option<Text>,
    #[serde(skip)]
    pub(crate) version: String,
}

impl Rule {
    /// A digest of the whole rule, stored with every result it decided.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The rule with its digest taken, as the last step of loading.
    pub(crate) fn sealed(self) -> Rule {
        let bytes = serde_json::to_vec(&self).unwrap_or_default();
        let version = hex::encode(&Sha256::digest(bytes)[..16]);
        Rule { version, ..self }
    }

    /// Whether a ground suspends at least one of the two readings.
    #[must_use]
    pub fn suspended_by(&self, ground: &str) -> bool {
        self.strict.suspended_by(ground) || self.loose.suspended_by(ground)
    }
}

/// The event from whose effective time a limit counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StartsOn {
    /// Any one of these.
    pub events: Vec<String>,
    /// The event in words, as it stands in a trace.
    pub title: Text,
}

/// One way to read a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    pub unit: Unit,
    pub n: u32,
    pub direction: Direction,
    pub first: First,
    pub roll: Roll,
    pub suspended_by: Vec<String>,
}

impl Reading {
    /// The period to be counted, prolonged by an extension in the same unit.
    #[must_use]
    pub fn period(&self, extension: u32) -> Period {
        let n = self.n.saturating_add(extension);
        Period { unit: self.unit, n, direction: self.direction, first: self.first, roll: self.roll }
    }

    pub(crate) fn suspended_by(&self, ground: &str) -> bool {
        self.suspended_by.iter().any(|known| known == ground)
    }
}

/// Who may extend a limit and how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extensible {
    pub approver: Text,
    /// In the limit's own unit; `None` where the law names no ceiling we know.
    pub most: Option<u32>,
    /// What must be told to the party, and how.
    pub notice: Text,
    /// An extension that is not V moves only the loose reading.
    pub certainty: Certainty,
}

/// What the end of the limit brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Expiry {
    /// Whoever had to act is late.
    Breach,
    /// The law takes an outcome as given.
    Deemed { outcome: String, from: DeemedFrom },
    /// Whoever might act no longer may.
    RightLapses,
    /// A state or restriction is over.
    Ends { outcome: String },
}

/// Since when a deemed outcome is taken as given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeemedFrom {
    Start,
    End,
}
