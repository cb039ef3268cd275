//! Error pages in the officer's language, without internals: a failure shows only the id under which the log knows it.

use std::io;
use std::sync::Arc;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::desk::Desk;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    desk: &'a Desk,
    title: String,
    advice: String,
    reasons: Vec<String>,
}

/// A response as it may leave: a bare error becomes a page.
pub(crate) fn drawn(desk: &Desk, response: Response) -> Response {
    let status = response.status();
    if response.headers().contains_key("hx-redirect") {
        return response;
    }
    if let Some(problem) = response.extensions().get::<Arc<Problem>>() {
        return draw(desk, problem);
    }
    let is_bare = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if (status.is_client_error() || status.is_server_error()) && is_bare {
        return draw(desk, &Problem::Malformed(status));
    }
    response
}

/// The page of a problem.
pub(crate) fn draw(desk: &Desk, problem: &Problem) -> Response {
    let status = problem.status();
    if let Problem::Failed(error) = problem {
        tracing::error!("{}", told(error));
    }
    let word = word(problem);
    let page = ErrorPage {
        desk,
        title: desk.text(&format!("error-{word}")),
        advice: advice(desk, problem, word),
        reasons: reasons(desk, problem),
    };
    let mut response = desk.page_with(status, &page).unwrap_or_else(|_| bare(status));
    if let Problem::Hurried(seconds) = problem {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// A status and nothing else, for when not even a page can be drawn.
pub(crate) fn bare(status: StatusCode) -> Response {
    (status, status.canonical_reason().unwrap_or_default()).into_response()
}

fn word(problem: &Problem) -> &'static str {
    match problem {
        Problem::Refused(_) => "refused",
        Problem::Denied => "denied",
        Problem::Forged => "forged",
        Problem::Missing => "missing",
        Problem::Repeated => "repeated",
        Problem::Hurried(_) => "hurried",
        Problem::Malformed(StatusCode::PAYLOAD_TOO_LARGE) => "large",
        Problem::Malformed(status) if status.is_server_error() => "failed",
        Problem::Malformed(StatusCode::NOT_FOUND) => "missing",
        Problem::Malformed(_) => "malformed",
        Problem::Failed(error) if is_doubtful(error) => "doubtful",
        Problem::Failed(error) if is_full(error) => "full",
        Problem::Failed(_) => "failed",
    }
}

/// Whether the store itself cannot say if the command took effect.
fn is_doubtful(error: &anyhow::Error) -> bool {
    matches!(of_store(error), Some(store::Error::Doubtful(_) | store::Error::Lost(_)))
}

/// Whether the database or a file found no room on the disk.
fn is_full(error: &anyhow::Error) -> bool {
    let no_room = |error: &io::Error| error.kind() == io::ErrorKind::StorageFull;
    matches!(of_store(error), Some(store::Error::Full(_)))
        || error.chain().any(|cause| cause.downcast_ref().is_some_and(no_room))
}

/// What the log says of a failure. The message of a panic is left out: it may quote what was typed.
fn told(error: &anyhow::Error) -> String {
    match of_store(error) {
        Some(store::Error::Panicked(_)) => {
            "the command panicked; a line before this one names the place".to_owned()
        }
        _ => format!("{error:#}"),
    }
}

fn of_store(error: &anyhow::Error) -> Option<&store::Error> {
    error.chain().find_map(|cause| match cause.downcast_ref::<ledger::Error>() {
        // It is transparent: the store's error does not stand in the chain by itself.
        Some(ledger::Error::Store(inner)) => Some(inner),
        _ => cause.downcast_ref(),
    })
}

fn advice(desk: &Desk, problem: &Problem, word: &str) -> String {
    match problem {
        Problem::Hurried(seconds) => desk.text_with("error-hurried-advice", "seconds", *seconds),
        _ => desk.text(&format!("error-{word}-advice")),
    }
}

fn reasons(desk: &Desk, problem: &Problem) -> Vec<String> {
    let Problem::Refused(refusals) = problem else { return Vec::new() };
    refusals.iter().map(|refusal| desk.text_args(refusal.key, &refusal.arguments)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_which_nobody_knows_whether_it_took_effect_has_words_of_its_own() {
        let doubtful = || store::Error::Doubtful("COMMIT".to_owned());
        assert_eq!(word(&doubtful().into()), "doubtful");
        assert_eq!(word(&ledger::Error::Store(doubtful()).into()), "doubtful");
        assert_eq!(word(&Problem::Failed(anyhow::Error::from(doubtful()).context("recording"))), "doubtful");
        assert_eq!(word(&store::Error::Lost("gone".to_owned()).into()), "doubtful");
        assert_eq!(word(&store::Error::Group("broken".to_owned()).into()), "failed");
    }

    #[test]
    fn a_full_disk_has_words_of_its_own_wherever_it_was_found() {
        let full = || store::Error::Full("disk".to_owned());
        assert_eq!(word(&ledger::Error::Store(full()).into()), "full");
        let book = ledger::Error::Book { book: "licences", number: 7, source: full().into() };
        assert_eq!(word(&book.into()), "full");
        assert_eq!(word(&io::Error::from(io::ErrorKind::StorageFull).into()), "full");
        assert_eq!(word(&io::Error::from(io::ErrorKind::NotFound).into()), "failed");
    }
}
