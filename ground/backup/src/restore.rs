//! The way back: a record from its parts, to its end or to an earlier point, and all that stood beside it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::x25519::Identity;
use anyhow::{Context, Result, anyhow, bail, ensure};
use jiff::Timestamp;
use ledger::copy::{Chain, Entry, Erasure, Restoring};
use ledger::{Header, VerifierKey};
use sha2::{Digest, Sha256};
use store::{Sql, Store, Value};

use crate::lines::{self, Cell, RestLine};
use crate::sealed;
use crate::series::{self, Part, Series};
use crate::take::{Progress, is_digest, quoted};

/// Acts stored in one transaction, about.
const PAGE: usize = 1024;

/// How far a record is restored: always to the last checkpoint there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// All that the backup holds.
    End,
    /// Not beyond this act.
    Act(i64),
    /// Nothing recorded later.
    Instant(Timestamp),
}

impl FromStr for Until {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Until> {
        if let Ok(number) = text.parse() {
            return Ok(Until::Act(number));
        }
        let instant = text.parse().map(Until::Instant);
        instant.map_err(|_| {
            anyhow!(
                "{text:?} is neither the number of an act nor an instant such as 2026-11-25T08:30:00+08:00"
            )
        })
    }
}

/// A backup whose parts are all there and unchanged.
pub struct Backup {
    folder: PathBuf,
    identity: Identity,
    series: Series,
    keys: Vec<VerifierKey>,
    rest: Contents,
}

/// What came of a restore beside the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    pub files: usize,
    /// Files that the backup names and does not hold.
    pub missing: Vec<String>,
}

/// What is not in the record.
#[derive(Default)]
struct Contents {
    configuration: String,
    keys: Vec<(String, String)>,
    files: Vec<String>,
    erased_files: BTreeSet<String>,
    erasures: Vec<Erasure>,
    tables: Vec<Table>,
}

#[derive(Default)]
struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Backup {
    /// Opens the backup in a folder: checks its signature and every part's digest, and reads what is not in the record.
    /// Without `keys` the public keys are believed that the backup itself names.
    ///
    /// # Errors
    /// Names the part that is missing, cut, changed, or encrypted to another key.
    pub fn open(folder: &Path, identity: Identity, keys: Option<Vec<VerifierKey>>) -> Result<Backup> {
        let series = Series::read(folder, keys.as_deref())?;
        series.check_parts(folder)?;
        let keys = keys.map_or_else(|| series.verifiers(), Ok)?;
        let rest = series.rest.as_ref().context("the backup was broken off before it held anything")?;
        let rest = Contents::read(&folder.join(&rest.file), &identity)
            .with_context(|| format!("the part {} cannot be read with this backup key", rest.file))?;
        ensure!(
            series.is_for(&identity.to_public()),
            "the backup in {} is encrypted to another key",
            folder.display()
        );
        Ok(Backup { folder: folder.to_owned(), identity, series, keys, rest })
    }

    /// Learns the erasures of a later backup of the same node, to be kept by this older copy too.
    ///
    /// # Errors
    /// When it is of another node.
    pub fn learn_erasures(&mut self, later: &Backup) -> Result<()> {
        ensure!(later.name() == self.name(), "{} is the backup of another node", later.folder.display());
        self.rest.erasures.clone_from(&later.rest.erasures);
        self.rest.erased_files.extend(later.rest.erased_files.iter().cloned());
        Ok(())
    }

    /// The name of the ledger.
    pub fn name(&self) -> &str {
        &self.series.ledger
    }

    /// How many acts it holds.
    pub fn size(&self) -> i64 {
        self.series.size()
    }

    /// When it was taken, if the first run came to its end.
    pub fn taken(&self) -> Option<Timestamp> {
        self.series.taken
    }

    /// The text of the node's configuration.
    pub fn configuration(&self) -> &str {
        &self.rest.configuration
    }

    /// Whether the secret key of the node is in it.
    pub fn has_signing_key(&self) -> bool {
        self.rest.keys.iter().any(|(name, _)| name == ledger::keys::SECRET_FILE)
    }

    /// The erasures that a record of `size` acts does not know yet, though it holds acts that they erased.
    pub fn erasures_ahead(&self, size: i64) -> Vec<Erasure> {
        let ahead = self.rest.erasures.iter().filter(|erasure| erasure.act > size);
        let within = ahead.map(|erasure| {
            let numbers = erasure.numbers.iter().copied().filter(|number| *number <= size).collect();
            Erasure { numbers, ..erasure.clone() }
        });
        within.filter(|erasure| !erasure.numbers.is_empty()).collect()
    }

    /// Puts the record into an empty store, without what was ever erased from it. `Restoring::finish` ends it.
    ///
    /// # Errors
    /// Names the part and the act at fault.
    pub fn record(&self, store: &Store, until: Until, tell: &mut dyn FnMut(Progress)) -> Result<Restoring> {
        let erased = self.rest.erasures.iter().flat_map(|erasure| &erasure.numbers).copied().collect();
        let chain = Chain::new(self.name(), self.keys.clone(), erased);
        let mut filling =
            Filling { restoring: Restoring::begin(store, chain)?, until, waiting: Vec::new(), signed: 0 };
        for part in &self.series.acts {
            let more = self.fill(part, &mut filling).with_context(|| format!("the part {}", part.file))?;
            tell(Progress { acts: filling.restoring.chain().size(), of: self.size() });
            if !more {
                break;
            }
        }
        filling.store()?;
        if filling.restoring.chain().size() == 0 && until != Until::End {
            bail!("no checkpoint stands there or before: the record begins later");
        }
        Ok(filling.restoring)
    }

    /// Fills the ordinary tables, which the program has made, and returns the names of those it no longer knows.
    ///
    /// # Errors
    /// When a column is unknown to this program.
    pub fn tables(&self, store: &Store) -> Result<Vec<String>> {
        let mut unknown = Vec::new();
        for table in &self.rest.tables {
            let known = store.read(|sql| sql.columns(&table.name))?;
            if known.is_empty() {
                unknown.push(table.name.clone());
                continue;
            }
            if let Some(column) = table.columns.iter().find(|column| !known.contains(column)) {
                bail!(
                    "the table {} has no column {column} here: the backup is of a newer program",
                    table.name
                );
            }
            table.fill(store)?;
        }
        Ok(unknown)
    }

    /// Puts the files back under their digests, and the keys of the node into its data folder.
    ///
    /// # Errors
    /// Names the file that was changed.
    pub fn files(&self, data: &Path, files: &Path) -> Result<Restored> {
        for (name, text) in &self.rest.keys {
            let mode = if name == ledger::keys::PUBLIC_FILE { 0o644 } else { 0o600 };
            put(&data.join(name), text.as_bytes(), mode)?;
        }
        let mut restored = Restored::default();
        sealed::private_folder(files)?;
        for digest in self.rest.files.iter().filter(|digest| !self.rest.erased_files.contains(*digest)) {
            let name = series::name_of(digest, &self.identity.to_public());
            match self.file(&name, digest).with_context(|| format!("the file {}", name.display()))? {
                Some(bytes) => put_file(files, digest, &bytes)?,
                None => restored.missing.push(name.display().to_string()),
            }
            restored.files += 1;
        }
        restored.files -= restored.missing.len();
        Ok(restored)
    }

    fn file(&self, name: &Path, digest: &str) -> Result<Option<Vec<u8>>> {
        let path = self.folder.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        io::copy(&mut sealed::open(&path, &self.identity)?, &mut bytes).context("it was cut or changed")?;
        ensure!(hex::encode(Sha256::digest(&bytes)) == digest, "its content is not what its name says");
        Ok(Some(bytes))
    }

    /// Whether the record goes on beyond this part.
    fn fill(&self, part: &Part, filling: &mut Filling) -> Result<bool> {
        let opened = sealed::open(&self.folder.join(&part.file), &self.identity);
        for entry in lines::read(opened.context("it cannot be decrypted with this backup key")?) {
            if !filling.take(entry?)? {
                return Ok(false);
            }
        }
        let reached = filling.size();
        ensure!(reached == part.last, "it ends at act {reached}, not at act {}", part.last);
        Ok(true)
    }
}

/// A store being filled: what no checkpoint covers yet waits.
struct Filling {
    restoring: Restoring,
    until: Until,
    waiting: Vec<Entry>,
    /// How many of those that wait stand under a checkpoint.
    signed: usize,
}

impl Filling {
    fn size(&self) -> i64 {
        self.restoring.chain().size() + i64::try_from(self.waiting.len()).unwrap_or(i64::MAX)
    }

    /// Whether the act still belongs to what is restored.
    fn take(&mut self, entry: Entry) -> Result<bool> {
        let within = match self.until {
            Until::End => true,
            Until::Act(last) => self.size() < last,
            Until::Instant(instant) => {
                Header::decode(entry.leaf.as_bytes()).map_err(anyhow::Error::msg)?.recorded <= instant
            }
        };
        if within {
            let signed = entry.checkpoint.is_some();
            self.waiting.push(entry);
            if signed {
                self.signed = self.waiting.len();
            }
            if self.signed >= PAGE {
                self.store()?;
            }
        }
        Ok(within)
    }

    fn store(&mut self) -> Result<()> {
        let signed = self.waiting.drain(..self.signed).collect();
        self.signed = 0;
        Ok(self.restoring.take(signed)?)
    }
}

impl Contents {
    fn read(file: &Path, identity: &Identity) -> Result<Contents> {
        let mut contents = Contents::default();
        for line in lines::read(sealed::open(file, identity)?) {
            contents.take(line?)?;
        }
        Ok(contents)
    }

    fn take(&mut self, line: RestLine) -> Result<()> {
        match line {
            RestLine::Configuration(text) => self.configuration = text,
            RestLine::Key { name, text } => {
                ensure!(!name.contains('/'), "{name:?} is no name of a key file");
                self.keys.push((name, text));
            }
            RestLine::File(digest) => self.files.push(checked(digest)?),
            RestLine::ErasedFile(digest) => {
                self.erased_files.insert(digest);
            }
            RestLine::Erasure(erasure) => self.erasures.push(erasure),
            RestLine::Table { name, columns } => self.tables.push(Table { name, columns, rows: Vec::new() }),
            RestLine::Row(cells) => self.tables.last_mut().context("a row without a table")?.rows.push(cells),
        }
        Ok(())
    }
}

/// No path leads out of the folder of files.
fn checked(digest: String) -> Result<String> {
    ensure!(is_digest(&digest), "{digest:?} is no SHA-256");
    Ok(digest)
}

impl Table {
    fn fill(&self, store: &Store) -> Result<()> {
        let name = quoted(std::slice::from_ref(&self.name));
        let places: Vec<String> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!("insert into {name} ({}) values ({})", quoted(&self.columns), places.join(", "));
        let rows = self.rows.iter().map(|row| row.iter().cloned().map(Value::try_from).collect());
        let rows: Vec<Vec<Value>> = rows.collect::<Result<_, _>>()?;
        store.write(move |sql: &mut dyn Sql| {
            sql.execute(&format!("delete from {name}"), &[])?;
            rows.iter().try_for_each(|row| sql.execute(&insert, row).map(|_| ()))
        })?;
        Ok(())
    }
}

fn put_file(folder: &Path, digest: &str, bytes: &[u8]) -> Result<()> {
    let folder = folder.join(&digest[..2]);
    sealed::private_folder(&folder)?;
    put(&folder.join(digest), bytes, 0o600)
}

fn put(file: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let written = sealed::private_file(file).and_then(|mut out| {
        out.write_all(bytes)?;
        out.set_permissions(fs::Permissions::from_mode(mode))?;
        out.sync_all()
    });
    written.with_context(|| format!("{} cannot be written", file.display()))
}
