//! The hearing before a decision that touches major interests (L4 art. 46-48): told, asked for, notified, held.

use jiff::civil::Date;

use super::acts::*;
use super::application::Application;
use super::decision::minutes_of_day;
use super::steps::{Step, Verb};
use super::verdict::Verdict;

/// When and where a hearing takes place, and who leads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub on: Date,
    /// Hour and minute, `14:30`.
    pub time: String,
    pub place: String,
    pub chair: Signer,
    /// The last day on which the notice is in time (L4 art. 48(1)(1)), in the looser reading.
    pub notice_until: Date,
}

impl Application {
    /// Applicant and others are told that they may ask for a hearing; `due` is until when (L4 art. 47(1)).
    ///
    /// # Errors
    /// Out of turn, without power, or without naming who and what is at stake.
    pub fn tell_hearing(
        &self,
        step: &Step,
        (persons, interests): (String, String),
        paper: PaperNumber,
        due: Due,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::TellHearing, step)?;
        objections.demand(step.when.day == step.today, "day", "licence-refusal-told-today");
        objections.demand_text(&persons, "persons", "licence-refusal-persons-missing");
        objections.demand_text(&interests, "interests", "licence-refusal-interests-missing");
        objections.verdict()?;
        let officer = step.who.signer();
        Ok(ApplicationAct::HearingTold(HearingTold { persons, interests, paper, officer, due }))
    }

    /// One of them asks for it; `due` is until when it is held.
    ///
    /// # Errors
    /// Out of turn, without power, without a name, or after the right has lapsed on the looser reading.
    pub fn request_hearing(&self, step: &Step, by: String, due: Due) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::RequestHearing, step)?;
        objections.demand_text(&by, "by", "licence-refusal-by-missing");
        let asked_until = self.hearing.as_ref().map(|hearing| hearing.asked_until.loose);
        let in_time = asked_until.is_some_and(|last| step.when.day <= last);
        objections.demand(in_time, "day", "licence-refusal-hearing-late");
        objections.verdict()?;
        let clerk = step.who.signer();
        Ok(ApplicationAct::HearingRequested(HearingRequested { by, clerk, due }))
    }

    /// Time and place are given, seven working days before at least; the chair has no hand in the application.
    ///
    /// # Errors
    /// Out of turn, without power, too short a notice, an incomplete one, or a chair who examines the application.
    pub fn notify_hearing(
        &self,
        step: &Step,
        appointment: Appointment,
        paper: PaperNumber,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::NotifyHearing, step)?;
        let Appointment { on, time, place, chair, notice_until } = appointment;
        objections.demand(step.when.day == step.today, "day", "licence-refusal-told-today");
        objections.demand(step.when.day <= notice_until, "on", "licence-refusal-hearing-notice-short");
        objections.demand(minutes_of_day(&time).is_some(), "time", "application-refusal-time");
        objections.demand_text(&place, "place", "licence-refusal-hearing-place");
        let apart = !self.involved.contains(&chair.officer);
        objections.demand(apart, "chair", "licence-refusal-chair-involved");
        let other = chair.officer != step.who.id;
        objections.demand(other, "chair", "licence-refusal-chair-notifies");
        objections.verdict()?;
        let officer = step.who.signer();
        Ok(ApplicationAct::HearingNotified(HearingNotified { on, time, place, chair, paper, officer }))
    }

    /// The hearing as its chair records it; `due` is the decision limit without its time (L4 art. 45).
    ///
    /// # Errors
    /// Out of turn, without power, by another than the chair, on another day than notified, or without a record.
    pub fn hold_hearing(
        &self,
        step: &Step,
        record: String,
        attachments: Vec<Attachment>,
        due: Due,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::HoldHearing, step)?;
        let notified = self.hearing.as_ref().and_then(|hearing| hearing.notified.as_ref());
        let chairs = notified.is_some_and(|notified| notified.chair.officer == step.who.id);
        objections.demand(chairs, "record", "licence-refusal-not-the-chair");
        let as_told = notified.is_some_and(|notified| notified.on == step.when.day);
        objections.demand(as_told, "day", "licence-refusal-hearing-day");
        objections.demand_text(&record, "record", "licence-refusal-record-missing");
        objections.verdict()?;
        let chair = step.who.signer();
        Ok(ApplicationAct::HearingHeld(HearingHeld { chair, record, attachments, due }))
    }
}
