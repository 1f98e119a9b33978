//! Recordings: what is counted about each, who watched it, and the pages within it. Texts stay sealed in `summary`.

use super::day::Day;
use super::facts::{Facts, Summary};
use super::restriction::{self, Restriction};
use super::shelf::Shelf;
use super::visitor;
use crate::error::{Error, Result};
use crate::finish::Counts;
use crate::model::{Country, PageId, RecordingId, Timestamp, VisitorId};
use crate::seal::{self, Key};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

/// A recording takes batches until this long after the last.
pub const IDLE_MS: i64 = 30 * 60_000;

/// What a recording has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Takes batches, or did until they stopped coming.
    Open,
    /// Closed by its visitor.
    Finished,
    /// Stopped by a rule that one of its batches broke.
    Refused,
    Erased,
}

impl State {
    fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Finished => 1,
            Self::Refused => 2,
            Self::Erased => 3,
        }
    }

    pub(super) fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Open,
            1 => Self::Finished,
            2 => Self::Refused,
            // Anything unknown is as good as gone.
            _ => Self::Erased,
        }
    }
}

/// What decides whether a batch is taken, whose the recording is, and where it lies.
pub struct Bound {
    pub site_id: i64,
    pub state: State,
    pub secret_hash: Option<Vec<u8>>,
    pub expires_on: Day,
    /// Past its day too.
    pub kept: bool,
    pub restricted: bool,
    pub last_batch_at: Timestamp,
    /// Its keyframes and marks are those of all its batches.
    pub marked: bool,
}

impl Bound {
    pub fn is_erased(&self) -> bool {
        self.state == State::Erased
    }

    /// The file that its chunks lie in.
    pub fn shelf(&self) -> Shelf {
        if self.kept { Shelf::Keep } else { Shelf::Day(self.expires_on) }
    }
}

/// A recording as lists show it; the summary is still sealed.
#[derive(Debug, Clone)]
pub struct Recording {
    pub id: RecordingId,
    pub site_id: i64,
    pub state: State,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub last_batch_at: Timestamp,
    pub expires_on: Day,
    pub refused_rule: Option<String>,
    pub policy_version: u32,
    pub granted: bool,
    /// When its first batch came. Recordings of before this was kept have none.
    pub consent_at: Option<Timestamp>,
    pub pages: u32,
    pub clicks: u32,
    pub inputs: u32,
    pub events: u32,
    pub bytes: u64,
    pub gaps: u32,
    pub device: String,
    pub browser: String,
    pub os: String,
    pub width: u32,
    pub height: u32,
    /// Where the visitor's network was; none where that is not known.
    pub country: Option<Country>,
    /// A program that said so itself.
    pub bot: bool,
    /// Whose browser it was, where the policy let that be known again.
    pub visitor: Option<VisitorId>,
    pub summary: Option<Vec<u8>>,
    pub watched: bool,
    /// When the auditor looked through it; none while that is still to come.
    pub audited_at: Option<i64>,
    /// When its keyframes and marks were made, and what was counted then; none while that is still to come.
    pub marked_at: Option<i64>,
    pub counts: Counts,
    /// Another program recorded it.
    pub imported: bool,
    /// Batches that cannot be read any more, as far as is known: their bytes have changed on disk.
    pub damaged: u64,
    /// Past its day too.
    pub kept: bool,
    /// Who asked that it is kept and not used; empty where nobody did.
    pub restrictions: Vec<Restriction>,
}

impl Recording {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.restrictions.is_empty() && now.0 - self.last_batch_at.0 < IDLE_MS
    }

    /// The sealed texts, opened. A recording without any has an empty summary.
    pub fn open_summary(&self, key: &Key) -> Result<Summary> {
        open_summary(self.id, self.summary.as_deref(), key)
    }
}

pub fn bound(db: &Connection, id: RecordingId) -> Result<Option<Bound>> {
    Ok(db
        .prepare_cached(
            "select site_id, state, secret_hash, expires_on, last_batch_at, kept,
                 exists (select 1 from restriction where recording = id), marked_at is not null from recording where id = ?1",
        )?
        .query_row([id.0], |row| {
            Ok(Bound {
                site_id: row.get(0)?,
                state: State::from_code(row.get(1)?),
                secret_hash: row.get(2)?,
                expires_on: row.get(3)?,
                last_batch_at: Timestamp(row.get(4)?),
                kept: row.get(5)?,
                restricted: row.get(6)?,
                marked: row.get(7)?,
            })
        })
        .optional()?)
}

/// A recording that is not erased.
pub fn present(db: &Connection, id: RecordingId) -> Result<Bound> {
    bound(db, id)?.filter(|bound| bound.state != State::Erased).ok_or(Error::NotFound)
}

/// What a site's recordings take.
pub fn bytes_of(db: &Connection, site_id: i64) -> Result<u64> {
    let sql = "select coalesce(sum(bytes), 0) from recording where site_id = ?1 and state <> 3";
    Ok(db.prepare_cached(sql)?.query_row([site_id], |row| row.get(0))?)
}

/// The recordings of which something was kept.
pub fn with_bytes(db: &Connection) -> Result<Vec<RecordingId>> {
    let mut statement = db.prepare("select id from recording where state <> 3 and bytes > 0")?;
    let rows = statement.query_map([], |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest recording that takes no more batches: closed, or silent since `silent`.
pub fn newest_whole(db: &Connection, silent: Timestamp) -> Result<Option<RecordingId>> {
    let sql = "select id from recording where (state = 1 or state = 0 and last_batch_at < ?1) and bytes > 0
               order by started_at desc limit 1";
    Ok(db.query_row(sql, [silent.0], |row| row.get(0).map(RecordingId)).optional()?)
}

/// How many batches were taken in.
pub fn batches(db: &Connection, id: RecordingId) -> Result<u64> {
    let sql = "select coalesce(sum(batches), 0) from page where recording = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}

/// Forget what was counted of its batches, to count them anew.
pub fn forget_counts(db: &Connection, id: RecordingId) -> Result<()> {
    db.execute("delete from page where recording = ?1", [id.0])?;
    db.execute(
        "update recording set pages = 0, clicks = 0, inputs = 0, events = 0, bytes = 0, gap_ops = 0, summary = null where id = ?1",
        [id.0],
    )?;
    Ok(())
}

/// Say what a recording takes now that it is packed, and which dictionary it needs; whether it was never packed before.
pub fn set_packed(db: &Connection, id: RecordingId, bytes: usize, dictionary: u32) -> Result<bool> {
    let sql = "select dictionary is null from recording where id = ?1";
    let first = db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?.unwrap_or(false);
    db.prepare_cached("update recording set bytes = ?2, dictionary = ?3 where id = ?1")?
        .execute((id.0, bytes, dictionary))?;
    Ok(first)
}

/// Note how many of its batches cannot be read, because their bytes have changed on disk. The log says it once.
pub fn note_damage(db: &Connection, id: RecordingId, batches: u64) -> Result<()> {
    let sql = "update recording set damaged = ?2 where id = ?1 and damaged < ?2";
    if db.prepare_cached(sql)?.execute((id.0, batches))? > 0 {
        tracing::error!(
            recording.id = %id,
            batches,
            "{batches} batches of recording {id} have changed on disk and cannot be read; the rest plays. Look at the disk; a backup of before may hold them"
        );
    }
    Ok(())
}

/// Say on which shelf its chunks lie.
pub fn set_kept(db: &Connection, id: RecordingId, kept: bool) -> Result<()> {
    db.prepare_cached("update recording set kept = ?2 where id = ?1")?.execute((id.0, kept))?;
    Ok(())
}

/// Whether this secret is that of the browser which made the recording; one that is erased belongs to nobody.
pub fn belongs(bound: &Bound, site_id: i64, secret: &[u8]) -> bool {
    let given = seal::hash(secret);
    bound.secret_hash.as_deref().is_some_and(|hash| seal::same(hash, &given)) && bound.site_id == site_id
}

/// The recording that this secret opens; a wrong one finds as little as an unknown id.
pub fn own(db: &Connection, site_id: i64, id: RecordingId, secret: &[u8]) -> Result<()> {
    if belongs(&present(db, id)?, site_id, secret) { Ok(()) } else { Err(Error::NotFound) }
}

/// Begin a recording with the first batch that is heard of it.
pub fn begin(db: &Connection, id: RecordingId, facts: &Facts) -> Result<Shelf> {
    let received = Timestamp(facts.received_at);
    let expires_on = Day::of_expiry(received, facts.retention_days);
    db.prepare_cached(
        "insert into recording (id, site_id, state, secret_hash, started_at, ended_at, last_batch_at, expires_on,
                                policy_version, granted, device, browser, os, width, height, country, bot, imported, consent_at, terms)
         values (?1, ?2, 0, ?3, ?4, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?4, x'')",
    )?
    .execute((
        id.0,
        facts.site_id,
        &facts.secret_hash,
        received.0,
        expires_on,
        facts.policy_version,
        facts.granted,
        &facts.device,
        &facts.browser,
        &facts.os,
        facts.width,
        facts.height,
        facts.country.map(|country| country.to_string()),
        facts.bot,
        facts.imported,
    ))?;
    Ok(Shelf::Day(expires_on))
}

/// Let nothing come in under this id: its browser took its consent back before the first batch arrived.
pub fn refuse_ahead(
    db: &Connection,
    site_id: i64,
    id: RecordingId,
    expires_on: Day,
    policy_version: u32,
    now: Timestamp,
) -> Result<()> {
    db.prepare_cached(
        "insert into recording (id, site_id, state, started_at, ended_at, last_batch_at, expires_on, policy_version, granted, device)
         values (?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6, 0, '')",
    )?
    .execute((id.0, site_id, State::Erased.code(), now.0, expires_on, policy_version))?;
    Ok(())
}

/// Take in one batch: its page's times and counts, then the recording's.
pub fn add(
    db: &Connection,
    key: &Key,
    id: RecordingId,
    page: PageId,
    seq: u32,
    bytes: usize,
    facts: &Facts,
) -> Result<()> {
    db.prepare_cached(
        "insert into page (recording, page, began_at, first_at, last_at, batches, last_seq)
         values (?1, ?2, ?3, ?4, ?5, 1, ?6)
         on conflict do update set
             began_at = min(began_at, excluded.began_at),
             first_at = min(first_at, excluded.first_at),
             last_at = max(last_at, excluded.last_at),
             batches = batches + 1,
             last_seq = max(last_seq, excluded.last_seq)",
    )?
    .execute((id.0, page.0, facts.page_began_at, facts.first_at, facts.last_at, seq))?;
    visitor::note(db, id, facts.visitor, &facts.identified)?;
    let said = [
        facts.page_list.is_empty(),
        facts.gap_list.is_empty(),
        facts.unreadable_list.is_empty(),
        facts.identified.is_empty(),
    ];
    if said.contains(&false) {
        add_to_summary(db, key, id, facts)?;
    }
    db.prepare_cached(
        "update recording set
             state = max(state, ?2), last_batch_at = max(last_batch_at, ?3),
             pages = pages + ?4, clicks = clicks + ?5, inputs = inputs + ?6, events = events + ?7, bytes = bytes + ?8,
             gap_ops = gap_ops + ?9, audited_at = null, marked_at = null,
             width = iif(width = 0, ?10, width), height = iif(height = 0, ?11, height),
             (started_at, ended_at, gap_pages) =
                 (select min(began_at + first_at), max(began_at + last_at), sum(batches <= last_seq)
                  from page where recording = ?1)
         where id = ?1",
    )?
    .execute((
        id.0,
        if facts.finished { State::Finished } else { State::Open }.code(),
        facts.received_at,
        facts.pages,
        facts.clicks,
        facts.inputs,
        facts.events,
        bytes,
        facts.gap_list.len(),
        facts.width,
        facts.height,
    ))?;
    Ok(())
}

/// How long its pages had been recorded, taken together, when this happened on one of them. Counted by the pages' own clocks: when
/// a batch comes in says nothing of when it was made.
pub fn length_at(db: &Connection, id: RecordingId, page: PageId, at: u64) -> Result<u64> {
    let mut statement = db.prepare_cached("select page, first_at, last_at from page where recording = ?1")?;
    let mut rows = statement.query([id.0])?;
    let mut length = 0u64;
    while let Some(row) = rows.next()? {
        let (first, last): (u64, u64) = (row.get(1)?, row.get(2)?);
        let last = if row.get::<_, [u8; 8]>(0)? == page.0 { at } else { last };
        length = length.saturating_add(last.saturating_sub(first));
    }
    Ok(length)
}

/// Stop a recording because of the rule that one of its batches broke.
pub fn refuse(db: &Connection, id: RecordingId, rule: &str) -> Result<()> {
    db.prepare_cached("update recording set state = ?2, refused_rule = ?3 where id = ?1 and state <> 3")?.execute((
        id.0,
        State::Refused.code(),
        rule,
    ))?;
    Ok(())
}

/// Which recordings a command goes through.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub site_id: Option<i64>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Recordings, newest first. What the API lists comes from the register.
pub fn list(db: &Connection, filter: &Filter, watcher: &str, limit: u32) -> Result<Vec<Recording>> {
    let from = filter.from.map_or(i64::MIN, |at| at.0);
    let to = filter.to.map_or(i64::MAX, |at| at.0);
    // Texts of their own, so that each is answered by its own index.
    let site = if filter.site_id.is_some() { "site_id = ?4 and" } else { "?4 is null and" };
    let mut statement = db.prepare_cached(&format!(
        "{SELECT} where {site} state <> 3 and started_at >= ?2 and started_at < ?3 order by started_at desc, id desc limit ?5"
    ))?;
    let rows = statement.query_map((watcher, from, to, filter.site_id, limit), from_row)?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // What is restricted is kept; few are.
    for row in rows.iter_mut().filter(|row| row.kept) {
        row.restrictions = restriction::list(db, row.id)?;
    }
    Ok(rows)
}

pub fn find(db: &Connection, id: RecordingId, watcher: &str) -> Result<Recording> {
    let mut found = db
        .prepare_cached(&format!("{SELECT} where id = ?2 and state <> 3"))?
        .query_row((watcher, id.0), from_row)
        .optional()?
        .ok_or(Error::NotFound)?;
    found.restrictions = restriction::list(db, id)?;
    Ok(found)
}

/// Some recordings, in the order in which they are asked for; without those that are gone by now.
pub fn find_all(db: &Connection, ids: &[RecordingId], watcher: &str) -> Result<Vec<Recording>> {
    let found = ids.iter().map(|id| match find(db, *id, watcher) {
        Err(Error::NotFound) => Ok(None),
        other => other.map(Some),
    });
    found.filter_map(Result::transpose).collect()
}

/// The recordings that this watcher has watched.
pub fn watched_by(db: &Connection, watcher: &str) -> Result<HashSet<RecordingId>> {
    let mut statement = db.prepare_cached("select recording from watched where watcher = ?1")?;
    let rows = statement.query_map([watcher], |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The pages of a recording with the time each began, earliest first.
pub fn pages(db: &Connection, id: RecordingId) -> Result<Vec<(PageId, Timestamp)>> {
    let mut statement =
        db.prepare_cached("select page, began_at from page where recording = ?1 order by began_at + first_at, page")?;
    let rows = statement.query_map([id.0], |row| Ok((PageId(row.get(0)?), Timestamp(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn set_watched(db: &Connection, id: RecordingId, watcher: &str) -> Result<()> {
    db.execute(
        "insert into watched (recording, watcher) select id, ?2 from recording where id = ?1 and state <> 3
         on conflict do nothing",
        (id.0, watcher),
    )?;
    Ok(())
}

const SELECT: &str =
    "select id, site_id, state, started_at, ended_at, last_batch_at, expires_on, refused_rule, policy_version,
    granted, pages, clicks, inputs, events, bytes, gap_ops + gap_pages, device, browser, os, width, height, summary,
    exists (select 1 from watched w where w.recording = recording.id and w.watcher = ?1), audited_at, consent_at,
    kept, visitor, marked_at, rage, dead, error_clicks, quick_backs, errors, custom, country, bot, imported, damaged from recording";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Recording> {
    Ok(Recording {
        id: RecordingId(row.get(0)?),
        site_id: row.get(1)?,
        state: State::from_code(row.get(2)?),
        started_at: Timestamp(row.get(3)?),
        ended_at: Timestamp(row.get(4)?),
        last_batch_at: Timestamp(row.get(5)?),
        expires_on: row.get(6)?,
        refused_rule: row.get(7)?,
        policy_version: row.get(8)?,
        granted: row.get(9)?,
        pages: row.get(10)?,
        clicks: row.get(11)?,
        inputs: row.get(12)?,
        events: row.get(13)?,
        bytes: row.get(14)?,
        gaps: row.get(15)?,
        device: row.get(16)?,
        browser: row.get(17)?,
        os: row.get(18)?,
        width: row.get(19)?,
        height: row.get(20)?,
        summary: row.get(21)?,
        watched: row.get(22)?,
        audited_at: row.get(23)?,
        consent_at: row.get::<_, Option<i64>>(24)?.map(Timestamp),
        kept: row.get(25)?,
        visitor: row.get::<_, Option<[u8; 16]>>(26)?.map(VisitorId),
        marked_at: row.get(27)?,
        counts: Counts {
            rage: row.get(28)?,
            dead: row.get(29)?,
            error_clicks: row.get(30)?,
            quick_backs: row.get(31)?,
            errors: row.get(32)?,
            custom: row.get(33)?,
        },
        country: row.get::<_, Option<String>>(34)?.and_then(|code| code.parse().ok()),
        bot: row.get(35)?,
        imported: row.get(36)?,
        damaged: row.get(37)?,
        restrictions: Vec::new(),
    })
}

fn add_to_summary(db: &Connection, key: &Key, id: RecordingId, facts: &Facts) -> Result<()> {
    let sealed: Option<Vec<u8>> =
        db.prepare_cached("select summary from recording where id = ?1")?.query_row([id.0], |row| row.get(0))?;
    let mut summary = open_summary(id, sealed.as_deref(), key)?;
    summary.add(facts);
    let plain = serde_json::to_vec(&summary).map_err(|cause| Error::internal("writing a summary", cause))?;
    let sealed = key.seal(&summary_place(id), plain)?;
    db.prepare_cached("update recording set summary = ?2 where id = ?1")?.execute((id.0, sealed))?;
    Ok(())
}

/// Seal the summary under another key. What was made of the batches went with the old one, and is made again.
pub fn reseal(db: &Connection, id: RecordingId, old: &Key, next: &Key) -> Result<()> {
    db.prepare_cached("update recording set marked_at = null where id = ?1")?.execute([id.0])?;
    let sealed: Option<Vec<u8>> =
        db.prepare_cached("select summary from recording where id = ?1")?.query_row([id.0], |row| row.get(0))?;
    let Some(plain) = sealed.and_then(|sealed| old.open(&summary_place(id), &sealed).ok()) else {
        // There is none, or it is sealed under the other key already.
        return Ok(());
    };
    let sealed = next.seal(&summary_place(id), plain)?;
    db.prepare_cached("update recording set summary = ?2 where id = ?1")?.execute((id.0, sealed))?;
    Ok(())
}

fn open_summary(id: RecordingId, sealed: Option<&[u8]>, key: &Key) -> Result<Summary> {
    let Some(sealed) = sealed else { return Ok(Summary::default()) };
    let plain = key.open(&summary_place(id), sealed)?;
    serde_json::from_slice(&plain).map_err(|cause| Error::internal("reading a summary", cause))
}

fn summary_place(id: RecordingId) -> Vec<u8> {
    [b"summary ".as_slice(), &id.0].concat()
}
