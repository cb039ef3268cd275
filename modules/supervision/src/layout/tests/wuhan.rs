//! Wuhan: markets by their stalls, closed airport zones, half the spacing for some groups.

use jiff::civil::date;

use super::scene::*;
use crate::layout::Rules;
use crate::layout::answer::{Figure, Missing, Verdict};
use crate::layout::capacity::Unit;
use crate::layout::question::{Outlet, Purpose, Question, Surroundings};
use crate::layout::rule::ReliefCondition;
use crate::licence::data::Scope;

const LAYOUT: &str = include_str!("../../../tests/layout/wuhan.toml");

fn market(stalls: &str) -> Rules {
    let lines = format!("{}\n{stalls}", square(60.0));
    rules(
        LAYOUT,
        &format!(
            "{}{}",
            survey(&["market-hall", "airport-zone"], "420102"),
            place("农贸市场", "market-hall", &lines)
        ),
    )
}

fn asked() -> Question {
    question("420102", Scope::Cigarettes)
}

fn in_the_hall(count: usize) -> Vec<Outlet> {
    (0..count).map(|number| outlet(number, at(number as f64 * 4.0 - 20.0, 10.0))).collect()
}

#[test]
fn one_outlet_for_every_fifty_stalls_and_at_most_ten() {
    for (stalls, taken, expected) in [
        (49, 0, Verdict::Forbidden),
        (50, 0, Verdict::Allowed),
        (130, 1, Verdict::Allowed),
        (130, 2, Verdict::Forbidden),
        (600, 9, Verdict::Allowed),
        (600, 10, Verdict::Forbidden),
    ] {
        let hall = market(&format!("stalls = {stalls}"));
        let found = verdict(&hall, &asked(), &around(in_the_hall(taken)), "wuhan.market");
        assert_eq!(found, expected, "{stalls} stalls, {taken} taken");
    }
}

#[test]
fn a_hall_whose_stalls_nobody_counted_is_named() {
    let found = missing(&market(""), &asked(), &around(vec![]), "wuhan.market");
    assert!(matches!(found.as_slice(), [Missing::Size { unit: Unit::Stalls, .. }]), "{found:?}");
}

#[test]
fn outside_of_every_hall_the_rule_does_not_speak() {
    let mut asked = asked();
    asked.point = at(300.0, 0.0);
    assert_eq!(
        verdict(&market("stalls = 50"), &asked, &around(vec![]), "wuhan.market"),
        Verdict::NotConcerned
    );
    asked.point = at(62.0, 0.0);
    let found = missing(&market("stalls = 50"), &asked, &around(vec![]), "wuhan.market");
    assert_eq!(found, [Missing::Zone("market-hall".into())], "two metres from the wall the map cannot tell");
}

#[test]
fn five_in_each_closed_zone_of_the_airport() {
    let zone = place("T3 出发", "airport-zone", &square(60.0));
    let airport = rules(LAYOUT, &format!("{}{zone}", survey(&["airport-zone"], "420102")));
    assert_eq!(verdict(&airport, &asked(), &around(in_the_hall(4)), "wuhan.airport"), Verdict::Allowed);
    assert_eq!(verdict(&airport, &asked(), &around(in_the_hall(5)), "wuhan.airport"), Verdict::Forbidden);
}

#[test]
fn an_outlet_without_a_place_may_be_the_one_too_many() {
    let one_free = Surroundings { unplaced: 1, ..around(in_the_hall(1)) };
    let found = missing(&market("stalls = 100"), &asked(), &one_free, "wuhan.market");
    assert!(matches!(found.as_slice(), [Missing::Members { count: 1, .. }]), "{found:?}");
    assert_eq!(
        verdict(&market("stalls = 150"), &asked(), &one_free, "wuhan.market"),
        Verdict::Allowed,
        "two are free"
    );
}

#[test]
fn the_order_of_acceptance_decides_about_the_last_place() {
    let hall = market("stalls = 50");
    let rivals =
        vec![pending(7, date(2026, 11, 20), at(5.0, 5.0)), pending(8, date(2026, 11, 23), at(6.0, 5.0))];
    let waiting = Surroundings { pending: rivals.clone(), ..around(vec![]) };
    let newcomer = missing(&hall, &asked(), &waiting, "wuhan.market");
    assert!(matches!(newcomer.as_slice(), [Missing::Earlier { count: 2, .. }]), "{newcomer:?}");
    let first = Question { turn: Some(rivals[0].turn.clone()), ..asked() };
    assert_eq!(verdict(&hall, &first, &waiting, "wuhan.market"), Verdict::Allowed);
    let second = Question { turn: Some(rivals[1].turn.clone()), ..asked() };
    assert_eq!(verdict(&hall, &second, &waiting, "wuhan.market"), Verdict::Undetermined);
    let renewal = Question { purpose: Purpose::Renewal { granted: date(2021, 12, 1) }, ..asked() };
    assert_eq!(
        verdict(&hall, &renewal, &waiting, "wuhan.market"),
        Verdict::Allowed,
        "a holder waits for nobody"
    );
}

#[test]
fn half_the_spacing_for_those_who_fulfil_the_conditions() {
    const RULE: &str = "wuhan.stand-in.spacing";
    let town = rules(LAYOUT, "");
    let near = around(vec![outlet(1, at(0.0, 35.0))]);
    assert_eq!(verdict(&town, &asked(), &near, RULE), Verdict::Forbidden);
    let mut entitled = asked();
    entitled.applicant.group = Some("martyr-family".to_owned());
    let found = missing(&town, &entitled, &near, RULE);
    assert_eq!(
        found,
        [
            Missing::Relief(ReliefCondition::RunsItHimself),
            Missing::Relief(ReliefCondition::OneLicencePerCity)
        ]
    );
    entitled.applicant.runs_it_himself = Some(true);
    entitled.applicant.other_licence_in_city = Some(false);
    let answer = town.answer(&entitled, &near);
    assert_eq!(of(&answer, RULE).verdict, Verdict::Allowed);
    assert!(matches!(of(&answer, RULE).figures[0], Figure::Relief { decimetres: 250, .. }));
    assert_eq!(verdict(&town, &entitled, &around(vec![outlet(1, at(0.0, 15.0))]), RULE), Verdict::Forbidden);
    entitled.applicant.other_licence_in_city = Some(true);
    let answer = town.answer(&entitled, &near);
    assert_eq!(of(&answer, RULE).verdict, Verdict::Forbidden);
    assert_eq!(of(&answer, RULE).figures[0], Figure::NoRelief(ReliefCondition::OneLicencePerCity));
}

#[test]
fn an_outlet_that_sells_something_else_is_no_neighbour_and_one_of_which_nobody_knows_is_asked_about() {
    const RULE: &str = "wuhan.stand-in.spacing";
    let town = rules(LAYOUT, "");
    let mut other = outlet(1, at(0.0, 20.0));
    other.goods = vec![Scope::ElectronicCigarettes];
    assert_eq!(verdict(&town, &asked(), &around(vec![other.clone()]), RULE), Verdict::Allowed);
    other.goods.clear();
    let found = missing(&town, &asked(), &around(vec![other]), RULE);
    assert!(matches!(found.as_slice(), [Missing::Goods(_)]), "{found:?}");
}

#[test]
fn a_licence_is_no_neighbour_of_itself() {
    let town = rules(LAYOUT, "");
    let mut own = asked();
    own.own = Some("id-1".to_owned());
    let found = verdict(&town, &own, &around(vec![outlet(1, HERE)]), "wuhan.stand-in.spacing");
    assert_eq!(found, Verdict::Allowed);
}
