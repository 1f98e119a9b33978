//! The way in: the recorder's file goes out with the site's policy, batches, pictures and fonts come back. What a stranger sends is bounded
//! before it is read, read before it is believed, and checked against the policy before it touches a disk.

mod agent;
mod asset;
mod batch;
mod erase;
mod inflate;
mod large;
mod preview;
mod script;
mod sender;

pub use agent::{Agent, classify};
pub use batch::{Address, Verdict, examine};
pub use inflate::inflate;
pub use script::assemble;
pub use sender::Sender;

use crate::app::App;
use crate::error::Result;
use crate::limit::{Bucket, Buckets};
use crate::store::Day;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Compressed bytes being read at once, in KiB.
const BYTES_READ_KIB: usize = 48 << 10;

/// What the door keeps beside the app: rates and bounds, all in memory.
pub struct Door {
    app: Arc<App>,
    sites: Buckets<i64>,
    kib: Arc<Semaphore>,
    large: large::Large,
    scripts: script::Scripts,
    visits: asset::Visits,
}

/// The routes of the recorder. Stated apart from the API: other origins reach them, and no login.
pub fn routes(app: Arc<App>) -> Router {
    let limits = app.settings.limits;
    let door = Door {
        sites: Buckets::new(Bucket::per_second(limits.site_batches_per_s)),
        kib: Arc::new(Semaphore::new(BYTES_READ_KIB)),
        large: large::Large::start(),
        scripts: script::Scripts::default(),
        visits: asset::Visits::default(),
        app,
    };
    Router::new()
        .route("/r/{file}", get(script::serve))
        .route("/i/v1/{site}/{recording}/{page}/{seq}", post(batch::receive))
        .route("/i/v1/{site}/assets", post(asset::receive))
        .route("/i/v1/{site}/{recording}/erase", post(erase::receive))
        .route("/i/v1/{site}/preview/{token}", post(preview::speak))
        .route("/i/v1/{site}/preview/{token}/assets", post(preview::receive_assets))
        .route("/i/v1/{site}/preview/{token}/{recording}/{page}/{seq}", post(preview::receive))
        .with_state(Arc::new(door))
}

impl Door {
    /// What stands for a client's address for one day. The address itself is never kept.
    fn client_mark(&self, address: std::net::IpAddr) -> Result<[u8; 16]> {
        self.app.clients.mark(address, Day::of(self.app.now()))
    }
}
