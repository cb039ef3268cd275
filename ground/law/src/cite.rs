//! Citations as a lawyer writes them.

use crate::statute::{Basis, Statute};
use crate::text::Text;

/// The citation of several places, in both languages; places of one statute name it once.
pub(crate) fn citation(basis: &[Basis], statutes: &[Statute]) -> Text {
    let mut text = Text::new("", "");
    let mut last = None;
    for place in basis {
        let Some(statute) = statutes.iter().find(|statute| statute.id == place.statute) else {
            continue;
        };
        let again = last == Some(&place.statute);
        add(&mut text, statute, place, again);
        last = Some(&place.statute);
    }
    text
}

fn add(text: &mut Text, statute: &Statute, place: &Basis, again: bool) {
    let (zh, en) = (place_zh(place), place_en(place));
    if !text.zh.is_empty() {
        text.zh.push('、');
        text.en.push_str(if again { ", " } else { "; " });
    }
    if again {
        text.zh.push_str(&zh);
        text.en.push_str(&en);
    } else {
        text.zh.push_str(&format!("《{}》{zh}", statute.title.zh));
        text.en.push_str(format!("{} {en}", statute.title.en).trim_end());
    }
}

fn place_zh(place: &Basis) -> String {
    let part = |n: Option<u16>, word: &str| n.map_or(String::new(), |n| format!("第{}{word}", numeral(n)));
    let item = place.item.map_or(String::new(), |n| format!("第（{}）项", numeral(n)));
    format!("{}{}{item}", part(place.article, "条"), part(place.paragraph, "款"))
}

fn place_en(place: &Basis) -> String {
    let bracket = |n: Option<u16>| n.map_or(String::new(), |n| format!("({n})"));
    let article = place.article.map_or(String::new(), |n| format!("art. {n}"));
    format!("{article}{}{}", bracket(place.paragraph), bracket(place.item))
}

/// A number below ten thousand in Chinese numerals, as articles are counted.
pub(crate) fn numeral(n: u16) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if n < 10 {
        return DIGITS[usize::from(n)].to_string();
    }
    let mut text = String::new();
    let mut gap = false;
    for (value, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = n / value % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
        }
        gap = false;
        // 十五, not 一十五, at the head of a number.
        if !(digit == 1 && value == 10 && text.is_empty()) {
            text.push(DIGITS[usize::from(digit)]);
        }
        text.push_str(unit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::numeral;

    #[test]
    fn articles_are_counted_as_printed() {
        let known = [(5, "五"), (10, "十"), (15, "十五"), (20, "二十"), (42, "四十二"), (101, "一百零一")];
        for (n, expected) in
            known.into_iter().chain([(110, "一百一十"), (1259, "一千二百五十九"), (1005, "一千零五")])
        {
            assert_eq!(numeral(n), expected);
        }
    }
}
