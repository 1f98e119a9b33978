//! Looks through each finished recording: what was told and should not have been is taken out in place, and becomes a finding.

use crate::app::App;
use crate::auditor::Shown;
use crate::error::{Error, Result};
use crate::store::audit::{Waiting, look, set_audited, unaudited};
use crate::store::finding::{self, Finder, Found};
use crate::store::{recording, rewrite};
use std::sync::Arc;

/// Recordings looked at in one run.
const RUN_MAX: u32 = 20;

pub(super) async fn run(app: Arc<App>) -> Result<()> {
    loop {
        let before = app.now().0 - recording::IDLE_MS;
        let waiting = app.store.read(move |db| unaudited(db, before, RUN_MAX)).await?;
        let count = waiting.len();
        for recording in waiting {
            audit(&app, recording).await?;
        }
        if count < RUN_MAX as usize {
            return Ok(());
        }
    }
}

async fn audit(app: &Arc<App>, waiting: Waiting) -> Result<()> {
    let Waiting { id, site_id, last_batch_at, .. } = waiting;
    let store = app.store.clone();
    let report = app.store.read(move |db| look(db, store.keyring(), store.place(), &waiting));
    let report = match report.await {
        Ok(report) => report,
        // Erased meanwhile.
        Err(Error::NotFound) => None,
        // Restricted meanwhile: looked at once that is lifted.
        Err(Error::Restricted) => return Ok(()),
        Err(error) => {
            // Looked at once more only when something of it changes: one that cannot be read must not hold up the others.
            tracing::warn!(cause = %error, "a recording could not be looked through");
            None
        }
    };
    let now = app.now();
    let keyring = app.store.keyring().clone();
    let rewritten = report.as_ref().is_some_and(|report| !report.edits.is_empty());
    let written = app.store.write(move |books| {
        if let Some(report) = report {
            if !report.edits.is_empty() {
                report.take_out(books, &keyring, id)?;
            }
            if !report.found.is_empty() {
                let key = keyring.asset_key(site_id, now)?;
                let line = |Shown { kind, page, selector }| {
                    finding::Line::seal(&key, &Found { by: Finder::Auditor, kind, page, selector })
                };
                let lines = report.found.into_iter().map(line).collect::<Result<Vec<_>>>()?;
                finding::add(&books.meta, site_id, &lines, now)?;
            }
        }
        set_audited(&books.meta, id, last_batch_at, now.0)
    });
    match written.await {
        // Neither must one that cannot be written.
        Err(error @ Error::Internal { .. }) => {
            tracing::error!(cause = %error, "what was found in recording {id} could not be taken out of it");
            return app.store.write(move |books| set_audited(&books.meta, id, last_batch_at, now.0)).await;
        }
        Err(Error::Restricted) => return Ok(()),
        written => written?,
    }
    if rewritten {
        let keyring = app.store.keyring().clone();
        app.store.write(move |books| rewrite::settle(books, &keyring, id)).await?;
    }
    Ok(())
}
