//! What holds of every count, whatever the calendar, the rule and the suspensions.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use law::{Calendar, Direction, First, Period, Roll, Special, Suspension, Text, Unit};
use proptest::prelude::*;

fn day() -> impl Strategy<Value = Date> {
    (0..3_650_i64).prop_map(|days| date(2019, 1, 1) + days.days())
}

/// A made-up calendar: some weekdays off, some weekend days worked.
fn calendar() -> impl Strategy<Value = Calendar> {
    proptest::collection::vec((day(), any::<bool>()), 0..120).prop_map(|days| {
        let named = |workday| Special { workday, name: Text::new("节", "feast") };
        Calendar::new(2019..=2026, days.into_iter().map(|(day, workday)| (day, named(workday))))
    })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::Workday), Just(Unit::CalendarDay), Just(Unit::Month), Just(Unit::Year)]
}

fn roll() -> impl Strategy<Value = Roll> {
    prop_oneof![Just(Roll::Next), Just(Roll::Previous), Just(Roll::None)]
}

fn first() -> impl Strategy<Value = First> {
    prop_oneof![Just(First::Excluded), Just(First::Counted)]
}

fn forward() -> impl Strategy<Value = Period> {
    let direction = Direction::After;
    (unit(), 1..60_u32, first(), roll()).prop_map(move |(unit, n, first, roll)| Period {
        unit,
        n,
        direction,
        first,
        roll,
    })
}

fn suspension() -> impl Strategy<Value = Suspension> {
    (day(), 0..60_i64).prop_map(|(from, days)| Suspension {
        from,
        until: from + days.days(),
        ground: "test".to_owned(),
    })
}

fn last(period: Period, start: Date, calendar: &Calendar, paused: &[Suspension]) -> Date {
    period.end(start, calendar, paused).expect("an end").last
}

proptest! {
    #[test]
    fn a_day_more_to_work_or_to_wait_never_ends_earlier(
        period in forward(), start in day(), calendar in calendar(), paused in proptest::collection::vec(suspension(), 0..3),
    ) {
        let longer = Period { n: period.n + 1, ..period };
        prop_assert!(last(longer, start, &calendar, &paused) >= last(period, start, &calendar, &paused));
    }

    #[test]
    fn a_make_up_workday_never_delays_a_workday_limit(period in forward(), start in day(), calendar in calendar(), more in day()) {
        let period = Period { unit: Unit::Workday, ..period };
        let before = last(period, start, &calendar, &[]);
        let worked = Special { workday: true, name: Text::new("班", "worked") };
        let days = calendar.days().map(|(day, special)| (day, special.clone()));
        let busier = Calendar::new(calendar.years(), days.chain([(more, worked)]));
        prop_assert!(last(period, start, &busier, &[]) <= before);
    }

    #[test]
    fn counting_back_undoes_counting_forward_on_workdays(n in 1..60_u32, start in day(), calendar in calendar()) {
        prop_assume!(calendar.is_workday(start));
        let (unit, first, roll) = (Unit::Workday, First::Excluded, Roll::None);
        let there = last(Period { unit, n, direction: Direction::After, first, roll }, start, &calendar, &[]);
        let back = last(Period { unit, n, direction: Direction::Before, first, roll }, there, &calendar, &[]);
        prop_assert_eq!(back, start);
        prop_assert_eq!(calendar.workdays_between(start, there), i64::from(n));
        prop_assert_eq!(calendar.workdays_between(there, start), -i64::from(n));
        prop_assert_eq!(calendar.add_workdays(start, i64::from(n)), there);
    }

    #[test]
    fn the_strict_pairs_of_the_law_never_end_later_than_the_loose(n in 1..100_u32, start in day(), calendar in calendar()) {
        let direction = Direction::After;
        let end = |unit, first, roll| last(Period { unit, n, direction, first, roll }, start, &calendar, &[]);
        let days = end(Unit::CalendarDay, First::Excluded, Roll::None);
        prop_assert!(days <= end(Unit::Workday, First::Excluded, Roll::None));
        prop_assert!(days <= end(Unit::CalendarDay, First::Excluded, Roll::Next));
        prop_assert!(end(Unit::CalendarDay, First::Excluded, Roll::Previous) <= days);
        for unit in [Unit::Month, Unit::Year] {
            prop_assert!(end(unit, First::Counted, Roll::None) <= end(unit, First::Excluded, Roll::Next));
        }
    }

    #[test]
    fn a_suspension_never_shortens(period in forward(), start in day(), calendar in calendar(), pause in suspension()) {
        // Rolled back past a suspension an end may come earlier; the law rolls suspended limits forward or not at all.
        prop_assume!(period.roll != Roll::Previous);
        let plain = last(period, start, &calendar, &[]);
        prop_assert!(last(period, start, &calendar, &[pause]) >= plain);
    }

    #[test]
    fn calendar_days_are_prolonged_day_for_day(n in 1..60_u32, start in day(), after in 1..30_i64, length in 1..30_i64) {
        prop_assume!(after <= i64::from(n));
        let (unit, direction, first, roll) = (Unit::CalendarDay, Direction::After, First::Excluded, Roll::None);
        let period = Period { unit, n, direction, first, roll };
        let from = start + after.days();
        let pause = Suspension { from, until: from + (length - 1).days(), ground: "test".to_owned() };
        let calendar = Calendar::new([], []);
        prop_assert_eq!(last(period, start, &calendar, &[pause]), last(period, start, &calendar, &[]) + length.days());
    }

    #[test]
    fn a_rolled_limit_never_ends_on_a_day_off(period in forward(), start in day(), calendar in calendar()) {
        prop_assume!(period.roll != Roll::None);
        let end = period.end(start, &calendar, &[]).expect("an end");
        prop_assert!(calendar.is_workday(end.last));
        if period.roll == Roll::Next {
            prop_assert!(end.last >= end.nominal);
        }
    }

    #[test]
    fn only_ends_outside_the_published_years_are_provisional(period in forward(), start in day(), calendar in calendar()) {
        let end = period.end(start, &calendar, &[]).expect("an end");
        let plain = period.unit != Unit::Workday && period.roll == Roll::None;
        prop_assert!(!(plain && end.provisional));
        if calendar.is_published(start) && !plain {
            let outside = !calendar.is_published(end.last) || !calendar.is_published(end.nominal);
            let begins_outside = period.unit == Unit::Workday && !calendar.is_published(start.tomorrow().expect("a day"));
            prop_assert_eq!(end.provisional, outside || begins_outside);
        }
    }
}
