//! `hushreel serve`: the server itself.

use super::{Common, print, runtime, start_log};
use crate::app::App;
use crate::config::Config;
use crate::country::Countries;
use crate::error::{Error, Result};
use crate::server;
use crate::store::{Place, Store, account, history, link, site};
use clap::Args;
use serde_json::json;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Run the server until SIGTERM or Ctrl-C; what was acknowledged is on disk by then.
///
/// Plain HTTP is served on loopback addresses only. To be reached from elsewhere, put a proxy that ends TLS in front and say
/// --behind-proxy with --public-url.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on; may be repeated [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "HUSHREEL_LISTEN", value_delimiter = ',')]
    listen: Vec<String>,
    /// A proxy in front of this server ends TLS
    #[arg(long, env = "HUSHREEL_BEHIND_PROXY")]
    behind_proxy: bool,
}

impl Serve {
    pub fn run(self, common: &Common) -> Result<()> {
        start_log(false);
        keep_memory_to_ourselves();
        let mut given = common.given();
        given.listen = self.listen;
        given.behind_proxy = self.behind_proxy;
        let mut config = given.settle()?;
        config.check_listen()?;
        let countries = Countries::open(config.settings.geo_mmdb.as_deref())?;
        runtime()?.block_on(async {
            // The port first: a data directory is not opened for a server that cannot start.
            let mut listeners = Vec::new();
            for address in &mut config.listen {
                let listener = server::listen(*address).await?;
                *address = listener.local_addr().map_err(|cause| Error::internal("listening", cause))?;
                listeners.push(listener);
            }
            let store = open_store(&config)?;
            let app = Arc::new(App::new(config.settings.clone(), store).with_countries(countries));
            fix_policies(&app).await?;
            // Before anybody is told that it runs: whoever stops it then must not cut it off.
            let stop = asked_to_stop()?;
            announce(common, &config, &app).await?;
            let router = server::router(app.clone());
            let doors = listeners.into_iter().map(|listener| (listener, router.clone())).collect();
            server::serve(app, doors, stop).await;
            Ok(())
        })
    }
}

/// Keys are in this process's memory: no core file may hold them, and no other process of this account may look.
fn keep_memory_to_ourselves() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let core = setrlimit(Resource::Core, none);
    if let Err(cause) = core.and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable)) {
        tracing::warn!(%cause, "core files cannot be switched off");
    }
}

pub fn open_store(config: &Config) -> Result<Arc<Store>> {
    let place = Place::new(&config.data, config.key_file.as_deref())?;
    eprintln!("data: {}", place.dir().display());
    Ok(Arc::new(Store::open(place, config.settings.limits.queue_batches)?))
}

/// Ends when the system or the person at the keyboard asks this process to stop.
pub fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    let failed = |cause| Error::internal("listening for signals", cause);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Put in force what the configuration file says of policies, as versions like any other.
async fn fix_policies(app: &Arc<App>) -> Result<()> {
    let (fixed, now) = (app.settings.fixed.clone(), app.now());
    app.store
        .write(move |books| {
            let sites = site::all(&books.meta)?;
            for key in fixed.sites.keys().filter(|key| !sites.contains_key(*key)) {
                tracing::warn!("{} names the site {key}, which is not there", fixed.file);
            }
            for (key, site) in &sites {
                let next = fixed.put_in(Some(key), &site.policy.policy);
                history::save(&books.meta, site.id, &next, now, "", &format!("As {} says.", fixed.file))?;
            }
            Ok(())
        })
        .await
}

/// Say where the dashboard is, and how to get in the first time.
async fn announce(common: &Common, config: &Config, app: &Arc<App>) -> Result<()> {
    let (base, now) = (config.base_url(), app.now());
    let url = base.clone();
    let setup = app
        .store
        .write(move |books| {
            books.set_base_url(&url)?;
            if account::any(&books.meta)? {
                return Ok(None);
            }
            link::insert(&books.meta, link::Kind::Setup, None, link::GOOD_FOR_MS, now).map(Some)
        })
        .await?
        .map(|token| format!("{base}/setup#token={token}"));
    print::answer(
        common.json,
        &json!({ "dashboard": base, "setup": setup, "listen": config.listen }),
        || match &setup {
            Some(link) => format!("Dashboard: {base}\nMake the first account (once, within 30 minutes): {link}"),
            None => format!("Dashboard: {base}"),
        },
    )
}
