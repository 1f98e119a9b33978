//! A recording's pictures and fonts: what it shows, what could not be read and why, and their bytes.

use crate::app::App;
use crate::error::{Error, Result};
use crate::model::AssetHash;
use crate::rrweb::{Assets, Links, Seen};
use crate::store::asset::{self, Kind};
use crate::store::{Keyring, Place, Readable, Reading, Span, finish, recording};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Its own address never runs or loads anything, whoever opens it.
const CSP: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// Shared parts never change under their hash.
const KEPT: &str = "private, max-age=31536000, immutable";
/// A recording's own picture must not outlive it in a browser's cache.
const FORGOTTEN: &str = "no-store";

/// A stored picture or font.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Asset)]
pub struct View {
    #[schema(value_type = String)]
    hash: AssetHash,
    /// Its media type.
    kind: &'static str,
    bytes: u64,
}

/// One whose bytes the recorder could not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = UnreadableAsset)]
pub struct Missing {
    /// Reduced by the policy; empty where only its hash is known.
    url: String,
    /// `cors`, `too-large`, `budget`, `save-data`, `failed`, `type`, `forbidden`, `insecure`, or `lost`: its bytes never came.
    cause: String,
    /// A file that was handed in stands for it.
    #[schema(value_type = Option<String>)]
    imported: Option<AssetHash>,
}

/// What a recording shows and what it lacks.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = AssetList)]
pub struct List {
    items: Vec<View>,
    missing: Vec<Missing>,
}

/// A recording, looked through for its assets.
#[derive(Debug, Default)]
pub struct Gathered {
    pub links: Links,
    pub list: List,
}

impl Gathered {
    /// The hashes of what stands in the recording's events.
    pub fn hashes(&self) -> impl Iterator<Item = AssetHash> {
        self.list.items.iter().map(|item| item.hash)
    }
}

/// A recording's pictures and fonts, and those that could not be read.
pub async fn assets(app: &App, readable: Readable) -> Result<List> {
    let store = app.store.clone();
    Ok(app.store.read(move |db| gather(db, store.keyring(), store.place(), readable)).await?.list)
}

/// Look through a recording for what it shows. Blocking: reads every batch of one that is not finished.
pub fn gather(db: &Connection, keyring: &Keyring, place: &Place, readable: Readable) -> Result<Gathered> {
    let id = readable.id();
    let bound = recording::present(db, id)?;
    // Without the key nothing was ever kept or noted for this site.
    let Some(site_key) = keyring.find_asset_key(bound.site_id)? else { return Ok(Gathered::default()) };
    let mut assets = Assets::default();
    let broken = |malformed: crate::stream::Malformed| Error::internal("reading a chunk", malformed);
    match finish::assets(db, keyring, place, readable)? {
        Some(pages) => pages.iter().try_for_each(|(page, body)| assets.learn(*page, body)).map_err(broken)?,
        None => {
            for chapter in Reading::open(db, keyring, place, readable, Span::default())?.into_iter().flatten() {
                let chapter = chapter?;
                assets.learn(chapter.page, &chapter.body).map_err(broken)?;
            }
        }
    }
    if assets.is_empty() {
        return Ok(Gathered::default());
    }
    let used: HashMap<_, _> =
        asset::used(db, id)?.into_iter().map(|(name, kind, bytes)| (name, (kind, bytes))).collect();
    let imported = asset::imported(db, bound.site_id, &site_key)?;
    let mut items = BTreeMap::new();
    let mut missing = Vec::new();
    for seen in assets.iter() {
        match seen {
            Seen::Read { hash, .. } => match used.get(&asset::name(&site_key, *hash)) {
                Some((kind, bytes)) => drop(items.insert(*hash, view(*hash, *kind, *bytes))),
                None => missing.push(Missing { url: String::new(), cause: "lost".to_owned(), imported: None }),
            },
            Seen::Unreadable { cause, url } => {
                let found = find_imported(&imported, url);
                if let Some((_, hash, kind, bytes)) = found {
                    items.insert(*hash, view(*hash, *kind, *bytes));
                }
                let cause = serde_json::to_value(cause).ok().and_then(|name| name.as_str().map(str::to_owned));
                let imported = found.map(|(_, hash, ..)| *hash);
                missing.push(Missing { url: url.clone(), cause: cause.unwrap_or_default(), imported });
            }
        }
    }
    missing.sort();
    missing.dedup();
    let links = assets.link(|seen| match seen {
        Seen::Read { hash, .. } => items.contains_key(hash).then_some(*hash),
        Seen::Unreadable { url, .. } => find_imported(&imported, url).map(|(_, hash, ..)| *hash),
    });
    Ok(Gathered { links, list: List { items: items.into_values().collect(), missing } })
}

fn view(hash: AssetHash, kind: Kind, bytes: u64) -> View {
    View { hash, kind: kind.media_type(), bytes }
}

type Imported = (String, AssetHash, Kind, u64);

/// The file whose path is the end of this address: the one with most parts in common, if there is only one. A part that the
/// policy hid fits any name.
fn find_imported<'i>(imported: &'i [Imported], url: &str) -> Option<&'i Imported> {
    let path = url.split_once("://")?.1.split_once('/')?.1;
    let wanted: Vec<&str> = path.split('?').next().unwrap_or(path).split('/').collect();
    let common = |file: &Imported| {
        let parts: Vec<&str> = file.0.split('/').collect();
        let behind = wanted.len().checked_sub(parts.len())?;
        let pairs = || wanted[behind..].iter().zip(&parts);
        let fits = pairs().all(|(want, part)| want == part || *want == ":id");
        fits.then(|| pairs().filter(|(want, part)| want == part).count())
    };
    let scored = || imported.iter().filter_map(|file| Some((common(file)?, file)));
    let best = scored().map(|(score, _)| score).max().filter(|score| *score > 0)?;
    let mut found = scored().filter(|(score, _)| *score == best).map(|(_, file)| file);
    let first = found.next();
    if found.next().is_none() { first } else { None }
}

/// Answer with the bytes of one.
pub async fn asset(app: &App, readable: Readable, hash: AssetHash) -> Result<Response> {
    let store = app.store.clone();
    let opened = app
        .store
        .read(move |db| asset::open(db, store.keyring(), store.place(), readable, hash))
        .await?
        .ok_or(Error::NotFound)?;
    let mut answer = opened.bytes.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(opened.kind.media_type()));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    let caching = if opened.shared { KEPT } else { FORGOTTEN };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_for_the_address_that_ends_with_its_path() {
        let file = |path: &str, mark: u8| (path.to_owned(), AssetHash([mark; 16]), Kind::Png, 1);
        let files = [file("a.png", 1), file("img/a.png", 2), file("img/b.png", 3), file("fonts/x.woff2", 4)];
        let found = |url: &str| find_imported(&files, url).map(|file| file.1.0[0]);
        for (url, wanted) in [
            ("https://cdn.example/v2/img/a.png", Some(2)),
            ("https://cdn.example/a.png", Some(1)),
            ("https://cdn.example/img/a.png?v=3", Some(2)),
            ("https://cdn.example/fonts/:id", Some(4)),
            ("https://cdn.example/img/:id", None),
            ("https://cdn.example/:any", None),
            ("https://cdn.example/img/ba.png", None),
            ("data:", None),
        ] {
            assert_eq!(found(url), wanted, "{url}");
        }
    }
}
