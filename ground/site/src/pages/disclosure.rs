//! Showing a masked value in full, with a reason that is recorded; and the list of all that was disclosed.

use askama::Template;
use axum::extract::Path;
use jiff::Timestamp;
use ledger::{Actor, Draft, MatterKey, Writing};
use uuid::Uuid;

use crate::desk::Desk;
use crate::disclosures::{self, Disclosure};
use crate::form::Form;
use crate::listing::{Filter, Listing, Table};
use crate::pages::id;
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::Routes;

static DISCLOSURES: Table = Table {
    from: "disclosures",
    columns: "number, kind, actor, recorded, about, field, reason",
    division: "",
    power: "disclosure.read",
    sort: &["number"],
    default_sort: "-number",
    key: "number",
    size: 50,
    filters: &[Filter::contains("q", &["about", "reason"])],
};

#[derive(Template)]
#[template(path = "record/disclosures.html")]
struct DisclosuresPage<'a> {
    desk: &'a Desk,
    listing: Listing,
    lines: Vec<Line>,
}

struct Line {
    number: i64,
    kind: String,
    actor: Actor,
    name: String,
    recorded: Timestamp,
    about: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "record/reveal.html")]
struct RevealPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    action: String,
    back: String,
    /// The value, on this page and this once.
    value: Option<String>,
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/disclosures", "disclosure.read", list).post(
        "/reveal/{kind}/{id}",
        "data.reveal",
        reveal,
    )
}

/// GET /disclosures
async fn list(desk: Desk) -> Answer {
    let (listing, mut lines) = desk.list(desk.listing(&DISCLOSURES), line).await?;
    let actors: Vec<Actor> = lines.iter().map(|line| line.actor.clone()).collect();
    let asking = desk.clone();
    let names: Vec<String> = desk
        .read(move |sql| {
            let names = actors.iter().map(|actor| asking.who(sql, actor));
            Ok::<_, Problem>(names.collect::<store::Result<_>>()?)
        })
        .await?;
    for (line, name) in lines.iter_mut().zip(names) {
        line.name = name;
    }
    desk.page(&DisclosuresPage { desk: &desk, listing, lines })
}

fn line(row: &store::Row) -> Result<Line, Problem> {
    Ok(Line {
        number: row.get(0)?,
        kind: row.get(1)?,
        actor: row.get::<String>(2)?.parse()?,
        name: String::new(),
        recorded: Timestamp::from_microsecond(row.get(3)?).map_err(anyhow::Error::from)?,
        about: row.get(4)?,
        reason: row.get(6)?,
    })
}

/// POST /reveal/{kind}/{id} with `field` and `reason`
async fn reveal(desk: Desk, Path((kind, matter)): Path<(String, String)>, form: Form) -> Answer {
    let key = MatterKey::new(known(&desk, &kind)?, id(&matter)?);
    let wanted = key.clone();
    match desk.act(form.clone(), move |desk, writing, form| disclose(desk, writing, form, &wanted)).await? {
        Ok(value) => draw(&desk, &form, &key, Some(value)),
        Err(form) => draw(&desk, &form, &key, None),
    }
}

/// The kind as a module wrote it: a foreign word never becomes a key.
fn known(desk: &Desk, kind: &str) -> Result<&'static str, Problem> {
    desk.house().matter_kind(kind).map(|known| known.kind).ok_or(Problem::Missing)
}

fn draw(desk: &Desk, form: &Form, key: &MatterKey, value: Option<String>) -> Answer {
    let back = desk.house().matter_kind(key.kind()).map(|kind| (kind.address)(key.id())).unwrap_or_default();
    desk.form_page(form, &RevealPage { desk, values: form, action: format!("/reveal/{key}"), back, value })
}

fn disclose(desk: &Desk, writing: &mut Writing<'_>, form: &Form, key: &MatterKey) -> Result<String, Problem> {
    let reason = form.value("reason");
    if reason.chars().count() < 4 {
        return Err(Refusal::on("reason", "reveal-refusal-reason").into());
    }
    let value = full_value(desk, writing, key.kind(), key.id(), form.value("field"))?;
    let body = Disclosure::Revealed {
        matter: key.to_string(),
        field: form.value("field").to_owned(),
        reason: reason.to_owned(),
    };
    let disclosure = MatterKey::new(disclosures::KIND, writing.new_id()?);
    writing.append(Draft::new(&disclosure, &body))?;
    Ok(value)
}

/// The value, if the officer may read the matter and may have masked data shown there.
fn full_value(
    desk: &Desk,
    writing: &mut Writing<'_>,
    kind: &str,
    id: Uuid,
    field: &str,
) -> Result<String, Problem> {
    let kind = desk.house().matter_kind(kind).ok_or(Problem::Missing)?;
    let subject = (kind.subject)(writing.sql(), id)?.ok_or(Problem::Missing)?;
    desk.require(kind.power, &subject)?;
    desk.require("data.reveal", &subject)?;
    let reveal = kind.reveal.ok_or(Problem::Missing)?;
    reveal(writing.sql(), id, field)?.ok_or(Problem::Missing)
}
