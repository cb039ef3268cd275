//! 30,000 made-up rows with one planted fault in twenty: all found, none invented, every good row in, nothing twice.

use std::collections::BTreeSet;
use std::path::Path;

use site::House;
use store::testing::for_each_engine;
use store::{Settings, Store};
use supervision::licence::data::LicenceData;
use supervision::licence::import::mapping::{Mapping, Repeated};
use supervision::licence::import::source::Source;
use supervision::licence::import::tables::{self, State};

use super::town::{acts, count, import, licences, planted, planted_small, town};

/// (row, column, kind)
type Place = (u64, String, String);

fn truth(folder: &Path, file: &str) -> BTreeSet<Place> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn found(house: &House, run: &str) -> BTreeSet<Place> {
    let faults = house.store.read(|sql| tables::faults(sql, run, 0, i64::MAX)).unwrap();
    let column = |column: Option<supervision::licence::import::fault::Column>| {
        column.map(|column| column.heading).unwrap_or_default()
    };
    faults.into_iter().map(|fault| (fault.row, column(fault.column), fault.kind.name().to_owned())).collect()
}

/// A dry run finds exactly what was planted and writes nothing.
fn dry_run(house: &House, folder: &Path, file: &str, truth_file: &str) -> i64 {
    let before = acts(house);
    let outcome = import(house, &folder.join(file), "市局系统", true, false);
    assert_eq!(outcome.run.state, State::Checked, "{outcome:?}");
    let (found, planted) = (found(house, &outcome.run.id), truth(folder, truth_file));
    let missed: Vec<_> = planted.difference(&found).take(10).collect();
    let invented: Vec<_> = found.difference(&planted).take(10).collect();
    assert!(missed.is_empty() && invented.is_empty(), "{file}: missed {missed:?}, invented {invented:?}");
    assert_eq!(outcome.run.counts.faults.unsigned_abs() as usize, planted.len());
    assert_eq!(acts(house), before, "a dry run writes nothing");
    outcome.run.counts.fresh
}

/// Every good row comes in: one act each and one for the import; a second time nothing is written at all.
fn import_twice(house: &House, folder: &Path, file: &str, good: i64) {
    let before = acts(house);
    let outcome = import(house, &folder.join(file), "市局系统", false, true);
    assert_eq!((outcome.run.state, outcome.run.counts.added), (State::Finished, good));
    assert_eq!(acts(house) - before, good + 1);
    assert_eq!(licences(house), good);
    let again = import(house, &folder.join(file), "市局系统", false, true);
    assert_eq!((again.run.counts.unchanged, again.run.counts.fresh, again.run.counts.changed), (good, 0, 0));
    assert_eq!(acts(house) - before, good + 1, "a repeated import writes nothing");
}

/// The register a year on: the differences are those that were made, and they are written once agreed to.
fn take_changes(house: &House, folder: &Path) {
    let file = folder.join("changed.csv");
    let before = acts(house);
    import(house, &file, "市局系统", false, false);
    assert_eq!(acts(house), before, "without consent nothing is changed");
    let listed = import(house, &file, "市局系统", true, false);
    let changes = house.store.read(|sql| tables::changes(sql, &listed.run.id, 0, i64::MAX)).unwrap();
    let shown: BTreeSet<_> =
        changes.iter().map(|change| (change.number.clone(), change.fields.len())).collect();
    let mut reader = csv::Reader::from_path(folder.join("changes.csv")).unwrap();
    let made: BTreeSet<_> = reader.records().map(|row| (row.unwrap()[0].to_owned(), 1)).collect();
    assert_eq!(shown, made);
    let agreed = import(house, &file, "市局系统", false, true);
    let altered = i64::try_from(made.len()).unwrap();
    assert_eq!(agreed.run.counts.altered, altered);
    assert_eq!(acts(house) - before, altered + 1);
    let again = import(house, &file, "市局系统", false, true);
    assert_eq!((again.run.counts.changed, acts(house) - before), (0, altered + 1));
    assert_eq!(
        count(house, "select count(*) from licences where standing = 'revoked'"),
        made_revoked(folder)
    );
}

fn made_revoked(folder: &Path) -> i64 {
    let mut reader = csv::Reader::from_path(folder.join("changes.csv")).unwrap();
    let revoked = reader.records().filter(|row| &row.as_ref().unwrap()[3] == "撤销").count();
    i64::try_from(revoked).unwrap()
}

fn on_sqlite(story: impl FnOnce(&House)) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::Sqlite { file: folder.path().join("town.db") }).unwrap();
    let town = town(store.clone(), "jiashan");
    story(&town.house);
    store.close();
}

#[test]
fn thirty_thousand_rows_come_in_and_come_in_only_once() {
    on_sqlite(|house| {
        let good = dry_run(house, planted(), "register.csv", "truth.csv");
        assert_eq!(good, 28_500);
        import_twice(house, planted(), "register.csv", good);
        // The same register in other clothes says nothing new; where it does, the other file was spoilt at other places.
        for file in ["register-gb18030.csv", "register.xlsx"] {
            let other = import(house, &planted().join(file), "市局系统", true, false);
            assert_eq!((other.run.counts.fresh, other.run.counts.changed), (0, 0), "{file}");
        }
    });
}

#[test]
fn thirty_thousand_rows_in_gb18030_and_in_a_workbook() {
    on_sqlite(|house| {
        for (file, truth) in
            [("register-gb18030.csv", "truth-gb18030.csv"), ("register.xlsx", "truth-xlsx.csv")]
        {
            assert_eq!(dry_run(house, planted(), file, truth), 28_500, "{file}");
        }
    });
}

/// (number, date of the newest word)
fn kept(folder: &Path, file: &str) -> BTreeSet<(String, String)> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn in_register(house: &House) -> BTreeSet<(String, String)> {
    let rows = house.store.read(|sql| sql.query("select data from licences", &[])).unwrap();
    let licence =
        |row: &store::Row| -> LicenceData { serde_json::from_str(&row.get::<String>(0).unwrap()).unwrap() };
    let told = |data: LicenceData| {
        let date = data.noted.get("更新日期").cloned().unwrap_or_default();
        (data.number, date)
    };
    rows.iter().map(licence).map(told).collect()
}

/// A source that tells of each licence several times, with columns kept word for word.
fn newest_word(house: &House) {
    let mut headings = Source::open(&planted_small().join("repeated.csv")).unwrap().headings;
    let mut mapping = Mapping::propose(1, &headings);
    mapping.repeated = Repeated::Latest;
    mapping.latest_by = Some("更新日期".to_owned());
    mapping.noted = headings.split_off(headings.len() - 2);
    house.store.write(move |sql| tables::keep_mapping(sql, "各所上报", &mapping)).unwrap();
}

#[test]
fn the_newest_word_counts_and_nothing_does_if_it_is_spoilt() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        newest_word(&town.house);
        let outcome = import(&town.house, &planted_small().join("repeated.csv"), "各所上报", false, false);
        assert_eq!(found(&town.house, &outcome.run.id), truth(planted_small(), "truth-repeated.csv"));
        assert_eq!(in_register(&town.house), kept(planted_small(), "kept-repeated.csv"));
    });
}

#[test]
fn a_faulty_row_does_not_keep_a_later_good_one_out() {
    for_each_engine(|store| {
        let town = town(store, "jiashan");
        let outcome = import(&town.house, &planted_small().join("recovered.csv"), "市局系统", false, false);
        assert_eq!(found(&town.house, &outcome.run.id), truth(planted_small(), "truth-recovered.csv"));
        assert_eq!(in_register(&town.house), kept(planted_small(), "kept-recovered.csv"));
    });
}

#[test]
fn a_smaller_register_in_every_form_on_both_engines() {
    let forms = [
        ("register.csv", "truth.csv"),
        ("register-gb18030.csv", "truth-gb18030.csv"),
        ("register.xlsx", "truth-xlsx.csv"),
    ];
    for (file, truth) in forms {
        for_each_engine(|store| {
            let town = town(store, "jiashan");
            let good = dry_run(&town.house, planted_small(), file, truth);
            import_twice(&town.house, planted_small(), file, good);
            take_changes(&town.house, planted_small());
            let report =
                ledger::verify_books(&town.house.store, site::books(&[supervision::module()])).unwrap();
            assert!(report.differing.is_empty(), "{report:?}");
        });
    }
}
