//! Room on the disk. Recording goes on while anything older may go: a whole day of chunks at a time, the one that expires first, which
//! gives its space back at once. A ballast file holds back what is needed to erase on a disk that is full.

use super::place::Place;
use super::shelf::Shelf;
use super::{Books, Day, erasure};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use rusqlite::Connection;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// So much is to stay free: a twentieth of the disk within these bounds, and never more than a quarter of a small one. Above, nothing is
/// gained: others may use the disk too, and no recording should go for their sake.
const RESERVE_BYTES: (u64, u64) = (512 << 20, 5 << 30);
/// Of the ballast: a sixteenth of a small disk.
const BALLAST_BYTES: u64 = 64 << 20;
/// Recordings forgotten in one transaction.
const SLICE: u32 = 500;

/// What a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    pub bytes: u64,
    pub free: u64,
}

/// A day that had to go before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    pub day: Day,
    pub recordings: u64,
}

impl Disk {
    pub fn of(place: &Place) -> Result<Self> {
        let found = statvfs(place.dir()).map_err(|cause| Error::internal("looking at the disk", cause))?;
        Ok(Self { bytes: found.f_blocks * found.f_frsize, free: found.f_bavail * found.f_frsize })
    }

    /// What should stay free.
    pub fn reserve(self) -> u64 {
        (self.bytes / 20).clamp(RESERVE_BYTES.0, RESERVE_BYTES.1).min(self.bytes / 4)
    }

    pub fn is_low(self) -> bool {
        self.free < self.reserve()
    }

    fn ballast(self) -> u64 {
        BALLAST_BYTES.min(self.bytes / 16)
    }
}

/// Hold some of the disk back, unless that would be most of what is left. Without it the store works as well, until the disk is full.
pub fn take_ballast(place: &Place) {
    let path = ballast(place);
    let take = |bytes: u64| {
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        fallocate(&file, FallocateFlags::empty(), 0, bytes).map_err(std::io::Error::from)
    };
    match Disk::of(place) {
        Ok(disk) if disk.free >= 2 * disk.ballast() && !path.exists() => {
            if let Err(cause) = take(disk.ballast()) {
                tracing::warn!(%cause, "no room could be held back on the disk");
                drop_ballast(place);
            }
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(cause = %error, "no room could be held back on the disk"),
    }
}

/// Give back what was held back.
pub fn drop_ballast(place: &Place) {
    // Nothing depends on whether it was there.
    let _ = std::fs::remove_file(ballast(place));
}

fn ballast(place: &Place) -> PathBuf {
    place.dir().join("ballast")
}

/// Let the day go that expires first, unless it is the last there is: recordings under way lie in that. `None`: nothing may go.
pub fn make(books: &mut Books) -> Result<Option<Gone>> {
    let days = books.place.shelves()?.into_iter().filter_map(|shelf| match shelf {
        Shelf::Day(day) => Some(day),
        Shelf::Keep => None,
    });
    let (Some(day), true) = (days.clone().min(), days.count() > 1) else { return Ok(None) };
    // Its bytes first, which needs no room. Cut off here, its recordings are empty until their day comes.
    books.close_chunks(Shelf::Day(day));
    erasure::unlink(&books.place, day)?;
    let recordings = match forget_day(books, day) {
        Err(Error::Full) => {
            drop_ballast(&books.place);
            forget_day(books, day)?
        }
        other => other?,
    };
    let gone = Gone { day, recordings };
    tracing::warn!(
        recordings,
        "the disk has no room: what would have expired on {day} was deleted now. Give the disk more room, or let recordings expire sooner"
    );
    Ok(Some(gone))
}

/// Whether letting days go would leave enough free. Where others fill the disk it would not, and nothing goes before a write finds no room.
pub fn would_help(place: &Place, disk: Disk) -> Result<bool> {
    let days: Vec<Shelf> = place.shelves()?.into_iter().filter(|shelf| *shelf != Shelf::Keep).collect();
    let may_go = days.iter().take(days.len().saturating_sub(1));
    let bytes: u64 = may_go.filter_map(|shelf| Some(std::fs::metadata(place.chunks(*shelf)).ok()?.len())).sum();
    Ok(disk.free + bytes >= disk.reserve())
}

/// Destroy the keys of a day's recordings, and forget them.
fn forget_day(books: &mut Books, day: Day) -> Result<u64> {
    let mut forgotten = 0;
    loop {
        let some = expiring(&books.meta, day)?;
        if some.is_empty() {
            return Ok(forgotten);
        }
        books.transact(|books| erasure::forget(books, &some))?;
        forgotten += some.len() as u64;
    }
}

fn expiring(meta: &Connection, day: Day) -> Result<Vec<RecordingId>> {
    let mut statement = meta.prepare_cached("select id from recording where expires_on = ?1 and kept = 0 limit ?2")?;
    let rows = statement.query_map((day, SLICE), |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a site keeps, and how much of it came lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    pub site_id: i64,
    pub recordings: u64,
    pub bytes: u64,
    /// Within the last seven days.
    pub lately: u64,
}

const LATELY_MS: i64 = 7 * Timestamp::DAY_MS;

/// What each site keeps.
pub fn used(meta: &Connection, now: Timestamp) -> Result<Vec<Use>> {
    let mut statement = meta.prepare_cached(
        "select site_id, count(*), sum(bytes), sum(case when started_at >= ?1 then bytes else 0 end)
         from recording where state <> 3 group by site_id order by site_id",
    )?;
    let rows = statement.query_map([now.0 - LATELY_MS], |row| {
        Ok(Use { site_id: row.get(0)?, recordings: row.get(1)?, bytes: row.get(2)?, lately: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Use {
    /// What the site will keep once as much goes as comes, if it goes on as in the last seven days.
    pub fn forecast(self, retention_days: u32) -> u64 {
        self.lately / 7 * u64::from(retention_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_disk_keeps_a_quarter_free_a_larger_one_a_twentieth_within_bounds() {
        let reserve = |gib: u64| Disk { bytes: gib << 30, free: 0 }.reserve();
        assert_eq!((reserve(1), reserve(4), reserve(20), reserve(2_000)), (256 << 20, 512 << 20, 1 << 30, 5 << 30));
        let disk = Disk { bytes: 40 << 20, free: 11 << 20 };
        assert!(!disk.is_low() && Disk { free: 9 << 20, ..disk }.is_low());
        assert_eq!(disk.ballast(), (40 << 20) / 16);
    }

    #[test]
    fn days_go_only_where_that_leaves_enough() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path(), None).unwrap();
        place.make_chunk_dir().unwrap();
        for (day, bytes) in [(1, 3 << 20), (2, 9 << 20)] {
            std::fs::write(place.chunks(Shelf::Day(Day(day))), vec![0; bytes]).unwrap();
        }
        let disk = Disk { bytes: 40 << 20, free: 8 << 20 };
        assert!(would_help(&place, disk).unwrap(), "the first day's three are enough");
        assert!(!would_help(&place, Disk { free: 6 << 20, ..disk }).unwrap(), "the last day's nine may not go");
    }

    #[test]
    fn a_forecast_is_what_a_whole_retention_would_hold() {
        let used = Use { site_id: 1, recordings: 3, bytes: 900, lately: 700 };
        assert_eq!(used.forecast(30), 3_000);
    }
}
