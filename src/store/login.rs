//! Signed-in browsers. Only the hash of the cookie is kept.

use super::account::{self, Account};
use crate::error::Result;
use crate::model::Timestamp;
use crate::seal;
use rusqlite::{Connection, OptionalExtension};

/// A login ends after this long without a request.
pub const IDLE_MS: i64 = 12 * 3_600_000;
/// And after this long in any case.
pub const ABSOLUTE_MS: i64 = 30 * Timestamp::DAY_MS;
/// How exact "last seen" is: a write for every request would be too many.
const SEEN_EVERY_MS: i64 = 60_000;

/// A login that is good now.
pub struct Login {
    pub account: Account,
    /// "Last seen" is old enough to be written anew.
    pub stale: bool,
}

/// Sign an account in; the returned text goes into the cookie.
pub fn insert(db: &Connection, account_id: &str, now: Timestamp) -> Result<String> {
    let token = data_encoding::BASE64URL_NOPAD.encode(&seal::random::<32>()?);
    db.execute(
        "insert into login (token_hash, account_id, created_at, seen_at) values (?1, ?2, ?3, ?3)",
        (seal::hash(token.as_bytes()), account_id, now.0),
    )?;
    Ok(token)
}

pub fn find(db: &Connection, token: &str, now: Timestamp) -> Result<Option<Login>> {
    let row: Option<(String, i64)> = db
        .prepare_cached(
            "select account_id, seen_at from login where token_hash = ?1 and seen_at > ?2 and created_at > ?3",
        )?
        .query_row((seal::hash(token.as_bytes()), now.0 - IDLE_MS, now.0 - ABSOLUTE_MS), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((account_id, seen_at)) = row else { return Ok(None) };
    let account = account::find(db, &account_id)?.filter(|account| !account.disabled);
    Ok(account.map(|account| Login { account, stale: now.0 - seen_at > SEEN_EVERY_MS }))
}

pub fn set_seen(db: &Connection, token: &str, now: Timestamp) -> Result<()> {
    db.execute("update login set seen_at = ?2 where token_hash = ?1", (seal::hash(token.as_bytes()), now.0))?;
    Ok(())
}

pub fn delete(db: &Connection, token: &str) -> Result<()> {
    db.execute("delete from login where token_hash = ?1", [seal::hash(token.as_bytes())])?;
    Ok(())
}

pub fn delete_expired(db: &Connection, now: Timestamp) -> Result<()> {
    db.execute("delete from login where seen_at <= ?1 or created_at <= ?2", (now.0 - IDLE_MS, now.0 - ABSOLUTE_MS))?;
    Ok(())
}
