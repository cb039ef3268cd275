//! What can go wrong in the record: "could not", never "may not" (a refusal belongs to the module that refuses).

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{0}")]
    Name(String),
    #[error("an act that takes effect before it is recorded needs a reason")]
    ReasonMissing,
    #[error("the header of the act has {0} bytes, more than 65535: give a shorter reason")]
    TooLong(usize),
    #[error("the body of {kind} holds a number with a fraction; acts hold whole units only")]
    Fraction { kind: &'static str },
    #[error("the body of {kind} cannot be written as JSON: {source}")]
    Body { kind: &'static str, source: serde_json::Error },
    #[error("act {number} is damaged: {what}")]
    Damaged { number: i64, what: String },
    #[error("there is no act {0}")]
    Unknown(i64),
    #[error("the matter {matter} cannot be folded at act {number}: {source}")]
    Fold { matter: String, number: i64, source: anyhow::Error },
    #[error("the book {book} cannot be folded at act {number}: {source}")]
    Book { book: &'static str, number: i64, source: anyhow::Error },
    #[error("an earlier step of this command failed; nothing of it was recorded")]
    Spoiled,
    #[error(
        "a number of the series {0} was taken, but no act of the command bears it; nothing of it was recorded"
    )]
    Unborne(String),
    #[error("nothing is recorded yet")]
    Empty,
    #[error("the record does not hold together: {0}")]
    Record(String),
    #[error("{0}")]
    Note(String),
    #[error("{0}")]
    Key(String),
    #[error("no random bytes: {0}")]
    Random(anyhow::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
