//! What happened in a recording, and where a player may begin.

use super::recordings::readable;
use crate::access::Watcher;
use crate::app::App;
use crate::error::{Error, Result};
use crate::finish::Marks;
use crate::json::Json;
use crate::store::finish;
use axum::extract::{Path, State};
use std::sync::Arc;

/// The marks of a finished recording, and its keyframes.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/marks", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = Marks), (status = 423, description = "It is restricted."),
              (status = 404, description = "There is none, or its marks are not made yet: `marked_at` says so.")))]
pub async fn show(State(app): State<Arc<App>>, _: Watcher, Path(id): Path<String>) -> Result<Json<Marks>> {
    let (readable, store) = (readable(&app, &id).await?, app.store.clone());
    let marks = app.store.read(move |db| finish::marks(db, store.keyring(), store.place(), readable));
    Ok(Json(marks.await?.ok_or(Error::NotFound)?))
}
