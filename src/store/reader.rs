//! Reads a recording's batches back, one at a time, in the order in which they happened. Holds one chunk in memory, and what that is
//! compressed against.

use super::dictionary::Dictionary;
use super::keys::RecordingKey;
use super::pack::Opener;
use super::{Keyring, chunk, keyframe, migrate, place, recording};
use crate::error::{Error, Result};
use crate::mirror::Keyframe;
use crate::model::{PageId, RecordingId, Timestamp};
use crate::seal::Batch;
use rusqlite::Connection;
use std::collections::{HashMap, VecDeque};
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
    opener: Opener,
    db: Connection,
    entries: VecDeque<Waiting>,
    /// Batches out of chunks that are opened already.
    opened: VecDeque<(Waiting, Batch, chunk::Digest)>,
    /// What lies behind is not read, nor what lies before.
    begin: Option<Order>,
    end: Option<Order>,
    /// The number that the current page's next batch should have.
    expected: (Option<PageId>, u32),
    opening: Option<Opening>,
}

/// How far within a recording: by page, then by number.
type Order = (usize, u32);

/// A chunk that is not opened yet.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    rank: usize,
    page_began: Timestamp,
    entry: chunk::Entry,
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

/// A batch as it lies in the store.
pub struct Stored {
    pub batch: Batch,
    pub digest: chunk::Digest,
    page_began: Timestamp,
    missing: Option<(u32, u32)>,
}

impl From<Stored> for Chapter {
    fn from(Stored { batch, page_began, missing, .. }: Stored) -> Self {
        let header = batch.header;
        Self { page: header.page, page_began, seq: header.seq, last_at: header.last_at, missing, body: batch.body }
    }
}

impl Stored {
    /// Milliseconds since 1970 at which its page began.
    pub fn page_began(&self) -> Timestamp {
        self.page_began
    }

    /// How many batches of its page should stand before it and do not.
    pub fn missing(&self) -> u32 {
        self.missing.map_or(0, |(from, to)| to.saturating_sub(from).saturating_add(1))
    }
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
        // A file of before keyframes has no table of them.
        let frames = if bound.marked { keyframe::list(&db, id)? } else { Vec::new() };
        let begin = span.from.and_then(|from| frames.iter().rfind(|(at, _)| *at <= from)).copied();
        let after = |at: Timestamp| begin.is_none_or(|(begin, _)| at > begin);
        let end = span.to.and_then(|to| frames.iter().find(|(at, _)| *at >= to && after(*at))).copied();
        let pages = recording::pages(meta, id)?;
        let by_page = span.from.filter(|_| frames.is_empty());
        let first_page = by_page.and_then(|from| pages.iter().rposition(|(_, began)| *began <= from)).unwrap_or(0);
        let rank: HashMap<PageId, (usize, Timestamp)> =
            pages.into_iter().enumerate().skip(first_page).map(|(rank, (page, began))| (page, (rank, began))).collect();
        let order_of = |frame: Option<(Timestamp, Place)>| {
            frame.and_then(|(_, place)| rank.get(&place.page).map(|(rank, _)| (*rank, place.seq)))
        };
        // A batch committed between the two reads belongs to a page that metadata did not have yet: left for the next reading.
        let waiting = |entry: chunk::Entry| {
            rank.get(&entry.page).map(|(rank, page_began)| Waiting { rank: *rank, page_began: *page_began, entry })
        };
        let (begin_order, end_order) = (order_of(begin), order_of(end));
        let mut entries: Vec<_> = chunk::list(&db, id)?
            .into_iter()
            .filter_map(waiting)
            .filter(|waiting| begin_order.is_none_or(|begin| (waiting.rank, waiting.entry.last) > begin))
            .filter(|waiting| end_order.is_none_or(|end| (waiting.rank, waiting.entry.seq) <= end))
            .collect();
        entries.sort_by_key(|waiting| (waiting.rank, waiting.entry.seq));
        let opener = |key: &RecordingKey| Opener::new(&place.assets(), keyring, key, id);
        let mut reading = Self {
            opener: opener(&key)?,
            key: key.clone(),
            db,
            entries: entries.into(),
            opened: VecDeque::new(),
            begin: begin_order,
            end: end_order,
            expected: begin.map_or((None, 0), |(_, place)| (Some(place.page), place.seq + 1)),
            opening: None,
        };
        // Another process may have sealed it anew a moment ago, which this one has not noticed yet.
        if reading.open_first(id, begin).is_err() {
            keyring.forget_recording(id);
            match keyring.find(id)? {
                Some(found) => key = found,
                None => return Ok(None),
            }
            reading.opener = opener(&key)?;
            reading.key = key;
            reading.open_first(id, begin)?;
        }
        Ok(Some(reading))
    }

    /// The key that its chunks are sealed under.
    pub fn key(&self) -> Arc<RecordingKey> {
        self.key.clone()
    }

    /// The dictionary of its site, for what is packed from now on.
    pub fn dictionary(&mut self) -> Result<Option<Dictionary>> {
        self.opener.current()
    }

    /// What stands before the first batch, where that does not begin a page.
    pub fn take_opening(&mut self) -> Option<Opening> {
        self.opening.take()
    }

    fn open_first(&mut self, id: RecordingId, begin: Option<(Timestamp, Place)>) -> Result<()> {
        if let Some((at, place)) = begin {
            let keyframe = keyframe::open(&self.db, &mut self.opener, id, at)?.ok_or(Error::Busy { retry_s: 1 })?;
            self.opening = Some(Opening { at, place, keyframe });
            return Ok(());
        }
        self.open_next()
    }

    /// Open the next chunk that is still there; what is left of an erased one is noise.
    fn open_next(&mut self) -> Result<()> {
        while let Some(waiting) = self.entries.front().copied() {
            let Some(bytes) = chunk::bytes(&self.db, waiting.entry.id)? else {
                self.entries.pop_front();
                continue;
            };
            let digests: HashMap<u32, chunk::Digest> = chunk::digests(&self.db, waiting.entry)?.into_iter().collect();
            for batch in self.opener.open(&self.db, &bytes)? {
                let digest = digests.get(&batch.header.seq).copied().unwrap_or_default();
                self.opened.push_back((waiting, batch, digest));
            }
            self.entries.pop_front();
            self.opened.make_contiguous().sort_by_key(|(waiting, batch, _)| (waiting.rank, batch.header.seq));
            return Ok(());
        }
        Ok(())
    }

    /// The next batch, with all that is kept of it.
    pub fn next_stored(&mut self) -> Result<Option<Stored>> {
        loop {
            // A batch that came late lies in a chunk of its own, and may belong between two of a run.
            let before = |waiting: &Waiting, front: &(Waiting, Batch, chunk::Digest)| {
                (waiting.rank, waiting.entry.seq) < (front.0.rank, front.1.header.seq)
            };
            while let Some(waiting) = self.entries.front()
                && self.opened.front().is_none_or(|front| before(waiting, front))
            {
                self.open_next()?;
            }
            let Some((waiting, batch, digest)) = self.opened.pop_front() else { return Ok(None) };
            let (page, seq) = (batch.header.page, batch.header.seq);
            let order = (waiting.rank, seq);
            if self.begin.is_some_and(|begin| order <= begin) {
                continue;
            }
            if self.end.is_some_and(|end| order > end) {
                return Ok(None);
            }
            let expected = if self.expected.0 == Some(page) { self.expected.1 } else { 0 };
            self.expected = (Some(page), seq.saturating_add(1));
            let missing = (seq > expected).then(|| (expected, seq - 1));
            return Ok(Some(Stored { batch, digest, page_began: waiting.page_began, missing }));
        }
    }
}

impl Iterator for Reading {
    type Item = Result<Chapter>;

    fn next(&mut self) -> Option<Result<Chapter>> {
        self.next_stored().map(|stored| stored.map(Chapter::from)).transpose()
    }
}
