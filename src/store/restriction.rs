//! Restriction of processing (GDPR, Art. 18): a recording that is kept, past its day too, and neither opened, changed nor erased by
//! staff. Each who asked holds it apart: a visitor lifts his own request alone, staff lift all of them.

use super::request::{self, Actor, Kind, Request};
use super::{Books, recording, shelf};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use rusqlite::Connection;

/// Recordings of one site that visitors may hold, and their bytes: a stranger could make many, and they never expire.
const HELD_MAX: u64 = 1_000;
const HELD_BYTES_MAX: u64 = 2 << 30;

/// How often a visitor may ask for the same within a day: each time moves all that is kept of a recording.
const TIMES_MAX: u32 = 10;

/// Why a recording is restricted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    pub by: Actor,
    /// The account's e-mail address or the token's name, as far as it is still there.
    pub name: Option<String>,
    /// The operator's own words; visitors give none.
    pub reason: String,
    pub since: Timestamp,
}

/// What to do with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Restrict,
    Lift,
}

impl Verb {
    /// What was done to a recording, in words before its name.
    pub fn done(self) -> &'static str {
        match self {
            Self::Restrict => "restricted",
            Self::Lift => "lifted the restriction of",
        }
    }
}

/// Somebody asks to restrict a recording, or to lift that.
#[derive(Debug, Clone)]
pub struct Order {
    pub recording: RecordingId,
    pub verb: Verb,
    pub by: Actor,
    pub reason: String,
    pub at: Timestamp,
}

impl Order {
    /// Do it. To be followed by `shelf::clear` once metadata is committed.
    pub fn carry_out(&self, books: &mut Books) -> Result<()> {
        let site_id = recording::present(&books.meta, self.recording)?.site_id;
        let kind = match self.verb {
            Verb::Restrict => Kind::Restriction,
            Verb::Lift => Kind::Lift,
        };
        let Self { recording, by, reason, at, .. } = self;
        let request = Request { site_id, recording: *recording, kind, by, reason, at: *at };
        if request::note(&books.meta, &request)? > TIMES_MAX {
            return Err(Error::TooMany { retry_s: 86_400 });
        }
        match self.verb {
            Verb::Restrict => self.restrict(books, site_id),
            Verb::Lift => self.lift(books),
        }
    }

    fn restrict(&self, books: &mut Books, site_id: i64) -> Result<()> {
        if self.by == Actor::Visitor && !has_room(&books.meta, site_id)? {
            tracing::warn!(
                "visitors have restricted as many recordings of a site as they may; the site's staff can do it for them"
            );
            return Err(Error::TooMany { retry_s: 86_400 });
        }
        books.meta.execute(
            "insert into restriction (recording, asked_by, reason, since) values (?1, ?2, ?3, ?4)
             on conflict do update set reason = excluded.reason",
            (self.recording.0, self.by.as_str(), &self.reason, self.at.0),
        )?;
        shelf::keep(books, self.recording)
    }

    fn lift(&self, books: &mut Books) -> Result<()> {
        let lifted = books.meta.execute(
            "delete from restriction where recording = ?1 and (asked_by = 'visitor' or ?2 <> 'visitor')",
            (self.recording.0, self.by.as_str()),
        )?;
        if lifted == 0 {
            return Err(Error::NotRestricted);
        }
        if list(&books.meta, self.recording)?.is_empty() {
            shelf::give_back(books, self.recording, self.at)?;
        }
        Ok(())
    }
}

/// What lies with the kept recordings was restricted, also where metadata that said so is lost.
pub fn restore(db: &Connection, recording: RecordingId, since: Timestamp) -> Result<()> {
    db.execute(
        "insert into restriction (recording, asked_by, reason, since) values (?1, ?2, ?3, ?4)",
        (recording.0, Actor::Command.as_str(), "Restored from its chunks: who asked is not known any more.", since.0),
    )?;
    recording::set_kept(db, recording, true)
}

/// Who holds a recording, since longest first; empty where nobody does.
pub fn list(db: &Connection, recording: RecordingId) -> Result<Vec<Restriction>> {
    let mut statement = db.prepare_cached(
        "select asked_by, coalesce(account.email, token.name), reason, since
         from restriction left join account on account.id = asked_by left join token on token.id = asked_by
         where recording = ?1 order by since, asked_by",
    )?;
    let rows = statement.query_map([recording.0], |row| {
        Ok(Restriction {
            by: Actor::from_text(row.get(0)?),
            name: row.get(1)?,
            reason: row.get(2)?,
            since: Timestamp(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many recordings of a site are restricted.
pub fn count(db: &Connection, site_id: i64) -> Result<u64> {
    Ok(db
        .prepare_cached(
            "select count(distinct recording) from restriction
             where recording in (select id from recording where site_id = ?1 and state <> 3)",
        )?
        .query_row([site_id], |row| row.get(0))?)
}

/// Whether visitors may have one more recording of this site kept.
fn has_room(db: &Connection, site_id: i64) -> Result<bool> {
    let (held, bytes): (u64, u64) = db
        .prepare_cached(
            "select count(*), coalesce(sum(bytes), 0) from restriction join recording on recording.id = restriction.recording
             where asked_by = 'visitor' and site_id = ?1",
        )?
        .query_row([site_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(held < HELD_MAX && bytes < HELD_BYTES_MAX)
}
