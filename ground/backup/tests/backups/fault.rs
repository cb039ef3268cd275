//! A backup at fault is found before anything is made of it, and the part is named; one that was broken off does not count.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use backup::{Backup, Identity, Until};
use store::Settings;
use store::testing::for_each_settings;

use crate::node::{Node, restore};

/// A node with three parts of acts and one file in its backup.
fn backed_up(settings: &Settings) -> Node {
    let node = Node::new(settings);
    for visit in 0..3 {
        let photo = (visit == 0).then(|| node.file(b"photo"));
        node.visit_with(&format!("{visit}"), photo);
        node.back_up();
    }
    node
}

fn named(folder: &Path, start: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries.filter(|path| name(path).starts_with(start)).collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn sqlite() -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.db");
    (folder, Settings::Sqlite { file })
}

#[test]
fn a_part_that_is_cut_changed_or_missing_is_named() {
    let (_folder, settings) = sqlite();
    let node = backed_up(&settings);
    let acts = named(&node.backups(), "acts-");
    assert_eq!(acts.len(), 3);
    for part in acts.iter().chain(&named(&node.backups(), "rest-")) {
        let good = fs::read(part).unwrap();
        let mut changed = good.clone();
        changed[good.len() / 2] ^= 1;
        for (damage, said) in [(&good[..good.len() - 9], "it was cut"), (&changed[..], "it was changed")] {
            fs::write(part, damage).unwrap();
            let found = format!("{:#}", node.backup().err().unwrap());
            assert!(found.contains(&name(part)) && found.contains(said), "{found}");
        }
        fs::remove_file(part).unwrap();
        let found = format!("{:#}", node.backup().err().unwrap());
        assert!(found.contains(&name(part)) && found.contains("cannot be read"), "{found}");
        fs::write(part, good).unwrap();
        node.backup().unwrap();
    }
}

#[test]
fn a_file_that_is_changed_or_missing_is_named() {
    let (_folder, settings) = sqlite();
    let node = backed_up(&settings);
    let folder = fs::read_dir(node.backups().join("files")).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let good = fs::read(&file).unwrap();
    let restoring = || format!("{:#}", restore(&node, &node.backup().unwrap(), Until::End).err().unwrap());
    fs::write(&file, &good[..good.len() - 1]).unwrap();
    let found = restoring();
    assert!(found.contains(&name(&file)) && found.contains("cut or changed"), "{found}");
    fs::remove_file(&file).unwrap();
    let found = restoring();
    assert!(found.contains(&name(&file)) && found.contains("missing"), "{found}");
    assert_eq!(node.back_up().files, 1, "the next run makes it good");
    restore(&node, &node.backup().unwrap(), Until::End).unwrap();
}

#[test]
fn a_stranger_neither_reads_nor_forges_a_backup() {
    let (_folder, settings) = sqlite();
    let node = backed_up(&settings);
    let keys = || Some(vec![node.ledger.verifier()]);
    let stranger = Backup::open(&node.backups(), Identity::generate(), keys()).err().unwrap();
    assert!(format!("{stranger:#}").contains("cannot be read with this backup key"), "{stranger:#}");

    let series = node.backups().join("series");
    let good = fs::read_to_string(&series).unwrap();
    let middle = name(&named(&node.backups(), "acts-")[1]);
    for changed in [good.replacen("\"at\": 3", "\"at\": 2", 1), good.replace(&middle, "acts-x.age")] {
        assert_ne!(changed, good);
        fs::write(&series, changed).unwrap();
        let found = format!("{:#}", node.backup().err().unwrap());
        assert!(found.contains("series was changed"), "{found}");
    }
    fs::write(&series, &good).unwrap();

    let (_folder, settings) = sqlite();
    let other = backed_up(&settings);
    let found = Backup::open(&other.backups(), other.identity.clone(), keys()).err().unwrap();
    assert!(format!("{found:#}").contains("of another node"), "{found:#}");
    for part in named(&node.backups(), "").iter().filter(|path| path.is_file()) {
        let bytes = fs::read(part).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"shop.visited"), "{} is in the clear", name(part));
    }
}

#[test]
fn a_run_that_was_broken_off_leaves_the_backup_as_it_was() {
    for_each_settings(|settings| {
        let node = backed_up(&settings);
        node.visit("更多");
        let broken = catch_unwind(AssertUnwindSafe(|| node.try_back_up(&mut |_| panic!("the power fails"))));
        assert!(broken.is_err());
        assert!(!named(&node.backups(), "draft-").is_empty(), "the draft of a part stays behind");
        assert_eq!(restore(&node, &node.backup().unwrap(), Until::End).unwrap().all_is_well(), 3);
        assert_eq!(node.back_up().fresh, 1);
        assert_eq!(named(&node.backups(), "draft-"), [""; 0].map(PathBuf::from));
        assert_eq!(restore(&node, &node.backup().unwrap(), Until::End).unwrap().all_is_well(), 4);
    });
}

#[test]
fn a_long_run_keeps_what_it_has_written_when_it_is_broken_off() {
    let (_folder, settings) = sqlite();
    let node = Node::new(&settings);
    (0..15).for_each(|_| node.visits_at_once(300));
    let broken = catch_unwind(AssertUnwindSafe(|| {
        node.try_back_up(&mut |progress| assert!(progress.acts < 4500, "the power fails"))
    }));
    assert!(broken.is_err());
    let backup = node.backup().unwrap();
    assert_eq!(
        (backup.size(), backup.taken()),
        (4200, None),
        "the first checkpoint after 4096 acts ends a part"
    );
    let there = restore(&node, &backup, Until::End).unwrap();
    assert_eq!(there.all_is_well(), 4200);
    assert_eq!(there.digest("counters"), node.digest("counters"), "numbers are never older than the acts");
    assert_eq!(node.back_up().fresh, 300);
}

#[test]
fn a_record_that_was_cut_or_damaged_is_not_laid_over_a_good_backup() {
    for_each_settings(|settings| {
        let node = backed_up(&settings);
        let early = restore(&node, &node.backup().unwrap(), Until::Act(2)).unwrap();
        early.visit("另一条路");
        copy(&node.backups(), &early.backups());
        let refused = early.try_back_up_as(&node).unwrap_err();
        assert!(format!("{refused:#}").contains("does not go on from the last backup"), "{refused:#}");

        node.visit("4");
        node.store
            .write(|sql| {
                sql.execute("update bodies set body = $1 where number = 4", &[vec![123, 125].into()])
            })
            .unwrap();
        let refused = format!("{:#}", node.try_back_up(&mut |_| ()).unwrap_err());
        assert!(refused.contains("act 4") && refused.contains("comity verify"), "{refused}");
        assert_eq!(node.backup().unwrap().size(), 3);
    });
}

#[test]
fn two_runs_at_once_or_another_recipient_are_refused() {
    let (_folder, settings) = sqlite();
    let node = backed_up(&settings);
    node.visit("4");
    let refused = std::cell::RefCell::new(String::new());
    node.try_back_up(&mut |_| {
        let second = node.try_back_up(&mut |_| ()).unwrap_err();
        *refused.borrow_mut() = format!("{second:#}");
    })
    .unwrap();
    assert!(refused.borrow().contains("another backup is being written"), "{}", refused.borrow());

    let mut node = node;
    node.recipient = Identity::generate().to_public();
    let refused = node.try_back_up(&mut |_| ()).unwrap_err();
    assert!(format!("{refused:#}").contains("another recipient"), "{refused:#}");
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
