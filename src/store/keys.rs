//! The keys of recordings: made, sealed under their site's key of the month, found again, destroyed.

use super::day::Day;
use super::migrate;
use super::place::Place;
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use crate::seal::Key;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keys held in memory; above it those already on disk are forgotten and read again when needed.
const HELD_MAX: usize = 20_000;
const PROOF: &[u8] = b"hushreel master key";

/// The key of one recording, and what has to be on disk before anything sealed with it.
#[derive(Debug)]
pub struct RecordingKey {
    pub key: Key,
    site_id: i64,
    month: String,
    wrapped_site_key: Vec<u8>,
    wrapped: Vec<u8>,
    kept: AtomicBool,
    /// Another key has its place: nothing more may be sealed with it.
    retired: AtomicBool,
}

/// Opens keys with the master key.
pub struct Keyring {
    master: Key,
    inner: Mutex<Inner>,
}

struct Inner {
    db: Connection,
    sites: HashMap<(i64, String), (Key, Vec<u8>)>,
    recordings: HashMap<RecordingId, Arc<RecordingKey>>,
    assets: HashMap<i64, Key>,
}

impl Keyring {
    /// Open `keys.db` with its master key. A new store gets both; an old one never gets a second key.
    pub fn open(place: &Place) -> Result<Self> {
        let db = migrate::open(&place.keys(), &migrate::KEYS)?;
        let proof: Option<Vec<u8>> = db.query_row("select proof from master", [], |row| row.get(0)).optional()?;
        if proof.is_none() && !place.shelves()?.is_empty() {
            return Err(Error::Key(format!(
                "{} has recordings, but their keys.db is missing. Put it back; without it they cannot be read.",
                place.dir().display()
            )));
        }
        let master = place.master_key(proof.is_none())?;
        match proof {
            Some(proof) if master.open(PROOF, &proof).is_ok_and(|opened| opened == PROOF) => {}
            Some(_) => {
                return Err(Error::Key(format!(
                    "{} is not the master key of the store in {}. Name the right one with --key-file.",
                    place.key_path().display(),
                    place.dir().display()
                )));
            }
            None => {
                let proof = master.seal(PROOF, PROOF.to_vec())?;
                db.execute("insert into master (id, proof) values (1, ?1)", [proof])?;
            }
        }
        let inner = Inner { db, sites: HashMap::new(), recordings: HashMap::new(), assets: HashMap::new() };
        Ok(Self { master, inner: Mutex::new(inner) })
    }

    /// The key of a recording, if it has one.
    pub fn find(&self, recording: RecordingId) -> Result<Option<Arc<RecordingKey>>> {
        self.inner().find(&self.master, recording)
    }

    /// The key of a recording that batches come in for; made with the first.
    pub fn find_or_make(&self, recording: RecordingId, site_id: i64, now: Timestamp) -> Result<Arc<RecordingKey>> {
        let mut inner = self.inner();
        if let Some(found) = inner.find(&self.master, recording)? {
            return Ok(found);
        }
        let month = Day::of(now).month();
        let (site_key, wrapped_site_key) = inner.site_key(&self.master, site_id, &month)?;
        let key = Key::random()?;
        let wrapped = site_key.wrap(&recording.0, &key)?;
        let made = RecordingKey::new(key, site_id, month, wrapped_site_key, wrapped, false);
        Ok(inner.hold(recording, made))
    }

    /// Drop what is held in memory, after another process may have destroyed keys.
    pub fn forget(&self) {
        let mut inner = self.inner();
        inner.recordings.clear();
        inner.sites.clear();
        inner.assets.clear();
    }

    /// The key that names a site's pictures and fonts and seals the shared ones, if anything was ever named by it.
    pub fn find_asset_key(&self, site_id: i64) -> Result<Option<Key>> {
        self.inner().find_asset_key(&self.master, site_id)
    }

    /// The same, made and written where there is none yet.
    pub fn asset_key(&self, site_id: i64, now: Timestamp) -> Result<Key> {
        let mut inner = self.inner();
        if let Some(found) = inner.find_asset_key(&self.master, site_id)? {
            return Ok(found);
        }
        let month = Day::of(now).month();
        let (site_key, wrapped_site_key) = inner.site_key(&self.master, site_id, &month)?;
        let wrapped = site_key.wrap(&asset_place(site_id), &Key::random()?)?;
        // All or nothing; another process that was first has a key of the month that this one does not hold.
        let making = inner.db.unchecked_transaction()?;
        making.execute(
            "insert into site_key (site_id, month, wrapped) values (?1, ?2, ?3) on conflict do nothing",
            (site_id, &month, &wrapped_site_key),
        )?;
        let same: bool = making.query_row(
            "select wrapped = ?3 from site_key where site_id = ?1 and month = ?2",
            (site_id, &month, &wrapped_site_key),
            |row| row.get(0),
        )?;
        if same {
            making.execute(
                "insert into asset_key (site_id, month, wrapped) values (?1, ?2, ?3) on conflict do nothing",
                (site_id, &month, &wrapped),
            )?;
            making.commit()?;
        } else {
            drop(making);
            inner.sites.remove(&(site_id, month));
        }
        inner.find_asset_key(&self.master, site_id)?.ok_or(Error::Busy { retry_s: 1 })
    }

    /// A key to take the place of this one, not written anywhere yet.
    pub fn successor(&self, recording: RecordingId, old: &RecordingKey) -> Result<RecordingKey> {
        let site_key = self.master.unwrap(&site_place(old.site_id, &old.month), &old.wrapped_site_key)?;
        let key = Key::random()?;
        let wrapped = site_key.wrap(&recording.0, &key)?;
        Ok(old.with(key, wrapped))
    }

    /// The key that was written beside the one of this recording, if one was.
    pub fn find_next(&self, recording: RecordingId) -> Result<Option<RecordingKey>> {
        let mut inner = self.inner();
        let wrapped: Option<Vec<u8>> = inner
            .db
            .prepare_cached("select wrapped from next_key where recording = ?1")?
            .query_row([recording.0], |row| row.get(0))
            .optional()?;
        let (Some(wrapped), Some(old)) = (wrapped, inner.find(&self.master, recording)?) else { return Ok(None) };
        let site_key = self.master.unwrap(&site_place(old.site_id, &old.month), &old.wrapped_site_key)?;
        let key = site_key.unwrap(&recording.0, &wrapped)?;
        Ok(Some(old.with(key, wrapped)))
    }

    /// Use another key for this recording from now on.
    pub fn replace(&self, recording: RecordingId, old: &RecordingKey, next: Arc<RecordingKey>) {
        old.retired.store(true, Ordering::Release);
        self.inner().recordings.insert(recording, next);
    }

    pub fn forget_recording(&self, recording: RecordingId) {
        self.inner().recordings.remove(&recording);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing inside is left half done by a panic: entries are whole when they are inserted.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&mut self, master: &Key, recording: RecordingId) -> Result<Option<Arc<RecordingKey>>> {
        if let Some(held) = self.recordings.get(&recording) {
            return Ok(Some(held.clone()));
        }
        let row: Option<(i64, String, Vec<u8>, Vec<u8>)> = self
            .db
            .prepare_cached(
                "select r.site_id, r.month, s.wrapped, r.wrapped
                 from recording_key r join site_key s using (site_id, month)
                 where r.recording = ?1",
            )?
            .query_row([recording.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let Some((site_id, month, wrapped_site_key, wrapped)) = row else { return Ok(None) };
        let site_key = master.unwrap(&site_place(site_id, &month), &wrapped_site_key)?;
        let key = site_key.unwrap(&recording.0, &wrapped)?;
        let found = RecordingKey::new(key, site_id, month, wrapped_site_key, wrapped, true);
        Ok(Some(self.hold(recording, found)))
    }

    fn site_key(&mut self, master: &Key, site_id: i64, month: &str) -> Result<(Key, Vec<u8>)> {
        let place = (site_id, month.to_owned());
        if let Some(held) = self.sites.get(&place) {
            return Ok(held.clone());
        }
        let row: Option<Vec<u8>> = self
            .db
            .prepare_cached("select wrapped from site_key where site_id = ?1 and month = ?2")?
            .query_row((site_id, month), |row| row.get(0))
            .optional()?;
        let found = match row {
            Some(wrapped) => (master.unwrap(&site_place(site_id, month), &wrapped)?, wrapped),
            None => {
                let key = Key::random()?;
                let wrapped = master.wrap(&site_place(site_id, month), &key)?;
                (key, wrapped)
            }
        };
        self.sites.insert(place, found.clone());
        Ok(found)
    }

    fn find_asset_key(&mut self, master: &Key, site_id: i64) -> Result<Option<Key>> {
        if let Some(held) = self.assets.get(&site_id) {
            return Ok(Some(held.clone()));
        }
        let row: Option<(String, Vec<u8>, Vec<u8>)> = self
            .db
            .prepare_cached(
                "select a.month, s.wrapped, a.wrapped from asset_key a join site_key s using (site_id, month)
                 where a.site_id = ?1",
            )?
            .query_row([site_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((month, wrapped_site_key, wrapped)) = row else { return Ok(None) };
        let site_key = master.unwrap(&site_place(site_id, &month), &wrapped_site_key)?;
        let key = site_key.unwrap(&asset_place(site_id), &wrapped)?;
        self.assets.insert(site_id, key.clone());
        Ok(Some(key))
    }

    fn hold(&mut self, recording: RecordingId, key: RecordingKey) -> Arc<RecordingKey> {
        if self.recordings.len() >= HELD_MAX {
            self.recordings.retain(|_, held| !held.is_kept());
            // Keys that never came to disk belong to batches that were turned away; those are sent again.
            if self.recordings.len() >= HELD_MAX {
                self.recordings.clear();
            }
        }
        let key = Arc::new(key);
        self.recordings.insert(recording, key.clone());
        key
    }
}

impl RecordingKey {
    fn new(key: Key, site_id: i64, month: String, wrapped_site_key: Vec<u8>, wrapped: Vec<u8>, kept: bool) -> Self {
        let (kept, retired) = (AtomicBool::new(kept), AtomicBool::new(false));
        Self { key, site_id, month, wrapped_site_key, wrapped, kept, retired }
    }

    /// Another key in this one's place.
    fn with(&self, key: Key, wrapped: Vec<u8>) -> Self {
        Self::new(key, self.site_id, self.month.clone(), self.wrapped_site_key.clone(), wrapped, true)
    }

    pub fn site_id(&self) -> i64 {
        self.site_id
    }

    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Write this key beside the one that it is to replace.
    pub fn keep_beside(&self, db: &Connection, recording: RecordingId) -> Result<()> {
        db.execute(
            "insert or replace into next_key (recording, wrapped) values (?1, ?2)",
            (recording.0, &self.wrapped),
        )?;
        Ok(())
    }

    /// Put this key in the place of the other, which is destroyed.
    pub fn take_place(&self, db: &Connection, recording: RecordingId) -> Result<()> {
        let swap = db.unchecked_transaction()?;
        swap.execute("update recording_key set wrapped = ?2 where recording = ?1", (recording.0, &self.wrapped))?;
        swap.execute("delete from next_key where recording = ?1", [recording.0])?;
        Ok(swap.commit()?)
    }

    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// To be called when the transaction of `keep` has been committed.
    pub fn set_kept(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// Write this key. Refused as `Busy` where another was written first: the caller's next try finds that one.
    pub fn keep(&self, db: &Connection, recording: RecordingId) -> Result<()> {
        db.prepare_cached("insert into site_key (site_id, month, wrapped) values (?1, ?2, ?3) on conflict do nothing")?
            .execute((self.site_id, &self.month, &self.wrapped_site_key))?;
        db.prepare_cached(
            "insert into recording_key (recording, site_id, month, wrapped) values (?1, ?2, ?3, ?4) on conflict do nothing",
        )?
        .execute((recording.0, self.site_id, &self.month, &self.wrapped))?;
        let same: bool = db
            .prepare_cached(
                "select r.wrapped = ?2 and s.wrapped = ?3
                 from recording_key r join site_key s using (site_id, month)
                 where r.recording = ?1",
            )?
            .query_row((recording.0, &self.wrapped, &self.wrapped_site_key), |row| row.get(0))?;
        if same { Ok(()) } else { Err(Error::Busy { retry_s: 1 }) }
    }
}

/// Destroy the key of one recording.
pub fn destroy(db: &Connection, recording: RecordingId) -> Result<()> {
    db.execute("delete from recording_key where recording = ?1", [recording.0])?;
    db.execute("delete from next_key where recording = ?1", [recording.0])?;
    Ok(())
}

/// Destroy the keys of many recordings, synced once.
pub fn destroy_all(db: &Connection, recordings: &[RecordingId]) -> Result<()> {
    db.execute_batch("begin immediate")?;
    for recording in recordings {
        if let Err(error) = destroy(db, *recording) {
            let _ = db.execute_batch("rollback");
            return Err(error);
        }
    }
    Ok(db.execute_batch("commit")?)
}

/// Destroy every key of a site.
pub fn destroy_site(db: &Connection, site_id: i64) -> Result<()> {
    db.execute(
        "delete from next_key where recording in (select recording from recording_key where site_id = ?1)",
        [site_id],
    )?;
    db.execute("delete from recording_key where site_id = ?1", [site_id])?;
    db.execute("delete from asset_key where site_id = ?1", [site_id])?;
    db.execute("delete from site_key where site_id = ?1", [site_id])?;
    Ok(())
}

/// The newest keys, newest first: those that a crash may have left without a chunk.
pub fn newest(db: &Connection, limit: u32) -> Result<Vec<RecordingId>> {
    let mut statement = db.prepare("select recording from recording_key order by rowid desc limit ?1")?;
    let rows = statement.query_map([limit], |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn asset_place(site_id: i64) -> Vec<u8> {
    format!("assets of site {site_id}").into_bytes()
}

fn site_place(site_id: i64, month: &str) -> Vec<u8> {
    format!("site {site_id} {month}").into_bytes()
}
