//! Papers of the acts on a licence: sheets, reminders, measures.

use ledger::{Act, Matter};
use serde_json::{Value, json};

use super::{Draft, LICENCE, MEASURE_DECISION, MEASURE_NOTICE, RENEWAL_REMINDER, Stationery, names};
use super::{grounds, late, with_validity};
use crate::licence::acts::*;
use crate::licence::licence::Licence;

impl Stationery<'_> {
    /// The paper that an act on a licence issued, from the acts before it and itself.
    pub(super) fn of_licence(&self, acts: &[Act], act: &Act) -> anyhow::Result<Option<Draft>> {
        let Some(body) = act.read::<LicenceAct>()? else { return Ok(None) };
        let (mut before, mut after) = (Licence::default(), Licence::default());
        for each in acts.iter().filter(|each| each.header.number <= act.header.number) {
            after.fold(each)?;
            if each.header.number < act.header.number {
                before.fold(each)?;
            }
        }
        Ok(match &body {
            LicenceAct::Granted(body) => Some(self.sheet(act, &after, &body.paper, "正本")),
            LicenceAct::Changed(body) => Some(self.sheet(act, &after, &body.paper, "正本（变更换发）")),
            LicenceAct::Renewed(body) => Some(self.sheet(act, &after, &body.paper, "正本（延续换发）")),
            LicenceAct::Replaced(body) => Some(self.sheet(act, &after, &body.paper, "正本（补办）")),
            LicenceAct::RenewalReminded(body) => Some(self.reminder(act, &before, body)),
            LicenceAct::MeasureProposed(body) => Some(self.measure_notice(act, &before, body)),
            LicenceAct::Rectifying(body)
            | LicenceAct::Disqualified(body)
            | LicenceAct::Revoked(body)
            | LicenceAct::Withdrawn(body)
            | LicenceAct::Deregistered(body) => Some(self.measure(act, acts, &before, body)?),
            _ => None,
        })
    }

    /// The sheet of the licence as it stands after the act.
    fn sheet(&self, act: &Act, after: &Licence, paper: &PaperNumber, copy: &str) -> Draft {
        let data = after.data.clone().unwrap_or_default();
        let fields = self.licence_fields(&data.number, &data.holder, &data.premises, &data.scope);
        let own = json!({"licence": with_validity(fields, data.valid_from, data.valid_until), "copy": copy});
        self.finish(act, (&LICENCE, paper), own)
    }

    fn reminder(&self, act: &Act, before: &Licence, body: &RenewalReminded) -> Draft {
        let own = json!({
            "licence": addressed(before),
            "valid_until": body.valid_until,
            "due": body.due.strict,
            "due_loose": body.due.loose,
        });
        self.finish(act, (&RENEWAL_REMINDER, &body.paper), own)
    }

    fn measure_notice(&self, act: &Act, before: &Licence, body: &MeasureProposed) -> Draft {
        let own = json!({
            "effective": late(act, &body.paper),
            "licence": addressed(before),
            "measure": self.measure_word(body.measure),
            "days": body.days,
            "grounds": grounds(&body.grounds),
        });
        self.finish(act, (&MEASURE_NOTICE, &body.paper), own)
    }

    fn measure(
        &self,
        act: &Act,
        acts: &[Act],
        before: &Licence,
        body: &MeasureTaken,
    ) -> anyhow::Result<Draft> {
        let told = acts.iter().rev().find(|each| {
            each.header.kind == "licence.measure-proposed" && each.header.number < act.header.number
        });
        let measure = before.proposal.as_ref().map(|proposal| self.measure_word(proposal.measure));
        let own = json!({
            "effective": late(act, &body.paper),
            "licence": addressed(before),
            "measure": measure,
            "until": body.until,
            "told": told.map(|told| law::shanghai_day(told.header.effective)),
            "heard": body.heard,
            "grounds": grounds(&body.grounds),
            "remedies": self.remedies(body.paper.dated)?,
        });
        Ok(self.finish(act, (&MEASURE_DECISION, &body.paper), own))
    }

    fn measure_word(&self, measure: Measure) -> String {
        (self.say)(&format!("licence-measure-{}", crate::licence::books::word(measure)))
    }
}

/// Name, number and address as a letter to the holder needs them.
fn addressed(licence: &Licence) -> Value {
    let data = licence.data.clone().unwrap_or_default();
    let (name, _) = names(&data.holder, &data.premises);
    json!({"name": name, "number": data.number, "address": data.premises.address})
}
