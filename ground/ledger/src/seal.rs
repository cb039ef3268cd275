//! What happens around a commit group: the head is read, the acts of every kept command are joined to it, and one
//! checkpoint over all of them is signed before the commit.

use std::mem;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use store::{Group, Sql};
use tokio::sync::broadcast;

use crate::head::Head;
use crate::rotation::Signing;
use crate::{Book, Clock, Error, Header, Random, Result, SigningKey};
use crate::{tables, tree};

/// What the ledger and the writer's thread share.
pub(crate) struct Core {
    pub name: String,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub books: Vec<Box<dyn Book>>,
    pub news: broadcast::Sender<Arc<Vec<Header>>>,
    /// When the last durable act was recorded, in microseconds.
    recorded: AtomicI64,
    group: Mutex<GroupState>,
    signing: Mutex<Signing>,
    rotating: Mutex<()>,
}

/// The commit group that is open.
#[derive(Default)]
struct GroupState {
    /// The head with the acts of all kept commands; `None` outside a group: believe only what is read anew.
    head: Option<Head>,
    /// The head and the acts of the command that has just run, until the store says whether it is kept.
    proposed: Option<(Head, Vec<Header>)>,
    /// The acts of all kept commands.
    kept: Vec<Header>,
}

impl Core {
    pub(crate) fn new(
        name: String,
        key: SigningKey,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        books: Vec<Box<dyn Book>>,
    ) -> Core {
        let (news, _) = broadcast::channel(1024);
        let signing = Mutex::new(Signing::new(&name, key));
        let (recorded, group, rotating) = (AtomicI64::new(0), Mutex::default(), Mutex::default());
        Core { name, clock, random, books, news, recorded, group, signing, rotating }
    }

    /// A copy of the head for a command to work on.
    pub(crate) fn head(&self) -> Result<Head> {
        let outside = || Error::Record("a command ran outside a commit group".into());
        self.group().head.clone().ok_or_else(outside)
    }

    /// Lays down what a command did, to be joined to the head if the store keeps it.
    pub(crate) fn propose(&self, head: Head, acts: Vec<Header>) {
        self.group().proposed = Some((head, acts));
    }

    /// When the last durable act was recorded; 1970 in an empty record.
    pub(crate) fn last_recorded(&self) -> Timestamp {
        Timestamp::from_microsecond(self.recorded.load(Ordering::Relaxed)).unwrap_or_default()
    }

    pub(crate) fn note_recorded(&self, head: &Head) {
        self.recorded.store(head.recorded.as_microsecond(), Ordering::Relaxed);
    }

    /// The keys, for a moment.
    pub(crate) fn signing(&self) -> MutexGuard<'_, Signing> {
        self.signing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a second rotation waiting until the first is done.
    pub(crate) fn rotating(&self) -> MutexGuard<'_, ()> {
        self.rotating.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn group(&self) -> MutexGuard<'_, GroupState> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hook by which the store tells of its commit groups.
pub(crate) struct Seal(pub Arc<Core>);

impl Group for Seal {
    fn begin(&mut self, sql: &mut dyn Sql) -> Result<(), store::Error> {
        let head = Head::read(sql).map_err(into_store)?;
        *self.0.group() = GroupState { head: Some(head), ..GroupState::default() };
        self.0.signing().begin(sql).map_err(into_store)
    }

    fn command(&mut self, kept: bool) {
        let mut group = self.0.group();
        if let Some((head, acts)) = group.proposed.take().filter(|_| kept) {
            group.head = Some(head);
            group.kept.extend(acts);
        }
    }

    fn seal(&mut self, sql: &mut dyn Sql) -> Result<(), store::Error> {
        let group = self.0.group();
        match &group.head {
            Some(head) if !group.kept.is_empty() => sign(sql, &self.0, head, &group.kept),
            _ => Ok(()),
        }
    }

    fn done(&mut self, committed: bool) {
        let group = mem::take(&mut *self.0.group());
        if committed && !group.kept.is_empty() {
            self.0.signing().done(&group.kept);
            group.head.iter().for_each(|head| self.0.note_recorded(head));
            // Nobody may be listening; then there is nobody to tell.
            let _ = self.0.news.send(Arc::new(group.kept));
        }
    }
}

fn sign(sql: &mut dyn Sql, core: &Core, head: &Head, acts: &[Header]) -> Result<(), store::Error> {
    head.write(sql)?;
    let tree = tree::Head { size: head.frontier.size(), root: head.frontier.root() };
    let checkpoint = core.signing().sign(tree, acts).map_err(into_store)?;
    tables::insert_checkpoint(sql, head.size(), checkpoint.note(), head.recorded).map_err(into_store)
}

fn into_store(error: Error) -> store::Error {
    match error {
        Error::Store(error) => error,
        other => store::Error::Group(other.to_string()),
    }
}
