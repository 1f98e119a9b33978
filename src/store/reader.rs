//! Reads a recording's chunks back, one at a time, in the order in which they happened. Holds one chunk in memory.

use super::keys::RecordingKey;
use super::{Keyring, chunk, keyframe, migrate, place, recording};
use crate::error::{Error, Result};
use crate::mirror::Keyframe;
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

/// Which part of a recording is read: from the last keyframe by `from` to the first at or after `to`. Without keyframes, from the last
/// page that began by `from`, to the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// A batch's place in its recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub page: PageId,
    pub seq: u32,
}

/// Where a reading begins that does not begin with a page: the page as it was behind the batch of this place.
pub struct Opening {
    pub at: Timestamp,
    pub place: Place,
    pub keyframe: Keyframe,
}

/// A recording being read.
pub struct Reading {
    key: Arc<RecordingKey>,
    db: Connection,
    entries: std::vec::IntoIter<(Timestamp, chunk::Entry)>,
    /// The number that the current page's next batch should have.
    expected: (Option<PageId>, u32),
    opening: Option<Opening>,
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
    /// Open a recording, or a part of it. One that was refused at once has no chunks.
    pub fn open(
        meta: &Connection,
        keyring: &Keyring,
        place: &place::Place,
        readable: Readable,
        span: Span,
    ) -> Result<Option<Self>> {
        let id = readable.id();
        let bound = recording::present(meta, id)?;
        let Some(mut key) = keyring.find(id)? else { return Ok(None) };
        let path = place.chunks(bound.shelf());
        if !path.exists() {
            return Ok(None);
        }
        let db = migrate::open_reader(&path)?;
        // A file that nobody wrote to since an older program made it has no keyframes, and no table of them.
        let frames = if bound.marked { keyframe::list(&db, id)? } else { Vec::new() };
        let begin = span.from.and_then(|from| frames.iter().rfind(|(at, _)| *at <= from)).copied();
        let after = |at: Timestamp| begin.is_none_or(|(begin, _)| at > begin);
        let end = span.to.and_then(|to| frames.iter().find(|(at, _)| *at >= to && after(*at))).copied();
        let pages = recording::pages(meta, id)?;
        let by_page = span.from.filter(|_| frames.is_empty());
        let first_page = by_page.and_then(|from| pages.iter().rposition(|(_, began)| *began <= from)).unwrap_or(0);
        let rank: HashMap<PageId, (usize, Timestamp)> =
            pages.into_iter().enumerate().skip(first_page).map(|(rank, (page, began))| (page, (rank, began))).collect();
        let order = |page: PageId, seq: u32| rank.get(&page).map(|(rank, _)| (*rank, seq));
        let order_of = |frame: Option<(Timestamp, Place)>| frame.and_then(|(_, place)| order(place.page, place.seq));
        let (begin_order, end_order) = (order_of(begin), order_of(end));
        // A batch committed between the two reads belongs to a page that metadata did not have yet: left for the next reading.
        let mut entries: Vec<_> = chunk::list(&db, id)?
            .into_iter()
            .filter_map(|entry| Some((order(entry.page, entry.seq)?, entry)))
            .filter(|(order, _)| begin_order.is_none_or(|begin| *order > begin))
            .filter(|(order, _)| end_order.is_none_or(|end| *order <= end))
            .collect();
        entries.sort_by_key(|(order, _)| *order);
        let entries: Vec<_> = entries.into_iter().map(|(_, entry)| (rank[&entry.page].1, entry)).collect();
        let mut reading = Self {
            key: key.clone(),
            db,
            expected: begin.map_or((None, 0), |(_, place)| (Some(place.page), place.seq + 1)),
            opening: None,
            first: None,
            entries: entries.into_iter(),
        };
        // Another process may have sealed it anew a moment ago, which this one has not noticed yet.
        if reading.open_first(id, begin).is_err() {
            keyring.forget_recording(id);
            match keyring.find(id)? {
                Some(found) => key = found,
                None => return Ok(None),
            }
            reading.key = key;
            reading.open_first(id, begin)?;
        }
        Ok(Some(reading))
    }

    /// The key that its chunks are sealed under.
    pub fn key(&self) -> Arc<RecordingKey> {
        self.key.clone()
    }

    /// What stands before the first batch, where that does not begin a page.
    pub fn take_opening(&mut self) -> Option<Opening> {
        self.opening.take()
    }

    fn open_first(&mut self, id: RecordingId, begin: Option<(Timestamp, Place)>) -> Result<()> {
        if let Some((at, place)) = begin {
            let keyframe = keyframe::open(&self.db, &self.key.key, id, at)?.ok_or(Error::Busy { retry_s: 1 })?;
            self.opening = Some(Opening { at, place, keyframe });
        } else if let Some((_, entry)) = self.entries.as_slice().first()
            && let Some(bytes) = chunk::bytes(&self.db, entry.id)?
        {
            self.first = Some((entry.id, seal::open(&self.key.key, &bytes)?));
        }
        Ok(())
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
