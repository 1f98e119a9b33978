//! A client that lies: every rule of the door broken once and more, by batches that no recorder would send. Nothing of a
//! refused batch is found again, and whoever did nothing wrong is not in its way.

use crate::common::client::{ORIGIN, ROOMY, Server, Site, Visit, all_bytes, contains};
use crate::common::wire::{Body, Said};
use crate::forgeries::{Forgery, START, TABLE, Under, page};
use flate2::{Compression, read::GzEncoder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;

/// Answered where no policy at all was given, which no request can bring about: an unknown one is 412.
const UNREACHABLE: &str = "policy";

/// Every rule that the door's source names: what stands last in the parentheses of an error or of a check.
fn rules_of_the_source() -> BTreeSet<&'static str> {
    const SOURCES: [&str; 2] = [include_str!("../../src/policy/door.rs"), include_str!("../../src/policy/enforce.rs")];
    let errors = SOURCES.into_iter().flat_map(|source| source.split("\")")).filter_map(|before| {
        let (code, literal) = before.rsplit_once('"')?;
        (code.ends_with("Err(") || code.ends_with(", ")).then_some(literal)
    });
    let fields = SOURCES.into_iter().flat_map(|source| source.split("rule: \"").skip(1)).filter_map(|behind| {
        let (literal, _) = behind.split_once('"')?;
        Some(literal)
    });
    let is_rule = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    errors.chain(fields).filter(is_rule).collect()
}

#[test]
fn every_rule_of_the_door_has_a_forgery_that_breaks_it() {
    let mut broken: BTreeSet<_> = TABLE.iter().map(|forgery| forgery.rule).collect();
    assert!(broken.insert(UNREACHABLE));
    assert_eq!(broken, rules_of_the_source());
}

/// A site with this policy, once the server knows it.
fn site(server: &Server, under: Under) -> Site {
    let mut site = server.site(&["--preset", under.preset()]);
    set_policy(server, &mut site, &under.changes());
    site
}

fn set_policy(server: &Server, site: &mut Site, changes: &Value) {
    let file = server.dir.path().join("policy.json");
    std::fs::write(&file, changes.to_string()).unwrap();
    server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    let saved = server.cli_json(&["site", "policy", "show", &site.key]);
    let hash = saved["hash"].as_str().unwrap().to_owned();
    let path = format!("/r/{}.js", site.key);
    server.wait_for(|| contains(&server.get(&path, &[]).body, hash.as_bytes()));
    for (at, byte) in site.policy.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap();
    }
}

/// A visit of its own even among sites, whose recordings share their numbers.
fn visit(site: &Site, under: Under, place: u8) -> Visit {
    let mut visit = site.visit(place);
    visit.recording.replace_range(..2, &format!("{:02x}", under as u8));
    visit
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap();
    out
}

/// A server that writes everything it can into its log.
fn talkative() -> Server {
    let mut server = Server::start_with(ROOMY);
    server.terminate();
    server.run_telling("trace");
    server
}

fn assert_nowhere(server: &Server, words: &[impl AsRef<str>]) {
    let files = all_bytes(server.dir.path());
    assert!(files.iter().any(|(path, bytes)| path.ends_with("log") && !bytes.is_empty()), "the log is among them");
    assert!(files.iter().any(|(path, _)| path.ends_with("meta.db")));
    for word in words {
        for (path, bytes) in &files {
            let found = bytes.windows(word.as_ref().len()).position(|window| window == word.as_ref().as_bytes());
            let around = found.map(|at| String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 40)]).into_owned());
            assert_eq!(around, None, "in {}", path.display());
        }
    }
}

/// Sends the batch; asserts that it is refused by this rule, that later ones are gone, and that nothing is to be seen of it.
fn assert_refused(server: &Server, token: &str, visit: &mut Visit, forgery: &Forgery, canary: &str) {
    let what = format!("{canary}, {}", forgery.rule);
    let bytes = visit.head.with(&forgery.body(canary).bytes());
    let answer = visit.post(server, &if bytes.len() > 100_000 { zipped(&bytes) } else { bytes });
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 422, "{what}: {said}");
    assert_eq!((answer.problem().as_str(), &answer.json()["rule"]), ("refused", &json!(forgery.rule)), "{what}");
    assert!(!said.contains(canary), "{what}: {said}");
    let next = visit.send(server, 1, Body::new(2_000).visible(true));
    assert_eq!((next.status, next.problem().as_str()), (410, "gone"), "{what}");

    let at = format!("/api/v1/recordings/{}", visit.recording);
    let detail = server.get_as(token, &at);
    let events = server.get_as(token, &format!("{at}/events"));
    assert_eq!(events.json(), json!([]), "{what}");
    assert!(!contains(&detail.body, canary.as_bytes()), "{what}");
    assert_eq!(detail.json()["page_list"], json!([]), "{what}");
}

/// Another browser of the same site is recorded, and its page comes out again.
fn assert_neighbour_recorded(server: &Server, token: &str, visit: &mut Visit, marker: &str) {
    let answer = visit.send(server, 0, page(marker).end().end().end());
    assert_eq!(answer.status, 204, "{marker}: {}", String::from_utf8_lossy(&answer.body));
    let events = server.get_as(token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert!(contains(&events.body, marker.as_bytes()), "{marker}");
}

#[test]
fn a_forged_batch_is_refused_by_name_and_nothing_of_it_is_kept() {
    let server = talkative();
    let token = server.token("viewer");
    for under in Under::ALL {
        let site = site(&server, under);
        let forgeries: Vec<_> = TABLE.iter().filter(|forgery| forgery.under.contains(&under)).collect();
        for (place, forgery) in (1_u8..).zip(&forgeries) {
            let canary = format!("canary{place:02}{under:?}");
            assert_refused(&server, &token, &mut visit(&site, under, place), forgery, &canary);
            assert_neighbour_recorded(
                &server,
                &token,
                &mut visit(&site, under, 255 - place),
                &format!("honest{place:02}"),
            );
        }
        assert_listed(&server, &token, &site, under, &forgeries);
    }
    assert_nowhere(&server, &["canary"]);
}

/// The list shows what was refused, why, and no more.
fn assert_listed(server: &Server, token: &str, site: &Site, under: Under, forgeries: &[&Forgery]) {
    let mut items = Vec::new();
    let mut next = String::new();
    loop {
        let list = server.get_as(token, &format!("/api/v1/recordings?site={}&limit=200{next}", site.key));
        assert!(!contains(&list.body, b"canary"));
        let list = list.json();
        items.extend(list["items"].as_array().unwrap().clone());
        match list["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(items.len(), 2 * forgeries.len());
    for (place, forgery) in (1_u8..).zip(forgeries) {
        let id = visit(site, under, place).recording;
        let item = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
        assert_eq!((&item["state"], &item["refused_rule"]), (&json!("refused"), &json!(forgery.rule)));
        for count in ["events", "pages", "clicks", "inputs", "bytes", "gaps"] {
            assert_eq!(item[count], 0, "{count} of {}", forgery.rule);
        }
        assert_eq!((&item["entry"], &item["exit"]), (&json!(""), &json!("")));
    }
}

#[test]
fn a_forged_batch_that_follows_an_honest_one_ends_the_recording_and_adds_nothing() {
    let server = talkative();
    let token = server.token("viewer");
    let mut visit = site(&server, Under::Strict).visit(1);
    assert_eq!(visit.send(&server, 0, page("honest").end().end().end()).status, 204);
    let mut thief = visit.clone();
    thief.head.secret = [66; 16];
    let forged = || Body::new(1_000).set_text(4, "canary words", 0);
    assert_eq!(thief.send(&server, 1, forged()).json()["rule"], "text");
    assert_eq!(visit.send(&server, 1, Body::new(500).visible(true)).status, 204, "nobody else can end it");
    assert_eq!(visit.send(&server, 2, forged()).json()["rule"], "text");
    assert_eq!(visit.send(&server, 3, Body::new(2_000).visible(true)).problem(), "gone");
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert!(contains(&events.body, b"honest") && !contains(&events.body, b"canary"));
    assert_nowhere(&server, &["canary words"]);
}

/// What looks personal, and how a page may write it.
const PERSONAL: [(&str, &str); 7] = [
    ("card", "4111 1111 1111 1111"),
    ("iban", "CZ65 0800 0000 1920 0014 5399"),
    ("mail", "jana.canary@example.com"),
    ("birth", "780123/3540"),
    ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"),
    ("phone", "+420 777 123 456"),
    ("key", "3f9a0c5e7b1d24680ace13579bdf0246"),
];

#[test]
fn what_looks_personal_in_shown_words_is_taken_out_and_the_words_beside_it_stay() {
    let server = talkative();
    let token = server.token("viewer");
    let site = site(&server, Under::Full);
    for (place, (kind, personal)) in (1_u8..).zip(PERSONAL) {
        let words = |where_: &str| format!("before-{where_} {personal}, after-{where_}");
        let mut visit = site.visit(place);
        let first = page("full")
            .open("p", &[("title", Said::Shown(&words("attribute")))])
            .text(&words("text"), 0)
            .end()
            .empty("input", &[("placeholder", Said::Shown(&words("placeholder")))])
            .open("option", &[])
            .text(&words("option"), 0)
            .end();
        // The words of the p are node 6, the input 7.
        let then = first
            .end()
            .end()
            .end()
            .input(7, Some(Said::Shown(&words("input"))), None)
            .attribute(5, "aria-label", Said::Shown(&words("label")))
            .page_titled(&format!("{START}second"), Said::Shown(&words("title")));
        assert_eq!(visit.send(&server, 0, then).status, 204, "{kind}");
        let later = Body::new(2_000).set_text(6, &words("later"), 0);
        assert_eq!(visit.send(&server, 1, later).status, 204, "{kind}");

        let at = format!("/api/v1/recordings/{}", visit.recording);
        let events = String::from_utf8(server.get_as(&token, &format!("{at}/events")).body).unwrap();
        for where_ in ["attribute", "text", "placeholder", "option", "input", "label", "title", "later"] {
            let left = format!("before-{where_} ••••, after-{where_}");
            assert!(events.contains(&left), "{kind}: {left}");
        }
        assert!(!events.contains(personal), "{kind}");
        let detail = server.get_as(&token, &at);
        assert!(!contains(&detail.body, personal.as_bytes()), "{kind}");
        assert!(contains(&detail.body, "before-title ••••, after-title".as_bytes()), "{kind}");
    }
    assert_nowhere(&server, &PERSONAL.map(|(_, personal)| personal));
}

#[test]
fn who_did_not_agree_or_opted_out_is_refused_before_anything_is_read() {
    let server = talkative();
    let token = server.token("viewer");
    for consent in ["required", "by-country"] {
        let mut site = site(&server, Under::Full);
        set_policy(&server, &mut site, &json!({ "consent": consent }));
        let mut visit = site.visit(0xc5);
        visit.head.granted = false;
        let answer = visit.send(&server, 0, page("canary-refusing").end().end().end());
        assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("consent")), "{consent}");
        visit.head.granted = true;
        let bytes = visit.head.with(&page("canary-refusing").end().end().end().bytes());
        let headers = [("origin", ORIGIN), ("sec-gpc", "1")];
        let answer = server.ask("POST", &visit.path(), &headers, Some(&bytes)).unwrap();
        assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("gpc")), "{consent}");
        visit.head.policy = [7; 8];
        let answer = visit.send(&server, 0, page("canary-refusing").end().end().end());
        assert_eq!((answer.status, answer.problem().as_str()), (412, "stale-policy"));
    }
    assert_eq!(server.get_as(&token, "/api/v1/recordings").json()["items"], json!([]));
    assert_nowhere(&server, &["canary-refusing".to_owned(), "c5".repeat(16)]);
    let files = all_bytes(server.dir.path());
    assert!(files.iter().all(|(_, bytes)| !contains(bytes, &[0xc5; 16])), "its id is nowhere");
}

#[test]
fn what_was_captured_under_a_stricter_policy_is_judged_by_it_after_the_site_loosened_its_own() {
    let server = talkative();
    let token = server.token("viewer");
    let mut site = site(&server, Under::Strict);
    let (mut honest, mut forged) = (site.visit(1), site.visit(2));
    let looser = json!({ "text": "show", "forms": "record", "urls": "path", "consent": "not-required", "gpc": false });
    set_policy(&server, &mut site, &looser);
    let answer = forged.send(&server, 0, page("before").text("canary words", 0).end().end().end());
    assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("text")));
    assert_eq!(honest.send(&server, 0, page("before").end().end().end()).status, 204);

    let mut undecided = site.visit(3);
    undecided.head.policy = honest.head.policy;
    undecided.head.granted = false;
    let answer = undecided.send(&server, 0, page("before").end().end().end());
    assert_eq!(answer.json()["rule"], "consent", "nobody had asked when it was captured");
    undecided.head.policy = site.policy;
    assert_eq!(undecided.send(&server, 0, page("after").end().end().end()).status, 204);

    let mut newer = site.visit(4);
    assert_eq!(newer.send(&server, 0, page("after").text("readable words", 0).end().end().end()).status, 204);
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", newer.recording));
    assert!(contains(&events.body, b"readable words"));
    assert_nowhere(&server, &["canary words", "readable words"]);
}
