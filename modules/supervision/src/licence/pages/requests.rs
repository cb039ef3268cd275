//! The form of a request about a licence that stands.

use askama::Template;
use axum::extract::Path;
use jiff::civil::Date;
use ledger::{MatterKey, Writing};
use site::{Answer, Desk, Form, Problem, Refusal, Routes, Subject};
use uuid::Uuid;

use super::new::{Kept, Offers, demand_place, kept};
use super::words::{self, Clock, degrees};
use super::{acts_of, folded, forms, in_office, me};
use crate::licence::Licence;
use crate::licence::acts::*;
use crate::licence::books::word;
use crate::licence::clock::RENEWAL_REQUEST;
use crate::licence::details::Details;
use crate::licence::requests::{Request, askable};

/// Bytes of a request with all its papers.
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Template)]
#[template(path = "licence/request.html")]
struct RequestPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    id: Uuid,
    kind: Kind,
    outlet: String,
    number: String,
    valid_until: String,
    /// Until when a renewal is to be asked for.
    clock: Option<Clock>,
    offers: Offers,
    kept: Vec<Kept>,
}

impl RequestPage<'_> {
    fn heading(&self) -> String {
        self.desk.text(&format!("licence-request-{}", word(self.kind)))
    }

    fn lead(&self) -> String {
        self.desk.text(&format!("licence-request-lead-{}", word(self.kind)))
    }

    fn action(&self) -> String {
        format!("/licences/{}/requests/{}", self.id, word(self.kind))
    }

    fn back(&self) -> String {
        format!("/licences/{}", self.id)
    }

    fn changes(&self) -> bool {
        self.kind == Kind::Change
    }

    fn from(&self) -> bool {
        matches!(self.kind, Kind::Suspension | Kind::Resumption | Kind::Closing)
    }

    fn until(&self) -> bool {
        self.kind == Kind::Suspension
    }

    fn reasoned(&self) -> bool {
        matches!(self.kind, Kind::Suspension | Kind::Closing | Kind::Replacement)
    }
}

pub(super) fn routes() -> Routes {
    let path = "/licences/{id}/requests/{kind}";
    Routes::new().get(path, "application.submit", show).upload(path, "application.submit", MOST_BYTES, ask)
}

/// What may be asked for about this licence today, by one who receives applications there.
pub(super) fn offered(desk: &Desk, licence: &Licence) -> Vec<Kind> {
    let may = desk.may_on("application.submit", &subject(licence));
    if may { askable(licence.standing_on(desk.today())).to_vec() } else { Vec::new() }
}

/// Where a licence lies, for authority.
pub(super) fn subject(licence: &Licence) -> Subject {
    let division = licence.data.as_ref().and_then(|data| data.premises.division.clone());
    Subject::at(division.unwrap_or_default())
}

/// GET /licences/{id}/requests/{kind}
async fn show(desk: Desk, Path((id, kind)): Path<(Uuid, String)>) -> Answer {
    let kind = kind_of(&kind)?;
    draw(&desk, id, kind, None).await
}

/// POST /licences/{id}/requests/{kind}
async fn ask(desk: Desk, Path((id, kind)): Path<(Uuid, String)>, form: Form) -> Answer {
    let kind = kind_of(&kind)?;
    match desk.act(form, move |desk, writing, form| receive(desk, writing, (id, kind), form)).await? {
        Ok(id) => desk.go_with_notice(&format!("/applications/{id}"), "application-done-submitted"),
        Err(form) => draw(&desk, id, kind, Some(form)).await,
    }
}

fn kind_of(word: &str) -> Result<Kind, Problem> {
    words::named(word).filter(|kind: &Kind| !kind.is_new()).ok_or(Problem::Missing)
}

/// Reads the form and lets the office receive the request.
fn receive(
    desk: &Desk,
    writing: &mut Writing,
    (id, kind): (Uuid, Kind),
    form: &Form,
) -> Result<Uuid, Problem> {
    let house = desk.house();
    let key = MatterKey::new("licence", id);
    let licence: Licence = writing.load(&key)?;
    if licence.standing.is_none() {
        return Err(Problem::Missing);
    }
    desk.require("application.submit", &subject(&licence))?;
    let details = match kind {
        Kind::Change => unchanged(forms::details(form, &house.uploads)?, &licence),
        _ => {
            let attachments = forms::attachments(form, &house.uploads)?;
            Details { attachments, ..Details::default() }
        }
    };
    demand_place(desk, &details)?;
    let request = Request { kind, details, wish: forms::wish(form)? };
    let when = forms::when(form, law::shanghai_day(writing.now()))?;
    in_office(desk, writing, &me(desk, Vec::new()), |office| Ok(office.ask(&key, &when, request)?.id()))
}

/// What the form does not show because it is masked stays as it is unless it is typed anew.
fn unchanged(mut details: Details, licence: &Licence) -> Details {
    let holder = licence.data.as_ref().map(|data| data.holder.clone()).unwrap_or_default();
    details.holder.identity_number = details.holder.identity_number.or(holder.identity_number);
    details.holder.phone = details.holder.phone.or(holder.phone);
    details
}

async fn draw(desk: &Desk, id: Uuid, kind: Kind, typed: Option<Form>) -> Answer {
    let licence = desk
        .blocking(move |desk| {
            let licence: Licence = folded(&acts_of(desk, "licence", id)?)?;
            desk.require("application.submit", &subject(&licence))?;
            Ok(licence)
        })
        .await?;
    let data = licence.data.clone().unwrap_or_default();
    let refused = typed.is_some();
    let form = typed.unwrap_or_else(|| filled(kind, &data));
    if !refused && !askable(licence.standing_on(desk.today())).contains(&kind) {
        return Err(Refusal::new("licence-refusal-request-standing").into());
    }
    let page = RequestPage {
        desk,
        values: &form,
        id,
        kind,
        outlet: words::outlet(desk, &data),
        number: data.number.clone(),
        valid_until: data.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        clock: renewal_clock(desk, kind, &data)?,
        offers: Offers::of(desk)?,
        kept: kept(desk, &form).await?,
    };
    desk.form_page(&form, &page)
}

/// Until when renewal is to be asked for (L4 art. 50(1)); a later request is taken, and the page says what is in doubt.
fn renewal_clock(desk: &Desk, kind: Kind, data: &LicenceData) -> Result<Option<Clock>, Problem> {
    let expiry = data.valid_until.filter(|_| kind == Kind::Renewal);
    let clock = |expiry: Date| {
        let start = law::Start::Day(expiry);
        let deadline = desk.law().deadline(RENEWAL_REQUEST, &start, &[], &[]);
        Ok(Clock::of(desk, &deadline.map_err(anyhow::Error::from)?, desk.today()))
    };
    expiry.map(clock).transpose()
}

/// A change begins from what the licence says now.
fn filled(kind: Kind, data: &LicenceData) -> Form {
    if kind != Kind::Change {
        return Form::empty();
    }
    let (holder, premises) = (&data.holder, &data.premises);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let point = |point: Point| format!("{}, {}", degrees(point.longitude), degrees(point.latitude));
    let mut values = vec![
        ("subject", holder.subject.map(word).unwrap_or_default()),
        ("name", text(&holder.name)),
        ("credit_code", text(&holder.credit_code)),
        ("responsible_person", text(&holder.responsible_person)),
        ("trade_name", text(&premises.trade_name)),
        ("address", text(&premises.address)),
        ("division", text(&premises.division)),
        ("point", premises.point.map(point).unwrap_or_default()),
        ("premises_kind", premises.kind.map(word).unwrap_or_default()),
        ("area", premises.area.map(word).unwrap_or_default()),
    ];
    values.extend(data.scope.iter().map(|scope| ("scope", word(scope))));
    Form::filled(values)
}
