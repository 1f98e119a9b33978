//! What was found on a site, for whoever can mend it: kind and place, never a value.

use super::site::read_key;
use crate::access::{Manager, Watcher};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::model::{FindingId, Reason};
use crate::store::finding::{self, Finder, Finding, Fix, State};
use crate::store::site as sites;
use axum::extract::{Path, State as Part};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A field that nobody marked, or what a recorder told and may not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Finding)]
pub struct View {
    id: String,
    /// `recorder` (in the page, before anything was sent), `door` (in a batch, which was refused) or `auditor` (in a stored
    /// recording, from which it was taken out).
    #[schema(value_type = String)]
    by: Finder,
    /// What it is, or the rule that it broke.
    kind: String,
    /// The page's address, reduced by the policy; empty where it is not known.
    page: String,
    /// Where on the page; empty where that is not known.
    selector: String,
    /// How many batches told of it.
    times: u64,
    first_at: i64,
    last_at: i64,
    /// `open`, `fixed` (open again by itself once it is met again) or `accepted`.
    #[schema(value_type = String)]
    state: State,
    reason: String,
    fix: Fix,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FindingList)]
pub struct List {
    items: Vec<View>,
}

/// What was made of a finding.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// `open`, `fixed` or `accepted`.
    #[schema(value_type = String)]
    state: State,
    /// Why it may stay as it is; must be said where it is accepted.
    #[serde(default)]
    reason: String,
}

/// What was found on a site: open ones first, then the latest.
#[utoipa::path(get, path = "/api/v1/sites/{key}/findings", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = List), (status = 404, description = "There is none.")))]
pub async fn list(Part(app): Part<Arc<App>>, _: Watcher, Path(key): Path<String>) -> Result<Json<List>> {
    let key = read_key(&key)?;
    let keyring = app.store.keyring().clone();
    let findings = app.store.read(move |db| {
        let site = sites::find(db, &key)?;
        finding::list(db, &keyring, site.id)
    });
    Ok(Json(List { items: findings.await?.into_iter().map(View::of).collect() }))
}

/// Say that a finding was mended, or why it may stay.
#[utoipa::path(put, path = "/api/v1/sites/{key}/findings/{id}", tag = "sites", request_body = Settled,
    params(("key" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Noted."), (status = 404, description = "There is none."),
        (status = 422, description = "A reason is missing.")))]
pub async fn settle(
    Part(app): Part<Arc<App>>,
    _: Manager,
    Path((key, id)): Path<(String, String)>,
    Json(Settled { state, reason }): Json<Settled>,
) -> Result<StatusCode> {
    let key = read_key(&key)?;
    let id = id.parse::<FindingId>().map_err(|_| Error::NotFound)?;
    let reason = reason.trim().to_owned();
    if reason.chars().count() > Reason::CHARS_MAX {
        return Err(Error::invalid("reason", format!("A reason has at most {} characters.", Reason::CHARS_MAX)));
    }
    match state {
        State::Accepted if reason.is_empty() => {
            return Err(Error::invalid("reason", "Say why it may stay as it is."));
        }
        State::Open | State::Fixed | State::Accepted => {}
    }
    app.store
        .write(move |books| {
            let site = sites::find(&books.meta, &key)?;
            finding::settle(&books.meta, site.id, id, state, &reason)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl View {
    pub fn of(finding: Finding) -> Self {
        let Finding { id, found, state, reason, times, first_at, last_at } = finding;
        let fix = found.fix();
        Self {
            id: id.to_string(),
            by: found.by,
            kind: found.kind,
            page: found.page,
            selector: found.selector,
            times,
            first_at: first_at.0,
            last_at: last_at.0,
            state,
            reason,
            fix,
        }
    }
}
