//! What a start mends after a crash. A group is committed as keys, then chunks, then metadata; a crash in between leaves
//! keys without chunks, or chunks that metadata does not know. Nobody was told that those were kept, but most can be.

use super::pack::Opener;
use super::shelf::Shelf;
use super::{Books, Facts, Keyring, State, chunk, keys, recording, restriction, term};
use crate::error::Result;
use crate::model::{RecordingId, Timestamp};
use crate::seal::{Batch, Needs, Sealed, Under};
use std::collections::BTreeSet;

/// Mend what a crash between the commits of one group left: metadata is rebuilt from chunks, keys without chunks go.
pub fn reconcile(books: &mut Books, keyring: &Keyring) -> Result<()> {
    let committed = books.commit_no()?;
    let mut last = committed;
    let mut packed = BTreeSet::new();
    for shelf in books.place.shelves()? {
        let orphans = chunk::after(books.chunks(shelf)?, committed)?;
        for (entry, recording, commit_no) in orphans.into_iter().rev() {
            last = last.max(commit_no);
            if !packed.contains(&(shelf, recording)) && restore(books, keyring, shelf, entry, recording)? {
                packed.insert((shelf, recording));
            }
        }
    }
    for (shelf, recording) in packed {
        rebuild(books, keyring, shelf, recording)?;
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

/// Take in a batch that metadata lacks; true where the recording is packed, and has to be taken in as a whole.
fn restore(books: &mut Books, keyring: &Keyring, shelf: Shelf, entry: i64, recording: RecordingId) -> Result<bool> {
    let Some(bytes) = chunk::bytes(books.chunks(shelf)?, entry)? else { return Ok(false) };
    if chunk::is_run(books.chunks(shelf)?, entry)? && Sealed::parse(&bytes).is_err() {
        // It has changed on disk; what else is packed of the recording plays.
        return Ok(true);
    }
    let key = keyring.find(recording)?;
    let readable = key.as_ref().and_then(|key| {
        let sealed = Sealed::parse(&bytes).ok()?;
        if sealed.is_run() {
            return sealed.opens(&key.key).then_some(None);
        }
        let batch = sealed.open(&key.key, &Under::Dictionary(&[])).ok()?.pop()?;
        let facts: Facts = serde_json::from_slice(&batch.facts).ok()?;
        Some(Some((key, batch, facts)))
    });
    let Some(readable) = readable else {
        // Its key was never committed or is destroyed: nobody was told that it was kept.
        chunk::delete(books.chunks(shelf)?, entry)?;
        return Ok(false);
    };
    let Some((key, batch, facts)) = readable else { return Ok(true) };
    if !begin(books, shelf, recording, &facts)? {
        chunk::delete(books.chunks(shelf)?, entry)?;
        return Ok(false);
    }
    recording::add(&books.meta, &key.key, recording, batch.header.page, batch.header.seq, bytes.len(), &facts)?;
    find_by(books, keyring, recording, &facts)?;
    Ok(false)
}

/// Let lists find a recording by what this batch told.
fn find_by(books: &Books, keyring: &Keyring, recording: RecordingId, facts: &Facts) -> Result<()> {
    if !term::any(facts) {
        return Ok(());
    }
    let site_key = keyring.asset_key(facts.site_id, Timestamp(facts.received_at))?;
    term::add(&books.meta, facts.site_id, recording, &term::lines(&site_key, facts)?)
}

/// Have a recording that metadata may lack; false where it is erased.
fn begin(books: &Books, shelf: Shelf, recording: RecordingId, facts: &Facts) -> Result<bool> {
    match recording::bound(&books.meta, recording)? {
        Some(bound) => return Ok(bound.state != State::Erased),
        None => {
            recording::begin(&books.meta, recording, facts)?;
            if shelf == Shelf::Keep {
                restriction::restore(&books.meta, recording, Timestamp(facts.received_at))?;
            }
        }
    }
    Ok(true)
}

/// Count a packed recording anew from all of its batches: which of them metadata had is not known.
fn rebuild(books: &mut Books, keyring: &Keyring, shelf: Shelf, recording: RecordingId) -> Result<()> {
    let Some(key) = keyring.find(recording)? else { return Ok(()) };
    let mut opener = Opener::new(&books.place.assets(), keyring, &key, recording)?;
    let mut batches: Vec<(Batch, Facts)> = Vec::new();
    let (mut bytes, mut dictionary) = (0, 0);
    let chunks = books.chunks(shelf)?;
    for entry in chunk::list(chunks, recording)? {
        let Some(sealed) = chunk::bytes(chunks, entry.id)? else { continue };
        bytes += sealed.len();
        // What has changed on disk stays where it is: the rest counts, and no start fails for it.
        let Ok(parsed) = Sealed::parse(&sealed) else { continue };
        if let Needs::Dictionary(number) = parsed.needs() {
            dictionary = number;
        }
        let Ok(found) = opener.open(chunks, &sealed) else { continue };
        let found = found.into_iter();
        batches.extend(found.filter_map(|batch| {
            let facts = serde_json::from_slice(&batch.facts).ok()?;
            Some((batch, facts))
        }));
    }
    let Some((_, first)) = batches.first() else { return Ok(()) };
    if !begin(books, shelf, recording, first)? {
        return Ok(());
    }
    recording::forget_counts(&books.meta, recording)?;
    for (batch, facts) in &batches {
        recording::add(&books.meta, &key.key, recording, batch.header.page, batch.header.seq, 0, facts)?;
        find_by(books, keyring, recording, facts)?;
    }
    recording::set_packed(&books.meta, recording, bytes, dictionary)?;
    Ok(())
}
