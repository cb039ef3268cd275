//! A node put together: law, bureau, record, papers and the offices, from one configuration.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use law::Law;
use ledger::{Book, Clock, Ledger, Options, SystemClock, SystemRandom};
use paper::Press;
use site::{App, Authority, Foundation, House, Module, Settings, Texts, Uploads};
use store::Store;
use supervision::bureau::Bureau;

use crate::configuration::Configuration;
use crate::{backup, embedded};

/// The offices of this program. A new module is one line here.
pub fn modules() -> Vec<Module> {
    vec![supervision::module()]
}

/// The books of the house and of every office.
pub fn books() -> Vec<Box<dyn Book>> {
    site::books(&modules())
}

/// Opens the record of this node, with `clock` as its clock.
///
/// # Errors
/// When another process has the folder, the key cannot be read, or the store refuses.
pub fn ledger(configuration: &Configuration, clock: Arc<dyn Clock>) -> Result<Arc<Ledger>> {
    let ledger = record(configuration, clock)?;
    if ledger.profile() != configuration.cryptography {
        bail!(
            "the node's key is of another profile than `cryptography` says: run `comity key rotate`, or change that line back"
        );
    }
    Ok(ledger)
}

/// Opens the record whatever profile its key is of: the commands on keys change that.
///
/// # Errors
/// As `ledger`.
pub fn record(configuration: &Configuration, clock: Arc<dyn Clock>) -> Result<Arc<Ledger>> {
    make_folder(&configuration.data)
        .with_context(|| format!("the data folder {} cannot be made", configuration.data.display()))?;
    let store = Store::open(&configuration.store())?;
    let (name, profile) = (&configuration.name, configuration.cryptography);
    let key = ledger::keys::open(&configuration.data, name, profile, &SystemRandom)?;
    Ok(Ledger::open(store, Options { name: configuration.name.clone(), key, clock, books: books() })?)
}

/// Store and key see to it that what lies in the folder survives a power loss; its own name must too.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    File::open(above.unwrap_or(Path::new(".")))?.sync_all()
}

/// Loads the law; the node does not start on a fault in it.
///
/// # Errors
/// Names file, rule and field of every fault.
pub fn law(configuration: &Configuration) -> Result<Law> {
    match Law::load(embedded::law(configuration.law.as_deref())?) {
        Ok(law) => Ok(law),
        Err(faults) => bail!("the law files are at fault:\n{}", lines(&faults)),
    }
}

/// Loads what the region's folder says of the bureau.
///
/// # Errors
/// Names file and field of every fault.
pub fn bureau(configuration: &Configuration) -> Result<Bureau> {
    match Bureau::load(|file| embedded::region(&configuration.bureau, file)) {
        Ok(bureau) => Ok(bureau),
        Err(faults) => bail!("region/{} is at fault:\n{}", configuration.bureau, lines(&faults)),
    }
}

/// Puts a whole house on top of an open record.
///
/// # Errors
/// When law, bureau, fonts, texts or policies are at fault.
pub fn house(configuration: &Configuration, ledger: Arc<Ledger>, demo: bool) -> Result<App> {
    let bureau = bureau(configuration)?;
    let settings = Settings {
        bureau: [bureau.name.zh.clone(), bureau.name.en.clone()],
        demo,
        secure: configuration.tls.is_some(),
        second_factor: configuration.second_factor.clone(),
        flow: configuration.flow.unwrap_or(Settings::default().flow),
        ..Settings::default()
    };
    House::open(Foundation {
        store: ledger.store().clone(),
        law: law(configuration)?,
        texts: Texts::embedded()?,
        authority: Authority::embedded()?,
        uploads: Uploads::open(uploads(&configuration.data), Arc::new(SystemRandom))?,
        modules: modules().into_iter().chain(backups(configuration)).collect(),
        wall: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        drawer: drawer(configuration, bureau)?,
        settings,
        ledger,
    })
}

/// What the modules of this node ask the house for.
fn drawer(configuration: &Configuration, bureau: Bureau) -> Result<site::Drawer> {
    let drawer = site::Drawer::new()
        .with(bureau)
        .with(Press::open(&fonts(configuration))?)
        .with(configuration.clone());
    Ok(match configuration.backup.as_ref().map(|plan| plan.folder.clone()) {
        Some(folder) => drawer.with(site::LastBackup(Box::new(move || ::backup::last(&folder)))),
        None => drawer,
    })
}

/// The chore of backups, where they are configured.
fn backups(configuration: &Configuration) -> Option<Module> {
    let chores = vec![backup::chore()];
    configuration.backup.as_ref().map(|_| Module { chores, ..Module::new("backup") })
}

/// Where the files that people hand in lie, and the papers that the node prints.
pub fn uploads(data: &Path) -> PathBuf {
    data.join("uploads")
}

/// Where the fonts for papers lie; the set-up of a source tree puts them into `target/fonts`.
fn fonts(configuration: &Configuration) -> PathBuf {
    configuration.fonts.clone().unwrap_or_else(|| PathBuf::from("target/fonts"))
}

fn lines<T: std::fmt::Display>(faults: &[T]) -> String {
    faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
}
