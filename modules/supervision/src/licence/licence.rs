//! One licence with its outlet: the fold of its acts (一户一档).

use jiff::civil::Date;
use ledger::{Act, Actor, Matter};

use super::acts::*;

/// The licence as its acts have made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licence {
    /// `None` before the first act and after erasure.
    pub data: Option<LicenceData>,
    /// Key of the application it was granted on; `None` for an imported one.
    pub application: Option<String>,
    /// The paper of the licence and the act that issued it.
    pub paper: Option<(i64, PaperNumber)>,
    /// The day on which it reached the holder.
    pub served: Option<Date>,
    /// The register it was imported from.
    pub source: Option<String>,
    /// Its standing, which the headers tell also after erasure; expiry is not in it.
    pub standing: Option<Standing>,
    /// Sheets of the licence that this bureau issued.
    pub sheets: i64,
    /// First and last day of the suspension it is in.
    pub suspension: Option<(Date, Date)>,
    /// A standing that begins later: what it is until then, and the day on which it begins.
    pub starts: Option<(Option<Standing>, Date)>,
    /// Until when things are to be put right.
    pub rectify_until: Option<Date>,
    /// The measure that is proposed and not decided.
    pub proposal: Option<MeasureProposed>,
    /// Who proposed it, as the header tells: he does not decide (four eyes).
    pub proposer: Option<String>,
    /// The day on which the holder was last reminded to ask for renewal.
    pub reminded: Option<Date>,
    /// Day of the latest step; the next cannot lie before it.
    pub latest: Option<Date>,
}

impl Licence {
    /// What the licence is worth on `day`: expiry needs no act (细则 art. 48).
    pub fn standing_on(&self, day: Date) -> Option<Standing> {
        let until = self.data.as_ref().and_then(|data| data.valid_until);
        let standing = match self.starts {
            Some((before, from)) if day < from => before,
            _ => self.standing,
        };
        standing_on(standing, until, day)
    }

    /// The last day of validity, when the holder may ask for renewal and has not been reminded in this period.
    pub fn to_be_reminded(&self, today: Date) -> Option<Date> {
        let until = self.data.as_ref().and_then(|data| data.valid_until)?;
        let running = matches!(
            self.standing_on(today),
            Some(Standing::Valid | Standing::Suspended | Standing::Rectifying)
        );
        let begun = self.data.as_ref().and_then(|data| data.valid_from);
        let reminded = self.reminded.is_some_and(|day| begun.is_none_or(|begun| begun <= day));
        (running && !reminded).then_some(until)
    }

    fn take(&mut self, act: &Act, body: LicenceAct) {
        match body {
            LicenceAct::Imported(body) => {
                self.source = Some(body.source);
                self.data = Some(body.data);
            }
            LicenceAct::ImportChanged(body) => {
                self.source = Some(body.source);
                self.data = Some(body.data);
            }
            LicenceAct::Granted(body) => {
                self.application = Some(body.application);
                self.paper = Some((act.header.number, body.paper));
                self.data = Some(body.data);
            }
            LicenceAct::Changed(body) => {
                self.issue(act, body.paper);
                self.amend(|data| {
                    data.holder = body.holder;
                    data.premises = body.premises;
                    data.scope = body.scope;
                });
            }
            LicenceAct::Renewed(body) => {
                self.issue(act, body.paper);
                self.amend(|data| {
                    data.valid_from = Some(body.valid_from);
                    data.valid_until = Some(body.valid_until);
                });
            }
            LicenceAct::Replaced(body) => self.issue(act, body.paper),
            LicenceAct::Suspended(body) => {
                self.begin_on(act, body.from);
                self.suspension = Some((body.from, body.until));
            }
            LicenceAct::Resumed(body) => self.begin_on(act, body.from),
            LicenceAct::Closed(body) => self.begin_on(act, body.from),
            LicenceAct::Rectifying(body) => self.rectify_until = body.until,
            LicenceAct::MeasureProposed(body) => self.proposal = Some(body),
            LicenceAct::RenewalReminded(_)
            | LicenceAct::MeasureDropped(_)
            | LicenceAct::Rectified(_)
            | LicenceAct::Disqualified(_)
            | LicenceAct::Revoked(_)
            | LicenceAct::Withdrawn(_)
            | LicenceAct::Deregistered(_)
            | LicenceAct::Served(_) => {}
        }
    }

    /// The standing that an act brings begins on the day that was asked for, if that lies ahead.
    fn begin_on(&mut self, act: &Act, from: Date) {
        let ahead = law::shanghai_day(act.header.effective) < from;
        self.starts = ahead.then_some((self.standing, from));
    }

    /// A new sheet, the latest being the one in force.
    fn issue(&mut self, act: &Act, paper: PaperNumber) {
        self.paper = Some((act.header.number, paper));
    }

    fn amend(&mut self, change: impl FnOnce(&mut LicenceData)) {
        if let Some(data) = &mut self.data {
            change(data);
        }
    }

    /// What the header alone says; the bodies of erased acts are gone for good.
    fn take_header(&mut self, act: &Act) {
        let (kind, day) = (act.header.kind.as_str(), law::shanghai_day(act.header.effective));
        match kind {
            "licence.imported" | "licence.import-changed" => {
                self.standing = self.data.as_ref().map_or(self.standing, |data| data.standing);
                self.settle(kind);
                return;
            }
            "licence.served" => self.served = Some(day),
            "licence.renewal-reminded" => self.reminded = Some(day),
            "licence.measure-proposed" => self.proposer = officer(act),
            _ => {}
        }
        if brings(kind).is_some()
            && !matches!(kind, "licence.suspended" | "licence.resumed" | "licence.closed")
        {
            self.starts = None;
        }
        if let Some(standing) = brings(kind) {
            self.standing = Some(standing);
            self.amend(|data| data.standing = Some(standing));
        }
        self.settle(kind);
        self.latest = Some(day);
    }

    /// What an act of this kind puts an end to.
    fn settle(&mut self, kind: &str) {
        if decides(kind) {
            (self.proposal, self.proposer) = (None, None);
        }
        if self.standing != Some(Standing::Suspended) {
            self.suspension = None;
        }
        if self.standing != Some(Standing::Rectifying) {
            self.rectify_until = None;
        }
        if matches!(kind, "licence.granted" | "licence.changed" | "licence.renewed" | "licence.replaced") {
            self.sheets += 1;
        }
    }
}

/// The number of the paper an act issues, if it issues one.
pub fn paper_of(body: &LicenceAct) -> Option<&PaperNumber> {
    match body {
        LicenceAct::Granted(body) => Some(&body.paper),
        LicenceAct::Changed(body) => Some(&body.paper),
        LicenceAct::Renewed(body) => Some(&body.paper),
        LicenceAct::Replaced(body) => Some(&body.paper),
        LicenceAct::RenewalReminded(body) => Some(&body.paper),
        LicenceAct::MeasureProposed(body) => Some(&body.paper),
        LicenceAct::Rectifying(body)
        | LicenceAct::Disqualified(body)
        | LicenceAct::Revoked(body)
        | LicenceAct::Withdrawn(body)
        | LicenceAct::Deregistered(body) => Some(&body.paper),
        _ => None,
    }
}

fn officer(act: &Act) -> Option<String> {
    match &act.header.actor {
        Actor::Officer(id) => Some(id.clone()),
        _ => None,
    }
}

/// Whether an act of this kind decides a proposed measure.
fn decides(kind: &str) -> bool {
    matches!(
        kind,
        "licence.measure-dropped"
            | "licence.rectifying"
            | "licence.disqualified"
            | "licence.revoked"
            | "licence.withdrawn"
            | "licence.deregistered"
    )
}

/// The standing that an act of this kind brings.
pub fn brings(kind: &str) -> Option<Standing> {
    Some(match kind {
        "licence.granted" | "licence.resumed" | "licence.rectified" => Standing::Valid,
        "licence.suspended" => Standing::Suspended,
        "licence.closed" => Standing::Closed,
        "licence.rectifying" => Standing::Rectifying,
        "licence.disqualified" => Standing::Disqualified,
        "licence.revoked" => Standing::Revoked,
        "licence.withdrawn" => Standing::Withdrawn,
        "licence.deregistered" => Standing::Deregistered,
        _ => return None,
    })
}

impl Matter for Licence {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        if !act.header.kind.starts_with("licence.") {
            return Ok(());
        }
        if let Some(body) = act.read::<LicenceAct>()? {
            self.take(act, body);
        }
        self.take_header(act);
        Ok(())
    }
}

/// A standing as of `day`, given the last day of validity: one that still ran has expired the day after.
pub fn standing_on(standing: Option<Standing>, valid_until: Option<Date>, day: Date) -> Option<Standing> {
    let running = matches!(standing, Some(Standing::Valid | Standing::Suspended | Standing::Rectifying));
    let over = valid_until.is_some_and(|last| last < day);
    if running && over { Some(Standing::Expired) } else { standing }
}

/// The fields in which two licences differ: name of the field, before, after. A missing value is an empty text.
pub fn differences(before: &LicenceData, after: &LicenceData) -> Vec<(String, String, String)> {
    let (Ok(before), Ok(after)) = (serde_json::to_value(before), serde_json::to_value(after)) else {
        return Vec::new();
    };
    let (mut old, mut new) = (Default::default(), Default::default());
    flatten("", &before, &mut old);
    flatten("", &after, &mut new);
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let value = |side: &Flat, name: &String| side.get(name).cloned().unwrap_or_default();
    let rows = names.into_iter().map(|name| (name.clone(), value(&old, name), value(&new, name)));
    rows.filter(|(_, before, after)| before != after).collect()
}

type Flat = std::collections::BTreeMap<String, String>;

fn flatten(path: &str, value: &serde_json::Value, into: &mut Flat) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, field, into);
            }
        }
        serde_json::Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_licence_expires_by_itself_the_day_after_its_last() {
        let last = Some(date(2026, 11, 30));
        assert_eq!(standing_on(Some(Standing::Valid), last, date(2026, 11, 30)), Some(Standing::Valid));
        assert_eq!(standing_on(Some(Standing::Valid), last, date(2026, 12, 1)), Some(Standing::Expired));
        assert_eq!(standing_on(Some(Standing::Closed), last, date(2026, 12, 1)), Some(Standing::Closed));
        assert_eq!(standing_on(None, last, date(2026, 12, 1)), None);
    }

    #[test]
    fn differences_name_field_before_and_after() {
        let mut before = LicenceData { number: "330421100001".into(), ..LicenceData::default() };
        before.premises.address = Some("罗星街道人民大道1号".into());
        let mut after = before.clone();
        after.premises.address = Some("罗星街道人民大道2号".into());
        after.tier = Some(12);
        let found = differences(&before, &after);
        let fields: Vec<&str> = found.iter().map(|(field, _, _)| field.as_str()).collect();
        assert_eq!(fields, ["premises.address", "tier"]);
        assert_eq!((found[1].1.as_str(), found[1].2.as_str()), ("", "12"));
        assert!(differences(&before, &before).is_empty());
    }
}
