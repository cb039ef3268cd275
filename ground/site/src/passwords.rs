//! Passwords: argon2id, rules a person can live with, one-time passwords to begin with.

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use ledger::Random;
use store::Sql;

use crate::problem::Refusal;

/// Memory in KiB and passes: the first choice of the OWASP password storage sheet for argon2id.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Least and most characters (NIST SP 800-63B §3.1.1.2 asks for 8 or more, no composition rules).
const SHORTEST: usize = 10;
const LONGEST: usize = 128;

/// What the table of credentials holds for an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// argon2id in PHC form.
    pub password: String,
    /// Whether it must be changed at the next sign-in.
    pub one_time: bool,
}

/// Hashes a password with a fresh salt; takes some 20 ms and 19 MiB, so never on an async thread.
///
/// # Errors
/// When there is no randomness or no memory.
pub fn hash(password: &str, random: &dyn Random) -> anyhow::Result<String> {
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let hash: PasswordHash = argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

/// Whether the password is the one of this hash.
///
/// # Errors
/// When the stored hash cannot be read.
pub fn verify(password: &str, hash: &str) -> anyhow::Result<bool> {
    let parsed = PasswordHash::new(hash).map_err(|error| anyhow!("stored hash: {error}"))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok())
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let parameters = Params::new(MEMORY, PASSES, 1, None).map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

/// Checks a password that an officer wants to have.
///
/// # Errors
/// Refused when it is too short, too long, one sign repeated, holds his login, or stands high in every list of guesses.
pub fn check(password: &str, login: &str) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Refusal::on("password", "password-refusal-short").with("least", SHORTEST));
    }
    if length > LONGEST {
        return Err(Refusal::on("password", "password-refusal-long").with("most", LONGEST));
    }
    let lower = password.to_lowercase();
    if lower.contains(&login.to_lowercase()) || is_plain(&lower) {
        return Err(Refusal::on("password", "password-refusal-plain"));
    }
    Ok(())
}

/// Words that begin most lists of guesses, with keyboard rows; a password is plain when little else remains beside them.
const GUESSES: &[&str] = &[
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "asdfghjkl",
    "zxcvbnm",
    "admin",
    "woaini",
    "letmein",
    "welcome",
    "iloveyou",
    "yancao",
    "zhuanmai",
    "1234567890",
    "0123456789",
    "123456789",
    "12345678",
    "123456",
    "abc123",
    "comity",
];

fn is_plain(lower: &str) -> bool {
    let mut rest = lower.to_owned();
    for guess in GUESSES {
        rest = rest.replace(guess, "");
    }
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    distinct.len() < 5 || rest.chars().count() < 5 && rest.len() < lower.len()
}

/// A password for the first sign-in: 16 signs that cannot be confused on paper, about 77 bits.
///
/// # Errors
/// When there is no randomness.
pub fn one_time(random: &dyn Random) -> anyhow::Result<String> {
    drawn(random, 16)
}

/// So many signs drawn at random, in groups of four; each has some 4.8 bits.
///
/// # Errors
/// When there is no randomness.
pub(crate) fn drawn(random: &dyn Random, signs: usize) -> anyhow::Result<String> {
    const SIGNS: &[u8; 28] = b"abcdefghjkmnpqrstuvwxyz23456";
    let (mut drawn, mut count) = (String::new(), 0);
    while count < signs {
        let mut byte = [0];
        random.fill(&mut byte)?;
        // 252 is the greatest multiple of 28 in a byte: the signs come out evenly.
        if byte[0] >= 252 {
            continue;
        }
        if count > 0 && count % 4 == 0 {
            drawn.push('-');
        }
        drawn.push(char::from(SIGNS[usize::from(byte[0]) % SIGNS.len()]));
        count += 1;
    }
    Ok(drawn)
}

/// Sets an officer's password.
///
/// # Errors
/// When the store refuses.
pub fn set(
    sql: &mut dyn Sql,
    officer: &str,
    hash: &str,
    one_time: bool,
    now: jiff::Timestamp,
) -> store::Result<()> {
    sql.execute(
        "insert into credentials (officer, password, one_time, changed) values ($1, $2, $3, $4)
         on conflict (officer) do update
         set password = excluded.password, one_time = excluded.one_time, changed = excluded.changed, used = 0",
        &[officer.into(), hash.into(), one_time.into(), now.as_microsecond().into()],
    )?;
    Ok(())
}

/// Whether an officer may sign in with what is stored: an own password always, a one-time password once, which this notes.
///
/// # Errors
/// When the store refuses.
pub fn spend(sql: &mut dyn Sql, officer: &str) -> store::Result<bool> {
    let text = "update credentials set used = 1 where officer = $1 and (one_time = 0 or used = 0)";
    Ok(sql.execute(text, &[officer.into()])? > 0)
}

/// What is stored for an officer.
///
/// # Errors
/// When the store cannot read.
pub fn find(sql: &mut dyn Sql, officer: &str) -> store::Result<Option<Credential>> {
    let row =
        sql.query_one("select password, one_time from credentials where officer = $1", &[officer.into()])?;
    row.map(|row| Ok(Credential { password: row.get(0)?, one_time: row.get(1)? })).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash("柳洲亭 walks at 6", &ledger::SystemRandom).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("柳洲亭 walks at 6", &stored).unwrap());
        assert!(!verify("柳洲亭 walks at 7", &stored).unwrap());
        assert!(verify("x", "no hash").is_err());
    }

    #[test]
    fn rules_name_what_is_wrong() {
        let key = |password| check(password, "zhangsan").err().map(|refusal| refusal.key);
        assert_eq!(key("short"), Some("password-refusal-short"));
        assert_eq!(key("Password1234"), Some("password-refusal-plain"));
        assert_eq!(key("zhangsan-2026"), Some("password-refusal-plain"));
        assert_eq!(key("aaaaaaaaaaaa"), Some("password-refusal-plain"));
        assert_eq!(key("three birds on wires"), None);
        assert_eq!(key("西塘烟雨长廊三月花开"), None);
    }

    #[test]
    fn one_time_passwords_have_four_groups_and_differ() {
        let first = one_time(&ledger::SystemRandom).unwrap();
        assert_eq!(first.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert_ne!(first, one_time(&ledger::SystemRandom).unwrap());
        assert_eq!(check(&first, "zhangsan"), Ok(()));
    }
}
