//! What an operator's own tab sends while its page is previewed: the same batches, pictures and fonts as a visitor's, checked by the
//! same rules and kept in memory alone; and what he clicks.
//!
//! ```text
//! POST /i/v1/{site}/preview/{token}/{recording}/{page}/{seq}    a batch
//! POST /i/v1/{site}/preview/{token}/assets                      as for a recording
//! POST /i/v1/{site}/preview/{token}    {"draft": N} waits until the draft is another one, and says its number; 204 after a while
//!                                      {"list": "mask", "entry": ".customer"} was clicked
//! ```

use super::Door;
use super::asset::{ASSET_BYTES_MAX, HEAD_BYTES, Head, digits, hashes_in, kind_of};
use super::batch::{in_site, limit, read};
use super::inflate::{SENT_BYTES_MAX, inflate};
use crate::app::Peer;
use crate::error::{Error, Result};
use crate::model::PreviewToken;
use crate::preview::{Asset, Batch, Pick};
use crate::store::Site;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long a tab waits for another draft before it asks again: shorter than what proxies cut off.
const DRAFT_WAIT: Duration = Duration::from_secs(25);
/// A click, or the number of a draft.
const WORD_BYTES_MAX: usize = 4 << 10;

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Word {
    Draft { draft: u32 },
    Picked { list: Pick, entry: String },
}

/// One batch.
pub async fn receive(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path((site, token, recording, page, seq)): Path<(String, String, String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_site(&door, &site, &headers, async |site| {
        let token = admit(&door, site, &headers, peer, &token)?;
        let (Ok(recording), Ok(page), Ok(seq)) = (recording.parse(), page.parse(), seq.parse()) else {
            return Err(Error::NotFound);
        };
        let (sent, _kib) = read(&door, &headers, body, SENT_BYTES_MAX).await?;
        let (app, site_id) = (door.app.clone(), site.id);
        let take = move || {
            let opened = inflate(&sent)?;
            app.previews.take(token, site_id, &Batch { recording, page, seq, opened: &opened }, app.now())
        };
        door.large.run(take).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Pictures and fonts.
pub async fn receive_assets(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path((site, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_site(&door, &site, &headers, async |site| {
        let token = admit(&door, site, &headers, peer, &token)?;
        let (sent, _kib) = read(&door, &headers, body, HEAD_BYTES + ASSET_BYTES_MAX).await?;
        let head = Head::read(&sent, site.id, &door)?;
        let (previews, now) = (&door.app.previews, door.app.now());
        if !head.brings {
            let lacks = previews.lacks(token, site.id, &hashes_in(head.rest)?, now)?;
            return Ok(digits(lacks).into_response());
        }
        let asset = Asset { kind: kind_of(head.rest)?.media_type(), bytes: sent.slice(HEAD_BYTES..) };
        previews.bring(token, site.id, asset, now)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// The tab waits for another draft, or says what was clicked.
pub async fn speak(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path((site, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_site(&door, &site, &headers, async |site| {
        let token = admit(&door, site, &headers, peer, &token)?;
        let sent = read(&door, &headers, body, WORD_BYTES_MAX).await?.0;
        let word = serde_json::from_slice(&sent).map_err(|cause| Error::invalid("body", cause.to_string()))?;
        let (previews, now) = (&door.app.previews, door.app.now());
        match word {
            Word::Draft { draft } => {
                let mut reached = previews.follow(token, site.id, now)?;
                let another = reached.wait_for(|reached| reached.draft != draft);
                match tokio::time::timeout(DRAFT_WAIT, another).await {
                    Ok(Ok(reached)) => Ok(reached.draft.to_string().into_response()),
                    Ok(Err(_)) => Err(Error::NotFound),
                    Err(_) => Ok(StatusCode::NO_CONTENT.into_response()),
                }
            }
            Word::Picked { list, entry } => {
                previews.pick(token, site.id, list, entry, now)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
        }
    })
    .await
}

/// Also while the site is paused: nothing of this is recorded.
fn admit(door: &Door, site: &Site, headers: &HeaderMap, peer: Peer, token: &str) -> Result<PreviewToken> {
    limit(door, site, headers, peer)?;
    token.parse().map_err(|_| Error::NotFound)
}
