//! Law as data: statutes, time limits and the working calendar, loaded from cited files and counted without input or output.

mod calendar;
mod cite;
mod count;
mod deadline;
mod ground;
mod load;
mod raw;
mod recompute;
mod refusal;
mod rule;
mod statute;
mod text;
mod trace;
mod zone;

use std::sync::Arc;

use jiff::civil::Date;

pub use calendar::{Calendar, Special};
pub use count::{Direction, End, First, Period, Roll, Suspension, Unit};
pub use deadline::{Deadline, Done, Due, Extension, Judgement, Standing, Start};
pub use ground::Ground;
pub use load::Fault;
pub use recompute::{Change, Open};
pub use refusal::Refusal;
pub use rule::{DeemedFrom, Expiry, Extensible, Reading, Rule, StartsOn};
pub use statute::{Basis, Certainty, Counting, CountingKind, Statute, Validity, Version};
pub use text::Text;
pub use zone::{day_start, shanghai_day};

/// Everything a node knows of the law, checked on load and never changed afterwards. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Law {
    data: Arc<Data>,
    calendar: Arc<Calendar>,
}

#[derive(Debug, Default)]
pub(crate) struct Data {
    statutes: Vec<Statute>,
    countings: Vec<Counting>,
    rules: Vec<Rule>,
    grounds: Vec<Ground>,
}

impl Law {
    /// Reads law files given as (path below `law/`, text). Files that do not end in `.toml` are passed over.
    ///
    /// # Errors
    /// Every fault found, each naming file, rule and field. A node does not start on any of them.
    pub fn load(files: impl IntoIterator<Item = (String, String)>) -> Result<Law, Vec<Fault>> {
        load::load(files)
    }

    /// The working calendar in use.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The same law with another calendar, as after the publication of a new year.
    #[must_use]
    pub fn with_calendar(&self, calendar: Calendar) -> Law {
        Law { data: Arc::clone(&self.data), calendar: Arc::new(calendar) }
    }

    /// The version of a rule in force on a day.
    #[must_use]
    pub fn rule(&self, id: &str, on: Date) -> Option<&Rule> {
        self.data.rules.iter().find(|rule| rule.id == id && rule.valid.holds(on))
    }

    /// All rules in all versions, in the order of the files.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.data.rules
    }

    /// The checklist of grounds in force on a day for a decision such as `licence.refusal`, in the order of the files.
    pub fn grounds<'law>(&'law self, founds: &'law str, on: Date) -> impl Iterator<Item = &'law Ground> {
        self.data.grounds.iter().filter(move |ground| ground.founds == founds && ground.valid.holds(on))
    }

    /// A statute and its version in force on a day.
    #[must_use]
    pub fn statute(&self, id: &str, on: Date) -> Option<(&Statute, &Version)> {
        let statute = self.data.statutes.iter().find(|statute| statute.id == id)?;
        Some((statute, statute.version_on(on)?))
    }

    /// All statutes.
    #[must_use]
    pub fn statutes(&self) -> &[Statute] {
        &self.data.statutes
    }

    /// The rules of day counting, each with its article.
    #[must_use]
    pub fn countings(&self) -> &[Counting] {
        &self.data.countings
    }

    /// Counts a time limit: the rule is the one in force on the day of `start`.
    ///
    /// # Errors
    /// A [`Refusal`] if the rule is unknown or not in force, if an hour limit gets no instant, or if a suspension
    /// or an extension is one the rule does not know.
    pub fn deadline(
        &self,
        rule: &str,
        start: &Start,
        suspensions: &[Suspension],
        extensions: &[Extension],
    ) -> Result<Deadline, Refusal> {
        deadline::compute(self, rule, start, suspensions, extensions)
    }

    /// Which open deadlines a new calendar moves: the work to be done when a year's days off are published.
    ///
    /// # Errors
    /// The first refusal met, which means that an open deadline no longer fits the law as loaded.
    pub fn recompute(&self, open: &[Open], calendar: &Calendar) -> Result<Vec<Change>, Refusal> {
        recompute::recompute(self, open, calendar)
    }

    pub(crate) fn shared_calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar)
    }

    fn known_rule(&self, id: &str) -> bool {
        self.data.rules.iter().any(|rule| rule.id == id)
    }
}
