//! Counts what one batch holds, for lists and findings: while the door walks it, and over what the door kept.

use crate::model::PageId;
use crate::store::{GapSeen, PageSeen};
use crate::stream::{Op, Press, Value};

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
            Op::Gap { ops, ms, .. } => {
                self.gap_list.push(GapSeen { at: i64::try_from(self.now).unwrap_or(i64::MAX), ops, ms });
            }
            Op::Finish => self.finished = true,
            Op::Add { .. }
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
            | Op::Visibility { .. } => {}
        }
        self.events += 1;
    }

    fn came_to(&mut self, url: &str, title: Value<'_>) {
        self.pages += 1;
        let Some(page) = self.page else { return };
        let title = match title {
            Value::Shown(text) => text.to_owned(),
            Value::Masked(_) => String::new(),
        };
        let at = i64::try_from(self.now).unwrap_or(i64::MAX);
        self.page_list.push(PageSeen { page, url: url.to_owned(), title, at });
    }
}
