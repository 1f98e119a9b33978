//! Pictures and fonts on their way in and out: who may ask, who may bring, and what a stranger cannot do with them.

use crate::common::client::{Answer, ORIGIN, ROOMY, Server, Site, Visit, all_bytes, contains};
use crate::common::wire::{Body, Said};
use serde_json::json;

const FONT: &[u8] = b"wOF2 the site's own letters";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n a face in a picture";

fn hash(bytes: &[u8]) -> [u8; 16] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref()[..16].try_into().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands before every question and every asset of a visit.
fn head(visit: &Visit, wish: u8) -> Vec<u8> {
    let recording: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&visit.recording[at * 2..at * 2 + 2], 16).unwrap()).collect();
    [&[1, wish], &visit.head.policy[..], &visit.head.secret[..], &recording[..]].concat()
}

fn post(server: &Server, visit: &Visit, from: &str, bytes: &[u8]) -> Answer {
    let headers = [("origin", ORIGIN), ("x-forwarded-for", from)];
    server.ask("POST", &format!("/i/v1/{}/assets", visit.key), &headers, Some(bytes)).unwrap()
}

fn ask(server: &Server, visit: &Visit, assets: &[&[u8]]) -> Answer {
    let hashes: Vec<u8> = assets.iter().flat_map(|bytes| hash(bytes)).collect();
    post(server, visit, "192.0.2.1", &[head(visit, 0), hashes].concat())
}

fn bring(server: &Server, visit: &Visit, bytes: &[u8]) -> Answer {
    bring_from(server, visit, "192.0.2.1", bytes)
}

fn bring_from(server: &Server, visit: &Visit, from: &str, bytes: &[u8]) -> Answer {
    post(server, visit, from, &[head(visit, 1), bytes.to_vec()].concat())
}

fn start() -> Server {
    Server::start_with(&format!("{ROOMY}behind_proxy = true\n"))
}

/// A visit whose page shows a picture (asset 1) in a font (asset 2).
fn begin(server: &Server, site: &Site, number: u8) -> Visit {
    let mut visit = site.visit(number);
    let page = Body::new(0)
        .document("https://shop.example.com/", Said::Bucket(0))
        .open("html", &[])
        .open("style", &[])
        .css("@font-face { font-family: own; src: url(hush:2); }")
        .end()
        .empty("img", &[("src", Said::Shown("hush:1/30x20"))])
        .end()
        .end();
    let bound = page.asset(1, hash(PICTURE)).asset(2, hash(FONT));
    assert_eq!(visit.send(server, 0, bound).status, 204);
    visit
}

fn events(server: &Server, token: &str, visit: &Visit) -> String {
    let answer = server.get_as(token, &format!("/api/v1/recordings/{}/events", visit.recording));
    String::from_utf8(answer.body).unwrap()
}

fn asset(server: &Server, token: &str, visit: &Visit, bytes: &[u8]) -> Answer {
    server.get_as(token, &format!("/api/v1/recordings/{}/assets/{}", visit.recording, hex(&hash(bytes))))
}

#[test]
fn what_is_brought_comes_out_again_with_headers_that_make_it_harmless() {
    let server = start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "full"]);
    let visit = begin(&server, &site, 1);
    assert_eq!(ask(&server, &visit, &[PICTURE, FONT]).body, b"11");
    assert!(events(&server, &token, &visit).contains("width='30' height='20'"), "room is kept for what never came");
    assert_eq!(bring(&server, &visit, FONT).status, 204);
    assert_eq!(bring(&server, &visit, PICTURE).status, 204);
    assert_eq!(bring(&server, &visit, PICTURE).status, 204, "twice is once");
    let answer = ask(&server, &visit, &[PICTURE, FONT]);
    assert_eq!((answer.body.as_slice(), answer.header("access-control-allow-origin")), (&b"00"[..], ORIGIN));

    let (picture, font) = (asset(&server, &token, &visit, PICTURE), asset(&server, &token, &visit, FONT));
    assert_eq!((picture.body.as_slice(), font.body.as_slice()), (PICTURE, FONT));
    for (answer, kind, caching) in
        [(&picture, "image/png", "no-store"), (&font, "font/woff2", "private, max-age=31536000, immutable")]
    {
        assert_eq!(answer.header("content-type"), kind);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.header("cache-control"), caching);
    }
    let told = events(&server, &token, &visit);
    assert!(told.contains(&format!("\"src\":\"hush:{}\"", hex(&hash(PICTURE)))));
    assert!(told.contains(&format!("url(hush:{})", hex(&hash(FONT)))));
    let list = server.get_as(&token, &format!("/api/v1/recordings/{}/assets", visit.recording)).json();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["missing"]), (2, &json!([])));

    let export = server.cli(&["recording", "export", &visit.recording]);
    let export = String::from_utf8(export.stdout).unwrap();
    assert!(export.contains("\"src\":\"data:image/png;base64,") && export.contains("url(data:font/woff2;base64,"));
    assert!(!export.contains("hush:") && serde_json::from_str::<serde_json::Value>(&export).is_ok());

    let path = format!("/api/v1/recordings/{}/assets/{}", visit.recording, hex(&hash(FONT)));
    assert_eq!(server.get(&path, &[]).status, 401);
    for wrong in ["0".repeat(32), "x".to_owned(), "..".to_owned()] {
        let path = format!("/api/v1/recordings/{}/assets/{wrong}", visit.recording);
        assert_eq!(server.get_as(&token, &path).status, 404, "{wrong}");
    }
    for (path, bytes) in all_bytes(server.dir.path()) {
        assert!(!contains(&bytes, b"own letters") && !contains(&bytes, b"a face in"), "readable in {}", path.display());
    }
}

#[test]
fn nobody_puts_one_thing_in_anothers_place() {
    let server = start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "full"]);
    let visit = begin(&server, &site, 1);
    let forged = b"\x89PNG\r\n\x1a\n something else";
    assert_eq!(bring(&server, &visit, forged).status, 204);
    assert_eq!(ask(&server, &visit, &[PICTURE]).body, b"1", "its name is that of its own bytes");
    assert_eq!(asset(&server, &token, &visit, PICTURE).status, 404);
    assert!(!events(&server, &token, &visit).contains(&hex(&hash(PICTURE))), "no replay asks for what is not there");
    for bytes in [&b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"[..], b"<!doctype html>", b"GIF", b""] {
        let answer = bring(&server, &visit, bytes);
        assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("asset-type")));
    }
    let mut large = PICTURE.to_vec();
    large.resize((2 << 20) + 1, 0);
    assert_eq!(bring(&server, &visit, &large).problem(), "too-large");
}

#[test]
fn only_the_browser_of_a_live_recording_may_ask_or_bring() {
    let server = start();
    let site = server.site(&["--preset", "full"]);
    let visit = begin(&server, &site, 1);
    let other_site = server.site(&["--preset", "full"]);
    let unknown = site.visit(2);
    let thief = Visit { head: crate::common::wire::Head { secret: [9; 16], ..visit.head.clone() }, ..visit.clone() };
    let elsewhere = Visit { key: other_site.key.clone(), ..visit.clone() };
    let stale = Visit { head: crate::common::wire::Head { policy: [9; 8], ..visit.head.clone() }, ..visit.clone() };
    assert_eq!((ask(&server, &unknown, &[FONT]).status, ask(&server, &unknown, &[FONT]).body), (202, vec![]));
    assert_eq!(bring(&server, &unknown, FONT).problem(), "not-found");
    for (who, problem) in [(&thief, "secret"), (&elsewhere, "secret"), (&stale, "stale-policy")] {
        assert_eq!(ask(&server, who, &[FONT]).problem(), problem);
        assert_eq!(bring(&server, who, FONT).problem(), problem);
    }
    let path = format!("/i/v1/{}/assets", visit.key);
    let whole = [head(&visit, 1), FONT.to_vec()].concat();
    let evil = server.ask("POST", &path, &[("origin", "https://evil.example")], Some(&whole)).unwrap();
    assert_eq!((evil.problem().as_str(), evil.header("access-control-allow-origin")), ("origin", ""));
    for length in 0..42 {
        assert_eq!(post(&server, &visit, "", &whole[..length]).problem(), "malformed", "cut at {length}");
    }
    for wrong in [
        [head(&visit, 0), vec![]],
        [head(&visit, 0), vec![0; 17]],
        [head(&visit, 0), vec![0; 513 * 16]],
        [head(&visit, 2), FONT.to_vec()],
    ] {
        assert_eq!(post(&server, &visit, "", &wrong.concat()).problem(), "malformed");
    }
    let token = server.token("owner");
    let erase = format!("/api/v1/recordings/{}", visit.recording);
    assert_eq!(bring(&server, &visit, PICTURE).status, 204);
    let bearer = format!("Bearer {token}");
    assert_eq!(server.ask("DELETE", &erase, &[("authorization", &bearer)], None).unwrap().status, 204);
    assert_eq!(bring(&server, &visit, FONT).problem(), "gone");
    assert_eq!(asset(&server, &token, &visit, PICTURE).status, 404);
}

#[test]
fn a_site_that_blocks_media_takes_none() {
    let server = start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "strict"]);
    let mut visit = site.visit(1);
    let page = Body::new(0).document("https://shop.example.com/:any", Said::Bucket(0)).open("html", &[]).end().end();
    assert_eq!(visit.send(&server, 0, page).status, 204);
    for answer in [ask(&server, &visit, &[FONT]), bring(&server, &visit, FONT), bring(&server, &visit, PICTURE)] {
        assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("media")));
    }
    assert_eq!(visit.send(&server, 1, Body::new(1_000).visible(true)).status, 204, "its batches go on");
    assert_eq!(asset(&server, &token, &visit, FONT).status, 404);
}

#[test]
fn a_picture_that_five_visits_showed_is_known_and_a_font_at_once_but_to_its_own_site_alone() {
    let server = start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "full"]);
    let first = begin(&server, &site, 1);
    assert_eq!(bring_from(&server, &first, "192.0.2.1", FONT).status, 204);
    for number in 1..=5 {
        let visit = begin(&server, &site, number);
        assert_eq!(ask(&server, &visit, &[PICTURE, FONT]).body, b"10", "visit {number}");
        assert_eq!(bring_from(&server, &visit, "192.0.2.1", PICTURE).status, 204);
    }
    let again = begin(&server, &site, 6);
    assert_eq!(ask(&server, &again, &[PICTURE]).body, b"1", "five recordings of one visitor are one visit");
    for number in 2..=5 {
        let visit = begin(&server, &site, 10 + number);
        assert_eq!(bring_from(&server, &visit, &format!("192.0.2.{number}"), PICTURE).status, 204);
    }
    let next = begin(&server, &site, 20);
    assert_eq!(asset(&server, &token, &next, PICTURE).status, 404, "it has not shown it yet");
    assert_eq!(ask(&server, &next, &[PICTURE, FONT]).body, b"00");
    for visit in [&first, &next] {
        assert_eq!(asset(&server, &token, visit, PICTURE).body, PICTURE);
    }

    let other = server.site(&["--preset", "full"]);
    let mut stranger = other.visit(0x31);
    stranger.recording = "3".repeat(32);
    let page = Body::new(0).document("https://shop.example.com/", Said::Bucket(0)).open("html", &[]).end().end();
    assert_eq!(stranger.send(&server, 0, page).status, 204);
    assert_eq!(ask(&server, &stranger, &[PICTURE, FONT]).body, b"11");
    assert_eq!(asset(&server, &token, &stranger, FONT).status, 404);
}

#[test]
fn what_could_not_be_read_is_listed_and_a_file_handed_in_stands_for_it() {
    let server = start();
    let token = server.token("viewer");
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    let page = Body::new(0)
        .document("https://shop.example.com/", Said::Bucket(0))
        .open("html", &[])
        .empty("img", &[("src", Said::Shown("hush:1/30x20"))])
        .end()
        .end();
    let url = "https://cdn.example.com/v2/img/logo.png";
    assert_eq!(visit.send(&server, 0, page.unreadable(1, 0, url)).status, 204);
    let at = format!("/api/v1/recordings/{}", visit.recording);
    assert_eq!(server.get_as(&token, &at).json()["unreadable"], 1);
    let missing = &server.get_as(&token, &format!("{at}/assets")).json()["missing"][0];
    assert_eq!((&missing["url"], &missing["cause"], &missing["imported"]), (&json!(url), &json!("cors"), &json!(null)));
    let listed = server.get_as(&token, &format!("/api/v1/sites/{}/unreadable", site.key)).json();
    assert_eq!((&listed["items"][0]["url"], &listed["items"][0]["cause"]), (&json!(url), &json!("cors")));
    for (path, bytes) in all_bytes(&server.data()) {
        assert!(!contains(&bytes, b"img/logo.png"), "readable in {}", path.display());
    }

    let build = server.dir.path().join("build");
    std::fs::create_dir_all(build.join("img")).unwrap();
    std::fs::write(build.join("img/logo.png"), PICTURE).unwrap();
    std::fs::write(build.join("index.html"), "<!doctype html>").unwrap();
    let done = server.cli_json(&["asset", "import", "--site", &site.key, build.to_str().unwrap()]);
    assert_eq!((&done["imported"], &done["skipped"]), (&json!(1), &json!(1)));
    assert!(events(&server, &token, &visit).contains(&format!("\"src\":\"hush:{}\"", hex(&hash(PICTURE)))));
    assert_eq!(asset(&server, &token, &visit, PICTURE).body, PICTURE);
    let list = server.cli_json(&["asset", "list", "--site", &site.key]);
    assert_eq!(list["imported"][0]["path"], "img/logo.png");
    assert_eq!(list["unreadable"][0]["url"], url);
}
