//! The one program of a node: serves it, makes up the demo, imports registers, verifies, rebuilds, backs up and restores.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod backup;
mod check;
mod configuration;
mod embedded;
mod import;
mod key;
mod log;
mod node;
mod output;
mod region;
mod serve;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use ::backup::Until;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use configuration::Configuration;

/// Many short-lived threads (passwords, papers, readers) each left an arena behind in the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Neighbouring bureaus at work, each on its own node.
#[derive(Parser)]
#[command(name = "comity", version)]
struct Comity {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a node.
    Serve(Where),
    /// Make up the Jiashan register if it is not there yet, and serve it on loopback.
    Demo {
        /// Folder of the demo's data.
        #[arg(long, default_value = "target/demo")]
        data: PathBuf,
        /// Loopback address to serve on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        address: SocketAddr,
        /// Make the data, print the logins and end.
        #[arg(long)]
        prepare: bool,
    },
    /// Appoint the first administrator; prints a password that is good for one login.
    Administrator {
        /// Login name, for example zhang.wei.
        login: String,
        /// The officer's name.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        place: Where,
    },
    /// Import a register from CSV or XLSX; repeating it changes nothing.
    Import {
        file: PathBuf,
        /// Name of the source, under which its column mapping is kept.
        #[arg(long)]
        source: String,
        /// Look for faults and differences only; write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Record changed rows too; without it they are only listed.
        #[arg(long)]
        accept_changes: bool,
        /// Language of the fault list: zh-CN or en.
        #[arg(long, default_value = "zh-CN")]
        language: String,
        #[command(flatten)]
        place: Where,
    },
    /// Check every act, proof and checkpoint of a record, also in a copied folder.
    Verify {
        /// Also fold all books anew and compare them.
        #[arg(long)]
        books: bool,
        /// A public key kept elsewhere; without it the one in the data folder is believed.
        #[arg(long)]
        key: Option<PathBuf>,
        /// A checkpoint kept elsewhere, which the record must go on from.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        #[command(flatten)]
        place: Where,
    },
    /// Print the newest checkpoint, to be kept elsewhere and held against the record later.
    Checkpoint(Where),
    /// Print the proof of one act as a C2SP tlog-proof.
    Proof {
        /// Number of the act.
        act: i64,
        #[command(flatten)]
        place: Where,
    },
    /// Fold all books anew from the acts.
    Rebuild(Where),
    /// Change the key that signs the record.
    #[command(subcommand)]
    Key(Key),
    /// Bring the backup of a node up to date, be the node running or not.
    #[command(args_conflicts_with_subcommands = true)]
    Backup {
        #[command(subcommand)]
        instead: Option<BackupKey>,
        /// Folder of the backups; without it the configured one.
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Public half of the backup key, age1…; without it the configured one.
        #[arg(long)]
        recipient: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// Restore a node from its backup into a new data folder, on SQLite or PostgreSQL, and verify it.
    Restore {
        /// Folder of the backups.
        #[arg(long)]
        from: PathBuf,
        /// File of the backup key.
        #[arg(long)]
        identity: PathBuf,
        /// The new data folder.
        #[arg(long)]
        data: PathBuf,
        /// An act's number or an instant, 2026-11-25T08:30:00+08:00: the last checkpoint that is not later is restored.
        #[arg(long)]
        until: Option<Until>,
        /// Address of the PostgreSQL server that is to hold the record; without it SQLite does.
        #[arg(long)]
        postgres: Option<String>,
        /// A public key of the node kept elsewhere; without it the one in the backup is believed.
        #[arg(long)]
        key: Option<PathBuf>,
        /// A later backup of the same node: what was erased up to it stays erased in this older copy.
        #[arg(long)]
        erasures: Option<PathBuf>,
    },
    /// Restore the newest backup into a temporary folder and compare it with the live node.
    Drill {
        /// File of the backup key.
        #[arg(long)]
        identity: PathBuf,
        /// Folder of the backups; without it the configured one.
        #[arg(long)]
        folder: Option<PathBuf>,
        #[command(flatten)]
        place: Where,
    },
}

#[derive(Subcommand)]
enum Key {
    /// Introduce a new key under the old one, on a node that is stopped; a running one changes its key on its record page.
    Rotate {
        /// Why; stands in the record.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        place: Where,
    },
    /// Give a record whose key is lost for good a new one; the record says so ever after.
    Replace {
        /// What became of the old key; stands in the record.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        place: Where,
    },
}

#[derive(Subcommand)]
enum BackupKey {
    /// Make the key pair of a bureau's backups.
    Key {
        /// New file for the secret half, to be kept away from the node.
        file: PathBuf,
    },
}

/// Which node a command is about.
#[derive(Args)]
struct Where {
    /// Configuration file of the node.
    #[arg(long, default_value = "comity.toml")]
    config: PathBuf,
    /// A data folder instead: that of a demo, or a copy of a node's.
    #[arg(long, conflicts_with = "config")]
    data: Option<PathBuf>,
}

impl Where {
    fn configuration(&self) -> Result<Configuration> {
        let environment = environment();
        match &self.data {
            Some(folder) => Configuration::of_folder(folder, &environment),
            None => Configuration::read(&self.config, &environment),
        }
    }
}

fn main() -> ExitCode {
    match run(Comity::parse().command) {
        Ok(code) => code,
        Err(error) => {
            output::aside(format_args!("comity: {error:#}\n"));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(place) => serve::serve(&place.configuration()?),
        Command::Demo { data, address, prepare } => {
            serve::demo(&Configuration::demo(data, address, &environment()), prepare)
        }
        Command::Administrator { login, name, place } => {
            serve::administrator(&place.configuration()?, &login, &name)
        }
        Command::Import { file, source, dry_run, accept_changes, language, place } => {
            let wish = import::Wish { file, source, dry_run, accept_changes, language };
            import::import(&place.configuration()?, wish)
        }
        Command::Verify { books, key, checkpoint, place } => check::verify(
            &place.configuration()?,
            &check::Standard { key, checkpoint, books, restored: false },
        ),
        Command::Checkpoint(place) => check::checkpoint(&place.configuration()?),
        Command::Proof { act, place } => check::proof(&place.configuration()?, act),
        Command::Rebuild(place) => check::rebuild(&place.configuration()?),
        Command::Key(Key::Rotate { reason, place }) => key::rotate(&place.configuration()?, &reason),
        Command::Key(Key::Replace { reason, place }) => key::replace(&place.configuration()?, reason),
        Command::Backup { instead: Some(BackupKey::Key { file }), .. } => backup::key(&file),
        Command::Backup { instead: None, folder, recipient, place } => {
            backup::take(&place.configuration()?, folder, recipient)
        }
        Command::Restore { from, identity, data, until, postgres, key, erasures } => {
            let until = until.unwrap_or(Until::End);
            backup::restore(&backup::Wish { from, identity, data, until, postgres, key, erasures })
        }
        Command::Drill { identity, folder, place } => {
            backup::drill(&place.configuration()?, folder, &identity)
        }
    }
}

/// The `COMITY_*` variables, read once.
fn environment() -> BTreeMap<String, String> {
    std::env::vars().filter(|(name, _)| name.starts_with("COMITY_")).collect()
}
