//! The recorded page in memory, rebuilt op by op as the browser's own page was: for replays, seeks and whoever asks what was
//! on the page. It trusts nothing: an op about a node that it does not know is left out and counted.

mod apply;
mod keyframe;
mod label;
mod links;
mod node;
mod select;
mod sheet;
mod slot;

pub use keyframe::{Keyframe, Pointer};
pub use label::{Kind, Target};
pub use node::{Content, Element, Held, Input, Media, Node, Stand};
pub use select::Selector;
pub use sheet::Sheet;
pub use slot::Slots;

use std::collections::HashMap;

use crate::model::NodeId;

/// Nodes of one page. Above, a page is too large to be rebuilt; it is still stored.
pub const NODES_MAX: usize = 250_000;
/// Bytes of text, attributes and style of one page.
pub const BYTES_MAX: usize = 64 << 20;
/// How deep nodes may nest over all batches of a page.
pub const DEPTH_MAX: usize = 1_024;
/// Constructed sheets of one page.
const SHEETS_MAX: usize = 10_000;

/// The page as it stood after the last op.
#[derive(Debug, Default)]
pub struct Mirror {
    nodes: HashMap<NodeId, Node>,
    root: Option<NodeId>,
    sheets: HashMap<u32, Sheet>,
    focus: Option<NodeId>,
    /// Whether the focus is drawn.
    ring: bool,
    /// How often something came into the top layer: the last to come is on top.
    layers: u32,
    url: String,
    title: Option<String>,
    viewport: (u32, u32),
    /// The part of the viewport in sight, as `Op::Zoom` tells it; none where that is all of it.
    zoom: Option<[u32; 5]>,
    /// The lists that the ops of the current run stand in.
    open: Vec<apply::List>,
    bytes: usize,
    ignored: u64,
    too_large: bool,
}

impl Mirror {
    /// Forget everything: another page begins.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The page's document; none before its first snapshot.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// The element with this number; none if it is another kind of node.
    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.nodes.get(&id)?.content {
            Content::Element(element) => Some(element),
            Content::Document { .. }
            | Content::Shadow { .. }
            | Content::Doctype { .. }
            | Content::Text(_)
            | Content::Comment => None,
        }
    }

    /// The children of a node in their order. Shadow roots and frame documents are no children.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let mut next = self.nodes.get(&id).and_then(|node| node.first);
        std::iter::from_fn(move || {
            let id = next?;
            let node = self.nodes.get(&id)?;
            next = node.next;
            Some((id, node))
        })
    }

    /// The document that a node is in: the page's, or that of a frame.
    pub fn document_of(&self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        loop {
            let node = self.nodes.get(&at)?;
            match node.content {
                Content::Document { .. } => return Some(at),
                Content::Element(_)
                | Content::Shadow { .. }
                | Content::Doctype { .. }
                | Content::Text(_)
                | Content::Comment => at = node.parent?,
            }
        }
    }

    /// A constructed sheet.
    pub fn sheet(&self, sheet: u32) -> Option<&Sheet> {
        self.sheets.get(&sheet)
    }

    /// The control or element that has the focus.
    pub fn focus(&self) -> Option<NodeId> {
        self.focus
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The page's title, where it is shown.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Width and height of the viewport in CSS pixels.
    pub fn viewport(&self) -> (u32, u32) {
        self.viewport
    }

    /// The part of the viewport in sight: scale in hundredths, left, top, width, height.
    pub fn zoom(&self) -> Option<[u32; 5]> {
        self.zoom
    }

    /// Whether the focus is drawn.
    pub fn ring(&self) -> bool {
        self.ring
    }

    /// The numbers of all its nodes, in no order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.keys().copied()
    }

    /// How many nodes the page has.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many ops were about what the mirror does not know.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Whether the page went over a bound, so that the mirror is not the whole page.
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }
}

#[cfg(test)]
pub(crate) mod tests;
