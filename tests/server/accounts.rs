//! The first account, signing in and out, and requests that another site would send.

use crate::common::client::{Answer, Server};
use serde_json::{Value, json};

const EMAIL: &str = "jana@example.com";
const PASSWORD: &str = "plum-otter-sails-92-quiet";

fn claim(server: &Server, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "email": EMAIL, "password": password, "language": "en" });
    server.send_json("POST", "/api/v1/setup", &[], &body)
}

fn setup_token(server: &Server) -> String {
    server.setup.as_deref().unwrap().split("#token=").nth(1).unwrap().to_owned()
}

fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    server.send_json("POST", "/api/v1/login", &[], &json!({ "email": email, "password": password }))
}

/// A server with one account, and its cookie.
fn signed_in() -> (Server, String) {
    let server = Server::start();
    let answer = claim(&server, &setup_token(&server), PASSWORD);
    assert_eq!(answer.status, 201);
    (server, answer.cookie())
}

#[test]
fn a_setup_link_makes_one_account_and_is_spent() {
    let server = Server::start();
    let token = setup_token(&server);
    assert_eq!(server.get("/api/v1/setup", &[]).json(), json!({ "needed": true }));
    assert_eq!(claim(&server, "guessed", PASSWORD).problem(), "spent-link");
    let weak = claim(&server, &token, "password1");
    assert_eq!((weak.problem().as_str(), weak.json()["field"].as_str()), ("invalid", Some("password")));
    let made = claim(&server, &token, PASSWORD);
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["account"]["role"], "owner");
    assert_eq!(claim(&server, &token, PASSWORD).problem(), "spent-link");
    assert_eq!(server.get("/api/v1/setup", &[]).json(), json!({ "needed": false }));
    assert_eq!(server.cli(&["setup"]).status.code(), Some(1), "there is an account now");
    assert_eq!(server.get("/api/v1/account", &[("cookie", &made.cookie())]).json()["email"], EMAIL);
}

#[test]
fn a_setup_link_expires_and_a_newer_one_replaces_it() {
    let server = Server::start();
    let first = setup_token(&server);
    let printed = server.cli_json(&["setup"]);
    let second = printed["link"].as_str().unwrap().split("#token=").nth(1).unwrap().to_owned();
    assert!(printed["link"].as_str().unwrap().starts_with(&server.url), "it leads to the running server");
    assert_eq!(claim(&server, &first, PASSWORD).problem(), "spent-link");
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    let at: i64 = meta.query_row("select expires_at from link where kind = 'setup'", [], |row| row.get(0)).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!((29 * 60_000..=30 * 60_000).contains(&(at - now)), "30 minutes");
    meta.execute("update link set expires_at = ?1", [now - 1]).unwrap();
    assert_eq!(claim(&server, &second, PASSWORD).problem(), "spent-link");
}

#[test]
fn of_a_hundred_who_claim_at_once_one_gets_the_account() {
    let server = Server::start();
    let token = setup_token(&server);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..100).map(|_| scope.spawn(|| claim(&server, &token, PASSWORD).status)).collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 99);
    assert_eq!(server.cli_json(&["account", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_login_lasts_until_it_is_ended() {
    let (server, old) = signed_in();
    assert_eq!(sign_in(&server, EMAIL, "wrong").problem(), "wrong-password");
    assert_eq!(sign_in(&server, "nobody@example.com", PASSWORD).problem(), "wrong-password");
    let body = json!({ "email": "JANA@example.com", "password": PASSWORD });
    let answer = server.send_json("POST", "/api/v1/login", &[("cookie", &old)], &body);
    assert_eq!(answer.status, 200);
    let flags = answer.header("set-cookie").to_owned();
    assert!(flags.contains("HttpOnly") && flags.contains("SameSite=Strict") && flags.contains("Path=/"));
    let cookie = answer.cookie();
    assert_ne!(cookie, old);
    assert_eq!(server.get("/api/v1/account", &[("cookie", &old)]).problem(), "unauthenticated", "replaced");
    assert_eq!(server.get("/api/v1/account", &[("cookie", &cookie)]).status, 200);
    let ours = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let changed = server.send_json("PUT", "/api/v1/account", &ours, &json!({ "language": "cs" }));
    assert_eq!(changed.json()["language"], "cs");
    assert_eq!(server.ask("DELETE", "/api/v1/login", &ours, None).unwrap().status, 204);
    assert_eq!(server.get("/api/v1/account", &[("cookie", &cookie)]).problem(), "unauthenticated");
}

#[test]
fn a_login_ends_when_it_is_idle_or_old_or_its_password_changes() {
    let (server, cookie) = signed_in();
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    let status = || server.get("/api/v1/account", &[("cookie", &cookie)]).status;
    assert_eq!(status(), 200);
    let hour = 3_600_000_i64;
    meta.execute("update login set seen_at = seen_at - ?1", [13 * hour]).unwrap();
    assert_eq!(status(), 401, "idle for 13 hours");
    meta.execute("update login set seen_at = seen_at + ?1, created_at = created_at - ?2", [13 * hour, 31 * 24 * hour])
        .unwrap();
    assert_eq!(status(), 401, "31 days old");
    meta.execute("update login set created_at = created_at + ?1", [31 * 24 * hour]).unwrap();
    assert_eq!(status(), 200);
    let reset = server.cli_json(&["account", "reset", EMAIL]);
    assert_eq!(status(), 401, "its password was reset");
    assert_eq!(sign_in(&server, EMAIL, PASSWORD).status, 401);
    assert_eq!(sign_in(&server, EMAIL, reset["password"].as_str().unwrap()).status, 200);
}

#[test]
fn guessing_passwords_is_slowed_down() {
    let (server, _) = signed_in();
    let statuses: Vec<u16> = (0..22).map(|_| sign_in(&server, EMAIL, "guess").status).collect();
    assert_eq!(&statuses[..20], [401; 20]);
    assert_eq!(&statuses[20..], [429; 2]);
}

#[test]
fn another_site_cannot_ride_on_a_login() {
    let (server, cookie) = signed_in();
    let own = server.url.clone();
    let api: Value = server.get("/api/v1/openapi.json", &[]).json();
    let mut tried = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        let path = path.replace("{key}", "aaaaaaaaaaaaaaaaaaaa").replace("{id}", &"0".repeat(32));
        for method in item.as_object().unwrap().keys().filter(|method| *method != "get") {
            let method = method.to_uppercase();
            let attempts: [&[(&str, &str)]; 4] = [
                &[("sec-fetch-site", "cross-site")],
                &[("sec-fetch-site", "same-site"), ("origin", &own)],
                &[("origin", "https://evil.example")],
                &[("origin", "null")],
            ];
            for attempt in attempts {
                let mut headers = vec![("cookie", cookie.as_str()), ("content-type", "application/json")];
                headers.extend(attempt);
                let answer = server.ask(&method, &path, &headers, Some(b"{}")).unwrap();
                assert_eq!(answer.problem(), "cross-site", "{method} {path} {attempt:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 30);
    let bare = server.send_json("PUT", "/api/v1/account", &[("cookie", &cookie)], &json!({ "language": "cs" }));
    assert_eq!(bare.problem(), "cross-site", "a cookie alone proves nothing");
    let form = [("cookie", cookie.as_str()), ("origin", own.as_str()), ("content-type", "text/plain")];
    let answer = server.ask("PUT", "/api/v1/account", &form, Some(b"{\"language\":\"cs\"}")).unwrap();
    assert_eq!(answer.problem(), "invalid", "only JSON is read");
    let ours = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    assert_eq!(server.send_json("PUT", "/api/v1/account", &ours, &json!({ "language": "cs" })).status, 200);
}

#[test]
fn a_password_is_measured_while_it_is_typed() {
    let server = Server::start();
    let score = |password: &str| {
        let body = json!({ "password": password, "email": EMAIL });
        server.send_json("POST", "/api/v1/password/check", &[], &body).json()["score"].as_i64().unwrap()
    };
    assert!(score("jana@example.com") < 3);
    assert!(score(PASSWORD) >= 3);
}

#[test]
fn accounts_are_managed_from_the_command_line() {
    let (server, _) = signed_in();
    let add = ["account", "add", "--email", "petr@example.com", "--role", "viewer"];
    let made = server.cli_json(&add);
    let password = made["password"].as_str().unwrap().to_owned();
    assert_eq!(server.cli(&add).status.code(), Some(1), "twice");
    assert_eq!(sign_in(&server, "petr@example.com", &password).json()["account"]["role"], "viewer");
    server.cli_json(&["account", "role", "petr@example.com", "analyst"]);
    server.cli_json(&["account", "disable", "petr@example.com"]);
    assert_eq!(sign_in(&server, "petr@example.com", &password).status, 401);
    assert_eq!(server.cli(&["account", "disable", EMAIL]).status.code(), Some(1), "the last owner stays");
    assert_eq!(server.cli(&["account", "role", EMAIL, "viewer"]).status.code(), Some(1));
}

#[test]
fn behind_a_proxy_the_cookie_is_bound_to_the_host_and_to_tls() {
    let server = Server::start_with("behind_proxy = true\npublic_url = \"https://rec.example.com\"\n");
    assert!(server.setup.as_deref().unwrap().starts_with("https://rec.example.com/setup#token="));
    let body = json!({ "token": setup_token(&server), "email": EMAIL, "password": PASSWORD, "language": "en" });
    let ours = [("origin", "https://rec.example.com")];
    let made = server.send_json("POST", "/api/v1/setup", &ours, &body);
    let cookie = made.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-hushreel=") && cookie.contains("; Secure") && cookie.contains("; Path=/"));
    assert!(!cookie.contains("Domain"));
    let theirs = [("origin", "http://rec.example.com")];
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(server.send_json("POST", "/api/v1/login", &theirs, &body).problem(), "cross-site");
}
