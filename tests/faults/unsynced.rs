//! A power cut: whatever was written and not synced is gone.

use crate::chance::Chance;
use crate::common::client::Server;
use crate::common::load::{check, check_integrity, check_once, load_until_killed};
use crate::shim::shim;
use crate::{counts, report};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[test]
fn what_was_acknowledged_was_synced() {
    let Some(shim) = shim("power cut (unsynced writes dropped)") else { return };
    let mut chance = Chance::new("power cut");
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let token = server.token("viewer");
    let (counter, mut all, mut dropped) = (AtomicU32::new(0), Vec::new(), 0);
    assert_eq!(server.terminate(), Some(0));
    let (store, synced) = (server.data().canonicalize().unwrap(), server.dir.path().join("synced"));
    for _ in 0..counts().power_cuts {
        copy(&store, &synced);
        let _ = std::fs::create_dir(synced.join("chunks"));
        let names = [
            ("LD_PRELOAD", shim),
            ("FAULT_STORE", store.to_str().unwrap()),
            ("FAULT_SYNCED", synced.to_str().unwrap()),
        ];
        server.run_with("127.0.0.1:0", &names);
        let kept = load_until_killed(&mut server, &site, &counter, Duration::from_millis(chance.within(50, 1_000)));
        dropped += unsynced_files(&store, &synced);
        std::fs::remove_dir_all(&store).unwrap();
        std::fs::rename(&synced, &store).unwrap();
        remove_parts(&store);
        server.run();
        check_integrity(&server);
        all.extend(kept.iter().cloned());
        check_once(&server, &all);
        check(&server, &token, &kept);
        assert_eq!(server.terminate(), Some(0));
    }
    assert!(!all.is_empty() && dropped > 0, "nothing was ever dropped");
    report(
        &format!("power cut (unsynced writes dropped) × {}", counts().power_cuts),
        &format!(
            "{} acknowledged batches, each there once; {dropped} files had more written than was synced",
            all.len()
        ),
    );
}

/// The files of the store that differ from what was synced of them.
fn unsynced_files(store: &Path, synced: &Path) -> usize {
    let files = crate::common::client::all_bytes(store);
    let differs = |path: &Path, bytes: &[u8]| {
        let there = std::fs::read(synced.join(path.strip_prefix(store).unwrap()));
        there.map_or(true, |there| there != bytes)
    };
    // The index beside a log is never synced, and made anew.
    let index = |path: &Path| path.to_str().unwrap().ends_with("-shm");
    files.iter().filter(|(path, bytes)| !index(path) && differs(path, bytes)).count()
}

/// A copy that the kill cut off.
fn remove_parts(dir: &Path) {
    for (path, _) in crate::common::client::all_bytes(dir) {
        if path.extension().is_some_and(|extension| extension == "part") {
            std::fs::remove_file(path).unwrap();
        }
    }
}
