//! What a policy that is not saved yet would show of the operator's own page, while he changes it.

use super::site::read_key;
use crate::access::Manager;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::model::{AssetHash, PreviewToken};
use crate::policy::Policy;
use crate::preview::{Note, Reached, Watching};
use crate::store::{Site, site};
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A policy to look at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewDraft {
    #[schema(value_type = Object)]
    policy: serde_json::Value,
    /// Of the words in the page's bar: `en`, `cs`.
    #[serde(default)]
    language: String,
}

/// What opens a page for a preview.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Begun {
    /// `hush-preview=TOKEN` behind the `#` of a page's address makes its recorder show it here.
    token: String,
}

/// A picture or font of the page.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Brought {
    hash: String,
    kind: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BroughtList {
    items: Vec<Brought>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct From {
    /// The last note that was heard; a browser that connects again says it by itself in `Last-Event-ID`.
    after: Option<u64>,
}

/// Begin a preview of this policy. It lives while it is watched, and two minutes more.
#[utoipa::path(post, path = "/api/v1/sites/{key}/previews", tag = "sites", params(("key" = String, Path)), request_body = PreviewDraft,
    responses((status = 201, body = Begun), (status = 422, description = "Names the key that is wrong.")))]
pub async fn begin(
    State(app): State<Arc<App>>,
    _: Manager,
    Path(key): Path<String>,
    Json(draft): Json<PreviewDraft>,
) -> Result<Response> {
    let site = find(&app, &key).await?;
    let token = app.previews.begin(&site, read(&draft)?, draft.language, app.now())?;
    Ok((StatusCode::CREATED, Json(Begun { token: token.to_string() })).into_response())
}

/// Change the policy that is looked at. The open page tells itself anew under it.
#[utoipa::path(put, path = "/api/v1/sites/{key}/previews/{token}", tag = "sites",
    params(("key" = String, Path), ("token" = String, Path)), request_body = PreviewDraft,
    responses((status = 204), (status = 404, description = "There is none, or it has ended.")))]
pub async fn change(
    State(app): State<Arc<App>>,
    _: Manager,
    Path((key, token)): Path<(String, String)>,
    Json(draft): Json<PreviewDraft>,
) -> Result<StatusCode> {
    let (site_id, token) = (find(&app, &key).await?.id, read_token(&token)?);
    app.previews.change(token, site_id, read(&draft)?, app.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// End it; its page is recorded again as it was, from its next load.
#[utoipa::path(delete, path = "/api/v1/sites/{key}/previews/{token}", tag = "sites",
    params(("key" = String, Path), ("token" = String, Path)), responses((status = 204), (status = 404, description = "There is none.")))]
pub async fn end(
    State(app): State<Arc<App>>,
    _: Manager,
    Path((key, token)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (site_id, token) = (find(&app, &key).await?.id, read_token(&token)?);
    app.previews.end(token, site_id, app.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// What would be kept of the page that is open, as it happens. Server-sent events: `page` begins a page, `events` is a JSON array of
/// rrweb events, `asset` says that asking anew shows more pictures, `picked` {list, entry} was clicked in the page,
/// `refused` {rule, selector} and `too-large` say why nothing is shown.
#[utoipa::path(get, path = "/api/v1/sites/{key}/previews/{token}/events", tag = "sites",
    params(("key" = String, Path), ("token" = String, Path), From),
    responses((status = 200, content_type = "text/event-stream", body = Vec<Object>), (status = 404, description = "There is none, or it has ended.")))]
pub async fn events(
    State(app): State<Arc<App>>,
    _: Manager,
    Path((key, token)): Path<(String, String)>,
    Query(from): Query<From>,
    headers: http::HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>> {
    let (site_id, token) = (find(&app, &key).await?.id, read_token(&token)?);
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).or(from.after);
    let following = Following {
        reached: app.previews.follow(token, site_id, app.now())?,
        _watching: app.previews.watch(token, site_id, app.clock())?,
        from: last.map(|id: u64| id.saturating_add(1)),
        app,
        token,
        site_id,
    };
    let told = stream::unfold(following, more).flat_map(stream::iter);
    Ok(Sse::new(told).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Where one watcher is.
struct Following {
    app: Arc<App>,
    token: PreviewToken,
    site_id: i64,
    /// The number of the note that comes next; none has been heard where there is none.
    from: Option<u64>,
    reached: watch::Receiver<Reached>,
    _watching: Watching,
}

/// What there is to tell, once there is something; nothing when the preview ends.
async fn more(mut at: Following) -> Option<(Vec<Result<Event, axum::Error>>, Following)> {
    loop {
        at.reached.mark_unchanged();
        let (next, notes) = at.app.previews.notes(at.token, at.site_id, at.from, at.app.now()).ok()?;
        if !notes.is_empty() {
            let first = next - notes.len() as u64;
            at.from = Some(next);
            return Some((notes.into_iter().zip(first..).map(|(note, number)| event_of(note, number)).collect(), at));
        }
        at.from = Some(next);
        tokio::select! {
            moved = at.reached.changed() => moved.ok()?,
            () = at.app.stopped() => return None,
        }
    }
}

/// The pictures and fonts that have come.
#[utoipa::path(get, path = "/api/v1/sites/{key}/previews/{token}/assets", tag = "sites",
    params(("key" = String, Path), ("token" = String, Path)),
    responses((status = 200, body = BroughtList), (status = 404, description = "There is none, or it has ended.")))]
pub async fn assets(
    State(app): State<Arc<App>>,
    _: Manager,
    Path((key, token)): Path<(String, String)>,
) -> Result<Json<BroughtList>> {
    let (site_id, token) = (find(&app, &key).await?.id, read_token(&token)?);
    let brought = |(hash, kind): (AssetHash, &str)| Brought { hash: hash.to_string(), kind: kind.to_owned() };
    let items = app.previews.assets(token, site_id, app.now())?.into_iter().map(brought).collect();
    Ok(Json(BroughtList { items }))
}

/// The bytes of one.
#[utoipa::path(get, path = "/api/v1/sites/{key}/previews/{token}/assets/{hash}", tag = "sites",
    params(("key" = String, Path), ("token" = String, Path), ("hash" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]), (status = 404, description = "There is none.")))]
pub async fn asset(
    State(app): State<Arc<App>>,
    _: Manager,
    Path((key, token, hash)): Path<(String, String, String)>,
) -> Result<Response> {
    let (site_id, token) = (find(&app, &key).await?.id, read_token(&token)?);
    let hash = hash.parse().map_err(|_| Error::NotFound)?;
    let asset = app.previews.asset(token, site_id, hash, app.now())?;
    // Never a document: what a stranger's page brought is only ever handed to the replay frame.
    let headers =
        [(header::CONTENT_TYPE, asset.kind), (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'")];
    Ok((headers, asset.bytes).into_response())
}

fn event_of(note: Note, number: u64) -> Result<Event, axum::Error> {
    let event = Event::default().id(number.to_string());
    let empty = serde_json::json!({});
    match note {
        Note::Page => event.event("page").json_data(empty),
        Note::Events(events) => Ok(event.event("events").data(&*events)),
        Note::Asset => event.event("asset").json_data(empty),
        Note::Picked { list, entry } => {
            event.event("picked").json_data(serde_json::json!({ "list": list, "entry": entry }))
        }
        Note::Refused { rule, selector } => {
            event.event("refused").json_data(serde_json::json!({ "rule": rule, "selector": selector }))
        }
        Note::TooLarge => event.event("too-large").json_data(empty),
    }
}

async fn find(app: &App, key: &str) -> Result<Site> {
    let key = read_key(key)?;
    app.store.read(move |db| site::find(db, &key)).await
}

fn read_token(token: &str) -> Result<PreviewToken> {
    token.parse().map_err(|_| Error::NotFound)
}

fn read(draft: &PreviewDraft) -> Result<Policy> {
    Policy::parse(&draft.policy.to_string()).map_err(|invalid| Error::invalid(&invalid.key, invalid.message))
}
