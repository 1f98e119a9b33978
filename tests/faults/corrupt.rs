//! Bytes that a disk changed under the store: the rest of the recording plays, the gap is shown.

use crate::common::client::{Server, Visit, contains};
use crate::common::load::databases;
use crate::common::wire::Body;
use crate::report;
use rusqlite::Connection;
use serde_json::Value;

const FIRST: &str = "https://shop.example.com/first";
const LATER: &str = "https://shop.example.com/later";

fn chunks(server: &Server) -> Connection {
    let file = databases(server).into_iter().find(|path| path.parent().unwrap().ends_with("chunks")).unwrap();
    Connection::open(file).unwrap()
}

/// Change one byte in the middle of a chunk.
fn damage(server: &Server, row: i64) {
    let db = chunks(server);
    let mut bytes: Vec<u8> = db.query_row("select bytes from chunk where id = ?1", [row], |row| row.get(0)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    db.execute("update chunk set bytes = ?2 where id = ?1", (row, bytes)).unwrap();
}

fn rows(server: &Server) -> Vec<i64> {
    let db = chunks(server);
    let mut statement = db.prepare("select id from chunk order by id").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn detail(server: &Server, token: &str, visit: &Visit) -> Value {
    server.get_as(token, &format!("/api/v1/recordings/{}", visit.recording)).json()
}

/// Its events, and how many batches each gap among them says are missing.
fn events(server: &Server, token: &str, visit: &Visit, part: &str) -> (Vec<u8>, Vec<u64>) {
    let answer = server.get_as(token, &format!("/api/v1/recordings/{}/events{part}", visit.recording));
    assert_eq!(answer.status, 200);
    let all = answer.json();
    let gaps = all.as_array().unwrap().iter().filter(|event| event["data"]["tag"] == "hushreel.gap");
    let gaps = gaps.map(|gap| gap["data"]["payload"]["batches"].as_u64().unwrap()).collect();
    (answer.body, gaps)
}

#[test]
fn a_corrupt_batch_is_a_gap_and_nothing_of_its_recording_is_packed_away() {
    let server = Server::start();
    let (site, token) = (server.site(&["--preset", "full"]), server.token("viewer"));
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Body::new(0).snapshot(FIRST, "Welcome")).status, 204);
    assert_eq!(visit.send(&server, 1, Body::new(1_000).page("https://shop.example.com/lost")).status, 204);
    assert_eq!(visit.send(&server, 2, Body::new(2_000).page(LATER)).status, 204);
    damage(&server, rows(&server)[1]);
    let (body, gaps) = events(&server, &token, &visit, "");
    assert!(contains(&body, FIRST.as_bytes()) && contains(&body, LATER.as_bytes()));
    assert!(!contains(&body, b"/lost"));
    assert_eq!(gaps, [1]);
    server.wait_for(|| detail(&server, &token, &visit)["damaged"] == 1);

    // Its end: the auditor and the finisher pass over it, and it stays in its chunks.
    assert_eq!(visit.send(&server, 3, Body::new(3_000).finish()).status, 204);
    server.wait_for(|| !detail(&server, &token, &visit)["marked_at"].is_null());
    assert_eq!(rows(&server).len(), 4);
    assert_eq!(events(&server, &token, &visit, "").1, [1]);
    let list = server.get_as(&token, "/api/v1/recordings").json();
    assert_eq!(list["items"][0]["damaged"], 1);
    let log = server.log();
    assert_eq!(log.matches("have changed on disk").count(), 1, "it is said once: {log}");
    assert!(!log.contains("panicked") && !log.contains("/lost"), "{log}");
    report("corrupt single batch", "the rest plays, one gap of 1 batch, told in the list and once in the log");
}

/// A packed recording of two pages with keyframes in it.
fn packed(server: &Server, token: &str) -> Visit {
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(server, 0, Body::new(0).snapshot(FIRST, "Welcome")).status, 204);
    for seq in 1..12 {
        let body = Body::new(seq * 20_000).page(&format!("{FIRST}-{}", char::from(b'a' + seq as u8))).click(4);
        assert_eq!(visit.send(server, seq, body).status, 204);
    }
    visit.head.page = [7; 8];
    let second = Body::new(0).snapshot(LATER, "Later").time(900).finish();
    assert_eq!(visit.send(server, 0, second).status, 204);
    server.wait_for(|| !detail(server, token, &visit)["marked_at"].is_null());
    visit
}

#[test]
fn a_corrupt_run_leaves_the_others_and_seeking_still_answers() {
    for (bad, expected) in [(0, "first"), (1, "one"), (usize::MAX, "last")] {
        let server = Server::start();
        let token = server.token("viewer");
        let visit = packed(&server, &token);
        let found = rows(&server);
        assert!(found.len() >= 2 && found.len() < 13, "it is packed: {found:?}");
        let (whole, none) = events(&server, &token, &visit, "");
        assert!(none.is_empty());
        damage(&server, found[bad.min(found.len() - 1)]);
        let (body, gaps) = events(&server, &token, &visit, "");
        assert!(!gaps.is_empty() && body.len() < whole.len(), "{expected}");
        for part in ["?from=1000", "?from=100000", "?from=230000", "?from=60000&to=90000"] {
            events(&server, &token, &visit, part);
        }
        for path in ["", "/marks", "/assets"] {
            let answer = server.get_as(&token, &format!("/api/v1/recordings/{}{path}", visit.recording));
            assert_eq!(answer.status, 200, "{expected} {path}");
        }
        server.wait_for(|| detail(&server, &token, &visit)["damaged"].as_u64() > Some(0));
        assert!(server.cli(&["recording", "export", &visit.recording]).status.success());
        let backup = server.dir.path().join("backup");
        server.cli_json(&["backup", backup.to_str().unwrap()]);
        assert!(!server.log().contains("panicked"));
        let mut server = server;
        assert_eq!(server.terminate(), Some(0));
        server.run();
        assert!(!events(&server, &token, &visit, "").1.is_empty());
        assert_eq!(rows(&server), found, "nothing is thrown away");
    }
    report(
        "corrupt packed run (base, middle, last)",
        "what does not need it plays; gaps told; seeks, export and backup answer",
    );
}
