//! Tianjin: on foot from the centre of the entrance, the nearest entrance counts. The engine never computes a way.

use super::scene::*;
use crate::layout::Rules;
use crate::layout::answer::{Missing, Verdict};
use crate::layout::measurement::Evidence;
use crate::licence::data::Scope;

const LAYOUT: &str = include_str!("../../../tests/layout/tianjin.toml");
const RULE: &str = "tianjin.electronic";

fn town(entrances: &[(f64, f64)]) -> Rules {
    let place = place("少年宫", "childrens-place", &gates(entrances));
    rules(LAYOUT, &format!("{}{place}", survey(&["school", "childrens-place"], "120101")))
}

#[test]
fn a_way_is_never_computed_but_never_shorter_than_the_straight_line() {
    let asked = question("120101", Scope::ElectronicCigarettes);
    let found = missing(&town(&[(120.0, 0.0)]), &asked, &around(vec![]), RULE);
    assert!(matches!(found.as_slice(), [Missing::Way(_)]), "{found:?}");
    assert_eq!(verdict(&town(&[(206.0, 0.0)]), &asked, &around(vec![]), RULE), Verdict::Allowed);
}

#[test]
fn two_officers_measurement_decides() {
    let town = town(&[(120.0, 0.0), (0.0, 150.0)]);
    let mut asked = question("120101", Scope::ElectronicCigarettes);
    asked.measurements = vec![walked("少年宫", 1, 2_400)];
    let found = verdict(&town, &asked, &around(vec![]), RULE);
    assert_eq!(found, Verdict::Allowed, "the entrance that is nearest on foot is the officers' to find");
    asked.measurements = vec![walked("少年宫", 1, 1_999)];
    assert_eq!(verdict(&town, &asked, &around(vec![]), RULE), Verdict::Forbidden);
}

#[test]
fn a_measurement_without_its_evidence_decides_nothing() {
    let town = town(&[(120.0, 0.0)]);
    let mut asked = question("120101", Scope::ElectronicCigarettes);
    let mut alone = walked("少年宫", 0, 2_400);
    alone.officers = ["甲".to_owned(), "甲".to_owned()];
    alone.photos.clear();
    asked.measurements = vec![alone];
    let found = missing(&town, &asked, &around(vec![]), RULE);
    let [Missing::Evidence { lacks, .. }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(lacks, &[Evidence::TwoOfficers, Evidence::Photo]);
}

#[test]
fn a_way_shorter_than_the_straight_line_is_no_way() {
    let town = town(&[(120.0, 0.0)]);
    let mut asked = question("120101", Scope::ElectronicCigarettes);
    asked.measurements = vec![walked("少年宫", 0, 900)];
    let found = missing(&town, &asked, &around(vec![]), RULE);
    assert!(matches!(found.as_slice(), [Missing::Contradiction { .. }]), "{found:?}");
}

#[test]
fn the_rule_speaks_of_electronic_cigarettes_alone() {
    let town = town(&[(20.0, 0.0)]);
    let answer = town.answer(&question("120101", Scope::Cigarettes), &around(vec![]));
    assert!(answer.findings.is_empty());
    assert_eq!(
        answer.verdict(),
        Verdict::Undetermined,
        "no rule that objects is no permission: the rules are not all here"
    );
}
