//! What an erasure takes with it: the files that no other act names, and the bytes on the disk.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use anyhow::Context;
use ledger::copy::{self, Entry};
use ledger::{Act, Recorded, Writing};
use store::Sql;

use crate::house::House;
use crate::module::{Chore, Module, WorkingLists};
use crate::uploads::Uploads;

/// Acts read in one go.
const PAGE: i64 = 1024;

/// An erasure about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasing {
    /// The acts whose bodies go.
    pub numbers: Vec<i64>,
    pub reason: String,
    pub basis: String,
}

impl Erasing {
    /// Erases the bodies, what modules keep of the same persons in their lists, and notes the files that no other act names.
    /// The chore `erasure` then removes those files and makes the erased bytes leave the files of the database.
    ///
    /// # Errors
    /// As `Writing::erase`.
    pub fn record(&self, writing: &mut Writing<'_>, house: &House) -> anyhow::Result<Recorded> {
        let acts: Vec<Act> =
            self.numbers.iter().map(|number| writing.act(*number)).collect::<Result<_, _>>()?;
        lists(&house.modules).try_for_each(|lists| (lists.forget)(writing.sql(), &acts))?;
        let files = files_of(writing.sql(), &self.numbers.iter().copied().collect(), &house.uploads)?;
        let recorded = writing.erase(&self.numbers, &self.reason, &self.basis)?;
        for digest in files {
            let note =
                "insert into erased_files (digest, act) values ($1, $2) on conflict (digest) do nothing";
            writing.sql().execute(note, &[digest.into(), recorded.number.into()])?;
        }
        Ok(recorded)
    }
}

/// Empties the lists that modules keep beside acts and books. For a restored copy in which erasures are replayed: of acts
/// without body nobody can say any more what in those lists was of the same persons.
///
/// # Errors
/// When the store refuses.
pub fn empty_lists(sql: &mut dyn Sql, modules: &[Module]) -> store::Result<()> {
    let mut tables = lists(modules).flat_map(|lists| lists.tables);
    tables.try_for_each(|table| sql.execute(&format!("delete from {table}"), &[]).map(drop))
}

fn lists(modules: &[Module]) -> impl Iterator<Item = WorkingLists> {
    modules.iter().filter_map(|module| module.lists)
}

/// The SHA-256 of every file that was erased by law.
///
/// # Errors
/// When the store cannot be read.
pub fn erased_files(sql: &mut dyn Sql) -> store::Result<Vec<String>> {
    sql.query("select digest from erased_files order by digest", &[])?.iter().map(|row| row.get(0)).collect()
}

/// Removes what was erased from the disk. It tries again each minute, because a long reader can be in the way.
pub(crate) fn chore() -> Chore {
    Chore { name: "erasure", every: Duration::from_secs(60), woken: true, run: purge }
}

fn purge(house: &House) -> anyhow::Result<()> {
    // Asked after every act, so no more is read than the two numbers as long as they agree.
    let (erased, purged) = house.store.read(|sql| {
        let purged = sql.query_one("select act from purged", &[])?;
        Ok::<_, anyhow::Error>((copy::last_erasure(sql)?, purged.map_or(Ok(0), |row| row.get::<i64>(0))?))
    })?;
    if erased == purged {
        return Ok(());
    }
    let files = house.store.read(erased_files)?;
    files.iter().try_for_each(|digest| remove(&house.uploads, digest))?;
    house.ledger.purge()?;
    let tables: Vec<&str> = lists(&house.modules).flat_map(|lists| lists.tables).copied().collect();
    house.store.purge(&tables)?;
    house.store.write(move |sql| {
        let note = "insert into purged (one, act) values (1, $1) on conflict (one) do update set act = $1";
        sql.execute(note, &[erased.into()])
    })?;
    tracing::info!(act = erased, files = files.len(), "erased bytes have left the disk");
    Ok(())
}

fn remove(uploads: &Uploads, digest: &str) -> anyhow::Result<()> {
    let path = uploads.path(digest)?;
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// The uploaded files that these acts name and no other act does.
fn files_of(
    sql: &mut dyn Sql,
    numbers: &BTreeSet<i64>,
    uploads: &Uploads,
) -> anyhow::Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for number in numbers {
        let entries = copy::entries(sql, number - 1, 1)?;
        named.extend(entries.iter().flat_map(digests_in).map(str::to_owned));
    }
    named.retain(|digest| uploads.path(digest).is_ok_and(|path| path.exists()));
    let mut last = 0;
    while !named.is_empty() {
        let page = copy::entries(sql, last, PAGE)?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            last += 1;
            if !numbers.contains(&last) {
                named.retain(|digest| !digests_in(entry).any(|other| other == digest));
            }
        }
    }
    Ok(named)
}

/// The texts in a body that can be the SHA-256 of a file.
fn digests_in(entry: &Entry) -> impl Iterator<Item = &str> {
    let json = entry.body.as_ref().map_or("", |body| body.json.as_str());
    json.split('"').filter(|text| {
        text.len() == 64 && text.bytes().all(|sign| sign.is_ascii_digit() || (b'a'..=b'f').contains(&sign))
    })
}
