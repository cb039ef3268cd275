//! An application, for a new retail licence or about one that stands: the fold of its acts.

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
    /// Refused; the decision is to be handed over.
    Refused,
    /// Not accepted; the decision is to be handed over.
    NotAccepted,
    /// Ended without a decision.
    Terminated,
    /// Handed over: done.
    Served,
}

impl State {
    pub const ALL: [State; 11] = [
        State::Submitted,
        State::CorrectionRequested,
        State::Supplemented,
        State::Accepted,
        State::Checked,
        State::Reviewed,
        State::Granted,
        State::Refused,
        State::NotAccepted,
        State::Terminated,
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
            State::Refused => "refused",
            State::NotAccepted => "not-accepted",
            State::Terminated => "terminated",
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

    /// Whether nothing has been decided yet, by whatever end.
    pub fn open(self) -> bool {
        self.undecided() || self.awaits_acceptance() || self == State::CorrectionRequested
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

/// How far a hearing is (L4 art. 47, 48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// Until when it may be asked for.
    pub asked_until: Due,
    /// The day on which it was asked for: from here the time is not counted (L4 art. 45).
    pub requested: Option<Date>,
    pub notified: Option<HearingNotified>,
    pub held: Option<Date>,
}

impl Hearing {
    /// Whether nothing more can come of it: held, or the right to ask for it has lapsed on the looser reading.
    pub fn settled(&self, today: Date) -> bool {
        self.held.is_some() || (self.requested.is_none() && self.asked_until.loose < today)
    }
}

/// What came of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Granted,
    Refused,
    NotAccepted,
    Terminated,
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
    /// The decision on a request about a licence that stands.
    pub permit: Option<Permitted>,
    /// Renewed by law because nothing was decided in time.
    pub lapse: Option<DeemedGranted>,
    pub hearing: Option<Hearing>,
    pub outcome: Option<Outcome>,
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

    /// What is asked for; after erasure the body no longer tells.
    pub fn kind(&self) -> Kind {
        self.submitted.as_ref().map_or(Kind::New, |submitted| submitted.kind)
    }

    /// The licence that it is about.
    pub fn about(&self) -> Option<&About> {
        self.submitted.as_ref().and_then(|submitted| submitted.about.as_ref())
    }

    /// Whether the premises must be looked at before the decision: where they are new or moved, and before a renewal,
    /// because whether its conditions still hold is a matter of substance (L4 art. 34(3)).
    pub fn demands_check(&self) -> bool {
        match self.kind() {
            Kind::New | Kind::Renewal => true,
            Kind::Change => self.about().is_some_and(|about| about.recheck),
            Kind::Suspension | Kind::Resumption | Kind::Closing | Kind::Replacement => false,
        }
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
            ApplicationAct::Permitted(body) => {
                self.due = Some(body.due.clone());
                self.permit = Some(body);
            }
            ApplicationAct::DeemedGranted(body) => {
                self.due = Some(body.due.clone());
                self.lapse = Some(body);
            }
            ApplicationAct::NotAccepted(_) | ApplicationAct::Refused(_) | ApplicationAct::Terminated(_) => {
                self.due = None;
            }
            ApplicationAct::HearingTold(body) => {
                let asked_until = body.due;
                self.hearing = Some(Hearing { asked_until, requested: None, notified: None, held: None });
            }
            ApplicationAct::HearingRequested(body) => {
                self.due = Some(body.due);
                self.in_hearing(|hearing| hearing.requested = Some(day));
            }
            ApplicationAct::HearingNotified(body) => {
                self.in_hearing(|hearing| hearing.notified = Some(body));
            }
            ApplicationAct::HearingHeld(body) => {
                self.due = Some(body.due);
                self.in_hearing(|hearing| hearing.held = Some(day));
            }
            ApplicationAct::Served(body) => {
                self.due = None;
                self.service = Some(body);
            }
            ApplicationAct::DueChanged(body) => self.due = Some(body.due),
        }
    }

    fn in_hearing(&mut self, change: impl FnOnce(&mut Hearing)) {
        if let Some(hearing) = &mut self.hearing {
            change(hearing);
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
            State::Granted | State::Refused => self.decided = self.decided.or(Some(day)),
            _ => {}
        }
        self.outcome = self.outcome.or(match self.state {
            State::Granted => Some(Outcome::Granted),
            State::Refused => Some(Outcome::Refused),
            State::NotAccepted => Some(Outcome::NotAccepted),
            State::Terminated => Some(Outcome::Terminated),
            _ => None,
        });
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
            "application.granted" | "application.permitted" | "application.deemed-granted" => State::Granted,
            "application.not-accepted" => State::NotAccepted,
            "application.refused" => State::Refused,
            "application.terminated" => State::Terminated,
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
        ApplicationAct::HearingTold(body) => vec![&body.officer],
        ApplicationAct::HearingRequested(body) => vec![&body.clerk],
        ApplicationAct::HearingNotified(body) => vec![&body.officer],
        ApplicationAct::DeemedAccepted(_)
        | ApplicationAct::Extended(_)
        | ApplicationAct::Granted(_)
        | ApplicationAct::Permitted(_)
        | ApplicationAct::DeemedGranted(_)
        | ApplicationAct::NotAccepted(_)
        | ApplicationAct::Refused(_)
        | ApplicationAct::Terminated(_)
        | ApplicationAct::HearingHeld(_)
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
            | "application.hearing-told"
            | "application.hearing-requested"
            | "application.hearing-notified"
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
        ApplicationAct::Permitted(body) => Some(&body.paper),
        ApplicationAct::DeemedGranted(body) => Some(&body.paper),
        ApplicationAct::NotAccepted(body) => Some(&body.paper),
        ApplicationAct::Refused(body) => Some(&body.paper),
        ApplicationAct::Terminated(body) => Some(&body.paper),
        ApplicationAct::HearingTold(body) => Some(&body.paper),
        ApplicationAct::HearingNotified(body) => Some(&body.paper),
        ApplicationAct::Served(body) => Some(&body.paper),
        _ => None,
    }
}
