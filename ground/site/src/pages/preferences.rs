//! One click for language, theme and line spacing; kept in a cookie, the language also for the officer.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::cookies;
use crate::desk::Desk;
use crate::form::Form;
use crate::pages::own_address;
use crate::problem::{Answer, Problem};
use crate::text::Language;

const KNOWN: [(&str, &[&str]); 3] =
    [("language", &["zh-CN", "en"]), ("theme", &["auto", "light", "dark"]), ("density", &["roomy", "dense"])];

/// POST /preferences
pub(crate) async fn prefer(desk: Desk, headers: HeaderMap, form: Form) -> Answer {
    let mut response = answer(&desk, &headers, &form)?;
    for (name, values) in KNOWN {
        if values.contains(&form.value(name)) {
            let cookie = cookies::preference(name, form.value(name));
            cookies::set(&mut response, &desk.house().settings, &cookie)?;
        }
    }
    if let Some(language) = Language::from_tag(form.value("language")).filter(|_| !desk.me().is_visitor()) {
        keep(&desk, language).await?;
    }
    Ok(response)
}

fn answer(desk: &Desk, headers: &HeaderMap, form: &Form) -> Result<Response, Problem> {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.starts_with("application/json") {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    desk.go(own_address(form.value("back")))
}

async fn keep(desk: &Desk, language: Language) -> Result<(), Problem> {
    let officer = desk.me().id.clone();
    desk.keep(move |sql| {
        sql.execute(
            "insert into preferences (officer, language) values ($1, $2)
             on conflict (officer) do update set language = excluded.language",
            &[officer.into(), language.tag().into()],
        )?;
        Ok(())
    })
    .await
}
