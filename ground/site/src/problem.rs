//! What can stand between an officer and what he asked: a refusal ("may not"), a closed door, a missing page, a failure.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::text::Argument;

/// Why a command may not be done: a text key, the field it stands beside, and the values of the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key}")]
pub struct Refusal {
    /// Key of the text that gives the reason.
    pub key: &'static str,
    /// Name of the form field, empty for the whole form.
    pub field: &'static str,
    /// Values set into the text.
    pub arguments: Vec<(&'static str, Argument)>,
}

impl Refusal {
    /// A refusal of the whole command.
    pub fn new(key: &'static str) -> Refusal {
        Refusal::on("", key)
    }

    /// A refusal for what stands in one field.
    pub fn on(field: &'static str, key: &'static str) -> Refusal {
        Refusal { key, field, arguments: Vec::new() }
    }

    /// Adds a value for the text.
    pub fn with(mut self, name: &'static str, value: impl Into<Argument>) -> Refusal {
        self.arguments.push((name, value.into()));
        self
    }
}

/// What a handler answers: a response, or a problem whose page the shell draws.
pub type Answer = Result<Response, Problem>;

/// Everything that can go otherwise than asked.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The law or the state of the matter forbids it (422).
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// This officer has not the power, here or for this thing (403).
    #[error("denied")]
    Denied,
    /// A form that did not come from one of our own pages, or from one that was open too long (403).
    #[error("form not ours")]
    Forged,
    /// There is no such thing, or none this officer may know of (404).
    #[error("missing")]
    Missing,
    /// This very form was sent before, and is done (409).
    #[error("sent before")]
    Repeated,
    /// Too much at once (429); the number of seconds to wait.
    #[error("too many requests")]
    Hurried(u64),
    /// The request itself is not in order (400, 405, 413 …).
    #[error("request not in order: {0}")]
    Malformed(StatusCode),
    /// The machine could not (500); the page shows only the request's id.
    #[error("{0:#}")]
    Failed(anyhow::Error),
}

impl Problem {
    /// The HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::Denied | Problem::Forged => StatusCode::FORBIDDEN,
            Problem::Missing => StatusCode::NOT_FOUND,
            Problem::Repeated => StatusCode::CONFLICT,
            Problem::Hurried(_) => StatusCode::TOO_MANY_REQUESTS,
            Problem::Malformed(status) => *status,
            Problem::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Problem {
    /// The problem as an error of a command at the machine, where no page can be drawn.
    pub fn into_error(self) -> anyhow::Error {
        match self {
            Problem::Failed(error) => error,
            Problem::Refused(refusals) => {
                let keys: Vec<&str> = refusals.iter().map(|refusal| refusal.key).collect();
                anyhow::anyhow!("refused: {}", keys.join(", "))
            }
            other => anyhow::anyhow!("{other}"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Problem::Refused(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Problem {
    fn from(refusals: Vec<Refusal>) -> Self {
        Problem::Refused(refusals)
    }
}

macro_rules! failed_from {
    ($($source:ty),*) => {$(
        impl From<$source> for Problem {
            fn from(error: $source) -> Self {
                Problem::Failed(error.into())
            }
        }
    )*};
}

failed_from!(anyhow::Error, store::Error, ledger::Error, askama::Error, serde_json::Error, std::io::Error);

impl IntoResponse for Problem {
    /// A bare status that carries the problem; the shell, which knows language and layout, draws the page.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
