//! SIGTERM under load, and a second process.

use crate::common::client::Server;
use crate::common::load::{check, check_integrity, check_once, load};
use crate::{counts, report};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Recordings begun before the server is told to stop.
const STARTED: u32 = 12;

#[test]
fn a_stop_under_load_loses_nothing_and_its_port_is_free_at_once() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let counter = AtomicU32::new(0);
    let rounds = counts().kills / 3;
    let (mut all, mut slowest) = (Vec::new(), Duration::ZERO);
    for _ in 0..rounds {
        let listen = server.url.trim_start_matches("http://").to_owned();
        let kept = load(&server, &site, &counter, || {
            let begun = counter.load(Ordering::Relaxed);
            server.wait_for(|| counter.load(Ordering::Relaxed) >= begun + STARTED);
            server.signal("-TERM");
            // So that some still ask while it stops; there is no event to wait for.
            std::thread::sleep(Duration::from_millis(100));
        });
        let began = Instant::now();
        assert_eq!(server.terminate(), Some(0));
        slowest = slowest.max(began.elapsed());
        server.run_with(&listen, &[]);
        check(&server, &token, &kept);
        all.extend(kept);
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    check_integrity(&server);
    check_once(&server, &all);
    report(
        &format!("SIGTERM under load × {rounds}"),
        &format!("{} acknowledged batches, each there once; slowest end {} ms", all.len(), slowest.as_millis()),
    );
}

#[test]
fn a_second_process_is_turned_away_under_load_and_harms_nothing() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let kept = load(&server, &site, &AtomicU32::new(0), || {
        for _ in 0..3 {
            let second = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
            assert_eq!(second.status.code(), Some(75));
            let told = String::from_utf8_lossy(&second.stderr).into_owned();
            assert!(told.contains(&format!("process {}", server.pid())), "{told}");
        }
    });
    check(&server, &token, &kept);
    check_once(&server, &kept);
    report("two processes on one directory", "the second exits 75 and names the first");
}
