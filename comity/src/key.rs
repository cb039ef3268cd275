//! Commands about the key that signs the record: let a new one follow it, or replace it when it is lost.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use ledger::{Actor, Ledger, Replacement, SystemClock};
use store::Store;

use crate::configuration::Configuration;
use crate::node;
use crate::output::tell;

/// Introduces a new key, of the profile in the configuration, under the old one.
///
/// # Errors
/// When the node is running, or its key cannot sign for the new one.
pub fn rotate(configuration: &Configuration, reason: &str) -> Result<ExitCode> {
    let ledger = node::record(configuration, Arc::new(SystemClock))
        .context("a running node changes its key on its record page; otherwise")?;
    let recorded = ledger.rotate(Actor::Command("key-rotate".into()), configuration.cryptography, reason)?;
    tell!("act {} introduces the new key, which signs from there on", recorded.number)?;
    tell(configuration)
}

/// Gives a record whose key is lost a new one.
///
/// # Errors
/// When the node has its key, or when the public keys in its folder did not sign the end of its record.
pub fn replace(configuration: &Configuration, reason: String) -> Result<ExitCode> {
    let store = Store::open(&configuration.store())?;
    let replacement = Replacement {
        profile: configuration.cryptography,
        clock: Arc::new(SystemClock),
        books: node::books(),
        reason,
    };
    let recorded = Ledger::replace_key(store, &configuration.data, replacement)?;
    tell!(
        "act {} says that the old key is lost; the new one signs from there on, and no old one vouches for it:",
        recorded.number
    )?;
    tell!("give the new public keys in person to all who verify this record")?;
    tell(configuration)
}

fn tell(configuration: &Configuration) -> Result<ExitCode> {
    let file = configuration.data.join(ledger::keys::PUBLIC_FILE);
    tell!("keep {} elsewhere: what the old key signed is verified with it too", file.display())?;
    Ok(ExitCode::SUCCESS)
}
