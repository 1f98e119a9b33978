//! Recordings of other programs, handed in as a file of rrweb events.

use crate::access::Manager;
use crate::app::App;
use crate::error::{Error, Result};
use crate::import::keep::{Outcome, Sealed, seal};
use crate::import::{FILE_BYTES_MAX, Importer, too_large};
use crate::json::Json;
use crate::model::{SiteKey, Timestamp};
use crate::store::{Keyring, Site};
use axum::body::{Body, BodyDataStream};
use axum::extract::{Path, State};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// Files taken in at once: each may hold a few hundred megabytes of memory.
static IMPORTS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));
/// Pieces of the body that wait to be read.
const PIECES_WAITING: usize = 8;
/// No piece of the body for so long: the connection is lost.
const PIECE_WAIT: Duration = Duration::from_secs(30);
/// What is too large or wrong is read away for this long, so that the sender sees the answer instead of a broken connection.
const DRAIN_WAIT: Duration = Duration::from_secs(2);

/// What became of a file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Imports)]
pub struct Imports {
    /// One for each window of the file.
    recordings: Vec<Outcome>,
}

/// Import a recording of rrweb events, made by any program: a list of events, `{"events": […]}`, a line an event, or an export of
/// PostHog, Umami or OpenReplay that holds them. What it holds is hidden as the site's policy says before it is kept. Up to 256 MiB.
#[utoipa::path(post, path = "/api/v1/sites/{key}/recordings/import", tag = "recordings", params(("key" = String, Path)),
    request_body(content = String, content_type = "application/json"),
    responses((status = 201, body = Imports), (status = 404, description = "There is no such site."),
              (status = 413, description = "The file, an event in it or what it comes to is too large."),
              (status = 422, description = "It is no recording of rrweb events; the answer says where."),
              (status = 503, description = "Another file is being imported.")))]
pub async fn import(
    State(app): State<Arc<App>>,
    Manager(_): Manager,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Imports>)> {
    let key: SiteKey = key.parse().map_err(|_| Error::NotFound)?;
    let site = app.store.site(&key)?.ok_or(Error::NotFound)?;
    let _permit = IMPORTS.try_acquire().map_err(|_| Error::Busy { retry_s: 10 })?;
    let mut body = body.into_data_stream();
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|bytes| bytes > FILE_BYTES_MAX) {
        drain(body).await;
        return Err(Error::LargeImport(too_large()));
    }
    let (pieces, inbox) = mpsc::channel(PIECES_WAITING);
    let (keyring, now) = (app.store.keyring().clone(), app.now());
    let reader = tokio::task::spawn_blocking(move || read(inbox, &keyring, &site, now));
    let sent = send(&mut body, pieces).await;
    let read = reader.await.map_err(|cause| Error::internal("importing", cause))?;
    let sealed = match (sent, read) {
        (Ok(()), Ok(sealed)) => sealed,
        (_, Err(error)) => {
            drain(body).await;
            return Err(error);
        }
        (Err(error), Ok(_)) => return Err(error),
    };
    let (recordings, appends): (Vec<_>, Vec<_>) =
        sealed.into_iter().map(|Sealed { outcome, appends }| (outcome, appends)).unzip();
    let ids: Vec<_> = recordings.iter().map(|outcome| outcome.id).collect();
    if let Err(error) = app.store.keep_together(appends.into_iter().flatten().collect()).await {
        ids.iter().for_each(|id| app.store.keyring().forget_recording(*id));
        return Err(error);
    }
    tracing::info!(recordings = ids.len(), "imported {} recordings into site {key}", ids.len());
    Ok((StatusCode::CREATED, Json(Imports { recordings })))
}

fn read(
    mut inbox: mpsc::Receiver<Option<Bytes>>,
    keyring: &Keyring,
    site: &Site,
    now: Timestamp,
) -> Result<Vec<Sealed>> {
    let mut importer = Importer::new(&site.policy.policy);
    loop {
        match inbox.blocking_recv() {
            Some(Some(piece)) => importer.feed(&piece)?,
            Some(None) => break,
            // It broke off: what came of it is no recording.
            None => return Ok(Vec::new()),
        }
    }
    importer.finish()?.into_iter().map(|imported| seal(imported, keyring, site, now)).collect()
}

/// Hand the body on, piece by piece, and say where it ends. Whoever reads it may have seen enough before.
async fn send(body: &mut BodyDataStream, pieces: mpsc::Sender<Option<Bytes>>) -> Result<()> {
    loop {
        let piece = match tokio::time::timeout(PIECE_WAIT, body.next()).await {
            Ok(Some(Ok(piece))) => Some(piece),
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => {
                return Err(Error::Unimportable("The file broke off on its way. Send it again.".to_owned()));
            }
        };
        let last = piece.is_none();
        if pieces.send(piece).await.is_err() || last {
            return Ok(());
        }
    }
}

async fn drain(mut body: BodyDataStream) {
    let read_away = async { while let Some(Ok(_)) = body.next().await {} };
    let _ = tokio::time::timeout(DRAIN_WAIT, read_away).await;
}
