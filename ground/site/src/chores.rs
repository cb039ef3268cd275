//! Runs the chores: each on its own beat, and soon after every act.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::house::App;
use crate::module::Chore;

/// After an act a chore waits so long for more of them, so that a bulk import does not wake it a thousand times.
const GATHER: Duration = Duration::from_millis(300);

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
    let mut first = Ok(());
    for one in all {
        if let Err(error) = step(&one).with_context(|| one.to_string()) {
            tracing::error!(chore, "{error:#}");
            first = first.and(Err(error));
        }
    }
    first
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
    match tokio::task::spawn_blocking(move || (chore.run)(&house)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(chore = chore.name, "{error:#}"),
        Err(error) => tracing::error!(chore = chore.name, %error, "chore stopped"),
    }
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
        assert_eq!(format!("{:#}", all.unwrap_err()), "2: it is even");
        assert!(for_each("odd", [1, 3], |_| Ok(())).is_ok());
    }
}
