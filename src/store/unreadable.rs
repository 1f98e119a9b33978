//! What recorders could not read on a site, for its operator: addresses, reduced by the policy, each with its cause. Sealed,
//! because an address comes from a recording.

use super::day::Day;
use super::facts::UnreadableSeen;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::seal::Key;
use crate::stream::Cause;
use rusqlite::{Connection, OptionalExtension};

/// Addresses remembered for one site; a stranger can send more, and pushes out only the oldest.
const ADDRESSES_MAX: u32 = 200;
/// An address that nobody met for so many days was mended, or is gone.
const DAYS: i32 = 30;

/// One line for the list, sealed by whoever has the key.
#[derive(Debug, Clone)]
pub struct Line {
    name: [u8; 16],
    sealed: Vec<u8>,
}

impl Line {
    pub fn seal(key: &Key, seen: &UnreadableSeen) -> Result<Self> {
        let plain = serde_json::to_vec(seen).map_err(|cause| Error::internal("writing an address", cause))?;
        let name = key.digest(&plain);
        Ok(Self { name, sealed: key.seal(&place(&name), plain)? })
    }
}

/// An address with its cause, and how many batches told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub url: String,
    pub cause: Cause,
    pub times: u64,
}

pub fn add(db: &Connection, site_id: i64, lines: &[Line], now: Timestamp) -> Result<()> {
    for line in lines {
        db.prepare_cached(
            "insert into asset_unreadable (site_id, name, sealed, times, seen_on) values (?1, ?2, ?3, 1, ?4)
             on conflict do update set times = times + 1, seen_on = excluded.seen_on",
        )?
        .execute((site_id, line.name, &line.sealed, Day::of(now)))?;
    }
    if !lines.is_empty() {
        db.prepare_cached(
            "delete from asset_unreadable where site_id = ?1 and name in (select name from asset_unreadable
             where site_id = ?1 order by seen_on desc, times desc limit -1 offset ?2)",
        )?
        .execute((site_id, ADDRESSES_MAX))?;
    }
    Ok(())
}

/// A site's list, what was met most first.
pub fn list(db: &Connection, site_id: i64, key: &Key) -> Result<Vec<Unreadable>> {
    let mut statement = db.prepare_cached(
        "select name, sealed, times from asset_unreadable where site_id = ?1 order by times desc, name limit ?2",
    )?;
    let rows = statement.query_map((site_id, ADDRESSES_MAX), |row| {
        Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, u64>(2)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (name, sealed, times) = row?;
        let plain = key.open(&place(&name), &sealed)?;
        let seen: UnreadableSeen =
            serde_json::from_slice(&plain).map_err(|cause| Error::internal("reading an address", cause))?;
        found.push(Unreadable { url: seen.url, cause: seen.cause, times });
    }
    Ok(found)
}

/// How many addresses of a site wait for its operator.
pub fn count(db: &Connection, site_id: i64) -> Result<u64> {
    let found = db
        .prepare_cached("select count(*) from asset_unreadable where site_id = ?1")?
        .query_row([site_id], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

pub fn delete_old(db: &Connection, now: Timestamp) -> Result<()> {
    db.execute("delete from asset_unreadable where seen_on < ?1", [Day::of(now).0 - DAYS])?;
    Ok(())
}

fn place(name: &[u8; 16]) -> Vec<u8> {
    [b"unreadable ".as_slice(), name].concat()
}
