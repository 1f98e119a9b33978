//! Backups of a running store, and what of them the store looks after later.
//!
//! ```text
//! DIR/keys.db                    the keys, one copy for all sets, overwritten within a day: what is erased cannot be read from any set
//! DIR/tombstones                 what was erased, a line each, written within seconds
//! DIR/2026-11-25T102036123Z/     a set: backup.json, meta.db, assets.db, chunks/DAY.db, chunks/keep.db
//! DIR/2026-11-25T102036123Z.part/   one that was not finished; the next run goes on with it
//! ```
//!
//! The master key is in no backup.

mod manifest;
mod restore;
mod set;

pub use manifest::{Counts, Manifest, StoreName};
pub use restore::{Restored, restore};
pub use set::{Made, Progress, back_up};

use super::place::Place;
use super::{Books, migrate};
use crate::error::{Error, Result};
use crate::model::{RecordingId, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const KEYS: &str = "keys.db";
const TOMBSTONES: &str = "tombstones";
/// Keys in a backup are never older, while the store runs and reaches the directory.
const KEYS_MS_MAX: i64 = 20 * 3_600_000;

/// A directory that this store is backed up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub dir: PathBuf,
    pub made_at: Timestamp,
    pub keys_at: Timestamp,
    /// Tombstones up to here stand beside it.
    pub buried_to: Timestamp,
}

impl Target {
    /// Whether its keys are too old.
    pub fn needs_keys(&self, now: Timestamp) -> bool {
        now.0 - self.keys_at.0 > KEYS_MS_MAX
    }
}

/// The directories that this store is backed up to.
pub fn targets(meta: &Connection) -> Result<Vec<Target>> {
    let mut statement = meta.prepare_cached("select dir, made_at, keys_at, buried_to from backup order by dir")?;
    let rows = statement.query_map([], |row| {
        Ok(Target {
            dir: PathBuf::from(row.get::<_, String>(0)?),
            made_at: Timestamp(row.get(1)?),
            keys_at: Timestamp(row.get(2)?),
            buried_to: Timestamp(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Look after this directory from now on.
fn remember(meta: &Connection, target: &Target) -> Result<()> {
    meta.execute(
        "insert or replace into backup (dir, made_at, keys_at, buried_to) values (?1, ?2, ?3, ?4)",
        (name_of(&target.dir)?, target.made_at.0, target.keys_at.0, target.buried_to.0),
    )?;
    Ok(())
}

/// Say up to where a backup was told what is erased.
pub fn set_buried(meta: &Connection, dir: &Path, to: Timestamp) -> Result<()> {
    meta.execute("update backup set buried_to = ?2 where dir = ?1", (name_of(dir)?, to.0))?;
    Ok(())
}

/// Say when a backup's keys were overwritten.
pub fn set_keys_at(meta: &Connection, dir: &Path, at: Timestamp) -> Result<()> {
    meta.execute("update backup set keys_at = ?2 where dir = ?1", (name_of(dir)?, at.0))?;
    Ok(())
}

/// No longer look after a directory; what lies in it stays.
pub fn forget(meta: &Connection, dir: &Path) -> Result<bool> {
    Ok(meta.execute("delete from backup where dir = ?1", [name_of(dir)?])? > 0)
}

/// Overwrite a backup's keys with those of now. Waits for a disk that may be far away, so not on the writer's thread.
pub fn renew_keys(place: &Place, dir: &Path) -> Result<()> {
    copy_keys(place, dir)
}

/// A recording that was erased, and when.
pub type Erased = (RecordingId, Timestamp);

/// Write beside a backup what was erased since; likewise.
pub fn bury(dir: &Path, erased: &[Erased]) -> Result<()> {
    write_tombstones(&dir.join(TOMBSTONES), erased)
}

/// What was erased after this, in the order in which it was.
pub fn erased_since(meta: &Connection, since: Timestamp) -> Result<Vec<Erased>> {
    let mut statement =
        meta.prepare_cached("select recording, erased_at from tombstone where erased_at > ?1 order by erased_at")?;
    let rows = statement.query_map([since.0], |row| Ok((RecordingId(row.get(0)?), Timestamp(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Write all tombstones anew, whole or not at all: a file with some of them alone would have a restore bring back the others.
fn replace_tombstones(dir: &Path, erased: &[Erased]) -> Result<()> {
    let (path, new) = (dir.join(TOMBSTONES), dir.join("tombstones.part"));
    remove(&new)?;
    write_tombstones(&new, erased)?;
    std::fs::rename(&new, &path).map_err(|cause| unreachable(&path, &cause))?;
    sync_dir(dir)
}

fn write_tombstones(path: &Path, erased: &[Erased]) -> Result<()> {
    let text: String = erased.iter().map(|(id, at)| format!("{id} {}\n", at.0)).collect();
    let write = || {
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|cause| unreachable(path, &cause))
}

/// Put a copy of the keys into a backup's directory; the one before is overwritten, not only unlinked.
fn copy_keys(place: &Place, dir: &Path) -> Result<()> {
    let (old, new) = (dir.join(KEYS), dir.join("keys.db.part"));
    if let Ok(file) = OpenOptions::new().write(true).open(&new) {
        // Of a run that was cut off.
        blank(file).map_err(|cause| unreachable(&new, &cause))?;
    }
    copy_database(&place.keys(), &new)?;
    let before = OpenOptions::new().write(true).open(&old).ok();
    std::fs::rename(&new, &old).map_err(|cause| unreachable(&old, &cause))?;
    if let Some(file) = before {
        blank(file).map_err(|cause| unreachable(&old, &cause))?;
    }
    sync_dir(dir)
}

/// Zeros over all of a file.
fn blank(mut file: File) -> std::io::Result<()> {
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let zeros = [0; 64 << 10];
    while left > 0 {
        let some = left.min(zeros.len() as u64);
        file.write_all(zeros.get(..some as usize).unwrap_or(&zeros))?;
        left -= some;
    }
    file.sync_all()
}

/// Copy a database as it is at one moment, whoever writes to it meanwhile.
fn copy_database(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    let source = migrate::open_reader(from)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let made = made.map_err(|cause| unreachable(to, &cause))?;
    let mut copy = Connection::open(to)?;
    copy.execute_batch("pragma journal_mode = off; pragma synchronous = off;")?;
    // In one step: another process's next commit would have a copy in several begin anew.
    rusqlite::backup::Backup::new(&source, &mut copy)?.step(-1)?;
    drop(copy);
    made.sync_all().map_err(|cause| unreachable(to, &cause))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(unreachable(path, &cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn make_dir(dir: &Path) -> Result<()> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|cause| unreachable(dir, &cause))
}

fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|cause| unreachable(dir, &cause))
}

fn unreachable(path: &Path, cause: &std::io::Error) -> Error {
    match cause.kind() {
        std::io::ErrorKind::StorageFull => {
            Error::Failed(format!("{} cannot be written: the disk is full.", path.display()))
        }
        _ => Error::Failed(format!("{} cannot be used for a backup: {cause}.", path.display())),
    }
}

fn name_of(dir: &Path) -> Result<&str> {
    dir.to_str().ok_or_else(|| Error::Failed(format!("{} is no Unicode name.", dir.display())))
}

/// The name of a store, the same in its metadata and its keys; made where it has none yet.
fn store_name(books: &Books) -> Result<StoreName> {
    let of_keys: Option<StoreName> = name_in_keys(&books.keys)?;
    let of_meta: Option<StoreName> = name_in_meta(&books.meta)?;
    match (of_meta, of_keys) {
        (Some(meta), Some(keys)) if meta == keys => Ok(meta),
        (Some(meta), Some(keys)) => Err(Error::Key(format!(
            "meta.db is of the store {meta}, and keys.db of {keys}. Put back the keys that belong to it."
        ))),
        (found, other) => {
            let name = match found.or(other) {
                Some(name) => name,
                None => StoreName(crate::seal::random()?),
            };
            books.keys.execute("insert into store (id, name) values (1, ?1) on conflict do nothing", [name.0])?;
            books
                .meta
                .execute("insert into setting (name, value) values ('store', ?1) on conflict do nothing", [name.0])?;
            Ok(name)
        }
    }
}

fn name_in_keys(keys: &Connection) -> Result<Option<StoreName>> {
    Ok(keys.query_row("select name from store", [], |row| row.get(0).map(StoreName)).optional()?)
}

fn name_in_meta(meta: &Connection) -> Result<Option<StoreName>> {
    let found = meta.query_row("select value from setting where name = 'store'", [], |row| row.get(0).map(StoreName));
    Ok(found.optional()?)
}
