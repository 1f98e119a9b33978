//! A disk that fills up: recording goes on while anything older may go, says 507 when nothing may, and goes on by itself once there is room.

use crate::common::client::{Answer, ROOMY, Server, Site, Visit};
use crate::common::disk::Disk;
use crate::common::wire::Body;

const MIB: usize = 1 << 20;
/// The whole disk.
const DISK_MIB: usize = 40;

/// A server on a small disk. Mounting needs root, or a system that lets anybody.
fn on_a_small_disk() -> (Server, Disk) {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::mount(dir.path(), DISK_MIB).expect("this test mounts a disk of its own, which needs root");
    (Server::start_in(dir, ROOMY), disk)
}

fn site(server: &Server, retention_days: u32) -> Site {
    let site = server.site(&["--preset", "full"]);
    let file = server.dir.path().join("policy.json");
    std::fs::write(&file, format!("{{\"retention_days\":{retention_days}}}")).unwrap();
    server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    let policy = server.cli_json(&["site", "policy", "show", &site.key]);
    let hash = policy["hash"].as_str().unwrap().to_owned();
    let script = format!("/r/{}.js", site.key);
    server.wait_for(|| String::from_utf8(server.get(&script, &[]).body).unwrap().contains(&hash));
    let byte = |at: usize| u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap();
    Site { key: site.key, policy: std::array::from_fn(byte) }
}

/// Words that no compression makes smaller, half a megabyte of them.
fn noise(seed: u64) -> Vec<String> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Letters alone: a digit might be a card's.
        state.to_le_bytes().map(|byte| char::from(b'a' + byte % 26)).iter().collect::<String>()
    };
    (0..512).map(|_| (0..112).map(|_| word()).collect::<Vec<_>>().join(" ")).collect()
}

/// One recording with half a megabyte in it.
fn record(server: &Server, site: &Site, number: u8) -> (Visit, Answer) {
    let mut visit = site.visit(number);
    let mut body = Body::new(0)
        .document("https://shop.example.com/start", crate::common::wire::Said::Bucket(0))
        .open("html", &[])
        .open("body", &[]);
    for words in noise(number.into()) {
        body = body.open("p", &[]).text(&words, 0).end();
    }
    let answer = visit.send(server, 0, body.end().end().end().finish());
    (visit, answer)
}

fn shown(server: &Server, token: &str, visit: &Visit) -> u16 {
    server.get_as(token, &format!("/api/v1/recordings/{}", visit.recording)).status
}

#[test]
fn the_day_that_expires_first_goes_and_recording_never_stops_for_it() {
    let (server, _disk) = on_a_small_disk();
    let (soon, late) = (site(&server, 2), site(&server, 30));
    let (token, admin) = (server.token("viewer"), server.token("admin"));
    let (first, answer) = record(&server, &soon, 1);
    assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
    let mut kept = Vec::new();
    let full = loop {
        let number = 2 + kept.len() as u8;
        let (visit, answer) = record(&server, &late, number);
        if answer.status != 204 {
            break answer;
        }
        kept.push(visit);
        assert!(kept.len() * MIB / 4 < DISK_MIB * MIB * 4, "the disk never fills up");
    };
    // What expires first went before anybody was turned away.
    assert_eq!(shown(&server, &token, &first), 404);
    assert_eq!((full.status, &*full.problem(), full.header("retry-after")), (507, "full", "60"));
    let newest = kept.last().unwrap();
    assert_eq!(shown(&server, &token, newest), 200, "what there is can be watched");
    let events = format!("/api/v1/recordings/{}/events", newest.recording);
    assert_eq!(server.get_as(&token, &events).status, 200);

    let storage = server.get_as(&token, "/api/v1/storage").json();
    assert!(storage["free"].as_u64() < storage["reserve"].as_u64() && storage["fits"] == false, "{storage}");
    let taken = storage["sites"].as_array().unwrap().iter().find(|one| one["site"] == late.key).unwrap();
    assert_eq!(taken["recordings"], kept.len());
    let told = server.cli(&["storage"]);
    assert!(
        String::from_utf8_lossy(&told.stdout).contains("That does not fit"),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );

    // Room comes back by itself once something is erased, without a start.
    let headers = [("authorization", &*format!("Bearer {admin}"))];
    for visit in kept.iter().take(8) {
        let path = format!("/api/v1/recordings/{}", visit.recording);
        assert_eq!(server.ask("DELETE", &path, &headers, None).unwrap().status, 204);
    }
    server.wait_for(|| record(&server, &late, 200).1.status == 204);
}
