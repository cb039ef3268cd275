//! The working calendar: which days are worked, year by year as published, with make-up workdays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::text::Text;

/// A day that departs from the plain week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Special {
    /// A weekend day that is worked (调休), or else a day off.
    pub workday: bool,
    /// The festival it belongs to.
    pub name: Text,
}

/// Published years and their special days. Outside the published years the plain week holds, and results are provisional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i16>,
    days: BTreeMap<Date, Special>,
    /// For each published year, whether each of its days is worked: limits ask for thousands of days.
    worked: Vec<(i16, Vec<bool>)>,
    version: String,
}

impl Calendar {
    /// Makes a calendar of the published years and their special days; days of other years are left out.
    #[must_use]
    pub fn new(
        years: impl IntoIterator<Item = i16>,
        days: impl IntoIterator<Item = (Date, Special)>,
    ) -> Calendar {
        let years: BTreeSet<i16> = years.into_iter().collect();
        let days = days.into_iter().filter(|(day, _)| years.contains(&day.year())).collect();
        let worked = years.iter().map(|year| (*year, worked(*year, &days))).collect();
        let version = digest(&years, &days);
        Calendar { years, days, worked, version }
    }

    /// This calendar with one more year published (or one year published anew).
    #[must_use]
    pub fn with_year(&self, year: i16, days: impl IntoIterator<Item = (Date, Special)>) -> Calendar {
        let kept = self.days.iter().filter(|(day, _)| day.year() != year);
        let kept: Vec<_> = kept.map(|(day, special)| (*day, special.clone())).collect();
        Calendar::new(self.years.iter().copied().chain([year]), kept.into_iter().chain(days))
    }

    /// Whether a day is worked: as published, otherwise Monday to Friday.
    #[must_use]
    pub fn is_workday(&self, day: Date) -> bool {
        let year = self.worked.iter().find(|(year, _)| *year == day.year());
        let place = usize::from(day.day_of_year().unsigned_abs()) - 1;
        year.and_then(|(_, days)| days.get(place).copied()).unwrap_or_else(|| !is_weekend(day))
    }

    /// Whether the days off of that year are published.
    #[must_use]
    pub fn is_published(&self, day: Date) -> bool {
        self.years.contains(&day.year())
    }

    /// First and last published day.
    #[must_use]
    pub fn published(&self) -> Option<(Date, Date)> {
        let (first, last) = (self.years.first()?, self.years.last()?);
        Some((Date::new(*first, 1, 1).ok()?, Date::new(*last, 12, 31).ok()?))
    }

    /// The published years, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.iter().copied()
    }

    /// The special days, in order.
    pub fn days(&self) -> impl Iterator<Item = (Date, &Special)> {
        self.days.iter().map(|(day, special)| (*day, special))
    }

    /// The special days after one day and up to another.
    pub fn days_within(&self, after: Date, upto: Date) -> impl Iterator<Item = (Date, &Special)> {
        let range = (after < upto).then(|| {
            let bounds = (std::ops::Bound::Excluded(after), std::ops::Bound::Included(upto));
            self.days.range(bounds)
        });
        range.into_iter().flatten().map(|(day, special)| (*day, special))
    }

    /// The festival a special day belongs to.
    #[must_use]
    pub fn name(&self, day: Date) -> Option<&Text> {
        self.days.get(&day).map(|special| &special.name)
    }

    /// A digest of years and days, stored with every result that was counted on them.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Workdays after one day and up to another; negative if the second is the earlier one.
    #[must_use]
    pub fn workdays_between(&self, after: Date, upto: Date) -> i64 {
        if upto < after {
            return -self.workdays_between(upto, after);
        }
        let mut workdays = 0;
        let mut day = after;
        while day < upto {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            workdays += i64::from(self.is_workday(day));
        }
        workdays
    }

    /// The n-th workday after a day (before it if n is negative); the day itself is not counted.
    /// Stops at the last day that can be expressed.
    #[must_use]
    pub fn add_workdays(&self, day: Date, n: i64) -> Date {
        let (mut day, mut left) = (day, n.unsigned_abs());
        while left > 0 {
            let next = if n > 0 { day.tomorrow() } else { day.yesterday() };
            let Ok(next) = next else { break };
            day = next;
            left -= u64::from(self.is_workday(day));
        }
        day
    }
}

fn worked(year: i16, days: &BTreeMap<Date, Special>) -> Vec<bool> {
    let first = Date::new(year, 1, 1).ok();
    let all = std::iter::successors(first, |day| day.tomorrow().ok()).take_while(|day| day.year() == year);
    all.map(|day| days.get(&day).map_or(!is_weekend(day), |special| special.workday)).collect()
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn digest(years: &BTreeSet<i16>, days: &BTreeMap<Date, Special>) -> String {
    let mut hash = Sha256::new();
    for year in years {
        hash.update(format!("{year}\n"));
    }
    for (day, special) in days {
        hash.update(format!("{day} {}\n", special.workday));
    }
    hex::encode(&hash.finalize()[..16])
}
