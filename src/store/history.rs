//! Who saved each version of a policy, and why.

use super::policy::{self, Version};
use crate::error::{Error, Result};
use crate::model::{PolicyHash, Timestamp};
use crate::policy::Policy;
use rusqlite::Connection;
use std::sync::Arc;

/// A version with its story.
#[derive(Debug, Clone)]
pub struct Entry {
    pub version: Version,
    /// The account's e-mail address or the token's name, as far as it is still there; none for a command.
    pub by: Option<String>,
    pub reason: String,
}

/// Save a policy as the site's next version, in the name of an account or a token. Saving what is in force changes nothing.
pub fn save(db: &Connection, site_id: i64, policy: &Policy, now: Timestamp, by: &str, reason: &str) -> Result<()> {
    let newest = |db: &Connection| -> Result<i64> {
        Ok(db.query_row("select coalesce(max(version), 0) from policy where site_id = ?1", [site_id], |row| {
            row.get(0)
        })?)
    };
    let before = newest(db)?;
    policy::save(db, site_id, policy, now)?;
    let version = newest(db)?;
    if version > before {
        db.execute(
            "update policy set saved_by = ?3, reason = ?4 where site_id = ?1 and version = ?2",
            (site_id, version, by, reason),
        )?;
    }
    Ok(())
}

/// Every version of a site's policy, newest first, also those too old for any recording under way.
pub fn list(db: &Connection, site_id: i64) -> Result<Vec<Entry>> {
    let mut statement = db.prepare_cached(
        "select policy.version, policy.hash, policy.json, policy.saved_at, coalesce(account.email, token.name), policy.reason
         from policy left join account on account.id = policy.saved_by left join token on token.id = policy.saved_by
         where policy.site_id = ?1 order by policy.version desc",
    )?;
    let rows = statement.query_map([site_id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    })?;
    rows.map(|row| {
        let (number, hash, json, saved_at, by, reason) = row?;
        let policy = Policy::saved(&json).map_err(|cause| Error::internal("reading a policy", cause))?;
        let version =
            Version { number, hash: PolicyHash(hash), policy: Arc::new(policy), saved_at: Timestamp(saved_at) };
        Ok(Entry { version, by, reason })
    })
    .collect()
}
