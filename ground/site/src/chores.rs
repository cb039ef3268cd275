//! Runs the chores: each on its own beat, and soon after every act.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Instrument;

use crate::blocking::blocking;
use crate::house::App;
use crate::module::Chore;

/// After an act a chore waits so long for more of them, so that a bulk import does not wake it a thousand times.
const GATHER: Duration = Duration::from_millis(300);

/// How the chores fared since the node started, by their names.
#[derive(Default)]
pub(crate) struct Fared(Mutex<BTreeMap<&'static str, Fare>>);

/// How a chore fared the last time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fare {
    /// When it was begun last.
    pub begun: Option<Timestamp>,
    /// When it came to an end last, well or not.
    pub ended: Option<Timestamp>,
    /// What went wrong in the run that ended last; empty when nothing did.
    pub error: String,
    /// How many of the things it looked at failed in that run.
    pub failing: usize,
}

impl Fared {
    pub(crate) fn of(&self, chore: &str) -> Fare {
        self.all().get(chore).cloned().unwrap_or_default()
    }

    fn begin(&self, chore: &'static str, now: Timestamp) {
        self.all().entry(chore).or_default().begun = Some(now);
    }

    fn end(&self, chore: &'static str, now: Timestamp, outcome: &anyhow::Result<()>) {
        let mut all = self.all();
        let fare = all.entry(chore).or_default();
        fare.ended = Some(now);
        fare.error = outcome.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
        let several =
            |error: &anyhow::Error| error.downcast_ref::<Failures>().map_or(1, |several| several.count);
        fare.failing = outcome.as_ref().err().map_or(0, several);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<&'static str, Fare>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some of the things that a chore looked at failed; the first stands for the others.
#[derive(Debug, thiserror::Error)]
#[error("{first:#}")]
struct Failures {
    count: usize,
    first: anyhow::Error,
}

/// Starts the chores of all modules; they end when the set is dropped.
pub fn run_chores(app: &App) -> JoinSet<()> {
    let chores = app.modules.iter().flat_map(|module| module.chores.iter().copied());
    let mut running = JoinSet::new();
    for chore in chores {
        running.spawn(repeat(Arc::clone(app), chore));
    }
    running
}

/// Takes a step for each; one that fails is logged and keeps none of the others from theirs.
///
/// # Errors
/// The first failure, with what it befell, once all have had their turn.
pub fn for_each<T: Display>(
    chore: &str,
    all: impl IntoIterator<Item = T>,
    mut step: impl FnMut(&T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut failures = Vec::new();
    for one in all {
        if let Err(error) = step(&one).with_context(|| one.to_string()) {
            tracing::error!(chore, "{error:#}");
            failures.push(error);
        }
    }
    let count = failures.len();
    failures.into_iter().next().map_or(Ok(()), |first| Err(Failures { count, first }.into()))
}

async fn repeat(app: App, chore: Chore) {
    let mut news = app.ledger.subscribe();
    loop {
        run(&app, chore).await;
        let beat = Instant::now() + chore.every;
        if chore.woken { wait(&mut news, beat).await } else { sleep_until(beat).await }
    }
}

/// Waits for the beat or for news; lost news cost only delay.
async fn wait<T: Clone>(news: &mut Receiver<T>, beat: Instant) {
    if timeout_at(beat, news.recv()).await.is_ok() {
        sleep_until((Instant::now() + GATHER).min(beat)).await;
        while news.try_recv().is_ok() {}
    }
}

async fn run(app: &App, chore: Chore) {
    let house = Arc::clone(app);
    app.fared.begin(chore.name, app.wall.now());
    let span = tracing::info_span!("chore", otel.name = chore.name, otel.kind = "internal");
    let ended = blocking("chore", move || (chore.run)(&house)).instrument(span).await.flatten();
    if let Err(error) = &ended {
        tracing::error!(chore = chore.name, "{error:#}");
    }
    app.fared.end(chore.name, app.wall.now(), &ended);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_keeps_none_of_the_others_from_its_step_and_the_first_is_told() {
        let mut done = Vec::new();
        let all = for_each("odd", 1..=4, |number| {
            anyhow::ensure!(number % 2 == 1, "it is even");
            done.push(*number);
            Ok(())
        });
        assert_eq!(done, [1, 3]);
        let fared = Fared::default();
        fared.end("odd", Timestamp::UNIX_EPOCH, &all);
        assert_eq!((fared.of("odd").error.as_str(), fared.of("odd").failing), ("2: it is even", 2));
        assert!(for_each("odd", [1, 3], |_| Ok(())).is_ok());
    }
}
