//! What happens by itself: a table of a sentence, a period and a function. Each run does a bounded piece of work and may be
//! repeated safely.

mod audit;
mod backup;
mod finish;
mod terms;

use crate::app::App;
use crate::error::Result;
use crate::store::room::{self, Disk};
use crate::store::{asset, clock, dictionary, erasure, link, login, recording, request, shelf, unreadable};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// One row of the table.
struct Duty {
    sentence: &'static str,
    every: Duration,
    run: fn(Arc<App>) -> BoxFuture<'static, Result<()>>,
}

const DUTIES: [Duty; 14] = [
    Duty {
        sentence: "Note what time it is, or say that the clock is not believed.",
        every: Duration::from_secs(600),
        run: |app| Box::pin(look_at_clock(app)),
    },
    Duty {
        sentence: "Unlink the days that have expired.",
        every: Duration::from_secs(600),
        run: |app| Box::pin(expire(app)),
    },
    Duty {
        sentence: "Delete the sealed bytes of erased recordings.",
        every: Duration::from_secs(2),
        run: |app| Box::pin(sweep(app)),
    },
    Duty {
        sentence: "Let the day go that expires first, where the disk has too little room.",
        every: Duration::from_secs(10),
        run: |app| Box::pin(make_room(app)),
    },
    Duty {
        sentence: "Delete the oldest recordings of sites that take more than their quota.",
        every: Duration::from_secs(60),
        run: |app| Box::pin(keep_quotas(app)),
    },
    Duty {
        sentence: "Write beside each backup what was erased.",
        every: Duration::from_secs(2),
        run: |app| Box::pin(backup::bury(app)),
    },
    Duty {
        sentence: "Overwrite the keys in each backup, and back up where the configuration says so.",
        every: Duration::from_secs(3_600),
        run: |app| Box::pin(backup::look_after(app)),
    },
    Duty {
        sentence: "Look through finished recordings for what was told and should not have been.",
        every: Duration::from_secs(5),
        run: |app| Box::pin(audit::run(app)),
    },
    Duty {
        sentence: "Make keyframes and marks of finished recordings.",
        every: Duration::from_secs(2),
        run: |app| Box::pin(finish::run(app)),
    },
    Duty {
        sentence: "Gather what the recordings of a site have in common, to compress them against it.",
        every: Duration::from_secs(60),
        run: |app| Box::pin(gather(app)),
    },
    Duty {
        sentence: "Hold what lists are made of in memory, as it is now.",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.store.follow().await }),
    },
    Duty {
        sentence: "Take out of older recordings what lists find them by.",
        every: Duration::from_secs(60),
        run: |app| Box::pin(terms::run(app)),
    },
    Duty {
        sentence: "Delete the pictures and fonts that no recording shows any more, and what a move between shelves left.",
        every: Duration::from_secs(86_400),
        run: |app| Box::pin(tidy(app)),
    },
    Duty {
        sentence: "Forget logins, links and lines of data requests that have run out.",
        every: Duration::from_secs(3_600),
        run: |app| Box::pin(forget(app)),
    },
];

/// Run every duty in its period, the first time at once, until the server stops.
pub async fn run(app: Arc<App>) {
    let duties = DUTIES.iter().map(|duty| keep_running(duty, app.clone()));
    futures_util::future::join_all(duties).await;
}

async fn keep_running(duty: &'static Duty, app: Arc<App>) {
    let mut period = tokio::time::interval(duty.every);
    period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        if let Err(error) = (duty.run)(app.clone()).await {
            tracing::warn!(cause = %error, "upkeep failed, and is tried again: {}", duty.sentence);
        }
    }
}

async fn look_at_clock(app: Arc<App>) -> Result<()> {
    let now = app.now();
    // Looked at first: an idle server writes nothing.
    if app.store.read(move |db| clock::is_due(db, now)).await? {
        app.store.write(move |books| clock::note(books, now)).await?;
    }
    if let Some(jump) = app.store.read(move |db| clock::jump(db, now)).await? {
        tracing::warn!("{jump}");
    }
    Ok(())
}

/// Whether things may be deleted because of what time it is.
async fn may_delete(app: &App) -> Result<bool> {
    let now = app.now();
    Ok(app.store.read(move |db| clock::jump(db, now)).await?.is_none())
}

async fn expire(app: Arc<App>) -> Result<()> {
    let now = app.now();
    if !may_delete(&app).await? {
        return Ok(());
    }
    loop {
        let store = app.store.clone();
        if !app.store.read(move |db| erasure::any_expired(db, store.place(), now)).await? {
            return Ok(());
        }
        app.store.write(move |books| erasure::expire(books, now)).await?;
        app.store.keyring().forget();
    }
}

async fn make_room(app: Arc<App>) -> Result<()> {
    // Looked at first: an idle server writes nothing.
    let (place, disk) = (app.store.place(), Disk::of(app.store.place())?);
    if disk.is_low() && room::would_help(place, disk)? { app.store.make_room(app.now()).await } else { Ok(()) }
}

async fn gather(app: Arc<App>) -> Result<()> {
    let now = app.now();
    let store = app.store.clone();
    // Looked at first: an idle server writes nothing.
    let waiting = app.store.read(move |_| dictionary::waiting(store.place(), now)).await?;
    for site_id in waiting {
        let keyring = app.store.keyring().clone();
        app.store
            .write(move |books| {
                let Some(key) = keyring.find_asset_key(site_id)? else { return Ok(()) };
                let number = dictionary::renew(books, site_id, &key, now)?;
                tracing::info!(
                    dictionary = number,
                    "what recordings of a site have in common is kept once from now on"
                );
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn keep_quotas(app: Arc<App>) -> Result<()> {
    let now = app.now();
    if !may_delete(&app).await? {
        return Ok(());
    }
    for site in app.store.sites()?.values() {
        let (id, quota) = (site.id, u64::from(site.policy.policy.quota) * 1_000_000);
        if quota == 0 || app.store.read(move |db| recording::bytes_of(db, id)).await? <= quota {
            continue;
        }
        // Some below it, so that not every batch has another one deleted.
        let mut gone = 0;
        loop {
            match app.store.write(move |books| erasure::shrink(books, id, quota / 20 * 19, now)).await? {
                0 => break,
                some => gone += some,
            }
        }
        app.store.keyring().forget();
        tracing::warn!(
            site.id = id,
            recordings = gone,
            "deleted the oldest recordings of site {}: it took more than its quota",
            site.key
        );
    }
    Ok(())
}

async fn sweep(app: Arc<App>) -> Result<()> {
    // Looked at first: an idle server writes nothing.
    while app.store.read(erasure::any_unswept).await? {
        app.store.write(erasure::sweep).await?;
    }
    Ok(())
}

async fn tidy(app: Arc<App>) -> Result<()> {
    let now = app.now();
    if !may_delete(&app).await? {
        return Ok(());
    }
    while app.store.write(move |books| asset::sweep(books, now)).await? {}
    app.store
        .write(move |books| {
            asset::sweep_orphans(books)?;
            dictionary::sweep(books, now)?;
            shelf::clear_all(books)?;
            unreadable::delete_old(&books.meta, now)
        })
        .await
}

async fn forget(app: Arc<App>) -> Result<()> {
    let now = app.now();
    app.store
        .write(move |books| {
            login::delete_expired(&books.meta, now)?;
            link::delete_expired(&books.meta, now)?;
            if clock::jump(&books.meta, now)?.is_some() {
                return Ok(());
            }
            request::delete_old(&books.meta, now)
        })
        .await
}
