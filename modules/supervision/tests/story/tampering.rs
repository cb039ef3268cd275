//! Single flipped bits in the books of the bureau: each is found, and the table and the row are named.

use store::testing::Flips;
use store::{Sql, Value};
use supervision::licence::import::run::{Order, run};

use crate::counter::*;
use crate::erasure::{matter_of, request};

/// Flips on each engine.
const FLIPS: usize = 100;

#[test]
fn every_flipped_byte_of_a_book_is_found_and_named() {
    told(|town| {
        let page = submit(&town.sign_in("clerk"), &[]);
        review(town, &page);
        done(&town.sign_in("head").post(&format!("{page}/decision"), &[("opinion", "同意，准予许可")]));
        let clerk = town.sign_in("clerk");
        clerk.get(&links(&clerk.get(&page), "/papers/")[0]);
        let reveal = page.replace("/applications/", "/reveal/application/");
        clerk.post(&reveal, &[("field", "identity_number"), ("reason", "核对申请人身份")]);
        done(&town.sign_in("reviewer").post("/erasures", &request(&matter_of(&page), &[])));
        import(&town.house);
        let (store, books) = (&town.house.store, || site::books(&[supervision::module()]));
        let books_of_the_house = books();
        let tables: Vec<_> = books_of_the_house.iter().flat_map(|book| book.tables()).copied().collect();
        let filled =
            |sql: &mut dyn Sql, table: &str| sql.query(&format!("select 1 from {table} limit 1"), &[]);
        for table in &tables {
            assert_eq!(store.read(|sql| filled(sql, table)).unwrap().len(), 1, "{table} is empty");
        }
        let mut flips = Flips::over(store, &tables, 20_261_125);
        let mut judged = 0;
        while judged < FLIPS {
            let flip = flips.next();
            if !flip.apply(store) {
                continue;
            }
            let differing = ledger::verify_books(store, books()).unwrap().differing;
            assert!(differing.len() == 1 && differing[0].table == flip.table, "{flip:?}: {differing:?}");
            let in_key = flip.key.iter().any(|(column, _)| *column == flip.column);
            assert!(in_key || differing[0].key == flip.key, "{flip:?}: {}", differing[0]);
            assert!(!differing[0].key.iter().any(|(_, value)| *value == Value::Null), "{}", differing[0]);
            flip.undo(store);
            judged += 1;
        }
    });
}

/// A small register of the old system.
fn import(house: &site::House) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("register.csv");
    let rows = "许可证号,经营者,经营地址,有效期起,有效期止,许可证状态
330421100041,张三,嘉善县西塘镇1号,2024-01-01,2028-12-31,有效
330421100047,李四,嘉善县西塘镇2号,2024-01-01,2028-12-31,有效
";
    std::fs::write(&file, rows).unwrap();
    let order = Order { file, source: "市局系统".into(), dry_run: false, accept_changes: false };
    assert_eq!(run(house, &order, &mut |_| {}).unwrap().run.counts.added, 2);
}
