//! What a visitor may read and do without an account: the public notice of a site, and the recordings of the own browser.

mod notice;
mod own;
mod page;
mod words;

pub use notice::{link, paste};
pub use words::Language;

use crate::app::App;
use crate::embedded::{self, Caching};
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::model::SiteKey;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, header};
use notice::Notice;
use serde::Deserialize;
use std::sync::Arc;

/// The pages, which carry headers of their own.
pub fn pages() -> Router<Arc<App>> {
    Router::new().route("/privacy/{site}", get(serve)).route(page::STYLE, get(style)).route(page::SCRIPT, get(script))
}

/// What the visitor's own page asks for. Stated apart from the API: no account ever stands behind it.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/visitor/v1/{site}/recordings", post(own::list))
        .route("/visitor/v1/{site}/events", post(own::events))
        .route("/visitor/v1/{site}/copy", post(own::copy))
        .route("/visitor/v1/{site}/assets", post(own::assets))
        .route("/visitor/v1/{site}/asset", post(own::asset))
        .route("/visitor/v1/{site}/erase", post(own::erase))
        .route("/visitor/v1/{site}/restrict", post(own::restrict))
        .route("/visitor/v1/{site}/lift", post(own::lift))
}

#[derive(Debug, Deserialize)]
struct Asked {
    lang: Option<String>,
}

/// `GET /privacy/{site}`, and `GET /privacy/{site}.json` for programs.
async fn serve(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response> {
    let (key, data) = name.strip_suffix(".json").map_or((name.as_str(), false), |key| (key, true));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = Language::choose(asked.lang.as_deref(), accepted);
    let base = app.base_url(&headers);
    let site = match key.parse::<SiteKey>() {
        Ok(key) => app.store.site(&key)?,
        Err(_) => None,
    };
    match site {
        Some(site) if data => {
            let notice = Notice::of(&site, language, &base);
            Ok(([(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], Json(notice))
                .into_response())
        }
        Some(site) => Ok(page::show(&Notice::of(&site, language, &base), &base)),
        None if data => Err(Error::NotFound),
        None => Ok(page::missing(language, &base)),
    }
}

async fn style() -> Response {
    let css = include_str!("../../assets/notice/notice.css");
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, css).into_response()
}

async fn script(headers: HeaderMap) -> Result<Response> {
    let mut answer =
        embedded::answer("dashboard/visitor/own.js", &headers, Caching::Revalidate).ok_or(Error::NotFound)?;
    answer.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, http::HeaderValue::from_static("nosniff"));
    Ok(answer)
}
