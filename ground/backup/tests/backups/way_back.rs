//! What comes back is what was there: on the other engine and back again, at an earlier point, and while others write.

use std::sync::atomic::{AtomicBool, Ordering};

use backup::{Until, drill, last};
use jiff::{SignedDuration, Timestamp};
use ledger::{Actor, Profile};
use store::Store;
use store::testing::{for_each_engine, for_each_settings};

use crate::node::{Node, books, noon, prepare, restore};

#[test]
fn a_node_moves_to_the_other_engine_and_back_with_the_same_record() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        assert_eq!(last(&node.backups()).unwrap(), None);
        let photo = node.file("门头照片".as_bytes());
        node.visit_with("烟酒店", Some(photo.clone()));
        node.note(1, "待办");
        let first = node.back_up();
        assert_eq!((first.acts, first.fresh, first.files), (1, 1, 1));
        node.visits_at_once(300);
        let second = node.back_up();
        assert_eq!((second.acts, second.fresh, second.files), (301, 300, 0), "only what is new");
        assert_eq!(node.back_up().fresh, 0);
        assert_eq!(last(&node.backups()).unwrap(), Some(Timestamp::UNIX_EPOCH));

        let there = restore(&node, &node.backup().unwrap(), Until::End).unwrap();
        assert_ne!(there.store.engine(), node.store.engine());
        there.back_up();
        let back = restore(&there, &there.backup().unwrap(), Until::End).unwrap();
        for moved in [&there, &back] {
            assert_eq!(moved.all_is_well(), 301);
            assert_eq!(moved.root(), node.root());
            assert_eq!(
                moved.ledger.checkpoint().unwrap(),
                node.ledger.checkpoint().unwrap(),
                "the same signed note"
            );
            for table in ["acts", "bodies", "nodes", "checkpoints", "counters", "visits", "notes"] {
                assert_eq!(moved.digest(table), node.digest(table), "{table}");
            }
            assert_eq!(
                std::fs::read(moved.files().join(&photo[..2]).join(&photo)).unwrap(),
                "门头照片".as_bytes()
            );
        }
        node.visit("这里");
        there.visit("那里");
        let [here, moved] = [&node, &there].map(|node| node.visits().pop().unwrap().0);
        assert_eq!((here, moved), (Some(302), Some(302)), "the moved node gives the next number");
    });
}

#[test]
fn a_node_is_restored_to_an_act_or_an_instant_always_at_a_checkpoint() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        node.visits_of(0..4);
        node.back_up();
        node.visits_of(4..9);
        node.back_up();
        let backup = node.backup().unwrap();
        let after_minutes = |minutes| Until::Instant(noon() + SignedDuration::from_mins(minutes));
        for (until, acts) in [
            (Until::Act(3), 3),
            (Until::Act(4), 4),
            (Until::Act(7), 7),
            (Until::Act(99), 9),
            (after_minutes(2), 2),
            (after_minutes(6), 6),
        ] {
            let there = restore(&node, &backup, until).unwrap();
            assert_eq!(there.all_is_well(), acts, "{until:?}");
            assert_eq!(there.visits(), node.visits()[..usize::try_from(acts).unwrap()]);
            assert_eq!(there.digest("counters"), node.digest("counters"), "no number is given twice");
        }
        let too_early = restore(&node, &backup, after_minutes(0)).err().unwrap();
        assert!(format!("{too_early:#}").contains("no checkpoint stands there"), "{too_early:#}");
    });
}

#[test]
fn words_say_how_far_to_restore() {
    assert_eq!("1042".parse::<Until>().unwrap(), Until::Act(1042));
    assert_eq!("2026-09-01T12:00:00+08:00".parse::<Until>().unwrap(), Until::Instant(noon()));
    assert!("yesterday".parse::<Until>().unwrap_err().to_string().contains("2026-11-25T08:30:00+08:00"));
}

/// Ends the writers, also when the story fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_is_taken_while_others_write_and_every_one_of_them_restores() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in 0..2 {
                let (node, stop) = (&node, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        node.visit(&format!("窗口{writer}"));
                    }
                });
            }
            let _stop = Stop(&stop);
            let mut seen = 0;
            for _ in 0..2 {
                while node.store.figures().commands < seen + 20 {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                seen = node.store.figures().commands;
                let taken = node.back_up();
                assert!(taken.acts >= 15, "writers were at work: {taken:?}");
                let there = restore(&node, &node.backup().unwrap(), Until::End).unwrap();
                assert_eq!(there.all_is_well(), taken.acts);
                let numbers = there.visits().iter().filter_map(|visit| visit.0).max();
                let counter =
                    there.store.read(|sql| sql.query_one("select value from counters", &[])).unwrap();
                assert_eq!(
                    numbers,
                    Some(counter.unwrap().get(0).unwrap()),
                    "numbers and acts are of one moment"
                );
                let drilled =
                    drill(&node.backup().unwrap(), &node.store, &Store::temporary().unwrap(), books, prepare);
                assert_eq!(
                    drilled.unwrap().differing,
                    [""; 0],
                    "brought up to the live node it is the live node"
                );
            }
        });
    });
}

#[test]
fn a_drill_proves_the_restored_node_equal_and_names_what_differs() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        node.visits_of(0..5);
        node.back_up();
        node.visit("此后");
        let drill = || {
            let scratch = Store::temporary().unwrap();
            drill(&node.backup().unwrap(), &node.store, &scratch, books, prepare).unwrap()
        };
        let found = drill();
        assert_eq!((found.acts, found.since, found.books), (5, 1, 1));
        assert_eq!((found.differing, found.moved), (vec![], vec!["counters".to_owned()]));
        node.store.write(|sql| sql.execute("update visits set remark = 'x' where act = 2", &[])).unwrap();
        assert_eq!(drill().differing, ["visits"]);
        node.store
            .write(|sql| sql.execute("update acts set hash = $1 where number = 3", &[vec![7; 32].into()]))
            .unwrap();
        assert_eq!(drill().differing, ["the record itself"]);
    });
}

#[test]
fn a_backup_goes_on_when_the_node_has_changed_its_key() {
    for_each_settings(|settings| {
        let node = Node::new(&settings);
        node.visit("前");
        node.back_up();
        node.ledger.rotate(Actor::Command("story".into()), Profile::Commercial, "密钥到期").unwrap();
        node.visit("后");
        node.back_up();
        let there = restore(&node, &node.backup().unwrap(), Until::End).unwrap();
        assert_eq!(there.all_is_well(), 3);
        assert_eq!(there.keys(), node.keys());
        there.visit("以新密钥签名");
        assert_eq!(there.all_is_well(), 4);
    });
}

#[test]
fn nothing_is_restored_over_a_node() {
    for_each_engine(|store| {
        let node =
            Node::new(&store::Settings::Sqlite { file: tempfile::tempdir().unwrap().keep().join("node.db") });
        node.visit("1");
        node.back_up();
        let backup = node.backup().unwrap();
        backup.record(&store, Until::End, &mut |_| ()).unwrap().finish(books()).unwrap();
        let refused = backup.record(&store, Until::End, &mut |_| ()).err().unwrap();
        assert!(refused.to_string().contains("holds acts already"), "{refused:#}");
    });
}
