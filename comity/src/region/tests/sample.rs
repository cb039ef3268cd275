//! Makes the sample of today's stored format: a small data folder on each engine, with all kinds of acts of the licence
//! path, an import and its repetition, printed papers, a disclosure's number and an erasure.
//!
//! It is made and checked on every run. With `COMITY_SAMPLE=<folder>` it stays there; see comity/tests/samples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ledger::Clock;
use store::testing::Database;
use store::{Settings, Store};
use supervision::licence::printing;

use super::*;
use crate::configuration::Configuration;
use crate::node;

/// The origin of the samples: a name that no bureau bears.
const NAME: &str = "sample.comity.example";

/// Licences in the register that is taken over.
const TAKEN_OVER: usize = 24;

/// Kinds of acts that a sample must hold.
const KINDS: [&str; 22] = [
    "application.accepted",
    "application.checked",
    "application.correction-requested",
    "application.deemed-accepted",
    "application.extended",
    "application.granted",
    "application.permitted",
    "application.reviewed",
    "application.served",
    "application.submitted",
    "application.supplemented",
    "import.opened",
    "ledger.erased",
    "licence.closed",
    "licence.granted",
    "licence.import-changed",
    "licence.imported",
    "licence.measure-proposed",
    "licence.served",
    "licence.suspended",
    "officer.appointed",
    "paper.printed",
];

#[test]
fn a_sample_of_the_stored_format_can_be_made_on_each_engine() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept_folder().unwrap_or_else(|| temporary.path().to_owned());
    make_sample(&folder.join("sqlite"), None);
    let today = format_of(&folder.join("sqlite/comity.sqlite"));
    let database = Database::new();
    make_sample(&folder.join("postgresql"), Some(database.url()));
    dump(database.url(), &folder.join("postgresql/dump.sql"));
    if kept_folder().is_some() {
        std::fs::write(folder.join("format.txt"), today).unwrap();
    } else {
        is_the_newest_format(&today);
    }
}

/// Whoever changes the stored format keeps a sample of it.
fn is_the_newest_format(today: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let numbers = std::fs::read_dir(&samples).unwrap();
    let newest = numbers.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok()).max();
    let newest = samples.join(newest.unwrap().to_string()).join("format.txt");
    let told =
        format!("the stored format is no longer that of {}: see tests/samples/README.md", newest.display());
    assert_eq!(today, std::fs::read_to_string(&newest).unwrap(), "{told}");
}

/// The version of the leaf and the definitions of all tables that are no book: books are folded anew when they change.
fn format_of(file: &Path) -> String {
    let store = Store::open_to_read(&Settings::Sqlite { file: file.to_owned() }).unwrap();
    let texts = |query: &str| -> Vec<String> {
        let rows = store.read(|sql| sql.query(query, &[])).unwrap();
        rows.iter().map(|row| row.get(0).unwrap()).collect()
    };
    let books = texts("select tables from book_versions").join(" ");
    let version = texts("select substr(CAST(leaf AS TEXT), 1, 12) from acts where number = 1").concat();
    let mut format = format!("leaf {version}\n");
    for table in texts(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
    ) {
        if !books.split(' ').any(|book| book == table) {
            let made = texts(&format!("select sql from sqlite_schema where name = '{table}'")).concat();
            format.push_str(&made.split_whitespace().collect::<Vec<_>>().join(" "));
            format.push('\n');
        }
    }
    store.close();
    format
}

fn kept_folder() -> Option<PathBuf> {
    std::env::var_os("COMITY_SAMPLE").map(PathBuf::from)
}

fn make_sample(folder: &Path, postgres: Option<String>) {
    let address = "127.0.0.1:0".parse().unwrap();
    let mut configuration = Configuration::demo(folder.to_owned(), address, &BTreeMap::new());
    configuration.name = NAME.to_owned();
    configuration.postgres = postgres;
    configuration.fonts = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fonts").into());
    let as_of: Timestamp = AS_OF.parse().unwrap();
    let clock = Arc::new(ManualClock::new(as_of));
    let ledger = node::ledger(&configuration, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let house = node::house(&configuration, ledger, true).unwrap();
    let logins = live_a_little(&house, &clock, as_of);
    all_is_there(&house);
    keep_known(&house, &logins, &folder.join("known.json"));
    house.store.close();
    // Made again by whoever opens the folder.
    let _ = std::fs::remove_file(folder.join("comity.sqlite.lock"));
}

fn live_a_little(house: &House, clock: &ManualClock, as_of: Timestamp) -> Vec<Login> {
    let made = make(330_421, as_of, &house.get::<Bureau>().unwrap(), house.law.calendar()).unwrap();
    let began = as_of.checked_sub((366 * 24).hours()).unwrap();
    clock.set(began);
    let (roster, logins) =
        officers::appoint(house, &names().unwrap(), 330_421, law::shanghai_day(began)).unwrap();
    let mut register = made.register[..TAKEN_OVER].to_vec();
    take_over(house, &register).unwrap();
    register[0].premises.address = Some("嘉善县魏塘街道人民大道1号（变更后）".to_owned());
    take_changes(house, &register);
    year::live(house, clock, &roster, &few(made.plans), as_of).unwrap();
    life::live(house, &roster, law::shanghai_day(as_of)).unwrap();
    let papers = house.store.read(|sql| printing::unprinted_since(sql, law::shanghai_day(began))).unwrap();
    for paper in &papers[..2] {
        printing::pdf(house, paper).unwrap();
    }
    erase(house);
    logins
}

/// The same source once more, with a changed row that is agreed to.
fn take_changes(house: &House, register: &[LicenceData]) {
    let file = house.uploads.keep("零售许可证台账.csv", &register::file(register).unwrap()).unwrap();
    let actor = Actor::Command("import".to_owned());
    let run = take_in(house, &actor, SOURCE, &file).unwrap();
    order_check(house, &run.id, run.mapping.unwrap()).unwrap().unwrap();
    work(house).unwrap();
    order_import(house, &actor, &run.id, true).unwrap();
    work(house).unwrap();
}

/// As few plans as hold every step, an acceptance by silence, and an application under way.
fn few(plans: Vec<Plan>) -> Vec<Plan> {
    let mut seen = BTreeSet::new();
    let mut few = Vec::new();
    for plan in plans {
        let mut words: BTreeSet<String> = plan.steps.iter().map(|(_, step)| format!("{step:?}")).collect();
        if !words.contains("Accept") && words.contains("Serve") {
            words.insert("silence".to_owned());
        }
        if !words.is_subset(&seen) {
            seen.extend(words);
            few.push(plan);
        }
    }
    few
}

/// Erases the body of an act of the licence that was imported last.
fn erase(house: &House) {
    let last = "select max(number) from acts where kind = 'licence.imported'";
    let number: i64 = house.store.read(|sql| sql.query_one(last, &[])).unwrap().unwrap().get(0).unwrap();
    let erased = house.ledger.write(Actor::Command("sample".to_owned()), move |writing| {
        writing.erase(&[number], "当事人申请", "个人信息保护法第四十七条")
    });
    erased.unwrap();
    house.ledger.purge().unwrap();
}

fn all_is_there(house: &House) {
    let kinds = house.store.read(|sql| sql.query("select distinct kind from acts", &[])).unwrap();
    let kinds: BTreeSet<String> = kinds.iter().map(|row| row.get(0).unwrap()).collect();
    let missing: Vec<_> = KINDS.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(missing.is_empty(), "the sample lacks {missing:?}");
    let report = ledger::verify(&house.store, &house.ledger.verifiers()).unwrap();
    assert_eq!((report.fault, report.erased), (None, 1));
    assert_eq!(ledger::verify_books(&house.store, node::books()).unwrap().differing, []);
}

/// Notes how to sign in, and a page with what it must show.
fn keep_known(house: &House, logins: &[Login], file: &Path) {
    let known = "select id, number from licences where application is not null order by number limit 1";
    let row = house.store.read(|sql| sql.query_one(known, &[])).unwrap().unwrap();
    let (id, number): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
    let clerk = logins.iter().find(|login| login.login == "clerk").unwrap();
    let known = serde_json::json!({
        "login": clerk.login, "password": clerk.password, "page": format!("/licences/{id}"), "shows": number,
    });
    std::fs::write(file, serde_json::to_string_pretty(&known).unwrap()).unwrap();
}

fn dump(url: String, file: &Path) {
    let output = Command::new("pg_dump")
        .args([
            "--inserts",
            "--no-owner",
            "--no-privileges",
            "--schema",
            "sample_comity_example",
            "--dbname",
            &url,
        ])
        .output()
        .expect("pg_dump must be there: the Debian package postgresql");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Commands of psql, which are no SQL.
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('\\')).collect();
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
}
