//! Signing in and out.

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use crate::cookies;
use crate::desk::Desk;
use crate::form::Form;
use crate::officers::books::{self, OfficerLine};
use crate::pages::own_address;
use crate::passwords::{self, Credential};
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::{PUBLIC, Routes};
use crate::sessions::{self, Token};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/login", PUBLIC, form)
        .post("/login", PUBLIC, sign_in)
        .post("/logout", PUBLIC, sign_out)
}

/// GET /login
async fn form(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    if !desk.me().is_visitor() {
        return desk.go("/");
    }
    let values = Form::filled([("next", own_address(&asked.next))]);
    desk.page(&SignInPage { desk: &desk, values: &values })
}

/// POST /login
async fn sign_in(desk: Desk, form: Form) -> Answer {
    let login = form.value("login").to_lowercase();
    if let Some(seconds) = must_wait(&desk, &login) {
        return Err(Problem::Hurried(seconds));
    }
    match verified(&desk, &login, form.value("password")).await? {
        Some(officer) => open(&desk, &officer, own_address(form.value("next"))).await,
        None => {
            note_failure(&desk, &login);
            let refusal = Refusal::new("sign-in-refusal");
            let values = form.refuse(&[refusal], &desk.house().texts, desk.chosen_language());
            desk.form_page(&values, &SignInPage { desk: &desk, values: &values })
        }
    }
}

/// POST /logout
async fn sign_out(desk: Desk, _form: Form) -> Answer {
    let (officer, session) = (desk.me().id.clone(), desk.inner().session.clone());
    desk.keep(move |sql| Ok(sessions::end(sql, &officer, &session)?)).await?;
    let mut response = desk.go("/login")?;
    cookies::set(&mut response, &desk.house().settings, &cookies::no_session())?;
    Ok(response)
}

fn must_wait(desk: &Desk, login: &str) -> Option<u64> {
    let (house, now) = (desk.house(), desk.house().wall.now());
    house
        .account_failures
        .wait(login, now)
        .or_else(|| house.address_failures.wait(&desk.inner().address, now))
}

fn note_failure(desk: &Desk, login: &str) {
    let (house, now) = (desk.house(), desk.house().wall.now());
    house.account_failures.note(login, now);
    house.address_failures.note(&desk.inner().address, now);
}

/// The officer whose password this is. An unknown name costs as much time as a wrong password.
async fn verified(desk: &Desk, login: &str, password: &str) -> Result<Option<OfficerLine>, Problem> {
    let wanted = login.to_owned();
    let found = desk
        .read(move |sql| {
            let Some(officer) = books::find_login(sql, &wanted)?.filter(|officer| officer.active) else {
                return Ok(None);
            };
            let credential = passwords::find(sql, &officer.id)?;
            Ok::<_, Problem>(credential.map(|credential| (officer, credential)))
        })
        .await?;
    let (officer, credential) = match found {
        Some((officer, credential)) => (Some(officer), credential),
        None => (None, Credential { password: NOBODY.to_owned(), one_time: false }),
    };
    let holds = check_password(desk, password, credential.password).await?;
    Ok(officer.filter(|_| holds))
}

/// A hash of random bytes that were thrown away: nobody's password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$Ik9Zl0c2yXn5dS9aWmkmh0oO1kYwqkTzVvBv8Zr3PfE";

/// Checks a password; no more at a time than the machine has cores, or the brake itself would be the attack.
pub(crate) async fn check_password(desk: &Desk, password: &str, hash: String) -> Result<bool, Problem> {
    let _turn = desk.house().hashing.acquire().await.map_err(anyhow::Error::from)?;
    let password = password.to_owned();
    Ok(tokio::task::spawn_blocking(move || passwords::verify(&password, &hash)).await??)
}

/// Hashes a password, in the same queue.
pub(crate) async fn hash_password(desk: &Desk, password: &str) -> Result<String, Problem> {
    let _turn = desk.house().hashing.acquire().await.map_err(anyhow::Error::from)?;
    let (password, app) = (password.to_owned(), desk.app().clone());
    Ok(tokio::task::spawn_blocking(move || passwords::hash(&password, &*app.random)).await??)
}

/// Opens a session under a fresh token, whatever the browser brought along.
async fn open(desk: &Desk, officer: &OfficerLine, next: &str) -> Answer {
    let token = Token::fresh(&*desk.house().random)?;
    let (opened, id, now) = (token.clone(), officer.id.clone(), desk.house().wall.now());
    let (address, device) = (desk.inner().address.clone(), desk.inner().device.clone());
    let old = desk.inner().session.clone();
    desk.keep(move |sql| {
        sessions::end(sql, &id, &old)?;
        Ok(sessions::open(sql, &opened, &id, (&address, &device), now)?)
    })
    .await?;
    desk.house().account_failures.forget(&officer.login);
    let mut response = desk.go(next)?;
    cookies::set(&mut response, &desk.house().settings, &cookies::session(token.cookie()))?;
    Ok(response)
}
