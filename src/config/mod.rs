//! What an operator settles: flags, then environment, then the file; raw values are turned into meaning once, here.

mod file;

pub use file::{File, KEYS, read};

use crate::app::{Limits, Settings};
use crate::error::{Error, Result};
use crate::policy::Fixed;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where `serve` listens when nobody says otherwise.
pub const LISTEN: &str = "127.0.0.1:8080";

/// What came from flags and environment; the file fills in the rest.
#[derive(Debug, Default, Clone)]
pub struct Given {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub listen: Vec<String>,
    pub public_url: Option<String>,
    pub behind_proxy: bool,
}

/// Everything settled.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub key_file: Option<PathBuf>,
    pub listen: Vec<SocketAddr>,
    pub settings: Settings,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

impl Given {
    /// Settle everything, or say which value is wrong and where it stands.
    pub fn settle(self) -> Result<Config> {
        let path = self.config.or_else(default_file);
        let mut file = path.as_deref().map(read).transpose()?.unwrap_or_default();
        let fixed = Fixed {
            file: path.as_deref().map(|path| path.display().to_string()).unwrap_or_default(),
            all: std::mem::take(&mut file.policy),
            sites: std::mem::take(&mut file.sites).into_iter().map(|(key, site)| (key, site.policy)).collect(),
        };
        let listen =
            if self.listen.is_empty() { file.listen.unwrap_or_else(|| vec![LISTEN.to_owned()]) } else { self.listen };
        let listen = listen.iter().map(|text| read_address(text)).collect::<Result<Vec<_>>>()?;
        let public_url = self.public_url.or(file.public_url).map(|text| read_url(&text)).transpose()?;
        let trusted = file.trusted_proxies.unwrap_or_else(|| vec!["127.0.0.0/8".to_owned(), "::1".to_owned()]);
        let trusted_proxies = trusted
            .iter()
            .map(|text| text.parse().map_err(|cause| Error::Config(format!("trusted_proxies: {cause}."))))
            .collect::<Result<Vec<_>>>()?;
        let behind_proxy = self.behind_proxy || file.behind_proxy.unwrap_or(false);
        let usual = Limits::default();
        let settings = Settings {
            public_url,
            behind_proxy,
            // Without a proxy nobody may say for whom he asks.
            trusted_proxies: if behind_proxy { trusted_proxies } else { Vec::new() },
            limits: Limits {
                site_batches_per_s: file.site_batches_per_second.unwrap_or(usual.site_batches_per_s),
                client_batches_per_s: file.client_batches_per_second.unwrap_or(usual.client_batches_per_s),
                queue_batches: file.queue_batches.unwrap_or(usual.queue_batches).max(1),
            },
            geo_mmdb: file.geo_mmdb,
            backup_dir: file.backup_dir,
            fixed,
        };
        let data = self.data.or(file.data).unwrap_or_else(default_data);
        Ok(Config { data, key_file: self.key_file.or(file.key_file), listen, settings, file: path })
    }
}

impl Config {
    /// The address to print for people: what the operator says, else the first listener.
    pub fn base_url(&self) -> String {
        if let Some(url) = &self.settings.public_url {
            return url.clone();
        }
        let scheme = if self.settings.behind_proxy { "https" } else { "http" };
        self.listen.first().map_or_else(|| format!("{scheme}://{LISTEN}"), |address| format!("{scheme}://{address}"))
    }

    /// Plain HTTP leaves this machine only where something in front of it ends TLS.
    pub fn check_listen(&self) -> Result<()> {
        match self.listen.iter().find(|address| !address.ip().is_loopback()) {
            Some(address) if !self.settings.behind_proxy => Err(Error::Config(format!(
                "{address} can be reached from other machines, and this would be plain HTTP. Put a proxy that ends TLS in \
                 front of it and say --behind-proxy, or listen on 127.0.0.1."
            ))),
            _ => Ok(()),
        }
    }
}

fn read_address(text: &str) -> Result<SocketAddr> {
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| Error::Config(format!("listen: {text:?} is not an address such as 127.0.0.1:8080.")))
}

fn read_url(text: &str) -> Result<String> {
    let url = text.trim_end_matches('/');
    match crate::origin::Origin::parse(url, true) {
        Ok(origin) if !origin.to_string().contains('*') && origin.is_private() => Ok(origin.to_string()),
        Ok(origin) if !origin.to_string().contains('*') => Err(Error::Config(format!(
            "public_url: {text:?} would be plain HTTP, which anyone on the way can read. It is https://HOST, or an address of \
             this machine."
        ))),
        _ => Err(Error::Config(format!("public_url: {text:?} is not an address such as https://rec.example.com."))),
    }
}

/// A service's own configuration directory, where there is one.
fn default_file() -> Option<PathBuf> {
    let dir = std::env::var_os("CONFIGURATION_DIRECTORY")?;
    Some(Path::new(&dir).join("config.toml")).filter(|path| path.exists())
}

/// A service's own state directory, else the person's. The store gets a folder of its own, so that its key can lie beside it.
fn default_data() -> PathBuf {
    if let Some(dir) = std::env::var_os("STATE_DIRECTORY") {
        return Path::new(&dir).join("store");
    }
    let state = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")));
    state.map_or_else(|| PathBuf::from("hushreel-data/store"), |state| state.join("hushreel/store"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_unless_a_proxy_is_said_to_be_there() {
        let given = |listen: &str, behind_proxy| {
            Given { listen: vec![listen.to_owned()], behind_proxy, data: Some("x".into()), ..Given::default() }.settle()
        };
        assert!(given("127.0.0.1:1", false).unwrap().check_listen().is_ok());
        assert!(given("[::1]:1", false).unwrap().check_listen().is_ok());
        assert!(given("localhost:1", false).unwrap().check_listen().is_ok());
        let error = given("0.0.0.0:1", false).unwrap().check_listen().unwrap_err();
        assert!(error.to_string().contains("--behind-proxy"));
        assert!(given("0.0.0.0:1", true).unwrap().check_listen().is_ok());
        assert!(given("nonsense", true).is_err());
    }

    #[test]
    fn an_address_for_people_is_an_origin_and_nothing_more() {
        for (text, url) in [
            ("https://rec.example.com/", Some("https://rec.example.com")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://10.0.0.1:8080", None),
            ("http://rec.example.com", None),
            ("https://rec.example.com/path", None),
            ("https://*.example.com", None),
            ("rec.example.com", None),
        ] {
            assert_eq!(read_url(text).ok().as_deref(), url, "{text}");
        }
    }
}
