//! Which file a recording's chunks lie in, and how they come from one into another.
//!
//! In steps that may each be cut off: chunks are copied to the other shelf, metadata says so, and `clear` takes them off the shelf
//! that they have left. Of two copies metadata says which one counts, so a start goes on or back.

use super::day::Day;
use super::{Books, State, chunk, clock, erasure, recording};
use crate::error::Result;
use crate::model::{RecordingId, Timestamp};
use std::fmt;
use std::str::FromStr;

/// Chunks deleted in one go.
const SLICE: u32 = 500;

/// A file of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Unlinked whole on this day.
    Day(Day),
    /// What outlives its day.
    Keep,
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Keep => f.write_str("keep"),
        }
    }
}

impl FromStr for Shelf {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        if text == "keep" { Ok(Self::Keep) } else { Ok(Self::Day(text.parse()?)) }
    }
}

/// Keep a recording past its day. To be followed by `clear` once metadata is committed.
pub fn keep(books: &mut Books, id: RecordingId) -> Result<()> {
    let bound = recording::present(&books.meta, id)?;
    if !bound.kept {
        copy(books, id, bound.shelf(), Shelf::Keep)?;
        recording::set_kept(&books.meta, id, true)?;
    }
    Ok(())
}

/// Give a recording back to its day; one whose day has come is gone at once. To be followed by `clear`, as above.
pub fn give_back(books: &mut Books, id: RecordingId, now: Timestamp) -> Result<()> {
    let bound = recording::present(&books.meta, id)?;
    if bound.expires_on <= Day::of(now) && clock::jump(&books.meta, now)?.is_none() {
        return erasure::forget(books, &[id]);
    }
    if bound.kept {
        copy(books, id, Shelf::Keep, Shelf::Day(bound.expires_on))?;
        recording::set_kept(&books.meta, id, false)?;
    }
    Ok(())
}

/// Take a recording off the shelf where, as metadata says, it does not lie. Needs metadata's lock: nobody may move it meanwhile.
pub fn clear(books: &mut Books, id: RecordingId) -> Result<()> {
    let left = match recording::bound(&books.meta, id)? {
        Some(bound) if bound.kept && bound.state != State::Erased => Shelf::Day(bound.expires_on),
        Some(_) | None => Shelf::Keep,
    };
    while books.has_chunks(left) && chunk::delete_some(books.chunks(left)?, id, SLICE)? {}
    Ok(())
}

/// Clear whatever was left on two shelves.
pub fn clear_all(books: &mut Books) -> Result<()> {
    if !books.has_chunks(Shelf::Keep) {
        return Ok(());
    }
    for id in chunk::recordings(books.chunks(Shelf::Keep)?)? {
        clear(books, id)?;
    }
    Ok(())
}

fn copy(books: &mut Books, id: RecordingId, from: Shelf, to: Shelf) -> Result<()> {
    if !books.has_chunks(from) {
        // Nothing of it was ever kept: it was refused with its first batch.
        return Ok(());
    }
    // An older program may have made it, without all of its tables.
    books.chunks(from)?;
    let source = books.place.chunks(from);
    chunk::copy(books.chunks(to)?, &source, id)
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
