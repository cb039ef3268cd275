//! What is wrong in a law file is named by file, rule and field.

mod common;

use law::{Fault, Law};

const STATUTES: &str = r#"
[[statute]]
id = "test-law"
title = { zh = "测试法", en = "Test Law" }
[[statute.version]]
name = "2020"
valid = { from = "2020-01-01" }
certainty = "V"
source = "test"

[[counting]]
id = "counting.test"
kind = "unit"
statute = "test-law"
article = 9
certainty = "V"
unit = "workday"
days = [7]
text = { zh = "七日为工作日。", en = "Seven days are working days." }
"#;

const CALENDAR: &str = r#"
[calendar]
year = 2026
certainty = "S"
source = "test"
[[calendar.festival]]
title = { zh = "元旦", en = "New Year's Day" }
off = ["2026-01-01"]
work = ["2026-01-04"]
"#;

const RULE: &str = r#"
[[deadline]]
id = "test.rule"
title = { zh = "题", en = "Title" }
valid = { from = "2020-01-01" }
basis = [{ statute = "test-law", article = 1 }]
certainty = { period = "V", unit = "V", start = "V", roll = "V" }
starts-on = { events = ["test.started"], title = { zh = "开始", en = "started" } }
unit = "workday"
n = 7
direction = "after"
first = "excluded"
roll = "none"
on-expiry = { kind = "breach" }
warn-at = 1
"#;

fn load(rules: &str, calendar: &str) -> Vec<Fault> {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files =
        [file("a/statutes.toml", STATUTES), file("a/rules.toml", rules), file("a/calendar.toml", calendar)];
    Law::load(files).err().unwrap_or_default()
}

fn assert_fault(faults: &[Fault], rule: &str, field: &str, words: &str) {
    let found = faults
        .iter()
        .any(|fault| fault.rule == rule && fault.field == field && fault.message.contains(words));
    let listed: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
    assert!(found, "no fault {rule}: {field}: …{words}… among{listed}");
}

#[test]
fn a_sound_file_has_no_fault() {
    assert_eq!(load(RULE, CALENDAR), []);
}

#[test]
fn every_fault_of_a_rule_names_file_rule_and_field() {
    // What is replaced, by what, the field to be named, words of the message.
    let cases = [
        ("warn-at = 1", "warn-at = 1\ncolour = \"red\"", "colour", "unknown field"),
        ("unit = \"workday\"", "unit = \"fortnight\"", "unit", "unknown variant"),
        ("n = 7", "n = \"seven\"", "n", "invalid type"),
        ("n = 7", "n = -7", "n", "invalid value"),
        ("n = 7", "n = 0", "n", "zero"),
        ("n = 7", "n = 20000", "n", "too long"),
        ("n = 7\n", "", "n", "missing field"),
        ("zh = \"题\", en = \"Title\"", "zh = \"题\"", "title.en", "missing field"),
        ("zh = \"题\", en = \"Title\"", "zh = \" \", en = \"Title\"", "title.zh", "translation is missing"),
        (
            "zh = \"题\", en = \"Title\"",
            "zh = \"题\", en = \"Title\", fr = \"Titre\"",
            "title.fr",
            "unknown field",
        ),
        ("statute = \"test-law\"", "statute = \"no-law\"", "basis[0].statute", "unknown statute no-law"),
        ("from = \"2020-01-01\"", "from = \"2019-01-01\"", "basis[0].statute", "no version of test-law"),
        ("from = \"2020-01-01\"", "from = \"2020-02-30\"", "valid.from", ""),
        ("from = \"2020-01-01\"", "from = \"2021-01-01\", to = \"2020-12-31\"", "valid", "ends before"),
        ("basis = [{ statute = \"test-law\", article = 1 }]", "basis = []", "basis", "example = true"),
        ("unit = \"workday\"", "unit = \"calendar-day\"", "unit", "contradicts counting.test"),
        ("roll = \"V\"", "roll = \"M\"", "strict", "strict and a loose"),
        ("roll = \"V\"", "roll = \"M\"", "source", "where it was seen"),
        ("roll = \"V\"", "roll = \"Q\"", "certainty.roll", "unknown variant"),
        ("warn-at = 1", "warn-at = 1\nstrict = { roll = \"none\" }", "loose", "needs a loose"),
        ("warn-at = 1", "warn-at = 1\nloose = { roll = \"none\" }", "strict", "needs a strict"),
        ("warn-at = 1", "warn-at = 1\nstrict = {}\nloose = {}", "doubt", "in words"),
        ("warn-at = 1", "warn-at = 1\nstrict = { rolled = 1 }\nloose = {}", "strict.rolled", "unknown field"),
        (
            "n = 7\ndirection = \"after\"",
            "n = 7\nsuspended-by = [\"x\"]\ndirection = \"before\"",
            "suspended-by",
            "forward",
        ),
        ("unit = \"workday\"", "unit = \"hour\"\nsuspended-by = [\"x\"]", "suspended-by", "forward"),
        (
            "first = \"excluded\"\nroll = \"none\"",
            "first = \"excluded\"\nroll = \"up\"",
            "roll",
            "unknown variant",
        ),
        ("kind = \"breach\"", "kind = \"deemed\"", "on-expiry.outcome", "missing field"),
        ("kind = \"breach\"", "kind = \"fine\"", "on-expiry.kind", "unknown variant"),
        ("id = \"test.rule\"", "id = \"Test Rule\"", "id", "small letters"),
        ("events = [\"test.started\"]", "events = []", "starts-on.events", "at least one"),
    ];
    for (old, new, field, words) in cases {
        assert!(RULE.contains(old), "the sample has {old}");
        let faults = load(&RULE.replace(old, new), CALENDAR);
        let rule = if field == "id" { "Test Rule" } else { "test.rule" };
        assert_fault(&faults, rule, field, words);
        assert!(faults.iter().all(|fault| fault.file == "a/rules.toml"), "{faults:?}");
    }
}

#[test]
fn hours_neither_roll_nor_run_backward() {
    let hours = RULE.replace("unit = \"workday\"", "unit = \"hour\"");
    assert_fault(
        &load(&hours.replace("roll = \"none\"", "roll = \"next\""), CALENDAR),
        "test.rule",
        "roll",
        "hours",
    );
    let backward = hours.replace("direction = \"after\"", "direction = \"before\"");
    assert_fault(&load(&backward, CALENDAR), "test.rule", "direction", "hours");
}

#[test]
fn the_same_rule_may_stand_twice_only_one_after_the_other() {
    let twice = format!("{RULE}{RULE}");
    assert_fault(&load(&twice, CALENDAR), "test.rule", "id", "duplicate id");
    let later = RULE.replace("from = \"2020-01-01\"", "from = \"2024-01-01\"");
    assert_fault(&load(&format!("{RULE}{later}"), CALENDAR), "test.rule", "valid", "overlaps");
    let ended = RULE.replace("from = \"2020-01-01\"", "from = \"2020-01-01\", to = \"2023-12-31\"");
    assert_eq!(load(&format!("{ended}{later}"), CALENDAR), []);
}

#[test]
fn statutes_and_countings_are_checked_too() {
    let rules = format!("{RULE}{STATUTES}");
    assert_fault(&load(&rules, CALENDAR), "test-law", "id", "duplicate id");
    assert_fault(&load(&rules, CALENDAR), "counting.test", "id", "duplicate id");
    let other = STATUTES.replace("test-law", "other-law").replace("counting.test", "counting.other");
    let overlap = other.replace(
        "[[counting]]",
        "[[statute.version]]\nname = \"b\"\nvalid = {}\ncertainty = \"V\"\nsource = \"t\"\n[[counting]]",
    );
    assert_fault(&load(&format!("{RULE}{overlap}"), CALENDAR), "other-law", "version[1].valid", "overlaps");
    let unitless = other.replace("unit = \"workday\"\n", "");
    assert_fault(&load(&format!("{RULE}{unitless}"), CALENDAR), "counting.other", "unit", "needs unit");
    let days = other.replace("days = [7]", "days = \"some\"");
    assert_fault(&load(&format!("{RULE}{days}"), CALENDAR), "counting.other", "days", "list of numbers");
}

#[test]
fn a_calendar_is_checked_day_by_day() {
    let cases = [
        ("off = [\"2026-01-01\"]", "off = [\"2025-01-01\"]", "festival[0].off", "outside 2026"),
        ("work = [\"2026-01-04\"]", "work = [\"2026-01-05\"]", "festival[0].work", "weekday"),
        ("work = [\"2026-01-04\"]", "work = [\"2026-01-01\"]", "festival[0].work", "stands also"),
        ("off = [\"2026-01-01\"]", "off = [\"2026-13-01\"]", "festival[0].off[0]", ""),
        ("source = \"test\"", "source = \"\"", "source", "published"),
    ];
    for (old, new, field, words) in cases {
        assert_fault(&load(RULE, &CALENDAR.replace(old, new)), "calendar 2026", field, words);
    }
    let gap =
        CALENDAR.replace("2026", "2028").replace("off = [\"2028-01-01\"]\nwork = [\"2028-01-04\"]\n", "");
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files = [file("a/s.toml", STATUTES), file("a/2026.toml", CALENDAR), file("a/2028.toml", &gap)];
    assert_fault(&Law::load(files).unwrap_err(), "calendar 2028", "year", "gap");
    let files = [file("a/s.toml", STATUTES), file("a/2026.toml", CALENDAR), file("b/2026.toml", CALENDAR)];
    assert_fault(&Law::load(files).unwrap_err(), "calendar 2026", "year", "also published in a/2026.toml");
    assert_fault(
        &Law::load([file("a/s.toml", STATUTES)]).unwrap_err(),
        "calendar",
        "year",
        "no working calendar",
    );
}

#[test]
fn broken_files_and_unknown_tables_are_named() {
    assert_fault(&load("[[deadline]]\nid = \n", CALENDAR), "-", "line 2", "");
    assert_fault(&load("[rubric]\n", CALENDAR), "rubric", "rubric", "unknown table");
    assert_fault(&load("[deadline]\n", CALENDAR), "deadline", "deadline", "[[deadline]]");
    assert_fault(&load("[[deadline]]\nn = 1\n", CALENDAR), "deadline[0]", "id", "missing field");
}

#[test]
fn all_faults_are_reported_at_once() {
    let bad = RULE.replace("n = 7", "n = 0").replace("en = \"Title\"", "en = \"\"");
    let faults = load(&bad, &CALENDAR.replace("2026-01-04", "2026-01-05"));
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert_eq!(faults[0].to_string(), "a/rules.toml: test.rule: title.en: the translation is missing");
}

#[test]
fn the_version_of_a_rule_changes_with_any_of_its_words_and_with_nothing_else() {
    let law = common::law();
    let again = common::law();
    let versions = |law: &Law| law.rules().iter().map(|rule| rule.version().to_owned()).collect::<Vec<_>>();
    assert_eq!(versions(&law), versions(&again));
    let mut files = common::files();
    for (path, text) in &mut files {
        if path.ends_with("licence-periods.toml") {
            *text = text.replace("作出许可决定", "做出许可决定");
        }
    }
    let changed = Law::load(files).expect("still sound");
    let moved = law.rules().iter().zip(changed.rules()).filter(|(old, new)| old.version() != new.version());
    assert_eq!(moved.map(|(rule, _)| rule.id.as_str()).collect::<Vec<_>>(), ["licence.decision"]);
}

const GROUND: &str = r#"
[[ground]]
id = "test.ground"
founds = "test.refusal"
title = { zh = "题", en = "Title" }
valid = { from = "2020-01-01" }
basis = [{ statute = "test-law", article = 1 }]
certainty = "V"
"#;

#[test]
fn a_ground_names_its_article_or_is_an_example() {
    assert_eq!(load(GROUND, CALENDAR), []);
    let cases = [
        ("article = 1", "item = 1", "basis"),
        ("test-law", "no-law", "basis[0].statute"),
        (r#"certainty = "V""#, r#"certainty = "S""#, "source"),
        (r#"en = "Title""#, r#"en = """#, "title.en"),
        ("test.refusal", "Test refusal", "founds"),
    ];
    for (before, after, field) in cases {
        let faults = load(&GROUND.replacen(before, after, 1), CALENDAR);
        let found: Vec<_> = faults.iter().map(|fault| (fault.rule.as_str(), fault.field.as_str())).collect();
        assert_eq!(found, [("test.ground", field)], "{before} → {after}");
    }
    let example = GROUND.replacen("article = 1", "item = 1", 1) + "example = true\n";
    assert_eq!(load(&example, CALENDAR), []);
}
