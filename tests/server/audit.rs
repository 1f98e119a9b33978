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
