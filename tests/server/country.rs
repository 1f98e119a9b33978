//! Consent by country: who is asked is settled by the address, while the recorder's file is served and again at the door.

use crate::common::client::{ORIGIN, ROOMY, Server, Site, Visit, all_bytes, contains};
use serde_json::{Value, json};

/// A university's network in Czechia, one in the United States; and both kinds of address.
const CZECH: &str = "147.32.1.1";
const AMERICAN: &str = "18.9.22.69";
const AMERICAN_V6: &str = "2600:1f18::1";
const CZECH_V6: &str = "2001:718:2::1";
/// Set aside for documentation: of no country.
const NOBODYS: &str = "203.0.113.7";

/// A server behind a proxy, and a site that lets visitors from the United States off.
fn start() -> (Server, Site) {
    let server = Server::start_with(&format!("{ROOMY}behind_proxy = true\n"));
    let site = server.site(&["--preset", "full", "--consent", "by-country"]);
    let policy = json!({ "countries": { "US": "not-required", "CZ": "required" } });
    let site = set_policy(&server, &site, &policy);
    (server, site)
}

fn set_policy(server: &Server, site: &Site, changes: &Value) -> Site {
    let file = server.dir.path().join("policy.json");
    std::fs::write(&file, changes.to_string()).unwrap();
    let saved = server.cli_json(&["site", "policy", "set", &site.key, "--file", file.to_str().unwrap()]);
    let hash = saved["hash"].as_str().unwrap();
    let path = format!("/r/{}.json", site.key);
    server.wait_for(|| server.get(&path, &[]).json()["policy"] == hash);
    let policy = std::array::from_fn(|at| u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap());
    Site { key: site.key.clone(), policy }
}

#[test]
fn the_recorders_file_says_whether_this_visitor_is_asked_and_not_where_he_is() {
    let (server, site) = start();
    let path = format!("/r/{}", site.key);
    let served = |from: &str| server.get(&format!("{path}.json"), &[("x-forwarded-for", from)]).json();
    for (from, consent) in [
        (CZECH, "required"),
        (CZECH_V6, "required"),
        (AMERICAN, "not-required"),
        (AMERICAN_V6, "not-required"),
        ("133.11.1.1", "required"),
        (NOBODYS, "required"),
        ("10.1.2.3", "required"),
        ("::1", "required"),
        ("nonsense", "required"),
    ] {
        assert_eq!(served(from)["consent"], consent, "{from}");
        // The files of both are kept side by side.
        let script = server.get(&format!("{path}.js"), &[("x-forwarded-for", from)]);
        let text = String::from_utf8(script.body).unwrap();
        assert!(text.contains(&format!("\"consent\":\"{consent}\"")), "{from}");
        assert!(!text.contains("countries"), "the table stays here");
    }
    let (here, there) = (served(CZECH), served(AMERICAN));
    assert_eq!(here["policy"], there["policy"], "one policy, whoever asks");
    assert!(server.get(&format!("{path}.js"), &[]).header("cache-control").starts_with("private"));
}

#[test]
fn the_door_takes_nobodys_word_for_where_he_is() {
    let (server, site) = start();
    let token = server.token("viewer");
    let from = |address: &str, place: u8, granted: bool| {
        let mut visit = site.visit(place);
        visit.head.granted = granted;
        let bytes = visit.head.with(&Visit::first().bytes());
        let headers = [("origin", ORIGIN), ("x-forwarded-for", address)];
        (server.ask("POST", &visit.path(), &headers, Some(&bytes)).unwrap(), visit.recording)
    };
    for (place, address) in [CZECH, CZECH_V6, NOBODYS, "192.168.1.1", "133.11.1.1"].into_iter().enumerate() {
        let (answer, _) = from(address, 10 + place as u8, false);
        assert_eq!((answer.status, &answer.json()["rule"]), (422, &json!("consent")), "{address}");
        assert_eq!(from(address, 20 + place as u8, true).0.status, 204, "{address}, with consent");
    }
    let (answer, recording) = from(AMERICAN, 30, false);
    assert_eq!(answer.status, 204);
    assert_eq!(from(AMERICAN_V6, 31, false).0.status, 204);
    let shown = server.get_as(&token, &format!("/api/v1/recordings/{recording}")).json();
    assert_eq!(shown["consent"]["basis"], "not-required");
    assert_eq!(shown["country"], "US", "lists are filtered by it");
    // The address is not kept.
    let files = all_bytes(server.dir.path());
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with("policy.json")) {
        for address in [CZECH, AMERICAN, AMERICAN_V6, CZECH_V6] {
            assert!(!contains(bytes, address.as_bytes()), "{address} in {}", path.display());
        }
    }
}

#[test]
fn by_country_alone_asks_everybody() {
    let server = Server::start_with(&format!("{ROOMY}behind_proxy = true\n"));
    let site = server.site(&["--preset", "full", "--consent", "by-country"]);
    let served = server.get(&format!("/r/{}.json", site.key), &[("x-forwarded-for", AMERICAN)]);
    assert_eq!(served.json()["consent"], "required");
}

#[test]
fn without_a_proxy_nobody_may_say_where_he_is() {
    let server = Server::start();
    let site = server.site(&["--preset", "full", "--consent", "by-country"]);
    let site = set_policy(&server, &site, &json!({ "countries": { "US": "not-required" } }));
    let served = server.get(&format!("/r/{}.json", site.key), &[("x-forwarded-for", AMERICAN)]);
    assert_eq!(served.json()["consent"], "required");
}

#[test]
fn an_operators_own_database_is_asked_first_and_one_that_is_none_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mmdb = folder.path().join("own.mmdb");
    std::fs::write(&mmdb, database()).unwrap();
    let config =
        |path: &std::path::Path| format!("{ROOMY}behind_proxy = true\ngeo_mmdb = {:?}\n", path.display().to_string());
    let server = Server::start_with(&config(&mmdb));
    let site = server.site(&["--preset", "full", "--consent", "by-country"]);
    let site = set_policy(&server, &site, &json!({ "countries": { "US": "not-required", "NZ": "not-required" } }));
    let consent = |from: &str| {
        server.get(&format!("/r/{}.json", site.key), &[("x-forwarded-for", from)]).json()["consent"].clone()
    };
    // It has 128.0.0.0/1 in New Zealand, and nothing of the other half.
    assert_eq!(consent(CZECH), "not-required");
    assert_eq!(consent(AMERICAN), "not-required", "where it knows nothing, the table that comes along does");
    assert_eq!(consent("192.168.1.1"), "required", "a private address has no country, whatever it says");

    std::fs::write(server.dir.path().join("config.toml"), config(&folder.path().join("none.mmdb"))).unwrap();
    let checked = server.cli(&["config", "check"]);
    assert!(!checked.status.success());
    assert!(String::from_utf8_lossy(&checked.stderr).contains("geo_mmdb"));
}

/// A database of one node, by hand: addresses that begin with a 1 are New Zealand's.
fn database() -> Vec<u8> {
    let text = |text: &str| [vec![0x40 | text.len() as u8], text.as_bytes().to_vec()].concat();
    let uint16 = |number: u16| [vec![0xa2], number.to_be_bytes().to_vec()].concat();
    // The tree: one node of two 24-bit records. 1 is nothing, 1 + 16 + 0 the first of the data.
    let mut out = vec![0, 0, 1, 0, 0, 17];
    out.extend([0; 16]);
    // { "country": { "iso_code": "NZ" } }
    out.extend([vec![0xe1], text("country"), vec![0xe1], text("iso_code"), text("NZ")].concat());
    out.extend(b"\xab\xcd\xefMaxMind.com");
    let entries = [
        ("node_count", [vec![0xc4], 1u32.to_be_bytes().to_vec()].concat()),
        ("record_size", uint16(24)),
        ("ip_version", uint16(4)),
        ("database_type", text("Own-Country")),
        ("languages", vec![0x00, 0x04]),
        ("binary_format_major_version", uint16(2)),
        ("binary_format_minor_version", uint16(0)),
        ("build_epoch", [vec![0x08, 0x02], 1u64.to_be_bytes().to_vec()].concat()),
        ("description", vec![0xe0]),
    ];
    out.push(0xe0 | entries.len() as u8);
    for (name, value) in entries {
        // 27 characters fit into the first byte; longer ones say so.
        out.extend(text(name));
        out.extend(value);
    }
    out
}
