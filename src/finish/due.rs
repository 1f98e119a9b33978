//! When a keyframe is due: after a minute of activity, sooner where so much happened that playing it would take long.

use crate::stream::Op;

/// So much activity lies between two keyframes.
const ACTIVE_MS: i64 = 60_000;
/// Nothing for so long is no activity: it costs a player nothing.
const IDLE_MS: i64 = 5_000;
/// So many ops between two keyframes, and never fewer than the page has nodes: a keyframe costs as much as telling those.
const OPS_MAX: usize = 1_500;
/// Two keyframes are never closer.
const APART_MS: i64 = 1_000;

#[derive(Debug, Default)]
pub struct Due {
    /// When the last keyframe was drawn, or the recording began.
    drawn_at: i64,
    last: i64,
    active: i64,
    ops: usize,
}

impl Due {
    pub fn count(&mut self, op: &Op<'_>, at: i64) {
        if self.last == 0 {
            (self.last, self.drawn_at) = (at, at);
        }
        self.active += (at - self.last).min(IDLE_MS);
        self.last = at;
        match op {
            // A page that is told anew begins anew for a player too.
            Op::Snapshot { .. } => self.ops = 0,
            Op::Time { .. } | Op::End => {}
            _ => self.ops += 1,
        }
    }

    pub fn is_due(&self, now: i64, nodes: usize) -> bool {
        let enough = self.active >= ACTIVE_MS || self.ops >= OPS_MAX.max(nodes);
        enough && now - self.drawn_at >= APART_MS
    }

    pub fn drawn(&mut self, at: i64) {
        *self = Self { drawn_at: at, last: self.last, active: 0, ops: 0 };
    }
}
