//! Who may take part in a step beside the officer who records it: judged by the same policy as he is.

use jiff::civil::Date;
use site::{Desk, Problem, Refusal, Subject};
use store::Sql;

use super::words::Choice;
use crate::licence::application::Application;
use crate::licence::register::{self, Colleague};
use crate::licence::steps::Verb;

/// Demands that both officers were in office on that day, with the power of this step at this place.
///
/// # Errors
/// Refused beside the field of each who was not.
pub fn demand(
    desk: &Desk,
    sql: &mut dyn Sql,
    (verb, application): (Verb, &Application),
    officers: [&str; 2],
    day: Date,
) -> Result<(), Problem> {
    demand_at(desk, sql, (verb.power(), &place(application)), officers, day)
}

/// The same for a power at a place.
///
/// # Errors
/// As `demand`.
pub fn demand_at(
    desk: &Desk,
    sql: &mut dyn Sql,
    (power, place): (&str, &Subject),
    officers: [&str; 2],
    day: Date,
) -> Result<(), Problem> {
    let mut refusals = Vec::new();
    for (field, id) in ["first", "second"].into_iter().zip(officers) {
        refusals.extend(objection(desk, sql, (power, place), (field, id), day)?);
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals.into()) }
}

/// The same for one officer.
///
/// # Errors
/// Refused beside `field` when he was not.
pub fn demand_one(
    desk: &Desk,
    sql: &mut dyn Sql,
    asked: (&str, &Subject),
    named: (&'static str, &str),
    day: Date,
) -> Result<(), Problem> {
    objection(desk, sql, asked, named, day)?.map_or(Ok(()), |refusal| Err(refusal.into()))
}

fn objection(
    desk: &Desk,
    sql: &mut dyn Sql,
    (power, place): (&str, &Subject),
    (field, id): (&'static str, &str),
    day: Date,
) -> Result<Option<Refusal>, Problem> {
    let Some(known) = site::officers::books::find(sql, id)? else {
        return Ok(Some(Refusal::on(field, "application-refusal-officer-unknown")));
    };
    let officer = register::in_office(sql, id, day)?;
    let entitled = officer.is_some_and(|officer| permits(desk, &officer, power, place));
    let refusal = Refusal::on(field, "application-refusal-officer-not-entitled").with("name", known.name);
    Ok((!entitled).then_some(refusal))
}

/// Those who may take part in this step on that day, for the selects of its form.
///
/// # Errors
/// When the store fails.
pub fn offered(
    desk: &Desk,
    sql: &mut dyn Sql,
    (verb, application): (Verb, &Application),
    day: Date,
) -> Result<Vec<Colleague>, Problem> {
    offered_at(desk, sql, (verb.power(), &place(application)), day)
}

/// The same for a power at a place.
///
/// # Errors
/// When the store fails.
pub fn offered_at(
    desk: &Desk,
    sql: &mut dyn Sql,
    (power, place): (&str, &Subject),
    day: Date,
) -> Result<Vec<Colleague>, Problem> {
    let mut colleagues = register::colleagues(sql, day)?;
    colleagues.retain(|colleague| permits(desk, &colleague.officer, power, place));
    Ok(colleagues)
}

/// An officer with his certificate, or the word that he has none, for a check on the spot.
pub fn certified(desk: &Desk, colleague: &Colleague) -> Choice {
    let certificate =
        colleague.certificate.clone().unwrap_or_else(|| desk.text("application-no-certificate"));
    let label = format!("{} ({certificate})", colleague.officer.name);
    Choice { value: colleague.officer.id.clone(), label }
}

fn place(application: &Application) -> Subject {
    Subject::at(application.division())
}

/// A policy that fails opens nothing.
fn permits(desk: &Desk, officer: &site::officers::Officer, power: &str, subject: &Subject) -> bool {
    desk.house().authority.permits(officer, power, subject).unwrap_or(false)
}
