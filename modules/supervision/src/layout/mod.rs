//! The layout of outlets (合理布局): where an outlet may be, rule by rule, from rules that are data of the bureau.

pub mod answer;
pub mod capacity;
mod judge;
mod load;
pub mod measurement;
pub mod pages;
pub mod place;
pub mod question;
pub mod register;
pub mod rule;

use jiff::civil::Date;
use law::Text;
use serde::Deserialize;

use answer::{Answer, Finding};
use place::{Place, Survey};
use question::{Question, Surroundings};
use rule::{Demand, NoGround, Rule};

pub use load::{load, strays};

/// A word that the bureau's files define: a kind of place, a group of applicants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    pub id: String,
    pub title: Text,
}

/// The rules of a bureau, with the places they speak of. Pure: asks no clock and no book.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Whether the bureau states that its rules are all here; otherwise nothing is ever allowed, only not forbidden.
    pub whole: bool,
    /// Metres by which a position of the register or the map may be wrong: what is nearer to a limit decides nothing.
    pub tolerance: u32,
    pub kinds: Vec<Word>,
    pub groups: Vec<Word>,
    pub rules: Vec<Rule>,
    pub places: Vec<Place>,
    pub surveys: Vec<Survey>,
    /// Digest of both files.
    pub digest: String,
}

impl Rules {
    /// The answer for one place, rule by rule, in the order of the file.
    #[must_use]
    pub fn answer<'a>(&'a self, question: &Question, surroundings: &Surroundings) -> Answer<'a> {
        let findings =
            self.rules.iter().filter_map(|rule| judge::finding(self, rule, question, surroundings));
        Answer { findings: findings.collect::<Vec<Finding>>(), whole: self.whole }
    }

    /// Whether a refusal of that day may name this rule as its ground.
    #[must_use]
    pub fn can_found_refusal(&self, id: &str, day: Date) -> bool {
        self.ground(id, day).is_ok()
    }

    /// The rule on which a refusal of that day may rest.
    ///
    /// # Errors
    /// Why none may rest on it: unknown, made up, not in force, without source, never read, or without a distance.
    pub fn ground(&self, id: &str, day: Date) -> Result<&Rule, NoGround> {
        let named = || self.rules.iter().filter(|rule| rule.id == id);
        let rule = named().find(|rule| rule.valid.holds(day)).or_else(|| named().next());
        let rule = rule.ok_or(NoGround::Unknown)?;
        rule.ground(day).map(|()| rule)
    }

    /// Whether the list of all places of this kind is known for the whole division on that day.
    #[must_use]
    pub fn surveyed(&self, kind: &str, division: &str, on: Date) -> bool {
        let covers = |survey: &&Survey| {
            survey.valid.holds(on)
                && survey.kinds.iter().any(|known| known == kind)
                && survey.areas.iter().any(|area| division.starts_with(area.as_str()))
        };
        self.surveys.iter().any(|survey| covers(&survey))
    }

    /// The name of a kind of place or of a group.
    #[must_use]
    pub fn word(&self, id: &str) -> Option<&Text> {
        self.kinds.iter().chain(&self.groups).find(|word| word.id == id).map(|word| &word.title)
    }

    /// The zones whose members decide about a question: those of a cap in force that may hold the place.
    pub(crate) fn zones(&self, question: &Question) -> Vec<&Place> {
        let caps = self.rules.iter().filter(|rule| rule.valid.holds(question.on));
        let kinds: Vec<&String> = caps
            .filter_map(|rule| if let Demand::Cap { zone, .. } = &rule.demand { Some(zone) } else { None })
            .collect();
        let near = |place: &&Place| place.holds(question.place(), f64::from(self.tolerance)) != Some(false);
        self.places.iter().filter(|place| kinds.contains(&&place.kind)).filter(near).collect()
    }

    /// Metres from a place beyond which no outlet matters to any spacing in force.
    pub(crate) fn reach(&self, on: Date) -> u32 {
        let spacing = |rule: &Rule| match rule.demand {
            Demand::Spacing { metres, .. } => metres,
            _ => 0,
        };
        let most = self.rules.iter().filter(|rule| rule.valid.holds(on)).map(spacing).max().unwrap_or(0);
        most.saturating_add(self.tolerance)
    }
}

#[cfg(test)]
mod tests;
