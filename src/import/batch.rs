//! What was imported so far, as batches of ours: each passed the door before it was kept, and is kept small.

use super::Wrong;
use crate::model::NodeId;
use crate::policy::{self, Policy, Refusal};
use crate::stream::{NODE_MAX, Op, Writer};

/// A batch is cut above this, once its event is told to its end.
const BATCH_BYTES: usize = 256 << 10;
/// Bytes of all batches, packed: they wait in memory until the last is known to be good.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// Bytes of one batch, opened.
const OPENED_BYTES_MAX: usize = 64 << 20;
/// How well batches are packed while they wait: quickly.
const LEVEL: i32 = 1;

/// A batch, packed, and the page that it is of.
#[derive(Debug)]
pub struct Batch {
    pub page: usize,
    packed: Vec<u8>,
}

impl Batch {
    pub fn new(page: usize, body: &[u8]) -> Result<Self, Wrong> {
        if body.len() > OPENED_BYTES_MAX {
            return Err(Wrong::large("An event is too large for one batch."));
        }
        let packed = zstd::bulk::compress(body, LEVEL).map_err(|_| Wrong::large("A batch cannot be packed."))?;
        Ok(Self { page, packed })
    }

    pub fn open(&self) -> Result<Vec<u8>, Wrong> {
        // It was packed here a moment ago.
        zstd::bulk::decompress(&self.packed, OPENED_BYTES_MAX).map_err(|_| Wrong::large("A batch does not open."))
    }
}

/// Writes ops into batches.
#[derive(Debug)]
pub struct Batches<'p> {
    policy: &'p Policy,
    writer: Option<Writer>,
    next_node: NodeId,
    /// When the page began, in milliseconds since 1970, and how long it has been there.
    began: i64,
    now: u64,
    pub pages: Vec<i64>,
    pub done: Vec<Batch>,
    kept: usize,
}

impl<'p> Batches<'p> {
    pub fn new(policy: &'p Policy) -> Self {
        Self { policy, writer: None, next_node: 1, began: 0, now: 0, pages: Vec::new(), done: Vec::new(), kept: 0 }
    }

    /// Another page begins at this time.
    pub fn begin_page(&mut self, at: i64) -> Result<(), Wrong> {
        self.cut()?;
        (self.began, self.now, self.next_node) = (at, 0, 1);
        self.pages.push(at);
        Ok(())
    }

    /// The ops that follow happened at this time; time never goes back.
    pub fn set_time(&mut self, at: i64) {
        let at = u64::try_from(at.saturating_sub(self.began)).unwrap_or(0);
        if at > self.now {
            if self.writer.is_some() {
                self.op(&Op::Time { at });
            }
            self.now = at;
        }
    }

    pub fn op(&mut self, op: &Op<'_>) {
        self.writer.get_or_insert_with(|| Writer::new(self.next_node, self.now)).op(op);
    }

    /// The number of the node that the next token introduces.
    pub fn introduce(&mut self) -> NodeId {
        // The batch begins with the number that this one is given.
        self.writer.get_or_insert_with(|| Writer::new(self.next_node, self.now));
        self.next_node += 1;
        self.next_node - 1
    }

    /// An event is told to its end.
    pub fn settle(&mut self) -> Result<(), Wrong> {
        if self.writer.as_ref().is_some_and(|writer| writer.bytes() >= BATCH_BYTES) { self.cut() } else { Ok(()) }
    }

    /// End the batch, and have the door look at it.
    pub fn cut(&mut self) -> Result<(), Wrong> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        if self.next_node > NODE_MAX {
            return Err(Wrong::large("A page has more nodes than can be numbered."));
        }
        let body = writer.finish();
        let page = self.pages.len().saturating_sub(1);
        let batch = match policy::enforce(&[self.policy], &body, &mut |_| {}) {
            Ok(passed) => Batch::new(page, &passed)?,
            // What was not hidden on the way here is left out now.
            Err(Refusal::Broken { .. }) => {
                let rest = policy::leave_out(self.policy, &body).map_err(broken)?;
                Batch::new(page, &policy::enforce(&[self.policy], &rest, &mut |_| {}).map_err(broken)?)?
            }
            Err(refusal @ Refusal::Malformed(_)) => return Err(broken(refusal)),
        };
        self.kept += batch.packed.len();
        if self.kept > KEPT_BYTES_MAX {
            return Err(Wrong::large(format!(
                "It comes to more than {} MiB when it is packed. Cut it into several files.",
                KEPT_BYTES_MAX >> 20
            )));
        }
        self.done.push(batch);
        Ok(())
    }
}

fn broken(refusal: Refusal) -> Wrong {
    Wrong::large(format!("An event cannot be taken in: {refusal}."))
}
