//! Whether the machine's clock can be believed where it decides what is deleted. A clock that jumped a year ahead would have everything
//! expire at once; one that fell behind would have new recordings expire before old ones. A server that was off for long looks the
//! same. So nothing is deleted by age, nor for want of room, until somebody has said that the clock is right.

use super::Books;
use crate::error::Result;
use crate::model::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// Further than that from what was seen last, somebody has to say that it is right.
pub const JUMP_MS: i64 = 7 * Timestamp::DAY_MS;
/// How old what is remembered may become while the server runs.
const NOTE_EVERY_MS: i64 = 3_600_000;
const SEEN_AT: &str = "clock_seen_at";

/// The clock is far from where this store saw it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    pub seen_at: Timestamp,
    pub now: Timestamp,
}

impl std::fmt::Display for Jump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time =
            |at: Timestamp| jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y-%m-%d %H:%M");
        let apart = self.now.0.abs_diff(self.seen_at.0) as f64 / Timestamp::DAY_MS as f64;
        write!(
            f,
            "The clock says {} (UTC), {} days {} what this store saw last, {}. Either it is wrong, or the server was off. Until that is \
             settled nothing is deleted by age, by quota or for want of room; recording goes on. If the clock is right: \
             `hushreel storage --confirm-clock`. If not, put it right",
            time(self.now),
            apart.round(),
            if self.now > self.seen_at { "after" } else { "before" },
            time(self.seen_at)
        )
    }
}

/// How far the clock is from where it was seen last; none where that is near, or nothing was ever seen.
pub fn jump(meta: &Connection, now: Timestamp) -> Result<Option<Jump>> {
    let Some(seen_at) = seen_at(meta)? else { return Ok(None) };
    Ok(((now.0 - seen_at.0).abs() > JUMP_MS).then_some(Jump { seen_at, now }))
}

/// Remember what time it is, where that is near enough to what was seen last. Writes once an hour at most.
pub fn note(books: &Books, now: Timestamp) -> Result<()> {
    if is_due(&books.meta, now)? { confirm(books, now) } else { Ok(()) }
}

/// Whether `note` has something to write.
pub fn is_due(meta: &Connection, now: Timestamp) -> Result<bool> {
    let near = jump(meta, now)?.is_none();
    Ok(near && noted(meta)?.is_none_or(|seen| (now.0 - seen.0).abs() >= NOTE_EVERY_MS))
}

/// Somebody says that the clock is right.
pub fn confirm(books: &Books, now: Timestamp) -> Result<()> {
    let sql = "insert or replace into setting (name, value) values (?1, ?2)";
    books.meta.prepare_cached(sql)?.execute((SEEN_AT, now.0))?;
    Ok(())
}

/// In a store of before this was noted: when its newest batch came.
fn seen_at(meta: &Connection) -> Result<Option<Timestamp>> {
    match noted(meta)? {
        Some(at) => Ok(Some(at)),
        None => {
            let newest: Option<i64> =
                meta.prepare_cached("select max(last_batch_at) from recording")?.query_row([], |row| row.get(0))?;
            Ok(newest.map(Timestamp))
        }
    }
}

fn noted(meta: &Connection) -> Result<Option<Timestamp>> {
    let mut statement = meta.prepare_cached("select value from setting where name = ?1")?;
    Ok(statement.query_row([SEEN_AT], |row| row.get(0).map(Timestamp)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixtures::{NOW, shop};

    #[test]
    fn a_clock_is_believed_while_it_is_near_and_once_somebody_has_said_so() {
        let shop = shop();
        let (books, day) = (&shop.books, Timestamp::DAY_MS);
        let after = |days: i64| NOW.plus_ms(days * day);
        assert_eq!(
            jump(&books.meta, after(400)).unwrap(),
            Some(Jump { seen_at: NOW, now: after(400) }),
            "by its batches"
        );
        note(books, NOW).unwrap();
        for near in [-7, 0, 7] {
            assert_eq!(jump(&books.meta, after(near)).unwrap(), None, "{near} days");
        }
        for far in [-400, -8, 8, 400] {
            note(books, after(far)).unwrap();
            assert!(jump(&books.meta, after(far)).unwrap().is_some(), "{far} days");
        }
        assert!(!is_due(&books.meta, NOW.plus_ms(1_000)).unwrap(), "an idle server writes nothing");
        confirm(books, after(400)).unwrap();
        assert_eq!(jump(&books.meta, after(401)).unwrap(), None);
        assert!(jump(&books.meta, NOW).unwrap().is_some(), "and back again is a jump too");
        let told = jump(&books.meta, NOW).unwrap().unwrap().to_string();
        assert!(told.contains("400 days before") && told.contains("--confirm-clock"), "{told}");
    }
}
