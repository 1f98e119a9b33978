//! Token buckets: how often one site, and one client, may ask. All in memory, bounded, and forgotten when full again.

use crate::error::{Error, Result};
use crate::seal::Key;
use crate::store::Day;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Marks remembered at once. Above it, full buckets are forgotten; if none is, new ones wait.
const MARKS_MAX: usize = 100_000;
/// A burst is what a page that comes back from a pause may send at once.
const BURST_S: f64 = 5.0;

/// How fast a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    per_second: f64,
    size: f64,
}

impl Bucket {
    pub fn per_second(rate: u32) -> Self {
        let per_second = f64::from(rate.max(1));
        Self { per_second, size: per_second * BURST_S }
    }
}

/// One bucket for each mark.
pub struct Buckets<M> {
    bucket: Bucket,
    levels: Mutex<HashMap<M, (f64, Instant)>>,
}

impl<M: Eq + Hash> Buckets<M> {
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket, levels: Mutex::new(HashMap::new()) }
    }

    /// Take one; otherwise the seconds until there is one again.
    pub fn take(&self, mark: M, now: Instant) -> Result<(), u32> {
        let Bucket { per_second, size } = self.bucket;
        let filled = |(level, at): (f64, Instant)| {
            (level + now.saturating_duration_since(at).as_secs_f64() * per_second).min(size)
        };
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.len() >= MARKS_MAX && !levels.contains_key(&mark) {
            levels.retain(|_, entry| filled(*entry) < size);
            if levels.len() >= MARKS_MAX {
                return Err(10);
            }
        }
        let entry = levels.entry(mark).or_insert((size, now));
        let level = filled(*entry);
        if level < 1.0 {
            *entry = (level, now);
            return Err(((1.0 - level) / per_second).ceil().max(1.0) as u32);
        }
        *entry = (level - 1.0, now);
        Ok(())
    }
}

/// A random key that lives for one day, so that marks of different days cannot be matched.
#[derive(Default)]
pub struct Salt(Mutex<Option<(Day, Key)>>);

impl Salt {
    pub fn of(&self, day: Day) -> Result<Key> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((held_day, key)) = held.as_ref()
            && *held_day == day
        {
            return Ok(key.clone());
        }
        let key = Key::random()?;
        *held = Some((day, key.clone()));
        Ok(key)
    }
}

/// How often one client may ask anything that needs no login.
pub struct Clients {
    buckets: Buckets<[u8; 16]>,
    salt: Salt,
}

impl Clients {
    pub fn per_second(rate: u32) -> Self {
        Self { buckets: Buckets::new(Bucket::per_second(rate)), salt: Salt::default() }
    }

    /// What stands for a client's address for one day. The address itself is never kept.
    pub fn mark(&self, address: IpAddr, day: Day) -> Result<[u8; 16]> {
        let key = self.salt.of(day)?;
        Ok(match address.to_canonical() {
            IpAddr::V4(address) => key.digest(&address.octets()),
            // One household has a /64 of its own.
            IpAddr::V6(address) => key.digest(&address.octets()[..8]),
        })
    }

    /// Let this client ask once, or say when it may again.
    pub fn take(&self, address: IpAddr, day: Day) -> Result<()> {
        self.buckets.take(self.mark(address, day)?, Instant::now()).map_err(|retry_s| Error::TooMany { retry_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let buckets = Buckets::new(Bucket::per_second(2));
        let taken = (0..20).filter(|_| buckets.take("a", start).is_ok()).count();
        assert_eq!(taken, 10);
        assert_eq!(buckets.take("a", start), Err(1));
        assert_eq!(buckets.take("b", start), Ok(()), "another mark has its own");
        assert_eq!(buckets.take("a", start + Duration::from_millis(600)), Ok(()));
        assert_eq!(buckets.take("a", start + Duration::from_millis(600)), Err(1));
    }

    #[test]
    fn the_salt_changes_with_the_day() {
        let salt = Salt::default();
        let first = *salt.of(Day(1)).unwrap().as_bytes();
        assert_eq!(*salt.of(Day(1)).unwrap().as_bytes(), first);
        assert_ne!(*salt.of(Day(2)).unwrap().as_bytes(), first);
    }
}
