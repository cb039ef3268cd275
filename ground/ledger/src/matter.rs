//! What a module brings to the ledger: bodies of acts, matters folded from them, and books made for reading.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Sql;
use uuid::Uuid;

use crate::{Act, MatterKey};

/// The content of an act. Its JSON is stored for ever: a type only ever grows.
pub trait Body: Serialize + DeserializeOwned {
    /// The kind of act, `licence.granted`; stands in the header.
    fn kind(&self) -> &'static str;
}

/// A matter is the fold of its acts.
pub trait Matter: Default {
    /// Takes one more act in. A body that was erased must be taken in by its header alone.
    ///
    /// # Errors
    /// When the act cannot be understood; the command that needs the matter then fails.
    fn fold(&mut self, act: &Act) -> anyhow::Result<()>;
}

/// Tables folded from acts, made for reading. They may be dropped and rebuilt at any time.
pub trait Book: Send + Sync {
    /// Name, unique in the node.
    fn name(&self) -> &'static str;
    /// Raised when `definition` or `fold` changes: the book is then rebuilt at start.
    fn version(&self) -> i64;
    /// All its tables, in an order in which they can be filled (dropped in the reverse order).
    fn tables(&self) -> &'static [&'static str];
    /// The `create table` and `create index` statements.
    fn definition(&self) -> &'static str;
    /// Changes the rows as the act demands, by the act alone and never by clock or chance.
    ///
    /// # Errors
    /// When it cannot; the act is then not recorded.
    fn fold(&self, sql: &mut dyn Sql, act: &Act) -> anyhow::Result<()>;
}

/// An act about to be recorded.
#[derive(Debug, Clone)]
pub struct Draft<'a, B> {
    pub matter: &'a MatterKey,
    pub body: &'a B,
    /// The instant of the fact in law; `None` = when it is recorded. Earlier than that needs a reason.
    pub effective: Option<Timestamp>,
    pub reason: Option<String>,
    pub basis: Option<String>,
}

impl<'a, B: Body> Draft<'a, B> {
    pub fn new(matter: &'a MatterKey, body: &'a B) -> Draft<'a, B> {
        Draft { matter, body, effective: None, reason: None, basis: None }
    }

    #[must_use]
    pub fn effective(self, effective: Timestamp) -> Self {
        Draft { effective: Some(effective), ..self }
    }

    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        Draft { reason: Some(reason.into()), ..self }
    }

    #[must_use]
    pub fn basis(self, basis: impl Into<String>) -> Self {
        Draft { basis: Some(basis.into()), ..self }
    }
}

/// What the ledger says of an act it took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    pub number: i64,
    pub id: Uuid,
    pub recorded: Timestamp,
}
