//! The page that is open in a preview: its batches, checked as the door checks them, and the events that they are.

use super::Note;
use crate::error::{Error, Result};
use crate::model::{AssetHash, PageId, Timestamp};
use crate::policy::{self, Place, Policy};
use crate::rrweb::{Assets, Seen, Writer};
use crate::stream::Op;
use std::sync::Arc;

/// What one page may hold in memory, batches and events together.
const PAGE_BYTES_MAX: usize = 24 << 20;

/// One page.
pub(super) struct Page {
    pub id: PageId,
    next_seq: u32,
    began: Timestamp,
    batches: Vec<Vec<u8>>,
    writer: Writer,
    seen: Assets,
    bytes: usize,
    /// Bytes have come that what was told does not show yet.
    pub stale: bool,
}

/// What a batch came to.
pub(super) enum Told {
    Nothing,
    Events { events: Option<Arc<str>>, assets: bool },
}

/// Why nothing is told of a batch, to the watcher and to the page.
pub(super) struct Untold {
    pub note: Option<Note>,
    pub error: Error,
}

impl<E: Into<Error>> From<E> for Untold {
    fn from(error: E) -> Self {
        Self { note: None, error: error.into() }
    }
}

impl Page {
    pub fn new(id: PageId, began: Timestamp) -> Self {
        Self {
            id,
            next_seq: 0,
            began,
            batches: Vec::new(),
            writer: Writer::new(),
            seen: Assets::default(),
            bytes: 0,
            stale: false,
        }
    }

    /// Take in a batch under this policy.
    pub fn take(&mut self, policy: &Policy, seq: u32, body: &[u8]) -> Result<Told, Untold> {
        // A repeat; batches of one page come in order.
        if seq < self.next_seq {
            return Ok(Told::Nothing);
        }
        self.next_seq = seq.saturating_add(1);
        let kept = match policy::enforce(&[policy, policy], body, &mut |_: &Op<'_>| ()) {
            Ok(kept) => kept.into_owned(),
            Err(policy::Refusal::Malformed(malformed)) => return Err(malformed.into()),
            Err(policy::Refusal::Broken { rule, place: Place { selector, .. }, .. }) => {
                let rule = rule.to_string();
                let note = Some(Note::Refused { rule: rule.clone(), selector });
                return Err(Untold { note, error: Error::Refused { rule } });
            }
        };
        self.bytes += kept.len();
        if self.bytes > PAGE_BYTES_MAX {
            return Err(Untold { note: Some(Note::TooLarge), error: Error::TooLarge });
        }
        let known = self.seen.iter().count();
        self.seen.learn(self.id, &kept)?;
        let events = self.write(&kept)?;
        self.bytes += events.as_ref().map_or(0, |events| events.len());
        self.batches.push(kept);
        Ok(Told::Events { events, assets: self.seen.iter().count() > known })
    }

    /// The events of all batches again, with the pictures and fonts that are there.
    pub fn tell_anew(&mut self, is_there: impl Fn(&AssetHash) -> bool) -> Vec<Arc<str>> {
        self.stale = false;
        self.writer = Writer::with_links(self.seen.link(|seen| match seen {
            Seen::Read { hash, .. } => Some(*hash).filter(&is_there),
            Seen::Unreadable { .. } => None,
        }));
        let batches = std::mem::take(&mut self.batches);
        // Each was read when it came.
        let events = batches.iter().filter_map(|batch| self.write(batch).ok().flatten()).collect();
        self.batches = batches;
        events
    }

    /// The events of one batch, as an array of their own.
    fn write(&mut self, body: &[u8]) -> Result<Option<Arc<str>>> {
        let mut out = Vec::new();
        self.writer.batch(self.id, self.began, body, &mut out)?;
        // The writer goes on with one array: what begins this piece is its bracket or a comma.
        let Some(first) = out.first_mut() else { return Ok(None) };
        *first = b'[';
        out.push(b']');
        let events = String::from_utf8(out).map_err(|cause| Error::internal("writing events", cause))?;
        Ok(Some(events.into()))
    }
}
