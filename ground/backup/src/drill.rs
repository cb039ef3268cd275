//! The drill: whether a node restored from its backup is the node that runs.

use anyhow::Result;
use ledger::Book;
use ledger::copy::{self, Restoring};
use store::{Sql, Store};

use crate::restore::{Backup, Until};
use crate::take::ordinary_tables;

/// Acts read in one go.
const PAGE: i64 = 1024;

/// What a drill found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drilled {
    /// Acts of the backup.
    pub acts: i64,
    /// Acts that the live node has recorded since, and which the restored one was brought up with to be compared.
    pub since: i64,
    /// Tables of books that are equal.
    pub books: usize,
    /// What is not equal: the record, or tables of books.
    pub differing: Vec<String>,
    /// Ordinary tables that have moved on since the backup, as those of sessions do.
    pub moved: Vec<String>,
}

/// Restores the whole backup into an empty store and compares it with the live one, in one snapshot of it: the root of the
/// record, the number of acts, and every table. `prepare` makes the ordinary tables.
///
/// # Errors
/// When the backup is at fault, or a store cannot be read or written.
pub fn drill(
    backup: &Backup,
    live: &Store,
    scratch: &Store,
    books: fn() -> Vec<Box<dyn Book>>,
    prepare: impl Fn(&Store) -> Result<()>,
) -> Result<Drilled> {
    let mut restoring = backup.record(scratch, Until::End, &mut |_| ())?;
    live.read(|sql| {
        let acts = restoring.chain().size();
        let mut drilled = Drilled { acts, ..Drilled::default() };
        if copy::root_at(sql, acts)? != Some(restoring.chain().root()) {
            drilled.differing.push("the record itself".to_owned());
            return Ok(drilled);
        }
        bring_up(sql, &mut restoring)?;
        drilled.since = restoring.chain().size() - acts;
        restoring.finish(books())?;
        prepare(scratch)?;
        backup.tables(scratch)?;
        compare(sql, scratch, &books(), &mut drilled)?;
        Ok(drilled)
    })
}

fn bring_up(sql: &mut dyn Sql, restoring: &mut Restoring) -> Result<()> {
    for erasure in copy::all_erasures(sql)? {
        restoring.learn_erased(&erasure.numbers);
    }
    loop {
        let page = copy::entries(sql, restoring.chain().size(), PAGE)?;
        if page.is_empty() {
            return Ok(());
        }
        restoring.take(page)?;
    }
}

fn compare(
    live: &mut dyn Sql,
    scratch: &Store,
    books: &[Box<dyn Book>],
    drilled: &mut Drilled,
) -> Result<()> {
    let folded: Vec<&str> = books.iter().flat_map(|book| book.tables()).copied().collect();
    for table in &folded {
        if equal(live, scratch, table)? {
            drilled.books += 1;
        } else {
            drilled.differing.push((*table).to_owned());
        }
    }
    let ordinary = scratch.read(|sql| ordinary_tables(sql, &folded))?;
    for table in ordinary {
        if live.columns(&table)?.is_empty() || !equal(live, scratch, &table)? {
            drilled.moved.push(table);
        }
    }
    Ok(())
}

fn equal(live: &mut dyn Sql, scratch: &Store, table: &str) -> Result<bool> {
    Ok(store::digest(live, table)? == scratch.read(|sql| store::digest(sql, table))?)
}
