//! The house's own module: its pages, books, matters and what it lets one search.

use ledger::Book;
use store::Sql;
use uuid::Uuid;

use crate::authority::Subject;
use crate::desk::Desk;
use crate::disclosures::{self, DisclosureBook};
use crate::erasures::{self, books::ErasureBook};
use crate::module::{Found, MatterKind, MenuEntry, Module};
use crate::officers::{self, OfficerBook, officer, pages as officer_pages};
use crate::pages::{account, confirm, disclosure, home, preferences, record, search, sign_in, tiles};
use crate::routes::{ACCOUNT, PUBLIC, Routes};
use crate::second_factor;

/// The house's own module.
pub(crate) fn module() -> Module {
    Module {
        menu: vec![
            MenuEntry { key: "menu-home", address: "/", power: ACCOUNT, icon: "home", group: "" },
            entry("menu-officers", "/officers", "officer.read", "officers"),
            entry("menu-record", "/record", "record.read", "record"),
            entry("menu-disclosures", "/disclosures", "disclosure.read", "search"),
            entry("menu-operation", "/operation", "operation.read", "operation"),
            entry("menu-erasures", "/erasures", "erasure.read", "check"),
        ],
        books,
        routes,
        chores: vec![erasures::chore(), crate::sweep::chore()],
        matters: vec![
            MatterKind {
                kind: officer::KIND,
                power: "officer.read",
                subject: officer_subject,
                address: |id| format!("/officers/{id}"),
                reveal: None,
            },
            MatterKind {
                kind: disclosures::KIND,
                power: "disclosure.read",
                subject: |_, _| Ok(Some(Subject::default())),
                address: |_| "/disclosures".to_owned(),
                reveal: None,
            },
            MatterKind {
                kind: erasures::KIND,
                power: "erasure.read",
                subject: erasure_subject,
                address: |id| format!("/erasures/{id}"),
                reveal: None,
            },
        ],
        search: Some(search_officers),
        inbox: Some(officer_pages::inbox),
        ..Module::new("site")
    }
}

fn entry(key: &'static str, address: &'static str, power: &'static str, icon: &'static str) -> MenuEntry {
    MenuEntry { key, address, power, icon, group: "menu-group-house" }
}

fn books() -> Vec<Box<dyn Book>> {
    vec![Box::new(OfficerBook), Box::new(DisclosureBook), Box::new(ErasureBook)]
}

fn routes() -> Routes {
    Routes::new()
        .get("/", ACCOUNT, home::home)
        .get("/health", PUBLIC, crate::metrics::health)
        .get_on_loopback("/metrics", "metrics.read", crate::metrics::metrics)
        .get("/live", ACCOUNT, crate::live::live)
        .post("/preferences", PUBLIC, preferences::prefer)
        .get("/search", ACCOUNT, search::search)
        .get("/gallery", ACCOUNT, home::gallery)
        .and(sign_in::routes())
        .and(account::routes())
        .and(confirm::routes())
        .and(second_factor::sign_in::routes())
        .and(second_factor::enrolment::routes())
        .and(officer_pages::routes())
        .and(record::routes())
        .and(tiles::routes())
        .and(disclosure::routes())
        .get("/operation", "operation.read", crate::operation::page::operation)
        .and(erasures::pages::routes())
}

fn officer_subject(sql: &mut dyn Sql, id: Uuid) -> anyhow::Result<Option<Subject>> {
    Ok(officers::books::find(sql, &id.to_string())?.map(|_| Subject::default()))
}

fn erasure_subject(sql: &mut dyn Sql, id: Uuid) -> anyhow::Result<Option<Subject>> {
    Ok(erasures::books::division(sql, &id.to_string())?.map(Subject::at))
}

/// Officers by name or login.
fn search_officers(desk: &Desk, sql: &mut dyn Sql, query: &str) -> anyhow::Result<Vec<Found>> {
    if !desk.may("officer.read") {
        return Ok(Vec::new());
    }
    let wanted = format!("%{}%", query.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows = sql.query(
        "select id, name, login from officers where name like $1 escape '\\' or login like $1 escape '\\' order by name, id limit 20",
        &[wanted.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Found {
                title: row.get(1)?,
                detail: row.get(2)?,
                address: format!("/officers/{}", row.get::<String>(0)?),
                kind: "found-officer",
            })
        })
        .collect()
}
