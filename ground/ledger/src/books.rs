//! Books are made when they are new, rebuilt when they have changed, and checked by folding everything anew.

mod compare;

use std::sync::Arc;

use store::{Sql, Store};

pub use compare::{Difference, RowFault};

use crate::tables::{self, PAGE};
use crate::{Act, Book, Error, Ledger, Result};

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Acts folded.
    pub acts: i64,
    /// Tables whose content is no longer what it was.
    pub changed: Vec<&'static str>,
}

/// What the books were found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksReport {
    /// Acts folded.
    pub acts: i64,
    /// Tables that do not hold what the acts say, each with the first row in which that shows.
    pub differing: Vec<Difference>,
}

/// Folds all acts into all books anew, in one transaction; readers see the old rows until it is done.
///
/// # Errors
/// When a book cannot be folded; everything then stays as it was.
pub fn rebuild(ledger: &Ledger) -> Result<Rebuilt> {
    let (core, store) = (ledger.core(), ledger.store());
    // Each table by itself: one that cannot be read is to be mended too, and must not hide the others.
    let names = core.books.iter().flat_map(|book| book.tables()).copied();
    let before: Vec<_> = names.map(|table| store.read(|sql| store::digest(sql, table)).ok()).collect();
    store.write(move |sql| {
        let acts = fold_anew(sql, &core.books)?;
        let mut changed = Vec::new();
        for (table, before) in core.books.iter().flat_map(|book| book.tables()).zip(before) {
            if before != Some(store::digest(sql, table)?) {
                changed.push(*table);
            }
        }
        Ok(Rebuilt { acts, changed })
    })
}

/// Folds all acts into a database of its own and compares every table with the live one; and the ledger's own table
/// of the books' versions with what this program's books say.
///
/// # Errors
/// When acts cannot be read, or a book cannot be folded.
pub fn verify_books(store: &Store, books: Vec<Box<dyn Book>>) -> Result<BooksReport> {
    let (books, scratch) = (Arc::new(books), Store::temporary()?);
    define_in(&scratch, &books)?;
    let tables = books.iter().flat_map(|book| book.tables()).copied().chain([tables::BOOK_VERSIONS]);
    let (acts, compared) = store.read(|sql| {
        let acts = copy_fold(sql, &scratch, &books)?;
        let compared = tables.map(|table| (table, compare::first_difference(sql, &scratch, table)));
        Ok::<_, Error>((acts, compared.collect::<Vec<_>>()))
    })?;
    let mut differing = Vec::new();
    for (table, compared) in compared {
        let difference = match compared {
            Ok(difference) => difference,
            // Nothing is read any more in a snapshot in which one table could not be.
            Err(_) => compare::first_unreadable(store, &scratch, table)?,
        };
        differing.extend(difference);
    }
    scratch.close();
    Ok(BooksReport { acts, differing })
}

/// Makes the tables of new books, and drops, makes and fills those of changed ones.
///
/// All drops come first: a table may have gone over from one book to another.
pub(crate) fn ensure(sql: &mut dyn Sql, books: &[Box<dyn Book>]) -> Result<()> {
    let mut stale = Vec::new();
    for book in books {
        let kept = Kept::find(sql, book.name())?;
        if kept.as_ref().is_none_or(|kept| kept.version != book.version()) {
            drop_tables(sql, &kept.unwrap_or_default(), &**book)?;
            stale.push(&**book);
        }
    }
    stale.iter().try_for_each(|book| sql.define(book.definition()))?;
    books.iter().try_for_each(|book| keep(sql, &**book))?;
    if !stale.is_empty() {
        tables::each_act(sql, &mut |sql, act| stale.iter().try_for_each(|book| fold(sql, *book, act)))?;
    }
    Ok(())
}

/// Empties every table of every book and folds all acts again. Returns how many acts there were.
pub(crate) fn fold_anew(sql: &mut dyn Sql, books: &[Box<dyn Book>]) -> Result<i64> {
    for table in books.iter().flat_map(|book| book.tables()).rev() {
        sql.execute(&format!("delete from {table}"), &[])?;
    }
    tables::each_act(sql, &mut |sql, act| fold_into(sql, books, act))
}

/// What the store knows of a book as it was last folded.
#[derive(Default)]
struct Kept {
    version: i64,
    /// Empty where the ledger was made before books told their tables.
    tables: Vec<String>,
}

impl Kept {
    fn find(sql: &mut dyn Sql, name: &str) -> Result<Option<Kept>> {
        let row =
            sql.query_one("select version, tables from book_versions where name = $1", &[name.into()])?;
        row.map(|row| {
            let tables: String = row.get(1)?;
            Ok(Kept { version: row.get(0)?, tables: tables.split_whitespace().map(str::to_owned).collect() })
        })
        .transpose()
    }
}

/// Drops the tables the book had and those it will make, which are there already if its row bears a damaged name. A table it no longer has must go too: nothing would fold it
/// anew after an erasure, and what was erased would live on in it.
fn drop_tables(sql: &mut dyn Sql, kept: &Kept, book: &dyn Book) -> Result<()> {
    let had = kept.tables.iter().map(String::as_str).rev();
    for table in had.chain(book.tables().iter().rev().copied()) {
        sql.define(&format!("drop table if exists {table}"))?;
    }
    Ok(())
}

/// Notes that the book is folded. A row that claims its tables under another name is of a damaged name.
fn keep(sql: &mut dyn Sql, book: &dyn Book) -> Result<()> {
    let (name, tables) = (book.name(), book.tables().join(" "));
    if !tables.is_empty() {
        let stray = "delete from book_versions where tables = $1 and name <> $2";
        sql.execute(stray, &[tables.as_str().into(), name.into()])?;
    }
    let keep = "insert into book_versions (name, version, tables) values ($1, $2, $3)
                on conflict (name) do update set version = $2, tables = $3";
    sql.execute(keep, &[name.into(), book.version().into(), tables.into()])?;
    Ok(())
}

fn fold_into(sql: &mut dyn Sql, books: &[Box<dyn Book>], act: &Act) -> Result<()> {
    books.iter().try_for_each(|book| fold(sql, &**book, act))
}

fn fold(sql: &mut dyn Sql, book: &dyn Book, act: &Act) -> Result<()> {
    let number = act.header.number;
    book.fold(sql, act).map_err(|source| Error::Book { book: book.name(), number, source })
}

fn define_in(scratch: &Store, books: &Arc<Vec<Box<dyn Book>>>) -> Result<()> {
    let books = Arc::clone(books);
    scratch.write(move |sql| {
        tables::ensure(sql)?;
        ensure(sql, &books)
    })
}

/// Reads acts here and folds them there, page by page.
fn copy_fold(sql: &mut dyn Sql, scratch: &Store, books: &Arc<Vec<Box<dyn Book>>>) -> Result<i64> {
    let mut last = 0;
    loop {
        let page = tables::acts_after(sql, last, PAGE)?;
        let Some(act) = page.last() else { return Ok(last) };
        last = act.header.number;
        let books = Arc::clone(books);
        scratch.write(move |sql| page.iter().try_for_each(|act| fold_into(sql, &books, act)))?;
    }
}
