//! What no single batch can show is found once a recording is finished, and taken out of it.

use crate::common::client::{Server, all_bytes, contains};
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};

const PAGE: &str = "https://shop.example.com/";

fn page() -> Body {
    Body::new(0)
        .document(PAGE, Said::Bucket(0))
        .open("html", &[])
        .open("body", &[])
        .open("div", &[("data-hush", Said::Shown("mask"))])
        .masked(3)
        .end()
        .open("p", &[])
        .text("Public marker", 0)
        .end()
        .end()
        .end()
        .end()
}

/// The site's findings, once the auditor has some.
fn awaited(server: &Server, token: &str, site: &str) -> Vec<Value> {
    let mut items = Vec::new();
    server.wait_for(|| {
        let list = server.get_as(token, &format!("/api/v1/sites/{site}/findings")).json();
        items = list["items"].as_array().unwrap().clone();
        items.iter().any(|item| item["by"] == "auditor")
    });
    items
}

#[test]
fn words_under_a_mark_of_an_earlier_batch_are_found_after_finish_and_gone() {
    let mut server = Server::start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "balanced"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, page()).status, 204);
    // Node 5 stands in the marked element: this batch alone does not say so.
    let told = Body::new(7).set_text(5, "Jan Canary", 0).finish();
    assert_eq!(visit.send(&server, 1, told).status, 204);
    let events = |server: &Server| {
        let path = format!("/api/v1/recordings/{}/events", visit.recording);
        String::from_utf8(server.get_as(&token, &path).body).unwrap()
    };
    let found = awaited(&server, &token, &site.key);
    let one = found.iter().find(|item| item["by"] == "auditor").unwrap();
    assert_eq!((&one["kind"], &one["page"]), (&json!("marked"), &json!(PAGE)));
    assert_eq!(one["selector"], "html > body > div");
    assert!(!one.to_string().contains("Canary"));
    let kept = events(&server);
    assert!(!kept.contains("Canary") && kept.contains("Public marker"), "{kept}");
    // What was sealed anew opens after a restart as well.
    server.terminate();
    server.run();
    let kept = events(&server);
    assert!(!kept.contains("Canary") && kept.contains("Public marker"));
    for (path, bytes) in all_bytes(&server.data()) {
        assert!(!contains(&bytes, b"Jan Canary"), "readable in {}", path.display());
    }
}

#[test]
fn what_a_site_showed_by_mistake_is_taken_out_of_every_recording_by_command() {
    let server = Server::start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "full"]);
    let told = |fill: u8, finished: bool| {
        let mut visit = site.visit(fill);
        let body = Body::new(0)
            .document(PAGE, Said::Bucket(0))
            .open("html", &[])
            .open("p", &[("class", Said::Shown("customer"))])
            .text("Jan Canary", 0)
            .end()
            .open("p", &[])
            .text("Public marker", 0)
            .end()
            .end()
            .end();
        assert_eq!(visit.send(&server, 0, if finished { body.finish() } else { body }).status, 204);
        visit.recording
    };
    let (finished, running) = (told(1, true), told(2, false));
    let events =
        |id: &str| String::from_utf8(server.get_as(&token, &format!("/api/v1/recordings/{id}/events")).body).unwrap();
    assert!(events(&finished).contains("Canary"));

    let redact =
        |more: &[&str]| server.cli_json(&[&["recording", "redact", "--site", &site.key, "--selector"], more].concat());
    let would = redact(&[".customer"]);
    assert_eq!((&would["changed"], &would["running"], &would["done"]), (&json!(1), &json!(1), &json!(false)));
    assert!(events(&finished).contains("Canary"), "nothing is changed without --yes");
    assert_eq!(redact(&[".customer", "--yes", "--to", "2001-01-01"])["recordings"], 0);
    let done = redact(&[".customer", "--yes"]);
    assert_eq!((&done["changed"], &done["places"]), (&json!(1), &json!({ "html > p.customer": 1 })));
    // The running server notices within a moment that the key is another.
    server.wait_for(|| events(&finished).contains("Public marker"));
    assert!(!events(&finished).contains("Canary"));
    assert!(events(&running).contains("Canary"), "one that is under way is left for later");
    assert_eq!(redact(&[".customer", "--yes"])["changed"], 0, "what is gone is not found twice");
    let wrong = server.cli(&["recording", "redact", "--site", &site.key, "--selector", "p:has(b)"]);
    assert_eq!(wrong.status.code(), Some(1));
}
