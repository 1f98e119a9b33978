//! Pictures and fonts: once a site for those that many visits show, else once a recording, sealed under its key. Named by a
//! digest that only this store can make, so that nothing here tells which picture it was.

use super::place::Place;
use super::shelf::Shelf;
use super::{Books, Keyring, Readable, State, migrate, recording};
use crate::error::{Error, Result};
use crate::model::{AssetHash, RecordingId, Timestamp};
use crate::seal::Key;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension};

/// So many visits must have shown the same picture before it counts as the site's rather than a visitor's.
const VISITS_TO_SHARE: u32 = 5;
/// Assets of one recording: many pages of pictures, but no store of a stranger's own.
const RECORDING_ASSETS_MAX: u32 = 1_000;
/// Bytes that one recording may bring: a page's budget in the recorder, several times.
const RECORDING_BYTES_MAX: u64 = 16 << 20;
/// Bytes of one site, so that no site fills the disk of the others.
const SITE_BYTES_MAX: u64 = 1 << 30;
/// Bytes of all sites.
const TOTAL_BYTES_MAX: u64 = 8 << 30;
/// An asset that no recording shows is kept this long: its recording may be on its way.
const UNUSED_MS: i64 = Timestamp::DAY_MS;
/// Rows deleted in one go.
const SLICE: u32 = 500;

/// What an asset is called in the store: its hash, digested under the site's asset key.
pub type Name = [u8; 16];

pub fn name(site: &Key, hash: AssetHash) -> Name {
    site.digest(&hash.0)
}

/// What the bytes are, by their own beginning. The numbers stand in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Png = 1,
    Jpeg = 2,
    Webp = 3,
    Gif = 4,
    Avif = 5,
    Woff2 = 6,
    Woff = 7,
    Ttf = 8,
    Otf = 9,
}

impl Kind {
    const ALL: [Self; 9] =
        [Self::Png, Self::Jpeg, Self::Webp, Self::Gif, Self::Avif, Self::Woff2, Self::Woff, Self::Ttf, Self::Otf];

    /// By magic bytes alone: what a stranger calls his file counts for nothing.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, magic: &[u8]| bytes.get(from..from + magic.len()) == Some(magic);
        Some(match bytes {
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Self::Webp,
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Self::Gif,
            _ if at(4, b"ftypavif") || at(4, b"ftypavis") => Self::Avif,
            _ if at(0, b"wOF2") => Self::Woff2,
            _ if at(0, b"wOFF") => Self::Woff,
            _ if at(0, b"\0\x01\0\0") || at(0, b"true") => Self::Ttf,
            _ if at(0, b"OTTO") => Self::Otf,
            _ => return None,
        })
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Woff2 => "font/woff2",
            Self::Woff => "font/woff",
            Self::Ttf => "font/ttf",
            Self::Otf => "font/otf",
        }
    }

    /// A font is part of the site's design; a picture may be the visitor's own.
    fn is_font(self) -> bool {
        match self {
            Self::Woff2 | Self::Woff | Self::Ttf | Self::Otf => true,
            Self::Png | Self::Jpeg | Self::Webp | Self::Gif | Self::Avif => false,
        }
    }

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == code)
    }
}

/// Seal a recording's own pictures under another key.
pub fn reseal_own(chunks: &Connection, recording: RecordingId, old: &Key, next: &Key) -> Result<()> {
    let own = {
        let mut statement = chunks.prepare_cached("select name, bytes from asset where recording = ?1")?;
        let rows = statement.query_map([recording.0], |row| Ok((row.get::<_, Name>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for (name, sealed) in own {
        let place = own_place(recording, &name);
        let sealed = next.seal(&place, old.open(&place, &sealed)?)?;
        chunks.prepare_cached("update asset set bytes = ?3 where recording = ?1 and name = ?2")?.execute((
            recording.0,
            name,
            sealed,
        ))?;
    }
    Ok(())
}

/// The browser that asks for its recording.
#[derive(Debug, Clone)]
pub struct Asker {
    pub site_id: i64,
    pub recording: RecordingId,
    pub secret_hash: Vec<u8>,
    pub at: Timestamp,
}

/// What the store has of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The asker must bring it. Whether other recordings show it, he is not told.
    No,
    Shared,
    /// This recording has it already.
    Used,
}

/// An asset that came in.
pub struct Fresh {
    pub name: Name,
    pub kind: Kind,
    pub bytes: Bytes,
    /// It counts as one more visit that showed it.
    pub counts: bool,
    pub site_key: Key,
    pub recording_key: Key,
}

/// Where this live recording lies; an error for whoever has no part in it.
fn check(db: &Connection, asker: &Asker) -> Result<Shelf> {
    let bound = recording::bound(db, asker.recording)?.ok_or(Error::NotFound)?;
    if bound.state == State::Erased {
        return Err(Error::Gone);
    }
    if bound.site_id != asker.site_id || bound.secret_hash.as_ref() != Some(&asker.secret_hash) {
        return Err(Error::SecretRefused);
    }
    let live = asker.at.0 - bound.last_batch_at.0 < recording::IDLE_MS;
    match bound.state {
        State::Open | State::Finished if live && !bound.restricted => Ok(bound.shelf()),
        State::Open | State::Finished | State::Refused | State::Erased => Err(Error::Gone),
    }
}

struct Row {
    id: i64,
    shared: bool,
    visits: u32,
    used: bool,
}

fn find(db: &Connection, asker: &Asker, name: &Name) -> Result<Option<Row>> {
    Ok(db
        .prepare_cached(
            "select id, shared, visits, exists (select 1 from asset_use where recording = ?3 and asset = asset.id)
             from asset where site_id = ?1 and name = ?2",
        )?
        .query_row((asker.site_id, name, asker.recording.0), |row| {
            Ok(Row { id: row.get(0)?, shared: row.get(1)?, visits: row.get(2)?, used: row.get(3)? })
        })
        .optional()?)
}

/// What the store has of these, for this asker.
pub fn held(db: &Connection, asker: &Asker, names: &[Name]) -> Result<Vec<Held>> {
    check(db, asker)?;
    let of = |name: &Name| {
        Ok(match find(db, asker, name)? {
            Some(row) if row.used => Held::Used,
            Some(row) if row.shared => Held::Shared,
            Some(_) | None => Held::No,
        })
    };
    names.iter().map(of).collect()
}

/// Note that this recording shows these shared assets.
pub fn add_uses(books: &Books, asker: &Asker, names: &[Name]) -> Result<()> {
    check(&books.meta, asker)?;
    for name in names {
        if let Some(row) = find(&books.meta, asker, name)?.filter(|row| row.shared && !row.used) {
            check_room(&books.meta, asker, 0)?;
            add_use(&books.meta, asker.recording, row.id, 0)?;
        }
    }
    Ok(())
}

/// Keep an asset for this recording; shared once enough visits have shown it.
pub fn keep(books: &mut Books, asker: &Asker, fresh: &Fresh) -> Result<()> {
    let shelf = check(&books.meta, asker)?;
    let bytes = fresh.bytes.len() as u64;
    let row = match find(&books.meta, asker, &fresh.name)? {
        Some(row) if row.used => return Ok(()),
        Some(row) => row,
        None => {
            check_room(&books.meta, asker, bytes)?;
            let id = insert(&books.meta, asker.site_id, &fresh.name, fresh.kind, bytes, asker.at)?;
            Row { id, shared: false, visits: 0, used: false }
        }
    };
    check_room(&books.meta, asker, bytes)?;
    let visits = row.visits + u32::from(fresh.counts);
    let share = row.shared || fresh.kind.is_font() || visits >= VISITS_TO_SHARE;
    if share {
        share_bytes(&books.assets, asker.site_id, &fresh.name, &fresh.site_key, &fresh.bytes)?;
    } else {
        let sealed = fresh.recording_key.seal(&own_place(asker.recording, &fresh.name), fresh.bytes.to_vec())?;
        books
            .chunks(shelf)?
            .prepare_cached("insert into asset (recording, name, bytes) values (?1, ?2, ?3) on conflict do nothing")?
            .execute((asker.recording.0, fresh.name, sealed))?;
    }
    books
        .meta
        .prepare_cached("update asset set visits = ?2, shared = ?3 where id = ?1")?
        .execute((row.id, visits, share))?;
    add_use(&books.meta, asker.recording, row.id, bytes)?;
    if !row.shared { add_to_total(&books.meta, asker.site_id, bytes) } else { Ok(()) }
}

/// Keep a file that the operator handed in, for whatever of this path could not be read.
pub fn import(books: &Books, site_id: i64, key: &Key, path: &str, bytes: &[u8], now: Timestamp) -> Result<Kind> {
    let kind = Kind::of(bytes).ok_or_else(|| Error::Failed(format!("{path} is no picture or font.")))?;
    let hash = AssetHash::of(bytes);
    let name = name(key, hash);
    let known: Option<i64> = books
        .meta
        .query_row("select id from asset where site_id = ?1 and name = ?2", (site_id, name), |row| row.get(0))
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => {
            let id = insert(&books.meta, site_id, &name, kind, bytes.len() as u64, now)?;
            add_to_total(&books.meta, site_id, bytes.len() as u64)?;
            id
        }
    };
    share_bytes(&books.assets, site_id, &name, key, bytes)?;
    books.meta.execute("update asset set shared = 1, imported = 1 where id = ?1", [id])?;
    books.meta.execute(
        "insert or replace into asset_path (site_id, path, hash) values (?1, ?2, ?3)",
        (site_id, path, hash.0),
    )?;
    Ok(kind)
}

fn insert(db: &Connection, site_id: i64, name: &Name, kind: Kind, bytes: u64, now: Timestamp) -> Result<i64> {
    db.prepare_cached(
        "insert into asset (site_id, name, kind, bytes, shared, first_at) values (?1, ?2, ?3, ?4, 0, ?5)",
    )?
    .execute((site_id, name, kind as i64, bytes, now.0))?;
    Ok(db.last_insert_rowid())
}

fn share_bytes(db: &Connection, site_id: i64, name: &Name, key: &Key, bytes: &[u8]) -> Result<()> {
    let sealed = key.seal(&shared_place(name), bytes.to_vec())?;
    db.prepare_cached("insert into asset (site_id, name, bytes) values (?1, ?2, ?3) on conflict do nothing")?
        .execute((site_id, name, sealed))?;
    Ok(())
}

fn add_use(db: &Connection, recording: RecordingId, asset: i64, brought: u64) -> Result<()> {
    db.prepare_cached("insert into asset_use (recording, asset, brought) values (?1, ?2, ?3) on conflict do nothing")?
        .execute((recording.0, asset, brought))?;
    Ok(())
}

fn add_to_total(db: &Connection, site_id: i64, bytes: u64) -> Result<()> {
    db.prepare_cached(
        "insert into asset_total (site_id, bytes) values (?1, ?2) on conflict do update set bytes = bytes + excluded.bytes",
    )?
    .execute((site_id, bytes))?;
    Ok(())
}

/// Whether a recording may use one more asset and bring this many bytes.
fn check_room(db: &Connection, asker: &Asker, bytes: u64) -> Result<()> {
    let full = |rule: &str| Err(Error::Refused { rule: rule.to_owned() });
    let (uses, brought): (u32, u64) = db
        .prepare_cached("select count(*), coalesce(sum(brought), 0) from asset_use where recording = ?1")?
        .query_row([asker.recording.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if uses >= RECORDING_ASSETS_MAX || brought + bytes > RECORDING_BYTES_MAX {
        return full("asset-recording");
    }
    if bytes == 0 {
        return Ok(());
    }
    let (site, total): (u64, u64) = db
        .prepare_cached(
            "select coalesce(sum(bytes) filter (where site_id = ?1), 0), coalesce(sum(bytes), 0) from asset_total",
        )?
        .query_row([asker.site_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if site + bytes > SITE_BYTES_MAX {
        return full("asset-site");
    }
    if total + bytes > TOTAL_BYTES_MAX { full("asset-total") } else { Ok(()) }
}

/// What a recording shows, by name.
pub fn used(db: &Connection, recording: RecordingId) -> Result<Vec<(Name, Kind, u64)>> {
    let mut statement = db.prepare_cached(
        "select a.name, a.kind, a.bytes from asset_use u join asset a on a.id = u.asset where u.recording = ?1",
    )?;
    let rows = statement.query_map([recording.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows.into_iter().filter_map(|(name, kind, bytes)| Some((name, Kind::from_code(kind)?, bytes))).collect())
}

/// The files that an operator handed in for a site: path, hash, kind and length.
pub fn imported(db: &Connection, site_id: i64, key: &Key) -> Result<Vec<(String, AssetHash, Kind, u64)>> {
    let mut statement = db.prepare_cached("select path, hash from asset_path where site_id = ?1 order by path")?;
    let rows = statement.query_map([site_id], |row| Ok((row.get::<_, String>(0)?, AssetHash(row.get(1)?))))?;
    let mut found = Vec::new();
    for row in rows {
        let (path, hash) = row?;
        let of: Option<(i64, u64)> = db
            .prepare_cached("select kind, bytes from asset where site_id = ?1 and name = ?2")?
            .query_row((site_id, name(key, hash)), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((kind, bytes)) = of
            && let Some(kind) = Kind::from_code(kind)
        {
            found.push((path, hash, kind, bytes));
        }
    }
    Ok(found)
}

/// An opened asset.
#[derive(Debug)]
pub struct Opened {
    pub kind: Kind,
    /// It stays when the recording is erased.
    pub shared: bool,
    pub bytes: Vec<u8>,
}

/// An asset of a recording, or one that was handed in for its site.
pub fn open(
    db: &Connection,
    keyring: &Keyring,
    place: &Place,
    readable: Readable,
    hash: AssetHash,
) -> Result<Option<Opened>> {
    let recording = readable.id();
    let Some(bound) = recording::bound(db, recording)?.filter(|bound| bound.state != State::Erased) else {
        return Ok(None);
    };
    let (Some(site_key), Some(recording_key)) = (keyring.find_asset_key(bound.site_id)?, keyring.find(recording)?)
    else {
        return Ok(None);
    };
    let name = name(&site_key, hash);
    let row: Option<(i64, bool)> = db
        .prepare_cached(
            "select kind, shared from asset where site_id = ?1 and name = ?2
             and (imported or exists (select 1 from asset_use where recording = ?3 and asset = asset.id))",
        )?
        .query_row((bound.site_id, name, recording.0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((kind, shared)) = row else { return Ok(None) };
    let path = if shared { place.assets() } else { place.chunks(bound.shelf()) };
    if !path.exists() {
        return Ok(None);
    }
    let file = migrate::open_reader(&path)?;
    let sealed: Option<Vec<u8>> = if shared {
        file.query_row("select bytes from asset where site_id = ?1 and name = ?2", (bound.site_id, name), |row| {
            row.get(0)
        })
    } else {
        file.query_row("select bytes from asset where recording = ?1 and name = ?2", (recording.0, name), |row| {
            row.get(0)
        })
    }
    .optional()?;
    let (Some(sealed), Some(kind)) = (sealed, Kind::from_code(kind)) else { return Ok(None) };
    let bytes = if shared {
        site_key.open(&shared_place(&name), &sealed)?
    } else {
        recording_key.key.open(&own_place(recording, &name), &sealed)?
    };
    Ok(Some(Opened { kind, shared, bytes }))
}

/// Delete shared assets that no recording shows any more and nobody handed in, and count each site's bytes anew.
/// True while some are left.
pub fn sweep(books: &Books, now: Timestamp) -> Result<bool> {
    let unused = {
        let mut statement = books.meta.prepare_cached(
            "select id, site_id, name from asset
             where not imported and first_at < ?1 and not exists (select 1 from asset_use where asset = asset.id) limit ?2",
        )?;
        let rows = statement.query_map((now.0 - UNUSED_MS, SLICE), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Name>(2)?))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for (id, site_id, name) in &unused {
        books.assets.execute("delete from asset where site_id = ?1 and name = ?2", (site_id, name))?;
        books.meta.execute("delete from asset where id = ?1", [id])?;
    }
    books.meta.execute("delete from asset_total", [])?;
    books.meta.execute(
        "insert into asset_total (site_id, bytes)
         select site_id, sum(iif(shared, bytes, (select coalesce(sum(brought), 0) from asset_use where asset = asset.id)))
         from asset group by site_id",
        [],
    )?;
    Ok(unused.len() == SLICE as usize)
}

/// Delete shared bytes of which metadata knows nothing: a crash came between the two, or their site is gone.
pub fn sweep_orphans(books: &Books) -> Result<()> {
    let mut statement = books.assets.prepare("select rowid, site_id, name from asset")?;
    let mut rows = statement.query([])?;
    let mut orphans = Vec::new();
    while let Some(row) = rows.next()? {
        let known: bool = books
            .meta
            .prepare_cached("select exists (select 1 from asset where site_id = ?1 and name = ?2 and shared)")?
            .query_row((row.get::<_, i64>(1)?, row.get::<_, Name>(2)?), |row| row.get(0))?;
        if !known && orphans.len() < SLICE as usize {
            orphans.push(row.get::<_, i64>(0)?);
        }
    }
    for orphan in orphans {
        books.assets.execute("delete from asset where rowid = ?1", [orphan])?;
    }
    Ok(())
}

fn own_place(recording: RecordingId, name: &Name) -> Vec<u8> {
    [b"asset ".as_slice(), &recording.0, name].concat()
}

fn shared_place(name: &Name) -> Vec<u8> {
    [b"shared asset ".as_slice(), name].concat()
}

#[cfg(test)]
#[path = "asset_tests.rs"]
mod tests;
