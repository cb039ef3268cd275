//! What an application must say before it can be received (domain a.6), and the act of receiving it.

use site::Refusal;

use super::acts::*;
use super::steps::{Step, check_day};
use super::verdict::{Objections, Verdict};
use crate::bureau::{Bureau, checks};

/// What the applicant states and hands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub holder: Holder,
    pub premises: Premises,
    pub scope: Vec<Scope>,
    pub attachments: Vec<Attachment>,
    /// The licence that the new one takes the place of, when its holder became another subject.
    pub predecessor: Option<About>,
}

/// Receives an application; `number` is its number in the book of receipts, `due` the silence limit from this day.
///
/// Missing PAPERS are no ground to turn an applicant away: they are what the correction notice is for. What is
/// demanded here is what the bureau needs to know whom it deals with and where.
///
/// # Errors
/// Every field at fault.
pub fn submit(
    step: &Step,
    details: Details,
    bureau: &Bureau,
    number: String,
    due: Due,
) -> Verdict<ApplicationAct> {
    let mut objections = check_day(step.when, step.today);
    check_holder(&mut objections, &details.holder);
    check_premises(&mut objections, &details.premises, bureau);
    objections.demand(!details.scope.is_empty(), "scope", "application-refusal-scope-missing");
    objections.verdict()?;
    let Details { holder, premises, scope, attachments, predecessor } = details;
    Ok(ApplicationAct::Submitted(Submitted {
        number,
        holder,
        premises,
        scope,
        attachments,
        clerk: step.who.signer(),
        due,
        kind: Kind::New,
        about: predecessor,
        wish: Wish::default(),
    }))
}

pub(super) fn check_holder(objections: &mut Objections, holder: &Holder) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    objections.demand(holder.subject.is_some(), "subject", "application-refusal-subject-missing");
    objections.demand_text(&text(&holder.name), "name", "application-refusal-name-missing");
    objections.demand_text(
        &text(&holder.responsible_person),
        "responsible_person",
        "application-refusal-responsible-missing",
    );
    check_identity(objections, holder);
    check_credit_code(objections, holder);
    let phone = text(&holder.phone);
    objections.demand(checks::phone(&phone), "phone", "application-refusal-phone");
}

/// An individual is known by the resident identity number.
fn check_identity(objections: &mut Objections, holder: &Holder) {
    match holder.identity_number.as_deref() {
        Some(number) => {
            objections.demand(
                checks::identity_number(number),
                "identity_number",
                "application-refusal-identity",
            );
        }
        None => {
            let needed = holder.subject == Some(Subject::Individual);
            objections.demand(!needed, "identity_number", "application-refusal-identity-missing");
        }
    }
}

/// An organisation is known by its credit code; an individual business may have one too.
fn check_credit_code(objections: &mut Objections, holder: &Holder) {
    match holder.credit_code.as_deref() {
        Some(code) => {
            objections.demand(checks::credit_code(code), "credit_code", "application-refusal-credit-code")
        }
        None => {
            let needed = holder.subject == Some(Subject::Organisation);
            objections.demand(!needed, "credit_code", "application-refusal-credit-code-missing");
        }
    }
}

pub(super) fn check_premises(objections: &mut Objections, premises: &Premises, bureau: &Bureau) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    objections.demand_text(
        &text(&premises.trade_name),
        "trade_name",
        "application-refusal-trade-name-missing",
    );
    objections.demand_text(&text(&premises.address), "address", "application-refusal-address-missing");
    objections.demand(premises.kind.is_some(), "premises_kind", "application-refusal-premises-kind-missing");
    objections.demand(premises.area.is_some(), "area", "application-refusal-area-missing");
    check_division(objections, &text(&premises.division), bureau);
    match premises.point {
        Some(point) => {
            objections.demand(
                bureau.territory.may_contain(point),
                "point",
                "application-refusal-point-outside",
            );
        }
        None => objections.object(Refusal::on("point", "application-refusal-point-missing")),
    }
}

/// The shop must lie in a town or village of this bureau.
fn check_division(objections: &mut Objections, code: &str, bureau: &Bureau) {
    let known = code.len() > 6 && bureau.divisions.get(code).is_some();
    objections.demand(known, "division", "application-refusal-division");
}
