//! Figures for Prometheus: requests by route and status, their time, acts and sessions.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, header};
use axum::response::IntoResponse;
use jiff::Timestamp;

use crate::desk::Desk;
use crate::operation::Condition;
use crate::problem::{Answer, Problem};

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
    let condition = desk.blocking(|desk| Condition::of(desk.house())).await?;
    let mut text = String::new();
    desk.house().metrics.write(&mut text).map_err(anyhow::Error::from)?;
    write_condition(&mut text, &condition).map_err(anyhow::Error::from)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

fn write_condition(text: &mut String, condition: &Condition) -> std::fmt::Result {
    let gauges = [
        ("comity_acts", Some(condition.acts)),
        ("comity_sessions", Some(condition.sessions)),
        ("comity_writer_waiting", Some(condition.written.waiting)),
        ("comity_database_bytes", Some(condition.size.database)),
        ("comity_write_ahead_log_bytes", condition.size.log),
        ("comity_disk_free_bytes", Some(condition.free)),
        ("comity_checkpoint_timestamp_seconds", condition.recorded.map(seconds)),
        ("comity_backup_timestamp_seconds", condition.backup.taken().map(seconds)),
    ];
    for (name, value) in gauges {
        if let Some(value) = value {
            writeln!(text, "# TYPE {name} gauge\n{name} {value}")?;
        }
    }
    let counters = [
        ("comity_commands_total", condition.written.commands),
        ("comity_commits_total", condition.written.commits),
    ];
    for (name, value) in counters {
        writeln!(text, "# TYPE {name} counter\n{name} {value}")?;
    }
    writeln!(text, "# TYPE comity_chore_failing gauge\n# TYPE comity_chore_timestamp_seconds gauge")?;
    for (chore, fare) in &condition.chores {
        let label = format!("{{chore=\"{}\"}}", chore.name);
        writeln!(text, "comity_chore_failing{label} {}", fare.failing)?;
        if let Some(ended) = fare.ended {
            writeln!(text, "comity_chore_timestamp_seconds{label} {}", seconds(ended))?;
        }
    }
    Ok(())
}

fn seconds(instant: Timestamp) -> u64 {
    instant.as_second().max(0).unsigned_abs()
}

/// Whether the node can read its store; nothing else is told.
pub(crate) async fn health(desk: Desk) -> Answer {
    desk.read(|sql| Ok::<_, Problem>(sql.query_one("select 1", &[])?.is_some())).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"healthy":true}"#).into_response())
}
