//! What an administrator is told of the node's condition: a state in words, a tone, and what to do. Pure.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Backup, Condition};
use crate::chores::Fare;
use crate::module::Chore;

const GIB: u64 = 1 << 30;

/// Free room below which the disk must be seen to.
const LITTLE_ROOM: u64 = 10 * GIB;

/// Free room below which writing will soon be refused.
const NO_ROOM: u64 = GIB;

/// Commands in the queue beyond which the writer does not keep up: a commit takes 256 at most.
const LONG_QUEUE: u64 = 256;

/// Hours after which a daily backup is late, and after which a week's work would be lost.
const BACKUP_LATE: i64 = 26;
const BACKUP_OLD: i64 = 7 * 24;

/// The State Council publishes next year's days off in late autumn: by then they should be here.
const CALENDAR_DAYS: i32 = 45;

/// A chore that runs or rests longer than this many of its beats is stuck.
const BEATS: i64 = 5;

/// Seconds in which even a chore with a short beat is not yet called stuck.
const LEAST_SECONDS: i64 = 600;

/// How pressing a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Well,
    Look,
    Act,
}

impl State {
    pub(crate) fn tone(self) -> &'static str {
        match self {
            State::Well => "good",
            State::Look => "warn",
            State::Act => "bad",
        }
    }

    /// Text key of its word.
    pub(crate) fn key(self) -> &'static str {
        match self {
            State::Well => "operation-well",
            State::Look => "operation-look",
            State::Act => "operation-act",
        }
    }
}

/// A state, and the text key of what it means and what to do; an empty key when there is nothing to say.
pub(crate) type Verdict = (State, &'static str);

const WELL: Verdict = (State::Well, "");

pub(crate) fn queue(condition: &Condition) -> Verdict {
    if condition.written.waiting > LONG_QUEUE { (State::Look, "operation-queue-long") } else { WELL }
}

pub(crate) fn disk(condition: &Condition) -> Verdict {
    match condition.free {
        free if free < NO_ROOM => (State::Act, "operation-disk-full"),
        free if free < LITTLE_ROOM => (State::Look, "operation-disk-little"),
        _ => WELL,
    }
}

pub(crate) fn backup(condition: &Condition) -> Verdict {
    match &condition.backup {
        Backup::NotSetUp => (State::Look, "operation-backup-not-set-up"),
        Backup::Unreadable(_) => (State::Act, "operation-backup-unreadable"),
        Backup::NoneYet => (State::Look, "operation-backup-none"),
        Backup::Taken(taken) => match hours(*taken, condition.wall) {
            age if age > BACKUP_OLD => (State::Act, "operation-backup-old"),
            age if age > BACKUP_LATE => (State::Look, "operation-backup-late"),
            _ => WELL,
        },
    }
}

/// Today no neighbour witnesses: that is always worth a look.
pub(crate) fn witness() -> Verdict {
    (State::Look, "operation-witness-none")
}

/// `today` by the clock of the record.
pub(crate) fn calendar(condition: &Condition, today: Date) -> Verdict {
    let left = condition.calendar.and_then(|last| today.until(last).ok()).map_or(-1, |span| span.get_days());
    match left {
        left if left < 0 => (State::Act, "operation-calendar-over"),
        left if left < CALENDAR_DAYS => (State::Look, "operation-calendar-ending"),
        _ => WELL,
    }
}

/// `wall`: the moment by the machine's clock, by which chores run.
pub(crate) fn chore(chore: &Chore, fare: &Fare, wall: Timestamp) -> Verdict {
    let beat = i64::try_from(chore.every.as_secs()).unwrap_or(i64::MAX);
    let patience = beat.saturating_mul(BEATS).max(LEAST_SECONDS);
    let since = |then: Option<Timestamp>| then.map_or(0, |then| wall.as_second() - then.as_second());
    match () {
        () if !fare.error.is_empty() => (State::Act, "operation-chore-failing"),
        () if fare.begun.is_none() => (State::Look, "operation-chore-waiting"),
        () if since(fare.begun) > patience => (State::Act, "operation-chore-stuck"),
        () => WELL,
    }
}

fn hours(then: Timestamp, now: Timestamp) -> i64 {
    (now.as_second() - then.as_second()) / 3600
}

/// Bytes as an administrator reads them, with one decimal: 1.5 GiB.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let steps = (count.ilog2() / 10).min(4);
    let tenths = (u128::from(count) * 10) >> (10 * steps);
    let unit = usize::try_from(steps).map_or("", |steps| UNITS[steps - 1]);
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::civil::date;
    use store::{Engine, Figures, Size};

    use super::*;

    const NOW: &str = "2026-11-25T01:00:00Z";

    fn well() -> Condition {
        Condition {
            engine: Engine::Sqlite,
            wall: NOW.parse().unwrap(),
            acts: 7,
            recorded: None,
            sessions: 1,
            written: Figures::default(),
            size: Size::default(),
            free: 100 * GIB,
            backup: Backup::Taken("2026-11-24T02:00:00Z".parse().unwrap()),
            calendar: Some(date(2027, 12, 31)),
            chores: Vec::new(),
        }
    }

    #[test]
    fn a_node_that_is_well_says_so() {
        let condition = well();
        let today = date(2026, 11, 25);
        assert_eq!(
            [queue(&condition), disk(&condition), backup(&condition), calendar(&condition, today)],
            [WELL; 4]
        );
    }

    #[test]
    fn a_backup_is_late_after_a_day_and_old_after_a_week() {
        let taken =
            |when: &str| backup(&Condition { backup: Backup::Taken(when.parse().unwrap()), ..well() });
        assert_eq!(taken("2026-11-23T21:00:00Z"), (State::Look, "operation-backup-late"));
        assert_eq!(taken("2026-11-17T21:00:00Z"), (State::Act, "operation-backup-old"));
        let other = |other| backup(&Condition { backup: other, ..well() });
        assert_eq!(other(Backup::NotSetUp), (State::Look, "operation-backup-not-set-up"));
        assert_eq!(other(Backup::Unreadable("away".into())), (State::Act, "operation-backup-unreadable"));
    }

    #[test]
    fn room_and_queue_are_told_before_they_end() {
        let free = |free| disk(&Condition { free, ..well() }).0;
        assert_eq!([free(9 * GIB), free(GIB - 1)], [State::Look, State::Act]);
        let written = Figures { waiting: 257, ..Figures::default() };
        assert_eq!(queue(&Condition { written, ..well() }).0, State::Look);
    }

    #[test]
    fn a_calendar_is_asked_for_before_its_last_day() {
        let until = |last| calendar(&Condition { calendar: last, ..well() }, date(2026, 11, 25)).0;
        assert_eq!(until(Some(date(2026, 12, 31))), State::Look);
        assert_eq!([until(Some(date(2026, 11, 24))), until(None)], [State::Act; 2]);
    }

    #[test]
    fn a_chore_that_fails_or_hangs_is_told() {
        let silence = Chore { name: "silence", every: Duration::from_secs(60), woken: true, run: |_| Ok(()) };
        let told = |fare: Fare| chore(&silence, &fare, NOW.parse().unwrap()).1;
        let begun = |when: &str| Fare { begun: Some(when.parse().unwrap()), ..Fare::default() };
        assert_eq!(told(Fare::default()), "operation-chore-waiting");
        assert_eq!(told(begun("2026-11-25T00:59:00Z")), "");
        assert_eq!(told(begun("2026-11-25T00:40:00Z")), "operation-chore-stuck");
        let failed = Fare { error: "no".into(), ..begun("2026-11-25T00:59:00Z") };
        assert_eq!(told(failed), "operation-chore-failing");
    }

    #[test]
    fn bytes_are_told_in_whole_units_and_tenths() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(8 << 20), "8.0 MiB");
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
    }
}
