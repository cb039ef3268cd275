//! The territory of a bureau: whether a point lies in it, or near enough to a coarse boundary.

use serde::Deserialize;

use super::geometry::{Degrees, degrees, inside, metres_to_ring};
use super::{Fault, fault};
use crate::licence::data::Point;

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
    rings: Vec<Vec<Degrees>>,
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
        self.rings.iter().map(|ring| metres_to_ring(ring, here)).fold(f64::INFINITY, f64::min)
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

    /// Metres from the boundary that are surely still inside: the drawing is only so exact. Zero outside.
    #[must_use]
    pub fn metres_inside(&self, point: Point) -> f64 {
        let sure = self.metres_to_boundary(point) - self.tolerance_metres;
        if self.contains(point) { sure.max(0.0) } else { 0.0 }
    }

    /// The boundary as GeoJSON, for maps: the file as it was read, or the rectangle.
    #[must_use]
    pub fn geojson(&self) -> String {
        let drawn = || {
            let geometry = serde_json::json!({"type": "Polygon", "coordinates": self.rings});
            let feature = serde_json::json!({"type": "Feature", "properties": {}, "geometry": geometry});
            serde_json::json!({"type": "FeatureCollection", "features": [feature]}).to_string()
        };
        self.geojson.clone().unwrap_or_else(drawn)
    }
}

impl Stated {
    fn rectangle(&self) -> Option<Vec<(f64, f64)>> {
        let (west, south, east, north) = (self.west?, self.south?, self.east?, self.north?);
        Some(vec![(west, south), (east, south), (east, north), (west, north), (west, south)])
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

fn micro(degrees: f64) -> i32 {
    // 180 degrees are 180,000,000 millionths, well inside i32.
    (degrees * MICRO).round() as i32
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
