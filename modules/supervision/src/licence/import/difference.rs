//! What a newer file says otherwise than the register: field by field, before and after.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::licence::data::LicenceData;

/// One field that differs. An absent value is the empty text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Path of the field in the stored licence, e.g. `premises.address`.
    pub field: String,
    pub before: String,
    pub after: String,
}

/// All fields in which the two differ, in the order of the stored licence.
///
/// # Errors
/// A licence cannot be written as JSON.
pub fn differences(before: &LicenceData, after: &LicenceData) -> serde_json::Result<Vec<Difference>> {
    let mut found = Vec::new();
    compare("", &serde_json::to_value(before)?, &serde_json::to_value(after)?, &mut found);
    Ok(found)
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(_), Value::Object(_)) => {
            for name in names(before, after) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(
                    &path,
                    before.get(&name).unwrap_or(&Value::Null),
                    after.get(&name).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        _ => {
            found.push(Difference { field: path.to_owned(), before: written(before), after: written(after) })
        }
    }
}

fn names(before: &Value, after: &Value) -> Vec<String> {
    let keys = |value: &Value| {
        value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut names = keys(before);
    names.extend(keys(after).into_iter().filter(|name| before.get(name).is_none()));
    names
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", written(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_listed_with_both_sides() {
        let mut before = LicenceData { number: "330421100001".to_owned(), ..LicenceData::default() };
        before.premises.address = Some("西塘镇1号".to_owned());
        let mut after = before.clone();
        after.premises.address = Some("西塘镇2号".to_owned());
        after.holder.phone = Some("13800000000".to_owned());
        let found = differences(&before, &after).unwrap();
        let texts: Vec<_> =
            found.iter().map(|one| (one.field.as_str(), one.before.as_str(), one.after.as_str())).collect();
        assert_eq!(
            texts,
            [("holder.phone", "", "13800000000"), ("premises.address", "西塘镇1号", "西塘镇2号")]
        );
        assert!(differences(&before, &before).unwrap().is_empty());
    }
}
