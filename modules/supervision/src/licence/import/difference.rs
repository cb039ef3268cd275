//! What a newer file says otherwise than the register: field by field, before and after.

use serde::{Deserialize, Serialize};

use crate::licence::{self, data::LicenceData};

/// One field that differs. An absent value is the empty text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Path of the field in the stored licence, e.g. `premises.address`.
    pub field: String,
    pub before: String,
    pub after: String,
}

/// All fields in which the two differ, by name.
#[must_use]
pub fn differences(before: &LicenceData, after: &LicenceData) -> Vec<Difference> {
    let found = licence::differences(before, after).into_iter();
    found.map(|(field, before, after)| Difference { field, before, after }).collect()
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
        let found = differences(&before, &after);
        let texts: Vec<_> =
            found.iter().map(|one| (one.field.as_str(), one.before.as_str(), one.after.as_str())).collect();
        assert_eq!(
            texts,
            [("holder.phone", "", "13800000000"), ("premises.address", "西塘镇1号", "西塘镇2号")]
        );
        assert!(differences(&before, &before).is_empty());
    }
}
