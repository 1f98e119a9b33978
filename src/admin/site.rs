//! Sites and their policies.

use crate::access::{Manager, Signed};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::model::{Reason, SiteKey};
use crate::origin::Origin;
use crate::policy::{Consent, Fixed, Policy, Preset};
use crate::store::site as sites;
use crate::store::{Books, Site, erasure, history};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A site as the dashboard shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Site)]
pub struct View {
    key: String,
    name: String,
    #[schema(value_type = Vec<String>)]
    origins: Vec<Origin>,
    #[schema(value_type = String)]
    preset: Preset,
    paused: bool,
    purpose: String,
    created_at: i64,
    policy_version: u32,
    policy_hash: String,
    recordings: u64,
    /// The tag to put into every page.
    snippet: String,
    last_fetched_at: Option<i64>,
    last_batch_at: Option<i64>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SiteList)]
pub struct List {
    items: Vec<View>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    name: String,
    /// `https://www.example.com`, `https://*.example.com`; plain http for localhost alone.
    origins: Vec<String>,
    #[schema(value_type = String)]
    preset: Preset,
    #[schema(value_type = String)]
    consent: Consent,
    /// Why this site records. Nothing is recorded before it is written.
    purpose: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    name: Option<String>,
    origins: Option<Vec<String>>,
    paused: Option<bool>,
}

/// A saved version of a policy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SavedPolicy {
    version: u32,
    hash: String,
    #[schema(value_type = Object)]
    policy: Policy,
    saved_at: i64,
    fixed: FixedKeys,
}

/// Keys of the policy that the configuration file sets; a change of one is answered 409.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FixedKeys {
    /// The file's name; empty where there is none.
    file: String,
    keys: Vec<String>,
}

/// All sites.
#[utoipa::path(get, path = "/api/v1/sites", tag = "sites", responses((status = 200, body = List)))]
pub async fn list(State(app): State<Arc<App>>, _: Signed, headers: HeaderMap) -> Result<Json<List>> {
    let base = app.base_url(&headers);
    let list = app.store.read(move |db| {
        let counts = sites::recording_counts(db)?;
        let mut all: Vec<_> = sites::all(db)?.into_values().collect();
        all.sort_by_key(|site| site.id);
        Ok(all.iter().map(|site| View::of(site, counts.get(&site.id).copied(), &base)).collect())
    });
    Ok(Json(List { items: list.await? }))
}

/// Add a site.
#[utoipa::path(post, path = "/api/v1/sites", tag = "sites", request_body = NewSite,
    responses((status = 201, body = View), (status = 422, description = "Something is not as it must be; names the field.")))]
pub async fn add(
    State(app): State<Arc<App>>,
    _: Manager,
    headers: HeaderMap,
    Json(new): Json<NewSite>,
) -> Result<(StatusCode, Json<View>)> {
    let (base, now) = (app.base_url(&headers), app.now());
    let origins = read_origins(&new.origins)?;
    let policy = Policy { consent: new.consent, purpose: new.purpose, ..Policy::preset(new.preset) };
    let policy = app.settings.fixed.put_in(None, &policy);
    let view = app.store.write(move |books| {
        let key = sites::insert(&books.meta, &new.name, &origins, &policy, now)?;
        view(books, &key, &base)
    });
    Ok((StatusCode::CREATED, Json(view.await?)))
}

/// One site.
#[utoipa::path(get, path = "/api/v1/sites/{key}", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = View), (status = 404, description = "There is none.")))]
pub async fn show(
    State(app): State<Arc<App>>,
    _: Signed,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Json<View>> {
    let (base, key) = (app.base_url(&headers), read_key(&key)?);
    let view = app.store.read(move |db| {
        let site = sites::find(db, &key)?;
        Ok(View::of(&site, sites::recording_counts(db)?.get(&site.id).copied(), &base))
    });
    Ok(Json(view.await?))
}

/// Rename a site, change where it may be recorded, pause or resume it.
#[utoipa::path(patch, path = "/api/v1/sites/{key}", tag = "sites", params(("key" = String, Path)), request_body = SiteChange,
    responses((status = 200, body = View), (status = 404, description = "There is none.")))]
pub async fn change(
    State(app): State<Arc<App>>,
    _: Manager,
    headers: HeaderMap,
    Path(key): Path<String>,
    Json(change): Json<SiteChange>,
) -> Result<Json<View>> {
    let (base, key) = (app.base_url(&headers), read_key(&key)?);
    let origins = change.origins.as_deref().map(read_origins).transpose()?;
    let view = app.store.write(move |books| {
        let id = sites::find(&books.meta, &key)?.id;
        if let Some(name) = &change.name {
            sites::rename(&books.meta, id, name)?;
        }
        if let Some(origins) = &origins {
            sites::set_origins(&books.meta, id, origins)?;
        }
        if let Some(paused) = change.paused {
            sites::set_paused(&books.meta, id, paused)?;
        }
        view(books, &key, &base)
    });
    Ok(Json(view.await?))
}

/// Remove a site and destroy the keys of everything it recorded.
#[utoipa::path(delete, path = "/api/v1/sites/{key}", tag = "sites", params(("key" = String, Path)),
    responses((status = 204, description = "Removed."), (status = 404, description = "There is none.")))]
pub async fn remove(State(app): State<Arc<App>>, _: Manager, Path(key): Path<String>) -> Result<StatusCode> {
    let (key, now) = (read_key(&key)?, app.now());
    app.store
        .write(move |books| {
            let site = sites::find(&books.meta, &key)?;
            erasure::erase_site(books, site.id, now)
        })
        .await?;
    app.store.keyring().forget();
    Ok(StatusCode::NO_CONTENT)
}

/// The policy in force.
#[utoipa::path(get, path = "/api/v1/sites/{key}/policy", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = SavedPolicy), (status = 404, description = "There is none.")))]
pub async fn policy(State(app): State<Arc<App>>, _: Signed, Path(key): Path<String>) -> Result<Json<SavedPolicy>> {
    let key = read_key(&key)?;
    let site = app.store.read(move |db| sites::find(db, &key)).await?;
    Ok(Json(SavedPolicy::of(&site, &app.settings.fixed)))
}

/// Why a policy is saved.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Why {
    /// Stands in the policy's history; at most 500 characters.
    #[serde(default)]
    reason: String,
}

/// Save a policy as the next version; it is in force at once, for new recordings where it lets more be recorded.
#[utoipa::path(put, path = "/api/v1/sites/{key}/policy", tag = "sites", params(("key" = String, Path), Why), request_body = Object,
    responses((status = 200, body = SavedPolicy), (status = 409, description = "The configuration file sets a key that would change."),
              (status = 422, description = "Names the key that is wrong.")))]
pub async fn set_policy(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    Path(key): Path<String>,
    Query(Why { reason }): Query<Why>,
    Json(value): Json<serde_json::Value>,
) -> Result<Json<SavedPolicy>> {
    let (key, now) = (read_key(&key)?, app.now());
    let reason: String = reason.trim().chars().take(Reason::CHARS_MAX).collect();
    let policy: Policy = serde_json::from_value(value).map_err(|cause| Error::invalid("policy", cause.to_string()))?;
    app.settings.fixed.allow(Some(&key), &policy)?;
    let site = app.store.write(move |books| {
        let id = sites::find(&books.meta, &key)?.id;
        history::save(&books.meta, id, &policy, now, &manager.id, &reason)?;
        sites::find(&books.meta, &key)
    });
    Ok(Json(SavedPolicy::of(&site.await?, &app.settings.fixed)))
}

impl View {
    pub fn of(site: &Site, recordings: Option<u64>, base: &str) -> Self {
        Self {
            key: site.key.to_string(),
            name: site.name.clone(),
            origins: site.origins.clone(),
            preset: site.policy.policy.preset,
            paused: site.paused,
            purpose: site.policy.policy.purpose.clone(),
            created_at: site.created_at.0,
            policy_version: site.policy.number,
            policy_hash: site.policy.hash.to_string(),
            recordings: recordings.unwrap_or(0),
            snippet: site.snippet(base),
            last_fetched_at: site.last_fetched_at.map(|at| at.0),
            last_batch_at: site.last_batch_at.map(|at| at.0),
        }
    }
}

impl SavedPolicy {
    fn of(site: &Site, fixed: &Fixed) -> Self {
        let keys = fixed.keys(Some(&site.key)).into_iter().map(str::to_owned).collect();
        Self {
            fixed: FixedKeys { file: fixed.file.clone(), keys },
            version: site.policy.number,
            hash: site.policy.hash.to_string(),
            policy: (*site.policy.policy).clone(),
            saved_at: site.policy.saved_at.0,
        }
    }
}

fn view(books: &Books, key: &SiteKey, base: &str) -> Result<View> {
    let site = sites::find(&books.meta, key)?;
    Ok(View::of(&site, sites::recording_counts(&books.meta)?.get(&site.id).copied(), base))
}

/// Only the form of a key is ever refused as such; one that is not there looks the same.
pub fn read_key(text: &str) -> Result<SiteKey> {
    text.parse().map_err(|_| Error::NotFound)
}

fn read_origins(texts: &[String]) -> Result<Vec<Origin>> {
    texts
        .iter()
        .map(|text| {
            Origin::parse(text.trim(), false).map_err(|cause| Error::invalid("origins", format!("{text}: {cause}.")))
        })
        .collect()
}
