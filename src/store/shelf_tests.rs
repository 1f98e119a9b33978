use super::*;
use crate::error::Error;
use crate::store::Span;
use crate::store::fixtures::{ID, NOW, Shop, shop};
use crate::store::restriction::{self, Order, Verb};
use crate::store::{Actor, Readable, Reading};

const PICTURE: [u8; 16] = [3; 16];

fn order(verb: Verb, by: Actor, at: Timestamp) -> Order {
    Order { recording: ID, verb, by, reason: "a claim".to_owned(), at }
}

/// The shop with a picture of the recording's own.
fn stocked() -> (Shop, Shelf) {
    let mut shop = shop();
    let day = recording::bound(&shop.books.meta, ID).unwrap().unwrap().shelf();
    let picture = "insert into asset (recording, name, bytes) values (?1, ?2, x'00')";
    shop.books.chunks(day).unwrap().execute(picture, (ID.0, PICTURE)).unwrap();
    (shop, day)
}

fn carry_out(shop: &mut Shop, order: &Order) -> Result<()> {
    shop.books.transact(|books| order.carry_out(books))?;
    shop.books.transact(|books| clear(books, ID))
}

/// Chunks and pictures on a shelf.
fn lying(shop: &mut Shop, shelf: Shelf) -> (i64, i64) {
    if !shop.books.has_chunks(shelf) {
        return (0, 0);
    }
    let count = |db: &rusqlite::Connection, table: &str| {
        db.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
    };
    let db = shop.books.chunks(shelf).unwrap();
    (count(db, "chunk"), count(db, "asset"))
}

/// What staff read of it.
fn read(shop: &Shop) -> Vec<String> {
    let readable = Readable::by_staff(&shop.books.meta, ID).unwrap();
    let reading = Reading::open(&shop.books.meta, &shop.keyring, &shop.books.place, readable, Span::default()).unwrap();
    reading.unwrap().map(|chapter| String::from_utf8(chapter.unwrap().body).unwrap()).collect()
}

#[test]
fn what_is_restricted_moves_and_comes_back_whole() {
    let (mut shop, day) = stocked();
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
    assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((0, 0), (2, 1)));
    assert!(matches!(Readable::by_staff(&shop.books.meta, ID), Err(Error::Restricted)));
    carry_out(&mut shop, &order(Verb::Lift, Actor::Command, NOW)).unwrap();
    assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((2, 1), (0, 0)));
    assert_eq!(read(&shop), ["canary 0", "canary 1"]);
    let again = carry_out(&mut shop, &order(Verb::Lift, Actor::Command, NOW));
    assert!(matches!(again, Err(Error::NotRestricted)));
}

#[test]
fn a_crash_at_any_step_leaves_one_copy_and_that_is_the_right_one() {
    for verb in [Verb::Restrict, Verb::Lift] {
        // Cut off before metadata is committed: it goes back. After that: it goes on.
        for committed in [false, true] {
            let (mut shop, day) = stocked();
            if verb == Verb::Lift {
                carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
            }
            let cut_off: Result<()> = shop.books.transact(|books| {
                order(verb, Actor::Command, NOW).carry_out(books)?;
                if committed { Ok(()) } else { Err(Error::Gone) }
            });
            assert_eq!(cut_off.is_ok(), committed);
            assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((2, 1), (2, 1)), "two copies");
            for _start in 0..2 {
                shop.books.transact(clear_all).unwrap();
                let kept = (verb == Verb::Restrict) == committed;
                let (here, there) = if kept { (Shelf::Keep, day) } else { (day, Shelf::Keep) };
                assert_eq!((lying(&mut shop, here), lying(&mut shop, there)), ((2, 1), (0, 0)), "{verb:?} {committed}");
                assert_eq!(restriction::list(&shop.books.meta, ID).unwrap().len(), usize::from(kept));
            }
        }
    }
}

#[test]
fn what_is_restricted_outlives_its_day_and_is_gone_at_once_when_that_is_lifted_later() {
    let (mut shop, day) = stocked();
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
    let later = NOW.plus_ms(400 * Timestamp::DAY_MS);
    let place = shop.books.place.clone();
    while erasure::any_expired(&shop.books.meta, &place, later).unwrap() {
        shop.books.transact(|books| erasure::expire(books, later)).unwrap();
    }
    assert!(!shop.books.has_chunks(day));
    assert_eq!(lying(&mut shop, Shelf::Keep), (2, 1));
    clock::confirm(&shop.books, later).unwrap();
    carry_out(&mut shop, &order(Verb::Lift, Actor::Command, later)).unwrap();
    assert!(recording::bound(&shop.books.meta, ID).unwrap().is_none());
    assert_eq!(lying(&mut shop, Shelf::Keep), (0, 0));
    let keys: i64 = shop.books.keys.query_row("select count(*) from recording_key", [], |row| row.get(0)).unwrap();
    assert_eq!(keys, 0);
}

#[test]
fn each_who_asked_holds_it_apart_and_a_visitor_lifts_the_own_request_alone() {
    let (mut shop, _) = stocked();
    for by in [Actor::Staff("a1".to_owned()), Actor::Visitor, Actor::Visitor] {
        carry_out(&mut shop, &order(Verb::Restrict, by, NOW)).unwrap();
    }
    assert_eq!(restriction::list(&shop.books.meta, ID).unwrap().len(), 2);
    carry_out(&mut shop, &order(Verb::Lift, Actor::Visitor, NOW)).unwrap();
    let left = restriction::list(&shop.books.meta, ID).unwrap();
    assert_eq!((left.len(), &left[0].by), (1, &Actor::Staff("a1".to_owned())));
    let again = carry_out(&mut shop, &order(Verb::Lift, Actor::Visitor, NOW));
    assert!(matches!(again, Err(Error::NotRestricted)), "another's restriction is not a visitor's to lift");
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Visitor, NOW)).unwrap();
    carry_out(&mut shop, &order(Verb::Lift, Actor::Staff("b2".to_owned()), NOW)).unwrap();
    assert_eq!(read(&shop), ["canary 0", "canary 1"], "staff lift every one");
}

#[test]
fn staff_erase_what_is_restricted_only_once_it_is_lifted_and_its_visitor_at_any_time() {
    let (mut shop, day) = stocked();
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
    let refused = shop.books.transact(|books| erasure::erase(books, ID, &Actor::Command, NOW));
    assert!(matches!(refused, Err(Error::Restricted)));
    shop.books.transact(|books| erasure::erase(books, ID, &Actor::Visitor, NOW)).unwrap();
    while erasure::any_unswept(&shop.books.meta).unwrap() {
        shop.books.transact(erasure::sweep).unwrap();
    }
    assert_eq!((lying(&mut shop, day), lying(&mut shop, Shelf::Keep)), ((0, 0), (0, 0)));
    let place = shop.books.place.clone();
    let later = NOW.plus_ms(400 * Timestamp::DAY_MS);
    shop.books.transact(|books| erasure::expire(books, later)).unwrap();
    assert!(!erasure::any_expired(&shop.books.meta, &place, later).unwrap());
    assert!(recording::bound(&shop.books.meta, ID).unwrap().is_none(), "what is left of an erased one goes on its day");
}

#[test]
fn visitors_have_so_many_kept_and_staff_any_number() {
    let (mut shop, _) = stocked();
    let filled = "update recording set bytes = 3 << 30 where id = ?1";
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Visitor, NOW)).unwrap();
    shop.books.meta.execute(filled, [ID.0]).unwrap();
    let more = carry_out(&mut shop, &order(Verb::Restrict, Actor::Visitor, NOW));
    assert!(matches!(more, Err(Error::TooMany { .. })));
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
}

#[test]
fn a_visitor_moves_a_recording_so_often_in_a_day() {
    let (mut shop, _) = stocked();
    let mut moves = 0;
    for turn in 0.. {
        let verb = if turn % 2 == 0 { Verb::Restrict } else { Verb::Lift };
        match carry_out(&mut shop, &order(verb, Actor::Visitor, NOW)) {
            Ok(()) => moves += 1,
            Err(Error::TooMany { .. }) => break,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(moves, 20);
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Visitor, NOW.plus_ms(Timestamp::DAY_MS))).unwrap();
}

#[test]
fn what_lies_with_the_kept_is_restricted_also_where_metadata_is_lost() {
    let (mut shop, _) = stocked();
    carry_out(&mut shop, &order(Verb::Restrict, Actor::Command, NOW)).unwrap();
    // The group of chunks is later than what is left of metadata knows of.
    shop.books.meta.execute("delete from recording", []).unwrap();
    let Shop { books, keyring, .. } = &mut shop;
    // As a chunk of a real door: with its facts.
    let key = keyring.find(ID).unwrap().unwrap();
    for entry in chunk::list(books.chunks(Shelf::Keep).unwrap(), ID).unwrap() {
        let bytes = chunk::bytes(books.chunks(Shelf::Keep).unwrap(), entry.id).unwrap().unwrap();
        let header = crate::seal::Sealed::parse(&bytes).unwrap().header;
        let facts = serde_json::to_vec(&crate::store::fixtures::facts(NOW)).unwrap();
        let sealed = crate::seal::chunk(&key.key, &header, &facts, b"again").unwrap();
        let update = "update chunk set bytes = ?2 where id = ?1";
        books.chunks(Shelf::Keep).unwrap().execute(update, (entry.id, sealed)).unwrap();
    }
    books.transact(|books| crate::store::reconcile(books, keyring)).unwrap();
    books.transact(clear_all).unwrap();
    assert_eq!(restriction::list(&books.meta, ID).unwrap().len(), 1);
    assert_eq!(lying(&mut shop, Shelf::Keep), (2, 1));
}
