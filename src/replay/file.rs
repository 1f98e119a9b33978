//! A recording as a file: one that plays itself, or data.

use super::recordings::readable;
use crate::access::Watcher;
use crate::app::App;
use crate::error::Result;
use crate::export::{Whole, leave, pieces};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use std::sync::Arc;

/// Should a browser open it under our address all the same, it is nobody's page.
const CSP: &str = "sandbox; default-src 'none'";

/// The recording as one HTML file, with the player, its pictures and fonts in it. It opens from a disk and loads nothing.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/export.html", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, description = "The file.", body = String, content_type = "text/html"),
              (status = 404, description = "There is none."), (status = 423, description = "It is restricted.")))]
pub async fn html(State(app): State<Arc<App>>, _: Watcher, Path(id): Path<String>) -> Result<Response> {
    let readable = readable(&app, &id).await?;
    let id = readable.id();
    let (leave, store) = (leave().await?, app.store.clone());
    let whole = app.store.read(move |db| Whole::open(db, store.keyring(), store.place(), readable)).await?;
    let body = pieces(leave, format!("recording {id}"), move |send| whole.write_html(send));
    Ok(answer(body, "text/html; charset=utf-8", &format!("recording-{id}.html")))
}

/// The recording as rrweb JSON with its pictures and fonts inside, which any rrweb player shows.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/export.json", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, description = "A JSON array of rrweb events.", body = Vec<serde_json::Value>),
              (status = 404, description = "There is none."), (status = 423, description = "It is restricted.")))]
pub async fn json(State(app): State<Arc<App>>, _: Watcher, Path(id): Path<String>) -> Result<Response> {
    let readable = readable(&app, &id).await?;
    let id = readable.id();
    let (leave, store) = (leave().await?, app.store.clone());
    let whole = app.store.read(move |db| Whole::open(db, store.keyring(), store.place(), readable)).await?;
    let body = pieces(leave, format!("recording {id}"), move |send| whole.write_json(send));
    Ok(answer(body, "application/json", &format!("recording-{id}.json")))
}

fn answer(body: Body, media_type: &str, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CONTENT_SECURITY_POLICY, CSP.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
}
