//! The made-up bureau after its year: everything an officer should find in the demo is there, and the record holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::Clock;
use site::App;
use store::Sql;

use super::*;
use crate::configuration::Configuration;
use crate::node;

fn lived(folder: &std::path::Path) -> (App, Vec<Login>) {
    let address = "127.0.0.1:0".parse().unwrap();
    let mut configuration = Configuration::demo(folder.to_owned(), address, &BTreeMap::new());
    configuration.fonts = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fonts").into());
    let as_of: Timestamp = AS_OF.parse().unwrap();
    let clock = Arc::new(ManualClock::new(as_of));
    let ledger = node::ledger(&configuration, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let house = node::house(&configuration, ledger, true).unwrap();
    let logins = prepare(&house, &clock, 330_421, as_of).unwrap();
    (house, logins)
}

fn rows(sql: &mut dyn Sql, query: &str) -> Vec<(String, i64)> {
    let rows = sql.query(query, &[]).unwrap();
    rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect()
}

fn ask(house: &App, query: &str) -> BTreeMap<String, i64> {
    let query = query.to_owned();
    house.store.read(|sql| Ok::<_, store::Error>(rows(sql, &query))).unwrap().into_iter().collect()
}

fn how_many(house: &App, query: &str) -> i64 {
    ask(house, &format!("select 'all', count(*) from {query}")).remove("all").unwrap()
}

#[test]
fn the_demo_has_everything_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let (house, logins) = lived(folder.path());
    assert_eq!(how_many(&house, "licences"), 2_600);
    let states = ask(&house, "select state, count(*) from applications group by state");
    for state in [
        "submitted",
        "correction-requested",
        "supplemented",
        "accepted",
        "checked",
        "reviewed",
        "granted",
        "served",
    ] {
        assert!(states.get(state).is_some_and(|count| *count > 0), "{state}: {states:?}");
    }
    let open = "applications where state <> 'served' and due_loose";
    assert!(how_many(&house, &format!("{open} < '2026-11-25'")) >= 2, "some limits have run out");
    assert!(
        how_many(&house, &format!("{open} between '2026-11-25' and '2026-11-30'")) >= 4,
        "some are near their end"
    );
    assert!(
        how_many(&house, "acts where kind = 'application.deemed-accepted'") >= 1,
        "silence has accepted somebody"
    );
    // Serials go on where the register that was taken over ended.
    let newest = "licences where application is not null and number <= (select max(number) from licences as old
                  where old.application is null and substr(old.number, 1, 7) = substr(licences.number, 1, 7))";
    assert_eq!(how_many(&house, newest), 0);
    let roles: std::collections::BTreeSet<_> = logins.iter().map(|login| login.role.as_str()).collect();
    assert_eq!((logins.len(), roles.len()), (16, 6));
    assert!(ledger::verify_books(&house.store, node::books()).unwrap().differing.is_empty());
    house.store.close();
}
