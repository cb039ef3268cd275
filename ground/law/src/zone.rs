//! The zone of the law: China standard time, in which days begin and end.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

// Asia/Shanghai has been UTC+8 without summer time since September 1991; a fixed offset needs no zone database.
const SHANGHAI: Offset = Offset::constant(8);

/// The day in China on which an instant falls.
#[must_use]
pub fn shanghai_day(at: Timestamp) -> Date {
    SHANGHAI.to_datetime(at).date()
}

/// The instant at which a day begins in China; the ends of time stand in for days no instant can express.
#[must_use]
pub fn day_start(day: Date) -> Timestamp {
    let edge = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    SHANGHAI.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(edge)
}

pub(crate) fn day_end(day: Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, day_start)
}

pub(crate) fn clock(at: Timestamp) -> jiff::civil::DateTime {
    SHANGHAI.to_datetime(at)
}
