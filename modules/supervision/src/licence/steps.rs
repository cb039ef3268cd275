//! The steps of an application: who may take which when, and what act each step is.

use jiff::civil::Date;
use site::Refusal;

use super::acts::*;
use super::application::{Application, Hearing, State};
use super::verdict::{Objections, Verdict};

/// A step that an officer can take on an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Accept,
    RequestCorrection,
    Supplement,
    Check,
    Review,
    Extend,
    TellHearing,
    RequestHearing,
    NotifyHearing,
    HoldHearing,
    Grant,
    Refuse,
    Decline,
    Terminate,
    Serve,
}

impl Verb {
    pub const ALL: [Verb; 15] = [
        Verb::Accept,
        Verb::RequestCorrection,
        Verb::Supplement,
        Verb::Check,
        Verb::Review,
        Verb::Extend,
        Verb::TellHearing,
        Verb::RequestHearing,
        Verb::NotifyHearing,
        Verb::HoldHearing,
        Verb::Grant,
        Verb::Refuse,
        Verb::Serve,
        Verb::Decline,
        Verb::Terminate,
    ];

    /// The word in addresses and text keys: a noun, for the document or event that the step makes.
    pub fn noun(self) -> &'static str {
        match self {
            Verb::Accept => "acceptance",
            Verb::RequestCorrection => "correction",
            Verb::Supplement => "supplement",
            Verb::Check => "check",
            Verb::Review => "review",
            Verb::Extend => "extension",
            Verb::TellHearing => "hearing-right",
            Verb::RequestHearing => "hearing-request",
            Verb::NotifyHearing => "hearing-notice",
            Verb::HoldHearing => "hearing",
            Verb::Grant => "decision",
            Verb::Refuse => "refusal",
            Verb::Decline => "non-acceptance",
            Verb::Terminate => "termination",
            Verb::Serve => "service",
        }
    }

    /// The power it needs (authority/).
    pub fn power(self) -> &'static str {
        match self {
            Verb::Accept | Verb::Decline => "application.accept",
            Verb::RequestCorrection | Verb::Supplement | Verb::RequestHearing | Verb::Terminate => {
                "application.correct"
            }
            Verb::Check => "application.check",
            Verb::Review | Verb::TellHearing | Verb::NotifyHearing => "application.review",
            Verb::HoldHearing => "application.hear",
            Verb::Extend | Verb::Grant | Verb::Refuse => "application.decide",
            Verb::Serve => "application.serve",
        }
    }
}

/// Who takes a step, with the verbs that authority gives him on this matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    pub id: String,
    pub name: String,
    pub verbs: Vec<Verb>,
}

impl Officer {
    pub fn signer(&self) -> Signer {
        Signer { officer: self.id.clone(), name: self.name.clone(), certificate: None }
    }
}

/// The day of the fact in law, and why it is earlier than today where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub day: Date,
    pub reason: Option<String>,
}

impl When {
    pub fn on(day: Date) -> When {
        When { day, reason: None }
    }
}

/// The circumstances every step shares.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    pub who: &'a Officer,
    pub when: &'a When,
    pub today: Date,
}

/// An officer who may look at premises, with his certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspector {
    pub id: String,
    pub name: String,
    pub certificates: Vec<Certificate>,
}

/// An inspection certificate, valid on both days named (L2 art. 49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub number: String,
    pub from: Date,
    pub until: Date,
}

impl Inspector {
    /// The number of a certificate that is valid on `day`.
    pub fn certificate_on(&self, day: Date) -> Option<&str> {
        self.certificates
            .iter()
            .find(|certificate| certificate.from <= day && day <= certificate.until)
            .map(|certificate| certificate.number.as_str())
    }

    /// As he signs on `day`.
    pub fn signer(&self, day: Date) -> Signer {
        Signer {
            officer: self.id.clone(),
            name: self.name.clone(),
            certificate: self.certificate_on(day).map(str::to_owned),
        }
    }
}

/// What two officers found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    pub findings: String,
    pub measured: Measured,
    pub meets_conditions: bool,
    pub photos: Vec<Attachment>,
}

/// What the reviewer thinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    pub opinion: String,
    pub supports: bool,
    /// Major interests of others are touched (L4 art. 47).
    pub major_interests: bool,
}

impl Application {
    /// The steps open to this officer now: the same question the verbs ask, so buttons and verbs cannot differ.
    pub fn can(&self, who: &Officer, today: Date) -> Vec<Verb> {
        Verb::ALL.into_iter().filter(|verb| self.allows(*verb, who, today).is_ok()).collect()
    }

    /// The steps that bring it on its way now, whoever takes them. What might be done besides, such as prolonging, is no
    /// reason to wait for anybody.
    pub fn onward(&self) -> impl Iterator<Item = Verb> {
        let onward = [
            Verb::Accept,
            Verb::Check,
            Verb::Review,
            Verb::NotifyHearing,
            Verb::HoldHearing,
            Verb::Grant,
            Verb::Refuse,
            Verb::Serve,
        ];
        // A hearing may be put off by a new notice, but nobody is waited for to do so.
        let told = |verb: &Verb| *verb == Verb::NotifyHearing && self.in_turn(Verb::HoldHearing);
        onward.into_iter().filter(move |verb| self.in_turn(*verb) && !told(verb))
    }

    /// Whether this officer may take this step on the recorded day, whatever day of the fact he would name.
    ///
    /// # Errors
    /// The one reason why not.
    pub fn allows(&self, verb: Verb, who: &Officer, today: Date) -> Result<(), Refusal> {
        if !self.in_turn(verb) {
            return Err(Refusal::new("application-refusal-not-in-turn"));
        }
        if !who.verbs.contains(&verb) {
            return Err(Refusal::new("application-refusal-no-power"));
        }
        let decides = matches!(verb, Verb::Grant | Verb::Refuse);
        if decides && self.awaits_hearing(today) {
            return Err(Refusal::new("application-refusal-hearing-open"));
        }
        if (decides || verb == Verb::HoldHearing) && self.involved.contains(&who.id) {
            return Err(Refusal::new("application-refusal-four-eyes"));
        }
        // A time that has run out is not repaired by naming an earlier day for the extension (L4 art. 42).
        if verb == Verb::Extend && self.due.as_ref().is_some_and(|limit| limit.loose < today) {
            return Err(Refusal::new("application-refusal-extension-late"));
        }
        Ok(())
    }

    /// The order of the steps (domain a.2); a negative check or opinion leads to another check, never to a grant.
    fn in_turn(&self, verb: Verb) -> bool {
        match verb {
            Verb::Accept => self.state.awaits_acceptance(),
            Verb::RequestCorrection => self.state == State::Submitted && !self.corrected_once(),
            Verb::Supplement => self.state == State::CorrectionRequested,
            Verb::Check => self.state == State::Accepted || self.needs_another_check(),
            Verb::Review => {
                self.state == State::Checked
                    || (self.state == State::Accepted && !self.demands_check())
                    || (self.state == State::Reviewed && self.to_be_reviewed_again())
            }
            Verb::Extend => {
                let heard = self
                    .hearing
                    .as_ref()
                    .is_none_or(|hearing| hearing.requested.is_none() || hearing.held.is_some());
                self.state.undecided() && self.extended.is_none() && heard
            }
            Verb::TellHearing => self.state == State::Reviewed && self.hearing.is_none(),
            Verb::RequestHearing => self.at_hearing(|hearing| hearing.requested.is_none()),
            Verb::NotifyHearing => self.at_hearing(|hearing| hearing.requested.is_some()),
            Verb::HoldHearing => self.at_hearing(|hearing| hearing.notified.is_some()),
            Verb::Grant => self.state == State::Reviewed && self.favourable(),
            Verb::Refuse => self.state == State::Reviewed,
            Verb::Decline => self.state.awaits_acceptance() || self.state == State::CorrectionRequested,
            Verb::Terminate => self.state.open(),
            Verb::Serve => matches!(self.state, State::Granted | State::Refused | State::NotAccepted),
        }
    }

    /// A hearing may change the opinion (L4 art. 48(2)); where no check is needed, nothing else could.
    fn to_be_reviewed_again(&self) -> bool {
        let held = self.hearing.as_ref().is_some_and(|hearing| hearing.held.is_some());
        held || (self.hearing.is_none() && !self.demands_check() && !self.favourable())
    }

    /// Whether a hearing is open of which this holds.
    fn at_hearing(&self, holds: impl Fn(&Hearing) -> bool) -> bool {
        let open = |hearing: &&Hearing| hearing.held.is_none();
        self.state == State::Reviewed && self.hearing.as_ref().filter(open).is_some_and(holds)
    }

    /// Whether the decision must wait: for a hearing that was asked for or may still be, or for the word that one may be
    /// asked for where the reviewer found major interests of others touched (L4 art. 46, 47).
    pub fn awaits_hearing(&self, today: Date) -> bool {
        match &self.hearing {
            Some(hearing) => !hearing.settled(today),
            None => self.review.as_ref().is_some_and(|review| review.major_interests),
        }
    }

    fn needs_another_check(&self) -> bool {
        match self.state {
            State::Checked | State::Reviewed if self.hearing.is_some() => false,
            State::Checked => !self.check.as_ref().is_some_and(|check| check.meets_conditions),
            State::Reviewed => !self.favourable(),
            _ => false,
        }
    }

    fn favourable(&self) -> bool {
        let fit = match &self.check {
            Some(check) => check.meets_conditions,
            None => !self.demands_check(),
        };
        fit && self.review.as_ref().is_some_and(|review| review.supports)
    }

    /// The one notice of everything that is missing (L4 art. 32(4)).
    ///
    /// # Errors
    /// Out of turn, without power, too late (silence has accepted), or an empty list.
    pub fn request_correction(
        &self,
        step: &Step,
        missing: Vec<Missing>,
        paper: PaperNumber,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::RequestCorrection, step)?;
        self.demand_not_silent(step, &mut objections);
        objections.demand(!missing.is_empty(), "missing", "application-refusal-missing-empty");
        let told = |item: &Missing| !item.fault.trim().is_empty() && !item.request.trim().is_empty();
        let told = missing.iter().all(told);
        objections.demand(told, "missing", "application-refusal-missing-untold");
        objections.verdict()?;
        Ok(ApplicationAct::CorrectionRequested(CorrectionRequested {
            missing,
            paper,
            clerk: step.who.signer(),
        }))
    }

    /// The applicant brings what was asked for; `due` is the limit for acceptance from this day, used when all is in.
    ///
    /// # Errors
    /// Out of turn, without power, or settling nothing that is open.
    pub fn supplement(
        &self,
        step: &Step,
        mut settles: Vec<i64>,
        attachments: Vec<Attachment>,
        due: Due,
    ) -> Verdict<ApplicationAct> {
        settles.sort_unstable();
        settles.dedup();
        let mut objections = self.begin(Verb::Supplement, step)?;
        let open: Vec<i64> = self.outstanding().into_iter().map(|(place, _)| place).collect();
        objections.demand(!settles.is_empty(), "settles", "application-refusal-settles-nothing");
        let known = settles.iter().all(|place| open.contains(place));
        objections.demand(known, "settles", "application-refusal-settles-unknown");
        objections.verdict()?;
        let complete = open.iter().all(|place| settles.contains(place));
        let due = complete.then_some(due);
        Ok(ApplicationAct::Supplemented(Supplemented { settles, attachments, clerk: step.who.signer(), due }))
    }

    /// Acceptance; `due` is the decision limit from this day (L4 art. 42).
    ///
    /// # Errors
    /// Out of turn, without power, or too late (silence has accepted).
    pub fn accept(&self, step: &Step, paper: PaperNumber, due: Due) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Accept, step)?;
        self.demand_not_silent(step, &mut objections);
        objections.verdict()?;
        Ok(ApplicationAct::Accepted(Accepted { paper, clerk: step.who.signer(), due }))
    }

    /// Acceptance by silence, as of the day of receipt; recorded by the node. Silence accepts only where the bureau did
    /// not tell what is missing (L4 art. 32(4)), never after the supplement.
    ///
    /// # Errors
    /// When nothing was submitted that still waits for a word, or the limit has not run out in the loose reading.
    pub fn deem_accepted(&self, today: Date, paper: PaperNumber, due: Due) -> Verdict<ApplicationAct> {
        let silence = self.due.clone().filter(|limit| self.state == State::Submitted && limit.loose < today);
        let Some(silence) = silence else {
            return Err(vec![Refusal::new("application-refusal-not-silent")]);
        };
        Ok(ApplicationAct::DeemedAccepted(DeemedAccepted { paper, silence, due }))
    }

    /// The check on the spot by two officers (L4 art. 34), recorded by one of them.
    ///
    /// # Errors
    /// Out of turn, without power; the same officer twice, or one without a valid certificate on that day.
    pub fn record_check(
        &self,
        step: &Step,
        inspectors: &[Inspector; 2],
        found: Findings,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Check, step)?;
        check_pair(&mut objections, step, inspectors);
        objections.demand_text(&found.findings, "findings", "application-refusal-findings-missing");
        objections.verdict()?;
        let officers = inspectors.each_ref().map(|inspector| inspector.signer(step.when.day));
        let Findings { findings, measured, meets_conditions, photos } = found;
        Ok(ApplicationAct::Checked(Checked { officers, findings, measured, meets_conditions, photos }))
    }

    /// The reviewer's opinion.
    ///
    /// # Errors
    /// Out of turn, without power, or without words.
    pub fn record_review(&self, step: &Step, opinion: Opinion) -> Verdict<ApplicationAct> {
        let Opinion { opinion, supports, major_interests } = opinion;
        let mut objections = self.begin(Verb::Review, step)?;
        objections.demand_text(&opinion, "opinion", "application-refusal-opinion-missing");
        objections.verdict()?;
        let reviewer = step.who.signer();
        Ok(ApplicationAct::Reviewed(Reviewed { opinion, supports, reviewer, major_interests }))
    }

    /// Ten more working days, once, by the head, with the reason that the applicant is told (L4 art. 42).
    /// `due` is the limit with the extension in it.
    ///
    /// # Errors
    /// Out of turn, without power, without a reason, or after the time has run out.
    pub fn extend_time(
        &self,
        step: &Step,
        (workdays, reason): (i64, String),
        paper: PaperNumber,
        due: Due,
    ) -> Verdict<ApplicationAct> {
        let mut objections = self.begin(Verb::Extend, step)?;
        objections.demand_text(&reason, "grounds", "application-refusal-extension-reason");
        let moves = self.due.as_ref().is_none_or(|before| before.loose < due.loose);
        objections.demand(moves, "grounds", "application-refusal-extension-moves-nothing");
        objections.verdict()?;
        Ok(ApplicationAct::Extended(Extended { workdays, reason, paper, head: step.who.signer(), due }))
    }

    /// Checks that hold for every step: in turn, with power, on a possible day.
    pub(super) fn begin(&self, verb: Verb, step: &Step) -> Verdict<Objections> {
        self.allows(verb, step.who, step.today).map_err(|refusal| vec![refusal])?;
        let mut objections = check_day(step.when, step.today);
        let in_order = self.latest.is_none_or(|latest| latest <= step.when.day);
        objections.demand(in_order, "day", "application-refusal-day-before-last-step");
        Ok(objections)
    }

    /// After the limit has run out the application counts as accepted, and nothing may be asked any more. After a
    /// supplement silence accepts nothing, so that a late acceptance is still one.
    pub(super) fn demand_not_silent(&self, step: &Step, objections: &mut Objections) {
        if self.state != State::Submitted {
            return;
        }
        let in_time = self.due.as_ref().is_none_or(|limit| step.when.day <= limit.loose);
        objections.demand(in_time, "day", "application-refusal-silence-over");
    }
}

/// Two different officers, each with a certificate valid on the day, and one of them the one who records (L4 art. 34).
pub(super) fn check_pair(objections: &mut Objections, step: &Step, inspectors: &[Inspector; 2]) {
    let [first, second] = inspectors;
    objections.demand(first.id != second.id, "second", "application-refusal-same-officer");
    let present = inspectors.iter().any(|inspector| inspector.id == step.who.id);
    objections.demand(present, "first", "application-refusal-recorder-absent");
    for (field, inspector) in [("first", first), ("second", second)] {
        if inspector.certificate_on(step.when.day).is_none() {
            let refusal = Refusal::on(field, "application-refusal-certificate");
            objections.object(refusal.with("name", inspector.name.as_str()));
        }
    }
}

/// A day of the fact must not lie ahead, and an earlier one needs a reason (design §4, two times).
pub(super) fn check_day(when: &When, today: Date) -> Objections {
    let mut objections = Objections::new();
    objections.demand(when.day <= today, "day", "application-refusal-day-ahead");
    let told = when.day >= today || when.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    objections.demand(told, "reason", "application-refusal-reason-missing");
    objections
}
