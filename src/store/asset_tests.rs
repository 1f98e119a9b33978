use super::*;
use crate::store::{Actor, Day, Facts};
use tempfile::TempDir;

/// A store with one site and its books.
struct Case {
    _dir: TempDir,
    place: Place,
    books: Books,
    keyring: Keyring,
    site_id: i64,
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(&dir.path().join("store"), None).unwrap();
        let keyring = Keyring::open(&place).unwrap();
        let books = Books::open(&place).unwrap();
        let origin = crate::origin::Origin::parse("https://shop.example.com", false).unwrap();
        crate::store::site::insert(&books.meta, "Shop", &[origin], &crate::policy::Policy::default(), NOW).unwrap();
        let site_id = books.meta.query_row("select id from site", [], |row| row.get(0)).unwrap();
        Self { _dir: dir, place, books, keyring, site_id }
    }

    /// Begin a recording, as its first batch does.
    fn recording(&mut self, number: u8) -> Asker {
        let recording = RecordingId([number; 16]);
        let facts = Facts {
            site_id: self.site_id,
            secret_hash: vec![number; 32],
            policy_version: 1,
            retention_days: 30,
            received_at: NOW.0,
            ..serde_json::from_value(serde_json::json!({
                "site_id": 0, "secret_hash": [], "policy_version": 0, "retention_days": 0, "granted": true, "received_at": 0,
                "page_began_at": 0, "first_at": 0, "last_at": 0, "pages": 0, "clicks": 0, "inputs": 0, "events": 0,
                "finished": false, "width": 0, "height": 0, "device": "", "browser": "", "os": "", "page_list": [], "gap_list": []
            }))
            .unwrap()
        };
        recording::begin(&self.books.meta, recording, &facts).unwrap();
        let key = self.keyring.find_or_make(recording, self.site_id, NOW).unwrap();
        key.keep(&self.books.keys, recording).unwrap();
        key.set_kept();
        Asker { site_id: self.site_id, recording, secret_hash: vec![number; 32], at: NOW }
    }

    fn keep(&mut self, asker: &Asker, bytes: &[u8]) -> Result<()> {
        let site_key = self.keyring.asset_key(self.site_id, NOW)?;
        let recording_key = self.keyring.find(asker.recording)?.unwrap().key.clone();
        let fresh = Fresh {
            name: name(&site_key, AssetHash::of(bytes)),
            kind: Kind::of(bytes).unwrap(),
            bytes: Bytes::copy_from_slice(bytes),
            counts: true,
            site_key,
            recording_key,
        };
        self.books.transact(|books| keep(books, asker, &fresh))
    }

    fn held(&self, asker: &Asker, bytes: &[u8]) -> Held {
        let key = self.keyring.asset_key(self.site_id, NOW).unwrap();
        held(&self.books.meta, asker, &[name(&key, AssetHash::of(bytes))]).unwrap()[0]
    }

    fn open(&self, recording: RecordingId, bytes: &[u8]) -> Option<Opened> {
        let readable = Readable::by_staff(&self.books.meta, recording).ok()?;
        open(&self.books.meta, &self.keyring, &self.place, readable, AssetHash::of(bytes)).unwrap()
    }
}

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nthe visitor's own face";
const FONT: &[u8] = b"wOF2 letters";

#[test]
fn a_picture_is_its_recordings_own_until_five_visits_have_shown_it() {
    let mut case = Case::new();
    for number in 1..=4 {
        let asker = case.recording(number);
        assert_eq!(case.held(&asker, PICTURE), Held::No, "nobody is told that {number} others have it");
        case.keep(&asker, PICTURE).unwrap();
        assert_eq!(case.held(&asker, PICTURE), Held::Used);
        assert!(!case.open(asker.recording, PICTURE).unwrap().shared);
    }
    let fifth = case.recording(5);
    case.keep(&fifth, PICTURE).unwrap();
    let sixth = case.recording(6);
    assert_eq!(case.held(&sixth, PICTURE), Held::Shared);
    assert!(case.open(sixth.recording, PICTURE).is_none(), "it has not said that it shows it");
    let key = case.keyring.asset_key(case.site_id, NOW).unwrap();
    case.books.transact(|books| add_uses(books, &sixth, &[name(&key, AssetHash::of(PICTURE))])).unwrap();
    for recording in [RecordingId([1; 16]), sixth.recording] {
        assert_eq!(case.open(recording, PICTURE).unwrap().bytes, PICTURE);
    }
}

#[test]
fn a_font_is_shared_at_once_and_swept_when_its_last_recording_is_gone() {
    let mut case = Case::new();
    let (first, second) = (case.recording(1), case.recording(2));
    case.keep(&first, FONT).unwrap();
    assert_eq!(case.held(&second, FONT), Held::Shared);
    case.books.transact(|books| crate::store::erasure::erase(books, first.recording, &Actor::Command, NOW)).unwrap();
    assert!(case.open(first.recording, FONT).is_none());
    let count = |case: &Case| case.books.assets.query_row("select count(*) from asset", [], |row| row.get::<_, i64>(0));
    case.books.transact(|books| sweep(books, NOW)).unwrap();
    assert_eq!(count(&case).unwrap(), 1, "a recording that shows it may be on its way");
    case.books.transact(|books| sweep(books, NOW.plus_ms(UNUSED_MS + 1))).unwrap();
    assert_eq!(count(&case).unwrap(), 0);
    assert_eq!(case.held(&second, FONT), Held::No);
}

#[test]
fn erasing_a_recording_takes_its_own_pictures_with_it() {
    let mut case = Case::new();
    let asker = case.recording(1);
    case.keep(&asker, PICTURE).unwrap();
    case.books.transact(|books| crate::store::erasure::erase(books, asker.recording, &Actor::Command, NOW)).unwrap();
    case.keyring.forget();
    assert!(case.open(asker.recording, PICTURE).is_none());
    case.books.transact(crate::store::erasure::sweep).unwrap();
    let shelf = Shelf::Day(Day::of_expiry(NOW, 30));
    let left: i64 =
        case.books.chunks(shelf).unwrap().query_row("select count(*) from asset", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn who_has_no_part_in_a_recording_brings_nothing_to_it() {
    let mut case = Case::new();
    let asker = case.recording(1);
    let thief = Asker { secret_hash: vec![9; 32], ..asker.clone() };
    assert!(matches!(case.keep(&thief, FONT), Err(Error::SecretRefused)));
    let late = Asker { at: NOW.plus_ms(recording::IDLE_MS), ..asker.clone() };
    assert!(matches!(case.keep(&late, FONT), Err(Error::Gone)));
    let other = Asker { site_id: case.site_id + 1, ..asker.clone() };
    assert!(matches!(held(&case.books.meta, &other, &[]), Err(Error::SecretRefused)));
    let unknown = Asker { recording: RecordingId([7; 16]), ..asker };
    assert!(matches!(held(&case.books.meta, &unknown, &[]), Err(Error::NotFound)));
}

#[test]
fn a_recording_brings_no_more_than_its_share() {
    let mut case = Case::new();
    let asker = case.recording(1);
    let part = 1 << 20;
    for number in 0..RECORDING_BYTES_MAX / part {
        let mut bytes = FONT.to_vec();
        bytes.resize(part as usize, number as u8);
        case.keep(&asker, &bytes).unwrap();
    }
    assert!(matches!(case.keep(&asker, FONT), Err(Error::Refused { rule }) if rule == "asset-recording"));
    let total: u64 = case.books.meta.query_row("select bytes from asset_total", [], |row| row.get(0)).unwrap();
    assert_eq!(total, RECORDING_BYTES_MAX);
    case.books.transact(|books| sweep(books, NOW)).unwrap();
    let counted: u64 = case.books.meta.query_row("select bytes from asset_total", [], |row| row.get(0)).unwrap();
    assert_eq!(counted, total, "counted anew, it is the same");
}

#[test]
fn shared_bytes_that_nothing_knows_of_are_deleted() {
    let mut case = Case::new();
    let asker = case.recording(1);
    case.keep(&asker, FONT).unwrap();
    let key = case.keyring.asset_key(case.site_id, NOW).unwrap();
    share_bytes(&case.books.assets, case.site_id, &[3; 16], &key, FONT).unwrap();
    sweep_orphans(&case.books).unwrap();
    let names: Vec<Name> = {
        let mut statement = case.books.assets.prepare("select name from asset").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    assert_eq!(names, [name(&key, AssetHash::of(FONT))]);
}

#[test]
fn bytes_are_what_they_begin_with() {
    assert_eq!(Kind::of(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
    assert_eq!(Kind::of(b"<!doctype html>"), None);
    assert_eq!(Kind::of(b""), None);
    assert_eq!(Kind::of(b"GIF89a..."), Some(Kind::Gif));
    assert_eq!(Kind::of(b"\0\0\0\x1cftypavif"), Some(Kind::Avif));
    for kind in Kind::ALL {
        assert_eq!(Kind::from_code(kind as i64), Some(kind));
    }
}
