//! Visitors who are known again, where the policy lets that be: linked by a name that leads to no browser, found and erased as one, never
//! made one with anybody else.

use crate::common::client::{Server, Site, Visit, all_bytes, contains};
use crate::common::wire::Body;
use serde_json::{Value, json};

const ROSE: &str = "00112233445566778899aabbccddeeff";
const LILY: &str = "ffeeddccbbaa99887766554433221100";
const CUSTOMER: &str = "customer-4711";

fn site(server: &Server, identity: &str) -> Site {
    let site = server.site(&["--preset", "full"]);
    let file = server.dir.path().join("changes.json");
    std::fs::write(&file, json!({ "identity": identity, "min_interaction": 0 }).to_string()).unwrap();
    let saved = server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    std::fs::remove_file(file).unwrap();
    let hash = saved["hash"].as_str().unwrap().to_owned();
    server.wait_for(|| contains(&server.get(&format!("/r/{}.js", site.key), &[]).body, hash.as_bytes()));
    Site { policy: std::array::from_fn(|at| u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap()), ..site }
}

/// A recording of the browser that keeps this id.
fn visit(server: &Server, site: &Site, recording: u8, id: &str, called: Option<&str>) -> Visit {
    let mut visit = site.visit(recording);
    let mut body = Visit::first().who(0, id);
    if let Some(called) = called {
        body = body.who(1, called);
    }
    let answer = visit.send(server, 0, body);
    assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
    visit
}

fn show(server: &Server, token: &str, visit: &Visit) -> Value {
    server.get_as(token, &format!("/api/v1/recordings/{}", visit.recording)).json()
}

fn ids(server: &Server, token: &str, query: &str) -> Vec<String> {
    let list = server.get_as(token, &format!("/api/v1/recordings?{query}")).json();
    let mut ids: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn erase(server: &Server, token: &str, visitor: &Value) -> crate::common::client::Answer {
    let path = format!("/api/v1/visitors/{}", visitor.as_str().unwrap());
    server.ask("DELETE", &path, &[("authorization", &format!("Bearer {token}"))], None).unwrap()
}

#[test]
fn recordings_of_one_browser_are_linked_within_its_site_and_nowhere_else() {
    let server = Server::start();
    let token = server.token("admin");
    let (garden, market) = (site(&server, "visitor"), site(&server, "visitor"));
    let (one, two) = (visit(&server, &garden, 1, ROSE, None), visit(&server, &garden, 2, ROSE, None));
    let other = visit(&server, &garden, 3, LILY, None);
    let elsewhere = visit(&server, &market, 4, ROSE, None);
    let name = |visit| show(&server, &token, visit)["visitor"].as_str().unwrap().to_owned();
    assert_eq!(name(&one), name(&two));
    assert_ne!(name(&one), name(&other));
    assert_ne!(name(&one), name(&elsewhere), "two sites cannot compare their visitors");
    assert_eq!(
        ids(&server, &token, &format!("visitor={}", name(&one))),
        [one.recording.clone(), two.recording.clone()]
    );
    let seen = server.get_as(&token, &format!("/api/v1/visitors/{}", name(&one))).json();
    assert_eq!((&seen["recordings"], &seen["site"]), (&json!(2), &json!(garden.key)));
    assert!(seen["first_at"].as_i64() <= seen["last_at"].as_i64());
    let list = server.cli_json(&["visitor", "list", "--site", &garden.key]);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(
        server.get_as(&token, &format!("/api/v1/visitors/{ROSE}")).status,
        404,
        "what the browser keeps names nobody"
    );
}

#[test]
fn where_nobody_is_known_again_recordings_have_no_visitor() {
    let server = Server::start();
    let token = server.token("viewer");
    let site = site(&server, "none");
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let shown = show(&server, &token, &visit);
    assert_eq!((&shown["visitor"], &shown["identified"]), (&Value::Null, &json!([])));
    let answer = visit.send(&server, 1, Body::new(100).who(0, ROSE));
    assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("identity")));
}

#[test]
fn neither_id_nor_pseudonym_is_in_any_file_event_or_log_line() {
    let mut server = Server::start();
    server.terminate();
    server.run_telling("trace");
    let token = server.token("viewer");
    let site = site(&server, "visitor");
    let rose = visit(&server, &site, 1, ROSE, Some(CUSTOMER));
    let shown = show(&server, &token, &rose);
    assert_eq!(shown["identified"], json!([CUSTOMER]), "whoever may watch may read it");
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", rose.recording)).body;
    assert!(
        contains(&events, b"Welcome") && !contains(&events, ROSE.as_bytes()) && !contains(&events, CUSTOMER.as_bytes())
    );
    let raw: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&ROSE[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let named: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&shown["visitor"].as_str().unwrap()[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    let files = all_bytes(server.dir.path());
    assert!(files.iter().any(|(_, bytes)| contains(bytes, &named)), "its name is there");
    for (path, bytes) in files {
        for canary in [ROSE.as_bytes(), &raw, CUSTOMER.as_bytes()] {
            assert!(!contains(&bytes, canary), "{}", path.display());
        }
    }
}

#[test]
fn erasing_a_visitor_erases_all_of_his_recordings_and_nobody_elses() {
    let server = Server::start();
    let (token, viewer) = (server.token("admin"), server.token("viewer"));
    let site = site(&server, "visitor");
    let (mut one, two) = (visit(&server, &site, 1, ROSE, None), visit(&server, &site, 2, ROSE, Some(CUSTOMER)));
    let (kept, other) = (visit(&server, &site, 3, ROSE, None), visit(&server, &site, 4, LILY, None));
    let visitor = show(&server, &token, &one)["visitor"].clone();
    server.cli_json(&["recording", "restrict", &kept.recording, "--reason", "A claim is open"]);
    let seen = server.get_as(&viewer, &format!("/api/v1/visitors/{}", visitor.as_str().unwrap())).json();
    assert_eq!((&seen["recordings"], &seen["restricted"]), (&json!(3), &json!(1)));
    assert_eq!(erase(&server, &viewer, &visitor).status, 403);
    let answer = erase(&server, &token, &visitor);
    assert_eq!((answer.status, answer.json()), (200, json!({ "erased": 2, "restricted": 1 })));
    for gone in [&one, &two] {
        assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}", gone.recording)).status, 404);
    }
    assert_eq!(one.send(&server, 1, Body::new(2_000).visible(true)).problem(), "gone");
    assert_eq!(ids(&server, &token, ""), [kept.recording.clone(), other.recording.clone()]);
    let lines = server.get_as(&token, &format!("/api/v1/sites/{}/requests", site.key)).json();
    let erasures = lines["items"].as_array().unwrap().iter().filter(|line| line["kind"] == "erasure").count();
    assert_eq!(erasures, 2, "each stands in the list of what was asked");
    server.cli_json(&["recording", "lift", &kept.recording, "--reason", "It is settled"]);
    let name = visitor.as_str().unwrap();
    assert!(!server.cli(&["visitor", "erase", name]).status.success(), "it asks first");
    assert_eq!(
        server.cli_json(&["visitor", "erase", name, "--yes"]),
        json!({ "erased": [kept.recording], "restricted": 0 })
    );
    assert_eq!(erase(&server, &token, &visitor).status, 404);
}

#[test]
fn who_names_a_customer_number_is_found_copied_and_erased_by_exactly_that() {
    let server = Server::start();
    let token = server.token("admin");
    let (garden, market) = (site(&server, "visit"), site(&server, "visitor"));
    let phone = visit(&server, &garden, 1, ROSE, Some(CUSTOMER));
    let desk = visit(&server, &garden, 2, LILY, Some(CUSTOMER));
    let namesake = visit(&server, &garden, 3, ROSE, Some("customer-47110"));
    let elsewhere = visit(&server, &market, 4, ROSE, Some(CUSTOMER));
    let name = |visit| show(&server, &token, visit)["visitor"].clone();
    assert_ne!(name(&phone), name(&desk), "one pseudonym makes two browsers no single visitor");
    let of_both = [phone.recording.clone(), desk.recording.clone()];
    assert_eq!(ids(&server, &token, &format!("site={}&identified={CUSTOMER}", garden.key)), of_both);
    assert_eq!(ids(&server, &token, &format!("identified={CUSTOMER}")).len(), 3, "each site by its own name for him");
    assert_eq!(ids(&server, &token, "identified=customer-471"), [""; 0]);

    let copy = server.dir.path().join("copy.zip");
    let who = ["--site", &garden.key, "--identified", CUSTOMER];
    server.cli_json(&[&["visitor", "export", "--output", copy.to_str().unwrap()], &who[..]].concat());
    let archive = Archive::read(std::fs::read(&copy).unwrap());
    let parts = ["recording.json", "events.json", "replay.html"];
    let mut wanted: Vec<_> = of_both.iter().flat_map(|id| parts.map(|part| format!("{id}/{part}"))).collect();
    wanted.extend(["README.txt", "manifest.json"].map(str::to_owned));
    assert_eq!(archive.names(), wanted.into_iter().collect());
    let id = &of_both[0];
    let facts: Value = serde_json::from_slice(archive.bytes(&format!("{id}/recording.json"))).unwrap();
    assert_eq!((&facts["identified"], &facts["pages"]), (&json!([CUSTOMER]), &json!(1)));
    let played = archive.bytes(&format!("{id}/events.json"));
    assert!(contains(played, b"Welcome"));
    assert_eq!(played, server.cli(&["recording", "export", id]).stdout);
    assert_eq!(archive.bytes(&format!("{id}/replay.html")), server.cli(&["recording", "export", id, "--html"]).stdout);
    let manifest: Value = serde_json::from_slice(archive.bytes("manifest.json")).unwrap();
    let receipts = manifest["recordings"].as_array().unwrap();
    assert_eq!(receipts.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>().len(), 2);
    assert_eq!(receipts[0]["consent"]["basis"], "granted");
    assert_eq!(
        (&manifest["policies"][0]["site"], &manifest["policies"][0]["policy"]["identity"]),
        (&json!(garden.key), &json!("visit"))
    );
    assert!(contains(archive.bytes("README.txt"), b"WHAT THIS IS"));
    // By the API: of one browser, for those who manage.
    let path = format!("/api/v1/visitors/{}/archive.zip", name(&phone).as_str().unwrap());
    let answer = server.get_as(&token, &path);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
    assert!(Archive::read(answer.body).names().contains(&format!("{}/replay.html", phone.recording)));
    assert_eq!(server.get_as(&server.token("viewer"), &path).status, 403);

    let erased = server.cli_json(&[&["visitor", "erase", "--yes"], &who[..]].concat());
    assert_eq!(erased["erased"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&server, &token, ""), [namesake.recording, elsewhere.recording]);
}

#[test]
fn names_come_back_with_the_recording_where_metadata_is_lost() {
    let mut server = Server::start();
    let token = server.token("viewer");
    let site = site(&server, "visitor");
    let rose = visit(&server, &site, 1, ROSE, Some(CUSTOMER));
    let before = show(&server, &token, &rose);
    server.terminate();
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute_batch("delete from identified; delete from page; delete from recording; update setting set value = 0 where name = 'commit_no'")
        .unwrap();
    drop(meta);
    server.run();
    let after = show(&server, &token, &rose);
    assert_eq!((&after["visitor"], &after["identified"]), (&before["visitor"], &before["identified"]));
    assert_eq!(ids(&server, &token, &format!("identified={CUSTOMER}")), [rose.recording]);
}

/// A zip file, opened.
struct Archive(std::collections::BTreeMap<String, Vec<u8>>);

impl Archive {
    fn read(bytes: Vec<u8>) -> Self {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut files = std::collections::BTreeMap::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            files.insert(file.name().unwrap().into_owned(), bytes);
        }
        Self(files)
    }

    fn names(&self) -> std::collections::BTreeSet<String> {
        self.0.keys().cloned().collect()
    }

    fn bytes(&self, name: &str) -> &[u8] {
        &self.0[name]
    }
}
