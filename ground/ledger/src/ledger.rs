//! The ledger of a node: opened once, written through commands, read by anyone, proven to strangers.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{Sql, Store};
use tokio::sync::broadcast;
use tracing::Span;

use crate::head::Head;
use crate::seal::{Core, Seal};
use crate::tiles::{self, TilePath, Tiles};
use crate::writing::fold;
use crate::{
    Act, Actor, Book, Checkpoint, Clock, Error, Hash, Header, Matter, MatterKey, Profile, Proof, Random,
    Result, SigningKey, SystemRandom, VerifierKey, Writing, books, note, tables, tree,
};

/// What a ledger is opened with.
pub struct Options {
    /// The ledger's name and the origin of its checkpoints, `jiashan.comity.example`. Never changes.
    pub name: String,
    pub key: SigningKey,
    pub clock: Arc<dyn Clock>,
    pub books: Vec<Box<dyn Book>>,
}

/// The record of a node.
pub struct Ledger {
    store: Store,
    core: Arc<Core>,
}

impl Ledger {
    /// Opens the ledger in a store, makes its tables if it is new, and brings changed books up to date.
    ///
    /// # Errors
    /// When the store holds another ledger, when its end is not what the key signed, or when a book cannot be folded.
    pub fn open(store: Store, options: Options) -> Result<Arc<Ledger>> {
        Ledger::open_with(store, options, Arc::new(SystemRandom))
    }

    /// Like `open`, with a source of randomness of one's own (simulation, made-up regions).
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(store: Store, options: Options, random: Arc<dyn Random>) -> Result<Arc<Ledger>> {
        Ledger::start(store, options, random, None)
    }

    /// Opens a ledger with a key that did not sign its end: these public keys must have.
    pub(crate) fn take_up(store: Store, options: Options, known: &[VerifierKey]) -> Result<Arc<Ledger>> {
        Ledger::start(store, options, Arc::new(SystemRandom), Some(known.to_vec()))
    }

    fn start(
        store: Store,
        options: Options,
        random: Arc<dyn Random>,
        known: Option<Vec<VerifierKey>>,
    ) -> Result<Arc<Ledger>> {
        let Options { name, key, clock, books } = options;
        if !note::is_name(&name) {
            return Err(Error::Name(format!("{name:?} cannot name a ledger")));
        }
        let core = Arc::new(Core::new(name, key, clock, random, books));
        let preparing = Arc::clone(&core);
        store.write(move |sql| prepare(sql, &preparing, known.as_deref()))?;
        store.attach(Box::new(Seal(Arc::clone(&core))))?;
        Ok(Arc::new(Ledger { store, core }))
    }

    /// Runs a command. All its acts are recorded together or none; they are durable when this returns.
    ///
    /// # Errors
    /// The command's own, or that the record could not be written.
    pub fn write<T, E, F>(&self, actor: Actor, command: F) -> Result<T, E>
    where
        F: FnOnce(&mut Writing<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        // The thread of the writer serves everyone: what it logs belongs to the request that asked.
        let (core, request) = (Arc::clone(&self.core), Span::current());
        let written = self
            .store
            .write(move |sql| request.in_scope(|| run(sql, &core, actor, command).map_err(Failure::Command)));
        written.map_err(Failure::into_error)
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// The reader's own, or that the store could not be read.
    pub fn read<T, E: From<store::Error>>(
        &self,
        read: impl FnOnce(&mut dyn Sql) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.read(read)
    }

    /// The matter as it stands; `Default` if it has no act.
    ///
    /// # Errors
    /// When an act cannot be read or folded.
    pub fn load<M: Matter>(&self, key: &MatterKey) -> Result<M> {
        fold(key, &self.timeline(key)?)
    }

    /// All acts of a matter, oldest first.
    ///
    /// # Errors
    /// When an act cannot be read.
    pub fn timeline(&self, key: &MatterKey) -> Result<Vec<Act>> {
        self.store.read(|sql| tables::acts_of(sql, key))
    }

    /// One act by its number.
    ///
    /// # Errors
    /// `Unknown`, or that it cannot be read.
    pub fn act(&self, number: i64) -> Result<Act> {
        self.store.read(|sql| tables::act(sql, number))
    }

    /// At most `limit` acts after `number`, in order: for those who follow the record.
    ///
    /// # Errors
    /// When an act cannot be read.
    pub fn acts_after(&self, number: i64, limit: i64) -> Result<Vec<Act>> {
        self.store.read(|sql| tables::acts_after(sql, number, limit))
    }

    /// The proof that an act stands in the record under the newest checkpoint.
    ///
    /// # Errors
    /// `Unknown`, or that the tree cannot be read.
    pub fn proof(&self, number: i64) -> Result<Proof> {
        proof_of(&self.store, number)
    }

    /// The hashes that show that the record of `old` acts is the beginning of the record of `new` acts.
    ///
    /// # Errors
    /// When the record has no such sizes or the tree cannot be read.
    pub fn consistency(&self, old: i64, new: i64) -> Result<Vec<Hash>> {
        self.store.read(|sql| {
            if old < 0 || old > new || new > Head::read(sql)?.size() {
                return Err(Error::Unknown(new));
            }
            tree::consistency(&mut Tiles::new(sql), old.cast_unsigned(), new.cast_unsigned())
        })
    }

    /// The hashes of a tile of the tree (C2SP tlog-tiles), level 0 over the leaves; none where the tree does not reach so
    /// far.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn tile(&self, level: u32, path: TilePath) -> Result<Option<Vec<u8>>> {
        self.store.read(|sql| tiles::hashes(sql, level, path))
    }

    /// The headers of the acts under a tile of level 0, as an entry bundle (C2SP tlog-tiles). Bodies are never in it.
    ///
    /// # Errors
    /// When the acts cannot be read.
    pub fn entries(&self, path: TilePath) -> Result<Option<Vec<u8>>> {
        self.store.read(|sql| tiles::entries(sql, path))
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// `Empty` before the first act, or that the checkpoint does not hold.
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        let newest = self.store.read(tables::newest_checkpoint)?;
        let (_, note) = newest.ok_or(Error::Empty)?;
        Checkpoint::open(&note, &self.verifiers())
    }

    /// The public key of the checkpoints' Ed25519 signatures.
    pub fn verifier(&self) -> VerifierKey {
        self.core.signing().key().verifier(&self.core.name)
    }

    /// The public keys of all suites in which checkpoints are signed, those of the past included where acts of the record
    /// name them. To be asked for after the checkpoint that they are to open: a key may hand over in between.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.core.signing().public().to_vec()
    }

    /// Which suites the key signs in.
    pub fn profile(&self) -> Profile {
        self.core.signing().key().profile()
    }

    /// The headers of every commit group from now on, sent once it is durable.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Vec<Header>>> {
        self.core.news.subscribe()
    }

    /// Makes what was erased leave the database files too, from bodies and from books. Backups are not reached.
    ///
    /// # Errors
    /// When a long reader is in the way: call again later.
    pub fn purge(&self) -> Result<()> {
        let books = self.core.books.iter().flat_map(|book| book.tables()).copied();
        let tables: Vec<&str> = std::iter::once("bodies").chain(books).collect();
        Ok(self.store.purge(&tables)?)
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.core.clock
    }

    /// The time of the last act, while the clock stands behind it: acts are then recorded at that time. Less than a second
    /// is none: a clock that is being corrected steps back by less, and whoever asks may have read it a moment ago.
    pub fn clock_behind(&self) -> Option<Timestamp> {
        let last = self.core.last_recorded();
        (last.duration_since(self.clock().now()) >= SignedDuration::from_secs(1)).then_some(last)
    }

    pub fn name(&self) -> &str {
        &self.core.name
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }
}

/// The proof of an act from a store alone, be it a copied folder opened for reading: no key, no running node.
///
/// # Errors
/// As `Ledger::proof`. The proof is made, not checked: `Proof::verify` does that.
pub fn proof_of(store: &Store, number: i64) -> Result<Proof> {
    store.read(|sql| {
        let (size, checkpoint) = tables::newest_checkpoint(sql)?.ok_or(Error::Unknown(number))?;
        let leaf = sql.query_one("select leaf from acts where number = $1", &[number.into()])?;
        let leaf = leaf.filter(|_| (1..=size).contains(&number)).ok_or(Error::Unknown(number))?.get(0)?;
        let index = (number - 1).cast_unsigned();
        let path = tree::inclusion(&mut Tiles::new(sql), index, size.cast_unsigned())?;
        Ok(Proof { leaf, index, path, checkpoint })
    })
}

/// Whether the record goes on from a checkpoint that somebody kept elsewhere: a record that was cut, or rewritten and
/// signed anew, does not. To be asked after `verify` has found the tree whole.
///
/// # Errors
/// When the tree cannot be read.
pub fn extends(store: &Store, kept: &Checkpoint) -> Result<bool> {
    store.read(|sql| {
        let frontier = Head::read(sql)?.frontier;
        let (old, new) = (kept.head(), tree::Head { size: frontier.size(), root: frontier.root() });
        if old.size > new.size {
            return Ok(false);
        }
        let path = tree::consistency(&mut Tiles::new(sql), old.size, new.size)?;
        Ok(tree::consistent(&old, &new, &path))
    })
}

/// When the last act was recorded, if there is one; a demonstration clock goes on from here.
///
/// # Errors
/// When the store cannot be read.
pub fn last_recorded(store: &Store) -> Result<Option<jiff::Timestamp>> {
    store.read(|sql| {
        if sql.columns("head")?.is_empty() {
            return Ok(None);
        }
        let head = Head::read(sql)?;
        Ok((head.size() > 0).then_some(head.recorded))
    })
}

/// Why a command did not come through: by itself, or by the store.
enum Failure<E> {
    Command(E),
    Store(store::Error),
}

impl<E> From<store::Error> for Failure<E> {
    fn from(error: store::Error) -> Failure<E> {
        Failure::Store(error)
    }
}

impl<E: From<Error>> Failure<E> {
    fn into_error(self) -> E {
        match self {
            Failure::Command(error) => error,
            Failure::Store(error) => Error::Store(error).into(),
        }
    }
}

fn run<T, E, F>(sql: &mut dyn Sql, core: &Core, actor: Actor, command: F) -> Result<T, E>
where
    F: FnOnce(&mut Writing<'_>) -> Result<T, E>,
    E: From<Error>,
{
    let mut writing = Writing::new(sql, core, actor)?;
    let result = command(&mut writing)?;
    writing.finish()?;
    Ok(result)
}

fn prepare(sql: &mut dyn Sql, core: &Core, known: Option<&[VerifierKey]>) -> Result<()> {
    tables::ensure(sql)?;
    Head::ensure(sql, &core.name)?;
    let head = match known {
        Some(known) => check_end(sql, core, known)?,
        None => {
            core.signing().start(sql)?;
            let own = core.signing().key().verifiers(&core.name);
            check_end(sql, core, &own)?
        }
    };
    core.note_recorded(&head);
    books::ensure(sql, &core.books)
}

/// A node does not go on from an end that its key did not sign: a half-copied folder, another node's database.
fn check_end(sql: &mut dyn Sql, core: &Core, keys: &[VerifierKey]) -> Result<Head> {
    let head = Head::read(sql)?;
    if head.ledger != core.name {
        return Err(Error::Record(format!("the store holds the ledger {}, not {}", head.ledger, core.name)));
    }
    let newest = tables::newest_checkpoint(sql)?;
    let Some((_, note)) = newest else {
        return if head.size() == 0 {
            Ok(head)
        } else {
            Err(Error::Record("it has acts but no checkpoint".into()))
        };
    };
    let signed = Checkpoint::open(&note, keys)?.head();
    if signed == (tree::Head { size: head.frontier.size(), root: head.frontier.root() }) {
        Ok(head)
    } else {
        Err(Error::Record("its head is not the one of the newest checkpoint".into()))
    }
}
