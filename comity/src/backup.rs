//! Commands and the chore about backups: a key pair, a backup beside the running node, the way back, and the drill.

use std::fs::{self, OpenOptions};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ::backup::{self, Backup, Progress, Taken, Until};
use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use ledger::copy::Erasure;
use ledger::{Actor, Clock, SystemClock, VerifierKey};
use site::{Chore, House};
use store::{Settings, Store};

use crate::check::{self, Standard};
use crate::configuration::{BackupPlan, Configuration};
use crate::node;
use crate::output::{self, tell};

/// How often the chore looks whether a backup is due.
const LOOK: Duration = Duration::from_secs(60);

/// What a restore is asked for.
pub struct Wish {
    pub from: PathBuf,
    pub identity: PathBuf,
    pub data: PathBuf,
    pub until: Until,
    /// Address of the PostgreSQL server that is to hold the record; SQLite without it.
    pub postgres: Option<String>,
    /// Public keys of the node kept elsewhere.
    pub key: Option<PathBuf>,
    /// A later backup of the same node, whose erasures this older copy is to keep to.
    pub erasures: Option<PathBuf>,
}

/// Makes the key pair of a bureau's backups and writes the secret half to `file`.
///
/// # Errors
/// When the file is there already or cannot be written.
pub fn key(file: &Path) -> Result<ExitCode> {
    let (secret, recipient) = backup::generate();
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).and_then(|mut out| {
            out.write_all(secret.as_bytes())?;
            out.sync_all()
        });
    written.with_context(|| format!("the backup key {} cannot be written", file.display()))?;
    tell!("The secret half is in {}. Keep it in two places away from the node:", file.display())?;
    tell!("without it no backup can be read, and with it all of them can.")?;
    tell!("\n[backup]\nfolder = \"/path/to/backups\"\nevery = \"24h\"\nrecipient = \"{recipient}\"")?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the backup up to date; the node may run meanwhile.
///
/// # Errors
/// When nothing says where to and for whom, or the backup fails.
pub fn take(
    configuration: &Configuration,
    folder: Option<PathBuf>,
    recipient: Option<String>,
) -> Result<ExitCode> {
    let mut plan = configuration.backup.clone().unwrap_or_default();
    plan.folder = folder.unwrap_or(plan.folder);
    plan.recipient = recipient.unwrap_or(plan.recipient);
    if plan.folder.as_os_str().is_empty() || plan.recipient.is_empty() {
        bail!(
            "say where to and for whom: [backup] folder and recipient in the configuration, or --folder and --recipient"
        );
    }
    let store = Store::open_to_read(&configuration.store())?;
    let taken = run(configuration, &plan, &store, SystemClock.now(), &mut show)?;
    output::aside(format_args!("\n"));
    tell!("{}", told(&taken))?;
    Ok(ExitCode::SUCCESS)
}

/// The chore that takes a backup when one is due.
pub fn chore() -> Chore {
    Chore { name: "backup", every: LOOK, woken: false, run: take_if_due }
}

fn take_if_due(house: &House) -> Result<()> {
    let configuration = house.get::<Configuration>()?;
    let Some(plan) = &configuration.backup else { return Ok(()) };
    let now = house.wall.now();
    if backup::last(&plan.folder)?.is_some_and(|last| now.duration_since(last) < plan.every) {
        return Ok(());
    }
    let taken = run(&configuration, plan, &house.store, now, &mut |_| ())?;
    tracing::info!(acts = taken.acts, fresh = taken.fresh, files = taken.files, "backup taken");
    Ok(())
}

fn run(
    configuration: &Configuration,
    plan: &BackupPlan,
    store: &Store,
    now: Timestamp,
    tell: &mut dyn FnMut(Progress),
) -> Result<Taken> {
    let recipient = backup::recipient(&plan.recipient)?;
    let node = backup::Node {
        name: &configuration.name,
        store,
        data: &configuration.data,
        files: node::uploads(&configuration.data),
        configuration: configuration.text(),
        made: made(),
        erased_files: site::erased_files,
    };
    backup::take(&node, &plan.folder, (&recipient, plan.signing_key), now, tell)
}

/// The tables that the program makes anew by itself.
fn made() -> Vec<&'static str> {
    let books = node::books();
    let folded = books.iter().flat_map(|book| book.tables()).copied();
    folded.chain([site::STEPS_TABLE]).collect()
}

fn show(progress: Progress) {
    if std::io::stderr().is_terminal() {
        output::aside(format_args!("\r{}/{} ", progress.acts, progress.of));
    }
}

fn told(taken: &Taken) -> String {
    let mut told = format!("{} acts, {} of them new; {} new files", taken.acts, taken.fresh, taken.files);
    if taken.rewritten + taken.erased_files > 0 {
        told += &format!(
            "; without what was erased since: {} parts written anew, {} files removed",
            taken.rewritten, taken.erased_files
        );
    }
    told
}

/// Restores a backup into a new data folder and verifies what came of it. Exit code 1 when something is wrong.
///
/// # Errors
/// When the target holds something, or names the part of the backup that is at fault.
pub fn restore(wish: &Wish) -> Result<ExitCode> {
    refuse_occupied(&wish.data)?;
    let backup = open(wish)?;
    let unfinished = || format!("what was restored so far is of no use; remove {}", wish.data.display());
    let (configuration, missing) = fill(wish, &backup).with_context(unfinished)?;
    let standard = Standard { key: wish.key.clone(), checkpoint: None, books: false, restored: true };
    let verified = check::verify(&configuration, &standard)?;
    missing.iter().try_for_each(|file| tell!("WRONG: the backup lacks the file {file}"))?;
    tell!("run it with  comity serve --config {}", configuration.file().display())?;
    Ok(if missing.is_empty() { verified } else { ExitCode::FAILURE })
}

fn open(wish: &Wish) -> Result<Backup> {
    let identity = backup::identity(&wish.identity)?;
    let keys: Option<Vec<VerifierKey>> = wish.key.as_deref().map(ledger::keys::read).transpose()?;
    let mut opened = Backup::open(&wish.from, identity.clone(), keys.clone())?;
    if let Some(later) = &wish.erasures {
        opened.learn_erasures(&Backup::open(later, identity, keys)?)?;
    }
    Ok(opened)
}

fn fill(wish: &Wish, backup: &Backup) -> Result<(Configuration, Vec<String>)> {
    let configuration = Configuration::moved(backup.configuration(), &wish.data, wish.postgres.as_deref())?;
    let store = Store::open(&configuration.store())?;
    let restoring = backup.record(&store, wish.until, &mut show)?;
    let size = restoring.chain().size();
    tell!("{size} of {} acts restored, taken {}", backup.size(), taken_at(backup))?;
    restoring.finish(node::books())?;
    site::migrate(&store)?;
    for table in backup.tables(&store)? {
        tell!("the table {table} is unknown to this program and was left out")?;
    }
    let restored = backup.files(&configuration.data, &node::uploads(&configuration.data))?;
    tell!("{} files restored", restored.files)?;
    store.close();
    replay(&configuration, &backup.erasures_ahead(size), backup.has_signing_key())?;
    Ok((configuration, restored.missing))
}

/// What was erased later stays erased. The restored record says so by acts of its own, since it does not reach to the
/// acts of erasure.
fn replay(configuration: &Configuration, ahead: &[Erasure], has_key: bool) -> Result<()> {
    if ahead.is_empty() {
        return Ok(());
    }
    ensure!(
        has_key,
        "the point lies before an erasure, which a restored node records anew and signs; but this backup holds no signing key"
    );
    let ledger = node::ledger(configuration, Arc::new(SystemClock))?;
    for Erasure { act, numbers, reason, basis } in ahead.iter().cloned() {
        tell!("erased again, as act {act} of the node did later: the bodies of {} acts", numbers.len())?;
        let (reason, basis) = (reason.unwrap_or_default(), basis.unwrap_or_default());
        ledger.write(Actor::Command("restore".to_owned()), move |writing| {
            site::empty_lists(writing.sql(), &node::modules()).map_err(ledger::Error::from)?;
            writing.erase(&numbers, &reason, &basis)
        })?;
    }
    ledger.purge()?;
    ledger.store().close();
    Ok(())
}

fn refuse_occupied(data: &Path) -> Result<()> {
    if data.exists() && fs::read_dir(data).with_context(|| data.display().to_string())?.next().is_some() {
        bail!("{} holds something; a node is restored into a new folder only", data.display());
    }
    Ok(())
}

fn taken_at(backup: &Backup) -> String {
    backup.taken().map_or_else(|| "by a run that was broken off".to_owned(), |at| at.to_string())
}

/// Restores the newest backup into a temporary folder, compares it with the live node, and removes it again. Exit code 1
/// when the two are not equal.
///
/// # Errors
/// Names the part of the backup that is at fault.
pub fn drill(configuration: &Configuration, folder: Option<PathBuf>, identity: &Path) -> Result<ExitCode> {
    let planned = || configuration.backup.as_ref().map(|plan| plan.folder.clone());
    let folder = folder
        .or_else(planned)
        .context("say where the backup is: --folder, or [backup] in the configuration")?;
    let keys = check::keys(configuration)?;
    let backup = Backup::open(&folder, backup::identity(identity)?, Some(keys.clone()))?;
    let live = Store::open_to_read(&configuration.store())?;
    let home = tempfile::Builder::new().prefix("comity-drill-").tempdir()?;
    let scratch = Store::open(&Settings::Sqlite { file: home.path().join("comity.sqlite") })?;
    let drilled = backup::drill(&backup, &live, &scratch, node::books, |store| Ok(site::migrate(store)?))?;
    let restored = backup.files(home.path(), &node::uploads(home.path()))?;
    let mut wrong: Vec<String> = drilled.differing.iter().map(|what| format!("{what} differs")).collect();
    wrong.extend(restored.missing.iter().map(|file| format!("the backup lacks the file {file}")));
    if drilled.differing.is_empty() {
        let report = ledger::verify(&scratch, &keys)?;
        wrong.extend(report.fault.map(|fault| fault.to_string()));
        wrong.extend(report.counters.iter().filter(|counter| counter.is_behind()).map(ToString::to_string));
    }
    scratch.close();
    tell!(
        "backup of {} acts, taken {}; {} acts recorded since",
        drilled.acts,
        taken_at(&backup),
        drilled.since
    )?;
    for table in &drilled.moved {
        tell!("  {table} has moved on since")?;
    }
    if wrong.is_empty() {
        tell!("EQUAL: record, {} tables of books and {} files", drilled.books, restored.files)?;
        return Ok(ExitCode::SUCCESS);
    }
    wrong.iter().try_for_each(|what| tell!("WRONG: {what}"))?;
    Ok(ExitCode::FAILURE)
}
