//! One recording's line: fixed numbers, and the names of devices, browsers, systems and countries by their place in a table.

use crate::error::Result;
use rusqlite::Row;
use std::ops::Range;

/// What `Entry::read` reads.
pub const LISTED: &str =
    "select id, site_id, started_at, ended_at, pages, clicks, inputs, rage, dead, error_clicks, quick_backs, errors,
    device, browser, os, country, bot, iif(kept, null, terms) from recording";

/// What every list looks at: two recordings share one line of the processor's memory.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub started_at: i64,
    /// Longer ones count as 49 days.
    pub length_ms: u32,
    /// Clicks and inputs.
    pub actions: u32,
    /// How often the visitor was seen to be in trouble.
    pub frustration: u16,
    pub pages: u16,
    /// Site, device, browser, system and country, by their places in `Names`.
    pub site: u16,
    pub device: u8,
    pub browser: u8,
    pub os: u8,
    pub country: u8,
    /// Which signals it shows, as bits in the order of `Signal::ALL`.
    pub signals: u8,
    pub bot: bool,
}

/// What few lists look at, or only for what they show.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    pub id: [u8; 16],
    /// Where its texts begin, and how many they are.
    pub numbers_at: u32,
    pub numbers: u16,
}

const _: () = assert!(size_of::<Entry>() == 32 && size_of::<Tail>() == 24);

impl Entry {
    /// A row of `LISTED`, its id, and the numbers of its texts as they are stored.
    pub fn read<'a>(row: &'a Row<'_>, names: &mut Names) -> Result<(Self, [u8; 16], &'a [u8])> {
        let short = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
        let (started_at, ended_at): (i64, i64) = (row.get(2)?, row.get(3)?);
        let mut counts = [0u32; 5];
        for (count, column) in counts.iter_mut().zip(7..) {
            *count = row.get(column)?;
        }
        let entry = Self {
            started_at,
            length_ms: u32::try_from((ended_at - started_at).max(0)).unwrap_or(u32::MAX),
            actions: row.get::<_, u32>(5)?.saturating_add(row.get(6)?),
            // An error by itself need not have been noticed.
            frustration: short(counts[..4].iter().fold(0, |sum, count| sum.saturating_add(*count))),
            pages: short(row.get(4)?),
            site: names.site(row.get(1)?),
            device: names.devices.place(row.get_ref(12)?.as_str_or_null().ok().flatten()),
            browser: names.browsers.place(row.get_ref(13)?.as_str_or_null().ok().flatten()),
            os: names.systems.place(row.get_ref(14)?.as_str_or_null().ok().flatten()),
            country: names.countries.place(row.get_ref(15)?.as_str_or_null().ok().flatten()),
            signals: counts.iter().enumerate().fold(0, |bits, (at, count)| bits | u8::from(*count > 0) << at),
            bot: row.get(16)?,
        };
        Ok((entry, row.get(0)?, row.get_ref(17)?.as_blob_or_null().ok().flatten().unwrap_or_default()))
    }
}

impl Tail {
    /// Where its texts stand among all.
    pub fn range(&self) -> Range<usize> {
        let at = self.numbers_at as usize;
        at..at + usize::from(self.numbers)
    }
}

/// Names that many recordings share.
#[derive(Debug, Default)]
pub struct Names {
    pub sites: Vec<i64>,
    pub devices: Table,
    pub browsers: Table,
    pub systems: Table,
    pub countries: Table,
}

impl Names {
    /// The place of a site. The last place is shared by sites beyond as many as anybody has.
    fn site(&mut self, id: i64) -> u16 {
        let place = self.sites.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.sites.push(id);
            self.sites.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }
}

/// Up to 255 names; the first is that of what is not known, also where there were too many.
#[derive(Debug)]
pub struct Table(Vec<String>);

impl Default for Table {
    fn default() -> Self {
        Self(vec![String::new()])
    }
}

impl Table {
    fn place(&mut self, name: Option<&str>) -> u8 {
        let name = name.unwrap_or_default();
        let found = self.0.iter().position(|known| known == name).or_else(|| {
            let room = self.0.len() <= usize::from(u8::MAX);
            room.then(|| {
                self.0.push(name.to_owned());
                self.0.len() - 1
            })
        });
        found.and_then(|place| u8::try_from(place).ok()).unwrap_or(0)
    }

    pub fn names(&self) -> &[String] {
        &self.0
    }
}
