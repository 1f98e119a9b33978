//! A store out of a backup: checked file by file, what was erased since is erased first, and what has no key any more is named.

use super::manifest::{Counts, Manifest, StoreName};
use super::set::{count, sets};
use super::{KEYS, TOMBSTONES, make_dir, name_in_keys, name_in_meta, remove, sync_dir, unreachable};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use crate::store::{Books, Keyring, Place, chunk, erasure, keys, migrate, recording};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    pub set: PathBuf,
    pub store: StoreName,
    pub made_at: Timestamp,
    /// What the set holds.
    pub counts: Counts,
    /// Recordings in it that were erased since it was made.
    pub erased: u64,
    /// Recordings whose key is in no backup: newer than the keys, or changed since.
    pub lost: Vec<RecordingId>,
}

/// Make a store at `place`, which must be empty, out of the set at `source`, or the newest in it. What was cut off is gone on with.
pub fn restore(
    source: &Path,
    keys: Option<&Path>,
    place: &Place,
    now: Timestamp,
    tell: &mut dyn FnMut(&str, u64),
) -> Result<Restored> {
    let (dir, set) = find(source)?;
    let manifest = Manifest::read(&set)?;
    if !manifest.finished {
        return Err(half_written(&set));
    }
    let occupied = std::fs::read_dir(place.dir()).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::Failed(format!(
            "{} is not empty. A backup is restored into a directory of its own; name one with --data.",
            place.dir().display()
        )));
    }
    let staging = staging_of(place.dir());
    make_dir(&staging.join("chunks"))?;
    for copied in &manifest.files {
        let to = copied.part.path(&staging);
        if !copied.matches(&staging)? {
            remove(&to)?;
            let from = copied.part.path(&set);
            if !copied.matches(&set)? {
                return Err(Error::Failed(format!(
                    "{} is not as it was backed up. Restore another set: {}.",
                    from.display(),
                    names(&sets(&dir, "")?)
                )));
            }
            std::fs::copy(&from, &to).map_err(|cause| unreachable(&to, &cause))?;
        }
        tell(&copied.part.to_string(), copied.bytes);
    }
    let keys = keys.map_or_else(|| dir.join(KEYS), Path::to_owned);
    remove(&staging.join(KEYS))?;
    std::fs::copy(&keys, staging.join(KEYS)).map_err(|cause| {
        Error::Failed(format!("The keys of this backup are not at {}: {cause}. Name them with --keys.", keys.display()))
    })?;
    if count(&staging, &manifest)? != manifest.counts {
        return Err(Error::Failed(format!("{} does not hold what it says. Restore another set.", set.display())));
    }
    let staged = Place::new(&staging, Some(&place.key_path()))?;
    migrate::check_store(&staged)?;
    let (erased, lost) = settle(&staged, &dir, &manifest, now)?;
    std::fs::rename(&staging, place.dir()).map_err(|cause| unreachable(place.dir(), &cause))?;
    if let Some(parent) = place.dir().parent() {
        sync_dir(parent)?;
    }
    let (store, counts) = (manifest.store, manifest.counts);
    Ok(Restored { set, store, made_at: Timestamp(manifest.made_at), counts, erased, lost })
}

/// Erase what was erased, and name what cannot be opened.
fn settle(place: &Place, dir: &Path, manifest: &Manifest, now: Timestamp) -> Result<(u64, Vec<RecordingId>)> {
    let mut books = Books::open(place)?;
    let (of_keys, of_meta) = (name_in_keys(&books.keys)?, name_in_meta(&books.meta)?);
    if of_keys != Some(manifest.store) || of_meta != Some(manifest.store) {
        let name = |name: Option<StoreName>| name.map_or_else(|| "no store".to_owned(), |name| name.to_string());
        return Err(Error::Key(format!(
            "The keys are of the store {}, and this backup is of {}. Name its own keys with --keys.",
            name(of_keys),
            manifest.store
        )));
    }
    let keyring = Keyring::open(place)?;
    let buried = tombstones(&dir.join(TOMBSTONES))?;
    keys::destroy_all(&books.keys, &buried)?;
    books.transact(|books| {
        let mut erased = 0;
        for id in buried {
            if let Some(bound) = recording::bound(&books.meta, id)?.filter(|bound| !bound.is_erased()) {
                erasure::bury(&books.meta, id, bound.expires_on, now)?;
                erased += 1;
            }
        }
        let mut lost = Vec::new();
        for id in recording::with_bytes(&books.meta)? {
            if !opens(books, &keyring, id)? {
                keys::destroy(&books.keys, id)?;
                let expires_on = recording::present(&books.meta, id)?.expires_on;
                erasure::bury(&books.meta, id, expires_on, now)?;
                lost.push(id);
            }
        }
        // Where the old machine backed itself up to is no matter of this one.
        books.meta.execute("delete from backup", [])?;
        Ok((erased, lost))
    })
}

/// Whether a recording's key opens its chunks.
fn opens(books: &mut Books, keyring: &Keyring, id: RecordingId) -> Result<bool> {
    let shelf = recording::present(&books.meta, id)?.shelf();
    let Some(key) = keyring.find(id)? else { return Ok(false) };
    if !books.has_chunks(shelf) {
        return Ok(false);
    }
    chunk::opens(books.chunks(shelf)?, id, &key.key)
}

/// The recordings in a file of tombstones. A last line that was cut off tells nothing.
fn tombstones(path: &Path) -> Result<Vec<RecordingId>> {
    let file = std::fs::File::open(path).map_err(|cause| {
        Error::Failed(format!(
            "{} cannot be read: {cause}. It says what was erased since, so nothing is restored without it.",
            path.display()
        ))
    })?;
    let mut lines =
        BufReader::new(file).lines().collect::<std::io::Result<Vec<_>>>().map_err(|cause| unreachable(path, &cause))?;
    let read = |line: &String| line.split_once(' ').and_then(|(id, at)| at.parse::<i64>().ok().and(id.parse().ok()));
    if lines.last().is_some_and(|last| read(last).is_none()) {
        lines.pop();
    }
    let wrong =
        |number: usize| Error::Failed(format!("{}:{}: this is no line of a tombstone.", path.display(), number + 1));
    lines.iter().enumerate().map(|(number, line)| read(line).ok_or_else(|| wrong(number))).collect()
}

/// The directory of backups and the set that is meant.
fn find(source: &Path) -> Result<(PathBuf, PathBuf)> {
    let source = source
        .canonicalize()
        .map_err(|cause| Error::Failed(format!("{} cannot be read: {cause}.", source.display())))?;
    if source.join(super::manifest::NAME).exists() {
        let dir = source.parent().unwrap_or(&source).to_owned();
        return Ok((dir, source));
    }
    match (sets(&source, "")?.pop(), sets(&source, "part")?.pop()) {
        (Some(newest), _) => Ok((source, newest)),
        (None, Some(part)) => Err(half_written(&part)),
        (None, None) => Err(Error::Failed(format!("There is no backup in {}.", source.display()))),
    }
}

fn half_written(set: &Path) -> Error {
    Error::Failed(format!(
        "{} was not finished. Run `hushreel backup` again, which goes on with it, or restore another set.",
        set.display()
    ))
}

fn staging_of(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    dir.with_file_name(name)
}

fn names(sets: &[PathBuf]) -> String {
    let names = sets.iter().filter_map(|set| set.file_name()?.to_str());
    names.collect::<Vec<_>>().join(", ")
}
