//! Authority: every route by every role against a table a lawyer can read, and lists equal to Cedar on made-up worlds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use site::officers::{Officer, Role};
use site::testing::{Town, for_each_engine, route_table};
use site::{Authority, Subject};
use store::{Sql, Store, Value};

#[test]
fn every_route_opens_to_whom_the_table_says() {
    for_each_engine(Vec::new, |town| insta::assert_snapshot!("routes", route_table(town)));
}

#[test]
#[should_panic(expected = "/x needs the power no.such.power, which no schema in authority/ names")]
fn a_route_with_a_power_that_no_policy_knows_stops_the_node() {
    let routes = || site::Routes::new().get("/x", "no.such.power", async |desk: site::Desk| desk.go("/"));
    let unknown = site::Module { routes, ..site::Module::new("unknown") };
    Town::build(Store::temporary().unwrap(), vec![unknown], site::Drawer::new());
}

#[test]
fn a_policy_that_does_not_fit_the_schema_is_named() {
    let schema = (
        "a.cedarschema".to_owned(),
        "entity Officer; entity Matter; action \"x\" appliesTo { principal: [Officer], resource: [Matter] };"
            .to_owned(),
    );
    let load = |policy: &str| {
        Authority::load([schema.clone(), ("a.cedar".to_owned(), policy.to_owned())])
            .err()
            .map(|error| format!("{error:#}"))
    };
    assert_eq!(load("@id(\"ok\") permit (principal, action == Action::\"x\", resource);"), None);
    assert!(load("permit (principal, action, resource);").unwrap().contains("a.cedar: a policy has no @id"));
    assert!(
        load("@id(\"typo\") permit (principal, action == Action::\"y\", resource);")
            .unwrap()
            .contains("typo")
    );
    assert!(load("@id(\"attribute\") permit (principal, action == Action::\"x\", resource) when { principal.rank > 3 };").unwrap().contains("attribute"));
    assert!(load("permit (principal").unwrap().starts_with("a.cedar"));
}

/// Codes that meet each other: parents, children, neighbours, and some that are no code at all.
fn division() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "33042[01](10[0-3])?(00[12])?",
        2 => "3(30?)?",
        1 => "[0-9A-Za-z]{1,12}",
        1 => Just(String::new()),
    ]
}

fn officer() -> impl Strategy<Value = Officer> {
    let roles = proptest::collection::btree_set(proptest::sample::select(Role::ALL.to_vec()), 0..4);
    let territory = proptest::collection::vec(
        division().prop_filter("no empty prefix is ever stored", |code| !code.is_empty()),
        0..4,
    );
    (roles, territory, any::<bool>(), 0..3_u8).prop_map(|(roles, territory, certified, id)| Officer {
        id: if id == 0 && roles.is_empty() { String::new() } else { format!("officer-{id}") },
        name: "某".to_owned(),
        roles,
        territory,
        team: String::new(),
        certified,
    })
}

/// The powers by which lists are bounded.
const LISTS: [&str; 6] =
    ["licence.read", "application.read", "paper.read", "licence.export", "officer.read", "disclosure.read"];

fn by_sql(
    sql: &mut dyn Sql,
    authority: &Authority,
    officer: &Officer,
    power: &str,
) -> anyhow::Result<Vec<String>> {
    let mut parameters: Vec<Value> = Vec::new();
    let predicate = authority.scope(officer, power)?.predicate("division", &mut parameters);
    let text = format!("select division from world where {predicate} order by division");
    Ok(sql.query(&text, &parameters)?.iter().map(|row| row.get(0)).collect::<store::Result<_>>()?)
}

fn by_cedar(
    authority: &Authority,
    officer: &Officer,
    power: &str,
    rows: &[String],
) -> anyhow::Result<Vec<String>> {
    let mut divisions = Vec::new();
    for division in rows {
        if authority.permits(officer, power, &Subject::at(division))? {
            divisions.push(division.clone());
        }
    }
    divisions.sort();
    Ok(divisions)
}

/// 1,000 worlds of an officer and a list on each engine.
#[test]
fn what_a_list_shows_is_what_cedar_permits() {
    let authority = Authority::embedded().unwrap();
    store::testing::for_each_engine(|store| {
        store.write(|sql| sql.define("create table world (division TEXT not null)")).unwrap();
        let mut runner =
            TestRunner::new(Config { cases: 1000, failure_persistence: None, ..Config::default() });
        let world = (
            officer(),
            proptest::collection::vec(division(), 0..12),
            proptest::sample::select(LISTS.to_vec()),
        );
        let mut shown = 0;
        for _ in 0..1000 {
            let (officer, rows, power) = world.new_tree(&mut runner).unwrap().current();
            let kept = rows.clone();
            store.write(move |sql| fill(sql, &kept)).unwrap();
            let listed = store.read(|sql| by_sql(sql, &authority, &officer, power)).unwrap();
            assert_eq!(
                listed,
                by_cedar(&authority, &officer, power, &rows).unwrap(),
                "{officer:?} {power} {rows:?}"
            );
            shown += usize::from(!listed.is_empty());
        }
        assert!(shown > 100, "only {shown} worlds showed anything: the test would prove little");
    });
}

fn fill(sql: &mut dyn Sql, rows: &[String]) -> store::Result<()> {
    sql.execute("delete from world", &[])?;
    for row in rows {
        sql.execute("insert into world (division) values ($1)", &[row.into()])?;
    }
    Ok(())
}

#[test]
fn nobody_decides_what_he_prepared_and_nobody_checks_without_a_certificate() {
    let authority = Authority::embedded().unwrap();
    let officer = |id: &str, role, certified| Officer {
        id: id.to_owned(),
        roles: BTreeSet::from([role]),
        territory: vec!["330421".to_owned()],
        certified,
        ..Officer::default()
    };
    let permits =
        |officer: &Officer, power, subject: &Subject| authority.permits(officer, power, subject).unwrap();
    let head = officer("a", Role::Head, false);
    let drafted = |by: &str| Subject { drafter: Some(by.to_owned()), ..Subject::at("330421101") };
    assert!(permits(&head, "application.decide", &drafted("b")));
    assert!(!permits(&head, "application.decide", &drafted("a")));
    assert!(!permits(&head, "application.decide", &Subject::at("330482101")), "the neighbouring county");
    let given = |to: &str| Subject { assigned: vec![to.to_owned()], ..Subject::at("330421101") };
    assert!(permits(&officer("c", Role::Inspector, true), "application.check", &Subject::at("330421101")));
    assert!(permits(&officer("c", Role::Inspector, true), "application.check", &given("c")));
    assert!(!permits(&officer("c", Role::Inspector, true), "application.check", &given("d")));
    assert!(!permits(&officer("c", Role::Inspector, false), "application.check", &Subject::at("330421101")));
}
