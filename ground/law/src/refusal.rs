//! Why a limit may not be counted as asked.

use jiff::civil::Date;
use thiserror::Error;

/// A refusal, with the key of its text in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no rule {rule}")]
    UnknownRule { rule: String },
    #[error("{rule} was not in force on {on}")]
    NotInForce { rule: String, on: Date },
    #[error("{rule} counts hours and needs the instant, not only the day")]
    HourNeedsInstant { rule: String },
    #[error("{ground} does not suspend {rule}")]
    NotASuspension { rule: String, ground: String },
    #[error("the suspension ends on {until}, before it begins on {from}")]
    ReversedSuspension { from: Date, until: Date },
    #[error("{rule} cannot be extended")]
    NoExtension { rule: String },
    #[error("{rule} can be extended by {most} at most, not by {asked}")]
    ExtensionTooLong { rule: String, asked: u32, most: u32 },
    #[error("{rule} ended on {end}; an extension approved on {approved} is too late")]
    ExtensionTooLate { rule: String, approved: Date, end: Date },
    #[error("{rule} ends on a day that no date can express")]
    OutOfRange { rule: String },
}

impl Refusal {
    /// The key of the text shown to an officer.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Refusal::UnknownRule { .. } => "law-unknown-rule",
            Refusal::NotInForce { .. } => "law-not-in-force",
            Refusal::HourNeedsInstant { .. } => "law-hour-needs-instant",
            Refusal::NotASuspension { .. } => "law-not-a-suspension",
            Refusal::ReversedSuspension { .. } => "law-reversed-suspension",
            Refusal::NoExtension { .. } => "law-no-extension",
            Refusal::ExtensionTooLong { .. } => "law-extension-too-long",
            Refusal::ExtensionTooLate { .. } => "law-extension-too-late",
            Refusal::OutOfRange { .. } => "law-out-of-range",
        }
    }
}
