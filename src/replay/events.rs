//! A recording as a JSON array of rrweb events.

use super::recordings::readable;
use crate::access::Watcher;
use crate::app::App;
use crate::error::Result;
use crate::export::{self, Part};
use crate::json::Query;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use std::sync::Arc;

/// Where to begin.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Milliseconds since the recording began; the events start at the nearest earlier keyframe or, where it has none, page.
    from: Option<u64>,
    /// The events end at the first keyframe then or later; to their end where there is none.
    to: Option<u64>,
}

/// The recording as rrweb events.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/events", tag = "recordings", params(("id" = String, Path), Asked),
    responses((status = 200, description = "A JSON array of rrweb events.", body = Vec<serde_json::Value>),
              (status = 404, description = "There is none."), (status = 423, description = "It is restricted.")))]
pub async fn stream(
    State(app): State<Arc<App>>,
    _: Watcher,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response> {
    let part = Part { from: asked.from, to: asked.to };
    export::events(&app, readable(&app, &id).await?, part, &headers).await
}
