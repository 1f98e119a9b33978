//! Documents for the data-protection officer: what they say is what runs.

use crate::common::client::{Server, Visit};
use crate::common::wire::Body;
use serde_json::{Value, json};
use std::io::Write;

const PROFILES: [&str; 4] = ["cnil-2026", "cz", "eu-default", "us-ca"];
const PURPOSE: &str = "Find where the checkout fails";

/// Save these keys of a site's policy by the command line.
fn set(server: &Server, key: &str, changes: &Value) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(changes.to_string().as_bytes()).unwrap();
    server.cli_json(&["site", "policy", "set", key, "--file", file.path().to_str().unwrap()]);
}

/// The exit code of a check, and what it printed.
fn check(server: &Server, what: &str, profile: &str) -> (Option<i32>, Value) {
    let output = server.cli(&["site", "policy", "check", what, "--profile", profile, "--json"]);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn failed(value: &Value) -> Vec<&str> {
    let clauses = value["clauses"].as_array().unwrap().iter();
    clauses.filter(|one| one["verdict"] == "fail").map(|one| one["id"].as_str().unwrap()).collect()
}

fn text(server: &Server, args: &[&str]) -> String {
    let output = server.cli(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_policy_is_held_against_each_profile_by_key_and_by_file() {
    let server = Server::start();
    let site = server.site(&[]);
    set(&server, &site.key, &json!({ "purpose": PURPOSE, "sample": 50 }));
    for profile in PROFILES {
        let (code, value) = check(&server, &site.key, profile);
        assert_eq!((code, &value["ok"], failed(&value)), (Some(0), &json!(true), vec![]), "{profile}");
        assert!(value["notice"]["en"].as_str().unwrap().contains("no legal advice"));
    }
    set(&server, &site.key, &json!({ "consent": "not-required", "retention_days": 400, "gpc": false }));
    for profile in PROFILES {
        let (code, value) = check(&server, &site.key, profile);
        assert_eq!((code, failed(&value)), (Some(1), vec!["consent", "signal", "retention"]), "{profile}");
        let consent = value["clauses"].as_array().unwrap().iter().find(|one| one["id"] == "consent").unwrap();
        assert_eq!((&consent["change"]["key"], &consent["change"]["to"]), (&json!("consent"), &json!("required")));
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(json!({ "purpose": PURPOSE, "text": "show" }).to_string().as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(failed(&check(&server, path, "eu-default").1), ["text"]);
    let plain = server.cli(&["site", "policy", "check", path, "--profile", "cz"]);
    let said = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(plain.status.code(), Some(1));
    assert!(said.contains("FAIL  text") && said.contains("change: set `text` to \"redact\""), "{said}");
    assert!(said.contains("127/2005") && said.contains("no legal advice"), "{said}");
    assert_eq!(server.cli_json(&["site", "policy", "check", path]), json!({ "ok": true }), "as without a profile");
    assert_eq!(server.cli_json(&["site", "policy", "check", &site.key]), json!({ "ok": true }));
    assert_eq!(server.cli(&["site", "policy", "check", path, "--profile", "gdpr"]).status.code(), Some(2));
}

#[test]
fn origins_and_findings_of_a_site_count_too() {
    let server = Server::start();
    let site = server.site(&["--origin", "http://intranet.example.com", "--allow-http-origin"]);
    set(&server, &site.key, &json!({ "purpose": PURPOSE }));
    assert_eq!(failed(&check(&server, &site.key, "eu-default").1), ["transport"]);
    let mut visit = site.visit(1);
    // Under a mask, this text is refused and becomes a finding.
    visit.head.policy = policy_hash(&server, &site.key);
    let body = Body::new(0).snapshot("https://shop.example.com/:any", "Readable words");
    assert_eq!(visit.send(&server, 0, body).status, 422);
    server.wait_for(|| failed(&check(&server, &site.key, "eu-default").1) == ["transport", "findings"]);
    let dpia = server.cli_json(&["officer", "dpia", "--site", &site.key]);
    assert_eq!(dpia["findings"]["open"], 1);
    assert_eq!((&dpia["open_findings"][0]["by"], &dpia["open_findings"][0]["places"]), (&json!("door"), &json!(1)));
}

#[test]
fn records_say_what_runs_and_change_with_it() {
    let server = Server::start();
    let site = server.site(&[]);
    server.token("viewer");
    let saved = server.cli_json(&["site", "policy", "show", &site.key]);
    let records = server.cli_json(&["officer", "records", "--site", &site.key]);
    for key in ["version", "hash", "saved_at"] {
        assert_eq!(records["policy"][key], saved[key], "{key}");
    }
    assert_eq!((&records["purpose"], &records["retention_days"]), (&json!("tests"), &json!(30)));
    assert_eq!((&records["recording"], &records["watchers"]), (&json!(true), &json!(1)));
    assert_eq!((&records["recipients"], &records["transfers"]), (&json!([]), &json!([])));
    let listed = |records: &Value| {
        let categories = records["categories"].as_array().unwrap().clone();
        categories
            .into_iter()
            .map(|one| (one["key"].as_str().unwrap().to_owned(), one["value"].clone()))
            .collect::<Vec<_>>()
    };
    for (key, value) in listed(&records) {
        assert_eq!(value, saved["policy"][&key], "{key}");
    }
    let before = text(&server, &["officer", "records", "--site", &site.key]);
    assert!(before.contains("| Purpose | tests |") && before.contains("page text is masked"), "{before}");

    set(&server, &site.key, &json!({ "text": "redact", "retention_days": 7, "purpose": "" }));
    let records = server.cli_json(&["officer", "records", "--site", &site.key]);
    assert_eq!((&records["policy"]["version"], &records["retention_days"]), (&json!(2), &json!(7)));
    assert_eq!(records["recording"], false, "there is no purpose");
    assert!(listed(&records).contains(&("text".to_owned(), json!("redact"))));
    let after = text(&server, &["officer", "records", "--site", &site.key]);
    assert!(after.contains("7 days") && !after.contains("page text is masked"), "{after}");

    let czech = text(&server, &["officer", "records", "--all", "--lang", "cs"]);
    assert!(czech.contains("Záznam o činnosti zpracování") && czech.contains(&site.key), "{czech}");
    let file = server.dir.path().join("records.json");
    let path = file.to_str().unwrap();
    text(&server, &["officer", "records", "--all", "--format", "json", "--out", path]);
    let all: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(all[0]["site"], json!(site.key));
    assert_eq!(server.cli(&["officer", "records"]).status.code(), Some(2), "of which site");
}

#[test]
fn an_impact_assessment_holds_the_leak_tests_and_the_policy() {
    let server = Server::start();
    let site = server.site(&["--preset", "balanced"]);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let table = readme.split("<!-- leaks -->").nth(1).unwrap().split("<!-- /leaks -->").next().unwrap().trim();
    let said = text(&server, &["officer", "dpia", "--site", &site.key]);
    assert!(said.contains(table), "the table of the README, whole");
    assert!(said.contains("It is the preset `balanced` as it comes."), "{said}");
    set(&server, &site.key, &json!({ "media": "show" }));
    let said = text(&server, &["officer", "dpia", "--site", &site.key]);
    assert!(said.contains("- `media`: `\"same-origin\"` to `\"show\"` (records more)"), "{said}");
    assert!(said.contains("all pictures and media") && said.contains("- eu-default: purpose, media"), "{said}");
}

#[test]
fn a_breach_lists_what_was_readable_and_who_watched_it() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    set(&server, &site.key, &json!({ "text": "mask", "forms": "off", "media": "block", "urls": "listed" }));
    server.wait_for(|| {
        let script = server.get(&format!("/r/{}.json", site.key), &[]);
        script.status == 200 && script.json()["text"] == "mask"
    });
    let token = server.token("viewer");
    let recording = site.visit(1).recording;
    let watched = server.ask(
        "PUT",
        &format!("/api/v1/recordings/{recording}/watched"),
        &[("authorization", &format!("Bearer {token}"))],
        None,
    );
    assert_eq!(watched.unwrap().status, 204);
    let breach =
        |from: &str, to: &str| server.cli_json(&["officer", "breach", "--site", &site.key, "--from", from, "--to", to]);
    let found = breach("2020-01-01", "2099-01-01");
    let versions = found["versions"].as_array().unwrap();
    assert_eq!((&versions[0]["text"], &versions[0]["readable"]), (&json!("show"), &json!(true)));
    assert_eq!((&versions[1]["text"], &versions[1]["readable"]), (&json!("mask"), &json!(false)));
    assert_eq!((&versions[0]["recordings"], &versions[1]["recordings"]), (&json!(1), &json!(0)));
    assert_eq!(versions[0]["to"], versions[1]["from"]);
    let listed = &found["recordings"][0];
    assert_eq!((&listed["id"], &listed["readable"]), (&json!(recording), &json!(true)));
    assert_eq!((&listed["watched_by"], &found["watchers"]), (&json!(["test"]), &json!(["test"])));
    let said = text(&server, &["officer", "breach", "--site", &site.key, "--from", "2020-01-01", "--to", "2099-01-01"]);
    assert!(said.contains(&recording) && said.contains("Watched by: test."), "{said}");

    let earlier = breach("2020-01-01", "2020-12-31");
    assert_eq!((&earlier["versions"], &earlier["recordings"]), (&json!([]), &json!([])));
    let wrong = server.cli(&["officer", "breach", "--site", &site.key, "--from", "2026-02-01", "--to", "2026-01-01"]);
    assert_eq!(wrong.status.code(), Some(1));

    server.cli_json(&["recording", "erase", &recording, "--yes"]);
    assert_eq!(breach("2020-01-01", "2099-01-01")["recordings"], json!([]), "nobody can open it any more");
}

#[test]
fn the_api_gives_the_same_documents_and_profiles() {
    let server = Server::start();
    let site = server.site(&[]);
    let token = server.token("viewer");
    let get = |what: &str| server.get_as(&token, &format!("/api/v1/sites/{}/{what}", site.key));
    let told = |args: &[&str]| without_its_time(&text(&server, args));
    for (path, args) in [
        ("records", ["officer", "records", "--site", &site.key, "--lang", "en"].as_slice()),
        ("records?lang=cs", &["officer", "records", "--site", &site.key, "--lang", "cs"]),
        ("dpia", &["officer", "dpia", "--site", &site.key]),
    ] {
        let answer = get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/markdown; charset=utf-8"), "{path}");
        assert!(answer.header("content-disposition").starts_with("attachment"), "{path}");
        assert_eq!(without_its_time(&String::from_utf8(answer.body).unwrap()), told(args), "{path}");
    }
    assert_eq!(get("records?lang=xx").status, 422);
    let held = get("profiles").json();
    let names: Vec<_> = held["items"].as_array().unwrap().iter().map(|one| one["profile"].as_str().unwrap()).collect();
    assert_eq!(names, PROFILES);
    for one in held["items"].as_array().unwrap() {
        let (_, checked) = check(&server, &site.key, one["profile"].as_str().unwrap());
        assert_eq!((&one["clauses"], &one["ok"]), (&checked["clauses"], &checked["ok"]));
        assert!(failed(one).contains(&"purpose"), "`tests` says too little");
    }
}

/// A document but for its last line, which says when it was written.
fn without_its_time(document: &str) -> String {
    let lines: Vec<_> = document.trim_end().lines().collect();
    lines[..lines.len() - 1].join("\n")
}

fn policy_hash(server: &Server, key: &str) -> [u8; 8] {
    let shown = server.cli_json(&["site", "policy", "show", key]);
    let digits = shown["hash"].as_str().unwrap().to_owned();
    std::array::from_fn(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap())
}
