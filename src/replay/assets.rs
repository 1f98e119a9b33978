//! A recording's pictures and fonts: what it shows, what could not be read and why, and their bytes.

use super::recordings::readable;
use crate::access::Watcher;
use crate::app::App;
use crate::error::{Error, Result};
use crate::export::{self, AssetList};
use crate::json::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;

/// The pictures and fonts of a recording, and those that could not be read.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/assets", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = AssetList), (status = 404, description = "There is none."), (status = 423, description = "It is restricted.")))]
pub async fn list(State(app): State<Arc<App>>, _: Watcher, Path(id): Path<String>) -> Result<Json<AssetList>> {
    Ok(Json(export::assets(&app, readable(&app, &id).await?).await?))
}

/// The bytes of one.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/assets/{hash}", tag = "recordings",
    params(("id" = String, Path), ("hash" = String, Path)),
    responses((status = 200, description = "A picture or a font.", content_type = "application/octet-stream"),
              (status = 404, description = "There is none."), (status = 423, description = "It is restricted.")))]
pub async fn show(
    State(app): State<Arc<App>>,
    _: Watcher,
    Path((id, hash)): Path<(String, String)>,
) -> Result<Response> {
    export::asset(&app, readable(&app, &id).await?, hash.parse().map_err(|_| Error::NotFound)?).await
}
