//! `POST /i/v1/{site}/{recording}/erase`: a visitor takes consent back, and what was recorded with it. The body is the recording's
//! secret, as hexadecimal text. The answer is the same whatever was there, so that it tells nobody which recordings exist.

use super::Door;
use super::batch::{in_site, limit, read};
use crate::app::Peer;
use crate::error::{Error, Result};
use crate::model::RecordingId;
use crate::store::{Site, erasure};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// A secret in hexadecimal.
const SECRET_DIGITS: usize = 32;

/// Also while the site is paused: taking back is always possible.
pub async fn receive(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path((site, recording)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_site(&door, &site, &headers, async |site| {
        limit(&door, site, &headers, peer)?;
        let recording = recording.parse().map_err(|_| Error::NotFound)?;
        let (sent, _kib) = read(&door, &headers, body, SECRET_DIGITS).await?;
        let secret = data_encoding::HEXLOWER.decode(&sent).unwrap_or_default();
        if secret.len() != SECRET_DIGITS / 2 {
            return Err(Error::Malformed { what: "the body is no secret of 32 hexadecimal digits", at: 0 });
        }
        take_back(&door, site, recording, secret).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

async fn take_back(door: &Door, site: &Site, id: RecordingId, secret: Vec<u8>) -> Result<()> {
    let (store, site_id, policy, now) = (&door.app.store, site.id, site.policy.clone(), door.app.now());
    let erased = store.write(move |books| erasure::take_back(books, site_id, id, &secret, &policy, now)).await?;
    store.keyring().forget_recording(id);
    if erased {
        tracing::info!(recording.id = %id, "erased recording {id}, which its visitor took back");
    }
    Ok(())
}
