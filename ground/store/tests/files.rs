//! How the files of a node are kept: locked, private, readable at rest, free of what was erased.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use store::testing::{Schema, for_each_engine, for_each_settings};
use store::{Error, Result, Settings, Sql, Store};

const SECRET: &str = "身份证号330421199001011234";

#[test]
fn what_was_written_is_there_after_opening_again() {
    for_each_settings(|settings| {
        let store = Store::open(&settings).unwrap();
        fill(&store, 3);
        drop(store);
        assert_eq!(Store::open(&settings).unwrap().read(count), Ok(3));
    });
}

#[test]
fn a_second_opener_is_refused_and_told_what_is_in_use() {
    for_each_settings(|settings| {
        let name = match &settings {
            Settings::Sqlite { file } => file.display().to_string(),
            Settings::Postgres { schema, .. } => schema.clone(),
        };
        let first = Store::open(&settings).unwrap();
        let Err(error) = Store::open(&settings) else { panic!("two write at once") };
        assert!(matches!(error, Error::InUse { .. }), "{error}");
        assert!(error.to_string().contains(&name), "{error}");
        first.close();
        assert!(Store::open(&settings).is_ok(), "the lock ends with the store");
    });
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let Err(error) = Store::open(&sqlite(&folder.path().join("nowhere"))) else {
        panic!("there is no such folder")
    };
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn nothing_is_made_where_there_is_nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open_to_read(&sqlite(folder.path())), Err(Error::Open { .. })));
    assert_eq!(names(folder.path()), [] as [&str; 0]);
    let schema = Schema::new();
    assert!(matches!(Store::open_to_read(&schema.settings()), Err(Error::Open { .. })));
}

#[test]
fn a_store_opened_to_read_refuses_to_write() {
    for_each_settings(|settings| {
        let node = Store::open(&settings).unwrap();
        fill(&node, 2);
        let reading = Store::open_to_read(&settings).unwrap();
        assert_eq!(reading.read(count), Ok(2), "beside the running node");
        assert_eq!(reading.write(count), Err(Error::ReadOnly));
        node.write(|sql| insert(sql, 3)).unwrap();
        assert_eq!(reading.read(count), Ok(3));
    });
}

#[test]
fn a_copied_folder_is_read_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let node = Store::open(&sqlite(folder.path())).unwrap();
    fill(&node, 5);
    let running = copy(folder.path());
    node.close();
    let at_rest = copy(folder.path());
    for copied in [running.path(), at_rest.path()] {
        let before = contents(copied);
        let reading = Store::open_to_read(&sqlite(copied)).unwrap();
        assert_eq!(reading.read(count), Ok(5), "with what stands in the log");
        reading.close();
        assert_eq!(contents(copied), before, "nothing is changed or made");
    }
    assert!(names(running.path()).contains(&"node.db-wal".to_owned()), "one copy had a log");
    assert!(!names(at_rest.path()).contains(&"node.db-wal".to_owned()), "the other had none");
}

#[test]
fn a_node_does_not_start_on_a_file_that_is_being_read_at_rest() {
    let folder = tempfile::tempdir().unwrap();
    let settings = sqlite(folder.path());
    fill(&Store::open(&settings).unwrap(), 1);
    let reading = Store::open_to_read(&settings).unwrap();
    assert!(matches!(Store::open(&settings), Err(Error::InUse { .. })));
    let second = Store::open_to_read(&settings).unwrap();
    assert_eq!((reading.read(count), second.read(count)), (Ok(1), Ok(1)));
}

#[test]
fn a_file_name_may_hold_signs_that_mean_something_in_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::Sqlite { file: folder.path().join("嘉善 100%?#.db") };
    let store = Store::open(&settings).unwrap();
    fill(&store, 1);
    assert_eq!(store.read(count), Ok(1));
}

#[test]
fn the_log_keeps_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite(folder.path())).unwrap();
    let size = || fs::metadata(folder.path().join("node.db-wal")).unwrap().len();
    let grown = size();
    assert!(grown >= 8 << 20, "grown beforehand: {grown}");
    fill(&store, 20_000);
    assert!(size() >= grown);
    store.purge(&["paper"]).unwrap();
    assert!(size() >= grown, "also after it was emptied");
    store.write(|sql| insert(sql, 0)).unwrap();
    drop(store);
    assert_eq!(Store::open(&sqlite(folder.path())).unwrap().read(count), Ok(20_001));
}

#[test]
fn an_erased_text_leaves_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite(folder.path())).unwrap();
    fill(&store, 100);
    store.write(|sql| sql.execute("UPDATE paper SET text = $1 WHERE number = 50", &[SECRET.into()])).unwrap();
    assert!(holds_secret(folder.path()), "it was written");
    store.write(|sql| sql.execute("DELETE FROM paper WHERE number = 50", &[])).unwrap();
    store.purge(&["paper"]).unwrap();
    assert!(!holds_secret(folder.path()));
    assert_eq!(store.read(count), Ok(99));
}

#[test]
fn a_purge_that_cannot_be_done_says_so() {
    for_each_engine(|store| {
        fill(&store, 1);
        let purged = store.read(|sql| {
            count(sql)?;
            store.write(|sql| insert(sql, 2))?;
            Ok::<_, Error>(store.purge(&["paper"]))
        });
        assert!(
            matches!(purged, Ok(Err(Error::Statement { .. }))),
            "a reader still sees the old rows: {purged:?}"
        );
        assert_eq!(store.purge(&["paper"]), Ok(()));
    });
}

#[test]
fn a_purge_keeps_the_rows_on_both_engines() {
    for_each_engine(|store| {
        fill(&store, 10);
        store.purge(&["paper"]).unwrap();
        assert_eq!(store.read(count), Ok(10));
    });
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite(folder.path())).unwrap();
    fill(&store, 1);
    for name in names(folder.path()) {
        let mode = fs::metadata(folder.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn a_temporary_store_is_private() {
    let first = Store::temporary().unwrap();
    let second = Store::temporary().unwrap();
    fill(&first, 2);
    fill(&second, 3);
    assert_eq!((first.read(count), second.read(count)), (Ok(2), Ok(3)));
}

#[test]
fn a_schema_name_cannot_smuggle_sql() {
    let Settings::Postgres { url, .. } = Schema::new().settings() else { panic!("not a PostgreSQL schema") };
    for schema in ["", "a; DROP SCHEMA public", "\"", "Großschreibung"] {
        let settings = Settings::Postgres { url: url.clone(), schema: schema.to_owned() };
        assert!(matches!(Store::open(&settings), Err(Error::Open { .. })), "{schema}");
    }
}

fn sqlite(folder: &Path) -> Settings {
    Settings::Sqlite { file: folder.join("node.db") }
}

fn fill(store: &Store, rows: i64) {
    let work = move |sql: &mut dyn Sql| -> Result<()> {
        sql.define("CREATE TABLE paper (number INT64 PRIMARY KEY, text TEXT)")?;
        (1..=rows).try_for_each(|number| insert(sql, number))
    };
    store.write(work).unwrap();
}

fn insert(sql: &mut dyn Sql, number: i64) -> Result<()> {
    let text = "准予延续".repeat(20);
    sql.execute("INSERT INTO paper (number, text) VALUES ($1, $2)", &[number.into(), text.into()]).map(|_| ())
}

fn count(sql: &mut dyn Sql) -> Result<i64> {
    sql.query_one("SELECT count(*) FROM paper", &[])?.ok_or(Error::Closed)?.get(0)
}

fn copy(folder: &Path) -> tempfile::TempDir {
    let target = tempfile::tempdir().unwrap();
    for name in names(folder).iter().filter(|name| !name.ends_with("-shm")) {
        fs::copy(folder.join(name), target.path().join(name)).unwrap();
    }
    target
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut names: Vec<String> =
        paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn holds_secret(folder: &Path) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    contents(folder).iter().any(|(_, bytes)| holds(bytes))
}
