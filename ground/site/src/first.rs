//! Accounts made at the machine: the first administrator, and the officers of the made-up region.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::{Actor, Ledger, Random};

use crate::officers::books;
use crate::officers::pages::record_appointment;
use crate::officers::{Appointment, Role};
use crate::passwords;
use crate::problem::{Problem, Refusal};
use crate::tables::migrate;

/// A new account: the officer's id and the password he signs in with first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub officer: String,
    pub login: String,
    pub password: String,
}

/// Appoints the first administrator and gives his one-time password, which is nowhere stored in the clear.
///
/// # Errors
/// Refused when there is an administrator already; he can appoint others.
pub fn first_administrator(
    ledger: &Arc<Ledger>,
    random: &dyn Random,
    login: &str,
    name: &str,
) -> Result<Account, Problem> {
    migrate(ledger.store())?;
    let facts = ledger.read(|sql| books::facts(sql, "", login))?;
    if facts.other_administrators > 0 {
        return Err(Refusal::new("officer-refusal-administrator-exists").into());
    }
    let appointment = Appointment {
        login: login.to_owned(),
        name: name.to_owned(),
        roles: BTreeSet::from([Role::Administrator]),
        territory: Vec::new(),
        team: String::new(),
    };
    let password = passwords::one_time(random)?;
    account(ledger, random, appointment, password, true)
}

/// Appoints an officer with a given password, by a command at the machine.
///
/// # Errors
/// Refused as an appointment is.
pub fn account(
    ledger: &Arc<Ledger>,
    random: &dyn Random,
    appointment: Appointment,
    password: String,
    one_time: bool,
) -> Result<Account, Problem> {
    migrate(ledger.store())?;
    let hash = passwords::hash(&password, random)?;
    let (id, login) = ledger.write(Actor::Command("appoint".to_owned()), move |writing| {
        let (id, login) = record_appointment(writing, &appointment, &hash)?;
        if !one_time {
            let now = writing.now();
            passwords::set(writing.sql(), &id.to_string(), &hash, false, now)?;
        }
        Ok::<_, Problem>((id, login))
    })?;
    Ok(Account { officer: id.to_string(), login, password })
}
