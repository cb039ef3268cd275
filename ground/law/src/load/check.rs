//! What a law file may not say: gaps, contradictions and claims without a source.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

use crate::count::{Direction, Roll, Unit};
use crate::load::{Fault, Files, Found, is_days, shape};
use crate::raw::{RawCalendar, RawCounting, RawDeadline, RawGround, RawStatute};
use crate::rule::Reading;
use crate::statute::{Basis, Certainty, Counting, CountingKind, Statute, Validity};
use crate::text::Text;

pub(crate) fn all(found: &Files, statutes: &[Statute], countings: &[Counting], faults: &mut Vec<Fault>) {
    for one in &found.statutes {
        statute(one, faults);
    }
    for one in &found.countings {
        counting(one, statutes, faults);
    }
    for one in &found.deadlines {
        deadline(one, statutes, countings, faults);
    }
    for one in &found.grounds {
        ground(one, statutes, faults);
    }
    once(found.grounds.iter().map(|one| (one, &one.value.id)), faults);
    once(found.statutes.iter().map(|one| (one, &one.value.id)), faults);
    once(found.countings.iter().map(|one| (one, &one.value.id)), faults);
    versions(&found.deadlines, faults);
    calendars(&found.calendars, faults);
}

fn statute(one: &Found<RawStatute>, faults: &mut Vec<Fault>) {
    identity(one, &one.value.id, faults);
    text(one, "title", &one.value.title, faults);
    let versions = &one.value.version;
    if versions.is_empty() {
        faults.push(one.fault("version", "a statute needs at least one version"));
    }
    for (place, version) in versions.iter().enumerate() {
        let field = format!("version[{place}].valid");
        validity(one, &field, &version.valid, faults);
        if versions[..place].iter().any(|other| other.valid.overlaps(&version.valid)) {
            faults.push(one.fault(&field, "overlaps the validity of another version"));
        }
    }
}

fn counting(one: &Found<RawCounting>, statutes: &[Statute], faults: &mut Vec<Fault>) {
    let raw = &one.value;
    identity(one, &raw.id, faults);
    text(one, "text", &raw.text, faults);
    if !statutes.iter().any(|statute| statute.id == raw.statute) {
        faults.push(one.fault("statute", format!("unknown statute {}", raw.statute)));
    }
    let complete = raw.unit.is_some() && raw.days.is_some();
    if raw.kind == CountingKind::Unit && !complete {
        faults.push(one.fault("unit", "a counting of kind unit needs unit and days"));
    }
}

fn deadline(one: &Found<RawDeadline>, statutes: &[Statute], countings: &[Counting], faults: &mut Vec<Fault>) {
    let raw = &one.value;
    identity(one, &raw.id, faults);
    texts(one, faults);
    validity(one, "valid", &raw.valid, faults);
    source(one, faults);
    readings(one, faults);
    lengths(one, faults);
    for (place, basis) in raw.basis.iter().enumerate() {
        place_of(one, (place, basis), &raw.valid, statutes, faults);
        commanded(one, basis, countings, faults);
    }
    if raw.starts_on.events.is_empty() {
        faults.push(one.fault("starts-on.events", "name at least one event"));
    }
}

// A ground that names no article founds no real decision either.
fn ground(one: &Found<RawGround>, statutes: &[Statute], faults: &mut Vec<Fault>) {
    let raw = &one.value;
    identity(one, &raw.id, faults);
    identity_of(one, "founds", &raw.founds, faults);
    text(one, "title", &raw.title, faults);
    validity(one, "valid", &raw.valid, faults);
    if let Some(note) = &raw.note {
        text(one, "note", note, faults);
    }
    for (place, basis) in raw.basis.iter().enumerate() {
        place_of(one, (place, basis), &raw.valid, statutes, faults);
    }
    let named = raw.basis.iter().any(|basis| basis.article.is_some());
    if !named && !raw.example {
        faults.push(one.fault("basis", "a ground without an article must be marked example = true"));
    }
    let stated = raw.source.as_ref().is_some_and(|source| !source.trim().is_empty());
    if raw.certainty != Certainty::V && !stated {
        faults.push(one.fault("source", "a ground that was not read in the law must say where it was seen"));
    }
}

fn texts(one: &Found<RawDeadline>, faults: &mut Vec<Fault>) {
    let raw = &one.value;
    text(one, "title", &raw.title, faults);
    text(one, "starts-on.title", &raw.starts_on.title, faults);
    let extension = raw.extended_by.as_ref();
    let optional = [
        ("doubt", raw.doubt.as_ref()),
        ("note", raw.note.as_ref()),
        ("extended-by.approver", extension.map(|by| &by.approver)),
        ("extended-by.notice", extension.map(|by| &by.notice)),
    ];
    for (field, words) in optional {
        if let Some(words) = words {
            text(one, field, words, faults);
        }
    }
}

// Invented law is worse than none: what has no article must be marked an example, and what was not read must say where it was seen.
fn source(one: &Found<RawDeadline>, faults: &mut Vec<Fault>) {
    let raw = &one.value;
    if raw.basis.is_empty() && !raw.example {
        faults.push(one.fault("basis", "a rule without a basis must be marked example = true"));
    }
    let stated = raw.source.as_ref().is_some_and(|source| !source.trim().is_empty());
    if raw.certainty.least() != Certainty::V && !stated {
        faults
            .push(one.fault("source", "a rule that is not certain in every part must say where it was seen"));
    }
}

fn readings(one: &Found<RawDeadline>, faults: &mut Vec<Fault>) {
    let raw = &one.value;
    match (&raw.strict, &raw.loose) {
        (Some(_), None) => faults.push(one.fault("loose", "a strict reading needs a loose one")),
        (None, Some(_)) => faults.push(one.fault("strict", "a loose reading needs a strict one")),
        (None, None) if raw.certainty.doubtful() => {
            faults.push(
                one.fault(
                    "strict",
                    "unit, start or roll is in doubt: a strict and a loose reading are needed",
                ),
            );
        }
        (Some(_), Some(_)) if raw.doubt.is_none() => {
            faults.push(one.fault("doubt", "two readings need the doubt in words"));
        }
        _ => {}
    }
}

fn lengths(one: &Found<RawDeadline>, faults: &mut Vec<Fault>) {
    let raw = &one.value;
    if raw.strict.is_none() && raw.loose.is_none() {
        return length(one, &shape::reading(raw, None), &str::to_owned, faults);
    }
    for (name, changes) in [("strict", raw.strict.as_ref()), ("loose", raw.loose.as_ref())] {
        length(one, &shape::reading(raw, changes), &|field| format!("{name}.{field}"), faults);
    }
}

fn length(
    one: &Found<RawDeadline>,
    reading: &Reading,
    field: &dyn Fn(&str) -> String,
    faults: &mut Vec<Fault>,
) {
    let mut fault = |name: &str, message: &str| faults.push(one.fault(&field(name), message));
    let same_day = reading.unit == Unit::CalendarDay && reading.roll == Roll::None;
    if reading.n == 0 && !same_day {
        fault("n", "zero is for calendar days without roll only");
    }
    if reading.n > 10_000 {
        fault("n", "too long to be a time limit");
    }
    let hour = reading.unit == Unit::Hour;
    if hour && reading.roll != Roll::None {
        fault("roll", "hours do not roll");
    }
    if hour && reading.direction == Direction::Before {
        fault("direction", "hours are counted forward only");
    }
    if !reading.suspended_by.is_empty() && (hour || reading.direction == Direction::Before) {
        fault("suspended-by", "only days, months and years counted forward can be suspended");
    }
}

fn place_of<T>(
    one: &Found<T>,
    (place, basis): (usize, &Basis),
    valid: &Validity,
    statutes: &[Statute],
    faults: &mut Vec<Fault>,
) {
    let field = &format!("basis[{place}].statute");
    let Some(statute) = statutes.iter().find(|statute| statute.id == basis.statute) else {
        return faults.push(one.fault(field, format!("unknown statute {}", basis.statute)));
    };
    let Some(on) = valid.from.or(valid.to) else { return };
    if statute.version_on(on).is_none() {
        faults.push(one.fault(field, format!("no version of {} is in force on {on}", basis.statute)));
    }
}

// Where the statute itself says what its days are, a rule that is sure of its unit may not say otherwise.
fn commanded(one: &Found<RawDeadline>, basis: &Basis, countings: &[Counting], faults: &mut Vec<Fault>) {
    let raw = &one.value;
    if raw.certainty.unit != Certainty::V || !is_days(raw.unit) || raw.n == 0 {
        return;
    }
    for counting in countings {
        match counting.commands(&basis.statute, raw.n) {
            Some(unit) if unit != raw.unit => {
                faults.push(one.fault("unit", format!("contradicts {}", counting.id)))
            }
            _ => {}
        }
    }
}

fn identity<T>(one: &Found<T>, id: &str, faults: &mut Vec<Fault>) {
    identity_of(one, "id", id, faults);
}

fn identity_of<T>(one: &Found<T>, field: &str, id: &str, faults: &mut Vec<Fault>) {
    let plain = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '.'
    };
    if id.is_empty() || !id.chars().all(plain) {
        faults.push(one.fault(field, "an id has small letters, digits, dots and hyphens only"));
    }
}

fn text<T>(one: &Found<T>, field: &str, words: &Text, faults: &mut Vec<Fault>) {
    for (language, half) in [("zh", &words.zh), ("en", &words.en)] {
        if half.trim().is_empty() {
            faults.push(one.fault(&format!("{field}.{language}"), "the translation is missing"));
        }
    }
}

fn validity<T>(one: &Found<T>, field: &str, valid: &Validity, faults: &mut Vec<Fault>) {
    if valid.reversed() {
        faults.push(one.fault(field, "ends before it begins"));
    }
}

fn once<'a, T: 'a>(ids: impl Iterator<Item = (&'a Found<T>, &'a String)>, faults: &mut Vec<Fault>) {
    let mut seen = BTreeMap::new();
    for (one, id) in ids {
        if let Some(first) = seen.insert(id, &one.file) {
            faults.push(one.fault("id", format!("duplicate id, also in {first}")));
        }
    }
}

// A rule may stand several times, once for each time it was in force.
fn versions(found: &[Found<RawDeadline>], faults: &mut Vec<Fault>) {
    for (place, one) in found.iter().enumerate() {
        let same = found[..place].iter().filter(|other| other.value.id == one.value.id);
        for other in same {
            if other.value.valid == one.value.valid {
                faults.push(one.fault("id", format!("duplicate id, also in {}", other.file)));
            } else if other.value.valid.overlaps(&one.value.valid) {
                faults.push(
                    one.fault("valid", format!("overlaps the validity of the same rule in {}", other.file)),
                );
            }
        }
    }
}

fn calendars(found: &[Found<RawCalendar>], faults: &mut Vec<Fault>) {
    if found.is_empty() {
        let (file, rule, field) = ("law".to_owned(), "calendar".to_owned(), "year".to_owned());
        return faults.push(Fault { file, rule, field, message: "no working calendar was found".to_owned() });
    }
    let mut years: BTreeMap<i16, &Found<RawCalendar>> = BTreeMap::new();
    for one in found {
        if let Some(first) = years.insert(one.value.year, one) {
            faults.push(one.fault("year", format!("the year is also published in {}", first.file)));
        }
        year(one, faults);
    }
    let mut last = None;
    for (year, one) in years {
        if last.is_some_and(|last| last + 1 != year) {
            faults.push(one.fault("year", "the published years have a gap before this one"));
        }
        last = Some(year);
    }
}

fn year(one: &Found<RawCalendar>, faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<Date, String> = BTreeMap::new();
    if one.value.source.trim().is_empty() {
        faults.push(one.fault("source", "say where the days were published"));
    }
    for (place, festival) in one.value.festival.iter().enumerate() {
        text(one, &format!("festival[{place}].title"), &festival.title, faults);
        let off = festival.off.iter().map(|day| (*day, "off"));
        for (day, list) in off.chain(festival.work.iter().map(|day| (*day, "work"))) {
            let field = format!("festival[{place}].{list}");
            special(one, &field, day, list, faults);
            if let Some(first) = seen.insert(day, field.clone()) {
                faults.push(one.fault(&field, format!("{day} stands also in {first}")));
            }
        }
    }
}

fn special(one: &Found<RawCalendar>, field: &str, day: Date, list: &str, faults: &mut Vec<Fault>) {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    if day.year() != one.value.year {
        faults.push(one.fault(field, format!("{day} lies outside {}", one.value.year)));
    }
    if list == "work" && !weekend {
        faults.push(one.fault(field, format!("{day} is a weekday and needs no make-up")));
    }
}
