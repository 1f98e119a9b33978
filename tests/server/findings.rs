//! What nobody marked: told with its place and kind, listed for the operator, kept out of the recording.

use crate::common::client::{Server, Visit, all_bytes, contains};
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};

const PAGE: &str = "https://shop.example.com/:any";
const CARD: u64 = 4;
const FIELD: &str = "form > input:nth-of-type(2)";

fn page() -> Body {
    Body::new(0)
        .document(PAGE, Said::Bucket(0))
        .open("html", &[])
        .open("body", &[])
        .empty("input", &[])
        .end()
        .end()
        .end()
}

fn findings(server: &Server, site: &str) -> Vec<Value> {
    let token = server.token("viewer");
    let list = server.get_as(&token, &format!("/api/v1/sites/{site}/findings")).json();
    list["items"].as_array().unwrap().clone()
}

fn settle(server: &Server, site: &str, finding: &Value, body: &Value) -> u16 {
    let token = server.token("admin");
    let path = format!("/api/v1/sites/{site}/findings/{}", finding["id"].as_str().unwrap());
    server.send_json("PUT", &path, &[("authorization", &format!("Bearer {token}"))], body).status
}

#[test]
fn a_field_that_nobody_marked_is_listed_with_its_fix_and_no_recording_knows_of_it() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, page().sensitive(CARD, FIELD, PAGE)).status, 204);
    let found = findings(&server, &site.key);
    assert_eq!(found.len(), 1);
    let one = &found[0];
    assert_eq!((&one["by"], &one["kind"], &one["state"]), (&json!("recorder"), &json!("card"), &json!("open")));
    assert_eq!((&one["page"], &one["selector"], &one["times"]), (&json!(PAGE), &json!(FIELD), &json!(1)));
    assert_eq!(one["fix"], json!({ "attribute": "data-hush=\"sensitive\"", "mask": FIELD }));
    // Place and address are sealed; the recording itself says nothing of either.
    for (path, bytes) in all_bytes(&server.data()) {
        assert!(!contains(&bytes, FIELD.as_bytes()), "readable in {}", path.display());
    }
    let token = server.token("viewer");
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert!(!contains(&events.body, b"nth-of-type"));
    let listed = server.cli_json(&["site", "findings", &site.key]);
    assert_eq!(listed[0]["selector"], FIELD);
}

#[test]
fn what_was_mended_opens_again_when_it_is_met_again_and_accepting_asks_for_a_reason() {
    let server = Server::start();
    let site = server.site(&[]);
    let tell = |fill: u8| {
        let mut visit: Visit = site.visit(fill);
        assert_eq!(visit.send(&server, 0, page().sensitive(CARD, FIELD, PAGE)).status, 204);
    };
    tell(1);
    let one = findings(&server, &site.key).remove(0);
    assert_eq!(settle(&server, &site.key, &one, &json!({ "state": "accepted", "reason": " " })), 422);
    assert_eq!(settle(&server, &site.key, &one, &json!({ "state": "fixed" })), 204);
    assert_eq!(findings(&server, &site.key)[0]["state"], "fixed");
    tell(2);
    let again = findings(&server, &site.key).remove(0);
    assert_eq!((&again["state"], &again["times"]), (&json!("open"), &json!(2)));
    assert_eq!(settle(&server, &site.key, &one, &json!({ "state": "accepted", "reason": "a test shop" })), 204);
    tell(3);
    let kept = findings(&server, &site.key).remove(0);
    assert_eq!((&kept["state"], &kept["reason"]), (&json!("accepted"), &json!("a test shop")));
    let nobody = json!({ "id": "0".repeat(32) });
    assert_eq!(settle(&server, &site.key, &nobody, &json!({ "state": "fixed" })), 404);
}

#[test]
fn a_batch_that_was_refused_is_a_finding_with_rule_and_place_and_without_its_words() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut visit = site.visit(1);
    let body = Body::new(0)
        .document(PAGE, Said::Bucket(0))
        .open("html", &[])
        .open("body", &[])
        .open("p", &[])
        .text("Jan Canary", 0)
        .end()
        .end()
        .end()
        .end();
    assert_eq!(visit.send(&server, 0, body).status, 422);
    let one = findings(&server, &site.key).remove(0);
    assert_eq!((&one["by"], &one["kind"], &one["page"]), (&json!("door"), &json!("text"), &json!(PAGE)));
    assert_eq!(one["selector"], "* > body:nth-of-type(1) > p:nth-of-type(1)");
    assert!(!one.to_string().contains("Canary"));
}
