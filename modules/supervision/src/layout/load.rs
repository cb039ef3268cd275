//! Loads `layout.toml` and `places.toml` of a region. Every fault is found, each with file, entry and field.

use std::collections::BTreeSet;

use law::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::place::{Place, Survey};
use super::rule::{Demand, Rule};
use super::{Rules, Word};
use crate::bureau::geometry::point;
use crate::bureau::{Fault, Territory};

const RULES: &str = "layout.toml";
const PLACES: &str = "places.toml";

/// What stands at the head of `layout.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Head {
    whole: bool,
    tolerance_metres: u32,
}

/// Reads both files; a region that has neither knows no rules.
///
/// # Errors
/// All faults, each naming file, entry and field.
pub fn load(read: impl Fn(&str) -> Option<String>) -> Result<Rules, Vec<Fault>> {
    let mut faults = Vec::new();
    let texts = [RULES, PLACES].map(|file| read(file).unwrap_or_default());
    let rules = read_rules(&texts[0], &mut faults);
    let (places, surveys) = read_places(&texts[1], &mut faults);
    let mut rules = Rules { places, surveys, ..rules };
    check(&rules, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    rules.rules = rules.rules.into_iter().map(Rule::sealed).collect();
    rules.digest = hex::encode(&Sha256::digest(texts.join("\n"))[..16]);
    Ok(rules)
}

/// The places that lie outside the territory: mostly longitude and latitude that changed seats.
pub fn strays(rules: &Rules, territory: &Territory) -> Vec<Fault> {
    let corners = |place: &Place| [place.entrances.clone(), place.boundary.clone()].concat();
    let astray = |place: &&Place| {
        corners(place).into_iter().filter_map(point).any(|point| !territory.may_contain(point))
    };
    let message = "lies outside the bureau's territory; longitude stands first";
    rules.places.iter().filter(astray).map(|place| fault(PLACES, &place.id, "entrances", message)).collect()
}

fn read_rules(text: &str, faults: &mut Vec<Fault>) -> Rules {
    let mut table = table(RULES, text, faults);
    let rules = Rules {
        kinds: entries(RULES, "kind", &mut table, faults),
        groups: entries(RULES, "group", &mut table, faults),
        rules: entries(RULES, "rule", &mut table, faults),
        ..Rules::default()
    };
    if text.is_empty() {
        return rules;
    }
    match entry::<Head>(Value::Table(table)) {
        Ok(head) => Rules { whole: head.whole, tolerance: head.tolerance_metres, ..rules },
        Err((field, message)) => {
            faults.push(fault(RULES, "-", &field, message));
            rules
        }
    }
}

fn read_places(text: &str, faults: &mut Vec<Fault>) -> (Vec<Place>, Vec<Survey>) {
    let mut table = table(PLACES, text, faults);
    let places = entries(PLACES, "place", &mut table, faults);
    let surveys = entries(PLACES, "survey", &mut table, faults);
    for key in table.keys() {
        faults.push(fault(PLACES, key, key, "unknown table: place or survey expected"));
    }
    (places, surveys)
}

fn table(file: &str, text: &str, faults: &mut Vec<Fault>) -> Table {
    text.parse().unwrap_or_else(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        faults.push(fault(file, "-", &format!("line {line}"), error.message()));
        Table::new()
    })
}

/// Takes the list `[[key]]` out of the table.
fn entries<T: DeserializeOwned>(file: &str, key: &str, table: &mut Table, faults: &mut Vec<Fault>) -> Vec<T> {
    let list = match table.remove(key) {
        None => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => {
            faults.push(fault(file, key, key, format!("must be a list, written [[{key}]]")));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (number, value) in list.into_iter().enumerate() {
        let name = value.get("id").and_then(Value::as_str).map_or(format!("{key}[{number}]"), str::to_owned);
        match entry(value) {
            Ok(entry) => found.push(entry),
            Err((field, message)) => faults.push(fault(file, &name, &field, message)),
        }
    }
    found
}

fn entry<T: DeserializeOwned>(value: Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| (error.path().to_string(), error.inner().message().trim().to_owned()))
}

fn check(rules: &Rules, faults: &mut Vec<Fault>) {
    words("kind", &rules.kinds, faults);
    words("group", &rules.groups, faults);
    for rule in &rules.rules {
        check_rule(rules, rule, faults);
    }
    versions(&rules.rules, faults);
    once(PLACES, rules.places.iter().map(|place| &place.id), faults);
    for place in &rules.places {
        check_place(rules, place, faults);
    }
    for (number, survey) in rules.surveys.iter().enumerate() {
        check_survey(rules, number, survey, faults);
    }
}

fn words(key: &str, words: &[Word], faults: &mut Vec<Fault>) {
    once(RULES, words.iter().map(|word| &word.id), faults);
    for word in words {
        spoken(RULES, &format!("{key} {}", word.id), "title", &word.title, faults);
    }
}

fn check_rule(rules: &Rules, rule: &Rule, faults: &mut Vec<Fault>) {
    let mut object = |field: &str, message: &str| faults.push(fault(RULES, &rule.id, field, message));
    if !rule.id.chars().all(|sign| matches!(sign, 'a'..='z' | '0'..='9' | '.' | '-')) || rule.id.is_empty() {
        object("id", "small letters, digits, dots and hyphens only");
    }
    if rule.areas.is_empty() || !rule.areas.iter().all(|area| is_division(area)) {
        object("areas", "name at least one division by its code of 2, 4, 6, 9 or 12 digits");
    }
    if rule.goods.is_empty() {
        object("goods", "name the goods: cigarettes, electronic-cigarettes");
    }
    if matches!((rule.valid.from, rule.valid.to), (Some(from), Some(to)) if to < from) {
        object("valid", "ends before it begins");
    }
    if matches!(rule.demand, Demand::School { .. } | Demand::ZoneBan { .. }) && rule.places().is_empty() {
        object("demand", "name at least one kind of place");
    }
    if !rule.places().iter().all(|kind| known(&rules.kinds, kind)) {
        object("demand", "names a kind of place that no [[kind]] defines");
    }
    if let Some(message) = demand_fault(&rule.demand) {
        object("demand", message);
    }
    if rule.reliefs.iter().any(|relief| !(1..=100).contains(&relief.percent)) {
        object("reliefs", "percent is a number from 1 to 100");
    }
    if !rule.reliefs.iter().flat_map(|relief| &relief.groups).all(|group| known(&rules.groups, group)) {
        object("reliefs", "names a group that no [[group]] defines");
    }
    if !rule.reliefs.is_empty() && !matches!(rule.demand, Demand::Spacing { .. }) {
        object("reliefs", "only a spacing can be relieved");
    }
    let texts = [
        ("title", Some(&rule.title)),
        ("citation", rule.citation.as_ref()),
        ("note", rule.note.as_ref()),
        ("condition", rule.condition.as_ref()),
    ];
    for (field, text) in texts {
        text.into_iter().for_each(|text| spoken(RULES, &rule.id, field, text, faults));
    }
}

fn demand_fault(demand: &Demand) -> Option<&'static str> {
    match demand {
        Demand::Spacing { metres: 0, .. } => Some("metres must be more than 0"),
        Demand::School { reach: Some(reach), .. } if reach.metres == 0 => Some("metres must be more than 0"),
        Demand::Cap { formula, .. } => match formula.growth {
            Some(growth) if growth.per == 0 => Some("formula.growth.per must be more than 0"),
            None if formula.base == 0 => {
                Some("a formula without base and growth gives no place at all: write a zone-ban")
            }
            _ => None,
        },
        _ => None,
    }
}

fn check_place(rules: &Rules, place: &Place, faults: &mut Vec<Fault>) {
    spoken(PLACES, &place.id, "name", &place.name, faults);
    let mut object = |field: &str, message: &str| faults.push(fault(PLACES, &place.id, field, message));
    if !known(&rules.kinds, &place.kind) {
        object("kind", "no [[kind]] of layout.toml defines it");
    }
    if place.entrances.iter().chain(&place.boundary).any(|corner| point(*corner).is_none()) {
        object("entrances", "there is no such place on earth; longitude stands first");
    }
    if (1..3).contains(&place.boundary.len()) {
        object("boundary", "a ring has at least three corners");
    }
    if !place.division.as_deref().is_none_or(is_division) {
        object("division", "a code of 2, 4, 6, 9 or 12 digits");
    }
    if place.source.trim().is_empty() {
        object("source", "say where this is known from");
    }
}

fn check_survey(rules: &Rules, number: usize, survey: &Survey, faults: &mut Vec<Fault>) {
    let name = format!("survey[{number}]");
    if survey.kinds.is_empty() || !survey.kinds.iter().all(|kind| known(&rules.kinds, kind)) {
        faults.push(fault(PLACES, &name, "kinds", "name kinds that layout.toml defines"));
    }
    if survey.areas.is_empty() || !survey.areas.iter().all(|area| is_division(area)) {
        faults.push(fault(
            PLACES,
            &name,
            "areas",
            "name divisions by their codes of 2, 4, 6, 9 or 12 digits",
        ));
    }
    if survey.source.trim().is_empty() {
        faults.push(fault(PLACES, &name, "source", "say who vouches for the list"));
    }
}

/// The same rule may stand again for another time, but never twice on one day.
fn versions(rules: &[Rule], faults: &mut Vec<Fault>) {
    for (number, rule) in rules.iter().enumerate() {
        let earlier = || rules[..number].iter().filter(|other| other.id == rule.id);
        if earlier().any(|other| other.valid.overlaps(&rule.valid)) {
            faults.push(fault(RULES, &rule.id, "valid", "two versions hold on the same day"));
        }
    }
}

fn once<'a>(file: &str, ids: impl Iterator<Item = &'a String>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            faults.push(fault(file, id, "id", "stands twice"));
        }
    }
}

fn spoken(file: &str, entry: &str, field: &str, text: &Text, faults: &mut Vec<Fault>) {
    if text.zh.trim().is_empty() || text.en.trim().is_empty() {
        faults.push(fault(file, entry, field, "needs words in both languages"));
    }
}

fn known(words: &[Word], id: &str) -> bool {
    words.iter().any(|word| word.id == id)
}

fn is_division(code: &str) -> bool {
    matches!(code.len(), 2 | 4 | 6 | 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn fault(file: &str, entry: &str, field: &str, message: impl Into<String>) -> Fault {
    Fault { file: file.to_owned(), field: format!("{entry}: {field}"), message: message.into() }
}
