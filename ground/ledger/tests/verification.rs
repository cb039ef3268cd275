//! Whoever changes the record behind the ledger's back is found, at the first act that he changed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses a part of the town")]
mod common;

use common::{GridAct, for_each_engine, grid, officer, open, open_grid, verifiers};
use ledger::{Draft, Error, Fault, Ledger, What, verify};
use store::{Settings, Store};

const ACTS: i64 = 600;

/// A record of 600 acts in groups of 100, so that two tiles are full and six checkpoints stand.
fn record(store: &Store) -> std::sync::Arc<Ledger> {
    let (ledger, _) = open(store);
    open_grid(&ledger, &grid(1), 10_000);
    for group in 0..6 {
        let count = if group == 0 { 99 } else { 100 };
        let filled = ledger.write(officer(), move |writing| {
            for serial in 0..count {
                writing.append(Draft::new(
                    &grid(1),
                    &GridAct::Granted { serial, holder: format!("店{serial}") },
                ))?;
            }
            Ok::<_, Error>(())
        });
        filled.unwrap();
    }
    ledger
}

fn tamper(store: &Store, statements: &'static [&'static str]) {
    let changed = store.write(move |sql| {
        for statement in statements {
            assert!(sql.execute(statement, &[])? > 0, "{statement} changed nothing");
        }
        Ok::<_, store::Error>(())
    });
    changed.unwrap();
}

/// Flips the lowest bit of one byte in a column of bytes.
fn flip(store: &Store, table: &'static str, column: &'static str, row: &'static str, place: usize) {
    let flipped = store.write(move |sql| {
        let found = sql.query_one(&format!("select {column} from {table} where {row}"), &[])?;
        let mut bytes: Vec<u8> = found.expect("a row to damage").get(0)?;
        let place = place % bytes.len();
        bytes[place] ^= 1;
        sql.execute(&format!("update {table} set {column} = $1 where {row}"), &[bytes.into()])
    });
    assert_eq!(flipped.unwrap(), 1);
}

fn fault(store: &Store) -> Fault {
    verify(store, &verifiers()).unwrap().fault.expect("a fault")
}

/// Damages a good record, and tells the first fault that is then found.
fn found_after(damage: impl Fn(&Store), number: i64, is_it: impl Fn(&What) -> bool) {
    for_each_engine(|store| {
        record(&store);
        assert_eq!(verify(&store, &verifiers()).unwrap().fault, None);
        damage(&store);
        let fault = fault(&store);
        assert!(fault.number == number && is_it(&fault.what), "found {fault}, expected it at act {number}");
    });
}

#[test]
fn a_good_record_holds() {
    for_each_engine(|store| {
        record(&store);
        let report = verify(&store, &verifiers()).unwrap();
        assert_eq!((report.acts, report.erased, report.fault), (ACTS, 0, None));
        assert_eq!(report.checkpoints, 7);
    });
}

#[test]
fn a_flipped_byte_in_a_leaf() {
    for place in [0, 50, 151, 299] {
        found_after(
            |store| flip(store, "acts", "leaf", "number = 321", place),
            321,
            |what| *what == What::Hash,
        );
    }
}

#[test]
fn a_flipped_byte_in_a_body_or_its_salt() {
    found_after(|store| flip(store, "bodies", "body", "number = 400", 9), 400, |what| *what == What::Body);
    found_after(|store| flip(store, "bodies", "salt", "number = 7", 3), 7, |what| *what == What::Body);
}

#[test]
fn a_flipped_byte_in_the_hash_of_a_leaf_or_a_tile() {
    found_after(|store| flip(store, "acts", "hash", "number = 12", 31), 12, |what| *what == What::Hash);
    let node = |what: &What| matches!(what, What::Node { level: 8, position: 1 });
    found_after(|store| flip(store, "nodes", "hash", "position = 1", 0), 512, node);
}

#[test]
fn a_missing_or_a_stray_tile() {
    let gone = |store: &Store| tamper(store, &["delete from nodes where position = 0"]);
    found_after(gone, 256, |what| matches!(what, What::Node { position: 0, .. }));
    let stray = |store: &Store| {
        tamper(store, &["insert into nodes select level, 2, hash from nodes where position = 1"])
    };
    found_after(stray, ACTS, |what| matches!(what, What::StrayNodes { expected: 2, found: 3 }));
}

#[test]
fn a_changed_checkpoint() {
    let size = |store: &Store| {
        tamper(store, &["update checkpoints set note = replace(note, '300', '301') where size = 300"]);
    };
    found_after(size, 300, |what| matches!(what, What::Checkpoint(_)));
    let swapped = |store: &Store| {
        tamper(
            store,
            &[
                "update checkpoints set note = (select note from checkpoints where size = 200) where size = 300",
            ],
        );
    };
    found_after(swapped, 300, |what| matches!(what, What::Checkpoint(_)));
    let time =
        |store: &Store| tamper(store, &["update checkpoints set recorded = recorded - 1 where size = 400"]);
    found_after(time, 400, |what| matches!(what, What::Checkpoint(_)));
}

#[test]
fn a_deleted_act() {
    let gone = |store: &Store| tamper(store, &["delete from acts where number = 250"]);
    found_after(gone, 250, |what| *what == What::Missing { next: 251 });
    let first = |store: &Store| tamper(store, &["delete from acts where number = 1"]);
    found_after(first, 1, |what| *what == What::Missing { next: 2 });
}

#[test]
fn a_deleted_body() {
    let gone = |store: &Store| tamper(store, &["delete from bodies where number = 44"]);
    found_after(gone, 44, |what| *what == What::BodyMissing);
}

#[test]
fn a_body_that_came_back_after_its_erasure() {
    for_each_engine(|store| {
        let ledger = record(&store);
        let row =
            store.read(|sql| sql.query_one("select salt, body from bodies where number = 5", &[])).unwrap();
        let row = row.unwrap();
        ledger
            .write(officer(), |writing| writing.erase(&[5], "当事人申请", "个人信息保护法第四十七条"))
            .unwrap();
        assert_eq!(verify(&store, &verifiers()).unwrap().fault, None);
        let back = row.values().to_vec();
        store
            .write(move |sql| {
                sql.execute("insert into bodies (number, salt, body) values (5, $1, $2)", &back)
            })
            .unwrap();
        assert_eq!(fault(&store), Fault { number: 5, what: What::BodyNotErased });
    });
}

#[test]
fn two_swapped_acts() {
    let numbers = |store: &Store| {
        tamper(
            store,
            &[
                "update acts set number = -1 where number = 100",
                "update acts set number = 100 where number = 101",
                "update acts set number = 101 where number = -1",
            ],
        );
    };
    found_after(numbers, 100, |what| *what == What::Column { column: "number" });
}

#[test]
fn a_column_that_says_something_else_than_its_header() {
    for (statement, column) in [
        (&["update acts set kind = 'grid.closed' where number = 9"], "kind"),
        (&["update acts set matter = 'grid/x' where number = 9"], "matter"),
        (&["update acts set sequence = 10000 where number = 9"], "sequence"),
        (&["update acts set recorded = recorded + 1 where number = 9"], "time"),
        (&["update acts set id = 'x' where number = 9"], "id"),
    ] {
        found_after(|store| tamper(store, statement), 9, |what| *what == What::Column { column });
    }
}

#[test]
fn a_truncated_record() {
    let acts = |store: &Store| {
        tamper(store, &["delete from acts where number > 550", "delete from bodies where number > 550"])
    };
    found_after(acts, 551, |what| *what == What::Truncated { said: ACTS });
    let with_head = |store: &Store| {
        tamper(
            store,
            &[
                "delete from acts where number > 550",
                "delete from bodies where number > 550",
                "update head set size = 550",
                "delete from checkpoints where size > 550",
            ],
        );
    };
    found_after(with_head, 501, |what| *what == What::Unsigned);
}

#[test]
fn a_head_that_is_not_the_one_of_the_last_act() {
    for statement in [
        &["update head set size = 599"],
        &["update head set frontier = (select hash from acts where number = 1)"],
        &["update head set recorded = recorded + 1"],
    ] {
        found_after(|store| tamper(store, statement), ACTS, |what| matches!(what, What::Head(_)));
    }
    for_each_engine(|store| {
        record(&store);
        flip(&store, "head", "frontier", "one = 1", 70);
        assert!(matches!(fault(&store), Fault { number: ACTS, what: What::Head(_) }));
        let options = ledger::Options {
            name: common::NAME.into(),
            key: common::key(),
            clock: std::sync::Arc::new(ledger::SystemClock),
            books: common::books(),
        };
        assert!(Ledger::open(store.clone(), options).is_err(), "a node does not go on from such an end");
    });
}

#[test]
fn acts_without_a_checkpoint_over_them() {
    let unsigned = |store: &Store| tamper(store, &["delete from checkpoints where size > 500"]);
    found_after(unsigned, 501, |what| *what == What::Unsigned);
}

#[test]
fn rows_outside_the_record() {
    let before = |store: &Store| {
        tamper(
            store,
            &["insert into bodies (number, salt, body) select 0, salt, body from bodies where number = 1"],
        );
    };
    found_after(before, 1, |what| *what == What::BeforeFirst);
    let beyond = |store: &Store| {
        tamper(
            store,
            &["insert into bodies (number, salt, body) select 900, salt, body from bodies where number = 1"],
        );
    };
    found_after(beyond, 900, |what| *what == What::BodyWithoutAct);
}

/// A forger without the key changes a leaf, its hash and its column, so that only the signed root can tell.
#[test]
fn a_forged_act_falls_at_the_next_checkpoint() {
    let forge = |store: &Store| {
        let forged = store.write(|sql| {
            let row = sql.query_one("select leaf from acts where number = 130", &[])?.expect("a leaf");
            let leaf = String::from_utf8(row.get(0)?).expect("text").replace("officer:o-17", "officer:o-99");
            let hash = ledger::tree::leaf_hash(leaf.as_bytes());
            let update = "update acts set leaf = $1, hash = $2 where number = 130";
            sql.execute(update, &[leaf.into_bytes().into(), hash.into()])
        });
        assert_eq!(forged.unwrap(), 1);
    };
    found_after(forge, 200, |what| *what == What::Root { from: 101 });
}

#[test]
fn another_key_does_not_do() {
    for_each_engine(|store| {
        record(&store);
        let stranger = ledger::SigningKey::from_seed([1; 32]).verifier(common::NAME);
        let fault = verify(&store, &[stranger]).unwrap().fault.unwrap();
        assert!(fault.number == 1 && matches!(fault.what, What::Checkpoint(_)), "{fault}");
    });
}

#[test]
fn a_copied_folder_is_verified_without_its_secret() {
    let (live, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    ledger::keys::publish(live.path(), &verifiers()).unwrap();
    let at = |folder: &std::path::Path| Settings::Sqlite { file: folder.join("comity.sqlite") };
    let store = Store::open(&at(live.path())).unwrap();
    record(&store);
    store.close();
    for entry in std::fs::read_dir(live.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let keys = ledger::keys::public(copy.path()).unwrap();
    let copied = Store::open_to_read(&at(copy.path())).unwrap();
    assert_eq!(ledger::proof_of(&copied, 17).unwrap().verify(&keys).unwrap().number, 17);
    let report = verify(&copied, &keys).unwrap();
    assert_eq!((report.acts, report.fault), (ACTS, None));
}
