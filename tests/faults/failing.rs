//! A disk that cannot be written, from one moment to the next or from the start; and a clock that jumps while the server runs.

use crate::common::client::{ROOMY, Server, Visit, all_bytes};
use crate::common::disk::Disk;
use crate::common::load::check_integrity;
use crate::common::wire::Body;
use crate::report;
use crate::shim::shim;
use std::time::{Duration, Instant};

const EIO: &str = "5";
const EROFS: &str = "30";

#[test]
fn a_disk_that_fails_is_told_and_nothing_is_half_written() {
    let Some(shim) = shim("failing and read-only disk under a running server") else { return };
    for error in [EIO, EROFS] {
        let mut server = Server::start();
        let site = server.site(&["--preset", "full"]);
        let token = server.token("viewer");
        assert_eq!(server.terminate(), Some(0));
        let switch = server.dir.path().join("errno");
        server.run_with("127.0.0.1:0", &[("LD_PRELOAD", shim), ("FAULT_ERRNO", switch.to_str().unwrap())]);
        let mut visit = site.visit(1);
        assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
        assert_eq!(server.get("/readyz", &[]).status, 200);

        std::fs::write(&switch, error).unwrap();
        let refused = visit.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later"));
        assert_eq!((refused.status, &*refused.problem()), (503, "busy"), "it may be sent again");
        assert!(!refused.header("retry-after").is_empty());
        let ready = server.get("/readyz", &[]);
        assert_eq!((ready.status, &*ready.problem()), (503, "unwritable"));
        assert!(server.log().contains("a group of batches was not kept"), "{}", server.log());
        let events = format!("/api/v1/recordings/{}/events", visit.recording);
        assert_eq!(server.get_as(&token, &events).status, 200, "what there is can be watched: {}", server.log());

        std::fs::remove_file(&switch).unwrap();
        let again = Instant::now();
        server.wait_for(|| server.get("/readyz", &[]).status == 200);
        assert!(again.elapsed() < Duration::from_secs(10));
        assert_eq!(visit.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later")).status, 204);
        assert!(!server.log().contains("panicked"));
        assert_eq!(server.terminate(), Some(0));
        check_integrity(&server);
        server.run();
        let detail = server.get_as(&token, &format!("/api/v1/recordings/{}", visit.recording)).json();
        assert_eq!((&detail["pages"], &detail["gaps"]), (&2.into(), &0.into()));
    }
    report("failing (EIO) and read-only (EROFS) disk", "503, /readyz says why, reads answer, all good again by itself");
}

#[test]
fn no_start_on_a_disk_that_is_read_only_and_not_a_byte_of_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path(), 40) else {
        return report("start on a read-only disk", "left out: this system lets nobody mount one");
    };
    let mut server = Server::start_in(dir, ROOMY);
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    assert_eq!(server.terminate(), Some(0));
    let before = all_bytes(server.dir.path());
    disk.remount("ro");
    let refused = server.cli(&["serve", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("cannot be") && told.contains("ead-only"), "{told}");
    assert!(before == all_bytes(server.dir.path()));
    disk.remount("rw");
    server.run();
    assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204);
    report("start on a read-only disk", "exit 1, the file and the cause named, not a byte changed");
    drop(server);
    drop(disk);
}

#[test]
fn a_clock_that_jumps_under_a_running_server_takes_nothing_with_it() {
    let Some(shim) = shim("clock that jumps under a running server") else { return };
    for days in [400i64, -400] {
        let mut server = Server::start();
        let site = server.site(&["--preset", "full"]);
        let token = server.token("viewer");
        let mut visit = site.visit(1);
        assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
        assert_eq!(server.terminate(), Some(0));
        let clock = server.dir.path().join("clock");
        std::fs::write(&clock, "0").unwrap();
        server.run_with("127.0.0.1:0", &[("LD_PRELOAD", shim), ("FAULT_CLOCK", clock.to_str().unwrap())]);
        std::fs::write(&clock, (days * 86_400).to_string()).unwrap();
        assert_eq!(visit.send(&server, 1, Body::new(2_000).page("https://shop.example.com/later")).status, 204);
        assert_eq!(site.visit(2).send(&server, 0, Visit::first()).status, 204);
        assert!(server.get_as(&token, "/api/v1/storage").json()["clock"].is_object());
        // Also what looks at once when it starts.
        assert_eq!(server.terminate(), Some(0));
        server.run_with("127.0.0.1:0", &[("LD_PRELOAD", shim), ("FAULT_CLOCK", clock.to_str().unwrap())]);
        server.wait_for(|| server.log().contains("--confirm-clock"));
        assert_eq!(server.get_as(&token, "/api/v1/recordings").json()["items"].as_array().unwrap().len(), 2);
        // The clock is put right: nothing to confirm.
        std::fs::write(&clock, "0").unwrap();
        assert!(server.get_as(&token, "/api/v1/storage").json()["clock"].is_null());
        assert_eq!(server.terminate(), Some(0));
    }
    report("clock ±400 days under a running server", "batches taken, nothing deleted, good again once it is put right");
}
