//! Licence numbers: after the highest of the register, distinct, without a hole, and none lost to a refusal.

use std::collections::BTreeSet;

use ledger::{Actor, Draft, MatterKey};
use store::testing::for_each_engine;
use supervision::licence::acts::*;
use supervision::licence::{Application, Licence};

use crate::office::{Town, details};

/// A register that was imported, with a hole in it: its highest number counts, not how many there are.
fn import(town: &Town, number: &str) {
    let key = MatterKey::new("licence", uuid::Uuid::from_u128(number.parse().unwrap()));
    let data =
        LicenceData { number: number.into(), standing: Some(Standing::Valid), ..LicenceData::default() };
    let imported = Imported { import: "import/x".into(), source: "register".into(), row: 2, data };
    let act = LicenceAct::Imported(imported);
    let written: Result<(), ledger::Error> =
        town.ledger.write(Actor::Command("import".into()), move |writing| {
            writing.append(Draft::new(&key, &act)).map(|_| ())
        });
    written.unwrap();
}

fn number_of(town: &Town, licence: &MatterKey) -> String {
    town.ledger.load::<Licence>(licence).unwrap().data.unwrap().number
}

#[test]
fn numbers_go_on_from_the_highest_and_a_refused_grant_takes_none() {
    for_each_engine(|store| {
        let town = Town::new(store);
        for number in ["330421100007", "330421100500", "330421200900"] {
            import(&town, number);
        }
        let first = town.reviewed(details(1));
        let second = town.reviewed(details(2));
        assert!(town.grant("reviewer", &first).is_err(), "the reviewer may not decide");
        assert!(town.grant("one", &first).is_err(), "nor a checker");
        assert!(town.grant("clerk", &first).is_err(), "nor the clerk");
        assert_eq!(number_of(&town, &town.grant("head", &first).unwrap()), "330421100501");
        assert!(town.grant("head", &first).is_err(), "an application is granted once");
        assert_eq!(number_of(&town, &town.grant("head", &second).unwrap()), "330421100502");
        let granted: Application = town.ledger.load(&second).unwrap();
        assert_eq!(granted.grant.unwrap().paper.serial, 2, "a refused decision took a paper number");
    });
}

#[test]
fn of_64_concurrent_grants_each_gets_its_own_number_without_a_hole() {
    for_each_engine(|store| {
        let town = Town::new(store);
        import(&town, "330421100500");
        let keys: Vec<MatterKey> = (1..=64).map(|number| town.reviewed(details(number))).collect();
        let numbers: BTreeSet<String> = std::thread::scope(|scope| {
            let grants: Vec<_> =
                keys.iter().map(|key| scope.spawn(|| town.grant("head", key).unwrap())).collect();
            grants.into_iter().map(|grant| number_of(&town, &grant.join().unwrap())).collect()
        });
        let expected: BTreeSet<String> = (501..=564).map(|serial| format!("330421100{serial}")).collect();
        assert_eq!(numbers, expected);
        let serials: BTreeSet<i64> = keys
            .iter()
            .map(|key| town.ledger.load::<Application>(key).unwrap().grant.unwrap().paper.serial)
            .collect();
        assert_eq!(serials, (1..=64).collect(), "decisions are numbered without a hole too");
    });
}

#[test]
fn of_64_concurrent_grants_of_one_application_one_succeeds() {
    for_each_engine(|store| {
        let town = Town::new(store);
        let key = town.reviewed(details(1));
        let granted = std::thread::scope(|scope| {
            let grants: Vec<_> = (0..64).map(|_| scope.spawn(|| town.grant("head", &key).is_ok())).collect();
            grants.into_iter().map(|grant| usize::from(grant.join().unwrap())).sum::<usize>()
        });
        assert_eq!(granted, 1);
        let next = town.reviewed(details(2));
        assert_eq!(number_of(&town, &town.grant("head", &next).unwrap()), "330421100002");
    });
}

#[test]
fn an_erased_licence_never_gives_its_number_back_and_the_books_stand_the_rebuild() {
    for_each_engine(|store| {
        let town = Town::new(store.clone());
        import(&town, "330421100500");
        let key = town.reviewed(details(1));
        let licence = town.grant("head", &key).unwrap();
        assert_eq!(number_of(&town, &licence), "330421100501");
        let acts: Vec<i64> =
            town.ledger.timeline(&licence).unwrap().iter().map(|act| act.header.number).collect();
        let erased: Result<(), ledger::Error> =
            town.ledger.write(Actor::Command("erase".into()), move |writing| {
                writing.erase(&acts, "当事人请求", "个人信息保护法第四十七条").map(|_| ())
            });
        erased.unwrap();
        let again = town.reviewed(details(2));
        assert_eq!(number_of(&town, &town.grant("head", &again).unwrap()), "330421100502");
        assert!(ledger::rebuild(&town.ledger).unwrap().changed.is_empty());
    });
}
