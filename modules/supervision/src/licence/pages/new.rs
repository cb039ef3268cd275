//! The form of a new application at the counter.

use askama::Template;
use ledger::Writing;
use site::{Answer, Desk, Form, Problem, Refusal, Routes, Subject};
use uuid::Uuid;

use super::forms::{self, keep_value};
use super::words::{self, AREAS, Choice, PREMISES, SCOPES, SUBJECTS};
use super::{in_office, me};
use crate::bureau::Bureau;
use crate::licence::acts::{self, About, Attachment, Material};
use crate::licence::details::Details;
use crate::licence::register;

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
    offers: Offers,
    kept: Vec<Kept>,
}

/// What the fields of holder, premises and papers offer to choose from.
pub(super) struct Offers {
    pub places: Vec<Town>,
    pub subjects: Vec<Choice>,
    pub premises: Vec<Choice>,
    pub areas: Vec<Choice>,
    pub scopes: Vec<Choice>,
    pub files: Vec<Choice>,
}

impl Offers {
    /// # Errors
    /// When the house knows no bureau.
    pub fn of(desk: &Desk) -> Result<Offers, Problem> {
        let bureau = desk.house().get::<Bureau>()?;
        Ok(Offers {
            places: places(desk, &bureau),
            subjects: words::choices(desk, "licence-subject-", &SUBJECTS),
            premises: words::choices(desk, "licence-premises-", &PREMISES),
            areas: words::choices(desk, "licence-area-", &AREAS),
            scopes: words::choices(desk, "licence-scope-", &SCOPES),
            files: words::choices(desk, "licence-material-", &MATERIALS),
        })
    }
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
    demand_place(desk, &details)?;
    let when = forms::when(form, law::shanghai_day(writing.now()))?;
    in_office(desk, writing, &me(desk, Vec::new()), |office| Ok(office.submit(&when, details)?.id()))
}

/// The place that was entered must be one for which the officer receives applications. One that is missing or unknown is
/// the verb's to refuse, with everything else that is at fault.
pub(super) fn demand_place(desk: &Desk, details: &Details) -> Result<(), Problem> {
    let division = details.premises.division.as_deref().unwrap_or_default();
    let known = desk.house().get::<Bureau>()?.divisions.get(division).is_some();
    if known && !desk.may_on("application.submit", &Subject::at(division)) {
        return Err(Refusal::on("division", "application-refusal-division-foreign").into());
    }
    Ok(())
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
    let page = NewPage { desk, values: form, offers: Offers::of(desk)?, kept: kept(desk, form).await? };
    desk.form_page(form, &page)
}

/// The places for which this officer receives applications.
fn places(desk: &Desk, bureau: &Bureau) -> Vec<Town> {
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
