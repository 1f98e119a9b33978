//! What was recorded comes back, counted rightly, and goes when it is told to.

use crate::common::client::{Server, Visit, all_bytes, contains};
use crate::common::wire::Body;
use serde_json::json;

#[test]
fn a_visit_is_listed_with_its_counts_and_comes_back_as_events() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    visit.head.page = [2; 8];
    visit.head.sent_at = 3_000;
    let second = Body::new(0).snapshot("https://shop.example.com/cart", "Cart").lost(12, 700).time(2_500).finish();
    assert_eq!(visit.send(&server, 0, second).status, 204);
    let token = server.token("viewer");
    let list = server.get_as(&token, &format!("/api/v1/recordings?site={}", site.key)).json();
    let recording = &list["items"][0];
    for (key, value) in [
        ("id", json!(visit.recording)),
        ("site", json!(site.key)),
        ("state", json!("finished")),
        ("pages", json!(2)),
        ("clicks", json!(1)),
        ("entry", json!("https://shop.example.com/start")),
        ("exit", json!("https://shop.example.com/cart")),
        ("width", json!(1440)),
        ("preset", json!("full")),
        ("gaps", json!(1)),
        ("watched", json!(false)),
        ("refused_rule", json!(null)),
    ] {
        assert_eq!(recording[key], value, "{key}");
    }
    assert_eq!(recording["consent"]["basis"], "granted");
    let duration = recording["duration_ms"].as_i64().unwrap();
    // The first page was sent 5 s after it began, the second 3 s after: 2 s lie between their beginnings.
    assert!((4_400..5_400).contains(&duration), "{duration}");
    let detail = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    assert_eq!(detail["page_list"].as_array().unwrap().len(), 2);
    assert_eq!((detail["gap_list"][0]["ops"].clone(), detail["gap_list"][0]["ms"].clone()), (json!(12), json!(700)));
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert_eq!(events.header("content-type"), "application/json");
    let text = String::from_utf8(events.body.clone()).unwrap();
    assert!(events.json().as_array().unwrap().len() > 3);
    assert!(text.find("Welcome").unwrap() < text.find("Cart").unwrap());
    let late = server.get_as(&token, &format!("/api/v1/recordings/{}/events?from=4000", visit.recording));
    assert!(!contains(&late.body, b"Welcome") && contains(&late.body, b"Cart"), "begins at the page");
    let exported = server.cli(&["recording", "export", &visit.recording]);
    assert_eq!(exported.stdout, events.body);
}

#[test]
fn a_missing_batch_is_shown_as_a_gap() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    assert_eq!(visit.send(&server, 3, Body::new(4_000).visible(true)).status, 204);
    let token = server.token("viewer");
    let recording = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    assert_eq!((recording["gaps"].clone(), recording["state"].clone()), (json!(1), json!("live")));
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert!(contains(&events.body, b"gap"));
}

#[test]
fn lists_come_in_pages_that_neither_skip_nor_repeat() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    for n in 1..=23 {
        assert_eq!(site.visit(n).send(&server, 0, Visit::first()).status, 204);
    }
    let token = server.token("viewer");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get_as(&token, &format!("/api/v1/recordings?limit=5{cursor}")).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 23);
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 23);
    assert_eq!(server.get_as(&token, "/api/v1/recordings?cursor=x").problem(), "invalid");
    assert_eq!(server.get_as(&token, "/api/v1/recordings?limit=x").problem(), "invalid");
    assert_eq!(server.get_as(&token, "/api/v1/recordings?from=1&to=2").json()["items"], json!([]));
    assert_eq!(server.get_as(&token, "/api/v1/recordings?site=aaaaaaaaaaaaaaaaaaaa").status, 404);
}

#[test]
fn watched_is_remembered_for_each_watcher() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    visit.send(&server, 0, Visit::first());
    let (one, other) = (server.token("viewer"), server.token("viewer"));
    let path = format!("/api/v1/recordings/{}", visit.recording);
    let bearer = format!("Bearer {one}");
    let marked = server.ask("PUT", &format!("{path}/watched"), &[("authorization", &bearer)], None).unwrap();
    assert_eq!(marked.status, 204);
    assert_eq!(server.get_as(&one, &path).json()["watched"], true);
    assert_eq!(server.get_as(&other, &path).json()["watched"], false);
}

#[test]
fn nothing_readable_of_a_recording_lies_on_disk() {
    let mut server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    let canary = Body::new(0).snapshot("https://shop.example.com/canary-address", "Canary heading words");
    assert_eq!(visit.send(&server, 0, canary).status, 204);
    let token = server.token("viewer");
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert!(contains(&events.body, b"Canary heading words"), "it did arrive");
    for stopped in [false, true] {
        if stopped {
            assert_eq!(server.terminate(), Some(0));
        }
        for (path, bytes) in all_bytes(server.dir.path()) {
            for canary in [b"canary-address".as_slice(), b"Canary heading"] {
                assert!(!contains(&bytes, canary), "{}", path.display());
            }
        }
    }
}

#[test]
fn an_erased_recording_is_gone_with_its_key_and_in_time_with_its_bytes() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let (mut visit, mut other) = (site.visit(1), site.visit(2));
    visit.send(&server, 0, Visit::first());
    other.send(&server, 0, Visit::first());
    let keys = rusqlite::Connection::open(server.data().join("keys.db")).unwrap();
    let wrapped: Vec<u8> = keys
        .query_row("select wrapped from recording_key where recording = ?1", [[1u8; 16]], |row| row.get(0))
        .unwrap();
    drop(keys);
    let found = |wanted: &[u8]| all_bytes(&server.data()).iter().any(|(_, bytes)| contains(bytes, wanted));
    assert!(found(&wrapped));
    let (owner, viewer) = (server.token("owner"), server.token("viewer"));
    let path = format!("/api/v1/recordings/{}", visit.recording);
    let ask =
        |token: &str| server.ask("DELETE", &path, &[("authorization", &format!("Bearer {token}"))], None).unwrap();
    assert_eq!(ask(&viewer).problem(), "forbidden");
    assert_eq!(ask(&owner).status, 204);
    assert_eq!(ask(&owner).problem(), "not-found");
    assert!(!found(&wrapped), "its key is nowhere");
    for path in [path.clone(), format!("{path}/events")] {
        assert_eq!(server.get_as(&viewer, &path).problem(), "not-found");
    }
    let chunks = || {
        let file = std::fs::read_dir(server.data().join("chunks")).unwrap().flatten().map(|entry| entry.path());
        let file = file.into_iter().find(|path| path.extension().is_some_and(|ext| ext == "db")).unwrap();
        let db = rusqlite::Connection::open(file).unwrap();
        db.query_row("select count(*) from chunk where recording = ?1", [[1u8; 16]], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    server.wait_for(|| chunks() == 0);
    assert_eq!(server.get_as(&viewer, &format!("/api/v1/recordings/{}", other.recording)).status, 200);
    // What a running server holds in memory, a restarted one reads: still gone.
    server.kill();
    server.run();
    assert_eq!(server.get_as(&viewer, &path).problem(), "not-found");
    assert_eq!(server.get_as(&viewer, &format!("/api/v1/recordings/{}/events", other.recording)).status, 200);
}

#[test]
fn expired_days_are_unlinked_and_forgotten() {
    let mut server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    visit.send(&server, 0, Visit::first());
    server.terminate();
    // As if its days were over: the file gets yesterday's name, and metadata says so too.
    let dir = server.data().join("chunks");
    let file = std::fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(&file, dir.join("2020-01-01.db")).unwrap();
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute("update recording set expires_on = 18262", []).unwrap();
    drop(meta);
    server.run();
    server.wait_for(|| std::fs::read_dir(&dir).unwrap().next().is_none());
    let token = server.token("viewer");
    server.wait_for(|| server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).status == 404);
    let keys = rusqlite::Connection::open(server.data().join("keys.db")).unwrap();
    let left: i64 = keys.query_row("select count(*) from recording_key", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn the_list_comes_as_a_table_with_the_same_filters_and_no_formulas() {
    let server = Server::start();
    let (site, other) = (server.site(&["--preset", "full"]), server.site(&["--preset", "full"]));
    for n in 1..=3 {
        assert_eq!(site.visit(n).send(&server, 0, Visit::first()).status, 204);
    }
    assert_eq!(other.visit(9).send(&server, 0, Visit::first()).status, 204);
    let token = server.token("viewer");
    let rows = |text: &[u8]| {
        let text = String::from_utf8(text.to_vec()).unwrap().trim_start_matches('\u{feff}').to_owned();
        text.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let answer = server.get_as(&token, &format!("/api/v1/recordings.csv?site={}", site.key));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(answer.header("content-disposition").starts_with("attachment"));
    let all = rows(&answer.body);
    assert_eq!(all.len(), 4);
    assert!(all[0].starts_with("id,site,started_at,"));
    assert!(all[1..].iter().all(|line| line.contains("https://shop.example.com/start")));
    assert_eq!(rows(&server.get_as(&token, "/api/v1/recordings.csv").body).len(), 5);
    assert_eq!(rows(&server.get_as(&token, "/api/v1/recordings.csv?page=/nowhere").body).len(), 1);
    assert_eq!(server.get_as(&token, "/api/v1/recordings.csv?cursor=x").status, 422);
    assert_eq!(rows(&server.cli(&["recording", "list", "--csv", "--site", &site.key]).stdout), all);
}
