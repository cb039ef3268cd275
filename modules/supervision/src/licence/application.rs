//! An application for a new retail licence (新办): the fold of its acts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{Act, Actor, Matter};
use serde::{Deserialize, Serialize};

use super::acts::*;

/// How far an application is (domain a.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing recorded yet.
    #[default]
    New,
    /// Received; the bureau has five working days to speak (L4 art. 32(4)).
    Submitted,
    /// The one notice is out; the applicant brings what is missing.
    CorrectionRequested,
    /// Everything on the notice is in.
    Supplemented,
    /// Accepted, by word or by silence; the decision clock runs (L4 art. 42).
    Accepted,
    /// Seen on the spot by two officers.
    Checked,
    /// The reviewer has given his opinion.
    Reviewed,
    /// Granted; the licence is to be handed over within ten working days (L4 art. 44).
    Granted,
    /// Handed over: done.
    Served,
}

impl State {
    pub const ALL: [State; 8] = [
        State::Submitted,
        State::CorrectionRequested,
        State::Supplemented,
        State::Accepted,
        State::Checked,
        State::Reviewed,
        State::Granted,
        State::Served,
    ];

    /// The word that stands in the book and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            State::New => "new",
            State::Submitted => "submitted",
            State::CorrectionRequested => "correction-requested",
            State::Supplemented => "supplemented",
            State::Accepted => "accepted",
            State::Checked => "checked",
            State::Reviewed => "reviewed",
            State::Granted => "granted",
            State::Served => "served",
        }
    }

    /// The state of that name; `New` for a word that names none.
    pub fn named(name: &str) -> State {
        State::ALL.into_iter().find(|state| state.name() == name).unwrap_or_default()
    }

    /// Whether the bureau has accepted and not yet decided.
    pub fn undecided(self) -> bool {
        matches!(self, State::Accepted | State::Checked | State::Reviewed)
    }

    /// Whether the papers are complete as far as the bureau has said, and it has neither accepted nor spoken.
    pub fn awaits_acceptance(self) -> bool {
        matches!(self, State::Submitted | State::Supplemented)
    }
}

/// A paper that an act of this matter issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Number of the act in the ledger.
    pub act: i64,
    pub number: PaperNumber,
}

/// The application as its acts have made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    pub state: State,
    /// `None` before the first act and after erasure.
    pub submitted: Option<Submitted>,
    /// The day on which the (complete) papers were received: the clock for acceptance starts here.
    pub received: Option<Date>,
    /// The day on which the application itself was received.
    pub first_received: Option<Date>,
    pub missing: Vec<Missing>,
    /// Places (from 1) in `missing` that are settled.
    pub settled: Vec<i64>,
    /// Everything the applicant handed in.
    pub attachments: Vec<Attachment>,
    /// The day from which it counts as accepted: the decision clock starts here.
    pub accepted: Option<Date>,
    pub deemed: bool,
    pub check: Option<Checked>,
    /// The day of that check.
    pub checked: Option<Date>,
    pub review: Option<Reviewed>,
    pub extension: Option<Extended>,
    /// The day on which the head extended the time.
    pub extended: Option<Date>,
    pub grant: Option<ApplicationGranted>,
    /// The day of the decision: the delivery clock starts here.
    pub decided: Option<Date>,
    pub service: Option<Served>,
    /// The time limit that runs now, if the bureau has to do something.
    pub due: Option<Due>,
    /// Day of the latest step; the next cannot lie before it.
    pub latest: Option<Date>,
    pub papers: Vec<Issued>,
    /// Ids of all who prepared the decision, by any act, however old: none of them may take it (four eyes).
    pub involved: BTreeSet<String>,
}

impl Application {
    /// The places (from 1) of the correction notice that are still open, with what was asked.
    pub fn outstanding(&self) -> Vec<(i64, &Missing)> {
        (1..).zip(&self.missing).filter(|(place, _)| !self.settled.contains(place)).collect()
    }

    /// Whether the one notice has been given (L4 art. 32(4): once only).
    pub fn corrected_once(&self) -> bool {
        !self.missing.is_empty() || self.state == State::CorrectionRequested
    }

    /// The officer who received it at the counter.
    pub fn clerk(&self) -> Option<&str> {
        self.submitted.as_ref().map(|submitted| submitted.clerk.officer.as_str())
    }

    /// The finest division known, for territory rules; empty when unknown.
    pub fn division(&self) -> &str {
        self.submitted.as_ref().and_then(|submitted| submitted.premises.division.as_deref()).unwrap_or("")
    }

    fn take(&mut self, act: &Act, body: ApplicationAct) {
        let day = law::shanghai_day(act.header.effective);
        self.note_paper(act.header.number, &body);
        self.involved.extend(hands_in(&body).into_iter().map(|signer| signer.officer.clone()));
        match body {
            ApplicationAct::Submitted(body) => self.take_submitted(day, body),
            ApplicationAct::CorrectionRequested(body) => {
                self.missing = body.missing;
                self.due = None;
            }
            ApplicationAct::Supplemented(body) => self.take_supplemented(day, body),
            ApplicationAct::Accepted(body) => self.due = Some(body.due),
            ApplicationAct::DeemedAccepted(body) => self.due = Some(body.due),
            ApplicationAct::Checked(body) => {
                self.check = Some(body);
                self.checked = Some(day);
                self.review = None;
            }
            ApplicationAct::Reviewed(body) => self.review = Some(body),
            ApplicationAct::Extended(body) => {
                self.due = Some(body.due.clone());
                self.extended = Some(day);
                self.extension = Some(body);
            }
            ApplicationAct::Granted(body) => {
                self.due = Some(body.due.clone());
                self.grant = Some(body);
            }
            ApplicationAct::Served(body) => {
                self.due = None;
                self.service = Some(body);
            }
            ApplicationAct::DueChanged(body) => self.due = Some(body.due),
        }
    }

    fn take_submitted(&mut self, day: Date, body: Submitted) {
        self.received = Some(day);
        self.first_received = Some(day);
        self.due = Some(body.due.clone());
        self.attachments.clone_from(&body.attachments);
        self.submitted = Some(body);
    }

    fn take_supplemented(&mut self, day: Date, body: Supplemented) {
        self.settled.extend(&body.settles);
        self.attachments.extend(body.attachments);
        if body.due.is_some() {
            self.received = Some(day);
            self.due = body.due;
        }
    }

    fn note_paper(&mut self, act: i64, body: &ApplicationAct) {
        if let Some(number) = paper_of(body) {
            self.papers.push(Issued { act, number: number.clone() });
        }
    }

    /// What the header alone says; the bodies of erased acts are gone for good.
    fn take_header(&mut self, act: &Act) {
        let day = law::shanghai_day(act.header.effective);
        self.state = self.after(&act.header.kind);
        if let (true, Actor::Officer(id)) = (prepares(&act.header.kind), &act.header.actor) {
            self.involved.insert(id.clone());
        }
        match self.state {
            State::Accepted => self.accepted = self.accepted.or(Some(day)),
            State::Granted => self.decided = Some(day),
            _ => {}
        }
        if act.header.kind == "application.deemed-accepted" {
            self.deemed = true;
        } else if act.header.kind != "application.due-changed" {
            self.latest = Some(day);
        }
    }

    /// The state after an act of this kind. `supplemented` completes only when nothing is outstanding.
    fn after(&self, kind: &str) -> State {
        match kind {
            "application.submitted" => State::Submitted,
            "application.correction-requested" => State::CorrectionRequested,
            "application.supplemented" if self.outstanding().is_empty() => State::Supplemented,
            "application.accepted" | "application.deemed-accepted" => State::Accepted,
            "application.checked" => State::Checked,
            "application.reviewed" => State::Reviewed,
            "application.granted" => State::Granted,
            "application.served" => State::Served,
            _ => self.state,
        }
    }
}

impl Matter for Application {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        if act.header.kind == "paper.printed" || !act.header.kind.starts_with("application.") {
            return Ok(());
        }
        if let Some(body) = act.read::<ApplicationAct>()? {
            self.take(act, body);
        }
        self.take_header(act);
        Ok(())
    }
}

/// Who signed an act that prepares the decision. Extending is the head's own act, and serving comes after the decision.
fn hands_in(body: &ApplicationAct) -> Vec<&Signer> {
    match body {
        ApplicationAct::Submitted(body) => vec![&body.clerk],
        ApplicationAct::CorrectionRequested(body) => vec![&body.clerk],
        ApplicationAct::Supplemented(body) => vec![&body.clerk],
        ApplicationAct::Accepted(body) => vec![&body.clerk],
        ApplicationAct::Checked(body) => body.officers.iter().collect(),
        ApplicationAct::Reviewed(body) => vec![&body.reviewer],
        ApplicationAct::DeemedAccepted(_)
        | ApplicationAct::Extended(_)
        | ApplicationAct::Granted(_)
        | ApplicationAct::Served(_)
        | ApplicationAct::DueChanged(_) => Vec::new(),
    }
}

/// Whether an act of this kind prepares the decision: so the header tells it too when the body is erased.
fn prepares(kind: &str) -> bool {
    matches!(
        kind,
        "application.submitted"
            | "application.correction-requested"
            | "application.supplemented"
            | "application.accepted"
            | "application.checked"
            | "application.reviewed"
    )
}

/// The number of the paper an act issues, if it issues one.
pub fn paper_of(body: &ApplicationAct) -> Option<&PaperNumber> {
    match body {
        ApplicationAct::CorrectionRequested(body) => Some(&body.paper),
        ApplicationAct::Accepted(body) => Some(&body.paper),
        ApplicationAct::DeemedAccepted(body) => Some(&body.paper),
        ApplicationAct::Extended(body) => Some(&body.paper),
        ApplicationAct::Granted(body) => Some(&body.paper),
        ApplicationAct::Served(body) => Some(&body.paper),
        _ => None,
    }
}
