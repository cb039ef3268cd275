//! Clock and randomness, handed in from outside so that every test can set them and every run can be repeated.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Where a node gets the time. Never call the system's clock anywhere else.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock comes in")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that starts at a fixed instant and runs on from there, so that a demonstration is the same tomorrow.
#[derive(Debug, Clone)]
pub struct DemoClock {
    as_of: Timestamp,
    started: Instant,
}

impl DemoClock {
    pub fn new(as_of: Timestamp) -> DemoClock {
        DemoClock { as_of, started: Instant::now() }
    }

    /// The instant at which this clock was started.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let run = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        self.as_of.saturating_add(run).unwrap_or(Timestamp::MAX)
    }
}

/// A clock that stands still until somebody moves it: for tests, and for making up a year of acts.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub fn new(now: Timestamp) -> ManualClock {
        ManualClock(Mutex::new(now))
    }

    /// Moves the clock, forward or backward.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock forward by so much.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a node gets unguessable bytes: ids of acts, salts of bodies, keys.
pub trait Random: Send + Sync {
    /// Fills the slice.
    ///
    /// # Errors
    /// When the source has none to give; nothing may then be recorded.
    fn fill(&self, bytes: &mut [u8]) -> anyhow::Result<()>;
}

/// The randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> anyhow::Result<()> {
        getrandom::fill(bytes).map_err(|error| anyhow::anyhow!("the system gave no random bytes: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_clock_starts_where_it_is_told_and_runs() {
        let as_of = Timestamp::from_second(1_790_000_000).unwrap();
        let clock = DemoClock::new(as_of);
        let first = clock.now();
        assert!(first >= as_of && clock.now() >= first);
        assert!(first.duration_since(as_of) < SignedDuration::from_secs(60));
    }

    #[test]
    fn a_manual_clock_stands_still_until_moved() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_secs(5));
        assert_eq!(clock.now().as_second(), 5);
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now().as_second(), 0);
    }
}
