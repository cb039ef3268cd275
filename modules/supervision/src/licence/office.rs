//! The bureau at work: each step loads its matter, reads the facts, asks the verb and records the act.

pub mod ends;
pub mod measures;
pub mod requests;

use jiff::civil::Date;
use law::{Extension, Law};
use ledger::{Body, Draft, MatterKey, Recorded, Writing};
use paper::Press;
use serde::Serialize;
use site::{Problem, Refusal};

use super::acts::*;
use super::application::Application;
use super::clock::{ACCEPTANCE_AFTER_SUPPLEMENT, CORRECTION_NOTICE, DELIVERY, EXTENSION, VALIDITY, due};
use super::decision::{Decision, DecisionFacts, HandingOver};
use super::details::{Details, submit};
use super::licence::Licence;
use super::register;
use super::requests::askable;
use super::steps::{Findings, Inspector, Officer, Opinion, Step, When};
use crate::bureau::Bureau;

/// What every step of every officer needs.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub bureau: &'a Bureau,
    pub law: &'a Law,
    pub press: &'a Press,
}

impl<'a> Setting<'a> {
    /// The law and the layout rules that grounds rest on.
    pub fn rules(&self) -> (&'a Law, &'a crate::layout::Rules) {
        (self.law, &self.bureau.layout)
    }
}

/// One officer taking steps inside one transaction. A step that is refused takes no number.
pub struct Office<'a, 'w> {
    pub writing: &'a mut Writing<'w>,
    pub setting: Setting<'a>,
    pub who: &'a Officer,
}

impl Office<'_, '_> {
    /// Receives an application (L4 art. 32).
    ///
    /// # Errors
    /// Refused for every field at fault; failed when store or law data fail.
    pub fn submit(&mut self, when: &When, details: Details) -> Result<MatterKey, Problem> {
        let (number, _) = numbered(self.writing, self.setting.bureau, "application", when.day)?;
        let limit = due(self.setting.law, CORRECTION_NOTICE, when.day, &[]).map_err(refused)?;
        let body = submit(&self.step(when), details, self.setting.bureau, number, limit)?;
        let key = MatterKey::new("application", self.writing.new_id()?);
        self.record(&key, when, &body, Some("行政许可法第三十二条"))?;
        Ok(key)
    }

    /// The one notice of what is missing (L4 art. 32(4)).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn request_correction(
        &mut self,
        key: &MatterKey,
        when: &When,
        missing: Vec<Missing>,
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let paper = self.paper_number_today("correction", PaperSeries::CorrectionNotice)?;
        let body = application.request_correction(&self.step(when), missing, paper)?;
        self.record(key, when, &body, Some("行政许可法第三十二条第一款第四项"))
    }

    /// The applicant brings what was asked for.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn supplement(
        &mut self,
        key: &MatterKey,
        when: &When,
        settles: Vec<i64>,
        attachments: Vec<Attachment>,
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let limit = due(self.setting.law, ACCEPTANCE_AFTER_SUPPLEMENT, when.day, &[]).map_err(refused)?;
        let body = application.supplement(&self.step(when), settles, attachments, limit)?;
        self.record(key, when, &body, Some("行政许可法第三十二条第一款第五项"))
    }

    /// Acceptance (L4 art. 32).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn accept(&mut self, key: &MatterKey, when: &When) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let paper = self.paper_number_today("acceptance", PaperSeries::Acceptance)?;
        let limit = application.decision_deadline(self.setting.law, when.day, &[]).map_err(refused)?;
        let limit = Due::of(&limit);
        let body = application.accept(&self.step(when), paper, limit)?;
        self.record(key, when, &body, Some("行政许可法第三十二条第一款第五项"))
    }

    /// The check on the spot by two officers (L4 art. 34).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn check(
        &mut self,
        key: &MatterKey,
        when: &When,
        officers: [&str; 2],
        found: Findings,
    ) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let inspectors = [self.inspector(officers[0], "first")?, self.inspector(officers[1], "second")?];
        let body = application.record_check(&self.step(when), &inspectors, found)?;
        self.record(key, when, &body, Some("行政许可法第三十四条"))
    }

    /// The reviewer's opinion.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn review(&mut self, key: &MatterKey, when: &When, opinion: Opinion) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let body = application.record_review(&self.step(when), opinion)?;
        self.record(key, when, &body, None)
    }

    /// Ten more working days for the decision (L4 art. 42).
    ///
    /// # Errors
    /// As the verb and the law data refuse.
    pub fn extend(&mut self, key: &MatterKey, when: &When, reason: String) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let from = application.accepted.unwrap_or(when.day);
        let extension = Extension { n: EXTENSION, approved: when.day };
        let limit = application.decision_deadline(self.setting.law, from, &[extension]).map_err(refused)?;
        let limit = Due::of(&limit);
        let paper = self.paper_number_today("extension", PaperSeries::Extension)?;
        let grounds = (i64::from(EXTENSION), reason);
        let body = application.extend_time(&self.step(when), grounds, paper, limit)?;
        self.record(key, when, &body, Some("行政许可法第四十二条"))
    }

    /// The decision to grant, which makes the licence. Gives the key of the licence.
    ///
    /// # Errors
    /// As the verb refuses; also when the numbers of the scheme are used up.
    pub fn grant(&mut self, key: &MatterKey, when: &When, decision: Decision) -> Result<MatterKey, Problem> {
        let application: Application = self.writing.load(key)?;
        let facts = self.decision_facts(key, &application, when)?;
        let licence = facts.licence.parse()?;
        let predecessor = application.about().cloned();
        let (granted, issued) = application.grant(&self.step(when), decision, facts)?;
        let basis = Some("烟草专卖法第十六条；烟草专卖法实施条例第九条");
        self.record(key, when, &granted, basis)?;
        self.record(&licence, when, &issued, basis)?;
        if let Some(predecessor) = predecessor {
            self.succeed(key, when, &predecessor, &licence)?;
        }
        Ok(licence)
    }

    /// The licence that the new one takes the place of is closed, unless it has ended already.
    fn succeed(
        &mut self,
        application: &MatterKey,
        when: &When,
        predecessor: &About,
        licence: &MatterKey,
    ) -> Result<(), Problem> {
        let key: MatterKey = predecessor.licence.parse()?;
        let stands: Licence = self.writing.load(&key)?;
        if !askable(stands.standing_on(self.today())).contains(&Kind::Closing) {
            return Ok(());
        }
        let closed = Closed {
            application: application.to_string(),
            from: when.day,
            successor: Some(licence.to_string()),
            head: self.who.signer(),
        };
        self.record(&key, when, &LicenceAct::Closed(closed), None)
    }

    /// Decision and licence are handed over (L4 art. 44).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn serve(&mut self, key: &MatterKey, when: &When, handing: HandingOver) -> Result<(), Problem> {
        let application: Application = self.writing.load(key)?;
        let dated = (PaperSeries::ServiceReceipt, when.day);
        let paper = paper_number(self.writing, self.setting.bureau, "receipt", dated)?;
        let served = application.serve(&self.step(when), handing, paper)?;
        let basis = application.issued_licence().map(|_| "行政许可法第四十四条");
        self.record(key, when, &ApplicationAct::Served(served.clone()), basis)?;
        match application.issued_licence() {
            Some(licence) => self.record(&licence.parse()?, when, &LicenceAct::Served(served), basis),
            None => Ok(()),
        }
    }

    /// An officer with his certificates.
    ///
    /// # Errors
    /// Refused beside `field` when there is no such officer.
    pub fn inspector(&mut self, id: &str, field: &'static str) -> Result<Inspector, Problem> {
        let found = register::inspector(self.writing.sql(), id)?;
        found.ok_or_else(|| Refusal::on(field, "application-refusal-officer-unknown").into())
    }

    /// An officer as he signs a receipt of service today.
    ///
    /// # Errors
    /// Refused beside `field` when there is no such officer.
    pub fn colleague(&mut self, id: &str, field: &'static str) -> Result<Signer, Problem> {
        let today = self.today();
        self.server((id, field), today)
    }

    /// An officer as he signed a receipt of service on that day, with the certificate he held then.
    ///
    /// # Errors
    /// Refused beside `field` when there is no such officer.
    pub fn server(&mut self, (id, field): (&str, &'static str), day: Date) -> Result<Signer, Problem> {
        Ok(self.inspector(id, field)?.signer(day))
    }

    fn decision_facts(
        &mut self,
        key: &MatterKey,
        application: &Application,
        when: &When,
    ) -> Result<DecisionFacts, Problem> {
        let subject = application.submitted.as_ref().and_then(|submitted| submitted.holder.subject);
        let (number, serial) = self.licence_number(subject.unwrap_or(Subject::Individual))?;
        Ok(DecisionFacts {
            application: key.to_string(),
            licence: MatterKey::new("licence", self.writing.new_id()?).to_string(),
            number,
            serial,
            supplier: self.setting.bureau.supplier.zh.clone(),
            paper: self.paper_number_today("decision-grant", PaperSeries::Decision)?,
            longest: due(self.setting.law, VALIDITY, when.day, &[]).map_err(refused)?.strict,
            due: due(self.setting.law, DELIVERY, when.day, &[]).map_err(refused)?,
        })
    }

    /// The next licence number: after the highest the register knows, imports included, and after all ever granted,
    /// so that none is used twice even when a licence has been erased from the register.
    fn licence_number(&mut self, subject: Subject) -> Result<(String, i64), Problem> {
        let scheme = &self.setting.bureau.scheme;
        let highest = register::highest_serial(self.writing.sql(), scheme, subject)?;
        let series = scheme.series(subject);
        self.writing.raise_number(&series, highest)?;
        let serial = self.writing.next_number(&series)?;
        let number = scheme.format(subject, serial);
        Ok((number.map_err(|_| Refusal::new("application-refusal-numbers-used-up"))?, serial))
    }

    /// A paper issued here bears the day on which it is really made; an earlier day of the fact stands in its text.
    fn paper_number_today(&mut self, kind: &str, series: PaperSeries) -> Result<PaperNumber, Problem> {
        let today = self.today();
        paper_number(self.writing, self.setting.bureau, kind, (series, today))
    }

    fn today(&self) -> Date {
        law::shanghai_day(self.writing.now())
    }

    fn step<'s>(&'s self, when: &'s When) -> Step<'s> {
        Step { who: self.who, when, today: self.today() }
    }

    /// Whether the fonts have what a letter to the holder bears: imports bring any character.
    fn prints(&self, licence: &Licence) -> bool {
        self.demand_printable(licence).is_ok()
    }

    fn demand_printable(&self, licence: &Licence) -> Result<(), Problem> {
        match &licence.data {
            Some(data) => check_glyphs(self.setting.press, &(&data.holder, &data.premises)),
            None => Ok(()),
        }
    }

    fn record<B: Body>(
        &mut self,
        key: &MatterKey,
        when: &When,
        body: &B,
        basis: Option<&str>,
    ) -> Result<(), Problem> {
        check_glyphs(self.setting.press, body)?;
        let today = self.today();
        append(self.writing, key, body, (when.day < today).then_some(when), basis)?;
        Ok(())
    }
}

/// The next number of a paper: gap-free per series and year, given back when the command is refused.
///
/// # Errors
/// When the region names no such series or its numbers are used up.
pub fn paper_number(
    writing: &mut Writing,
    bureau: &Bureau,
    kind: &str,
    (series, dated): (PaperSeries, Date),
) -> Result<PaperNumber, Problem> {
    let (text, serial) = numbered(writing, bureau, kind, dated)?;
    Ok(PaperNumber { series, text, year: i64::from(dated.year()), serial, dated })
}

/// The next number of a series by the bureau's pattern, with its serial.
fn numbered(
    writing: &mut Writing,
    bureau: &Bureau,
    kind: &str,
    dated: Date,
) -> Result<(String, i64), Problem> {
    let serial = writing.next_number(&format!("paper/{kind}/{}", dated.year()))?;
    let text = bureau.paper_number(kind, dated.year(), serial).map_err(anyhow::Error::from)?;
    Ok((text, serial))
}

/// Records an act, as of an earlier day where `earlier` names one.
///
/// # Errors
/// As the ledger.
pub fn append<B: Body>(
    writing: &mut Writing,
    key: &MatterKey,
    body: &B,
    earlier: Option<&When>,
    basis: Option<&str>,
) -> Result<Recorded, Problem> {
    let draft = Draft {
        matter: key,
        body,
        effective: earlier.map(|when| law::day_start(when.day)),
        reason: earlier.and_then(|when| when.reason.clone()),
        basis: basis.map(str::to_owned),
    };
    Ok(writing.append(draft)?)
}

/// Refuses what could not be printed, before it is recorded: a paper with boxes for characters is a false paper.
fn check_glyphs(press: &Press, body: &impl Serialize) -> Result<(), Problem> {
    let mut words = serde_json::to_value(body)?;
    if let Some(fields) = words.as_object_mut() {
        // Names of files are never printed.
        fields.retain(|name, _| name != "attachments" && name != "photos");
    }
    press.covers(&words).map_err(|refusal| unprintable(&refusal))
}

fn unprintable(refusal: &paper::Refusal) -> Problem {
    let arguments = refusal.arguments();
    let reason = arguments
        .into_iter()
        .fold(Refusal::new(refusal.key()), |reason, (name, value)| reason.with(name, value));
    reason.into()
}

/// A time limit that the law data do not give for the day that was entered.
pub(super) fn refused(refusal: law::Refusal) -> Problem {
    Refusal::on("day", refusal.key()).into()
}
