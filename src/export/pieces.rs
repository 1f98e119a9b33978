//! Long answers that are written while they are read, by a thread of their own: memory holds a few pieces.

use crate::error::{Error, Result};
use axum::body::Body;
use bytes::Bytes;
use std::sync::{Arc, LazyLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// Answers written at once; each holds a thread while its reader takes it in.
static STREAMS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(32)));
/// Pieces that wait for a slow reader.
const PIECES_WAITING: usize = 2;

/// Leave to write an answer, once there is a thread for it.
pub async fn leave() -> Result<OwnedSemaphorePermit> {
    STREAMS.clone().acquire_owned().await.map_err(|cause| Error::internal("streaming", cause))
}

/// A body that `write` makes, piece by piece, until nobody listens. `what` is named in the log where it fails.
pub fn body(
    leave: OwnedSemaphorePermit,
    what: String,
    write: impl FnOnce(&mut dyn FnMut(Bytes) -> bool) -> Result<()> + Send + 'static,
) -> Body {
    let (pieces, receiver) = mpsc::channel::<Result<Bytes>>(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        let _leave = leave;
        let mut send = |piece: Bytes| pieces.blocking_send(Ok(piece)).is_ok();
        if let Err(error) = write(&mut send) {
            tracing::error!(cause = %error, "{what} could not be read to its end");
            // Breaks the answer off, so that nobody takes a part for the whole.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}
