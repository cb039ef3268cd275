//! Reading the books: the register by number and serial, officers who may look at premises, papers of a matter.

use anyhow::Result;
use jiff::civil::Date;
use ledger::MatterKey;
use site::officers::{self, Officer};
use store::{Row, Sql, Value};

use super::acts::*;
use super::books::word;
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

/// Whether a request of this kind about the licence is under way.
///
/// # Errors
/// When the store fails.
pub fn open_request(sql: &mut dyn Sql, licence: &MatterKey, kind: Kind) -> Result<bool> {
    let row = sql.query_one(
        "select 1 from applications where about = $1 and kind = $2 and state in ('submitted',
            'correction-requested', 'supplemented', 'accepted', 'checked', 'reviewed') limit 1",
        &[licence.as_str().into(), word(kind).into()],
    )?;
    Ok(row.is_some())
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

/// An officer with his certificates; one that was ended before its time is valid until the day before its end.
///
/// # Errors
/// When the store fails.
pub fn inspector(sql: &mut dyn Sql, id: &str) -> Result<Option<Inspector>> {
    let Some(line) = officers::books::find(sql, id)? else { return Ok(None) };
    let rows = sql.query(
        "select number, valid_from, valid_until, ended from certificates where officer = $1
         order by valid_until desc, number",
        &[id.into()],
    )?;
    let certificates = rows.iter().map(certificate).collect::<Result<_>>()?;
    Ok(Some(Inspector { id: id.to_owned(), name: line.name, certificates }))
}

fn certificate(row: &Row) -> Result<Certificate> {
    let until: Date = row.get::<String>(2)?.parse()?;
    let ended = row.get::<Option<i64>>(3)?.map(day_of).transpose()?;
    let last = ended.map(|day| day.yesterday()).transpose()?;
    Ok(Certificate {
        number: row.get(0)?,
        from: row.get::<String>(1)?.parse()?,
        until: last.map_or(until, |last| last.min(until)),
    })
}

/// The officer as authority judges him, if he was in office on `day`. Whether he held a certificate on that day is asked
/// beside his name, with a reason of its own, so authority is told here that he does.
///
/// # Errors
/// When the store fails.
pub fn in_office(sql: &mut dyn Sql, id: &str, day: Date) -> Result<Option<Officer>> {
    let text =
        format!("select {}, appointed, dismissed from officers where id = $1", officers::books::COLUMNS);
    let Some(row) = sql.query_one(&text, &[id.into()])? else { return Ok(None) };
    let line = officers::books::line(&row)?;
    let appointed = day_of(row.get(7)?)?;
    let dismissed = row.get::<Option<i64>>(8)?.map(day_of).transpose()?;
    if day < appointed || dismissed.is_some_and(|gone| gone <= day) {
        return Ok(None);
    }
    Ok(Some(Officer {
        id: line.id,
        name: line.name,
        roles: line.roles.into_iter().collect(),
        territory: line.territory,
        team: line.team,
        certified: true,
    }))
}

fn day_of(microsecond: i64) -> Result<Date> {
    Ok(law::shanghai_day(jiff::Timestamp::from_microsecond(microsecond)?))
}

/// An officer in office, as the forms offer him.
pub struct Colleague {
    pub officer: Officer,
    /// Number of a certificate valid on the day asked for.
    pub certificate: Option<String>,
}

/// The officers in office on `day`, by name.
///
/// # Errors
/// When the store fails.
pub fn colleagues(sql: &mut dyn Sql, day: Date) -> Result<Vec<Colleague>> {
    let mut all = Vec::new();
    for row in sql.query("select id from officers order by name, id", &[])? {
        let id: String = row.get(0)?;
        let Some(officer) = in_office(sql, &id, day)? else { continue };
        let found = inspector(sql, &id)?;
        let certificate = found.and_then(|inspector| inspector.certificate_on(day).map(str::to_owned));
        all.push(Colleague { officer, certificate });
    }
    Ok(all)
}
