//! Requests about a licence that stands, and what the node does when a renewal was not decided in time.

use jiff::civil::Date;
use law::Law;
use ledger::{MatterKey, Writing};
use site::{Problem, Refusal};

use super::{Office, When, append, numbered, paper_number, refused};
use crate::bureau::Bureau;
use crate::licence::acts::*;
use crate::licence::application::Application;
use crate::licence::clock::{
    CORRECTION_NOTICE, DELIVERY, RENEWAL_DECISION, RENEWAL_REQUEST, SUSPENSION_LONGEST, VALIDITY, due,
};
use crate::licence::licence::Licence;
use crate::licence::register;
use crate::licence::requests::{PermitFacts, Request, RequestFacts, ask};

impl Office<'_, '_> {
    /// Receives a request about a licence (细则 art. 11).
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn ask(&mut self, licence: &MatterKey, when: &When, request: Request) -> Result<MatterKey, Problem> {
        let stands: Licence = self.writing.load(licence)?;
        let (number, _) = numbered(self.writing, self.setting.bureau, "application", when.day)?;
        let open = register::open_request(self.writing.sql(), licence, request.kind)?;
        let law = self.setting.law;
        let longest = request.wish.from.map(|from| due(law, SUSPENSION_LONGEST, from, &[])).transpose();
        let longest = longest.map_err(|refusal| Problem::from(Refusal::on("from", refusal.key())))?;
        let facts = RequestFacts {
            licence: licence.to_string(),
            number,
            open,
            longest_suspension: longest.map(|limit| limit.loose),
            due: due(law, CORRECTION_NOTICE, when.day, &[]).map_err(refused)?,
        };
        let body = ask(&self.step(when), request, &stands, self.setting.bureau, facts)?;
        let key = MatterKey::new("application", self.writing.new_id()?);
        self.record(&key, when, &body, Some("行政许可法第三十二条"))?;
        Ok(key)
    }

    /// The decision to permit what was asked for about a licence; the licence follows in the same transaction.
    ///
    /// # Errors
    /// As the verb refuses.
    pub fn permit(
        &mut self,
        key: &MatterKey,
        when: &When,
        decided: (String, Option<Date>),
    ) -> Result<MatterKey, Problem> {
        let application: Application = self.writing.load(key)?;
        let licence = about(&application)?;
        let stands: Licence = self.writing.load(&licence)?;
        let (bureau, law) = (self.setting.bureau, self.setting.law);
        let facts = permit_facts(self.writing, (bureau, law), key, &stands, when.day)?;
        let (permitted, effect) = application.permit(&self.step(when), decided, &stands, facts)?;
        let basis = Some(basis_of(application.kind()));
        self.record(key, when, &permitted, basis)?;
        self.record(&licence, when, &effect, basis)?;
        Ok(licence)
    }

    /// Reminds a holder in time to ask for renewal; gives false when nobody is to be reminded: it no longer stands, has no
    /// end, is reminded already, has asked, the day is over, or its name has a character that no font has.
    ///
    /// # Errors
    /// When store or law data fail.
    pub fn remind(&mut self, licence: &MatterKey, when: &When) -> Result<bool, Problem> {
        let stands: Licence = self.writing.load(licence)?;
        let asked = register::open_request(self.writing.sql(), licence, Kind::Renewal)?;
        let Some(valid_until) = stands.to_be_reminded(when.day).filter(|_| !asked) else {
            return Ok(false);
        };
        let limit = due(self.setting.law, RENEWAL_REQUEST, valid_until, &[]).map_err(refused)?;
        if limit.strict < when.day || !self.prints(&stands) {
            return Ok(false);
        }
        let paper = self.paper_number_today("renewal-reminder", PaperSeries::RenewalReminder)?;
        let clerk = self.who.signer();
        let body = LicenceAct::RenewalReminded(RenewalReminded { valid_until, due: limit, paper, clerk });
        self.record(licence, when, &body, Some("行政许可法第五十条第一款"))?;
        Ok(true)
    }
}

/// The licence that an application is about.
fn about(application: &Application) -> Result<MatterKey, Problem> {
    let about = application.about().ok_or_else(|| Refusal::new("licence-refusal-erased"))?;
    Ok(about.licence.parse()?)
}

/// What a decision of that day on a request needs; its papers bear the day on which they are really made.
fn permit_facts(
    writing: &mut Writing,
    (bureau, law): (&Bureau, &Law),
    application: &MatterKey,
    stands: &Licence,
    decided: Date,
) -> Result<PermitFacts, Problem> {
    let today = law::shanghai_day(writing.now());
    Ok(PermitFacts {
        application: application.to_string(),
        paper: paper_number(writing, bureau, "decision-grant", (PaperSeries::Decision, today))?,
        sheet: next_sheet(stands, today),
        validity: validity(law, stands, decided)?,
        due: due(law, DELIVERY, decided, &[]).map_err(refused)?,
    })
}

/// The sheet after those issued so far; an imported licence has one already, from before.
fn next_sheet(licence: &Licence, today: Date) -> PaperNumber {
    let serial = licence.sheets + 1 + i64::from(licence.source.is_some());
    let number = licence.data.as_ref().map(|data| data.number.clone()).unwrap_or_default();
    let (series, text) = (PaperSeries::Licence, format!("{number}/{serial}"));
    PaperNumber { series, text, year: i64::from(today.year()), serial, dated: today }
}

/// The validity a renewal gives: from the day after the old one ends, for the longest the rule allows (细则 art. 48). One
/// that is decided after expiry does not make lawful what was traded in between.
fn validity(law: &Law, licence: &Licence, decided: Date) -> Result<(Date, Date), Problem> {
    let ends = licence.data.as_ref().and_then(|data| data.valid_until);
    let follows = ends.map_or(Ok(decided), Date::tomorrow).map_err(anyhow::Error::from)?;
    let from = follows.max(decided);
    Ok((from, due(law, VALIDITY, from, &[]).map_err(refused)?.strict))
}

fn basis_of(kind: Kind) -> &'static str {
    match kind {
        Kind::New | Kind::Renewal => "行政许可法第五十条",
        Kind::Change => "行政许可法第四十九条",
        Kind::Suspension | Kind::Resumption => "烟草专卖许可证管理办法实施细则第二十三条（见于二手材料）",
        Kind::Closing | Kind::Replacement => "烟草专卖许可证管理办法实施细则第十一条（见于二手材料）",
    }
}

/// Records that a renewal was granted by law, as of the day after expiry (L4 art. 50(2)).
///
/// # Errors
/// When store or law data fail. Refused when an officer decided a moment before.
pub fn deem_renewed(
    writing: &mut Writing,
    bureau: &Bureau,
    law: &Law,
    key: &MatterKey,
) -> Result<(), Problem> {
    let application: Application = writing.load(key)?;
    let licence = about(&application)?;
    let stands: Licence = writing.load(&licence)?;
    let Some(expiry) = application.about().and_then(|about| about.valid_until) else { return Ok(()) };
    let day = expiry.tomorrow().map_err(anyhow::Error::from)?;
    let today = law::shanghai_day(writing.now());
    let facts = permit_facts(writing, (bureau, law), key, &stands, day)?;
    let silence = due(law, RENEWAL_DECISION, expiry, &[]).map_err(refused)?;
    let (granted, renewed) = application.deem_renewed(today, &stands, facts, silence)?;
    let when =
        When { day, reason: Some("有效期届满前未作出决定，视为准予延续".to_owned()) };
    let basis = Some("行政许可法第五十条第二款");
    append(writing, key, &granted, Some(&when), basis)?;
    append(writing, &licence, &renewed, Some(&when), basis)?;
    Ok(())
}
