//! The write-ahead logs of a killed server, cut off or changed at random places.

use crate::chance::Chance;
use crate::common::client::{ROOMY, Server};
use crate::common::load::{Kept, check, check_integrity, chunk_files, load_until_killed, lying};
use crate::{counts, report};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// A store as a kill left it, and the token that reads it.
struct Scene {
    server: Server,
    token: String,
    kept: Vec<Kept>,
}

fn scene() -> Scene {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let kept = load_until_killed(&mut server, &site, &AtomicU32::new(1), Duration::from_millis(400));
    Scene { server, token, kept }
}

fn copy_of(scene: &Scene) -> Server {
    let copy = Server::in_dir(tempfile::tempdir().unwrap(), ROOMY);
    for (from, to) in [(scene.server.data(), copy.data()), (key(&scene.server), key(&copy))] {
        assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    }
    copy
}

fn key(server: &Server) -> PathBuf {
    server.data().with_extension("key")
}

/// Every log that holds something.
fn logs(data: &Path) -> Vec<PathBuf> {
    let files = [data.to_owned(), data.join("chunks")].into_iter().flat_map(|dir| std::fs::read_dir(dir).unwrap());
    let mut logs: Vec<PathBuf> = files.flatten().map(|entry| entry.path()).filter(|path| is_log(path)).collect();
    logs.sort();
    logs
}

fn is_log(path: &Path) -> bool {
    path.to_str().unwrap().ends_with("-wal") && path.metadata().unwrap().len() > 0
}

/// Cut a log off, or change a bit of it.
fn tear(chance: &mut Chance, log: &Path) {
    let mut bytes = std::fs::read(log).unwrap();
    let at = chance.within(0, bytes.len() as u64) as usize;
    if chance.within(0, 2) == 0 {
        bytes.truncate(at);
    } else {
        bytes[at] ^= 1 << chance.within(0, 8);
    }
    std::fs::write(log, bytes).unwrap();
}

/// What SQLite alone still finds among the chunks: all that stood before the first bad frame.
fn left(torn: &Server, kept: &[Kept]) -> Vec<Kept> {
    let spare = Server::in_dir(tempfile::tempdir().unwrap(), ROOMY);
    assert!(Command::new("cp").arg("-a").arg(torn.data()).arg(spare.data()).status().unwrap().success());
    let files = chunk_files(&spare);
    // A file whose very first frames are gone has no table.
    let has = |db: &rusqlite::Connection| db.prepare("select 1 from chunk").is_ok();
    let files: Vec<_> = files.into_iter().filter(has).collect();
    kept.iter().filter(|batch| lying(&files, batch) == 1).cloned().collect()
}

#[test]
fn a_torn_log_loses_only_what_stood_behind_the_tear() {
    let mut chance = Chance::new("torn log");
    let scene = scene();
    assert!(logs(&scene.server.data()).len() >= 2, "there is something to tear");
    let (mut lost, mut seen) = (0, 0);
    for _ in 0..counts().torn_logs {
        let mut torn = copy_of(&scene);
        let logs = logs(&torn.data());
        let which = chance.within(0, logs.len() as u64) as usize;
        tear(&mut chance, &logs[which]);
        let left = left(&torn, &scene.kept);
        torn.run();
        assert_eq!(torn.get("/readyz", &[]).status, 200);
        check_integrity(&torn);
        // A log of metadata that is torn at its beginning takes sites and tokens with it.
        if torn.get_as(&scene.token, "/api/v1/recordings").status == 200 {
            check(&torn, &scene.token, &left);
            seen += 1;
        }
        lost += scene.kept.len() - left.len();
        assert!(!torn.log().contains("panicked"), "{}", torn.log());
        assert_eq!(torn.terminate(), Some(0));
    }
    assert!(seen * 2 > counts().torn_logs, "only {seen} could be looked into");
    report(
        &format!("torn write-ahead log × {}", counts().torn_logs),
        &format!(
            "all start; nothing before the tear lost, {lost} batches behind it ({} in each copy)",
            scene.kept.len()
        ),
    );
}
