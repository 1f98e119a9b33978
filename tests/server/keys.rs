//! The master key, and the one that takes its place.

use crate::common::client::Server;
use crate::common::wire::{Body, Said};
use serde_json::json;

fn page() -> Body {
    Body::new(0).document("https://shop.example.com/:any", Said::Bucket(0)).open("html", &[]).end().end()
}

#[test]
fn the_master_key_is_rotated_beside_the_running_server_and_the_former_retired() {
    let mut server = Server::start();
    let token = server.token("viewer");
    let site = server.site(&[]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, page()).status, 204);
    let events = format!("/api/v1/recordings/{}/events", visit.recording);
    let plays = |server: &Server| assert_eq!(server.get_as(&token, &events).status, 200);
    plays(&server);
    let before = server.cli_json(&["key", "check"])["keys"].clone();
    assert_eq!(before[0]["current"], true);

    let rotated = server.cli_json(&["key", "rotate"]);
    assert_eq!(rotated["resealed"], 1);
    assert_eq!(visit.send(&server, 1, Body::new(9).click(1)).status, 204, "recording goes on");
    let mut second = server.site(&["--origin", "https://other.example.com"]).visit(2);
    assert_eq!(second.send(&server, 0, page()).status, 204, "another site's too");
    plays(&server);
    let keys = server.cli_json(&["key", "check"])["keys"].clone();
    let of = |keys: &serde_json::Value, id: &serde_json::Value| {
        keys.as_array().unwrap().iter().find(|key| key["master"] == *id).cloned()
    };
    let former = of(&keys, &before[0]["master"]).unwrap();
    assert_eq!((&former["current"], &former["site_keys"]), (&json!(false), &json!(0)));
    let current = of(&keys, &rotated["key"]).unwrap();
    assert_eq!((&current["current"], &current["recordings"]), (&json!(true), &json!(2)));

    let retired = server.cli_json(&["key", "retire"]);
    assert_eq!(retired["retired"], json!([before[0]["master"]]));
    plays(&server);
    server.terminate();
    server.run();
    plays(&server);
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}/events", second.recording)).status, 200);
}

#[test]
fn a_backup_of_before_a_rotation_holds_up_the_retirement_of_its_key() {
    let server = Server::start();
    let site = server.site(&[]);
    assert_eq!(site.visit(1).send(&server, 0, page()).status, 204);
    let dir = server.dir.path().join("backups");
    let dir = dir.to_str().unwrap();
    server.cli_json(&["backup", dir]);
    server.cli_json(&["key", "rotate"]);
    let refused = server.cli(&["key", "retire"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("still sealed under the former key"));
    server.cli_json(&["backup", dir]);
    assert_eq!(server.cli_json(&["key", "retire"])["retired"].as_array().unwrap().len(), 1);
}

#[test]
fn a_store_whose_key_was_lost_refuses_to_start_and_a_copy_of_it_mends_that() {
    let mut server = Server::start();
    let site = server.site(&[]);
    assert_eq!(site.visit(1).send(&server, 0, page()).status, 204);
    let copy = server.dir.path().join("safe.key");
    let exported = server.cli_json(&["key", "export", "--to", copy.to_str().unwrap()]);
    let refused = server.cli(&["key", "export", "--to", copy.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1), "nothing is written over");
    let id = exported["keys"][0].as_str().unwrap().to_owned();
    server.terminate();
    let file = std::path::PathBuf::from(server.cli_json(&["key", "check"])["file"].as_str().unwrap());
    std::fs::write(&file, "ab".repeat(32)).unwrap();
    let refused = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(66));
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&id), "it names the key that it needs");
    std::fs::copy(&copy, &file).unwrap();
    server.run();
}
