//! What a stranger may send, and the answer to everything else.

use crate::common::client::{ORIGIN, ROOMY, Server, Visit, all_bytes, contains};
use crate::common::wire::Body;
use flate2::{Compress, Compression, FlushCompress};
use std::io::Read;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn a_batch_of_an_unknown_site_is_not_found_and_one_of_a_known_site_is_kept() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    visit.key = "aaaaaaaaaaaaaaaaaaaa".to_owned();
    assert_eq!(visit.send(&server, 1, Visit::first()).problem(), "not-found");
    visit.key = "no-key".to_owned();
    assert_eq!(visit.send(&server, 1, Visit::first()).problem(), "not-found");
    assert_eq!(server.get("/r/aaaaaaaaaaaaaaaaaaaa.js", &[]).status, 404);
}

#[test]
fn only_a_listed_origin_may_send_and_only_it_is_named_in_the_answer() {
    let server = Server::start();
    let site = server.site(&["--preset", "full", "--origin", "https://*.example.org"]);
    let visit = site.visit(1);
    let bytes = visit.head.with(&Visit::first().bytes());
    for origin in [ORIGIN, "https://a.example.org"] {
        let answer = server.ask("POST", &visit.path(), &[("origin", origin)], Some(&bytes)).unwrap();
        assert_eq!(answer.status, 204, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-expose-headers"), "Retry-After, Hushreel-Want");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for origin in [
        "null",
        "https://shop.example.com.evil",
        "https://evilshop.example.com",
        "https://user@shop.example.com",
        "https://shop.example.com@evil.com",
        "https://shop.example.com:8443",
        "https://SHOP.example.com",
        "http://shop.example.com",
        "https://example.org",
        "",
    ] {
        let answer = server.ask("POST", &visit.path(), &[("origin", origin)], Some(&bytes)).unwrap();
        assert_eq!(answer.problem(), "origin", "{origin:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin:?}");
    }
    assert_eq!(server.ask("POST", &visit.path(), &[], Some(&bytes)).unwrap().problem(), "origin", "none at all");
    assert_eq!(server.ask("OPTIONS", &visit.path(), &[("origin", ORIGIN)], None).unwrap().status, 404, "no preflight");
}

#[test]
fn a_gzipped_batch_is_known_by_its_first_bytes() {
    let server = Server::start();
    let visit = server.site(&["--preset", "full"]).visit(1);
    let bytes = visit.head.with(&Visit::first().bytes());
    assert_eq!(visit.post(&server, &gzip(&bytes)).status, 204);
    assert_eq!(visit.post(&server, &bytes).status, 204, "the same batch, sent plain");
}

/// A gzip of zeros, made while it is read: one compressed mebibyte over and over.
struct Zeros {
    head: Vec<u8>,
    block: Vec<u8>,
    blocks: usize,
    at: usize,
}

impl Zeros {
    fn new(mebibytes: usize) -> Self {
        let mut block = Vec::with_capacity(1 << 16);
        let mut compress = Compress::new(Compression::best(), false);
        compress.compress_vec(&vec![0; 1 << 20], &mut block, FlushCompress::Full).unwrap();
        Self { head: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], block, blocks: mebibytes, at: 0 }
    }
}

impl Read for Zeros {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let source = if self.head.is_empty() { &self.block } else { &self.head };
        if self.head.is_empty() && self.blocks == 0 {
            return Ok(0);
        }
        let count = out.len().min(source.len() - self.at);
        out[..count].copy_from_slice(&source[self.at..self.at + count]);
        self.at += count;
        if self.at == source.len() {
            self.at = 0;
            if self.head.is_empty() { self.blocks -= 1 } else { self.head.clear() }
        }
        Ok(count)
    }
}

#[test]
fn a_bomb_costs_no_more_than_an_honest_batch() {
    let server = Server::start();
    let visit = server.site(&["--preset", "full"]).visit(1);
    let before = server.peak_kib();
    let began = std::time::Instant::now();
    for _ in 0..5 {
        let mut bomb = Vec::new();
        Zeros::new(900).read_to_end(&mut bomb).unwrap();
        assert!(bomb.len() < 1 << 20, "it passes the first bound");
        assert_eq!(visit.post(&server, &bomb).problem(), "too-large");
    }
    assert!(began.elapsed().as_secs() < 10);
    let poured = server.pour(&visit.path(), Zeros::new(10 << 10));
    assert_eq!(poured.unwrap().problem(), "too-large", "10 GB");
    let plain = server.pour(&visit.path(), std::io::repeat(1).take(2 << 20));
    assert_eq!(plain.unwrap().problem(), "too-large");
    let stated = vec![1; 3 << 20];
    assert_eq!(visit.post(&server, &stated).problem(), "too-large");
    let grown = server.peak_kib() - before;
    assert!(grown < 48 << 10, "grew by {grown} KiB");
}

#[test]
fn what_is_not_in_the_grammar_is_refused() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    assert_eq!(visit.post(&server, b"").problem(), "malformed");
    assert_eq!(visit.post(&server, b"{\"type\":4}").problem(), "malformed");
    assert_eq!(visit.send(&server, 0, Visit::first().nonsense()).problem(), "malformed");
    let whole = visit.head.with(&Visit::first().bytes());
    for length in 0..whole.len() {
        assert_eq!(visit.post(&server, &whole[..length]).problem(), "malformed", "cut at {length}");
    }
    assert_eq!(visit.post(&server, &gzip(&whole)[..40]).problem(), "malformed", "gzip, cut");
    assert_eq!(visit.post(&server, &whole).status, 204);
}

#[test]
fn a_batch_whose_head_and_address_disagree_is_refused() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    let bytes = visit.head.with(&Visit::first().bytes());
    visit.head.seq = 1;
    assert_eq!(visit.post(&server, &bytes).problem(), "misaddressed");
    visit.head.seq = 0;
    visit.head.page = [9; 8];
    assert_eq!(visit.post(&server, &bytes).problem(), "misaddressed");
}

#[test]
fn a_repeated_batch_is_kept_once_and_a_different_one_conflicts() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    for _ in 0..3 {
        assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    }
    // Sent again later: the head says so, the body is the same.
    visit.head.sent_at += 4_000;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    assert_eq!(visit.send(&server, 0, Body::new(0).visible(true)).problem(), "conflicting");
    let token = server.token("viewer");
    let recording = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    assert_eq!(recording["clicks"], 1);
}

#[test]
fn batches_that_come_in_the_wrong_order_are_read_in_the_right_one() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    assert_eq!(visit.send(&server, 2, Body::new(3_000).page("https://shop.example.com/third")).status, 204);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    assert_eq!(visit.send(&server, 1, Body::new(2_000).page("https://shop.example.com/second")).status, 204);
    let token = server.token("viewer");
    let detail = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    let urls: Vec<_> = detail["page_list"].as_array().unwrap().iter().map(|page| page["url"].clone()).collect();
    assert_eq!(urls, ["start", "second", "third"].map(|name| format!("https://shop.example.com/{name}")));
    assert_eq!(detail["gaps"], 0);
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    let text = String::from_utf8(events.body).unwrap();
    let places = ["/start", "/second", "/third"].map(|name| text.find(name).unwrap());
    assert!(places.is_sorted());
}

#[test]
fn a_clock_more_than_a_day_off_is_refused() {
    const DAY_MS: u64 = 86_400_000;
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    visit.head.sent_at = DAY_MS + 1;
    let answer = visit.send(&server, 0, Visit::first());
    assert_eq!((answer.problem().as_str(), answer.json()["rule"].as_str()), ("refused", Some("clock")));
    visit.head.sent_at = 1_000;
    let future = Body::new(DAY_MS * 2).visible(true);
    assert_eq!(visit.send(&server, 0, future).json()["rule"], "clock");
    visit.head.sent_at = DAY_MS - 1;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
}

#[test]
fn another_browser_cannot_add_to_a_recording() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let mut thief = visit.clone();
    thief.head.secret = [66; 16];
    assert_eq!(thief.send(&server, 1, Body::new(2_000).visible(true)).problem(), "secret");
    let other = server.site(&["--preset", "full"]);
    let mut moved = visit.clone();
    moved.key = other.key;
    assert_eq!(moved.send(&server, 1, Body::new(2_000).visible(true)).problem(), "secret", "of another site");
    assert_eq!(visit.send(&server, 1, Body::new(2_000).visible(true)).status, 204);
}

#[test]
fn without_consent_nothing_of_the_visitor_is_kept() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(0xc5);
    visit.head.granted = false;
    let answer = visit.send(&server, 0, Visit::first());
    assert_eq!((answer.problem().as_str(), answer.json()["rule"].as_str()), ("refused", Some("consent")));
    visit.head.granted = true;
    let bytes = visit.head.with(&Visit::first().bytes());
    let opted_out = [("origin", ORIGIN), ("sec-gpc", "1")];
    let answer = server.ask("POST", &visit.path(), &opted_out, Some(&bytes)).unwrap();
    assert_eq!(answer.json()["rule"], "gpc");
    let found = all_bytes(&server.data());
    assert!(found.iter().all(|(_, bytes)| !contains(bytes, &[0xc5; 16])), "its id is nowhere");
    let token = server.token("viewer");
    assert_eq!(server.get_as(&token, "/api/v1/recordings").json()["items"], serde_json::json!([]));

    let open = server.site(&["--preset", "full", "--consent", "not-required"]);
    let mut visit = open.visit(2);
    visit.head.granted = false;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let recording = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
    assert_eq!(recording["consent"]["basis"], "not-required");
}

#[test]
fn a_recording_keeps_the_receipt_of_its_consent() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let hash =
        |site: &crate::common::client::Site| site.policy.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut visit = site.visit(1);
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    // The page's clock says that it is hours old: that is no time of a consent.
    visit.head.sent_at = 5 * 3_600_000;
    let before = now();
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let after = now();
    let receipt =
        || server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json()["consent"].clone();
    let first = receipt();
    assert_eq!((&first["basis"], &first["policy"]), (&"granted".into(), &hash(&site).into()));
    let at = first["at"].as_i64().unwrap();
    assert!((before..=after).contains(&at), "{before} {at} {after}");
    // What comes later, and what the policy becomes, changes nothing of it.
    let key = &site.key;
    server.cli_json(&["site", "policy", "set", key, "--preset", "strict"]);
    assert_eq!(receipt(), first);
    assert_ne!(server.cli_json(&["site", "policy", "show", key])["hash"], first["policy"]);
    let listed = server.get_as(&token, "/api/v1/recordings").json();
    assert_eq!(listed["items"][0]["consent"], first);
}

#[test]
fn a_batch_of_a_looser_or_unknown_policy_is_stopped() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    visit.head.policy = [0; 8];
    assert_eq!(visit.send(&server, 0, Visit::first()).problem(), "stale-policy");
    visit.head.policy = site.policy;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    server.cli_json(&["site", "policy", "set", &site.key, "--preset", "strict"]);
    server.wait_for(|| visit.send(&server, 1, Body::new(2_000).visible(true)).status == 412);
}

#[test]
fn a_paused_site_takes_nothing_and_hands_out_a_comment() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    server.cli_json(&["site", "pause", &site.key]);
    server.wait_for(|| visit.send(&server, 0, Visit::first()).status == 410);
    assert_eq!(visit.send(&server, 0, Visit::first()).problem(), "paused");
    let script = server.get(&format!("/r/{}.js", site.key), &[]);
    assert_eq!((script.status, String::from_utf8(script.body).unwrap().starts_with("// ")), (200, true));
    server.cli_json(&["site", "resume", &site.key]);
    server.wait_for(|| visit.send(&server, 0, Visit::first()).status == 204);
    server.cli_json(&["site", "remove", &site.key, "--yes"]);
    server.wait_for(|| visit.send(&server, 1, Body::new(0).visible(true)).status == 404);
}

#[test]
fn an_erased_recording_takes_no_more_batches() {
    let server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    server.cli_json(&["recording", "erase", &visit.recording, "--yes"]);
    assert_eq!(visit.send(&server, 1, Body::new(2_000).visible(true)).problem(), "gone");
}

#[test]
fn a_full_queue_says_busy_and_loses_nothing_that_it_took() {
    let server = Server::start_with(&format!("{ROOMY}queue_batches = 2\n"));
    let site = server.site(&["--preset", "full"]);
    let blocker = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    blocker.execute_batch("begin immediate").unwrap();
    let (statuses, retry) = std::thread::scope(|scope| {
        let sent: Vec<_> = (1..=40)
            .map(|n| {
                let (mut visit, server) = (site.visit(n), &server);
                scope.spawn(move || visit.send(server, 0, Visit::first()))
            })
            .collect();
        // Most are turned away at once; those that were taken in wait for the disk.
        server.wait_for(|| sent.iter().filter(|thread| thread.is_finished()).count() >= 10);
        blocker.execute_batch("rollback").unwrap();
        let answers: Vec<_> = sent.into_iter().map(|thread| thread.join().unwrap()).collect();
        let busy = answers.iter().find(|answer| answer.status == 503).expect("someone was turned away");
        (answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), busy.header("retry-after").to_owned())
    });
    assert!(retry.parse::<u32>().unwrap() > 0);
    let token = server.token("viewer");
    let listed = server.get_as(&token, "/api/v1/recordings").json()["items"].as_array().unwrap().len();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), listed);
    assert!(listed >= 1);
}

#[test]
fn one_client_cannot_take_the_whole_door() {
    let server = Server::start_with("client_batches_per_second = 1\n");
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    let statuses: Vec<_> = (0..20).map(|seq| visit.send(&server, seq, Body::new(seq).visible(true)).status).collect();
    assert_eq!(statuses[0], 204);
    assert!(statuses.contains(&429));
    let bytes = visit.head.with(&Body::new(0).visible(true).bytes());
    let disguised = [("origin", ORIGIN), ("x-forwarded-for", "203.0.113.7")];
    let answer = server.ask("POST", &visit.path(), &disguised, Some(&bytes)).unwrap();
    assert_eq!(answer.problem(), "too-many", "nobody may say for whom he asks");
    let answer = visit.send(&server, 30, Body::new(0).visible(true));
    assert_eq!(answer.problem(), "too-many");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "so that the recorder can read it");
}

#[test]
fn the_recorders_file_carries_the_policy_in_the_encoding_asked_for() {
    let server = Server::start();
    let site = server.site(&["--preset", "balanced"]);
    let path = format!("/r/{}.js", site.key);
    let plain = server.get(&path, &[("accept-encoding", "identity")]);
    let text = String::from_utf8(plain.body.clone()).unwrap();
    assert!(text.contains("\"preset\":\"balanced\"") && text.contains(&site.key) && !text.contains("__HUSHREEL__"));
    assert!(!text.contains("retention_days") && !text.contains("purpose"));
    assert_eq!(plain.header("cache-control"), "private, max-age=300, must-revalidate");
    let zipped = server.get(&path, &[("accept-encoding", "gzip")]);
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let small = server.get(&path, &[("accept-encoding", "br, gzip")]);
    assert_eq!(small.header("content-encoding"), "br");
    assert!(small.body.len() < plain.body.len());
    let again = server.get(&path, &[("accept-encoding", "br"), ("if-none-match", small.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn a_recording_that_broke_the_policy_is_listed_as_refused_and_stopped() {
    const CANARY: &str = "Readable words on a strict page";
    let server = Server::start();
    let site = server.site(&["--preset", "strict"]);
    let mut visit = site.visit(1);
    let answer = visit.send(&server, 0, Body::new(0).snapshot("https://shop.example.com/:any", CANARY));
    assert_eq!((answer.status, answer.problem().as_str()), (422, "refused"));
    let rule = answer.json()["rule"].clone();
    assert!(!String::from_utf8_lossy(&answer.body).contains("Readable"));
    let token = server.token("viewer");
    let recording = server.get_as(&token, "/api/v1/recordings").json()["items"][0].clone();
    assert_eq!((recording["state"].clone(), recording["refused_rule"].clone()), ("refused".into(), rule));
    assert_eq!((recording["events"].clone(), recording["entry"].clone()), (0.into(), "".into()));
    assert_eq!(visit.send(&server, 1, Body::new(0).visible(true)).problem(), "gone");
    let events = server.get_as(&token, &format!("/api/v1/recordings/{}/events", visit.recording));
    assert_eq!(events.json(), serde_json::json!([]));
    let found = all_bytes(server.dir.path());
    assert!(found.iter().all(|(_, bytes)| !contains(bytes, CANARY.as_bytes())));
    let mut other = site.visit(2);
    assert_eq!(other.send(&server, 0, Body::new(0).visible(true)).status, 204, "others go on");
}

#[test]
fn behind_a_proxy_clients_are_told_apart_by_what_it_says() {
    let server = Server::start_with("behind_proxy = true\nclient_batches_per_second = 1\n");
    let visit = server.site(&["--preset", "full"]).visit(1);
    let bytes = visit.head.with(&Visit::first().bytes());
    let send = |address: &str| {
        let headers = [("origin", ORIGIN), ("x-forwarded-for", address)];
        server.ask("POST", &visit.path(), &headers, Some(&bytes)).unwrap().status
    };
    assert!((0..20).any(|_| send("203.0.113.7") == 429));
    assert_eq!(send("203.0.113.8"), 204);
    assert_eq!(send("203.0.113.9, 203.0.113.7"), 429, "the nearest counts, not what a client wrote before it");
}
