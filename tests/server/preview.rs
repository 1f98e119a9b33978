//! A policy that is not saved, looked at on the operator's own page: the same door, nothing on disk, nobody else's business.

use crate::common::client::{Answer, ORIGIN, Server, Site, Visit, all_bytes, contains};
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};

const WORDS: &str = "Parcels for Hortensia";

/// A preview of the site's policy with these changes, as the tab that it opened.
struct Preview {
    admin: String,
    path: String,
    token: String,
    tab: Visit,
}

fn begin(server: &Server, site: &Site, changes: &Value) -> Preview {
    let admin = server.token("admin");
    let path = format!("/api/v1/sites/{}/previews", site.key);
    let begun = send(server, "POST", &path, &admin, changes);
    assert_eq!(begun.status, 201);
    let token = begun.json()["token"].as_str().unwrap().to_owned();
    let key = format!("{}/preview/{token}", site.key);
    let tab = Site { key, policy: policy_of(server, &token) }.visit(1);
    Preview { admin, path: format!("{path}/{token}"), token, tab }
}

fn send(server: &Server, method: &str, path: &str, token: &str, changes: &Value) -> Answer {
    let body = json!({ "policy": changes, "language": "en" });
    server.send_json(method, path, &[("authorization", &format!("Bearer {token}"))], &body)
}

/// The hash that the recorder's file names.
fn policy_of(server: &Server, token: &str) -> [u8; 8] {
    let file = server.get(&format!("/r/preview.{token}.js"), &[]);
    assert_eq!((file.status, file.header("cache-control")), (200, "no-store"));
    let text = String::from_utf8(file.body).unwrap();
    let (_, behind) = text.split_once("\"policy\":\"").unwrap();
    std::array::from_fn(|at| u8::from_str_radix(&behind[at * 2..at * 2 + 2], 16).unwrap())
}

fn page(words: Said<'_>) -> Body {
    let body =
        Body::new(0).document("https://shop.example.com/:any", Said::Bucket(0)).open("html", &[]).open("body", &[]);
    match words {
        Said::Shown(text) => body.text(text, 0),
        Said::Bucket(bucket) => body.masked(bucket),
    }
    .end()
    .end()
    .end()
}

fn speak(server: &Server, preview: &Preview, word: &Value) -> Answer {
    let path = format!("/i/v1/{}", preview.tab.key);
    server.ask("POST", &path, &[("origin", ORIGIN)], Some(word.to_string().as_bytes())).unwrap()
}

#[test]
fn what_a_draft_would_keep_is_heard_and_is_on_no_disk() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut preview = begin(&server, &site, &json!({ "text": "show" }));
    assert_eq!(preview.tab.send(&server, 0, page(Said::Shown(WORDS))).status, 204);
    let heard = server.hear(&preview.admin, &format!("{}/events", preview.path), WORDS);
    assert!(heard.contains("event: page") && heard.contains("event: events"), "{heard}");
    let listed = server.get_as(&preview.admin, "/api/v1/recordings").json();
    assert_eq!(listed["items"], json!([]));
    for (path, bytes) in all_bytes(server.dir.path()) {
        assert!(!contains(&bytes, WORDS.as_bytes()), "readable in {}", path.display());
    }
}

#[test]
fn a_draft_is_kept_by_the_same_door_and_another_one_is_told_to_the_tab() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut preview = begin(&server, &site, &json!({ "text": "show" }));
    assert_eq!(send(&server, "PUT", &preview.path, &preview.admin, &json!({ "text": "mask" })).status, 204);
    assert_eq!(speak(&server, &preview, &json!({ "draft": 0 })).body, b"1");
    let late = preview.tab.send(&server, 0, page(Said::Shown(WORDS)));
    assert_eq!(late.status, 204, "a batch under the draft before is on its way and shown no more");
    preview.tab.head.policy = policy_of(&server, &preview.token);
    let refused = preview.tab.send(&server, 0, page(Said::Shown(WORDS)));
    assert_eq!((refused.status, &*refused.problem()), (422, "refused"));
    let heard = server.hear(&preview.admin, &format!("{}/events", preview.path), "event: refused");
    assert!(!heard.contains(WORDS));
}

#[test]
fn one_tab_takes_part_and_none_from_elsewhere() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut preview = begin(&server, &site, &json!({}));
    assert_eq!(preview.tab.send(&server, 0, page(Said::Bucket(2))).status, 204);
    let other = Site { key: preview.tab.key.clone(), policy: preview.tab.head.policy }.visit(2).send(
        &server,
        0,
        page(Said::Bucket(2)),
    );
    assert_eq!((other.status, &*other.problem()), (403, "secret"));
    let word = json!({ "draft": 7 }).to_string();
    let foreign = [("origin", "https://shop.example.com.evil.example")];
    assert_eq!(
        server.ask("POST", &format!("/i/v1/{}", preview.tab.key), &foreign, Some(word.as_bytes())).unwrap().status,
        403
    );
    let second = server.cli_json(&["site", "add", "--name", "Other", "--origin", ORIGIN, "--purpose", "tests"]);
    let elsewhere = format!("/i/v1/{}/preview/{}", second["key"].as_str().unwrap(), preview.token);
    server.wait_for(|| server.get(&format!("/r/{}.js", second["key"].as_str().unwrap()), &[]).status == 200);
    assert_eq!(server.ask("POST", &elsewhere, &[("origin", ORIGIN)], Some(word.as_bytes())).unwrap().status, 404);
}

#[test]
fn what_is_clicked_must_be_something_that_a_policy_could_hold() {
    let server = Server::start();
    let site = server.site(&[]);
    let preview = begin(&server, &site, &json!({}));
    for (word, status) in [
        (json!({ "list": "mask", "entry": "div[" }), 422),
        (json!({ "list": "purpose", "entry": "x" }), 422),
        (json!({ "list": "paths", "entry": "/a?b=c" }), 422),
        (json!("mask"), 422),
        (json!({ "list": "mask", "entry": ".customer" }), 204),
    ] {
        assert_eq!(speak(&server, &preview, &word).status, status, "{word}");
    }
    server.hear(&preview.admin, &format!("{}/events", preview.path), r#""entry":".customer""#);
}

#[test]
fn whoever_changes_no_policy_previews_none_and_an_ended_one_opens_nothing() {
    let server = Server::start();
    let site = server.site(&[]);
    let preview = begin(&server, &site, &json!({}));
    for role in ["viewer", "analyst", "auditor"] {
        let token = server.token(role);
        assert_eq!(send(&server, "PUT", &preview.path, &token, &json!({})).status, 403, "{role}");
        assert_eq!(server.get_as(&token, &format!("{}/events", preview.path)).status, 403, "{role}");
    }
    assert_eq!(
        send(&server, "POST", preview.path.rsplit_once('/').unwrap().0, &preview.admin, &json!({ "txt": "show" }))
            .status,
        422
    );
    let headers = [("authorization", &*format!("Bearer {}", preview.admin))];
    assert_eq!(server.ask("DELETE", &preview.path, &headers, None).unwrap().status, 204);
    assert_eq!(server.get(&format!("/r/preview.{}.js", preview.token), &[]).status, 404);
    assert_eq!(speak(&server, &preview, &json!({ "draft": 0 })).status, 404);
    assert_eq!(server.get_as(&preview.admin, &format!("{}/events", preview.path)).status, 404);
}
