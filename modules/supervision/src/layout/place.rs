//! Schools, markets, villages and other places that rules speak of, with what is known of each.

use law::{Text, Validity};
use serde::{Deserialize, Serialize};

use super::capacity::Unit;
use crate::bureau::geometry::{Degrees, degrees, inside, metres_to_ring, point};
use crate::licence::data::Point;

/// A place of `region/<bureau>/places.toml`. What is not known is left out, and the answer says that it is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    pub id: String,
    /// One of the kinds of `layout.toml`.
    pub kind: String,
    pub name: Text,
    /// The centre of each entrance: longitude and latitude, WGS 84.
    #[serde(default)]
    pub entrances: Vec<Degrees>,
    /// The grounds as a ring of longitudes and latitudes.
    #[serde(default)]
    pub boundary: Vec<Degrees>,
    /// The division that the zone is, e.g. a village by its 12 digits.
    #[serde(default)]
    pub division: Option<String>,
    /// The grid of the register that the zone is.
    #[serde(default)]
    pub grid: Option<String>,
    #[serde(default)]
    pub stalls: Option<u32>,
    #[serde(default)]
    pub inhabitants: Option<u32>,
    pub source: String,
    /// Made up for a demonstration.
    #[serde(default)]
    pub example: bool,
}

/// A statement that all places of some kinds in some divisions are known: without it, none in sight proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Survey {
    pub kinds: Vec<String>,
    pub areas: Vec<String>,
    pub valid: Validity,
    pub source: String,
    /// Made up for a demonstration.
    #[serde(default)]
    pub example: bool,
}

/// What is known of where somebody is.
#[derive(Clone, Copy, Debug)]
pub struct Where<'a> {
    pub point: Option<Point>,
    /// The finest division known.
    pub division: &'a str,
    pub grid: Option<&'a str>,
}

impl Place {
    /// The centres of its entrances.
    pub fn gates(&self) -> impl Iterator<Item = Point> + '_ {
        self.entrances.iter().filter_map(|entrance| point(*entrance))
    }

    /// Metres from its grounds: zero inside them, `None` where the boundary is not known.
    #[must_use]
    pub fn metres_from_grounds(&self, from: Point) -> Option<f64> {
        let here = degrees(from);
        let outside = || metres_to_ring(&self.boundary, here);
        (!self.boundary.is_empty()).then(|| if inside(&self.boundary, here) { 0.0 } else { outside() })
    }

    /// Whether somebody is inside this zone; `None` if what is known of him does not tell, or if he is nearer to its
    /// boundary than `tolerance` metres.
    #[must_use]
    pub fn holds(&self, somebody: Where, tolerance: f64) -> Option<bool> {
        if !self.boundary.is_empty() {
            return somebody.point.and_then(|point| self.encloses(point, tolerance));
        }
        if let Some(grid) = &self.grid {
            return somebody.grid.map(|known| known == grid);
        }
        let division = self.division.as_deref()?;
        let coarser = division.starts_with(somebody.division) && division != somebody.division;
        if coarser { None } else { Some(somebody.division.starts_with(division)) }
    }

    fn encloses(&self, point: Point, tolerance: f64) -> Option<bool> {
        let here = degrees(point);
        let sure = metres_to_ring(&self.boundary, here) > tolerance;
        sure.then(|| inside(&self.boundary, here))
    }

    /// The size of the zone, if it is known.
    #[must_use]
    pub fn size(&self, unit: Unit) -> Option<u32> {
        match unit {
            Unit::Stalls => self.stalls,
            Unit::Inhabitants => self.inhabitants,
        }
    }
}
