//! The file `series` in the folder of backups: a note, signed by the node, that names every part with its digest.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use ledger::{SigningKey, VerifierKey, note};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::sealed;

const FILE: &str = "series";
const LOCK: &str = "lock";
const VERSION: i64 = 1;
/// The beginning of the names of files that do not count yet.
pub(crate) const DRAFT: &str = "draft-";
/// Where the content-addressed files lie.
pub(crate) const FILES: &str = "files";

/// What a folder of backups holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Series {
    pub version: i64,
    pub ledger: String,
    /// The text of the node's `ledger.pub`.
    pub keys: String,
    /// A fingerprint: the recipient itself is needed to tell the names of files and is not told here.
    pub recipient: String,
    /// When the last run that came to its end began, in UTC.
    pub taken: Option<Timestamp>,
    /// The number of the last act of erasure whose bodies no part holds any more.
    pub erasures: i64,
    pub acts: Vec<Part>,
    pub rest: Option<Rest>,
}

/// A stretch of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
    pub first: i64,
    pub last: i64,
    /// When its last act was recorded.
    pub recorded: Timestamp,
    /// The checkpoint over its last act.
    pub checkpoint: String,
}

/// What is not in the record, as it stood when the record had `at` acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rest {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
    pub at: i64,
}

/// When the newest complete backup in a folder was taken; none if there is none. Nothing but the file `series` is looked at.
///
/// # Errors
/// When that file cannot be read.
pub fn last(folder: &Path) -> Result<Option<Timestamp>> {
    if !folder.join(FILE).exists() {
        return Ok(None);
    }
    let note = read_note(folder)?;
    Ok(parse(folder, unchecked_text(&note))?.taken)
}

impl Series {
    pub(crate) fn new(ledger: &str, keys: String, recipient: &Recipient) -> Series {
        Series {
            version: VERSION,
            ledger: ledger.to_owned(),
            keys,
            recipient: fingerprint(recipient),
            taken: None,
            erasures: 0,
            acts: Vec::new(),
            rest: None,
        }
    }

    /// Reads the series of a folder, signed by one of `keys`, or by those it names itself.
    pub(crate) fn read(folder: &Path, keys: Option<&[VerifierKey]>) -> Result<Series> {
        let text = read_note(folder)?;
        let series = parse(folder, unchecked_text(&text))?;
        let own = series.verifiers()?;
        let signed = note::open(&text, keys.unwrap_or(&own));
        signed
            .with_context(|| format!("{} was changed, or is of another node", folder.join(FILE).display()))?;
        series.check_order().with_context(|| folder.join(FILE).display().to_string())?;
        Ok(series)
    }

    /// The same, or none where there is no series yet.
    pub(crate) fn find(folder: &Path, keys: &[VerifierKey]) -> Result<Option<Series>> {
        folder.join(FILE).exists().then(|| Series::read(folder, Some(keys))).transpose()
    }

    /// Writes the series in place of the old one, and removes what neither names.
    pub(crate) fn write(&self, folder: &Path, key: &SigningKey) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        let note = note::sign(&text, &self.ledger, key)?;
        let draft = folder.join(format!("{DRAFT}{FILE}"));
        let written = sealed::private_file(&draft).and_then(|mut file| {
            file.write_all(note.as_bytes())?;
            file.sync_all()
        });
        written.with_context(|| format!("{} cannot be written", draft.display()))?;
        sealed::settle(&draft, &folder.join(FILE))?;
        self.sweep(folder)
    }

    /// Removes drafts that were broken off, and parts that no longer belong to the series.
    pub(crate) fn sweep(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let old = name.ends_with(".age") && !self.names().any(|kept| *kept == name);
            if old || name.starts_with(DRAFT) {
                fs::remove_file(folder.join(&name)).with_context(|| format!("{name} cannot be removed"))?;
            }
        }
        Ok(())
    }

    /// The last act that the parts hold.
    pub(crate) fn size(&self) -> i64 {
        self.acts.last().map_or(0, |part| part.last)
    }

    pub(crate) fn is_for(&self, recipient: &Recipient) -> bool {
        self.recipient == fingerprint(recipient)
    }

    /// The public keys of the node.
    pub(crate) fn verifiers(&self) -> Result<Vec<VerifierKey>> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join(ledger::keys::PUBLIC_FILE), &self.keys)?;
        public_keys(folder.path())
    }

    /// Looks whether every part is there as the series says, before anything is made of it.
    pub(crate) fn check_parts(&self, folder: &Path) -> Result<()> {
        let acts = self.acts.iter().map(|part| (&part.file, &part.sha256, part.bytes));
        let rest = self.rest.iter().map(|rest| (&rest.file, &rest.sha256, rest.bytes));
        for (file, sha256, bytes) in acts.chain(rest) {
            let found = sealed::digest(&folder.join(file))
                .with_context(|| format!("the part {file} cannot be read"))?;
            ensure!(
                found.bytes == bytes,
                "the part {file} has {} bytes where {bytes} belong: it was cut",
                found.bytes
            );
            ensure!(found.sha256 == *sha256, "the part {file} is not what the series says: it was changed");
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.acts.iter().map(|part| &part.file).chain(self.rest.iter().map(|rest| &rest.file))
    }

    fn check_order(&self) -> Result<()> {
        let mut next = 1;
        for part in &self.acts {
            if part.first != next || part.last < part.first {
                bail!("the part {} begins at act {} where act {next} must stand", part.file, part.first);
            }
            next = part.last + 1;
        }
        Ok(())
    }
}

/// The public keys in a data folder.
pub(crate) fn public_keys(folder: &Path) -> Result<Vec<VerifierKey>> {
    Ok(ledger::keys::public(folder)?)
}

/// Keeps a second backup out of the folder; let go when dropped.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let lock =
        sealed::private_file(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!("another backup is being written into {}", folder.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// The name of a content-addressed file: it tells nobody who lacks the recipient whether a file he knows is here.
pub(crate) fn name_of(digest: &str, recipient: &Recipient) -> PathBuf {
    let hash =
        Sha256::new().chain_update(recipient.to_string()).chain_update("\n").chain_update(digest).finalize();
    let name = hex::encode(hash);
    Path::new(FILES).join(&name[..2]).join(format!("{name}.age"))
}

fn fingerprint(recipient: &Recipient) -> String {
    hex::encode(Sha256::digest(format!("recipient {recipient}")))
}

fn read_note(folder: &Path) -> Result<String> {
    let file = folder.join(FILE);
    fs::read_to_string(&file)
        .with_context(|| format!("there is no backup: {} cannot be read", file.display()))
}

fn unchecked_text(note: &str) -> &str {
    note.rsplit_once("\n\n").map_or(note, |(text, _)| text)
}

fn parse(folder: &Path, text: &str) -> Result<Series> {
    let series: Series = serde_json::from_str(text)
        .with_context(|| format!("{} is no series of backups", folder.join(FILE).display()))?;
    ensure!(
        series.version == VERSION,
        "the backup has version {}, which this program does not know",
        series.version
    );
    Ok(series)
}
