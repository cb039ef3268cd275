//! The plan of a year: who applies when, and on which day the bureau takes which step. Pure; nothing is written here.

use anyhow::Result;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use law::Calendar;

use super::draw::Draw;
use super::outlets::{Outlet, Outlets};

/// A step of the path as it is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    Submit {
        complete: bool,
    },
    RequestCorrection,
    Supplement,
    Accept,
    /// Whether the premises were found fit.
    Check {
        fit: bool,
    },
    Review,
    Extend,
    Grant,
    Serve,
}

/// One application with the instants of its steps, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub outlet: Outlet,
    pub steps: Vec<(Timestamp, Planned)>,
    /// Decides which of several officers of one post takes it on.
    pub turn: usize,
}

/// Applications of a year, and those that are under way at its end.
pub struct Year<'a> {
    calendar: &'a Calendar,
    draw: Draw,
    as_of: Timestamp,
}

/// Applications that were begun and served within the year.
const SETTLED: usize = 130;

/// Applications under way at the end: each step with the working days by which it lies before the as-of date. Among
/// them are every open state, limits that are near their end, and limits that have run out.
const OPEN: [&[(i64, Planned)]; 18] = [
    // Received today and in the last days; the fourth and fifth near the end of the five days.
    &[(0, SUBMITTED)],
    &[(1, SUBMITTED)],
    &[(2, LACKING)],
    &[(4, SUBMITTED)],
    &[(5, SUBMITTED)],
    // Told what is missing; the applicant's turn.
    &[(6, LACKING), (4, Planned::RequestCorrection)],
    &[(9, LACKING), (7, Planned::RequestCorrection)],
    // All brought, to be accepted.
    &[(8, LACKING), (6, Planned::RequestCorrection), (1, Planned::Supplement)],
    // Accepted, to be looked at; the third near the end of the twenty days.
    &[(3, SUBMITTED), (1, Planned::Accept)],
    &[(6, SUBMITTED), (4, Planned::Accept)],
    &[(19, SUBMITTED), (17, Planned::Accept)],
    // Looked at: found fit, and found unfit.
    &[(9, SUBMITTED), (7, Planned::Accept), (2, FIT)],
    &[(12, SUBMITTED), (10, Planned::Accept), (3, Planned::Check { fit: false })],
    // Reviewed, to be decided: in time, near the end, and too late.
    &[(11, SUBMITTED), (9, Planned::Accept), (4, FIT), (2, Planned::Review)],
    &[(20, SUBMITTED), (18, Planned::Accept), (8, FIT), (6, Planned::Review)],
    &[(27, SUBMITTED), (24, Planned::Accept), (15, FIT), (12, Planned::Review)],
    // Granted, to be handed over: in time, and too late.
    &[(14, SUBMITTED), (12, Planned::Accept), (6, FIT), (4, Planned::Review), (2, Planned::Grant)],
    &[(32, SUBMITTED), (30, Planned::Accept), (22, FIT), (20, Planned::Review), (13, Planned::Grant)],
];

const SUBMITTED: Planned = Planned::Submit { complete: true };
const LACKING: Planned = Planned::Submit { complete: false };
const FIT: Planned = Planned::Check { fit: true };

impl<'a> Year<'a> {
    pub fn new(calendar: &'a Calendar, draw: Draw, as_of: Timestamp) -> Self {
        Self { calendar, draw, as_of }
    }

    /// All applications of the year before the as-of date.
    pub fn plan(mut self, outlets: &mut Outlets) -> Result<Vec<Plan>> {
        let today = law::shanghai_day(self.as_of);
        let mut plans = Vec::new();
        for _ in 0..SETTLED {
            // Forty working days leave room for the longest path.
            let latest = self.calendar.add_workdays(today, -45);
            let day = latest.checked_sub(self.draw.between(0, 300).days())?;
            let steps = self.settled(self.calendar.add_workdays(day, 1))?;
            plans.push(self.of(outlets, steps)?);
        }
        for open in OPEN {
            let days = open
                .iter()
                .map(|(before, step)| (self.calendar.add_workdays(today, -before), *step))
                .collect();
            let steps = self.timed(days)?;
            plans.push(self.of(outlets, steps)?);
        }
        Ok(plans)
    }

    fn of(&mut self, outlets: &mut Outlets, steps: Vec<(Timestamp, Planned)>) -> Result<Plan> {
        let on = steps.first().map_or(law::shanghai_day(self.as_of), |(at, _)| law::shanghai_day(*at));
        Ok(Plan { outlet: outlets.outlet(on)?, steps, turn: self.draw.below(1000) })
    }

    /// A path from the counter to the licence, with what happens on the way to some.
    fn settled(&mut self, submitted: Date) -> Result<Vec<(Timestamp, Planned)>> {
        let complete = !self.draw.chance(16);
        let mut path = Path {
            calendar: self.calendar,
            day: submitted,
            steps: vec![(submitted, Planned::Submit { complete })],
        };
        if !complete {
            path.after(self.draw.between(1, 3), Planned::RequestCorrection);
            path.after(self.draw.between(2, 9), Planned::Supplement);
        }
        // Silence accepts by itself after five working days (L4 art. 32); the check comes later anyway.
        if complete && self.draw.chance(4) {
            path.wait(6);
        } else {
            path.after(self.draw.between(0, 3), Planned::Accept);
        }
        if self.draw.chance(7) {
            path.after(self.draw.between(2, 4), Planned::Check { fit: false });
        }
        path.after(self.draw.between(2, 6), FIT);
        if self.draw.chance(3) {
            path.after(1, Planned::Extend);
        }
        path.after(self.draw.between(1, 2), Planned::Review);
        path.after(self.draw.between(1, 3), Planned::Grant);
        path.after(self.draw.between(1, 5), Planned::Serve);
        self.timed(path.steps)
    }

    /// Gives every step an hour of its day at which the counter is open, later than the step before.
    fn timed(&mut self, days: Vec<(Date, Planned)>) -> Result<Vec<(Timestamp, Planned)>> {
        let mut steps: Vec<(Timestamp, Planned)> = Vec::new();
        for (day, step) in days {
            let mut at = instant(day, self.draw.between(0, 359))?;
            if let Some((before, _)) = steps.last()
                && at <= *before
            {
                at = before.checked_add(10.minutes())?;
            }
            // What is planned for today has happened before the clock of the demo starts.
            if at >= self.as_of {
                at = self.as_of.checked_sub(20.minutes())?;
            }
            steps.push((at, step));
        }
        Ok(steps)
    }
}

/// Steps on working days, one after the other.
struct Path<'a> {
    calendar: &'a Calendar,
    day: Date,
    steps: Vec<(Date, Planned)>,
}

impl Path<'_> {
    fn wait(&mut self, workdays: i64) {
        self.day = self.calendar.add_workdays(self.day, workdays);
    }

    fn after(&mut self, workdays: i64, step: Planned) {
        self.wait(workdays);
        self.steps.push((self.day, step));
    }
}

/// A minute between 8:40 and 11:40 or 13:40 and 16:40.
fn instant(day: Date, minute: i64) -> Result<Timestamp> {
    let opening = if minute < 180 { day.at(8, 40, 0, 0) } else { day.at(10, 40, 0, 0) };
    let civil: DateTime = opening.checked_add(minute.minutes())?;
    Ok(TimeZone::get("Asia/Shanghai")?.to_timestamp(civil)?)
}
