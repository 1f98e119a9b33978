//! Master keys: the one that seals from now on, and former ones that something may still be sealed under. They lie in one file, a line
//! each, the newest first.

use super::place::Place;
use crate::error::{Error, Result};
use crate::seal::{self, Key};
use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a master key is called where it is not to be read: the beginning of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    fn of(key: &Key) -> Self {
        let mut id = [0; 8];
        let named = Zeroizing::new([b"hushreel master key ".as_slice(), key.as_bytes()].concat());
        id.copy_from_slice(&seal::hash(&named)[..8]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The master keys of a store.
#[derive(Clone)]
pub struct Masters {
    keys: Vec<(KeyId, Key)>,
    file: PathBuf,
}

impl Masters {
    /// Read them; where the store is new and there is none, make one.
    pub fn read(place: &Place, store_is_new: bool) -> Result<Self> {
        let file = place.key_path();
        let keys = match std::fs::read(&file) {
            Ok(bytes) => parse(&Zeroizing::new(bytes)).ok_or_else(|| {
                Error::Key(format!("{} holds no master key: 64 hexadecimal digits on each line.", file.display()))
            })?,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound && store_is_new => {
                let key = Key::random()?;
                write(&file, std::slice::from_ref(&key))?;
                tracing::info!(
                    "made a master key: {}. Keep a copy apart from the backups: without it nothing recorded can be read.",
                    file.display()
                );
                vec![key]
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Key(format!(
                    "The store in {} has data, but its master key is not at {}. Put the key back, or name it with --key-file. \
                     A new key would open nothing, so none was made.",
                    place.dir().display(),
                    file.display()
                )));
            }
            Err(cause) => {
                return Err(Error::Key(format!("The master key {} cannot be read: {cause}.", file.display())));
            }
        };
        Ok(Self { keys: keys.into_iter().map(|key| (KeyId::of(&key), key)).collect(), file })
    }

    /// The same with a new key in front.
    pub fn rotated(&self) -> Result<Self> {
        let key = Key::random()?;
        let keys = [vec![(KeyId::of(&key), key)], self.keys.clone()].concat();
        Ok(Self { keys, file: self.file.clone() })
    }

    /// The same without those that nothing needs.
    pub fn without(&self, needed: impl Fn(KeyId) -> bool) -> Self {
        let keys = self.keys.iter().enumerate().filter(|(place, (id, _))| *place == 0 || needed(*id));
        Self { keys: keys.map(|(_, key)| key.clone()).collect(), file: self.file.clone() }
    }

    /// Put them into a file, in the place of what was there.
    pub fn write(&self, file: &Path) -> Result<()> {
        let keys: Vec<Key> = self.keys.iter().map(|(_, key)| key.clone()).collect();
        write(file, &keys)
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(|(id, _)| *id)
    }

    /// The key that seals from now on.
    pub fn current(&self) -> Result<(KeyId, &Key)> {
        self.keys.first().map(|(id, key)| (*id, key)).ok_or_else(|| Error::Key("There is no master key.".to_owned()))
    }

    pub fn wrap(&self, place: &[u8], key: &Key) -> Result<(KeyId, Vec<u8>)> {
        let (id, master) = self.current()?;
        Ok((id, master.wrap(place, key)?))
    }

    /// Open what was sealed under the key of this id; what was sealed before ids were kept, under whichever opens it.
    pub fn unwrap(&self, place: &[u8], id: Option<KeyId>, wrapped: &[u8]) -> Result<Key> {
        let of_id = |(known, _): &&(KeyId, Key)| id.is_none_or(|id| id == *known);
        match self.keys.iter().filter(of_id).find_map(|(_, key)| key.unwrap(place, wrapped).ok()) {
            Some(key) => Ok(key),
            None => Err(match id.filter(|id| self.ids().all(|known| known != *id)) {
                Some(id) => Error::KeyMissing { id: id.to_string(), file: self.file.display().to_string() },
                None => Error::internal("the seal", "a site's key does not open with any master key"),
            }),
        }
    }

    /// The id of the key under which this was sealed.
    pub fn opener(&self, place: &[u8], sealed: &[u8]) -> Option<KeyId> {
        self.keys.iter().find(|(_, key)| key.open(place, sealed).is_ok()).map(|(id, _)| *id)
    }
}

/// 32 bytes as they are, or a line of 64 digits for each key.
fn parse(bytes: &[u8]) -> Option<Vec<Key>> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Some(vec![Key::from_bytes(raw)]);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Option<Vec<Key>> = lines
        .map(|line| {
            let decoded = Zeroizing::new(data_encoding::HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok()?);
            Some(Key::from_bytes(<[u8; 32]>::try_from(decoded.as_slice()).ok()?))
        })
        .collect();
    keys.filter(|keys| !keys.is_empty())
}

/// Beside it first, then in its place: cut off at any moment, one of the two is whole.
fn write(file: &Path, keys: &[Key]) -> Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = file.with_file_name(name);
    let put = || {
        let _ = std::fs::remove_file(&beside);
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        for key in keys {
            let line = Zeroizing::new(data_encoding::HEXLOWER.encode(key.as_bytes()));
            writeln!(out, "{}", *line)?;
        }
        out.sync_all()?;
        std::fs::rename(&beside, file)?;
        match file.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => std::fs::File::open(dir)?.sync_all(),
            _ => Ok(()),
        }
    };
    put().map_err(|cause: std::io::Error| {
        Error::Key(format!("The master key {} cannot be written: {cause}.", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path) -> Place {
        Place::new(&dir.join("data"), None).unwrap()
    }

    #[test]
    fn what_was_sealed_under_a_former_key_opens_while_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let first = Masters::read(&place(dir.path()), true).unwrap();
        let inner = Key::random().unwrap();
        let (id, wrapped) = first.wrap(b"here", &inner).unwrap();
        let both = first.rotated().unwrap();
        both.write(both.file()).unwrap();
        let both = Masters::read(&place(dir.path()), false).unwrap();
        assert_eq!(both.ids().count(), 2);
        assert_ne!(both.current().unwrap().0, id);
        for known in [Some(id), None] {
            assert_eq!(both.unwrap(b"here", known, &wrapped).unwrap().as_bytes(), inner.as_bytes());
        }
        let one = both.without(|_| false);
        assert!(
            matches!(one.unwrap(b"here", Some(id), &wrapped), Err(Error::KeyMissing { id: told, .. }) if told == id.to_string())
        );
        assert_eq!(both.without(|needed| needed == id).ids().count(), 2);
    }

    #[test]
    fn a_key_file_is_raw_bytes_or_lines_of_digits_and_nothing_else() {
        assert_eq!(parse(&[7; 32]).unwrap().len(), 1);
        let line = "ab".repeat(32);
        assert_eq!(parse(format!("{line}\n\n{}\n", line.to_uppercase()).as_bytes()).unwrap().len(), 2);
        for wrong in ["", "\n", "abc", &line[1..], &format!("{line}\nand more")] {
            assert!(parse(wrong.as_bytes()).is_none(), "{wrong:?}");
        }
    }
}
