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
    let newest = versions(db, site_id)?.into_iter().next();
    // Not by their hashes: that of a version of before some key was there is of other JSON.
    if newest.as_ref().is_some_and(|newest| *newest.policy == *policy) {
        return Ok(());
    }
    let number = newest.map_or(1, |newest| newest.number + 1);
    db.execute(
        "insert into policy (site_id, version, hash, json, saved_at) values (?1, ?2, ?3, ?4, ?5)",
        (site_id, number, policy.hash().0, policy.canonical(), now.0),
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
        let policy = Policy::saved(&json).map_err(|cause| Error::internal("reading a policy", cause))?;
        Ok(Version { number, hash: PolicyHash(hash), policy: Arc::new(policy), saved_at: Timestamp(saved_at) })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate::{META, open};

    /// As it was saved before `dnt`, `sample` and their neighbours were keys, with the hash that its recordings carry.
    const OLD: &str = r#"{"preset":"strict","text":"mask","forms":"off","attributes":[],"media":"block","urls":"listed","paths":["/"],"query":[],"mask":[],"block":[],"ignore":[],"show":[],"console":"off","network":"off","consent":"required","gpc":true,"identity":"none","purpose":"To see where people give up.","retention_days":30}"#;
    const OLD_HASH: [u8; 8] = [0xd0; 8];

    #[test]
    fn a_version_of_before_a_key_keeps_its_hash_and_its_meaning() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&dir.path().join("meta.db"), &META).unwrap();
        db.execute_batch("insert into site (id, key, name, origins, created_at) values (1, 'k', 'Shop', '[]', 0)")
            .unwrap();
        db.execute(
            "insert into policy (site_id, version, hash, json, saved_at) values (1, 1, ?1, ?2, 7)",
            (OLD_HASH, OLD),
        )
        .unwrap();
        let found = versions(&db, 1).unwrap().remove(0);
        assert_eq!((found.number, found.hash), (1, PolicyHash(OLD_HASH)));
        assert!(!found.policy.dnt && found.policy.min_interaction == 0, "nothing that it did not say");
        // Saving it as it is makes no other version; changing it does.
        save(&db, 1, &found.policy, Timestamp(8)).unwrap();
        assert_eq!(versions(&db, 1).unwrap().len(), 1);
        let next = Policy { dnt: true, ..(*found.policy).clone() };
        save(&db, 1, &next, Timestamp(9)).unwrap();
        let all = versions(&db, 1).unwrap();
        assert_eq!((all.len(), &*all[0].policy, all[0].hash), (2, &next, next.hash()));
        assert_eq!(all[1].hash, PolicyHash(OLD_HASH));
    }
}
