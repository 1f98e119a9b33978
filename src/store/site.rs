//! Recorded websites, and all of them at once as the door reads them.

use super::finding;
use super::policy::{self, Version};
use crate::error::{Error, Result};
use crate::model::{PolicyHash, SiteKey, Timestamp};
use crate::origin::Origin;
use crate::policy::Policy;
use crate::policy::profile::Facts;
use crate::seal;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;
use std::sync::Arc;

/// An older policy is still taken for this long after the next was saved.
const OLD_POLICY_MS: i64 = Timestamp::DAY_MS;

/// A recorded website.
#[derive(Debug, Clone)]
pub struct Site {
    pub id: i64,
    pub key: SiteKey,
    pub name: String,
    pub origins: Vec<Origin>,
    pub paused: bool,
    pub created_at: Timestamp,
    pub last_fetched_at: Option<Timestamp>,
    pub last_batch_at: Option<Timestamp>,
    /// The policy in force.
    pub policy: Version,
    /// Earlier versions, newest first.
    pub older: Vec<Version>,
}

/// Every site, as it was when last read.
pub type Catalogue = HashMap<SiteKey, Arc<Site>>;

impl Site {
    /// The policy that a batch was captured under, if the door still takes it.
    pub fn captured_under(&self, hash: PolicyHash, now: Timestamp) -> Option<&Version> {
        if self.policy.hash == hash {
            return Some(&self.policy);
        }
        // Replaced by the version after it, which stands before it in the list.
        let mut replaced_at = self.policy.saved_at;
        for version in &self.older {
            if version.hash == hash {
                let recent = now < replaced_at.plus_ms(OLD_POLICY_MS);
                return (recent && version.policy.looser_than(&self.policy.policy).is_none()).then_some(version);
            }
            replaced_at = version.saved_at;
        }
        None
    }

    pub fn admits(&self, origin: &str) -> bool {
        self.origins.iter().any(|listed| listed.admits(origin))
    }

    /// The tag that a page needs, served from `base`.
    pub fn snippet(&self, base: &str) -> String {
        format!("<script async src=\"{base}/r/{}.js\" referrerpolicy=\"no-referrer\"></script>", self.key)
    }

    /// What a profile asks about besides the policy.
    pub fn facts(&self, db: &Connection) -> Result<Facts> {
        Ok(Facts {
            open_origins: self.origins.iter().filter(|origin| !origin.is_private()).count(),
            open_findings: finding::count_open(db, self.id)?,
        })
    }

    /// Nothing is recorded before the site's purpose is written.
    pub fn records(&self) -> bool {
        !self.paused && !self.policy.policy.purpose.trim().is_empty()
    }
}

/// Make a site with the first version of its policy.
pub fn insert(db: &Connection, name: &str, origins: &[Origin], policy: &Policy, now: Timestamp) -> Result<SiteKey> {
    let name = check_name(name)?;
    check_origins(origins)?;
    let key = SiteKey::from_random(seal::random()?);
    db.execute(
        "insert into site (key, name, origins, created_at) values (?1, ?2, ?3, ?4)",
        (key.as_str(), name, to_json(origins), now.0),
    )?;
    policy::save(db, db.last_insert_rowid(), policy, now)?;
    Ok(key)
}

pub fn all(db: &Connection) -> Result<Catalogue> {
    let mut statement = db.prepare_cached(&format!("{SELECT} order by id"))?;
    let rows = statement.query_map([], from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.into_iter().map(|row| finish(db, row).map(|site| (site.key.clone(), Arc::new(site)))).collect()
}

pub fn find(db: &Connection, key: &SiteKey) -> Result<Site> {
    let row = db
        .prepare_cached(&format!("{SELECT} where key = ?1"))?
        .query_row([key.as_str()], from_row)
        .optional()?
        .ok_or(Error::NotFound)?;
    finish(db, row)
}

pub fn rename(db: &Connection, id: i64, name: &str) -> Result<()> {
    db.execute("update site set name = ?2 where id = ?1", (id, check_name(name)?))?;
    Ok(())
}

pub fn set_origins(db: &Connection, id: i64, origins: &[Origin]) -> Result<()> {
    check_origins(origins)?;
    db.execute("update site set origins = ?2 where id = ?1", (id, to_json(origins)))?;
    Ok(())
}

pub fn set_paused(db: &Connection, id: i64, paused: bool) -> Result<()> {
    db.execute("update site set paused = ?2 where id = ?1", (id, paused))?;
    Ok(())
}

/// When the recorder was last fetched, for "waiting for the first event".
pub fn set_fetched(db: &Connection, id: i64, at: Timestamp) -> Result<()> {
    db.execute("update site set last_fetched_at = ?2 where id = ?1", (id, at.0))?;
    Ok(())
}

pub fn set_batch(db: &Connection, id: i64, at: Timestamp) -> Result<()> {
    db.prepare_cached("update site set last_batch_at = ?2 where id = ?1")?.execute((id, at.0))?;
    Ok(())
}

/// Forget a site. Its keys are destroyed apart, before this; `recording::erase_site` runs beside it.
pub fn delete(db: &Connection, id: i64) -> Result<()> {
    db.execute("delete from site where id = ?1", [id])?;
    Ok(())
}

/// How many recordings each site has.
pub fn recording_counts(db: &Connection) -> Result<HashMap<i64, u64>> {
    let mut statement =
        db.prepare_cached("select site_id, count(*) from recording where state <> 3 group by site_id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

const SELECT: &str = "select id, key, name, origins, paused, created_at, last_fetched_at, last_batch_at from site";

/// A row as it stands, with the texts that still have to be read.
struct Raw {
    id: i64,
    key: String,
    name: String,
    origins: String,
    paused: bool,
    created_at: i64,
    last_fetched_at: Option<i64>,
    last_batch_at: Option<i64>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        key: row.get(1)?,
        name: row.get(2)?,
        origins: row.get(3)?,
        paused: row.get(4)?,
        created_at: row.get(5)?,
        last_fetched_at: row.get(6)?,
        last_batch_at: row.get(7)?,
    })
}

fn finish(db: &Connection, row: Raw) -> Result<Site> {
    let unreadable = |cause: String| Error::internal("reading a site", cause);
    let mut versions = policy::versions(db, row.id)?.into_iter();
    Ok(Site {
        id: row.id,
        key: row.key.parse().map_err(|cause: crate::model::Malformed| unreadable(cause.to_string()))?,
        name: row.name,
        origins: serde_json::from_str(&row.origins).map_err(|cause| unreadable(cause.to_string()))?,
        paused: row.paused,
        created_at: Timestamp(row.created_at),
        last_fetched_at: row.last_fetched_at.map(Timestamp),
        last_batch_at: row.last_batch_at.map(Timestamp),
        policy: versions.next().ok_or_else(|| unreadable("a site has no policy".to_owned()))?,
        older: versions.collect(),
    })
}

fn check_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "A site's name has 1 to 100 characters."));
    }
    Ok(name)
}

fn check_origins(origins: &[Origin]) -> Result<()> {
    if origins.is_empty() || origins.len() > 100 {
        return Err(Error::invalid("origins", "A site has 1 to 100 origins, such as https://www.example.com."));
    }
    Ok(())
}

fn to_json(origins: &[Origin]) -> String {
    serde_json::Value::from(origins.iter().map(Origin::to_string).collect::<Vec<_>>()).to_string()
}
