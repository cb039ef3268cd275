//! Values as registers write them: dates, states, kinds and areas, read without guessing.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::licence::data::{AreaKind, Point, PremisesKind, Scope, Standing, Subject};

/// A date as `2026-03-02`, `2026/3/2`, `2026.3.2`, `2026年3月2日`, `20260302`, or as the day count of spreadsheets.
/// A time of day behind it is dropped.
#[must_use]
pub fn date_of(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next()?;
    if !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return if day.len() == 8 { compact(day) } else { day_count(day) };
    }
    let plain = day.strip_suffix('日').unwrap_or(day).replace(['年', '月', '/', '.'], "-");
    let mut parts = plain.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    civil(year, month, day)
}

fn compact(text: &str) -> Option<Date> {
    civil(text.get(..4)?, text.get(4..6)?, text.get(6..)?)
}

/// Days since 30 December 1899, between 1954 and 2119: anything else is a slip and no date.
fn day_count(text: &str) -> Option<Date> {
    let days = text.parse::<i32>().ok().filter(|days| (20_000..80_000).contains(days))?;
    date(1899, 12, 30).checked_add(days.days()).ok()
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if ![year, month, day].into_iter().all(digits) {
        return None;
    }
    let year = year.parse().ok().filter(|year| (1900..=2199).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A coordinate in degrees, as millionths.
#[must_use]
pub fn micro_degrees(text: &str) -> Option<i32> {
    let sound =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let degrees: f64 = text.parse().ok().filter(|_| sound)?;
    // 180 degrees are 180,000,000 millionths, well inside i32.
    (degrees.abs() <= 180.0).then(|| (degrees * 1_000_000.0).round() as i32)
}

/// A point, if latitude and longitude can stand together.
#[must_use]
pub fn point(longitude: i32, latitude: i32) -> Option<Point> {
    (latitude.abs() <= 90_000_000).then_some(Point { longitude, latitude })
}

/// The state of a licence by its word.
#[must_use]
pub fn standing(text: &str) -> Option<Standing> {
    Some(match text.to_lowercase().as_str() {
        "有效" | "正常" | "正常经营" | "在用" | "营业" | "valid" | "active" => Standing::Valid,
        "停业" | "暂停营业" | "suspended" => Standing::Suspended,
        "责令整顿" | "停业整顿" | "整顿" | "rectifying" => Standing::Rectifying,
        "歇业" | "closed" => Standing::Closed,
        "期满失效" | "失效" | "过期" | "expired" => Standing::Expired,
        "撤销" | "revoked" => Standing::Revoked,
        "撤回" | "withdrawn" => Standing::Withdrawn,
        "取消资格" | "取消从事烟草专卖业务资格" | "disqualified" => Standing::Disqualified,
        "吊销" | "stripped" => Standing::Stripped,
        "注销" | "deregistered" => Standing::Deregistered,
        _ => return None,
    })
}

/// The kind of holder by its word or digit.
#[must_use]
pub fn subject(text: &str) -> Option<Subject> {
    Some(match text.to_lowercase().as_str() {
        "1" | "个体" | "个体户" | "个体工商户" | "individual" => Subject::Individual,
        "2" | "企业" | "公司" | "法人企业" | "其他组织" | "企业及其他" | "organisation" | "organization" => {
            Subject::Organisation
        }
        _ => return None,
    })
}

/// The kind of area by its word.
#[must_use]
pub fn area(text: &str) -> Option<AreaKind> {
    Some(match text.to_lowercase().as_str() {
        "城市" | "城区" | "城网" | "urban" => AreaKind::Urban,
        "镇" | "乡镇" | "集镇" | "城镇" | "镇网" | "town" => AreaKind::Town,
        "村" | "乡村" | "农村" | "农网" | "村庄" | "village" | "rural" => AreaKind::Village,
        _ => return None,
    })
}

/// The kind of shop by its word; `None` is no fault, the word is then kept as stated.
#[must_use]
pub fn premises_kind(text: &str) -> Option<PremisesKind> {
    Some(match text.to_lowercase().as_str() {
        "食杂店" | "副食店" | "grocery" => PremisesKind::Grocery,
        "便利店" | "convenience" => PremisesKind::Convenience,
        "超市" | "supermarket" => PremisesKind::Supermarket,
        "商场" | "department-store" => PremisesKind::DepartmentStore,
        "烟酒商店" | "烟酒店" | "名烟名酒店" | "tobacco-and-liquor" => {
            PremisesKind::TobaccoAndLiquor
        }
        "娱乐服务类" | "娱乐服务" | "entertainment" => PremisesKind::Entertainment,
        "其他" | "其它" | "other" => PremisesKind::Other,
        _ => return None,
    })
}

/// What may be sold; several are joined by `、`, `，`, `;` or `/`. `None` if one of them is unknown.
#[must_use]
pub fn scopes(text: &str) -> Option<Vec<Scope>> {
    let mut found = Vec::new();
    let plain = text.replace("零售", "").to_lowercase();
    for word in plain.split(['、', '，', ',', ';', '；', '/']).map(str::trim).filter(|word| !word.is_empty())
    {
        let scope = match word {
            "卷烟" | "雪茄烟" | "卷烟雪茄烟" | "cigarettes" | "cigars" => Scope::Cigarettes,
            "电子烟" | "e-cigarettes" | "electronic-cigarettes" => Scope::ElectronicCigarettes,
            _ => return None,
        };
        if !found.contains(&scope) {
            found.push(scope);
        }
    }
    found.sort_unstable();
    (!found.is_empty()).then_some(found)
}

/// Whether a full-width letter, digit or sign (Ａ, ０, －) stands in the text.
#[must_use]
pub fn has_full_width(text: &str) -> bool {
    text.chars().any(|character| ('\u{ff01}'..='\u{ff5e}').contains(&character))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_date_is_read_in_every_form_in_use() {
        for text in [
            "2026-03-02",
            "2026/3/2",
            "2026/03/02",
            "2026.3.2",
            "2026年3月2日",
            "2026年03月02日",
            "20260302",
            "46083",
            "2026-03-02 00:00:00",
            "2026-03-02T08:30:00",
        ] {
            assert_eq!(date_of(text), Some(date(2026, 3, 2)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in [
            "",
            "2026-02-30",
            "2026-13-01",
            "02/03/2026",
            "3.2.26",
            "长期",
            "12",
            "2026-3",
            "2026-03-02-1",
            "+2026-3-2",
            "２０２６-03-02",
            "99999999",
        ] {
            assert_eq!(date_of(text), None, "{text}");
        }
    }

    #[test]
    fn scopes_are_joined_in_several_ways() {
        assert_eq!(scopes("卷烟、雪茄烟零售"), Some(vec![Scope::Cigarettes]));
        assert_eq!(
            scopes("电子烟零售，卷烟零售"),
            Some(vec![Scope::Cigarettes, Scope::ElectronicCigarettes])
        );
        assert_eq!(scopes("药品"), None);
    }

    #[test]
    fn coordinates_are_kept_as_millionths() {
        assert_eq!(micro_degrees("120.91138"), Some(120_911_380));
        assert_eq!(micro_degrees("-87.5"), Some(-87_500_000));
        for text in ["", "1e2", "inf", "181", "30.8.2", "北纬30"] {
            assert_eq!(micro_degrees(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn spreadsheets_and_people_mean_the_same_day(days in 20_000_i32..80_000) {
            let day = date_of(&days.to_string()).unwrap();
            prop_assert_eq!(date_of(&day.to_string()), Some(day));
            prop_assert_eq!(date_of(&format!("{}年{}月{}日", day.year(), day.month(), day.day())), Some(day));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = (date_of(&text), micro_degrees(&text), scopes(&text), standing(&text));
        }
    }
}
