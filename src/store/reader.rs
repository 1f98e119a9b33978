//! Reads a recording's batches back, one at a time, in the order in which they happened. Holds one chunk in memory, and what that is
//! compressed against.

use super::dictionary::Dictionary;
use super::keys::RecordingKey;
use super::pack::Opener;
use super::{Keyring, chunk, keyframe, migrate, place, recording};
use crate::error::{Error, Result};
use crate::mirror::Keyframe;
use crate::model::{PageId, RecordingId, Timestamp};
use crate::seal::{Batch, ChunkHeader, Sealed};
use crate::stream;
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
    id: RecordingId,
    key: Arc<RecordingKey>,
    opener: Opener,
    db: Connection,
    entries: VecDeque<Waiting>,
    /// Batches out of chunks that are opened already.
    opened: VecDeque<Opened>,
    /// What lies behind is not read, nor what lies before.
    begin: Option<Order>,
    end: Option<Order>,
    /// The number that the current page's next batch should have.
    expected: (Option<PageId>, u32),
    /// When the last batch of the current page ended, in the page's own time.
    reached: u64,
    opening: Option<Opening>,
    damage: u64,
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

/// A batch out of a chunk, or the last number of a chunk that nothing can be read of.
struct Opened {
    waiting: Waiting,
    seq: u32,
    batch: Option<(Batch, chunk::Digest)>,
}

impl Opened {
    fn order(&self) -> Order {
        (self.waiting.rank, self.seq)
    }
}

/// One opened batch. Of a chunk that nothing can be read of, a batch without ops, before which all of it is missing.
pub struct Chapter {
    pub page: PageId,
    pub page_began: Timestamp,
    pub seq: u32,
    pub last_at: u64,
    /// Batches of this page that should stand before this one and do not.
    pub missing: Option<(u32, u32)>,
    pub body: Vec<u8>,
}

/// A batch as it lies in the store, or what stands for a chunk that nothing can be read of.
pub struct Stored {
    pub batch: Batch,
    /// None where nothing can be read.
    pub digest: Option<chunk::Digest>,
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
            id,
            opener: opener(&key)?,
            key: key.clone(),
            db,
            entries: entries.into(),
            opened: VecDeque::new(),
            begin: begin_order,
            end: end_order,
            expected: begin.map_or((None, 0), |(_, place)| (Some(place.page), place.seq + 1)),
            reached: 0,
            opening: None,
            damage: 0,
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
            match reading.open_first(id, begin) {
                // The keyframe is damaged, or the run that it was packed against: from the beginning, as without keyframes.
                Err(Error::Internal { .. }) if begin.is_some() => {
                    return Self::open(meta, keyring, place, readable, Span { from: None, ..span });
                }
                other => other?,
            }
        }
        Ok(Some(reading))
    }

    /// How many batches could not be read up to here, because their bytes have changed on disk.
    pub fn damage(&self) -> u64 {
        self.damage
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

    /// Open the next chunk that is still there; what is left of an erased one is noise. One that cannot be read is a gap.
    fn open_next(&mut self) -> Result<()> {
        while let Some(waiting) = self.entries.front().copied() {
            match self.open_chunk(waiting) {
                Ok(None) => {
                    self.entries.pop_front();
                    continue;
                }
                Ok(Some(batches)) => self.opened.extend(batches),
                Err(error @ (Error::Internal { .. } | Error::Failed(_))) if self.is_damaged(waiting)? => {
                    tracing::debug!(cause = %error, "a chunk cannot be read");
                    self.damage += u64::from(waiting.entry.last.saturating_sub(waiting.entry.seq)) + 1;
                    self.opened.push_back(Opened { waiting, seq: waiting.entry.last, batch: None });
                }
                Err(error) => return Err(error),
            }
            self.entries.pop_front();
            self.opened.make_contiguous().sort_by_key(Opened::order);
            return Ok(());
        }
        Ok(())
    }

    fn open_chunk(&mut self, waiting: Waiting) -> Result<Option<Vec<Opened>>> {
        let Some(bytes) = chunk::bytes(&self.db, waiting.entry.id)? else { return Ok(None) };
        let digests: HashMap<u32, chunk::Digest> = chunk::digests(&self.db, waiting.entry)?.into_iter().collect();
        let opened = self.opener.open(&self.db, &bytes)?.into_iter().map(|batch| {
            let seq = batch.header.seq;
            Opened { waiting, seq, batch: Some((batch, digests.get(&seq).copied().unwrap_or_default())) }
        });
        Ok(Some(opened.collect()))
    }

    /// Whether a chunk that does not open has changed on disk, or what it was compressed against has; otherwise it is sealed under another
    /// key than this reading's.
    fn is_damaged(&self, waiting: Waiting) -> Result<bool> {
        match chunk::bytes(&self.db, waiting.entry.id) {
            Ok(Some(bytes)) => Ok(Sealed::parse(&bytes).map_or(true, |sealed| sealed.opens(&self.key.key))),
            Ok(None) | Err(Error::Internal { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The next batch, with all that is kept of it.
    pub fn next_stored(&mut self) -> Result<Option<Stored>> {
        loop {
            // A batch that came late lies in a chunk of its own, and may belong between two of a run.
            let before = |waiting: &Waiting, front: &Opened| (waiting.rank, waiting.entry.seq) < front.order();
            while let Some(waiting) = self.entries.front()
                && self.opened.front().is_none_or(|front| before(waiting, front))
            {
                self.open_next()?;
            }
            let Some(opened) = self.opened.pop_front() else { return Ok(None) };
            let order = opened.order();
            if self.begin.is_some_and(|begin| order <= begin) {
                continue;
            }
            if self.end.is_some_and(|end| order > end) {
                return Ok(None);
            }
            return Ok(Some(self.place(opened)));
        }
    }

    /// Say what is missing before a batch. What cannot be read is missing too, its own number with it.
    fn place(&mut self, opened: Opened) -> Stored {
        let Opened { waiting, seq, batch } = opened;
        let page = waiting.entry.page;
        if self.expected.0 != Some(page) {
            (self.expected, self.reached) = ((Some(page), 0), 0);
        }
        let expected = self.expected.1;
        self.expected.1 = seq.saturating_add(1);
        let (batch, digest, to) = match batch {
            Some((batch, digest)) => (batch, Some(digest), seq.checked_sub(1)),
            None => (self.nothing(page, seq), None, Some(seq)),
        };
        self.reached = batch.header.last_at;
        let missing = to.filter(|to| *to >= expected).map(|to| (expected, to));
        Stored { batch, digest, page_began: waiting.page_began, missing }
    }

    /// A batch that says nothing, at the time that its page had reached.
    fn nothing(&self, page: PageId, seq: u32) -> Batch {
        let (recording, at) = (self.id, self.reached);
        let header = ChunkHeader { received_at: Timestamp(0), first_at: at, last_at: at, recording, page, seq };
        Batch { header, facts: Vec::new(), body: stream::Writer::new(1, at).finish() }
    }
}

impl Iterator for Reading {
    type Item = Result<Chapter>;

    fn next(&mut self) -> Option<Result<Chapter>> {
        self.next_stored().map(|stored| stored.map(Chapter::from)).transpose()
    }
}
