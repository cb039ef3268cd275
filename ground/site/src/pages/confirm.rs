//! It is still me: a fresh code or password before a sensitive power is used, and forms that were kept meanwhile.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::desk::Desk;
use crate::form::Form;
use crate::kept;
use crate::pages::own_address;
use crate::problem::{Answer, Problem};
use crate::routes::{ACCOUNT, Routes};
use crate::second_factor::prove;
use crate::sessions;

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
}

#[derive(Template)]
#[template(path = "kept.html")]
struct KeptPage<'a> {
    desk: &'a Desk,
    id: String,
    path: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

impl ConfirmationPage<'_> {
    fn lead(&self) -> String {
        let minutes = self.desk.house().authority.presence().minutes;
        self.desk.text_with("confirm-lead", "minutes", minutes)
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/confirm", ACCOUNT, form).post("/confirm", ACCOUNT, confirm).get(
        "/kept/{id}",
        ACCOUNT,
        kept,
    )
}

/// GET /confirm?next=… or ?kept=…
async fn form(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let values = Form::filled([("next", own_address(&asked.next)), ("kept-form", asked.kept.as_str())]);
    desk.page(&ConfirmationPage { desk: &desk, values: &values })
}

/// POST /confirm
async fn confirm(desk: Desk, form: Form) -> Answer {
    match prove(&desk, form.value("factor-code"), form.value("password")).await {
        Ok(()) => go_on(&desk, &form).await,
        Err(Problem::Refused(refusals)) => {
            let values = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
            desk.form_page(&values, &ConfirmationPage { desk: &desk, values: &values })
        }
        Err(problem) => Err(problem),
    }
}

/// Back to the page, or on with the form that waited: the browser sends what it has just sent to that address, and the
/// guard puts the kept form in its place (307 keeps the method, RFC 9110 §15.4.8).
async fn go_on(desk: &Desk, form: &Form) -> Answer {
    let (session, now) = (desk.inner().session.clone(), desk.house().wall.now());
    let (officer, id) = (desk.me().id.clone(), form.value("kept-form").to_owned());
    let kept = desk
        .keep(move |sql| {
            sessions::confirm(sql, &session, now)?;
            Ok::<_, Problem>(kept::find(sql, &id, &officer, now)?)
        })
        .await?;
    match kept {
        None => desk.go(own_address(form.value("next"))),
        Some(kept) => {
            let mut answer = desk.go(&kept.path)?;
            *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            Ok(answer)
        }
    }
}

/// GET /kept/{id}: what was typed when the session had ended, after signing in again.
async fn kept(desk: Desk, Path(id): Path<String>) -> Answer {
    let (officer, wanted, now) = (desk.me().id.clone(), id.clone(), desk.house().wall.now());
    let kept =
        desk.read(move |sql| Ok(kept::find(sql, &wanted, &officer, now)?)).await?.ok_or(Problem::Missing)?;
    desk.page(&KeptPage { desk: &desk, id, path: kept.path })
}
