//! `hushreel demo`: a shop that a newcomer records himself in, and a dashboard to watch it, on this machine alone. Its data
//! lives in a temporary directory that goes when the demo ends.

use super::serve::asked_to_stop;
use super::{Common, now, print, runtime, start_log};
use crate::app::{App, Limits, Settings};
use crate::embedded::{self, Caching};
use crate::error::{Error, Result};
use crate::model::SiteKey;
use crate::origin::Origin;
use crate::policy::{Fixed, Policy, Preset};
use crate::role::Role;
use crate::store::account::{self, NewAccount};
use crate::store::{Books, Place, Store, link, policy, site};
use crate::{password, server};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::any;
use clap::Args;
use http::{HeaderMap, Method, Uri, header};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

const EMAIL: &str = "demo@hushreel.localhost";
const PURPOSE: &str = "To show how Hushreel records a visit.";
const SNIPPET: &str = "{{SNIPPET}}";
/// The link must last as long as someone may look at a terminal.
const LINK_MS: i64 = 24 * 3_600_000;

/// A shop and a dashboard on this machine, with throw-away data. Nothing leaves it, and no network is needed.
///
/// Click through the shop in one window and watch yourself in the other. Ctrl-C ends it and removes what was recorded.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the dashboard listens; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8086")]
    listen: SocketAddr,
    /// Where the shop listens; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8087")]
    shop: SocketAddr,
}

/// What the shop's pages need.
struct Shop {
    app: Arc<App>,
    site: SiteKey,
    snippet: String,
}

/// Removed, with all that is in it, when the demo ends.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Demo {
    pub fn run(self, common: &Common) -> Result<()> {
        start_log(true);
        for (flag, address) in [("--listen", self.listen), ("--shop", self.shop)] {
            if !address.ip().is_loopback() {
                return Err(Error::Config(format!("{flag} {address}: the demo listens on this machine only.")));
            }
        }
        let scratch = Scratch::make()?;
        runtime()?.block_on(self.show(common, &scratch))
    }

    async fn show(self, common: &Common, scratch: &Scratch) -> Result<()> {
        let (dashboard, dashboard_url) = listen(self.listen, "--listen").await?;
        let (shop_door, shop_url) = listen(self.shop, "--shop").await?;
        let limits = Limits::default();
        let settings = Settings {
            public_url: Some(dashboard_url.clone()),
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            limits,
            geo_mmdb: None,
            backup_dir: None,
            fixed: Fixed::default(),
        };
        let store = Arc::new(Store::open(Place::new(&scratch.0.join("store"), None)?, limits.queue_batches)?);
        let app = Arc::new(App::new(settings, store));
        let origins = origins_of(&shop_url)?;
        let (key, token) = app.store.write(move |books| furnish(books, &origins)).await?;
        let found = app.store.site(&key)?.ok_or(Error::NotFound)?;
        let shop = Arc::new(Shop { app: app.clone(), site: key, snippet: found.snippet(&dashboard_url) });
        let link = format!("{dashboard_url}/sign-in/{token}");
        print::answer(common.json, &json!({ "shop": shop_url, "dashboard": link }), || {
            format!("Shop       {shop_url}\nDashboard  {link}")
        })?;
        let doors = vec![(dashboard, server::router(app.clone())), (shop_door, shop_routes(shop))];
        server::serve(app, doors, asked_to_stop()?).await;
        Ok(())
    }
}

impl Scratch {
    fn make() -> Result<Self> {
        let name = format!("hushreel-demo-{}", data_encoding::HEXLOWER.encode(&crate::seal::random::<8>()?));
        let dir = std::env::temp_dir().join(name);
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
            .create(&dir)
            .map_err(|cause| Error::Failed(format!("{} cannot be made: {cause}.", dir.display())))?;
        Ok(Self(dir))
    }
}

async fn listen(address: SocketAddr, flag: &str) -> Result<(tokio::net::TcpListener, String)> {
    let listener = server::listen(address).await.map_err(|error| match error {
        Error::Failed(text) => Error::Failed(text.replace("--listen", flag)),
        other => other,
    })?;
    let taken = listener.local_addr().map_err(|cause| Error::internal("listening", cause))?;
    Ok((listener, format!("http://{taken}")))
}

/// The shop answers under its address and as `localhost`.
fn origins_of(shop_url: &str) -> Result<Vec<Origin>> {
    let named = shop_url.replace("127.0.0.1", "localhost");
    let read = |text: &str| Origin::parse(text, false).map_err(|cause| Error::internal("the shop's address", cause));
    Ok(if named == shop_url { vec![read(shop_url)?] } else { vec![read(shop_url)?, read(&named)?] })
}

/// One account that a link signs in to, and one site: the shop.
fn furnish(books: &mut Books, origins: &[Origin]) -> Result<(SiteKey, String)> {
    let (db, now) = (&books.meta, now());
    let password_hash = password::hash(&data_encoding::BASE64.encode(&crate::seal::random::<24>()?))?;
    let new = NewAccount { email: EMAIL, role: Role::Owner, language: "en", password_hash: &password_hash };
    let owner = account::insert(db, &new, now)?;
    let key = site::insert(
        db,
        "Demo shop",
        origins,
        &Policy { purpose: PURPOSE.to_owned(), ..Policy::preset(Preset::Balanced) },
        now,
    )?;
    Ok((key, link::insert(db, link::Kind::Demo, Some(&owner.id), LINK_MS, now)?))
}

fn shop_routes(shop: Arc<Shop>) -> Router {
    Router::new().route("/preset/{preset}", any(switch)).fallback(page).with_state(shop)
}

/// The shop's pages: plain files, with the recorder's tag in each. A form is read away, so that its connection lives on.
async fn page(
    State(shop): State<Arc<Shop>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    _form: Bytes,
) -> Result<Response> {
    let path = uri.path().trim_matches('/');
    if method == Method::POST {
        // Forms lead on; what they carried is not looked at.
        let next = if path == "login" { "/" } else { "/thanks" };
        return Ok(Redirect::to(next).into_response());
    }
    if path.split('/').any(|part| part == "..") {
        return Err(Error::NotFound);
    }
    let name = match path {
        "" => "index.html".to_owned(),
        _ if path.starts_with("product/") => "product.html".to_owned(),
        _ if path.contains('.') => path.to_owned(),
        _ => format!("{path}.html"),
    };
    if !name.ends_with(".html") {
        return embedded::answer(&format!("demo/{name}"), &headers, Caching::Revalidate).ok_or(Error::NotFound);
    }
    let bytes = embedded::bytes(&format!("demo/{name}")).ok_or(Error::NotFound)?;
    let html = String::from_utf8_lossy(&bytes).replace(SNIPPET, &shop.snippet);
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response())
}

/// Record with another preset from the next page on.
async fn switch(State(shop): State<Arc<Shop>>, Path(preset): Path<String>, headers: HeaderMap) -> Result<Response> {
    let preset: Preset = preset.parse().map_err(|_| Error::NotFound)?;
    let (key, now) = (shop.site.clone(), shop.app.now());
    shop.app
        .store
        .write(move |books| {
            let id = site::find(&books.meta, &key)?.id;
            let next = Policy { purpose: PURPOSE.to_owned(), ..Policy::preset(preset) };
            policy::save(&books.meta, id, &next, now)
        })
        .await?;
    let back = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<Uri>().ok())
        .map_or_else(|| "/".to_owned(), |uri| uri.path().to_owned());
    let back = if back.starts_with("/preset") || back.starts_with("//") { "/" } else { &back };
    Ok(Redirect::to(back).into_response())
}
