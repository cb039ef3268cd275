//! Ends other than a grant, and the hearing before a decision.

use law::Start;
use ledger::MatterKey;
use site::{Problem, Refusal};

use super::{Office, When, refused};
use crate::licence::acts::*;
use crate::licence::application::Application;
use crate::licence::clock::{HEARING_HELD, HEARING_NOTICE, HEARING_REQUEST, due};
use crate::licence::grounds::{self, NON_ACCEPTANCE, Picked, TERMINATION};
use crate::licence::hearing::Appointment;

/// A hearing as it is to be notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convening {
    pub on: jiff::civil::Date,
    pub time: String,
    pub place: String,
    /// Id of the officer who leads it.
    pub chair: String,
}

impl Office<'_, '_> {
    /// Does not accept an application (L4 art. 32(1)(1), (2), art. 78).
    ///
    /// # Errors
    /// As the verb and the checklist refuse.
    pub fn decline(&mut self, key: &MatterKey, when: &When, picked: Vec<Picked>) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let found = grounds::found(self.setting.rules(), NON_ACCEPTANCE, when.day, picked)?;
        let paper = self.paper_number_today("non-acceptance", PaperSeries::NonAcceptance)?;
        let body = application.decline(&self.step(when), found, paper)?;
        self.record(key, when, &body, Some("行政许可法第三十二条"))
    }

    /// Refuses what was asked for (L4 art. 38(2)).
    ///
    /// # Errors
    /// As the verb and the checklist refuse.
    pub fn refuse(
        &mut self,
        key: &MatterKey,
        when: &When,
        (picked, opinion): (Vec<Picked>, String),
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let checklist = grounds::refusal_of(application.kind());
        let found = grounds::found(self.setting.rules(), checklist, when.day, picked)?;
        let paper = self.paper_number_today("decision-refusal", PaperSeries::Refusal)?;
        let body = application.refuse(&self.step(when), found, opinion, paper)?;
        self.record(key, when, &body, Some("行政许可法第三十八条第二款"))
    }

    /// Ends an application without a decision.
    ///
    /// # Errors
    /// As the verb and the checklist refuse.
    pub fn terminate(&mut self, key: &MatterKey, when: &When, picked: Vec<Picked>) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let found = grounds::found(self.setting.rules(), TERMINATION, when.day, picked)?;
        let paper = self.paper_number_today("termination", PaperSeries::Termination)?;
        let body = application.terminate(&self.step(when), found, paper)?;
        self.record(key, when, &body, None)
    }

    /// Tells applicant and others that they may ask for a hearing (L4 art. 47).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn tell_hearing(
        &mut self,
        key: &MatterKey,
        when: &When,
        told: (String, String),
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let paper = self.paper_number_today("hearing-right", PaperSeries::HearingRight)?;
        let limit = due(self.setting.law, HEARING_REQUEST, when.day, &[]).map_err(refused)?;
        let body = application.tell_hearing(&self.step(when), told, paper, limit)?;
        self.record(key, when, &body, Some("行政许可法第四十七条第一款"))
    }

    /// Takes the request for a hearing (L4 art. 47(1)).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn request_hearing(&mut self, key: &MatterKey, when: &When, by: String) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let limit = due(self.setting.law, HEARING_HELD, when.day, &[]).map_err(refused)?;
        let body = application.request_hearing(&self.step(when), by, limit)?;
        self.record(key, when, &body, Some("行政许可法第四十七条第一款"))
    }

    /// Notifies time and place of the hearing (L4 art. 48(1)).
    ///
    /// # Errors
    /// As the verb refuses; refused beside `chair` when there is no such officer.
    pub fn notify_hearing(
        &mut self,
        key: &MatterKey,
        when: &When,
        convening: Convening,
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let start = Start::Day(convening.on);
        let notice = self.setting.law.deadline(HEARING_NOTICE, &start, &[], &[]).map_err(refused)?;
        let chair = self.inspector(&convening.chair, "chair")?.signer(convening.on);
        let Convening { on, time, place, .. } = convening;
        let notice_until = notice.loose.day;
        let appointment = Appointment { on, time, place, chair, notice_until };
        let paper = self.paper_number_today("hearing-notice", PaperSeries::HearingNotice)?;
        let body = application.notify_hearing(&self.step(when), appointment, paper)?;
        self.record(key, when, &body, Some("行政许可法第四十八条第一款"))
    }

    /// Records the hearing; the decision clock runs on from here without its time (L4 art. 45).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn hold_hearing(
        &mut self,
        key: &MatterKey,
        when: &When,
        (record, attachments): (String, Vec<Attachment>),
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let limit = application.after_hearing(self.setting.law, when.day).map_err(refused)?;
        let Some(limit) = limit else {
            return Err(Refusal::new("application-refusal-not-in-turn").into());
        };
        let body = application.hold_hearing(&self.step(when), record, attachments, limit)?;
        self.record(key, when, &body, Some("行政许可法第四十八条"))
    }
}
