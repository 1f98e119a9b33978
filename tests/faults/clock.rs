//! A clock that jumped, seen from the store: what it remembers is moved the other way.

use crate::common::client::{Server, Visit};
use crate::report;
use rusqlite::Connection;

const DAY_MS: i64 = 86_400_000;

/// Have the store remember a time so many days ago.
fn seen_days_ago(server: &Server, days: i64) {
    let meta = Connection::open(server.data().join("meta.db")).unwrap();
    let changed = meta.execute("update setting set value = value - ?1 where name = 'clock_seen_at'", [days * DAY_MS]);
    assert_eq!(changed.unwrap(), 1, "the store noted what time it is");
}

/// Have all that is recorded have expired long ago, as a clock 400 days ahead sees it.
fn age(server: &Server, days: i64) {
    let meta = Connection::open(server.data().join("meta.db")).unwrap();
    let dir = server.data().join("chunks");
    for entry in std::fs::read_dir(&dir).unwrap().flatten() {
        std::fs::rename(entry.path(), dir.join("2020-01-01.db")).unwrap();
    }
    let day = 18_262; // 2020-01-01, in days since 1970.
    meta.execute("update recording set expires_on = ?1, last_batch_at = last_batch_at - ?2", (day, days * DAY_MS))
        .unwrap();
}

#[test]
fn nothing_expires_by_a_clock_that_jumped_until_somebody_confirms_it() {
    for days in [400, -400, 8, -8] {
        let mut server = Server::start();
        let site = server.site(&["--preset", "full"]);
        let token = server.token("viewer");
        let mut visit = site.visit(1);
        assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
        let meta = Connection::open(server.data().join("meta.db")).unwrap();
        let noted = "select exists (select 1 from setting where name = 'clock_seen_at')";
        server.wait_for(|| meta.query_row(noted, [], |row| row.get(0)).unwrap());
        drop(meta);
        assert_eq!(server.terminate(), Some(0));
        seen_days_ago(&server, days);
        age(&server, days);
        server.run();
        let path = format!("/api/v1/recordings/{}/events", visit.recording);
        server.wait_for(|| server.log().contains("--confirm-clock"));
        assert_eq!(server.get_as(&token, &path).status, 200, "{days}");
        assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204, "recording goes on");
        let storage = server.get_as(&token, "/api/v1/storage").json();
        let told = storage["clock"]["detail"].as_str().unwrap();
        assert!(told.contains(&format!("{} days {}", days.abs(), if days > 0 { "after" } else { "before" })), "{told}");
        let told = String::from_utf8(server.cli(&["storage"]).stdout).unwrap();
        assert!(told.contains("--confirm-clock") && told.contains("the server was off"), "{told}");

        let confirmed = String::from_utf8(server.cli(&["storage", "--confirm-clock"]).stdout).unwrap();
        assert!(!confirmed.contains("--confirm-clock"), "{confirmed}");
        assert!(server.get_as(&token, "/api/v1/storage").json()["clock"].is_null());
        assert_eq!(server.terminate(), Some(0));
        server.run();
        server.wait_for(|| server.get_as(&token, &path).status == 404);
    }
    report(
        "clock ±400 and ±8 days",
        "nothing expires until `hushreel storage --confirm-clock`; batches are taken meanwhile",
    );
}
