//! One licence with its outlet: the fold of its acts (一户一档).

use jiff::civil::Date;
use ledger::{Act, Matter};

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
}

impl Licence {
    /// What the licence is worth on `day`: expiry needs no act (细则 art. 48).
    pub fn standing_on(&self, day: Date) -> Option<Standing> {
        self.data.as_ref().and_then(|data| standing_on(data.standing, data.valid_until, day))
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
            LicenceAct::Served(_) => {}
        }
    }
}

impl Matter for Licence {
    fn fold(&mut self, act: &Act) -> anyhow::Result<()> {
        if !act.header.kind.starts_with("licence.") {
            return Ok(());
        }
        if act.header.kind == "licence.served" {
            self.served = Some(law::shanghai_day(act.header.effective));
        }
        if let Some(body) = act.read::<LicenceAct>()? {
            self.take(act, body);
        }
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
