//! Backups of a running server: whole, restored elsewhere to the same bytes, and no way back to what was erased.

use crate::common::client::{Server, Site, Visit, contains, hushreel};
use crate::common::wire::Body;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

const WORDS: &str = "Hortensia of the third terrace";

/// A server with a finished recording of a page that says `WORDS`, and where it is backed up to.
fn recorded() -> (Server, Site, Visit, PathBuf) {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    let visit = record(&server, &site, 1);
    let dir = server.dir.path().join("backup");
    (server, site, visit, dir)
}

fn record(server: &Server, site: &Site, number: u8) -> Visit {
    let mut visit = site.visit(number);
    let body = Body::new(0).snapshot("https://shop.example.com/start", WORDS).time(900).click(4).finish();
    assert_eq!(visit.send(server, 0, body).status, 204);
    visit
}

fn back_up(server: &Server, dir: &Path) -> Value {
    server.cli_json(&["backup", dir.to_str().unwrap()])
}

fn events(server: &Server, visit: &Visit) -> Vec<u8> {
    let answer = server.get_as(&server.token("viewer"), &format!("/api/v1/recordings/{}/events", visit.recording));
    assert_eq!(answer.status, 200);
    answer.body
}

/// Restore into a new data directory with the same master key.
fn restore_to(server: &Server, data: &Path, args: &[&str]) -> Output {
    std::fs::copy(server.data().with_extension("key"), data.with_extension("key")).unwrap();
    hushreel(&["restore", "--json", "--data", data.to_str().unwrap()]).args(args).output().unwrap()
}

fn restore(server: &Server, name: &str, args: &[&str]) -> (PathBuf, Output) {
    let data = server.dir.path().join(name);
    let output = restore_to(server, &data, args);
    (data, output)
}

fn restored(server: &Server, name: &str, args: &[&str]) -> (PathBuf, Value) {
    let (data, output) = restore(server, name, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (data, serde_json::from_slice(&output.stdout).unwrap())
}

fn refused(server: &Server, name: &str, args: &[&str]) -> (i32, String) {
    let (data, output) = restore(server, name, args);
    let left = std::fs::read_dir(&data).map_or(0, |entries| entries.count());
    assert_eq!(left, 0, "nothing is put into place");
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What commands say of a recording in this data directory: its events, where it can be opened.
fn exported(data: &Path, visit: &Visit) -> Option<Vec<u8>> {
    let output =
        hushreel(&["recording", "export", &visit.recording, "--data", data.to_str().unwrap()]).output().unwrap();
    output.status.success().then_some(output.stdout)
}

#[test]
fn what_was_backed_up_while_batches_came_is_restored_to_the_same_bytes() {
    let (server, site, visit, dir) = recorded();
    let mut running = site.visit(2);
    let made = std::thread::scope(|scope| {
        let coming = scope.spawn(|| {
            for seq in 0..40 {
                let body = if seq == 0 { Visit::first() } else { Body::new(1_000 + seq).click(4) };
                assert_eq!(running.send(&server, seq, body).status, 204);
            }
        });
        let made = back_up(&server, &dir);
        coming.join().unwrap();
        made
    });
    assert_eq!(made["compared"], visit.recording, "opened out of the copy");
    let mut moved = Server::start();
    moved.terminate();
    std::fs::remove_dir_all(moved.data()).unwrap();
    let output = restore_to(&server, &moved.data(), &[dir.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["lost"], &said["erased"]), (&json!([]), &json!(0)));
    moved.run();
    let live = events(&server, &visit);
    assert!(contains(&live, WORDS.as_bytes()));
    assert_eq!(events(&moved, &visit), live);
    assert_eq!(moved.get(&format!("/r/{}.js", site.key), &[]).status, 200, "its sites are there too");
    assert_eq!(moved.cli_json(&["backup", "--list"]), json!([]));
}

#[test]
fn a_second_set_takes_over_what_did_not_change_and_the_oldest_go() {
    let (mut server, site, _, dir) = recorded();
    server.terminate();
    back_up(&server, &dir);
    let second = server.cli_json(&["backup", dir.to_str().unwrap(), "--keep", "1"]);
    assert!(second["unchanged"].as_u64().unwrap() > 0, "{second}");
    let sets = || std::fs::read_dir(&dir).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    assert_eq!(sets(), 1);
    // One that was cut off is gone on with.
    let set = PathBuf::from(second["set"].as_str().unwrap());
    let part = PathBuf::from(format!("{}.part", set.display()));
    std::fs::rename(&set, &part).unwrap();
    let manifest = part.join("backup.json");
    let text = std::fs::read_to_string(&manifest).unwrap().replace("\"finished\": true", "\"finished\": false");
    std::fs::write(&manifest, text).unwrap();
    let (code, told) = refused(&server, "none", &[dir.to_str().unwrap()]);
    assert!(code == 1 && told.contains("was not finished"), "{told}");
    server.run();
    let visit = record(&server, &site, 3);
    assert_eq!(back_up(&server, &dir)["set"], set.to_str().unwrap());
    let (data, _) = restored(&server, "again", &[dir.to_str().unwrap()]);
    assert!(exported(&data, &visit).is_some());
}

#[test]
fn what_is_erased_cannot_be_read_from_old_data_with_new_keys_nor_from_old_keys_with_tombstones() {
    let (server, site, visit, dir) = recorded();
    back_up(&server, &dir);
    let old = dir.join("old-keys.db");
    std::fs::copy(dir.join("keys.db"), &old).unwrap();
    let (before, _) = restored(&server, "before", &[dir.to_str().unwrap()]);
    assert!(contains(&exported(&before, &visit).unwrap(), WORDS.as_bytes()), "it could be read until now");

    let stays = record(&server, &site, 2);
    let token = server.token("admin");
    let path = format!("/api/v1/recordings/{}", visit.recording);
    let headers = [("authorization", &*format!("Bearer {token}"))];
    assert_eq!(server.ask("DELETE", &path, &headers, None).unwrap().status, 204);
    let told = || std::fs::read_to_string(dir.join("tombstones")).unwrap_or_default().contains(&visit.recording);
    server.wait_for(told);
    // The keys of those days with the tombstones of now.
    let (data, said) = restored(&server, "old-keys", &[dir.to_str().unwrap(), "--keys", old.to_str().unwrap()]);
    assert_eq!((&said["erased"], &said["lost"]), (&json!(1), &json!([])));
    assert_eq!(exported(&data, &visit), None);

    // The data of those days with the keys of now, and whatever a thief did to the tombstones.
    let first =
        std::fs::read_dir(&dir).unwrap().flatten().map(|entry| entry.path()).find(|path| path.is_dir()).unwrap();
    back_up(&server, &dir);
    std::fs::write(dir.join("tombstones"), "").unwrap();
    let (data, said) = restored(&server, "old-data", &[first.to_str().unwrap()]);
    assert_eq!((&said["erased"], &said["lost"]), (&json!(0), &json!([visit.recording])));
    assert_eq!(exported(&data, &visit), None);
    let (data, _) = restored(&server, "now", &[dir.to_str().unwrap()]);
    assert!(exported(&data, &stays).is_some());
}

#[test]
fn what_is_no_whole_backup_of_this_store_is_refused_and_named() {
    let (server, _, _, dir) = recorded();
    let set = PathBuf::from(back_up(&server, &dir)["set"].as_str().unwrap());
    let manifest = set.join("backup.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let name = dir.to_str().unwrap();
    let with = |from: &str, to: &str| std::fs::write(&manifest, text.replacen(from, to, 1)).unwrap();

    with("\"meta.db\"", "\"../../outside.db\"");
    let (code, told) = refused(&server, "a", &[name]);
    assert!(code == 1 && told.contains("\"../../outside.db\" is no file of a store"), "{told}");
    with("\"version\": 1", "\"version\": 2");
    assert_eq!(refused(&server, "b", &[name]).0, 3);
    with("\"recordings\": 1", "\"recordings\": 2");
    assert!(refused(&server, "c", &[name]).1.contains("does not hold what it says"));
    std::fs::write(&manifest, &text).unwrap();

    let meta = set.join("meta.db");
    let sound = std::fs::read(&meta).unwrap();
    let mut broken = sound.clone();
    broken[5_000] ^= 1;
    std::fs::write(&meta, broken).unwrap();
    let (_, told) = refused(&server, "d", &[name]);
    assert!(told.contains("meta.db is not as it was backed up"), "{told}");
    std::fs::write(&meta, sound).unwrap();

    let (other, _, _, others) = recorded();
    back_up(&other, &others);
    let (code, told) = refused(&server, "e", &[name, "--keys", others.join("keys.db").to_str().unwrap()]);
    assert!(code == 66 && told.matches("store").count() >= 1 && told.contains("--keys"), "{told}");
    let mixed = other.cli(&["backup", name]);
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("holds backups of the store"));

    let no_key =
        hushreel(&["restore", name, "--data", server.dir.path().join("f").to_str().unwrap()]).output().unwrap();
    assert_eq!(no_key.status.code(), Some(66), "{}", String::from_utf8_lossy(&no_key.stderr));
    let full = server.cli(&["restore", name]);
    assert!(String::from_utf8_lossy(&full.stderr).contains("is not empty"));
    let inside = server.cli(&["backup", server.data().join("copies").to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&inside.stderr).contains("lie in one another"));
    let (data, _) = restored(&server, "g", &[name]);
    assert!(data.join("meta.db").exists());
}

#[test]
fn a_server_that_is_told_where_backs_itself_up_and_keeps_its_backup_told() {
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = elsewhere.path().join("nightly");
    let server = Server::start_with(&format!("backup_dir = {:?}\n", dir.to_str().unwrap()));
    let whole = || {
        let sets = std::fs::read_dir(&dir).into_iter().flatten().flatten();
        sets.map(|entry| entry.path()).any(|path| path.join("backup.json").exists() && path.extension().is_none())
    };
    server.wait_for(whole);
    server.wait_for(|| server.cli_json(&["backup", "--list"])[0]["reached"] == true);
    let site = server.site(&["--preset", "full"]);
    let visit = record(&server, &site, 1);
    assert!(server.cli(&["recording", "erase", &visit.recording, "--yes"]).status.success());
    server.wait_for(|| std::fs::read_to_string(dir.join("tombstones")).unwrap().contains(&visit.recording));
    assert!(server.cli(&["backup", "--forget", dir.to_str().unwrap()]).status.success());
    assert_eq!(server.cli_json(&["backup", "--list"]), json!([]));
}
