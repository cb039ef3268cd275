//! Faults without the personal numbers in them: whoever mends a row finds it by its number in the source.

use std::collections::BTreeSet;

use site::Mask;

use super::fault::{Fault, Kind};
use super::headings;
use super::mapping::{Field, Mapping};

/// The fault's value as pages and files may tell it.
///
/// A value in a column of identity numbers, credit codes or telephones is masked whatever is wrong with it. The credit code
/// of a sole trader stands for a person, and a fault does not tell whose it is. Where no column is known the value is a
/// piece of the line, in which every long run of digits is masked.
#[must_use]
pub fn told(fault: &Fault, mapping: Option<&Mapping>) -> String {
    match &fault.column {
        None => without_numbers(&fault.value),
        Some(column) => match mask_of(&fields(&column.heading, fault.kind, mapping)) {
            Some(mask) => mask.apply(&fault.value),
            None => without_numbers(&fault.value),
        },
    }
}

/// What a column may hold: by the mapping, by its heading, and by what was found wrong with it.
fn fields(heading: &str, kind: Kind, mapping: Option<&Mapping>) -> BTreeSet<Field> {
    let mapped = mapping.into_iter().flat_map(|mapping| &mapping.columns);
    let mapped = mapped.filter(|(_, own)| *own == heading).map(|(field, _)| *field);
    let blamed = match kind {
        Kind::IdentityNumber => Some(Field::IdentityNumber),
        Kind::CreditCode => Some(Field::CreditCode),
        Kind::Phone => Some(Field::Phone),
        _ => None,
    };
    mapped.chain(headings::field_of(heading)).chain(blamed).collect()
}

fn mask_of(fields: &BTreeSet<Field>) -> Option<Mask> {
    if fields.contains(&Field::Phone) {
        return Some(Mask::Phone);
    }
    let coded = [Field::IdentityNumber, Field::CreditCode];
    coded.iter().any(|field| fields.contains(field)).then_some(Mask::Identity)
}

/// Digits of a date (8) and of a licence number (12) stay; other runs of nine or more may be a telephone or an identity
/// number, whole or cut.
fn without_numbers(text: &str) -> String {
    let mut told = String::new();
    let mut run = String::new();
    for sign in text.chars() {
        if is_digit(sign) || (matches!(sign, 'x' | 'X' | 'ｘ' | 'Ｘ') && run.chars().count() == 17) {
            run.push(sign);
        } else {
            told.push_str(&masked_run(&run));
            run.clear();
            told.push(sign);
        }
    }
    told + &masked_run(&run)
}

/// Full-width digits (０ … ９) are digits to a reader.
fn is_digit(sign: char) -> bool {
    sign.is_ascii_digit() || ('０'..='９').contains(&sign)
}

fn masked_run(run: &str) -> String {
    match run.chars().count() {
        0..=8 | 12 => run.to_owned(),
        9..=13 => Mask::Phone.apply(run),
        _ => Mask::Identity.apply(run),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::Column;
    use super::*;

    fn fault(heading: Option<&str>, kind: Kind, value: &str) -> Fault {
        let column = heading.map(|heading| Column { index: 3, heading: heading.into() });
        Fault { row: 2, column, kind, value: value.into(), other_row: None }
    }

    #[test]
    fn columns_of_personal_numbers_are_masked_whatever_is_wrong() {
        let cases = [
            ("身份证号", Kind::IdentityNumber, "330421199001011235", "330421********1235"),
            (
                "身份证号",
                Kind::FullWidth,
                "３３０４２１１９９００１０１１２３５",
                "３３０４２１********１２３５",
            ),
            ("联系电话", Kind::Formula, "=\"13805731234\"", "=\"1*******234\""),
            ("联系电话", Kind::Phone, "1380573123", "**********"),
            ("统一社会信用代码", Kind::CreditCode, "92330421MA2XYZ1230", "923304********1230"),
        ];
        for (heading, kind, value, told_as) in cases {
            assert_eq!(told(&fault(Some(heading), kind, value), None), told_as, "{heading} {value}");
        }
    }

    #[test]
    fn a_column_is_known_by_the_mapping_under_any_heading() {
        let mut mapping = Mapping::default();
        mapping.columns.insert(Field::Phone, "备用".into());
        let fault = fault(Some("备用"), Kind::TooLong, "138-0573-1234");
        assert_eq!(told(&fault, Some(&mapping)), "138******1234");
        assert_eq!(told(&fault, None), "138-0573-1234");
    }

    #[test]
    fn in_a_broken_line_long_numbers_are_masked_and_dates_and_licence_numbers_stay() {
        let line = "330421100001,\"张三,33042119900101123X,13805731234,20240101";
        let masked = "330421100001,\"张三,330421********123X,138****1234,20240101";
        assert_eq!(told(&fault(None, Kind::BrokenQuoting, line), None), masked);
    }

    #[test]
    fn what_is_no_personal_number_is_told_as_it_stands() {
        for (heading, value) in
            [("许可证号", "330421300003"), ("有效期止", "2023-12-31"), ("经营地址", "=1+1")]
        {
            assert_eq!(told(&fault(Some(heading), Kind::NumberFormat, value), None), value);
        }
    }
}
