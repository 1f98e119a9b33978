use super::*;
use crate::model::Timestamp;
use crate::seal::ChunkHeader;
use crate::store::{Facts, PageSeen, Place, Summary};

const ID: RecordingId = RecordingId([7; 16]);
const PAGE: PageId = PageId([9; 8]);

fn facts(now: Timestamp) -> Facts {
    Facts {
        site_id: 1,
        secret_hash: vec![1; 32],
        policy_version: 1,
        retention_days: 30,
        granted: true,
        received_at: now.0,
        page_began_at: now.0,
        first_at: 0,
        last_at: 5,
        pages: 1,
        clicks: 0,
        inputs: 0,
        events: 1,
        finished: true,
        width: 9,
        height: 9,
        device: "desktop".into(),
        browser: "Firefox".into(),
        os: "Linux".into(),
        page_list: vec![PageSeen { page: PAGE, url: "https://shop.example/".into(), title: String::new(), at: 0 }],
        gap_list: Vec::new(),
        unreadable_list: Vec::new(),
    }
}

struct Shelf {
    _dir: tempfile::TempDir,
    books: Books,
    keyring: Keyring,
}

/// A store with one recording of two batches.
fn shelf() -> Shelf {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(&dir.path().join("data"), None).unwrap();
    let keyring = Keyring::open(&place).unwrap();
    let mut books = Books::open(&place).unwrap();
    let now = Timestamp(1_800_000_000_000);
    books
        .meta
        .execute("insert into site (id, key, name, origins, created_at) values (1, 'k', 'Shop', '[]', 0)", [])
        .unwrap();
    let key = keyring.find_or_make(ID, 1, now).unwrap();
    key.keep(&books.keys, ID).unwrap();
    key.set_kept();
    let facts = facts(now);
    let day = recording::begin(&books.meta, ID, &facts).unwrap();
    for seq in 0..2 {
        let header = ChunkHeader { received_at: now, first_at: 0, last_at: 5, recording: ID, page: PAGE, seq };
        let bytes = seal::chunk(&key.key, &header, b"{}", format!("canary {seq}").as_bytes()).unwrap();
        chunk::insert(books.chunks(day).unwrap(), (ID, PAGE, seq), [seq as u8; 16], 1, &bytes).unwrap();
        recording::add(&books.meta, &key.key, ID, PAGE, seq, bytes.len(), &facts).unwrap();
    }
    Shelf { _dir: dir, books, keyring }
}

fn change(_: PageId, seq: u32, body: Vec<u8>) -> Result<Vec<u8>> {
    Ok(if seq == 1 { b"taken out".to_vec() } else { body })
}

/// The batches and the summary as a fresh start reads them.
fn read(shelf: &mut Shelf) -> (Vec<String>, Summary) {
    shelf.keyring.forget();
    let key = shelf.keyring.find(ID).unwrap().unwrap();
    let day = recording::bound(&shelf.books.meta, ID).unwrap().unwrap().expires_on;
    let chunks = shelf.books.chunks(day).unwrap();
    let entries = chunk::list(chunks, ID).unwrap();
    let bodies = entries.iter().map(|entry| {
        let bytes = chunk::bytes(chunks, entry.id).unwrap().unwrap();
        String::from_utf8(seal::open(&key.key, &bytes).unwrap().body).unwrap()
    });
    let bodies = bodies.collect();
    let found = recording::find(&shelf.books.meta, ID, "").unwrap();
    (bodies, found.open_summary(&key.key).unwrap())
}

#[test]
fn batches_are_sealed_anew_and_the_old_key_opens_nothing() {
    let mut shelf = shelf();
    let old = shelf.keyring.find(ID).unwrap().unwrap();
    let Shelf { books, keyring, .. } = &mut shelf;
    books.transact(|books| rewrite(books, keyring, ID, &change)).unwrap();
    assert!(old.is_retired(), "no batch may be sealed with it any more");
    settle(books, keyring, ID).unwrap();
    let (bodies, summary) = read(&mut shelf);
    assert_eq!(bodies, ["canary 0", "taken out"]);
    assert_eq!(summary.page_list.len(), 2);
    let day = recording::bound(&shelf.books.meta, ID).unwrap().unwrap().expires_on;
    let chunks = shelf.books.chunks(day).unwrap();
    for entry in chunk::list(chunks, ID).unwrap() {
        assert!(seal::open(&old.key, &chunk::bytes(chunks, entry.id).unwrap().unwrap()).is_err());
    }
    let left: i64 = shelf.books.keys.query_row("select count(*) from next_key", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_crash_at_any_step_leaves_a_recording_that_opens() {
    // Before the chunks were changed: the new key is forgotten.
    let mut one = shelf();
    let old = one.keyring.find(ID).unwrap().unwrap();
    one.keyring.successor(ID, &old).unwrap().keep_beside(&one.books.keys, ID).unwrap();
    settle_all(&mut one.books, &one.keyring).unwrap();
    assert_eq!(read(&mut one).0, ["canary 0", "canary 1"]);

    // After the chunks, before metadata was committed: both go on.
    let mut two = shelf();
    let Shelf { books, keyring, .. } = &mut two;
    let failed: Result<()> = books.transact(|books| {
        rewrite(books, keyring, ID, &change)?;
        Err(Error::Gone)
    });
    assert!(failed.is_err());
    keyring.forget();
    settle_all(books, keyring).unwrap();
    let (bodies, summary) = read(&mut two);
    assert_eq!((bodies, summary.page_list.len()), (vec!["canary 0".to_owned(), "taken out".to_owned()], 2));

    // After metadata, before the keys changed places.
    let mut three = shelf();
    let Shelf { books, keyring, .. } = &mut three;
    books.transact(|books| rewrite(books, keyring, ID, &change)).unwrap();
    keyring.forget();
    settle_all(books, keyring).unwrap();
    let (bodies, summary) = read(&mut three);
    assert_eq!((bodies, summary.page_list.len()), (vec!["canary 0".to_owned(), "taken out".to_owned()], 2));
}
