//! One visitor of a site, where its policy lets visits be known again: how often he was recorded, and erasing all of it.

use crate::access::{Manager, Watcher};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::model::VisitorId;
use crate::store::visitor::{self, Whose};
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;

/// What is known of a visitor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Visitor)]
pub struct View {
    /// Names him within his site alone; no browser knows it.
    id: String,
    /// The site's key.
    site: String,
    recordings: u64,
    /// Those of them that are restricted, and so stay when he is erased.
    restricted: u64,
    /// When his first recording began and his last one ended, of those that are left.
    first_at: i64,
    last_at: i64,
}

/// What erasing came to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorErased)]
pub struct Erased {
    erased: usize,
    /// Recordings that stay because they are restricted.
    restricted: u64,
}

/// One visitor.
#[utoipa::path(get, path = "/api/v1/visitors/{id}", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = View), (status = 404, description = "There is none.")))]
pub async fn show(State(app): State<Arc<App>>, _: Watcher, Path(id): Path<String>) -> Result<Json<View>> {
    let id = read_id(&id)?;
    let find = app.store.read(move |db| Ok((visitor::find(db, id)?, visitor::recordings(db, Whose::Visitor(id))?)));
    let (found, recordings) = find.await?;
    let sites = app.store.sites()?;
    // Where the site is gone, its recordings are on their way out too.
    let site = sites.values().find(|site| site.id == found.site_id).ok_or(Error::NotFound)?;
    Ok(Json(View {
        id: found.id.to_string(),
        site: site.key.to_string(),
        recordings: found.recordings,
        restricted: recordings.iter().filter(|(_, restricted)| *restricted).count() as u64,
        first_at: found.first_at.0,
        last_at: found.last_at.0,
    }))
}

/// Erase all recordings of a visitor but those that are restricted. Their keys are destroyed when this answers.
#[utoipa::path(delete, path = "/api/v1/visitors/{id}", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = Erased), (status = 404, description = "There is none.")))]
pub async fn erase(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    Path(id): Path<String>,
) -> Result<Json<Erased>> {
    let (id, now) = (read_id(&id)?, app.now());
    app.store.read(move |db| visitor::find(db, id)).await?;
    let mut answer = Erased { erased: 0, restricted: 0 };
    loop {
        let by = manager.actor();
        let some = app.store.write(move |books| visitor::erase_some(books, Whose::Visitor(id), &by, now)).await?;
        for recording in &some.recordings {
            app.store.keyring().forget_recording(*recording);
            tracing::info!(recording.id = %recording, "erased recording {recording}");
        }
        answer = Erased { erased: answer.erased + some.recordings.len(), restricted: some.restricted };
        if some.recordings.is_empty() {
            return Ok(Json(answer));
        }
    }
}

pub(super) fn read_id(text: &str) -> Result<VisitorId> {
    text.parse().map_err(|_| Error::NotFound)
}
