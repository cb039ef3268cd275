//! A distance that two officers measured on the spot, with the evidence that carries it in court.

use jiff::civil::Date;

use super::rule::Measure;

/// From the centre of the asked shop's entrance to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    pub measure: Measure,
    pub target: Target,
    pub decimetres: u32,
    pub on: Date,
    /// Two different officers.
    pub officers: [String; 2],
    /// The way that was walked, or the line that was sighted.
    pub route: String,
    /// E.g. a laser rangefinder or a measuring wheel, with its number.
    pub tool: String,
    /// Digests of the photographs.
    pub photos: Vec<String>,
}

/// To what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The licence number of an outlet.
    Outlet(String),
    /// A place, and which of its entrances, counted from 0; the boundary has no number.
    Place { id: String, entrance: Option<usize> },
}

/// What a measurement lacks. One that lacks anything decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    TwoOfficers,
    Route,
    Tool,
    Photo,
}

impl Evidence {
    /// The last part of the text keys that name it.
    pub fn word(self) -> &'static str {
        match self {
            Evidence::TwoOfficers => "officers",
            Evidence::Route => "route",
            Evidence::Tool => "tool",
            Evidence::Photo => "photo",
        }
    }
}

impl Measurement {
    /// The evidence that is not there.
    #[must_use]
    pub fn lacks(&self) -> Vec<Evidence> {
        let [one, other] = &self.officers;
        let pair = !one.trim().is_empty() && !other.trim().is_empty() && one.trim() != other.trim();
        let checks = [
            (pair, Evidence::TwoOfficers),
            (!self.route.trim().is_empty(), Evidence::Route),
            (!self.tool.trim().is_empty(), Evidence::Tool),
            (!self.photos.is_empty(), Evidence::Photo),
        ];
        checks.into_iter().filter(|(there, _)| !there).map(|(_, evidence)| evidence).collect()
    }
}
