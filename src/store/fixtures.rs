//! A store that tests of its parts share.

use super::{Books, Facts, Keyring, PageSeen, Place, chunk, recording};
use crate::model::{PageId, RecordingId, Timestamp};
use crate::seal::{self, ChunkHeader};

pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
pub const ID: RecordingId = RecordingId([7; 16]);
pub const PAGE: PageId = PageId([9; 8]);

/// One counted batch of the recording.
pub fn facts(now: Timestamp) -> Facts {
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
        visitor: None,
        identified: Vec::new(),
        country: None,
        bot: false,
        event_list: Vec::new(),
        tag_list: Vec::new(),
        imported: false,
    }
}

/// A store of its own.
pub struct Shop {
    _dir: tempfile::TempDir,
    pub books: Books,
    pub keyring: Keyring,
}

/// A store with one site and its recording of two batches, received at `NOW`.
pub fn shop() -> Shop {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(&dir.path().join("data"), None).unwrap();
    let keyring = Keyring::open(&place).unwrap();
    let mut books = Books::open(&place).unwrap();
    let now = NOW;
    books
        .meta
        .execute("insert into site (id, key, name, origins, created_at) values (1, 'k', 'Shop', '[]', 0)", [])
        .unwrap();
    let key = keyring.find_or_make(ID, 1, now).unwrap();
    key.keep(&books.keys, ID).unwrap();
    key.set_kept();
    let facts = facts(now);
    let shelf = recording::begin(&books.meta, ID, &facts).unwrap();
    for seq in 0..2 {
        let header = ChunkHeader { received_at: now, first_at: 0, last_at: 5, recording: ID, page: PAGE, seq };
        let bytes = seal::chunk(&key.key, &header, b"{}", format!("canary {seq}").as_bytes()).unwrap();
        chunk::insert(books.chunks(shelf).unwrap(), (ID, PAGE, seq), &[seq as u8; 16], 1, &bytes).unwrap();
        recording::add(&books.meta, &key.key, ID, PAGE, seq, bytes.len(), &facts).unwrap();
    }
    Shop { _dir: dir, books, keyring }
}
