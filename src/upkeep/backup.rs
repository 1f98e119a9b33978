//! Backups, as far as they are looked after by themselves: a set a day where the configuration names a directory, and in every directory
//! that was ever backed up to the tombstones at once and the keys within a day.

use crate::app::App;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::store::backup;
use std::sync::Arc;

/// Sets that the server keeps of its own backups.
const SETS: usize = 7;

/// Write beside each backup what was erased since the last look.
pub async fn bury(app: Arc<App>) -> Result<()> {
    let waiting = app.store.read(|db| {
        let targets = backup::targets(db)?;
        let told = targets.into_iter().map(|target| Ok((backup::any_unburied(db, &target)?, target)));
        told.collect::<Result<Vec<_>>>()
    });
    let waiting = waiting.await?.into_iter().filter_map(|(unburied, target)| unburied.then_some(target));
    for target in waiting {
        app.store.write(move |books| backup::bury(&books.meta, &target)).await?;
    }
    Ok(())
}

/// Overwrite the keys in each backup, and make today's where one is wanted.
pub async fn look_after(app: Arc<App>) -> Result<()> {
    let now = app.now();
    let targets = app.store.read(backup::targets).await?;
    for target in targets.iter().filter(|target| target.needs_keys(now)).cloned() {
        let dir = target.dir.display().to_string();
        if let Err(error) = app.store.write(move |books| backup::renew_keys(books, &target, now)).await {
            tracing::warn!(cause = %error, "the keys in the backup {dir} are more than a day old: what is erased can still be read from it");
        }
    }
    let Some(dir) = app.settings.backup_dir.clone() else { return Ok(()) };
    let newest = targets.iter().filter(|target| same(&target.dir, &dir)).map(|target| target.made_at).max();
    if newest.is_some_and(|made_at| now.0 - made_at.0 < Timestamp::DAY_MS) {
        return Ok(());
    }
    let store = app.store.clone();
    let made = tokio::task::spawn_blocking(move || {
        // Files of its own: the writer goes on meanwhile.
        let mut books = crate::store::Books::open(store.place())?;
        backup::back_up(&mut books, store.keyring(), &dir, SETS, now, &mut |_| ())
    });
    let made = made.await.map_err(|cause| Error::internal("backing up", cause))??;
    tracing::info!(recordings = made.counts.recordings, bytes = made.bytes, "backed up to {}", made.set.display());
    Ok(())
}

fn same(one: &std::path::Path, other: &std::path::Path) -> bool {
    one == other || other.canonicalize().is_ok_and(|other| one == other)
}
