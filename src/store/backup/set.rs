//! Making a set: file after file while the store runs, checked, and whole before it gets its name.

use super::manifest::{Copied, Counts, Manifest, Part, StoreName, hash_of};
use super::{KEYS, Target, copy_database, copy_keys, erased_since, make_dir, name_in_keys, replace_tombstones};
use super::{remember, remove, store_name, sync_dir, unreachable};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use crate::seal::Batch;
use crate::store::pack::Opener;
use crate::store::{Books, Keyring, Place, Shelf, chunk, migrate, recording};
use rusqlite::Connection;
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const UNFINISHED: &str = "part";
/// Recordings may be sealed anew while they are copied; those are copied again, this often at most.
const ROUNDS_MAX: u32 = 5;

/// What a backup came to.
#[derive(Debug, Clone)]
pub struct Made {
    pub set: PathBuf,
    pub store: StoreName,
    pub counts: Counts,
    /// Files copied, and taken over from the set before.
    pub copied: usize,
    pub unchanged: usize,
    pub bytes: u64,
    /// The recording whose chunks were opened out of the copy, and found equal.
    pub compared: Option<RecordingId>,
}

/// How far a backup is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub part: Part,
    pub bytes: u64,
    pub unchanged: bool,
    pub done: usize,
    pub of: usize,
}

/// Back the store up into this directory, beside a server that may be running; `keep` sets stay. One that was cut off is gone on with.
pub fn back_up(
    books: &mut Books,
    keyring: &Keyring,
    dir: &Path,
    keep: usize,
    now: Timestamp,
    tell: &mut dyn FnMut(Progress),
) -> Result<Made> {
    let dir = prepare(&books.place, dir)?;
    let store = store_name(books)?;
    check_owner(&dir, store)?;
    let (part_dir, mut manifest) = begin(&dir, store, now)?;
    make_dir(&part_dir.join("chunks"))?;
    let before = newest(&dir)?;
    let mut copying = Copying { place: books.place.clone(), set: part_dir.clone(), before, made: (0, 0, 0) };
    let mut wraps = wraps(&books.keys)?;
    let parts = copying.parts()?;
    for (done, part) in parts.iter().enumerate() {
        let (bytes, unchanged) = copying.copy(*part, &mut manifest)?;
        tell(Progress { part: *part, bytes, unchanged, done: done + 1, of: parts.len() });
    }
    for _ in 0..ROUNDS_MAX {
        copy_keys(&books.place, &dir)?;
        let now = self::wraps(&migrate::open_reader(&dir.join(KEYS))?)?;
        let shelves = sealed_anew(&books.meta, &wraps, &now)?;
        if shelves.is_empty() {
            break;
        }
        for shelf in shelves {
            copying.take(Part::Chunks(shelf), &mut manifest)?;
        }
        copying.take(Part::Assets, &mut manifest)?;
        wraps = now;
    }
    manifest.counts = count(&part_dir, &manifest)?;
    let compared = compare(books, keyring, &part_dir, now.plus_ms(-recording::IDLE_MS))?;
    let (copied, unchanged, bytes) = copying.made;
    let erased = erased_since(&books.meta, Timestamp(0))?;
    replace_tombstones(&dir, &erased)?;
    manifest.finished = true;
    manifest.write(&part_dir)?;
    let set = part_dir.with_extension("");
    std::fs::rename(&part_dir, &set).map_err(|cause| unreachable(&set, &cause))?;
    sync_dir(&dir)?;
    let buried_to = erased.last().map_or(Timestamp(0), |(_, at)| *at);
    remember(&books.meta, &Target { dir: dir.clone(), made_at: now, keys_at: now, buried_to })?;
    prune(&dir, keep)?;
    Ok(Made { set, store, counts: manifest.counts, copied, unchanged, bytes, compared })
}

/// The directory, made where it is missing; not within the store, nor around it.
fn prepare(place: &Place, dir: &Path) -> Result<PathBuf> {
    make_dir(dir)?;
    let dir = dir.canonicalize().map_err(|cause| unreachable(dir, &cause))?;
    if dir.starts_with(place.dir()) || place.dir().starts_with(&dir) {
        return Err(Error::Failed(format!(
            "{} and the data directory {} lie in one another. Name another directory, best on another disk.",
            dir.display(),
            place.dir().display()
        )));
    }
    Ok(dir)
}

/// Another store's backups are not written over.
fn check_owner(dir: &Path, store: StoreName) -> Result<()> {
    let keys = dir.join(KEYS);
    if !keys.exists() {
        return Ok(());
    }
    match name_in_keys(&migrate::open_reader(&keys)?)? {
        Some(owner) if owner != store => Err(Error::Failed(format!(
            "{} holds backups of the store {owner}; this one is {store}. Name another directory.",
            dir.display()
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The set to go on with, or a new one.
fn begin(dir: &Path, store: StoreName, now: Timestamp) -> Result<(PathBuf, Manifest)> {
    for part in sets(dir, UNFINISHED)? {
        if let Ok(manifest) = Manifest::read(&part)
            && manifest.store == store
        {
            return Ok((part, manifest));
        }
        std::fs::remove_dir_all(&part).map_err(|cause| unreachable(&part, &cause))?;
    }
    let time = jiff::Timestamp::from_millisecond(now.0).map_err(|cause| Error::internal("the clock", cause))?;
    let part = dir.join(format!("{}.{UNFINISHED}", time.strftime("%Y-%m-%dT%H%M%S%3fZ")));
    make_dir(&part)?;
    let manifest = Manifest::new(store, now.0);
    manifest.write(&part)?;
    Ok((part, manifest))
}

/// The sets in a directory that end like this, the oldest first.
pub fn sets(dir: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(|cause| unreachable(dir, &cause))?;
    let ends = |path: &PathBuf| path.extension().and_then(|end| end.to_str()).unwrap_or_default() == extension;
    let mut found: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir() && ends(path)).collect();
    found.sort();
    Ok(found)
}

/// The newest set that is whole.
fn newest(dir: &Path) -> Result<Option<(PathBuf, Manifest)>> {
    let whole = |set: PathBuf| Manifest::read(&set).ok().filter(|manifest| manifest.finished).map(|found| (set, found));
    Ok(sets(dir, "")?.into_iter().rev().find_map(whole))
}

fn prune(dir: &Path, keep: usize) -> Result<()> {
    let all = sets(dir, "")?;
    for old in all.iter().take(all.len().saturating_sub(keep.max(1))) {
        // Of ours alone.
        if Manifest::read(old).is_ok() {
            std::fs::remove_dir_all(old).map_err(|cause| unreachable(old, &cause))?;
        }
    }
    Ok(())
}

struct Copying {
    place: Place,
    set: PathBuf,
    before: Option<(PathBuf, Manifest)>,
    /// Files copied, files taken over, bytes copied.
    made: (usize, usize, u64),
}

impl Copying {
    /// Metadata first: what chunks hold beyond it is found again from them. Last what chunks need.
    fn parts(&self) -> Result<Vec<Part>> {
        let chunks = self.place.shelves()?.into_iter().map(Part::Chunks);
        Ok([Part::Meta].into_iter().chain(chunks).chain([Part::Assets]).collect())
    }

    /// Copy a file unless it is there as it stands; its length, and whether it was.
    fn copy(&mut self, part: Part, manifest: &mut Manifest) -> Result<(u64, bool)> {
        let source = quiet(&self.source(part));
        let same = |copied: &&Copied| copied.source.is_some() && copied.source == source;
        if let Some(copied) = manifest.find(part).filter(same)
            && part.path(&self.set).exists()
        {
            return Ok((copied.bytes, true));
        }
        if let Some((set, found)) = &self.before
            && let Some(copied) = found.find(part).filter(same)
        {
            take_over(&part.path(set), &part.path(&self.set))?;
            let copied = copied.clone();
            let bytes = copied.bytes;
            manifest.put(copied);
            manifest.write(&self.set)?;
            self.made.1 += 1;
            return Ok((bytes, true));
        }
        self.take(part, manifest).map(|bytes| (bytes, false))
    }

    /// Copy a file and look through the copy.
    fn take(&mut self, part: Part, manifest: &mut Manifest) -> Result<u64> {
        let (from, to) = (self.source(part), part.path(&self.set));
        let before = quiet(&from);
        copy_database(&from, &to)?;
        let sound: String = read_only(&to)?.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(Error::Failed(format!(
                "The copy of {part} is not sound: {sound}. `hushreel doctor` looks at the store."
            )));
        }
        let source = before.filter(|before| quiet(&from) == Some(*before));
        let bytes = std::fs::metadata(&to).map_err(|cause| unreachable(&to, &cause))?.len();
        manifest.put(Copied { part, bytes, sha256: hash_of(&to)?, source });
        manifest.write(&self.set)?;
        (self.made.0, self.made.2) = (self.made.0 + 1, self.made.2 + bytes);
        Ok(bytes)
    }

    fn source(&self, part: Part) -> PathBuf {
        match part {
            Part::Meta => self.place.meta(),
            Part::Assets => self.place.assets(),
            Part::Chunks(shelf) => self.place.chunks(shelf),
        }
    }
}

/// Length and time of change of a database to which no write waits in its log.
fn quiet(path: &Path) -> Option<(u64, u128)> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let found = std::fs::metadata(path).ok()?;
    Some((found.len(), found.mtime() as u128 * 1_000_000_000 + found.mtime_nsec() as u128))
}

fn take_over(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    // A disk without hard links gets a copy.
    std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop)).map_err(|cause| unreachable(to, &cause))
}

/// Open a copy without a byte of it, or beside it, changing.
pub fn read_only(path: &Path) -> Result<Connection> {
    let name = super::name_of(path)?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?)
}

/// What each recording's key looks like, wrapped.
fn wraps(keys: &Connection) -> Result<HashMap<[u8; 16], [u8; 32]>> {
    let mut statement = keys.prepare("select recording, wrapped from recording_key")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, crate::seal::hash(&row.get::<_, Vec<u8>>(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where the recordings lie whose key is another one by now.
fn sealed_anew(
    meta: &Connection,
    before: &HashMap<[u8; 16], [u8; 32]>,
    now: &HashMap<[u8; 16], [u8; 32]>,
) -> Result<Vec<Shelf>> {
    let changed = now.iter().filter(|(id, wrapped)| before.get(*id).is_some_and(|before| before != *wrapped));
    let mut shelves = Vec::new();
    for (id, _) in changed {
        shelves.extend(recording::bound(meta, RecordingId(*id))?.map(|bound| bound.shelf()));
    }
    shelves.sort_unstable();
    shelves.dedup();
    Ok(shelves)
}

/// What the copies hold.
pub fn count(set: &Path, manifest: &Manifest) -> Result<Counts> {
    let meta = read_only(&Part::Meta.path(set))?;
    let number = |db: &Connection, sql: &str| db.query_row(sql, [], |row| row.get::<_, u64>(0));
    let mut counts = Counts {
        sites: number(&meta, "select count(*) from site")?,
        recordings: number(&meta, "select count(*) from recording where state <> 3")?,
        chunks: 0,
    };
    for copied in &manifest.files {
        if let Part::Chunks(_) = copied.part {
            counts.chunks += number(&read_only(&copied.part.path(set))?, "select count(*) from chunk")?;
        }
    }
    Ok(counts)
}

/// Open the newest recording's chunks out of the copy, and hold them against the store's.
fn compare(books: &mut Books, keyring: &Keyring, set: &Path, silent: Timestamp) -> Result<Option<RecordingId>> {
    let Some(id) = recording::newest_whole(&read_only(&Part::Meta.path(set))?, silent)? else { return Ok(None) };
    let (Some(bound), Some(key)) = (recording::bound(&books.meta, id)?, keyring.find(id)?) else { return Ok(None) };
    let copy = Part::Chunks(bound.shelf()).path(set);
    if !copy.exists() || !books.has_chunks(bound.shelf()) {
        return Ok(None);
    }
    let batches = |db: &Connection, assets: &Path| -> Result<(Vec<Batch>, Vec<Vec<u8>>)> {
        let mut opener = Opener::new(assets, keyring, &key, id)?;
        let (mut found, mut damage) = (Vec::new(), Vec::new());
        for entry in chunk::list(db, id)? {
            let bytes = chunk::bytes(db, entry.id)?.unwrap_or_default();
            // What has changed on disk has changed in both.
            match opener.open(db, &bytes) {
                Ok(batches) => found.extend(batches),
                Err(Error::Internal { .. }) => damage.push(bytes),
                Err(error) => return Err(error),
            }
        }
        Ok((found, damage))
    };
    let copied = batches(&read_only(&copy)?, &Part::Assets.path(set))?;
    let assets = books.place.assets();
    let nothing = copied.0.is_empty() && copied.1.is_empty();
    if nothing || copied != batches(books.chunks(bound.shelf())?, &assets)? {
        return Err(Error::Failed(format!("Recording {id} is not the same in the copy. Run the backup again.")));
    }
    Ok(Some(id))
}
