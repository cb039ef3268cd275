//! Figures for Prometheus: requests by route and status, their time, acts and sessions.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, header};
use axum::response::IntoResponse;

use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::sessions;

/// Upper bounds of the time buckets, in milliseconds.
const BOUNDS: [u64; 8] = [5, 10, 25, 50, 100, 250, 1000, 5000];

/// What was counted since the node started.
#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    times: Mutex<Times>,
}

#[derive(Default, Clone, Copy)]
struct Times {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    microseconds: u128,
}

impl Metrics {
    pub(crate) fn count(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((known_method(method).to_owned(), route.to_owned(), status)).or_default() += 1;
        drop(requests);
        self.times.lock().unwrap_or_else(PoisonError::into_inner).add(took);
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "# HELP comity_requests_total Requests answered.\n# TYPE comity_requests_total counter"
        )?;
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), count) in &*requests {
            writeln!(
                text,
                "comity_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            )?;
        }
        self.times.lock().unwrap_or_else(PoisonError::into_inner).write(text)
    }
}

impl Times {
    fn add(&mut self, took: Duration) {
        for (bucket, bound) in self.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(took <= Duration::from_millis(bound));
        }
        self.count += 1;
        self.microseconds += took.as_micros();
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        const NAME: &str = "comity_request_seconds";
        writeln!(text, "# HELP {NAME} Time to answer.\n# TYPE {NAME} histogram")?;
        for (bucket, bound) in self.buckets.iter().zip(BOUNDS) {
            writeln!(text, "{NAME}_bucket{{le=\"{}.{:03}\"}} {bucket}", bound / 1000, bound % 1000)?;
        }
        let (seconds, rest) = (self.microseconds / 1_000_000, self.microseconds % 1_000_000);
        writeln!(
            text,
            "{NAME}_bucket{{le=\"+Inf\"}} {0}\n{NAME}_count {0}\n{NAME}_sum {seconds}.{rest:06}",
            self.count
        )
    }
}

/// Methods are counted by name only where they are ours: a foreign word must not become a label.
pub(crate) fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}

/// The figures as Prometheus reads them: what was counted here, and how the node fares.
pub(crate) async fn metrics(desk: Desk) -> Answer {
    let now = desk.house().wall.now();
    let (sessions, acts) = desk
        .read(move |sql| {
            let acts = sql.query_one("select count(*) from acts", &[])?.map_or(Ok(0), |row| row.get(0))?;
            Ok::<(i64, i64), Problem>((sessions::count(sql, now)?, acts))
        })
        .await?;
    let mut text = String::new();
    desk.house().metrics.write(&mut text).map_err(anyhow::Error::from)?;
    let gauges = format!(
        "# TYPE comity_acts gauge\ncomity_acts {acts}\n# TYPE comity_sessions gauge\ncomity_sessions {sessions}\n"
    );
    text.push_str(&gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// Whether the node can read its store; nothing else is told.
pub(crate) async fn health(desk: Desk) -> Answer {
    desk.read(|sql| Ok::<_, Problem>(sql.query_one("select 1", &[])?.is_some())).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"healthy":true}"#).into_response())
}
