//! The power cut: whatever was acknowledged is there afterwards, exactly once, and readable.

use crate::common::client::{Server, Visit};
use crate::common::load::{check, check_once, load_until_killed};
use crate::common::wire::Body;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

const ROUNDS: u32 = 30;

#[test]
fn what_was_acknowledged_survives_thirty_kills() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let counter = AtomicU32::new(0);
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let kept =
            load_until_killed(&mut server, &site, &counter, Duration::from_millis(u64::from(20 + round * 13 % 170)));
        server.run();
        check(&server, &token, &kept);
        all.extend(kept);
    }
    assert!(all.len() > ROUNDS as usize * 5, "only {} batches were acknowledged", all.len());
    check_once(&server, &all);
}

#[test]
fn metadata_that_a_crash_lost_is_rebuilt_from_chunks() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let (mut before, mut after) = (site.visit(1), site.visit(2));
    assert_eq!(before.send(&server, 0, Visit::first()).status, 204);
    server.terminate();
    let (meta, saved) = (server.data().join("meta.db"), server.dir.path().join("saved"));
    std::fs::copy(&meta, &saved).unwrap();
    server.run();
    assert_eq!(before.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later")).status, 204);
    assert_eq!(after.send(&server, 0, Visit::first()).status, 204);
    server.terminate();
    // As if the last step of the last groups had never reached the disk.
    std::fs::copy(&saved, &meta).unwrap();
    for start in 0..2 {
        server.run();
        let token = server.token("viewer");
        let get = |visit: &Visit| server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
        assert_eq!(
            (get(&before)["pages"].clone(), get(&after)["clicks"].clone()),
            (2.into(), 1.into()),
            "start {start}"
        );
        assert_eq!(get(&before)["exit"], "https://shop.example.com/later");
        assert_eq!(before.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later")).status, 204);
        server.terminate();
    }
}

#[test]
fn a_key_without_a_chunk_and_a_chunk_without_a_key_are_swept() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    server.terminate();
    let (meta, saved) = (server.data().join("meta.db"), server.dir.path().join("saved"));
    std::fs::copy(&meta, &saved).unwrap();
    server.run();
    assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204);
    server.terminate();
    std::fs::copy(&saved, &meta).unwrap();
    let keys = rusqlite::Connection::open(server.data().join("keys.db")).unwrap();
    keys.execute("update recording_key set recording = ?1 where recording = ?2", ([9u8; 16], [2u8; 16])).unwrap();
    server.run();
    let ids: Vec<[u8; 16]> = keys
        .prepare("select recording from recording_key")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(ids, [[1; 16]]);
    let token = server.token("viewer");
    assert_eq!(server.get_as(&token, "/api/v1/recordings").json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204, "it may be sent again");
}
