//! Wanning: thirty metres on main roads, eighty on foot from schools, caps by stalls and by inhabitants. A draft: an example here.

use super::scene::*;
use crate::layout::Rules;
use crate::layout::answer::{Missing, Verdict};
use crate::layout::question::{Outlet, Question};
use crate::layout::rule::NoGround;
use crate::licence::data::Scope;

const LAYOUT: &str = include_str!("../../../tests/layout/wanning.toml");
const VILLAGE: &str = "469006100200";

fn asked() -> Question {
    question(VILLAGE, Scope::Cigarettes)
}

fn village(inhabitants: u32) -> Rules {
    let lines = format!("division = \"{VILLAGE}\"\ninhabitants = {inhabitants}");
    rules(
        LAYOUT,
        &format!("{}{}", survey(&["village", "market"], "469006"), place("某村", "village", &lines)),
    )
}

fn villagers(count: usize) -> Vec<Outlet> {
    let there =
        |number| Outlet { division: VILLAGE.to_owned(), ..outlet(number, at(number as f64 * 300.0, 900.0)) };
    (0..count).map(there).collect()
}

#[test]
fn thirty_metres_hold_only_on_main_roads() {
    let near = around(vec![outlet(1, at(0.0, 20.0))]);
    let town = rules(LAYOUT, "");
    let found = missing(&town, &asked(), &near, "wanning.spacing");
    assert!(matches!(found.as_slice(), [Missing::Condition(_)]), "{found:?}");
    let mut seen = asked();
    seen.confirmed = [("wanning.spacing".to_owned(), true)].into();
    assert_eq!(verdict(&town, &seen, &near, "wanning.spacing"), Verdict::Forbidden);
    seen.confirmed = [("wanning.spacing".to_owned(), false)].into();
    assert_eq!(verdict(&town, &seen, &near, "wanning.spacing"), Verdict::NotConcerned);
    let far = around(vec![outlet(1, at(0.0, 40.0))]);
    assert_eq!(
        verdict(&town, &asked(), &far, "wanning.spacing"),
        Verdict::Allowed,
        "nobody needs to look at the road"
    );
}

#[test]
fn every_entrance_in_reach_is_walked_to() {
    let school = place("中心学校", "school", &gates(&[(40.0, 0.0), (0.0, 60.0), (0.0, -400.0)]));
    let town = rules(LAYOUT, &format!("{}{school}", survey(&["school"], "469006")));
    assert_eq!(missing(&town, &asked(), &around(vec![]), "wanning.school").len(), 2);
    let mut measured = asked();
    measured.measurements = vec![walked("中心学校", 0, 850)];
    assert_eq!(missing(&town, &measured, &around(vec![]), "wanning.school").len(), 1);
    measured.measurements.push(walked("中心学校", 1, 900));
    assert_eq!(verdict(&town, &measured, &around(vec![]), "wanning.school"), Verdict::Allowed);
    measured.measurements.push(walked("中心学校", 1, 790));
    let again = verdict(&town, &measured, &around(vec![]), "wanning.school");
    assert_eq!(again, Verdict::Forbidden, "the later measurement counts");
}

#[test]
fn a_village_has_one_for_three_hundred_and_at_most_eight() {
    for (inhabitants, taken, expected) in [
        (299, 0, Verdict::Forbidden),
        (300, 0, Verdict::Allowed),
        (899, 2, Verdict::Forbidden),
        (900, 2, Verdict::Allowed),
        (9_000, 7, Verdict::Allowed),
        (9_000, 8, Verdict::Forbidden),
    ] {
        let found = verdict(&village(inhabitants), &asked(), &around(villagers(taken)), "wanning.village");
        assert_eq!(found, expected, "{inhabitants} inhabitants, {taken} taken");
    }
}

#[test]
fn who_gives_only_his_county_is_asked_for_his_village() {
    let county = question("469006", Scope::Cigarettes);
    let found = missing(&village(900), &county, &around(vec![]), "wanning.village");
    assert_eq!(found, [Missing::Zone("village".into())]);
}

#[test]
fn markets_have_five_and_one_more_for_every_fifty_above_two_hundred() {
    for (stalls, places) in [(60, 5), (199, 5), (200, 5), (249, 5), (250, 6), (400, 9)] {
        let hall = place("市场", "market", &format!("{}\nstalls = {stalls}", square(60.0)));
        let town = rules(LAYOUT, &format!("{}{hall}", survey(&["market"], "469006")));
        let hall_of =
            |count: usize| around((0..count).map(|number| outlet(number, at(number as f64, 5.0))).collect());
        assert_eq!(
            verdict(&town, &asked(), &hall_of(places - 1), "wanning.market"),
            Verdict::Allowed,
            "{stalls}"
        );
        assert_eq!(
            verdict(&town, &asked(), &hall_of(places), "wanning.market"),
            Verdict::Forbidden,
            "{stalls}"
        );
    }
}

#[test]
fn inside_a_hospital_there_is_none() {
    let hospital = place("人民医院", "medical-work-area", &square(50.0));
    let town = rules(LAYOUT, &format!("{}{hospital}", survey(&["medical-work-area"], "469006")));
    assert_eq!(verdict(&town, &asked(), &around(vec![]), "wanning.medical"), Verdict::Forbidden);
    let outside = Question { point: at(0.0, 80.0), ..asked() };
    assert_eq!(verdict(&town, &outside, &around(vec![]), "wanning.medical"), Verdict::NotConcerned);
}

#[test]
fn a_draft_is_an_example_and_founds_nothing() {
    let town = village(299);
    let answer = town.answer(&asked(), &around(vec![]));
    assert_eq!(answer.of_examples(), Some(Verdict::Forbidden));
    assert_eq!(answer.verdict(), Verdict::Undetermined, "what a draft forbids is not forbidden");
    assert!(answer.findings.iter().all(|finding| finding.ground == Err(NoGround::Example)));
    assert!(!town.can_found_refusal("wanning.village", TODAY));
}
