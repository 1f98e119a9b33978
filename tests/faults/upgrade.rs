//! A data directory of an older version, and a server that is killed while it brings it up to date.

use crate::chance::Chance;
use crate::common::client::{ROOMY, Server, Visit, all_bytes};
use crate::common::load::check_integrity;
use crate::{counts, report};
use rusqlite::Connection;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Recordings in the old store: enough for a migration to take a while.
const RECORDINGS: u32 = 60_000;

const META: [&str; 7] = [
    include_str!("../../src/store/sql/meta_001.sql"),
    include_str!("../../src/store/sql/meta_002.sql"),
    include_str!("../../src/store/sql/meta_003.sql"),
    include_str!("../../src/store/sql/meta_004.sql"),
    include_str!("../../src/store/sql/meta_005.sql"),
    include_str!("../../src/store/sql/meta_006.sql"),
    include_str!("../../src/store/sql/meta_007.sql"),
];
const KEYS: [&str; 3] = [
    include_str!("../../src/store/sql/keys_001.sql"),
    include_str!("../../src/store/sql/keys_002.sql"),
    include_str!("../../src/store/sql/keys_003.sql"),
];

/// As these scripts of an older program leave a file.
fn old_file(server: &Server, name: &str, scripts: &[&str]) -> Connection {
    let db = Connection::open(server.data().join(name)).unwrap();
    db.execute_batch("pragma journal_mode = wal; pragma synchronous = off; begin").unwrap();
    scripts.iter().for_each(|script| db.execute_batch(script).unwrap());
    db.pragma_update(None, "user_version", scripts.len()).unwrap();
    db.execute_batch("commit").unwrap();
    db
}

fn old_store() -> Server {
    let server = Server::in_dir(tempfile::tempdir().unwrap(), ROOMY);
    std::fs::create_dir(server.data()).unwrap();
    let meta = old_file(&server, "meta.db", &META);
    drop(old_file(&server, "keys.db", &KEYS));
    let rows = "insert into recording (id, site_id, state, started_at, ended_at, last_batch_at, expires_on, policy_version, granted)
                with recursive number (n) as (select 1 union all select n + 1 from number where n < ?1)
                select randomblob(16), 999, 1, ?2, ?2, ?2, 99999, 1, 1 from number";
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    meta.execute(rows, (RECORDINGS, now)).unwrap();
    server
}

fn version(server: &Server) -> (i64, u32) {
    let meta = Connection::open(server.data().join("meta.db")).unwrap();
    let version = meta.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    (version, meta.query_row("select count(*) from recording", [], |row| row.get(0)).unwrap())
}

#[test]
fn an_upgrade_that_is_killed_at_any_moment_goes_on_with_the_next_start() {
    let mut chance = Chance::new("upgrade");
    let mut whole = old_store();
    let began = Instant::now();
    whole.run();
    let takes = began.elapsed().as_micros() as u64;
    assert_eq!(whole.terminate(), Some(0));
    let (newest, all) = version(&whole);
    assert!(newest > META.len() as i64 && all == RECORDINGS);
    let mut between = 0;
    for _ in 0..counts().upgrades {
        let mut server = old_store();
        let serve =
            server.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = serve.unwrap();
        std::thread::sleep(Duration::from_micros(chance.within(0, takes)));
        child.kill().unwrap();
        child.wait().unwrap();
        let (version_then, count) = version(&server);
        assert!(version_then == META.len() as i64 || version_then == newest, "version {version_then} is neither");
        assert_eq!(count, RECORDINGS);
        between += u32::from(version_then != newest);
        server.run();
        assert_eq!(version(&server), (newest, RECORDINGS));
        check_integrity(&server);
        let site = server.site(&["--preset", "full"]);
        assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    }
    report(
        &format!("upgrade killed × {}", counts().upgrades),
        &format!("each went on with the next start; {between} were killed before the new version stood"),
    );
}

#[test]
fn a_store_of_a_newer_version_is_left_as_it_is() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    assert_eq!(server.terminate(), Some(0));
    for path in crate::common::load::databases(&server) {
        let db = Connection::open(&path).unwrap();
        let version: i64 = db.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
        db.execute_batch("pragma journal_mode = delete; pragma user_version = 99").unwrap();
        drop(db);
        let before = all_bytes(&server.data());
        let refused = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(refused.status.code(), Some(3), "{}", path.display());
        assert!(before == all_bytes(&server.data()), "{}", path.display());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
    }
    report("store of a newer version", "exit 3, not a byte changed");
}
