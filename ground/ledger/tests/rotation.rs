//! Keys that follow one another: while officers work, across a crash, against whoever still holds an old one, and when the
//! key is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses a part of the town")]
mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{NAME, grant_to, grid, officer, open_grid};
use ledger::{
    Checkpoint, Fault, KeyAct, Ledger, Options, Profile, Replacement, SystemClock, SystemRandom, VerifierKey,
    What, keys, signing_keys, verify,
};
use store::testing::for_each_settings;
use store::{Settings, Store, Value};
use tempfile::TempDir;

/// A node with its database and its data folder.
struct Node {
    settings: Settings,
    folder: TempDir,
}

fn for_each_node(story: impl Fn(&Node)) {
    for_each_settings(|settings| story(&Node { settings, folder: tempfile::tempdir().unwrap() }));
}

impl Node {
    fn start(&self) -> Arc<Ledger> {
        self.try_start().unwrap()
    }

    fn try_start(&self) -> ledger::Result<Arc<Ledger>> {
        let key = keys::open(self.at(), NAME, Profile::International, &SystemRandom)?;
        let options =
            Options { name: NAME.into(), key, clock: Arc::new(SystemClock), books: common::books() };
        Ledger::open(Store::open(&self.settings).unwrap(), options)
    }

    /// Starts it, lets it record so many acts, and stops it.
    fn work(&self, acts: usize) {
        let ledger = self.start();
        for _ in 0..acts {
            grant_to(&ledger, &grid(1), "某店").unwrap();
        }
        ledger.store().close();
    }

    fn rotate(&self) {
        let ledger = self.start();
        ledger.rotate(officer(), Profile::Commercial, "年度更换").unwrap();
        ledger.store().close();
    }

    fn replace(&self) -> ledger::Result<i64> {
        let replacement = Replacement {
            profile: Profile::International,
            clock: Arc::new(SystemClock),
            books: common::books(),
            reason: "存放密钥的磁盘损坏".into(),
        };
        let store = Store::open(&self.settings).unwrap();
        let replaced = Ledger::replace_key(store.clone(), self.at(), replacement);
        store.close();
        replaced.map(|recorded| recorded.number)
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    fn public(&self) -> Vec<VerifierKey> {
        keys::public(self.at()).unwrap()
    }

    fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        let store = Store::open_to_read(&self.settings).unwrap();
        let read = read(&store);
        store.close();
        read
    }

    fn fault(&self, keys: &[VerifierKey]) -> Option<Fault> {
        self.read(|store| verify(store, keys).unwrap().fault)
    }

    /// Size and note of the first checkpoint over an act.
    fn checkpoint_over(&self, act: i64) -> (i64, String) {
        let query = "select size, note from checkpoints where size >= $1 order by size limit 1";
        let read = |store: &Store| store.read(|sql| sql.query_one(query, &[act.into()]));
        let row = self.read(read).unwrap().expect("a checkpoint");
        (row.get(0).unwrap(), row.get(1).unwrap())
    }

    /// Puts another note in the place of a checkpoint, behind the ledger's back.
    fn forge(&self, size: i64, note: String) {
        self.tamper("update checkpoints set note = $1 where size = $2", vec![note.into(), size.into()]);
    }

    /// Deletes a checkpoint.
    fn lose(&self, size: i64) {
        self.tamper("delete from checkpoints where size = $1", vec![size.into()]);
    }

    fn tamper(&self, statement: &'static str, parameters: Vec<Value>) {
        let store = Store::open(&self.settings).unwrap();
        let changed = store.write(move |sql| sql.execute(statement, &parameters));
        assert_eq!(changed.unwrap(), 1);
        store.close();
    }

    /// The names of its key files.
    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.at()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.starts_with("ledger."));
        names.sort();
        names
    }

    fn copy(&self, from: &str, to: &str) {
        std::fs::copy(self.at().join(from), self.at().join(to)).unwrap();
    }
}

/// The keys that sign from this act on, as the only ones known.
fn signing_from(keys: &[VerifierKey], act: i64) -> Vec<VerifierKey> {
    let these = keys.iter().filter(|key| key.from() == act);
    these.map(|key| key.clone().starting(0)).collect()
}

/// Grants places until told to stop, and counts what was acknowledged.
fn work_on(ledger: &Ledger, enough: &AtomicBool, granted: &AtomicI64) {
    while !enough.load(Ordering::Relaxed) {
        grant_to(ledger, &grid(1), "某店").unwrap();
        granted.fetch_add(1, Ordering::Relaxed);
    }
}

fn wait_for(granted: &AtomicI64, more: i64) {
    let (until, patience) = (granted.load(Ordering::Relaxed) + more, Instant::now());
    while granted.load(Ordering::Relaxed) < until {
        assert!(patience.elapsed() < Duration::from_secs(60), "the officers cannot work");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_key_hands_over_while_officers_work_and_what_the_old_one_signed_still_holds() {
    for_each_node(|node| {
        let ledger = node.start();
        open_grid(&ledger, &grid(1), 1_000_000);
        let (first, early) = (node.public(), ledger.proof(1).unwrap());
        let (enough, granted) = (AtomicBool::new(false), AtomicI64::new(0));
        let profiles = [Profile::Commercial, Profile::International, Profile::Commercial];
        let handed_over: Vec<i64> = thread::scope(|scope| {
            (0..6).for_each(|_| drop(scope.spawn(|| work_on(&ledger, &enough, &granted))));
            let rotated = profiles.map(|profile| {
                wait_for(&granted, 30);
                ledger.rotate(officer(), profile, "年度更换").unwrap().number
            });
            wait_for(&granted, 30);
            enough.store(true, Ordering::Relaxed);
            rotated.to_vec()
        });
        let acts = 1 + granted.load(Ordering::Relaxed) + 3;
        let late = ledger.proof(1).unwrap();
        assert_eq!(ledger.profile(), Profile::Commercial);
        assert!(late.verify(&ledger.verifiers()).is_ok());
        ledger.store().close();

        let all = node.public();
        let from: Vec<i64> = all.iter().map(VerifierKey::from).collect();
        let (a, b, c) = (handed_over[0], handed_over[1], handed_over[2]);
        assert_eq!(from, [0, a, a, b, c, c]);
        for keys in [&all, &first] {
            let report = node.read(|store| verify(store, keys).unwrap());
            assert_eq!((report.acts, report.fault, report.replaced), (acts, None, vec![]));
            assert_eq!(report.keys, all, "from the first key on the record itself tells the others");
        }
        assert!(early.verify(&first).is_ok() && early.verify(&all).is_ok() && late.verify(&all).is_ok());
        assert!(late.verify(&first).is_err(), "the first key is no longer in force");
        for (before, act) in [(0, a), (a, b), (b, c)] {
            let (_, note) = node.checkpoint_over(act);
            for keys in [signing_from(&all, before), signing_from(&all, act)] {
                assert!(
                    Checkpoint::open(&note, &keys).is_ok(),
                    "both keys sign while one hands over:\n{note}"
                );
            }
        }
        assert_eq!(node.files(), ["ledger.key", "ledger.pub"]);
        let mode = std::fs::metadata(node.at().join("ledger.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        node.work(1);
        assert_eq!(node.fault(&first), None);
        node.lose(node.checkpoint_over(b).0);
        let missed = node.fault(&first).expect("no later checkpoint bears both signatures");
        assert!(matches!(missed.what, What::Checkpoint(_)), "{missed}");
    });
}

#[test]
fn a_rotation_that_a_crash_cut_off_is_completed_if_it_was_recorded_and_forgotten_if_not() {
    for_each_node(|node| {
        open_grid(&node.start(), &grid(1), 100);
        node.work(1);
        node.copy("ledger.key", "kept.key");
        node.copy("ledger.pub", "kept.pub");

        // The next key lies there, and the machine stops before its act is recorded.
        let other = tempfile::tempdir().unwrap();
        keys::create(other.path(), NAME, Profile::Commercial, &SystemRandom).unwrap();
        std::fs::copy(other.path().join("ledger.key"), node.at().join("ledger.key.next")).unwrap();
        node.work(1);
        assert_eq!((node.files(), node.public().len()), (vec!["ledger.key".into(), "ledger.pub".into()], 1));

        node.rotate();
        let after = node.public();
        node.copy("ledger.key", "new.key");
        node.copy("ledger.pub", "new.pub");
        // The act is recorded, and the machine stops before the files follow: neither has, or the public one has.
        for public in ["kept.pub", "new.pub"] {
            node.copy("new.key", "ledger.key.next");
            node.copy("kept.key", "ledger.key");
            node.copy(public, "ledger.pub");
            node.work(1);
            assert_eq!(
                (node.files(), node.public()),
                (vec!["ledger.key".into(), "ledger.pub".into()], after.clone())
            );
        }
        assert_eq!(node.fault(&after), None);

        node.copy("kept.key", "ledger.key");
        let refused = node.try_start().err().unwrap().to_string();
        assert!(refused.contains("ledger.pub"), "the old key alone carries nothing on: {refused}");
    });
}

#[test]
fn whoever_still_holds_an_old_key_signs_nothing_that_comes_after_it() {
    for_each_node(|node| {
        open_grid(&node.start(), &grid(1), 100);
        node.work(3);
        let old = keys::load(&node.at().join("ledger.key")).unwrap();
        let first = node.public();
        node.rotate();
        node.work(2);
        let all = node.public();
        assert_eq!((node.fault(&first), node.fault(&all)), (None, None));

        let (size, good) = node.checkpoint_over(all.last().unwrap().from() + 2);
        let head = Checkpoint::open(&good, &all).unwrap().head();
        node.forge(size, Checkpoint::sign(NAME, head, &old).unwrap().note().to_owned());
        for keys in [&first, &all] {
            assert!(
                matches!(node.fault(keys), Some(Fault { what: What::Checkpoint(_), number }) if number == size)
            );
        }
        node.forge(size, good);

        // Nor does a key become the next one by itself: without the line of the old one its act is worth nothing.
        let (size, good) = node.checkpoint_over(all.last().unwrap().from());
        let lines = good.matches("— ").count();
        assert_eq!(lines, 3, "{good}");
        let own_line = good.lines().find(|line| line.starts_with('—')).unwrap();
        node.forge(size, good.replace(&format!("{own_line}\n"), ""));
        for keys in [&first, &all] {
            assert!(
                matches!(node.fault(keys), Some(Fault { what: What::Checkpoint(_), number }) if number == size)
            );
        }
        node.forge(size, good);
        assert_eq!(node.fault(&all), None);
    });
}

#[test]
fn public_keys_that_the_record_does_not_name_are_refused() {
    for_each_node(|node| {
        open_grid(&node.start(), &grid(1), 100);
        node.work(1);
        node.rotate();
        let all = node.public();
        let from = all.last().unwrap().from();
        let stranger = ledger::SigningKey::from_seed([1; 32]).verifier(NAME);
        let made_up = [all.clone(), vec![stranger.clone().starting(from + 9)]].concat();
        assert!(
            matches!(node.fault(&made_up), Some(Fault { what: What::Keys, number }) if number == from + 9)
        );
        let exchanged = [all[..1].to_vec(), vec![stranger.starting(from)]].concat();
        assert!(matches!(node.fault(&exchanged), Some(Fault { what: What::Keys, number }) if number == from));
    });
}

#[test]
fn a_lost_key_is_replaced_openly_and_only_when_it_is_lost() {
    for_each_node(|node| {
        open_grid(&node.start(), &grid(1), 100);
        node.work(3);
        let (old, (_, kept)) = (node.public(), node.checkpoint_over(2));
        node.copy("ledger.key", "kept.key");
        node.copy("ledger.pub", "kept.pub");
        let refused = node.replace().unwrap_err().to_string();
        assert!(refused.contains("rotate"), "{refused}");

        std::fs::remove_file(node.at().join("ledger.key")).unwrap();
        let refused = node.try_start().err().unwrap().to_string();
        assert!(refused.contains("comity key replace"), "the way back is named: {refused}");
        let act = node.replace().unwrap();
        node.work(2);

        let all = node.public();
        let report = node.read(|store| verify(store, &all).unwrap());
        assert_eq!((report.acts, report.fault, report.replaced), (act + 2, None, vec![act]));
        let told = node.fault(&old).unwrap();
        assert!(told.number == act && told.what == What::Replaced { number: act }, "{told}");
        // What was signed before stands as it stood: a neighbour's checkpoint shows that nothing of it was changed.
        let kept = Checkpoint::open(&kept, &all).unwrap();
        assert!(node.read(|store| ledger::extends(store, &kept)).unwrap());
        let recorded = node.read(|store| {
            store.read(|sql| sql.query_one("select b.body from bodies b where number = $1", &[act.into()]))
        });
        let body: Vec<u8> = recorded.unwrap().unwrap().get(0).unwrap();
        assert!(
            matches!(serde_json::from_slice(&body).unwrap(), KeyAct::Replaced { keys } if keys.len() == 1)
        );

        // The machine stops after the act and before the files: doing it again only brings the files after.
        std::fs::rename(node.at().join("ledger.key"), node.at().join("ledger.key.next")).unwrap();
        node.copy("kept.pub", "ledger.pub");
        assert!(node.try_start().is_err());
        assert_eq!(node.replace().unwrap(), act);
        assert_eq!(
            (node.files(), node.public()),
            (vec!["ledger.key".into(), "ledger.pub".into()], all.clone())
        );
        node.work(1);
        assert_eq!(node.fault(&all), None);
    });
}

#[test]
fn a_record_whose_end_the_public_keys_did_not_sign_gets_no_new_key() {
    for_each_node(|node| {
        open_grid(&node.start(), &grid(1), 100);
        node.work(1);
        std::fs::remove_file(node.at().join("ledger.key")).unwrap();
        keys::publish(node.at(), &[ledger::SigningKey::from_seed([1; 32]).verifier(NAME)]).unwrap();
        assert!(node.replace().is_err());
    });
}

#[test]
fn acts_on_keys_keep_their_bodies() {
    for_each_node(|node| {
        let ledger = node.start();
        let act = ledger.rotate(officer(), Profile::International, "年度更换").unwrap().number;
        assert_eq!(ledger.act(act).unwrap().header.matter, signing_keys());
        let erased =
            ledger.write(officer(), move |writing| writing.erase(&[act], "试删", "个人信息保护法第四十七条"));
        assert!(erased.unwrap_err().to_string().contains("keeps its body"));
        ledger.store().close();
    });
}
