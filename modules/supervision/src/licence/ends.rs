//! Ends other than a grant: not accepted, refused, ended without a decision.

use super::acts::*;
use super::application::{Application, State};
use super::steps::{Step, Verb};
use super::verdict::Verdict;

impl Application {
    /// Not accepted (L4 art. 32(1)(1) and (2), art. 78), with the grounds told in writing (art. 32(2)).
    ///
    /// # Errors
    /// Out of turn, without power, or after silence has accepted.
    pub fn decline(&self, step: &Step, grounds: Vec<Ground>, paper: PaperNumber) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Decline, step)?;
        self.demand_not_silent(step, &mut objections);
        let uncorrected = grounds.iter().any(|ground| ground.id == "non-acceptance.not-corrected");
        let told = self.state == State::CorrectionRequested;
        objections.demand(told || !uncorrected, "grounds", "licence-refusal-not-told");
        objections.verdict()?;
        let clerk = step.who.signer();
        Ok(ApplicationAct::NotAccepted(NotAccepted { grounds, paper, clerk }))
    }

    /// Refused, with reasons and remedies (L4 art. 38(2)).
    ///
    /// # Errors
    /// Out of turn, without power, by one who had a hand in it, while a hearing is open, or without words.
    pub fn refuse(
        &self,
        step: &Step,
        grounds: Vec<Ground>,
        opinion: String,
        paper: PaperNumber,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Refuse, step)?;
        objections.demand_text(&opinion, "opinion", "application-refusal-opinion-missing");
        objections.verdict()?;
        let head = step.who.signer();
        Ok(ApplicationAct::Refused(Refused { grounds, opinion, paper, head }))
    }

    /// Ended without a decision: the applicant took it back, or is no more.
    ///
    /// # Errors
    /// Out of turn, without power, or for more than one ground.
    pub fn terminate(
        &self,
        step: &Step,
        grounds: Vec<Ground>,
        paper: PaperNumber,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Terminate, step)?;
        objections.demand(grounds.len() == 1, "grounds", "licence-refusal-one-ground");
        objections.verdict()?;
        let officer = step.who.signer();
        let ended = grounds.into_iter().map(|ground| Terminated {
            ground,
            paper: paper.clone(),
            officer: officer.clone(),
        });
        ended.map(ApplicationAct::Terminated).next().ok_or_else(Vec::new)
    }
}
