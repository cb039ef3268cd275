//! The administrator's page on how the node fares, and the same figures for Prometheus.

use std::time::{Duration, Instant};

use site::testing::{Reply, Town, for_each_engine, for_each_engine_with};
use site::{Chore, Drawer, LastBackup, Module, for_each};
use store::Engine;

/// A chore with three things to do, two of which fail each time.
fn troubled() -> Vec<Module> {
    let work = |_: &site::House| {
        for_each("trouble", 1..=3, |number| {
            anyhow::ensure!(number % 2 == 0, "the printer is out of paper");
            Ok(())
        })
    };
    let chore = Chore { name: "trouble", every: Duration::from_secs(3600), woken: false, run: work };
    vec![Module { chores: vec![chore], ..Module::new("troubled") }]
}

fn with_backup(
    last: impl Fn() -> anyhow::Result<Option<jiff::Timestamp>> + Send + Sync + Clone + 'static,
) -> impl Fn(Drawer) -> Drawer {
    move |drawer| drawer.with(LastBackup(Box::new(last.clone())))
}

fn page(town: &Town) -> Reply {
    let administrator = town.sign_in("administrator");
    administrator.post("/preferences", &[("language", "en")]);
    administrator.get("/operation")
}

#[test]
fn an_administrator_sees_how_the_node_fares_and_nobody_else_does() {
    for_each_engine(Vec::new, |town| {
        assert!(town.sign_in("administrator").get("/operation").has("尚未设置备份"));
        let page = page(town);
        let (engine, log) = match town.house.store.engine() {
            Engine::Sqlite => ("SQLite, ", true),
            Engine::Postgres => ("PostgreSQL, ", false),
        };
        for words in [
            engine,
            "0 waiting to be written",
            " free</p>",
            "Not set up: if this disk fails, everything is lost",
            "Not witnessed: whoever holds the key could rewrite the tail",
            "Newest checkpoint: 9 acts, 2026-11-25 09:00",
            "Published until 20",
            "jiashan.comity.example+",
            "data-seconds=\"30\"",
        ] {
            assert!(page.has(words), "{words:?} is not told: {}", page.body);
        }
        assert_eq!(page.has("Write-ahead log"), log);
        assert!(!page.has(", 0 B"), "an open database takes room");
        assert_eq!(town.sign_in("auditor").get("/operation").status, 403);
        assert!(!town.sign_in("clerk").get("/").has("href=\"/operation\""));
    });
}

#[test]
fn a_backup_is_told_with_its_age_and_a_folder_that_cannot_be_read_with_its_reason() {
    let taken = with_backup(|| Ok(Some("2026-11-24T02:00:00Z".parse()?)));
    for_each_engine_with(Vec::new, taken, |town| {
        let page = page(town);
        assert!(page.has("Newest taken 2026-11-24 10:00") && !page.has("more than a day old"));
        let figures = town.sign_in("administrator").get("/metrics");
        assert!(figures.has("comity_backup_timestamp_seconds 1795485600"), "{}", figures.body);
        town.clock.set("2026-11-26T08:00:00Z".parse().unwrap());
        assert!(self::page(town).has("more than a day old"));
    });
    let away = with_backup(|| anyhow::bail!("the disk is away"));
    for_each_engine_with(Vec::new, away, |town| {
        let page = page(town);
        assert!(page.has("The folder of backups cannot be read") && page.has("the disk is away"));
        assert!(!town.sign_in("administrator").get("/metrics").has("comity_backup"));
    });
}

#[test]
fn a_failing_chore_is_told_with_how_much_of_its_work_fails() {
    for_each_engine(troubled, |town| {
        assert!(page(town).has("Has not run since the start."));
        let chores = town.block_on(async { site::run_chores(&town.house) });
        let begun = Instant::now();
        while !page(town).has("the printer is out of paper") {
            assert!(begun.elapsed() < Duration::from_secs(20), "the chore did not run");
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(chores);
        assert!(page(town).has("Act now") && page(town).has("1: the printer is out of paper"));
        let figures = town.sign_in("administrator").get("/metrics");
        assert!(figures.has("comity_chore_failing{chore=\"trouble\"} 2"), "{}", figures.body);
        assert!(figures.has("comity_writer_waiting 0") && figures.has("comity_disk_free_bytes "));
    });
}
