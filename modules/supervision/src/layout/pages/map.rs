//! What the map shows: the boundary, the places that rules speak of, and the outlets around a point.

use axum::extract::Query;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use site::{Answer, Desk, Problem, Subject};

use super::words::{example, in_language};
use crate::bureau::geometry::degrees;
use crate::bureau::{Bureau, Point};
use crate::layout::place::Place;
use crate::layout::question::Outlet;
use crate::layout::register;
use crate::licence::import::words::{micro_degrees, point};

/// Metres around the point in which outlets are drawn.
const AROUND: f64 = 1_000.0;

/// The middle of the map; without one only places are drawn.
#[derive(Deserialize)]
pub(super) struct Centre {
    #[serde(default)]
    longitude: String,
    #[serde(default)]
    latitude: String,
}

/// GET /layout/boundary
pub(super) async fn boundary(desk: Desk) -> Answer {
    geojson(desk.house().get::<Bureau>()?.territory.geojson())
}

/// GET /layout/points
pub(super) async fn points(desk: Desk, Query(centre): Query<Centre>) -> Answer {
    let bureau = desk.house().get::<Bureau>()?;
    let middle = micro_degrees(&centre.longitude).zip(micro_degrees(&centre.latitude));
    let middle: Option<Point> = middle.and_then(|(longitude, latitude)| point(longitude, latitude));
    let outlets = match middle {
        Some(middle) => desk.blocking(move |desk| outlets(desk, middle)).await?,
        None => Vec::new(),
    };
    let places = bureau.layout.places.iter().flat_map(|place| of_place(&desk, place));
    let features: Vec<Value> = places.chain(outlets.iter().filter_map(of_outlet)).collect();
    geojson(json!({ "type": "FeatureCollection", "features": features }).to_string())
}

/// The running outlets around the point that the officer may read.
fn outlets(desk: &Desk, middle: Point) -> Result<Vec<Outlet>, Problem> {
    let today = desk.today();
    let mut outlets = desk.house().store.read(|sql| register::around(sql, middle, AROUND, today))?;
    outlets.retain(|outlet| desk.may_on("licence.read", &Subject::at(outlet.division.clone())));
    Ok(outlets)
}

fn of_outlet(outlet: &Outlet) -> Option<Value> {
    let title = format!("{} {}", outlet.name, outlet.number);
    let properties = json!({ "title": title, "href": format!("/licences/{}", outlet.id), "tone": "info" });
    Some(feature(json!({ "type": "Point", "coordinates": degrees(outlet.point?) }), &properties))
}

/// Its entrances and its grounds.
fn of_place<'a>(desk: &'a Desk, place: &'a Place) -> impl Iterator<Item = Value> + 'a {
    let mut title = in_language(desk, &place.name);
    if place.example {
        title = example(desk, &title);
    }
    let properties = json!({ "title": title, "tone": "bad", "size": "large" });
    let gates = place.entrances.iter().map(|gate| json!({ "type": "Point", "coordinates": gate }));
    let ring: Vec<_> = place.boundary.iter().chain(place.boundary.first()).collect();
    let grounds = (!ring.is_empty()).then(|| json!({ "type": "Polygon", "coordinates": [ring] }));
    let shapes: Vec<Value> = gates.chain(grounds).collect();
    shapes.into_iter().map(move |shape| feature(shape, &properties))
}

fn feature(geometry: Value, properties: &Value) -> Value {
    json!({ "type": "Feature", "geometry": geometry, "properties": properties })
}

fn geojson(text: String) -> Answer {
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], text).into_response())
}
