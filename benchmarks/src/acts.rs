//! Durable acts per second of the bare ledger against plain SQLite group commit of equal bytes, in one run.

mod notes;
mod plain;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use ledger::{Actor, Ledger, MatterKey};

use notes::{ACTS_OF_A_MATTER, append, open};

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
    let (ledger, _) = open(folder.path(), "benchmark.example", Vec::new())?;
    note(&ledger, None, arguments.body)?;
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
    let (ledger, _) = open(folder.path(), "benchmark.example", Vec::new())?;
    let body = arguments.body;
    run(arguments, || {
        let ledger = Arc::clone(&ledger);
        let mut matter = None;
        let mut acts = 0;
        Ok(move || {
            if acts % ACTS_OF_A_MATTER == 0 {
                matter = None;
            }
            acts += 1;
            matter = Some(note(&ledger, matter.take(), body)?);
            Ok(())
        })
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

/// Records one act of the matter, or of a new one, and returns its key.
fn note(ledger: &Ledger, matter: Option<MatterKey>, size: usize) -> Result<MatterKey> {
    Ok(ledger.write(Actor::Node, move |writing| -> Result<MatterKey, ledger::Error> {
        let matter = match matter {
            Some(matter) => matter,
            None => MatterKey::new("note", writing.new_id()?),
        };
        append(writing, &matter, size)?;
        Ok(matter)
    })?)
}
