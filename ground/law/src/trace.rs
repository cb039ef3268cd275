//! The count told in words a lawyer can check with a wall calendar.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use crate::count::{Direction, First, Roll, Suspension, Unit};
use crate::deadline::{Counted, Deadline, Done, Due, Start};
use crate::rule::Reading;
use crate::text::Text;
use crate::zone::{clock, shanghai_day};

/// How a limit was counted.
pub(crate) fn count(counted: &Counted, extended: (u32, u32), strict: &Due, loose: &Due) -> Text {
    let rule = counted.rule;
    let mut text = opening(counted);
    if rule.strict == rule.loose && extended.0 == extended.1 {
        push(&mut text, &reading(counted, &rule.strict, extended.0, strict));
    } else {
        push(&mut text, &Text::new("从严：", "strict reading: "));
        push(&mut text, &reading(counted, &rule.strict, extended.0, strict));
        push(&mut text, &Text::new("；从宽：", "; loose reading: "));
        push(&mut text, &reading(counted, &rule.loose, extended.1, loose));
    }
    if strict.provisional || loose.provisional {
        let zh = "。所涉年份的放假安排尚未公布，按周一至周五为工作日暂定";
        push(
            &mut text,
            &Text::new(zh, ". The days off of that year are not published: provisional, on the plain week"),
        );
    }
    push(&mut text, &Text::new("。", "."));
    text
}

/// The count with what was done and whether it was in time.
pub(crate) fn judgement(deadline: &Deadline, done: Timestamp, standing: Done) -> Text {
    let day = shanghai_day(done);
    let verdict = match standing {
        Done::InTime => Text::new("未逾期", "in time"),
        Done::Late { workdays } => late(workdays, day, deadline.loose.day),
        Done::LateStrict { workdays } => {
            let late = late(workdays, day, deadline.strict.day);
            Text::new(
                format!("从严{}，从宽未逾期，不认定逾期", late.zh),
                format!("{} on the strict reading, in time on the loose one: no breach is found", late.en),
            )
        }
    };
    Text::new(
        format!("{}{}办理，{}。", deadline.trace.zh, day_zh(day), verdict.zh),
        format!("{} Handled {}: {}.", deadline.trace.en, day_en(day), verdict.en),
    )
}

fn late(workdays: i64, done: Date, due: Date) -> Text {
    let days = due.until(done).map_or(0, |span| span.get_days());
    match (workdays, days) {
        (0, 0) => Text::new("当日逾时", "late within the day"),
        (0, days) => Text::new(
            format!("逾期{days}日（均为休息日）"),
            format!("late by {}, all off", plural(days.into(), "day")),
        ),
        (n, _) => Text::new(format!("逾期{n}个工作日"), format!("late by {}", plural(n, "working day"))),
    }
}

fn opening(counted: &Counted) -> Text {
    let title = &counted.rule.starts_on.title;
    let (zh, en) = match counted.start {
        Start::Instant(at) if counted.rule.strict.unit == Unit::Hour => (instant_zh(*at), instant_en(*at)),
        start => (day_zh(start.day()), day_en(start.day())),
    };
    Text::new(format!("{}：{zh}；", title.zh), format!("{}: {en}; ", title.en))
}

fn reading(counted: &Counted, reading: &Reading, extension: u32, due: &Due) -> Text {
    let mut text = length(reading, extension, due);
    if reading.unit == Unit::Hour {
        return text;
    }
    let paused = counted.paused(reading);
    let nominal = reading.period(extension).end(counted.start.day(), counted.calendar, &paused);
    let nominal = nominal.map_or(due.day, |end| end.nominal);
    let mut notes: Vec<Text> = first_note(reading).into_iter().collect();
    notes.extend(skipped(counted, reading, nominal));
    notes.extend(suspended(&paused));
    notes.extend(extension_note(reading, extension));
    notes.extend(rolled(counted, reading, nominal, due.day));
    let zh: Vec<_> = notes.iter().map(|note| note.zh.as_str()).collect();
    let en: Vec<_> = notes.iter().map(|note| note.en.as_str()).collect();
    if notes.is_empty() {
        return text;
    }
    text.zh.push_str(&format!("（{}）", zh.join("；")));
    text.en.push_str(&format!(" ({})", en.join("; ")));
    text
}

fn length(reading: &Reading, extension: u32, due: &Due) -> Text {
    let n = i64::from(reading.n + extension);
    let before = reading.direction == Direction::Before;
    let side = if before { "前" } else { "" };
    let (zh, en) = match reading.unit {
        Unit::Hour => return hours(n, due),
        Unit::CalendarDay if n == 0 => ("至当日届满".to_owned(), "ends that day".to_owned()),
        Unit::Workday => (format!("{side}第{n}个工作日"), format!("{} working day", ordinal(n))),
        Unit::CalendarDay => (format!("{side}第{n}日"), format!("{} day", ordinal(n))),
        Unit::Month => (format!("{side}{n}个月届满"), plural(n, "month")),
        Unit::Year => (format!("{side}{n}年届满"), plural(n, "year")),
    };
    let en = if before && n > 0 { format!("{en} before") } else { en };
    Text::new(format!("{zh}＝{}", day_zh(due.day)), format!("{en} = {}", day_en(due.day)))
}

fn hours(n: i64, due: &Due) -> Text {
    Text::new(
        format!("{n}小时届满＝{}", instant_zh(due.end)),
        format!("{} = {}", plural(n, "hour"), instant_en(due.end)),
    )
}

fn first_note(reading: &Reading) -> Option<Text> {
    let note = match reading.first {
        First::Excluded => Text::new("当日不计入", "the day itself not counted"),
        First::Counted => Text::new("当日计入", "the day itself counted"),
    };
    (reading.n > 0).then_some(note)
}

// What a workday count passed over: days off, and the make-up workdays it counted.
fn skipped(counted: &Counted, reading: &Reading, end: Date) -> Vec<Text> {
    if reading.unit != Unit::Workday {
        return Vec::new();
    }
    let start = counted.start.day();
    let (after, upto) = if start < end { (start, end) } else { (end, start) };
    let days = after.until(upto).map_or(0, |span| i64::from(span.get_days()));
    let off = days - counted.calendar.workdays_between(after, upto);
    let mut notes = Vec::new();
    if off > 0 {
        let names = festivals(counted, after, upto, false);
        let (zh, en) = (wrapped(&names.zh, "，含"), wrapped(&names.en, ", among them "));
        notes.push(Text::new(
            format!("其间休息日{off}天不计{zh}"),
            format!("{} off not counted{en}", plural(off, "day")),
        ));
    }
    let makeup = festivals(counted, after, upto, true);
    if !makeup.zh.is_empty() {
        notes.push(Text::new(
            format!("调休上班日计入：{}", makeup.zh),
            format!("make-up workdays counted: {}", makeup.en),
        ));
    }
    notes
}

fn festivals(counted: &Counted, after: Date, upto: Date, workday: bool) -> Text {
    let days = counted.calendar.days_within(after, upto).filter(|(_, special)| special.workday == workday);
    let mut names: Vec<Text> = days
        .map(|(day, special)| match workday {
            true => Text::new(day_zh(day), day_en(day)),
            false => special.name.clone(),
        })
        .collect();
    names.dedup();
    let join = |pick: fn(&Text) -> &str, mark: &str| names.iter().map(pick).collect::<Vec<_>>().join(mark);
    Text::new(join(|name| &name.zh, "、"), join(|name| &name.en, ", "))
}

fn wrapped(names: &str, before: &str) -> String {
    if names.is_empty() { String::new() } else { format!("{before}{names}") }
}

fn suspended(paused: &[Suspension]) -> Vec<Text> {
    let note = |one: &Suspension| {
        Text::new(
            format!("{}至{}不计入期限", day_zh(one.from), day_zh(one.until)),
            format!("{} to {} suspended", day_en(one.from), day_en(one.until)),
        )
    };
    paused.iter().map(note).collect()
}

fn extension_note(reading: &Reading, extension: u32) -> Option<Text> {
    let n = i64::from(extension);
    let (zh, en) = match reading.unit {
        Unit::Hour => ("小时", "hour"),
        Unit::Workday => ("个工作日", "working day"),
        Unit::CalendarDay => ("日", "day"),
        Unit::Month => ("个月", "month"),
        Unit::Year => ("年", "year"),
    };
    (n > 0).then(|| Text::new(format!("含经批准延长{n}{zh}"), format!("extended by {}", plural(n, en))))
}

fn rolled(counted: &Counted, reading: &Reading, nominal: Date, last: Date) -> Option<Text> {
    if nominal != last {
        let (zh, en) = if nominal < last { ("顺延", "on to") } else { ("提前", "back to") };
        let off = format!("{}为休息日，{zh}至{}", day_zh(nominal), day_zh(last));
        return Some(Text::new(
            off,
            format!("{} is a day off: moved {en} {}", day_en(nominal), day_en(last)),
        ));
    }
    let off = reading.roll == Roll::None && !counted.calendar.is_workday(last);
    off.then(|| Text::new("届满日为休息日，不顺延", "the last day is a day off and is not moved"))
}

fn day_zh(day: Date) -> String {
    const WEEK: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    let weekday = WEEK[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())];
    format!("{}年{}月{}日（周{weekday}）", day.year(), day.month(), day.day())
}

fn day_en(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS[usize::from(day.month().unsigned_abs()) - 1];
    format!("{} {} {month} {}", weekday_en(day.weekday()), day.day(), day.year())
}

fn weekday_en(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn instant_zh(at: Timestamp) -> String {
    let time = clock(at);
    format!("{}{}时{:02}分", day_zh(time.date()), time.hour(), time.minute())
}

fn instant_en(at: Timestamp) -> String {
    let time = clock(at);
    format!("{} {:02}:{:02}", day_en(time.date()), time.hour(), time.minute())
}

fn plural(n: i64, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn ordinal(n: i64) -> String {
    let ending = match (n % 10, n % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

fn push(text: &mut Text, more: &Text) {
    text.zh.push_str(&more.zh);
    text.en.push_str(&more.en);
}
