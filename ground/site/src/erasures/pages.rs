//! Pages of requests for erasure: the list, a new one, one request, and the decision of a second officer.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::Timestamp;
use ledger::{Act, Actor, Draft, MatterKey, Writing};
use serde::Deserialize;
use store::Sql;
use uuid::Uuid;

use crate::authority::Subject;
use crate::desk::Desk;
use crate::erasures::books::{self, Line};
use crate::erasures::disk::Erasing;
use crate::erasures::request::{self, Request, State};
use crate::form::Form;
use crate::listing::{Filter, Listing, Table};
use crate::pages::id as read_id;
use crate::problem::{Answer, Problem};
use crate::routes::Routes;

/// What the form of a new request proposes: the general duty to erase.
const BASIS: &str = "个人信息保护法第四十七条";

static REQUESTS: Table = Table {
    from: "erasure_requests",
    columns: books::COLUMNS,
    division: "division",
    power: "erasure.read",
    sort: &["requested"],
    default_sort: "-requested",
    key: "id",
    size: 50,
    filters: &[Filter::equals("state", &["state"])],
};

#[derive(Template)]
#[template(path = "erasures/list.html")]
struct ListPage<'a> {
    desk: &'a Desk,
    listing: Listing,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "erasures/new.html")]
struct NewPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    matter: String,
    acts: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "erasures/request.html")]
struct RequestPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    id: Uuid,
    request: Request,
    requester: String,
    may_decide: bool,
    acts: Vec<Shown>,
    timeline: Vec<Shown>,
}

/// An act as the pages name it.
struct Shown {
    number: i64,
    kind: String,
    actor: String,
    recorded: Timestamp,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    matter: String,
}

impl ListPage<'_> {
    fn state_of(&self, word: &str) -> (&'static str, &'static str) {
        state_of(word)
    }

    fn recorded(&self, line: &Line) -> String {
        Timestamp::from_microsecond(line.requested).map(|at| self.desk.instant(&at)).unwrap_or_default()
    }
}

impl RequestPage<'_> {
    fn is_open(&self) -> bool {
        self.request.state == State::Open
    }

    fn state(&self) -> (&'static str, &'static str) {
        state_of(match self.request.state {
            State::Open => "open",
            State::Approved => "approved",
            State::Refused => "refused",
        })
    }
}

/// Tone and text key of a state's word.
fn state_of(word: &str) -> (&'static str, &'static str) {
    match word {
        "approved" => ("good", "erasure-state-approved"),
        "refused" => ("neutral", "erasure-state-refused"),
        _ => ("warn", "erasure-state-open"),
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/erasures", "erasure.read", list)
        .get("/erasures/new", "erasure.request", new)
        .post("/erasures", "erasure.request", ask)
        .get("/erasures/{id}", "erasure.read", one)
        .post("/erasures/{id}/approval", "erasure.decide", approve)
        .post("/erasures/{id}/refusal", "erasure.decide", refuse)
}

/// GET /erasures
async fn list(desk: Desk) -> Answer {
    let (listing, lines) = desk.list(desk.listing(&REQUESTS), |row| Ok(books::line(row)?)).await?;
    desk.page(&ListPage { desk: &desk, listing, lines })
}

/// GET /erasures/new?matter=application/…
async fn new(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    draw_new(&desk, &Form::filled([("basis", BASIS), ("matter", asked.matter.as_str())])).await
}

async fn draw_new(desk: &Desk, values: &Form) -> Answer {
    let matter = values.value("matter").to_owned();
    let wanted = matter.clone();
    let acts = desk
        .blocking(move |desk| {
            let planned = desk.ledger().read(|sql| plan(desk, sql, &wanted))?;
            shown(desk, &acts_of(desk, &planned.numbers)?)
        })
        .await?;
    desk.form_page(values, &NewPage { desk, values, matter, acts })
}

/// POST /erasures
async fn ask(desk: Desk, form: Form) -> Answer {
    match desk.act(form, record_request).await? {
        Ok(id) => desk.go_with_notice(&format!("/erasures/{id}"), "erasure-requested"),
        Err(form) => draw_new(&desk, &form).await,
    }
}

fn record_request(desk: &Desk, writing: &mut Writing<'_>, form: &Form) -> Result<Uuid, Problem> {
    let Plan { matter, division, numbers } = plan(desk, writing.sql(), form.value("matter"))?;
    let basis = form.value("basis");
    let place = (matter.to_string(), division);
    let body = Request::request(place, numbers, form.value("reason"), basis)?;
    let id = writing.new_id()?;
    writing.append(Draft::new(&request::key(id), &body).basis(basis))?;
    Ok(id)
}

/// What would be erased of a matter.
struct Plan {
    matter: MatterKey,
    division: String,
    numbers: Vec<i64>,
}

/// Only matters with masked personal data, and only where the officer works.
fn plan(desk: &Desk, sql: &mut dyn Sql, matter: &str) -> Result<Plan, Problem> {
    let matter: MatterKey = matter.parse().map_err(|_| Problem::Missing)?;
    let kind = desk.house().matter_kind(matter.kind()).filter(|kind| kind.reveal.is_some());
    let kind = kind.ok_or(Problem::Missing)?;
    let subject = (kind.subject)(sql, matter.id())?.ok_or(Problem::Missing)?;
    desk.require(kind.power, &subject)?;
    desk.require("erasure.request", &subject)?;
    let numbers = books::erasable(sql, &matter)?;
    Ok(Plan { matter, division: subject.division, numbers })
}

/// GET /erasures/{id}
async fn one(desk: Desk, Path(id): Path<String>) -> Answer {
    draw(&desk, &Form::empty(), read_id(&id)?).await
}

async fn draw(desk: &Desk, values: &Form, id: Uuid) -> Answer {
    let page = desk.blocking(move |desk| gather(desk, id)).await?;
    let Gathered { request, requester, acts, timeline } = page;
    let may_decide = request.can_decide(&desk.me().id) && desk.may_on("erasure.decide", &subject(&request));
    desk.form_page(values, &RequestPage { desk, values, id, request, requester, may_decide, acts, timeline })
}

struct Gathered {
    request: Request,
    requester: String,
    acts: Vec<Shown>,
    timeline: Vec<Shown>,
}

fn gather(desk: &Desk, id: Uuid) -> Result<Gathered, Problem> {
    let request: Request = desk.ledger().load(&request::key(id))?;
    if request.requester.is_empty() {
        return Err(Problem::Missing);
    }
    desk.require("erasure.read", &subject(&request))?;
    let timeline = shown(desk, &desk.ledger().timeline(&request::key(id))?)?;
    let acts = shown(desk, &acts_of(desk, &request.numbers)?)?;
    let requester = Actor::Officer(request.requester.clone());
    let requester = desk.ledger().read(|sql| Ok::<_, Problem>(desk.who(sql, &requester)?))?;
    Ok(Gathered { request, requester, acts, timeline })
}

fn acts_of(desk: &Desk, numbers: &[i64]) -> Result<Vec<Act>, Problem> {
    Ok(numbers.iter().map(|number| desk.ledger().act(*number)).collect::<Result<_, _>>()?)
}

fn shown(desk: &Desk, acts: &[Act]) -> Result<Vec<Shown>, Problem> {
    desk.ledger().read(|sql| {
        let one = acts.iter().map(|Act { header, .. }| {
            let actor = desk.who(sql, &header.actor)?;
            Ok(Shown { number: header.number, kind: header.kind.clone(), actor, recorded: header.recorded })
        });
        one.collect()
    })
}

/// The requester counts as drafter of what is to be decided (four eyes).
fn subject(request: &Request) -> Subject {
    Subject { drafter: Some(request.requester.clone()), ..Subject::at(request.division.clone()) }
}

/// POST /erasures/{id}/approval: the bodies go in the same transaction.
async fn approve(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    decide(desk, &id, form, "erasure-approved", |desk, writing, id, request, _| {
        let body = request.approve(&desk.me().id)?;
        writing.append(Draft::new(&request::key(id), &body).basis(request.basis.as_str()))?;
        let erasing = Erasing {
            numbers: request.numbers.clone(),
            reason: request::key(id).to_string(),
            basis: request.basis.clone(),
        };
        erasing.record(writing, desk.house())?;
        Ok(())
    })
    .await
}

/// POST /erasures/{id}/refusal
async fn refuse(desk: Desk, Path(id): Path<String>, form: Form) -> Answer {
    decide(desk, &id, form, "erasure-refused", |desk, writing, id, request, form| {
        let body = request.refuse(&desk.me().id, form.value("refusal"))?;
        writing.append(Draft::new(&request::key(id), &body))?;
        Ok(())
    })
    .await
}

type Verb = fn(&Desk, &mut Writing<'_>, Uuid, &Request, &Form) -> Result<(), Problem>;

async fn decide(desk: Desk, id: &str, form: Form, notice: &str, verb: Verb) -> Answer {
    let id = read_id(id)?;
    let decided = desk.act(form, move |desk, writing, form| {
        let request: Request = writing.load(&request::key(id))?;
        if request.requester.is_empty() {
            return Err(Problem::Missing);
        }
        desk.require("erasure.decide", &subject(&request))?;
        verb(desk, writing, id, &request, form)
    });
    match decided.await? {
        Ok(()) => desk.go_with_notice(&format!("/erasures/{id}"), notice),
        Err(form) => draw(&desk, &form, id).await,
    }
}
