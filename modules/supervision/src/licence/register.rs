//! Reading the books: the register by number and serial, officers who may look at premises, papers of a matter.

use anyhow::Result;
use jiff::civil::Date;
use ledger::MatterKey;
use site::officers::{self, Role};
use store::{Sql, Value};

use super::acts::*;
use super::steps::{Certificate, Inspector};
use crate::bureau::{NumberScheme, Part};

/// The licence of that number, as the register has it now.
///
/// # Errors
/// When the store fails or a stored licence cannot be read.
pub fn find(sql: &mut dyn Sql, number: &str) -> Result<Option<(MatterKey, LicenceData)>> {
    let row = sql.query_one("select id, data from licences where number = $1", &[number.into()])?;
    let Some(row) = row else { return Ok(None) };
    let key = format!("licence/{}", row.get::<String>(0)?).parse()?;
    let data = row.get::<Option<String>>(1)?;
    data.map(|data| Ok((key, serde_json::from_str(&data)?))).transpose()
}

/// The highest serial that the register holds among the numbers of this kind of holder; 0 when it holds none.
///
/// # Errors
/// When the store fails.
pub fn highest_serial(sql: &mut dyn Sql, scheme: &NumberScheme, subject: Subject) -> Result<i64> {
    let mut highest = 0;
    let subjects = [Subject::Individual, Subject::Organisation];
    for each in subjects.into_iter().filter(|each| scheme.series(*each) == scheme.series(subject)) {
        highest = highest.max(highest_under(sql, scheme, &prefix(scheme, each))?);
    }
    Ok(highest)
}

/// What stands before the serial.
fn prefix(scheme: &NumberScheme, subject: Subject) -> String {
    let part = |part: &Part| match (part, subject) {
        (Part::Division { code }, _) => code.clone(),
        (Part::Subject { individual, .. }, Subject::Individual) => individual.clone(),
        (Part::Subject { organisation, .. }, Subject::Organisation) => organisation.clone(),
        (Part::Serial { .. }, _) => String::new(),
    };
    scheme.parts.iter().map(part).collect()
}

/// Digits sort as numbers once the longer ones stand first; `:` is the character after `9`.
fn highest_under(sql: &mut dyn Sql, scheme: &NumberScheme, prefix: &str) -> Result<i64> {
    let row = sql.query_one(
        "select number from licences where number >= $1 and number < $2
         order by length(number) desc, number desc limit 1",
        &[Value::from(format!("{prefix}0")), Value::from(format!("{prefix}:"))],
    )?;
    let number = row.map(|row| row.get::<String>(0)).transpose()?;
    Ok(number.and_then(|number| scheme.parse(&number).ok()).map_or(0, |number| number.serial))
}

/// An officer with the certificates that were not ended before their time.
///
/// # Errors
/// When the store fails.
pub fn inspector(sql: &mut dyn Sql, id: &str) -> Result<Option<Inspector>> {
    let Some(line) = officers::books::find(sql, id)? else { return Ok(None) };
    let held = officers::books::certificates(sql, id)?.into_iter().filter(|(_, ended)| !ended);
    let certificates = held.map(|(certificate, _)| Certificate {
        number: certificate.number,
        from: certificate.valid_from,
        until: certificate.valid_until,
    });
    Ok(Some(Inspector { id: id.to_owned(), name: line.name, certificates: certificates.collect() }))
}

/// An officer in office, as the forms offer him.
pub struct Colleague {
    pub id: String,
    pub name: String,
    /// Whether his post is to look at premises.
    pub inspects: bool,
    /// Number of a certificate valid on the day asked for.
    pub certificate: Option<String>,
}

/// The officers in office who do work on matters, by name.
///
/// # Errors
/// When the store fails.
pub fn colleagues(sql: &mut dyn Sql, day: Date) -> Result<Vec<Colleague>> {
    let text =
        format!("select {} from officers where state = 'active' order by name, id", officers::books::COLUMNS);
    let mut all = Vec::new();
    for row in sql.query(&text, &[])? {
        let line = officers::books::line(&row)?;
        if line.roles.iter().any(|role| !matches!(role, Role::Administrator | Role::Auditor)) {
            let found = inspector(sql, &line.id)?;
            let certificate = found.and_then(|inspector| inspector.certificate_on(day).map(str::to_owned));
            let inspects = line.roles.contains(&Role::Inspector);
            all.push(Colleague { id: line.id, name: line.name, inspects, certificate });
        }
    }
    Ok(all)
}
