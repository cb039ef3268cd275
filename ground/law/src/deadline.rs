//! A time limit that runs: when it ends on the strict and on the loose reading, and how it stands now.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::Law;
use crate::calendar::Calendar;
use crate::count::{Direction, First, Suspension, Unit};
use crate::refusal::Refusal;
use crate::rule::{Expiry, Reading, Rule};
use crate::statute::Certainty;
use crate::text::Text;
use crate::trace;
use crate::zone::{clock, day_end, day_start, shanghai_day};

/// The event a limit counts from: a day, or an instant, which is read in China's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    Day(Date),
    Instant(Timestamp),
}

impl Start {
    /// The day of the event in China.
    #[must_use]
    pub fn day(&self) -> Date {
        match self {
            Start::Day(day) => *day,
            Start::Instant(at) => shanghai_day(*at),
        }
    }
}

impl From<Date> for Start {
    fn from(day: Date) -> Start {
        Start::Day(day)
    }
}

impl From<Timestamp> for Start {
    fn from(at: Timestamp) -> Start {
        Start::Instant(at)
    }
}

/// A prolongation that was approved, in the limit's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub n: u32,
    /// The day of the approval; it must not lie after the end.
    pub approved: Date,
}

/// The end of a limit on one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The last day that is in time.
    pub day: Date,
    /// The first instant that is late (Civil Code art. 203(2): the last day ends at 24:00).
    pub end: Timestamp,
    /// Counted on a year whose days off are not published.
    pub provisional: bool,
}

/// A counted time limit.
#[derive(Clone, Debug, Serialize)]
pub struct Deadline {
    pub rule: String,
    /// Digest of the rule that decided.
    pub version: String,
    /// Digest of the calendar it was counted on.
    pub calendar: String,
    pub title: Text,
    pub citation: Text,
    pub certainty: Certainty,
    /// To be shown as "example, not in force".
    pub example: bool,
    pub start: Start,
    /// The clock shows and warns on this one.
    pub strict: Due,
    /// A breach is found only on this one.
    pub loose: Due,
    pub doubtful: bool,
    pub doubt: Option<Text>,
    pub warn_from: Date,
    pub on_expiry: Expiry,
    /// How the days were counted, as a lawyer would tell it.
    pub trace: Text,
    #[serde(skip)]
    warn: Timestamp,
    #[serde(skip)]
    working: Arc<Calendar>,
}

/// How a running limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    Running {
        workdays_left: i64,
    },
    Warned {
        workdays_left: i64,
    },
    /// Late on the strict reading only: named as a doubt, no breach.
    BreachStrict {
        workdays_late: i64,
    },
    Breach {
        workdays_late: i64,
    },
}

/// Whether what was done was done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "done", rename_all = "kebab-case")]
pub enum Done {
    InTime,
    LateStrict { workdays: i64 },
    Late { workdays: i64 },
}

/// The verdict on an act, with the count behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    pub standing: Done,
    pub trace: Text,
}

impl Deadline {
    /// How the limit stands at an instant.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> Standing {
        let today = shanghai_day(now);
        let left = |due: &Due| self.working.workdays_between(today, due.day);
        if now >= self.loose.end {
            Standing::Breach { workdays_late: -left(&self.loose) }
        } else if now >= self.strict.end {
            Standing::BreachStrict { workdays_late: -left(&self.strict) }
        } else if now >= self.warn {
            Standing::Warned { workdays_left: left(&self.strict) }
        } else {
            Standing::Running { workdays_left: left(&self.strict) }
        }
    }

    /// Whether an act done at an instant was in time.
    #[must_use]
    pub fn judge(&self, done: Timestamp) -> Judgement {
        let standing = match self.state(done) {
            Standing::Breach { workdays_late } => Done::Late { workdays: workdays_late },
            Standing::BreachStrict { workdays_late } => Done::LateStrict { workdays: workdays_late },
            Standing::Running { .. } | Standing::Warned { .. } => Done::InTime,
        };
        let trace = trace::judgement(self, done, standing);
        Judgement { standing, trace }
    }
}

pub(crate) fn compute(
    law: &Law,
    id: &str,
    start: &Start,
    suspensions: &[Suspension],
    extensions: &[Extension],
) -> Result<Deadline, Refusal> {
    let rule = in_force(law, id, start.day())?;
    check_suspensions(rule, suspensions)?;
    let calendar = law.shared_calendar();
    let counting = Counted { rule, start, suspensions, calendar: &calendar };
    let extended = counting.extended(extensions)?;
    let (strict, loose) = (counting.due(&rule.strict, extended.0)?, counting.due(&rule.loose, extended.1)?);
    let warn = warning(rule, start, &strict, &calendar);
    Ok(Deadline {
        rule: rule.id.clone(),
        version: rule.version().to_owned(),
        calendar: calendar.version().to_owned(),
        title: rule.title.clone(),
        citation: rule.citation.clone(),
        certainty: rule.certainty,
        example: rule.example,
        start: *start,
        strict,
        loose,
        doubtful: rule.doubt.is_some(),
        doubt: rule.doubt.clone(),
        warn_from: shanghai_day(warn),
        on_expiry: rule.on_expiry.clone(),
        trace: trace::count(&counting, extended, &strict, &loose),
        warn,
        working: Arc::clone(&calendar),
    })
}

fn in_force<'law>(law: &'law Law, id: &str, on: Date) -> Result<&'law Rule, Refusal> {
    law.rule(id, on).ok_or_else(|| match law.known_rule(id) {
        true => Refusal::NotInForce { rule: id.to_owned(), on },
        false => Refusal::UnknownRule { rule: id.to_owned() },
    })
}

fn check_suspensions(rule: &Rule, suspensions: &[Suspension]) -> Result<(), Refusal> {
    for suspension in suspensions {
        let Suspension { from, until, ground } = suspension;
        if until < from {
            return Err(Refusal::ReversedSuspension { from: *from, until: *until });
        }
        if !rule.suspended_by(ground) {
            return Err(Refusal::NotASuspension { rule: rule.id.clone(), ground: ground.clone() });
        }
    }
    Ok(())
}

/// What one count stands on.
pub(crate) struct Counted<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) start: &'a Start,
    pub(crate) suspensions: &'a [Suspension],
    pub(crate) calendar: &'a Calendar,
}

impl Counted<'_> {
    /// By how much the strict and the loose reading are extended.
    fn extended(&self, extensions: &[Extension]) -> Result<(u32, u32), Refusal> {
        let mut sum: u32 = 0;
        for extension in extensions {
            let approved = extension.approved;
            let end = self.due(&self.rule.loose, sum)?.day;
            sum = sum.saturating_add(extension.n);
            self.may_extend(sum)?;
            if approved > end {
                return Err(Refusal::ExtensionTooLate { rule: self.rule.id.clone(), approved, end });
            }
        }
        let certain = self.rule.extended_by.as_ref().is_some_and(|by| by.certainty == Certainty::V);
        Ok((if certain { sum } else { 0 }, sum))
    }

    fn may_extend(&self, asked: u32) -> Result<(), Refusal> {
        let rule = self.rule.id.clone();
        match &self.rule.extended_by {
            None => Err(Refusal::NoExtension { rule }),
            Some(by) => match by.most {
                Some(most) if asked > most => Err(Refusal::ExtensionTooLong { rule, asked, most }),
                _ => Ok(()),
            },
        }
    }

    fn due(&self, reading: &Reading, extension: u32) -> Result<Due, Refusal> {
        if reading.unit == Unit::Hour {
            return self.due_hour(reading, extension);
        }
        let paused = self.paused(reading);
        let end = reading.period(extension).end(self.start.day(), self.calendar, &paused);
        let end = end.ok_or_else(|| self.out_of_range())?;
        Ok(Due { day: end.last, end: day_end(end.last), provisional: end.provisional })
    }

    fn due_hour(&self, reading: &Reading, extension: u32) -> Result<Due, Refusal> {
        let Start::Instant(at) = self.start else {
            return Err(Refusal::HourNeedsInstant { rule: self.rule.id.clone() });
        };
        let hours = i64::from(reading.n.saturating_add(extension));
        let end = hour_anchor(*at, reading.first).and_then(|from| from.checked_add(hours.hours()).ok());
        let end = end.ok_or_else(|| self.out_of_range())?;
        Ok(Due { day: shanghai_day(end), end, provisional: false })
    }

    pub(crate) fn paused(&self, reading: &Reading) -> Vec<Suspension> {
        let known = self.suspensions.iter().filter(|suspension| reading.suspended_by(&suspension.ground));
        known.cloned().collect()
    }

    fn out_of_range(&self) -> Refusal {
        Refusal::OutOfRange { rule: self.rule.id.clone() }
    }
}

// Civil Procedure Law art. 85(2) does not count the hour of the start; Civil Code art. 201(2) counts from the instant.
fn hour_anchor(at: Timestamp, first: First) -> Option<Timestamp> {
    match first {
        First::Counted => Some(at),
        First::Excluded => {
            let time = clock(at).time();
            let within = i64::from(time.minute()) * 60 + i64::from(time.second());
            let whole = at.checked_sub(within.seconds()).ok()?;
            let whole = whole.checked_sub(i64::from(time.subsec_nanosecond()).nanoseconds()).ok()?;
            whole.checked_add(1.hours()).ok()
        }
    }
}

fn warning(rule: &Rule, start: &Start, strict: &Due, calendar: &Calendar) -> Timestamp {
    if rule.strict.unit == Unit::Hour {
        return strict.end.checked_sub(i64::from(rule.warn_at).hours()).unwrap_or(Timestamp::MIN);
    }
    let day = calendar.add_workdays(strict.day, -i64::from(rule.warn_at));
    // Forward limits cannot warn before they began.
    let day = if rule.strict.direction == Direction::After { day.max(start.day()) } else { day };
    day_start(day)
}
