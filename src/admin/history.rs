//! What a policy would change, and what was changed of it, by whom and why.

use super::site::read_key;
use crate::access::{Manager, Signed};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::policy::{Change, Policy, Preset};
use crate::store::{history, rule, site as sites};
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;

/// One saved version.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PolicyVersion)]
pub struct Entry {
    version: u32,
    hash: String,
    saved_at: i64,
    /// The account or the token that saved it; none for a command, or one that is gone.
    by: Option<String>,
    reason: String,
    /// Against the version before; empty for the first.
    changes: Vec<Change>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PolicyVersionList)]
pub struct List {
    items: Vec<Entry>,
}

/// The presets, each as a whole policy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Presets {
    #[schema(value_type = Object)]
    strict: Policy,
    #[schema(value_type = Object)]
    balanced: Policy,
    #[schema(value_type = Object)]
    full: Policy,
}

/// What saving would change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Comparison {
    changes: Vec<Change>,
    /// Whether more would be recorded than now, or for longer.
    looser: bool,
}

/// What each preset is.
#[utoipa::path(get, path = "/api/v1/presets", tag = "sites", responses((status = 200, body = Presets)))]
pub async fn presets(_: Signed) -> Json<Presets> {
    let [strict, balanced, full] = Preset::ALL.map(Policy::preset);
    Json(Presets { strict, balanced, full })
}

/// A policy's versions, newest first, each with what it changed.
#[utoipa::path(get, path = "/api/v1/sites/{key}/policy/versions", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = List), (status = 404, description = "There is none.")))]
pub async fn list(State(app): State<Arc<App>>, _: Signed, Path(key): Path<String>) -> Result<Json<List>> {
    let key = read_key(&key)?;
    let entries = app.store.read(move |db| history::list(db, sites::find(db, &key)?.id)).await?;
    let earlier = entries.iter().skip(1).map(Some).chain([None]);
    let entry = |(one, before): (&history::Entry, Option<&history::Entry>)| Entry {
        version: one.version.number,
        hash: one.version.hash.to_string(),
        saved_at: one.version.saved_at.0,
        by: one.by.clone(),
        reason: one.reason.clone(),
        changes: before.map_or_else(Vec::new, |before| one.version.policy.changes_of(&before.version.policy)),
    };
    Ok(Json(List { items: entries.iter().zip(earlier).map(entry).collect() }))
}

/// How often one of the policy's rules matched something.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleHits {
    /// `mask`, `block`, `ignore` or `show`.
    key: String,
    selector: String,
    /// Pages on which it was looked for,
    looked: u64,
    /// and on which it matched.
    matched: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleHitsList {
    items: Vec<RuleHits>,
}

/// How often each of the policy's own rules matched something: one that never does hides nothing.
#[utoipa::path(get, path = "/api/v1/sites/{key}/rules", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = RuleHitsList), (status = 404, description = "There is none.")))]
pub async fn rules(State(app): State<Arc<App>>, _: Signed, Path(key): Path<String>) -> Result<Json<RuleHitsList>> {
    let key = read_key(&key)?;
    let items = app.store.read(move |db| {
        let site = sites::find(db, &key)?;
        let counted = rule::list(db, site.id)?;
        let hits = site.policy.policy.rules().map(|(key, selector)| {
            let of = counted.iter().find(|one| one.key == key && one.selector == selector);
            let (looked, matched) = of.map_or((0, 0), |one| (one.looked, one.matched));
            RuleHits { key: key.to_owned(), selector: selector.to_owned(), looked, matched }
        });
        Ok(hits.collect())
    });
    Ok(Json(RuleHitsList { items: items.await? }))
}

/// What saving this policy would change, without saving it.
#[utoipa::path(post, path = "/api/v1/sites/{key}/policy/compare", tag = "sites", params(("key" = String, Path)),
    request_body = Object,
    responses((status = 200, body = Comparison), (status = 409, description = "The configuration file sets a key that would change."),
              (status = 422, description = "Names the key that is wrong.")))]
pub async fn compare(
    State(app): State<Arc<App>>,
    _: Manager,
    Path(key): Path<String>,
    Json(value): Json<serde_json::Value>,
) -> Result<Json<Comparison>> {
    let key = read_key(&key)?;
    let next = Policy::parse(&value.to_string()).map_err(|invalid| Error::invalid(&invalid.key, invalid.message))?;
    app.settings.fixed.allow(Some(&key), &next)?;
    let site = app.store.read(move |db| sites::find(db, &key)).await?;
    let changes = next.changes_of(&site.policy.policy);
    let looser = changes.iter().any(|change| change.looser);
    Ok(Json(Comparison { changes, looser }))
}
