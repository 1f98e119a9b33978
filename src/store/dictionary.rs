//! The dictionary of a site: style sheets, names and shapes of its pages, each told by several recordings alike, against which its finished
//! recordings are compressed. It holds nobody's words (`finish/parts.rs`), so that erasing a recording leaves nothing of it here.

use super::place::Place;
use super::{Books, Keyring, migrate};
use crate::error::{Error, Result};
use crate::finish::Part;
use crate::model::Timestamp;
use crate::seal::{self, Key};
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many recordings must have told a part before it counts as the site's.
const RECORDINGS_TO_SHARE: u32 = 5;
/// Parts that are remembered of one site, and bytes of those that are shared.
const PARTS_MAX: u32 = 5_000;
const PART_BYTES_MAX: u64 = 8 << 20;
/// A dictionary is held in memory while it is used.
const BYTES_MAX: usize = 1 << 20;
/// Fewer new bytes, compressed, or a smaller share of what there is, are no reason for another dictionary.
const FRESH_BYTES_MIN: u64 = 1 << 10;
const FRESH_SHARE: u64 = 4;
/// Dictionaries that a site gets without waiting.
const EAGER: u32 = 3;
/// A part that no recording told for so long is forgotten.
const UNSEEN_MS: i64 = 30 * Timestamp::DAY_MS;
/// What a recording was compressed against a moment ago may be named by it in a moment.
const RETIRED_MS: i64 = Timestamp::DAY_MS;

/// What the recordings of a site are compressed against from now on.
#[derive(Clone)]
pub struct Dictionary {
    pub number: u32,
    pub bytes: Arc<[u8]>,
}

/// The dictionaries of one site, opened when they are needed.
pub struct Dictionaries {
    file: PathBuf,
    site_id: i64,
    /// None where the site never had any.
    key: Option<Key>,
    last: Option<Dictionary>,
}

impl Dictionaries {
    /// Out of `assets.db` or a copy of it.
    pub fn new(file: &Path, keyring: &Keyring, site_id: i64) -> Result<Self> {
        Ok(Self { file: file.to_owned(), site_id, key: keyring.find_asset_key(site_id)?, last: None })
    }

    /// The newest, if there is one.
    pub fn current(&mut self) -> Result<Option<Dictionary>> {
        if self.key.is_none() || !self.file.exists() {
            return Ok(None);
        }
        let db = migrate::open_reader(&self.file)?;
        let number = current(&db, self.site_id)?;
        number.map(|number| self.read(&db, number)).transpose()
    }

    /// The one of this number.
    pub fn find(&mut self, number: u32) -> Result<Arc<[u8]>> {
        if let Some(last) = self.last.as_ref().filter(|last| last.number == number) {
            return Ok(last.bytes.clone());
        }
        let db = migrate::open_reader(&self.file)?;
        Ok(self.read(&db, number)?.bytes)
    }

    fn read(&mut self, db: &Connection, number: u32) -> Result<Dictionary> {
        let missing = || Error::internal("reading a chunk", format!("dictionary {number} of its site is missing"));
        let sealed: Option<Vec<u8>> = db
            .prepare_cached("select bytes from dictionary where id = ?1 and site_id = ?2")?
            .query_row((number, self.site_id), |row| row.get(0))
            .optional()?;
        let (Some(key), Some(sealed)) = (&self.key, sealed) else { return Err(missing()) };
        let bytes = seal::unpack(key, &place(self.site_id), &sealed, BYTES_MAX)?.into();
        let found = Dictionary { number, bytes };
        self.last = Some(found.clone());
        Ok(found)
    }
}

fn current(db: &Connection, site_id: i64) -> Result<Option<u32>> {
    let sql = "select max(id) from dictionary where site_id = ?1 and retired_at is null";
    Ok(db.prepare_cached(sql)?.query_row([site_id], |row| row.get(0))?)
}

/// Count the parts of one more recording. Those that are the site's by now are kept.
pub fn count(assets: &Connection, site_id: i64, key: &Key, parts: &[Part], now: Timestamp) -> Result<()> {
    let counting = assets.unchecked_transaction()?;
    let (mut rows, mut bytes): (u32, u64) = counting
        .prepare_cached("select count(*), coalesce(sum(length(bytes)), 0) from part where site_id = ?1")?
        .query_row([site_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for Part { kind, bytes: plain } in parts {
        let name = key.digest(&[kind.as_bytes(), b" ", plain].concat());
        let recordings: u32 = counting
            .prepare_cached("select recordings from part where site_id = ?1 and name = ?2")?
            .query_row((site_id, name), |row| row.get(0))
            .optional()?
            .unwrap_or(0);
        if recordings == 0 && rows >= PARTS_MAX {
            continue;
        }
        rows += u32::from(recordings == 0);
        counting
            .prepare_cached(
                "insert into part (site_id, name, recordings, seen_at) values (?1, ?2, 1, ?3)
                 on conflict do update set recordings = recordings + 1, seen_at = excluded.seen_at",
            )?
            .execute((site_id, name, now.0))?;
        if recordings + 1 == RECORDINGS_TO_SHARE && bytes < PART_BYTES_MAX {
            let sealed = seal::pack(key, &name, plain)?;
            bytes += sealed.len() as u64;
            counting
                .prepare_cached("update part set bytes = ?3 where site_id = ?1 and name = ?2")?
                .execute((site_id, name, sealed))?;
        }
    }
    Ok(counting.commit()?)
}

/// The sites of which enough was learnt since their last dictionary for another one. Of a site's dictionaries the first come as soon as
/// they would help, later ones a day apart.
pub fn waiting(place: &Place, now: Timestamp) -> Result<Vec<i64>> {
    let assets = migrate::open_reader(&place.assets())?;
    let mut statement = assets.prepare_cached(
        "select part.site_id, sum(length(part.bytes)), sum(iif(part.dictionary = last.id, 0, length(part.bytes))), last.made, last.at
         from part left join
             (select site_id, max(iif(retired_at is null, id, null)) id, count(*) made, max(made_at) at from dictionary group by site_id)
             last on last.site_id = part.site_id
         where part.bytes is not null group by part.site_id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (all, fresh): (u64, u64) = (row.get(1)?, row.get(2)?);
        let (made, at): (Option<u32>, Option<i64>) = (row.get(3)?, row.get(4)?);
        let soon = made.is_none_or(|made| made < EAGER) || at.is_none_or(|at| now.0 - at >= Timestamp::DAY_MS);
        if soon && fresh >= FRESH_BYTES_MIN.max((all - fresh) / FRESH_SHARE) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// Make a site's next dictionary of the parts that are its own; its number.
pub fn renew(books: &Books, site_id: i64, key: &Key, now: Timestamp) -> Result<u32> {
    let making = books.assets.unchecked_transaction()?;
    let (mut names, mut parts, mut total) = (Vec::new(), Vec::new(), 0);
    {
        let mut statement = making.prepare_cached(
            "select name, bytes from part where site_id = ?1 and bytes is not null order by recordings desc, name",
        )?;
        let mut rows = statement.query([site_id])?;
        while let Some(row) = rows.next()? {
            let (name, sealed): ([u8; 16], Vec<u8>) = (row.get(0)?, row.get(1)?);
            // One that finds no room counts as taken in, so that it asks for no other dictionary.
            let plain = seal::unpack(key, &name, &sealed, BYTES_MAX)?;
            names.push(name);
            if total + plain.len() <= BYTES_MAX {
                total += plain.len();
                parts.push(plain);
            }
        }
    }
    // What most recordings tell stands last, where it is found most cheaply.
    parts.reverse();
    let sealed = seal::pack(key, &place(site_id), &parts.concat())?;
    making
        .execute("update dictionary set retired_at = ?2 where site_id = ?1 and retired_at is null", (site_id, now.0))?;
    making.execute("insert into dictionary (site_id, made_at, bytes) values (?1, ?2, ?3)", (site_id, now.0, sealed))?;
    let made = u32::try_from(making.last_insert_rowid()).map_err(|cause| Error::internal("numbering", cause))?;
    for name in names {
        making
            .prepare_cached("update part set dictionary = ?3 where site_id = ?1 and name = ?2")?
            .execute((site_id, name, made))?;
    }
    making.commit()?;
    Ok(made)
}

/// Forget what no recording needs: dictionaries that others took the place of, and parts that are not told any more.
pub fn sweep(books: &Books, now: Timestamp) -> Result<()> {
    let retired: Vec<u32> = {
        let mut statement = books
            .assets
            .prepare_cached("select id from dictionary where retired_at is not null and retired_at < ?1")?;
        let rows = statement.query_map([now.0 - RETIRED_MS], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for number in retired {
        let used: bool = books
            .meta
            .prepare_cached("select exists (select 1 from recording where dictionary = ?1)")?
            .query_row([number], |row| row.get(0))?;
        if !used {
            books.assets.execute("delete from dictionary where id = ?1", [number])?;
        }
    }
    books.assets.execute("delete from part where seen_at < ?1", [now.0 - UNSEEN_MS])?;
    let sites = {
        let mut statement =
            books.assets.prepare_cached("select site_id from part union select site_id from dictionary")?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for site_id in sites {
        let sql = "select exists (select 1 from site where id = ?1)";
        if !books.meta.prepare_cached(sql)?.query_row([site_id], |row| row.get::<_, bool>(0))? {
            books.assets.execute("delete from part where site_id = ?1", [site_id])?;
            books.assets.execute("delete from dictionary where site_id = ?1", [site_id])?;
        }
    }
    Ok(())
}

fn place(site_id: i64) -> Vec<u8> {
    [b"dictionary ".as_slice(), &site_id.to_le_bytes()].concat()
}
