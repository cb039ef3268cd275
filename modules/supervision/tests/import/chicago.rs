//! The register of a region nobody here made: 9,710 licences in 18,712 inspections, under their own numbers.

use site::House;
use store::testing::for_each_engine;
use supervision::licence::import::tables::State;
use supervision::licence::register;

use super::town::{acts, chicago_file, count, import, licences, town};

#[test]
fn every_licence_of_the_file_comes_in_once() {
    for_each_engine(|store| {
        let town = town(store, "chicago");
        let before = acts(&town.house);
        let outcome = import(&town.house, &chicago_file(), "chicago-inspections", false, false);
        let counts = outcome.run.counts;
        assert_eq!(
            (outcome.run.state, counts.added, counts.faults),
            (State::Finished, 9_710, 0),
            "{outcome:?}"
        );
        assert_eq!((counts.rows, counts.overtaken), (18_712, 18_712 - 9_710));
        assert_eq!((licences(&town.house), acts(&town.house) - before), (9_710, 9_711));
        nothing_is_made_up(&town.house);
        let again = import(&town.house, &chicago_file(), "chicago-inspections", false, true);
        assert_eq!((again.run.counts.unchanged, acts(&town.house) - before), (9_710, 9_711));
    });
}

fn nothing_is_made_up(house: &House) {
    let stated = "name is not null or trade_name is not null or address is not null or standing is not null or valid_from is not null";
    assert_eq!(count(house, &format!("select count(*) from licences where {stated}")), 0);
    let found = house.store.read(|sql| register::find(sql, "1514813")).unwrap();
    let (_, data) = found.unwrap();
    assert_eq!(data.premises.kind_as_stated.as_deref(), Some("Grocery_Store"));
    // Its four inspections do not stand in the order of time; the latest counts.
    assert_eq!(data.noted.get("date").map(String::as_str), Some("2014-03-28"));
}
