//! Restriction of processing: what is restricted is kept and nobody but its visitor opens it; and the list of what was asked.

use crate::common::client::{Answer, Server, Site, Visit, contains};
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Words and an address of `Visit::first`.
const CONTENT: [&[u8]; 2] = [b"Welcome", b"shop.example.com/start"];
const REASON: &str = "A claim is open";

/// A finished recording, which `number` names.
fn recorded(server: &Server, site: &Site, number: u8) -> String {
    let mut visit = site.visit(number);
    assert_eq!(visit.send(server, 0, Visit::first().finish()).status, 204);
    visit.recording
}

fn ask(server: &Server, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = body.map(|body| body.to_string());
    server.ask(method, path, &headers, body.as_deref().map(str::as_bytes)).unwrap()
}

fn restrict(server: &Server, token: &str, id: &str) -> Answer {
    ask(server, token, "POST", &format!("/api/v1/recordings/{id}/restriction"), Some(json!({ "reason": REASON })))
}

fn lift(server: &Server, token: &str, id: &str) -> Answer {
    ask(server, token, "DELETE", &format!("/api/v1/recordings/{id}/restriction?reason=Settled"), None)
}

/// As the visitor's own page asks.
fn own(server: &Server, site: &Site, what: &str, number: u8) -> Answer {
    let digits = format!("{number:02x}").repeat(16);
    let proof = format!("{digits}.{digits}");
    let body = if what == "recordings" { json!({ "proofs": [proof] }) } else { json!({ "proof": proof }) };
    server.send_json("POST", &format!("/visitor/v1/{}/{what}", site.key), &[("sec-fetch-site", "same-origin")], &body)
}

fn shows(answer: &Answer) -> bool {
    CONTENT.iter().any(|content| contains(&answer.body, content))
}

/// Every path of the API that can be read.
fn readable_paths(server: &Server) -> Vec<String> {
    let api = server.get("/api/v1/openapi.json", &[]).json();
    let paths = api["paths"].as_object().unwrap().iter();
    let paths: Vec<_> = paths.filter(|(_, item)| item["get"].is_object()).map(|(path, _)| path.clone()).collect();
    assert!(paths.iter().any(|path| path.ends_with("/events")) && paths.len() > 15, "{paths:?}");
    paths
}

#[test]
fn no_route_and_no_command_shows_what_a_restricted_recording_holds() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let id = recorded(&server, &site, 1);
    let owner = server.token("owner");
    let look = || {
        let mut showing = BTreeSet::new();
        for path in readable_paths(&server) {
            // The one that never ends tells of no recording's content.
            if path.ends_with("/progress") {
                continue;
            }
            let at = path.replace("{key}", &site.key).replace("{id}", &id).replace("{hash}", &"ab".repeat(16));
            let answer = server.get_as(&owner, &at);
            if shows(&answer) {
                showing.insert(path.clone());
            }
            assert!(answer.status < 500, "{path}");
        }
        showing
    };
    let open = look();
    assert!(open.contains("/api/v1/recordings/{id}/events") && open.contains("/api/v1/recordings"), "{open:?}");
    assert_eq!(restrict(&server, &owner, &id).status, 204);
    assert_eq!(look(), BTreeSet::new());

    let path = format!("/api/v1/recordings/{id}");
    for more in ["events", "events?from=0", "assets", &format!("assets/{}", "ab".repeat(16))] {
        let answer = server.get_as(&owner, &format!("{path}/{more}"));
        assert_eq!((answer.status, answer.problem()), (423, "restricted".to_owned()), "{more}");
    }
    for (method, at) in [("PUT", format!("{path}/watched")), ("DELETE", path.clone())] {
        let answer = ask(&server, &owner, method, &at, None);
        assert_eq!((answer.status, answer.problem()), (423, "restricted".to_owned()), "{method} {at}");
    }
    for args in [
        vec!["recording", "export", &id],
        vec!["recording", "show", &id],
        vec!["recording", "list"],
        vec!["recording", "erase", &id, "--yes"],
    ] {
        let output = server.cli(&args);
        let said = [output.stdout, output.stderr].concat();
        assert!(!CONTENT.iter().any(|content| contains(&said, content)), "{args:?}");
        let refused = ["export", "erase"].contains(&args[1]);
        assert_eq!(output.status.code(), Some(i32::from(refused)), "{args:?}");
        assert_eq!(contains(&said, b"may not be opened, changed or erased"), refused, "{args:?}");
    }
    let audited = server.cli_json(&["recording", "audit", "--site", &site.key]);
    assert_eq!((&audited["recordings"], &audited["restricted"]), (&json!(0), &json!(1)));
    let redacted = server.cli_json(&["recording", "redact", "--site", &site.key, "--selector", "p", "--yes"]);
    assert_eq!((&redacted["changed"], &redacted["restricted"]), (&json!(0), &json!(1)));
}

#[test]
fn it_says_who_asked_and_why_and_comes_back_as_it_was() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let id = recorded(&server, &site, 1);
    let (owner, viewer) = (server.token("owner"), server.token("viewer"));
    let path = format!("/api/v1/recordings/{id}");
    let before = server.get_as(&owner, &path).json();
    let events = server.get_as(&owner, &format!("{path}/events"));
    assert_eq!(before["restrictions"], json!([]));

    assert_eq!(restrict(&server, &viewer, &id).problem(), "forbidden");
    assert_eq!(lift(&server, &owner, &id).problem(), "not-restricted");
    for reason in [json!(""), json!("  "), json!("x".repeat(501)), json!(null)] {
        let refused = ask(&server, &owner, "POST", &format!("{path}/restriction"), Some(json!({ "reason": reason })));
        assert_eq!((refused.status, refused.problem()), (422, "invalid".to_owned()), "{reason}");
    }
    assert_eq!(ask(&server, &owner, "DELETE", &format!("{path}/restriction"), None).problem(), "invalid");
    assert_eq!(restrict(&server, &owner, &"09".repeat(16)).problem(), "not-found");

    assert_eq!(restrict(&server, &owner, &id).status, 204);
    let held = server.get_as(&viewer, &path).json();
    let [one] = held["restrictions"].as_array().unwrap().as_slice() else { panic!("{held}") };
    assert_eq!((&one["reason"], &one["name"]), (&json!(REASON), &json!("test")));
    assert!(one["since"].as_i64().unwrap() > 1_700_000_000_000);
    let list = server.get_as(&viewer, "/api/v1/recordings").json();
    let listed = &list["items"][0];
    assert_eq!((&listed["restrictions"], &listed["entry"]), (&held["restrictions"], &json!("")));

    assert_eq!(lift(&server, &viewer, &id).problem(), "forbidden");
    assert_eq!(lift(&server, &owner, &id).status, 204);
    let after = server.get_as(&owner, &path).json();
    for key in ["state", "entry", "page_list", "expires_at", "events", "restrictions", "consent"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(server.get_as(&owner, &format!("{path}/events")).body, events.body);
    assert_eq!(ask(&server, &owner, "DELETE", &path, None).status, 204, "it may be erased again");
}

#[test]
fn it_survives_retention_and_a_restart_and_goes_once_that_is_lifted() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let (id, other) = (recorded(&server, &site, 1), recorded(&server, &site, 2));
    let done = server.cli_json(&["recording", "restrict", &id, "--reason", REASON]);
    assert_eq!(done, json!({ "id": id, "restricted": true, "left": true }));
    let owner = server.token("owner");
    let status = |server: &Server, id: &str| server.get_as(&owner, &format!("/api/v1/recordings/{id}")).status;
    server.terminate();
    // As if their days were over: the file gets an old name, and metadata says so too.
    let dir = server.data().join("chunks");
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let day = files.iter().find(|path| name(path).starts_with('2') && name(path).ends_with(".db")).unwrap();
    std::fs::rename(day, dir.join("2020-01-01.db")).unwrap();
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute("update recording set expires_on = 18262", []).unwrap();
    drop(meta);
    server.run();
    server.wait_for(|| status(&server, &other) == 404 && !dir.join("2020-01-01.db").exists());
    assert_eq!(status(&server, &id), 200, "kept past its day");
    assert!(contains(&own(&server, &site, "events", 1).body, CONTENT[0]), "its visitor reads it still");

    let lifted = server.cli_json(&["recording", "lift", &id, "--reason", "Settled"]);
    assert_eq!(lifted, json!({ "id": id, "restricted": false, "left": false }), "its day has passed");
    assert_eq!(status(&server, &id), 404);
    let keys = std::fs::read(server.data().join("keys.db")).unwrap();
    assert!(!contains(&keys, &[1; 16]), "its key is gone");
    let again = server.cli(&["recording", "lift", &id, "--reason", "Settled"]);
    assert!(String::from_utf8(again.stderr).unwrap().contains("There is no recording"));
    assert_eq!(server.cli(&["recording", "restrict", &id]).status.code(), Some(2), "not without a reason");
}

#[test]
fn a_recording_under_way_takes_no_more_once_it_is_restricted() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let owner = server.token("owner");
    let state = || server.get_as(&owner, &format!("/api/v1/recordings/{}", visit.recording)).json()["state"].clone();
    assert_eq!(state(), "live");
    assert_eq!(restrict(&server, &owner, &visit.recording).status, 204);
    assert_eq!(state(), "finished");
    assert_eq!(visit.clone().send(&server, 1, Body::new(4_000).visible(true)).problem(), "gone");
}

#[test]
fn a_visitor_restricts_the_own_recording_and_lifts_only_what_the_visitor_asked_for() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let (id, other) = (recorded(&server, &site, 1), recorded(&server, &site, 2));
    let owner = server.token("owner");
    let read = |id: &str| server.get_as(&owner, &format!("/api/v1/recordings/{id}/events")).status;
    let mine = || own(&server, &site, "recordings", 1).json()["items"][0].clone();
    assert_eq!((&mine()["restricted_at"], &mine()["restricted_by_visitor"]), (&json!(null), &json!(false)));
    let crossed = json!({ "proof": format!("{}.{}", "02".repeat(16), "01".repeat(16)) });
    let path = format!("/visitor/v1/{}/restrict", site.key);
    let from_us = [("sec-fetch-site", "same-origin")];
    assert_eq!(server.send_json("POST", &path, &from_us, &crossed).problem(), "not-found");
    assert_eq!(server.send_json("POST", &path, &[("sec-fetch-site", "cross-site")], &crossed).problem(), "cross-site");

    assert_eq!(own(&server, &site, "restrict", 1).status, 204);
    assert_eq!((read(&id), read(&other)), (423, 200));
    assert!(mine()["restricted_at"].is_i64() && mine()["restricted_by_visitor"] == true);
    for what in ["events", "copy"] {
        assert!(contains(&own(&server, &site, what, 1).body, CONTENT[0]), "{what}: the visitor's own it stays");
    }
    let held = server.get_as(&owner, &format!("/api/v1/recordings/{id}")).json();
    assert_eq!((&held["restrictions"][0]["by"], &held["restrictions"][0]["reason"]), (&json!("visitor"), &json!("")));
    assert_eq!(own(&server, &site, "lift", 1).status, 204);
    assert_eq!((read(&id), own(&server, &site, "lift", 1).problem()), (200, "not-restricted".to_owned()));

    assert_eq!(restrict(&server, &owner, &id).status, 204);
    assert_eq!(
        own(&server, &site, "lift", 1).problem(),
        "not-restricted",
        "what staff hold is not the visitor's to lift"
    );
    assert!(mine()["restricted_at"].is_i64() && mine()["restricted_by_visitor"] == false);
    assert_eq!(own(&server, &site, "restrict", 1).status, 204);
    assert_eq!(own(&server, &site, "lift", 1).status, 204);
    assert_eq!(read(&id), 423, "staff hold it still");
    assert_eq!(own(&server, &site, "erase", 1).status, 204, "erasure is the visitor's right all the same");
    assert_eq!(read(&id), 404);
}

#[test]
fn removing_a_site_takes_what_is_restricted_too() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let id = recorded(&server, &site, 1);
    let owner = server.token("owner");
    assert_eq!(restrict(&server, &owner, &id).status, 204);
    assert_eq!(ask(&server, &owner, "DELETE", &format!("/api/v1/sites/{}", site.key), None).status, 204);
    assert_eq!(server.get_as(&owner, &format!("/api/v1/recordings/{id}")).status, 404);
    assert!(!contains(&std::fs::read(server.data().join("keys.db")).unwrap(), &[1; 16]));
    let kept = || {
        let db = rusqlite::Connection::open(server.data().join("chunks/keep.db")).unwrap();
        db.query_row("select count(*) from chunk", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    server.wait_for(|| kept() == 0);
    server.kill();
    server.run();
    assert_eq!(server.get_as(&owner, &format!("/api/v1/recordings/{id}")).status, 404);
}

#[test]
fn each_kind_of_request_is_a_line_that_tells_of_nobody() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let owner = server.token("owner");
    let ids: Vec<_> = (1..=4).map(|number| recorded(&server, &site, number)).collect();
    let path = format!("/api/v1/sites/{}/requests", site.key);
    assert_eq!(server.get_as(&owner, &path).json(), json!({ "items": [], "next": null }));
    let plain = server.cli(&["site", "requests", &site.key]);
    assert_eq!(plain.stdout, b"Nobody has asked anything yet.\n");

    for what in ["recordings", "recordings", "events", "copy", "restrict", "lift", "erase"] {
        assert!(own(&server, &site, what, 1).status < 300, "{what}");
    }
    assert_eq!(own(&server, &site, "restrict", 2).status, 204, "and taken back all the same");
    // What opens nothing is no line: a stranger cannot write here.
    for what in ["recordings", "copy", "restrict", "lift", "erase"] {
        own(&server, &site, what, 9);
    }
    let secret = "02".repeat(16);
    let withdraw = format!("/i/v1/{}/{secret}/erase", site.key);
    let headers = [("origin", crate::common::client::ORIGIN), ("content-type", "text/plain")];
    for body in ["03".repeat(16), secret] {
        assert_eq!(server.ask("POST", &withdraw, &headers, Some(body.as_bytes())).unwrap().status, 204);
    }
    assert_eq!(restrict(&server, &owner, &ids[2]).status, 204);
    assert_eq!(lift(&server, &owner, &ids[2]).status, 204);
    assert_eq!(ask(&server, &owner, "DELETE", &format!("/api/v1/recordings/{}", ids[2]), None).status, 204);
    server.cli_json(&["recording", "erase", &ids[3], "--yes"]);

    let list = server.get_as(&server.token("auditor"), &path).json();
    let lines: Vec<_> = list["items"].as_array().unwrap().iter().rev().collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let number = ids.iter().position(|id| line["recording"] == **id).unwrap() + 1;
            let by = line["name"].as_str().or(line["by"].as_str()).unwrap();
            format!("{} {number} by {by} {}", line["kind"].as_str().unwrap(), line["times"])
        })
        .collect();
    assert_eq!(
        told,
        [
            "access 1 by visitor 2",
            "copy 1 by visitor 1",
            "restriction 1 by visitor 1",
            "lift 1 by visitor 1",
            "erasure 1 by visitor 1",
            "restriction 2 by visitor 1",
            "withdrawal 2 by visitor 1",
            "restriction 3 by test 1",
            "lift 3 by test 1",
            "erasure 3 by test 1",
            "erasure 4 by command 1",
        ]
    );
    assert_eq!((&lines[7]["reason"], &lines[8]["reason"]), (&json!(REASON), &json!("Settled")));
    for line in &lines {
        assert!(line["asked_at"].as_i64() <= line["done_at"].as_i64() && line["done_at"].as_i64() > Some(0));
        assert!(!line.to_string().contains("127.0.0.1"));
    }
    assert_eq!(server.cli_json(&["site", "requests", &site.key]), list["items"]);
    let records = server.cli_json(&["officer", "records", "--site", &site.key]);
    assert_eq!((&records["requests"]["erasure"], &records["restricted"]), (&json!(3), &json!(0)));

    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get_as(&owner, &format!("{path}?limit=3{cursor}")).json();
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(json!(paged), list["items"]);
    assert_eq!(server.get_as(&owner, &format!("{path}?cursor=x")).problem(), "invalid");
    assert_eq!(server.get_as(&owner, "/api/v1/sites/aaaaaaaaaaaaaaaaaaaa/requests").status, 404);
    assert_eq!(server.get(&path, &[]).problem(), "unauthenticated");
}

#[test]
fn the_auditor_leaves_what_is_restricted_alone_and_looks_once_that_is_lifted() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    let told = Body::new(0)
        .document("https://shop.example.com/", Said::Bucket(0))
        .open("html", &[])
        .open("div", &[("data-hush", Said::Shown("mask"))])
        .masked(3)
        .end()
        .end()
        .end();
    assert_eq!(visit.send(&server, 0, told).status, 204);
    // The text's node: this batch alone does not say that it stands under a mark.
    assert_eq!(visit.send(&server, 1, Body::new(7).set_text(4, "Jan Canary", 0)).status, 204);
    let owner = server.token("owner");
    let audited = |server: &Server, id: &str| {
        !server.get_as(&owner, &format!("/api/v1/recordings/{id}")).json()["audited_at"].is_null()
    };
    let canary = |server: &Server| contains(&own(server, &site, "events", 1).body, b"Jan Canary");
    assert_eq!(restrict(&server, &owner, &visit.recording).status, 204);
    server.terminate();
    // As if it had been finished just before.
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute("update recording set state = 1", []).unwrap();
    drop(meta);
    server.run();
    let other = recorded(&server, &site, 2);
    server.wait_for(|| audited(&server, &other));
    assert!(!audited(&server, &visit.recording) && canary(&server), "it stays as it was");
    assert_eq!(lift(&server, &owner, &visit.recording).status, 204);
    server.wait_for(|| audited(&server, &visit.recording));
    assert!(!canary(&server), "taken out once it may be");
}

#[test]
fn a_power_cut_while_recordings_move_leaves_each_whole_and_once() {
    const RECORDINGS: u8 = 6;
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let ids: Vec<_> = (1..=RECORDINGS).map(|number| recorded(&server, &site, number)).collect();
    let owner = server.token("owner");
    for round in 0..8 {
        let pid = server.pid().to_string();
        std::thread::scope(|scope| {
            for id in &ids {
                let (server, owner) = (&server, &owner);
                scope.spawn(move || {
                    let bearer = format!("Bearer {owner}");
                    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
                    let path = format!("/api/v1/recordings/{id}/restriction");
                    let body = json!({ "reason": REASON }).to_string();
                    // Until nobody answers any more.
                    while server.ask("POST", &path, &headers, Some(body.as_bytes())).is_ok()
                        && server.ask("DELETE", &format!("{path}?reason=x"), &headers, None).is_ok()
                    {
                    }
                });
            }
            // The moment of the kill is the point of this test; there is no event to wait for.
            std::thread::sleep(Duration::from_millis(15 + round * 37 % 120));
            std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        });
        server.kill();
        server.run();
        for (number, id) in (1..).zip(&ids) {
            let restricted =
                server.get_as(&owner, &format!("/api/v1/recordings/{id}")).json()["restrictions"] != json!([]);
            let read = server.get_as(&owner, &format!("/api/v1/recordings/{id}/events"));
            assert_eq!(read.status, if restricted { 423 } else { 200 }, "round {round}");
            assert!(contains(&own(&server, &site, "events", number).body, CONTENT[0]), "round {round}");
            assert_eq!(files_with(&server, number), [if restricted { "keep" } else { "day" }], "round {round}");
        }
    }
}

/// Where the chunks of a recording lie.
fn files_with(server: &Server, number: u8) -> Vec<&'static str> {
    let files = std::fs::read_dir(server.data().join("chunks")).unwrap().flatten().map(|entry| entry.path());
    let held = files.filter(|path| path.extension().is_some_and(|extension| extension == "db")).filter_map(|path| {
        let db = rusqlite::Connection::open(&path).unwrap();
        let count = "select count(*) from chunk where recording = ?1";
        let chunks: i64 = db.query_row(count, [[number; 16]], |row| row.get(0)).unwrap();
        (chunks > 0).then(|| if path.ends_with("keep.db") { "keep" } else { "day" })
    });
    held.collect()
}
