//! Measures of the bureau against a licence: proposed with grounds and told to the holder, then decided by another (four eyes).

use jiff::civil::Date;
use site::Refusal;

use super::acts::*;
use super::licence::Licence;
use super::steps::{Inspector, Step, check_day};
use super::verdict::{Objections, Verdict};

/// A step that an officer can take on a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LicenceVerb {
    Propose,
    Decide,
    Drop,
    Recover,
}

impl LicenceVerb {
    pub const ALL: [LicenceVerb; 4] =
        [LicenceVerb::Propose, LicenceVerb::Decide, LicenceVerb::Drop, LicenceVerb::Recover];

    /// The word in addresses and text keys.
    pub fn noun(self) -> &'static str {
        match self {
            LicenceVerb::Propose => "proposal",
            LicenceVerb::Decide => "ruling",
            LicenceVerb::Drop => "dropping",
            LicenceVerb::Recover => "recovery",
        }
    }

    /// The power it needs (authority/).
    pub fn power(self) -> &'static str {
        match self {
            LicenceVerb::Propose => "licence.propose",
            LicenceVerb::Decide | LicenceVerb::Drop => "licence.decide",
            LicenceVerb::Recover => "licence.check",
        }
    }
}

/// What may be done to a licence of this standing (domain a.2; L2 art. 14, L4 art. 69, 70).
pub fn measures_against(standing: Option<Standing>) -> &'static [Measure] {
    match standing {
        Some(Standing::Valid) => {
            &[Measure::Rectification, Measure::Revocation, Measure::Withdrawal, Measure::Deregistration]
        }
        Some(Standing::Suspended) => &[Measure::Revocation, Measure::Withdrawal, Measure::Deregistration],
        Some(Standing::Rectifying) => {
            &[Measure::Disqualification, Measure::Revocation, Measure::Withdrawal, Measure::Deregistration]
        }
        Some(Standing::Closed | Standing::Expired) => &[Measure::Revocation, Measure::Deregistration],
        Some(Standing::Revoked | Standing::Withdrawn | Standing::Disqualified | Standing::Stripped) => {
            &[Measure::Deregistration]
        }
        Some(Standing::Deregistered) | None => &[],
    }
}

/// The grounds on which a licence of this standing is taken off the register (L4 art. 70).
fn deregistered_for(standing: Option<Standing>) -> &'static [&'static str] {
    match standing {
        Some(Standing::Expired) => &["deregistration.expired", "deregistration.died"],
        Some(Standing::Closed) => &["deregistration.closed", "deregistration.died"],
        Some(Standing::Revoked | Standing::Withdrawn | Standing::Disqualified | Standing::Stripped) => {
            &["deregistration.ended"]
        }
        _ => &["deregistration.died", "deregistration.dissolved", "deregistration.force-majeure"],
    }
}

/// Whether the grounds of a deregistration fit what the licence has come to; those of other measures fit any standing.
fn grounds_fit(measure: Measure, grounds: &[Ground], standing: Option<Standing>) -> bool {
    let lawful = deregistered_for(standing);
    measure != Measure::Deregistration || grounds.iter().all(|ground| lawful.contains(&ground.id.as_str()))
}

/// A measure as it is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub measure: Measure,
    pub grounds: Vec<Ground>,
    /// Days to put things right.
    pub days: Option<i64>,
}

/// A proposed measure as it is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    pub heard: String,
    pub opinion: String,
}

impl Licence {
    /// Whether this step is open to this officer now: buttons and verbs ask the same.
    ///
    /// # Errors
    /// The one reason why not.
    pub fn allows(&self, verb: LicenceVerb, who: &str, today: Date) -> Result<(), Refusal> {
        let standing = self.standing_on(today);
        let in_turn = match verb {
            LicenceVerb::Propose => self.proposer.is_none() && !measures_against(standing).is_empty(),
            LicenceVerb::Decide | LicenceVerb::Drop => self.proposer.is_some(),
            LicenceVerb::Recover => standing == Some(Standing::Rectifying),
        };
        if !in_turn {
            return Err(Refusal::new("application-refusal-not-in-turn"));
        }
        if verb == LicenceVerb::Decide && self.proposer.as_deref() == Some(who) {
            return Err(Refusal::new("licence-refusal-proposer-decides"));
        }
        Ok(())
    }

    fn begin(&self, verb: LicenceVerb, step: &Step) -> Verdict<Objections> {
        self.allows(verb, &step.who.id, step.today).map_err(|refusal| vec![refusal])?;
        let mut objections = check_day(step.when, step.today);
        let in_order = self.latest.is_none_or(|latest| latest <= step.when.day);
        objections.demand(in_order, "day", "application-refusal-day-before-last-step");
        Ok(objections)
    }

    /// Proposes a measure, of which the holder is told with its grounds (L4 art. 7).
    ///
    /// # Errors
    /// Out of turn, not against a licence of this standing, for a ground that does not fit it, or without a term.
    pub fn propose(&self, step: &Step, proposal: Proposal, paper: PaperNumber) -> Verdict<LicenceAct> {
        let mut objections = self.begin(LicenceVerb::Propose, step)?;
        let Proposal { measure, grounds, days } = proposal;
        let standing = self.standing_on(step.today);
        let fits = measures_against(standing).contains(&measure);
        objections.demand(fits, "measure", "licence-refusal-measure-standing");
        objections.demand(step.when.day == step.today, "day", "licence-refusal-told-today");
        let known = grounds_fit(measure, &grounds, standing);
        objections.demand(known, "grounds", "licence-refusal-ground-standing");
        let term = days.is_some_and(|days| (1..=365).contains(&days));
        let needs_term = measure == Measure::Rectification;
        objections.demand(term || !needs_term, "days", "licence-refusal-days");
        objections.verdict()?;
        let (days, officer) = (days.filter(|_| needs_term), step.who.signer());
        Ok(LicenceAct::MeasureProposed(MeasureProposed { measure, grounds, days, paper, officer }))
    }

    /// Takes the measure that was proposed, after the holder was heard.
    ///
    /// # Errors
    /// Out of turn, by the proposer, without words, or when the licence no longer stands so.
    pub fn rule(&self, step: &Step, ruling: Ruling, paper: PaperNumber) -> Verdict<LicenceAct> {
        let mut objections = self.begin(LicenceVerb::Decide, step)?;
        let Ruling { heard, opinion } = ruling;
        objections.demand_text(&heard, "heard", "licence-refusal-heard-missing");
        objections.demand_text(&opinion, "opinion", "application-refusal-opinion-missing");
        let Some(proposal) = &self.proposal else {
            return Err(vec![Refusal::new("licence-refusal-erased")]);
        };
        let standing = self.standing_on(step.today);
        let fits = measures_against(standing).contains(&proposal.measure);
        objections.demand(fits, "", "licence-refusal-measure-standing");
        let known = grounds_fit(proposal.measure, &proposal.grounds, standing);
        objections.demand(known, "", "licence-refusal-ground-standing");
        objections.verdict()?;
        let term = |days: i64| step.when.day.checked_add(jiff::Span::new().days(days)).ok();
        let taken = MeasureTaken {
            grounds: proposal.grounds.clone(),
            heard,
            opinion,
            until: proposal.days.and_then(term),
            paper,
            head: step.who.signer(),
        };
        Ok(match proposal.measure {
            Measure::Rectification => LicenceAct::Rectifying(taken),
            Measure::Disqualification => LicenceAct::Disqualified(taken),
            Measure::Revocation => LicenceAct::Revoked(taken),
            Measure::Withdrawal => LicenceAct::Withdrawn(taken),
            Measure::Deregistration => LicenceAct::Deregistered(taken),
        })
    }

    /// Drops the measure that was proposed.
    ///
    /// # Errors
    /// Out of turn, or without a reason.
    pub fn drop_measure(&self, step: &Step, reason: String) -> Verdict<LicenceAct> {
        let mut objections = self.begin(LicenceVerb::Drop, step)?;
        objections.demand_text(&reason, "dropping_reason", "licence-refusal-dropping-reason");
        objections.verdict()?;
        Ok(LicenceAct::MeasureDropped(MeasureDropped { reason, head: step.who.signer() }))
    }

    /// Two officers found things put right: trading again.
    ///
    /// # Errors
    /// Out of turn; the same officer twice, one without a valid certificate, or nothing said.
    pub fn recover(&self, step: &Step, inspectors: &[Inspector; 2], findings: String) -> Verdict<LicenceAct> {
        let mut objections = self.begin(LicenceVerb::Recover, step)?;
        super::steps::check_pair(&mut objections, step, inspectors);
        objections.demand_text(&findings, "findings", "application-refusal-findings-missing");
        objections.verdict()?;
        let officers = inspectors.each_ref().map(|inspector| inspector.signer(step.when.day));
        Ok(LicenceAct::Rectified(Rectified { officers, findings }))
    }
}
