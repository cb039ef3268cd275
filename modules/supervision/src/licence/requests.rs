//! Requests about a licence that stands (变更, 延续, 停业, 恢复营业, 歇业, 补办): which may be made, and what each does.

use jiff::civil::Date;
use site::Refusal;

use super::acts::*;
use super::application::Application;
use super::details::{Details, check_holder, check_premises};
use super::licence::Licence;
use super::steps::{Step, Verb, check_day};
use super::verdict::{Objections, Verdict};
use crate::bureau::Bureau;

/// What may be asked for about a licence of this standing (domain a.2). An expired one can no longer be renewed.
pub fn askable(standing: Option<Standing>) -> &'static [Kind] {
    match standing {
        Some(Standing::Valid) => {
            &[Kind::Change, Kind::Renewal, Kind::Suspension, Kind::Closing, Kind::Replacement]
        }
        Some(Standing::Suspended) => &[Kind::Resumption, Kind::Renewal, Kind::Closing, Kind::Replacement],
        Some(Standing::Rectifying) => &[Kind::Renewal],
        _ => &[],
    }
}

/// A request at the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: Kind,
    /// For a change: how it is to be. Otherwise only its attachments count.
    pub details: Details,
    pub wish: Wish,
}

/// What register and law say when a request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// Key of the licence matter, `licence/…`.
    pub licence: String,
    /// Number of the request in the book of receipts.
    pub number: String,
    /// Whether a request of the same kind is open already.
    pub open: bool,
    /// The last day of a suspension that begins on the day asked for (细则 art. 23), in the looser reading.
    pub longest_suspension: Option<Date>,
    /// The limit for telling what is missing (L4 art. 32(4)).
    pub due: Due,
}

/// Receives a request about a licence.
///
/// # Errors
/// Every reason at once: the standing does not allow it, one is open already, or a field is at fault.
pub fn ask(
    step: &Step,
    request: Request,
    licence: &Licence,
    bureau: &Bureau,
    facts: RequestFacts,
) -> Verdict<ApplicationAct> {
    let mut objections = check_day(step.when, step.today);
    let Some(data) = &licence.data else { return Err(vec![Refusal::new("licence-refusal-erased")]) };
    let askable = askable(licence.standing_on(step.when.day)).contains(&request.kind);
    objections.demand(askable, "", "licence-refusal-request-standing");
    let ahead = request.kind == Kind::Renewal && data.valid_from.is_some_and(|from| step.today < from);
    objections.demand(!ahead, "", "licence-refusal-renewed-already");
    objections.demand(!facts.open, "", "licence-refusal-request-open");
    check_request(&mut objections, &request, data, bureau, &facts);
    objections.verdict()?;
    let Request { kind, details, wish } = request;
    let changes = kind == Kind::Change;
    let widened = details.scope.iter().any(|scope| !data.scope.contains(scope));
    let about = About {
        licence: facts.licence,
        number: data.number.clone(),
        valid_until: data.valid_until,
        recheck: changes && (widened || moved(&data.premises, &details.premises)),
        before: changes.then(|| Box::new(Stood::from(data))),
    };
    let Details { holder, premises, scope, attachments, .. } = match kind {
        Kind::Change => details,
        _ => as_it_stands(data, details.attachments),
    };
    let (clerk, due) = (step.who.signer(), facts.due);
    let about = Some(about);
    Ok(ApplicationAct::Submitted(Submitted {
        number: facts.number,
        holder,
        premises,
        scope,
        attachments,
        clerk,
        due,
        kind,
        about,
        wish,
    }))
}

fn as_it_stands(data: &LicenceData, attachments: Vec<Attachment>) -> Details {
    let (holder, premises, scope) = (data.holder.clone(), data.premises.clone(), data.scope.clone());
    Details { holder, premises, scope, attachments, predecessor: None }
}

fn moved(before: &Premises, after: &Premises) -> bool {
    let place = |premises: &Premises| (premises.address.clone(), premises.division.clone(), premises.point);
    place(before) != place(after)
}

fn check_request(
    objections: &mut Objections,
    request: &Request,
    data: &LicenceData,
    bureau: &Bureau,
    facts: &RequestFacts,
) {
    let wish = &request.wish;
    match request.kind {
        Kind::Change => check_change(objections, &request.details, data, bureau),
        Kind::Suspension => check_suspension(objections, wish, data, facts),
        Kind::Resumption | Kind::Closing => {
            objections.demand(wish.from.is_some(), "from", "licence-refusal-from-missing");
        }
        Kind::New | Kind::Renewal | Kind::Replacement => {}
    }
    if matches!(request.kind, Kind::Suspension | Kind::Replacement | Kind::Closing) {
        let reason = wish.reason.as_deref().unwrap_or_default();
        objections.demand_text(reason, "wish_reason", "licence-refusal-wish-reason");
    }
}

/// Another subject is another holder: he applies anew and gets a number of his own.
fn check_change(objections: &mut Objections, details: &Details, data: &LicenceData, bureau: &Bureau) {
    check_holder(objections, &details.holder);
    check_premises(objections, &details.premises, bureau);
    objections.demand(!details.scope.is_empty(), "scope", "application-refusal-scope-missing");
    let same = data.holder.subject.is_none() || data.holder.subject == details.holder.subject;
    objections.demand(same, "subject", "licence-refusal-subject-changes");
    let kept = |before: &Option<String>, after: &Option<String>| before.is_none() || before == after;
    let identity = kept(&data.holder.identity_number, &details.holder.identity_number);
    objections.demand(identity, "identity_number", "licence-refusal-identity-changes");
    let code = kept(&data.holder.credit_code, &details.holder.credit_code);
    objections.demand(code, "credit_code", "licence-refusal-identity-changes");
    let differs =
        data.holder != details.holder || data.premises != details.premises || data.scope != details.scope;
    objections.demand(differs, "", "licence-refusal-nothing-changes");
}

fn check_suspension(objections: &mut Objections, wish: &Wish, data: &LicenceData, facts: &RequestFacts) {
    objections.demand(wish.from.is_some(), "from", "licence-refusal-from-missing");
    objections.demand(wish.until.is_some(), "until", "licence-refusal-until-missing");
    let Some((from, until)) = wish.from.zip(wish.until) else { return };
    objections.demand(from <= until, "until", "licence-refusal-until-before-from");
    let within = facts.longest_suspension.is_none_or(|longest| until <= longest);
    objections.demand(within, "until", "licence-refusal-suspension-too-long");
    let inside = data.valid_until.is_none_or(|last| until <= last);
    objections.demand(inside, "until", "licence-refusal-suspension-beyond-validity");
}

/// What register and law say when a request is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitFacts {
    /// Key of this application, `application/…`.
    pub application: String,
    pub paper: PaperNumber,
    /// The number of the next sheet of the licence.
    pub sheet: PaperNumber,
    /// First and last day of the validity that a renewal gives (细则 art. 48).
    pub validity: (Date, Date),
    /// The delivery limit (L4 art. 44).
    pub due: Due,
}

impl Application {
    /// The decision to permit what is asked for: one act on the application, one on the licence.
    ///
    /// # Errors
    /// Out of turn, without power, by one who had a hand in it, without words, for an unlawful time, or when the licence
    /// no longer stands so that this may be asked for.
    pub fn permit(
        &self,
        step: &Step,
        (opinion, valid_until): (String, Option<Date>),
        licence: &Licence,
        facts: PermitFacts,
    ) -> Verdict<(ApplicationAct, LicenceAct)> {
        let mut objections = self.begin(Verb::Grant, step)?;
        objections.demand_text(&opinion, "opinion", "application-refusal-opinion-missing");
        let stands = askable(licence.standing_on(self.judged_on(step.when.day))).contains(&self.kind());
        objections.demand(stands, "", "licence-refusal-request-standing");
        objections.demand(self.still_says(licence), "", "licence-refusal-changed-meanwhile");
        let (from, longest) = facts.validity;
        let until = valid_until.unwrap_or(longest);
        objections.demand(from < until, "valid_until", "application-refusal-valid-until-order");
        objections.demand(until <= longest, "valid_until", "application-refusal-valid-too-long");
        objections.verdict()?;
        let Some(about) = self.about() else {
            return Err(vec![Refusal::new("licence-refusal-erased")]);
        };
        let effect = self.effect(step, licence, (from, until), &facts);
        let permitted = Permitted {
            kind: self.kind(),
            licence: about.licence.clone(),
            licence_number: about.number.clone(),
            sheet: self.kind().reissues().then(|| facts.sheet.text.clone()),
            valid_until: (self.kind() == Kind::Renewal).then_some(until),
            opinion,
            paper: facts.paper,
            head: step.who.signer(),
            due: facts.due,
        };
        Ok((ApplicationAct::Permitted(permitted), effect))
    }

    /// A renewal that came in time to be one is still decided after expiry; everything else by the standing of the day.
    fn judged_on(&self, day: Date) -> Date {
        let expiry = self.about().and_then(|about| about.valid_until);
        expiry.filter(|_| self.kind() == Kind::Renewal).map_or(day, |expiry| day.min(expiry))
    }

    /// Whether the licence still says what it said when the request came: for a change all that may change, otherwise what the
    /// decision prints and the check looked at.
    fn still_says(&self, licence: &Licence) -> bool {
        let (Some(data), Some(submitted)) = (&licence.data, &self.submitted) else { return true };
        let now = Stood::from(data);
        match submitted.about.as_ref().and_then(|about| about.before.as_ref()) {
            Some(before) => **before == now,
            None => {
                let same_holder = submitted.holder.name == now.holder.name;
                same_holder && submitted.premises == now.premises && submitted.scope == now.scope
            }
        }
    }

    /// What the decision does to the licence.
    fn effect(
        &self,
        step: &Step,
        licence: &Licence,
        (valid_from, valid_until): (Date, Date),
        facts: &PermitFacts,
    ) -> LicenceAct {
        let (application, paper, head) = (facts.application.clone(), facts.sheet.clone(), step.who.signer());
        let submitted = self.submitted.clone();
        let wish = submitted.as_ref().map(|submitted| submitted.wish.clone()).unwrap_or_default();
        let from = wish.from.unwrap_or(step.when.day);
        let reason = wish.reason.unwrap_or_default();
        match self.kind() {
            Kind::Renewal | Kind::New => {
                LicenceAct::Renewed(Renewed { application, valid_from, valid_until, paper, deemed: false })
            }
            Kind::Change => {
                let data = licence.data.clone().unwrap_or_default();
                let (holder, premises, scope) = submitted
                    .map_or((data.holder, data.premises, data.scope), |submitted| {
                        (submitted.holder, submitted.premises, submitted.scope)
                    });
                LicenceAct::Changed(Changed { application, holder, premises, scope, paper, head })
            }
            Kind::Suspension => {
                let until = wish.until.unwrap_or(from);
                LicenceAct::Suspended(Suspended { application, from, until, reason, head })
            }
            Kind::Resumption => LicenceAct::Resumed(Resumed { application, from, head }),
            Kind::Closing => LicenceAct::Closed(Closed { application, from, successor: None, head }),
            Kind::Replacement => LicenceAct::Replaced(Replaced { application, reason, paper, head }),
        }
    }

    /// Renewed by law because nothing was decided before expiry (L4 art. 50(2)); recorded by the node. The law does not say
    /// for how long: the longest validity is taken, and the paper says so.
    ///
    /// # Errors
    /// When it is no renewal the bureau should have decided, or the licence has not expired yet.
    pub fn deem_renewed(
        &self,
        today: Date,
        licence: &Licence,
        facts: PermitFacts,
        silence: Due,
    ) -> Verdict<(ApplicationAct, LicenceAct)> {
        let about = self.about().filter(|_| self.awaits_renewal_decision());
        let until = licence.data.as_ref().and_then(|data| data.valid_until);
        let lapsed = |about: &&About| {
            let ran = about.valid_until.filter(|last| *last < today && until == Some(*last));
            ran.is_some_and(|last| askable(licence.standing_on(last)).contains(&Kind::Renewal))
        };
        let Some(about) = about.filter(lapsed) else {
            return Err(vec![Refusal::new("licence-refusal-not-lapsed")]);
        };
        let (valid_from, valid_until) = facts.validity;
        let granted = DeemedGranted {
            licence: about.licence.clone(),
            licence_number: about.number.clone(),
            sheet: facts.sheet.text.clone(),
            valid_until,
            silence,
            paper: facts.paper,
            due: facts.due,
        };
        let (application, paper) = (facts.application, facts.sheet);
        let renewed = Renewed { application, valid_from, valid_until, paper, deemed: true };
        Ok((ApplicationAct::DeemedGranted(granted), LicenceAct::Renewed(renewed)))
    }

    /// Whether it is a renewal that waits for the bureau; while the applicant is to bring what is missing it does not.
    pub fn awaits_renewal_decision(&self) -> bool {
        self.kind() == Kind::Renewal && (self.state.undecided() || self.state.awaits_acceptance())
    }
}
