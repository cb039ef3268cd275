//! Where the made-up outlets lie: in real towns and villages, at made-up points inside the real boundary.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use supervision::bureau::{Bureau, Division, Point};
use supervision::licence::data::AreaKind;

use super::draw::Draw;

/// Millionths of a degree in a hundred metres, north and east, at this latitude.
const NORTH: i64 = 898;
const EAST: i64 = 1_046;

/// Outlets that a community or a village has, in proportion.
const IN_COMMUNITY: usize = 20;
const IN_VILLAGE: usize = 9;

/// A village or community with a made-up centre.
#[derive(Clone, Debug)]
pub struct Village {
    pub code: String,
    /// As in an address: `荷池村`, `镇北社区`.
    pub name: String,
    pub town: Division,
    pub area: AreaKind,
    centre: Point,
}

/// All villages with their weights.
pub struct Places<'a> {
    bureau: &'a Bureau,
    pub villages: Vec<(Village, usize)>,
}

impl<'a> Places<'a> {
    /// Sets every village near a point of its town; `towns` is the text of `towns.csv`.
    pub fn read(bureau: &'a Bureau, towns: &str, seed: u64) -> Result<Self> {
        let points = town_points(towns)?;
        let mut places = Self { bureau, villages: Vec::new() };
        for town in bureau.divisions.towns() {
            let own = points
                .get(&town.code)
                .with_context(|| format!("towns.csv has no point for {}", town.name))?;
            for village in bureau.divisions.villages_of(&town.code) {
                let village = places.village(village, town, own, seed)?;
                let weight = if village.area == AreaKind::Village { IN_VILLAGE } else { IN_COMMUNITY };
                places.villages.push((village, weight));
            }
        }
        ensure!(!places.villages.is_empty(), "the region has no villages");
        Ok(places)
    }

    /// A point of the village, inside the boundary.
    pub fn point(&self, draw: &mut Draw, village: &Village) -> Point {
        let reach = if village.area == AreaKind::Village { 9 } else { 6 };
        self.near(draw, village.centre, reach)
    }

    fn village(
        &self,
        village: &Division,
        town: &Division,
        points: &[(String, Point)],
        seed: u64,
    ) -> Result<Village> {
        let mut draw = Draw::new(seed, 1_000_000 + village.code[6..].parse::<u64>()?);
        let is_village = village.name.ends_with("村委会");
        let seat = is_subdistrict(town);
        let area = match (is_village, seat) {
            (true, _) => AreaKind::Village,
            (false, true) => AreaKind::Urban,
            (false, false) => AreaKind::Town,
        };
        let start = old_town(&village.name, points).unwrap_or_else(|| draw.pick(points).1);
        let reach = if area == AreaKind::Village { 35 } else { 12 };
        let name = village.name.trim_end_matches("居委会").replace("村委会", "村");
        Ok(Village {
            code: village.code.clone(),
            name,
            town: town.clone(),
            area,
            centre: self.near(&mut draw, start, reach),
        })
    }

    /// A point at most `reach` hundred metres away in each direction, inside the boundary; the start itself lies inside.
    fn near(&self, draw: &mut Draw, start: Point, reach: i64) -> Point {
        for _ in 0..200 {
            // The sum of two draws: nearer points are likelier, as in a village.
            let mut offset = |step: i64| {
                (draw.between(-reach * step, reach * step) + draw.between(-reach * step, reach * step)) / 2
            };
            let (east, north) = (offset(EAST), offset(NORTH));
            let point = moved(start, east, north);
            if self.bureau.territory.contains(point) {
                return point;
            }
        }
        start
    }
}

/// Subdistricts (街道) are the county seat and its suburbs.
fn is_subdistrict(town: &Division) -> bool {
    town.name.ends_with("街道")
}

/// Villages named after a former town lie at its point.
fn old_town(village: &str, points: &[(String, Point)]) -> Option<Point> {
    let former = [("丁栅", "Dingzha"), ("洪溪", "Hongxi"), ("杨庙", "Yangmiao")];
    let wanted = former.iter().find(|(name, _)| village.starts_with(name))?.1;
    points.iter().find(|(name, _)| name == wanted).map(|(_, point)| *point)
}

fn moved(start: Point, east: i64, north: i64) -> Point {
    let plus = |from: i32, by: i64| (i64::from(from) + by).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    Point { longitude: plus(start.longitude, east), latitude: plus(start.latitude, north) }
}

fn town_points(text: &str) -> Result<BTreeMap<String, Vec<(String, Point)>>> {
    let mut points: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let (town, name, longitude, latitude): (String, String, String, String) = row.context("towns.csv")?;
        let micro = |text: &str| {
            supervision::licence::import::words::micro_degrees(text).context("towns.csv: a coordinate")
        };
        let point = Point { longitude: micro(&longitude)?, latitude: micro(&latitude)? };
        points.entry(town).or_default().push((name, point));
    }
    Ok(points)
}
