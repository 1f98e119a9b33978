//! What recordings are found by: the pages they came to, the events they told and the tags they were given. Each text stands once a
//! site, sealed under the site's key and named by a digest under it; a recording keeps numbers alone. When the last one that has a
//! text goes, the text goes.

use super::Keyring;
use super::facts::{Facts, TagSeen};
use crate::error::Result;
use crate::model::RecordingId;
use crate::seal::Key;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

/// Texts of one recording, and new ones of one batch.
const RECORDING_MAX: usize = 200;
const BATCH_MAX: usize = 64;
/// Texts of one kind and site; a stranger can make many. Recordings are not found by further ones.
const SITE_MAX: u32 = 20_000;
const TEXT_BYTES_MAX: usize = 400;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = TermKind)]
pub enum Kind {
    /// A path that the visitor came to, reduced by the policy, without what stands behind `?` or `#`.
    Page,
    /// The name of something that the page's own code said happened.
    Event,
    /// `name=value`, or the name alone where the policy hides the value.
    Tag,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Page, Self::Event, Self::Tag];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Event => "event",
            Self::Tag => "tag",
        }
    }

    fn code(self) -> i64 {
        self as i64
    }

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One text, sealed by whoever has the site's key.
#[derive(Debug, Clone)]
pub struct Line {
    kind: Kind,
    name: [u8; 16],
    sealed: Vec<u8>,
}

impl Line {
    pub fn seal(key: &Key, kind: Kind, text: &str) -> Result<Self> {
        let fits = (0..=TEXT_BYTES_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = &text[..fits];
        let name = key.digest(&[b"term ", kind.as_str().as_bytes(), b" ", text.as_bytes()].concat());
        Ok(Self { kind, name, sealed: key.seal(&place(&name), text.as_bytes().to_vec())? })
    }
}

/// A text as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub id: u32,
    pub site_id: i64,
    pub kind: Kind,
    pub text: String,
}

/// Whether a batch tells of anything to be found by.
pub fn any(facts: &Facts) -> bool {
    !(facts.page_list.is_empty() && facts.event_list.is_empty() && facts.tag_list.is_empty())
}

/// What one batch is found by, each text once.
pub fn lines(key: &Key, facts: &Facts) -> Result<Vec<Line>> {
    let pages = facts.page_list.iter().map(|page| page.url.as_str());
    lines_of(key, pages, facts.event_list.iter().map(String::as_str), &facts.tag_list)
}

/// The same, of addresses, names of events and tags.
pub fn lines_of<'a>(
    key: &Key,
    pages: impl Iterator<Item = &'a str>,
    events: impl Iterator<Item = &'a str>,
    tags: &[TagSeen],
) -> Result<Vec<Line>> {
    let pages = pages.map(|url| (Kind::Page, path_of(url).to_owned()));
    let events = events.map(|name| (Kind::Event, name.to_owned()));
    let tags = tags.iter().map(|tag| match tag.value.as_str() {
        "" => (Kind::Tag, tag.name.clone()),
        value => (Kind::Tag, format!("{}={value}", tag.name)),
    });
    let mut texts: Vec<(Kind, String)> = Vec::new();
    for one in pages.chain(events).chain(tags) {
        if texts.len() < BATCH_MAX && !texts.contains(&one) {
            texts.push(one);
        }
    }
    texts.iter().map(|(kind, text)| Line::seal(key, *kind, text)).collect()
}

/// The path of an address; `/` where it has none.
pub fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    rest.split(['?', '#']).next().unwrap_or(rest)
}

/// Let a recording be found by these texts too.
pub fn add(db: &Connection, site_id: i64, recording: RecordingId, lines: &[Line]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    // One of before this was kept is told of as a whole, by whoever looks through it.
    let Some(mut held) = held(db, recording)? else { return Ok(()) };
    let before = held.len();
    for line in lines {
        if held.len() >= RECORDING_MAX {
            break;
        }
        if let Some(id) = find(db, site_id, line)? {
            if held.binary_search(&id).is_ok() {
                continue;
            }
            db.prepare_cached("update term set uses = uses + 1 where id = ?1")?.execute([id])?;
            insert_sorted(&mut held, id);
        } else if let Some(id) = insert(db, site_id, line)? {
            insert_sorted(&mut held, id);
        }
    }
    if held.len() > before { keep(db, recording, &held) } else { Ok(()) }
}

/// Say what a recording of before this was kept is found by, also where that is nothing.
pub fn set(db: &Connection, site_id: i64, recording: RecordingId, lines: &[Line]) -> Result<()> {
    let untold = "update recording set terms = x'' where id = ?1 and terms is null and state <> 3";
    if db.prepare_cached(untold)?.execute([recording.0])? == 1 {
        add(db, site_id, recording, lines)?;
    }
    Ok(())
}

/// Let a recording be found by nothing; texts that no other has go.
pub fn release(db: &Connection, recording: RecordingId) -> Result<()> {
    let held = held(db, recording)?.unwrap_or_default();
    for id in &held {
        db.prepare_cached("update term set uses = uses - 1 where id = ?1")?.execute([id])?;
        db.prepare_cached("delete from term where id = ?1 and uses <= 0")?.execute([id])?;
    }
    if held.is_empty() { Ok(()) } else { keep(db, recording, &[]) }
}

pub fn forget_site(db: &Connection, site_id: i64) -> Result<()> {
    db.execute("delete from term where site_id = ?1", [site_id])?;
    Ok(())
}

/// Texts with a higher number than this, lowest first. Those whose site has no key any more are left out.
pub fn after(db: &Connection, keyring: &Keyring, last: u32) -> Result<Vec<Term>> {
    let mut statement =
        db.prepare_cached("select id, site_id, kind, name, sealed from term where id > ?1 order by id")?;
    let mut rows = statement.query([last])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, site_id, name): (u32, i64, [u8; 16]) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let (Some(kind), Some(key)) = (Kind::from_code(row.get(2)?), keyring.find_asset_key(site_id)?) else {
            continue;
        };
        let plain = key.open(&place(&name), row.get_ref(4)?.as_blob().unwrap_or_default());
        let Some(text) = plain.ok().and_then(|plain| String::from_utf8(plain).ok()) else {
            tracing::warn!(
                site.id = site_id,
                "a text of site {site_id} does not open; its recordings are not found by it"
            );
            continue;
        };
        found.push(Term { id, site_id, kind, text });
    }
    Ok(found)
}

/// Recordings of before this was kept that are still to be looked at.
pub fn waiting(db: &Connection, limit: u32) -> Result<Vec<RecordingId>> {
    let mut statement = db.prepare_cached(
        "select id from recording where terms is null and state <> 3 and kept = 0 order by last_batch_at limit ?1",
    )?;
    let rows = statement.query_map([limit], |row| Ok(RecordingId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether there are any.
pub fn any_waiting(db: &Connection) -> Result<bool> {
    Ok(!waiting(db, 1)?.is_empty())
}

/// The numbers in a recording's column, least first.
pub fn numbers(column: &[u8]) -> impl Iterator<Item = u32> + '_ {
    column.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

/// None where that is still to be taken out of what is sealed, or the recording is not there.
fn held(db: &Connection, recording: RecordingId) -> Result<Option<Vec<u32>>> {
    let column: Option<Option<Vec<u8>>> = db
        .prepare_cached("select terms from recording where id = ?1")?
        .query_row([recording.0], |row| row.get(0))
        .optional()?;
    Ok(column.flatten().map(|column| numbers(&column).collect()))
}

fn keep(db: &Connection, recording: RecordingId, held: &[u32]) -> Result<()> {
    let column: Vec<u8> = held.iter().flat_map(|id| id.to_le_bytes()).collect();
    db.prepare_cached("update recording set terms = ?2 where id = ?1")?.execute((recording.0, column))?;
    Ok(())
}

fn find(db: &Connection, site_id: i64, line: &Line) -> Result<Option<u32>> {
    let mut statement = db.prepare_cached("select id from term where site_id = ?1 and kind = ?2 and name = ?3")?;
    Ok(statement.query_row((site_id, line.kind.code(), line.name), |row| row.get(0)).optional()?)
}

fn insert(db: &Connection, site_id: i64, line: &Line) -> Result<Option<u32>> {
    let mut statement = db.prepare_cached(
        "insert into term (site_id, kind, name, sealed, uses) select ?1, ?2, ?3, ?4, 1
         where (select count(*) from term where site_id = ?1 and kind = ?2) < ?5 returning id",
    )?;
    let values = (site_id, line.kind.code(), line.name, &line.sealed, SITE_MAX);
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

fn insert_sorted(held: &mut Vec<u32>, id: u32) {
    if let Err(at) = held.binary_search(&id) {
        held.insert(at, id);
    }
}

fn place(name: &[u8; 16]) -> Vec<u8> {
    [b"term ".as_slice(), name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixtures::{ID, NOW, shop};

    #[test]
    fn the_path_of_an_address_is_what_stands_between_its_host_and_its_query() {
        for (url, path) in [
            ("https://shop.example/cart?x=1#a", "/cart"),
            ("https://shop.example", "/"),
            ("https://shop.example/", "/"),
            ("/a/b#c", "/a/b"),
        ] {
            assert_eq!(path_of(url), path);
        }
    }

    #[test]
    fn a_text_stands_once_and_goes_with_the_last_recording_that_has_it() {
        let shop = shop();
        let (db, other) = (&shop.books.meta, RecordingId([8; 16]));
        crate::store::recording::begin(db, other, &crate::store::fixtures::facts(NOW)).unwrap();
        let key = shop.keyring.asset_key(1, NOW).unwrap();
        let lines = lines_of(
            &key,
            ["https://shop.example/cart", "https://shop.example/cart#x"].into_iter(),
            ["bought"].into_iter(),
            &[],
        )
        .unwrap();
        assert_eq!(lines.len(), 2);
        add(db, 1, ID, &lines).unwrap();
        add(db, 1, ID, &lines).unwrap();
        add(db, 1, other, &lines[..1]).unwrap();
        let texts = || after(db, &shop.keyring, 0).unwrap().into_iter().map(|term| term.text).collect::<Vec<_>>();
        assert_eq!(texts(), ["/cart", "bought"]);
        release(db, ID).unwrap();
        assert_eq!(texts(), ["/cart"]);
        release(db, other).unwrap();
        assert!(texts().is_empty());
    }
}
