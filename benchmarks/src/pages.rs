//! The whole node under load: acts per second through HTTP with many writers, and the delay of pages at an open load
//! of requests while acts are written.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use benchmarks::{Client, application};
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Address of the running node.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    base: String,
    #[arg(long)]
    login: String,
    #[arg(long)]
    password: String,
    /// Concurrent writers of the first measurement.
    #[arg(long, default_value_t = 64)]
    writers: usize,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Page requests a second of the open load.
    #[arg(long, default_value_t = 100)]
    pages: u32,
    /// Acts a second that are written meanwhile.
    #[arg(long, default_value_t = 20)]
    acts: u32,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    whole_acts(&arguments)?;
    let place = licence_page(&arguments)?;
    for path in ["/licences", place.as_str()] {
        open_load(&arguments, path)?;
    }
    Ok(())
}

/// Writers that each hand in applications one after the other, as fast as the node answers.
fn whole_acts(arguments: &Arguments) -> Result<()> {
    let clients = (0..arguments.writers).map(|_| sign_in(arguments)).collect::<Result<Vec<_>>>()?;
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let started = Instant::now();
    let threads: Vec<_> = clients
        .into_iter()
        .map(|client| {
            thread::spawn(move || -> Result<Vec<Duration>> {
                let mut delays = Vec::new();
                while Instant::now() < end {
                    let before = Instant::now();
                    apply(&client)?;
                    delays.push(before.elapsed());
                }
                Ok(delays)
            })
        })
        .collect();
    let mut delays = Vec::new();
    for each in threads {
        delays.extend(each.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??);
    }
    let rate = delays.len() as f64 / started.elapsed().as_secs_f64();
    println!("whole acts, {} writers: {rate:.0} acts/s, {}", arguments.writers, quantiles(&mut delays));
    Ok(())
}

/// Requests at fixed moments, whether or not earlier ones have been answered; delays count from those moments.
fn open_load(arguments: &Arguments, path: &str) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicUsize::new(0));
    let writers = write_meanwhile(arguments, &stop, &written)?;
    let delays = Arc::new(Mutex::new(Vec::new()));
    let (started, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let total = arguments.seconds as usize * arguments.pages as usize;
    let gap = Duration::from_secs(1) / arguments.pages;
    let readers: Vec<_> = (0..64)
        .map(|_| {
            let (client, path) = (sign_in(arguments), path.to_owned());
            let (delays, next) = (Arc::clone(&delays), Arc::clone(&next));
            thread::spawn(move || -> Result<()> {
                let client = client?;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        return Ok(());
                    }
                    let due = started + gap * u32::try_from(number)? + Duration::from_secs(8);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    client.get(&path)?;
                    delays.lock().map_err(|_| anyhow::anyhow!("a reader panicked"))?.push(due.elapsed());
                }
            })
        })
        .collect();
    for reader in readers {
        reader.join().map_err(|_| anyhow::anyhow!("a reader panicked"))??;
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
    }
    let acts = written.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    let mut delays = delays.lock().map_err(|_| anyhow::anyhow!("a reader panicked"))?.clone();
    println!(
        "{path} at {} requests/s while {acts:.0} acts/s are written: {}",
        arguments.pages,
        quantiles(&mut delays)
    );
    Ok(())
}

fn write_meanwhile(
    arguments: &Arguments,
    stop: &Arc<AtomicBool>,
    written: &Arc<AtomicUsize>,
) -> Result<Vec<thread::JoinHandle<Result<()>>>> {
    let gap = Duration::from_secs(4) / arguments.acts;
    (0..4)
        .map(|_| {
            let (client, stop, written) = (sign_in(arguments)?, Arc::clone(stop), Arc::clone(written));
            Ok(thread::spawn(move || {
                let mut due = Instant::now();
                while !stop.load(Ordering::Relaxed) {
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    due += gap;
                    apply(&client)?;
                    written.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            }))
        })
        .collect()
}

fn sign_in(arguments: &Arguments) -> Result<Client> {
    Client::sign_in(&arguments.base, &arguments.login, &arguments.password)
}

/// The page of the first licence in the list.
fn licence_page(arguments: &Arguments) -> Result<String> {
    let list = sign_in(arguments)?.get("/licences")?;
    let start = list.find("href=\"/licences/").context("the list shows no licence")? + "href=\"".len();
    let end = list[start..].find('"').context("a link does not end")?;
    Ok(list[start..start + end].to_owned())
}

/// One application at the counter: one act, with all its fields, folded into every book.
fn apply(client: &Client) -> Result<()> {
    client.submit_multipart("/applications", &application("阿珍副食品店"))?;
    Ok(())
}

fn quantiles(delays: &mut [Duration]) -> String {
    if delays.is_empty() {
        return "no answers".into();
    }
    delays.sort();
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms over {} answers",
        at(50),
        at(99),
        at(100),
        delays.len()
    )
}
