//! Durable acts per second of the bare ledger against plain SQLite group commit of equal bytes, in one run.

mod plain;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use ledger::{Actor, Body, Draft, Ledger, MatterKey, Options, SystemClock, SystemRandom};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Parser)]
struct Arguments {
    /// Concurrent writers.
    #[arg(long, default_value_t = 64)]
    writers: usize,
    /// Seconds that each side writes in one round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds; the sides take turns, so that a slow moment of the machine hits both.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Bytes of an act's body.
    #[arg(long, default_value_t = 560)]
    body: usize,
}

/// An act as large as an ordinary licence act.
#[derive(Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Body for Note {
    fn kind(&self) -> &'static str {
        "benchmark.noted"
    }
}

/// What one side did in one round.
struct Round {
    acts: usize,
    seconds: f64,
    delays: Vec<Duration>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let stored = bytes_of_one_act(&arguments)?;
    println!(
        "{} writers, {} s a round, {stored} bytes stored for an act",
        arguments.writers, arguments.seconds
    );
    println!(
        "{:>5}  {:>12} {:>9} {:>9}  {:>12} {:>9} {:>9}  {:>6}",
        "round", "ledger/s", "p50 ms", "p99 ms", "plain/s", "p50 ms", "p99 ms", "ratio"
    );
    let mut ratios = Vec::new();
    for round in 1..=arguments.rounds {
        let ours = ledger_round(&arguments)?;
        let plain = plain_round(&arguments, stored)?;
        let ratio = ours.rate() / plain.rate();
        println!(
            "{round:>5}  {:>12.0} {:>9.2} {:>9.2}  {:>12.0} {:>9.2} {:>9.2}  {ratio:>6.2}",
            ours.rate(),
            ours.delay(50),
            ours.delay(99),
            plain.rate(),
            plain.delay(50),
            plain.delay(99)
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "ratio: minimum {:.2}, median {:.2}, maximum {:.2}",
        ratios[0],
        ratios[ratios.len() / 2],
        ratios[ratios.len() - 1]
    );
    Ok(())
}

impl Round {
    fn rate(&self) -> f64 {
        self.acts as f64 / self.seconds
    }

    /// The delay in milliseconds that `percent` of the acts did not exceed.
    fn delay(&self, percent: usize) -> f64 {
        let place = (self.delays.len() - 1) * percent / 100;
        self.delays[place].as_secs_f64() * 1000.0
    }
}

/// The bytes that one act puts into rows: leaf, leaf hash, body and salt.
fn bytes_of_one_act(arguments: &Arguments) -> Result<usize> {
    let folder = tempfile::tempdir()?;
    let ledger = open(folder.path())?;
    note(&ledger, &MatterKey::new("note", Uuid::nil()), arguments.body)?;
    let bytes = ledger.read(|sql| -> Result<i64, ledger::Error> {
        let sizes = sql.query_one(
            "select length(a.leaf) + length(a.hash) + length(b.salt) + length(b.body) from acts a join bodies b on b.number = a.number",
            &[],
        )?;
        Ok(sizes.map(|row| row.get::<i64>(0)).transpose()?.unwrap_or_default())
    })?;
    Ok(usize::try_from(bytes)?)
}

fn ledger_round(arguments: &Arguments) -> Result<Round> {
    let folder = tempfile::tempdir()?;
    let ledger = open(folder.path())?;
    let body = arguments.body;
    run(arguments, || {
        let ledger = Arc::clone(&ledger);
        let matter = MatterKey::new("note", random_uuid()?);
        Ok(move || note(&ledger, &matter, body))
    })
}

fn plain_round(arguments: &Arguments, stored: usize) -> Result<Round> {
    let folder = tempfile::tempdir()?;
    let plain = plain::Plain::open(&folder.path().join("plain.sqlite"))?;
    let round = run(arguments, || {
        let writer = plain.writer();
        Ok(move || writer.write(vec![0x61; stored]))
    });
    plain.close()?;
    round
}

/// Lets `writers` threads call what `make` gives them for the given time.
fn run<W>(arguments: &Arguments, make: impl Fn() -> Result<W>) -> Result<Round>
where
    W: FnMut() -> Result<()> + Send + 'static,
{
    let writers = (0..arguments.writers).map(|_| make()).collect::<Result<Vec<_>>>()?;
    let started = Instant::now();
    let end = started + Duration::from_secs(arguments.seconds);
    let threads: Vec<_> = writers
        .into_iter()
        .map(|mut write| {
            std::thread::spawn(move || -> Result<Vec<Duration>> {
                let mut delays = Vec::new();
                while Instant::now() < end {
                    let before = Instant::now();
                    write()?;
                    delays.push(before.elapsed());
                }
                Ok(delays)
            })
        })
        .collect();
    let mut delays = Vec::new();
    for thread in threads {
        delays.extend(thread.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??);
    }
    let seconds = started.elapsed().as_secs_f64();
    delays.sort();
    Ok(Round { acts: delays.len(), seconds, delays })
}

fn open(folder: &Path) -> Result<Arc<Ledger>> {
    let store = store::Store::open(&store::Settings::Sqlite { file: folder.join("comity.sqlite") })?;
    let key = ledger::keys::open(folder, "benchmark.example", &SystemRandom)?;
    let options =
        Options { name: "benchmark.example".into(), key, clock: Arc::new(SystemClock), books: Vec::new() };
    Ok(Ledger::open(store, options)?)
}

fn note(ledger: &Ledger, matter: &MatterKey, size: usize) -> Result<()> {
    let matter = matter.clone();
    ledger.write(Actor::Node, move |writing| -> Result<(), ledger::Error> {
        let body = Note { text: "a".repeat(size) };
        writing.append(Draft::new(&matter, &body))?;
        Ok(())
    })?;
    Ok(())
}

fn random_uuid() -> Result<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
