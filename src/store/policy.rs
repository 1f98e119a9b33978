//! Saved versions of a site's policy. A version never changes; the newest is in force.

use crate::error::{Error, Result};
use crate::model::{PolicyHash, Timestamp};
use crate::policy::Policy;
use rusqlite::Connection;
use std::sync::Arc;

/// Versions that are read back; older ones cannot be in force for any recording still running.
const VERSIONS_MAX: u32 = 50;

/// One saved version.
#[derive(Debug, Clone)]
pub struct Version {
    pub number: u32,
    pub hash: PolicyHash,
    pub policy: Arc<Policy>,
    pub saved_at: Timestamp,
}

/// Save a policy as the site's next version. Saving what is in force already changes nothing.
pub fn save(db: &Connection, site_id: i64, policy: &Policy, now: Timestamp) -> Result<()> {
    policy
        .check()
        .map_err(|invalid| Error::Invalid { field: invalid.key.to_string(), message: invalid.message.to_string() })?;
    let hash = policy.hash();
    let newest = versions(db, site_id)?.into_iter().next();
    if newest.as_ref().is_some_and(|newest| newest.hash == hash) {
        return Ok(());
    }
    let json = serde_json::to_string(policy).map_err(|cause| Error::internal("writing a policy", cause))?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    db.execute(
        "insert into policy (site_id, version, hash, json, saved_at) values (?1, ?2, ?3, ?4, ?5)",
        (site_id, number, hash.0, json, now.0),
    )?;
    Ok(())
}

/// A site's versions, newest first.
pub fn versions(db: &Connection, site_id: i64) -> Result<Vec<Version>> {
    let mut statement = db.prepare_cached(
        "select version, hash, json, saved_at from policy where site_id = ?1 order by version desc limit ?2",
    )?;
    let rows = statement.query_map((site_id, VERSIONS_MAX), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (number, hash, json, saved_at) = row?;
        let policy = serde_json::from_str(&json).map_err(|cause| Error::internal("reading a policy", cause))?;
        Ok(Version { number, hash: PolicyHash(hash), policy: Arc::new(policy), saved_at: Timestamp(saved_at) })
    })
    .collect()
}
