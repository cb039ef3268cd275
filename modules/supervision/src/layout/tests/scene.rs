//! A made-up street on which the rules are tried.

use jiff::civil::{Date, date};

use crate::bureau::geometry::{degrees, metres_per_degree, point};
use crate::layout::answer::{Answer, Finding, Missing, Verdict};
use crate::layout::capacity::Turn;
use crate::layout::measurement::{Measurement, Target};
use crate::layout::question::{Applicant, Outlet, Pending, Purpose, Question, Surroundings};
use crate::layout::rule::Measure;
use crate::layout::{Rules, load};
use crate::licence::data::{AreaKind, Point, Scope};

/// Where all is measured from.
pub const HERE: Point = Point { longitude: 118_300_000, latitude: 33_960_000 };
pub const TODAY: Date = date(2026, 11, 25);

/// The rules of one real place, with the places and surveys of the test.
pub fn rules(layout: &str, places: &str) -> Rules {
    let read = |file: &str| Some(if file == "layout.toml" { layout } else { places }.to_owned());
    load(read).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The point so many metres east and north of `HERE`.
pub fn at(east: f64, north: f64) -> Point {
    let (longitude, latitude) = degrees(HERE);
    let (per_east, per_north) = metres_per_degree(latitude);
    point((longitude + east / per_east, latitude + north / per_north)).unwrap()
}

/// `[longitude, latitude]` of that point, as it stands in a file.
pub fn pair(east: f64, north: f64) -> String {
    let (longitude, latitude) = degrees(at(east, north));
    format!("[{longitude:.6}, {latitude:.6}]")
}

/// A place of the file with some more lines.
pub fn place(id: &str, kind: &str, lines: &str) -> String {
    format!(
        "[[place]]\nid = \"{id}\"\nkind = \"{kind}\"\nname = {{ zh = \"{id}\", en = \"{id}\" }}\nsource = \"test\"\n{lines}\n"
    )
}

/// Entrances at these places.
pub fn gates(gates: &[(f64, f64)]) -> String {
    let pairs: Vec<String> = gates.iter().map(|(east, north)| pair(*east, *north)).collect();
    format!("entrances = [{}]", pairs.join(", "))
}

/// A square zone round `HERE`, so many metres to each side.
pub fn square(half: f64) -> String {
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    let pairs: Vec<String> = corners.iter().map(|(east, north)| pair(*east, *north)).collect();
    format!("boundary = [{}]", pairs.join(", "))
}

/// A statement that all places of these kinds are known in the area.
pub fn survey(kinds: &[&str], area: &str) -> String {
    format!("[[survey]]\nkinds = {kinds:?}\nareas = [\"{area}\"]\nvalid = {{}}\nsource = \"test\"\n")
}

pub fn question(division: &str, goods: Scope) -> Question {
    Question {
        point: HERE,
        division: division.to_owned(),
        area_kind: Some(AreaKind::Urban),
        goods,
        grid: None,
        on: TODAY,
        purpose: Purpose::New,
        applicant: Applicant::default(),
        confirmed: [].into(),
        measurements: Vec::new(),
        own: None,
        turn: None,
    }
}

/// Surroundings far inside the territory.
pub fn around(outlets: Vec<Outlet>) -> Surroundings {
    Surroundings { outlets, metres_inside: 9_000.0, ..Surroundings::default() }
}

pub fn outlet(number: usize, point: Point) -> Outlet {
    Outlet {
        id: format!("id-{number}"),
        number: format!("{number:012}"),
        name: format!("店{number}"),
        division: "320000000000".to_owned(),
        point: Some(point),
        grid: None,
        goods: vec![Scope::Cigarettes],
    }
}

pub fn pending(number: usize, accepted: Date, point: Point) -> Pending {
    Pending {
        id: format!("application-{number}"),
        turn: Turn::new(accepted, format!("{number:05}")),
        division: "320000000000".to_owned(),
        point: Some(point),
        goods: vec![Scope::Cigarettes],
    }
}

/// A walked way with all its evidence.
pub fn walked(id: &str, entrance: usize, decimetres: u32) -> Measurement {
    Measurement {
        measure: Measure::Walking,
        target: Target::Place { id: id.to_owned(), entrance: Some(entrance) },
        decimetres,
        on: TODAY,
        officers: ["甲".to_owned(), "乙".to_owned()],
        route: "自门口中点沿人行道".to_owned(),
        tool: "测距轮 3 号".to_owned(),
        photos: vec!["sha256".to_owned()],
    }
}

/// The finding of one rule.
pub fn of<'a, 'b>(answer: &'b Answer<'a>, id: &str) -> &'b Finding<'a> {
    answer
        .findings
        .iter()
        .find(|finding| finding.rule.id == id)
        .unwrap_or_else(|| panic!("{id} was not asked"))
}

/// Verdict of one rule for a question.
pub fn verdict(rules: &Rules, question: &Question, around: &Surroundings, id: &str) -> Verdict {
    of(&rules.answer(question, around), id).verdict
}

/// What one rule misses.
pub fn missing(rules: &Rules, question: &Question, around: &Surroundings, id: &str) -> Vec<Missing> {
    of(&rules.answer(question, around), id).missing.clone()
}
