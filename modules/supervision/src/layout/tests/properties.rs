//! What holds in every made-up world.

use jiff::civil::date;
use proptest::prelude::*;

use super::scene::*;
use crate::bureau::geometry::metres;
use crate::layout::Rules;
use crate::layout::answer::{Figure, Verdict};
use crate::layout::capacity::{Formula, Growth, Round, Turn, Unit, served};
use crate::layout::question::Surroundings;
use crate::licence::data::Scope;

/// A place whose rules are all here: thirty metres apart, a hundred from schools, five in a hall.
fn world(schools: &[(f64, f64)], whole: bool) -> Rules {
    let layout = format!(
        "whole = {whole}\ntolerance-metres = 5\n{}{}\n{}\n{}\n{}",
        kind("school"),
        kind("hall"),
        rule("spacing", r#"{ kind = "spacing", metres = 30, measure = "radius" }"#),
        rule(
            "school",
            r#"{ kind = "school", schools = ["school"], reach = { metres = 100, measure = "radius", reference = "every-entrance" } }"#
        ),
        rule("hall", r#"{ kind = "cap", zone = "hall", formula = { base = 5 } }"#),
    );
    let schools =
        schools.iter().enumerate().map(|(number, at)| place(&format!("s{number}"), "school", &gates(&[*at])));
    let places: String = schools.collect();
    rules(
        &layout,
        &format!("{}{places}{}", survey(&["school", "hall"], "32"), place("hall", "hall", &square(80.0))),
    )
}

fn kind(id: &str) -> String {
    format!("[[kind]]\nid = \"{id}\"\ntitle = {{ zh = \"类\", en = \"kind\" }}\n")
}

fn rule(id: &str, demand: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\ntitle = {{ zh = \"则\", en = \"rule\" }}\nareas = [\"32\"]\ngoods = [\"cigarettes\"]\n\
         demand = {demand}\nvalid = {{}}\ncitation = {{ zh = \"第一条\", en = \"art. 1\" }}\nsource = \"test\"\ncertainty = \"V\"\n"
    )
}

fn spots(most: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    proptest::collection::vec((-300.0..300.0, -300.0..300.0), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn allowed_is_said_only_when_everything_is_known_and_nothing_objects(
        schools in spots(4), outlets in spots(12), unplaced in 0_usize..2, inside in prop_oneof![Just(50.0), Just(5_000.0)], whole: bool
    ) {
        let rules = world(&schools, whole);
        let outlets: Vec<_> = outlets.iter().enumerate().map(|(number, spot)| outlet(number, at(spot.0, spot.1))).collect();
        let around = Surroundings { unplaced, metres_inside: inside, ..around(outlets.clone()) };
        let answer = rules.answer(&question("320000000000", Scope::Cigarettes), &around);
        if answer.verdict() == Verdict::Allowed {
            prop_assert!(whole && unplaced == 0 && inside > 105.0);
            prop_assert!(schools.iter().all(|(east, north)| east.hypot(*north) > 104.9));
            prop_assert!(outlets.iter().all(|one| metres(HERE, one.point.unwrap()) > 34.9));
        }
        for finding in &answer.findings {
            prop_assert_eq!(finding.missing.is_empty(), finding.verdict != Verdict::Undetermined);
        }
    }

    #[test]
    fn one_more_outlet_never_helps(outlets in spots(8), another in (-300.0..300.0, -300.0..300.0)) {
        let rules = world(&[], true);
        let asked = question("320000000000", Scope::Cigarettes);
        let of = |spots: &[(f64, f64)]| spots.iter().enumerate().map(|(number, spot)| outlet(number, at(spot.0, spot.1))).collect();
        let before = rules.answer(&asked, &around(of(&outlets))).verdict();
        let after = rules.answer(&asked, &around(of(&[outlets, vec![another]].concat()))).verdict();
        prop_assert!(after >= before, "{before:?} {after:?}");
    }

    #[test]
    fn a_bigger_zone_never_holds_fewer_and_never_more_than_the_most(
        base in 0_u32..9, base_up_to in 0_u32..500, per in 1_u32..400, up: bool, most in proptest::option::of(0_u32..30), size in 0_u32..20_000, more in 0_u32..500
    ) {
        let round = if up { Round::Up } else { Round::Down };
        let formula = Formula { base, base_up_to, growth: Some(Growth { per, of: Unit::Stalls, round }), most };
        let places = |size| formula.places(|_| Some(size)).unwrap();
        prop_assert!(places(size) <= places(size + more));
        prop_assert!(most.is_none_or(|most| places(size) <= most));
        prop_assert_eq!(formula.places(|_| None), None);
    }

    #[test]
    fn places_go_to_those_accepted_first(free in 0_u32..12, days in proptest::collection::vec((1_i8..28, 1_u32..400), 0..20)) {
        let mut turns: Vec<Turn> = days.iter().map(|(day, number)| Turn::new(date(2026, 11, *day), number.to_string())).collect();
        let winners = served(free, turns.clone());
        prop_assert!(winners.len() <= free as usize);
        turns.sort();
        turns.dedup();
        prop_assert_eq!(winners.len(), turns.len().min(free as usize), "no place stays empty while somebody waits");
        for loser in turns.iter().filter(|turn| !winners.contains(turn)) {
            for winner in &winners {
                let earlier = winner.accepted < loser.accepted;
                let (winner_number, loser_number): (u32, u32) = (winner.number.parse().unwrap(), loser.number.parse().unwrap());
                prop_assert!(earlier || (winner.accepted == loser.accepted && winner_number < loser_number));
            }
        }
        turns.reverse();
        prop_assert_eq!(served(free, turns), winners, "the order in which they are named does not matter");
    }

    #[test]
    fn a_full_hall_stays_full(taken in 0_usize..9) {
        let rules = world(&[], true);
        let outlets = (0..taken).map(|number| outlet(number, at(40.0 + number as f64, 40.0))).collect();
        let answer = rules.answer(&question("320000000000", Scope::Cigarettes), &around(outlets));
        let hall = of(&answer, "hall");
        prop_assert_eq!(hall.verdict == Verdict::Forbidden, taken >= 5);
        let counted = matches!(hall.figures[0], Figure::Capacity { taken: found, places: 5, .. } if found as usize == taken);
        prop_assert!(counted);
    }
}
