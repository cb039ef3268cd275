//! The fingerprint of a table is that of its content, whichever engine holds it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::testing::Schema;
use store::{Error, Result, Sql, Store, Value, digest};

type Record = (Option<i64>, Option<String>, Option<Vec<u8>>);

#[test]
fn it_is_equal_across_engines_and_orders() {
    let (sqlite, postgres, _schema) = both();
    check(&(vec(record(), 0..12), 0usize..12), |(records, turn)| {
        let turned: Vec<_> = records.iter().cycle().skip(turn).take(records.len()).cloned().collect();
        prop_assert_eq!(fingerprint(&sqlite, records), fingerprint(&postgres, turned));
        Ok(())
    });
}

#[test]
fn it_differs_when_one_value_does() {
    let (sqlite, postgres, _schema) = both();
    check(&(vec(record(), 1..6), record(), 0usize..6), |(mut records, changed, place)| {
        let place = place % records.len();
        prop_assume!(records[place] != changed);
        let before = fingerprint(&sqlite, records.clone());
        records[place] = changed;
        prop_assert_ne!(before, fingerprint(&postgres, records));
        Ok(())
    });
}

#[test]
fn a_value_counts_in_its_own_column_and_kind() {
    let store = Store::temporary().unwrap();
    let of = |records: &[Record]| fingerprint(&store, records.to_vec());
    let text = |text: &str| (None, Some(text.to_owned()), None);
    let all = [
        of(&[]),
        of(&[(None, None, None)]),
        of(&[(None, None, None), (None, None, None)]),
        of(&[text("")]),
        of(&[text("ab"), text("c")]),
        of(&[text("a"), text("bc")]),
        of(&[(None, None, Some(b"ab".to_vec()))]),
        of(&[text("ab")]),
        of(&[(Some(0), None, None)]),
    ];
    for (place, one) in all.iter().enumerate() {
        assert!(!all[..place].contains(one), "no. {place} is not its own");
    }
}

#[test]
fn the_name_of_the_table_does_not_count() {
    let store = Store::temporary().unwrap();
    let both = store.write(|sql| {
        sql.define("CREATE TABLE a (x INT64, y TEXT); CREATE TABLE b (y TEXT, x INT64); CREATE TABLE c (x INT64, z TEXT)")?;
        for table in ["a", "b"] {
            sql.execute(&format!("INSERT INTO {table} (x, y) VALUES (1, '甲')"), &[])?;
        }
        sql.execute("INSERT INTO c (x, z) VALUES (1, '甲')", &[])?;
        Ok::<_, Error>((digest(sql, "a")?, digest(sql, "b")?, digest(sql, "c")?))
    });
    let (a, b, c) = both.unwrap();
    assert_eq!(a, b);
    assert_ne!(a, c, "those of its columns do");
    assert!(matches!(store.read(|sql| digest(sql, "nowhere")), Err(Error::Statement { .. })));
}

/// Stores made once per test, for it takes longer to open one than to try a case.
fn check<S: Strategy>(cases: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let configuration = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    if let Err(failure) = TestRunner::new(configuration).run(cases, test) {
        panic!("{failure}");
    }
}

fn both() -> (Store, Store, Schema) {
    let schema = Schema::new();
    (Store::temporary().unwrap(), Store::open(&schema.settings()).unwrap(), schema)
}

fn record() -> impl Strategy<Value = Record> {
    let text = "[a-zA-Z0-9 \\-'é张李王安😀\u{ffff}]{0,6}";
    (
        proptest::option::of(any::<i64>()),
        proptest::option::of(text),
        proptest::option::of(vec(any::<u8>(), 0..4)),
    )
}

fn fingerprint(store: &Store, records: Vec<Record>) -> [u8; 32] {
    let work = move |sql: &mut dyn Sql| -> Result<[u8; 32]> {
        sql.define("DROP TABLE IF EXISTS record; CREATE TABLE record (number INT64, name TEXT, seal BYTES)")?;
        for (number, name, seal) in records {
            let row: [Value; 3] = [number.into(), name.into(), seal.into()];
            sql.execute("INSERT INTO record (number, name, seal) VALUES ($1, $2, $3)", &row)?;
        }
        digest(sql, "record")
    };
    store.write(work).unwrap()
}
