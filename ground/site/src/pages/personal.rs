//! Personal numbers in the body of an act: masked by the name of their field and, in free text, by their shape.

use serde_json::Value;

use crate::desk::Mask;

/// Endings of field names that hold a personal number, written without dashes; the words of source columns as well.
const FIELDS: &[(&str, Mask)] = &[
    ("personid", Mask::Identity),
    ("identity", Mask::Identity),
    ("identitynumber", Mask::Identity),
    ("idnumber", Mask::Identity),
    ("idcard", Mask::Identity),
    ("creditcode", Mask::Identity),
    ("身份证", Mask::Identity),
    ("身份证号", Mask::Identity),
    ("身份证号码", Mask::Identity),
    ("证件号", Mask::Identity),
    ("证件号码", Mask::Identity),
    ("信用代码", Mask::Identity),
    ("phone", Mask::Phone),
    ("phones", Mask::Phone),
    ("telephone", Mask::Phone),
    ("mobile", Mask::Phone),
    ("tel", Mask::Phone),
    ("电话", Mask::Phone),
    ("电话号码", Mask::Phone),
    ("手机", Mask::Phone),
    ("手机号", Mask::Phone),
    ("手机号码", Mask::Phone),
    ("联系方式", Mask::Phone),
];

/// Masks every personal number in a body: in full it is shown only with a recorded reason.
pub(crate) fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked_text(text),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match field(name) {
            Some(kind) => mask_as(kind, value),
            None => mask(value),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn field(name: &str) -> Option<Mask> {
    let plain: String = name.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>().to_lowercase();
    FIELDS.iter().find(|(ending, _)| plain.ends_with(ending)).map(|(_, kind)| *kind)
}

/// All that stands in a personal field, whatever it looks like.
fn mask_as(kind: Mask, value: &mut Value) {
    match value {
        Value::String(text) => *text = kind.apply(text),
        Value::Number(number) => *value = Value::String(kind.apply(&number.to_string())),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_as(kind, item)),
        Value::Object(_) => mask(value),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A text in which every word that is a personal number is masked.
fn masked_text(text: &str) -> String {
    let is_apart = |sign: char| !sign.is_ascii_alphanumeric() && sign != '-';
    let pieces = text.split_inclusive(is_apart).map(|piece| {
        let word = piece.trim_end_matches(is_apart);
        shape(word).map_or_else(|| piece.to_owned(), |kind| kind.apply(word) + &piece[word.len()..])
    });
    pieces.collect()
}

/// GB 11643 numbers have 17 digits and a check sign; mobile numbers 11 digits that begin with 1, with or without 86.
fn shape(word: &str) -> Option<Mask> {
    if let Some(head) = word.strip_suffix(|sign: char| sign.is_ascii_digit() || "xX".contains(sign))
        && head.len() == 17
        && is_digits(head)
    {
        return Some(Mask::Identity);
    }
    let home = if word.len() == 13 { word.strip_prefix("86").unwrap_or(word) } else { word };
    let is_mobile = home.len() == 11 && home.starts_with('1') && is_digits(home);
    (is_mobile || is_landline(word)).then_some(Mask::Phone)
}

/// 0573-84022222, 0573-84022222-801 or 02159720000: an area code that begins with 0, then 7 or 8 digits.
fn is_landline(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let fits = match parts.as_slice() {
        [whole] => (10..=12).contains(&whole.len()),
        [area, number] | [area, number, _] => {
            (3..=4).contains(&area.len()) && (7..=8).contains(&number.len())
        }
        _ => false,
    };
    fits && word.starts_with('0') && parts.iter().all(|part| is_digits(part))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn masked(mut body: Value) -> Value {
        mask(&mut body);
        body
    }

    #[test]
    fn personal_numbers_are_masked_wherever_they_stand_in_a_body() {
        let body = json!({
            "person": { "id": "33042119900101123X", "phones": ["13805731234"] },
            "number": "330421100001",
            "serial": 18,
        });
        let expected = json!({
            "person": { "id": "330421********123X", "phones": ["138****1234"] },
            "number": "330421100001",
            "serial": 18,
        });
        assert_eq!(masked(body), expected);
    }

    #[test]
    fn the_name_of_a_field_masks_what_has_no_shape() {
        let body = json!({
            "holder": { "phone": "84022222", "identity_number": "E12345678", "credit_code": "92330421MA2B4C5D6E" },
            "noted": { "联系电话": "84121234", "店主手机": 13_805_731_234_i64 },
            "credit": "A",
            "old-person-id": ["K0931234567890"],
        });
        let expected = json!({
            "holder": { "phone": "********", "identity_number": "*********", "credit_code": "923304********5D6E" },
            "noted": { "联系电话": "********", "店主手机": "138****1234" },
            "credit": "A",
            "old-person-id": ["K09312****7890"],
        });
        assert_eq!(masked(body), expected);
    }

    #[test]
    fn landlines_and_mobiles_in_free_text_are_masked_and_other_numbers_are_not() {
        let body = json!([
            "0573-84022222",
            "02159720000",
            "请拨打0573-84022222-801或13805731234。",
            "+8613805731234",
            "2026-11-25",
            "330421100001",
            "01936542-1234-7abc-8000-000000000001",
        ]);
        let expected = json!([
            "057******2222",
            "021****0000",
            "请拨打057**********-801或138****1234。",
            "+861******1234",
            "2026-11-25",
            "330421100001",
            "01936542-1234-7abc-8000-000000000001",
        ]);
        assert_eq!(masked(body), expected);
    }
}
