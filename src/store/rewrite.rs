//! Puts other bodies in the place of a recording's batches: all of it is sealed anew under a new key, and the old one destroyed, so
//! that what was taken out can be read nowhere, not in free pages of a file either.
//!
//! In two steps, each safe to be cut off: the new key is written beside the old one, then chunks and metadata are sealed under it;
//! then it takes the old one's place. A start finds which of the two opens the chunks, and goes on or back.

use super::keys::RecordingKey;
use super::pack::Opener;
use super::{Books, Keyring, asset, chunk, keyframe, recording};
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId};
use crate::seal::{self, Key};
use rusqlite::Connection;
use std::sync::Arc;

/// What a batch becomes.
pub type Change<'a> = dyn Fn(PageId, u32, Vec<u8>) -> Result<Vec<u8>> + 'a;

/// Seal a recording under a new key with changed batches. To be followed by `settle` once metadata is committed.
pub fn rewrite(books: &mut Books, keyring: &Keyring, id: RecordingId, change: &Change<'_>) -> Result<()> {
    let bound = recording::bound(&books.meta, id)?.ok_or(Error::NotFound)?;
    if bound.restricted {
        return Err(Error::Restricted);
    }
    let old = keyring.find(id)?.ok_or(Error::NotFound)?;
    let next = Arc::new(keyring.successor(id, &old)?);
    next.keep_beside(&books.keys, id)?;
    let mut opener = Opener::new(&books.place.assets(), keyring, &old, id)?;
    let commit_no = books.commit_no()?;
    let chunks = books.chunks(bound.shelf())?;
    chunks.execute_batch("begin immediate")?;
    let done = reseal(chunks, id, &mut opener, &next.key, commit_no, change);
    if let Err(error) = done.and_then(|()| Ok(chunks.execute_batch("commit")?)) {
        let _ = chunks.execute_batch("rollback");
        return Err(error);
    }
    recording::reseal(&books.meta, id, &old.key, &next.key)?;
    keyring.replace(id, &old, next);
    Ok(())
}

/// Each batch in a chunk of its own again, since what they were packed against changes too.
fn reseal(
    chunks: &Connection,
    id: RecordingId,
    opener: &mut Opener,
    next: &Key,
    commit_no: i64,
    change: &Change<'_>,
) -> Result<()> {
    let (mut changed, mut lost) = (Vec::new(), Vec::new());
    for entry in chunk::list(chunks, id)? {
        let Some(bytes) = chunk::bytes(chunks, entry.id)? else { continue };
        let sealed = match opener.open(chunks, &bytes) {
            Ok(batches) => batches,
            // Nobody can say what is in it, so nothing of it is kept; its empty place stays a gap.
            Err(_) if opener.is_lost(chunks, &bytes)? => {
                lost.push((entry, chunk::raw_digest(chunks, entry)?));
                continue;
            }
            Err(error) => return Err(error),
        };
        for (batch, (seq, digest)) in sealed.into_iter().zip(chunk::digests(chunks, entry)?) {
            let body = change(entry.page, seq, batch.body)?;
            changed.push((entry.page, seq, digest, seal::chunk(next, &batch.header, &batch.facts, &body)?));
        }
    }
    if changed.is_empty() && !lost.is_empty() {
        return Err(Error::internal("sealing a recording anew", "nothing of it can be read"));
    }
    chunk::clear(chunks, id)?;
    for (page, seq, digest, bytes) in changed {
        chunk::insert(chunks, (id, page, seq), &digest, commit_no, &bytes)?;
    }
    for (entry, digest) in lost {
        chunk::insert(chunks, (id, entry.page, entry.seq), &digest, commit_no, &[])?;
    }
    // What was made of the batches may hold what was taken out of them.
    keyframe::delete(chunks, id)?;
    asset::reseal_own(chunks, id, opener.key(), next)
}

/// Give a new key the place of the old one, where everything is sealed under it; forget it where nothing is.
pub fn settle(books: &mut Books, keyring: &Keyring, id: RecordingId) -> Result<()> {
    let Some(next) = keyring.find_next(id)? else { return Ok(()) };
    if opens(books, id, &next)? {
        next.take_place(&books.keys, id)?;
        keyring.forget_recording(id);
    } else {
        books.keys.execute("delete from next_key where recording = ?1", [id.0])?;
    }
    Ok(())
}

/// Settle whatever a crash left between its two steps.
pub fn settle_all(books: &mut Books, keyring: &Keyring) -> Result<()> {
    let waiting = {
        let mut statement = books.keys.prepare("select recording from next_key")?;
        let rows = statement.query_map([], |row| Ok(RecordingId(row.get(0)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for id in waiting {
        if let (Some(old), Some(next)) = (keyring.find(id)?, keyring.find_next(id)?)
            && opens(books, id, &next)?
        {
            books.transact(|books| recording::reseal(&books.meta, id, &old.key, &next.key))?;
        }
        settle(books, keyring, id)?;
    }
    Ok(())
}

/// Whether the chunks of a recording are sealed under this key. All are, or none: they are changed in one transaction.
fn opens(books: &mut Books, id: RecordingId, key: &RecordingKey) -> Result<bool> {
    let bound = recording::bound(&books.meta, id)?.filter(|bound| books.has_chunks(bound.shelf()));
    let Some(bound) = bound else { return Ok(false) };
    chunk::opens(books.chunks(bound.shelf())?, id, &key.key)
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
