//! Recordings that rrweb made, in whatever program, on their way in. What they hold was hidden by nobody here, so each node, word,
//! address and rule goes through the functions that the door asks, under the site's policy as it is now; then through the door, then
//! through the auditor, and only then to disk. What is not known is left out. Pure but for `keep`.
//!
//! The file is read as it comes: memory holds one event, what waits to be told in its order, and the batches, packed.

mod batch;
mod happening;
mod hide;
mod json;
pub mod keep;
mod order;
mod page;
mod scan;
mod style;
#[cfg(test)]
mod tests;
mod tree;
mod unpack;

use crate::error::Error;
use crate::policy::{self, Policy};
use batch::Batch;
use happening::source;
use json::{Document, Json};
use order::{Item, Order};
use page::{Page, whole};
use scan::{Cut, Scanner};
use std::collections::BTreeMap;

/// Bytes of one file, as it comes.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Windows of one file; each becomes a recording.
pub const WINDOWS_MAX: usize = 32;
/// Events of one file.
const EVENTS_MAX: u64 = 5_000_000;
/// The years 2000 to 2100, in milliseconds since 1970: other times are in another unit.
const TIMES: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// Why a file cannot be imported, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    what: String,
    /// The event, counted from 1.
    event: Option<u64>,
    /// Bytes from the beginning of the file.
    at: Option<u64>,
    large: bool,
}

impl Wrong {
    fn file(at: u64, what: impl Into<String>) -> Self {
        Self { what: what.into(), event: None, at: Some(at), large: false }
    }

    /// About the event at hand.
    fn event(what: impl Into<String>) -> Self {
        Self { what: what.into(), event: None, at: None, large: false }
    }

    /// A sentence that names the bound.
    fn large(what: impl Into<String>) -> Self {
        Self { what: what.into(), event: None, at: None, large: true }
    }

    fn of_event(self, number: u64, at: u64) -> Self {
        Self { event: self.event.or(Some(number)), at: self.at.or(Some(at)), ..self }
    }

    pub fn is_large(&self) -> bool {
        self.large
    }
}

impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Self {
        let place = match (wrong.event, wrong.at) {
            (Some(event), Some(at)) => format!(" (event {event}, byte {at})"),
            (None, Some(at)) => format!(" (byte {at})"),
            (Some(_) | None, None) => String::new(),
        };
        let what = wrong.what.trim_end_matches('.');
        if wrong.large {
            Self::LargeImport(format!("{what}{place}."))
        } else {
            Self::Unimportable(format!("This cannot be imported: {what}{place}."))
        }
    }
}

/// A recording of which all is known to be good, not yet kept.
#[derive(Debug)]
pub struct Imported {
    /// When each page began, in milliseconds since 1970.
    pages: Vec<i64>,
    batches: Vec<Batch>,
}

/// Takes in one file, piece by piece.
pub struct Importer<'p> {
    policy: &'p Policy,
    scanner: Scanner,
    bytes: u64,
    events: Events<'p>,
}

/// What was found in the file, by window.
struct Events<'p> {
    count: u64,
    windows: BTreeMap<String, Window<'p>>,
}

/// One window, which becomes a recording.
struct Window<'p> {
    order: Order,
    page: Page<'p>,
    /// The address and the size that were told last.
    href: String,
    size: (u32, u32),
    /// The address of the page that is told; none before its first snapshot, or where the policy leaves its address out.
    shown: Option<String>,
}

impl<'p> Importer<'p> {
    /// Under this policy.
    pub fn new(policy: &'p Policy) -> Self {
        Self { policy, scanner: Scanner::default(), bytes: 0, events: Events { count: 0, windows: BTreeMap::new() } }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        self.bytes += bytes.len() as u64;
        if self.bytes > FILE_BYTES_MAX {
            return Err(Wrong::large(too_large()));
        }
        let (events, policy) = (&mut self.events, self.policy);
        self.scanner.feed(bytes, &mut |cut| {
            events.count += 1;
            let (number, at) = (events.count, cut.at);
            events.take(cut, policy).map_err(|wrong| wrong.of_event(number, at))
        })
    }

    /// The file has come to its end: a recording for each window that shows a page.
    pub fn finish(mut self) -> Result<Vec<Imported>, Wrong> {
        self.scanner.finish()?;
        if self.events.count == 0 {
            return Err(Wrong::event("it holds no events"));
        }
        let mut all = Vec::new();
        for window in std::mem::take(&mut self.events.windows).into_values() {
            all.extend(window.finish()?);
        }
        if all.is_empty() {
            return Err(Wrong::event(
                "it holds no whole page (an event of type 2), or none whose address the site's policy records",
            ));
        }
        Ok(all)
    }
}

/// The sentence for a file beyond the bound.
pub fn too_large() -> String {
    format!("A file for import may have {} MiB. Cut it into several.", FILE_BYTES_MAX >> 20)
}

impl<'p> Events<'p> {
    fn take(&mut self, cut: Cut<'_>, policy: &'p Policy) -> Result<(), Wrong> {
        if self.count > EVENTS_MAX {
            return Err(Wrong::large(format!("A file for import may have {EVENTS_MAX} events.")));
        }
        let text = std::str::from_utf8(cut.bytes).map_err(|_| Wrong::event("it is not UTF-8"))?;
        let document = Document::parse(text).map_err(|wrong| Wrong::file(cut.at + wrong.at as u64, wrong.what))?;
        let event = document.root();
        let kind = whole(event, "type").ok_or_else(|| Wrong::event("it has no type: it is no event of rrweb"))?;
        let time = event.get("timestamp").and_then(Json::number).ok_or_else(|| Wrong::event("it has no timestamp"))?;
        let time = time as i64;
        if !TIMES.contains(&time) {
            return Err(Wrong::event("its timestamp is not in milliseconds since 1970"));
        }
        if !self.windows.contains_key(cut.window) {
            if self.windows.len() >= WINDOWS_MAX {
                return Err(Wrong::large(format!("A file for import may be of {WINDOWS_MAX} windows.")));
            }
            self.windows.insert(cut.window.to_owned(), Window::new(policy));
        }
        let Some(window) = self.windows.get_mut(cut.window) else { return Ok(()) };
        // What is of no kind that is known is left out.
        if !matches!(kind, kind::SNAPSHOT | kind::INCREMENTAL | kind::META | kind::CUSTOM) {
            return Ok(());
        }
        let data = unpack::data(event)?;
        let source = event.get("data").and_then(|data| whole(data, "source"));
        if kind == kind::INCREMENTAL && source.is_some_and(|source| WAYS.contains(&source)) {
            window.way(time, &data)?;
        } else {
            window.order.put(time, Item::Event { number: self.count, at: cut.at, kind, data: data.into_owned() });
        }
        window.tell(false)
    }
}

/// Sources that tell of the pointer's way.
const WAYS: [i64; 3] = [source::MOUSE_MOVE, source::TOUCH_MOVE, source::DRAG];

/// What rrweb calls kinds of events.
mod kind {
    pub const SNAPSHOT: i64 = 2;
    pub const INCREMENTAL: i64 = 3;
    pub const META: i64 = 4;
    pub const CUSTOM: i64 = 5;
}

impl<'p> Window<'p> {
    fn new(policy: &'p Policy) -> Self {
        Self { order: Order::default(), page: Page::new(policy), href: String::new(), size: (0, 0), shown: None }
    }

    /// Points of the pointer's way, each at its own time.
    fn way(&mut self, time: i64, data: &str) -> Result<(), Wrong> {
        let document = parsed(data)?;
        let touch = whole(document.root(), "source") == Some(source::TOUCH_MOVE);
        for point in document.root().get("positions").into_iter().flat_map(Json::items) {
            let of = |key: &str| point.get(key).and_then(Json::number);
            let (Some(x), Some(y)) = (of("x"), of("y")) else { continue };
            let at = time.saturating_add(of("timeOffset").unwrap_or(0.0).clamp(-60_000.0, 60_000.0) as i64);
            self.order.put(at, Item::Move { id: whole(point, "id").unwrap_or(0), x, y, touch });
        }
        Ok(())
    }

    fn tell(&mut self, last: bool) -> Result<(), Wrong> {
        while let Some((time, item)) = self.order.next(last) {
            match item {
                Item::Move { .. } if self.shown.is_none() => continue,
                Item::Move { id, x, y, touch } => {
                    self.page.batches.set_time(time);
                    self.page.moved(id, x, y, touch);
                }
                Item::Event { number, at, kind, data } => {
                    let told = parsed(&data).and_then(|data| self.event(time, kind, data.root()));
                    told.map_err(|wrong| wrong.of_event(number, at))?;
                }
            }
            self.page.batches.settle()?;
        }
        Ok(())
    }

    fn event(&mut self, time: i64, kind: i64, data: Json<'_>) -> Result<(), Wrong> {
        match kind {
            kind::META => {
                self.href = data.get("href").and_then(Json::text).unwrap_or_default().into_owned();
                let side = |key: &str| data.get(key).and_then(Json::number).unwrap_or(0.0).clamp(0.0, 1e6) as u32;
                self.size = (side("width"), side("height"));
                Ok(())
            }
            kind::SNAPSHOT => self.snapshot(time, data),
            _ if self.shown.is_none() => Ok(()),
            kind::INCREMENTAL => {
                self.page.batches.set_time(time);
                self.page.happened(data)
            }
            kind::CUSTOM => {
                self.custom(time, data);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn snapshot(&mut self, time: i64, data: Json<'_>) -> Result<(), Wrong> {
        let document = data.get("node").ok_or_else(|| Wrong::event("its snapshot has no node"))?;
        let url = policy::reduce_url(&self.href, self.page.policy);
        if !policy::may_record(&url, self.page.policy) {
            self.shown = None;
            return Ok(());
        }
        // A batch begins with a snapshot, where one can: whoever seeks begins there too.
        if self.shown.as_ref() == Some(&self.href) {
            self.page.batches.cut()?
        } else {
            self.page.batches.begin_page(time)?
        }
        self.page.batches.set_time(time);
        self.shown = Some(self.href.clone());
        self.page.snapshot(document, &url, self.size)?;
        let offset = data.get("initialOffset");
        let side = |key: &str| offset.and_then(|offset| offset.get(key)).and_then(Json::number).unwrap_or(0.0);
        let (x, y) = (side("left").clamp(0.0, 1e8) as u32, side("top").clamp(0.0, 1e8) as u32);
        if let (Some(id), true) = (self.page.told(self.page.root), x > 0 || y > 0) {
            self.page.batches.op(&crate::stream::Op::Scroll { id, x, y });
        }
        Ok(())
    }

    /// Events of our own export, and of PostHog's, that tell of another address.
    fn custom(&mut self, time: i64, data: Json<'_>) {
        let Some(payload) = data.get("payload") else { return };
        let of = |key: &str| payload.get(key).and_then(Json::text).unwrap_or_default();
        let url = match data.get("tag").and_then(Json::text).as_deref() {
            Some("hushreel.page") => of("url"),
            Some("$pageview") => of("href"),
            Some(_) | None => return,
        };
        if !url.is_empty() {
            self.page.batches.set_time(time);
            self.page.came_to(&url, &of("title"));
        }
    }

    fn finish(mut self) -> Result<Option<Imported>, Wrong> {
        self.tell(true)?;
        if self.page.batches.pages.is_empty() {
            return Ok(None);
        }
        self.page.batches.op(&crate::stream::Op::Finish);
        self.page.batches.cut()?;
        Ok(Some(Imported { pages: self.page.batches.pages, batches: self.page.batches.done }))
    }
}

fn parsed(data: &str) -> Result<Document<'_>, Wrong> {
    Document::parse(data).map_err(|wrong| Wrong::event(wrong.what))
}
