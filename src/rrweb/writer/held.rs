//! A snapshot that comes in parts is written as one, at the time at which it began: what a watcher sees first is the whole page.
//! Until it is whole, changes of the page only go into the mirror, and what else happens waits behind it.

use super::Writer;
use crate::stream::Op;

#[derive(Debug)]
pub(super) struct Held {
    at: i64,
    /// The time of the last event before it.
    last: i64,
    /// Its parts are on their way.
    in_parts: bool,
    /// Events that wait behind it, each with a comma before it.
    pub events: Vec<u8>,
}

impl Writer {
    /// Hold the snapshot that was just read, until it is known to be whole.
    pub(super) fn hold(&mut self) {
        self.held = Some(Held { at: self.at, last: self.last, in_parts: false, events: Vec::new() });
    }

    /// Whether this op was taken in as part of a held snapshot, or as its end.
    pub(super) fn is_held(&mut self, op: &Op<'_>, out: &mut Vec<u8>) -> bool {
        let Some(held) = &mut self.held else { return false };
        match op {
            Op::Part { more } => {
                held.in_parts = *more;
                self.release_whole(out);
                true
            }
            Op::Snapshot { .. } => {
                self.release(out);
                false
            }
            _ if !held.in_parts => {
                self.release(out);
                false
            }
            Op::Add { .. }
            | Op::Element { .. }
            | Op::Text { .. }
            | Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End
            | Op::Remove { .. }
            | Op::Attribute { .. }
            | Op::SetText { .. }
            | Op::SetMasked { .. }
            | Op::Sheet { .. }
            | Op::RuleInsert { .. }
            | Op::RuleDelete { .. }
            | Op::AdoptedSheet { .. }
            | Op::Adopt { .. } => {
                self.mirror.apply(op);
                true
            }
            _ => false,
        }
    }

    /// Write the held snapshot, unless parts of it are still to come.
    pub(super) fn release_whole(&mut self, out: &mut Vec<u8>) {
        if self.held.as_ref().is_some_and(|held| !held.in_parts) {
            self.release(out);
        }
    }

    /// Write the held snapshot as it is, and what waits behind it.
    pub(super) fn release(&mut self, out: &mut Vec<u8>) {
        let Some(held) = self.held.take() else { return };
        let now = std::mem::replace(&mut self.at, held.at);
        let last = std::mem::replace(&mut self.last, held.last);
        self.snapshot(out);
        self.at = now;
        self.last = self.last.max(last);
        out.extend(held.events);
    }
}
