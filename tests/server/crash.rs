//! The power cut: whatever was acknowledged is there afterwards, exactly once, and readable.

use crate::common::client::{ORIGIN, Server, Site, Visit, contains};
use crate::common::wire::Body;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const ROUNDS: u32 = 30;
const CLIENTS: u8 = 6;
/// Batches of one recording before the next begins.
const BATCHES: u64 = 5;

/// One acknowledged batch.
struct Kept {
    recording: String,
    page: [u8; 8],
    seq: u64,
    marker: String,
}

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

/// Clients send as fast as they are answered; after a while the server is killed under them.
fn load_until_killed(server: &mut Server, site: &Site, counter: &AtomicU32, after: Duration) -> Vec<Kept> {
    let over = AtomicBool::new(false);
    let pid = server.pid().to_string();
    let kept = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| send_until(server, site, counter, &over))).collect();
        // The moment of the kill is the point of this test; there is no event to wait for.
        std::thread::sleep(after);
        std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        over.store(true, Ordering::Release);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    server.kill();
    kept
}

fn send_until(server: &Server, site: &Site, counter: &AtomicU32, over: &AtomicBool) -> Vec<Kept> {
    let mut kept = Vec::new();
    while !over.load(Ordering::Acquire) {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let mut visit = site.visit(1);
        visit.recording = format!("{number:032x}");
        visit.head.page[..4].copy_from_slice(&number.to_le_bytes());
        for seq in 0..BATCHES {
            let marker = format!("https://shop.example.com/step-{}", letters(number, seq));
            let body =
                if seq == 0 { Body::new(0).snapshot(&marker, "Hello") } else { Body::new(seq * 100).page(&marker) };
            visit.head.seq = seq;
            let bytes = visit.head.with(&body.bytes());
            match server.ask("POST", &visit.path(), &[("origin", ORIGIN)], Some(&bytes)) {
                Ok(answer) if answer.status == 204 => {
                    kept.push(Kept { recording: visit.recording.clone(), page: visit.head.page, seq, marker });
                }
                _ => break,
            }
        }
    }
    kept
}

/// A name that no rule takes for a number.
fn letters(number: u32, seq: u64) -> String {
    format!("{number}z{seq}")
        .bytes()
        .map(|byte| if byte == b'z' { 'z' } else { char::from(byte - b'0' + b'a') })
        .collect()
}

/// Every acknowledged batch is in its recording's list of pages and among its events.
fn check(server: &Server, token: &str, kept: &[Kept]) {
    let mut read: Option<(&str, serde_json::Value, Vec<u8>)> = None;
    for batch in kept {
        if read.as_ref().is_none_or(|(id, _, _)| *id != batch.recording) {
            let path = format!("/api/v1/recordings/{}", batch.recording);
            let detail = server.get_as(token, &path);
            assert_eq!(detail.status, 200, "{}", batch.recording);
            let events = server.get_as(token, &format!("{path}/events"));
            assert!(events.json().is_array());
            read = Some((&batch.recording, detail.json(), events.body));
        }
        let (_, detail, events) = read.as_ref().unwrap();
        let pages = detail["page_list"].as_array().unwrap();
        assert_eq!(pages.iter().filter(|page| page["url"] == batch.marker).count(), 1, "{}", batch.marker);
        assert!(contains(events, batch.marker.as_bytes()), "{}", batch.marker);
    }
}

/// Every acknowledged batch stands on disk exactly once.
fn check_once(server: &Server, kept: &[Kept]) {
    let dir = server.data().join("chunks");
    let files = std::fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "db")).collect();
    let open: Vec<_> = files.iter().map(|path| rusqlite::Connection::open(path).unwrap()).collect();
    for batch in kept {
        let id = u128::from_str_radix(&batch.recording, 16).unwrap().to_be_bytes();
        let count: i64 = open
            .iter()
            .map(|db| {
                db.query_row(
                    "select count(*) from chunk where recording = ?1 and page = ?2 and seq = ?3",
                    (id, batch.page, batch.seq),
                    |row| row.get::<_, i64>(0),
                )
                .unwrap()
            })
            .sum();
        assert_eq!(count, 1, "{} {}", batch.recording, batch.seq);
    }
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
