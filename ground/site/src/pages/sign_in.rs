//! Signing in and out.

use askama::Template;
use axum::extract::Query;
use jiff::Timestamp;
use serde::Deserialize;

use crate::blocking::blocking;
use crate::cookies;
use crate::desk::Desk;
use crate::form::Form;
use crate::officers::books::{self, OfficerLine};
use crate::pages::own_address;
use crate::passwords::{self, Credential};
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::{PUBLIC, Routes};
use crate::second_factor;
use crate::sessions::{self, Token};
use crate::throttle;

/// No login is longer, so that nobody fills the memory of the brakes with names.
const LONGEST_LOGIN: usize = 64;

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
    if login.len() > LONGEST_LOGIN {
        return refuse(&desk, form, "sign-in-refusal");
    }
    let begun = desk.house().wall.now();
    begin(&desk, &login, begun).map_err(Problem::Hurried)?;
    match verified(&desk, &login, form.value("password")).await? {
        Some(officer) => {
            desk.house().address_failures.take_back(&desk.inner().network, begun);
            desk.house().account_failures.forget(&officer.login);
            match open(&desk, &officer).await? {
                Some(token) => go_on(&desk, &officer, &token, own_address(form.value("next"))).await,
                None => refuse(&desk, form, "sign-in-refusal-used"),
            }
        }
        None => {
            let (account, address) = (login.clone(), desk.inner().network.clone());
            desk.keep(move |sql| {
                throttle::note(sql, throttle::ADDRESS, &address, begun)?;
                Ok::<_, Problem>(throttle::note(sql, throttle::ACCOUNT, &account, begun)?)
            })
            .await?;
            refuse(&desk, form, "sign-in-refusal")
        }
    }
}

fn refuse(desk: &Desk, form: Form, key: &'static str) -> Answer {
    let refusal = Refusal::new(key);
    let values = form.refuse(&[refusal], &desk.house().texts, desk.chosen_language());
    desk.form_page(&values, &SignInPage { desk, values: &values })
}

/// Notes the try as failed before it is judged, or else many at once would all be judged before the first is noted.
///
/// The address goes first: one that is held up fills no memory with names it makes up.
fn begin(desk: &Desk, login: &str, now: Timestamp) -> Result<(), u64> {
    let (house, network) = (desk.house(), &desk.inner().network);
    house.address_failures.begin(network, now)?;
    house.account_failures.begin(login, now).inspect_err(|_| house.address_failures.take_back(network, now))
}

/// Writes down that a proof of who he is has failed.
pub(crate) async fn note_failure(desk: &Desk, key: String, begun: Timestamp) -> Result<(), Problem> {
    desk.keep(move |sql| Ok::<_, Problem>(throttle::note(sql, throttle::ACCOUNT, &key, begun)?)).await
}

/// POST /logout
async fn sign_out(desk: Desk, _form: Form) -> Answer {
    let (officer, session) = (desk.me().id.clone(), desk.inner().session.clone());
    desk.keep(move |sql| Ok(sessions::end(sql, &officer, &session)?)).await?;
    let mut response = desk.go("/login")?;
    cookies::set(&mut response, &desk.house().settings, &cookies::no_session())?;
    Ok(response)
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
    Ok(blocking("password", move || passwords::verify(&password, &hash)).await??)
}

/// Hashes a password, in the same queue.
pub(crate) async fn hash_password(desk: &Desk, password: &str) -> Result<String, Problem> {
    let _turn = desk.house().hashing.acquire().await.map_err(anyhow::Error::from)?;
    let (password, app) = (password.to_owned(), desk.app().clone());
    Ok(blocking("password", move || passwords::hash(&password, &*app.random)).await??)
}

/// Opens a session under a fresh token, whatever the browser brought along; none when his one-time password is spent.
async fn open(desk: &Desk, officer: &OfficerLine) -> Result<Option<Token>, Problem> {
    let token = Token::fresh(&*desk.house().random)?;
    let (opened, id, now) = (token.clone(), officer.id.clone(), desk.house().wall.now());
    let (address, device) = (desk.inner().address.clone(), desk.inner().device.clone());
    // Whoever was signed in here before: his session ends, under his own name.
    let (before, old) = (desk.me().id.clone(), desk.inner().session.clone());
    let login = officer.login.clone();
    desk.keep(move |sql| {
        throttle::strike(sql, &login)?;
        // In the browser that has spent the password he may go on until he has chosen his own.
        if !passwords::spend(sql, &id)? && before != id {
            return Ok(None);
        }
        sessions::end(sql, &before, &old)?;
        sessions::open(sql, &opened, &id, (&address, &device), now)?;
        Ok(Some(opened))
    })
    .await
}

/// To the page he wanted; with a second factor to its code first.
async fn go_on(desk: &Desk, officer: &OfficerLine, token: &Token, next: &str) -> Answer {
    let id = officer.id.clone();
    if desk.read(move |sql| Ok::<_, Problem>(second_factor::is_enrolled(sql, &id)?)).await? {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        return enter(desk, token, &format!("/login/factor?next={next}"));
    }
    enter(desk, token, next)
}

/// Gives the browser its session and goes on.
pub(crate) fn enter(desk: &Desk, token: &Token, next: &str) -> Answer {
    let mut response = desk.go(next)?;
    cookies::set(&mut response, &desk.house().settings, &cookies::session(token.cookie()))?;
    Ok(response)
}
