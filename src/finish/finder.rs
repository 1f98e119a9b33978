//! Finds the marks, op by op. The mirror has each op when it is looked at here.

use super::clicks::{Clicks, is_answer};
use super::marks::{Cost, Hidden, Mark, Marks, What};
use crate::mirror::{Held, Kind, Mirror};
use crate::model::NodeId;
use crate::stream::{Op, Press, Value};
use std::collections::HashSet;

/// Marks of one recording; further ones are left out.
const MARKS_MAX: usize = 20_000;
/// Characters of an error's words and of names.
const WORDS_MAX: usize = 200;
/// Typing into one field within this time is one mark.
const TYPING_MS: i64 = 5_000;
/// The grain of `Marks::activity`.
const ACTIVITY_MS: i64 = 500;
const QUICK_BACK_MS: i64 = 5_000;
/// Stands for a hidden character where words are masked in part.
const MASK: char = '█';

/// Finds marks in ops. Times are milliseconds since the recording began.
#[derive(Debug, Default)]
pub struct Finder {
    marks: Vec<Mark>,
    activity: Vec<i64>,
    clicks: Clicks,
    at: i64,
    /// Which page load this is: a node's number is its own only within one.
    load: u32,
    viewport: (u32, u32),
    /// The pages before the present one and now: their mark and when they came.
    pages: Vec<(String, i64)>,
    page_mark: Option<usize>,
    typing: Option<(NodeId, i64)>,
    hidden: [HashSet<(u32, NodeId)>; 2],
    blocked: HashSet<(u32, NodeId)>,
    cost_tenths: (u64, u32),
}

impl Finder {
    pub fn set_time(&mut self, at: i64) {
        self.at = at;
        self.clicks.pass(at, &mut self.marks);
    }

    /// Another page's batches follow.
    pub fn turn_page(&mut self) {
        self.clicks.forget();
        self.typing = None;
    }

    /// Batches never came.
    pub fn missing(&mut self, at: i64, batches: u32) {
        self.clicks.forget();
        self.push(at, What::Gap { ops: 0, ms: 0, batches });
    }

    pub fn op(&mut self, op: &Op<'_>, mirror: &Mirror) {
        let at = self.at;
        if is_answer(op, mirror) {
            self.clicks.answered();
        }
        match *op {
            Op::Snapshot { width, height, url, title, .. } => {
                self.load += 1;
                self.clicks.forget();
                self.resized((width, height), !self.pages.is_empty());
                self.page(url, shown(title), true);
            }
            Op::Page { url, title } => {
                let title = shown(title);
                let same = self.pages.last().is_some_and(|(now, _)| now == url);
                match self.page_mark.and_then(|mark| self.marks.get_mut(mark)).map(|mark| &mut mark.what) {
                    // The same address again only tells the title.
                    Some(What::Page { title: told, .. }) if same => {
                        if !title.is_empty() {
                            *told = title.to_owned();
                        }
                    }
                    _ => self.page(url, title, false),
                }
            }
            Op::Press { kind, id, x, y } => {
                self.active();
                if kind == Press::Click && mirror.node(id).is_some() {
                    let target = mirror.target(id);
                    self.clicks.click(at, id, (x, y), &target, mirror, &mut self.marks);
                    self.push(at, What::Click { target });
                }
            }
            Op::Move { .. } | Op::Scroll { .. } => self.active(),
            Op::Viewport { width, height } => {
                self.active();
                self.resized((width, height), true);
            }
            Op::Input { id, value, by_visitor, .. } => self.input(id, value, by_visitor, mirror),
            Op::Visibility { hidden } => self.push(at, What::Tab { hidden }),
            Op::Gap { ops, ms, .. } => {
                self.clicks.forget();
                self.push(at, What::Gap { ops, ms, batches: 0 });
            }
            Op::Shed { level } => self.push(at, What::Shed { level }),
            Op::Cost { tenths, longest, .. } => {
                self.cost_tenths.0 += u64::from(tenths);
                self.cost_tenths.1 = self.cost_tenths.1.max(longest);
            }
            Op::Error { name, message, .. } => {
                self.clicks.failed(at, &mut self.marks);
                self.push(at, What::Error { name: short(name), message: short(shown(message)) });
            }
            Op::Event { name, .. } => self.push(at, What::Event { name: short(name) }),
            Op::Masked { id, .. } | Op::SetMasked { id, .. } => self.hide(0, id),
            Op::Text { id, text, .. } | Op::SetText { id, text, .. } if text.contains(MASK) => self.hide(0, id),
            Op::Block { id, .. } => drop(self.blocked.insert((self.load, id))),
            Op::Element { id, attributes, .. }
                if attributes.iter().any(|(name, value)| *name == "value" && is_hidden(*value)) =>
            {
                self.hide(1, id);
            }
            _ => {}
        }
    }

    /// All that was found.
    pub fn finish(mut self, start: i64, last: i64, keyframes: Vec<i64>, too_large: bool) -> Marks {
        self.marks.sort_by_key(|mark| mark.at);
        let count = |set: &HashSet<(u32, NodeId)>| u32::try_from(set.len()).unwrap_or(u32::MAX);
        let [texts, inputs] = &self.hidden;
        Marks {
            start,
            end: last - start,
            hidden: Hidden { texts: count(texts), inputs: count(inputs), blocked: count(&self.blocked) },
            cost: Cost {
                ms: u32::try_from(self.cost_tenths.0 / 10).unwrap_or(u32::MAX),
                longest_ms: self.cost_tenths.1 / 10,
            },
            marks: self.marks,
            activity: self.activity,
            keyframes,
            too_large,
        }
    }

    fn page(&mut self, url: &str, title: &str, load: bool) {
        let at = self.at;
        self.active();
        self.typing = None;
        if let [.., (before, _), (left, came)] = &self.pages[..]
            && before == url
            && left != url
            && at - came < QUICK_BACK_MS
        {
            let url = left.clone();
            self.push(at, What::QuickBack { url });
        }
        self.pages.push((url.to_owned(), at));
        if self.pages.len() > 2 {
            self.pages.remove(0);
        }
        self.page_mark = Some(self.marks.len());
        self.push(at, What::Page { url: url.to_owned(), title: title.to_owned(), load });
    }

    fn input(&mut self, id: NodeId, value: Option<Value<'_>>, by_visitor: bool, mirror: &Mirror) {
        if value.is_some_and(is_hidden) {
            self.hide(1, id);
        }
        if !by_visitor || mirror.element(id).is_none() {
            return;
        }
        self.active();
        let at = self.at;
        let goes_on = self.typing.is_some_and(|(field, last)| field == id && at - last < TYPING_MS);
        self.typing = Some((id, at));
        if !goes_on {
            let target = mirror.target(id);
            let toggle = target.kind == Kind::Choice;
            self.push(at, What::Input { target, toggle });
        }
    }

    fn resized(&mut self, viewport: (u32, u32), tell: bool) {
        if self.viewport != viewport && tell {
            self.push(self.at, What::Resize { width: viewport.0, height: viewport.1 });
        }
        self.viewport = viewport;
    }

    fn active(&mut self) {
        if self.activity.last().is_none_or(|last| self.at - last >= ACTIVITY_MS) {
            self.activity.push(self.at);
        }
    }

    fn hide(&mut self, list: usize, id: NodeId) {
        self.hidden[list].insert((self.load, id));
    }

    fn push(&mut self, at: i64, what: What) {
        if self.marks.len() < MARKS_MAX {
            self.marks.push(Mark { at, what });
        }
    }
}

fn is_hidden(value: Value<'_>) -> bool {
    match Held::from(value) {
        Held::Masked(_) => true,
        Held::Shown(text) => text.contains(MASK),
    }
}

fn shown(value: Value<'_>) -> &str {
    match value {
        Value::Shown(text) => text,
        Value::Masked(_) => "",
    }
}

fn short(words: &str) -> String {
    words.chars().take(WORDS_MAX).collect()
}
