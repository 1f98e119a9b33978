//! Constant load by several clients, and a careful look at what was acknowledged to them.

use super::client::{ORIGIN, Server, Site, contains};
use super::wire::Body;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

pub const CLIENTS: u8 = 6;
/// Batches of one recording before the next begins.
const BATCHES: u64 = 5;

/// One acknowledged batch.
#[derive(Clone)]
pub struct Kept {
    pub recording: String,
    pub page: [u8; 8],
    pub seq: u64,
    pub marker: String,
}

/// Clients send as fast as they are answered; after a while the server is killed under them.
pub fn load_until_killed(server: &mut Server, site: &Site, counter: &AtomicU32, after: Duration) -> Vec<Kept> {
    let kept = load(server, site, counter, || {
        // The moment of the kill is the point of such a test; there is no event to wait for.
        std::thread::sleep(after);
        server.signal("-9");
    });
    server.kill();
    kept
}

/// Clients send as fast as they are answered until `meanwhile` is over.
pub fn load(server: &Server, site: &Site, counter: &AtomicU32, meanwhile: impl FnOnce()) -> Vec<Kept> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| send_until(server, site, counter, &over))).collect();
        meanwhile();
        over.store(true, Ordering::Release);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}

fn send_until(server: &Server, site: &Site, counter: &AtomicU32, over: &AtomicBool) -> Vec<Kept> {
    let mut kept = Vec::new();
    while !over.load(Ordering::Acquire) {
        kept.extend(record(server, site, counter.fetch_add(1, Ordering::Relaxed)));
    }
    kept
}

/// One recording, as far as its batches are taken. Each second one is finished, so that it is looked through and packed.
pub fn record(server: &Server, site: &Site, number: u32) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut visit = site.visit(1);
    visit.recording = format!("{number:032x}");
    visit.head.page[..4].copy_from_slice(&number.to_le_bytes());
    for seq in 0..BATCHES {
        let marker = format!("https://shop.example.com/step-{}", letters(number, seq));
        let body = if seq == 0 { Body::new(0).snapshot(&marker, "Hello") } else { Body::new(seq * 100).page(&marker) };
        let body = if seq + 1 == BATCHES && number.is_multiple_of(2) { body.finish() } else { body };
        visit.head.seq = seq;
        let bytes = visit.head.with(&body.bytes());
        match server.ask("POST", &visit.path(), &[("origin", ORIGIN)], Some(&bytes)) {
            Ok(answer) if answer.status == 204 => {
                kept.push(Kept { recording: visit.recording.clone(), page: visit.head.page, seq, marker });
            }
            Ok(answer) => {
                // To be sent again later, or never answered: nothing else is to happen to a sound batch.
                assert!([503, 507].contains(&answer.status), "{}", String::from_utf8_lossy(&answer.body));
                break;
            }
            Err(_) => break,
        }
    }
    kept
}

/// A name that no rule takes for a number.
fn letters(number: u32, seq: u64) -> String {
    format!("{number}z{seq}")
        .bytes()
        .map(|byte| if byte == b'z' { 'z' } else { char::from(byte - b'0' + b'a') })
        .collect()
}

/// Every acknowledged batch is in its recording's list of pages, once, and among its events.
pub fn check(server: &Server, token: &str, kept: &[Kept]) {
    let mut read: Option<(&str, serde_json::Value, Vec<u8>)> = None;
    for batch in kept {
        if read.as_ref().is_none_or(|(id, _, _)| *id != batch.recording) {
            let path = format!("/api/v1/recordings/{}", batch.recording);
            let detail = server.get_as(token, &path);
            assert_eq!(detail.status, 200, "{}", batch.recording);
            let events = server.get_as(token, &format!("{path}/events"));
            assert!(events.json().is_array());
            read = Some((&batch.recording, detail.json(), events.body));
        }
        let (_, detail, events) = read.as_ref().unwrap();
        let pages = detail["page_list"].as_array().unwrap();
        assert_eq!(pages.iter().filter(|page| page["url"] == batch.marker).count(), 1, "{}", batch.marker);
        assert!(contains(events, batch.marker.as_bytes()), "{} of {}", batch.marker, batch.recording);
    }
}

/// The databases of a store.
pub fn databases(server: &Server) -> Vec<PathBuf> {
    let data = server.data();
    let chunks = std::fs::read_dir(data.join("chunks")).into_iter().flatten().flatten().map(|entry| entry.path());
    let all = ["meta.db", "keys.db", "assets.db"].map(|name| data.join(name)).into_iter().chain(chunks);
    all.filter(|path| path.extension().is_some_and(|extension| extension == "db")).collect()
}

/// SQLite finds nothing wrong with any file.
pub fn check_integrity(server: &Server) {
    for path in databases(server) {
        let db = Connection::open(&path).unwrap();
        let word: String = db.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(word, "ok", "{}", path.display());
    }
}

/// How often a batch lies in these chunk files, on its own or packed.
pub fn lying(files: &[Connection], batch: &Kept) -> usize {
    let id = u128::from_str_radix(&batch.recording, 16).unwrap().to_be_bytes();
    let in_file = |db: &Connection| {
        let mut rows = db.prepare_cached("select seq, digest from chunk where recording = ?1 and page = ?2").unwrap();
        let rows = rows.query_map((id, batch.page), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
        rows.map(Result::unwrap).filter(|(seq, digest)| holds(*seq, digest, batch.seq)).count()
    };
    files.iter().map(in_file).sum()
}

/// A digest of 16 bytes is that of one batch; otherwise there are lines of a number and a digest.
fn holds(seq: u64, digest: &[u8], wanted: u64) -> bool {
    let number = |line: &[u8]| u64::from(u32::from_le_bytes([line[0], line[1], line[2], line[3]]));
    if digest.len() == 16 { seq == wanted } else { digest.chunks_exact(20).any(|line| number(line) == wanted) }
}

pub fn chunk_files(server: &Server) -> Vec<Connection> {
    let files = databases(server).into_iter().filter(|path| path.parent().unwrap().ends_with("chunks"));
    files.map(|path| Connection::open(path).unwrap()).collect()
}

/// Every acknowledged batch stands on disk exactly once.
pub fn check_once(server: &Server, kept: &[Kept]) {
    let files = chunk_files(server);
    for batch in kept {
        assert_eq!(lying(&files, batch), 1, "{} {}", batch.recording, batch.seq);
    }
}
