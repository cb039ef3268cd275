//! The territory of a bureau: whether a point lies in it, or near enough to a coarse boundary.

use serde::Deserialize;

use super::{Fault, fault};
use crate::licence::data::Point;

/// Metres in one degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;
const MICRO: f64 = 1_000_000.0;

/// `[territory]` in `bureau.toml`: a boundary file, or four sides of a rectangle.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    boundary: Option<String>,
    west: Option<f64>,
    south: Option<f64>,
    east: Option<f64>,
    north: Option<f64>,
    #[serde(default)]
    tolerance_metres: f64,
}

/// Closed rings in degrees (WGS 84); a point is inside by the even-odd rule, so holes are simply more rings.
#[derive(Clone, Debug, PartialEq)]
pub struct Territory {
    rings: Vec<Vec<(f64, f64)>>,
    tolerance_metres: f64,
    geojson: Option<String>,
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Geometry,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<(f64, f64)>>),
    MultiPolygon(Vec<Vec<Vec<(f64, f64)>>>),
}

impl Territory {
    pub(super) fn read(stated: &Stated, read: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        match (&stated.boundary, stated.rectangle()) {
            (Some(file), None) => {
                let text = read(file).ok_or_else(|| fault(file, "", "the file is missing"))?;
                Self::parse(text, stated.tolerance_metres)
                    .map_err(|message| fault(file, "features", &message))
            }
            (None, Some(ring)) => {
                Ok(Self { rings: vec![ring], tolerance_metres: stated.tolerance_metres, geojson: None })
            }
            _ => Err(fault(
                "bureau.toml",
                "territory",
                "give either a boundary file or west, south, east and north",
            )),
        }
    }

    fn parse(text: String, tolerance_metres: f64) -> Result<Self, String> {
        let collection: Collection = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let rings: Vec<_> =
            collection.features.into_iter().flat_map(|feature| feature.geometry.rings()).collect();
        if rings.is_empty() || rings.iter().any(|ring| ring.len() < 3) {
            return Err("no polygon, or a ring of fewer than three points".to_owned());
        }
        Ok(Self { rings, tolerance_metres, geojson: Some(text) })
    }

    /// Whether the point lies inside the boundary as drawn.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        let here = degrees(point);
        self.rings.iter().filter(|ring| inside(ring, here)).count() % 2 == 1
    }

    /// Whether the point may lie in the territory: inside, or nearer to the boundary than the drawing is exact.
    #[must_use]
    pub fn may_contain(&self, point: Point) -> bool {
        self.contains(point) || self.metres_to_boundary(point) <= self.tolerance_metres
    }

    /// Distance to the nearest side of the boundary, in metres, on a plane that fits so small an area.
    #[must_use]
    pub fn metres_to_boundary(&self, point: Point) -> f64 {
        let here = degrees(point);
        let sides = self.rings.iter().flat_map(|ring| sides(ring));
        sides.map(|(from, to)| metres_to_side(here, from, to)).fold(f64::INFINITY, f64::min)
    }

    /// The smallest rectangle round the territory: (west, south, east, north) in millionths of a degree.
    #[must_use]
    pub fn bounds(&self) -> (i32, i32, i32, i32) {
        let points = || self.rings.iter().flatten();
        let west = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
        let south = points().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let east = points().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
        let north = points().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
        (micro(west), micro(south), micro(east), micro(north))
    }

    /// The boundary file as it was read, for maps; `None` where the territory is a rectangle.
    #[must_use]
    pub fn geojson(&self) -> Option<&str> {
        self.geojson.as_deref()
    }
}

impl Stated {
    fn rectangle(&self) -> Option<Vec<(f64, f64)>> {
        let (west, south, east, north) = (self.west?, self.south?, self.east?, self.north?);
        Some(vec![(west, south), (east, south), (east, north), (west, north)])
    }
}

impl Geometry {
    fn rings(self) -> Vec<Vec<(f64, f64)>> {
        match self {
            Self::Polygon(rings) => rings,
            Self::MultiPolygon(polygons) => polygons.into_iter().flatten().collect(),
        }
    }
}

fn degrees(point: Point) -> (f64, f64) {
    (f64::from(point.longitude) / MICRO, f64::from(point.latitude) / MICRO)
}

fn micro(degrees: f64) -> i32 {
    // 180 degrees are 180,000,000 millionths, well inside i32.
    (degrees * MICRO).round() as i32
}

fn sides(ring: &[(f64, f64)]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn inside(ring: &[(f64, f64)], (longitude, latitude): (f64, f64)) -> bool {
    let crossed = |((x1, y1), (x2, y2)): &((f64, f64), (f64, f64))| {
        (*y1 > latitude) != (*y2 > latitude) && longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1
    };
    sides(ring).filter(crossed).count() % 2 == 1
}

fn metres_to_side(here: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let plane = |(longitude, latitude): (f64, f64)| {
        (
            (longitude - here.0) * METRES_PER_DEGREE * here.1.to_radians().cos(),
            (latitude - here.1) * METRES_PER_DEGREE,
        )
    };
    let ((x1, y1), (x2, y2)) = (plane(from), plane(to));
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 { 0.0 } else { (-(x1 * dx + y1 * dy) / length).clamp(0.0, 1.0) };
    (x1 + along * dx).hypot(y1 + along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Territory {
        let text = r#"{"features":[{"geometry":{"type":"Polygon","coordinates":[
            [[0,0],[1,0],[1,1],[0,1],[0,0]],[[0.4,0.4],[0.6,0.4],[0.6,0.6],[0.4,0.6],[0.4,0.4]]]}}]}"#;
        Territory::parse(text.to_owned(), 200.0).unwrap()
    }

    fn point(longitude: i32, latitude: i32) -> Point {
        Point { longitude, latitude }
    }

    #[test]
    fn a_hole_is_outside() {
        assert!(square().contains(point(200_000, 200_000)));
        assert!(!square().contains(point(500_000, 500_000)));
        assert!(!square().contains(point(1_200_000, 500_000)));
    }

    #[test]
    fn the_tolerance_reaches_just_over_the_boundary() {
        assert!(!square().contains(point(1_001_000, 500_000)));
        assert!(square().may_contain(point(1_001_000, 500_000)));
        assert!(!square().may_contain(point(1_010_000, 500_000)));
        let distance = square().metres_to_boundary(point(1_001_000, 500_000));
        assert!((distance - 111.3).abs() < 1.0, "{distance}");
    }

    #[test]
    fn bounds_span_the_rings() {
        assert_eq!(square().bounds(), (0, 0, 1_000_000, 1_000_000));
    }
}
