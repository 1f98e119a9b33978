//! Reads a recording's chunks back, one at a time, in the order in which they happened. Holds one chunk in memory.

use super::keys::RecordingKey;
use super::{Keyring, Place, chunk, migrate, recording};
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, Timestamp};
use crate::seal::{self, Opened};
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;

/// A recording that whoever asks may read. Nothing of what was recorded is opened without one.
#[derive(Debug, Clone, Copy)]
pub struct Readable(RecordingId);

impl Readable {
    /// For whoever works with recordings, a program too: none that is restricted.
    pub fn by_staff(meta: &Connection, id: RecordingId) -> Result<Self> {
        if recording::present(meta, id)?.restricted { Err(Error::Restricted) } else { Ok(Self(id)) }
    }

    /// For the browser that made it, as this secret proves: also one that is restricted.
    pub fn by_visitor(meta: &Connection, site_id: i64, id: RecordingId, secret: &[u8]) -> Result<Self> {
        recording::own(meta, site_id, id, secret).map(|()| Self(id))
    }

    pub fn id(self) -> RecordingId {
        self.0
    }
}

/// A recording being read.
pub struct Reading {
    key: Arc<RecordingKey>,
    db: Connection,
    entries: std::vec::IntoIter<(Timestamp, chunk::Entry)>,
    /// The number that the current page's next batch should have.
    expected: (Option<PageId>, u32),
    /// The first batch, opened already.
    first: Option<(i64, Opened)>,
}

/// One opened batch.
pub struct Chapter {
    pub page: PageId,
    pub page_began: Timestamp,
    pub seq: u32,
    pub last_at: u64,
    /// Batches of this page that should stand before this one and do not.
    pub missing: Option<(u32, u32)>,
    pub body: Vec<u8>,
}

impl Reading {
    /// Open a recording. One that was refused at once has no chunks.
    /// With `from`, begins at the last page that began by then.
    pub fn open(
        meta: &Connection,
        keyring: &Keyring,
        place: &Place,
        readable: Readable,
        from: Option<Timestamp>,
    ) -> Result<Option<Self>> {
        let id = readable.id();
        let bound = recording::present(meta, id)?;
        let Some(mut key) = keyring.find(id)? else { return Ok(None) };
        let path = place.chunks(bound.shelf());
        if !path.exists() {
            return Ok(None);
        }
        let db = migrate::open_reader(&path)?;
        let pages = recording::pages(meta, id)?;
        let first = from.and_then(|from| pages.iter().rposition(|(_, began)| *began <= from)).unwrap_or(0);
        let rank: HashMap<PageId, (usize, Timestamp)> =
            pages.into_iter().enumerate().skip(first).map(|(rank, (page, began))| (page, (rank, began))).collect();
        // A batch committed between the two reads belongs to a page that metadata did not have yet: left for the next reading.
        let mut entries: Vec<_> =
            chunk::list(&db, id)?.into_iter().filter_map(|entry| Some((*rank.get(&entry.page)?, entry))).collect();
        entries.sort_by_key(|((rank, _), entry)| (*rank, entry.seq));
        let entries: Vec<_> = entries.into_iter().map(|((_, began), entry)| (began, entry)).collect();
        // Another process may have sealed it anew a moment ago, which this one has not noticed yet.
        let mut first = None;
        if let Some((_, entry)) = entries.first()
            && let Some(bytes) = chunk::bytes(&db, entry.id)?
        {
            let opened = match seal::open(&key.key, &bytes) {
                Ok(opened) => opened,
                Err(_) => {
                    keyring.forget_recording(id);
                    match keyring.find(id)? {
                        Some(found) => key = found,
                        None => return Ok(None),
                    }
                    seal::open(&key.key, &bytes)?
                }
            };
            first = Some((entry.id, opened));
        }
        Ok(Some(Self { key, db, entries: entries.into_iter(), expected: (None, 0), first }))
    }

    fn read_next(&mut self) -> Result<Option<Chapter>> {
        for (page_began, entry) in self.entries.by_ref() {
            // Erased meanwhile: what is left is noise.
            let Some(bytes) = chunk::bytes(&self.db, entry.id)? else { continue };
            let header = seal::inspect(&bytes)?;
            let opened = match self.first.take() {
                Some((first, opened)) if first == entry.id => opened,
                _ => seal::open(&self.key.key, &bytes)?,
            };
            let expected = if self.expected.0 == Some(entry.page) { self.expected.1 } else { 0 };
            self.expected = (Some(entry.page), entry.seq + 1);
            return Ok(Some(Chapter {
                page: entry.page,
                page_began,
                seq: entry.seq,
                last_at: header.last_at,
                missing: (entry.seq > expected).then(|| (expected, entry.seq - 1)),
                body: opened.body,
            }));
        }
        Ok(None)
    }
}

impl Iterator for Reading {
    type Item = Result<Chapter>;

    fn next(&mut self) -> Option<Result<Chapter>> {
        self.read_next().transpose()
    }
}
