//! What a module may rely on is the same on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use store::testing::for_each_engine;
use store::{Constraint, Error, Result, Store, Value};

const OUTLETS: &str =
    "CREATE TABLE outlet (id INT64 PRIMARY KEY, name TEXT, seal BYTES, open INT64 CHECK (open IN (0, 1)));
    CREATE TABLE visit (id INT64 PRIMARY KEY, outlet INT64 NOT NULL REFERENCES outlet (id))";

#[test]
fn a_writer_reads_his_own_write_at_once() {
    with_outlets(|store| {
        let seen = store.write(|sql| {
            sql.execute("INSERT INTO outlet (id, name) VALUES ($1, $2)", &[1.into(), "西塘烟酒店".into()])?;
            count(sql)
        });
        assert_eq!(seen, Ok(1), "inside the command");
        assert_eq!(store.read(count), Ok(1), "by the next reader");
    });
}

#[test]
fn values_come_back_as_they_went_in() {
    with_outlets(|store| {
        let every = [
            vec![i64::MAX.into(), "嘉善县😀'\"\\".into(), vec![0u8, 255, 10].into(), true.into()],
            vec![i64::MIN.into(), "".into(), Vec::<u8>::new().into(), false.into()],
            vec![0.into(), Value::Null, Value::Null, Value::Null],
        ];
        let rows = every.clone();
        put(&store, rows.to_vec());
        for expected in every {
            let id = expected[0].clone();
            let row = store
                .read(|sql| sql.query_one("SELECT id, name, seal, open FROM outlet WHERE id = $1", &[id]));
            assert_eq!(row.unwrap().unwrap().values(), expected);
        }
    });
}

#[test]
fn a_column_is_read_as_what_it_is_or_not_at_all() {
    with_outlets(|store| {
        put(&store, vec![vec![7.into(), "甲".into(), vec![1u8, 2].into(), true.into()]]);
        let row =
            store.read(|sql| sql.query_one("SELECT id, name, seal, open FROM outlet", &[])).unwrap().unwrap();
        assert_eq!(row.get::<i64>(0), Ok(7));
        assert_eq!(row.get::<Option<String>>(1), Ok(Some("甲".to_owned())));
        assert_eq!(row.get::<[u8; 2]>(2), Ok([1, 2]));
        assert_eq!(row.get::<bool>(3), Ok(true));
        assert!(matches!(row.get::<bool>(0), Err(Error::Column { index: 0, .. })), "7 is no truth value");
        assert!(matches!(row.get::<String>(2), Err(Error::Column { index: 2, .. })));
        assert!(matches!(row.get::<[u8; 3]>(2), Err(Error::Column { .. })));
        assert!(matches!(row.get::<i64>(9), Err(Error::Column { index: 9, .. })));
    });
}

#[test]
fn parameters_are_found_by_their_number() {
    with_outlets(|store| {
        put(&store, vec![vec![2.into(), "乙".into(), Value::Null, Value::Null]]);
        let sql = "SELECT name FROM outlet WHERE name = $2 AND id = $1 AND name = $2";
        let row = store.read(|tx| tx.query_one(sql, &[2.into(), "乙".into()])).unwrap().unwrap();
        assert_eq!(row.get::<String>(0), Ok("乙".to_owned()));
        let missing = store.read(|tx| tx.query(sql, &[2.into()]));
        assert!(matches!(missing, Err(Error::Parameters { expected: 2, given: 1, .. })), "{missing:?}");
        let surplus = store.read(|tx| tx.query(sql, &[2.into(), "乙".into(), 3.into()]));
        assert!(matches!(surplus, Err(Error::Parameters { expected: 2, given: 3, .. })), "{surplus:?}");
    });
}

#[test]
fn texts_stand_in_the_order_of_their_code_points() {
    with_outlets(|store| {
        let names = ["张", "李", "王", "安", "Z", "a", "é", "😀", "㐀"];
        put(&store, (1..).zip(names).map(|(id, name)| outlet(id, name)).collect());
        let found = store.read(|sql| sql.query("SELECT name FROM outlet ORDER BY name", &[])).unwrap();
        let found: Vec<String> = found.iter().map(|row| row.get(0).unwrap()).collect();
        let mut expected = names.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
    });
}

#[test]
fn like_tells_capitals_from_small_letters() {
    with_outlets(|store| {
        put(&store, vec![outlet(1, "Comity"), outlet(2, "comity")]);
        let found = store
            .read(|sql| sql.query("SELECT id FROM outlet WHERE name LIKE $1", &["Com%".into()]))
            .unwrap();
        assert_eq!(found.len(), 1);
    });
}

#[test]
fn the_number_of_changed_rows_is_told() {
    with_outlets(|store| {
        put(&store, vec![outlet(1, "甲"), outlet(2, "乙")]);
        let change = |sql: &'static str| store.write(move |tx| tx.execute(sql, &[]));
        assert_eq!(change("UPDATE outlet SET open = 1"), Ok(2));
        assert_eq!(change("UPDATE outlet SET open = 1 WHERE id = 9"), Ok(0));
        assert_eq!(change("INSERT INTO outlet (id) VALUES (1) ON CONFLICT (id) DO NOTHING"), Ok(0));
        assert_eq!(change("INSERT INTO outlet (id) VALUES (3) RETURNING id"), Ok(1));
        assert_eq!(change("CREATE INDEX outlet_by_name ON outlet (name)"), Ok(0));
        let returned =
            store.write(|tx| tx.query("UPDATE outlet SET open = 0 WHERE id < 3 RETURNING id", &[])).unwrap();
        assert_eq!(returned.len(), 2);
    });
}

#[test]
fn a_broken_rule_is_named_alike() {
    with_outlets(|store| {
        put(&store, vec![outlet(1, "甲")]);
        let broken = |sql: &'static str| match store.write(move |tx| tx.execute(sql, &[])) {
            Err(Error::Constraint { kind, .. }) => kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(broken("INSERT INTO outlet (id) VALUES (1)"), Constraint::Unique);
        assert_eq!(broken("INSERT INTO visit (id, outlet) VALUES (1, 2)"), Constraint::ForeignKey);
        assert_eq!(broken("INSERT INTO visit (id) VALUES (1)"), Constraint::NotNull);
        assert_eq!(broken("UPDATE outlet SET open = 2"), Constraint::Check);
    });
}

#[test]
fn no_text_holds_nul() {
    with_outlets(|store| {
        let result = store.write(|sql| {
            sql.execute("INSERT INTO outlet (id, name) VALUES ($1, $2)", &[1.into(), "甲\0乙".into()])
        });
        assert!(matches!(result, Err(Error::Nul { number: 2, .. })), "{result:?}");
        let result = store.read(|sql| sql.query("SELECT '\0'", &[]));
        assert!(matches!(result, Err(Error::Nul { number: 0, .. })), "{result:?}");
    });
}

#[test]
fn what_one_engine_would_take_and_the_other_not_is_refused() {
    with_outlets(|store| {
        let refused = |sql: &'static str| {
            let result = store.write(move |tx| tx.query(sql, &[]));
            assert!(
                matches!(
                    result,
                    Err(Error::Statement { .. } | Error::Parameters { .. } | Error::Forbidden { .. })
                ),
                "{sql}: {result:?}"
            );
        };
        refused("INSERT INTO outlet (id, open) VALUES (1, 'yes')");
        refused("SELECT 1.5");
        refused("SELECT \"no such column\" FROM outlet");
        refused("SELECT id FROM outlet WHERE id = ?");
        refused("SELECT id FROM outlet WHERE id = :id");
        refused("COMMIT");
        refused("  rollback");
        refused("PRAGMA foreign_keys = OFF");
        refused("SET search_path TO public");
        refused("SELECT 1; SELECT 2");
    });
}

#[test]
fn a_definition_can_be_replaced_while_statements_are_prepared() {
    with_outlets(|store| {
        let all =
            |store: &Store| store.read(|sql| sql.query("SELECT * FROM visit", &[])).map(|rows| rows.len());
        assert_eq!(all(&store), Ok(0));
        store
            .write(|sql| {
                sql.query("SELECT * FROM visit", &[])?;
                sql.define("DROP TABLE visit; CREATE TABLE visit (id TEXT, year INT64, note BYTES)")?;
                sql.query("SELECT * FROM visit", &[])
            })
            .unwrap();
        assert_eq!(all(&store), Ok(0));
        let undone: Result<()> = store.write(|sql| {
            sql.define("ALTER TABLE visit ADD COLUMN more INT64")?;
            sql.query("SELECT * FROM visit", &[])?;
            Err(Error::Closed)
        });
        assert_eq!(undone, Err(Error::Closed));
        assert_eq!(store.read(|sql| sql.columns("visit")).unwrap(), ["id", "note", "year"]);
        assert_eq!(store.write(|sql| sql.query("SELECT * FROM visit", &[])), Ok(Vec::new()));
    });
}

#[test]
fn a_snapshot_is_not_disturbed_by_later_writes() {
    with_outlets(|store| {
        let counts: Result<_> = store.read(|sql| {
            let before = count(sql)?;
            put(&store, vec![outlet(1, "甲")]);
            Ok((before, count(sql)?, store.read(count)?))
        });
        assert_eq!(counts, Ok((0, 0, 1)));
    });
}

#[test]
fn a_reader_cannot_write() {
    with_outlets(|store| {
        let result = store.read(|sql| sql.execute("INSERT INTO outlet (id) VALUES (1)", &[]));
        assert!(matches!(result, Err(Error::Statement { .. })), "{result:?}");
        assert_eq!(store.read(count), Ok(0));
    });
}

#[test]
fn a_long_result_is_handed_over_row_by_row_and_can_be_left() {
    with_outlets(|store| {
        put(&store, (1..=1000).map(|id| outlet(id, "甲")).collect());
        let mut seen = 0;
        let left = store.read(|sql| {
            sql.each("SELECT id FROM outlet ORDER BY id", &[], &mut |row| {
                seen += 1;
                if row.get::<i64>(0)? == 10 { Err(Error::Closed) } else { Ok(()) }
            })
        });
        assert_eq!((left, seen), (Err(Error::Closed), 10));
        assert_eq!(store.read(count), Ok(1000), "the connection is as good as before");
    });
}

#[test]
fn more_readers_than_connections_wait_for_their_turn() {
    with_outlets(|store| {
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..32).map(|_| scope.spawn(|| store.read(count))).collect();
            for reader in readers {
                assert_eq!(reader.join().unwrap(), Ok(0));
            }
        });
    });
}

#[test]
fn a_reader_that_panics_gives_its_connection_back() {
    with_outlets(|store| {
        for _ in 0..20 {
            let read = || store.read(|sql| -> Result<()> { panic!("after {} rows", count(sql)?) });
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_err());
        }
        assert_eq!(store.read(count), Ok(0));
    });
}

#[test]
fn it_can_be_called_and_dropped_under_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    with_outlets(|store| {
        runtime.block_on(async {
            let reading = store.clone();
            let count = tokio::task::spawn_blocking(move || {
                put(&reading, vec![outlet(1, "甲")]);
                reading.read(count)
            });
            assert_eq!(count.await.unwrap(), Ok(1));
            drop(store);
        });
    });
}

#[test]
fn a_closed_store_says_so() {
    with_outlets(|store| {
        store.close();
        assert_eq!(store.read(count), Err(Error::Closed));
        assert_eq!(store.write(count), Err(Error::Closed));
    });
}

fn with_outlets(story: impl Fn(Store)) {
    for_each_engine(|store| {
        store.write(|sql| sql.define(OUTLETS)).unwrap();
        story(store);
    });
}

fn outlet(id: i64, name: &str) -> Vec<Value> {
    vec![id.into(), name.into(), Value::Null, Value::Null]
}

fn put(store: &Store, rows: Vec<Vec<Value>>) {
    let insert = "INSERT INTO outlet (id, name, seal, open) VALUES ($1, $2, $3, $4)";
    store.write(move |sql| rows.iter().try_for_each(|row| sql.execute(insert, row).map(|_| ()))).unwrap();
}

fn count(sql: &mut dyn store::Sql) -> Result<i64> {
    sql.query_one("SELECT count(*) FROM outlet", &[])?.ok_or(Error::Closed)?.get(0)
}

#[test]
fn the_key_of_a_table_is_told_in_its_order() {
    for_each_engine(|store| {
        let tables =
            "CREATE TABLE paper (series TEXT, number INT64, act INT64, PRIMARY KEY (series, number));
                      CREATE TABLE sheet (number INT64, act INT64 UNIQUE)";
        store.write(|sql| sql.define(tables)).unwrap();
        let key = |table: &'static str| store.read(|sql| sql.key(table)).unwrap();
        assert_eq!(key("paper"), ["series", "number"]);
        assert_eq!((key("sheet"), key("nothing")), (vec![], vec![]));
        assert_eq!(store.read(|sql| sql.integrity()), Ok(vec![]));
    });
}
