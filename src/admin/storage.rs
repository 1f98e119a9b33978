//! What recordings take on disk, and what they will.

use crate::access::Signed;
use crate::app::App;
use crate::error::Result;
use crate::json::Json;
use crate::model::Timestamp;
use crate::store::room::{self, Disk};
use crate::store::{Place, clock, site};
use axum::extract::State;
use rusqlite::Connection;
use serde::Serialize;
use std::sync::Arc;

/// The disk, and what each site takes of it. All in bytes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Storage)]
pub struct View {
    /// Of the disk that the data directory lies on.
    pub bytes: u64,
    pub free: u64,
    /// Below this, days of recordings go before their time, those first that expire first.
    pub reserve: u64,
    /// Whether what is to come fits, into what is free and into each site's quota.
    pub fits: bool,
    /// Where the machine's clock is not believed, and so nothing is deleted by age, by quota or for want of room; null where it is.
    pub clock: Option<ClockJump>,
    pub sites: Vec<OfSite>,
}

/// The machine's clock is more than seven days from what the store saw last. `hushreel storage --confirm-clock` says that it is right.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ClockJump)]
pub struct ClockJump {
    /// Milliseconds since 1970.
    pub seen_at: i64,
    pub now: i64,
    /// What that means, and what to do.
    pub detail: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = StorageOfSite)]
pub struct OfSite {
    pub site: String,
    pub name: String,
    pub recordings: u64,
    pub bytes: u64,
    /// What it will keep once as much expires as comes, if it goes on as in the last seven days.
    pub forecast: u64,
    /// Beyond it the oldest go before their time; 0 for none.
    pub quota: u64,
}

impl View {
    pub fn of(db: &Connection, place: &Place, now: Timestamp) -> Result<Self> {
        let (disk, used) = (Disk::of(place)?, room::used(db, now)?);
        let sites: Vec<OfSite> = site::all(db)?
            .values()
            .map(|site| {
                let used = used.iter().find(|one| one.site_id == site.id);
                OfSite {
                    site: site.key.to_string(),
                    name: site.name.clone(),
                    recordings: used.map_or(0, |used| used.recordings),
                    bytes: used.map_or(0, |used| used.bytes),
                    quota: u64::from(site.policy.policy.quota) * 1_000_000,
                    forecast: used.map_or(0, |used| used.forecast(site.policy.policy.retention_days)),
                }
            })
            .collect();
        let more: u64 = sites.iter().map(|site| site.forecast.saturating_sub(site.bytes)).sum();
        let within = sites.iter().all(|site| site.quota == 0 || site.forecast <= site.quota);
        let fits = within && disk.free >= more.saturating_add(disk.reserve());
        let clock = clock::jump(db, now)?.map(|jump| ClockJump {
            seen_at: jump.seen_at.0,
            now: jump.now.0,
            detail: format!("{jump}."),
        });
        Ok(Self { clock, bytes: disk.bytes, free: disk.free, reserve: disk.reserve(), fits, sites })
    }
}

/// What recordings take on disk, and what they will.
#[utoipa::path(get, path = "/api/v1/storage", tag = "system", responses((status = 200, body = View)))]
pub async fn show(State(app): State<Arc<App>>, _: Signed) -> Result<Json<View>> {
    let (store, now) = (app.store.clone(), app.now());
    Ok(Json(app.store.read(move |db| View::of(db, store.place(), now)).await?))
}
