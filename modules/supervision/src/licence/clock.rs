//! Which time limit of the law runs on an application, and until when.

use jiff::civil::Date;
use law::{Deadline, Extension, Law, Start, Suspension};

use super::acts::{CountedBy, Due, Kind};
use super::application::{Application, State};

/// L4 art. 32(4): what is missing is told within five working days.
pub const CORRECTION_NOTICE: &str = "licence.correction-notice";
/// L4 art. 32(5): once everything asked for is in, the bureau accepts; the law names no time for it.
pub const ACCEPTANCE_AFTER_SUPPLEMENT: &str = "licence.acceptance-after-supplement";
/// L4 art. 42: decided within twenty working days.
pub const DECISION: &str = "licence.decision";
/// L4 art. 44: handed over within ten working days.
pub const DELIVERY: &str = "licence.delivery";
/// L4 art. 47(1): asked for within five days of being told.
pub const HEARING_REQUEST: &str = "licence.hearing-request";
/// L4 art. 47(1): held within twenty working days.
pub const HEARING_HELD: &str = "licence.hearing-held";
/// L4 art. 48(1)(1): time and place told seven working days before.
pub const HEARING_NOTICE: &str = "licence.hearing-notice";
/// L4 art. 50(1): asked for thirty days before expiry.
pub const RENEWAL_REQUEST: &str = "licence.renewal-request";
/// L4 art. 50(2): decided before expiry, or renewed by law.
pub const RENEWAL_DECISION: &str = "licence.renewal-decision";
/// 细则 art. 23: at most a year.
pub const SUSPENSION_LONGEST: &str = "licence.suspension-longest";
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
        if rule != DECISION {
            let running = law.deadline(rule, &Start::Day(from), &[], &[])?;
            return self.or_expiry(law, running).map(Some);
        }
        self.decision_deadline(law, from, &self.extensions()).map(Some)
    }

    /// The expiry of the licence where a renewal waits for the bureau and it comes first: silence renews then.
    fn or_expiry(&self, law: &Law, running: Deadline) -> Result<Deadline, law::Refusal> {
        let waits = self.kind() == Kind::Renewal && self.state.open();
        let Some(expiry) = self.about().and_then(|about| about.valid_until).filter(|_| waits) else {
            return Ok(running);
        };
        let renewal = law.deadline(RENEWAL_DECISION, &Start::Day(expiry), &[], &[])?;
        Ok(if renewal.strict.day < running.strict.day { renewal } else { running })
    }

    /// The limit of the decision for an acceptance on `from`: twenty working days, a hearing not counted (L4 art. 42, 45);
    /// for a renewal the expiry of the licence where that comes first (L4 art. 50(2)).
    ///
    /// # Errors
    /// As the law data.
    pub fn decision_deadline(
        &self,
        law: &Law,
        from: Date,
        extensions: &[Extension],
    ) -> Result<Deadline, law::Refusal> {
        let decision = law.deadline(DECISION, &Start::Day(from), &self.pauses(), extensions)?;
        self.or_expiry(law, decision)
    }

    /// Days that do not count: from the request for a hearing until it was held.
    fn pauses(&self) -> Vec<Suspension> {
        let both = self.hearing.as_ref().and_then(|hearing| hearing.requested.zip(hearing.held));
        let pause = |(from, until)| Suspension { from, until, ground: "licence.hearing".to_owned() };
        both.map(pause).into_iter().collect()
    }

    /// The day from which the running limit counts.
    pub fn running_from(&self) -> Option<Date> {
        self.running().map(|(_, from)| from)
    }

    /// The rule that runs and the day it runs from.
    fn running(&self) -> Option<(&'static str, Date)> {
        if let Some(requested) = self.hearing_requested().filter(|_| self.state.undecided()) {
            return Some((HEARING_HELD, requested));
        }
        match self.state {
            State::Submitted => Some((CORRECTION_NOTICE, self.received?)),
            State::Supplemented => Some((ACCEPTANCE_AFTER_SUPPLEMENT, self.received?)),
            State::Accepted | State::Checked | State::Reviewed => Some((DECISION, self.accepted?)),
            State::Granted => Some((DELIVERY, self.decided?)),
            State::New
            | State::CorrectionRequested
            | State::Refused
            | State::NotAccepted
            | State::Terminated
            | State::Served => None,
        }
    }

    /// The decision limit when the hearing that was asked for is held on `held`; `None` when none was.
    ///
    /// # Errors
    /// As the law data.
    pub fn after_hearing(&self, law: &Law, held: Date) -> Result<Option<Due>, law::Refusal> {
        let mut after = self.clone();
        let hearing = after.hearing.as_mut().filter(|hearing| hearing.requested.is_some());
        let (Some(hearing), Some(accepted)) = (hearing, self.accepted) else { return Ok(None) };
        hearing.held = Some(held);
        let limit = after.decision_deadline(law, accepted, &after.extensions())?;
        Ok(Some(Due::of(&limit)))
    }

    /// The day on which a hearing was asked for that has not been held yet.
    fn hearing_requested(&self) -> Option<Date> {
        self.hearing.as_ref().filter(|hearing| hearing.held.is_none()).and_then(|hearing| hearing.requested)
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
