//! Grounds of a negative decision: picked from the checklist of the law data, each with the fact that fulfils it.

use jiff::civil::Date;
use law::Law;
use site::Refusal;

use super::acts::{Ground, Kind, Measure};
use super::verdict::{Objections, Verdict};

/// The checklist for not accepting an application.
pub const NON_ACCEPTANCE: &str = "licence.non-acceptance";
/// The checklist for ending one without a decision.
pub const TERMINATION: &str = "licence.termination";

/// The checklist for refusing what is asked for.
pub fn refusal_of(kind: Kind) -> &'static str {
    if kind == Kind::Renewal { "licence.non-renewal" } else { "licence.refusal" }
}

/// The checklist for a measure against a licence.
pub fn measure_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Rectification => "licence.rectification",
        Measure::Disqualification => "licence.disqualification",
        Measure::Revocation => "licence.revocation",
        Measure::Withdrawal => "licence.withdrawal",
        Measure::Stripping => "licence.stripping",
        Measure::Deregistration => "licence.deregistration",
    }
}

/// A ground as it was ticked: its id, and the fact of this case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    pub id: String,
    pub fact: String,
}

/// The grounds that were picked, in the words of the law data of `on`.
///
/// # Errors
/// When none was picked, one is not on the list or only an example, or a fact is missing: each beside `grounds`.
pub fn found(law: &Law, founds: &str, on: Date, picked: Vec<Picked>) -> Verdict<Vec<Ground>> {
    let mut objections = Objections::new();
    objections.demand(!picked.is_empty(), "grounds", "licence-refusal-grounds-missing");
    let mut grounds = Vec::new();
    for Picked { id, fact } in picked {
        let Some(ground) = law.grounds(founds, on).find(|ground| ground.id == id) else {
            objections.object(Refusal::on("grounds", "licence-refusal-ground-unknown"));
            continue;
        };
        let (title, citation) = (ground.title.zh.clone(), ground.citation.zh.clone());
        if ground.example {
            let refusal = Refusal::on("grounds", "licence-refusal-ground-example");
            objections.object(refusal.with("ground", title.as_str()));
        }
        if fact.trim().is_empty() {
            let refusal = Refusal::on("grounds", "licence-refusal-ground-without-fact");
            objections.object(refusal.with("ground", title.as_str()));
        }
        grounds.push(Ground { id, title, citation, fact });
    }
    objections.verdict()?;
    Ok(grounds)
}
