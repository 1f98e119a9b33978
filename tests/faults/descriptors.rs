//! No more file descriptors: connections wait, nothing spins, and all is good once some are free.

use crate::common::client::{Server, Visit};
use crate::common::wire::Body;
use crate::report;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

const DESCRIPTORS: usize = 256;

/// Processor time that the server has used, in hundredths of a second.
fn used(server: &Server) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn connections_beyond_the_descriptors_wait_and_nothing_spins() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let limited = Command::new("prlimit")
        .args([&format!("--pid={}", server.pid()), &format!("--nofile={DESCRIPTORS}:{DESCRIPTORS}")])
        .status();
    if !limited.is_ok_and(|status| status.success()) {
        return report("file descriptors", "left out: there is no `prlimit` here");
    }
    let address = server.url.trim_start_matches("http://").parse().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok();
    let open: Vec<TcpStream> = (0..DESCRIPTORS + 100).map_while(|_| connect()).collect();
    assert!(open.len() > DESCRIPTORS);
    server.wait_for(|| server.log().contains("a connection could not be taken"));
    let (before, began) = (used(&server), Instant::now());
    // How busy it is while it can do nothing is what is measured.
    std::thread::sleep(Duration::from_secs(2));
    let busy = (used(&server) - before) as f64 / began.elapsed().as_secs_f64();
    assert!(busy < 30.0, "{busy} % of a processor");
    drop(open);
    server.wait_for(|| server.get("/readyz", &[]).status == 200);
    assert_eq!(visit.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later")).status, 204);
    assert!(!server.log().contains("panicked"));
    report(
        "file descriptors (256, 356 connections)",
        &format!("{busy:.0} % of a processor meanwhile; good again by itself"),
    );
}
