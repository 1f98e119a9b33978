//! `hushreel healthcheck`: for containers and monitors. Asks a running server over plain HTTP on this machine.

use super::{Common, print};
use crate::error::{Error, Result};
use clap::Args;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const WAIT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Address of the server [default: as `serve` would listen]
    #[arg(long, value_name = "ADDR", env = "HUSHREEL_LISTEN", value_delimiter = ',')]
    listen: Vec<String>,
}

impl Healthcheck {
    pub fn run(self, common: &Common) -> Result<()> {
        let mut given = common.given();
        given.listen = self.listen;
        let config = given.settle()?;
        // A configuration always has at least the usual listener.
        let address = config.listen.first().copied().map(reachable).ok_or(Error::NotFound)?;
        let status = ask(address).map_err(|cause| Error::Failed(format!("No answer from {address}: {cause}.")))?;
        if status != 200 {
            return Err(Error::Failed(format!("The server at {address} is not ready: it answers {status}.")));
        }
        print::answer(common.json, &json!({ "ready": true }), || format!("The server at {address} is ready."))
    }
}

/// A server that listens everywhere is asked on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

/// The status of `GET /readyz`.
fn ask(address: SocketAddr) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 << 10).read_to_string(&mut answer)?;
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    status.ok_or_else(|| std::io::Error::other("this is no HTTP server"))
}
