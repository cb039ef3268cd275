//! What is asked of the rules, and what the register knows of the surroundings.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::capacity::Turn;
use super::measurement::Measurement;
use super::place::Where;
use crate::licence::data::{AreaKind, Point, Scope};

/// May an outlet be here?
#[derive(Clone, Debug)]
pub struct Question {
    /// The centre of the shop's entrance.
    pub point: Point,
    /// The finest division known; the county at least.
    pub division: String,
    pub area_kind: Option<AreaKind>,
    pub goods: Scope,
    /// Grid of the register, if it is known.
    pub grid: Option<String>,
    /// The day of which the rules are asked.
    pub on: Date,
    pub purpose: Purpose,
    pub applicant: Applicant,
    /// By rule id: whether the rule's condition is met, as an officer saw it.
    pub confirmed: BTreeMap<String, bool>,
    pub measurements: Vec<Measurement>,
    /// The licence that stands here already, which is no neighbour of itself.
    pub own: Option<String>,
    /// The place of the asking application in the order; without one it comes after all that are accepted.
    pub turn: Option<Turn>,
}

/// For what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    New,
    /// Renewal at expiry of a licence first granted on that day.
    Renewal {
        granted: Date,
    },
    /// A holder moves here because this rule no longer lets him stay.
    Move {
        because_of: String,
    },
}

/// What the applicant states for a relief; `None` = not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applicant {
    pub group: Option<String>,
    pub runs_it_himself: Option<bool>,
    pub other_licence_in_city: Option<bool>,
}

/// An outlet of the register that is running on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    pub id: String,
    pub number: String,
    pub name: String,
    pub division: String,
    /// `None` where the register does not know it.
    pub point: Option<Point>,
    pub grid: Option<String>,
    /// Empty where the register does not say.
    pub goods: Vec<Scope>,
}

/// An accepted application for a new outlet that is not yet decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: String,
    pub turn: Turn,
    pub division: String,
    pub point: Option<Point>,
    pub goods: Vec<Scope>,
}

/// What books know of the surroundings of a question; gathered by `register`.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Every running outlet within the question's windows.
    pub outlets: Vec<Outlet>,
    /// Every pending application in them.
    pub pending: Vec<Pending>,
    /// Running outlets of the question's division whose place is not known.
    pub unplaced: usize,
    /// Metres around the point that are surely inside the bureau's territory.
    pub metres_inside: f64,
}

impl Question {
    pub(super) fn place(&self) -> Where<'_> {
        Where { point: Some(self.point), division: &self.division, grid: self.grid.as_deref() }
    }
}

impl Outlet {
    pub(super) fn place(&self) -> Where<'_> {
        Where { point: self.point, division: &self.division, grid: self.grid.as_deref() }
    }

    /// Whether it sells these goods; `None` where the register does not say.
    pub(super) fn sells(&self, goods: Scope) -> Option<bool> {
        sells(&self.goods, goods)
    }
}

impl Pending {
    pub(super) fn place(&self) -> Where<'_> {
        Where { point: self.point, division: &self.division, grid: None }
    }

    pub(super) fn sells(&self, goods: Scope) -> Option<bool> {
        sells(&self.goods, goods)
    }
}

fn sells(known: &[Scope], goods: Scope) -> Option<bool> {
    (!known.is_empty()).then(|| known.contains(&goods))
}
