//! A disk that is full at random moments of whatever the server does.

use crate::chance::Chance;
use crate::common::client::{ROOMY, Server, Site};
use crate::common::disk::Disk;
use crate::common::load::{Kept, check, check_integrity, check_once, record};
use crate::{counts, report};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// So much for the store. Its reserve is a quarter, its ballast a sixteenth.
const DISK_MIB: usize = 24;
/// How soon everything is good again once there is room.
const RECOVERY: Duration = Duration::from_secs(10);

/// Take all of the disk but so many bytes.
fn fill(disk: &Path, left: u64) {
    let mut filler = File::create(disk.join("filler")).unwrap();
    let page = [0; 4096];
    while filler.write_all(&page).is_ok() {}
    let length = filler.metadata().unwrap().len();
    filler.set_len(length.saturating_sub(left)).unwrap();
}

/// What is done while there is no room.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Ingest,
    Finish,
    BackUp,
    Erase,
    Rotate,
}

const ALL: [Doing; 5] = [Doing::Ingest, Doing::Finish, Doing::BackUp, Doing::Erase, Doing::Rotate];

/// A server on a small disk, and what it has acknowledged.
struct Scene {
    server: Server,
    site: Site,
    admin: String,
    kept: Vec<Kept>,
    number: u32,
}

impl Scene {
    /// Send a recording; the status of the first batch that was not taken, or of all.
    fn send(&mut self) -> Option<u16> {
        self.number += 1;
        let taken = record(&self.server, &self.site, self.number);
        let all = taken.len() == 5;
        self.kept.extend(taken);
        if all {
            return None;
        }
        let mut visit = self.site.visit(1);
        visit.recording = format!("{:032x}", 0xf000_0000 + self.number);
        let answer = visit.send(&self.server, 0, crate::common::client::Visit::first());
        if answer.status == 507 {
            assert_eq!((&*answer.problem(), answer.header("retry-after")), ("full", "60"));
        }
        Some(answer.status)
    }

    /// Do it; whether it succeeded, and what it says where not.
    fn attempt(&mut self, doing: Doing) -> Result<(), String> {
        let told = |output: std::process::Output| match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        };
        match doing {
            Doing::Ingest | Doing::Finish => match self.send() {
                None | Some(204) => Ok(()),
                Some(status) => {
                    assert!([507, 503].contains(&status), "{status}");
                    Err(format!("answered {status}"))
                }
            },
            Doing::BackUp => {
                let backup = self.server.dir.path().join("backup");
                told(self.server.cli(&["backup", backup.to_str().unwrap()]))
            }
            Doing::Erase => {
                let Some(gone) = self.kept.first().map(|batch| batch.recording.clone()) else { return Ok(()) };
                let headers = [("authorization", &*format!("Bearer {}", self.admin))];
                let path = format!("/api/v1/recordings/{gone}");
                let status = self.server.ask("DELETE", &path, &headers, None).unwrap().status;
                if status == 204 || status == 404 {
                    self.kept.retain(|batch| batch.recording != gone);
                    return Ok(());
                }
                assert!([507, 503].contains(&status), "{status}");
                Err(format!("answered {status}"))
            }
            Doing::Rotate => told(self.server.cli(&["key", "rotate"])),
        }
    }
}

#[test]
fn a_full_disk_harms_nothing_and_is_forgotten_once_there_is_room() {
    let mut chance = Chance::new("full disk");
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path(), DISK_MIB) else {
        return report("full disk", "left out: this system lets nobody mount one");
    };
    let server = Server::start_in(dir, ROOMY);
    let (site, admin) = (server.site(&["--preset", "full"]), server.token("admin"));
    let mut scene = Scene { server, site, admin, kept: Vec::new(), number: 0 };
    assert_eq!(scene.send(), None);
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for point in 0..counts().full_disks {
        let doing = ALL[point as usize % ALL.len()];
        fill(scene.server.dir.path(), chance.within(0, 96 << 10));
        refused += u32::from(scene.attempt(doing).is_err());
        let list = scene.server.get_as(&scene.admin, "/api/v1/recordings");
        assert_eq!(list.status, 200, "{doing:?}: what there is can be watched");
        assert_eq!(scene.server.get_as(&scene.admin, "/api/v1/storage").status, 200);
        if let Some(batch) = scene.kept.first() {
            let path = format!("/api/v1/recordings/{}/events", batch.recording);
            assert_eq!(scene.server.get_as(&scene.admin, &path).status, 200);
        }
        if point % 7 == 6 {
            // Killed on a full disk, and started there.
            scene.server.kill();
            std::fs::remove_file(scene.server.dir.path().join("filler")).unwrap();
            scene.server.run();
        } else {
            std::fs::remove_file(scene.server.dir.path().join("filler")).unwrap();
        }
        let began = Instant::now();
        let mut failed = Err(String::new());
        while began.elapsed() < RECOVERY && failed.is_err() {
            failed = scene.attempt(doing);
        }
        failed.unwrap_or_else(|told| panic!("{doing:?} at point {point}: {told}"));
        // A server that has just noticed a new key may ask for a batch once more.
        while scene.send().is_some() {
            assert!(began.elapsed() < RECOVERY, "{doing:?} at point {point}");
        }
        slowest = slowest.max(began.elapsed());
        assert!(slowest < RECOVERY, "{doing:?}: {slowest:?}");
        check_integrity(&scene.server);
        let _ = std::fs::remove_dir_all(scene.server.dir.path().join("backup"));
    }
    check(&scene.server, &scene.admin, &scene.kept);
    check_once(&scene.server, &scene.kept);
    assert!(!scene.server.log().contains("panicked"));
    assert!(refused > 0, "the disk was never full");
    report(
        &format!("full disk × {} (ingest, finish, backup, erasure, key rotation)", counts().full_disks),
        &format!(
            "{refused} refused, {} batches there once, good again within {} ms",
            scene.kept.len(),
            slowest.as_millis()
        ),
    );
    drop(scene);
    drop(disk);
}
