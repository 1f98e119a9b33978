//! By what a recording is known again, where its policy lets that be: the browser's random id and the site's pseudonyms. Neither is
//! stored as it is. Both are named by a digest under a key of their site, so that the database alone leads to no browser and nobody.

use super::{Books, erasure, request};
use crate::error::{Error, Result};
use crate::model::{PseudonymId, RecordingId, Timestamp, VisitId, VisitorId};
use crate::seal::Key;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Recordings erased in one go; more would hold up the door.
const SLICE: usize = 100;
/// Pseudonyms of one recording that it is found by. An honest page has one, or one after another.
const IDENTIFIED_MAX: u32 = 20;

/// The name of whoever's browser keeps this id.
pub fn name(key: &Key, visit: VisitId) -> VisitorId {
    VisitorId(key.digest(&[b"visitor ".as_slice(), &visit.0].concat()))
}

/// The name of whom a site calls this.
pub fn pseudonym(key: &Key, said: &str) -> PseudonymId {
    PseudonymId(key.digest(&[b"pseudonym ", said.as_bytes()].concat()))
}

/// A pseudonym and its name. Sealed wherever it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    pub said: String,
    pub name: PseudonymId,
}

impl Identified {
    pub fn of(key: &Key, said: String) -> Self {
        Self { name: pseudonym(key, &said), said }
    }
}

/// Whose recordings are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One browser's, as it knows itself.
    Visitor(VisitorId),
    /// Those during which the site called somebody this.
    Identified(PseudonymId),
}

impl Whose {
    /// A condition on recordings, with the name as its first value.
    fn condition(self) -> (&'static str, [u8; 16]) {
        match self {
            Self::Visitor(VisitorId(name)) => ("visitor = ?1", name),
            Self::Identified(PseudonymId(name)) => ("id in (select recording from identified where name = ?1)", name),
        }
    }
}

/// What is known of a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub id: VisitorId,
    pub site_id: i64,
    pub recordings: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// Note whose recording this is. The first id that is told stays: visitors are never made one.
pub fn note(
    db: &Connection,
    recording: RecordingId,
    visitor: Option<VisitorId>,
    identified: &[Identified],
) -> Result<()> {
    if let Some(visitor) = visitor {
        db.prepare_cached("update recording set visitor = coalesce(visitor, ?2) where id = ?1")?
            .execute((recording.0, visitor.0))?;
    }
    for Identified { name, .. } in identified {
        db.prepare_cached(
            "insert into identified (name, recording) select ?1, ?2
             where (select count(*) from identified where recording = ?2) < ?3 on conflict do nothing",
        )?
        .execute((name.0, recording.0, IDENTIFIED_MAX))?;
    }
    Ok(())
}

/// A visitor with at least one recording that is not erased.
pub fn find(db: &Connection, id: VisitorId) -> Result<Visitor> {
    list_where(db, "visitor = ?1", &id.0, 1)?.pop().ok_or(Error::NotFound)
}

/// A site's visitors, those seen last first.
pub fn list(db: &Connection, site_id: i64, limit: u32) -> Result<Vec<Visitor>> {
    list_where(db, "visitor is not null and site_id = ?1", &site_id, limit)
}

fn list_where(db: &Connection, condition: &str, value: &dyn rusqlite::ToSql, limit: u32) -> Result<Vec<Visitor>> {
    let mut statement = db.prepare(&format!(
        "select visitor, site_id, count(*), min(started_at), max(ended_at) from recording
         where {condition} and state <> 3 group by visitor order by 5 desc, 1 limit ?2"
    ))?;
    let rows = statement.query_map((value, limit), |row| {
        Ok(Visitor {
            id: VisitorId(row.get(0)?),
            site_id: row.get(1)?,
            recordings: row.get(2)?,
            first_at: Timestamp(row.get(3)?),
            last_at: Timestamp(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The recordings of somebody that are not erased, earliest first, and whether each is restricted.
pub fn recordings(db: &Connection, whose: Whose) -> Result<Vec<(RecordingId, bool)>> {
    let (condition, name) = whose.condition();
    let mut statement = db.prepare(&format!(
        "select id, exists (select 1 from restriction where recording = recording.id) from recording
         where {condition} and state <> 3 order by started_at, id"
    ))?;
    let rows = statement.query_map([name], |row| Ok((RecordingId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What erasing somebody's recordings came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    pub recordings: Vec<RecordingId>,
    /// They stay as they are until that is lifted.
    pub restricted: u64,
}

/// Erase some of somebody's recordings, none that is restricted. To be repeated until it erases none.
pub fn erase_some(books: &Books, whose: Whose, by: &request::Actor, now: Timestamp) -> Result<Erased> {
    let all = recordings(&books.meta, whose)?;
    let mut erased =
        Erased { restricted: all.iter().filter(|(_, restricted)| *restricted).count() as u64, ..Erased::default() };
    for (id, _) in all.into_iter().filter(|(_, restricted)| !restricted).take(SLICE) {
        erasure::erase(books, id, by, now)?;
        erased.recordings.push(id);
    }
    Ok(erased)
}
