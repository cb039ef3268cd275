//! Papers of an application that ends otherwise than by a new licence, and of the hearing.

use ledger::Act;
use serde_json::{Value, json};

use super::{
    Draft, HEARING_NOTICE, HEARING_RIGHT, NON_ACCEPTANCE, PERMISSION, REFUSAL, Stationery, TERMINATION,
    grounds,
};
use crate::licence::acts::*;
use crate::licence::application::Application;

impl Stationery<'_> {
    pub(super) fn not_accepted(
        &self,
        act: &Act,
        before: &Application,
        body: &NotAccepted,
    ) -> anyhow::Result<Draft> {
        let own = json!({"grounds": grounds(&body.grounds), "remedies": self.remedies(body.paper.dated)?});
        Ok(self.assemble(act, before, (&NON_ACCEPTANCE, &body.paper), own))
    }

    pub(super) fn refused(&self, act: &Act, before: &Application, body: &Refused) -> anyhow::Result<Draft> {
        let own = json!({
            "accepted": before.accepted,
            "check": self.looked_at(before),
            "hearing": before.hearing.as_ref().and_then(|hearing| hearing.held),
            "grounds": grounds(&body.grounds),
            "remedies": self.remedies(body.paper.dated)?,
        });
        Ok(self.assemble(act, before, (&REFUSAL, &body.paper), own))
    }

    pub(super) fn terminated(&self, act: &Act, before: &Application, body: &Terminated) -> Draft {
        let own = json!({"grounds": grounds(std::slice::from_ref(&body.ground))});
        self.assemble(act, before, (&TERMINATION, &body.paper), own)
    }

    pub(super) fn hearing_told(&self, act: &Act, before: &Application, body: &HearingTold) -> Draft {
        let own = json!({
            "persons": body.persons,
            "interests": body.interests,
            "due": body.due.strict,
            "due_loose": body.due.loose,
        });
        self.assemble(act, before, (&HEARING_RIGHT, &body.paper), own)
    }

    pub(super) fn hearing_notified(
        &self,
        acts: &[Act],
        act: &Act,
        before: &Application,
        body: &HearingNotified,
    ) -> anyhow::Result<Draft> {
        let own = json!({
            "persons": told(acts, act)?,
            "at": format!("{}T{}", body.on, body.time),
            "place": body.place,
            "chair": body.chair.name,
        });
        Ok(self.assemble(act, before, (&HEARING_NOTICE, &body.paper), own))
    }

    pub(super) fn permitted(
        &self,
        act: &Act,
        before: &Application,
        body: &Permitted,
    ) -> anyhow::Result<Draft> {
        let own = json!({
            "deemed": false,
            "accepted": before.accepted,
            "check": self.looked_at(before),
            "licence": self.licence_in(before, &body.licence_number),
            "effects": effects(before, body.valid_until),
            "remedies": self.remedies(body.paper.dated)?,
        });
        Ok(self.assemble(act, before, (&PERMISSION, &body.paper), own))
    }

    pub(super) fn deemed_granted(
        &self,
        act: &Act,
        before: &Application,
        body: &DeemedGranted,
    ) -> anyhow::Result<Draft> {
        let own = json!({
            "deemed": true,
            "licence": self.licence_in(before, &body.licence_number),
            "effects": effects(before, Some(body.valid_until)),
            "remedies": self.remedies(body.paper.dated)?,
        });
        Ok(self.assemble(act, before, (&PERMISSION, &body.paper), own))
    }

    fn licence_in(&self, before: &Application, number: &str) -> Value {
        before.submitted.as_ref().map_or(json!({}), |submitted| {
            self.licence_fields(number, &submitted.holder, &submitted.premises, &submitted.scope)
        })
    }
}

/// Who was told of the hearing besides the applicant.
fn told(acts: &[Act], until: &Act) -> anyhow::Result<String> {
    for act in acts.iter().rev().filter(|act| act.header.number < until.header.number) {
        if let Some(ApplicationAct::HearingTold(body)) = act.read()? {
            return Ok(body.persons);
        }
    }
    Ok(String::new())
}

/// What the permission does, as rows of label and value.
fn effects(application: &Application, valid_until: Option<jiff::civil::Date>) -> Vec<Value> {
    let wish = application.submitted.as_ref().map(|submitted| submitted.wish.clone()).unwrap_or_default();
    let day = |day: jiff::civil::Date| format!("{}年{}月{}日", day.year(), day.month(), day.day());
    let row = |label: &str, value: String| json!({"label": label, "value": value});
    let mut rows = Vec::new();
    rows.extend(valid_until.map(|last| row("有效期至", day(last))));
    match (wish.from, wish.until) {
        (Some(from), Some(until)) => {
            rows.push(row("停业期间", format!("{}至{}", day(from), day(until))));
        }
        (Some(from), None) => rows.push(row("起始日期", day(from))),
        _ => {}
    }
    rows.extend(wish.reason.map(|reason| row("申请理由", reason)));
    rows
}
