//! Sealed chunks, in the file of the day on which they expire, or in that of what outlives its day.

use super::keyframe;
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId};
use crate::seal::{Key, Sealed};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// Where a chunk stands within its file.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub id: i64,
    pub page: PageId,
    /// The number of the first of its batches, and of the last.
    pub seq: u32,
    pub last: u32,
}

/// The digest of a batch.
pub type Digest = [u8; 16];
/// In a run: the batch's number, its digest.
const LISTED_BYTES: usize = 4 + 16;

/// The digest of the batch that has this place already.
pub fn digest(db: &Connection, recording: RecordingId, page: PageId, seq: u32) -> Result<Option<Digest>> {
    let own = db
        .prepare_cached(
            "select digest from chunk where recording = ?1 and page = ?2 and seq = ?3 and length(digest) = 16",
        )?
        .query_row((recording.0, page.0, seq), |row| row.get(0))
        .optional()?;
    if own.is_some() {
        return Ok(own);
    }
    // Runs do not overlap: the last that begins by then, or none.
    let run: Option<Vec<u8>> = db
        .prepare_cached(
            "select digest from chunk where recording = ?1 and page = ?2 and seq <= ?3 and length(digest) <> 16
             order by seq desc limit 1",
        )?
        .query_row((recording.0, page.0, seq), |row| row.get(0))
        .optional()?;
    Ok(run.and_then(|digests| listed(&digests).find(|(number, _)| *number == seq)).map(|(_, digest)| digest))
}

/// The numbers and digests of a run's batches.
fn listed(digests: &[u8]) -> impl Iterator<Item = (u32, Digest)> {
    digests.chunks_exact(LISTED_BYTES).map(|line| {
        let (mut seq, mut digest) = ([0; 4], [0; 16]);
        seq.copy_from_slice(&line[..4]);
        digest.copy_from_slice(&line[4..]);
        (u32::from_le_bytes(seq), digest)
    })
}

/// Put a batch's number and digest on the list of its run.
pub fn list_digest(digests: &mut Vec<u8>, seq: u32, digest: Digest) {
    digests.extend_from_slice(&seq.to_le_bytes());
    digests.extend_from_slice(&digest);
}

pub fn insert(
    db: &Connection,
    (recording, page, seq): (RecordingId, PageId, u32),
    digest: &[u8],
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
    let mut statement = db.prepare_cached(
        "select id, page, seq, iif(length(digest) = 16, null, substr(digest, -20, 4)) from chunk where recording = ?1
         order by page, seq",
    )?;
    let rows = statement.query_map([recording.0], |row| {
        let (seq, last): (u32, Option<[u8; 4]>) = (row.get(2)?, row.get(3)?);
        Ok(Entry { id: row.get(0)?, page: PageId(row.get(1)?), seq, last: last.map_or(seq, u32::from_le_bytes) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn bytes(db: &Connection, id: i64) -> Result<Option<Vec<u8>>> {
    Ok(db.prepare_cached("select bytes from chunk where id = ?1")?.query_row([id], |row| row.get(0)).optional()?)
}

/// Whether more than one batch lies in a chunk, as its row says.
pub fn is_run(db: &Connection, id: i64) -> Result<bool> {
    let sql = "select length(digest) <> 16 from chunk where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// The chunk that begins with this batch.
pub fn beginning_with(db: &Connection, recording: RecordingId, page: PageId, seq: u32) -> Result<Option<Vec<u8>>> {
    Ok(db
        .prepare_cached("select bytes from chunk where recording = ?1 and page = ?2 and seq = ?3")?
        .query_row((recording.0, page.0, seq), |row| row.get(0))
        .optional()?)
}

/// The digests of the batches of a chunk, by their numbers.
pub fn digests(db: &Connection, entry: Entry) -> Result<Vec<(u32, Digest)>> {
    let found = raw_digest(db, entry)?;
    Ok(match Digest::try_from(found.as_slice()) {
        Ok(own) => vec![(entry.seq, own)],
        Err(_) => listed(&found).collect(),
    })
}

/// The same, as it stands.
pub fn raw_digest(db: &Connection, entry: Entry) -> Result<Vec<u8>> {
    Ok(db.prepare_cached("select digest from chunk where id = ?1")?.query_row([entry.id], |row| row.get(0))?)
}

/// Whether a recording's chunks are sealed under this key, as the first says that has not changed on disk.
pub fn opens(db: &Connection, recording: RecordingId, key: &Key) -> Result<bool> {
    for entry in list(db, recording)? {
        if let Some(bytes) = bytes(db, entry.id)?
            && let Ok(sealed) = Sealed::parse(&bytes)
        {
            return Ok(sealed.opens(key));
        }
    }
    Ok(false)
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
        copied.execute("delete from chunk where recording = ?1", [recording.0])?;
        copied.execute(
            "insert into chunk (recording, page, seq, digest, commit_no, bytes)
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
            "insert into keyframe (recording, at, page, seq, bytes, base_page, base_seq)
             select recording, at, page, seq, bytes, base_page, base_seq from source.keyframe where recording = ?1",
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

/// Take all chunks of a recording away, for others in their place. The caller's transaction.
pub fn clear(db: &Connection, recording: RecordingId) -> Result<()> {
    db.prepare_cached("delete from chunk where recording = ?1")?.execute([recording.0])?;
    Ok(())
}

pub fn delete(db: &Connection, id: i64) -> Result<()> {
    db.execute("delete from chunk where id = ?1", [id])?;
    Ok(())
}
