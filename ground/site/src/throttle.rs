//! Brakes: failed sign-ins for each account and each address, and requests of any kind for each address.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Failures within this time count together.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Keys held at most, so that an attacker who changes his address cannot fill the memory.
const MOST_KEYS: usize = 100_000;

/// Counts failures of a kind; forgotten when the node restarts.
pub struct Failures {
    most: usize,
    seen: Mutex<HashMap<String, Vec<Timestamp>>>,
}

impl Failures {
    /// Lets `most` failures pass within a quarter of an hour.
    pub fn new(most: usize) -> Failures {
        Failures { most, seen: Mutex::new(HashMap::new()) }
    }

    /// Seconds to wait before the next try; none when it may be made now.
    pub fn wait(&self, key: &str, now: Timestamp) -> Option<u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let recent: Vec<&Timestamp> = seen.get(key)?.iter().filter(|at| is_recent(**at, now)).collect();
        let oldest = recent.len().checked_sub(self.most).and_then(|index| recent.get(index))?;
        let rest = WINDOW.saturating_sub(now.duration_since(**oldest));
        Some(u64::try_from(rest.as_secs()).unwrap_or(0).max(1))
    }

    /// Notes a failure.
    pub fn note(&self, key: &str, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_KEYS {
            seen.retain(|_, times| times.iter().any(|at| is_recent(*at, now)));
        }
        let times = seen.entry(key.to_owned()).or_default();
        times.retain(|at| is_recent(*at, now));
        times.push(now);
    }

    /// Forgets the failures of a key that has succeeded.
    pub fn forget(&self, key: &str) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < WINDOW
}

/// A bucket of requests for each address, refilled evenly.
pub struct Flow {
    burst: i64,
    per_second: i64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a request.
    left: i64,
    at: Timestamp,
}

impl Flow {
    /// So many requests at once, so many more each second.
    pub fn new(burst: u32, per_second: u32) -> Flow {
        Flow {
            burst: i64::from(burst) * 1000,
            per_second: i64::from(per_second),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Whether one more request may pass.
    pub fn pass(&self, key: &str, now: Timestamp) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_KEYS {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.burst);
        }
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { left: self.burst, at: now });
        let left = self.filled(*bucket, now);
        let may = left >= 1000;
        *bucket = Bucket { left: if may { left - 1000 } else { left }, at: now };
        may
    }

    fn filled(&self, bucket: Bucket, now: Timestamp) -> i64 {
        let rested = i64::try_from(now.duration_since(bucket.at).as_millis()).unwrap_or(i64::MAX).max(0);
        bucket.left.saturating_add(rested.saturating_mul(self.per_second)).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_sixth_try_must_wait_until_the_first_is_a_quarter_of_an_hour_old() {
        let failures = Failures::new(5);
        for second in 0..5 {
            assert_eq!(failures.wait("a", at(second)), None);
            failures.note("a", at(second));
        }
        assert_eq!(failures.wait("a", at(10)), Some(890));
        assert_eq!(failures.wait("b", at(10)), None);
        assert_eq!(failures.wait("a", at(900)), None);
    }

    #[test]
    fn a_success_wipes_the_failures() {
        let failures = Failures::new(1);
        failures.note("a", at(0));
        failures.forget("a");
        assert_eq!(failures.wait("a", at(1)), None);
    }

    #[test]
    fn a_flow_lets_a_burst_pass_and_then_a_trickle() {
        let flow = Flow::new(3, 2);
        let passed = (0..10).filter(|_| flow.pass("a", at(0))).count();
        assert_eq!(passed, 3);
        assert!(flow.pass("b", at(0)));
        assert_eq!((0..10).filter(|_| flow.pass("a", at(1))).count(), 2);
    }
}
