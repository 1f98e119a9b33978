//! What visitors, and staff in their name, asked about a site's recordings, and when it was done.

use super::site::read_key;
use crate::access::Signed;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::store::request::{self, Line};
use crate::store::site as sites;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const LIMIT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Something that was asked. Neither what was recorded nor who the visitor is stands here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DataRequest)]
pub struct View {
    recording: String,
    /// `access` (the own page showed it), `copy`, `erasure`, `withdrawal` (of consent, with what was recorded), `restriction` or `lift`.
    kind: &'static str,
    /// `visitor`, `command`, or the id of an account or a token.
    by: String,
    /// The account's e-mail address or the token's name, as far as it is still there.
    name: Option<String>,
    /// Empty where the visitor asked.
    reason: String,
    /// How often the visitor asked within the day.
    times: u32,
    asked_at: i64,
    /// When it was done, the last time.
    done_at: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DataRequestList)]
pub struct List {
    items: Vec<View>,
    /// Pass as `cursor` for those before these.
    next: Option<String>,
}

/// What to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many: 1 to 200, 50 where it is left out.
    limit: Option<u32>,
}

/// What was asked about a site's recordings, newest first. Lines are kept for three years, 10,000 a site. An objection stays in the
/// visitor's browser, and is told to no server.
#[utoipa::path(get, path = "/api/v1/sites/{key}/requests", tag = "sites", params(("key" = String, Path), Asked),
    responses((status = 200, body = List), (status = 404, description = "There is none.")))]
pub async fn list(
    State(app): State<Arc<App>>,
    _: Signed,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<List>> {
    let key = read_key(&key)?;
    let wrong = |_| Error::invalid("cursor", "The cursor is `next` of the page before.");
    let before = asked.cursor.as_deref().map(str::parse::<i64>).transpose().map_err(wrong)?;
    let limit = asked.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    // One more than asked for tells whether there is a next page.
    let read = app.store.read(move |db| request::list(db, sites::find(db, &key)?.id, before, limit + 1));
    let mut lines = read.await?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id.to_string());
    Ok(Json(List { items: lines.into_iter().map(View::of).collect(), next }))
}

impl View {
    pub fn of(line: Line) -> Self {
        Self {
            recording: line.recording.to_string(),
            kind: line.kind.as_str(),
            by: line.by.to_string(),
            name: line.name,
            reason: line.reason,
            times: line.times,
            asked_at: line.asked_at.0,
            done_at: line.done_at.0,
        }
    }
}
