//! The data directory: what lies where in it, whose it is, and where the master key is.

use super::shelf::Shelf;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The paths of one data directory.
#[derive(Debug, Clone)]
pub struct Place {
    dir: PathBuf,
    key_file: Option<PathBuf>,
}

/// Held while a server runs; no second process writes chunks beside it.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Place {
    /// The directory is made where it is missing, readable by its owner alone.
    pub fn new(dir: &Path, key_file: Option<&Path>) -> Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|cause| Error::Failed(format!("The data directory {} cannot be made: {cause}.", dir.display())))?;
        let dir = dir
            .canonicalize()
            .map_err(|cause| Error::Failed(format!("The data directory {} cannot be read: {cause}.", dir.display())))?;
        Ok(Self { dir, key_file: key_file.map(Path::to_owned) })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn meta(&self) -> PathBuf {
        self.dir.join("meta.db")
    }

    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys.db")
    }

    pub fn assets(&self) -> PathBuf {
        self.dir.join("assets.db")
    }

    pub fn chunks(&self, shelf: Shelf) -> PathBuf {
        self.dir.join("chunks").join(format!("{shelf}.db"))
    }

    /// The chunk files that exist: days, earliest first, then what is kept past its day.
    pub fn shelves(&self) -> Result<Vec<Shelf>> {
        let entries = match std::fs::read_dir(self.dir.join("chunks")) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(Error::internal("listing chunk files", cause)),
        };
        let mut shelves: Vec<Shelf> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".db")?.parse().ok())
            .collect();
        shelves.sort_unstable();
        Ok(shelves)
    }

    pub fn make_chunk_dir(&self) -> Result<()> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.dir.join("chunks"))
            .map_err(|cause| Error::internal("making the folder for chunks", cause))
    }

    /// Take the directory for this process, or say which process holds it.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|cause| Error::Failed(format!("{} cannot be opened: {cause}.", path.display())))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                return Err(Error::Locked { dir: self.dir.display().to_string(), pid: pid.trim().to_owned() });
            }
            Err(TryLockError::Error(cause)) => return Err(Error::internal("locking the data directory", cause)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(|cause| Error::internal("writing the lock", cause))?;
        Ok(Lock { _file: file })
    }

    /// Where the master key is: as told, else a systemd credential, else beside the data directory.
    pub fn key_path(&self) -> PathBuf {
        if let Some(path) = &self.key_file {
            return path.clone();
        }
        if let Some(dir) = std::env::var_os("CREDENTIALS_DIRECTORY") {
            let path = PathBuf::from(dir).join("master.key");
            if path.exists() {
                return path;
            }
        }
        let mut name = self.dir.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        self.dir.with_file_name(name)
    }
}
