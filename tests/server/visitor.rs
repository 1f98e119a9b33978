//! What a visitor may read and do without an account: the public notice, and the recordings of the own browser.

use crate::common::client::{Answer, ORIGIN, Server, Site, Visit, all_bytes, contains};
use crate::common::wire::Body;
use serde_json::{Value, json};

const LANGUAGES: [&str; 8] = ["cs", "sk", "en", "de", "pl", "fr", "es", "it"];

fn proof(recording: u8) -> String {
    // `Site::visit` makes id and secret of one byte each.
    let digits = format!("{recording:02x}").repeat(16);
    format!("{digits}.{digits}")
}

fn ask(server: &Server, site: &Site, what: &str, body: &Value) -> Answer {
    let own = [("sec-fetch-site", "same-origin")];
    server.send_json("POST", &format!("/visitor/v1/{}/{what}", site.key), &own, body)
}

fn listed(server: &Server, site: &Site, proofs: &[String]) -> Vec<String> {
    let list = ask(server, site, "recordings", &json!({ "proofs": proofs })).json();
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn set_policy(server: &Server, site: &Site, changes: &Value) {
    let file = server.dir.path().join("changes.json");
    std::fs::write(&file, changes.to_string()).unwrap();
    let saved = server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    server.wait_for(|| notice(server, site, "en")["policy_hash"] == saved["hash"]);
}

fn notice(server: &Server, site: &Site, language: &str) -> Value {
    server.get(&format!("/privacy/{}.json?lang={language}", site.key), &[]).json()
}

fn page(server: &Server, site: &Site, query: &str, headers: &[(&str, &str)]) -> String {
    let answer = server.get(&format!("/privacy/{}{query}", site.key), headers);
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    String::from_utf8(answer.body).unwrap()
}

#[test]
fn every_language_tells_the_facts_and_leaves_no_brace() {
    let server = Server::start();
    let site = server.site(&["--preset", "balanced"]);
    let english = notice(&server, &site, "en");
    let mut texts = std::collections::BTreeSet::new();
    for language in LANGUAGES {
        let page = page(&server, &site, &format!("?lang={language}"), &[]);
        let told = page.split("<script type=\"application/json\"").next().unwrap().to_owned()
            + page.split("</script>\n</section>").nth(1).unwrap();
        assert!(!told.contains(['{', '}']), "{language}");
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        for fact in ["Shop", ORIGIN, "tests", &site.key, &format!("hushreel.{}", site.key), ": 30."] {
            assert!(told.contains(fact), "{language} lacks {fact}");
        }
        let data = notice(&server, &site, language);
        assert!(
            told.contains(data["text_hash"].as_str().unwrap()) && told.contains(data["policy_hash"].as_str().unwrap())
        );
        assert_eq!((&data["notice"], &data["facts"]), (&english["notice"], &english["facts"]), "{language}");
        let paste = data["paste"].as_str().unwrap();
        assert!(paste.contains("Shop") && paste.ends_with(&format!("{}/privacy/{}", server.url, site.key)));
        texts.insert(data["text_hash"].as_str().unwrap().to_owned());
    }
    assert_eq!(texts.len(), LANGUAGES.len(), "each language has words of its own");
    assert!(page(&server, &site, "", &[("accept-language", "pl;q=0.3, de-AT;q=0.8")]).contains("lang=\"de\">\n<head>"));
    assert!(page(&server, &site, "", &[]).contains("<html lang=\"en\">"));
}

#[test]
fn the_page_runs_nothing_but_its_own_script() {
    let server = Server::start();
    let site = server.site(&[]);
    let answer = server.get(&format!("/privacy/{}", site.key), &[]);
    let csp = answer.header("content-security-policy");
    assert!(
        csp.starts_with("default-src 'none';") && csp.contains(&format!("script-src {}/visitor/own.js;", server.url))
    );
    assert!(!csp.contains("unsafe") && csp.contains("frame-ancestors 'none'"));
    assert_eq!((answer.header("referrer-policy"), answer.header("cache-control")), ("no-referrer", "no-store"));
    let unknown = server.get("/privacy/aaaaaaaaaaaaaaaaaaaa?lang=cs", &[]);
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(String::from_utf8(unknown.body).unwrap().contains("Takový web tu není"));
    assert_eq!(server.get("/privacy/aaaaaaaaaaaaaaaaaaaa.json", &[]).problem(), "not-found");
}

#[test]
fn changing_retention_changes_the_page_and_its_hash_and_recordings_keep_theirs() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    let (before, old_page) = (notice(&server, &site, "en"), page(&server, &site, "?lang=en", &[]));
    set_policy(&server, &site, &json!({ "retention_days": 7 }));
    let (after, new_page) = (notice(&server, &site, "en"), page(&server, &site, "?lang=en", &[]));
    assert_ne!(before["notice"], after["notice"]);
    assert_ne!(before["text_hash"], after["text_hash"]);
    assert!(
        old_page.contains("in days: 30.") && new_page.contains("in days: 7.") && !new_page.contains("in days: 30.")
    );
    let token = server.token("viewer");
    let recording = server.get_as(&token, &format!("/api/v1/recordings/{}", site.visit(1).recording)).json();
    assert_eq!(recording["notice"], before["notice"], "what was in force when it was recorded");
}

#[test]
fn every_mode_is_told_in_words_of_its_own() {
    let server = Server::start();
    let site = server.site(&[]);
    let mut seen = std::collections::BTreeSet::new();
    for changes in [
        json!({}),
        json!({ "text": "redact", "forms": "masked", "media": "same-origin", "urls": "generalised", "console": "meta", "network": "meta" }),
        json!({ "text": "show", "forms": "record", "media": "show", "urls": "path", "console": "redact", "network": "redact" }),
        json!({ "consent": "not-required", "gpc": false, "identity": "visit" }),
        json!({ "consent": "by-country", "gpc": true, "identity": "visitor", "attributes": ["title"] }),
    ] {
        set_policy(&server, &site, &changes);
        let data = notice(&server, &site, "en");
        assert!(seen.insert(data["text_hash"].as_str().unwrap().to_owned()), "{changes}");
    }
    assert!(!page(&server, &site, "?lang=en", &[]).to_lowercase().contains("no consent"));
}

#[test]
fn a_site_that_does_not_record_says_so() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    server.cli_json(&["site", "pause", &site.key]);
    server.wait_for(|| notice(&server, &site, "en")["silent"] == "paused");
    let paused = page(&server, &site, "?lang=en", &[]);
    assert!(paused.contains("Nothing is recorded") && !paused.contains("What is recorded</h2>"));
    server.cli_json(&["site", "resume", &site.key]);
    set_policy(&server, &site, &json!({ "purpose": "" }));
    assert_eq!(notice(&server, &site, "en")["silent"], "no-purpose");
    assert!(page(&server, &site, "?lang=en", &[]).contains("No purpose has been written"));
}

#[test]
fn the_sentence_for_a_banner_is_printed_with_its_link() {
    let server = Server::start();
    let site = server.site(&[]);
    let made = server.cli_json(&["site", "notice", &site.key, "--lang", "cs"]);
    assert_eq!(made["sentence"], notice(&server, &site, "cs")["paste"]);
    assert_eq!(made["link"], format!("{}/privacy/{}", server.url, site.key));
    let plain = String::from_utf8(server.cli(&["site", "notice", &site.key]).stdout).unwrap();
    assert_eq!(
        plain,
        format!("{}\n{}\n", notice(&server, &site, "en")["paste"].as_str().unwrap(), made["link"].as_str().unwrap())
    );
    assert_eq!(server.cli(&["site", "notice", &site.key, "--lang", "ja"]).status.code(), Some(2));
}

#[test]
fn a_visitor_sees_takes_and_erases_the_own_recordings_and_no_others() {
    let server = Server::start();
    let (site, other_site) = (server.site(&["--preset", "full"]), server.site(&["--preset", "full"]));
    for recording in [1, 2, 3] {
        assert_eq!(site.visit(recording).send(&server, 0, Visit::first()).status, 204);
    }
    let ids = |numbers: &[u8]| numbers.iter().map(|number| format!("{number:02x}").repeat(16)).collect::<Vec<_>>();
    let crossed = format!("{}.{}", "03".repeat(16), "01".repeat(16));
    let mut found = listed(&server, &site, &[proof(1), proof(2), crossed.clone(), proof(9), proof(1)]);
    found.sort();
    assert_eq!(found, ids(&[1, 2]));
    assert!(listed(&server, &other_site, &[proof(1)]).is_empty(), "a proof is good for its own site");
    let events = ask(&server, &site, "events", &json!({ "proof": proof(1) }));
    assert!(contains(&events.body, b"Welcome") && events.json().as_array().unwrap().len() > 3);
    assert_eq!(events.header("cache-control"), "no-store");
    for what in ["events", "assets", "erase"] {
        let wrong = ask(&server, &site, what, &json!({ "proof": crossed }));
        let unknown = ask(&server, &site, what, &json!({ "proof": proof(9) }));
        assert_eq!((wrong.status, wrong.problem()), (404, "not-found".to_owned()), "{what}");
        assert_eq!(wrong.body, unknown.body, "{what}: a wrong secret looks like an unknown recording");
    }
    assert_eq!(ask(&server, &site, "erase", &json!({ "proof": proof(1) })).status, 204);
    assert_eq!(listed(&server, &site, &[proof(1), proof(2)]), ids(&[2]));
    assert_eq!(ask(&server, &site, "erase", &json!({ "proof": proof(1) })).status, 404);
    let token = server.token("viewer");
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}", "01".repeat(16))).status, 404);
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}", "03".repeat(16))).status, 200);
    assert_eq!(site.visit(1).send(&server, 1, Body::new(4_000).visible(true)).problem(), "gone");
    let keys = std::fs::read(server.data().join("keys.db")).unwrap();
    assert!(!contains(&keys, &[1; 16]) && contains(&keys, &[2; 16]), "its key is gone, the other's is not");
    let log = std::fs::read(server.dir.path().join("log")).unwrap();
    assert!(
        contains(&log, "01".repeat(16).as_bytes()) && !contains(&log, proof(1).as_bytes()),
        "the log names ids alone"
    );
}

#[test]
fn the_own_page_alone_may_ask_and_no_faster_than_any_client() {
    let server = Server::start_with("client_batches_per_second = 1\n");
    let site = server.site(&[]);
    let path = format!("/visitor/v1/{}/recordings", site.key);
    let body = json!({ "proofs": [] });
    assert_eq!(server.send_json("POST", &path, &[("sec-fetch-site", "cross-site")], &body).problem(), "cross-site");
    assert_eq!(server.send_json("POST", &path, &[("origin", ORIGIN)], &body).problem(), "cross-site");
    let answers: Vec<_> = (0..12).map(|_| ask(&server, &site, "recordings", &body)).collect();
    assert_eq!((answers[0].status, answers[0].header("access-control-allow-origin")), (200, ""));
    assert_eq!(answers[11].problem(), "too-many");
    assert!(!answers[11].header("retry-after").is_empty());
}

#[test]
fn what_is_withdrawn_is_erased_also_before_it_has_come_and_while_the_site_is_paused() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204);
    let erase = |recording: u8, secret: &str, origin: &str| {
        let path = format!("/i/v1/{}/{}/erase", site.key, format!("{recording:02x}").repeat(16));
        server
            .ask("POST", &path, &[("origin", origin), ("content-type", "text/plain")], Some(secret.as_bytes()))
            .unwrap()
    };
    let secret = |number: u8| format!("{number:02x}").repeat(16);
    let token = server.token("viewer");
    let status = |recording: u8| {
        server.get_as(&token, &format!("/api/v1/recordings/{}", format!("{recording:02x}").repeat(16))).status
    };
    assert_eq!(erase(1, &secret(2), ORIGIN).status, 204, "the answer tells nobody what is there");
    assert_eq!((status(1), erase(1, "short", ORIGIN).problem()), (200, "malformed".to_owned()));
    assert_eq!(erase(1, &secret(1), "https://elsewhere.example").problem(), "origin");
    let done = erase(1, &secret(1), ORIGIN);
    assert_eq!((done.status, done.header("access-control-allow-origin")), (204, ORIGIN));
    assert_eq!((status(1), status(2), erase(1, &secret(1), ORIGIN).status), (404, 200, 204));
    assert_eq!(erase(3, &secret(3), ORIGIN).status, 204);
    assert_eq!(site.visit(3).send(&server, 0, Visit::first()).problem(), "gone", "its first batch came too late");
    server.cli_json(&["site", "pause", &site.key]);
    server.wait_for(|| notice(&server, &site, "en")["silent"] == "paused");
    assert_eq!((erase(2, &secret(2), ORIGIN).status, status(2)), (204, 404));
    assert!(all_bytes(&server.data()).iter().all(|(_, bytes)| !contains(bytes, secret(2).as_bytes())));
}
