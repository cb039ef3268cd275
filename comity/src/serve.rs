//! Runs a node: the ordinary one, and the demo with its made-up bureau and its own clock.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use ledger::{Clock, DemoClock, ManualClock, SystemClock, SystemRandom};
use site::{App, Listen};

use crate::configuration::Configuration;
use crate::output::tell;
use crate::{log, node, region};

/// The demo's first instant: a Wednesday morning in Jiashan.
const AS_OF: &str = "2026-11-25T08:30:00+08:00";

/// The seed from which the demo's bureau is made up.
const SEED: u64 = 330_421;

/// Stands in a demo's folder as long as its data are being made.
const UNFINISHED: &str = "demo.unfinished";

/// The file in the demo's folder that says how to log in.
const LOGINS: &str = "logins.json";

/// Serves a node until it is asked to stop.
///
/// # Errors
/// When something the node stands on is at fault; it then does not start.
pub fn serve(configuration: &Configuration) -> Result<ExitCode> {
    let _telling = log::start(configuration)?;
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    let house = node::house(configuration, ledger, false)?;
    run(configuration, &house)
}

/// Makes up the demo's data if they are not there yet, prints the logins and, unless only `prepare`, serves.
///
/// # Errors
/// As for `serve`.
pub fn demo(configuration: &Configuration, prepare: bool) -> Result<ExitCode> {
    let as_of: Timestamp = AS_OF.parse()?;
    let logins = configuration.data.join(LOGINS);
    if !logins.exists() {
        start_anew(&configuration.data)?;
        make_up(configuration, as_of, &logins)?;
    }
    print_logins(configuration, &logins)?;
    if prepare {
        return Ok(ExitCode::SUCCESS);
    }
    let ledger = node::ledger(configuration, demo_clock(configuration, as_of)?)?;
    let house = node::house(configuration, ledger, true)?;
    let _telling = log::start(configuration)?;
    run(configuration, &house)
}

/// Appoints the first administrator and prints the password that is good for one login.
///
/// # Errors
/// Refused when there is an administrator already.
pub fn administrator(configuration: &Configuration, login: &str, name: &str) -> Result<ExitCode> {
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    let account = site::first_administrator(&ledger, &SystemRandom, login, name)
        .map_err(|problem| problem.into_error())?;
    tell!(
        "login {}\npassword {}  (good for one login; you then choose your own)",
        account.login,
        account.password
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Data of a demo that was broken off half-way are of no use: they are made anew. Only a folder that a demo itself has
/// marked is ever removed; the data of a real node are refused.
fn start_anew(folder: &Path) -> Result<()> {
    let marked = folder.join(UNFINISHED).exists();
    if marked {
        std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    } else if folder.exists() && folder.read_dir()?.next().is_some() {
        bail!("{} holds something that is no demo; name an empty folder with --data", folder.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    std::fs::write(folder.join(UNFINISHED), "")
        .with_context(|| format!("{} cannot be written", folder.display()))
}

/// Makes up bureau, register and a year of acts while a clock that stands still is moved through that year.
fn make_up(configuration: &Configuration, as_of: Timestamp, logins: &Path) -> Result<()> {
    tell!("making up the register of the demo bureau (seed {SEED}) …")?;
    let clock = Arc::new(ManualClock::new(as_of));
    configuration.keep()?;
    let ledger = node::ledger(configuration, Arc::clone(&clock) as Arc<dyn Clock>)?;
    let house = node::house(configuration, ledger, true)?;
    let made = region::prepare(&house, &clock, SEED, as_of)?;
    std::fs::write(logins, serde_json::to_string_pretty(&made)?)?;
    std::fs::remove_file(configuration.data.join(UNFINISHED))?;
    house.store.close();
    Ok(())
}

/// The demo's clock goes on where the record ends, so that it never runs backwards.
fn demo_clock(configuration: &Configuration, as_of: Timestamp) -> Result<Arc<dyn Clock>> {
    let store = store::Store::open_to_read(&configuration.store())?;
    let last = ledger::last_recorded(&store)?;
    store.close();
    Ok(Arc::new(DemoClock::new(last.map_or(as_of, |last| last.max(as_of)))))
}

fn print_logins(configuration: &Configuration, file: &Path) -> Result<()> {
    let logins: Vec<region::Login> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    tell!("\n  http://{}\n", configuration.address)?;
    for login in logins {
        tell!("  {:<14} {:<18} {} ({})", login.login, login.password, login.name, login.role)?;
    }
    tell!("")?;
    Ok(())
}

fn run(configuration: &Configuration, house: &App) -> Result<ExitCode> {
    let listen = Listen {
        address: configuration.address,
        certificate: configuration.tls.as_ref().map(|tls| (tls.certificate.clone(), tls.key.clone())),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let chores = site::run_chores(house);
        let served = site::serve(house, &listen, stop()).await;
        drop(chores);
        served
    })?;
    runtime.shutdown_timeout(Duration::from_secs(5));
    house.store.close();
    Ok(ExitCode::SUCCESS)
}

/// Comes when the process is asked to stop.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
