//! Erasing: the key first, then what names the recording, then, in the background, the sealed bytes. And retention: whole
//! days of chunks unlinked when they expire.

use super::day::Day;
use super::place::Place;
use super::policy::Version;
use super::recording::{self, Bound, State};
use super::request::{self, Actor, Kind, Request};
use super::shelf::Shelf;
use super::{Books, chunk, keys, term};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use rusqlite::Connection;

/// Chunks or recordings deleted in one go; deleting more would hold up the door.
const SLICE: u32 = 500;
/// Tombstones swept in one run.
const SWEEP_MAX: u32 = 10;

/// Erase one recording. Once this returns, nothing can open it. What is restricted only its visitor may erase.
pub fn erase(books: &Books, id: RecordingId, by: &Actor, now: Timestamp) -> Result<()> {
    let bound = recording::present(&books.meta, id)?;
    match by {
        Actor::Command | Actor::Staff(_) if bound.restricted => return Err(Error::Restricted),
        Actor::Visitor | Actor::Command | Actor::Staff(_) => {}
    }
    destroy(books, id, &bound, by, Kind::Erasure, now)
}

/// Erase a recording that its own browser takes back; whether there was something to erase. One whose first batch is still on its way
/// is buried before it comes. A wrong secret changes nothing.
pub fn take_back(
    books: &Books,
    site_id: i64,
    id: RecordingId,
    secret: &[u8],
    policy: &Version,
    now: Timestamp,
) -> Result<bool> {
    let Some(bound) = recording::bound(&books.meta, id)? else {
        let expires_on = Day::of_expiry(now, policy.policy.retention_days);
        recording::refuse_ahead(&books.meta, site_id, id, expires_on, policy.number, now)?;
        return Ok(false);
    };
    let owned = bound.state != State::Erased && recording::belongs(&bound, site_id, secret);
    if owned {
        destroy(books, id, &bound, &Actor::Visitor, Kind::Withdrawal, now)?;
    }
    Ok(owned)
}

fn destroy(books: &Books, id: RecordingId, bound: &Bound, by: &Actor, kind: Kind, now: Timestamp) -> Result<()> {
    request::note(&books.meta, &Request { site_id: bound.site_id, recording: id, kind, by, reason: "", at: now })?;
    keys::destroy(&books.keys, id)?;
    bury(&books.meta, id, bound.expires_on, now)
}

/// Erase every recording of a site, and the site.
pub fn erase_site(books: &Books, site_id: i64, now: Timestamp) -> Result<()> {
    keys::destroy_site(&books.keys, site_id)?;
    let mut statement = books.meta.prepare("select id, expires_on from recording where site_id = ?1 and state <> 3")?;
    let rows = statement
        .query_map([site_id], |row| Ok((RecordingId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (id, expires_on) in rows {
        bury(&books.meta, id, expires_on, now)?;
    }
    term::forget_site(&books.meta, site_id)?;
    super::site::delete(&books.meta, site_id)
}

/// Write the tombstone and null what could tell whose recording it was. Nothing of it outlives its day. Each tombstone is later than the one
/// before it, by a millisecond at least, so that whoever was told some knows which are new.
pub(super) fn bury(meta: &Connection, id: RecordingId, expires_on: Day, now: Timestamp) -> Result<()> {
    meta.prepare_cached(
        "insert into tombstone (recording, expires_on, erased_at)
         values (?1, ?2, max(?3, 1 + (select coalesce(max(erased_at), 0) from tombstone))) on conflict do nothing",
    )?
    .execute((id.0, expires_on, now.0))?;
    term::release(meta, id)?;
    meta.prepare_cached(
        "update recording set state = 3, secret_hash = null, summary = null, device = '', browser = '', os = '',
             width = 0, height = 0, refused_rule = null, kept = 0, visitor = null, country = null, bot = 0,
             rage = 0, dead = 0, error_clicks = 0, quick_backs = 0, errors = 0, custom = 0
         where id = ?1",
    )?
    .execute([id.0])?;
    meta.prepare_cached("delete from page where recording = ?1")?.execute([id.0])?;
    meta.prepare_cached("delete from watched where recording = ?1")?.execute([id.0])?;
    meta.prepare_cached("delete from asset_use where recording = ?1")?.execute([id.0])?;
    meta.prepare_cached("delete from identified where recording = ?1")?.execute([id.0])?;
    meta.prepare_cached("delete from restriction where recording = ?1")?.execute([id.0])?;
    Ok(())
}

/// What came of erasing many recordings at once.
#[derive(Debug, Default)]
pub struct Many {
    pub erased: Vec<RecordingId>,
    /// Those that stay.
    pub restricted: u64,
}

/// Erase these recordings, but for any that is restricted; one that is gone already is passed over.
pub fn erase_these(books: &Books, ids: &[RecordingId], by: &Actor, now: Timestamp) -> Result<Many> {
    let mut many = Many::default();
    for id in ids {
        match erase(books, *id, by, now) {
            Ok(()) => many.erased.push(*id),
            Err(Error::Restricted) => many.restricted += 1,
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(many)
}

/// Whether sealed bytes of erased recordings are left.
pub fn any_unswept(meta: &Connection) -> Result<bool> {
    Ok(meta.query_row("select exists (select 1 from tombstone where not swept)", [], |row| row.get(0))?)
}

/// Delete some sealed bytes of erased recordings.
pub fn sweep(books: &mut Books) -> Result<()> {
    let waiting = {
        let mut statement =
            books.meta.prepare_cached("select recording, expires_on from tombstone where not swept limit ?1")?;
        statement
            .query_map([SWEEP_MAX], |row| Ok((RecordingId(row.get(0)?), row.get::<_, Day>(1)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?
    };
    for (id, day) in waiting {
        for shelf in [Shelf::Day(day), Shelf::Keep] {
            if books.has_chunks(shelf) && chunk::delete_some(books.chunks(shelf)?, id, SLICE)? {
                return Ok(());
            }
        }
        books.meta.execute("update tombstone set swept = 1 where recording = ?1", [id.0])?;
    }
    Ok(())
}

/// Whether any day has come whose recordings expire.
pub fn any_expired(meta: &Connection, place: &Place, now: Timestamp) -> Result<bool> {
    let today = Day::of(now);
    let rows = meta.query_row(
        "select exists (select 1 from recording where expires_on <= ?1 and kept = 0)",
        [today],
        |row| row.get(0),
    )?;
    Ok(rows || past(place, today)?.next().is_some())
}

/// The days that have come and have a chunk file still.
fn past(place: &Place, today: Day) -> Result<impl Iterator<Item = Day> + use<>> {
    Ok(place.shelves()?.into_iter().filter_map(move |shelf| match shelf {
        Shelf::Day(day) => (day <= today).then_some(day),
        Shelf::Keep => None,
    }))
}

/// Unlink the chunk files of the days that have come, which gives back their space at once, and forget some of their
/// recordings.
pub fn expire(books: &mut Books, now: Timestamp) -> Result<()> {
    let today = Day::of(now);
    for day in past(&books.place, today)? {
        books.close_chunks(Shelf::Day(day));
        unlink(&books.place, day)?;
        tracing::info!(%day, "unlinked what expired on {day}");
    }
    let expired = {
        let mut statement =
            books.meta.prepare_cached("select id from recording where expires_on <= ?1 and kept = 0 limit ?2")?;
        statement
            .query_map((today, SLICE), |row| Ok(RecordingId(row.get(0)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?
    };
    forget(books, &expired)
}

/// Delete some of a site's oldest recordings while what is left does not fit into `bytes`; how many went. Not those under way, and none
/// that is restricted. To be repeated until none goes.
pub fn shrink(books: &Books, site_id: i64, bytes: u64, now: Timestamp) -> Result<u64> {
    let mut statement = books.meta.prepare_cached(
        "select id, expires_on, bytes from recording
         where site_id = ?1 and state <> 3 and kept = 0 and (state in (1, 2) or last_batch_at < ?2) order by started_at limit ?3",
    )?;
    let rows = statement
        .query_map((site_id, now.0 - recording::IDLE_MS, SLICE), |row| {
            Ok((RecordingId(row.get(0)?), row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<Vec<(_, _, u64)>>>()?;
    let mut taken: u64 = recording::bytes_of(&books.meta, site_id)?;
    let mut going = Vec::new();
    for (id, expires_on, size) in rows {
        if taken <= bytes {
            break;
        }
        taken = taken.saturating_sub(size);
        going.push((id, expires_on));
    }
    keys::destroy_all(&books.keys, &going.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    for (id, expires_on) in &going {
        bury(&books.meta, *id, *expires_on, now)?;
    }
    Ok(going.len() as u64)
}

/// Let nothing be left of these recordings but the request lines that name them.
pub fn forget(books: &Books, expired: &[RecordingId]) -> Result<()> {
    keys::destroy_all(&books.keys, expired)?;
    for id in expired {
        term::release(&books.meta, *id)?;
        books.meta.prepare_cached("delete from recording where id = ?1")?.execute([id.0])?;
    }
    Ok(())
}

pub(super) fn unlink(place: &Place, day: Day) -> Result<()> {
    let path = place.chunks(Shelf::Day(day));
    for suffix in ["-wal", "-shm", ""] {
        let mut file = path.clone().into_os_string();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(Error::internal("unlinking an expired day", cause)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixtures::{ID, NOW, facts, shop};

    #[test]
    fn the_oldest_go_first_until_the_rest_fits_and_none_that_is_under_way() {
        let mut shop = shop();
        let at = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
        let add = |id: [u8; 16], minutes: i64, state: i64, bytes: i64| {
            let id = RecordingId(id);
            recording::begin(&shop.books.meta, id, &facts(at(minutes))).unwrap();
            let times = (id.0, at(minutes).0, state, bytes);
            let sql = "update recording set started_at = ?2, last_batch_at = ?2, state = ?3, bytes = ?4 where id = ?1";
            shop.books.meta.execute(sql, times).unwrap();
            id
        };
        let (oldest, older, live) = (add([1; 16], 900, 1, 400), add([2; 16], 800, 0, 400), add([3; 16], 5, 0, 400));
        let books = &mut shop.books;
        books
            .meta
            .execute("update recording set bytes = 400, started_at = ?2 where id = ?1", (ID.0, at(700).0))
            .unwrap();
        assert_eq!(shrink(books, 1, 1_600, NOW).unwrap(), 0, "it fits");
        assert_eq!(shrink(books, 1, 900, NOW).unwrap(), 2);
        let there = |id| recording::present(&books.meta, id).is_ok();
        assert_eq!([oldest, older, ID, live].map(there), [false, false, true, true]);
        assert!(any_unswept(&books.meta).unwrap(), "its bytes are swept");
        let times: i64 =
            books.meta.query_row("select count(distinct erased_at) from tombstone", [], |row| row.get(0)).unwrap();
        assert_eq!(times, 2, "each is later than the one before it");
        assert_eq!(shrink(books, 1, 0, NOW).unwrap(), 1);
        assert!(recording::present(&books.meta, live).is_ok(), "batches still come");
        assert_eq!(shrink(books, 2, 0, NOW).unwrap(), 0, "another site's quota");
    }
}
