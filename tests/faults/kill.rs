//! kill -9 at random moments under constant load.

use crate::chance::Chance;
use crate::common::client::Server;
use crate::common::load::{check, check_integrity, check_once, load_until_killed};
use crate::{counts, report};
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

/// How soon a server is to be ready after a kill.
const READY: Duration = Duration::from_secs(2);

#[test]
fn what_was_acknowledged_is_there_once_after_each_kill() {
    let mut chance = Chance::new("kill -9");
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let counter = AtomicU32::new(0);
    let (mut all, mut slowest) = (Vec::new(), Duration::ZERO);
    for _ in 0..counts().kills {
        let kept = load_until_killed(&mut server, &site, &counter, Duration::from_millis(chance.within(50, 2_000)));
        let began = Instant::now();
        server.run();
        assert_eq!(server.get("/readyz", &[]).status, 200);
        slowest = slowest.max(began.elapsed());
        check_integrity(&server);
        check(&server, &token, &kept);
        all.extend(kept);
    }
    check_once(&server, &all);
    assert!(slowest < READY, "a start took {slowest:?}");
    report(
        &format!("kill -9 under load × {}", counts().kills),
        &format!("{} acknowledged batches, each there once; slowest start {} ms", all.len(), slowest.as_millis()),
    );
}
