//! Check characters of Chinese identifiers: GB 32100 (credit code), GB 11643 (identity number), and the form of telephone numbers.

const CREDIT_CODE_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_CODE_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const IDENTITY_CHARACTERS: &[u8; 11] = b"10X98765432";
const IDENTITY_WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Whether the text is a unified social credit code with the right check character (GB 32100-2015).
#[must_use]
pub fn credit_code(text: &str) -> bool {
    text.len() == 18 && text.is_ascii() && credit_code_check(&text[..17]) == text.chars().last()
}

/// The check character for the first 17 characters; `None` if one of them may not stand there.
#[must_use]
pub fn credit_code_check(first: &str) -> Option<char> {
    if first.len() != CREDIT_CODE_WEIGHTS.len() {
        return None;
    }
    let values = first.bytes().map(|byte| CREDIT_CODE_CHARACTERS.iter().position(|own| *own == byte));
    let sum =
        values.zip(CREDIT_CODE_WEIGHTS).try_fold(0, |sum, (value, weight)| Some(sum + value? * weight))?;
    Some(char::from(CREDIT_CODE_CHARACTERS[(31 - sum % 31) % 31]))
}

/// Whether the text is a resident identity number: 18 characters, a real birthday, the right check character (GB 11643-1999).
#[must_use]
pub fn identity_number(text: &str) -> bool {
    text.len() == 18
        && text.is_ascii()
        && birthday(&text[6..14]).is_some()
        && identity_check(&text[..17]) == text.chars().last().map(|last| last.to_ascii_uppercase())
}

/// The check character for the first 17 digits; `None` if they are no digits.
#[must_use]
pub fn identity_check(first: &str) -> Option<char> {
    if first.len() != IDENTITY_WEIGHTS.len() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: usize =
        first.bytes().zip(IDENTITY_WEIGHTS).map(|(byte, weight)| usize::from(byte - b'0') * weight).sum();
    Some(char::from(IDENTITY_CHARACTERS[sum % 11]))
}

/// Whether the text has the form of a telephone number of mainland China: a mobile number, or area code and 7 or 8 digits.
#[must_use]
pub fn phone(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let bytes = text.as_bytes();
    if bytes.len() == 11 && digits(text) && bytes[0] == b'1' {
        return (b'3'..=b'9').contains(&bytes[1]);
    }
    let split = text.split_once('-').or_else(|| split_landline(text));
    split.is_some_and(|(area, own)| {
        area.starts_with('0')
            && (3..=4).contains(&area.len())
            && digits(area)
            && (7..=8).contains(&own.len())
            && digits(own)
            && !own.starts_with('0')
    })
}

/// An area code written without a hyphen: 3 digits (010, 02x) or 4.
fn split_landline(text: &str) -> Option<(&str, &str)> {
    let three = text.starts_with("010") || text.starts_with("02");
    text.split_at_checked(if three { 3 } else { 4 })
}

fn birthday(text: &str) -> Option<jiff::civil::Date> {
    let year = text.get(..4)?.parse().ok().filter(|year| (1900..=2100).contains(year))?;
    jiff::civil::Date::new(year, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_identifiers_pass() {
        // The example of GB 11643-1999 and published codes of listed companies.
        assert!(identity_number("11010519491231002X"));
        assert!(!identity_number("440524188001010014"), "nobody born in 1880 applies");
        assert!(credit_code("91350100M000100Y43"), "the example of GB 32100-2015");
    }

    #[test]
    fn an_impossible_birthday_is_no_identity() {
        let first = "33042119900230001";
        let whole = format!("{first}{}", identity_check(first).unwrap());
        assert!(!identity_number(&whole));
    }

    #[test]
    fn telephone_numbers_have_two_forms() {
        for good in
            ["13812345678", "19900000000", "0573-84022222", "057384022222", "021-5972000", "02159720000"]
        {
            assert!(phone(good), "{good}");
        }
        for bad in [
            "",
            "1381234567",
            "12812345678",
            "138-1234-5678",
            "0573-0402222",
            "84022222",
            "1381234567８",
            "+8613812345678",
        ] {
            assert!(!phone(bad), "{bad}");
        }
    }

    fn credit_code_body() -> impl Strategy<Value = String> {
        proptest::collection::vec(0_usize..31, 17).prop_map(|values| {
            values.into_iter().map(|value| char::from(CREDIT_CODE_CHARACTERS[value])).collect()
        })
    }

    proptest! {
        #[test]
        fn any_single_wrong_character_of_a_credit_code_is_found(body in credit_code_body(), place in 0_usize..18, other in 0_usize..31) {
            let whole = format!("{body}{}", credit_code_check(&body).unwrap());
            prop_assert!(credit_code(&whole));
            let mut bytes = whole.clone().into_bytes();
            let wrong = CREDIT_CODE_CHARACTERS[other];
            prop_assume!(bytes[place] != wrong);
            bytes[place] = wrong;
            prop_assert!(!credit_code(&String::from_utf8(bytes).unwrap()));
        }

        #[test]
        fn any_single_wrong_digit_of_an_identity_number_is_found(area in "[1-6][0-9]{5}", year in 1950..2008, month in 1..=12, day in 1..=28, order in "[0-9]{3}", place in 0_usize..17, other in b'0'..=b'9') {
            let first = format!("{area}{year}{month:02}{day:02}{order}");
            let whole = format!("{first}{}", identity_check(&first).unwrap());
            prop_assert!(identity_number(&whole));
            let mut bytes = whole.into_bytes();
            prop_assume!(bytes[place] != other);
            bytes[place] = other;
            prop_assert!(!identity_number(&String::from_utf8(bytes).unwrap()));
        }

        #[test]
        fn no_text_makes_the_checks_panic(text in "\\PC{0,24}") {
            let _ = (credit_code(&text), identity_number(&text), phone(&text));
        }
    }
}
