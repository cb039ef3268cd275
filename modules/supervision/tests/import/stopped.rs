//! An import that is stopped keeps what is in and goes on from there, also when the node was cut off.

use site::House;
use store::testing::for_each_engine;
use supervision::licence::import::orders::{order_check, order_import, order_stop};
use supervision::licence::import::run::{Order, run, work};
use supervision::licence::import::tables::{Run, State};

use super::town::{acts, count, import, licences, planted_small, town};

fn found(house: &House, id: &str) -> Run {
    house.store.read(|sql| Run::find(sql, id)).unwrap().unwrap()
}

/// The run whose officer presses "stop" after its first batch.
fn stopped(house: &House) -> Run {
    let order = Order {
        file: planted_small().join("register.csv"),
        source: "市局系统".to_owned(),
        dry_run: false,
        accept_changes: false,
    };
    let newest = |house: &House| house.store.read(|sql| Run::newest(sql, 1)).unwrap().remove(0).id;
    let mut watch = |progress: supervision::licence::import::Progress| {
        if progress.state == State::Importing {
            order_stop(house, &newest(house)).unwrap();
        }
    };
    run(house, &order, &mut watch).unwrap().run
}

#[test]
fn what_is_in_stays_in_and_the_rest_follows() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let (house, before) = (&town.house, acts(&town.house));
        let run = stopped(house);
        assert_eq!(run.state, State::Stopped);
        let part = licences(house);
        assert!(part > 0 && part < run.counts.fresh, "{part} of {}", run.counts.fresh);
        assert_eq!((part, acts(house) - before), (run.counts.added, part + 1));
        order_import(house, &ledger::Actor::Command("import".to_owned()), &run.id, false).unwrap();
        work(house).unwrap();
        let run = found(house, &run.id);
        assert_eq!(
            (run.state, run.counts.added, licences(house)),
            (State::Finished, run.counts.fresh, run.counts.fresh)
        );
        assert_eq!(
            acts(house) - before,
            run.counts.fresh + 1,
            "one act for the import, however often it was stopped"
        );
    });
}

#[test]
fn a_run_that_was_cut_off_is_taken_up_again() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        let run = stopped(house);
        // As a power cut leaves it: the run is written down as importing, and nobody works on it.
        let id = run.id.clone();
        house
            .store
            .write(move |sql| {
                sql.execute("update import_runs set state = 'importing' where id = $1", &[id.into()])
            })
            .unwrap();
        work(house).unwrap();
        assert_eq!(found(house, &run.id).state, State::Finished);
        assert_eq!(licences(house), run.counts.fresh);
        assert_eq!(count(house, "select count(*) from imports"), 1);
    });
}

#[test]
fn an_order_to_check_never_turns_a_run_back_that_is_being_written() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        let checked = import(house, &planted_small().join("register.csv"), "市局系统", true, false).run;
        let actor = ledger::Actor::Command("import".to_owned());
        let mapping = checked.mapping.clone().unwrap();
        // Both buttons at once, again and again: whichever comes first, what is ordered to be written stays so.
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| order_check(house, &checked.id, mapping.clone()).unwrap().unwrap());
            }
            scope.spawn(|| order_import(house, &actor, &checked.id, false).unwrap());
        });
        let state = found(house, &checked.id).state;
        assert!(matches!(state, State::Importing | State::Checking), "{state:?}");
        if state == State::Checking {
            work(house).unwrap();
            order_import(house, &actor, &checked.id, false).unwrap();
        }
        let ordered = found(house, &checked.id);
        order_check(house, &checked.id, mapping).unwrap().unwrap();
        assert_eq!(found(house, &checked.id), ordered);
    });
}

#[test]
fn an_older_word_of_the_source_is_written_only_if_somebody_agrees() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        import(house, &planted_small().join("register.csv"), "市局系统", false, false);
        let newer = import(house, &planted_small().join("changed.csv"), "市局系统", false, true);
        assert!(newer.run.counts.altered > 0);
        let before = acts(house);
        let shown = import(house, &planted_small().join("register.csv"), "市局系统", false, false);
        assert_eq!((shown.run.counts.changed, acts(house)), (newer.run.counts.altered, before));
        let agreed = import(house, &planted_small().join("register.csv"), "市局系统", false, true);
        assert_eq!(agreed.run.counts.altered, newer.run.counts.altered);
    });
}

#[test]
fn what_a_source_said_before_does_not_overrule_another_source() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        import(house, &planted_small().join("register.csv"), "市局系统", false, false);
        let other = import(house, &planted_small().join("changed.csv"), "县局台账", false, true);
        assert!(other.run.counts.altered > 0);
        let before = acts(house);
        let again = import(house, &planted_small().join("register.csv"), "市局系统", false, true);
        assert_eq!((again.run.counts.changed, again.run.counts.altered, acts(house)), (0, 0, before));
    });
}
