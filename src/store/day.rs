//! A calendar day in UTC: what chunk files are named by.

use crate::model::Timestamp;
use jiff::civil::{Date, date};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt;
use std::str::FromStr;

/// Days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

const EPOCH: Date = date(1970, 1, 1);

impl Day {
    pub fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(Timestamp::DAY_MS) as i32)
    }

    /// The day whose beginning ends what was recorded at `at`: kept for `retention_days` whole days, and never a day longer.
    pub fn of_expiry(at: Timestamp, retention_days: u32) -> Self {
        Self(Self::of(at).0.saturating_add(retention_days.min(36_500) as i32 + 1))
    }

    pub fn begins_at(self) -> Timestamp {
        Timestamp(i64::from(self.0) * Timestamp::DAY_MS)
    }

    /// `2026-11`: data keys are kept under a key of their site and month.
    pub fn month(self) -> String {
        self.date().strftime("%Y-%m").to_string()
    }

    fn date(self) -> Date {
        EPOCH.saturating_add(jiff::Span::new().days(self.0.clamp(-1_000_000, 2_000_000)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let date: Date = text.parse()?;
        Ok(Self(EPOCH.until(date)?.get_days()))
    }
}

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i32::column_result(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_as_people_write_it() {
        let day: Day = "2026-12-23".parse().unwrap();
        assert_eq!(day.to_string(), "2026-12-23");
        assert_eq!(day.month(), "2026-12");
        assert_eq!(Day::of(day.begins_at()), day);
        assert_eq!(Day::of(day.begins_at().plus_ms(-1)).to_string(), "2026-12-22");
        assert!("nonsense".parse::<Day>().is_err());
    }

    #[test]
    fn what_is_kept_for_a_day_is_kept_for_a_whole_one() {
        let day: Day = "2026-12-23".parse().unwrap();
        let evening = day.begins_at().plus_ms(Timestamp::DAY_MS - 1);
        assert_eq!(Day::of_expiry(evening, 1).to_string(), "2026-12-25");
    }
}
