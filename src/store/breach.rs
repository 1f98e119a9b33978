//! What was recorded between two moments, under which version of the policy, and who watched it: for the scope of a breach.

use super::recording::State;
use crate::error::Result;
use crate::model::{RecordingId, Timestamp};
use rusqlite::Connection;
use std::collections::HashMap;

/// A recording that ran within the time.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: RecordingId,
    /// The version that its first batch was captured under.
    pub policy_version: u32,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub refused: bool,
    /// E-mail addresses of accounts, names of tokens; the id of one that is gone.
    pub watched_by: Vec<String>,
}

/// Recordings of a site that ran between `from` and `to`, earliest first. Erased ones are not told: nobody can open them.
pub fn recorded(db: &Connection, site_id: i64, from: Timestamp, to: Timestamp) -> Result<Vec<Recorded>> {
    let mut watchers = watchers(db, site_id)?;
    let mut statement = db.prepare_cached(
        "select id, policy_version, started_at, max(ended_at, last_batch_at), state from recording
         where site_id = ?1 and state <> 3 and started_at < ?3 and max(ended_at, last_batch_at) >= ?2
         order by started_at, id",
    )?;
    let rows = statement.query_map((site_id, from.0, to.0), |row| {
        let id = RecordingId(row.get(0)?);
        Ok(Recorded {
            id,
            policy_version: row.get(1)?,
            started_at: Timestamp(row.get(2)?),
            ended_at: Timestamp(row.get(3)?),
            refused: State::from_code(row.get(4)?) == State::Refused,
            watched_by: watchers.remove(&id).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn watchers(db: &Connection, site_id: i64) -> Result<HashMap<RecordingId, Vec<String>>> {
    let mut statement = db.prepare_cached(
        "select watched.recording, coalesce(account.email, token.name, watched.watcher)
         from watched join recording on recording.id = watched.recording
             left join account on account.id = watched.watcher left join token on token.id = watched.watcher
         where recording.site_id = ?1 order by 2",
    )?;
    let mut watchers: HashMap<RecordingId, Vec<String>> = HashMap::new();
    for row in statement.query_map([site_id], |row| Ok((RecordingId(row.get(0)?), row.get(1)?)))? {
        let (id, watcher) = row?;
        watchers.entry(id).or_default().push(watcher);
    }
    Ok(watchers)
}
