//! Counts what one batch holds, for lists and findings: while the door walks it, and over what the door kept.

use crate::model::{PageId, VisitId};
use crate::store::finding::Found;
use crate::store::rule::RulesSeen;
use crate::store::{GapSeen, PageSeen, TagSeen, UnreadableSeen};
use crate::stream::{Known, Op, Press, Value};

/// A list shows no more of an address or a title.
const URL_BYTES_MAX: usize = 2_048;
const TITLE_BYTES_MAX: usize = 512;
/// No honest batch comes to so many pages or has so many gaps.
const PAGES_MAX: usize = 200;
const GAPS_MAX: usize = 100;
const UNREADABLE_MAX: usize = 100;
const FINDINGS_MAX: usize = 40;
const RULES_MAX: usize = 1_000;
const PSEUDONYMS_MAX: usize = 8;
/// Names of events and tags of one batch that a recording is found by, and their characters.
const NAMES_MAX: usize = 40;
const NAME_BYTES_MAX: usize = 200;

/// What was counted so far.
#[derive(Debug, Default)]
pub struct Count {
    page: Option<PageId>,
    now: u64,
    pub last_at: u64,
    pub pages: u32,
    pub clicks: u32,
    pub inputs: u32,
    pub events: u32,
    pub finished: bool,
    pub size: Option<(u32, u32)>,
    pub page_list: Vec<PageSeen>,
    pub gap_list: Vec<GapSeen>,
    pub unreadable_list: Vec<UnreadableSeen>,
    /// Each name and each tag once.
    pub event_list: Vec<String>,
    pub tag_list: Vec<TagSeen>,
    /// Which of the policy's rules matched; no recording keeps it either.
    pub rules: RulesSeen,
    /// Fields that nobody marked; no recording keeps them.
    pub findings: Vec<Found>,
    /// Who it is, as the browser and the site say; kept under other names alone.
    pub who: Who,
}

/// Who a batch says it is of.
#[derive(Debug, Default)]
pub struct Who {
    pub visit: Option<VisitId>,
    pub pseudonyms: Vec<String>,
}

impl Count {
    /// Begin a batch of this page whose first op happened at `began`.
    pub fn new(page: PageId, began: u64) -> Self {
        Self { page: Some(page), now: began, last_at: began, ..Self::default() }
    }

    /// Take in one op.
    pub fn see(&mut self, op: &Op<'_>) {
        match *op {
            // Nodes are part of what happened, not events of their own.
            Op::Element { .. }
            | Op::Text { .. }
            | Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End => return,
            Op::Time { at } => {
                self.now = at;
                self.last_at = self.last_at.max(at);
                return;
            }
            Op::Snapshot { width, height, url, title, .. } => {
                self.size.get_or_insert((width, height));
                self.came_to(url, title);
            }
            Op::Page { url, title } => self.came_to(url, title),
            Op::Viewport { width, height } => {
                self.size.get_or_insert((width, height));
            }
            Op::Press { kind, .. } => match kind {
                Press::Click => self.clicks += 1,
                Press::Down
                | Press::Up
                | Press::DoubleClick
                | Press::ContextMenu
                | Press::TouchStart
                | Press::TouchEnd
                | Press::TouchCancel => {}
            },
            Op::Input { by_visitor, .. } => self.inputs += u32::from(by_visitor),
            Op::Gap { ops, ms, .. } if self.gap_list.len() < GAPS_MAX => {
                self.gap_list.push(GapSeen { at: i64::try_from(self.now).unwrap_or(i64::MAX), ops, ms });
            }
            Op::Finish => self.finished = true,
            // What the recorder tells of itself, and where bytes came from, is nothing that the visitor did.
            Op::Part { .. } | Op::Cost { .. } | Op::Shed { .. } | Op::Asset { .. } => return,
            // Nor what its page and the browser say of the page.
            Op::Vital { .. } | Op::Error { .. } | Op::Log { .. } | Op::Request { .. } => return,
            Op::Event { name, .. } => {
                note(&mut self.event_list, cut(name, NAME_BYTES_MAX));
                return;
            }
            Op::Tag { name, value } => {
                let value = match value {
                    Value::Shown(text) => cut(text, NAME_BYTES_MAX),
                    Value::Masked(_) => String::new(),
                };
                note(&mut self.tag_list, TagSeen { name: cut(name, NAME_BYTES_MAX), value });
                return;
            }
            Op::Unreadable { url, cause, .. } => {
                if self.unreadable_list.len() < UNREADABLE_MAX {
                    self.unreadable_list.push(UnreadableSeen { url: cut(url, URL_BYTES_MAX), cause });
                }
                return;
            }
            Op::Rules { first, places } => {
                self.rules.first |= first;
                self.rules.matched.extend(places.iter().take(RULES_MAX));
                return;
            }
            Op::Who { kind, words } => {
                match kind {
                    Known::Id => self.who.visit = words.parse().ok(),
                    Known::Pseudonym => {
                        let known = self.who.pseudonyms.iter().any(|one| one == words);
                        if !known && self.who.pseudonyms.len() < PSEUDONYMS_MAX {
                            self.who.pseudonyms.push(words.to_owned());
                        }
                    }
                }
                return;
            }
            Op::Sensitive { kind, selector, url } => {
                if self.findings.len() < FINDINGS_MAX {
                    self.findings.push(Found::by_recorder(kind, selector, url));
                }
                return;
            }
            Op::Gap { .. }
            | Op::Add { .. }
            | Op::Remove { .. }
            | Op::Attribute { .. }
            | Op::SetText { .. }
            | Op::SetMasked { .. }
            | Op::Sheet { .. }
            | Op::RuleInsert { .. }
            | Op::RuleDelete { .. }
            | Op::AdoptedSheet { .. }
            | Op::Adopt { .. }
            | Op::Move { .. }
            | Op::Scroll { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Visibility { .. }
            | Op::Media { .. }
            | Op::Canvas { .. }
            | Op::Zoom { .. }
            | Op::Chosen { .. }
            | Op::Mixed { .. }
            | Op::Ring { .. }
            | Op::Layer { .. } => {}
        }
        self.events += 1;
    }

    fn came_to(&mut self, url: &str, title: Value<'_>) {
        self.pages += 1;
        let Some(page) = self.page else { return };
        let title = match title {
            Value::Shown(text) => cut(text, TITLE_BYTES_MAX),
            Value::Masked(_) => String::new(),
        };
        let at = i64::try_from(self.now).unwrap_or(i64::MAX);
        // The latest page is the one that the visitor left from.
        self.page_list.truncate(PAGES_MAX - 1);
        self.page_list.push(PageSeen { page, url: cut(url, URL_BYTES_MAX), title, at });
    }
}

/// Remember what was not met before, as long as there is room.
fn note<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if list.len() < NAMES_MAX && !list.contains(&one) {
        list.push(one);
    }
}

/// As much of a text as fits, without half a character at its end.
fn cut(text: &str, bytes_max: usize) -> String {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_a_hostile_batch_stay_short() {
        let mut count = Count::new(PageId([1; 8]), 0);
        let url = "ř".repeat(10_000);
        for _ in 0..1_000 {
            count.see(&Op::Page { url: &url, title: Value::Shown(&url) });
            count.see(&Op::Gap { page: 0, ops: 1, ms: 1 });
        }
        count.see(&Op::Page { url: "last", title: Value::Masked(3) });
        assert_eq!((count.pages, count.events), (1_001, 2_001));
        assert_eq!((count.page_list.len(), count.gap_list.len()), (PAGES_MAX, GAPS_MAX));
        assert!(
            count.page_list.iter().all(|page| page.url.len() <= URL_BYTES_MAX && page.title.len() <= TITLE_BYTES_MAX)
        );
        assert_eq!(count.page_list.last().map(|page| page.url.as_str()), Some("last"));
    }
}
