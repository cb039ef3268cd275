//! The second step of signing in: the password has held, but nothing opens before the code holds too.

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use crate::desk::{Desk, Held};
use crate::form::Form;
use crate::pages::own_address;
use crate::pages::sign_in::enter;
use crate::problem::{Answer, Problem};
use crate::routes::{ACCOUNT, Routes};
use crate::second_factor::prove;
use crate::sessions::{self, Token};

#[derive(Template)]
#[template(path = "second_factor/sign_in.html")]
struct CodePage<'a> {
    desk: &'a Desk,
    values: &'a Form,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/login/factor", ACCOUNT, form).post("/login/factor", ACCOUNT, sign_in)
}

/// GET /login/factor
async fn form(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    if desk.held() != Some(Held::Factor) {
        return desk.go("/");
    }
    let values = Form::filled([("next", own_address(&asked.next))]);
    desk.page(&CodePage { desk: &desk, values: &values })
}

/// POST /login/factor
async fn sign_in(desk: Desk, form: Form) -> Answer {
    if desk.held() != Some(Held::Factor) {
        return desk.go("/");
    }
    match prove(&desk, form.value("factor-code"), "").await {
        Ok(()) => enter(&desk, &open(&desk).await?, own_address(form.value("next"))),
        Err(Problem::Refused(refusals)) => {
            let values = form.refuse(&refusals, &desk.house().texts, desk.chosen_language());
            desk.form_page(&values, &CodePage { desk: &desk, values: &values })
        }
        Err(problem) => Err(problem),
    }
}

/// The whole session under a fresh token; the one that waited for the code ends.
async fn open(desk: &Desk) -> Result<Token, Problem> {
    let token = Token::fresh(&*desk.house().random)?;
    let (opened, officer, now) = (token.clone(), desk.me().id.clone(), desk.house().wall.now());
    let (waiting, inner) = (desk.inner().session.clone(), desk.inner());
    let (address, device) = (inner.address.clone(), inner.device.clone());
    desk.keep(move |sql| {
        sessions::end(sql, &officer, &waiting)?;
        sessions::open(sql, &opened, &officer, (&address, &device), now)?;
        sessions::confirm(sql, &opened.digest(), now)?;
        Ok::<_, Problem>(())
    })
    .await?;
    Ok(token)
}
