//! Counting days: from a first day and a period to the last day that is in time.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

/// What a period is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Hour,
    Workday,
    CalendarDay,
    Month,
    Year,
}

/// Whether a period runs forward from its start or backward from a later event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    After,
    Before,
}

/// Whether the day (or hour) of the start counts; Civil Procedure Law art. 85(2): it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    Excluded,
    Counted,
}

/// What happens when the last day is a day off; Civil Procedure Law art. 85(3): the first day after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Roll {
    Next,
    Previous,
    None,
}

/// Days that do not count, both ends included, for a reason the rule knows (such as a hearing).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    pub from: Date,
    pub until: Date,
    pub ground: String,
}

impl Suspension {
    /// Whether a day falls into the suspension.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// A length of time and the way it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Period {
    pub unit: Unit,
    pub n: u32,
    pub direction: Direction,
    pub first: First,
    pub roll: Roll,
}

/// Where a period ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The last day before rolling.
    pub nominal: Date,
    /// The last day that is in time.
    pub last: Date,
    /// Counted on a year whose days off are not published.
    pub provisional: bool,
}

impl Period {
    /// The last day of the period. Workday periods skip suspended days, others are prolonged day for day.
    /// `None` for hours, which need an instant, and where no date can express the end.
    #[must_use]
    pub fn end(&self, start: Date, calendar: &Calendar, paused: &[Suspension]) -> Option<End> {
        let nominal = self.nominal(start, calendar, paused)?;
        let last = self.rolled(nominal, calendar, paused)?;
        let consulted = self.consulted(start, nominal, last);
        let provisional = consulted.iter().flatten().any(|day| !calendar.is_published(*day));
        Some(End { nominal, last, provisional })
    }

    fn nominal(&self, start: Date, calendar: &Calendar, paused: &[Suspension]) -> Option<Date> {
        let running = |day: Date| !covered(paused, day);
        match self.unit {
            Unit::Hour => None,
            Unit::Workday => {
                self.walk(self.anchor(start)?, self.n, |day| calendar.is_workday(day) && running(day))
            }
            // Without suspensions a leap lands where the steps would.
            Unit::CalendarDay if paused.is_empty() => self.leap(self.anchor(start)?),
            Unit::CalendarDay => self.walk(self.anchor(start)?, self.n, running),
            Unit::Month | Unit::Year => {
                let plain = self.corresponding(start)?;
                self.walk(plain, self.lost(self.anchor(start)?, plain, paused)?, running)
            }
        }
    }

    // The day from which steps are taken: one earlier if the start day itself counts.
    fn anchor(&self, start: Date) -> Option<Date> {
        match (self.first, self.direction) {
            (First::Excluded, _) => Some(start),
            (First::Counted, Direction::After) => start.yesterday().ok(),
            (First::Counted, Direction::Before) => start.tomorrow().ok(),
        }
    }

    fn walk(&self, from: Date, n: u32, counts: impl Fn(Date) -> bool) -> Option<Date> {
        let (mut day, mut left) = (from, n);
        while left > 0 {
            day = self.step(day)?;
            left -= u32::from(counts(day));
        }
        Some(day)
    }

    fn leap(&self, from: Date) -> Option<Date> {
        let days = 0.days().try_days(self.n).ok()?;
        match self.direction {
            Direction::After => from.checked_add(days).ok(),
            Direction::Before => from.checked_sub(days).ok(),
        }
    }

    fn step(&self, day: Date) -> Option<Date> {
        match self.direction {
            Direction::After => day.tomorrow().ok(),
            Direction::Before => day.yesterday().ok(),
        }
    }

    // Civil Code art. 202: the corresponding day of the last month, or its last day where there is none.
    fn corresponding(&self, start: Date) -> Option<Date> {
        let n = i32::try_from(self.n).ok()?;
        let span = match self.unit {
            Unit::Year => 0.years().try_years(n).ok()?,
            _ => 0.months().try_months(n).ok()?,
        };
        let (after, day) = match self.direction {
            Direction::After => (true, start.checked_add(span).ok()?),
            Direction::Before => (false, start.checked_sub(span).ok()?),
        };
        let exists = day.day() == start.day();
        match (self.first, exists) {
            (First::Counted, true) if after => day.yesterday().ok(),
            (First::Counted, true) => day.tomorrow().ok(),
            _ => Some(day),
        }
    }

    // How many days of the plain period were suspended.
    fn lost(&self, from: Date, end: Date, paused: &[Suspension]) -> Option<u32> {
        if paused.is_empty() {
            return Some(0);
        }
        let days = self.days_between(from, end).filter(|day| covered(paused, *day));
        u32::try_from(days.count()).ok()
    }

    // The days after `from` up to `end`, in the direction of the period.
    fn days_between(&self, from: Date, end: Date) -> impl Iterator<Item = Date> + use<> {
        let period = *self;
        let days = std::iter::successors(period.step(from), move |day| period.step(*day));
        days.take_while(move |day| match period.direction {
            Direction::After => *day <= end,
            Direction::Before => *day >= end,
        })
    }

    fn rolled(&self, nominal: Date, calendar: &Calendar, paused: &[Suspension]) -> Option<Date> {
        let mut day = nominal;
        while self.roll != Roll::None && (!calendar.is_workday(day) || covered(paused, day)) {
            day = match self.roll {
                Roll::Previous => day.yesterday().ok()?,
                _ => day.tomorrow().ok()?,
            };
        }
        Some(day)
    }

    // The outermost days on which the calendar was asked.
    fn consulted(&self, start: Date, nominal: Date, last: Date) -> [Option<Date>; 3] {
        let counted = (self.unit == Unit::Workday).then(|| self.step(start)).flatten();
        let asked = self.unit == Unit::Workday || self.roll != Roll::None;
        [counted, asked.then_some(nominal), asked.then_some(last)]
    }
}

fn covered(paused: &[Suspension], day: Date) -> bool {
    paused.iter().any(|suspension| suspension.covers(day))
}
