//! The page on which an administrator sees how the node fares.

use askama::Template;

use super::reading::{self, State, Verdict, bytes};
use super::{Backup, Condition};
use crate::desk::Desk;
use crate::problem::Answer;

/// How often the page looks again.
const SECONDS: u32 = 30;

#[derive(Template)]
#[template(path = "operation/operation.html")]
struct OperationPage<'a> {
    desk: &'a Desk,
    seconds: u32,
    worst: State,
    looked: String,
    lines: Vec<Line>,
    chores: Vec<ChoreLine>,
}

/// A part of the node and how it fares.
struct Line {
    /// Text key of its name.
    name: &'static str,
    verdict: Verdict,
    /// What was measured, each in words.
    measured: Vec<String>,
}

struct ChoreLine {
    name: String,
    verdict: Verdict,
    ended: String,
    failing: usize,
    error: String,
}

/// GET /operation
pub(crate) async fn operation(desk: Desk) -> Answer {
    let condition = desk.blocking(|desk| Condition::of(desk.house())).await?;
    let (lines, chores) = (lines(&desk, &condition), chores(&desk, &condition));
    let verdicts = lines.iter().map(|line| line.verdict).chain(chores.iter().map(|chore| chore.verdict));
    let worst = verdicts.map(|(state, _)| state).max().unwrap_or(State::Well);
    let looked = desk.instant(&condition.wall);
    desk.page(&OperationPage { desk: &desk, seconds: SECONDS, worst, looked, lines, chores })
}

fn lines(desk: &Desk, condition: &Condition) -> Vec<Line> {
    let well = (State::Well, "");
    vec![
        Line { name: "operation-program", verdict: well, measured: program(desk, condition) },
        Line {
            name: "operation-queue",
            verdict: reading::queue(condition),
            measured: queue(desk, condition),
        },
        Line { name: "operation-database", verdict: well, measured: database(desk, condition) },
        Line { name: "operation-disk", verdict: reading::disk(condition), measured: disk(desk, condition) },
        Line {
            name: "operation-backup",
            verdict: reading::backup(condition),
            measured: backup(desk, condition),
        },
        Line {
            name: "operation-witness",
            verdict: reading::witness(),
            measured: checkpoint(desk, condition),
        },
        Line {
            name: "operation-calendar",
            verdict: reading::calendar(condition, desk.today()),
            measured: calendar(desk, condition),
        },
        Line { name: "operation-keys", verdict: well, measured: keys(desk) },
    ]
}

fn program(desk: &Desk, condition: &Condition) -> Vec<String> {
    vec![
        desk.text_with("operation-version", "version", env!("CARGO_PKG_VERSION")),
        desk.text_with("operation-sessions", "count", condition.sessions),
    ]
}

fn queue(desk: &Desk, condition: &Condition) -> Vec<String> {
    let written = condition.written;
    let written_since = [("commands", written.commands.into()), ("commits", written.commits.into())];
    vec![
        desk.text_with("operation-waiting", "count", written.waiting),
        desk.text_args("operation-written", &written_since),
    ]
}

fn database(desk: &Desk, condition: &Condition) -> Vec<String> {
    let size =
        [("engine", condition.engine.to_string().into()), ("size", bytes(condition.size.database).into())];
    let log = condition.size.log.map(|log| desk.text_with("operation-log", "size", bytes(log)));
    std::iter::once(desk.text_args("operation-size", &size)).chain(log).collect()
}

fn disk(desk: &Desk, condition: &Condition) -> Vec<String> {
    vec![desk.text_with("operation-free", "size", bytes(condition.free))]
}

fn backup(desk: &Desk, condition: &Condition) -> Vec<String> {
    match &condition.backup {
        Backup::Taken(taken) => vec![desk.text_with("operation-taken", "time", desk.instant(taken))],
        Backup::Unreadable(why) => vec![why.clone()],
        Backup::NotSetUp | Backup::NoneYet => Vec::new(),
    }
}

fn checkpoint(desk: &Desk, condition: &Condition) -> Vec<String> {
    let Some(recorded) = &condition.recorded else { return vec![desk.text("record-empty")] };
    let newest = [("count", condition.acts.into()), ("time", desk.instant(recorded).into())];
    vec![desk.text_args("operation-checkpoint", &newest)]
}

fn calendar(desk: &Desk, condition: &Condition) -> Vec<String> {
    condition
        .calendar
        .map(|last| desk.text_with("operation-published", "day", last.to_string()))
        .into_iter()
        .collect()
}

/// Suite, name and id of each key; the whole keys stand on the page of the record.
fn keys(desk: &Desk) -> Vec<String> {
    let told = |key: &ledger::VerifierKey| {
        let text = key.to_string();
        let named: Vec<&str> = text.splitn(3, '+').take(2).collect();
        format!("{} {}", key.suite().name(), named.join("+"))
    };
    desk.ledger().verifiers().iter().map(told).collect()
}

fn chores(desk: &Desk, condition: &Condition) -> Vec<ChoreLine> {
    let line = |(chore, fare): &(crate::module::Chore, crate::chores::Fare)| ChoreLine {
        name: chore_name(desk, chore.name),
        verdict: reading::chore(chore, fare, condition.wall),
        ended: fare.ended.map(|ended| desk.instant(&ended)).unwrap_or_default(),
        failing: fare.failing,
        error: fare.error.clone(),
    };
    condition.chores.iter().map(line).collect()
}

/// The name of a chore in the language; its own word where its module gave it none.
fn chore_name(desk: &Desk, name: &str) -> String {
    let key = format!("chore-{name}");
    if desk.house().texts.has(desk.chosen_language(), &key) { desk.text(&key) } else { name.to_owned() }
}
