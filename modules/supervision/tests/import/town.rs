//! A town that imports, and the register with planted faults that it is given.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use site::testing::Town;
use site::{Drawer, House};
use store::Store;
use supervision::bureau::Bureau;
use supervision::licence::import::run::{Order, Outcome, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The bureau of a region, from the data of the project.
pub fn bureau(region: &str) -> Bureau {
    let folder = root().join("region").join(region);
    match Bureau::load(|file| std::fs::read_to_string(folder.join(file)).ok()) {
        Ok(bureau) => bureau,
        Err(faults) => panic!("{faults:?}"),
    }
}

/// The packed inspection file of Chicago.
pub fn chicago_file() -> PathBuf {
    root().join("region/chicago/inspections.csv.gz")
}

pub fn town(store: Store, region: &str) -> Town {
    Town::build(store, vec![supervision::module()], Drawer::new().with(bureau(region)))
}

/// The folder of the planted register, made once by the script that shares no code with the importer.
pub fn planted() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| plant(30_000)).path()
}

/// A smaller register of the same making.
pub fn planted_small() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| plant(1_500)).path()
}

fn plant(rows: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("e2e/plant/plant.py");
    let status = Command::new("python3")
        .arg(script)
        .arg("--region")
        .arg(root().join("region/jiashan"))
        .arg("--out")
        .arg(folder.path())
        .args(["--rows", &rows.to_string(), "--seed", "20261125"])
        .status();
    assert!(
        status.expect("python3 must be there: scripts/packages python3").success(),
        "the planting script failed"
    );
    folder
}

/// Runs the importer on a file as the command does.
pub fn import(house: &House, file: &Path, source: &str, dry_run: bool, accept_changes: bool) -> Outcome {
    let order = Order { file: file.to_owned(), source: source.to_owned(), dry_run, accept_changes };
    run(house, &order, &mut |_| {}).unwrap()
}

/// How many acts the record holds.
pub fn acts(house: &House) -> i64 {
    count(house, "select count(*) from acts")
}

pub fn licences(house: &House) -> i64 {
    count(house, "select count(*) from licences")
}

pub fn count(house: &House, query: &str) -> i64 {
    let query = query.to_owned();
    let row = house.store.read(|sql| sql.query_one(&query, &[])).unwrap();
    row.unwrap().get(0).unwrap()
}
