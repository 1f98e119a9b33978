//! Recordings of other programs come in whole, hidden as the site's policy says, or not at all; nothing that is sent can fill memory.

use crate::common::client::{Answer, Server, Site, all_bytes, contains};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const START: i64 = 1_700_000_000_000;
/// Kilobytes of memory that an import may add: an event, what waits for its turn, the batches.
const ADDED_KIB_MAX: u64 = 200 << 10;

fn events() -> Vec<Value> {
    let text = |id: u32, text: &str| json!({ "type": 3, "id": id, "textContent": text });
    let element = |id: u32, tag: &str, attributes: Value, children: Vec<Value>| json!({ "type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": children });
    let body = element(
        3,
        "body",
        json!({}),
        vec![
            element(4, "p", json!({}), vec![text(5, "Plain words and 4111 1111 1111 1111")]),
            element(6, "script", json!({ "src": "https://evil.example/x.js" }), vec![]),
            element(7, "input", json!({ "type": "password", "value": "hunter2" }), vec![]),
        ],
    );
    let html = element(2, "html", json!({}), vec![body]);
    vec![
        json!({ "type": 4, "timestamp": START, "data": { "href": "https://shop.example.com/a?token=secret1", "width": 800, "height": 600 } }),
        json!({ "type": 2, "timestamp": START + 5, "data": { "node": { "type": 0, "id": 1, "childNodes": [html] }, "initialOffset": { "left": 0, "top": 0 } } }),
        json!({ "type": 3, "timestamp": START + 2_000, "data": { "source": 2, "type": 2, "id": 4, "x": 10, "y": 20 } }),
    ]
}

fn send(server: &Server, site: &Site, token: &str, body: &[u8]) -> Answer {
    let path = format!("/api/v1/sites/{}/recordings/import", site.key);
    server.ask("POST", &path, &[("authorization", &format!("Bearer {token}"))], Some(body)).unwrap()
}

fn listed(server: &Server, token: &str) -> usize {
    server.get_as(token, "/api/v1/recordings").json()["items"].as_array().unwrap().len()
}

#[test]
fn what_another_program_recorded_is_hidden_kept_listed_and_played() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("owner");
    let answer = send(&server, &site, &token, &serde_json::to_vec(&events()).unwrap());
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let made = answer.json()["recordings"][0].clone();
    assert_eq!((made["pages"].clone(), made["duration_ms"].clone()), (json!(1), json!(1_995)));
    let id = made["id"].as_str().unwrap();
    let recording = server.get_as(&token, &format!("/api/v1/recordings/{id}")).json();
    for (key, value) in [
        ("imported", json!(true)),
        ("state", json!("finished")),
        ("clicks", json!(1)),
        ("entry", json!("https://shop.example.com/a")),
        ("started_at", json!(START + 5)),
        ("gaps", json!(0)),
    ] {
        assert_eq!(recording[key], value, "{key}");
    }
    assert_eq!(recording["consent"]["basis"], "imported");
    // It is found by what it came to, as any other.
    let found = server.get_as(&token, "/api/v1/recordings?page=/a").json();
    assert_eq!((&found["count"], &found["items"][0]["id"]), (&json!(1), &json!(id)));
    let played = server.get_as(&token, &format!("/api/v1/recordings/{id}/events")).body;
    assert!(contains(&played, b"Plain words and "));
    for planted in ["4111", "hunter2", "evil.example", "secret1"] {
        assert!(!contains(&played, planted.as_bytes()), "{planted}");
    }
    // It is looked through and finished as any other.
    server.wait_for(|| !server.get_as(&token, &format!("/api/v1/recordings/{id}")).json()["marked_at"].is_null());
    // What was exported comes in again, by the command too, and shows the same.
    let file = server.dir.path().join("export.json");
    std::fs::write(&file, &played).unwrap();
    let again = server.cli_json(&["recording", "import", "--site", &site.key, file.to_str().unwrap()]);
    let again = again["recordings"][0]["id"].as_str().unwrap().to_owned();
    assert_ne!(again, id);
    let replayed = server.cli(&["recording", "export", &again]).stdout;
    assert_eq!(replayed, server.get_as(&token, &format!("/api/v1/recordings/{again}/export.json")).body);
    assert!(contains(&replayed, b"Plain words and ") && !contains(&replayed, b"4111"));
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_its_place_and_leaves_nothing() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("owner");
    let before = all_bytes(&server.data()).len();
    let mut broken = serde_json::to_vec(&events()).unwrap();
    broken.truncate(broken.len() - 1);
    let untimed = json!([events()[0], events()[1], { "type": 3, "data": { "source": 2 } }]).to_string();
    for (body, what) in [
        (broken.as_slice(), "the file ends too early"),
        (untimed.as_bytes(), "it has no timestamp (event 3, byte "),
        (b"", "it holds no events"),
        (b"hello", "neither a list nor an object (byte 0)"),
        (b"\x00\x00\x00", "no JSON (byte 0)"),
        (&[b'['; 5_000], "events do not stand so deep (byte 12)"),
    ] {
        let answer = send(&server, &site, &token, body);
        assert_eq!((answer.status, answer.problem().as_str()), (422, "unimportable"), "{what}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(what), "{detail}");
    }
    assert_eq!(listed(&server, &token), 0);
    assert_eq!(all_bytes(&server.data()).len(), before);
    assert_eq!(server.cli_json(&["recording", "list"]), json!([]));
    let nowhere = Site { key: "a".repeat(20), policy: [0; 8] };
    assert_eq!(send(&server, &nowhere, &token, b"[]").status, 404);
    assert_eq!(send(&server, &site, &server.token("viewer"), b"[]").status, 403);
    let missing = server.cli(&["recording", "import", "--site", &site.key, "/nowhere.json"]);
    assert!(!missing.status.success() && contains(&missing.stderr, b"/nowhere.json cannot be read"));
}

/// Post a gigabyte, `first` and then `then` again and again, and read the answer while it is being sent.
fn pour(server: &Server, path: &str, token: &str, first: &[u8], then: &[u8]) -> (u16, String) {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(100))).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let mut sender = stream.try_clone().unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let piece = then.repeat((256 << 10) / then.len());
    let first = first.to_vec();
    let sending = std::thread::spawn(move || {
        let mut send = |bytes: &[u8]| {
            let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
            sender.write_all(&chunk)
        };
        send(&first).is_ok() && (0..4_096).all(|_| send(&piece).is_ok())
    });
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    while !answer.ends_with(b"}") {
        match stream.read(&mut piece) {
            Ok(length) if length > 0 => answer.extend_from_slice(&piece[..length]),
            Ok(_) | Err(_) => break,
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    let _ = sending.join();
    let answer = String::from_utf8(answer).unwrap();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no answer: {answer}"));
    (status, answer)
}

#[test]
fn a_gigabyte_of_anything_is_answered_within_bounded_memory() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("owner");
    let path = format!("/api/v1/sites/{}/recordings/import", site.key);
    let before = server.peak_kib();
    let mut opening = serde_json::to_vec(&events()).unwrap();
    *opening.last_mut().unwrap() = b',';
    let told = json!({ "type": 5, "timestamp": START + 9, "data": { "tag": "note", "payload": "a".repeat(100_000) } });
    let told = told.to_string() + ",";
    for (first, then, status) in [
        // Zeros, an endless string that is no event, an endless event of numbers and one of words, an endless list of events.
        (b" ".as_slice(), b"\0".as_slice(), 422),
        (b"[\"", b"a", 413),
        (b"[{\"type\":3,\"data\":[", b",1", 413),
        (b"[{\"type\":3,\"data\":\"", b"a", 413),
        (&opening, told.as_bytes(), 413),
    ] {
        let (told, answer) = pour(&server, &path, &token, first, then);
        assert_eq!(told, status, "{answer}");
        assert!(status == 422 || answer.contains("/problems/too-large") && answer.contains(" MiB"), "{answer}");
        assert_eq!(server.get("/readyz", &[]).status, 200);
    }
    let added = server.peak_kib() - before;
    println!("importing took {added} KiB more than before");
    assert!(added < ADDED_KIB_MAX, "{added} KiB");
    assert_eq!(listed(&server, &token), 0);
    // And it takes in the next file.
    assert_eq!(send(&server, &site, &token, &serde_json::to_vec(&events()).unwrap()).status, 201);
}
