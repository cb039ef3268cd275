//! Live updates: server-sent events that tell an officer which matters he may see have changed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use ledger::Header;
use serde::Serialize;
use store::Sql;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{BroadcastStream, WatchStream};
use tracing::{Instrument, Span};

use crate::desk::Desk;
use crate::officers::Officer;
use crate::problem::{Answer, Problem};
use crate::sessions;

/// What an event says: never more than names of matters the officer may open anyway.
#[derive(Debug, Default, Serialize)]
struct News {
    number: i64,
    kinds: Vec<String>,
    matters: Vec<String>,
}

/// The stream of one browser tab; it ends with the session and with the node.
pub(crate) async fn live(desk: Desk) -> Answer {
    let acts = BroadcastStream::new(desk.ledger().subscribe());
    let closing = WatchStream::from_changes(desk.house().closing.subscribe()).map(|_| Err(Problem::Missing));
    let request = Span::current();
    let told = acts.then(move |headers| {
        let desk = desk.clone();
        async move { news(&desk, headers.ok()).await }.instrument(request.clone())
    });
    let told = told.merge(closing);
    // A tab that fell behind is told to look again at everything; a failed read ends the stream and the browser calls anew.
    let events =
        told.take_while(Result::is_ok).filter_map(|told| told.ok().flatten()).map(Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(Duration::from_secs(20));
    Ok(first_wait(Sse::new(events).keep_alive(alive).into_response()))
}

fn first_wait(mut response: Response) -> Response {
    // Proxies must not hold events back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

async fn news(desk: &Desk, headers: Option<Arc<Vec<Header>>>) -> Result<Option<Event>, Problem> {
    let Some(headers) = headers else { return Ok(Some(event(&News::default())?)) };
    let asking = desk.clone();
    let now = desk.house().wall.now();
    let news = desk
        .read(move |sql| {
            let session = sessions::find(sql, &asking.inner().session, now, asking.now())?;
            let Some(session) = session else { return Err(Problem::Denied) };
            // As he stands now: the stream may be hours old, and his territory another.
            Ok(visible(&asking, &session.officer, sql, &headers)?)
        })
        .await?;
    if news.matters.is_empty() { Ok(None) } else { Ok(Some(event(&news)?)) }
}

fn visible(desk: &Desk, officer: &Officer, sql: &mut dyn Sql, headers: &[Header]) -> anyhow::Result<News> {
    let mut news = News::default();
    for header in headers {
        let Some((kind, subject)) = desk.house().subject(sql, &header.matter)? else { continue };
        if desk.house().authority.permits(officer, kind.power, &subject)? {
            news.number = header.number;
            news.kinds.push(header.kind.clone());
            news.matters.push(header.matter.to_string());
        }
    }
    news.matters.dedup();
    news.kinds.dedup();
    Ok(news)
}

fn event(news: &News) -> Result<Event, Problem> {
    let data = serde_json::to_string(news)?;
    Ok(Event::default().event("acts").id(news.number.to_string()).retry(Duration::from_secs(3)).data(data))
}
