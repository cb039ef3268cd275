//! Measures against a licence: proposed, decided, dropped, and the return to trading.

use ledger::MatterKey;
use site::Problem;

use super::{Office, When};
use crate::licence::acts::*;
use crate::licence::grounds::{self, Picked};
use crate::licence::licence::Licence;
use crate::licence::measures::{Proposal, Ruling};

impl Office<'_, '_> {
    /// Proposes a measure; the holder is told of it and may speak (L4 art. 7).
    ///
    /// # Errors
    /// As the verb and the checklist refuse.
    pub fn propose(
        &mut self,
        licence: &MatterKey,
        when: &When,
        (measure, days): (Measure, Option<i64>),
        picked: Vec<Picked>,
    ) -> Result<(), Problem> {
        let stands: Licence = self.writing.load(licence)?;
        self.demand_printable(&stands)?;
        let found = grounds::found(self.setting.rules(), grounds::measure_of(measure), when.day, picked)?;
        let paper = self.paper_number_today("measure-notice", PaperSeries::MeasureNotice)?;
        let proposal = Proposal { measure, grounds: found, days };
        let body = stands.propose(&self.step(when), proposal, paper)?;
        self.record(licence, when, &body, Some("行政许可法第七条"))
    }

    /// Takes the measure that was proposed.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn rule(&mut self, licence: &MatterKey, when: &When, ruling: Ruling) -> Result<(), Problem> {
        let stands: Licence = self.writing.load(licence)?;
        let paper = self.paper_number_today("measure-decision", PaperSeries::MeasureDecision)?;
        let measure = stands.proposal.as_ref().map(|proposal| proposal.measure);
        let body = stands.rule(&self.step(when), ruling, paper)?;
        self.record(licence, when, &body, measure.map(basis_of))
    }

    /// Drops the measure that was proposed.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn drop_measure(&mut self, licence: &MatterKey, when: &When, reason: String) -> Result<(), Problem> {
        let stands: Licence = self.writing.load(licence)?;
        let body = stands.drop_measure(&self.step(when), reason)?;
        self.record(licence, when, &body, None)
    }

    /// Two officers found things put right.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn recover(
        &mut self,
        licence: &MatterKey,
        when: &When,
        officers: [&str; 2],
        findings: String,
    ) -> Result<(), Problem> {
        let stands: Licence = self.writing.load(licence)?;
        let inspectors = [self.inspector(officers[0], "first")?, self.inspector(officers[1], "second")?];
        let body = stands.recover(&self.step(when), &inspectors, findings)?;
        self.record(licence, when, &body, Some("烟草专卖法实施条例第十四条"))
    }
}

fn basis_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Rectification | Measure::Disqualification => "烟草专卖法实施条例第十四条",
        Measure::Revocation => "行政许可法第六十九条",
        Measure::Withdrawal => "行政许可法第八条第二款",
        Measure::Deregistration => "行政许可法第七十条",
    }
}
