//! What a set says of itself: `backup.json`.

use super::super::Shelf;
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

pub const NAME: &str = "backup.json";
/// Of what this program writes; it reads every one up to it.
const VERSION: u32 = 1;
/// A manifest lists a file a day.
const BYTES_MAX: u64 = 16 << 20;

/// Names a store: 16 random bytes, as hexadecimal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreName(pub [u8; 16]);

/// A file of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Meta,
    Assets,
    Chunks(Shelf),
}

/// A file, as it was copied.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Copied {
    #[serde(rename = "name")]
    pub part: Part,
    pub bytes: u64,
    pub sha256: String,
    /// Of the store's own file, where no write waited in its log: bytes and modification time in nanoseconds.
    pub source: Option<(u64, u128)>,
}

/// What a set holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub sites: u64,
    pub recordings: u64,
    pub chunks: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    pub version: u32,
    pub store: StoreName,
    pub made_at: i64,
    /// By this version of the program.
    pub made_by: String,
    pub finished: bool,
    pub counts: Counts,
    pub files: Vec<Copied>,
}

impl Manifest {
    pub fn new(store: StoreName, made_at: i64) -> Self {
        Self {
            version: VERSION,
            store,
            made_at,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            finished: false,
            counts: Counts::default(),
            files: Vec::new(),
        }
    }

    pub fn find(&self, part: Part) -> Option<&Copied> {
        self.files.iter().find(|copied| copied.part == part)
    }

    /// Put a file's entry in the place of the one before.
    pub fn put(&mut self, copied: Copied) {
        self.files.retain(|other| other.part != copied.part);
        self.files.push(copied);
    }

    /// Read the one in this set, of this program's version or an older one.
    pub fn read(set: &Path) -> Result<Self> {
        let path = set.join(NAME);
        let mut text = String::new();
        let read = std::fs::File::open(&path).and_then(|file| file.take(BYTES_MAX).read_to_string(&mut text));
        read.map_err(|cause| Error::Failed(format!("{} is no backup: {cause}.", path.display())))?;
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let wrong =
            |cause: serde_json::Error| Error::Failed(format!("{} is no backup of ours: {cause}.", path.display()));
        let Head { version } = serde_json::from_str(&text).map_err(wrong)?;
        if version > VERSION {
            let file = path.display().to_string();
            return Err(Error::Newer { file, found: version.into(), known: VERSION.into() });
        }
        serde_json::from_str(&text).map_err(wrong)
    }

    /// Write it, whole or not at all.
    pub fn write(&self, set: &Path) -> Result<()> {
        let (path, new) = (set.join(NAME), set.join("backup.json.part"));
        let text = serde_json::to_vec_pretty(self).map_err(|cause| Error::internal("writing a manifest", cause))?;
        let write = || {
            std::fs::write(&new, text)?;
            std::fs::File::open(&new)?.sync_all()?;
            std::fs::rename(&new, &path)
        };
        write().map_err(|cause| super::unreachable(&path, &cause))?;
        super::sync_dir(set)
    }
}

impl Copied {
    /// Whether the file in this directory is as it was copied.
    pub fn matches(&self, set: &Path) -> Result<bool> {
        let path = self.part.path(set);
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == self.bytes);
        Ok(is_file && hash_of(&path)? == self.sha256)
    }
}

impl Part {
    pub fn path(self, dir: &Path) -> PathBuf {
        dir.join(self.to_string())
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub fn hash_of(path: &Path) -> Result<String> {
    let failed = |cause: std::io::Error| super::unreachable(path, &cause);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece).map_err(failed)? {
            0 => return Ok(data_encoding::HEXLOWER.encode(digest.finish().as_ref())),
            read => digest.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meta => f.write_str("meta.db"),
            Self::Assets => f.write_str("assets.db"),
            Self::Chunks(shelf) => write!(f, "chunks/{shelf}.db"),
        }
    }
}

impl std::str::FromStr for Part {
    type Err = String;

    /// Nothing but a name that a store has: a path that leads elsewhere is none.
    fn from_str(text: &str) -> Result<Self, String> {
        let shelf = || text.strip_prefix("chunks/")?.strip_suffix(".db")?.parse().ok();
        match text {
            "meta.db" => Ok(Self::Meta),
            "assets.db" => Ok(Self::Assets),
            _ => shelf()
                .map(Self::Chunks)
                .filter(|part| part.to_string() == text)
                .ok_or_else(|| format!("{text:?} is no file of a store")),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl Serialize for StoreName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StoreName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a store's name is 32 hexadecimal digits"))
    }
}
