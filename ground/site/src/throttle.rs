//! Brakes: failed sign-ins for each account and each address, and requests of any kind for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use store::Sql;

/// Failures within this time count together.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Keys held at most, so that an attacker who changes his address cannot fill the memory.
const MOST_KEYS: usize = 100_000;

/// Counts failures of a kind. What failed is also written down (`note`), so that a restart opens no door.
pub struct Failures {
    most: usize,
    seen: Mutex<HashMap<String, Vec<Timestamp>>>,
}

impl Failures {
    /// Lets `most` failures pass within a quarter of an hour.
    pub fn new(most: usize) -> Failures {
        Failures { most, seen: Mutex::new(HashMap::new()) }
    }

    /// Begins a try: it counts as failed until it is taken back or forgotten, so that tries at one time are counted too.
    ///
    /// # Errors
    /// The seconds to wait when it may not be made now.
    pub fn begin(&self, key: &str, now: Timestamp) -> Result<(), u64> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_KEYS && !seen.contains_key(key) {
            evict(&mut seen, |times| times.last().copied().unwrap_or(Timestamp::MIN));
        }
        let times = seen.entry(key.to_owned()).or_default();
        times.retain(|at| is_recent(*at, now));
        if let Some(oldest) = times.len().checked_sub(self.most).and_then(|index| times.get(index)) {
            let rest = WINDOW.saturating_sub(now.duration_since(*oldest));
            return Err(u64::try_from(rest.as_secs()).unwrap_or(0).max(1));
        }
        times.push(now);
        Ok(())
    }

    /// Counts a failure that was written down before the node was started again.
    pub fn recall(&self, key: &str, at: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(key.to_owned()).or_default().push(at);
    }

    /// Takes back the try that was begun at this instant: it did not fail.
    pub fn take_back(&self, key: &str, begun: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = seen.get_mut(key) else { return };
        if let Some(index) = times.iter().position(|at| *at == begun) {
            times.remove(index);
        }
        if times.is_empty() {
            seen.remove(key);
        }
    }

    /// Forgets the failures of a key that has succeeded.
    pub fn forget(&self, key: &str) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Kinds under which failures are written down.
pub(crate) const ACCOUNT: &str = "account";
pub(crate) const ADDRESS: &str = "address";

/// Writes a failure down.
///
/// # Errors
/// When the store refuses.
pub(crate) fn note(sql: &mut dyn Sql, kind: &str, key: &str, at: Timestamp) -> store::Result<()> {
    let text = "insert into failures (kind, key, at) values ($1, $2, $3)";
    sql.execute(text, &[kind.into(), key.into(), at.as_microsecond().into()])?;
    Ok(())
}

/// Strikes the failures of an account that has succeeded.
///
/// # Errors
/// When the store refuses.
pub(crate) fn strike(sql: &mut dyn Sql, account: &str) -> store::Result<()> {
    sql.execute("delete from failures where kind = $1 and key = $2", &[ACCOUNT.into(), account.into()])?;
    Ok(())
}

/// The failures of a kind that still count, the oldest first.
///
/// # Errors
/// When the store cannot read.
pub(crate) fn noted(
    sql: &mut dyn Sql,
    kind: &str,
    now: Timestamp,
) -> anyhow::Result<Vec<(String, Timestamp)>> {
    let text = "select key, at from failures where kind = $1 and at > $2 order by at";
    let rows = sql.query(text, &[kind.into(), oldest(now).into()])?;
    rows.iter().map(|row| Ok((row.get(0)?, Timestamp::from_microsecond(row.get(1)?)?))).collect()
}

/// Forgets the failures that no longer count.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sweep(sql: &mut dyn Sql, now: Timestamp) -> store::Result<()> {
    sql.execute("delete from failures where at <= $1", &[oldest(now).into()])?;
    Ok(())
}

fn oldest(now: Timestamp) -> i64 {
    now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN).as_microsecond()
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < WINDOW
}

/// Drops the tenth that was used longest ago; a tenth, so that the search for it is rare.
fn evict<V>(held: &mut HashMap<String, V>, used: impl Fn(&V) -> Timestamp) {
    let mut excess = (held.len() / 10).max(1);
    let mut times: Vec<Timestamp> = held.values().map(&used).collect();
    if excess > times.len() {
        return;
    }
    let (_, latest, _) = times.select_nth_unstable(excess - 1);
    let latest = *latest;
    held.retain(|_, value| {
        let goes = excess > 0 && used(value) <= latest;
        excess -= usize::from(goes);
        !goes
    });
}

/// The key of an address: of IPv6 the first 64 bits, since whoever has one address there has its whole /64 (RFC 6177).
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
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
        if buckets.len() >= MOST_KEYS && !buckets.contains_key(key) {
            evict(&mut buckets, |bucket| bucket.at);
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
            assert_eq!(failures.begin("a", at(second)), Ok(()));
        }
        assert_eq!(failures.begin("a", at(10)), Err(890));
        assert_eq!(failures.begin("b", at(10)), Ok(()));
        assert_eq!(failures.begin("a", at(900)), Ok(()));
    }

    #[test]
    fn a_success_wipes_the_failures_and_a_try_taken_back_counts_for_nothing() {
        let failures = Failures::new(1);
        failures.begin("a", at(0)).unwrap();
        failures.forget("a");
        failures.begin("a", at(1)).unwrap();
        failures.take_back("a", at(1));
        assert_eq!(failures.begin("a", at(2)), Ok(()));
        assert_eq!(failures.begin("a", at(2)), Err(900));
    }

    #[test]
    fn whoever_changes_his_address_cannot_fill_the_memory_and_the_latest_stay() {
        let (failures, flow) = (Failures::new(1), Flow::new(1, 0));
        for number in 0..MOST_KEYS + 10 {
            let now = at(i64::try_from(number / 1000).unwrap());
            failures.begin(&number.to_string(), now).unwrap();
            assert!(flow.pass(&number.to_string(), now));
        }
        assert!(failures.seen.lock().unwrap().len() <= MOST_KEYS);
        assert!(flow.buckets.lock().unwrap().len() <= MOST_KEYS);
        assert!(failures.begin(&MOST_KEYS.to_string(), at(100)).is_err(), "the latest is still held up");
        assert!(failures.begin("0", at(100)).is_ok(), "the oldest was dropped");
    }

    #[test]
    fn one_network_is_one_key() {
        let key = |text: &str| network(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:203.0.113.7"), "203.0.113.7");
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
