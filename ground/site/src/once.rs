//! A form that comes twice is done once: the second sender gets the answer of the first.
//!
//! Each page gives its forms a mark of their own. The act itself notes the mark in its transaction, so that nothing is
//! done twice even when the node stopped in between; the answers lie in memory for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::Sql;
use tokio::sync::OnceCell;

use crate::form::Form;
use crate::problem::Problem;

/// So long an answer is given again.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// Longer answers are not kept; what they answered is still done only once.
const LONGEST: u64 = 256 * 1024;

/// Answers kept at most; of more the oldest go.
const MOST: usize = 2_000;

/// No session lives so long, and with it die the marks of its forms.
const MARKED: SignedDuration = SignedDuration::from_hours(24);

/// What was sent: the form of one page of one session, with all that was filled in. None when it bears no mark, as that
/// of a program that keeps a token for many commands.
pub(crate) fn key(session: &str, path: &str, form: &Form) -> anyhow::Result<Option<String>> {
    if !form.value("csrf").contains('.') {
        return Ok(None);
    }
    Ok(Some(digest(&(session, path, form))?))
}

/// What was sent when a form that had been kept comes back: it can come once.
pub(crate) fn key_of_kept(id: &str) -> anyhow::Result<String> {
    digest(&("kept", id))
}

fn digest(parts: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(parts)?)))
}

/// Notes in the transaction of its act that this form was sent.
///
/// # Errors
/// `Problem::Repeated` when it was sent before.
pub(crate) fn note(sql: &mut dyn Sql, key: &str, now: Timestamp) -> Result<(), Problem> {
    let text = "insert into sent_forms (digest, sent) values ($1, $2) on conflict (digest) do nothing";
    match sql.execute(text, &[key.into(), now.as_microsecond().into()])? {
        0 => Err(Problem::Repeated),
        _ => Ok(()),
    }
}

/// Forgets the forms whose sessions have long ended.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sweep(sql: &mut dyn Sql, now: Timestamp) -> store::Result<()> {
    let oldest = now.saturating_sub(MARKED).unwrap_or(Timestamp::MIN).as_microsecond();
    sql.execute("delete from sent_forms where sent <= $1", &[oldest.into()])?;
    Ok(())
}

/// The answers given of late, by what was sent.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<String, Slot>>);

struct Slot {
    at: Timestamp,
    answer: Arc<OnceCell<Answer>>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answers {
    /// Runs the command unless it was run before; one that comes while the first still runs waits for its answer. Only an
    /// answer to something done is kept: what was refused or failed may be tried again.
    pub(crate) async fn once(
        &self,
        key: String,
        now: Timestamp,
        run: impl Future<Output = Response>,
    ) -> Response {
        let slot = self.slot(key, now);
        let mut own = None;
        let kept = slot.get_or_try_init(|| async {
            let (answer, response) = keep(run.await).await?;
            own = Some(response);
            Ok::<_, Response>(answer)
        });
        match kept.await {
            Ok(answer) => own.unwrap_or_else(|| answer.response()),
            Err(response) => response,
        }
    }

    fn slot(&self, key: String, now: Timestamp) -> Arc<OnceCell<Answer>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| now.duration_since(slot.at) < REMEMBERED);
        if slots.len() >= MOST
            && let Some(oldest) = slots.iter().min_by_key(|(_, slot)| slot.at).map(|(key, _)| key.clone())
        {
            slots.remove(&oldest);
        }
        let fresh = || Slot { at: now, answer: Arc::default() };
        Arc::clone(&slots.entry(key).or_insert_with(fresh).answer)
    }
}

impl Answer {
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The answer to be kept and the same to be sent; or only the latter, when it is not to be kept.
async fn keep(response: Response) -> Result<(Answer, Response), Response> {
    let is_short = response.body().size_hint().upper().is_some_and(|bytes| bytes <= LONGEST);
    if response.status().is_client_error() || response.status().is_server_error() || !is_short {
        return Err(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Err(crate::errors::bare(StatusCode::INTERNAL_SERVER_ERROR));
    };
    let answer = Answer { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
    Ok((answer, Response::from_parts(parts, Body::from(body))))
}
