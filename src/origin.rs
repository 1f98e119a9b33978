//! The origins that a site may be recorded from: exact, or every name under one. Says nothing about who sends a request
//! outside a browser.

use crate::model::Malformed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// One entry of a site's list: `https://shop.example.com`, `http://localhost:3000` or `https://*.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    /// The labels below this host are meant, not the host itself.
    wildcard: bool,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Read an entry of the list. Plain HTTP is for loopback names unless `http_anywhere`.
    pub fn parse(text: &str, http_anywhere: bool) -> Result<Self, Malformed> {
        const FORM: Malformed =
            Malformed("an origin is https://HOST, https://HOST:PORT or https://*.HOST, and nothing behind it");
        let (scheme, rest) = text.split_once("://").ok_or(FORM)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port.parse().map_err(|_| FORM)?)),
            _ => (rest, None),
        };
        let scheme = scheme.to_ascii_lowercase();
        let lower = host.to_ascii_lowercase();
        let (wildcard, host) = match lower.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, lower.as_str()),
        };
        if !is_host(host) || (wildcard && !host.contains('.') && host != "localhost") {
            return Err(FORM);
        }
        match scheme.as_str() {
            "https" => {}
            "http" if http_anywhere || is_loopback(host) => {}
            "http" => {
                return Err(Malformed(
                    "plain http is for localhost; --allow-http-origin allows it elsewhere, where anyone on the way can read along",
                ));
            }
            _ => return Err(FORM),
        }
        let port = port.filter(|port| *port != if scheme == "https" { 443 } else { 80 });
        Ok(Self { scheme, wildcard, host: host.to_owned(), port })
    }

    /// Whether nobody on the way can read along: TLS, or the visitor's own machine.
    pub fn is_private(&self) -> bool {
        self.scheme == "https" || is_loopback(&self.host)
    }

    /// Whether a browser's `Origin` header is this origin. Browsers write it in lower case and without the usual port.
    pub fn admits(&self, header: &str) -> bool {
        let Some(rest) = header.strip_prefix(&self.scheme).and_then(|rest| rest.strip_prefix("://")) else {
            return false;
        };
        let host = match self.port {
            Some(port) => match rest.strip_suffix(&port.to_string()).and_then(|rest| rest.strip_suffix(':')) {
                Some(host) => host,
                None => return false,
            },
            None => rest,
        };
        if !self.wildcard {
            return host == self.host;
        }
        match host.strip_suffix(&self.host).and_then(|labels| labels.strip_suffix('.')) {
            Some(labels) => is_host(labels),
            None => false,
        }
    }
}

/// Letters, digits, hyphens and dots, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

/// Whether a host name always means this machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, if self.wildcard { "*." } else { "" }, self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Origin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text, true)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_origin_admits_itself_alone() {
        let origin = Origin::parse("https://Example.com:443/", false).unwrap();
        assert!(origin.admits("https://example.com"));
        for other in [
            "null",
            "",
            "http://example.com",
            "https://example.com.evil",
            "https://evilexample.com",
            "https://example.com@evil.com",
            "https://user@example.com",
            "https://example.com:444",
            "https://EXAMPLE.com",
            "https://a.example.com",
            "https://example.com/",
        ] {
            assert!(!origin.admits(other), "{other}");
        }
    }

    #[test]
    fn a_wildcard_admits_names_below_it_and_not_the_name_itself() {
        let origin = Origin::parse("https://*.example.com", false).unwrap();
        assert!(origin.admits("https://a.example.com"));
        assert!(origin.admits("https://a.b.example.com"));
        for other in
            ["https://example.com", "https://.example.com", "https://evil.com/.example.com", "https://a@b.example.com"]
        {
            assert!(!origin.admits(other), "{other}");
        }
        assert_eq!(origin.to_string(), "https://*.example.com");
    }

    #[test]
    fn plain_http_is_for_loopback_names() {
        assert!(Origin::parse("http://localhost:3000", false).is_ok());
        assert!(Origin::parse("http://127.0.0.1:3000", false).is_ok());
        assert!(Origin::parse("http://shop.localhost", false).is_ok());
        assert!(Origin::parse("http://example.com", false).is_err());
        assert!(Origin::parse("http://example.com", true).is_ok());
        for bad in [
            "",
            "example.com",
            "https://",
            "https://*",
            "https://*.com",
            "https://a b",
            "https://a/b",
            "ftp://a",
            "https://a:x",
        ] {
            assert!(Origin::parse(bad, true).is_err(), "{bad}");
        }
    }
}
