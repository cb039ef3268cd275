//! Files that are at fault, and the data that is shipped.

use std::path::Path;

use super::scene::{TODAY, place};
use crate::bureau::Bureau;
use crate::layout::load;
use crate::layout::rule::NoGround;

const GOOD: &str = r#"
whole = true
tolerance-metres = 5
[[kind]]
id = "school"
title = { zh = "学校", en = "school" }
[[rule]]
id = "a.school"
title = { zh = "学校", en = "School" }
areas = ["330421"]
goods = ["cigarettes"]
demand = { kind = "school", schools = ["school"], reach = { metres = 100, measure = "radius", reference = "boundary" } }
valid = { from = "2026-01-01", to = "2026-12-31" }
certainty = "V"
"#;

fn faults(layout: &str, places: &str) -> Vec<String> {
    let read = |file: &str| Some(if file == "layout.toml" { layout } else { places }.to_owned());
    load(read).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn each_fault_names_file_entry_and_field() {
    assert!(faults(GOOD, "").is_empty());
    for (wrong, right, expected) in [
        ("whole = true\n", "", "layout.toml: -: ."),
        ("metres = 100", "metres = 0", "layout.toml: a.school: demand: metres"),
        ("\"radius\"", "\"flight\"", "layout.toml: a.school: demand"),
        ("schools = [\"school\"]", "schools = [\"college\"]", "layout.toml: a.school: demand: names a kind"),
        ("schools = [\"school\"]", "schools = []", "layout.toml: a.school: demand: name at least one"),
        ("areas = [\"330421\"]", "areas = [\"Jiashan\"]", "layout.toml: a.school: areas"),
        ("goods = [\"cigarettes\"]", "goods = [\"matches\"]", "layout.toml: a.school: goods"),
        ("2026-12-31", "2025-12-31", "layout.toml: a.school: valid: ends before"),
        ("en = \"School\"", "en = \"\"", "layout.toml: a.school: title: needs words in both languages"),
        ("certainty = \"V\"", "certainty = \"V\"\nmetres = 3", "layout.toml: a.school: "),
        ("tolerance-metres = 5", "tolerance-metres = 5\nwidth = 2", "layout.toml: -: "),
        ("\n[[rule]]", "\n[rule]", "layout.toml: rule: rule: must be a list"),
        ("whole = true", "whole = ", "layout.toml: -: line 2"),
    ] {
        assert!(GOOD.contains(wrong), "{wrong} is in no good file");
        let found = faults(&GOOD.replacen(wrong, right, 1), "");
        assert!(found.iter().any(|fault| fault.starts_with(expected)), "{expected} is not in {found:?}");
    }
}

#[test]
fn two_versions_never_hold_on_one_day() {
    let rule = &GOOD[GOOD.find("[[rule]]").unwrap()..];
    let twice = format!("{GOOD}{rule}");
    assert!(faults(&twice, "")[0].starts_with("layout.toml: a.school: valid: two versions"));
    let later = rule.replace("2026-01-01", "2027-01-01").replace("2026-12-31", "2027-12-31");
    assert!(faults(&format!("{GOOD}{later}"), "").is_empty());
}

#[test]
fn faults_of_places_are_found() {
    for (places, expected) in [
        (place("p", "museum", ""), "places.toml: p: kind"),
        (place("p", "school", "entrances = [[190.0, 30.0]]"), "places.toml: p: entrances"),
        (place("p", "school", "boundary = [[120.0, 30.0], [120.1, 30.0]]"), "places.toml: p: boundary"),
        (place("p", "school", "stall = 3"), "places.toml: p: "),
        (
            format!("{}{}", place("p", "school", ""), place("p", "school", "")),
            "places.toml: p: id: stands twice",
        ),
        (
            "[[survey]]\nkinds = []\nareas = [\"33\"]\nvalid = {}\nsource = \"x\"".to_owned(),
            "places.toml: survey[0]: kinds",
        ),
        ("[[shop]]\nid = \"x\"".to_owned(), "places.toml: shop"),
    ] {
        let found = faults(GOOD, &places);
        assert!(found.iter().any(|fault| fault.starts_with(expected)), "{expected} is not in {found:?}");
    }
}

#[test]
fn a_place_outside_the_territory_stops_the_node() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../region/jiashan");
    let swapped = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(
            text.replace("[120.89000, 30.94000]", "[30.94000, 120.89000]")
                .replace("[120.88650, 30.94850]", "[121.5, 31.2]"),
        )
    };
    let faults: Vec<String> = Bureau::load(swapped).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(
        faults.iter().any(|fault| fault.starts_with("places.toml: example-primary-xitang: entrances")),
        "{faults:?}"
    );
    let astray = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(text.replace("[120.88650, 30.94850]", "[121.5, 31.2]"))
    };
    let faults: Vec<String> = Bureau::load(astray).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("places.toml: example-kindergarten-xitang: entrances"), "{faults:?}");
}

/// No rule of the shipped region can found a refusal: one names no distance, the others are made up.
#[test]
fn the_shipped_region_founds_no_refusal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../region/jiashan");
    let bureau = Bureau::load(|file| std::fs::read_to_string(folder.join(file)).ok()).unwrap();
    let rules = &bureau.layout;
    assert!(rules.rules.len() >= 5 && !rules.whole);
    for rule in &rules.rules {
        let expected = if rule.example { NoGround::Example } else { NoGround::NoDistance };
        assert_eq!(rules.ground(&rule.id, TODAY).unwrap_err(), expected, "{}", rule.id);
        assert!(rule.example || rule.source.is_some(), "{} claims to be in force without a source", rule.id);
    }
    assert!(rules.places.iter().all(|place| place.example));
    let other =
        Bureau::load(|file| std::fs::read_to_string(folder.join("../chicago").join(file)).ok()).unwrap();
    assert!(other.layout.rules.is_empty());
}

#[test]
fn a_digest_tells_versions_apart() {
    let of = |text: &str| {
        let read = |file: &str| (file == "layout.toml").then(|| text.to_owned());
        load(read).unwrap().rules[0].version.clone()
    };
    assert_eq!(of(GOOD), of(GOOD));
    assert_ne!(of(GOOD), of(&GOOD.replace("metres = 100", "metres = 101")));
}
