//! Single flipped bits all over a living record, and acts deleted, swapped, inserted and cut off: nothing stays unseen,
//! and each fault is named. Every damage is judged alone and then undone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses a part of the town")]
mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use common::{GridAct, all_is_well, books, grid, officer, open, verifiers};
use ledger::{Checkpoint, Draft, Error, Fault, Ledger, RowFault, What, verify, verify_books};
use store::testing::{Flip, Flips, for_each_settings};
use store::{Settings, Store, Value};

/// Flips in the record and in the books, on each engine; the books of the bureau have theirs in its own tests.
const FLIPS: (usize, usize) = (840, 60);

/// Flips in the counters of series.
const COUNTER_FLIPS: usize = 60;

/// The tables of the record itself.
const RECORD: [&str; 5] = ["acts", "bodies", "nodes", "checkpoints", "head"];

/// What no engine lets anybody change: foreign keys, and the one row of the head.
const GUARDED: [&str; 3] = ["grids.matter", "head.one", "holders.matter"];

const ACTS: i64 = 281;

/// Of each a number is drawn for every group of acts.
const SERIES: [&str; 3] = ["licence/330421", "paper/notice/2026", "申请"];

/// A record with one full tile, some checkpoints and two acts of erasure.
fn record(store: &Store) -> Arc<Ledger> {
    let (ledger, _) = open(store);
    let opened = ledger.write(officer(), |writing| {
        (1..=3).try_for_each(|place| {
            writing.append(Draft::new(&grid(place), &GridAct::Opened { places: 200 })).map(drop)
        })
    });
    opened.unwrap();
    for group in 0..4 {
        let granted = ledger.write(officer(), move |writing| {
            SERIES.iter().try_for_each(|series| writing.next_number(series).map(drop))?;
            for serial in 0..69 {
                let body = GridAct::Granted { serial, holder: format!("店{group}-{serial}") };
                writing
                    .append(Draft::new(&grid(1 + serial.unsigned_abs() as u128 % 3), &body).reason("补录"))?;
            }
            Ok::<_, Error>(())
        });
        granted.unwrap();
        if group % 2 == 1 {
            let numbers = [5 + group, 17 + group];
            let erased = ledger.write(officer(), move |writing| {
                writing.erase(&numbers, "当事人申请", "个人信息保护法第四十七条")
            });
            erased.unwrap();
        }
    }
    assert_eq!(all_is_well(store), ACTS);
    ledger
}

/// Ten times as many in the long form, which `COMITY_LONG=1` asks for.
fn long(count: usize) -> usize {
    if std::env::var_os("COMITY_LONG").is_some() { 10 * count } else { count }
}

/// Hands over a finished record that no ledger guards any more.
fn for_each_record(story: impl Fn(&Store)) {
    for_each_settings(|settings| {
        let store = Store::open(&settings).unwrap();
        record(&store);
        store.close();
        let store = Store::open(&settings).unwrap();
        story(&store);
        all_is_well(&store);
        store.close();
    });
}

/// Applies and undoes so many flips, and has each judged; every column that the engine lets change is hit.
fn flip(store: &Store, tables: &[&str], count: usize, judge: impl Fn(&Flip)) {
    let mut flips = Flips::over(store, tables, 20_260_901);
    let mut hit = BTreeSet::new();
    let mut judged = 0;
    while judged < long(count) {
        let flip = flips.next();
        if !flip.apply(store) {
            continue;
        }
        judge(&flip);
        flip.undo(store);
        hit.insert(format!("{}.{}", flip.table, flip.column));
        judged += 1;
    }
    let all: BTreeSet<_> = flips.columns().into_iter().collect();
    let missed: Vec<_> = all.difference(&hit).filter(|column| !GUARDED.contains(&column.as_str())).collect();
    assert!(missed.is_empty(), "{missed:?} were never hit");
}

#[test]
fn every_flipped_byte_of_the_record_is_found_and_named() {
    for_each_record(|store| {
        flip(store, &RECORD, FLIPS.0, |flip| {
            let fault = verify(store, &verifiers()).unwrap().fault;
            let fault = fault.unwrap_or_else(|| panic!("{flip:?} stays unseen"));
            assert!(names(&fault, flip), "{flip:?} was found as: {fault}");
        });
    });
}

#[test]
fn every_flipped_byte_of_a_counter_is_found_and_named() {
    for_each_record(|store| {
        flip(store, &["counters"], COUNTER_FLIPS, |flip| {
            let report = verify(store, &verifiers()).unwrap();
            let Value::Text(series) = &flip.key[0].1 else { panic!("{flip:?}") };
            let named =
                report.counters.iter().any(|counter| counter.series == *series && counter.borne.is_some());
            // A name that is no text any more cannot be read, nor what follows it.
            let unreadable = report.fault.is_some_and(|fault| fault.to_string().contains("from counters"));
            assert!(named || (flip.column == "series" && unreadable), "{flip:?}: {:?}", report.counters);
        });
    });
}

/// Set back and drawn from again, the same number stands in two headers: that stays found for ever.
#[test]
fn a_number_given_out_twice_is_found_at_the_second_act() {
    for_each_settings(|settings| {
        let store = Store::open(&settings).unwrap();
        let ledger = record(&store);
        change(&store, "update counters set value = 2 where series = '申请'");
        let granted = ledger.write(officer(), |writing| {
            writing.next_number("申请")?;
            writing.append(Draft::new(&grid(1), &GridAct::Granted { serial: 3, holder: "店".into() }))
        });
        let number = granted.unwrap().number;
        let fault = verify(&store, &verifiers()).unwrap().fault.unwrap();
        let twice = What::Number { series: "申请".into(), last: 4, found: 3 };
        assert_eq!(fault, Fault { number, what: twice });
        drop(ledger);
        store.close();
    });
}

/// Every later checkpoint covers the same acts, so that nothing of the record is lost with it; whoever kept it himself can
/// still hold it against the record. The one over a change of keys alone bears what no other does, and is missed.
#[test]
fn a_checkpoint_deleted_from_the_middle_takes_nothing_with_it() {
    for_each_record(|store| {
        let kept = Kept::of(store);
        let newest = "(select max(size) from checkpoints)";
        let note = store.read(|sql| {
            let first = sql.query_one("select note from checkpoints order by size limit 1", &[])?;
            first.unwrap().get::<String>(0)
        });
        change(store, &format!("delete from checkpoints where size < {newest}"));
        let report = verify(store, &verifiers()).unwrap();
        assert_eq!((report.fault, report.acts, report.checkpoints), (None, ACTS, 1));
        let first = Checkpoint::open(&note.unwrap(), &verifiers()).unwrap();
        assert!(ledger::extends(store, &first).unwrap());
        kept.put_back(store);
    });
}

/// Whether the fault speaks of what was flipped.
fn names(fault: &Fault, flip: &Flip) -> bool {
    let number = |value: &Value| if let Value::Int(number) = value { *number } else { 0 };
    // A row whose key was changed is missing where it was, or odd where it now is.
    let places = [number(&flip.key[0].1), number(&flip.after)];
    let there = places.contains(&fault.number);
    match (flip.table.as_str(), &fault.what) {
        ("acts", _) => fault.number == places[0],
        ("bodies", _) => there,
        ("nodes", What::Node { level: 8, position: 0 }) => fault.number == 256,
        ("checkpoints", What::Checkpoint(_) | What::Root { .. } | What::Unreadable(_)) => there,
        ("checkpoints", What::Truncated { said }) => places.contains(said),
        ("checkpoints", What::BeforeFirst | What::Unsigned) => flip.column == "size",
        ("head", What::Head(_) | What::Truncated { .. }) => true,
        ("head", What::Unreadable(why)) => why.contains("from head"),
        _ => false,
    }
}

#[test]
fn every_flipped_byte_of_a_book_is_found_and_named() {
    for_each_record(|store| {
        flip(store, &["grids", "holders", "book_versions"], FLIPS.1, |flip| {
            let differing = verify_books(store, books()).unwrap().differing;
            assert!(differing.len() == 1 && differing[0].table == flip.table, "{flip:?}: {differing:?}");
            let in_key = flip.key.iter().any(|(column, _)| *column == flip.column);
            assert!(in_key || differing[0].key == flip.key, "{flip:?}: {}", differing[0]);
            let text = matches!((&flip.before, &flip.after), (Value::Text(_), Value::Bytes(_)));
            let unreadable = matches!(differing[0].fault, RowFault::Unreadable(_));
            assert!(text || !unreadable, "{flip:?}: {}", differing[0]);
        });
    });
}

#[test]
fn a_book_that_cannot_be_read_is_mended_by_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::Sqlite { file: folder.path().join("node.db") }).unwrap();
    let ledger = record(&store);
    change(&store, "update holders set holder = CAST(x'ff' AS TEXT) where number = 70");
    let differing = verify_books(&store, books()).unwrap().differing;
    assert!(differing[0].to_string().starts_with("holders at number = 70: the store cannot read it"));
    assert_eq!(ledger::rebuild(&ledger).unwrap().changed, ["holders"]);
    all_is_well(&store);
}

fn change(store: &Store, statement: &str) {
    let statement = statement.to_owned();
    store.write(move |sql| sql.execute(&statement, &[])).unwrap();
}

/// The rows of the record, to be put back after a damage.
struct Kept(Vec<(&'static str, Vec<String>, Vec<store::Row>)>);

impl Kept {
    fn of(store: &Store) -> Kept {
        let read = store.read(|sql| {
            let mut kept = Vec::new();
            for table in RECORD {
                let columns = sql.columns(table)?;
                let rows = sql.query(&format!("select {} from {table}", columns.join(", ")), &[])?;
                kept.push((table, columns, rows));
            }
            Ok::<_, store::Error>(Kept(kept))
        });
        read.unwrap()
    }

    fn put_back(&self, store: &Store) {
        let kept = self.0.clone();
        let put = store.write(move |sql| {
            for (table, columns, rows) in kept {
                sql.execute(&format!("delete from {table}"), &[])?;
                let places: Vec<_> = (1..=columns.len()).map(|place| format!("${place}")).collect();
                let (columns, places) = (columns.join(", "), places.join(", "));
                let insert = format!("insert into {table} ({columns}) values ({places})");
                for row in rows {
                    sql.execute(&insert, row.values())?;
                }
            }
            Ok::<_, store::Error>(())
        });
        put.unwrap();
    }
}

/// Damages the record again and again, each time at other acts of the seed, and tells what must be found.
fn damage(times: usize, damage: impl Fn(&Store, &mut Flips) -> (i64, fn(&What) -> bool)) {
    for_each_record(|store| {
        let kept = Kept::of(store);
        let mut seed = Flips::over(store, &["acts"], 7);
        for _ in 0..times {
            let (number, is_it) = damage(store, &mut seed);
            let fault = verify(store, &verifiers()).unwrap().fault.expect("a damaged record");
            assert!(
                fault.number == number && is_it(&fault.what),
                "found {fault}, expected it at act {number}"
            );
            kept.put_back(store);
        }
    });
}

fn any_act(seed: &mut Flips, below: usize) -> i64 {
    1 + seed.below(below).cast_signed() as i64
}

#[test]
fn deleted_acts() {
    damage(6, |store, seed| {
        let number = any_act(seed, 280);
        change(store, &format!("delete from acts where number = {number}"));
        change(store, &format!("delete from bodies where number = {number}"));
        (number, |what| matches!(what, What::Missing { .. }))
    });
}

/// Past the acts that were erased, which have no body to swap: two acts, or all their bytes but not their numbers, or only their bodies, in one another's place.
#[test]
fn swapped_acts() {
    let swap = |store: &Store, table: &str, columns: &str, first: i64, second: i64| {
        let other =
            format!("(select {columns} from {table} o where o.number = {first} + {second} - {table}.number)");
        change(
            store,
            &format!("update {table} set ({columns}) = {other} where number in ({first}, {second})"),
        );
    };
    damage(6, |store, seed| {
        let (first, second) = (30 + any_act(seed, 100), 150 + any_act(seed, 100));
        if seed.below(2) == 0 {
            swap(store, "acts", "leaf, hash", first, second);
        } else {
            for (from, to) in [(first, -1), (second, first), (-1, second)] {
                change(store, &format!("update acts set number = {to} where number = {from}"));
            }
        }
        swap(store, "bodies", "salt, body", first, second);
        (first, |what| matches!(what, What::Column { .. }))
    });
    damage(4, |store, seed| {
        let (first, second) = (30 + any_act(seed, 100), 150 + any_act(seed, 100));
        swap(store, "bodies", "salt, body", first, second);
        (first, |what| matches!(what, What::Body))
    });
}

#[test]
fn inserted_acts() {
    const COPY: &str = "insert into acts (number, id, kind, matter, sequence, recorded, leaf, hash)
                        select";
    let columns = "id, kind, matter, sequence + 5000, recorded, leaf, hash from acts where number =";
    damage(3, |store, seed| {
        let number = any_act(seed, 280);
        change(store, &format!("{COPY} {ACTS} + 1, {columns} {number}"));
        (ACTS + 1, |what| matches!(what, What::Column { column: "number" }))
    });
    damage(3, |store, seed| {
        let number = any_act(seed, 270);
        // All that follow make room, each with its body.
        for table in ["acts", "bodies"] {
            change(store, &format!("update {table} set number = -number - 1 where number > {number}"));
            change(store, &format!("update {table} set number = -number where number < 0"));
        }
        change(store, &format!("{COPY} {number} + 1, {columns} {number}"));
        (number + 1, |what| matches!(what, What::Column { column: "number" }))
    });
    damage(2, |store, seed| {
        let number = any_act(seed, 280);
        change(store, &format!("{COPY} -{number}, {columns} {number}"));
        (1, |what| matches!(what, What::BeforeFirst))
    });
}

/// Cut between two checkpoints or at one; with what speaks of the cut acts, it is seen as long as the head is not set
/// back by who can compute it.
#[test]
fn truncated_records() {
    damage(4, |store, seed| {
        let last = any_act(seed, 280);
        change(store, &format!("delete from acts where number > {last}"));
        change(store, &format!("delete from bodies where number > {last}"));
        (last + 1, |what| matches!(what, What::Truncated { said: ACTS }))
    });
    damage(4, |store, seed| {
        let last = any_act(seed, 280);
        for table in ["acts", "bodies"] {
            change(store, &format!("delete from {table} where number > {last}"));
        }
        change(store, &format!("delete from checkpoints where size > {last}"));
        (last + 1, |what| matches!(what, What::Truncated { said: ACTS }))
    });
}

/// A byte of the database file itself: whatever is read otherwise than before is found, and nothing panics.
#[test]
fn a_flipped_byte_of_the_file_is_found_or_changes_nothing_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.db");
    let settings = Settings::Sqlite { file: file.clone() };
    let store = Store::open(&settings).unwrap();
    let ledger = record(&store);
    let mut seed = Flips::over(&store, &RECORD, 20_260_902);
    drop(ledger);
    store.close();
    let (bytes, content) = (std::fs::read(&file).unwrap(), content(&file));
    assert!(content.is_some());
    let (mut found, mut free) = (0, 0);
    while found < long(100) {
        let mut damaged = bytes.clone();
        let place = seed.below(damaged.len());
        damaged[place] ^= 1 << seed.below(8);
        std::fs::write(&file, &damaged).unwrap();
        if is_found(&settings) {
            found += 1;
        } else {
            assert_eq!(self::content(&file), content, "byte {place} stays unseen");
            free += 1;
        }
    }
    assert!(free < 2 * found, "{free} bytes of the file say nothing");
}

/// Whether verification names a fault, or says that the file cannot be opened.
fn is_found(settings: &Settings) -> bool {
    let Ok(store) = Store::open_to_read(settings) else { return true };
    let holds = verify(&store, &verifiers())
        .is_ok_and(|report| report.fault.is_none() && report.counters.is_empty())
        && verify_books(&store, books()).is_ok_and(|report| report.differing.is_empty())
        && store.read(|sql| sql.integrity()).is_ok_and(|faults| faults.is_empty());
    store.close();
    !holds
}

/// Everything that is read of the file, in the order of the tables and along the matters.
fn content(file: &Path) -> Option<Vec<[u8; 32]>> {
    let store = Store::open_to_read(&Settings::Sqlite { file: file.to_owned() }).ok()?;
    let tables = RECORD.iter().chain(&["grids", "holders", "book_versions", "counters"]);
    let read = store.read(|sql| tables.map(|table| store::digest(sql, table)).collect::<Result<_, _>>());
    store.close();
    read.ok()
}
