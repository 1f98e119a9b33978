//! Who may ask for what: every route that the description lists, with every role. And sites and tokens through the API.

use crate::common::client::{Server, Visit};
use serde_json::{Value, json};

/// Who a route is for.
#[derive(PartialEq)]
enum For {
    Everybody,
    Signed,
    Person,
    Watcher,
    Manager,
}

fn audience(route: &str) -> For {
    match route {
        "GET /api/v1/setup" | "POST /api/v1/setup" | "POST /api/v1/password/check" | "POST /api/v1/login" => {
            For::Everybody
        }
        "DELETE /api/v1/login"
        | "GET /api/v1/sites"
        | "GET /api/v1/sites/{key}"
        | "GET /api/v1/sites/{key}/policy"
        | "GET /api/v1/sites/{key}/policy/versions"
        | "GET /api/v1/sites/{key}/rules"
        | "GET /api/v1/sites/{key}/profiles"
        | "GET /api/v1/sites/{key}/requests"
        | "GET /api/v1/presets"
        | "GET /api/v1/storage"
        | "GET /api/v1/sites/{key}/progress" => For::Signed,
        "GET /api/v1/account" | "PUT /api/v1/account" => For::Person,
        "GET /api/v1/recordings"
        | "GET /api/v1/recordings/terms"
        | "GET /api/v1/recordings.csv"
        | "GET /api/v1/recordings/{id}"
        | "GET /api/v1/recordings/{id}/events"
        | "GET /api/v1/recordings/{id}/export.html"
        | "GET /api/v1/recordings/{id}/export.json"
        | "GET /api/v1/recordings/{id}/marks"
        | "GET /api/v1/recordings/{id}/assets"
        | "GET /api/v1/recordings/{id}/assets/{hash}"
        | "GET /api/v1/sites/{key}/unreadable"
        | "GET /api/v1/sites/{key}/records"
        | "GET /api/v1/sites/{key}/dpia"
        | "GET /api/v1/sites/{key}/findings"
        | "GET /api/v1/visitors/{id}"
        | "PUT /api/v1/recordings/{id}/watched" => For::Watcher,
        "POST /api/v1/sites"
        | "PATCH /api/v1/sites/{key}"
        | "DELETE /api/v1/sites/{key}"
        | "PUT /api/v1/sites/{key}/policy"
        | "POST /api/v1/sites/{key}/policy/compare"
        | "PUT /api/v1/sites/{key}/findings/{id}"
        | "DELETE /api/v1/recordings/{id}"
        | "POST /api/v1/recordings/erase"
        | "POST /api/v1/recordings/{id}/restriction"
        | "DELETE /api/v1/recordings/{id}/restriction"
        | "DELETE /api/v1/visitors/{id}"
        | "GET /api/v1/visitors/{id}/archive.zip"
        | "POST /api/v1/sites/{key}/recordings/import"
        | "POST /api/v1/sites/{key}/previews"
        | "PUT /api/v1/sites/{key}/previews/{token}"
        | "DELETE /api/v1/sites/{key}/previews/{token}"
        | "GET /api/v1/sites/{key}/previews/{token}/events"
        | "GET /api/v1/sites/{key}/previews/{token}/assets"
        | "GET /api/v1/sites/{key}/previews/{token}/assets/{hash}"
        | "GET /api/v1/tokens"
        | "POST /api/v1/tokens"
        | "DELETE /api/v1/tokens/{id}" => For::Manager,
        other => panic!("decide whom {other} is for"),
    }
}

#[test]
fn every_route_asks_who_you_are_and_what_you_may() {
    let server = Server::start();
    let roles = ["owner", "admin", "analyst", "viewer", "auditor"].map(|role| (role, server.token(role)));
    let api = server.get("/api/v1/openapi.json", &[]).json();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            let audience = audience(&format!("{method} {path}"));
            // Nothing has this key or this id, so that whoever may ask is told so and nothing changes.
            let path = path
                .replace("{key}", "aaaaaaaaaaaaaaaaaaaa")
                .replace("{id}", &"0".repeat(32))
                .replace("{token}", &"0".repeat(32))
                .replace("{hash}", &"0".repeat(32));
            let ask = |headers: &[(&str, &str)]| {
                let body = if method == "GET" { None } else { Some(b"{}".as_slice()) };
                let headers = [headers, &[("content-type", "application/json")]].concat();
                server.ask(&method, &path, &headers, body).unwrap()
            };
            let stranger = ask(&[]).status;
            if audience == For::Everybody {
                assert_ne!(stranger, 401, "{method} {path}");
                continue;
            }
            assert_eq!(stranger, 401, "{method} {path}");
            for wrong in ["Bearer hush_wrong", "Bearer", "Basic abc"] {
                assert_eq!(ask(&[("authorization", wrong)]).status, 401, "{method} {path} {wrong}");
            }
            for (role, token) in &roles {
                let status = ask(&[("authorization", &format!("Bearer {token}"))]).status;
                let may = match audience {
                    For::Everybody | For::Signed => true,
                    For::Person => false,
                    For::Watcher => *role != "auditor",
                    For::Manager => matches!(*role, "owner" | "admin"),
                };
                assert_eq!(status != 403, may, "{method} {path} as {role}: {status}");
                assert!(status < 500, "{method} {path} as {role}: {status}");
            }
        }
    }
}

fn send(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> crate::common::client::Answer {
    server.send_json(method, path, &[("authorization", &format!("Bearer {token}"))], body)
}

#[test]
fn a_site_is_added_changed_and_removed() {
    let server = Server::start();
    let token = server.token("admin");
    let new = json!({ "name": "Shop", "origins": ["https://shop.example.com"], "preset": "balanced",
                      "consent": "required", "purpose": "to see where visitors get stuck" });
    let made = send(&server, &token, "POST", "/api/v1/sites", &new);
    assert_eq!(made.status, 201);
    let site = made.json();
    let key = site["key"].as_str().unwrap();
    assert_eq!(
        site["snippet"],
        format!("<script async src=\"{}/r/{key}.js\" referrerpolicy=\"no-referrer\"></script>", server.url)
    );
    assert_eq!((site["policy_version"].clone(), site["last_batch_at"].clone()), (json!(1), json!(null)));
    let path = format!("/api/v1/sites/{key}");
    for (field, value) in
        [("origins", json!(["http://shop.example.com"])), ("origins", json!([])), ("name", json!(" "))]
    {
        let mut bad = new.clone();
        bad[field] = value;
        let answer = send(&server, &token, "POST", "/api/v1/sites", &bad);
        assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some(field)));
    }
    let changed = send(&server, &token, "PATCH", &path, &json!({ "name": "Store", "paused": true })).json();
    assert_eq!((changed["name"].clone(), changed["paused"].clone()), (json!("Store"), json!(true)));
    let mut policy = server.get_as(&token, &format!("{path}/policy")).json();
    policy["policy"]["text"] = json!("mask");
    let saved = send(&server, &token, "PUT", &format!("{path}/policy"), &policy["policy"]);
    assert_eq!((saved.status, saved.json()["version"].clone()), (200, json!(2)));
    policy["policy"]["txt"] = json!("mask");
    assert_eq!(send(&server, &token, "PUT", &format!("{path}/policy"), &policy["policy"]).problem(), "invalid");
    assert_eq!(send(&server, &token, "DELETE", &path, &json!({})).status, 204);
    assert_eq!(server.get_as(&token, &path).problem(), "not-found");
    assert_eq!(server.get(&format!("/r/{key}.js"), &[]).status, 404);
}

#[test]
fn a_removed_sites_recordings_are_gone_too() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let mut visit = site.visit(1);
    visit.send(&server, 0, Visit::first());
    let token = server.token("owner");
    assert_eq!(send(&server, &token, "DELETE", &format!("/api/v1/sites/{}", site.key), &json!({})).status, 204);
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).status, 404);
    let keys = rusqlite::Connection::open(server.data().join("keys.db")).unwrap();
    for table in ["recording_key", "site_key"] {
        let left: i64 = keys.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[test]
fn a_token_is_shown_once_expires_and_can_be_revoked() {
    let server = Server::start();
    let admin = server.token("admin");
    let made = send(&server, &admin, "POST", "/api/v1/tokens", &json!({ "name": "ci", "role": "viewer", "days": 1 }));
    assert_eq!(made.status, 201);
    let (id, secret) = (made.json()["id"].clone(), made.json()["token"].as_str().unwrap().to_owned());
    let list = server.get_as(&admin, "/api/v1/tokens");
    assert!(!String::from_utf8_lossy(&list.body).contains(&secret));
    assert_eq!(server.get_as(&secret, "/api/v1/recordings").status, 200);
    let owner = json!({ "name": "more", "role": "owner", "days": null });
    assert_eq!(send(&server, &admin, "POST", "/api/v1/tokens", &owner).problem(), "forbidden", "more than one's own");
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute("update token set expires_at = 1 where id = ?1", [id.as_str().unwrap()]).unwrap();
    assert_eq!(server.get_as(&secret, "/api/v1/recordings").status, 401, "expired");
    meta.execute("update token set expires_at = null where id = ?1", [id.as_str().unwrap()]).unwrap();
    assert_eq!(server.get_as(&secret, "/api/v1/recordings").status, 200);
    let path = format!("/api/v1/tokens/{}", id.as_str().unwrap());
    assert_eq!(send(&server, &admin, "DELETE", &path, &json!({})).status, 204);
    assert_eq!(server.get_as(&secret, "/api/v1/recordings").status, 401, "revoked");
}

#[test]
fn waiting_for_the_first_event_turns_green() {
    use std::io::{BufRead, BufReader, Write};
    let server = Server::start();
    let made = server.cli_json(&[
        "site",
        "add",
        "--name",
        "Shop",
        "--origin",
        "https://shop.example.com",
        "--purpose",
        "x",
        "--preset",
        "full",
    ]);
    let key = made["key"].as_str().unwrap().to_owned();
    let token = server.token("viewer");
    server.wait_for(|| server.get_as(&token, &format!("/api/v1/sites/{key}")).status == 200);
    let mut stream = std::net::TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    write!(stream, "GET /api/v1/sites/{key}/progress HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut next = || -> Value {
        let line = lines.find(|line| line.starts_with("data: ")).unwrap();
        serde_json::from_str(&line["data: ".len()..]).unwrap()
    };
    assert_eq!(next(), json!({ "fetched": false, "batch": false, "recording": null, "refused": [] }));
    assert_eq!(server.get(&format!("/r/{key}.js"), &[]).status, 200);
    assert_eq!(next()["fetched"], true);
    let hash = server.cli_json(&["site", "policy", "show", &key])["hash"].as_str().unwrap().to_owned();
    let mut policy = [0; 8];
    for (at, byte) in policy.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hash[at * 2..at * 2 + 2], 16).unwrap();
    }
    let mut visit = crate::common::client::Site { key, policy }.visit(7);
    visit.head.granted = false;
    visit.send(&server, 0, Visit::first());
    assert_eq!(next()["refused"], json!([{ "rule": "consent", "count": 1 }]));
    visit.head.granted = true;
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let told = next();
    assert_eq!((told["batch"].clone(), told["recording"].clone()), (json!(true), json!(visit.recording)));
}

#[test]
fn the_dashboard_is_walled_in() {
    let server = Server::start();
    for path in ["/", "/recordings", "/sites/new"] {
        let page = server.get(path, &[]);
        assert_eq!(page.status, 200, "{path}");
        let csp = page.header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self';") && csp.contains("frame-ancestors 'none'"));
        assert!(csp.contains("require-trusted-types-for 'script'"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    }
    for path in
        ["/assets/none-12345678.js", "/nothing.txt", "/api/v1/nothing", "/i/nothing", "/../etc/passwd", "/%2e%2e/x.txt"]
    {
        assert_eq!(server.get(path, &[]).status, 404, "{path}");
    }
    let frame = server.get("/replay-frame/", &[]);
    if frame.status == 200 {
        let csp = format!("script-src {}/replay-frame/;", server.url);
        assert!(frame.header("content-security-policy").contains(&csp));
    }
}
