//! Second factors in the site's own tables, beside the password hashes: never in acts, in the log or in backups of the record.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::Sql;

use crate::second_factor::totp::Secret;

/// How an officer stands with his second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// He has none.
    #[default]
    None,
    /// He enrolled at this instant.
    Enrolled(Timestamp),
    /// Two others took it away at this instant; he is told until he enrols anew or says that he has seen it.
    Reset(Timestamp),
}

/// All that is stored, for his own page.
pub(crate) struct Factor {
    pub standing: Standing,
    /// The secret that he was shown and has not yet answered with a code.
    pub offered: Option<Secret>,
    /// Recovery codes not yet used.
    pub codes: i64,
}

/// # Errors
/// When the store cannot read.
pub(crate) fn find(sql: &mut dyn Sql, officer: &str) -> anyhow::Result<Factor> {
    let row = sql.query_one(
        "select offered, enrolled, reset from second_factors where officer = $1",
        &[officer.into()],
    )?;
    let codes = sql.query_one("select count(*) from recovery_codes where officer = $1", &[officer.into()])?;
    let codes = codes.map_or(Ok(0), |row| row.get(0))?;
    let Some(row) = row else { return Ok(Factor { standing: Standing::None, offered: None, codes }) };
    Ok(Factor {
        standing: standing(row.get(1)?, row.get(2)?),
        offered: Secret::read(&row.get::<String>(0)?),
        codes,
    })
}

/// How he stands, from the two instants of his row in microseconds; 0 for none.
pub(crate) fn standing(enrolled: i64, reset: i64) -> Standing {
    let instant = |at| Timestamp::from_microsecond(at).unwrap_or(Timestamp::MIN);
    match (enrolled, reset) {
        (0, 0) => Standing::None,
        (0, reset) => Standing::Reset(instant(reset)),
        (enrolled, _) => Standing::Enrolled(instant(enrolled)),
    }
}

/// # Errors
/// When the store cannot read.
pub(crate) fn is_enrolled(sql: &mut dyn Sql, officer: &str) -> store::Result<bool> {
    let text = "select 1 from second_factors where officer = $1 and enrolled > 0";
    Ok(sql.query_one(text, &[officer.into()])?.is_some())
}

/// Keeps the secret that he is shown; what he had stays in force until he answers.
///
/// # Errors
/// When the store refuses.
pub(crate) fn offer(sql: &mut dyn Sql, officer: &str, secret: &Secret) -> store::Result<()> {
    sql.execute(
        "insert into second_factors (officer, secret, offered, step, enrolled, reset) values ($1, '', $2, 0, 0, 0)
         on conflict (officer) do update set offered = excluded.offered",
        &[officer.into(), secret.text().into()],
    )?;
    Ok(())
}

/// Puts the offered secret in force if this is its code.
///
/// # Errors
/// When the store refuses.
pub(crate) fn enrol(sql: &mut dyn Sql, officer: &str, code: &str, now: Timestamp) -> anyhow::Result<bool> {
    let Some(offered) = find(sql, officer)?.offered else { return Ok(false) };
    let Some(step) = offered.step_of(&plain(code), now) else { return Ok(false) };
    sql.execute(
        "update second_factors set secret = offered, offered = '', step = $1, enrolled = $2, reset = 0 where officer = $3",
        &[step.into(), now.as_microsecond().into(), officer.into()],
    )?;
    Ok(true)
}

/// Whether this is a code of his authenticator that was not used before, or one of his recovery codes, which is then spent.
///
/// # Errors
/// When the store refuses.
pub(crate) fn accept(sql: &mut dyn Sql, officer: &str, code: &str, now: Timestamp) -> anyhow::Result<bool> {
    let code = plain(code);
    let Some(secret) = secret(sql, officer)? else { return Ok(false) };
    if let Some(step) = secret.step_of(&code, now) {
        // The same code does not open twice (RFC 6238 §5.2), nor an older one.
        let text = "update second_factors set step = $1 where officer = $2 and step < $1";
        return Ok(sql.execute(text, &[step.into(), officer.into()])? > 0);
    }
    let text = "delete from recovery_codes where officer = $1 and digest = $2";
    Ok(sql.execute(text, &[officer.into(), digest(&code).into()])? > 0)
}

/// The secret in force; none before he has enrolled.
///
/// # Errors
/// When the store cannot read.
pub(crate) fn secret(sql: &mut dyn Sql, officer: &str) -> anyhow::Result<Option<Secret>> {
    let text = "select secret from second_factors where officer = $1 and enrolled > 0";
    let row = sql.query_one(text, &[officer.into()])?;
    Ok(row.map(|row| row.get::<String>(0)).transpose()?.and_then(|text| Secret::read(&text)))
}

/// Gives him these recovery codes in place of those he had. Each has some 115 bits, so a plain digest hides it.
///
/// # Errors
/// When the store refuses.
pub(crate) fn give_codes(sql: &mut dyn Sql, officer: &str, codes: &[String]) -> store::Result<()> {
    sql.execute("delete from recovery_codes where officer = $1", &[officer.into()])?;
    for code in codes {
        let text = "insert into recovery_codes (officer, digest) values ($1, $2)";
        sql.execute(text, &[officer.into(), digest(&plain(code)).into()])?;
    }
    Ok(())
}

/// Takes the factor away as he himself wishes; also what he was told of a reset.
///
/// # Errors
/// When the store refuses.
pub(crate) fn remove(sql: &mut dyn Sql, officer: &str) -> store::Result<()> {
    sql.execute("delete from recovery_codes where officer = $1", &[officer.into()])?;
    sql.execute("delete from second_factors where officer = $1", &[officer.into()])?;
    Ok(())
}

/// Takes a lost factor away, and notes that he must be told.
///
/// # Errors
/// When the store refuses.
pub(crate) fn reset(sql: &mut dyn Sql, officer: &str, now: Timestamp) -> store::Result<()> {
    remove(sql, officer)?;
    sql.execute(
        "insert into second_factors (officer, secret, offered, step, enrolled, reset) values ($1, '', '', 0, 0, $2)",
        &[officer.into(), now.as_microsecond().into()],
    )?;
    Ok(())
}

/// A code as it was meant: without the spaces and hyphens that make it readable.
fn plain(code: &str) -> String {
    code.chars().filter(|sign| sign.is_ascii_alphanumeric()).map(|sign| sign.to_ascii_lowercase()).collect()
}

fn digest(code: &str) -> String {
    hex::encode(Sha256::digest(format!("recovery {code}")))
}
