//! The form of a new application at the counter.

use askama::Template;
use ledger::Writing;
use site::{Answer, Desk, Form, Problem, Refusal, Routes, Subject};
use uuid::Uuid;

use super::forms::{self, keep_value};
use super::words::{self, AREAS, Choice, PREMISES, SCOPES, SUBJECTS};
use crate::bureau::Bureau;
use crate::licence::acts::{self, About, Attachment, Material};
use crate::licence::office::{Office, Setting};
use crate::licence::register;
use crate::licence::steps::Officer;

/// Bytes of an application with all its papers.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Papers an applicant hands in.
pub(super) const MATERIALS: [Material; 7] = [
    Material::Form,
    Material::Identity,
    Material::BusinessLicence,
    Material::PremisesRight,
    Material::Authorisation,
    Material::Photo,
    Material::Other,
];

#[derive(Template)]
#[template(path = "application/new.html")]
struct NewPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    places: Vec<Town>,
    subjects: Vec<Choice>,
    premises: Vec<Choice>,
    areas: Vec<Choice>,
    scopes: Vec<Choice>,
    files: Vec<Choice>,
    kept: Vec<Kept>,
}

/// A town with its villages, for the grouped select of places.
pub(super) struct Town {
    pub name: String,
    pub villages: Vec<Choice>,
}

/// A file that a refused form keeps.
pub(super) struct Kept {
    pub value: String,
    pub name: String,
}

pub(super) fn routes() -> Routes {
    Routes::new().get("/applications/new", "application.submit", show).upload(
        "/applications",
        "application.submit",
        MOST_BYTES,
        submit,
    )
}

/// GET /applications/new
async fn show(desk: Desk) -> Answer {
    draw(&desk, &Form::empty()).await
}

/// POST /applications
async fn submit(desk: Desk, form: Form) -> Answer {
    match desk.act(form, receive).await? {
        Ok(id) => done(&desk, id),
        Err(form) => draw(&desk, &form).await,
    }
}

/// Reads the form and lets the office receive the application.
fn receive(desk: &Desk, writing: &mut Writing, form: &Form) -> Result<Uuid, Problem> {
    let house = desk.house();
    let mut details = forms::details(form, &house.uploads)?;
    details.predecessor = predecessor(desk, writing, form)?;
    let (bureau, press) = (house.get::<Bureau>()?, house.get::<paper::Press>()?);
    let division = details.premises.division.as_deref().unwrap_or_default();
    // A place that is missing or unknown is the verb's to refuse, with everything else that is at fault.
    let known = bureau.divisions.get(division).is_some();
    if known && !desk.may_on("application.submit", &Subject::at(division)) {
        return Err(Refusal::on("division", "application-refusal-division-foreign").into());
    }
    let when = forms::when(form, law::shanghai_day(writing.now()))?;
    let setting = Setting { bureau: &bureau, law: &house.law, press: &press };
    let who = Officer { id: desk.me().id.clone(), name: desk.me().name.clone(), verbs: Vec::new() };
    Ok(Office { writing, setting, who: &who }.submit(&when, details)?.id())
}

/// The licence that the new one takes the place of; the officer must be able to see it.
fn predecessor(desk: &Desk, writing: &mut Writing, form: &Form) -> Result<Option<About>, Problem> {
    let Some(number) = forms::text(form, "predecessor") else { return Ok(None) };
    let unknown = || Problem::from(Refusal::on("predecessor", "licence-refusal-predecessor"));
    let (key, data) = register::find(writing.sql(), &number)?.ok_or_else(unknown)?;
    let division = data.premises.division.clone().unwrap_or_default();
    if !desk.may_on("application.submit", &Subject::at(division)) {
        return Err(unknown());
    }
    let identity = forms::text(form, "identity_number").map(|number| number.to_ascii_uppercase());
    let same_person = identity.is_some() && data.holder.identity_number == identity;
    let subject: Option<acts::Subject> = words::named(form.value("subject"));
    if !same_person || data.holder.subject == subject {
        return Err(Refusal::on("predecessor", "licence-refusal-predecessor-other").into());
    }
    Ok(Some(About {
        licence: key.to_string(),
        number,
        valid_until: data.valid_until,
        recheck: false,
        before: None,
    }))
}

fn done(desk: &Desk, id: Uuid) -> Answer {
    desk.go_with_notice(&format!("/applications/{id}"), "application-done-submitted")
}

async fn draw(desk: &Desk, form: &Form) -> Answer {
    let bureau = desk.house().get::<Bureau>()?;
    let page = NewPage {
        desk,
        values: form,
        places: places(desk, &bureau),
        subjects: words::choices(desk, "licence-subject-", &SUBJECTS),
        premises: words::choices(desk, "licence-premises-", &PREMISES),
        areas: words::choices(desk, "licence-area-", &AREAS),
        scopes: words::choices(desk, "licence-scope-", &SCOPES),
        files: words::choices(desk, "licence-material-", &MATERIALS),
        kept: kept(desk, form).await?,
    };
    desk.form_page(form, &page)
}

/// The places for which this officer receives applications.
pub(super) fn places(desk: &Desk, bureau: &Bureau) -> Vec<Town> {
    let choice = |division: &crate::bureau::Division| Choice {
        value: division.code.clone(),
        label: words::division_name(desk, division),
    };
    let scope = desk.scope("application.submit");
    let town = |town: &crate::bureau::Division| {
        let places = std::iter::once(town).chain(bureau.divisions.villages_of(&town.code));
        let villages = places.filter(|place| scope.covers(&place.code)).map(choice).collect();
        Town { name: words::division_name(desk, town), villages }
    };
    bureau.divisions.towns().map(town).filter(|town| !town.villages.is_empty()).collect()
}

/// The files a refused form had; they are stored already and need not be sent again.
pub(super) async fn kept(desk: &Desk, form: &Form) -> Result<Vec<Kept>, Problem> {
    let form = form.clone();
    let attachments = desk.blocking(move |desk| forms::attachments(&form, &desk.house().uploads)).await?;
    let keep =
        |attachment: &Attachment| Kept { value: keep_value(attachment), name: attachment.name.clone() };
    Ok(attachments.iter().map(keep).collect())
}
