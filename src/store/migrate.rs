//! Opens database files and brings them up to date: a numbered list of scripts a file, counted by `user_version`.
//! Released scripts never change. A file of a newer program is refused before a byte of it changes.

use super::place::Place;
use crate::error::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long one process waits for another's transaction.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// The scripts of one kind of file, and how it is kept on disk.
pub struct Kind {
    scripts: &'static [&'static str],
    pragmas: &'static str,
}

/// `meta.db`: many readers beside one writer.
pub const META: Kind = Kind {
    scripts: &[
        include_str!("sql/meta_001.sql"),
        include_str!("sql/meta_002.sql"),
        include_str!("sql/meta_003.sql"),
        include_str!("sql/meta_004.sql"),
        include_str!("sql/meta_005.sql"),
        include_str!("sql/meta_006.sql"),
        include_str!("sql/meta_007.sql"),
        include_str!("sql/meta_008.sql"),
        include_str!("sql/meta_009.sql"),
        include_str!("sql/meta_010.sql"),
        include_str!("sql/meta_011.sql"),
        include_str!("sql/meta_012.sql"),
    ],
    pragmas: "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory;",
};

/// `keys.db`: no write-ahead log, in which erased keys would live on, and zeros over what is deleted.
pub const KEYS: Kind = Kind {
    scripts: &[
        include_str!("sql/keys_001.sql"),
        include_str!("sql/keys_002.sql"),
        include_str!("sql/keys_003.sql"),
        include_str!("sql/keys_004.sql"),
        include_str!("sql/keys_005.sql"),
    ],
    pragmas: "pragma journal_mode = truncate; pragma synchronous = full; pragma secure_delete = on; pragma temp_store = memory;",
};

/// `chunks/DAY.db` and `chunks/keep.db`: sealed bytes, appended.
pub const CHUNKS: Kind = Kind {
    scripts: &[
        include_str!("sql/chunks_001.sql"),
        include_str!("sql/chunks_002.sql"),
        include_str!("sql/chunks_003.sql"),
        include_str!("sql/chunks_004.sql"),
    ],
    pragmas: "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory;",
};

/// `assets.db`: sealed pictures and fonts that recordings share.
pub const ASSETS: Kind = Kind {
    scripts: &[include_str!("sql/assets_001.sql"), include_str!("sql/assets_002.sql")],
    pragmas: "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory;",
};

/// Open a file, made or brought up to date where needed.
pub fn open(path: &Path, kind: &Kind) -> Result<Connection> {
    check_version(path, kind)?;
    let db = Connection::open(path).map_err(|cause| cannot_open(path, cause))?;
    db.busy_timeout(BUSY_WAIT)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch(kind.pragmas).map_err(|cause| cannot_open(path, cause))?;
    // SQLite made a new file with a journal beside it, and deleted that. Where a power cut brought it back, it would undo the file.
    sync_dir(path)?;
    migrate(&db, kind)?;
    Ok(db)
}

/// Open an existing file for reading only.
pub fn open_reader(path: &Path) -> Result<Connection> {
    // Not SQLite's read-only mode: beside a write-ahead log that needs files which may not exist yet.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|cause| cannot_open(path, cause))?;
    db.busy_timeout(BUSY_WAIT)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch("pragma query_only = on; pragma temp_store = memory;")?;
    Ok(db)
}

/// Whether every file of a store is of a version that this program knows. Looks without touching.
pub fn check_store(place: &Place) -> Result<()> {
    check_version(&place.meta(), &META)?;
    check_version(&place.keys(), &KEYS)?;
    check_version(&place.assets(), &ASSETS)?;
    for shelf in place.shelves()? {
        check_version(&place.chunks(shelf), &CHUNKS)?;
    }
    Ok(())
}

/// Refuse a file of a newer program. Reads it as immutable, so that not even its log is touched.
fn check_version(path: &Path, kind: &Kind) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let found = version_in_header(path)?;
    let known = kind.scripts.len() as i64;
    if found > known {
        return Err(Error::Newer { file: path.display().to_string(), found, known });
    }
    Ok(())
}

/// `user_version` stands big-endian at byte 60 of a database file.
fn version_in_header(path: &Path) -> Result<i64> {
    use std::io::Read;
    let mut header = Vec::with_capacity(64);
    std::fs::File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut header))
        .map_err(|cause| Error::Failed(format!("{} cannot be read: {cause}.", path.display())))?;
    match header.get(60..64) {
        Some(bytes) => Ok(i64::from(i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))),
        None => Ok(0),
    }
}

/// Have it on disk which files there are beside this one.
fn sync_dir(path: &Path) -> Result<()> {
    let Some(dir) = path.parent() else { return Ok(()) };
    std::fs::File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|cause| Error::Failed(format!("{} cannot be synced: {cause}.", dir.display())))
}

fn migrate(db: &Connection, kind: &Kind) -> Result<()> {
    let known = kind.scripts.len() as i64;
    let version = |db: &Connection| db.query_row("pragma user_version", [], |row| row.get::<_, i64>(0));
    if version(db)? == known {
        return Ok(());
    }
    // Two processes may come here at once; the second finds the work done.
    db.execute_batch("begin immediate")?;
    let run = || -> Result<()> {
        let found = version(db)?;
        if found > known {
            return Err(Error::Newer { file: db.path().unwrap_or_default().to_owned(), found, known });
        }
        for script in &kind.scripts[found as usize..] {
            db.execute_batch(script)?;
        }
        db.pragma_update(None, "user_version", known)?;
        Ok(())
    };
    match run() {
        Ok(()) => Ok(db.execute_batch("commit")?),
        Err(error) => {
            let _ = db.execute_batch("rollback");
            Err(error)
        }
    }
}

fn cannot_open(path: &Path, cause: rusqlite::Error) -> Error {
    Error::Failed(format!("{} cannot be opened: {cause}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_made_and_opens_again() {
        let dir = tempfile::tempdir().unwrap();
        for (name, kind) in [("meta.db", META), ("keys.db", KEYS), ("day.db", CHUNKS), ("assets.db", ASSETS)] {
            let path = dir.path().join(name);
            drop(open(&path, &kind).unwrap());
            drop(open(&path, &kind).unwrap());
        }
    }

    #[test]
    fn a_newer_file_is_refused_and_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("meta.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("pragma user_version = 99; create table future (x)").unwrap();
        drop(db);
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open(&path, &META), Err(Error::Newer { found: 99, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no log beside it");
    }
}
