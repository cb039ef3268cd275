//! The engine against the oracle: every start day from 2020 whose end lies in the published calendar, every kind of period.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, date, time};
use jiff::{Timestamp, ToSpan};
use law::{
    Direction, Extension, First, Law, Period, Reading, Roll, Rule, Start, Suspension, Unit, day_start,
};

type Kind = (Period, Vec<(i64, i64)>);

#[derive(Default)]
struct Fixture {
    calendar: BTreeMap<i16, String>,
    rules: Vec<RuleLine>,
    /// Kind and year, with the offset of the end for every start day of that year.
    kinds: Vec<(Kind, i16, Vec<Option<i64>>)>,
}

struct RuleLine {
    id: String,
    from: String,
    reading: String,
    plain: Period,
    extended: Period,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(fixture);

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by its environment where the oracle's fixture lies"
)]
fn fixture() -> Fixture {
    let path = std::env::var("COMITY_LAW_ORACLE").expect(
        "COMITY_LAW_ORACLE must name the oracle's fixture: export COMITY_LAW_ORACLE=$(scripts/law-oracle)",
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    read(&text)
}

fn read(text: &str) -> Fixture {
    let mut fixture = Fixture::default();
    for line in text.lines() {
        match line.split('|').collect::<Vec<_>>()[..] {
            ["calendar", year, marks] => {
                fixture.calendar.insert(year.parse().expect("a year"), marks.to_owned());
            }
            ["rule", id, from, reading, plain, extended] => fixture.rules.push(RuleLine {
                id: id.to_owned(),
                from: from.to_owned(),
                reading: reading.to_owned(),
                plain: period(plain),
                extended: period(extended),
            }),
            ["kind", kind, pauses, year, ends] => {
                let ends = ends.split(',').map(|end| end.parse().ok()).collect();
                fixture.kinds.push(((period(kind), pauses_of(pauses)), year.parse().expect("a year"), ends));
            }
            _ => panic!("not a line of the fixture: {line}"),
        }
    }
    fixture
}

fn period(text: &str) -> Period {
    let [unit, n, direction, first, roll] = text.split(' ').collect::<Vec<_>>()[..] else {
        panic!("kind {text}")
    };
    let unit = match unit {
        "hour" => Unit::Hour,
        "workday" => Unit::Workday,
        "calendar-day" => Unit::CalendarDay,
        "month" => Unit::Month,
        "year" => Unit::Year,
        other => panic!("unit {other}"),
    };
    let roll = match roll {
        "next" => Roll::Next,
        "previous" => Roll::Previous,
        "none" => Roll::None,
        other => panic!("roll {other}"),
    };
    let direction = if direction == "after" { Direction::After } else { Direction::Before };
    let first = if first == "counted" { First::Counted } else { First::Excluded };
    Period { unit, n: n.parse().expect("a number"), direction, first, roll }
}

fn pauses_of(text: &str) -> Vec<(i64, i64)> {
    let pairs = text.split(',').filter_map(|pause| pause.split_once('+'));
    pairs
        .map(|(after, length)| (after.parse().expect("a number"), length.parse().expect("a number")))
        .collect()
}

fn later(day: Date, days: i64) -> Date {
    day + days.days()
}

fn offset(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).expect("near days").get_days())
}

fn suspensions(start: Date, pauses: &[(i64, i64)], ground: &str) -> Vec<Suspension> {
    let one = |(after, length): &(i64, i64)| Suspension {
        from: later(start, *after),
        until: later(start, after + length - 1),
        ground: ground.to_owned(),
    };
    pauses.iter().map(one).collect()
}

/// The first mark of the working day on which the hour periods of the oracle start.
fn office(day: Date) -> Timestamp {
    day_start(day)
        + date(2026, 1, 1).to_datetime(time(10, 20, 30, 0)).duration_since(date(2026, 1, 1).at(0, 0, 0, 0))
}

#[test]
fn every_day_of_the_calendar_is_worked_or_not_as_both_packages_say() {
    let law = common::law();
    let years: Vec<_> = FIXTURE.calendar.keys().copied().collect();
    assert_eq!(law.calendar().years().collect::<Vec<_>>(), years);
    for (year, marks) in &FIXTURE.calendar {
        let mut day = date(*year, 1, 1);
        for mark in marks.chars() {
            assert_eq!(law.calendar().is_workday(day), mark == '1', "{day}");
            day = later(day, 1);
        }
        assert_eq!(day, date(*year + 1, 1, 1), "every day of {year} is in the fixture");
    }
}

#[test]
fn every_kind_of_period_ends_where_the_oracle_ends_it() {
    let law = common::law();
    let mut compared = 0_u32;
    for ((period, pauses), year, ends) in
        FIXTURE.kinds.iter().filter(|((period, _), ..)| period.unit != Unit::Hour)
    {
        for (place, end) in ends.iter().enumerate() {
            let start = later(date(*year, 1, 1), i64::try_from(place).expect("a place in the year"));
            let Some(expected) = *end else { continue };
            let paused = suspensions(start, pauses, "any");
            let found = period.end(start, law.calendar(), &paused).expect("an end");
            assert_eq!(offset(start, found.last), expected, "{period:?} {pauses:?} from {start}");
            assert!(!found.provisional, "{period:?} from {start} lies in the published calendar");
            compared += 1;
        }
    }
    assert!(compared > 250_000, "only {compared} ends were compared");
}

#[test]
fn the_fixture_covers_every_day_of_every_year_and_every_kind_of_the_law() {
    let kinds: BTreeSet<String> =
        FIXTURE.kinds.iter().map(|((period, _), ..)| format!("{period:?}")).collect();
    for (_, year, ends) in &FIXTURE.kinds {
        let days = usize::from(date(*year, 1, 1).days_in_year().unsigned_abs());
        assert_eq!(ends.len(), days, "a start day of {year} is missing");
    }
    for rule in common::law().rules() {
        for reading in [&rule.strict, &rule.loose] {
            let most = rule.extended_by.as_ref().and_then(|by| by.most).unwrap_or(0);
            for extension in [0, most] {
                let period = reading.period(extension);
                assert!(
                    kinds.contains(&format!("{period:?}")),
                    "{}: {period:?} is not in the fixture",
                    rule.id
                );
            }
        }
    }
}

#[test]
fn the_readings_of_every_rule_are_those_the_oracle_read_from_the_files() {
    let law = common::law();
    assert_eq!(FIXTURE.rules.len(), 2 * law.rules().len());
    for line in &FIXTURE.rules {
        let rule = rule_of(&law, line);
        assert_eq!(reading_of(rule, &line.reading).period(0), line.plain, "{} {}", line.id, line.reading);
    }
}

fn rule_of<'a>(law: &'a Law, line: &RuleLine) -> &'a Rule {
    let from = |rule: &Rule| rule.valid.from.map_or(String::new(), |from| from.to_string());
    let found = law.rules().iter().find(|rule| rule.id == line.id && from(rule) == line.from);
    found.unwrap_or_else(|| panic!("{} from {} is missing", line.id, line.from))
}

fn reading_of<'a>(rule: &'a Rule, name: &str) -> &'a Reading {
    if name == "strict" { &rule.strict } else { &rule.loose }
}

#[test]
fn every_rule_counted_through_the_law_ends_where_the_oracle_ends_it() {
    let law = common::law();
    let ends = plain_ends();
    let mut compared = 0_u32;
    for lines in FIXTURE.rules.chunks(2) {
        let [strict, loose] = lines else { panic!("a rule has two readings") };
        let rule = rule_of(&law, strict);
        // Every eleventh day, so that every weekday comes up: day by day is compared above, this is about the wiring.
        for start in days().step_by(11).filter(|start| rule.valid.holds(*start)) {
            let most = rule.extended_by.as_ref().and_then(|by| by.most);
            for extension in [None, most] {
                compared += compare(&law, [strict, loose], &ends, start, extension);
            }
        }
    }
    assert!(compared > 20_000, "only {compared} ends were compared");
}

type Ends = BTreeMap<String, BTreeMap<Date, i64>>;

fn plain_ends() -> Ends {
    let mut ends = Ends::new();
    for ((period, pauses), year, offsets) in &FIXTURE.kinds {
        if !pauses.is_empty() {
            continue;
        }
        let of_kind = ends.entry(format!("{period:?}")).or_default();
        for (day, end) in (0..).zip(offsets) {
            if let Some(end) = end {
                of_kind.insert(later(date(*year, 1, 1), day), *end);
            }
        }
    }
    ends
}

fn days() -> impl Iterator<Item = Date> {
    date(2020, 1, 1).series(1.day()).take_while(|day| *day <= date(2026, 12, 31))
}

fn compare(law: &Law, lines: [&RuleLine; 2], ends: &Ends, start: Date, extension: Option<u32>) -> u32 {
    let extensions: Vec<_> = extension.map(|n| Extension { n, approved: start }).into_iter().collect();
    let begun = Start::Instant(office(start));
    let deadline = law.deadline(&lines[0].id, &begun, &[], &extensions).expect("a deadline");
    let mut compared = 0;
    for (line, due) in lines.into_iter().zip([deadline.strict, deadline.loose]) {
        let kind = if extension.is_some() { line.extended } else { line.plain };
        let Some(expected) = ends[&format!("{kind:?}")].get(&start) else { continue };
        let found = match kind.unit {
            Unit::Hour => due.end.duration_since(office(start)).as_secs(),
            _ => offset(start, due.day),
        };
        assert_eq!(found, *expected, "{} {} {kind:?} from {start}", line.id, line.reading);
        compared += 1;
    }
    compared
}
