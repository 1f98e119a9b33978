//! One recording's line: fixed numbers, and the names of devices, browsers, systems and countries by their place in a table.

use crate::error::Result;
use rusqlite::Row;
use std::ops::Range;

/// What `Entry::read` reads.
pub const LISTED: &str =
    "select id, site_id, started_at, ended_at, pages, clicks, inputs, rage, dead, error_clicks, quick_backs, errors,
    device, browser, os, country, bot, iif(kept, null, terms) from recording";

/// A recording, in one line of the processor's memory.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub id: [u8; 16],
    pub started_at: i64,
    /// Longer ones count as 49 days.
    pub length_ms: u32,
    /// Where its texts begin.
    pub numbers_at: u32,
    /// Clicks and inputs.
    pub actions: u32,
    pub numbers: u16,
    pub pages: u16,
    pub rage: u16,
    pub dead: u16,
    pub error_clicks: u16,
    pub quick_backs: u16,
    pub errors: u16,
    /// Site, device, browser, system and country, by their places in `Names`.
    pub site: u16,
    pub device: u8,
    pub browser: u8,
    pub os: u8,
    pub country: u8,
    pub bot: bool,
}

const _: () = assert!(size_of::<Entry>() == 64);

impl Entry {
    /// A row of `LISTED`, and the numbers of its texts as they are stored.
    pub fn read<'a>(row: &'a Row<'_>, names: &mut Names) -> Result<(Self, &'a [u8])> {
        let short = |at: usize| row.get::<_, u32>(at).map(|count| u16::try_from(count).unwrap_or(u16::MAX));
        let (started_at, ended_at): (i64, i64) = (row.get(2)?, row.get(3)?);
        let entry = Self {
            id: row.get(0)?,
            started_at,
            length_ms: u32::try_from((ended_at - started_at).max(0)).unwrap_or(u32::MAX),
            numbers_at: 0,
            actions: row.get::<_, u32>(5)?.saturating_add(row.get(6)?),
            numbers: 0,
            pages: short(4)?,
            rage: short(7)?,
            dead: short(8)?,
            error_clicks: short(9)?,
            quick_backs: short(10)?,
            errors: short(11)?,
            site: names.site(row.get(1)?),
            device: names.devices.place(row.get_ref(12)?.as_str_or_null().ok().flatten()),
            browser: names.browsers.place(row.get_ref(13)?.as_str_or_null().ok().flatten()),
            os: names.systems.place(row.get_ref(14)?.as_str_or_null().ok().flatten()),
            country: names.countries.place(row.get_ref(15)?.as_str_or_null().ok().flatten()),
            bot: row.get(16)?,
        };
        Ok((entry, row.get_ref(17)?.as_blob_or_null().ok().flatten().unwrap_or_default()))
    }

    /// Where its texts stand among all.
    pub fn range(&self) -> Range<usize> {
        let at = self.numbers_at as usize;
        at..at + usize::from(self.numbers)
    }

    /// How often the visitor was seen to be in trouble.
    pub fn frustration(&self) -> u32 {
        u32::from(self.rage) + u32::from(self.dead) + u32::from(self.error_clicks) + u32::from(self.quick_backs)
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
