//! What a start mends after a crash. A group is committed as keys, then chunks, then metadata; a crash in between leaves
//! keys without chunks, or chunks that metadata does not know. Nobody was told that those were kept, but most can be.

use super::shelf::Shelf;
use super::{Books, Facts, Keyring, State, chunk, keys, recording, restriction};
use crate::error::Result;
use crate::model::{RecordingId, Timestamp};

/// Mend what a crash between the commits of one group left: metadata is rebuilt from chunks, keys without chunks go.
pub fn reconcile(books: &mut Books, keyring: &Keyring) -> Result<()> {
    let committed = books.commit_no()?;
    let mut last = committed;
    for shelf in books.place.shelves()? {
        let orphans = chunk::after(books.chunks(shelf)?, committed)?;
        for (entry, recording, commit_no) in orphans.into_iter().rev() {
            last = last.max(commit_no);
            restore(books, keyring, shelf, entry, recording)?;
        }
    }
    if last > committed {
        books.set_commit_no(last)?;
    }
    for recording in keys::newest(&books.keys, KEYS_LOOKED_AT)? {
        let known: bool = books.meta.query_row(
            "select exists (select 1 from recording where id = ?1 and state <> 3)",
            [recording.0],
            |row| row.get(0),
        )?;
        if !known {
            keys::destroy(&books.keys, recording)?;
            keyring.forget_recording(recording);
        }
    }
    Ok(())
}

/// A crash leaves at most one group without metadata; this many keys are more than a group can make.
const KEYS_LOOKED_AT: u32 = 4_096;

fn restore(books: &mut Books, keyring: &Keyring, shelf: Shelf, entry: i64, recording: RecordingId) -> Result<()> {
    let Some(bytes) = chunk::bytes(books.chunks(shelf)?, entry)? else { return Ok(()) };
    let readable = keyring.find(recording)?.and_then(|key| {
        let header = crate::seal::inspect(&bytes).ok()?;
        let opened = crate::seal::open(&key.key, &bytes).ok()?;
        let facts: Facts = serde_json::from_slice(&opened.facts).ok()?;
        Some((key, header, facts))
    });
    let Some((key, header, facts)) = readable else {
        // Its key was never committed or is destroyed: nobody was told that it was kept.
        return chunk::delete(books.chunks(shelf)?, entry);
    };
    match recording::bound(&books.meta, recording)? {
        Some(bound) if bound.state == State::Erased => return chunk::delete(books.chunks(shelf)?, entry),
        Some(_) => {}
        None => {
            recording::begin(&books.meta, recording, &facts)?;
            if shelf == Shelf::Keep {
                restriction::restore(&books.meta, recording, Timestamp(facts.received_at))?;
            }
        }
    }
    recording::add(&books.meta, &key.key, recording, header.page, header.seq, bytes.len(), &facts)
}
