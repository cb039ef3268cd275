//! What can be wrong with a record, in words.

/// The first thing that is wrong, and the act at which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The number of the act; for a checkpoint or a tile, of the last act that it covers.
    pub number: i64,
    pub what: What,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "act {}: {}", self.number, self.what)
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum What {
    #[error("it is missing; the next act there is has number {next}")]
    Missing { next: i64 },
    #[error("the store cannot read it, or what belongs to it: {0}")]
    Unreadable(String),
    #[error("it stands in the tables with an impossible value: {0}")]
    Row(String),
    #[error("the bytes of its header are not those that were hashed when it was recorded")]
    Hash,
    #[error("{0}")]
    Leaf(String),
    #[error("its {column} in the table is not the one in its header")]
    Column { column: &'static str },
    #[error("its header names the ledger {found}")]
    Ledger { found: String },
    #[error("it is the act {found} of its matter where the act {expected} must stand")]
    Sequence { expected: i64, found: i64 },
    #[error("it bears number {found} of the series {series}, of which number {last} was given out before")]
    Number { series: String, last: i64, found: i64 },
    #[error("it is recorded earlier than the act before it")]
    Backwards,
    #[error("it takes effect before it was recorded and gives no reason")]
    ReasonMissing,
    #[error("its body is not the one to which its header is bound")]
    Body,
    #[error("its body is gone, and no act of erasure names it")]
    BodyMissing,
    #[error("its body is still there, although an act of erasure names it")]
    BodyNotErased,
    #[error("something is stored as if it stood before the first act")]
    BeforeFirst,
    #[error("there is a body, but no such act")]
    BodyWithoutAct,
    #[error(
        "the hash of the tile above it (level {level}, place {position}) is missing or is not that of its acts"
    )]
    Node { level: u32, position: u64 },
    #[error("{found} tile hashes are stored where {expected} belong")]
    StrayNodes { expected: i64, found: i64 },
    #[error("the checkpoint over it does not hold: {0}")]
    Checkpoint(String),
    #[error("the acts from {from} to here are not those over which the node signed its checkpoint")]
    Root { from: i64 },
    #[error("the public keys given as signing from here on are not those that the record names")]
    Keys,
    #[error(
        "from act {number} on the record is signed by a key that the one before did not introduce, because it was lost: \
         take the new public key from the bureau itself, not from this copy"
    )]
    Replaced { number: i64 },
    #[error("no checkpoint covers it")]
    Unsigned,
    #[error("it is missing: the record ends here, though it once reached act {said}")]
    Truncated { said: i64 },
    #[error("{0}")]
    Head(String),
}
