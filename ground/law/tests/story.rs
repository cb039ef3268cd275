//! Deadlines of the shipped law, told as an officer meets them.

mod common;

use common::law;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use law::{
    Calendar, Certainty, DeemedFrom, Done, Expiry, Extension, Open, Refusal, Special, Standing, Start,
    Suspension, Text, day_start, shanghai_day,
};

fn noon(day: Date) -> Timestamp {
    day_start(day) + jiff::SignedDuration::from_hours(12)
}

fn suspension(from: Date, until: Date, ground: &str) -> Suspension {
    Suspension { from, until, ground: ground.to_owned() }
}

#[test]
fn ninety_days_that_end_on_a_sunday_warn_on_it_and_breach_after_monday() {
    let deadline = law().deadline("penalty.decision", &date(2026, 3, 2).into(), &[], &[]).unwrap();
    assert_eq!(deadline.strict.day, date(2026, 5, 31));
    assert_eq!(deadline.loose.day, date(2026, 6, 1));
    assert!(deadline.doubtful && deadline.doubt.is_some());
    assert_eq!(deadline.state(noon(date(2026, 6, 1))), Standing::BreachStrict { workdays_late: 1 });
    assert_eq!(deadline.state(noon(date(2026, 6, 2))), Standing::Breach { workdays_late: 1 });
}

#[test]
fn seven_working_days_after_the_second_of_march_are_the_eleventh() {
    let deadline =
        law().deadline("penalty.preservation-decision", &date(2026, 3, 2).into(), &[], &[]).unwrap();
    assert_eq!((deadline.strict.day, deadline.loose.day), (date(2026, 3, 11), date(2026, 3, 11)));
    let judged = deadline.judge(noon(date(2026, 3, 12)));
    assert_eq!(judged.standing, Done::Late { workdays: 1 });
    assert!(
        judged.trace.en.ends_with("Handled Thu 12 March 2026: late by 1 working day."),
        "{}",
        judged.trace.en
    );
    assert!(judged.trace.zh.ends_with("2026年3月12日（周四）办理，逾期1个工作日。"), "{}", judged.trace.zh);
    assert_eq!(deadline.judge(noon(date(2026, 3, 11))).standing, Done::InTime);
}

#[test]
fn a_trace_tells_the_count_with_festivals_and_make_up_days() {
    let deadline = law().deadline("licence.decision", &date(2026, 2, 10).into(), &[], &[]).unwrap();
    assert_eq!(deadline.strict.day, date(2026, 3, 16));
    assert_eq!(
        deadline.trace.zh,
        "受理申请：2026年2月10日（周二）；第20个工作日＝2026年3月16日（周一）（当日不计入；其间休息日14天不计，含春节；\
         调休上班日计入：2026年2月14日（周六）、2026年2月28日（周六））。"
    );
    assert_eq!(
        deadline.trace.en,
        "application accepted: Tue 10 February 2026; 20th working day = Mon 16 March 2026 (the day itself not counted; \
         14 days off not counted, among them Spring Festival; make-up workdays counted: Sat 14 February 2026, \
         Sat 28 February 2026)."
    );
    assert_eq!(deadline.citation.zh, "《中华人民共和国行政许可法》第四十二条第一款、第四十五条、第八十二条");
    assert_eq!(deadline.citation.en, "Administrative Licensing Law art. 42(1), art. 45, art. 82");
}

#[test]
fn silence_on_missing_papers_means_accepted_on_the_day_received() {
    let deadline = law().deadline("licence.correction-notice", &date(2026, 4, 30).into(), &[], &[]).unwrap();
    // Labour Day is off from 1 to 5 May 2026 save what the calendar works; the fifth working day is counted after it.
    assert_eq!(law().calendar().workdays_between(date(2026, 4, 30), deadline.loose.day), 5);
    let accepted = Expiry::Deemed { outcome: "licence.accepted".to_owned(), from: DeemedFrom::Start };
    assert_eq!(deadline.on_expiry, accepted);
}

#[test]
fn the_head_may_give_ten_days_more_but_not_eleven_and_not_too_late() {
    let law = law();
    let start: Start = date(2026, 3, 2).into();
    let ask = |n, approved| law.deadline("licence.decision", &start, &[], &[Extension { n, approved }]);
    let plain = law.deadline("licence.decision", &start, &[], &[]).unwrap().strict.day;
    let longer = ask(10, plain).unwrap();
    assert_eq!(law.calendar().workdays_between(plain, longer.strict.day), 10);
    assert_eq!(longer.strict, longer.loose);
    assert!(matches!(ask(11, plain), Err(Refusal::ExtensionTooLong { asked: 11, most: 10, .. })));
    assert!(matches!(ask(5, plain.tomorrow().unwrap()), Err(Refusal::ExtensionTooLate { .. })));
    let twice = [Extension { n: 6, approved: plain }, Extension { n: 6, approved: plain }];
    assert!(matches!(
        law.deadline("licence.decision", &start, &[], &twice),
        Err(Refusal::ExtensionTooLong { .. })
    ));
    let none = law.deadline("licence.delivery", &start, &[], &[Extension { n: 1, approved: plain }]);
    assert!(matches!(none, Err(Refusal::NoExtension { .. })));
}

#[test]
fn an_extension_we_have_not_verified_moves_only_the_loose_reading() {
    let law = law();
    let start: Start = date(2026, 3, 2).into();
    let more = [Extension { n: 30, approved: date(2026, 5, 20) }];
    let (plain, longer) = (
        law.deadline("penalty.decision", &start, &[], &[]),
        law.deadline("penalty.decision", &start, &[], &more),
    );
    let (plain, longer) = (plain.unwrap(), longer.unwrap());
    assert_eq!(plain.strict, longer.strict);
    assert_eq!(longer.loose.day, date(2026, 6, 30));
}

#[test]
fn a_hearing_does_not_count_and_unknown_grounds_are_refused() {
    let law = law();
    let start: Start = date(2026, 3, 2).into();
    let hearing = suspension(date(2026, 3, 9), date(2026, 3, 13), "licence.hearing");
    let plain = law.deadline("licence.decision", &start, &[], &[]).unwrap();
    let paused = law.deadline("licence.decision", &start, std::slice::from_ref(&hearing), &[]).unwrap();
    assert_eq!(law.calendar().workdays_between(plain.strict.day, paused.strict.day), 5);
    let holiday = suspension(date(2026, 3, 9), date(2026, 3, 13), "licence.holiday");
    let refused = law.deadline("licence.decision", &start, &[holiday], &[]).unwrap_err();
    assert_eq!(refused.key(), "law-not-a-suspension");
    let reversed = suspension(date(2026, 3, 13), date(2026, 3, 9), "licence.hearing");
    let refused = law.deadline("licence.decision", &start, &[reversed], &[]).unwrap_err();
    assert_eq!(refused.key(), "law-reversed-suspension");
}

#[test]
fn a_doubtful_suspension_prolongs_only_the_loose_reading() {
    let law = law();
    let start: Start = date(2026, 3, 2).into();
    let test = suspension(date(2026, 3, 10), date(2026, 3, 19), "penalty.identification");
    let deadline = law.deadline("penalty.decision", &start, &[test], &[]).unwrap();
    assert_eq!(deadline.strict.day, date(2026, 5, 31));
    assert_eq!(deadline.loose.day, date(2026, 6, 10));
}

#[test]
fn a_licence_runs_five_years_and_its_renewal_is_asked_thirty_days_before() {
    let law = law();
    let validity = law.deadline("licence.validity", &date(2021, 5, 10).into(), &[], &[]).unwrap();
    assert_eq!((validity.strict.day, validity.loose.day), (date(2026, 5, 9), date(2026, 5, 10)));
    assert_eq!(validity.certainty, Certainty::S);
    let renewal = law.deadline("licence.renewal-request", &date(2026, 5, 9).into(), &[], &[]).unwrap();
    // Thirty calendar days before is 9 April; thirty working days before lies further back.
    assert_eq!(renewal.loose.day, date(2026, 4, 9));
    let eve = renewal.strict.day.yesterday().unwrap();
    assert_eq!(law.calendar().workdays_between(eve, date(2026, 5, 8)), 30);
    let decided = law.deadline("licence.renewal-decision", &date(2026, 5, 9).into(), &[], &[]).unwrap();
    assert_eq!(decided.loose.day, date(2026, 5, 9));
    assert_eq!(
        decided.trace.zh,
        "许可证有效期届满：2026年5月9日（周六）；至当日届满＝2026年5月9日（周六）。"
    );
    let warned = decided.state(noon(date(2026, 4, 27)));
    assert!(matches!(warned, Standing::Warned { .. }), "{warned:?}: the alarm comes before expiry");
}

#[test]
fn an_hour_limit_needs_the_instant_and_is_read_twice() {
    let law = law();
    let at: Timestamp = "2026-03-02T10:20:30+08:00".parse().unwrap();
    let deadline = law.deadline("transfer.hand-over", &at.into(), &[], &[]).unwrap();
    assert_eq!(deadline.strict.end, "2026-03-03T10:20:30+08:00".parse().unwrap());
    assert_eq!(deadline.loose.end, "2026-03-03T11:00:00+08:00".parse().unwrap());
    let refused = law.deadline("transfer.hand-over", &date(2026, 3, 2).into(), &[], &[]).unwrap_err();
    assert_eq!(refused.key(), "law-hour-needs-instant");
}

#[test]
fn public_notice_took_sixty_days_until_2021_and_takes_thirty_since() {
    let law = law();
    let days = |start: Date| {
        let deadline = law.deadline("penalty.public-notice-service", &start.into(), &[], &[]).unwrap();
        start.until(deadline.strict.day).unwrap().get_days()
    };
    assert_eq!((days(date(2021, 12, 31)), days(date(2022, 1, 1))), (60, 30));
}

#[test]
fn the_statute_in_force_on_a_day_is_found() {
    let law = law();
    let name = |on| law.statute("procedure-rules", on).map(|(_, version)| version.name.clone());
    assert_eq!(name(date(2023, 7, 19)).unwrap(), "2010年（工业和信息化部令第12号）");
    assert_eq!(name(date(2023, 7, 20)).unwrap(), "2023年");
    assert!(law.statute("penalties-law", date(2021, 7, 14)).is_none());
    let early = law.deadline("penalty.hearing-request", &date(2021, 7, 14).into(), &[], &[]).unwrap_err();
    assert_eq!(early.key(), "law-not-in-force");
    assert_eq!(
        law.deadline("penalty.nothing", &date(2021, 7, 14).into(), &[], &[]).unwrap_err().key(),
        "law-unknown-rule"
    );
}

#[test]
fn beyond_the_published_calendar_a_result_is_provisional_until_the_year_is_published() {
    let law = law();
    let open = Open {
        key: "application 1".to_owned(),
        rule: "licence.decision".to_owned(),
        start: date(2026, 12, 15).into(),
        suspensions: vec![],
        extensions: vec![],
    };
    let before = law.deadline(&open.rule, &open.start, &[], &[]).unwrap();
    assert!(before.strict.provisional && before.trace.en.contains("provisional"));
    let name = Text::new("元旦", "New Year's Day");
    let day = Special { workday: false, name };
    let published = law.calendar().with_year(2027, [(date(2027, 1, 1), day)]);
    let inside = Open { key: "application 2".to_owned(), start: date(2026, 3, 2).into(), ..open.clone() };
    let changes = law.recompute(&[open, inside], &published).unwrap();
    assert_eq!(changes.len(), 1, "a deadline that stays is not reported");
    assert_eq!(changes[0].key, "application 1");
    assert_eq!(changes[0].before.strict.day.tomorrow().unwrap(), date(2027, 1, 13));
    assert_eq!(changes[0].after.strict.day, date(2027, 1, 13));
    assert!(!changes[0].after.strict.provisional);
    assert_ne!(changes[0].before.calendar, changes[0].after.calendar);
    assert_eq!(changes[0].before.version, changes[0].after.version);
}

#[test]
fn a_day_begins_at_midnight_in_china() {
    let late: Timestamp = "2026-03-01T16:00:00Z".parse().unwrap();
    assert_eq!(shanghai_day(late), date(2026, 3, 2));
    assert_eq!(day_start(date(2026, 3, 2)), late);
    let law = law();
    let deadline = law.deadline("penalty.service", &Start::Instant(late), &[], &[]).unwrap();
    assert_eq!(deadline.strict.day, date(2026, 3, 11));
    assert_eq!(deadline.strict.end, day_start(date(2026, 3, 12)));
}

#[test]
fn months_end_on_the_corresponding_day_or_the_last_of_the_month() {
    let law = law();
    let deadline = law.deadline("penalty.court-application", &date(2025, 11, 30).into(), &[], &[]).unwrap();
    assert_eq!(deadline.strict.day, date(2026, 2, 28));
    // 28 February 2026 is a Saturday, yet a make-up workday: the end does not move.
    assert_eq!(deadline.loose.day, date(2026, 2, 28));
}

#[test]
fn every_rule_can_be_counted_and_its_strict_reading_is_never_the_later_one() {
    let law = law();
    for rule in law.rules() {
        let day = rule.valid.to.unwrap_or(date(2026, 3, 2));
        let deadline = law.deadline(&rule.id, &Start::Instant(noon(day)), &[], &[]).unwrap();
        assert!(deadline.strict.end <= deadline.loose.end, "{}", rule.id);
        assert_eq!(deadline.example, rule.basis.is_empty(), "{}", rule.id);
        assert_eq!(deadline.doubtful, rule.strict != rule.loose, "{}", rule.id);
        assert!(rule.example || !deadline.citation.zh.is_empty(), "{}", rule.id);
    }
}

#[test]
fn a_calendar_far_from_the_published_years_uses_the_plain_week() {
    let calendar = Calendar::new([], []);
    assert!(calendar.is_workday(date(2030, 1, 1)) && !calendar.is_published(date(2030, 1, 1)));
    assert_eq!(calendar.published(), None);
    assert_eq!(calendar.add_workdays(date(2030, 1, 4), 1), date(2030, 1, 7));
    assert_eq!(calendar.add_workdays(date(2030, 1, 7), -1), date(2030, 1, 4));
}
