//! Counting open deadlines anew when a calendar is published.

use crate::Law;
use crate::calendar::Calendar;
use crate::count::Suspension;
use crate::deadline::{Deadline, Due, Extension, Start};
use crate::refusal::Refusal;

/// An open deadline: what it was counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The caller's name for it, given back with a change.
    pub key: String,
    pub rule: String,
    pub start: Start,
    pub suspensions: Vec<Suspension>,
    pub extensions: Vec<Extension>,
}

/// A deadline that a new calendar moves, or makes certain.
#[derive(Clone, Debug)]
pub struct Change {
    pub key: String,
    pub before: Deadline,
    pub after: Deadline,
}

pub(crate) fn recompute(law: &Law, open: &[Open], calendar: &Calendar) -> Result<Vec<Change>, Refusal> {
    let renewed = law.with_calendar(calendar.clone());
    let mut changes = Vec::new();
    for one in open {
        let (before, after) = (count(law, one)?, count(&renewed, one)?);
        if shown(&before) != shown(&after) {
            changes.push(Change { key: one.key.clone(), before, after });
        }
    }
    Ok(changes)
}

fn count(law: &Law, open: &Open) -> Result<Deadline, Refusal> {
    law.deadline(&open.rule, &open.start, &open.suspensions, &open.extensions)
}

fn shown(deadline: &Deadline) -> (Due, Due, jiff::civil::Date) {
    (deadline.strict, deadline.loose, deadline.warn_from)
}
