//! From batches that passed the door to a recording on disk: the auditor takes out what no batch alone can show, then all of it is
//! sealed and kept at once. What is cut off on the way leaves nothing.

use super::batch::Batch;
use super::{Imported, Wrong};
use crate::auditor::{self, Auditor};
use crate::count::Count;
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, Timestamp};
use crate::policy::Policy;
use crate::seal::{self, ChunkHeader};
use crate::store::{Append, Facts, Keyring, Site, term};
use crate::stream::{Body, Reader};
use serde::Serialize;

/// What became of one window of a file.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ImportedRecording)]
pub struct Outcome {
    /// The recording that it is now.
    #[schema(value_type = String)]
    #[serde(serialize_with = "as_text")]
    pub id: RecordingId,
    pub pages: u32,
    pub events: u32,
    /// When it began, in milliseconds since 1970, and how long it took.
    pub started_at: i64,
    pub duration_ms: i64,
    /// How many places the auditor took something out of.
    pub taken_out: usize,
}

fn as_text<S: serde::Serializer>(id: &RecordingId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(id)
}

/// A recording with its batches sealed, ready to be written.
pub struct Sealed {
    pub outcome: Outcome,
    pub appends: Vec<Append>,
}

/// Look through a recording and seal it under a key of its own. Nothing of it is on disk before `appends` are written, all at once.
pub fn seal(mut imported: Imported, keyring: &Keyring, site: &Site, now: Timestamp) -> Result<Sealed> {
    let taken_out = audit(&mut imported, &site.policy.policy)?;
    let id = RecordingId(seal::random()?);
    let secret = seal::random::<16>()?;
    let key = keyring.find_or_make(id, site.id, now)?;
    let pages: Vec<PageId> = imported.pages.iter().map(|_| Ok(PageId(seal::random()?))).collect::<Result<_>>()?;
    let mut seqs = vec![0_u32; pages.len()];
    let mut appends = Vec::with_capacity(imported.batches.len());
    for batch in imported.batches {
        let (page, began) = (pages[batch.page], imported.pages[batch.page]);
        let seq = seqs[batch.page];
        seqs[batch.page] += 1;
        let body = batch.open()?;
        let facts = facts(site, &secret, page, began, &body, now)?;
        let header = ChunkHeader {
            received_at: now,
            first_at: facts.first_at,
            last_at: facts.last_at,
            recording: id,
            page,
            seq,
        };
        let terms =
            if term::any(&facts) { term::lines(&keyring.asset_key(site.id, now)?, &facts)? } else { Vec::new() };
        let written = serde_json::to_vec(&facts).map_err(|cause| Error::internal("writing facts", cause))?;
        appends.push(Append {
            recording: id,
            page,
            seq,
            digest: key.key.digest(&body),
            chunk: seal::chunk(&key.key, &header, &written, &body)?,
            facts,
            key: key.clone(),
            // Its length was another program's to bound.
            minutes_max: u32::MAX,
            unreadable: Vec::new(),
            findings: Vec::new(),
            rules: Vec::new(),
            terms,
        });
    }
    let times = |of: fn(&Facts) -> u64| {
        appends.iter().map(move |append| append.facts.page_began_at.saturating_add_unsigned(of(&append.facts)))
    };
    let started_at = times(|facts| facts.first_at).min().unwrap_or(now.0);
    let ended_at = times(|facts| facts.last_at).max().unwrap_or(started_at);
    let outcome = Outcome {
        id,
        pages: appends.iter().map(|append| append.facts.pages).sum(),
        events: appends.iter().map(|append| append.facts.events).sum(),
        started_at,
        duration_ms: ended_at - started_at,
        taken_out,
    };
    Ok(Sealed { outcome, appends })
}

/// Take out what stands under a mark or a selector of the policy, in a secret field, over several nodes. How many places that were.
pub(super) fn audit(imported: &mut Imported, policy: &Policy) -> Result<usize> {
    let mut auditor = Auditor::new(policy);
    loop {
        let mut page = None;
        for (number, batch) in imported.batches.iter().enumerate() {
            if page.replace(batch.page) != Some(batch.page) {
                auditor.turn_page();
            }
            auditor.read(number, &batch.open()?)?;
        }
        if !auditor.begin_again() {
            break;
        }
    }
    let (_, edits) = auditor.finish();
    for (number, batch) in imported.batches.iter_mut().enumerate() {
        if edits.range((number, 0)..(number + 1, 0)).next().is_some() {
            let rest = auditor::rewrite(&batch.open()?, number, &edits)?;
            *batch = Batch::new(batch.page, &rest)?;
        }
    }
    Ok(edits.len())
}

fn facts(site: &Site, secret: &[u8], page: PageId, page_began: i64, body: &[u8], now: Timestamp) -> Result<Facts> {
    let began = Body::parse(body)?.began;
    let mut count = Count::new(page, began);
    let mut reader = Reader::new(body)?;
    while let Some(op) = reader.next()? {
        count.see(&op);
    }
    let (width, height) = count.size.unwrap_or_default();
    Ok(Facts {
        site_id: site.id,
        // No browser has it: nobody adds to what was imported.
        secret_hash: seal::hash(secret).to_vec(),
        policy_version: site.policy.number,
        retention_days: site.policy.policy.retention_days,
        granted: false,
        received_at: now.0,
        page_began_at: page_began,
        first_at: began,
        last_at: count.last_at,
        pages: count.pages,
        clicks: count.clicks,
        inputs: count.inputs,
        events: count.events,
        finished: count.finished,
        width,
        height,
        device: String::new(),
        browser: String::new(),
        os: String::new(),
        page_list: count.page_list,
        gap_list: count.gap_list,
        unreadable_list: count.unreadable_list,
        visitor: None,
        identified: Vec::new(),
        country: None,
        bot: false,
        event_list: count.event_list,
        tag_list: count.tag_list,
        imported: true,
    })
}

impl Imported {
    /// The bodies of its batches, each with its page: for tests and fuzzing.
    pub fn bodies(&self) -> Result<Vec<(usize, Vec<u8>)>, Wrong> {
        self.batches.iter().map(|batch| Ok((batch.page, batch.open()?))).collect()
    }
}
