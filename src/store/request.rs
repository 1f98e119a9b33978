//! What visitors, and staff in their name, asked about recordings: a line each, so that it can be shown later that it was done.
//! Kind, recording and time; nothing of what was recorded, and nothing of who the visitor is.

use super::day::Day;
use crate::error::Result;
use crate::model::{RecordingId, Timestamp};
use rusqlite::{Connection, Row};
use std::fmt;

/// For so long a line may still be needed as proof; three years is the usual limit of claims.
pub const KEPT_DAYS: i32 = 3 * 365;
/// Lines of one site. Above it go a visitor's openings and copies first, then other lines of visitors, oldest first: a stranger
/// who makes and opens recordings pushes out nothing that staff did.
const LINES_MAX: u32 = 10_000;
/// Deleted together, so that not every new line has to look for the least.
const LINES_OVER: u32 = 500;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The own page showed the recording.
    Access = 0,
    /// It was downloaded there.
    Copy = 1,
    Erasure = 2,
    /// Consent was taken back, and what was recorded with it.
    Withdrawal = 3,
    Restriction = 4,
    /// The end of a restriction.
    Lift = 5,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Access, Self::Copy, Self::Erasure, Self::Withdrawal, Self::Restriction, Self::Lift];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Copy => "copy",
            Self::Erasure => "erasure",
            Self::Withdrawal => "withdrawal",
            Self::Restriction => "restriction",
            Self::Lift => "lift",
        }
    }

    fn code(self) -> i64 {
        self as i64
    }
}

/// Who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The browser that made the recording, as its secret proves.
    Visitor,
    /// Whoever may run commands on the server.
    Command,
    /// An account or a token, by its id.
    Staff(String),
}

impl Actor {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Visitor => "visitor",
            Self::Command => "command",
            Self::Staff(id) => id,
        }
    }

    pub(super) fn from_text(text: String) -> Self {
        match text.as_str() {
            "visitor" => Self::Visitor,
            "command" => Self::Command,
            _ => Self::Staff(text),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that is asked now.
pub struct Request<'a> {
    pub site_id: i64,
    pub recording: RecordingId,
    pub kind: Kind,
    pub by: &'a Actor,
    /// The operator's own words; visitors give none.
    pub reason: &'a str,
    pub at: Timestamp,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub recording: RecordingId,
    pub kind: Kind,
    pub by: Actor,
    /// The account's e-mail address or the token's name, as far as it is still there.
    pub name: Option<String>,
    pub reason: String,
    /// How often a visitor asked within the day.
    pub times: u32,
    pub asked_at: Timestamp,
    /// When it was done, the last time.
    pub done_at: Timestamp,
}

/// Note what is done in the same transaction. Says how often it was asked: by a visitor within the day, by others once.
pub fn note(db: &Connection, request: &Request<'_>) -> Result<u32> {
    let Request { site_id, recording, kind, by, reason, at } = request;
    let times = db
        .prepare_cached(
            "insert into request (site_id, recording, kind, asked_by, reason, day, asked_at, done_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         on conflict (recording, kind, day) where asked_by = 'visitor'
             do update set times = times + 1, done_at = excluded.done_at
         returning times",
        )?
        .query_row((site_id, recording.0, kind.code(), by.as_str(), reason, Day::of(*at), at.0), |row| row.get(0))?;
    let lines: u32 =
        db.prepare_cached("select count(*) from request where site_id = ?1")?.query_row([site_id], |row| row.get(0))?;
    if lines > LINES_MAX + LINES_OVER {
        db.prepare_cached(
            "delete from request where id in (select id from request where site_id = ?1
             order by asked_by = 'visitor', asked_by = 'visitor' and kind in (?2, ?3), id desc limit -1 offset ?4)",
        )?
        .execute((site_id, Kind::Access.code(), Kind::Copy.code(), LINES_MAX))?;
    }
    Ok(times)
}

/// A site's lines, newest first; with `before`, only those that stand after that one.
pub fn list(db: &Connection, site_id: i64, before: Option<i64>, limit: u32) -> Result<Vec<Line>> {
    let mut statement = db.prepare_cached(
        "select request.id, recording, kind, asked_by, coalesce(account.email, token.name), reason, times, asked_at, done_at
         from request left join account on account.id = asked_by left join token on token.id = asked_by
         where site_id = ?1 and request.id < ?2 order by request.id desc limit ?3",
    )?;
    let rows = statement.query_map((site_id, before.unwrap_or(i64::MAX), limit), from_row)?;
    Ok(rows.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?)
}

/// How many lines of each kind a site has.
pub fn counts(db: &Connection, site_id: i64) -> Result<Vec<(Kind, u64)>> {
    let mut counts = Vec::new();
    for kind in Kind::ALL {
        let count = db
            .prepare_cached("select count(*) from request where site_id = ?1 and kind = ?2")?
            .query_row((site_id, kind.code()), |row| row.get(0))?;
        counts.push((kind, count));
    }
    Ok(counts)
}

/// Forget lines that nobody needs any more.
pub fn delete_old(db: &Connection, now: Timestamp) -> Result<()> {
    db.execute("delete from request where day < ?1", [Day::of(now).0 - KEPT_DAYS])?;
    Ok(())
}

/// None for a kind that this program does not know.
fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Line>> {
    let code: i64 = row.get(2)?;
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.code() == code) else { return Ok(None) };
    Ok(Some(Line {
        id: row.get(0)?,
        recording: RecordingId(row.get(1)?),
        kind,
        by: Actor::from_text(row.get(3)?),
        name: row.get(4)?,
        reason: row.get(5)?,
        times: row.get(6)?,
        asked_at: Timestamp(row.get(7)?),
        done_at: Timestamp(row.get(8)?),
    }))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
