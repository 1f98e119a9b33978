//! How often each rule refused a batch of a site, by day.

use super::day::Day;
use crate::error::Result;
use crate::model::Timestamp;
use rusqlite::Connection;

/// Count one more.
pub fn count(db: &Connection, site_id: i64, rule: &str, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "insert into refusal (site_id, rule, day, count) values (?1, ?2, ?3, 1)
         on conflict do update set count = count + 1",
    )?
    .execute((site_id, rule, Day::of(now)))?;
    Ok(())
}

/// Refusals of the last 30 days, by rule.
pub fn list(db: &Connection, site_id: i64, now: Timestamp) -> Result<Vec<(String, u64)>> {
    let mut statement = db.prepare_cached(
        "select rule, sum(count) from refusal where site_id = ?1 and day > ?2 group by rule order by 2 desc, 1",
    )?;
    let rows = statement.query_map((site_id, Day::of(now).0 - 30), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
