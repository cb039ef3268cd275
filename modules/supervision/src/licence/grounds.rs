//! Grounds of a negative decision: picked from the checklist of the law data, each with the fact that fulfils it.

use jiff::civil::Date;
use law::Law;
use site::Refusal;

use super::acts::{Ground, Kind, LayoutRule, Measure};
use super::verdict::{Objections, Verdict};
use crate::layout::Rules;
use crate::layout::rule::NoGround;

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
        Measure::Deregistration => "licence.deregistration",
    }
}

/// A ground as it was ticked: its id, and the fact of this case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    pub id: String,
    pub fact: String,
    /// The layout rule that was named.
    pub rule: Option<String>,
}

/// Whether a ground says that the layout forbids it, so that a rule in force must be named.
pub fn rests_on_layout(id: &str) -> bool {
    matches!(id, "refusal.layout" | "non-renewal.layout")
}

/// The grounds that were picked, in the words of the law data of `on`.
///
/// # Errors
/// When none was picked, one is not on the list or only an example, a fact is missing, or the layout is named without a
/// rule on which a refusal may rest: each beside `grounds`.
pub fn found(
    (law, layout): (&Law, &Rules),
    founds: &str,
    on: Date,
    picked: Vec<Picked>,
) -> Verdict<Vec<Ground>> {
    let mut objections = Objections::new();
    objections.demand(!picked.is_empty(), "grounds", "licence-refusal-grounds-missing");
    let mut grounds = Vec::new();
    for Picked { id, fact, rule } in picked {
        let Some(ground) = law.grounds(founds, on).find(|ground| ground.id == id) else {
            objections.object(Refusal::on("grounds", "licence-refusal-ground-unknown"));
            continue;
        };
        let (title, mut citation) = (ground.title.zh.clone(), ground.citation.zh.clone());
        if ground.example {
            let refusal = Refusal::on("grounds", "licence-refusal-ground-example");
            objections.object(refusal.with("ground", title.as_str()));
        }
        if fact.trim().is_empty() {
            let refusal = Refusal::on("grounds", "licence-refusal-ground-without-fact");
            objections.object(refusal.with("ground", title.as_str()));
        }
        let mut rests_on = None;
        if rests_on_layout(&id) {
            match layout.ground(rule.as_deref().unwrap_or_default(), on) {
                Ok(named) => {
                    let source = named.citation.as_ref().map(|citation| citation.zh.as_str());
                    citation = format!("{citation}，{}", source.unwrap_or(&named.title.zh));
                    rests_on = Some(LayoutRule { id: named.id.clone(), version: named.version.clone() });
                }
                Err(reason) => objections.object(Refusal::on("grounds", layout_key(reason))),
            }
        }
        grounds.push(Ground { id, title, citation, fact, rule: rests_on });
    }
    objections.verdict()?;
    Ok(grounds)
}

/// Why no refusal may rest on a layout rule, as the officer is told.
fn layout_key(reason: NoGround) -> &'static str {
    match reason {
        NoGround::Unknown => "licence-refusal-layout-unknown",
        NoGround::Example => "licence-refusal-layout-example",
        NoGround::NotInForce => "licence-refusal-layout-not-in-force",
        NoGround::NoSource | NoGround::NotRead => "licence-refusal-layout-unread",
        NoGround::NoDistance => "licence-refusal-layout-no-distance",
    }
}
