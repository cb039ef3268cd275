//! The list of applications, what is due next first, and one application with its next lawful steps.

use askama::Template;
use axum::extract::Path;
use ledger::MatterKey;
use site::{Answer, Desk, Filter, Form, Format, Listing, Problem, Routes, Table};
use store::{Row, Sql};
use uuid::Uuid;

use super::licences::{Group, Secret, holder_facts, premises_facts, secret_of, secrets, told};
use super::papers::attachment_address;
use super::timeline::{Document, Entry, documents, entries};
use super::words::{self, Choice, Clock, KINDS, PREMISES, place, scopes, state_tone, stated};
use super::{acts_of, folded, officer, subject_of, urgency};
use crate::bureau::Bureau;
use crate::licence::acts::*;
use crate::licence::application::{Application, State};
use crate::licence::books::{NOTHING_DUE, word};
use crate::licence::printing;
use crate::licence::steps::Verb;

static APPLICATIONS: Table = Table {
    from: "applications",
    columns: "id, number, trade_name, name, division, state, received, due, due_rule, kind",
    division: "division",
    power: "application.read",
    sort: &["due", "number", "received", "trade_name"],
    default_sort: "due",
    key: "id",
    size: 50,
    filters: &[
        Filter::contains("q", &["number", "trade_name", "name", "address", "licence_number"]),
        Filter::equals("state", &["state"]),
        Filter::prefix("division", &["division"]),
        Filter::equals("asked", &["kind"]),
        Filter::equals("kind", &["premises_kind"]),
        Filter::until("until", &["due"]),
    ],
};

struct Line {
    id: String,
    number: String,
    trade_name: String,
    name: String,
    division: String,
    state: State,
    received: String,
    due: String,
    due_rule: String,
    kind: String,
}

#[derive(Template)]
#[template(path = "application/list.html")]
struct ListPage<'a> {
    desk: &'a Desk,
    bureau: &'a Bureau,
    listing: Listing,
    lines: Vec<Line>,
    towns: Vec<Choice>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    asked: Vec<Choice>,
}

impl ListPage<'_> {
    fn tone(&self, line: &Line) -> &'static str {
        state_tone(line.state)
    }

    fn state(&self, line: &Line) -> String {
        self.desk.text(&format!("application-state-{}", line.state.name()))
    }

    fn asked(&self, line: &Line) -> String {
        self.desk.text(&format!("application-kind-{}", line.kind))
    }

    fn place(&self, line: &Line) -> String {
        place(self.desk, self.bureau, &line.division)
    }

    /// Tone and day of what is due; nothing when the bureau has nothing to do.
    fn due(&self, line: &Line) -> Option<(&'static str, String)> {
        let urgency = urgency(self.desk, &line.due, &line.due_rule);
        (line.due != NOTHING_DUE).then(|| (urgency.tone(), line.due.clone()))
    }

    fn address(&self, line: &Line) -> String {
        format!("/applications/{}", line.id)
    }

    fn number(&self, line: &Line) -> String {
        stated(self.desk, Some(&line.number))
    }

    fn count(&self) -> String {
        self.desk.text_with("application-list-count", "count", self.listing.total)
    }

    fn position(&self) -> String {
        words::position(self.desk, &self.listing)
    }
}

#[derive(Template)]
#[template(path = "application/one.html")]
struct OnePage<'a> {
    desk: &'a Desk,
    id: Uuid,
    one: One,
}

/// One application as its page shows it.
struct One {
    number: String,
    title: String,
    kind: Kind,
    state: State,
    deemed: bool,
    clock: Option<Clock>,
    verbs: Vec<Verb>,
    outstanding: Vec<(i64, String, String)>,
    groups: Vec<Group>,
    secrets: Vec<Secret>,
    attachments: Vec<Attachment>,
    licence: Option<(String, String)>,
    papers: Vec<Document>,
    entries: Vec<Entry>,
}

impl OnePage<'_> {
    fn tone(&self) -> &'static str {
        state_tone(self.one.state)
    }

    fn state(&self) -> String {
        self.desk.text(&format!("application-state-{}", self.one.state.name()))
    }

    fn kind(&self) -> String {
        self.desk.text(&format!("application-of-{}", word(self.one.kind)))
    }

    fn reveal_address(&self) -> String {
        format!("/reveal/application/{}", self.id)
    }

    fn topic(&self) -> String {
        format!("application/{}", self.id)
    }

    fn step_address(&self, verb: &Verb) -> String {
        format!("/applications/{}/{}", self.id, verb.noun())
    }

    fn step_label(&self, verb: &Verb) -> String {
        self.desk.text(&format!("application-step-{}", verb.noun()))
    }

    fn step_tone(&self, verb: &Verb) -> &'static str {
        if self.one.verbs.first() == Some(verb) { "primary" } else { "plain" }
    }

    fn receipt_address(&self) -> Option<String> {
        self.one.verbs.contains(&Verb::Serve).then(|| format!("/applications/{}/receipt", self.id))
    }

    fn material(&self, attachment: &Attachment) -> String {
        self.desk.text(&format!("licence-material-{}", word(attachment.material)))
    }

    fn attachment_address(&self, attachment: &Attachment) -> String {
        attachment_address(self.desk, self.id, attachment)
    }

    fn kilobytes(&self, attachment: &Attachment) -> String {
        format!("{} KB", (attachment.bytes + 1023) / 1024)
    }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/applications", "application.read", list)
        .post("/applications/export/{format}", "application.export", export)
        .get("/applications/{id}", "application.read", one)
}

/// GET /applications
async fn list(desk: Desk) -> Answer {
    let bureau = desk.house().get::<Bureau>()?;
    let (listing, lines) = desk.list(desk.listing(&APPLICATIONS), line).await?;
    let towns = words::towns(&desk, &bureau);
    let states = words::choices(&desk, "application-state-", &State::ALL);
    let kinds = words::choices(&desk, "licence-premises-", &PREMISES);
    let asked = words::choices(&desk, "application-kind-", &KINDS);
    desk.page(&ListPage { desk: &desk, bureau: &bureau, listing, lines, towns, states, kinds, asked })
}

/// POST /applications/export/{format}: the list that is shown, all pages of it.
async fn export(desk: Desk, Path(format): Path<String>, _form: Form) -> Answer {
    let format = Format::named(&format)?;
    let listing = desk.listing_for(&APPLICATIONS, "application.export").at("/applications");
    let bureau = desk.house().get::<Bureau>()?;
    let keys = [
        "application-column-number",
        "application-column-asked",
        "licence-column-trade-name",
        "licence-column-name",
        "licence-column-place",
        "application-column-state",
        "application-column-received",
        "application-column-due",
    ];
    let headings = keys.map(|key| desk.text(key)).to_vec();
    let of = desk.clone();
    let cells = move |row: &Row| {
        let line = line(row)?;
        let kind = of.text(&format!("application-kind-{}", line.kind));
        let state = of.text(&format!("application-state-{}", line.state.name()));
        let place = place(&of, &bureau, &line.division);
        let due = if line.due == NOTHING_DUE { String::new() } else { line.due };
        Ok(vec![line.number, kind, line.trade_name, line.name, place, state, line.received, due])
    };
    let name = desk.text("application-list");
    desk.hand_out(listing, (&name, headings), format, cells).await
}

fn line(row: &Row) -> Result<Line, Problem> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    Ok(Line {
        id: text(0)?,
        number: text(1)?,
        trade_name: text(2)?,
        name: text(3)?,
        division: text(4)?,
        state: State::named(&text(5)?),
        received: text(6)?,
        due: text(7)?,
        due_rule: text(8)?,
        kind: text(9)?,
    })
}

/// GET /applications/{id}
async fn one(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let one = desk.blocking(move |desk| read(desk, id)).await?;
    desk.page(&OnePage { desk: &desk, id, one })
}

fn read(desk: &Desk, id: Uuid) -> Result<One, Problem> {
    let acts = acts_of(desk, "application", id)?;
    let application: Application = folded(&acts)?;
    desk.require("application.read", &subject_of(desk, &application))?;
    let bureau = desk.house().get::<Bureau>()?;
    let key = MatterKey::new("application", id);
    let licence = licence_link(&application)?;
    let licence_key: Option<MatterKey> =
        application.grant.as_ref().map(|grant| grant.licence.parse()).transpose()?;
    let matters: Vec<&MatterKey> = [&key].into_iter().chain(&licence_key).collect();
    desk.house().store.read(|sql| {
        let submitted = application.submitted.as_ref();
        Ok(One {
            number: stated(desk, submitted.map(|submitted| submitted.number.as_str())),
            title: stated(desk, submitted.and_then(|submitted| submitted.premises.trade_name.as_deref())),
            kind: application.kind(),
            state: application.state,
            deemed: application.deemed,
            clock: clock(desk, &application)?,
            verbs: application.can(&officer(desk, &application), desk.today()),
            outstanding: outstanding(desk, &application),
            groups: submitted.map(|submitted| groups(desk, &bureau, submitted)).unwrap_or_default(),
            secrets: submitted.map(|submitted| secrets(desk, &submitted.holder)).unwrap_or_default(),
            attachments: application.attachments.clone(),
            licence,
            papers: documents(desk, &printing::of_matters(sql, &matters)?),
            entries: entries(desk, sql, &acts)?,
        })
    })
}

/// The licence that was made, or that the application is about.
fn licence_link(application: &Application) -> Result<Option<(String, String)>, Problem> {
    let granted = application.grant.as_ref().map(|grant| (&grant.licence, &grant.licence_number));
    let about = application.about().map(|about| (&about.licence, &about.number));
    let link = |(key, number): (&String, &String)| {
        let key: MatterKey = key.parse()?;
        Ok((format!("/licences/{}", key.id()), number.clone()))
    };
    granted.or(about).map(link).transpose()
}

/// The clock that runs; none when the bureau has nothing to do.
pub(super) fn clock(desk: &Desk, application: &Application) -> Result<Option<Clock>, Problem> {
    let deadline = application.deadline(desk.law()).map_err(anyhow::Error::from)?;
    Ok(deadline.zip(application.running_from()).map(|(deadline, from)| Clock::of(desk, &deadline, from)))
}

fn outstanding(desk: &Desk, application: &Application) -> Vec<(i64, String, String)> {
    if application.state != State::CorrectionRequested {
        return Vec::new();
    }
    let line = |(place, missing): (i64, &Missing)| {
        let material = desk.text(&format!("licence-material-{}", word(missing.material)));
        (place, format!("{material}: {}", missing.fault), missing.request.clone())
    };
    application.outstanding().into_iter().map(line).collect()
}

fn groups(desk: &Desk, bureau: &Bureau, submitted: &Submitted) -> Vec<Group> {
    let mut premises = told(desk, premises_facts(desk, bureau, &submitted.premises), false);
    premises.push((desk.text("licence-field-scope"), scopes(desk, &submitted.scope)));
    vec![
        Group {
            title: desk.text("application-applicant"),
            facts: told(desk, holder_facts(desk, &submitted.holder), false),
        },
        Group { title: desk.text("licence-premises"), facts: premises },
    ]
}

/// A masked field of an application in full.
pub(super) fn reveal(sql: &mut dyn Sql, id: Uuid, field: &str) -> anyhow::Result<Option<String>> {
    let row = sql.query_one("select holder from applications where id = $1", &[id.to_string().into()])?;
    let stored = row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten();
    let holder: Option<Holder> = stored.map(|stored| serde_json::from_str(&stored)).transpose()?;
    Ok(holder.and_then(|holder| secret_of(&holder, field)))
}
