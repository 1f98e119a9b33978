//! Recordings on their way through the auditor.

use super::{Books, Keyring, Place, Readable, Reading, Recording, Span, policy, rewrite};
use crate::auditor::{self, Auditor, Edit, Shown, Spot};
use crate::error::Result;
use crate::model::{PageId, RecordingId};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A recording to be looked through.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    pub id: RecordingId,
    pub site_id: i64,
    pub policy_version: u32,
    pub last_batch_at: i64,
}

impl Waiting {
    pub fn of(recording: &Recording) -> Self {
        Self {
            id: recording.id,
            site_id: recording.site_id,
            policy_version: recording.policy_version,
            last_batch_at: recording.last_batch_at.0,
        }
    }
}

/// What the auditor has to say of one recording.
pub struct Report {
    pub found: BTreeSet<Shown>,
    pub edits: BTreeMap<Spot, Edit>,
    /// The number of each batch, by its place.
    pub batches: HashMap<(PageId, u32), usize>,
}

impl Report {
    /// Take what was found out of the recording. To be followed by `rewrite::settle`.
    pub fn take_out(&self, books: &mut Books, keyring: &Keyring, id: RecordingId) -> Result<()> {
        rewrite::rewrite(books, keyring, id, &|page, seq, body| match self.batches.get(&(page, seq)) {
            Some(batch) => Ok(auditor::rewrite(&body, *batch, &self.edits)?),
            // It came after the look, and is looked at in its turn.
            None => Ok(body),
        })
    }
}

/// Read a recording under the policy that it was captured under. None where nothing of it, or of its site, is left.
pub fn look(db: &Connection, keyring: &Keyring, place: &Place, waiting: &Waiting) -> Result<Option<Report>> {
    look_for(db, keyring, place, waiting, &[])
}

/// The same, as if these selectors had been masked from the start.
pub fn look_for(
    db: &Connection,
    keyring: &Keyring,
    place: &Place,
    waiting: &Waiting,
    masked: &[String],
) -> Result<Option<Report>> {
    let versions = policy::versions(db, waiting.site_id)?;
    // A version so old that it is not read back any more: the newest will do.
    let at = versions.iter().position(|saved| saved.number == waiting.policy_version).unwrap_or(0);
    let Some(saved) = versions.get(at) else { return Ok(None) };
    let mut policy = (*saved.policy).clone();
    policy.mask.extend_from_slice(masked);
    let mut auditor = Auditor::new(&policy);
    let mut batches = HashMap::new();
    loop {
        let first = batches.is_empty();
        let readable = Readable::by_staff(db, waiting.id)?;
        let Some(reading) = Reading::open(db, keyring, place, readable, Span::default())? else { return Ok(None) };
        let mut page = None;
        for chapter in reading {
            let chapter = chapter?;
            if page.replace(chapter.page) != Some(chapter.page) {
                auditor.turn_page();
            }
            let key = (chapter.page, chapter.seq);
            if first {
                batches.insert(key, batches.len());
            }
            // What came since the first look is looked at in its turn.
            if let Some(batch) = batches.get(&key) {
                auditor.read(*batch, &chapter.body)?;
            }
        }
        if !auditor.begin_again() {
            break;
        }
    }
    let (found, edits) = auditor.finish();
    Ok(Some(Report { found, edits, batches }))
}

/// Recordings that were finished and not looked at by the auditor yet, the oldest first. A restricted one waits until that is lifted.
pub fn unaudited(db: &Connection, before: i64, limit: u32) -> Result<Vec<Waiting>> {
    let mut statement = db.prepare_cached(
        "select id, site_id, policy_version, last_batch_at from recording
         where audited_at is null and state <> 3 and (state <> 0 or last_batch_at < ?1)
             and not exists (select 1 from restriction where recording = id)
         order by last_batch_at limit ?2",
    )?;
    let rows = statement.query_map((before, limit), |row| {
        Ok(Waiting {
            id: RecordingId(row.get(0)?),
            site_id: row.get(1)?,
            policy_version: row.get(2)?,
            last_batch_at: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Note that the auditor has looked, unless a batch came meanwhile.
pub fn set_audited(db: &Connection, id: RecordingId, last_batch_at: i64, now: i64) -> Result<()> {
    db.prepare_cached("update recording set audited_at = ?3 where id = ?1 and last_batch_at = ?2")?.execute((
        id.0,
        last_batch_at,
        now,
    ))?;
    Ok(())
}
