use super::*;
use crate::model::{PageId, RecordingId};
use crate::seal::{self, ChunkHeader};
use crate::store::fixtures::{ID, NOW, Shop, facts, shop};
use crate::store::pack::Opener;
use crate::store::restriction::{Order, Verb};
use crate::store::{Actor, Shelf, chunk, erasure, rewrite, shelf};
use crate::stream::{Namespace, Op, Value, Writer};

/// A recording beside that of the fixture, whose batches are no batches.
const LONG: RecordingId = RecordingId([8; 16]);
const PAGE: PageId = PageId([5; 8]);
const BATCHES: u32 = 40;

fn batch(seq: u32) -> Vec<u8> {
    let mut writer = Writer::new(if seq == 0 { 1 } else { 3 + seq }, u64::from(seq) * 4_000);
    let canary = format!("canary {seq}");
    if seq == 0 {
        writer.op(&Op::Snapshot { id: 1, width: 8, height: 6, url: "https://shop.example/", title: Value::Masked(0) });
        writer.op(&Op::Element { id: 2, namespace: Namespace::Html, tag: "html", attributes: &[], open: true });
        writer.op(&Op::Text { id: 3, text: &canary, rule: 0 }).op(&Op::End).op(&Op::End);
    } else {
        writer.op(&Op::Add { parent: 2, previous: None }).op(&Op::Text { id: 0, text: &canary, rule: 0 }).op(&Op::End);
    }
    writer.finish()
}

/// A shop with a recording of almost three minutes, that the auditor has looked through.
fn stocked() -> Shop {
    let mut shop = shop();
    let key = shop.keyring.find_or_make(LONG, 1, NOW).unwrap();
    key.keep(&shop.books.keys, LONG).unwrap();
    key.set_kept();
    let shelf = recording::begin(&shop.books.meta, LONG, &facts(NOW)).unwrap();
    for seq in 0..BATCHES {
        add(&mut shop, shelf, seq);
    }
    shop.books.meta.execute("update recording set audited_at = 1 where id = ?1", [LONG.0]).unwrap();
    shop
}

fn add(shop: &mut Shop, shelf: Shelf, seq: u32) {
    let key = shop.keyring.find(LONG).unwrap().unwrap();
    let at = u64::from(seq) * 4_000;
    let header = ChunkHeader { received_at: NOW, first_at: at, last_at: at, recording: LONG, page: PAGE, seq };
    let bytes = seal::chunk(&key.key, &header, b"{}", &batch(seq)).unwrap();
    chunk::insert(shop.books.chunks(shelf).unwrap(), (LONG, PAGE, seq), &[seq as u8; 16], 1, &bytes).unwrap();
    let facts = crate::store::Facts { first_at: at, last_at: at, ..facts(NOW) };
    recording::add(&shop.books.meta, &key.key, LONG, PAGE, seq, bytes.len(), &facts).unwrap();
}

fn finish(shop: &mut Shop) {
    let Shop { books, keyring, .. } = shop;
    for waiting in unmarked(&books.meta, 9).unwrap() {
        let made = make(&books.meta, keyring, &books.place, waiting.id).unwrap().unwrap();
        books.transact(|books| keep(books, keyring, waiting, &made, NOW)).unwrap();
    }
}

/// From which time a reading of this moment begins, and how many batches it has to the end.
fn read(shop: &Shop, from: i64, to: Option<i64>) -> (Option<i64>, Vec<u32>) {
    let readable = Readable::by_staff(&shop.books.meta, LONG).unwrap();
    let time = |ms: i64| NOW.plus_ms(ms);
    let span = Span { from: Some(time(from)), to: to.map(time) };
    let mut reading =
        Reading::open(&shop.books.meta, &shop.keyring, &shop.books.place, readable, span).unwrap().unwrap();
    let opening = reading.take_opening();
    let chapters: Vec<_> = reading.map(Result::unwrap).collect();
    assert!(chapters.iter().all(|chapter| chapter.missing.is_none()), "nothing is missing");
    (opening.map(|opening| opening.at.0 - NOW.0), chapters.iter().map(|chapter| chapter.seq).collect())
}

fn told(shop: &Shop) -> Option<Vec<i64>> {
    let readable = Readable::by_staff(&shop.books.meta, LONG).unwrap();
    Some(marks(&shop.books.meta, &shop.keyring, &shop.books.place, readable).unwrap()?.keyframes)
}

/// Rows of what was made of the recording, on this shelf.
fn lying(shop: &mut Shop, shelf: Shelf) -> (i64, i64) {
    let db = shop.books.chunks(shelf).unwrap();
    let count = |table: &str| {
        let sql = format!("select count(*) from {table} where recording = ?1");
        db.query_row(&sql, [LONG.0], |row| row.get(0)).unwrap()
    };
    (count("keyframe"), count("mark"))
}

fn shelf_of(shop: &Shop) -> Shelf {
    recording::bound(&shop.books.meta, LONG).unwrap().unwrap().shelf()
}

#[test]
fn a_reading_begins_at_the_keyframe_before_and_ends_at_one() {
    let mut shop = stocked();
    assert_eq!(read(&shop, 100_000, None).0, None, "nothing was made yet");
    assert_eq!(told(&shop), None);
    finish(&mut shop);
    assert_eq!(told(&shop), Some(vec![60_000, 120_000]));
    for (from, to, begin, first, last) in [
        (0, None, None, 0, 39),
        (59_999, Some(60_000), None, 0, 15),
        (60_000, None, Some(60_000), 16, 39),
        (119_999, Some(119_999), Some(60_000), 16, 30),
        (60_000, Some(60_000), Some(60_000), 16, 30),
        (130_000, Some(140_000), Some(120_000), 31, 39),
        (i64::MAX / 4, None, Some(120_000), 31, 39),
    ] {
        let wanted = (begin, (first..=last).collect::<Vec<u32>>());
        assert_eq!(read(&shop, from, to), wanted, "{from} to {to:?}");
    }
    assert!(unmarked(&shop.books.meta, 9).unwrap().is_empty());
}

#[test]
fn what_was_made_is_forgotten_with_the_next_batch_and_made_again() {
    let mut shop = stocked();
    finish(&mut shop);
    let shelf = shelf_of(&shop);
    add(&mut shop, shelf, BATCHES);
    assert_eq!((told(&shop), read(&shop, 100_000, None).0), (None, None));
    assert!(unmarked(&shop.books.meta, 9).unwrap().is_empty(), "the auditor comes first");
    shop.books.meta.execute("update recording set audited_at = 1 where id = ?1", [LONG.0]).unwrap();
    finish(&mut shop);
    assert_eq!(read(&shop, 100_000, None), (Some(60_000), (16..=BATCHES).collect()));
}

#[test]
fn a_crash_before_metadata_leaves_it_to_be_made_again() {
    let mut shop = stocked();
    let Shop { books, keyring, .. } = &mut shop;
    let waiting = unmarked(&books.meta, 9).unwrap()[0];
    let made = make(&books.meta, keyring, &books.place, LONG).unwrap().unwrap();
    let cut_off: Result<()> = books.transact(|books| {
        keep(books, keyring, waiting, &made, NOW)?;
        Err(Error::Gone)
    });
    assert!(cut_off.is_err());
    assert_eq!(told(&shop), None);
    finish(&mut shop);
    assert_eq!(told(&shop), Some(vec![60_000, 120_000]));
    let shelf = shelf_of(&shop);
    assert_eq!(lying(&mut shop, shelf), (2, 1));
}

#[test]
fn a_batch_that_comes_while_it_is_made_has_it_made_again() {
    let mut shop = stocked();
    let waiting = unmarked(&shop.books.meta, 9).unwrap()[0];
    let made = make(&shop.books.meta, &shop.keyring, &shop.books.place, LONG).unwrap().unwrap();
    let late = Waiting { last_batch_at: waiting.last_batch_at - 1, ..waiting };
    let Shop { books, keyring, .. } = &mut shop;
    books.transact(|books| keep(books, keyring, late, &made, NOW)).unwrap();
    assert_eq!(told(&shop), None);
}

#[test]
fn rewriting_destroys_what_was_made_and_what_is_made_then_has_nothing_of_it() {
    let mut shop = stocked();
    finish(&mut shop);
    let old = shop.keyring.find(LONG).unwrap().unwrap();
    let stale = make(&shop.books.meta, &shop.keyring, &shop.books.place, LONG).unwrap().unwrap();
    let Shop { books, keyring, .. } = &mut shop;
    books
        .transact(|books| {
            rewrite::rewrite(books, keyring, LONG, &|_, seq, body| Ok(if seq == 0 { batch(0) } else { body }))
        })
        .unwrap();
    rewrite::settle(books, keyring, LONG).unwrap();
    let shelf = shelf_of(&shop);
    assert_eq!((lying(&mut shop, shelf), told(&shop)), ((0, 0), None));
    // What was read before comes too late.
    let waiting = unmarked(&shop.books.meta, 9).unwrap()[0];
    let Shop { books, keyring, .. } = &mut shop;
    books.transact(|books| keep(books, keyring, waiting, &stale, NOW)).unwrap();
    assert_eq!((lying(&mut shop, shelf), told(&shop)), ((0, 0), None));
    finish(&mut shop);
    assert_eq!(told(&shop), Some(vec![60_000, 120_000]));
    let chunks = shop.books.chunks(shelf).unwrap();
    let mut opener = Opener::new(std::path::Path::new("none"), &shop.keyring, &old, LONG).unwrap();
    assert!(keyframe::open(chunks, &mut opener, LONG, NOW.plus_ms(60_000)).is_err(), "the old key opens nothing");
}

#[test]
fn it_moves_with_the_recording_and_goes_with_it() {
    let mut shop = stocked();
    finish(&mut shop);
    let day = shelf_of(&shop);
    let carry_out = |shop: &mut Shop, verb| {
        let order = Order { recording: LONG, verb, by: Actor::Command, reason: "asked".to_owned(), at: NOW };
        shop.books.transact(|books| order.carry_out(books)).unwrap();
        shop.books.transact(|books| shelf::clear(books, LONG)).unwrap();
    };
    carry_out(&mut shop, Verb::Restrict);
    assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((0, 0), (2, 1)));
    assert!(matches!(Readable::by_staff(&shop.books.meta, LONG), Err(Error::Restricted)));
    carry_out(&mut shop, Verb::Lift);
    assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((2, 1), (0, 0)));
    assert_eq!(read(&shop, 100_000, None).0, Some(60_000));
    shop.books.transact(|books| erasure::erase(books, LONG, &Actor::Command, NOW)).unwrap();
    while erasure::any_unswept(&shop.books.meta).unwrap() {
        shop.books.transact(erasure::sweep).unwrap();
    }
    assert_eq!(lying(&mut shop, day), (0, 0));
    assert!(recording::find(&shop.books.meta, ID, "").is_ok(), "another stays");
}

#[test]
fn nothing_readable_is_kept() {
    let mut shop = stocked();
    finish(&mut shop);
    let shelf = shelf_of(&shop);
    let path = shop.books.place.chunks(shelf);
    shop.books.chunks(shelf).unwrap().execute_batch("pragma wal_checkpoint(truncate)").unwrap();
    let bytes = std::fs::read(path).unwrap();
    for secret in ["canary", "shop.example"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} can be read");
    }
}
