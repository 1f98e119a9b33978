//! Starting, stopping, and everything that an operator can get wrong before.

use crate::common::client::{Server, Visit, all_bytes, contains, hushreel};
use crate::common::wire::Body;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_second_server_on_the_same_data_names_the_first() {
    let server = Server::start();
    let second = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(75));
    assert!(text(&second).contains(&format!("process {}", server.pid())), "{}", text(&second));
}

#[test]
fn data_of_a_newer_version_is_refused_and_not_touched() {
    let mut server = Server::start();
    server.terminate();
    for file in ["meta.db", "keys.db"] {
        let db = rusqlite::Connection::open(server.data().join(file)).unwrap();
        let version: i64 = db.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
        db.execute_batch("pragma journal_mode = delete; pragma user_version = 99").unwrap();
        drop(db);
        let before = all_bytes(&server.data());
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["site", "list"], &["token", "list"]] {
            let refused = server.cli(args);
            assert_eq!(refused.status.code(), Some(3), "{args:?}: {}", text(&refused));
            assert!(text(&refused).contains("version 99"));
        }
        assert!(before == all_bytes(&server.data()), "{file}: nothing was touched");
        let db = rusqlite::Connection::open(server.data().join(file)).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    }
}

#[test]
fn an_unknown_key_of_the_file_is_named_with_its_line_and_its_nearest_neighbour() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, "# ours\nlisten = \"127.0.0.1:0\"\npublik_url = \"https://rec.example.com\"\n").unwrap();
    for command in [&["config", "check"][..], &["serve"], &["site", "list"]] {
        let refused =
            hushreel(command).arg("--config").arg(&file).arg("--data").arg(dir.path().join("d")).output().unwrap();
        assert_eq!(refused.status.code(), Some(78));
        let expected = format!("{}:3: unknown key `publik_url`. Did you mean `public_url`?", file.display());
        assert!(text(&refused).contains(&expected), "{}", text(&refused));
    }
    assert!(!dir.path().join("d").exists(), "nothing was made");
}

#[test]
fn a_port_in_use_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let refused = hushreel(&["serve", "--listen", &address.to_string()])
        .arg("--data")
        .arg(dir.path().join("d"))
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains(&format!("Port {}", address.port())) && text(&refused).contains("--listen"));
    assert!(!dir.path().join("d").exists(), "nothing was made");
}

#[test]
fn plain_http_is_not_served_to_other_machines() {
    let dir = tempfile::tempdir().unwrap();
    let refused =
        hushreel(&["serve", "--listen", "0.0.0.0:0"]).arg("--data").arg(dir.path().join("d")).output().unwrap();
    assert_eq!(refused.status.code(), Some(78));
    assert!(text(&refused).contains("--behind-proxy"));
}

#[test]
fn a_store_without_its_key_does_not_start_and_makes_no_other() {
    let mut server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    visit.send(&server, 0, Visit::first());
    server.terminate();
    let key = server.dir.path().join("store.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let refused = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(66), "{}", text(&refused));
    assert!(text(&refused).contains("store.key") && !key.exists());
    std::fs::write(&key, "00".repeat(32)).unwrap();
    let refused = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(66), "another key");
    let elsewhere = server.dir.path().join("elsewhere.key");
    std::fs::write(&elsewhere, kept).unwrap();
    let listed = server.cli_json(&["recording", "list", "--key-file", elsewhere.to_str().unwrap()]);
    assert_eq!(listed[0]["entry"], "https://shop.example.com/start");
}

#[test]
fn a_stopped_server_has_kept_what_it_acknowledged() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let began = std::time::Instant::now();
    let acknowledged: Vec<u8> = std::thread::scope(|scope| {
        let clients: Vec<_> = (1..=8u8)
            .map(|n| {
                let (mut visit, server) = (site.visit(n), &server);
                scope.spawn(move || {
                    let mut kept = 0;
                    for seq in 0..200u64 {
                        visit.head.seq = seq;
                        let bytes = visit.head.with(&Body::new(seq).visible(true).bytes());
                        match server.ask(
                            "POST",
                            &visit.path(),
                            &[("origin", crate::common::client::ORIGIN)],
                            Some(&bytes),
                        ) {
                            Ok(answer) if answer.status == 204 => kept += 1,
                            _ => break,
                        }
                    }
                    kept
                })
            })
            .collect();
        let pid = server.pid().to_string();
        server.wait_for(|| !server.cli_json(&["recording", "list"]).as_array().unwrap().is_empty());
        std::process::Command::new("kill").arg(pid).status().unwrap();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    server.terminate();
    assert!(began.elapsed().as_secs() < 30);
    server.run();
    let token = server.token("viewer");
    for (n, kept) in (1..=8u8).zip(acknowledged) {
        let id = format!("{n:02x}").repeat(16);
        let events = server.get_as(&token, &format!("/api/v1/recordings/{id}")).json()["events"].as_u64().unwrap_or(0);
        assert!(events >= u64::from(kept), "{id}: {events} of {kept}");
    }
}

#[test]
fn the_demo_prints_two_links_and_leaves_nothing_behind() {
    let temp = tempfile::tempdir().unwrap();
    let mut child = hushreel(&["demo", "--json", "--listen", "127.0.0.1:0", "--shop", "127.0.0.1:0"])
        .env("TMPDIR", temp.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let links: serde_json::Value = serde_json::from_str(&line).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let dashboard = links["dashboard"].as_str().unwrap();
    let signed = agent.get(dashboard).call().unwrap();
    assert_eq!(signed.status().as_u16(), 303);
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let base = dashboard.split("/sign-in/").next().unwrap();
    let sites = agent.get(format!("{base}/api/v1/sites")).header("cookie", &cookie).call().unwrap();
    assert_eq!(sites.status().as_u16(), 200);
    let again = agent.get(dashboard).call().unwrap();
    assert!(again.headers().get("set-cookie").is_some(), "whoever opens the demo's link again is signed in again");
    let guessed = agent.get(format!("{base}/sign-in/{}", "A".repeat(43))).call().unwrap();
    assert!(guessed.headers().get("set-cookie").is_none());
    let shop = links["shop"].as_str().unwrap();
    let get = |path: &str| {
        let mut answer = agent.get(format!("{shop}{path}")).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    for path in ["/", "/product/1", "/cart", "/checkout", "/login", "/search?q=lamp", "/thanks"] {
        let (status, html) = get(path);
        assert_eq!(status, 200, "{path}");
        assert!(html.contains(&format!("<script async src=\"{base}/r/")) && !html.contains("{{"), "{path}");
    }
    assert_eq!((get("/style.css").0, get("/nothing").0, get("/../Cargo.toml").0), (200, 404, 404));
    for (path, next) in [("/checkout", "/thanks"), ("/login", "/")] {
        let sent = agent.post(format!("{shop}{path}")).send("card=4111111111111111").unwrap();
        assert_eq!((sent.status().as_u16(), sent.headers()["location"].to_str().unwrap()), (303, next));
    }
    let switched = agent.get(format!("{shop}/preset/strict")).header("referer", format!("{shop}/cart")).call().unwrap();
    assert_eq!((switched.status().as_u16(), switched.headers()["location"].to_str().unwrap()), (303, "/cart"));
    let sites = agent.get(format!("{base}/api/v1/sites")).header("cookie", &cookie).call().unwrap();
    let mut body = sites.into_body();
    assert!(contains(&body.read_to_vec().unwrap(), b"\"preset\":\"strict\""));
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn commands_explain_themselves() {
    for command in ["demo", "serve", "setup", "account", "site", "token", "recording", "config", "healthcheck"] {
        let help = hushreel(&[command, "--help"]).output().unwrap();
        assert!(help.status.success() && help.stdout.len() > 300, "{command}");
    }
    assert_eq!(hushreel(&["nonsense"]).output().unwrap().status.code(), Some(2));
    let server = Server::start();
    let address = server.url.trim_start_matches("http://").to_owned();
    assert!(server.cli(&["healthcheck", "--listen", &address]).status.success());
    assert_eq!(server.cli(&["healthcheck", "--listen", "127.0.0.1:9"]).status.code(), Some(1));
}

#[test]
fn keys_that_are_missing_are_not_replaced_by_new_ones() {
    let mut server = Server::start();
    let mut visit = server.site(&["--preset", "full"]).visit(1);
    visit.send(&server, 0, Visit::first());
    server.terminate();
    std::fs::remove_file(server.data().join("keys.db")).unwrap();
    for args in [&["site", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let outcome = server.cli(args);
        assert_eq!(outcome.status.code(), Some(if args[0] == "serve" { 66 } else { 0 }), "{}", text(&outcome));
    }
    assert_eq!(server.cli(&["recording", "list"]).status.code(), Some(66));
}
