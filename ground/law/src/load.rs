//! Loading the law files: every fault is found, and each names file, rule and field.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::calendar::{Calendar, Special};
use crate::cite;
use crate::count::Unit;
use crate::raw::{Days, RawCalendar, RawCounting, RawDeadline, RawGround, RawStatute};
use crate::statute::{Basis, Counting, Statute};
use crate::text::Text;
use crate::{Data, Law};

mod check;
mod shape;

/// Something wrong in a law file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// The id of the rule, or its place in the file where it has none.
    pub rule: String,
    pub field: String,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { file, rule, field, message } = self;
        write!(out, "{file}: {rule}: {field}: {message}")
    }
}

/// A value with the file and the rule it came from.
pub(crate) struct Found<T> {
    pub(crate) file: String,
    pub(crate) rule: String,
    pub(crate) value: T,
}

impl<T> Found<T> {
    pub(crate) fn fault(&self, field: &str, message: impl Into<String>) -> Fault {
        let (file, rule) = (self.file.clone(), self.rule.clone());
        Fault { file, rule, field: field.to_owned(), message: message.into() }
    }
}

#[derive(Default)]
pub(crate) struct Files {
    pub(crate) statutes: Vec<Found<RawStatute>>,
    pub(crate) countings: Vec<Found<RawCounting>>,
    pub(crate) calendars: Vec<Found<RawCalendar>>,
    pub(crate) deadlines: Vec<Found<RawDeadline>>,
    pub(crate) grounds: Vec<Found<RawGround>>,
}

pub(crate) fn load(files: impl IntoIterator<Item = (String, String)>) -> Result<Law, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut found = Files::default();
    let mut files: Vec<_> = files.into_iter().filter(|(path, _)| path.ends_with(".toml")).collect();
    // The order of a folder differs between machines; the order of rules must not.
    files.sort();
    for (path, text) in &files {
        found.read(path, text, &mut faults);
    }
    let statutes = statutes(&found.statutes);
    let countings: Vec<_> = found.countings.iter().map(|one| counting(&one.value)).collect();
    check::all(&found, &statutes, &countings, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let cite = |basis: &[Basis]| cite::citation(basis, &statutes);
    let rules = found.deadlines.iter().map(|one| shape::rule(one, cite)).collect();
    let grounds = found.grounds.iter().map(|one| shape::ground(one, cite)).collect();
    let calendar = Arc::new(calendar(&found.calendars));
    Ok(Law { data: Arc::new(Data { statutes, countings, rules, grounds }), calendar })
}

impl Files {
    fn read(&mut self, path: &str, text: &str, faults: &mut Vec<Fault>) {
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => return faults.push(syntax(path, text, &error)),
        };
        for (key, value) in table {
            match key.as_str() {
                "statute" => entries(path, &key, value, &mut self.statutes, faults),
                "counting" => entries(path, &key, value, &mut self.countings, faults),
                "deadline" => entries(path, &key, value, &mut self.deadlines, faults),
                "ground" => entries(path, &key, value, &mut self.grounds, faults),
                "calendar" => entries(path, &key, Value::Array(vec![value]), &mut self.calendars, faults),
                _ => faults.push(fault(
                    path,
                    &key,
                    &key,
                    "unknown table: statute, counting, deadline, ground or calendar expected",
                )),
            }
        }
    }
}

fn syntax(path: &str, text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
    fault(path, "-", &format!("line {line}"), error.message())
}

fn fault(file: &str, rule: &str, field: &str, message: &str) -> Fault {
    Fault {
        file: file.to_owned(),
        rule: rule.to_owned(),
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

fn entries<T: DeserializeOwned>(
    path: &str,
    key: &str,
    value: Value,
    found: &mut Vec<Found<T>>,
    faults: &mut Vec<Fault>,
) {
    let Value::Array(list) = value else {
        return faults.push(fault(path, key, key, &format!("must be a list, written [[{key}]]")));
    };
    for (place, entry) in list.into_iter().enumerate() {
        let rule = name(&entry).unwrap_or_else(|| format!("{key}[{place}]"));
        match entry_of(entry) {
            Ok(value) => found.push(Found { file: path.to_owned(), rule, value }),
            Err((field, message)) => faults.push(fault(path, &rule, &field, &message)),
        }
    }
}

fn name(entry: &Value) -> Option<String> {
    match (entry.get("id"), entry.get("year")) {
        (Some(Value::String(id)), _) => Some(id.clone()),
        (_, Some(Value::Integer(year))) => Some(format!("calendar {year}")),
        _ => None,
    }
}

fn entry_of<T: DeserializeOwned>(entry: Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(entry).map_err(|error| {
        let path = error.path().to_string();
        let message = error.inner().message().trim().to_owned();
        (field(&path, &message), message)
    })
}

// A missing or unknown field is reported at its parent; the field itself is what a jurist looks for.
fn field(path: &str, message: &str) -> String {
    let named = ["missing field `", "unknown field `"].iter().find_map(|head| message.strip_prefix(head));
    let named = named.and_then(|rest| rest.split('`').next());
    match named {
        Some(name) if path == "." => name.to_owned(),
        Some(name) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    }
}

fn statutes(found: &[Found<RawStatute>]) -> Vec<Statute> {
    let statute = |raw: &RawStatute| {
        let (id, title, versions) = (raw.id.clone(), raw.title.clone(), raw.version.clone());
        Statute { id, title, versions }
    };
    found.iter().map(|one| statute(&one.value)).collect()
}

fn counting(raw: &RawCounting) -> Counting {
    let days = match &raw.days {
        Some(Days::These(days)) => Some(days.clone()),
        Some(Days::All(_)) | None => None,
    };
    let (article, paragraph) = (Some(raw.article), raw.paragraph);
    Counting {
        id: raw.id.clone(),
        kind: raw.kind,
        basis: Basis { statute: raw.statute.clone(), article, paragraph, item: None },
        certainty: raw.certainty,
        days,
        unit: raw.unit,
        text: raw.text.clone(),
        note: raw.note.clone(),
    }
}

fn calendar(found: &[Found<RawCalendar>]) -> Calendar {
    let years: BTreeSet<i16> = found.iter().map(|one| one.value.year).collect();
    let festivals = found.iter().flat_map(|one| &one.value.festival);
    let days = festivals.flat_map(|festival| {
        let special = |workday: bool, name: &Text| Special { workday, name: name.clone() };
        let off = festival.off.iter().map(move |day| (*day, special(false, &festival.title)));
        let work = festival.work.iter().map(move |day| (*day, special(true, &festival.title)));
        off.chain(work)
    });
    Calendar::new(years, days)
}

pub(crate) fn is_days(unit: Unit) -> bool {
    matches!(unit, Unit::Workday | Unit::CalendarDay)
}
