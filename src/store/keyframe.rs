//! Keyframes and marks of finished recordings, beside their chunks. Each row is compressed and sealed under its recording's key.

use super::pack::Opener;
use super::reader::Place;
use crate::error::{Error, Result};
use crate::finish::{AssetBatches, Finished, Frame, Marks};
use crate::mirror::Keyframe;
use crate::model::{PageId, RecordingId, Timestamp};
use crate::seal::{self, Base, Key};
use rusqlite::{Connection, OptionalExtension};

/// A keyframe never opens to more: a page's bounds and its nodes' numbers.
const KEYFRAME_BYTES_MAX: usize = 80 << 20;
const NOTES_BYTES_MAX: usize = 32 << 20;

/// A keyframe, sealed.
pub struct Sealed {
    at: Timestamp,
    place: Place,
    base: Place,
    bytes: Vec<u8>,
}

impl Sealed {
    pub fn new(key: &Key, id: RecordingId, frame: &Frame, base: &Base) -> Result<Self> {
        let bytes = base.pack(key, &name(id, frame.at), &frame.keyframe.to_bytes())?;
        let (page, seq) = base.place();
        let place = Place { page: frame.page, seq: frame.seq };
        Ok(Self { at: frame.at, place, base: Place { page, seq }, bytes })
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// When each keyframe of a recording is, and behind which batch; earliest first. None in a file that nobody wrote to since an older
/// program made it.
pub fn list(db: &Connection, id: RecordingId) -> Result<Vec<(Timestamp, Place)>> {
    let known = "select exists (select 1 from pragma_table_info('keyframe') where name = 'base_page')";
    if !db.prepare_cached(known)?.query_row([], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached("select at, page, seq from keyframe where recording = ?1 order by at")?;
    let rows = statement
        .query_map([id.0], |row| Ok((Timestamp(row.get(0)?), Place { page: PageId(row.get(1)?), seq: row.get(2)? })))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One keyframe; none where it is gone.
pub fn open(db: &Connection, opener: &mut Opener, id: RecordingId, at: Timestamp) -> Result<Option<Keyframe>> {
    let found = db
        .prepare_cached("select bytes, base_page, base_seq from keyframe where recording = ?1 and at = ?2")?
        .query_row((id.0, at.0), |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<[u8; 8]>>(1)?, row.get::<_, Option<u32>>(2)?))
        })
        .optional()?;
    let bytes = match found {
        None => return Ok(None),
        Some((sealed, Some(page), Some(seq))) => {
            opener.unpack(db, (PageId(page), seq), &name(id, at), &sealed, KEYFRAME_BYTES_MAX)?
        }
        Some((sealed, ..)) => seal::unpack(opener.key(), &name(id, at), &sealed, KEYFRAME_BYTES_MAX)?,
    };
    Keyframe::from_bytes(&bytes).map(Some).ok_or_else(|| Error::internal("reading a keyframe", "it is cut off"))
}

/// What stands beside the keyframes of a recording, sealed.
pub struct Notes {
    marks: Vec<u8>,
    assets: Vec<u8>,
}

impl Notes {
    pub fn bytes(&self) -> usize {
        self.marks.len() + self.assets.len()
    }

    pub fn new(key: &Key, id: RecordingId, finished: &Finished) -> Result<Self> {
        let marks = serde_json::to_vec(&finished.marks).map_err(|cause| Error::internal("writing marks", cause))?;
        Ok(Self {
            marks: seal::pack(key, &marks_name(id), &marks)?,
            assets: seal::pack(key, &assets_name(id), &write_assets(&finished.assets))?,
        })
    }
}

/// The marks of a recording; none where they were not made.
pub fn open_marks(db: &Connection, key: &Key, id: RecordingId) -> Result<Option<Marks>> {
    let sealed: Option<Vec<u8>> = db
        .prepare_cached("select marks from mark where recording = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let bytes = seal::unpack(key, &marks_name(id), &sealed, NOTES_BYTES_MAX)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|cause| Error::internal("reading marks", cause))
}

/// What the batches of each page say of pictures and fonts, as a batch of its own.
pub fn open_assets(db: &Connection, key: &Key, id: RecordingId) -> Result<Option<AssetBatches>> {
    let sealed: Option<Vec<u8>> = db
        .prepare_cached("select assets from mark where recording = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let bytes = seal::unpack(key, &assets_name(id), &sealed, NOTES_BYTES_MAX)?;
    read_assets(&bytes).map(Some).ok_or_else(|| Error::internal("reading what was said of assets", "it is cut off"))
}

/// Put these in the place of whatever was made before. The caller's transaction.
pub fn replace(db: &Connection, id: RecordingId, frames: &[Sealed], notes: &Notes) -> Result<()> {
    delete(db, id)?;
    for Sealed { at, place, base, bytes } in frames {
        db.prepare_cached(
            "insert into keyframe (recording, at, page, seq, bytes, base_page, base_seq) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((id.0, at.0, place.page.0, place.seq, bytes, base.page.0, base.seq))?;
    }
    db.prepare_cached("insert into mark (recording, marks, assets) values (?1, ?2, ?3)")?.execute((
        id.0,
        &notes.marks,
        &notes.assets,
    ))?;
    Ok(())
}

/// Forget what was made of a recording; its batches stay.
pub fn delete(db: &Connection, id: RecordingId) -> Result<()> {
    db.prepare_cached("delete from keyframe where recording = ?1")?.execute([id.0])?;
    db.prepare_cached("delete from mark where recording = ?1")?.execute([id.0])?;
    Ok(())
}

fn name(id: RecordingId, at: Timestamp) -> Vec<u8> {
    [b"keyframe ".as_slice(), &id.0, &at.0.to_le_bytes()].concat()
}

fn marks_name(id: RecordingId) -> Vec<u8> {
    [b"marks ".as_slice(), &id.0].concat()
}

fn assets_name(id: RecordingId) -> Vec<u8> {
    [b"assets ".as_slice(), &id.0].concat()
}

/// One page after the other: its id, the length of its batch, the batch.
fn write_assets(pages: &[(PageId, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (page, body) in pages {
        out.extend(page.0);
        out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(body);
    }
    out
}

fn read_assets(mut rest: &[u8]) -> Option<AssetBatches> {
    let mut pages = Vec::new();
    while !rest.is_empty() {
        let (page, behind) = rest.split_first_chunk::<8>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let (body, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        pages.push((PageId(*page), body.to_vec()));
        rest = behind;
    }
    Some(pages)
}
