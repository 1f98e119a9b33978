//! What the recorders of a site could not read, for whoever can mend it.

use super::site::read_key;
use crate::access::Watcher;
use crate::app::App;
use crate::error::Result;
use crate::json::Json;
use crate::store::{site as sites, unreadable};
use crate::stream::Cause;
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;

/// A picture or a font that pages show and replays lack.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Unreadable)]
pub struct View {
    /// Reduced by the policy.
    url: String,
    /// `cors`, `too-large`, `budget`, `save-data`, `failed`, `type`, `forbidden` or `insecure`.
    #[schema(value_type = String)]
    cause: Cause,
    /// How many batches told of it.
    times: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UnreadableList)]
pub struct List {
    items: Vec<View>,
}

/// Pictures and fonts that could not be read in the last 30 days, the most frequent first.
#[utoipa::path(get, path = "/api/v1/sites/{key}/unreadable", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = List), (status = 404, description = "There is none.")))]
pub async fn list(State(app): State<Arc<App>>, _: Watcher, Path(key): Path<String>) -> Result<Json<List>> {
    let key = read_key(&key)?;
    let keyring = app.store.keyring().clone();
    let lines = app.store.read(move |db| {
        let site = sites::find(db, &key)?;
        match keyring.find_asset_key(site.id)? {
            Some(key) => unreadable::list(db, site.id, &key),
            None => Ok(Vec::new()),
        }
    });
    let view = |line: unreadable::Unreadable| View { url: line.url, cause: line.cause, times: line.times };
    Ok(Json(List { items: lines.await?.into_iter().map(view).collect() }))
}
