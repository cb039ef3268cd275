//! What can go wrong between a command and its database, said the same way for both engines.

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault of the store. It can be cloned, because one failed commit is told to every command of its group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("another process already uses {what}: stop it first (the lock is {lock})")]
    InUse { what: String, lock: String },
    #[error("cannot open {what}: {why}")]
    Open { what: String, why: String },
    /// A row broke a rule of its table; `kind` says which sort of rule on either engine.
    #[error("{kind} violated: {why} (in: {sql})")]
    Constraint { kind: Constraint, why: String, sql: String },
    #[error("{why} (in: {sql})")]
    Statement { why: String, sql: String },
    #[error("the text has {expected} parameters, {given} were given (in: {sql})")]
    Parameters { expected: usize, given: usize, sql: String },
    #[error("parameter ${number} holds a NUL character, which no text may hold (in: {sql})")]
    Nul { number: usize, sql: String },
    #[error("column {index}: wanted {wanted}, found {found}")]
    Column { index: usize, wanted: &'static str, found: &'static str },
    #[error("a command may not run {word}: the store alone opens and closes transactions (in: {sql})")]
    Forbidden { word: String, sql: String },
    #[error("the command stopped by a programming fault and left no trace: {0}")]
    Panicked(String),
    /// The commit group of this command was rolled back as a whole: nothing of it is stored.
    #[error("nothing was stored, the commit group failed: {0}")]
    Group(String),
    /// The connection broke during COMMIT and the server cannot tell any more whether it took effect.
    #[error("it is not known whether this was stored, look before repeating it: {0}")]
    Doubtful(String),
    /// Nothing of the commit group is stored; what was stored before is not touched.
    #[error("nothing was stored, there is no room left for the database: {0}")]
    Full(String),
    #[error("the connection to the database is lost: {0}")]
    Lost(String),
    #[error("the store was opened for reading only")]
    ReadOnly,
    #[error("the store is closed")]
    Closed,
    #[error("a command asked the writer to wait for itself: write inside write")]
    Nested,
}

/// The sort of table rule that a row broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    Unique,
    ForeignKey,
    NotNull,
    Check,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Constraint::Unique => "unique key",
            Constraint::ForeignKey => "foreign key",
            Constraint::NotNull => "not null",
            Constraint::Check => "check",
        })
    }
}
