//! Backups, as far as they are looked after by themselves: a set a day where the configuration names a directory, and in every directory
//! that was ever backed up to the tombstones at once and the keys within a day.

use crate::app::App;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::store::backup::{self, Target};
use std::sync::Arc;

/// Sets that the server keeps of its own backups.
const SETS: usize = 7;

/// Write beside each backup what was erased since the last look.
pub async fn bury(app: Arc<App>) -> Result<()> {
    let waiting = app.store.read(|db| {
        let told =
            backup::targets(db)?.into_iter().map(|target| Ok((backup::erased_since(db, target.buried_to)?, target)));
        told.collect::<Result<Vec<_>>>()
    });
    for (erased, Target { dir, .. }) in waiting.await? {
        let Some((_, to)) = erased.last().copied() else { continue };
        match apart(move || backup::bury(&dir, &erased).map(|()| dir)).await {
            Ok(dir) => app.store.write(move |books| backup::set_buried(&books.meta, &dir, to)).await?,
            // Tried again in two seconds, beside the others; a directory that stays away is in the log once its keys are too old.
            Err(error) => tracing::debug!(cause = %error, "a backup was not told what is erased"),
        }
    }
    Ok(())
}

/// Overwrite the keys in each backup, and make today's where one is wanted.
pub async fn look_after(app: Arc<App>) -> Result<()> {
    let now = app.now();
    let targets = app.store.read(backup::targets).await?;
    for target in targets.iter().filter(|target| target.needs_keys(now)) {
        let (store, dir) = (app.store.clone(), target.dir.clone());
        match apart(move || backup::renew_keys(store.place(), &dir).map(|()| dir)).await {
            Ok(dir) => app.store.write(move |books| backup::set_keys_at(&books.meta, &dir, now)).await?,
            Err(error) => {
                let dir = target.dir.display();
                tracing::warn!(cause = %error, "the keys in the backup {dir} are more than a day old: what is erased can still be read from it");
            }
        }
    }
    let Some(dir) = app.settings.backup_dir.clone() else { return Ok(()) };
    let newest = targets.iter().filter(|target| same(&target.dir, &dir)).map(|target| target.made_at).max();
    if newest.is_some_and(|made_at| now.0 - made_at.0 < Timestamp::DAY_MS) {
        return Ok(());
    }
    let store = app.store.clone();
    let made = apart(move || {
        // Files of its own: the writer goes on meanwhile.
        let mut books = crate::store::Books::open(store.place())?;
        backup::back_up(&mut books, store.keyring(), &dir, SETS, now, &mut |_| ())
    });
    let made = made.await?;
    tracing::info!(recordings = made.counts.recordings, bytes = made.bytes, "backed up to {}", made.set.display());
    Ok(())
}

/// On a thread of its own: the disk may be slow, far away, or gone.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|cause| Error::internal("backing up", cause))?
}

fn same(one: &std::path::Path, other: &std::path::Path) -> bool {
    one == other || other.canonicalize().is_ok_and(|other| one == other)
}
