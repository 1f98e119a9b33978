//! Lists of recordings: by every filter, in every order, page by page, with counts.

use super::asked::{Asked, UNKNOWN, one_of};
use super::recordings::View;
use crate::access::{Manager, Watcher};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query as JsonQuery};
use crate::model::{RecordingId, SiteKey};
use crate::store::register::{self, Query, Signal};
use crate::store::site::Catalogue;
use crate::store::term;
use crate::store::visitor::{self, Whose, pseudonym};
use crate::store::{Keyring, Store, erasure, recording};
use axum::extract::State;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// A query string's names and values.
pub type Pairs = Vec<(String, String)>;

/// Recordings erased in one go: whoever waits for the writer meanwhile waits a moment.
const ERASED_AT_ONCE: usize = 200;
/// Suggestions in one answer.
const TERMS: usize = 20;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordingList)]
pub struct List {
    pub(super) items: Vec<View>,
    /// Pass as `cursor` for the recordings after these.
    pub(super) next: Option<String>,
    /// How many recordings fit in all, counted and not guessed.
    count: u64,
    /// With `facets=true`.
    facets: Option<Facets>,
}

/// How many recordings would fit with each choice: what is chosen of the same kind is left aside, everything else holds. What is most
/// stands first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordingFacets)]
pub struct Facets {
    /// By the sites' keys.
    site: Vec<Choice>,
    device: Vec<Choice>,
    browser: Vec<Choice>,
    os: Vec<Choice>,
    country: Vec<Choice>,
    /// How many of those that fit show each.
    signal: Vec<Choice>,
}

/// A choice and how many recordings fit with it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordingChoice)]
pub struct Choice {
    /// As the parameter wants it; `unknown` where recordings have none.
    value: String,
    count: u64,
}

/// Which texts to suggest.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TermsAsked {
    /// `page`, `event` or `tag`.
    kind: String,
    /// A site's key.
    site: Option<String>,
    /// Holds these letters, in capitals or not.
    q: Option<String>,
}

/// Texts that recordings are found by.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordingTerms)]
pub struct Terms {
    /// At most 20, those of the most recordings first.
    items: Vec<Choice>,
}

/// Recordings, newest first where no other order is asked for.
#[utoipa::path(get, path = "/api/v1/recordings", tag = "recordings", params(Asked),
    responses((status = 200, body = List), (status = 403, description = "The role may not watch."),
              (status = 422, description = "A parameter is wrong; `field` names it."))) ]
pub async fn list(
    State(app): State<Arc<App>>,
    Watcher(watcher): Watcher,
    JsonQuery(pairs): JsonQuery<Pairs>,
) -> Result<Json<List>> {
    let asked = Asked::read(pairs)?;
    let (sites, now) = (app.store.sites()?, app.now());
    let store = app.store.clone();
    let list = app.store.read(move |db| {
        let query = settled(&asked, db, &store, &sites, &watcher.id)?;
        // In a statement of its own, so that nobody waits for the register while rows are read.
        let found = store.register().read(db, store.keyring())?.list(&query);
        let rows = recording::find_all(db, &found.ids, &watcher.id)?;
        let items = rows.into_iter().filter_map(|row| View::read(row, store.keyring(), &sites, now)).collect();
        let facets = found.facets.map(|facets| Facets::of(facets, &sites));
        Ok(List { items, next: found.next.map(|cursor| cursor.to_string()), count: found.count, facets })
    });
    Ok(Json(list.await?))
}

/// What is asked for, with all that has to be looked up for it.
fn settled(asked: &Asked, db: &Connection, store: &Store, sites: &Catalogue, watcher: &str) -> Result<Query> {
    let mut query = asked.query()?;
    query.site_id = site_id(sites, asked.site_key()?)?;
    if let Some(visitor) = asked.visitor_id()? {
        narrow(&mut query.only, of(db, &[Whose::Visitor(visitor)])?);
    }
    if let Some(said) = &asked.identified {
        narrow(&mut query.only, of(db, &called(store.keyring(), sites, query.site_id, said)?)?);
    }
    if let Some(wanted) = asked.watched {
        query.watched = Some((wanted, recording::watched_by(db, watcher)?));
    }
    Ok(query)
}

/// What came of erasing a part of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ErasedList)]
pub struct ErasedList {
    erased: usize,
    /// Those that are restricted, and stay.
    restricted: u64,
    /// Pass as `cursor` to go on; none at the end.
    next: Option<String>,
}

/// Erase what such a list shows, 200 recordings at once: repeat it with `next` as `cursor`, or from the beginning, until there is none.
/// The keys of those that are counted are destroyed when this answers. Pages, events, tags and words find a recording by its first 200 of them.
#[utoipa::path(post, path = "/api/v1/recordings/erase", tag = "recordings", params(Asked),
    responses((status = 200, body = ErasedList), (status = 403, description = "The role may not erase."),
              (status = 503, description = "Recordings of before an upgrade are still being looked through for what they are found by."),
              (status = 422, description = "A parameter is wrong, or none says which recordings.")))]
pub async fn erase(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    JsonQuery(pairs): JsonQuery<Pairs>,
) -> Result<Json<ErasedList>> {
    let mut asked = Asked::read(pairs)?;
    if !asked.is_narrow() {
        return Err(Error::invalid(
            "site",
            "Say which recordings: by `site`, `from`, `to`, `page` or any other parameter of a list.",
        ));
    }
    (asked.limit, asked.facets) = (Some(ERASED_AT_ONCE), None);
    let (sites, now, store, by) = (app.store.sites()?, app.now(), app.store.clone(), manager.actor());
    let looked = app.store.read(move |db| {
        let query = settled(&asked, db, &store, &sites, &manager.id)?;
        if query.asks_for_text() && term::any_waiting(db)? {
            return Err(Error::Busy { retry_s: 60 });
        }
        Ok(store.register().read(db, store.keyring())?.list(&query))
    });
    let found = looked.await?;
    let done = app.store.write(move |books| erasure::erase_these(books, &found.ids, &by, now)).await?;
    for id in &done.erased {
        app.store.keyring().forget_recording(*id);
        tracing::info!(recording.id = %id, "erased recording {id}");
    }
    let next = found.next.map(|cursor| cursor.to_string());
    Ok(Json(ErasedList { erased: done.erased.len(), restricted: done.restricted, next }))
}

/// Paths, events or tags that most recordings have: what may be written as `page`, `event` or `tag` of a list.
#[utoipa::path(get, path = "/api/v1/recordings/terms", tag = "recordings", params(TermsAsked),
    responses((status = 200, body = Terms), (status = 403, description = "The role may not watch.")))]
pub async fn terms(
    State(app): State<Arc<App>>,
    _: Watcher,
    JsonQuery(asked): JsonQuery<TermsAsked>,
) -> Result<Json<Terms>> {
    let kind = term::Kind::ALL[one_of("kind", &asked.kind, &term::Kind::ALL.map(term::Kind::as_str))?];
    let key = asked.site.as_deref().filter(|key| !key.is_empty()).map(str::parse).transpose();
    let site_id = site_id(&*app.store.sites()?, key.map_err(|_| Error::NotFound)?)?;
    let (store, part) = (app.store.clone(), asked.q.unwrap_or_default());
    let found = app
        .store
        .read(move |db| Ok(store.register().read(db, store.keyring())?.suggest(kind, site_id, part.trim(), TERMS)));
    let items = found.await?.into_iter().map(|one| Choice { value: one.text, count: one.recordings }).collect();
    Ok(Json(Terms { items }))
}

impl Facets {
    fn of(facets: register::Facets, sites: &Catalogue) -> Self {
        let key = |id: i64| sites.values().find(|site| site.id == id).map(|site| site.key.to_string());
        let mut site: Vec<Choice> =
            facets.sites.into_iter().filter_map(|(id, count)| key(id).map(|value| Choice { value, count })).collect();
        site.sort_by_key(|choice| std::cmp::Reverse(choice.count));
        let signal = Signal::ALL.into_iter().zip(facets.signals);
        Self {
            site,
            device: choices(facets.devices),
            browser: choices(facets.browsers),
            os: choices(facets.systems),
            country: choices(facets.countries),
            signal: signal.map(|(signal, count)| Choice { value: signal.as_str().to_owned(), count }).collect(),
        }
    }
}

fn choices(counted: Vec<register::Counted>) -> Vec<Choice> {
    let named = |name: String| if name.is_empty() { UNKNOWN.to_owned() } else { name };
    counted.into_iter().map(|(name, count)| Choice { value: named(name), count }).collect()
}

fn site_id(sites: &Catalogue, key: Option<SiteKey>) -> Result<Option<i64>> {
    key.map(|key| sites.get(&key).map(|site| site.id).ok_or(Error::NotFound)).transpose()
}

/// Whom sites call this: each has names of its own.
fn called(keyring: &Keyring, sites: &Catalogue, site_id: Option<i64>, said: &str) -> Result<Vec<Whose>> {
    let wanted = sites.values().map(|site| site.id).filter(|id| site_id.is_none_or(|wanted| wanted == *id));
    let named = wanted.map(|id| Ok(keyring.find_asset_key(id)?.map(|key| Whose::Identified(pseudonym(&key, said)))));
    named.filter_map(Result::transpose).collect()
}

fn of(db: &Connection, whose: &[Whose]) -> Result<HashSet<RecordingId>> {
    let mut found = HashSet::new();
    for whose in whose {
        found.extend(visitor::recordings(db, *whose)?.into_iter().map(|(id, _)| id));
    }
    Ok(found)
}

fn narrow(only: &mut Option<HashSet<RecordingId>>, further: HashSet<RecordingId>) {
    match only {
        Some(only) => only.retain(|id| further.contains(id)),
        None => *only = Some(further),
    }
}
