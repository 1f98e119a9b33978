use super::*;
use crate::store::fixtures::{ID, NOW, shop};

fn ask(db: &Connection, recording: RecordingId, kind: Kind, by: &Actor, at: Timestamp) {
    let _times = note(db, &Request { site_id: 1, recording, kind, by, reason: "", at }).unwrap();
}

#[test]
fn what_a_visitor_repeats_within_a_day_is_one_line_and_what_staff_do_is_each_a_line() {
    let shop = shop();
    let db = &shop.books.meta;
    let staff = Actor::Staff("a1".to_owned());
    for hours in [0, 1, 30] {
        let at = NOW.plus_ms(hours * 3_600_000);
        ask(db, ID, Kind::Access, &Actor::Visitor, at);
        ask(db, ID, Kind::Restriction, &staff, at);
    }
    let lines = list(db, 1, None, 50).unwrap();
    let of = |kind: Kind| lines.iter().filter(|line| line.kind == kind).collect::<Vec<_>>();
    let seen: Vec<_> = of(Kind::Access).iter().map(|line| (line.times, line.done_at.0 - line.asked_at.0)).collect();
    assert_eq!(seen, [(1, 0), (2, 3_600_000)]);
    assert_eq!(of(Kind::Restriction).len(), 3);
    assert_eq!(list(db, 1, Some(lines[1].id), 2).unwrap(), lines[2..4], "a page goes on where the last ended");
    assert!(list(db, 2, None, 50).unwrap().is_empty(), "another site's list has none of it");
}

#[test]
fn whoever_opens_many_recordings_pushes_out_no_line_of_staff_and_no_erasure() {
    let shop = shop();
    let db = &shop.books.meta;
    ask(db, ID, Kind::Lift, &Actor::Command, NOW);
    ask(db, ID, Kind::Erasure, &Actor::Visitor, NOW);
    db.execute_batch("begin").unwrap();
    for number in 0..=(LINES_MAX + LINES_OVER) {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_le_bytes());
        ask(db, RecordingId(id), Kind::Access, &Actor::Visitor, NOW);
    }
    db.execute_batch("commit").unwrap();
    let lines = list(db, 1, None, 100_000).unwrap();
    assert!(lines.len() <= (LINES_MAX + LINES_OVER) as usize);
    for kind in [Kind::Lift, Kind::Erasure] {
        assert!(lines.iter().any(|line| line.kind == kind), "{kind:?}");
    }
}

#[test]
fn a_line_is_kept_for_three_years() {
    let shop = shop();
    let db = &shop.books.meta;
    ask(db, ID, Kind::Erasure, &Actor::Visitor, NOW);
    delete_old(db, NOW.plus_ms(i64::from(KEPT_DAYS) * Timestamp::DAY_MS)).unwrap();
    assert_eq!(list(db, 1, None, 1).unwrap().len(), 1);
    delete_old(db, NOW.plus_ms(i64::from(KEPT_DAYS + 1) * Timestamp::DAY_MS)).unwrap();
    assert!(list(db, 1, None, 1).unwrap().is_empty());
}
