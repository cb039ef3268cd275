//! The answer, rule by rule: verdict, figures, and what is missing where there is no verdict.

use law::Text;

use super::capacity::Unit;
use super::measurement::Evidence;
use super::rule::{NoGround, ReliefCondition, Rule};

/// What a rule says of the place, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The rule does not speak of this place.
    NotConcerned,
    Allowed,
    /// Ask the counter; `missing` says what for.
    Undetermined,
    Forbidden,
}

/// One rule's part of the answer.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    pub rule: &'a Rule,
    pub verdict: Verdict,
    pub figures: Vec<Figure>,
    /// Empty unless the verdict is `Undetermined`.
    pub missing: Vec<Missing>,
    /// Whether a refusal may rest on it.
    pub ground: Result<(), NoGround>,
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    pub findings: Vec<Finding<'a>>,
    /// Whether the bureau states that its rules are all here.
    pub whole: bool,
}

impl<'a> Answer<'a> {
    /// What the rules in force say together. A made-up rule says nothing; and where the bureau's rules are not all here, that
    /// none of them objects allows nothing.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let worst = self.worst(false).unwrap_or(Verdict::NotConcerned);
        match worst {
            Verdict::Forbidden => Verdict::Forbidden,
            _ if !self.whole => Verdict::Undetermined,
            Verdict::NotConcerned => Verdict::Allowed,
            other => other,
        }
    }

    /// What the made-up rules would say; `None` if there are none here.
    #[must_use]
    pub fn of_examples(&self) -> Option<Verdict> {
        self.worst(true)
    }

    fn worst(&self, example: bool) -> Option<Verdict> {
        let findings = self.findings.iter().filter(|finding| finding.rule.example == example);
        findings.map(|finding| finding.verdict).max()
    }
}

/// A number on which a verdict rests.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    Distance {
        to: Neighbour,
        metres: f64,
        measured: bool,
        limit: Option<u32>,
    },
    /// The spacing after a relief.
    Relief {
        group: String,
        percent: u32,
        decimetres: u32,
    },
    /// A condition of the relief is not met, so there is none.
    NoRelief(ReliefCondition),
    Capacity {
        zone: Text,
        size: Option<(Unit, u32)>,
        places: u32,
        taken: u32,
        waiting: u32,
    },
    /// Inside this zone.
    Inside(Text),
    /// A licence older than the rule is renewed in spite of it.
    Kept,
    /// A holder who had to move is free of this rule.
    FreeToMove {
        because_of: String,
    },
}

/// To what a distance was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// An outlet of the register; whether its name may be shown is decided by the page.
    Outlet { id: String, number: String, name: String, division: String },
    /// A school or other place; entrances are counted from 1.
    Place { name: Text, entrance: Option<usize>, example: bool },
}

/// What nobody knows yet. Each names exactly what is to be brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// The rule names no distance.
    Distance,
    /// In which division the place lies: this one is too coarse for the rule.
    Division(String),
    AreaKind,
    /// Whether the rule's condition is met.
    Condition(Text),
    /// A complete list of places of these kinds.
    List(Vec<String>),
    /// Entrances of a place.
    Entrances(Text),
    /// The boundary of a place.
    Boundary(Text),
    /// Schools beyond the bureau's own boundary, so many metres away.
    Beyond {
        metres: f64,
    },
    /// A walked way to a neighbour in reach.
    Way(Neighbour),
    /// A measurement on the spot: the computed distance is too near to the limit.
    Measurement {
        to: Neighbour,
        metres: f64,
        limit: f64,
    },
    /// A measurement that cannot be true together with the positions on the map: measure again, or mend the position.
    Contradiction {
        to: Neighbour,
        measured: f64,
        computed: f64,
    },
    /// Evidence without which a measurement counts for nothing.
    Evidence {
        to: Neighbour,
        lacks: Vec<Evidence>,
    },
    /// Where so many outlets stand.
    Positions(usize),
    /// What an outlet in reach sells.
    Goods(Neighbour),
    /// Whether the applicant fulfils a condition of the relief.
    Relief(ReliefCondition),
    /// In which zone of a kind the place lies.
    Zone(String),
    Size {
        zone: Text,
        unit: Unit,
    },
    /// Whether so many outlets or applications belong to the zone.
    Members {
        zone: Text,
        count: u32,
    },
    /// The decision on so many applications accepted earlier.
    Earlier {
        zone: Text,
        count: u32,
    },
    /// What becomes at expiry of licences older than the rule.
    Existing,
}
