//! One rule of the layout (合理布局), as a jurist writes it in `region/<bureau>/layout.toml`.

use jiff::civil::Date;
use law::{Certainty, Text, Validity};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::capacity::Formula;
use crate::licence::data::{AreaKind, Scope};

/// A rule with everything that decides where and when it holds, and what may rest on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Small letters, digits, dots, hyphens; acts name it, so it is never renamed.
    pub id: String,
    pub title: Text,
    /// Division codes in which it holds, each with all that lies in it.
    pub areas: Vec<String>,
    /// Kinds of area in which it holds; empty = all.
    #[serde(default)]
    pub area_kinds: Vec<AreaKind>,
    pub goods: Vec<Scope>,
    pub demand: Demand,
    /// A fact that only an officer can see on the spot, e.g. "on a main road"; the rule holds only where it is so.
    #[serde(default)]
    pub condition: Option<Text>,
    #[serde(default)]
    pub reliefs: Vec<Relief>,
    /// What becomes of licences that were there before the rule; `None` where the rule is silent.
    #[serde(default)]
    pub existing: Option<Existing>,
    pub valid: Validity,
    /// Document and article, as they stand in a refusal.
    #[serde(default)]
    pub citation: Option<Text>,
    /// Where it was read.
    #[serde(default)]
    pub source: Option<String>,
    pub certainty: Certainty,
    /// Made up for a demonstration: marked on every screen and paper, and nothing may rest on it.
    #[serde(default)]
    pub example: bool,
    #[serde(default)]
    pub note: Option<Text>,
    /// Digest of all the above, so that an act can say which version decided.
    #[serde(skip_deserializing, default)]
    pub version: String,
}

/// What the rule demands of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields, rename_all = "kebab-case")]
pub enum Demand {
    /// At least so far from the next outlet; outlets are measured from the centre of their entrances.
    Spacing { metres: u32, measure: Measure },
    /// Farther than `reach` from every school. Which kinds of place are schools is the rule's own definition.
    School {
        schools: Vec<String>,
        /// `None` where the rule names no distance: then nothing can be computed from it.
        #[serde(default)]
        reach: Option<Reach>,
    },
    /// At most so many outlets in one zone of this kind (a market, a village, a grid).
    Cap { zone: String, formula: Formula },
    /// No outlet inside a zone of these kinds.
    ZoneBan { zones: Vec<String> },
}

/// How near is too near, and how it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reach {
    pub metres: u32,
    pub measure: Measure,
    pub reference: Reference,
}

/// How a distance is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// In a straight line: computed, and measured on the spot where the result is too near to the limit.
    Radius,
    /// Along the shortest way one can walk: never computed, always an officer's measurement.
    Walking,
}

/// From which points of a school one measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// From the centre of the entrance; of several the nearest counts, so one measured way is enough.
    EntranceCentre,
    /// From every entrance: each one in reach must be measured.
    EveryEntrance,
    /// From the boundary of the grounds.
    Boundary,
}

/// A shorter spacing for some applicants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relief {
    /// Groups of the same file, e.g. disabled persons.
    pub groups: Vec<String>,
    /// By how much the spacing shrinks.
    pub percent: u32,
    #[serde(default)]
    pub conditions: Vec<ReliefCondition>,
}

/// What the applicant must fulfil for a relief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReliefCondition {
    /// He runs the shop himself.
    RunsItHimself,
    /// He has no other licence in the city.
    OneLicencePerCity,
}

/// Licences older than the rule. Inside their validity they are never touched (细则 art. 18); this is about what comes after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Existing {
    /// Whether they are renewed at expiry although the rule forbids the place.
    pub renewed: bool,
    /// The rules from which a holder is free who moves away because of this one.
    #[serde(default)]
    pub moving_free_of: Vec<Kind>,
}

/// The four kinds of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Spacing,
    School,
    Cap,
    ZoneBan,
}

/// Why nothing may rest on a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoGround {
    #[error("no rule has this id")]
    Unknown,
    #[error("the rule is made up for a demonstration")]
    Example,
    #[error("the rule is not in force on that day")]
    NotInForce,
    #[error("the rule has no source")]
    NoSource,
    #[error("the rule stands here from memory or as a proposal and was never read")]
    NotRead,
    #[error("the rule names no distance, so the engine can decide nothing by it")]
    NoDistance,
}

impl Rule {
    pub fn kind(&self) -> Kind {
        match self.demand {
            Demand::Spacing { .. } => Kind::Spacing,
            Demand::School { .. } => Kind::School,
            Demand::Cap { .. } => Kind::Cap,
            Demand::ZoneBan { .. } => Kind::ZoneBan,
        }
    }

    /// Whether a real decision of that day may rest on the rule.
    ///
    /// # Errors
    /// Why it may not.
    pub fn ground(&self, day: Date) -> Result<(), NoGround> {
        let sourced = self.source.is_some() && self.citation.is_some();
        let without_distance = matches!(self.demand, Demand::School { reach: None, .. });
        match () {
            () if self.example => Err(NoGround::Example),
            () if !self.valid.holds(day) => Err(NoGround::NotInForce),
            () if !sourced => Err(NoGround::NoSource),
            () if self.certainty > Certainty::S => Err(NoGround::NotRead),
            () if without_distance => Err(NoGround::NoDistance),
            () => Ok(()),
        }
    }

    /// The kinds of place of which the rule speaks.
    pub fn places(&self) -> &[String] {
        match &self.demand {
            Demand::Spacing { .. } => &[],
            Demand::School { schools, .. } => schools,
            Demand::Cap { zone, .. } => std::slice::from_ref(zone),
            Demand::ZoneBan { zones } => zones,
        }
    }

    /// The rule with its digest taken, as the last step of loading.
    pub(super) fn sealed(self) -> Rule {
        let bytes = serde_json::to_vec(&Rule { version: String::new(), ..self.clone() }).unwrap_or_default();
        Rule { version: hex::encode(&Sha256::digest(bytes)[..16]), ..self }
    }
}
