//! Books are folded from the record and from nothing else: rebuilt, they are the same; without erased bodies, too.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test file uses a part of the town")]
mod common;

use std::sync::Arc;

use common::{
    Grid, GridBook, all_is_well, books, for_each_engine, grant_to, grid, key, officer, open, open_grid,
};
use ledger::{Act, Book, ERASED, Error, Ledger, Options, SystemClock, rebuild, verify_books};
use store::{Sql, Store};

/// A town with three holders.
fn town(store: &Store) -> Arc<Ledger> {
    let (ledger, _) = open(store);
    open_grid(&ledger, &grid(1), 5);
    for holder in ["张记烟酒店", "李记便利店", "王记杂货店"] {
        grant_to(&ledger, &grid(1), holder).unwrap();
    }
    ledger
}

fn holders(store: &Store) -> Vec<Option<String>> {
    let names = store.read(|sql| {
        let rows = sql.query("select holder from holders order by number", &[])?;
        rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>, store::Error>>()
    });
    names.unwrap()
}

fn tamper(store: &Store, statement: &'static str) {
    store.write(move |sql| sql.execute(statement, &[])).unwrap();
}

#[test]
fn a_rebuild_gives_the_same_books() {
    for_each_engine(|store| {
        let ledger = town(&store);
        let rebuilt = rebuild(&ledger).unwrap();
        assert_eq!((rebuilt.acts, rebuilt.changed), (4, vec![]));
        assert_eq!(grant_to(&ledger, &grid(1), "赵记商行").unwrap(), 4);
        assert_eq!(all_is_well(&store), 5);
    });
}

#[test]
fn a_book_that_says_something_else_is_found_and_mended() {
    for_each_engine(|store| {
        let ledger = town(&store);
        tamper(&store, "update holders set holder = '别人' where number = 3");
        let differing = verify_books(&store, books()).unwrap().differing;
        assert_eq!(differing.len(), 1);
        assert_eq!(differing[0].to_string(), "holders at number = 3: it is not what the acts say");
        assert_eq!(rebuild(&ledger).unwrap().changed, ["holders"]);
        all_is_well(&store);
    });
}

#[test]
fn an_erased_act_folds_by_its_header_and_keeps_its_proof() {
    for_each_engine(|store| {
        let ledger = town(&store);
        let proof = ledger.proof(3).unwrap();
        let erased =
            ledger.write(officer(), |writing| writing.erase(&[3], "当事人申请", "个人信息保护法第四十七条"));
        assert_eq!(erased.unwrap().number, 5);
        let act = ledger.act(3).unwrap();
        assert_eq!((act.body, act.header.kind.as_str()), (None, "grid.granted"));
        let town = ledger.load::<Grid>(&grid(1)).unwrap();
        assert_eq!((town.granted, town.holders.len()), (3, 2));
        assert_eq!(holders(&store), [Some("张记烟酒店".into()), None, Some("王记杂货店".into())]);
        assert_eq!(proof.verify(&common::verifiers()).unwrap(), act.header);
        assert_eq!(ledger.act(5).unwrap().header.kind, ERASED);
        assert_eq!(ledger::verify(&store, &common::verifiers()).unwrap().erased, 1);
        assert_eq!(rebuild(&ledger).unwrap().changed, [""; 0]);
        ledger.purge().unwrap();
        assert_eq!(all_is_well(&store), 5);
    });
}

#[test]
fn what_cannot_be_erased_leaves_everything_as_it_was() {
    for_each_engine(|store| {
        let ledger = town(&store);
        let erase = |numbers: &'static [i64]| {
            ledger.write(officer(), move |writing| writing.erase(numbers, "测试", "个人信息保护法第四十七条"))
        };
        assert!(matches!(erase(&[2, 99]), Err(Error::Unknown(99))));
        erase(&[2]).unwrap();
        assert!(matches!(erase(&[3, 5]), Err(Error::Record(_))), "an erasure keeps its body");
        assert_eq!(holders(&store).iter().flatten().count(), 2);
        assert_eq!(all_is_well(&store), 5);
    });
}

/// The book of the next release: it also keeps who granted.
struct NextBook;

impl Book for NextBook {
    fn name(&self) -> &'static str {
        GridBook.name()
    }
    fn version(&self) -> i64 {
        2
    }
    fn tables(&self) -> &'static [&'static str] {
        &["grids", "holders", "granters"]
    }
    fn definition(&self) -> &'static str {
        "create table grids (matter TEXT primary key, free INT64 not null check (free >= 0));
         create table holders (number INT64 primary key, matter TEXT not null references grids (matter),
                               serial INT64, holder TEXT);
         create table granters (number INT64 primary key, officer TEXT not null);"
    }
    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        GridBook.fold(sql, act)?;
        let row = [act.header.number.into(), act.header.actor.to_string().into()];
        sql.execute("insert into granters (number, officer) values ($1, $2)", &row)?;
        Ok(())
    }
}

#[test]
fn a_changed_book_is_rebuilt_at_start() {
    for_each_engine(|store| {
        town(&store);
        let next = || -> Vec<Box<dyn Book>> { vec![Box::new(NextBook)] };
        let options =
            || Options { name: common::NAME.into(), key: key(), clock: Arc::new(SystemClock), books: next() };
        Ledger::open(store.clone(), options()).unwrap();
        let granters = store.read(|sql| sql.query("select number from granters", &[])).unwrap();
        assert_eq!(granters.len(), 4);
        let report = verify_books(&store, next()).unwrap();
        assert_eq!((report.acts, report.differing), (4, vec![]));
        let version = store.read(|sql| sql.query_one("select version from book_versions", &[])).unwrap();
        assert_eq!(version.unwrap().get::<i64>(0).unwrap(), 2);
    });
}

#[test]
fn a_damaged_name_of_a_book_keeps_no_node_from_starting() {
    for_each_engine(|store| {
        town(&store);
        tamper(&store, "update book_versions set name = 'gsid'");
        assert_eq!(verify_books(&store, books()).unwrap().differing[0].table, "book_versions");
        open_with(&store, Box::new(GridBook));
        assert_eq!(all_is_well(&store), 4);
    });
}

/// The book of a later release, in which no name of a holder is kept.
struct ShortBook;

impl Book for ShortBook {
    fn name(&self) -> &'static str {
        GridBook.name()
    }
    fn version(&self) -> i64 {
        3
    }
    fn tables(&self) -> &'static [&'static str] {
        &["opened"]
    }
    fn definition(&self) -> &'static str {
        "create table opened (matter TEXT primary key);"
    }
    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()> {
        if act.header.kind == "grid.opened" {
            let row = [act.header.matter.as_str().into()];
            sql.execute("insert into opened (matter) values ($1)", &row)?;
        }
        Ok(())
    }
}

/// Opens the ledger with the books of another release.
fn open_with(store: &Store, book: Box<dyn Book>) {
    let (name, clock) = (common::NAME.into(), Arc::new(SystemClock));
    Ledger::open(store.clone(), Options { name, key: key(), clock, books: vec![book] }).unwrap();
}

fn has_table(store: &Store, table: &'static str) -> bool {
    !store.read(|sql| sql.columns(table)).unwrap().is_empty()
}

#[test]
fn tables_that_a_new_version_no_longer_lists_are_dropped() {
    for_each_engine(|store| {
        town(&store);
        open_with(&store, Box::new(NextBook));
        assert!(["grids", "holders", "granters"].iter().all(|table| has_table(&store, table)));
        open_with(&store, Box::new(ShortBook));
        assert!(["grids", "holders", "granters"].iter().all(|table| !has_table(&store, table)));
        assert_eq!(verify_books(&store, vec![Box::new(ShortBook)]).unwrap().differing, []);
    });
}

#[test]
fn a_ledger_from_before_books_told_their_tables_learns_them_when_it_is_opened() {
    for_each_engine(|store| {
        town(&store);
        store.write(|sql| sql.define("alter table book_versions drop column tables")).unwrap();
        open_with(&store, Box::new(GridBook));
        assert_eq!(holders(&store).len(), 3, "the same version is not folded anew");
        open_with(&store, Box::new(ShortBook));
        assert!(!has_table(&store, "holders") && has_table(&store, "opened"));
    });
}

#[test]
fn an_act_with_a_fraction_is_not_recorded() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Weight {
        kilograms: f64,
    }
    impl ledger::Body for Weight {
        fn kind(&self) -> &'static str {
            "weighed"
        }
    }
    for_each_engine(|store| {
        let (ledger, _) = open(&store);
        let weighed = ledger.write(officer(), |writing| {
            writing.append(ledger::Draft::new(&grid(1), &Weight { kilograms: 1.5 }))
        });
        assert!(matches!(weighed, Err(Error::Fraction { kind: "weighed" })));
        assert_eq!(all_is_well(&store), 0);
    });
}
