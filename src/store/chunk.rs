//! Sealed chunks, in the file of the day on which they expire, or in that of what outlives its day.

use super::keyframe;
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

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

/// One of a recording's chunks.
pub fn first(db: &Connection, recording: RecordingId) -> Result<Option<Vec<u8>>> {
    Ok(db
        .prepare_cached("select bytes from chunk where recording = ?1 limit 1")?
        .query_row([recording.0], |row| row.get(0))
        .optional()?)
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

/// Delete what was made of a recording, its own pictures and a slice of its chunks; true while some are left.
pub fn delete_some(db: &Connection, recording: RecordingId, limit: u32) -> Result<bool> {
    keyframe::delete(db, recording)?;
    db.prepare_cached("delete from asset where recording = ?1")?.execute([recording.0])?;
    let deleted = db
        .prepare_cached("delete from chunk where id in (select id from chunk where recording = ?1 limit ?2)")?
        .execute((recording.0, limit))?;
    Ok(deleted == limit as usize)
}

/// The recordings of which anything lies in this file.
pub fn recordings(db: &Connection) -> Result<Vec<RecordingId>> {
    let mut statement =
        db.prepare("select recording from chunk union select recording from asset union select recording from mark")?;
    let rows = statement.query_map([], |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Copy a recording's chunks, own pictures and what was made of it out of another file, over what an earlier try left.
pub fn copy(db: &Connection, source: &Path, recording: RecordingId) -> Result<()> {
    let source = source.to_str().ok_or_else(|| Error::Failed("The data directory's name is no Unicode.".to_owned()))?;
    db.execute("attach database ?1 as source", [source])?;
    let copying = || -> Result<()> {
        let copied = db.unchecked_transaction()?;
        copied.execute(
            "insert or replace into chunk (recording, page, seq, digest, commit_no, bytes)
             select recording, page, seq, digest, commit_no, bytes from source.chunk where recording = ?1 order by id",
            [recording.0],
        )?;
        copied.execute(
            "insert or replace into asset (recording, name, bytes)
             select recording, name, bytes from source.asset where recording = ?1",
            [recording.0],
        )?;
        keyframe::delete(&copied, recording)?;
        copied.execute(
            "insert into keyframe (recording, at, page, seq, bytes)
             select recording, at, page, seq, bytes from source.keyframe where recording = ?1",
            [recording.0],
        )?;
        copied.execute(
            "insert into mark (recording, marks, assets) select recording, marks, assets from source.mark where recording = ?1",
            [recording.0],
        )?;
        Ok(copied.commit()?)
    };
    let done = copying();
    db.execute_batch("detach database source")?;
    done
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
