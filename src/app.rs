//! What every handler receives: settings, store, clock, and the bell that rings when a site sees activity. Also the
//! list of routes, which tests compare with the API's description.

use crate::country::Countries;
use crate::error::{Error, Result};
use crate::limit::Clients;
use crate::model::{Country, Timestamp};
use crate::policy::{Fixed, FixedKey};
use crate::preview::Previews;
use crate::store::Store;
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::{HeaderMap, Method, header};
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// What an operator has settled, with everything already read and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers reach this server, without a slash at the end. `None`: as the request says.
    pub public_url: Option<String>,
    /// Another program in front of this one ends TLS.
    pub behind_proxy: bool,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    pub limits: Limits,
    /// The operator's own database of countries.
    pub geo_mmdb: Option<PathBuf>,
    /// Where the server backs itself up to once a day.
    pub backup_dir: Option<PathBuf>,
    /// Keys of policies that nobody changes while the server runs.
    pub fixed: Fixed,
}

/// Bounds on what strangers may send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub site_batches_per_s: u32,
    pub client_batches_per_s: u32,
    /// Batches that may wait for the disk.
    pub queue_batches: usize,
}

impl Default for Limits {
    /// A batch comes every few seconds from a page; many visitors may share one address.
    fn default() -> Self {
        Self { site_batches_per_s: 2_000, client_batches_per_s: 200, queue_batches: 2_048 }
    }
}

/// Everything a request may need.
pub struct App {
    pub settings: Settings,
    pub store: Arc<Store>,
    pub bell: Bell,
    pub clients: Clients,
    pub previews: Previews,
    countries: Countries,
    clock: fn() -> Timestamp,
    stopping: watch::Sender<bool>,
}

/// Who sits at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

impl App {
    pub fn new(settings: Settings, store: Arc<Store>) -> Self {
        Self {
            clients: Clients::per_second(settings.limits.client_batches_per_s),
            settings,
            store,
            bell: Bell::default(),
            previews: Previews::default(),
            countries: Countries::default(),
            clock: system_clock,
            stopping: watch::Sender::new(false),
        }
    }

    /// The same, which asks these for the country of an address.
    pub fn with_countries(self, countries: Countries) -> Self {
        Self { countries, ..self }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What tells the time, for what outlives a request.
    pub fn clock(&self) -> fn() -> Timestamp {
        self.clock
    }

    /// Tell what would never end by itself to end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Ends when the server stops.
    pub async fn stopped(&self) {
        // The sender lives as long as the app.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// The address under which the asker reached this server, as far as can be told.
    pub fn base_url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.settings.public_url {
            return url.clone();
        }
        let scheme = if self.settings.behind_proxy { "https" } else { "http" };
        format!("{scheme}://{}", host(headers).unwrap_or("localhost"))
    }

    /// The address that rate limits count by. Nothing keeps it.
    pub fn client(&self, headers: &HeaderMap, peer: Peer) -> IpAddr {
        if !self.settings.trusted_proxies.iter().any(|network| network.holds(peer.0)) {
            return peer.0;
        }
        // The entry nearest to us that no trusted proxy wrote about itself.
        let forwarded = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> =
            forwarded.flat_map(|list| list.split(',')).map_while(|hop| hop.trim().parse().ok()).collect();
        let outside = |hop: &&IpAddr| !self.settings.trusted_proxies.iter().any(|network| network.holds(**hop));
        hops.iter().rev().find(outside).copied().unwrap_or(peer.0)
    }

    /// The country of whoever asks. Nothing keeps the address that it is read from.
    pub fn country(&self, headers: &HeaderMap, peer: Peer) -> Option<Country> {
        self.countries.of(self.client(headers, peer))
    }
}

impl From<FixedKey> for Error {
    fn from(FixedKey { key, file }: FixedKey) -> Self {
        Self::Fixed { key, file }
    }
}

/// The time by this machine's clock.
pub fn system_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The `Host` header, if it is one: a name or an address, and perhaps a port. Nothing that could break out of a header.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let fits = !host.is_empty()
        && host.len() <= 260
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_'));
    fits.then_some(host)
}

/// A range of addresses: `10.0.0.0/8`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn holds(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => leading_bits_equal(a.to_bits().into(), b.to_bits().into(), self.bits, 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => leading_bits_equal(a.to_bits(), b.to_bits(), self.bits, 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn leading_bits_equal(a: u128, b: u128, bits: u32, width: u32) -> bool {
    bits == 0 || (a ^ b) >> (width - bits) == 0
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address such as 10.0.0.1 or a range such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= width).ok_or_else(wrong)?,
            None => width,
        };
        Ok(Self { address, bits })
    }
}

/// Rings when a site's recorder is fetched, a batch comes in or one is refused.
#[derive(Default)]
pub struct Bell(Mutex<HashMap<i64, watch::Sender<u64>>>);

impl Bell {
    pub fn ring(&self, site_id: i64) {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sites.get(&site_id) {
            sender.send_modify(|count| *count += 1);
            if sender.is_closed() {
                sites.remove(&site_id);
            }
        }
    }

    pub fn listen(&self, site_id: i64) -> watch::Receiver<u64> {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sites.entry(site_id).or_insert_with(|| watch::channel(0).0).subscribe()
    }
}

/// Routes as they are added, so that a test can hold them against the API's description.
#[derive(Default)]
pub struct Routes {
    pub router: Router<Arc<App>>,
    pub list: Vec<(Method, &'static str)>,
}

impl Routes {
    pub fn get<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, MethodFilter::GET, path, handler)
    }

    pub fn post<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::POST, MethodFilter::POST, path, handler)
    }

    pub fn put<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::PUT, MethodFilter::PUT, path, handler)
    }

    pub fn patch<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::PATCH, MethodFilter::PATCH, path, handler)
    }

    pub fn delete<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    pub fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }

    fn on<H: Handler<T, Arc<App>>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.router = self.router.route(path, on(filter, handler));
        self.list.push((method, path));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses() {
        let network: Network = "10.1.0.0/16".parse().unwrap();
        assert!(network.holds("10.1.2.3".parse().unwrap()));
        assert!(network.holds("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!network.holds("10.2.0.1".parse().unwrap()));
        let one: Network = "::1".parse().unwrap();
        assert!(one.holds("::1".parse().unwrap()) && !one.holds("::2".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("9.9.9.9".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "host", "10.0.0.0/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
