//! The one writer thread: many commands share one commit, each under a savepoint of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, ThreadId};

use crate::connection::{Access, Connection, Session};
use crate::{Error, Figures, Group, Result, Sql};

/// Commands per commit: beyond this the signature, not the disk, is the cost.
const MOST: usize = 256;

pub(crate) struct Writer {
    queue: Mutex<Option<Sender<Message>>>,
    groups: Arc<Mutex<Vec<Box<dyn Group>>>>,
    counts: Arc<Counts>,
    thread: Mutex<Option<JoinHandle<()>>>,
    id: ThreadId,
}

#[derive(Default)]
struct Counts {
    commands: AtomicU64,
    commits: AtomicU64,
    waiting: AtomicU64,
}

enum Message {
    Command(Box<dyn Command>),
    Apart(Apart, SyncSender<Result<()>>),
}

/// Work on the writer's connection between two groups, outside a transaction.
type Apart = Box<dyn FnOnce(&mut dyn Connection) -> Result<()> + Send>;

impl Writer {
    pub(crate) fn start(
        connection: Box<dyn Connection>,
        kept: Arc<[Box<dyn Any + Send + Sync>]>,
    ) -> Result<Writer> {
        let (queue, messages) = channel();
        let groups = Arc::new(Mutex::new(Vec::new()));
        let counts = Arc::new(Counts::default());
        let desk = Desk {
            connection,
            groups: Arc::clone(&groups),
            counts: Arc::clone(&counts),
            savepoint: Savepoint::None,
            _kept: kept,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.serve(&messages))
            .map_err(|error| Error::Open { what: "the writer thread".to_owned(), why: error.to_string() })?;
        let id = thread.thread().id();
        Ok(Writer { queue: Mutex::new(Some(queue)), groups, counts, thread: Mutex::new(Some(thread)), id })
    }

    pub(crate) fn write<T, E>(
        &self,
        command: impl FnOnce(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = sync_channel(1);
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        let sent =
            self.send(Message::Command(Box::new(Pending { command: Some(command), result: None, reply })));
        let result = match sent {
            Ok(()) => answer.recv().unwrap_or_else(|_| Err(stopped().into())),
            Err(error) => Err(error.into()),
        };
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        result
    }

    pub(crate) fn apart(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let (reply, answer) = sync_channel(1);
        self.send(Message::Apart(Box::new(work), reply))?;
        answer.recv().unwrap_or_else(|_| Err(stopped()))
    }

    pub(crate) fn attach(&self, group: Box<dyn Group>) -> Result<()> {
        self.not_nested()?;
        lock(&self.groups).push(group);
        Ok(())
    }

    pub(crate) fn figures(&self) -> Figures {
        Figures {
            commands: self.counts.commands.load(Ordering::Relaxed),
            commits: self.counts.commits.load(Ordering::Relaxed),
            waiting: self.counts.waiting.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn close(&self) {
        drop(lock(&self.queue).take());
        let thread = lock(&self.thread).take();
        // The last clone of a store may be dropped by a command: the writer cannot wait for its own end.
        if let Some(thread) = thread.filter(|_| self.not_nested().is_ok()) {
            // A panic of the writer was told to its commands already.
            let _ = thread.join();
        }
        lock(&self.groups).clear();
    }

    fn send(&self, message: Message) -> Result<()> {
        self.not_nested()?;
        let queue = lock(&self.queue).clone().ok_or(Error::Closed)?;
        queue.send(message).map_err(|_| stopped())
    }

    fn not_nested(&self) -> Result<()> {
        if std::thread::current().id() == self.id { Err(Error::Nested) } else { Ok(()) }
    }
}

/// How the savepoint of the last command was left.
enum Savepoint {
    None,
    /// Nothing has changed since it was set, so it serves the next command too.
    Unused,
    Kept,
}

/// What the writer thread works with.
struct Desk {
    connection: Box<dyn Connection>,
    groups: Arc<Mutex<Vec<Box<dyn Group>>>>,
    counts: Arc<Counts>,
    savepoint: Savepoint,
    _kept: Arc<[Box<dyn Any + Send + Sync>]>,
}

impl Desk {
    fn serve(mut self, messages: &Receiver<Message>) {
        let mut next = messages.recv().ok();
        while let Some(message) = next.take() {
            next = match message {
                Message::Command(first) => self.serve_group(first, messages),
                Message::Apart(work, reply) => {
                    // The asker may be gone; the work is done all the same.
                    let _ = reply.send(work(&mut *self.connection));
                    None
                }
            };
            next = next.or_else(|| messages.recv().ok());
        }
    }

    /// Runs, commits and answers one group; returns a message that was taken from the queue and does not belong to it.
    fn serve_group(&mut self, first: Box<dyn Command>, messages: &Receiver<Message>) -> Option<Message> {
        let groups = Arc::clone(&self.groups);
        let mut hooks = lock(&groups);
        let mut group = Vec::new();
        let mut other = None;
        let outcome = self.open(&mut hooks, first, &mut group).and_then(|kept| {
            let (kept_more, left) = self.run_waiting(&mut hooks, messages, &mut group)?;
            other = left;
            self.seal(&mut hooks, kept || kept_more)
        });
        if matches!(outcome, Err(Error::Lost(_))) && other.is_none() {
            other = gather(messages, &mut group);
        }
        let committed = matches!(outcome, Ok(true));
        if !committed {
            self.connection.rollback();
        }
        for hook in hooks.iter_mut() {
            // The group is settled: a panic here can change nothing about it.
            let _ = guarded(|| hook.done(committed));
        }
        drop(hooks);
        self.counts.commits.fetch_add(committed.into(), Ordering::Relaxed);
        for command in group {
            command.answer(outcome.as_ref().map(|_| ()).map_err(told));
        }
        other
    }

    fn open(
        &mut self,
        hooks: &mut [Box<dyn Group>],
        first: Box<dyn Command>,
        group: &mut Vec<Box<dyn Command>>,
    ) -> Result<bool> {
        group.push(first);
        self.savepoint = Savepoint::None;
        self.connection.begin(Access::Write)?;
        for hook in hooks.iter_mut() {
            self.within(|sql| hook.begin(sql))?;
        }
        self.run_last(hooks, group)
    }

    fn run_waiting(
        &mut self,
        hooks: &mut [Box<dyn Group>],
        messages: &Receiver<Message>,
        group: &mut Vec<Box<dyn Command>>,
    ) -> Result<(bool, Option<Message>)> {
        let mut kept = false;
        while group.len() < MOST {
            match messages.try_recv() {
                Ok(Message::Command(command)) => group.push(command),
                other => return Ok((kept, other.ok())),
            }
            kept |= self.run_last(hooks, group)?;
        }
        Ok((kept, None))
    }

    /// Runs the newest command of the group under its savepoint and tells whether its changes stand.
    fn run_last(&mut self, hooks: &mut [Box<dyn Group>], group: &mut [Box<dyn Command>]) -> Result<bool> {
        let Some(command) = group.last_mut() else { return Ok(false) };
        self.set_savepoint()?;
        let ran = command.run(&mut *self.connection);
        self.counts.commands.fetch_add(1, Ordering::Relaxed);
        if !self.connection.in_transaction() {
            return Err(match ran {
                Err(full @ Error::Full(_)) => full,
                _ => Error::Group("the database ended the transaction by itself".to_owned()),
            });
        }
        let kept = ran.unwrap_or(false);
        self.savepoint = Savepoint::Kept;
        if !kept {
            self.connection.savepoint("ROLLBACK TO SAVEPOINT command")?;
            self.savepoint = Savepoint::Unused;
        }
        for hook in hooks {
            guarded(|| hook.command(kept))?;
        }
        Ok(kept)
    }

    /// One round trip at most: PostgreSQL may stand on another machine.
    fn set_savepoint(&mut self) -> Result<()> {
        match self.savepoint {
            Savepoint::None => self.connection.savepoint("SAVEPOINT command"),
            Savepoint::Unused => Ok(()),
            Savepoint::Kept => self.connection.savepoint("RELEASE SAVEPOINT command; SAVEPOINT command"),
        }
    }

    /// Commits if any command was kept; tells whether it did.
    fn seal(&mut self, hooks: &mut [Box<dyn Group>], kept: bool) -> Result<bool> {
        if !kept {
            return Ok(false);
        }
        for hook in hooks {
            self.within(|sql| hook.seal(sql))?;
        }
        self.connection.commit()?;
        Ok(true)
    }

    fn within(&mut self, work: impl FnOnce(&mut dyn Sql) -> Result<()>) -> Result<()> {
        let mut session = Session::new(&mut *self.connection);
        guarded(|| work(&mut session))??;
        session.spoilt()
    }
}

/// Takes what waits into a group that is lost: without a database each would wait in vain for a connection of its own.
fn gather(messages: &Receiver<Message>, group: &mut Vec<Box<dyn Command>>) -> Option<Message> {
    loop {
        match messages.try_recv() {
            Ok(Message::Command(command)) => group.push(command),
            other => return other.ok(),
        }
    }
}

/// A command of any type while it waits in the queue.
trait Command: Send {
    /// Tells whether its changes stand, or which of its statements failed.
    fn run(&mut self, connection: &mut dyn Connection) -> Result<bool>;
    /// Tells the caller how it ended: its own result, or the fault that sank its group.
    fn answer(self: Box<Self>, verdict: Result<()>);
}

struct Pending<F, T, E> {
    command: Option<F>,
    result: Option<Result<T, E>>,
    reply: SyncSender<Result<T, E>>,
}

impl<F, T, E> Command for Pending<F, T, E>
where
    F: FnOnce(&mut dyn Sql) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, connection: &mut dyn Connection) -> Result<bool> {
        let Some(command) = self.command.take() else { return Ok(false) };
        let mut session = Session::new(connection);
        let result = guarded(|| command(&mut session));
        let spoilt = session.spoilt();
        let result = match (result, &spoilt) {
            (Err(panic), _) => Err(panic.into()),
            (Ok(Ok(_)), Err(spoilt)) => Err(spoilt.clone().into()),
            (Ok(result), _) => result,
        };
        let kept = result.is_ok();
        self.result = Some(result);
        spoilt.map(|()| kept)
    }

    fn answer(self: Box<Self>, verdict: Result<()>) {
        let result = match (verdict, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(stopped().into()),
            // A refusal may rest on a neighbour that is now undone, so it falls with the group.
            (Err(error), _) => Err(error.into()),
        };
        // The caller may have gone away; its command is durable all the same.
        let _ = self.reply.send(result);
    }
}

/// The fault of a group as each of its commands is told it.
fn told(error: &Error) -> Error {
    match error {
        Error::Lost(_) | Error::Doubtful(_) | Error::Full(_) | Error::Group(_) => error.clone(),
        other => Error::Group(other.to_string()),
    }
}

fn stopped() -> Error {
    Error::Group("the writer thread has stopped".to_owned())
}

/// Runs foreign code so that its panic cannot stop the writer.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Error::Panicked(text.unwrap_or_else(|| "no message".to_owned()))
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
