//! Sealed chunks, in the file of the day on which they expire.

use crate::error::Result;
use crate::model::{PageId, RecordingId};
use rusqlite::{Connection, OptionalExtension};

/// Where a chunk stands within its file.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub id: i64,
    pub page: PageId,
    pub seq: u32,
}

/// The digest of the batch that has this place already.
pub fn digest(db: &Connection, recording: RecordingId, page: PageId, seq: u32) -> Result<Option<[u8; 16]>> {
    Ok(db
        .prepare_cached("select digest from chunk where recording = ?1 and page = ?2 and seq = ?3")?
        .query_row((recording.0, page.0, seq), |row| row.get(0))
        .optional()?)
}

pub fn insert(
    db: &Connection,
    (recording, page, seq): (RecordingId, PageId, u32),
    digest: [u8; 16],
    commit_no: i64,
    bytes: &[u8],
) -> Result<()> {
    db.prepare_cached(
        "insert into chunk (recording, page, seq, digest, commit_no, bytes) values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((recording.0, page.0, seq, digest, commit_no, bytes))?;
    Ok(())
}

/// The chunks of a recording, by page and number.
pub fn list(db: &Connection, recording: RecordingId) -> Result<Vec<Entry>> {
    let mut statement = db.prepare_cached("select id, page, seq from chunk where recording = ?1 order by page, seq")?;
    let rows = statement
        .query_map([recording.0], |row| Ok(Entry { id: row.get(0)?, page: PageId(row.get(1)?), seq: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn bytes(db: &Connection, id: i64) -> Result<Option<Vec<u8>>> {
    Ok(db.prepare_cached("select bytes from chunk where id = ?1")?.query_row([id], |row| row.get(0)).optional()?)
}

/// Chunks that were committed after group `commit_no`, newest first, with the number of their group.
pub fn after(db: &Connection, commit_no: i64) -> Result<Vec<(i64, RecordingId, i64)>> {
    let mut statement = db.prepare("select id, recording, commit_no from chunk order by id desc")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let committed: i64 = row.get(2)?;
        if committed <= commit_no {
            break;
        }
        found.push((row.get(0)?, RecordingId(row.get(1)?), committed));
    }
    Ok(found)
}

/// Delete a recording's own pictures and a slice of its chunks; true while some are left.
pub fn delete_some(db: &Connection, recording: RecordingId, limit: u32) -> Result<bool> {
    db.prepare_cached("delete from asset where recording = ?1")?.execute([recording.0])?;
    let deleted = db
        .prepare_cached("delete from chunk where id in (select id from chunk where recording = ?1 limit ?2)")?
        .execute((recording.0, limit))?;
    Ok(deleted == limit as usize)
}

/// Other bytes for a chunk, in its place.
pub fn replace(db: &Connection, id: i64, bytes: &[u8]) -> Result<()> {
    db.prepare_cached("update chunk set bytes = ?2 where id = ?1")?.execute((id, bytes))?;
    Ok(())
}

pub fn delete(db: &Connection, id: i64) -> Result<()> {
    db.execute("delete from chunk where id = ?1", [id])?;
    Ok(())
}
