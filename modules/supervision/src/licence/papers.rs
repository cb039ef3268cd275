//! The papers that the acts issue: which template, and what stands in it. Pure; printed by `printing`.

mod ends;
mod licences;

use jiff::civil::Date;
use law::Law;
use ledger::{Act, Matter};
use paper::Template;
use serde_json::{Value, json};

use super::acts::*;
use super::application::{Application, State};
use super::clock::{DECISION, RENEWAL_DECISION};
use crate::bureau::{Bureau, Names};

/// What a paper is made from beside its acts.
pub struct Stationery<'a> {
    pub bureau: &'a Bureau,
    pub law: &'a Law,
    /// Chinese words by text key: the legal text of a paper is Chinese always.
    pub say: &'a dyn Fn(&str) -> String,
    /// Name of the ledger, for the proof line.
    pub ledger: &'a str,
}

/// A paper ready for the press.
pub struct Draft {
    pub template: &'static Template,
    pub data: Value,
    pub title: String,
    pub dated: Date,
}

static ACCEPTANCE: Template =
    Template { name: "acceptance", source: include_str!("../../paper/acceptance.typ") };
static CORRECTION: Template =
    Template { name: "correction", source: include_str!("../../paper/correction.typ") };
static EXTENSION: Template =
    Template { name: "extension", source: include_str!("../../paper/extension.typ") };
static DECISION_PAPER: Template =
    Template { name: "decision", source: include_str!("../../paper/decision.typ") };
static LICENCE: Template = Template { name: "licence", source: include_str!("../../paper/licence.typ") };
static NON_ACCEPTANCE: Template =
    Template { name: "non-acceptance", source: include_str!("../../paper/non-acceptance.typ") };
static REFUSAL: Template = Template { name: "refusal", source: include_str!("../../paper/refusal.typ") };
static TERMINATION: Template =
    Template { name: "termination", source: include_str!("../../paper/termination.typ") };
static HEARING_RIGHT: Template =
    Template { name: "hearing-right", source: include_str!("../../paper/hearing-right.typ") };
static HEARING_NOTICE: Template =
    Template { name: "hearing-notice", source: include_str!("../../paper/hearing-notice.typ") };
static PERMISSION: Template =
    Template { name: "permission", source: include_str!("../../paper/permission.typ") };
static MEASURE_NOTICE: Template =
    Template { name: "measure-notice", source: include_str!("../../paper/measure-notice.typ") };
static MEASURE_DECISION: Template =
    Template { name: "measure-decision", source: include_str!("../../paper/measure-decision.typ") };
static RENEWAL_REMINDER: Template =
    Template { name: "renewal-reminder", source: include_str!("../../paper/renewal-reminder.typ") };
static RECEIPT: Template = Template { name: "receipt", source: include_str!("../../paper/receipt.typ") };

/// Reconsideration of a licence decision, in days (L8 art. 20).
const RECONSIDERATION: &str = "remedy.reconsideration-request";
/// Lawsuit against a licence decision, in months (L9 art. 46).
const LAWSUIT: &str = "remedy.lawsuit-licence";

impl PaperSeries {
    /// Key of the paper's name in the texts.
    pub fn key(self) -> &'static str {
        match self {
            PaperSeries::CorrectionNotice => "licence-paper-correction-notice",
            PaperSeries::Acceptance => "licence-paper-acceptance",
            PaperSeries::Extension => "licence-paper-extension",
            PaperSeries::Decision => "licence-paper-decision",
            PaperSeries::NonAcceptance => "licence-paper-non-acceptance",
            PaperSeries::Refusal => "licence-paper-refusal",
            PaperSeries::Termination => "licence-paper-termination",
            PaperSeries::HearingRight => "licence-paper-hearing-right",
            PaperSeries::HearingNotice => "licence-paper-hearing-notice",
            PaperSeries::MeasureNotice => "licence-paper-measure-notice",
            PaperSeries::MeasureDecision => "licence-paper-measure-decision",
            PaperSeries::RenewalReminder => "licence-paper-renewal-reminder",
            PaperSeries::Licence => "licence-paper-licence",
            PaperSeries::ServiceReceipt => "licence-paper-service-receipt",
        }
    }

    /// The series of that stored word.
    pub fn named(word: &str) -> Option<PaperSeries> {
        serde_json::from_value(Value::from(word)).ok()
    }
}

impl Stationery<'_> {
    /// The paper that act `number` issued, from the acts of its matter; `None` when it issued none or was erased.
    ///
    /// # Errors
    /// When an act cannot be read, or the law data lack a rule that the paper must cite.
    pub fn draft(&self, acts: &[Act], number: i64) -> anyhow::Result<Option<Draft>> {
        let Some(act) = acts.iter().find(|act| act.header.number == number) else { return Ok(None) };
        if act.header.matter.kind() == "licence" {
            return self.of_licence(acts, act);
        }
        let mut before = Application::default();
        for earlier in acts.iter().filter(|earlier| earlier.header.number < number) {
            before.fold(earlier)?;
        }
        let Some(body) = act.read::<ApplicationAct>()? else { return Ok(None) };
        self.of_application(acts, act, &before, &body)
    }

    fn of_application(
        &self,
        acts: &[Act],
        act: &Act,
        before: &Application,
        body: &ApplicationAct,
    ) -> anyhow::Result<Option<Draft>> {
        let effective = law::shanghai_day(act.header.effective);
        Ok(match body {
            ApplicationAct::CorrectionRequested(body) => Some(self.correction(act, before, body)),
            ApplicationAct::Accepted(body) => {
                let clerk = Some(&body.clerk);
                Some(self.acceptance(act, before, (&body.paper, &body.due, effective), clerk)?)
            }
            ApplicationAct::DeemedAccepted(body) => {
                Some(self.acceptance(act, before, (&body.paper, &body.due, effective), None)?)
            }
            ApplicationAct::Extended(body) => Some(self.extension(act, before, body)),
            ApplicationAct::Granted(body) => Some(self.decision(act, before, body)?),
            ApplicationAct::Permitted(body) => Some(self.permitted(act, before, body)?),
            ApplicationAct::DeemedGranted(body) => Some(self.deemed_granted(act, before, body)?),
            ApplicationAct::NotAccepted(body) => Some(self.not_accepted(act, before, body)?),
            ApplicationAct::Refused(body) => Some(self.refused(act, before, body)?),
            ApplicationAct::Terminated(body) => Some(self.terminated(act, before, body)),
            ApplicationAct::HearingTold(body) => Some(self.hearing_told(act, before, body)),
            ApplicationAct::HearingNotified(body) => Some(self.hearing_notified(acts, act, before, body)?),
            ApplicationAct::Served(body) => Some(self.receipt(act, before, body)),
            _ => None,
        })
    }

    fn correction(&self, act: &Act, before: &Application, body: &CorrectionRequested) -> Draft {
        let entry = |missing: &Missing| json!({"paper": self.material(missing.material), "fault": missing.fault, "request": missing.request});
        let corrections: Vec<Value> = body.missing.iter().map(entry).collect();
        let own = json!({"corrections": corrections, "officer": body.clerk.name});
        self.assemble(act, before, (&CORRECTION, &body.paper), own)
    }

    fn acceptance(
        &self,
        act: &Act,
        before: &Application,
        (paper, due, accepted): (&PaperNumber, &Due, Date),
        clerk: Option<&Signer>,
    ) -> anyhow::Result<Draft> {
        // Nobody accepted what counts as accepted: the applicant is told whom he met at the counter.
        let officer = clerk.or_else(|| before.submitted.as_ref().map(|submitted| &submitted.clerk));
        let own = json!({
            "deemed": clerk.is_none(),
            "accepted": accepted,
            "supplemented": before.received.filter(|_| before.state == State::Supplemented),
            "decision": {"days": self.number_of(DECISION, accepted)?, "due": due.strict},
            "renewal": (due.rule == RENEWAL_DECISION).then_some(due.strict),
            "papers": self.materials(&before.attachments),
            "officer": officer.map(|officer| &officer.name),
        });
        Ok(self.assemble(act, before, (&ACCEPTANCE, paper), own))
    }

    fn extension(&self, act: &Act, before: &Application, body: &Extended) -> Draft {
        let own = json!({
            "accepted": before.accepted,
            "was_due": before.due.as_ref().map(|due| due.strict),
            "due": body.due.strict,
            "days": body.workdays,
            "reason": body.reason.trim_end_matches(['。', '.']),
        });
        self.assemble(act, before, (&EXTENSION, &body.paper), own)
    }

    fn decision(&self, act: &Act, before: &Application, body: &ApplicationGranted) -> anyhow::Result<Draft> {
        let licence = match &before.submitted {
            Some(submitted) => self.licence_fields(
                &body.licence_number,
                &submitted.holder,
                &submitted.premises,
                &submitted.scope,
            ),
            None => json!({}),
        };
        let own = json!({
            "accepted": before.accepted,
            "check": self.looked_at(before),
            "basis": ["《中华人民共和国烟草专卖法》第十六条", "《中华人民共和国烟草专卖法实施条例》第九条"],
            "licence": with_validity(licence, Some(body.valid_from), Some(body.valid_until)),
            "remedies": self.remedies(body.paper.dated)?,
        });
        Ok(self.assemble(act, before, (&DECISION_PAPER, &body.paper), own))
    }

    /// The check on the spot, if there was one.
    fn looked_at(&self, before: &Application) -> Option<Value> {
        before.check.as_ref().zip(before.checked).map(
            |(check, day)| json!({"date": day, "officers": [check.officers[0].name, check.officers[1].name]}),
        )
    }

    /// Within which time and where the decision can be challenged: periods from the law data, bodies from the region.
    fn remedies(&self, on: Date) -> anyhow::Result<Value> {
        Ok(json!({
            "reconsideration_days": self.number_of(RECONSIDERATION, on)?,
            "reconsideration_body": self.bureau.reconsideration_body().zh,
            "lawsuit_months": self.number_of(LAWSUIT, on)?,
            "court": self.bureau.court.zh,
        }))
    }

    /// The receipt as it is taken along to the holder, with lines for the hand; no paper of the record, so it has no
    /// number. `None` when nothing is to be handed over.
    pub fn blank_receipt(&self, application: &Application, today: Date) -> Option<Draft> {
        if application.papers_to_serve().is_empty() {
            return None;
        }
        let title = (self.say)(PaperSeries::ServiceReceipt.key());
        let data = json!({
            "sample": self.bureau.contact.example,
            "bureau": {"name": self.bureau.name.zh},
            "number": "",
            "addressee": {"name": self.applicant(application).0},
            "papers": self.served_papers(&application.papers_to_serve()),
            "servers": [],
        });
        Some(Draft { template: &RECEIPT, data, title, dated: today })
    }

    fn served_papers(&self, papers: &[(PaperSeries, String)]) -> Vec<Value> {
        let paper = |(series, number): &(PaperSeries, String)| json!({"name": (self.say)(series.key()), "number": number});
        papers.iter().map(paper).collect()
    }

    fn receipt(&self, act: &Act, before: &Application, body: &Served) -> Draft {
        let servers = body.servers.iter().map(|server| {
            json!({"name": server.name, "certificate": server.certificate.clone().unwrap_or_default()})
        });
        let day = law::shanghai_day(act.header.effective);
        let own = json!({
            "addressee": {"name": self.applicant(before).0},
            "papers": self.served_papers(&before.papers_to_serve()),
            "place": body.place,
            "way": (self.say)(&format!("licence-way-{}", super::books::word(body.way))),
            "served": format!("{day}T{}", body.time),
            "receiver": body.receiver,
            "relation": body.relation,
            "refusal": body.refusal,
            "witness": body.witness,
            "servers": servers.collect::<Vec<_>>(),
        });
        self.finish(act, (&RECEIPT, &body.paper), own)
    }

    /// Adds applicant and application to a paper's own fields.
    fn assemble(
        &self,
        act: &Act,
        before: &Application,
        paper: (&'static Template, &PaperNumber),
        own: Value,
    ) -> Draft {
        let (name, person, address) = self.applicant(before);
        let number = before.submitted.as_ref().map(|submitted| submitted.number.clone());
        let common = json!({
            "effective": late(act, paper.1),
            "applicant": {"name": name, "person": person, "address": address},
            "application": {"number": number, "kind": (self.say)(&format!("application-kind-{}", super::books::word(before.kind()))), "submitted": before.first_received},
        });
        self.finish(act, paper, merged(common, own))
    }

    /// Adds what every paper bears: issuer, number, date, proof line.
    fn finish(&self, act: &Act, (template, paper): (&'static Template, &PaperNumber), own: Value) -> Draft {
        let contact = &self.bureau.contact;
        let common = json!({
            "sample": contact.example,
            "bureau": {"name": self.bureau.name.zh, "address": contact.address.zh, "phone": contact.phone},
            "proof": {"act": act.header.number, "ledger": self.ledger},
            "number": paper.text,
            "date": paper.dated,
        });
        let title = format!("{} {}", (self.say)(paper.series.key()), paper.text);
        Draft { template, data: merged(common, own), title, dated: paper.dated }
    }

    /// Name, person and address of the applicant as papers address him.
    fn applicant(&self, application: &Application) -> (String, String, String) {
        application.submitted.as_ref().map_or_else(Default::default, |submitted| {
            let (name, person) = names(&submitted.holder, &submitted.premises);
            (name, person, submitted.premises.address.clone().unwrap_or_default())
        })
    }

    fn licence_fields(&self, number: &str, holder: &Holder, premises: &Premises, scope: &[Scope]) -> Value {
        let (name, person) = names(holder, premises);
        let subject = holder.subject.unwrap_or(Subject::Individual);
        let scope: Vec<String> = scope
            .iter()
            .map(|each| (self.say)(&format!("licence-scope-{}", super::books::word(each))))
            .collect();
        let Names { zh: supplier, .. } = &self.bureau.supplier;
        json!({
            "number": number,
            "name": name,
            "person": person,
            "address": premises.address,
            "kind": (self.say)(&format!("licence-subject-{}", super::books::word(subject))),
            "scope": scope.join("、"),
            "supplier": supplier,
        })
    }

    fn materials(&self, attachments: &[Attachment]) -> Vec<Value> {
        let kinds = Material::ALL.into_iter().filter_map(|material| {
            let copies = attachments.iter().filter(|attachment| attachment.material == material).count();
            (copies > 0).then(|| json!({"name": self.material(material), "copies": copies, "form": "电子"}))
        });
        kinds.collect()
    }

    fn material(&self, material: Material) -> String {
        (self.say)(&format!("licence-material-{}", super::books::word(material)))
    }

    /// The number in a rule's period, e.g. 20 of "20 working days".
    fn number_of(&self, rule: &str, on: Date) -> anyhow::Result<u32> {
        let found = self
            .law
            .rule(rule, on)
            .ok_or_else(|| anyhow::anyhow!("the law data have no rule {rule} on {on}"))?;
        Ok(found.strict.n)
    }
}

/// The day of the fact, where the paper bears a later one.
fn late(act: &Act, paper: &PaperNumber) -> Option<Date> {
    let effective = law::shanghai_day(act.header.effective);
    (effective != paper.dated).then_some(effective)
}

/// Grounds as papers list them.
fn grounds(grounds: &[Ground]) -> Vec<Value> {
    let ground =
        |ground: &Ground| json!({"title": ground.title, "citation": ground.citation, "fact": ground.fact});
    grounds.iter().map(ground).collect()
}

/// The name on a paper and the person behind it: an individual trades under the name of the shop.
fn names(holder: &Holder, premises: &Premises) -> (String, String) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match holder.subject {
        Some(Subject::Organisation) => (text(&holder.name), text(&holder.responsible_person)),
        _ => (text(&premises.trade_name), text(&holder.name)),
    }
}

fn with_validity(licence: Value, from: Option<Date>, until: Option<Date>) -> Value {
    merged(licence, json!({"valid_from": from, "valid_to": until}))
}

/// One object with the fields of both.
fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(fields), Value::Object(others)) = (first.as_object_mut(), second) {
        fields.extend(others);
    }
    first
}
