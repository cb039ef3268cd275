//! Suqian: a circle round every entrance; what was there before stays until expiry, and may move.

use jiff::civil::date;

use super::scene::*;
use crate::layout::Rules;
use crate::layout::answer::{Figure, Missing, Verdict};
use crate::layout::question::Purpose;
use crate::layout::rule::NoGround;
use crate::licence::data::Scope;

const LAYOUT: &str = include_str!("../../../tests/layout/suqian.toml");
const ALL: [&str; 5] = [
    "kindergarten",
    "primary-or-secondary-school",
    "special-school",
    "vocational-school",
    "specialised-school",
];

/// A school with two entrances: one at this distance to the east, one far away.
fn town(kind: &str, metres: f64) -> Rules {
    let school = place("实验学校", kind, &gates(&[(900.0, 0.0), (metres, 0.0)]));
    rules(LAYOUT, &format!("{}{school}", survey(&ALL, "321302")))
}

#[test]
fn the_nearest_of_all_entrances_decides() {
    let asked = question("321302", Scope::Cigarettes);
    let none = around(vec![]);
    for (metres, expected) in [(190.0, Verdict::Forbidden), (210.0, Verdict::Allowed)] {
        let found = verdict(&town("primary-or-secondary-school", metres), &asked, &none, "suqian.school");
        assert_eq!(found, expected, "{metres} m");
    }
    assert_eq!(verdict(&town("kindergarten", 110.0), &asked, &none, "suqian.kindergarten"), Verdict::Allowed);
    assert_eq!(
        verdict(&town("kindergarten", 90.0), &asked, &none, "suqian.kindergarten"),
        Verdict::Forbidden
    );
    let electronic = question("321302", Scope::ElectronicCigarettes);
    assert_eq!(
        verdict(&town("kindergarten", 90.0), &electronic, &none, "suqian.kindergarten"),
        Verdict::Forbidden
    );
}

#[test]
fn the_definition_of_a_school_is_the_rules_own() {
    let asked = question("321302", Scope::Cigarettes);
    let town = town("specialised-school", 150.0);
    assert_eq!(verdict(&town, &asked, &around(vec![]), "suqian.school"), Verdict::Forbidden);
    assert_eq!(verdict(&town, &asked, &around(vec![]), "suqian.kindergarten"), Verdict::Allowed);
}

#[test]
fn too_near_to_the_limit_for_a_map_it_is_measured_on_the_spot() {
    let town = town("primary-or-secondary-school", 198.0);
    let mut asked = question("321302", Scope::Cigarettes);
    let found = missing(&town, &asked, &around(vec![]), "suqian.school");
    assert!(matches!(found.as_slice(), [Missing::Measurement { .. }]), "{found:?}");
    let mut sighted = walked("实验学校", 1, 2_003);
    sighted.measure = crate::layout::rule::Measure::Radius;
    asked.measurements = vec![sighted.clone()];
    assert_eq!(verdict(&town, &asked, &around(vec![]), "suqian.school"), Verdict::Allowed);
    sighted.decimetres = 2_000;
    asked.measurements = vec![sighted.clone()];
    let at_the_limit = verdict(&town, &asked, &around(vec![]), "suqian.school");
    assert_eq!(at_the_limit, Verdict::Forbidden, "within two hundred metres is two hundred metres too");
    sighted.decimetres = 2_300;
    asked.measurements = vec![sighted];
    let found = missing(&town, &asked, &around(vec![]), "suqian.school");
    assert!(matches!(found.as_slice(), [Missing::Contradiction { .. }]), "the map says 198 m: {found:?}");
}

#[test]
fn without_a_complete_list_none_in_sight_proves_nothing() {
    let asked = question("321302", Scope::Cigarettes);
    let town = rules(LAYOUT, &survey(&["kindergarten"], "321302"));
    assert_eq!(verdict(&town, &asked, &around(vec![]), "suqian.kindergarten"), Verdict::Allowed);
    let found = missing(&town, &asked, &around(vec![]), "suqian.school");
    assert_eq!(found, [Missing::List(ALL[1..].iter().map(|kind| (*kind).to_owned()).collect())]);
    let elsewhere = rules(LAYOUT, &survey(&["kindergarten"], "321303"));
    assert_eq!(verdict(&elsewhere, &asked, &around(vec![]), "suqian.kindergarten"), Verdict::Undetermined);
}

#[test]
fn a_school_beyond_the_border_is_in_no_list_of_ours() {
    let town = town("kindergarten", 900.0);
    let asked = question("321302", Scope::Cigarettes);
    let border = crate::layout::question::Surroundings { metres_inside: 80.0, ..around(vec![]) };
    assert_eq!(missing(&town, &asked, &border, "suqian.kindergarten"), [Missing::Beyond { metres: 80.0 }]);
}

#[test]
fn a_school_whose_entrances_nobody_recorded_is_named() {
    let asked = question("321302", Scope::Cigarettes);
    let nowhere = rules(
        LAYOUT,
        &format!("{}{}", survey(&ALL, "321302"), place("新建小学", "primary-or-secondary-school", "")),
    );
    let found = missing(&nowhere, &asked, &around(vec![]), "suqian.school");
    assert!(matches!(found.as_slice(), [Missing::Entrances(name)] if name.zh == "新建小学"), "{found:?}");
    let far = rules(
        LAYOUT,
        &format!(
            "{}{}",
            survey(&ALL, "321302"),
            place(
                "远小学",
                "primary-or-secondary-school",
                &format!("boundary = [{}, {}, {}]", pair(400.0, 0.0), pair(500.0, 0.0), pair(500.0, 90.0))
            )
        ),
    );
    let found = verdict(&far, &asked, &around(vec![]), "suqian.school");
    assert_eq!(found, Verdict::Allowed, "no gate is nearer than the grounds");
}

#[test]
fn what_was_there_before_is_not_renewed_but_may_move() {
    let town = town("kindergarten", 60.0);
    let mut asked = question("321302", Scope::Cigarettes);
    asked.purpose = Purpose::Renewal { granted: date(2019, 5, 1) };
    assert_eq!(verdict(&town, &asked, &around(vec![]), "suqian.kindergarten"), Verdict::Forbidden);

    let neighbour = around(vec![outlet(1, at(0.0, 20.0))]);
    let elsewhere = super::suqian::town("kindergarten", 900.0);
    asked.purpose = Purpose::New;
    assert_eq!(verdict(&elsewhere, &asked, &neighbour, "suqian.stand-in.spacing"), Verdict::Forbidden);
    asked.purpose = Purpose::Move { because_of: "suqian.kindergarten".to_owned() };
    let answer = elsewhere.answer(&asked, &neighbour);
    let spacing = of(&answer, "suqian.stand-in.spacing");
    assert_eq!(spacing.verdict, Verdict::Allowed);
    assert!(matches!(spacing.figures[0], Figure::FreeToMove { .. }));
    assert_eq!(
        verdict(&town, &asked, &neighbour, "suqian.kindergarten"),
        Verdict::Forbidden,
        "but not to a school"
    );
}

#[test]
fn a_stand_in_founds_no_refusal_and_a_sourced_rule_does() {
    let town = town("kindergarten", 60.0);
    assert!(town.can_found_refusal("suqian.kindergarten", TODAY));
    assert!(!town.can_found_refusal("suqian.kindergarten", date(2021, 12, 2)), "not yet in force");
    assert_eq!(town.ground("suqian.stand-in.spacing", TODAY).unwrap_err(), NoGround::NoSource);
    assert_eq!(town.ground("suqian.nothing", TODAY).unwrap_err(), NoGround::Unknown);
}
