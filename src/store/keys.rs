//! The keys of recordings: made, sealed under their site's key of the month, found again, destroyed.

use super::day::Day;
use super::master::{KeyId, Masters};
use super::migrate;
use super::place::Place;
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use crate::seal::Key;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keys held in memory; above it those already on disk are forgotten and read again when needed.
const HELD_MAX: usize = 20_000;
const PROOF: &[u8] = b"hushreel master key";

/// A site's key, sealed, and the master key that it is sealed under.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SiteWrap {
    master: Option<KeyId>,
    wrapped: Vec<u8>,
}

/// The key of one recording, and what has to be on disk before anything sealed with it.
#[derive(Debug)]
pub struct RecordingKey {
    pub key: Key,
    site_id: i64,
    month: String,
    site_wrap: SiteWrap,
    wrapped: Vec<u8>,
    kept: AtomicBool,
    /// Another key has its place: nothing more may be sealed with it.
    retired: AtomicBool,
}

/// Opens keys with the master keys.
pub struct Keyring {
    place: Place,
    inner: Mutex<Inner>,
}

struct Inner {
    db: Connection,
    masters: Masters,
    sites: HashMap<(i64, String), (Key, SiteWrap)>,
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
        let masters = Masters::read(place, proof.is_none())?;
        match proof {
            Some(proof) if masters.opener(PROOF, &proof).is_some() => {}
            Some(_) => {
                let needed: Option<[u8; 8]> = db.query_row("select master from master", [], |row| row.get(0))?;
                let named = needed.map_or_else(String::new, |id| format!(", which is {}", KeyId(id)));
                return Err(Error::Key(format!(
                    "{} does not hold the master key of the store in {}{named}. Name the right one with --key-file.",
                    masters.file().display(),
                    place.dir().display()
                )));
            }
            None => prove(&db, &masters)?,
        }
        let inner = Inner { db, masters, sites: HashMap::new(), recordings: HashMap::new(), assets: HashMap::new() };
        Ok(Self { place: place.clone(), inner: Mutex::new(inner) })
    }

    /// Master keys that something is sealed under and that are not in the file.
    pub fn missing(&self) -> Result<Vec<KeyId>> {
        let inner = self.inner();
        let mut statement = inner.db.prepare("select distinct master from site_key where master is not null")?;
        let needed = statement.query_map([], |row| row.get(0).map(KeyId))?.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(needed.into_iter().filter(|id| inner.masters.ids().all(|known| known != *id)).collect())
    }

    /// The key of a recording, if it has one.
    pub fn find(&self, recording: RecordingId) -> Result<Option<Arc<RecordingKey>>> {
        self.inner().find(recording)
    }

    /// The key of a recording that batches come in for; made with the first.
    pub fn find_or_make(&self, recording: RecordingId, site_id: i64, now: Timestamp) -> Result<Arc<RecordingKey>> {
        let mut inner = self.inner();
        if let Some(found) = inner.find(recording)? {
            return Ok(found);
        }
        let month = Day::of(now).month();
        let (site_key, site_wrap) = inner.site_key(site_id, &month)?;
        let key = Key::random()?;
        let wrapped = site_key.wrap(&recording.0, &key)?;
        let made = RecordingKey::new(key, site_id, month, site_wrap, wrapped, false);
        Ok(inner.hold(recording, made))
    }

    /// Drop what is held in memory, after another process may have destroyed keys.
    pub fn forget(&self) {
        let mut inner = self.inner();
        // Another process may have rotated the master key; a file that cannot be read now may be so in a moment.
        match Masters::read(&self.place, false) {
            Ok(masters) => inner.masters = masters,
            Err(error) => tracing::warn!(cause = %error, "the master keys were not read again"),
        }
        inner.recordings.clear();
        inner.sites.clear();
        inner.assets.clear();
    }

    /// The key that names a site's pictures and fonts and seals the shared ones, if anything was ever named by it.
    pub fn find_asset_key(&self, site_id: i64) -> Result<Option<Key>> {
        self.inner().find_asset_key(site_id)
    }

    /// The same, made and written where there is none yet.
    pub fn asset_key(&self, site_id: i64, now: Timestamp) -> Result<Key> {
        let mut inner = self.inner();
        if let Some(found) = inner.find_asset_key(site_id)? {
            return Ok(found);
        }
        let month = Day::of(now).month();
        let (site_key, site_wrap) = inner.site_key(site_id, &month)?;
        let wrapped = site_key.wrap(&asset_place(site_id), &Key::random()?)?;
        // All or nothing; another process that was first has a key of the month that this one does not hold.
        let making = inner.db.unchecked_transaction()?;
        making.execute(
            "insert into site_key (site_id, month, wrapped, master) values (?1, ?2, ?3, ?4) on conflict do nothing",
            (site_id, &month, &site_wrap.wrapped, site_wrap.master.map(|id| id.0)),
        )?;
        let same: bool = making.query_row(
            "select wrapped = ?3 from site_key where site_id = ?1 and month = ?2",
            (site_id, &month, &site_wrap.wrapped),
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
        inner.find_asset_key(site_id)?.ok_or(Error::Busy { retry_s: 1 })
    }

    /// A key to take the place of this one, not written anywhere yet.
    pub fn successor(&self, recording: RecordingId, old: &RecordingKey) -> Result<RecordingKey> {
        let site_key = self.inner().open_site(old.site_id, &old.month, &old.site_wrap)?;
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
        let (Some(wrapped), Some(old)) = (wrapped, inner.find(recording)?) else { return Ok(None) };
        let site_key = inner.open_site(old.site_id, &old.month, &old.site_wrap)?;
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
    fn find(&mut self, recording: RecordingId) -> Result<Option<Arc<RecordingKey>>> {
        if let Some(held) = self.recordings.get(&recording) {
            return Ok(Some(held.clone()));
        }
        let row = self
            .db
            .prepare_cached(
                "select r.site_id, r.month, r.wrapped, s.wrapped, s.master
                 from recording_key r join site_key s using (site_id, month)
                 where r.recording = ?1",
            )?
            .query_row([recording.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, site_wrap(row, 3)?)))
            .optional()?;
        let Some((site_id, month, wrapped, site_wrap)): Option<(i64, String, Vec<u8>, SiteWrap)> = row else {
            return Ok(None);
        };
        let site_key = self.open_site(site_id, &month, &site_wrap)?;
        let key = site_key.unwrap(&recording.0, &wrapped)?;
        let found = RecordingKey::new(key, site_id, month, site_wrap, wrapped, true);
        Ok(Some(self.hold(recording, found)))
    }

    fn open_site(&self, site_id: i64, month: &str, SiteWrap { master, wrapped }: &SiteWrap) -> Result<Key> {
        self.masters.unwrap(&site_place(site_id, month), *master, wrapped)
    }

    fn site_key(&mut self, site_id: i64, month: &str) -> Result<(Key, SiteWrap)> {
        let place = (site_id, month.to_owned());
        if let Some(held) = self.sites.get(&place) {
            return Ok(held.clone());
        }
        let row: Option<SiteWrap> = self
            .db
            .prepare_cached("select wrapped, master from site_key where site_id = ?1 and month = ?2")?
            .query_row((site_id, month), |row| site_wrap(row, 0))
            .optional()?;
        let found = match row {
            Some(wrap) => (self.open_site(site_id, month, &wrap)?, wrap),
            None => {
                let key = Key::random()?;
                let (id, wrapped) = self.masters.wrap(&site_place(site_id, month), &key)?;
                (key, SiteWrap { master: Some(id), wrapped })
            }
        };
        self.sites.insert(place, found.clone());
        Ok(found)
    }

    fn find_asset_key(&mut self, site_id: i64) -> Result<Option<Key>> {
        if let Some(held) = self.assets.get(&site_id) {
            return Ok(Some(held.clone()));
        }
        let row = self
            .db
            .prepare_cached(
                "select a.month, a.wrapped, s.wrapped, s.master from asset_key a join site_key s using (site_id, month)
                 where a.site_id = ?1",
            )?
            .query_row([site_id], |row| Ok((row.get(0)?, row.get(1)?, site_wrap(row, 2)?)))
            .optional()?;
        let Some((month, wrapped, site_wrap)): Option<(String, Vec<u8>, SiteWrap)> = row else { return Ok(None) };
        let key = self.open_site(site_id, &month, &site_wrap)?.unwrap(&asset_place(site_id), &wrapped)?;
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
    fn new(key: Key, site_id: i64, month: String, site_wrap: SiteWrap, wrapped: Vec<u8>, kept: bool) -> Self {
        let (kept, retired) = (AtomicBool::new(kept), AtomicBool::new(false));
        Self { key, site_id, month, site_wrap, wrapped, kept, retired }
    }

    /// Another key in this one's place.
    fn with(&self, key: Key, wrapped: Vec<u8>) -> Self {
        Self::new(key, self.site_id, self.month.clone(), self.site_wrap.clone(), wrapped, true)
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
        let SiteWrap { master, wrapped } = &self.site_wrap;
        db.prepare_cached(
            "insert into site_key (site_id, month, wrapped, master) values (?1, ?2, ?3, ?4) on conflict do nothing",
        )?
        .execute((self.site_id, &self.month, wrapped, master.map(|id| id.0)))?;
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
            .query_row((recording.0, &self.wrapped, wrapped), |row| row.get(0))?;
        if same { Ok(()) } else { Err(Error::Busy { retry_s: 1 }) }
    }
}

fn site_wrap(row: &Row<'_>, at: usize) -> rusqlite::Result<SiteWrap> {
    Ok(SiteWrap { wrapped: row.get(at)?, master: row.get::<_, Option<[u8; 8]>>(at + 1)?.map(KeyId) })
}

/// Say which master key is the store's.
fn prove(db: &Connection, masters: &Masters) -> Result<()> {
    let (id, key) = masters.current()?;
    let proof = key.seal(PROOF, PROOF.to_vec())?;
    db.execute("insert or replace into master (id, proof, master) values (1, ?1, ?2)", (proof, id.0))?;
    Ok(())
}

/// What of a store needs which master key.
#[derive(Debug, Clone, Serialize)]
pub struct Need {
    pub master: String,
    /// It is in the file.
    pub there: bool,
    /// It seals from now on.
    pub current: bool,
    /// Keys of a site and month that are sealed under it, and recordings below those.
    pub site_keys: u64,
    pub recordings: u64,
}

/// Which master keys are there, and which are needed, the newest first.
pub fn needs(db: &Connection, masters: &Masters) -> Result<Vec<Need>> {
    let mut found: Vec<Need> = masters
        .ids()
        .enumerate()
        .map(|(place, id)| Need {
            master: id.to_string(),
            there: true,
            current: place == 0,
            site_keys: 0,
            recordings: 0,
        })
        .collect();
    let mut statement = db.prepare(
        "select site_id, month, wrapped, master,
             (select count(*) from recording_key r where r.site_id = s.site_id and r.month = s.month) from site_key s",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (site_id, month, wrap): (i64, String, _) = (row.get(0)?, row.get(1)?, site_wrap(row, 2)?);
        let id = wrap.master.or_else(|| masters.opener(&site_place(site_id, &month), &wrap.wrapped));
        let name = id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let at = found.iter().position(|need| need.master == name).unwrap_or_else(|| {
            found.push(Need { master: name, there: false, current: false, site_keys: 0, recordings: 0 });
            found.len() - 1
        });
        found[at].site_keys += 1;
        found[at].recordings += row.get::<_, u64>(4)?;
    }
    Ok(found)
}

/// Seal the keys of all sites under the first of these master keys; how many were sealed under another. Nothing else changes, and a key
/// whose master key is missing stays as it is.
pub fn rewrap(db: &Connection, masters: &Masters) -> Result<u64> {
    let (current, _) = masters.current()?;
    let all = db.unchecked_transaction()?;
    let mut changed = 0;
    {
        let mut statement = all.prepare("select site_id, month, wrapped, master from site_key")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (site_id, month, wrap): (i64, String, _) = (row.get(0)?, row.get(1)?, site_wrap(row, 2)?);
            if wrap.master == Some(current) {
                continue;
            }
            let place = site_place(site_id, &month);
            let key = match masters.unwrap(&place, wrap.master, &wrap.wrapped) {
                Err(Error::KeyMissing { .. }) => continue,
                key => key?,
            };
            let (id, wrapped) = masters.wrap(&place, &key)?;
            all.execute(
                "update site_key set wrapped = ?3, master = ?4 where site_id = ?1 and month = ?2",
                (site_id, &month, wrapped, id.0),
            )?;
            changed += 1;
        }
    }
    prove(&all, masters)?;
    all.commit()?;
    Ok(changed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixtures::{ID, NOW, shop};

    #[test]
    fn one_missing_master_key_takes_only_what_is_sealed_under_it() {
        let shop = shop();
        let (place, db) = (&shop.books.place, &shop.books.keys);
        let first = Masters::read(place, false).unwrap();
        let both = first.rotated().unwrap();
        both.write(both.file()).unwrap();
        shop.keyring.forget();
        let other = RecordingId([1; 16]);
        let key = shop.keyring.find_or_make(other, 2, NOW).unwrap();
        key.keep(db, other).unwrap();
        prove(db, &both).unwrap();
        let told = needs(db, &both).unwrap();
        let counts: Vec<_> = told.iter().map(|need| (need.current, need.site_keys, need.recordings)).collect();
        assert_eq!(counts, [(true, 1, 1), (false, 1, 1)]);

        let lost = both.without(|_| false);
        lost.write(lost.file()).unwrap();
        let keyring = Keyring::open(place).unwrap();
        let missing = first.current().unwrap().0;
        assert_eq!(keyring.missing().unwrap(), [missing]);
        assert!(keyring.find(other).unwrap().is_some(), "the new key opens what is sealed under it");
        assert!(matches!(keyring.find(ID), Err(Error::KeyMissing { id, .. }) if id == missing.to_string()));
        assert_eq!(rewrap(db, &lost).unwrap(), 0, "what cannot be opened stays as it is");
        both.write(both.file()).unwrap();
        keyring.forget();
        assert!(keyring.find(ID).unwrap().is_some(), "the key is back");
        assert_eq!(rewrap(db, &both).unwrap(), 1);
        assert_eq!(rewrap(db, &both).unwrap(), 0);
    }

    #[test]
    fn a_store_opens_with_no_other_master_key_and_says_which_it_needs() {
        let shop = shop();
        let first = Masters::read(&shop.books.place, false).unwrap();
        let other = first.rotated().unwrap().without(|_| false);
        other.write(other.file()).unwrap();
        let Err(Error::Key(said)) = Keyring::open(&shop.books.place) else { panic!("it opened") };
        assert!(said.contains(&first.current().unwrap().0.to_string()), "{said}");
    }
}
