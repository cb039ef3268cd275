//! A file against the register: what this bureau decided itself, and numbers that were given out before.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ledger::{Actor, Draft, MatterKey};
use site::House;
use store::testing::for_each_engine;
use supervision::licence::acts::LicenceAct;
use supervision::licence::data::Subject;
use supervision::licence::import::fault::Kind;
use supervision::licence::import::run::Outcome;
use supervision::licence::import::tables;
use tempfile::TempDir;

use super::town::{acts, count, import, town};

const HEADINGS: &str = "许可证号,经营者,经营地址,有效期起,有效期止,许可证状态";

fn file(folder: &TempDir, rows: &[&str]) -> PathBuf {
    let path = folder.path().join("register.csv");
    std::fs::write(&path, format!("{HEADINGS}\n{}\n", rows.join("\n"))).unwrap();
    path
}

fn import_rows(house: &House, source: &str, rows: &[&str], accept_changes: bool) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    import(house, &file(&folder, rows), source, false, accept_changes)
}

/// A licence granted on this node: the stored sample of the act.
fn grant(house: &House) {
    let sample = include_str!("../golden/licence.granted.json");
    let granted: LicenceAct = serde_json::from_str(sample).unwrap();
    let key: MatterKey = "licence/0199a1b2-0000-7000-8000-000000000002".parse().unwrap();
    let actor = Actor::Command("test".to_owned());
    house.ledger.write(actor, move |writing| writing.append(Draft::new(&key, &granted)).map(drop)).unwrap();
}

#[test]
fn what_was_granted_here_is_changed_by_no_file() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        grant(house);
        let before = acts(house);
        let other = "330421100001,别人,嘉善县西塘镇别处1号,2026-11-25,2031-11-24,注销";
        let outcome = import_rows(house, "市局系统", &[other], true);
        let faults = house.store.read(|sql| tables::faults(sql, &outcome.run.id, 0, 9)).unwrap();
        let kinds: Vec<_> = faults.iter().map(|fault| (fault.row, fault.kind)).collect();
        assert_eq!(kinds, [(2, Kind::GrantedHere)]);
        assert_eq!((outcome.run.counts.faulty, outcome.run.counts.changed, acts(house)), (1, 0, before));
        let same = "330421100001,沈阿珍,嘉善县西塘镇南苑路12号,2026-11-25,2031-11-24,有效";
        let outcome = import_rows(house, "市局系统", &[same], true);
        assert_eq!((outcome.run.counts.unchanged, outcome.run.counts.faults, acts(house)), (1, 0, before));
    });
}

#[test]
fn an_imported_number_is_never_given_out_again() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        let rows = [
            "330421100041,张三,嘉善县西塘镇1号,2024-01-01,2028-12-31,有效",
            "330421100007,李四,嘉善县西塘镇2号,2024-01-01,2028-12-31,有效",
        ];
        import_rows(house, "市局系统", &rows, false);
        let bureau = house.get::<supervision::bureau::Bureau>().unwrap();
        let series = bureau.scheme.series(Subject::Individual);
        // What the counter says by itself, without the register, from which an erased licence is gone.
        let query = "select value from counters where series = $1";
        let last = house.store.read(|sql| sql.query_one(query, &[series.as_str().into()])).unwrap().unwrap();
        assert_eq!(last.get::<i64>(0).unwrap(), 41);
        let report = ledger::verify(&house.store, &house.ledger.verifiers()).unwrap();
        assert_eq!((report.fault, report.counters), (None, vec![]), "the imported licence bears it");
    });
}

#[test]
fn lists_that_hold_personal_numbers_do_not_outlive_their_use() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let house = &town.house;
        let row = "330421100001,张三,嘉善县西塘镇1号,2024-01-01,2028-12-31,有效";
        let faulty = "330421100002,李四,,2024-01-01,2028-12-31,有效";
        import_rows(house, "市局系统", &[row, faulty], false);
        let elsewhere = import_rows(house, "县局台账", &[faulty], false).run;
        let changed = row.replace("1号", "2号");
        let newest = import_rows(house, "市局系统", &[&changed, faulty], true).run;
        assert_eq!((newest.counts.altered, newest.counts.faults), (1, 1));
        assert_eq!(count(house, "select count(*) from import_differences"), 0);
        let kept = house.store.read(|sql| sql.query("select run from import_faults", &[])).unwrap();
        let kept: BTreeSet<String> = kept.iter().map(|row| row.get(0).unwrap()).collect();
        assert_eq!(kept, [elsewhere.id, newest.id].into());
    });
}
