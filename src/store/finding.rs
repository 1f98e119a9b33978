//! What recorder, door and auditor found on a site: kind and place, never a value. Sealed, because a place comes from a recording.

use super::Keyring;
use crate::auditor::UNCHECKED_RULE;
use crate::error::{Error, Result};
use crate::model::{FindingId, Timestamp};
use crate::seal::Key;
use crate::stream::FindingKind;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

/// Findings remembered for one site; a stranger can send more, and pushes out only the oldest that nobody decided on.
const FINDINGS_MAX: u32 = 300;

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finder {
    /// In the page, before anything was sent.
    Recorder,
    /// In a batch, which was refused.
    Door,
    /// In a stored recording, from which it was taken out.
    Auditor,
}

/// What was found and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Found {
    pub by: Finder,
    /// What it is, or the rule that it broke.
    pub kind: String,
    /// The page's address, reduced by the policy; empty where it is not known.
    pub page: String,
    /// Where on the page; empty where that is not known.
    pub selector: String,
}

/// What to put where, so that a finding is not met again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fix {
    /// Into the element's tag.
    pub attribute: &'static str,
    /// Or under `mask` in the site's policy; none where the place is not known, or is a rule of it already.
    pub mask: Option<String>,
}

impl Found {
    pub fn fix(&self) -> Fix {
        Fix {
            attribute: "data-hush=\"sensitive\"",
            mask: (!self.selector.is_empty() && self.kind != UNCHECKED_RULE).then(|| self.selector.clone()),
        }
    }

    pub fn by_recorder(kind: FindingKind, selector: &str, page: &str) -> Self {
        Self {
            by: Finder::Recorder,
            kind: kind.as_str().to_owned(),
            page: page.to_owned(),
            selector: selector.to_owned(),
        }
    }
}

/// One finding, sealed by whoever has the key.
#[derive(Debug, Clone)]
pub struct Line {
    name: [u8; 16],
    sealed: Vec<u8>,
}

impl Line {
    pub fn seal(key: &Key, found: &Found) -> Result<Self> {
        let plain = serde_json::to_vec(found).map_err(|cause| Error::internal("writing a finding", cause))?;
        let name = key.digest(&plain);
        Ok(Self { name, sealed: key.seal(&place(&name), plain)? })
    }
}

/// What the operator made of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Open,
    /// Opened again by itself if it is met again.
    Fixed,
    /// It may stay as it is, for a reason.
    Accepted,
}

impl State {
    fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Fixed => 1,
            Self::Accepted => 2,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Fixed,
            2 => Self::Accepted,
            // Anything unknown still waits for somebody.
            _ => Self::Open,
        }
    }
}

/// A finding as its site's operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub id: FindingId,
    pub found: Found,
    pub state: State,
    pub reason: String,
    /// How many batches told of it.
    pub times: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

pub fn add(db: &Connection, site_id: i64, lines: &[Line], now: Timestamp) -> Result<()> {
    for line in lines {
        db.prepare_cached(
            "insert into finding (site_id, name, sealed, times, first_at, last_at) values (?1, ?2, ?3, 1, ?4, ?4)
             on conflict do update set times = times + 1, last_at = max(last_at, excluded.last_at),
                 state = iif(state = 1, 0, state)",
        )?
        .execute((site_id, line.name, &line.sealed, now.0))?;
    }
    if !lines.is_empty() {
        db.prepare_cached(
            "delete from finding where site_id = ?1 and name in (select name from finding
             where site_id = ?1 order by state = 0, last_at desc limit -1 offset ?2)",
        )?
        .execute((site_id, FINDINGS_MAX))?;
    }
    Ok(())
}

/// A site's findings: what is open first, then the latest.
pub fn list(db: &Connection, keyring: &Keyring, site_id: i64) -> Result<Vec<Finding>> {
    match keyring.find_asset_key(site_id)? {
        Some(key) => open_all(db, site_id, &key),
        None => Ok(Vec::new()),
    }
}

fn open_all(db: &Connection, site_id: i64, key: &Key) -> Result<Vec<Finding>> {
    let mut statement = db.prepare_cached(
        "select name, sealed, state, reason, times, first_at, last_at from finding where site_id = ?1
         order by state <> 0, last_at desc, name",
    )?;
    let rows = statement.query_map([site_id], |row| {
        let finding = Finding {
            id: FindingId(row.get(0)?),
            found: Found { by: Finder::Recorder, kind: String::new(), page: String::new(), selector: String::new() },
            state: State::from_code(row.get(2)?),
            reason: row.get(3)?,
            times: row.get(4)?,
            first_at: Timestamp(row.get(5)?),
            last_at: Timestamp(row.get(6)?),
        };
        Ok((finding, row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut findings = Vec::new();
    for row in rows {
        let (finding, sealed) = row?;
        let plain = key.open(&place(&finding.id.0), &sealed)?;
        let found = serde_json::from_slice(&plain).map_err(|cause| Error::internal("reading a finding", cause))?;
        findings.push(Finding { found, ..finding });
    }
    Ok(findings)
}

/// How many findings of a site wait for its operator.
pub fn count_open(db: &Connection, site_id: i64) -> Result<u64> {
    let found = db
        .prepare_cached("select count(*) from finding where site_id = ?1 and state = 0")?
        .query_row([site_id], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// Say what was made of a finding.
pub fn settle(db: &Connection, site_id: i64, id: FindingId, state: State, reason: &str) -> Result<()> {
    let changed = db
        .prepare_cached("update finding set state = ?3, reason = ?4 where site_id = ?1 and name = ?2")?
        .execute((site_id, id.0, state.code(), reason))?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

fn place(name: &[u8; 16]) -> Vec<u8> {
    [b"finding ".as_slice(), name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate::{META, open};

    const PAGE: &str = "https://shop.example/checkout";

    fn books() -> (tempfile::TempDir, Connection, Key) {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&dir.path().join("meta.db"), &META).unwrap();
        db.execute("insert into site (id, key, name, origins, created_at) values (1, 'k', 'Shop', '[]', 0)", [])
            .unwrap();
        (dir, db, Key::random().unwrap())
    }

    fn tell(db: &Connection, key: &Key, selector: &str, at: i64) {
        let line = Line::seal(key, &Found::by_recorder(FindingKind::Card, selector, PAGE)).unwrap();
        add(db, 1, &[line], Timestamp(at)).unwrap();
    }

    #[test]
    fn what_was_mended_is_open_again_when_it_is_met_again_and_what_was_accepted_is_not() {
        let (_dir, db, key) = books();
        for selector in ["input#a", "input#b"] {
            tell(&db, &key, selector, 10);
        }
        let named = |selector: &str| {
            open_all(&db, 1, &key).unwrap().into_iter().find(|one| one.found.selector == selector).unwrap()
        };
        settle(&db, 1, named("input#a").id, State::Fixed, "").unwrap();
        settle(&db, 1, named("input#b").id, State::Accepted, "a test number").unwrap();
        assert_eq!(count_open(&db, 1).unwrap(), 0);
        for selector in ["input#a", "input#b"] {
            tell(&db, &key, selector, 20);
        }
        let (a, b) = (named("input#a"), named("input#b"));
        assert_eq!((a.state, a.times, a.first_at, a.last_at), (State::Open, 2, Timestamp(10), Timestamp(20)));
        assert_eq!((b.state, b.reason.as_str()), (State::Accepted, "a test number"));
        assert!(matches!(settle(&db, 1, FindingId([9; 16]), State::Fixed, ""), Err(Error::NotFound)));
    }

    #[test]
    fn a_flood_pushes_out_what_was_met_longest_ago() {
        let (_dir, db, key) = books();
        for at in 0..i64::from(FINDINGS_MAX) + 20 {
            tell(&db, &key, &format!("p:nth-of-type({at})"), at);
        }
        let kept = open_all(&db, 1, &key).unwrap();
        assert_eq!(kept.len(), FINDINGS_MAX as usize);
        assert_eq!(kept.last().unwrap().first_at, Timestamp(20));
    }
}
