//! Takes a backup beside a running node: what was added since the last run, in one snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use ledger::copy::{self, Chain, Entry, Erasure, RECORD_TABLES};
use ledger::{Checkpoint, SigningKey, VerifierKey};
use store::{Sql, Store};

use crate::lines::{self, Cell, RestLine};
use crate::sealed::{self, Sealing};
use crate::series::{self, DRAFT, FILES, Part, Rest, Series};

/// Acts read in one go.
const PAGE: i64 = 1024;

/// A part ends at the first checkpoint after so many acts: what is written stays when the run is stopped.
const PART: i64 = 4096;

/// What is backed up.
pub struct Node<'a> {
    /// The name of its ledger.
    pub name: &'a str,
    pub store: &'a Store,
    /// Where its keys lie.
    pub data: &'a Path,
    /// Where its files lie, each under its SHA-256.
    pub files: PathBuf,
    /// The text of its configuration.
    pub configuration: String,
    /// The tables that the program makes anew by itself: those of books, and those that count its own steps.
    pub made: Vec<&'static str>,
    /// The SHA-256 of every file that was erased by law.
    pub erased_files: fn(&mut dyn Sql) -> store::Result<Vec<String>>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The act last written, and how many there are in all.
    pub acts: i64,
    pub of: i64,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Acts in the backup, and how many of them are new.
    pub acts: i64,
    pub fresh: i64,
    /// Files that are new, and files that were removed since they were erased.
    pub files: usize,
    pub erased_files: usize,
    /// Parts that were written again because bodies in them were erased.
    pub rewritten: usize,
}

/// Brings the backup in `folder` up to the present state of the node. `with_key`: whether its secret key goes into it.
///
/// What counts is what the file `series` names; it is written anew after every part, so that a run may be stopped at any
/// time.
///
/// # Errors
/// When folder or store cannot be read or written, when another run is under way, when the folder is of another node or
/// another recipient, when the record does not go on from the last backup, or when an act is damaged.
pub fn take(
    node: &Node<'_>,
    folder: &Path,
    (recipient, with_key): (&Recipient, bool),
    now: Timestamp,
    tell: &mut dyn FnMut(Progress),
) -> Result<Taken> {
    sealed::private_folder(folder)?;
    let _lock = series::lock(folder)?;
    let mut run = Run::begin(node, folder, recipient, with_key, tell)?;
    node.store.read(|sql| run.all(sql, now))
}

struct Run<'a> {
    node: &'a Node<'a>,
    folder: &'a Path,
    recipient: &'a Recipient,
    with_key: bool,
    key: SigningKey,
    keys: Vec<VerifierKey>,
    series: Series,
    tell: &'a mut dyn FnMut(Progress),
    taken: Taken,
}

impl<'a> Run<'a> {
    fn begin(
        node: &'a Node<'a>,
        folder: &'a Path,
        recipient: &'a Recipient,
        with_key: bool,
        tell: &'a mut dyn FnMut(Progress),
    ) -> Result<Run<'a>> {
        let key = ledger::keys::load(&node.data.join(ledger::keys::SECRET_FILE))?;
        let keys = series::public_keys(node.data)?;
        let text = fs::read_to_string(node.data.join(ledger::keys::PUBLIC_FILE))?;
        let series = match Series::find(folder, &keys)? {
            Some(series) => Series { keys: text, ..series },
            None => Series::new(node.name, text, recipient),
        };
        ensure!(
            series.is_for(recipient),
            "the backup in {} is encrypted to another recipient: name a new folder",
            folder.display()
        );
        series.sweep(folder)?;
        Ok(Run { node, folder, recipient, with_key, key, keys, series, tell, taken: Taken::default() })
    }

    /// The rest comes first: whatever acts the series holds, what stands beside them is never older, so that no number is
    /// given twice.
    fn all(&mut self, sql: &mut dyn Sql, now: Timestamp) -> Result<Taken> {
        self.check_goes_on(sql)?;
        let size = copy::size(sql)?;
        let erasures = copy::all_erasures(sql)?;
        let erased: BTreeSet<i64> = erasures.iter().flat_map(|erasure| &erasure.numbers).copied().collect();
        let erased_files = (self.node.erased_files)(sql)?;
        let files = self.copy_files(&erased_files)?;
        self.write_rest(sql, size, &files, &erased_files, &erasures)?;
        self.rewrite_erased(sql, &erasures, &erased)?;
        self.write_acts(sql, size, &erased)?;
        self.remove_files(&erased_files)?;
        self.series.erasures = erasures.last().map_or(0, |erasure| erasure.act);
        self.series.taken = Some(now);
        self.keep()?;
        self.taken.acts = size;
        Ok(std::mem::take(&mut self.taken))
    }

    /// A record that was cut or rewritten since is not laid over a good backup of it.
    fn check_goes_on(&self, sql: &mut dyn Sql) -> Result<()> {
        let Some(part) = self.series.acts.last() else { return Ok(()) };
        let kept = Checkpoint::open(&part.checkpoint, &self.keys)?.head();
        if copy::root_at(sql, part.last)? == Some(kept.root) {
            return Ok(());
        }
        bail!(
            "the record does not go on from the last backup of {} acts: it was cut, rewritten or restored to an earlier point. \
             Run `comity verify`; to back up this record all the same, name a new folder",
            part.last
        )
    }

    /// Copies the files that are not there yet and returns the digests of all that are.
    fn copy_files(&mut self, erased: &[String]) -> Result<Vec<String>> {
        let mut there = Vec::new();
        for digest in digests(&self.node.files)?.into_iter().filter(|digest| !erased.contains(digest)) {
            let name = self.folder.join(series::name_of(&digest, self.recipient));
            if name.exists() || self.copy_file(&digest, &name)? {
                there.push(digest);
            }
        }
        Ok(there)
    }

    /// Whether it was still there: it may be erased at this moment.
    fn copy_file(&mut self, digest: &str, name: &Path) -> Result<bool> {
        let source = self.node.files.join(&digest[..2]).join(digest);
        let mut file = match fs::File::open(&source) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.with_context(|| source.display().to_string())?,
        };
        sealed::private_folder(name.parent().unwrap_or(self.folder))?;
        let mut out = self.sealing()?;
        io::copy(&mut file, &mut out).with_context(|| format!("{} cannot be copied", source.display()))?;
        sealed::settle(&out.end()?.0, name)?;
        self.taken.files += 1;
        Ok(true)
    }

    fn write_rest(
        &mut self,
        sql: &mut dyn Sql,
        at: i64,
        files: &[String],
        erased_files: &[String],
        erasures: &[Erasure],
    ) -> Result<()> {
        let mut out = self.sealing()?;
        lines::write(&mut out, &RestLine::Configuration(self.node.configuration.clone()))?;
        for (name, text) in key_files(self.node.data, self.with_key)? {
            lines::write(&mut out, &RestLine::Key { name, text })?;
        }
        files.iter().try_for_each(|digest| lines::write(&mut out, &RestLine::File(digest.clone())))?;
        erased_files
            .iter()
            .try_for_each(|digest| lines::write(&mut out, &RestLine::ErasedFile(digest.clone())))?;
        erasures
            .iter()
            .try_for_each(|erasure| lines::write(&mut out, &RestLine::Erasure(erasure.clone())))?;
        for name in ordinary_tables(sql, &self.node.made)? {
            write_table(sql, &mut out, name)?;
        }
        let (draft, stored) = out.end()?;
        let file = format!("rest-{at:012}-{}.age", &stored.sha256[..12]);
        sealed::settle(&draft, &self.folder.join(&file))?;
        self.series.rest = Some(Rest { file, sha256: stored.sha256, bytes: stored.bytes, at });
        self.keep()
    }

    /// Writes the parts again from which bodies were erased since they were written.
    fn rewrite_erased(
        &mut self,
        sql: &mut dyn Sql,
        erasures: &[Erasure],
        erased: &BTreeSet<i64>,
    ) -> Result<()> {
        let known = self.series.erasures;
        let fresh =
            erasures.iter().filter(|erasure| erasure.act > known).flat_map(|erasure| &erasure.numbers);
        let fresh: BTreeSet<i64> = fresh.copied().collect();
        for index in 0..self.series.acts.len() {
            let Part { first, last, .. } = self.series.acts[index];
            if fresh.range(first..=last).next().is_some() {
                self.series.acts[index] = self.write_part(sql, first - 1, last, i64::MAX, erased)?;
                self.keep()?;
                self.taken.rewritten += 1;
            }
        }
        Ok(())
    }

    fn write_acts(&mut self, sql: &mut dyn Sql, size: i64, erased: &BTreeSet<i64>) -> Result<()> {
        while self.series.size() < size {
            let part = self.write_part(sql, self.series.size(), size, PART, erased)?;
            self.taken.fresh += part.last - part.first + 1;
            self.series.acts.push(part);
            self.keep()?;
        }
        Ok(())
    }

    /// Writes the acts after `after` up to `to`, or to the first checkpoint after `most` of them; each is checked.
    fn write_part(
        &mut self,
        sql: &mut dyn Sql,
        after: i64,
        to: i64,
        most: i64,
        erased: &BTreeSet<i64>,
    ) -> Result<Part> {
        let mut chain = Chain::new(self.node.name, self.keys.clone(), erased.clone()).after(sql, after)?;
        let mut out = self.sealing()?;
        let mut end = None;
        while end.is_none() {
            let page = copy::entries(sql, chain.size(), PAGE.min(to - chain.size()))?;
            ensure!(!page.is_empty(), "the record ends before act {to}; run `comity verify`");
            for mut entry in page {
                let header = chain.take(&entry).context("the record does not hold; run `comity verify`")?;
                drop_erased(&mut entry, header.number, erased);
                lines::write(&mut out, &entry)?;
                let full = header.number == to || header.number - after >= most;
                if let Some(note) = entry.checkpoint.filter(|_| full) {
                    end = Some((header.recorded, note));
                    break;
                }
                ensure!(header.number < to, "no checkpoint covers act {to}; run `comity verify`");
            }
            (self.tell)(Progress { acts: chain.size(), of: to });
        }
        let (draft, stored) = out.end()?;
        let (first, last) = (after + 1, chain.size());
        let file = format!("acts-{first:012}-{last:012}-{}.age", &stored.sha256[..12]);
        sealed::settle(&draft, &self.folder.join(&file))?;
        let (recorded, checkpoint) = end.unwrap_or_default();
        Ok(Part { file, sha256: stored.sha256, bytes: stored.bytes, first, last, recorded, checkpoint })
    }

    fn remove_files(&mut self, erased: &[String]) -> Result<()> {
        for digest in erased {
            let name = self.folder.join(series::name_of(digest, self.recipient));
            match fs::remove_file(&name) {
                Ok(()) => self.taken.erased_files += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("{} cannot be removed", name.display()));
                }
            }
        }
        Ok(())
    }

    fn sealing(&self) -> Result<Sealing> {
        Sealing::begin(self.folder.join(format!("{DRAFT}part")), self.recipient)
    }

    fn keep(&self) -> Result<()> {
        self.series.write(self.folder, &self.key)
    }
}

fn drop_erased(entry: &mut Entry, number: i64, erased: &BTreeSet<i64>) {
    if erased.contains(&number) {
        entry.body = None;
    }
}

/// The digests of all files below a folder, each in a folder named by its first two signs.
pub(crate) fn digests(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != FILES {
            for file in fs::read_dir(entry.path())? {
                found.push(file?.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found.retain(|name| is_digest(name));
    found.sort();
    Ok(found)
}

/// Whether a text can be the name of a file: its SHA-256 in hexadecimal.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|sign| sign.is_ascii_hexdigit())
}

/// The key files of a node, by name; those that only their owner may read are left out unless `secret`.
fn key_files(data: &Path, secret: bool) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(data).with_context(|| data.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let private = entry.metadata()?.permissions().mode() & 0o077 == 0;
        if name.starts_with("ledger.") && !name.ends_with(".new") && (secret || !private) {
            files.push((name, fs::read_to_string(entry.path())?));
        }
    }
    Ok(files)
}

/// The tables that are neither record nor made anew by the program.
pub(crate) fn ordinary_tables(sql: &mut dyn Sql, made: &[&str]) -> Result<Vec<String>> {
    let mut tables = sql.tables()?;
    tables.retain(|table| !RECORD_TABLES.contains(&table.as_str()) && !made.contains(&table.as_str()));
    Ok(tables)
}

fn write_table(sql: &mut dyn Sql, out: &mut Sealing, name: String) -> Result<()> {
    let columns = sql.columns(&name)?;
    let query = format!("select {} from {}", quoted(&columns), quoted(std::slice::from_ref(&name)));
    lines::write(out, &RestLine::Table { name, columns })?;
    let mut failed = None;
    sql.each(&query, &[], &mut |row| {
        let cells = row.values().iter().map(Cell::from).collect();
        if failed.is_none() {
            failed = lines::write(out, &RestLine::Row(cells)).err();
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), Err)
}

pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
