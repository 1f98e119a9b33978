//! Finished recordings on their way to keyframes and marks: read once, sealed, and put beside the chunks in one transaction. Metadata
//! says so last, so that whatever is cut off before is done again.

use super::keyframe::{self, Notes, Sealed};
use super::keys::RecordingKey;
use super::pack::{Packer, Run};
use super::{Books, Keyring, Place, Readable, Reading, Span, chunk, dictionary, migrate, recording};
use crate::error::{Error, Result};
use crate::finish::{AssetBatches, Batch, Counts, Finisher, Marks, Part};
use crate::model::{RecordingId, Timestamp};
use rusqlite::Connection;
use std::sync::Arc;

/// Sealed keyframes of one recording in all. Further ones are left out; a player begins at an earlier one then.
const BYTES_MAX: usize = 64 << 20;

/// A recording of which keyframes and marks are to be made.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    pub id: RecordingId,
    pub last_batch_at: i64,
}

/// What was made of a recording.
pub struct Made {
    frames: Vec<Sealed>,
    notes: Notes,
    counts: Counts,
    /// Its batches, packed, and the dictionary that they need; none where they stay as they are.
    packed: Option<(Vec<Run>, Option<u32>)>,
    parts: Vec<Part>,
    /// Batches that were read, and those that cannot be: their bytes have changed on disk.
    batches: u64,
    damage: u64,
}

impl Made {
    /// All that is kept of the recording.
    fn bytes(&self, runs: &[Run]) -> usize {
        let runs: usize = runs.iter().map(|run| run.bytes.len()).sum();
        let frames: usize = self.frames.iter().map(Sealed::bytes).sum();
        runs + frames + self.notes.bytes()
    }
}

/// Recordings that the auditor has looked through and of which nothing was made yet, the oldest first.
pub fn unmarked(db: &Connection, limit: u32) -> Result<Vec<Waiting>> {
    let mut statement = db.prepare_cached(
        "select id, last_batch_at from recording
         where marked_at is null and state <> 3 and audited_at is not null
             and not exists (select 1 from restriction where recording = id)
         order by last_batch_at limit ?1",
    )?;
    let rows =
        statement.query_map([limit], |row| Ok(Waiting { id: RecordingId(row.get(0)?), last_batch_at: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Read a recording, and seal what is made of it. None where nothing of it is left.
pub fn make(db: &Connection, keyring: &Keyring, place: &Place, id: RecordingId) -> Result<Option<Made>> {
    let readable = Readable::by_staff(db, id)?;
    let start = recording::find(db, id, "")?.started_at;
    let Some(mut reading) = Reading::open(db, keyring, place, readable, Span::default())? else { return Ok(None) };
    let key = reading.key();
    let mut packer = Packer::new(key.key.clone(), reading.dictionary()?);
    let mut finisher = Finisher::new(start);
    let (mut frames, mut bytes, mut batches) = (Vec::new(), 0, 0);
    while let Some(stored) = reading.next_stored()? {
        let batch = Batch {
            page: stored.batch.header.page,
            page_began: stored.page_began(),
            seq: stored.batch.header.seq,
            missing: stored.missing(),
            body: &stored.batch.body,
        };
        let frame = finisher.read(batch).map_err(|cause| Error::internal("reading a chunk", cause))?;
        if let Some(frame) = frame.filter(|_| bytes < BYTES_MAX) {
            // Whoever begins there reads nothing of what was before, but the base.
            packer.cut()?;
            if let Some(base) = packer.base() {
                let sealed = Sealed::new(&key.key, id, &frame, base)?;
                bytes += sealed.bytes();
                frames.push(sealed);
            }
        }
        // What cannot be read is not packed away: the recording stays in its chunks.
        if let Some(digest) = stored.digest {
            packer.add(stored.batch, digest)?;
            batches += 1;
        }
    }
    let damage = reading.damage();
    let mut finished = finisher.finish();
    let packed = packer.finish()?;
    if packed.is_none() {
        frames.clear();
    }
    finished.marks.keyframes.truncate(frames.len());
    let notes = Notes::new(&key.key, id, &finished)?;
    Ok(Some(Made { counts: finished.marks.counts(), notes, frames, packed, parts: finished.parts, batches, damage }))
}

/// The marks of a finished recording; none where that is still to come.
pub fn marks(db: &Connection, keyring: &Keyring, place: &Place, readable: Readable) -> Result<Option<Marks>> {
    let Some((chunks, key)) = shelf_of(db, keyring, place, readable)? else { return Ok(None) };
    keyframe::open_marks(&chunks, &key.key, readable.id())
}

/// What the batches of each page of a finished recording say of pictures and fonts.
pub fn assets(db: &Connection, keyring: &Keyring, place: &Place, readable: Readable) -> Result<Option<AssetBatches>> {
    let Some((chunks, key)) = shelf_of(db, keyring, place, readable)? else { return Ok(None) };
    keyframe::open_assets(&chunks, &key.key, readable.id())
}

/// Where what was made of a recording lies, and its key.
fn shelf_of(
    db: &Connection,
    keyring: &Keyring,
    place: &Place,
    readable: Readable,
) -> Result<Option<(Connection, Arc<RecordingKey>)>> {
    let id = readable.id();
    let bound = recording::present(db, id)?;
    let path = place.chunks(bound.shelf());
    match keyring.find(id)? {
        Some(key) if bound.marked && path.exists() => Ok(Some((migrate::open_reader(&path)?, key))),
        Some(_) | None => Ok(None),
    }
}

/// Keep what was made of a recording, unless batches came or it was sealed anew meanwhile: then it is made again.
pub fn keep(books: &mut Books, keyring: &Keyring, waiting: Waiting, made: &Made, now: Timestamp) -> Result<()> {
    let Waiting { id, last_batch_at } = waiting;
    let bound = recording::present(&books.meta, id)?;
    if bound.restricted || bound.last_batch_at.0 != last_batch_at {
        return Ok(());
    }
    recording::note_damage(&books.meta, id, made.damage)?;
    // Nothing is packed away that was not read; of one that was refused at once there is nothing.
    let whole = recording::batches(&books.meta, id)? == made.batches && made.damage == 0;
    if !books.has_chunks(bound.shelf()) || !whole || made.batches == 0 {
        return set_marked(&books.meta, waiting, &Counts::default(), now);
    }
    let key = keyring.find(id)?.ok_or(Error::NotFound)?;
    let commit_no = books.commit_no()?;
    let chunks = books.chunks(bound.shelf())?;
    chunks.execute_batch("begin immediate")?;
    let done = keyframe::replace(chunks, id, &made.frames, &made.notes).and_then(|()| {
        if let Some((runs, _)) = &made.packed {
            chunk::clear(chunks, id)?;
            for Run { page, seq, digests, bytes } in runs {
                chunk::insert(chunks, (id, *page, *seq), digests, commit_no, bytes)?;
            }
        }
        // Under another key than it was read with, it would open nowhere.
        let opens = keyframe::open_marks(chunks, &key.key, id).is_ok();
        Ok(chunks.execute_batch(if opens { "commit" } else { "rollback" }).map(|()| opens)?)
    });
    match done {
        Ok(true) => {
            set_marked(&books.meta, waiting, &made.counts, now)?;
            let Some((runs, number)) = &made.packed else { return Ok(()) };
            if recording::set_packed(&books.meta, id, made.bytes(runs), number.unwrap_or(0))? {
                let key = keyring.asset_key(bound.site_id, now)?;
                dictionary::count(&books.assets, bound.site_id, &key, &made.parts, now)?;
            }
            Ok(())
        }
        Ok(false) => Ok(()),
        Err(error) => {
            let _ = chunks.execute_batch("rollback");
            Err(error)
        }
    }
}

/// Say that it is done, also where nothing could be made of a recording: it must not hold up the others.
pub fn set_marked(db: &Connection, waiting: Waiting, counts: &Counts, now: Timestamp) -> Result<()> {
    let Counts { rage, dead, error_clicks, quick_backs, errors, custom } = counts;
    db.prepare_cached(
        "update recording set marked_at = ?3, rage = ?4, dead = ?5, error_clicks = ?6, quick_backs = ?7, errors = ?8, custom = ?9
         where id = ?1 and last_batch_at = ?2",
    )?
    .execute((waiting.id.0, waiting.last_batch_at, now.0, rage, dead, error_clicks, quick_backs, errors, custom))?;
    Ok(())
}

#[cfg(test)]
#[path = "finish_tests.rs"]
mod tests;
