//! My account: devices that are signed in, and my password.

use askama::Template;

use crate::desk::{Desk, Held};
use crate::form::Form;
use crate::officers::books;
use crate::pages::sign_in::{check_password, hash_password, note_failure};
use crate::passwords;
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::{ACCOUNT, Routes};
use crate::sessions::{self, Device};

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage<'a> {
    desk: &'a Desk,
    devices: Vec<Device>,
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
}

impl AccountPage<'_> {
    fn is_this(&self, device: &Device) -> bool {
        device.digest == self.desk.inner().session
    }
}

impl PasswordPage<'_> {
    fn is_forced(&self) -> bool {
        self.desk.held() == Some(Held::Password)
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/account", ACCOUNT, account)
        .post("/account/devices", ACCOUNT, end_device)
        .get("/account/password", ACCOUNT, password)
        .post("/account/password", ACCOUNT, change_password)
}

/// GET /account
async fn account(desk: Desk) -> Answer {
    let (officer, now) = (desk.me().id.clone(), desk.house().wall.now());
    let devices = desk.read(move |sql| Ok(sessions::devices(sql, &officer, now)?)).await?;
    desk.page(&AccountPage { desk: &desk, devices })
}

/// POST /account/devices
async fn end_device(desk: Desk, form: Form) -> Answer {
    let (officer, digest) = (desk.me().id.clone(), form.value("digest").to_owned());
    desk.keep(move |sql| Ok(sessions::end(sql, &officer, &digest)?)).await?;
    desk.go_with_notice("/account", "account-device-ended")
}

/// GET /account/password
async fn password(desk: Desk) -> Answer {
    desk.page(&PasswordPage { desk: &desk, values: &Form::empty() })
}

/// POST /account/password
async fn change_password(desk: Desk, form: Form) -> Answer {
    match changed(&desk, &form).await {
        Ok(()) => desk.go_with_notice("/account", "account-password-changed"),
        Err(Problem::Refused(refusals)) => {
            let values = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
            desk.form_page(&values, &PasswordPage { desk: &desk, values: &values })
        }
        Err(problem) => Err(problem),
    }
}

async fn changed(desk: &Desk, form: &Form) -> Result<(), Problem> {
    let (officer, session, now) =
        (desk.me().id.clone(), desk.inner().session.clone(), desk.house().wall.now());
    let id = officer.clone();
    let stored =
        desk.read(move |sql| Ok::<_, Problem>((books::find(sql, &id)?, passwords::find(sql, &id)?))).await?;
    let (Some(line), Some(credential)) = stored else { return Err(Problem::Missing) };
    // A stolen session must not be a way to guess the password: the same brake as at the door.
    let key = format!("change {officer}");
    desk.house().account_failures.begin(&key, now).map_err(Problem::Hurried)?;
    if !check_password(desk, form.value("current"), credential.password).await? {
        note_failure(desk, key, now).await?;
        return Err(Refusal::on("current", "password-refusal-current").into());
    }
    desk.house().account_failures.take_back(&key, now);
    let chosen = chosen(form, &line.login)?;
    let hash = hash_password(desk, &chosen).await?;
    desk.keep(move |sql| {
        passwords::set(sql, &officer, &hash, false, now)?;
        sessions::end_others(sql, &officer, &session)?;
        Ok(())
    })
    .await
}

fn chosen(form: &Form, login: &str) -> Result<String, Refusal> {
    let chosen = form.value("password");
    passwords::check(chosen, login)?;
    if chosen == form.value("current") {
        return Err(Refusal::on("password", "password-refusal-same"));
    }
    if chosen != form.value("again") {
        return Err(Refusal::on("again", "password-refusal-again"));
    }
    Ok(chosen.to_owned())
}
