//! The record on its way from one store to another: act by act in a form that belongs to no engine, checked at both ends.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use store::{Row, Sql, Store};

use crate::act::{Leaf, commitment};
use crate::erasure::{ERASED, Erased, erasures};
use crate::head::Head;
use crate::tiles::{HEIGHT, Tiles};
use crate::tree::{self, Closed, Frontier, Subtrees, leaf_hash};
use crate::{Book, Checkpoint, Error, Hash, Header, Result, VerifierKey, books, tables};

/// The tables in which a ledger keeps acts and tree, and which a copy of the record makes anew. `counters` is not among
/// them: counters go on from where the node stood, also when only an earlier part of its acts is copied.
pub const RECORD_TABLES: [&str; 6] = ["acts", "bodies", "nodes", "checkpoints", "head", "book_versions"];

/// An act as it is copied; one line of JSON. Fields are only ever added, and optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The stored bytes of the header, which are JSON.
    pub leaf: String,
    /// The body with its salt; none once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<SaltedBody>,
    /// The signed note under which this act is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

/// What the commitment in a header binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaltedBody {
    /// Hexadecimal.
    pub salt: String,
    /// The stored bytes of the body, which are JSON.
    pub json: String,
}

/// An act of erasure, as much as must be known to erase the same bodies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The number of the act of erasure.
    pub act: i64,
    /// The acts whose bodies went.
    pub numbers: Vec<i64>,
    pub reason: Option<String>,
    pub basis: Option<String>,
}

/// How many acts a store holds.
///
/// # Errors
/// When the store holds no ledger.
pub fn size(sql: &mut dyn Sql) -> Result<i64> {
    Ok(Head::read(sql)?.size())
}

/// The root over the first `size` acts of a store; none if it has not so many.
///
/// # Errors
/// When the tree cannot be read.
pub fn root_at(sql: &mut dyn Sql, size: i64) -> Result<Option<Hash>> {
    if size > Head::read(sql)?.size() {
        return Ok(None);
    }
    Ok(Some(frontier_at(sql, size)?.root()))
}

/// At most `limit` acts after `number`, ready to be copied.
///
/// # Errors
/// When an act cannot be read, or one is no text, as every act is.
pub fn entries(sql: &mut dyn Sql, number: i64, limit: i64) -> Result<Vec<Entry>> {
    let query = "select a.number, a.leaf, b.salt, b.body, c.note from acts a
                 left join bodies b on b.number = a.number left join checkpoints c on c.size = a.number
                 where a.number > $1 order by a.number limit $2";
    sql.query(query, &[number.into(), limit.into()])?.iter().map(entry_from).collect()
}

/// All acts of erasure, in order.
///
/// # Errors
/// When one cannot be read.
pub fn all_erasures(sql: &mut dyn Sql) -> Result<Vec<Erasure>> {
    let acts = tables::acts_of(sql, &erasures())?.into_iter().filter(|act| act.header.kind == ERASED);
    acts.map(|act| {
        let numbers = act.read::<Erased>()?.map(|erased| erased.numbers).unwrap_or_default();
        let Header { number, reason, basis, .. } = act.header;
        Ok(Erasure { act: number, numbers, reason, basis })
    })
    .collect()
}

/// The number of the last act of erasure; 0 if nothing was ever erased.
///
/// # Errors
/// When the store cannot be read.
pub fn last_erasure(sql: &mut dyn Sql) -> Result<i64> {
    let query = "select number from acts where matter = $1 and kind = $2 order by sequence desc limit 1";
    let row = sql.query_one(query, &[erasures().as_str().into(), ERASED.into()])?;
    Ok(row.map_or(Ok(0), |row| row.get(0))?)
}

/// Follows a record act by act and finds the first that does not belong there.
pub struct Chain {
    ledger: String,
    keys: Vec<VerifierKey>,
    erased: BTreeSet<i64>,
    frontier: Frontier,
    signed: i64,
}

impl Chain {
    /// A chain from the first act on. Bodies may lack for the acts in `erased` only.
    pub fn new(ledger: &str, keys: Vec<VerifierKey>, erased: BTreeSet<i64>) -> Chain {
        Chain { ledger: ledger.to_owned(), keys, erased, frontier: Frontier::default(), signed: 0 }
    }

    /// The same chain after the first `size` acts of a store, under which a checkpoint stands.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn after(self, sql: &mut dyn Sql, size: i64) -> Result<Chain> {
        Ok(Chain { frontier: frontier_at(sql, size)?, signed: size, ..self })
    }

    /// The number of acts so far.
    pub fn size(&self) -> i64 {
        self.frontier.size().cast_signed()
    }

    /// The root over the acts so far.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// How many acts the newest checkpoint covers.
    pub fn signed(&self) -> i64 {
        self.signed
    }

    /// Takes the next act.
    ///
    /// # Errors
    /// `Damaged`: says what is wrong with it, or with the checkpoint over it.
    pub fn take(&mut self, entry: &Entry) -> Result<Header> {
        self.take_and_tell(entry, |_| ())
    }

    fn take_and_tell(&mut self, entry: &Entry, closed: impl FnMut(Closed)) -> Result<Header> {
        let number = self.size() + 1;
        let damaged = |what: String| Error::Damaged { number, what };
        let leaf = Leaf::decode(entry.leaf.as_bytes()).map_err(damaged)?;
        let header = Header::try_from(leaf).map_err(damaged)?;
        if header.number != number {
            return Err(damaged(format!("act {} stands in its place", header.number)));
        }
        if header.ledger != self.ledger {
            return Err(damaged(format!("it is of the ledger {}", header.ledger)));
        }
        self.check_body(entry, &header)?;
        self.frontier.append(leaf_hash(entry.leaf.as_bytes()), closed);
        self.check_checkpoint(entry, number)?;
        Ok(header)
    }

    fn check_body(&self, entry: &Entry, header: &Header) -> Result<()> {
        let damaged = |what: &str| Err(Error::Damaged { number: header.number, what: what.to_owned() });
        match &entry.body {
            Some(body) if body.commitment() == Some(header.commitment) => Ok(()),
            Some(_) => damaged("its body is not the one to which its header is bound"),
            None if self.erased.contains(&header.number) => Ok(()),
            None => damaged("its body is gone, and no act of erasure names it"),
        }
    }

    fn check_checkpoint(&mut self, entry: &Entry, number: i64) -> Result<()> {
        let Some(note) = &entry.checkpoint else { return Ok(()) };
        let damaged = |what: String| Error::Damaged { number, what };
        let checkpoint = Checkpoint::open(note, &self.keys)
            .map_err(|error| damaged(format!("its checkpoint: {error}")))?;
        let here = tree::Head { size: self.frontier.size(), root: self.frontier.root() };
        if checkpoint.origin() != self.ledger || checkpoint.head() != here {
            return Err(damaged(
                "the acts up to here are not those over which its checkpoint was signed".into(),
            ));
        }
        self.signed = number;
        Ok(())
    }
}

impl SaltedBody {
    fn commitment(&self) -> Option<Hash> {
        Some(commitment(&hex::decode(&self.salt).ok()?, self.json.as_bytes()))
    }
}

/// A record that is being made in an empty store from copied acts. Until `finish` no ledger can be opened on it.
pub struct Restoring {
    store: Store,
    chain: Chain,
    recorded: i64,
}

impl Restoring {
    /// Makes the tables. The chain must stand before the first act.
    ///
    /// # Errors
    /// When the store holds acts already.
    pub fn begin(store: &Store, chain: Chain) -> Result<Restoring> {
        let name = chain.ledger.clone();
        store.write(move |sql| {
            tables::ensure(sql)?;
            Head::ensure(sql, &name)?;
            match sql.query_one("select number from acts limit 1", &[])? {
                Some(_) => Err(Error::Record("it holds acts already; nothing is restored over them".into())),
                None => Ok(()),
            }
        })?;
        Ok(Restoring { store: store.clone(), chain, recorded: 0 })
    }

    /// Takes note that these acts were erased: they may come without body, and are stored without it.
    pub fn learn_erased(&mut self, numbers: &[i64]) {
        self.chain.erased.extend(numbers);
    }

    /// How far it has come.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Checks the next acts and stores them, in one transaction. What the chain knows as erased is stored without body.
    ///
    /// # Errors
    /// `Damaged`, or that the store cannot be written; nothing of these acts is then stored.
    pub fn take(&mut self, entries: Vec<Entry>) -> Result<()> {
        let (mut rows, mut tops) = (Vec::with_capacity(entries.len()), Vec::new());
        for mut entry in entries {
            let tell = |closed: Closed| {
                if closed.level.is_multiple_of(HEIGHT) {
                    tops.push(closed);
                }
            };
            let header = self.chain.take_and_tell(&entry, tell)?;
            if self.chain.erased.contains(&header.number) {
                entry.body = None;
            }
            self.recorded = header.recorded.as_microsecond();
            rows.push((header, entry));
        }
        self.store.write(move |sql| {
            rows.iter().try_for_each(|(header, entry)| insert(sql, header, entry))?;
            tops.iter().try_for_each(|top| tables::insert_node(sql, top))
        })
    }

    /// Sets the head, erases what the acts of erasure among the copied ones name, and folds all books.
    ///
    /// # Errors
    /// When the last act stands under no checkpoint, or a book cannot be folded.
    pub fn finish(self, books: Vec<Box<dyn Book>>) -> Result<()> {
        let Restoring { store, chain, recorded } = self;
        if chain.signed() != chain.size() {
            return Err(Error::Record(format!("no checkpoint covers act {}", chain.size())));
        }
        let recorded = jiff::Timestamp::from_microsecond(recorded)
            .map_err(|_| Error::Record("its last act bears an impossible time".into()))?;
        let erased = store.write(move |sql| {
            let erased = erase_again(sql)?;
            Head { ledger: chain.ledger, frontier: chain.frontier, recorded }.write(sql)?;
            books::ensure(sql, &books)?;
            Ok::<_, Error>(erased)
        })?;
        if erased > 0 {
            store.purge(&["bodies"])?;
        }
        Ok(())
    }
}

fn erase_again(sql: &mut dyn Sql) -> Result<u64> {
    let mut erased = 0;
    for number in all_erasures(sql)?.into_iter().flat_map(|erasure| erasure.numbers) {
        erased += sql.execute("delete from bodies where number = $1", &[number.into()])?;
    }
    Ok(erased)
}

fn insert(sql: &mut dyn Sql, header: &Header, entry: &Entry) -> Result<()> {
    let leaf = entry.leaf.as_bytes();
    tables::insert_act(sql, header, leaf, leaf_hash(leaf))?;
    if let Some(SaltedBody { salt, json }) = &entry.body {
        let number = header.number;
        let salt = hex::decode(salt).map_err(|error| Error::Damaged { number, what: error.to_string() })?;
        tables::insert_body(sql, number, &salt, json.as_bytes())?;
    }
    if let Some(note) = &entry.checkpoint {
        tables::insert_checkpoint(sql, header.number, note, header.recorded)?;
    }
    Ok(())
}

/// The right edge of the tree when it had `size` leaves.
fn frontier_at(sql: &mut dyn Sql, size: i64) -> Result<Frontier> {
    let (size, mut start, mut peaks) = (size.cast_unsigned(), 0, Vec::new());
    let mut tiles = Tiles::new(sql);
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        peaks.push(tiles.subtree(level, start >> level)?);
        start += 1 << level;
    }
    Frontier::restore(size, peaks).ok_or_else(|| Error::Record("its tree cannot be read".into()))
}

fn entry_from(row: &Row) -> Result<Entry> {
    let number = row.get(0)?;
    let text = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_err(|_| Error::Damaged { number, what: "it is no text".into() })
    };
    let (salt, body): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(2)?, row.get(3)?);
    let body = salt
        .zip(body)
        .map(|(salt, body)| Ok::<_, Error>(SaltedBody { salt: hex::encode(salt), json: text(body)? }));
    Ok(Entry { leaf: text(row.get(1)?)?, body: body.transpose()?, checkpoint: row.get(4)? })
}
