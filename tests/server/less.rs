//! Policies that record less, as the door keeps to them: who opted out, and how long a recording may be.

use crate::common::client::{ORIGIN, Server, Site, Visit};
use crate::common::wire::Body;
use serde_json::{Value, json};

/// Change keys of a site's policy, and wait until the server knows.
fn change(server: &Server, site: &Site, changes: &Value) -> Site {
    let file = server.dir.path().join("policy.json");
    std::fs::write(&file, changes.to_string()).unwrap();
    let saved = server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    let hash = saved["hash"].as_str().unwrap();
    let path = format!("/r/{}.json", site.key);
    server.wait_for(|| server.get(&path, &[]).json()["policy"] == hash);
    Site {
        key: site.key.clone(),
        policy: std::array::from_fn(|at| u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap()),
    }
}

#[test]
fn who_sends_do_not_track_is_refused_where_the_policy_honours_it() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let visit = site.visit(1);
    let bytes = visit.head.with(&Visit::first().bytes());
    let asks = [("origin", ORIGIN), ("dnt", "1")];
    let answer = server.ask("POST", &visit.path(), &asks, Some(&bytes)).unwrap();
    assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("dnt")));
    let assets = format!("/i/v1/{}/assets", site.key);
    let mut question = vec![1, 0];
    question.extend(site.policy);
    question.extend([0; 48]);
    let answer = server.ask("POST", &assets, &asks, Some(&question)).unwrap();
    assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("dnt")));
    let token = server.token("viewer");
    assert_eq!(server.get_as(&token, "/api/v1/recordings").json()["items"], json!([]));
    // "0" is no wish, and a site may leave the signal aside.
    let none = [("origin", ORIGIN), ("dnt", "0")];
    assert_eq!(server.ask("POST", &visit.path(), &none, Some(&bytes)).unwrap().status, 204);
    let site = change(&server, &site, &json!({ "dnt": false }));
    let visit = site.visit(2);
    let bytes = visit.head.with(&Visit::first().bytes());
    assert_eq!(server.ask("POST", &visit.path(), &asks, Some(&bytes)).unwrap().status, 204);
}

#[test]
fn a_recording_takes_nothing_from_beyond_its_minutes() {
    const MINUTE: u64 = 60_000;
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let site = change(&server, &site, &json!({ "max_minutes": 1 }));
    let token = server.token("viewer");
    let mut visit = site.visit(1);
    visit.head.sent_at = 10 * MINUTE;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    assert_eq!(visit.send(&server, 1, Body::new(MINUTE).visible(true)).status, 204);
    // A background tab's timer comes late, and a batch may be late by hours: its own clock counts.
    assert_eq!(visit.send(&server, 2, Body::new(2 * MINUTE).visible(true)).status, 204);
    let answer = visit.send(&server, 3, Body::new(4 * MINUTE).visible(true));
    assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("max-minutes")));
    // Another page is another clock, but the same recording.
    visit.head.page = [9; 8];
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let answer = visit.send(&server, 1, Body::new(2 * MINUTE).visible(true));
    assert_eq!(&answer.json()["rule"], "max-minutes");
    let kept = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    assert_eq!((&kept["pages"], &kept["state"]), (&json!(2), &json!("live")), "what it had it keeps");
}
