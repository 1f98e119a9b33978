//! Makes keyframes and marks of each finished recording, once the auditor has looked through it. One at a time: a large page takes memory.

use crate::app::App;
use crate::error::{Error, Result};
use crate::finish::Counts;
use crate::store::finish::{self, Waiting};
use std::sync::Arc;

/// Recordings looked for in one go.
const RUN_MAX: u32 = 20;

pub(super) async fn run(app: Arc<App>) -> Result<()> {
    loop {
        let waiting = app.store.read(|db| finish::unmarked(db, RUN_MAX)).await?;
        let count = waiting.len();
        for recording in waiting {
            finish(&app, recording).await?;
        }
        if count < RUN_MAX as usize {
            return Ok(());
        }
    }
}

async fn finish(app: &Arc<App>, waiting: Waiting) -> Result<()> {
    let (store, now) = (app.store.clone(), app.now());
    let made = app.store.read(move |db| finish::make(db, store.keyring(), store.place(), waiting.id)).await;
    let made = match made {
        Ok(made) => made,
        // Erased or restricted meanwhile.
        Err(Error::NotFound | Error::Restricted) => return Ok(()),
        Err(error) => {
            // It must not hold up the others; it still plays, from its pages.
            tracing::warn!(cause = %error, "a recording has no keyframes: it could not be read");
            None
        }
    };
    let keyring = app.store.keyring().clone();
    let kept = app.store.write(move |books| match made {
        Some(made) => finish::keep(books, &keyring, waiting, &made, now),
        None => finish::set_marked(&books.meta, waiting, &Counts::default(), now),
    });
    match kept.await {
        Err(Error::NotFound | Error::Restricted) => Ok(()),
        kept => kept,
    }
}
