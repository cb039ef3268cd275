//! The end of the path: the decision to grant, the licence it makes, and the handing over.

use jiff::civil::Date;

use super::acts::*;
use super::application::Application;
use super::steps::{Step, Verb};
use super::verdict::{Objections, Verdict};

/// What the head decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub opinion: String,
    pub valid_from: Date,
    /// The last day of validity.
    pub valid_until: Date,
}

/// What the registers and the law say at the moment of the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionFacts {
    /// Key of this application, `application/…`.
    pub application: String,
    /// Key of the licence to be made, `licence/…`.
    pub licence: String,
    /// The next number of the region's scheme.
    pub number: String,
    /// The serial in it.
    pub serial: i64,
    /// The local wholesale enterprise (L2 art. 23).
    pub supplier: String,
    pub paper: PaperNumber,
    /// The last day on which a licence issued on the day of the decision may end (rule licence.validity).
    pub longest: Date,
    /// The delivery limit (L4 art. 44).
    pub due: Due,
}

/// How decision and licence were handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandingOver {
    pub way: Way,
    pub receiver: Option<String>,
    pub relation: Option<String>,
    pub place: String,
    /// Hour and minute, `14:30`.
    pub time: String,
    /// Ids and names of the two servers.
    pub servers: [Signer; 2],
    pub refusal: Option<String>,
    pub witness: Option<String>,
}

impl Application {
    /// The decision to grant: one act on the application and one that makes the licence.
    ///
    /// # Errors
    /// Out of turn, without power, by one who had a hand in it, without words, or for an unlawful time.
    pub fn grant(
        &self,
        step: &Step,
        decision: Decision,
        facts: DecisionFacts,
    ) -> Verdict<(ApplicationAct, LicenceAct)> {
        let mut objections = self.begin(Verb::Grant, step)?;
        objections.demand_text(&decision.opinion, "opinion", "application-refusal-opinion-missing");
        check_validity(&mut objections, &decision, &facts, step.when.day);
        objections.verdict()?;
        let licence = self.licence_of(step, &decision, &facts);
        let granted = ApplicationGranted {
            licence: facts.licence,
            licence_number: facts.number,
            valid_from: decision.valid_from,
            valid_until: decision.valid_until,
            opinion: decision.opinion,
            paper: facts.paper,
            head: step.who.signer(),
            due: facts.due,
        };
        Ok((ApplicationAct::Granted(granted), LicenceAct::Granted(licence)))
    }

    fn licence_of(&self, step: &Step, decision: &Decision, facts: &DecisionFacts) -> LicenceGranted {
        let (holder, premises, scope) = match &self.submitted {
            Some(submitted) => {
                (submitted.holder.clone(), submitted.premises.clone(), submitted.scope.clone())
            }
            None => Default::default(),
        };
        let data = LicenceData {
            number: facts.number.clone(),
            standing: Some(Standing::Valid),
            holder,
            premises,
            scope,
            issued_on: Some(step.when.day),
            valid_from: Some(decision.valid_from),
            valid_until: Some(decision.valid_until),
            supplier: Some(facts.supplier.clone()),
            ..LicenceData::default()
        };
        let paper = PaperNumber {
            series: PaperSeries::Licence,
            text: facts.number.clone(),
            year: i64::from(step.when.day.year()),
            serial: facts.serial,
            dated: step.when.day,
        };
        LicenceGranted { application: facts.application.clone(), data, paper, head: step.who.signer() }
    }

    /// Decision and licence reach the holder (L4 art. 44); the receipt is a paper of its own.
    ///
    /// # Errors
    /// Out of turn, without power, or an incomplete receipt.
    pub fn serve(&self, step: &Step, handing: HandingOver, paper: PaperNumber) -> Verdict<Served> {
        let mut objections = self.begin(Verb::Serve, step)?;
        check_handing(&mut objections, &handing);
        objections.verdict()?;
        let papers = self.papers_to_serve().into_iter().map(|(_, number)| number).collect();
        let HandingOver { way, receiver, relation, place, time, servers, refusal, witness } = handing;
        Ok(Served { papers, way, receiver, relation, place, time, servers, refusal, witness, paper })
    }

    /// What is handed over at the end: the decision, and the licence where one was issued.
    pub(super) fn papers_to_serve(&self) -> Vec<(PaperSeries, String)> {
        let decisions = [PaperSeries::Decision, PaperSeries::Refusal, PaperSeries::NonAcceptance];
        let issued = self.papers.iter().filter(|issued| decisions.contains(&issued.number.series));
        let decision = issued.map(|issued| (issued.number.series, issued.number.text.clone()));
        decision.chain(self.sheet().map(|number| (PaperSeries::Licence, number))).collect()
    }

    /// Key of the licence of which a sheet came with the decision.
    pub fn issued_licence(&self) -> Option<&str> {
        let granted = self.grant.as_ref().map(|grant| grant.licence.as_str());
        let permitted = self.permit.as_ref().filter(|permit| permit.sheet.is_some());
        let permitted = permitted.map(|permit| permit.licence.as_str());
        granted.or(permitted).or_else(|| self.lapse.as_ref().map(|lapse| lapse.licence.as_str()))
    }

    /// The number of the sheet of the licence that came with the decision.
    fn sheet(&self) -> Option<String> {
        let granted = self.grant.as_ref().map(|grant| grant.licence_number.clone());
        let permitted = self.permit.as_ref().and_then(|permit| permit.sheet.clone());
        granted.or(permitted).or_else(|| self.lapse.as_ref().map(|lapse| lapse.sheet.clone()))
    }
}

/// A licence runs for at most the years the rule gives, counted from its issue (细则 art. 48). It begins between the
/// decision and the end of the time for delivery: what is in the holder's hand in time is valid.
fn check_validity(objections: &mut Objections, decision: &Decision, facts: &DecisionFacts, issued: Date) {
    objections.demand(decision.valid_from >= issued, "valid_from", "application-refusal-valid-from-early");
    let soon = decision.valid_from <= facts.due.loose;
    objections.demand(soon, "valid_from", "application-refusal-valid-from-late");
    let forward = decision.valid_from < decision.valid_until;
    objections.demand(forward, "valid_until", "application-refusal-valid-until-order");
    let within = decision.valid_until <= facts.longest;
    objections.demand(within, "valid_until", "application-refusal-valid-too-long");
}

fn check_handing(objections: &mut Objections, handing: &HandingOver) {
    let there = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    // Served only thirty days after the notice was published (L11 art. 95), and no act for the notice exists yet.
    objections.demand(handing.way != Way::PublicNotice, "way", "application-refusal-public-notice");
    let taken = handing.way != Way::Left;
    objections.demand(!taken || there(&handing.receiver), "receiver", "application-refusal-receiver-missing");
    objections.demand(!taken || there(&handing.relation), "relation", "application-refusal-relation-missing");
    let left = handing.way == Way::Left;
    objections.demand(
        !left || there(&handing.refusal),
        "refusal",
        "application-refusal-left-without-refusal",
    );
    objections.demand(
        !left || there(&handing.witness),
        "witness",
        "application-refusal-left-without-witness",
    );
    objections.demand_text(&handing.place, "place", "application-refusal-place-missing");
    objections.demand(minutes_of_day(&handing.time).is_some(), "time", "application-refusal-time");
    let [first, second] = &handing.servers;
    objections.demand(first.officer != second.officer, "second", "application-refusal-same-officer");
}

/// The minutes since midnight of a text that is hour and minute, `00:00` to `23:59`.
pub(super) fn minutes_of_day(text: &str) -> Option<i64> {
    let (hour, minute) =
        text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then(|| i64::from(hour) * 60 + i64::from(minute))
}
