//! Events in the order in which they happened. rrweb tells the pointer's way half a second late, each point with how long ago it
//! was; other programs write what two of their parts told as it came.

use super::tree::Theirs;
use std::collections::BTreeMap;

/// What waits is told once something this much later is known.
const LATE_MS: i64 = 1_000;
/// Bytes that may wait.
const BYTES_MAX: usize = 8 << 20;
const ITEMS_MAX: usize = 20_000;

/// Something that waits for its turn.
#[derive(Debug)]
pub enum Item {
    /// An event, or what is left of it, as JSON: its type and its data.
    Event {
        number: u64,
        at: u64,
        kind: i64,
        data: String,
    },
    Move {
        id: Theirs,
        x: f64,
        y: f64,
        touch: bool,
    },
}

#[derive(Debug, Default)]
pub struct Order {
    waiting: BTreeMap<(i64, u64), Item>,
    count: u64,
    bytes: usize,
    latest: i64,
}

impl Order {
    /// Something that happened at `at`, in milliseconds since 1970.
    pub fn put(&mut self, at: i64, item: Item) {
        if let Item::Event { data, .. } = &item {
            self.bytes += data.len();
        }
        self.latest = self.latest.max(at);
        self.waiting.insert((at, self.count), item);
        self.count += 1;
    }

    /// The next that nothing earlier can come before any more; with `last`, the next of all.
    pub fn next(&mut self, last: bool) -> Option<(i64, Item)> {
        let first = self.waiting.first_entry()?;
        let at = first.key().0;
        let full = self.bytes > BYTES_MAX || self.count.saturating_sub(first.key().1) > ITEMS_MAX as u64;
        if !last && !full && at > self.latest.saturating_sub(LATE_MS) {
            return None;
        }
        let item = first.remove();
        if let Item::Event { data, .. } = &item {
            self.bytes -= data.len();
        }
        Some((at, item))
    }
}
