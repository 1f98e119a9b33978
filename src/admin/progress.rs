//! "Waiting for the first event": what has been heard of a site, now and at each change.

use super::site::read_key;
use crate::access::Signed;
use crate::app::App;
use crate::error::Result;
use crate::model::SiteKey;
use crate::store::recording::{self, Filter};
use crate::store::refusal;
use crate::store::site;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Changes closer together than this are told as one.
const TOLD_EVERY: Duration = Duration::from_millis(300);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What has been heard of a site so far.
#[derive(Debug, Serialize, PartialEq, utoipa::ToSchema)]
pub struct Progress {
    /// A page has asked for the recorder.
    fetched: bool,
    /// A batch has been kept.
    batch: bool,
    /// The newest recording.
    recording: Option<String>,
    /// What the door refused in the last 30 days.
    refused: Vec<Refused>,
}

#[derive(Debug, Serialize, PartialEq, utoipa::ToSchema)]
pub struct Refused {
    rule: String,
    count: u64,
}

/// Server-sent events named `progress`.
#[utoipa::path(get, path = "/api/v1/sites/{key}/progress", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = Progress), (status = 404, description = "There is none.")))]
pub async fn stream(
    State(app): State<Arc<App>>,
    _: Signed,
    Path(key): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>> {
    let key = read_key(&key)?;
    let site_id = {
        let key = key.clone();
        app.store.read(move |db| site::find(db, &key)).await?.id
    };
    // Listen before the first look, so that nothing falls between.
    let bell = app.bell.listen(site_id);
    let events = stream::unfold((app, key, bell, true), |(app, key, mut bell, first)| async move {
        if !first {
            tokio::select! {
                changed = bell.changed() => changed.ok()?,
                () = app.stopped() => return None,
            }
            tokio::time::sleep(TOLD_EVERY).await;
            bell.mark_unchanged();
        }
        // A site that was removed meanwhile ends the stream.
        let progress = look(&app, key.clone()).await.ok()?;
        Some((Event::default().event("progress").json_data(progress), (app, key, bell, false)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

async fn look(app: &Arc<App>, key: SiteKey) -> Result<Progress> {
    let now = app.now();
    app.store
        .read(move |db| {
            let site = site::find(db, &key)?;
            let filter = Filter { site_id: Some(site.id), ..Filter::default() };
            let newest = recording::list(db, &filter, "", 1)?.into_iter().next();
            let refused = refusal::list(db, site.id, now)?;
            Ok(Progress {
                fetched: site.last_fetched_at.is_some(),
                batch: site.last_batch_at.is_some(),
                recording: newest.map(|recording| recording.id.to_string()),
                refused: refused.into_iter().map(|(rule, count)| Refused { rule, count }).collect(),
            })
        })
        .await
}
