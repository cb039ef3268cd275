//! Which time limit of the law runs on an application, and until when.

use jiff::civil::Date;
use law::{Deadline, Extension, Law, Start};

use super::acts::{CountedBy, Due};
use super::application::{Application, State};

/// L4 art. 32(4): what is missing is told within five working days.
pub const CORRECTION_NOTICE: &str = "licence.correction-notice";
/// L4 art. 32(5): once everything asked for is in, the bureau accepts; the law names no time for it.
pub const ACCEPTANCE_AFTER_SUPPLEMENT: &str = "licence.acceptance-after-supplement";
/// L4 art. 42: decided within twenty working days.
pub const DECISION: &str = "licence.decision";
/// L4 art. 44: handed over within ten working days.
pub const DELIVERY: &str = "licence.delivery";
/// 细则 art. 48: at most five years.
pub const VALIDITY: &str = "licence.validity";

/// Working days by which the head may extend the decision time (L4 art. 42).
pub const EXTENSION: u32 = 10;

impl Application {
    /// The limit that runs now, as the law data have it today; `None` when the bureau has nothing to do.
    ///
    /// # Errors
    /// When the law data know no such rule for that day.
    pub fn deadline(&self, law: &Law) -> Result<Option<Deadline>, law::Refusal> {
        let Some((rule, from)) = self.running() else { return Ok(None) };
        let extensions = if rule == DECISION { self.extensions() } else { Vec::new() };
        law.deadline(rule, &Start::Day(from), &[], &extensions).map(Some)
    }

    /// The day from which the running limit counts.
    pub fn running_from(&self) -> Option<Date> {
        self.running().map(|(_, from)| from)
    }

    /// The rule that runs and the day it runs from.
    fn running(&self) -> Option<(&'static str, Date)> {
        match self.state {
            State::Submitted => Some((CORRECTION_NOTICE, self.received?)),
            State::Supplemented => Some((ACCEPTANCE_AFTER_SUPPLEMENT, self.received?)),
            State::Accepted | State::Checked | State::Reviewed => Some((DECISION, self.accepted?)),
            State::Granted => Some((DELIVERY, self.decided?)),
            State::New | State::CorrectionRequested | State::Served => None,
        }
    }

    fn extensions(&self) -> Vec<Extension> {
        self.extended.map(|approved| Extension { n: EXTENSION, approved }).into_iter().collect()
    }
}

impl Due {
    /// What an act keeps of a deadline.
    pub fn of(deadline: &Deadline) -> Due {
        Due {
            rule: deadline.rule.clone(),
            strict: deadline.strict.day,
            loose: deadline.loose.day,
            provisional: deadline.strict.provisional || deadline.loose.provisional,
            counted_by: Some(CountedBy {
                rule: deadline.version.clone(),
                calendar: deadline.calendar.clone(),
            }),
        }
    }

    /// Whether both bind alike, whatever data they were counted by: only then would a new count change nothing.
    pub fn says_the_same(&self, other: &Due) -> bool {
        let said = |due: &Due| (due.rule.clone(), due.strict, due.loose, due.provisional);
        said(self) == said(other)
    }
}

/// The limit of a rule that starts on `from`.
///
/// # Errors
/// When the law data know no such rule for that day, or not this extension.
pub fn due(law: &Law, rule: &str, from: Date, extensions: &[Extension]) -> Result<Due, law::Refusal> {
    law.deadline(rule, &Start::Day(from), &[], extensions).map(|deadline| Due::of(&deadline))
}
