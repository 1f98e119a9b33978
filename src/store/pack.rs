//! How the batches of a recording lie in its chunks: each in one of its own while it is recorded, in runs once it is finished. Its first
//! run is compressed against the dictionary of its site, the first run of each other page against that, and what else is of a page, its
//! keyframes too, against the page's first: what is read from anywhere needs no more than those.

use super::dictionary::{Dictionaries, Dictionary};
use super::keys::RecordingKey;
use super::{Keyring, chunk};
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId};
use crate::seal::{self, Against, Base, Batch, ChunkHeader, Key, Needs, OpenBase, Sealed, Under};
use rusqlite::Connection;
use std::borrow::Cow;
use std::path::Path;

/// A run is read as a whole, to whatever of it is wanted.
const RUN_BYTES: usize = 512 << 10;
/// Runs of one recording; a longer one stays in the chunks that it came in.
const BYTES_MAX: usize = 128 << 20;

/// Opens the chunks of one recording.
pub struct Opener {
    key: Key,
    recording: RecordingId,
    dictionaries: Dictionaries,
    /// The runs that others were compressed against, opened: the recording's first, and that of a page.
    bases: Vec<(Place, OpenBase)>,
}

/// The batch that a run begins with.
type Place = (PageId, u32);

/// Bases in memory at once.
const BASES_MAX: usize = 2;

impl Opener {
    /// `assets` is the file that holds the dictionary of its site.
    pub fn new(assets: &Path, keyring: &Keyring, key: &RecordingKey, recording: RecordingId) -> Result<Self> {
        let dictionaries = Dictionaries::new(assets, keyring, key.site_id())?;
        Ok(Self { key: key.key.clone(), recording, dictionaries, bases: Vec::new() })
    }

    /// The batches of a chunk out of this file.
    pub fn open(&mut self, db: &Connection, bytes: &[u8]) -> Result<Vec<Batch>> {
        let sealed = Sealed::parse(bytes)?;
        match sealed.needs() {
            Needs::Nothing => sealed.open(&self.key, &Under::Dictionary(&[])),
            Needs::Dictionary(number) => sealed.open(&self.key, &Under::Dictionary(&self.dictionaries.find(number)?)),
            Needs::Base { page, seq } => {
                self.load(db, (page, seq), 0)?;
                sealed.open(&self.key, &Under::Base(self.base((page, seq))?))
            }
        }
    }

    /// What was packed against the run that begins with this batch.
    pub fn unpack(
        &mut self,
        db: &Connection,
        base: Place,
        place: &[u8],
        sealed: &[u8],
        bytes_max: usize,
    ) -> Result<Vec<u8>> {
        self.load(db, base, 0)?;
        self.base(base)?.unpack(&self.key, place, sealed, bytes_max)
    }

    /// Whether a chunk cannot be opened with any key: its own bytes have changed on disk, or those of a run that it was compressed against.
    pub fn is_lost(&self, db: &Connection, bytes: &[u8]) -> Result<bool> {
        let mut bytes = Cow::Borrowed(bytes);
        for _ in 0..=BASES_MAX {
            let Ok(sealed) = Sealed::parse(&bytes) else { return Ok(true) };
            let Needs::Base { page, seq } = sealed.needs() else { return Ok(false) };
            match chunk::beginning_with(db, self.recording, page, seq)? {
                Some(base) => bytes = Cow::Owned(base),
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The dictionary for what is packed from now on.
    pub fn current(&mut self) -> Result<Option<Dictionary>> {
        self.dictionaries.current()
    }

    /// Have a base at hand, and first what that was compressed against.
    fn load(&mut self, db: &Connection, place: Place, depth: usize) -> Result<()> {
        if self.bases.iter().any(|(at, _)| *at == place) {
            return Ok(());
        }
        if depth >= BASES_MAX {
            return Err(no_base());
        }
        let bytes = chunk::beginning_with(db, self.recording, place.0, place.1)?.ok_or_else(no_base)?;
        let sealed = Sealed::parse(&bytes)?;
        let base = match sealed.needs() {
            Needs::Nothing => sealed.as_base(&self.key, &Under::Dictionary(&[]))?,
            Needs::Dictionary(number) => {
                sealed.as_base(&self.key, &Under::Dictionary(&self.dictionaries.find(number)?))?
            }
            Needs::Base { page, seq } => {
                self.load(db, (page, seq), depth + 1)?;
                sealed.as_base(&self.key, &Under::Base(self.base((page, seq))?))?
            }
        };
        // The recording's first stays, a page's goes with the page.
        self.bases.truncate(BASES_MAX - 1);
        self.bases.push((place, base));
        Ok(())
    }

    fn base(&self, place: Place) -> Result<&OpenBase> {
        self.bases.iter().find(|(at, _)| *at == place).map(|(_, base)| base).ok_or_else(no_base)
    }
}

fn no_base() -> Error {
    Error::internal("reading a chunk", "what it was compressed against is missing")
}

/// A run on its way to disk.
pub struct Run {
    pub page: PageId,
    pub seq: u32,
    /// Of each batch its number and digest, by which a repeated one is known.
    pub digests: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// Packs the batches of one recording, in their order.
pub struct Packer {
    key: Key,
    dictionary: Option<Dictionary>,
    /// Of the recording, and of the page that is being packed.
    first: First,
    page_first: First,
    page: Option<PageId>,
    waiting: Vec<Batch>,
    digests: Vec<u8>,
    waiting_bytes: usize,
    runs: Vec<Run>,
    bytes: usize,
}

/// A run that others are packed against, prepared once one of them comes.
#[derive(Default)]
struct First {
    batches: Vec<Batch>,
    base: Option<Base>,
}

impl First {
    fn prepare(&mut self, dictionary: &[u8]) -> Option<&Base> {
        if self.base.is_none() {
            self.base = Base::new(&self.batches, dictionary);
        }
        self.base.as_ref()
    }
}

impl Packer {
    pub fn new(key: Key, dictionary: Option<Dictionary>) -> Self {
        Self {
            key,
            dictionary,
            first: First::default(),
            page_first: First::default(),
            page: None,
            waiting: Vec::new(),
            digests: Vec::new(),
            waiting_bytes: 0,
            runs: Vec::new(),
            bytes: 0,
        }
    }

    pub fn add(&mut self, batch: Batch, digest: chunk::Digest) -> Result<()> {
        let page = batch.header.page;
        if self.page != Some(page) {
            self.cut()?;
            self.page = Some(page);
            self.page_first = First::default();
        } else if self.waiting_bytes + batch.body.len() > RUN_BYTES {
            self.cut()?;
        }
        chunk::list_digest(&mut self.digests, batch.header.seq, digest);
        self.waiting_bytes += batch.body.len();
        self.waiting.push(batch);
        Ok(())
    }

    /// End the run: what follows is read without it.
    pub fn cut(&mut self) -> Result<()> {
        let batches = std::mem::take(&mut self.waiting);
        let digests = std::mem::take(&mut self.digests);
        self.waiting_bytes = 0;
        let Some(ChunkHeader { page, seq, .. }) = batches.first().map(|batch| batch.header.clone()) else {
            return Ok(());
        };
        let (key, dictionary) = (self.key.clone(), self.dictionary.clone());
        let against = match (self.base(), &dictionary) {
            (Some(base), _) => Against::Base(base),
            (None, Some(Dictionary { number, bytes })) => Against::Dictionary { number: *number, bytes },
            (None, None) => Against::Nothing,
        };
        let bytes = seal::run(&key, &batches, &against)?;
        if self.runs.is_empty() {
            self.first.batches = batches;
        } else if self.page_first.batches.is_empty() && self.page != self.first_page() {
            self.page_first.batches = batches;
        }
        self.bytes += bytes.len();
        if self.bytes <= BYTES_MAX {
            self.runs.push(Run { page, seq, digests, bytes });
        }
        Ok(())
    }

    /// What the next run and what is packed beside it are compressed against, where that is a run.
    pub fn base(&mut self) -> Option<&Base> {
        if !self.page_first.batches.is_empty() {
            return self.page_first.prepare(&[]);
        }
        self.first.prepare(self.dictionary.as_ref().map_or(&[], |dictionary| &dictionary.bytes))
    }

    /// The runs, and the dictionary that they need; none where they are too many.
    pub fn finish(mut self) -> Result<Option<(Vec<Run>, Option<u32>)>> {
        self.cut()?;
        let number = self.dictionary.map(|dictionary| dictionary.number);
        Ok((self.bytes <= BYTES_MAX).then_some((self.runs, number)))
    }

    fn first_page(&self) -> Option<PageId> {
        self.first.batches.first().map(|batch| batch.header.page)
    }
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
