//! A policy's story: what a change would do before it is saved, and who changed what and why afterwards.

use crate::common::client::Server;
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};

fn send(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> crate::common::client::Answer {
    server.send_json(method, path, &[("authorization", &format!("Bearer {token}"))], body)
}

#[test]
fn a_change_says_what_it_does_and_its_history_who_made_it_and_why() {
    let server = Server::start();
    let token = server.token("admin");
    let site = server.site(&[]);
    let path = format!("/api/v1/sites/{}/policy", site.key);
    let saved = server.get_as(&token, &path).json();
    let mut next = saved["policy"].clone();
    next["forms"] = json!("masked");
    next["mask"] = json!([".basket"]);
    let compared = send(&server, &token, "POST", &format!("{path}/compare"), &next).json();
    assert_eq!(compared["looser"], true);
    assert_eq!(
        compared["changes"],
        json!([
            { "key": "forms", "from": "off", "to": "masked", "looser": true },
            { "key": "mask", "from": [], "to": [".basket"], "looser": false },
        ])
    );
    assert_eq!(server.get_as(&token, &path).json()["version"], saved["version"], "nothing is saved by comparing");
    next["mask"] = json!(["["]);
    let wrong = send(&server, &token, "POST", &format!("{path}/compare"), &next);
    assert_eq!((wrong.status, wrong.json()["field"].clone()), (422, json!("mask")));

    next["mask"] = json!([".basket"]);
    let reason = "to%20see%20where%20forms%20are%20left";
    assert_eq!(send(&server, &token, "PUT", &format!("{path}?reason={reason}"), &next).status, 200);
    let mut stricter = next.clone();
    stricter["retention_days"] = json!(7);
    assert_eq!(send(&server, &token, "PUT", &path, &stricter).status, 200);
    assert_eq!(send(&server, &token, "PUT", &format!("{path}?reason=again"), &stricter).status, 200, "as it is");

    let viewer = server.token("viewer");
    let versions = server.get_as(&viewer, &format!("{path}/versions")).json();
    let items = versions["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!((&items[0]["reason"], &items[0]["changes"][0]["key"]), (&json!(""), &json!("retention_days")));
    assert_eq!(items[0]["changes"][0]["looser"], false);
    assert_eq!(
        (&items[1]["reason"], &items[1]["changes"][0]["looser"]),
        (&json!("to see where forms are left"), &json!(true))
    );
    assert!(items[1]["by"].is_string(), "the token's name");
    assert_eq!((&items[2]["by"], &items[2]["changes"]), (&json!(null), &json!([])), "made by a command");
}

#[test]
fn each_rule_of_the_policy_says_on_how_many_pages_it_matched() {
    let server = Server::start();
    let token = server.token("viewer");
    let mut site = server.site(&[]);
    let file = server.dir.path().join("policy.json");
    std::fs::write(&file, json!({ "mask": [".a", ".b"], "block": ["#never"] }).to_string()).unwrap();
    server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    let path = format!("/api/v1/sites/{}", site.key);
    server.wait_for(|| server.get_as(&token, &format!("{path}/policy")).json()["version"] == 2);
    let saved = server.get_as(&token, &format!("{path}/policy")).json();
    let hash = u64::from_str_radix(saved["hash"].as_str().unwrap(), 16).unwrap();
    site.policy = hash.to_be_bytes();
    let mut visit = site.visit(1);
    let page = || Body::new(0).document("https://shop.example.com/:any", Said::Bucket(0)).open("html", &[]).end().end();
    assert_eq!(visit.send(&server, 0, page().rules(true, &[0])).status, 204);
    assert_eq!(visit.send(&server, 1, Body::new(9).rules(false, &[1]).click(1)).status, 204);
    let rules = server.get_as(&token, &format!("{path}/rules")).json();
    let rule = |key, selector, matched| json!({ "key": key, "selector": selector, "looked": 1, "matched": matched });
    assert_eq!(rules["items"], json!([rule("mask", ".a", 1), rule("mask", ".b", 1), rule("block", "#never", 0)]));
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert_eq!(events.status, 200);
}

#[test]
fn what_the_configuration_file_says_of_policies_is_in_force_and_changed_there_alone() {
    let mut server = Server::start();
    let token = server.token("admin");
    let site = server.site(&["--preset", "balanced"]);
    let path = format!("/api/v1/sites/{}/policy", site.key);
    assert_eq!(server.get_as(&token, &path).json()["fixed"]["keys"], json!([]));
    server.terminate();
    let file = server.dir.path().join("config.toml");
    let said = format!(
        "[policy]\nforms = \"off\"\nretention_days = 7\n\n[sites.{}]\npolicy.mask = [\".customer\"]\n",
        site.key
    );
    std::fs::write(&file, said).unwrap();
    server.run();

    let saved = server.get_as(&token, &path).json();
    assert_eq!(saved["fixed"]["keys"], json!(["mask", "forms", "retention_days"]));
    assert_eq!(saved["fixed"]["file"], file.to_str().unwrap());
    let policy = &saved["policy"];
    assert_eq!(
        (&policy["forms"], &policy["retention_days"], &policy["mask"]),
        (&json!("off"), &json!(7), &json!([".customer"]))
    );
    let versions = server.get_as(&token, &format!("{path}/versions")).json();
    assert_eq!(versions["items"][0]["reason"], format!("As {} says.", file.display()));

    let mut next = policy.clone();
    next["text"] = json!("mask");
    assert_eq!(send(&server, &token, "PUT", &path, &next).status, 200, "all else is free");
    next["forms"] = json!("record");
    for (method, path) in [("PUT", path.clone()), ("POST", format!("{path}/compare"))] {
        let refused = send(&server, &token, method, &path, &next);
        assert_eq!((refused.status, &*refused.problem(), &refused.json()["field"]), (409, "fixed", &json!("forms")));
    }
    let command = server.cli(&["site", "policy", "set", &site.key, "--preset", "full"]);
    assert_eq!(command.status.code(), Some(1));
    let told = String::from_utf8_lossy(&command.stderr).into_owned();
    assert!(told.contains("`forms` is set in") && told.contains("config.toml"), "{told}");

    let added = server.cli_json(&[
        "site",
        "add",
        "--name",
        "Second",
        "--origin",
        "https://b.example",
        "--purpose",
        "t",
        "--preset",
        "full",
    ]);
    let shown = server.cli_json(&["site", "policy", "show", added["key"].as_str().unwrap()]);
    assert_eq!(
        (&shown["policy"]["forms"], &shown["fixed"]["keys"]),
        (&json!("off"), &json!(["forms", "retention_days"]))
    );

    server.terminate();
    server.run();
    let again = server.get_as(&token, &format!("{path}/versions")).json();
    assert_eq!(again["items"].as_array().unwrap().len(), 3, "a start that changes nothing makes no version");
}
