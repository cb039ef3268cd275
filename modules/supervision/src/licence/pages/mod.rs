//! Pages of the licence path.

mod applications;
mod companions;
mod forms;
mod licences;
mod measures;
mod new;
mod papers;
mod renewals;
mod requests;
mod steps;
mod timeline;
pub(super) mod words;

use jiff::civil::Date;
use ledger::{Act, MatterKey, Writing};
use site::{Desk, Found, MatterKind, Problem, Routes, Subject, Urgency, Waiting, compared};
use store::{Sql, Value};
use uuid::Uuid;

use super::application::Application;
use super::office::{Office, Setting};
use super::steps::{Officer, Verb};
use crate::bureau::Bureau;

/// All routes of the licence path, each with the power it needs.
pub fn routes() -> Routes {
    licences::routes()
        .and(applications::routes())
        .and(new::routes())
        .and(requests::routes())
        .and(measures::routes())
        .and(renewals::routes())
        .and(steps::routes())
        .and(papers::routes())
        .and(super::import::pages::routes())
}

/// What the house must know of applications and licences.
pub fn matters() -> Vec<MatterKind> {
    let mut matters = vec![
        MatterKind {
            kind: "application",
            power: "application.read",
            subject: |sql, id| subject(sql, "applications", id),
            address: |id| format!("/applications/{id}"),
            reveal: Some(applications::reveal),
        },
        MatterKind {
            kind: "licence",
            power: "licence.read",
            subject: |sql, id| subject(sql, "licences", id),
            address: |id| format!("/licences/{id}"),
            reveal: Some(licences::reveal),
        },
    ];
    matters.extend(super::import::matters());
    matters
}

fn subject(sql: &mut dyn Sql, table: &str, id: Uuid) -> anyhow::Result<Option<Subject>> {
    let row =
        sql.query_one(&format!("select division from {table} where id = $1"), &[id.to_string().into()])?;
    Ok(row.map(|row| row.get::<String>(0)).transpose()?.map(Subject::at))
}

/// The subject of an application. Whoever had a hand in it counts as its drafter when he is the one who asks.
fn subject_of(desk: &Desk, application: &Application) -> Subject {
    let drafter = application.involved.get(&desk.me().id).cloned();
    Subject { drafter, ..Subject::at(application.division()) }
}

/// The officer at the desk, with these steps.
fn me(desk: &Desk, verbs: Vec<Verb>) -> Officer {
    Officer { id: desk.me().id.clone(), name: desk.me().name.clone(), verbs }
}

/// Lets the officer at the desk take a step in the bureau's own office.
fn in_office<T>(
    desk: &Desk,
    writing: &mut Writing,
    who: &Officer,
    step: impl FnOnce(&mut Office) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let house = desk.house();
    let (bureau, press) = (house.get::<Bureau>()?, house.get::<paper::Press>()?);
    let setting = Setting { bureau: &bureau, law: &house.law, press: &press };
    step(&mut Office { writing, setting, who })
}

/// The officer at the desk with the steps that authority gives him on this application.
fn officer(desk: &Desk, application: &Application) -> Officer {
    let subject = subject_of(desk, application);
    let verbs = Verb::ALL.into_iter().filter(|verb| desk.may_on(verb.power(), &subject)).collect();
    me(desk, verbs)
}

/// Applications and licences by number, name, shop or address; only where the officer may read.
pub fn search(desk: &Desk, sql: &mut dyn Sql, query: &str) -> anyhow::Result<Vec<Found>> {
    let mut found = hits(desk, sql, query, &LICENCE_HITS)?;
    found.extend(hits(desk, sql, query, &APPLICATION_HITS)?);
    Ok(found)
}

struct Hits {
    table: &'static str,
    power: &'static str,
    address: &'static str,
    kind: &'static str,
}

const LICENCE_HITS: Hits =
    Hits { table: "licences", power: "licence.read", address: "/licences/", kind: "licence-found-licence" };
const APPLICATION_HITS: Hits = Hits {
    table: "applications",
    power: "application.read",
    address: "/applications/",
    kind: "licence-found-application",
};

fn hits(desk: &Desk, sql: &mut dyn Sql, query: &str, hits: &Hits) -> anyhow::Result<Vec<Found>> {
    let escaped = query.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let mut parameters = vec![Value::from(format!("%{escaped}%"))];
    let scope = desk.scope(hits.power).predicate("division", &mut parameters);
    let columns = ["number", "name", "trade_name", "address"];
    let like: Vec<String> =
        columns.iter().map(|column| format!("lower({column}) like $1 escape '\\'")).collect();
    let text = format!(
        "select id, number, trade_name, name, address from {} where ({}) and {scope} order by number limit 20",
        hits.table,
        like.join(" or ")
    );
    let rows = sql.query(&text, &parameters)?;
    rows.iter().map(|row| found(row, hits)).collect()
}

fn found(row: &store::Row, hits: &Hits) -> anyhow::Result<Found> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let name = Some(text(2)?).filter(|name| !name.is_empty()).map_or_else(|| text(3), Ok)?;
    let title = if name.is_empty() { text(1)? } else { format!("{} {name}", text(1)?) };
    let address = format!("{}{}", hits.address, row.get::<String>(0)?);
    Ok(Found { title, detail: text(4)?, address, kind: hits.kind })
}

/// Applications whose next step this officer could take now, the most pressing first. The matter itself is asked, so that
/// a file with an unfavourable check goes to the inspectors again and never to somebody whom four eyes forbid.
pub fn inbox(desk: &Desk, sql: &mut dyn Sql) -> anyhow::Result<Vec<Waiting>> {
    let mut parameters = Vec::new();
    let scope = desk.scope("application.read").predicate(&compared("division"), &mut parameters);
    let text = format!(
        "select id, number, trade_name, state, due, due_rule from applications
         where {} in ('submitted', 'supplemented', 'accepted', 'checked', 'reviewed', 'granted', 'refused',
            'not-accepted') and {scope}
         order by due, number limit {MOST_LOOKED_AT}",
        compared("state")
    );
    let mut waiting = Vec::new();
    for row in sql.query(&text, &parameters)? {
        let key = MatterKey::new("application", row.get::<String>(0)?.parse()?);
        let application = desk.ledger().load::<Application>(&key)?;
        if application.onward().any(|verb| may_take(desk, &application, verb)) {
            waiting.push(wait(desk, &row)?);
        }
    }
    waiting.extend(licences_waiting(desk, sql)?);
    Ok(waiting)
}

/// Licences with a proposed measure for whoever decides, and those whose suspension or term to put things right is over for
/// whoever proposes the next.
fn licences_waiting(desk: &Desk, sql: &mut dyn Sql) -> anyhow::Result<Vec<Waiting>> {
    let mut waiting = Vec::new();
    let today = Value::from(desk.today().to_string());
    let decide =
        ("licence.decide", "proposal is not null and proposer <> $1", Value::from(desk.me().id.clone()));
    let follow = ("licence.propose", "proposal is null and pending_until < $1", today);
    for (place, (power, condition, value)) in [decide, follow].into_iter().enumerate() {
        let mut parameters = vec![value];
        let scope = desk.scope(power).predicate("division", &mut parameters);
        let text = format!(
            "select id, number, trade_name, pending_until from licences where {condition} and {scope}
             order by number limit {MOST_LOOKED_AT}"
        );
        let key = ["licence-inbox-proposal", "licence-inbox-term"][place];
        for row in sql.query(&text, &parameters)? {
            let text =
                |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
            waiting.push(Waiting {
                title: format!("{} {}", text(2)?, text(1)?),
                detail: desk.text(key),
                address: format!("/licences/{}", row.get::<String>(0)?),
                urgency: if place == 0 { Urgency::Calm } else { Urgency::Late },
                due: row.get::<Option<String>>(3)?.filter(|_| place == 1),
            });
        }
    }
    Ok(waiting)
}

/// Whether this one step is the officer's to take. Authority is asked last, and only of those who have the power somewhere.
fn may_take(desk: &Desk, application: &Application, verb: Verb) -> bool {
    let me = me(desk, vec![verb]);
    desk.may(verb.power())
        && application.allows(verb, &me, desk.today()).is_ok()
        && desk.may_on(verb.power(), &subject_of(desk, application))
}

/// Open applications that one inbox looks at; the list of applications has all of them.
const MOST_LOOKED_AT: usize = 200;

fn wait(desk: &Desk, row: &store::Row) -> anyhow::Result<Waiting> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let due = text(4)?;
    Ok(Waiting {
        title: format!("{} {}", text(2)?, text(1)?),
        detail: desk.text(&format!("application-state-{}", text(3)?)),
        address: format!("/applications/{}", row.get::<String>(0)?),
        urgency: urgency(desk, &due, &text(5)?),
        due: Some(due),
    })
}

/// How pressing a limit is, by the same rule as the clock of the application's page: late after the strict reading,
/// warned from the working days before it that the rule names. Nothing due is never pressing.
fn urgency(desk: &Desk, strict: &str, rule: &str) -> Urgency {
    let (today, law) = (desk.today(), desk.law());
    let Ok(day) = strict.parse::<Date>() else { return Urgency::Calm };
    let warned = law.rule(rule, today).map_or(0, |rule| i64::from(rule.warn_at));
    if today > day {
        Urgency::Late
    } else if today >= law.calendar().add_workdays(day, -warned) {
        Urgency::Warned
    } else {
        Urgency::Calm
    }
}

/// The acts of a matter; none means that there is no such matter.
fn acts_of(desk: &Desk, kind: &str, id: Uuid) -> Result<Vec<Act>, Problem> {
    let acts = desk.ledger().timeline(&ledger::MatterKey::new(kind, id))?;
    if acts.is_empty() { Err(Problem::Missing) } else { Ok(acts) }
}

/// Folds acts into their matter.
fn folded<M: ledger::Matter>(acts: &[Act]) -> Result<M, Problem> {
    let mut matter = M::default();
    for act in acts {
        matter.fold(act)?;
    }
    Ok(matter)
}
