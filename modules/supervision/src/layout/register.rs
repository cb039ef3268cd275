//! What the books of the licence office know of the surroundings of a place.

use anyhow::Result;
use jiff::civil::Date;
use ledger::{Ledger, MatterKey};
use store::{Row, Sql, Value};

use super::Rules;
use super::capacity::Turn;
use super::place::Place;
use super::question::{Outlet, Pending, Question, Surroundings};
use crate::bureau::Territory;
use crate::bureau::geometry::{Degrees, degrees, metres_per_degree, point};
use crate::licence::data::{Kind, LicenceData, Point};
use crate::licence::{Application, State};

/// Metres around the asked place in which outlets are shown, even if no rule reaches so far.
const SHOWN: u32 = 500;
/// Outlets that run: the register may be silent, and expiry needs no act.
const RUNNING: &str = "(standing is null or standing in ('valid', 'suspended', 'rectifying'))
     and coalesce(valid_until, '9999-12-31') >= $1";
const COLUMNS: &str = "id, number, trade_name, name, division, longitude, latitude, data";

/// Gathers all that the rules need to answer the question, in one snapshot.
///
/// # Errors
/// When the store fails.
pub fn surroundings(
    sql: &mut dyn Sql,
    ledger: &Ledger,
    (rules, territory): (&Rules, &Territory),
    question: &Question,
) -> Result<Surroundings> {
    let zones = rules.zones(question);
    let reach = rules.reach(question.on).max(SHOWN);
    let mut outlets = around(sql, question.point, f64::from(reach), question.on)?;
    for zone in &zones {
        outlets.extend(members(sql, zone, question.on)?);
    }
    outlets.sort_by(|one, other| one.id.cmp(&other.id));
    outlets.dedup();
    Ok(Surroundings {
        outlets,
        pending: if zones.is_empty() { Vec::new() } else { pending(sql, ledger, question)? },
        unplaced: unplaced(sql, question)?,
        metres_inside: territory.metres_inside(question.point),
    })
}

/// The running outlets within so many metres north, south, east and west of a point.
///
/// # Errors
/// When the store fails.
pub fn around(sql: &mut dyn Sql, centre: Point, metres: f64, on: Date) -> Result<Vec<Outlet>> {
    let (longitude, latitude) = degrees(centre);
    let (east, north) = metres_per_degree(latitude);
    let (dx, dy) = (metres / east, metres / north);
    within(sql, &[(longitude - dx, latitude - dy), (longitude + dx, latitude + dy)], on)
}

/// The running outlets in the smallest rectangle round these corners.
fn within(sql: &mut dyn Sql, corners: &[Degrees], on: Date) -> Result<Vec<Outlet>> {
    let points: Vec<Point> = corners.iter().filter_map(|corner| point(*corner)).collect();
    let side = |pick: fn(&Point) -> i32| points.iter().map(pick).min().zip(points.iter().map(pick).max());
    let Some((x, y)) = side(|point| point.longitude).zip(side(|point| point.latitude)) else {
        return Ok(Vec::new());
    };
    let sides = [x.0, x.1, y.0, y.1].map(|side| Value::from(i64::from(side)));
    read(sql, "longitude between $2 and $3 and latitude between $4 and $5", &sides, on)
}

/// The running outlets that may belong to a zone; whether they do is judged by the zone itself.
fn members(sql: &mut dyn Sql, zone: &Place, on: Date) -> Result<Vec<Outlet>> {
    if !zone.boundary.is_empty() {
        return within(sql, &zone.boundary, on);
    }
    if let Some(grid) = &zone.grid {
        let escaped = grid.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let inside = format!("%\"grid\":\"{escaped}\"%");
        return read(sql, "data like $2 escape '\\'", &[inside.into()], on);
    }
    let Some(division) = &zone.division else { return Ok(Vec::new()) };
    // An outlet whose division is coarser than the zone may belong to it. `:` is the character after `9`.
    let coarser = (1..division.len()).map(|length| format!("'{}'", &division[..length])).collect::<Vec<_>>();
    let condition =
        format!("((division >= $2 and division < $3) or division in ('', {}))", coarser.join(", "));
    read(sql, &condition, &[division.clone().into(), format!("{division}:").into()], on)
}

fn read(sql: &mut dyn Sql, condition: &str, parameters: &[Value], on: Date) -> Result<Vec<Outlet>> {
    let all: Vec<Value> = [on.to_string().into()].into_iter().chain(parameters.iter().cloned()).collect();
    let text = format!("select {COLUMNS} from licences where {RUNNING} and {condition}");
    sql.query(&text, &all)?.iter().map(outlet).collect()
}

/// A running outlet by the id of its licence.
///
/// # Errors
/// When the store fails.
pub fn find(sql: &mut dyn Sql, id: &str) -> Result<Option<(Outlet, LicenceData)>> {
    let row = sql.query_one(&format!("select {COLUMNS} from licences where id = $1"), &[id.into()])?;
    row.map(|row| Ok((outlet(&row)?, data(&row)?))).transpose()
}

fn outlet(row: &Row) -> Result<Outlet> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let trade_name = text(2)?;
    let data = data(row)?;
    Ok(Outlet {
        id: text(0)?,
        number: text(1)?,
        name: if trade_name.is_empty() { text(3)? } else { trade_name },
        division: text(4)?,
        point: data.premises.point,
        grid: data.grid,
        goods: data.scope,
    })
}

/// What the register says of the licence; nothing after erasure.
fn data(row: &Row) -> Result<LicenceData> {
    let stored = row.get::<Option<String>>(7)?;
    Ok(stored.map(|stored| serde_json::from_str(&stored)).transpose()?.unwrap_or_default())
}

/// Running outlets of the question's division, or of a coarser one, that have no place on the map.
fn unplaced(sql: &mut dyn Sql, question: &Question) -> Result<usize> {
    let own = question.own.clone().unwrap_or_default();
    let division = &question.division;
    let text = format!("select division from licences where {RUNNING} and longitude is null and id <> $2");
    let rows = sql.query(&text, &[question.on.to_string().into(), own.into()])?;
    let divisions = rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, _>>()?;
    let near = |other: &&String| other.starts_with(division.as_str()) || division.starts_with(other.as_str());
    Ok(divisions.iter().filter(near).count())
}

/// Accepted applications that are not decided. Grids are given with the licence, so an application has none yet.
fn pending(sql: &mut dyn Sql, ledger: &Ledger, question: &Question) -> Result<Vec<Pending>> {
    let undecided: Vec<String> = State::ALL
        .iter()
        .filter(|state| state.undecided())
        .map(|state| format!("'{}'", state.name()))
        .collect();
    let text = format!("select id from applications where state in ({})", undecided.join(", "));
    let mut pending = Vec::new();
    for row in sql.query(&text, &[])? {
        let id: String = row.get(0)?;
        let application: Application = ledger.load(&MatterKey::new("application", id.parse()?))?;
        pending.extend(applicant(id, application, question.on));
    }
    Ok(pending)
}

/// An application as the order of acceptance sees it; `None` if it asks for no place, or once its contents are erased.
fn applicant(id: String, application: Application, on: Date) -> Option<Pending> {
    let accepted = application.accepted.filter(|accepted| *accepted <= on)?;
    let submitted = application.submitted?;
    let moves = submitted.about.as_ref().is_some_and(|about| about.recheck);
    if submitted.kind != Kind::New && !moves {
        return None;
    }
    Some(Pending {
        id,
        turn: Turn::new(accepted, submitted.number),
        division: submitted.premises.division.unwrap_or_default(),
        point: submitted.premises.point,
        goods: submitted.scope,
    })
}
