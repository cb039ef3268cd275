//! The second factor: a code of an authenticator program (TOTP), or one of ten recovery codes, asked for after the password.

pub(crate) mod enrolment;
mod picture;
pub(crate) mod sign_in;
mod stored;
mod totp;

pub(crate) use stored::{Standing, accept, is_enrolled, reset, standing};
pub use totp::Secret;

#[cfg(feature = "testing")]
pub(crate) use stored::secret;

use jiff::Timestamp;

use crate::desk::Desk;
use crate::pages::sign_in::note_failure;
use crate::passwords;
use crate::problem::{Problem, Refusal};

/// Whether the proof that he is the officer of this desk holds: a code where he has enrolled, else his password. It
/// counts as a try at the brake of his account, which guesses from inside a stolen session meet as well.
///
/// # Errors
/// Refused beside its field when it does not hold, `Problem::Hurried` after too many tries.
pub(crate) async fn prove(desk: &Desk, code: &str, password: &str) -> Result<(), Problem> {
    let (officer, now) = (desk.me().id.clone(), desk.house().wall.now());
    let key = format!("prove {officer}");
    desk.house().account_failures.begin(&key, now).map_err(Problem::Hurried)?;
    let held = match desk.is_enrolled() {
        true => prove_by_code(desk, code, now).await,
        false => prove_by_password(desk, password).await,
    };
    if let Err(Problem::Refused(_)) = &held {
        note_failure(desk, key, now).await?;
        return held;
    }
    desk.house().account_failures.take_back(&key, now);
    held
}

async fn prove_by_code(desk: &Desk, code: &str, now: Timestamp) -> Result<(), Problem> {
    let (officer, code) = (desk.me().id.clone(), code.to_owned());
    let holds = desk.keep(move |sql| Ok::<_, Problem>(accept(sql, &officer, &code, now)?)).await?;
    if holds { Ok(()) } else { Err(Refusal::on("factor-code", "factor-refusal-code").into()) }
}

async fn prove_by_password(desk: &Desk, password: &str) -> Result<(), Problem> {
    let officer = desk.me().id.clone();
    let stored = desk.read(move |sql| Ok::<_, Problem>(passwords::find(sql, &officer)?)).await?;
    let stored = stored.ok_or(Problem::Missing)?;
    let holds = crate::pages::sign_in::check_password(desk, password, stored.password).await?;
    if holds { Ok(()) } else { Err(Refusal::on("password", "password-refusal-current").into()) }
}
