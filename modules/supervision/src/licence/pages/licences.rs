//! The register of licences, and one licence with its outlet (一户一档).

use askama::Template;
use axum::extract::Path;
use jiff::civil::Date;
use ledger::MatterKey;
use site::{Answer, Desk, Filter, Form, Format, Listing, Mask, Problem, Routes, Subject, Table};
use store::{Row, Sql, Value};
use uuid::Uuid;

use super::timeline::{Document, Entry, documents, entries};
use super::words::{self, Choice, PREMISES, STANDINGS, degrees, place, said, scopes, standing_tone, stated};
use super::{acts_of, folded};
use crate::bureau::Bureau;
use crate::licence::acts::*;
use crate::licence::books::word;
use crate::licence::measures::LicenceVerb;
use crate::licence::{Licence, printing, standing_on};

static LICENCES: Table = Table {
    from: "licences",
    columns: "id, number, trade_name, name, division, standing, valid_until, standing_before, standing_from",
    division: "division",
    power: "licence.read",
    sort: &["number", "trade_name", "division", "valid_until"],
    default_sort: "number",
    key: "id",
    size: 50,
    filters: &[
        Filter::contains("q", &["number", "trade_name", "name", "address"]),
        Filter::prefix("division", &["division"]),
        Filter::by("standing", standing_predicate),
        Filter::equals("kind", &["premises_kind"]),
        Filter::until("until", &["valid_until"]),
    ],
};

/// Expiry needs no act, so "valid" and "expired" depend on the day.
fn standing_predicate(wanted: &str, today: Date, parameters: &mut Vec<Value>) -> String {
    parameters.push(today.to_string().into());
    let day = parameters.len();
    let standing = format!("(case when standing_from > ${day} then standing_before else standing end)");
    let over = format!("coalesce(valid_until, '9999-12-31') < ${day}");
    if wanted == "expired" {
        let running = "in ('valid', 'suspended', 'rectifying')";
        return format!("({standing} = 'expired' or ({standing} {running} and {over}))");
    }
    parameters.push(wanted.into());
    let is = format!("{standing} = ${}", parameters.len());
    match wanted {
        "valid" | "suspended" | "rectifying" => format!("({is} and not {over})"),
        _ => is,
    }
}

struct Line {
    id: String,
    number: String,
    trade_name: String,
    name: String,
    division: String,
    standing: Option<Standing>,
    valid_until: String,
}

#[derive(Template)]
#[template(path = "licence/list.html")]
struct ListPage<'a> {
    desk: &'a Desk,
    bureau: &'a Bureau,
    listing: Listing,
    lines: Vec<Line>,
    towns: Vec<Choice>,
    standings: Vec<Choice>,
    kinds: Vec<Choice>,
}

impl ListPage<'_> {
    fn tag(&self, line: &Line) -> (&'static str, String) {
        (standing_tone(line.standing), said(self.desk, "licence-standing-", line.standing))
    }

    fn place(&self, line: &Line) -> String {
        place(self.desk, self.bureau, &line.division)
    }

    fn address(&self, line: &Line) -> String {
        format!("/licences/{}", line.id)
    }

    fn number(&self, line: &Line) -> String {
        stated(self.desk, Some(&line.number))
    }

    fn count(&self) -> String {
        self.desk.text_with("licence-list-count", "count", self.listing.total)
    }

    fn position(&self) -> String {
        words::position(self.desk, &self.listing)
    }
}

#[derive(Template)]
#[template(path = "licence/one.html")]
struct OnePage<'a> {
    desk: &'a Desk,
    id: Uuid,
    one: One,
}

/// One licence as its page shows it.
struct One {
    number: String,
    title: String,
    standing: Option<Standing>,
    valid_until: String,
    groups: Vec<Group>,
    secrets: Vec<Secret>,
    point: Option<Point>,
    application: Option<String>,
    kinds: Vec<Kind>,
    verbs: Vec<LicenceVerb>,
    /// What is under way: a suspension, a term to put things right, a proposed measure.
    pending: Vec<(String, String)>,
    /// Requests about this licence: address, kind, state.
    requests: Vec<(String, String, String)>,
    papers: Vec<Document>,
    entries: Vec<Entry>,
}

/// Facts under a heading.
pub(super) struct Group {
    pub title: String,
    pub facts: Vec<(String, String)>,
}

/// A masked value with the name under which it can be shown.
pub(super) struct Secret {
    pub label: String,
    pub masked: String,
    pub field: &'static str,
}

impl OnePage<'_> {
    fn tone(&self) -> &'static str {
        standing_tone(self.one.standing)
    }

    fn standing(&self) -> String {
        said(self.desk, "licence-standing-", self.one.standing)
    }

    fn reveal_address(&self) -> String {
        format!("/reveal/licence/{}", self.id)
    }

    fn topic(&self) -> String {
        format!("licence/{}", self.id)
    }

    fn request_address(&self, kind: &Kind) -> String {
        format!("/licences/{}/requests/{}", self.id, word(kind))
    }

    fn request_label(&self, kind: &Kind) -> String {
        self.desk.text(&format!("licence-request-{}", word(kind)))
    }

    fn step_address(&self, verb: &LicenceVerb) -> String {
        format!("/licences/{}/{}", self.id, verb.noun())
    }

    fn step_label(&self, verb: &LicenceVerb) -> String {
        self.desk.text(&format!("licence-step-{}", verb.noun()))
    }

    /// Longitude and latitude for the map, where the outlet has a place on it.
    fn place(&self) -> Option<(String, String)> {
        self.one.point.map(|point| (degrees(point.longitude), degrees(point.latitude)))
    }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/licences", "licence.read", list)
        .post("/licences/export/{format}", "licence.export", export)
        .get("/licences/{id}", "licence.read", one)
}

/// GET /licences
async fn list(desk: Desk) -> Answer {
    let bureau = desk.house().get::<Bureau>()?;
    let today = desk.today();
    let (listing, lines) = desk.list(desk.listing(&LICENCES), move |row| line(row, today)).await?;
    let towns = words::towns(&desk, &bureau);
    let standings = words::choices(&desk, "licence-standing-", &STANDINGS);
    let kinds = words::choices(&desk, "licence-premises-", &PREMISES);
    desk.page(&ListPage { desk: &desk, bureau: &bureau, listing, lines, towns, standings, kinds })
}

/// POST /licences/export/{format}: the list that is shown, all pages of it; masked numbers are not in it.
async fn export(desk: Desk, Path(format): Path<String>, _form: Form) -> Answer {
    let format = Format::named(&format)?;
    let listing = desk.listing_for(&LICENCES, "licence.export").at("/licences");
    let bureau = desk.house().get::<Bureau>()?;
    let keys = ["number", "trade-name", "name", "place", "standing", "until"];
    let headings = keys.map(|key| desk.text(&format!("licence-column-{key}"))).to_vec();
    let (of, today) = (desk.clone(), desk.today());
    let cells = move |row: &Row| {
        let line = line(row, today)?;
        let standing = said(&of, "licence-standing-", line.standing);
        let place = place(&of, &bureau, &line.division);
        Ok(vec![line.number, line.trade_name, line.name, place, standing, line.valid_until])
    };
    let name = desk.text("licence-list");
    desk.hand_out(listing, (&name, headings), format, cells).await
}

fn line(row: &Row, today: Date) -> Result<Line, Problem> {
    let text = |index| Ok::<String, store::Error>(row.get::<Option<String>>(index)?.unwrap_or_default());
    let valid_until = text(6)?;
    let ahead = text(8)? > today.to_string();
    let stored = words::named(&if ahead { text(7)? } else { text(5)? });
    Ok(Line {
        id: text(0)?,
        number: text(1)?,
        trade_name: text(2)?,
        name: text(3)?,
        division: text(4)?,
        standing: standing_on(stored, valid_until.parse().ok(), today),
        valid_until,
    })
}

/// GET /licences/{id}
async fn one(desk: Desk, Path(id): Path<Uuid>) -> Answer {
    let one = desk.blocking(move |desk| read(desk, id)).await?;
    desk.page(&OnePage { desk: &desk, id, one })
}

fn read(desk: &Desk, id: Uuid) -> Result<One, Problem> {
    let acts = acts_of(desk, "licence", id)?;
    let licence: Licence = folded(&acts)?;
    let data = licence.data.clone().unwrap_or_default();
    desk.require("licence.read", &Subject::at(data.premises.division.clone().unwrap_or_default()))?;
    let bureau = desk.house().get::<Bureau>()?;
    let key = MatterKey::new("licence", id);
    let application: Option<MatterKey> = licence.application.as_ref().map(|key| key.parse()).transpose()?;
    let matters: Vec<&MatterKey> = application.iter().chain([&key]).collect();
    desk.house().store.read(|sql| {
        Ok(One {
            number: data.number.clone(),
            title: words::outlet(desk, &data),
            standing: licence.standing_on(desk.today()),
            valid_until: data.valid_until.map(|day| day.to_string()).unwrap_or_default(),
            groups: groups(desk, &bureau, &licence, &data),
            secrets: secrets(desk, &data.holder),
            kinds: super::requests::offered(desk, &licence),
            verbs: super::measures::offered(desk, &licence),
            pending: pending(desk, &licence),
            requests: requests(desk, sql, &key)?,
            point: data.premises.point,
            application: application.as_ref().map(|key| format!("/applications/{}", key.id())),
            papers: documents(desk, &printing::of_matters(sql, &matters)?),
            entries: entries(desk, sql, &acts)?,
        })
    })
}

/// What is under way with a licence.
fn pending(desk: &Desk, licence: &Licence) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if let Some((from, until)) = licence.suspension {
        facts.push((desk.text("licence-fact-suspension"), format!("{from} – {until}")));
    }
    facts.extend(licence.rectify_until.map(|day| (desk.text("licence-fact-until"), day.to_string())));
    facts.extend(licence.reminded.map(|day| (desk.text("licence-fact-reminded"), day.to_string())));
    facts.extend(licence.proposal.iter().flat_map(|told| super::measures::proposed(desk, told)));
    facts
}

/// The requests about a licence, the latest first.
fn requests(
    desk: &Desk,
    sql: &mut dyn Sql,
    licence: &MatterKey,
) -> Result<Vec<(String, String, String)>, Problem> {
    if !desk.may("application.read") {
        return Ok(Vec::new());
    }
    let rows = sql.query(
        "select id, number, kind, state from applications where about = $1 order by received desc, number desc",
        &[licence.as_str().into()],
    )?;
    let line = |row: &Row| {
        let text = |place| Ok::<String, store::Error>(row.get::<Option<String>>(place)?.unwrap_or_default());
        let kind = desk.text(&format!("application-kind-{}", text(2)?));
        let state = desk.text(&format!("application-state-{}", text(3)?));
        Ok((format!("/applications/{}", text(0)?), format!("{kind} {}", text(1)?), state))
    };
    rows.iter().map(line).collect()
}

fn groups(desk: &Desk, bureau: &Bureau, licence: &Licence, data: &LicenceData) -> Vec<Group> {
    let imported = licence.source.is_some();
    vec![
        Group {
            title: desk.text("licence-holder"),
            facts: told(desk, holder_facts(desk, &data.holder), imported),
        },
        Group {
            title: desk.text("licence-premises"),
            facts: told(desk, premises_facts(desk, bureau, &data.premises), imported),
        },
        Group { title: desk.text("licence-terms"), facts: terms(desk, licence, data) },
        Group { title: desk.text("licence-outlet"), facts: outlet(desk, data) },
    ]
}

/// Facts as a page tells them: what an imported register leaves out is called so, what an applicant left out is not shown.
pub(super) fn told(desk: &Desk, facts: Vec<Fact>, imported: bool) -> Vec<(String, String)> {
    let absent = || imported.then(|| desk.text("licence-not-stated"));
    facts.into_iter().filter_map(|(key, value)| Some((desk.text(key), value.or_else(absent)?))).collect()
}

/// Text key and value of a field.
type Fact = (&'static str, Option<String>);

/// The holder without what is masked.
pub(super) fn holder_facts(desk: &Desk, holder: &Holder) -> Vec<Fact> {
    vec![
        (
            "licence-field-holder-subject",
            holder.subject.map(|subject| said(desk, "licence-subject-", Some(subject))),
        ),
        ("licence-field-holder-name", holder.name.clone()),
        ("licence-field-holder-credit-code", holder.credit_code.clone()),
        ("licence-field-holder-responsible-person", holder.responsible_person.clone()),
    ]
}

/// What is shown masked, where it is known.
pub(super) fn secrets(desk: &Desk, holder: &Holder) -> Vec<Secret> {
    let secret = |key: &str, value: &Option<String>, mask: Mask, field: &'static str| {
        value.as_ref().map(|value| Secret { label: desk.text(key), masked: desk.masked(value, mask), field })
    };
    let identity = secret(
        "licence-field-holder-identity-number",
        &holder.identity_number,
        Mask::Identity,
        "identity_number",
    );
    let phone = secret("licence-field-holder-phone", &holder.phone, Mask::Phone, "phone");
    identity.into_iter().chain(phone).collect()
}

pub(super) fn premises_facts(desk: &Desk, bureau: &Bureau, premises: &Premises) -> Vec<Fact> {
    let kind = premises.kind.map(|kind| said(desk, "licence-premises-", Some(kind)));
    let point = |point: Point| format!("{}, {}", degrees(point.longitude), degrees(point.latitude));
    vec![
        ("licence-field-premises-trade-name", premises.trade_name.clone()),
        ("licence-field-premises-address", premises.address.clone()),
        (
            "licence-field-premises-division",
            premises.division.as_deref().map(|code| place(desk, bureau, code)),
        ),
        ("licence-field-premises-point", premises.point.map(point)),
        ("licence-field-premises-kind", kind.or_else(|| premises.kind_as_stated.clone())),
        ("licence-field-premises-area", premises.area.map(|area| said(desk, "licence-area-", Some(area)))),
    ]
}

fn terms(desk: &Desk, licence: &Licence, data: &LicenceData) -> Vec<(String, String)> {
    let day = |date: Option<Date>| stated(desk, date.map(|date| date.to_string()).as_deref());
    let mut facts = vec![
        (desk.text("licence-field-scope"), scopes(desk, &data.scope)),
        (desk.text("licence-field-issued-on"), day(data.issued_on)),
        (desk.text("licence-field-valid-from"), day(data.valid_from)),
        (desk.text("licence-field-valid-until"), day(data.valid_until)),
    ];
    facts.extend(licence.served.map(|day| (desk.text("licence-field-served"), day.to_string())));
    facts.extend(licence.source.as_ref().map(|source| (desk.text("licence-fact-source"), source.clone())));
    facts
}

/// What supervision and supply know of the outlet, where a register brought it.
fn outlet(desk: &Desk, data: &LicenceData) -> Vec<(String, String)> {
    let order_day = data.order_day.map(|day| desk.text(&format!("licence-weekday-{day}")));
    let known = [
        ("licence-field-supplier", data.supplier.clone()),
        ("licence-field-grid", data.grid.clone()),
        ("licence-field-order-day", order_day),
        ("licence-field-tier", data.tier.map(|tier| tier.to_string())),
        ("licence-field-credit", data.credit.clone()),
        ("licence-field-chain", data.chain.clone()),
    ];
    let named = known.into_iter().filter_map(|(key, value)| Some((desk.text(key), value?)));
    named.chain(data.noted.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
}

/// A masked field of a licence in full.
pub(super) fn reveal(sql: &mut dyn Sql, id: Uuid, field: &str) -> anyhow::Result<Option<String>> {
    let row = sql.query_one("select data from licences where id = $1", &[id.to_string().into()])?;
    let stored = row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten();
    let data: Option<LicenceData> = stored.map(|stored| serde_json::from_str(&stored)).transpose()?;
    Ok(data.and_then(|data| secret_of(&data.holder, field)))
}

/// The full value of a masked field.
pub(super) fn secret_of(holder: &Holder, field: &str) -> Option<String> {
    match field {
        "identity_number" => holder.identity_number.clone(),
        "phone" => holder.phone.clone(),
        _ => None,
    }
}
