//! What is made of a recording once it is finished, in one pass through the mirror: keyframes, from which a player begins anywhere,
//! and marks, which say what happened. Pure: no clock, no database.

mod clicks;
mod due;
mod finder;
mod marks;
mod parts;
#[cfg(test)]
mod tests;

pub use marks::{Cost, Counts, Hidden, Mark, Marks, What};
pub use parts::Part;

use crate::mirror::{Keyframe, Mirror, Pointer};
use crate::model::{PageId, Timestamp};
use crate::stream::{Malformed, Op, Press, Reader, Writer};
use due::Due;
use finder::Finder;
use parts::Parts;

/// Keyframes of one recording. The longest that a policy allows has four hours.
const FRAMES_MAX: usize = 2_000;

/// A batch of the recording, opened.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub page: PageId,
    pub page_began: Timestamp,
    pub seq: u32,
    /// Batches that should stand before it and do not.
    pub missing: u32,
    pub body: &'a [u8],
}

/// A keyframe in its place: the page after that batch and before the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub at: Timestamp,
    pub page: PageId,
    pub seq: u32,
    pub keyframe: Keyframe,
}

/// What each page's batches say of pictures and fonts, as a batch of its own.
pub type AssetBatches = Vec<(PageId, Vec<u8>)>;

/// What was made of a recording beside its keyframes.
#[derive(Debug)]
pub struct Finished {
    pub marks: Marks,
    pub assets: AssetBatches,
    /// What other recordings of the site may have in common with it.
    pub parts: Vec<Part>,
}

/// Reads the batches of one recording, page after page.
#[derive(Debug)]
pub struct Finisher {
    mirror: Mirror,
    finder: Finder,
    due: Due,
    /// Of the last batch: its page, its number, and the page's own time at its end.
    reached: Option<(PageId, u32, u64)>,
    pointer: Option<Pointer>,
    /// A snapshot of which parts are still to come: a player does not show it yet.
    in_parts: bool,
    start: i64,
    /// The latest that was told; a player never goes back.
    last: i64,
    frames: Vec<i64>,
    assets: Vec<(PageId, Writer)>,
    parts: Parts,
    too_large: bool,
}

impl Finisher {
    /// Of a recording that began at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self {
            mirror: Mirror::default(),
            finder: Finder::default(),
            due: Due::default(),
            reached: None,
            pointer: None,
            in_parts: false,
            start: start.0,
            last: start.0,
            frames: Vec::new(),
            assets: Vec::new(),
            parts: Parts::default(),
            too_large: false,
        }
    }

    /// Take in the next batch; the keyframe that stands before it, where one is due.
    pub fn read(&mut self, batch: Batch<'_>) -> Result<Option<Frame>, Malformed> {
        let frame = self.frame(&batch);
        if let Some(frame) = &frame {
            self.frames.push(frame.at.0 - self.start);
            self.due.drawn(frame.at.0);
        }
        if self.reached.is_none_or(|(page, ..)| page != batch.page) {
            self.mirror.clear();
            self.in_parts = false;
            self.pointer = None;
            self.finder.turn_page();
        }
        if batch.missing > 0 {
            self.finder.missing(self.last - self.start, batch.missing);
        }
        let mut reader = Reader::new(batch.body)?;
        let mut now = reader.now();
        self.set_time(batch.page_began.0, now);
        while let Some(op) = reader.next()? {
            if let Op::Time { at } = op {
                now = at;
                self.set_time(batch.page_began.0, now);
            }
            self.op(batch.page, &op);
            if let Some(edge) = self.parts.op(&op) {
                self.parts.reach(edge, &reader);
            }
        }
        self.parts.turn();
        self.reached = Some((batch.page, batch.seq, now));
        Ok(frame)
    }

    /// What was found, once all was read.
    pub fn finish(self) -> Finished {
        Finished {
            marks: self.finder.finish(self.start, self.last, self.frames, self.too_large),
            assets: self.assets.into_iter().map(|(page, writer)| (page, writer.finish())).collect(),
            parts: self.parts.into_found(),
        }
    }

    fn set_time(&mut self, page_began: i64, at: u64) {
        let at = page_began.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        self.last = self.last.max(at);
        self.finder.set_time(self.last - self.start);
    }

    fn op(&mut self, page: PageId, op: &Op<'_>) {
        match *op {
            Op::Snapshot { .. } => self.in_parts = false,
            Op::Part { more } => self.in_parts = more,
            Op::Move { id, x, y, touch, .. } => self.pointer = Some(Pointer { id, x, y, touch }),
            Op::Press { kind: Press::Click, id, x, y } => {
                self.pointer = Some(Pointer { id, x, y, touch: self.pointer.is_some_and(|pointer| pointer.touch) });
            }
            Op::Asset { .. } | Op::Unreadable { .. } => self.asset(page, op),
            _ => {}
        }
        self.due.count(op, self.last);
        self.mirror.apply(op);
        self.too_large |= self.mirror.is_too_large();
        self.finder.op(op, &self.mirror);
    }

    fn asset(&mut self, page: PageId, op: &Op<'_>) {
        if self.assets.last().is_none_or(|(last, _)| *last != page) {
            self.assets.push((page, Writer::new(1, 0)));
        }
        if let Some((_, writer)) = self.assets.last_mut() {
            writer.op(op);
        }
    }

    /// The page as it stands, where a keyframe is due. Only between two batches of one page that follow each other: clocks of two
    /// pages may overlap, and what is told of a gap belongs to what was before it.
    fn frame(&self, next: &Batch<'_>) -> Option<Frame> {
        let (page, seq, at) = self.reached?;
        let whole = page == next.page && next.missing == 0 && !self.in_parts;
        if !whole || self.too_large || self.frames.len() >= FRAMES_MAX || !self.due.is_due(self.last, self.mirror.len())
        {
            return None;
        }
        let keyframe = self.mirror.keyframe(at, self.pointer)?;
        Some(Frame { at: Timestamp(self.last), page, seq, keyframe })
    }
}
