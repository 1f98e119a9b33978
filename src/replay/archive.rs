//! A visitor's recordings as one file, for whoever asks for a copy of what is there of him (GDPR, Art. 15 and 20).

use super::recordings::Detail;
use super::visitors::read_id;
use crate::access::Manager;
use crate::app::App;
use crate::error::{Error, Result};
use crate::export::{Archive, Entry, Whole, leave, pieces};
use crate::model::Timestamp;
use crate::store::site::Catalogue;
use crate::store::visitor::{self, Whose};
use crate::store::{Keyring, Readable, recording};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is there of somebody, to be written into an archive. Blocking.
pub fn gather(db: &Connection, keyring: &Keyring, sites: &Catalogue, whose: Whose, now: Timestamp) -> Result<Archive> {
    let (mut entries, mut restricted, mut named) = (Vec::new(), 0, BTreeSet::new());
    for (id, closed) in visitor::recordings(db, whose)? {
        if closed {
            restricted += 1;
            continue;
        }
        let row = recording::find(db, id, "")?;
        named.insert((row.site_id, row.policy_version));
        if let Some(detail) = Detail::read(row, keyring, sites, now) {
            entries.push(Entry { id, facts: json!(detail) });
        }
    }
    let policies = named.into_iter().filter_map(|(site_id, version)| policy(sites, site_id, version)).collect();
    Ok(Archive { made_at: now.0, entries, policies, restricted })
}

/// The policy that a recording was made under, where it can still be read.
fn policy(sites: &Catalogue, site_id: i64, version: u32) -> Option<Value> {
    let site = sites.values().find(|site| site.id == site_id)?;
    let saved = std::iter::once(&site.policy).chain(&site.older).find(|saved| saved.number == version)?;
    Some(json!({
        "site": site.key.to_string(), "version": saved.number, "hash": saved.hash.to_string(), "saved_at": saved.saved_at.0,
        "policy": &*saved.policy,
    }))
}

/// All recordings of a visitor but those that are restricted: a zip file with each as rrweb JSON and as a file that plays itself, what is
/// known of it, the policies, and a page that says what is what.
#[utoipa::path(get, path = "/api/v1/visitors/{id}/archive.zip", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, description = "The archive.", content_type = "application/zip"), (status = 404, description = "There is none.")))]
pub async fn zip(State(app): State<Arc<App>>, _: Manager, Path(id): Path<String>) -> Result<Response> {
    let id = read_id(&id)?;
    let (leave, store, sites, now) = (leave().await?, app.store.clone(), app.store.sites()?, app.now());
    let archive = app.store.read(move |db| gather(db, store.keyring(), &sites, Whose::Visitor(id), now)).await?;
    if archive.entries.is_empty() && archive.restricted == 0 {
        return Err(Error::NotFound);
    }
    let (store, runtime) = (app.store.clone(), tokio::runtime::Handle::current());
    let body = pieces(leave, format!("the archive of visitor {id}"), move |send| {
        let mut open =
            |recording| {
                let inner = store.clone();
                runtime.block_on(store.read(move |db| {
                    Whole::open(db, inner.keyring(), inner.place(), Readable::by_staff(db, recording)?)
                }))
            };
        archive.write(&mut open, send).map(drop)
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"visitor-{id}.zip\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}
