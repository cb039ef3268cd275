//! Sessions: an opaque token in a cookie, its hash in the table, gone after half an hour of rest or half a day.

use jiff::{SignedDuration, Timestamp};
use ledger::Random;
use sha2::{Digest, Sha256};
use store::{Sql, Value};

use crate::officers::{Officer, books};
use crate::second_factor::{self, Standing};

/// A session ends when nothing was asked for so long.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// A session ends so long after it was opened, whatever is asked.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);

/// A session whose password has held waits so long for the code of the second factor.
const WAITING: SignedDuration = SignedDuration::from_mins(10);

/// The row of an ended session stays so long after it was opened, so that what its officer has typed can be kept for him.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// `seen` is written at most once in this time, so that reading pages does not write.
const TOUCH: SignedDuration = SignedDuration::from_mins(1);

/// 256 random bits in hexadecimal, known to the browser alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh token.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn fresh(random: &dyn Random) -> anyhow::Result<Token> {
        let mut bytes = [0; 32];
        random.fill(&mut bytes)?;
        Ok(Token(hex::encode(bytes)))
    }

    /// Reads the token of a cookie.
    pub fn read(text: &str) -> Option<Token> {
        let well_formed = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| Token(text.to_owned()))
    }

    /// What the cookie holds.
    pub fn cookie(&self) -> &str {
        &self.0
    }

    /// What the table holds: whoever reads the table cannot sign in with it.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(format!("session {}", self.0)))
    }

    /// The token that a form must send back: bound to the session, useless for signing in.
    pub fn csrf(&self) -> String {
        hex::encode(Sha256::digest(format!("csrf {}", self.0)))
    }
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub digest: String,
    pub officer: Officer,
    /// Whether the officer must choose a password before anything else.
    pub one_time: bool,
    /// Whether `seen` ought to be written again.
    pub stale: bool,
    /// The language he chose, as a tag.
    pub language: Option<String>,
    /// When he last showed that it is he, by password or code.
    pub confirmed: Timestamp,
    /// Whether his password has held and the code of his second factor is still to come.
    pub waits: bool,
    pub factor: Standing,
}

/// One line of the device list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub digest: String,
    pub opened: Timestamp,
    pub seen: Timestamp,
    pub address: String,
    pub device: String,
}

/// Opens a session; of an officer with a second factor it waits to be confirmed by his code.
///
/// # Errors
/// When the store refuses.
pub fn open(
    sql: &mut dyn Sql,
    token: &Token,
    officer: &str,
    (address, device): (&str, &str),
    now: Timestamp,
) -> store::Result<()> {
    let at = now.as_microsecond();
    let confirmed = if second_factor::is_enrolled(sql, officer)? { 0 } else { at };
    sql.execute(
        "insert into sessions (digest, officer, opened, seen, address, device, confirmed) values ($1, $2, $3, $3, $4, $5, $6)",
        &[token.digest().into(), officer.into(), at.into(), address.into(), device.into(), confirmed.into()],
    )?;
    sweep(sql, now)
}

/// Notes that the officer of this session has shown anew that it is he.
///
/// # Errors
/// When the store refuses.
pub fn confirm(sql: &mut dyn Sql, digest: &str, now: Timestamp) -> store::Result<()> {
    let text = "update sessions set confirmed = $1 where digest = $2";
    sql.execute(text, &[now.as_microsecond().into(), digest.into()])?;
    Ok(())
}

/// The officer of a session that has ended by itself; none when he ended it, or when it had not been confirmed.
///
/// # Errors
/// When the store cannot read.
pub fn ended(sql: &mut dyn Sql, digest: &str) -> store::Result<Option<String>> {
    let row =
        sql.query_one("select officer from sessions where digest = $1 and confirmed > 0", &[digest.into()])?;
    row.map(|row| row.get(0)).transpose()
}

/// The open session of this token with its officer as he stands today; none when it has ended or he is gone.
///
/// # Errors
/// When the store cannot read.
pub fn find(
    sql: &mut dyn Sql,
    digest: &str,
    now: Timestamp,
    record: Timestamp,
) -> store::Result<Option<Session>> {
    let text = "select s.officer, s.seen, c.one_time, p.language, s.confirmed, s.opened, coalesce(f.enrolled, 0), coalesce(f.reset, 0)
                from sessions s join credentials c on c.officer = s.officer
                left join preferences p on p.officer = s.officer left join second_factors f on f.officer = s.officer
                where s.digest = $1 and s.seen > $2 and s.opened > $3";
    let [idle, absolute] = limits(now);
    let Some(row) = sql.query_one(text, &[digest.into(), idle, absolute])? else { return Ok(None) };
    let (confirmed, factor) = (row.get(4)?, second_factor::standing(row.get(6)?, row.get(7)?));
    let waits = confirmed == 0 && matches!(factor, Standing::Enrolled(_));
    if waits && row.get::<i64>(5)? <= before(now, WAITING) {
        return Ok(None);
    }
    // Certificates count on the day of the record, which a demonstration sets.
    let day = law::shanghai_day(record);
    let Some(officer) = books::in_office(sql, &row.get::<String>(0)?, day)? else { return Ok(None) };
    let rested = now.as_microsecond() - row.get::<i64>(1)?;
    Ok(Some(Session {
        digest: digest.to_owned(),
        officer,
        one_time: row.get(2)?,
        stale: i128::from(rested) * 1000 > TOUCH.as_nanos(),
        language: row.get(3)?,
        confirmed: Timestamp::from_microsecond(confirmed).unwrap_or(Timestamp::MIN),
        waits,
        factor,
    }))
}

/// Notes that something was asked.
///
/// # Errors
/// When the store refuses.
pub fn touch(sql: &mut dyn Sql, digest: &str, now: Timestamp) -> store::Result<()> {
    sql.execute(
        "update sessions set seen = $1 where digest = $2 and seen < $1",
        &[now.as_microsecond().into(), digest.into()],
    )?;
    Ok(())
}

/// Ends one session of this officer; another's is left alone.
///
/// # Errors
/// When the store refuses.
pub fn end(sql: &mut dyn Sql, officer: &str, digest: &str) -> store::Result<u64> {
    sql.execute("delete from sessions where digest = $1 and officer = $2", &[digest.into(), officer.into()])
}

/// Ends all sessions of an officer but one (empty for all).
///
/// # Errors
/// When the store refuses.
pub fn end_others(sql: &mut dyn Sql, officer: &str, keep: &str) -> store::Result<u64> {
    sql.execute("delete from sessions where officer = $1 and digest <> $2", &[officer.into(), keep.into()])
}

/// The open sessions of an officer, the latest first.
///
/// # Errors
/// When the store cannot read.
pub fn devices(sql: &mut dyn Sql, officer: &str, now: Timestamp) -> anyhow::Result<Vec<Device>> {
    let text = "select digest, opened, seen, address, device from sessions
                where officer = $1 and seen > $2 and opened > $3 order by seen desc, digest";
    let [idle, absolute] = limits(now);
    let rows = sql.query(text, &[officer.into(), idle, absolute])?;
    rows.iter()
        .map(|row| {
            Ok(Device {
                digest: row.get(0)?,
                opened: Timestamp::from_microsecond(row.get(1)?)?,
                seen: Timestamp::from_microsecond(row.get(2)?)?,
                address: row.get(3)?,
                device: row.get(4)?,
            })
        })
        .collect()
}

/// How many sessions are open.
///
/// # Errors
/// When the store cannot read.
pub fn count(sql: &mut dyn Sql, now: Timestamp) -> store::Result<i64> {
    let [idle, absolute] = limits(now);
    let row =
        sql.query_one("select count(*) from sessions where seen > $1 and opened > $2", &[idle, absolute])?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Forgets the sessions that have long ended.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sweep(sql: &mut dyn Sql, now: Timestamp) -> store::Result<()> {
    sql.execute("delete from sessions where opened <= $1", &[before(now, REMEMBERED).into()])?;
    Ok(())
}

/// The instants before which `seen` and `opened` mean that a session has ended.
fn limits(now: Timestamp) -> [Value; 2] {
    [IDLE, ABSOLUTE].map(|span| before(now, span).into())
}

fn before(now: Timestamp, span: SignedDuration) -> i64 {
    now.saturating_sub(span).unwrap_or(Timestamp::MIN).as_microsecond()
}
