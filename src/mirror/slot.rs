//! Which slot shows what: the children of an element with a shadow tree are drawn where its slots are.

use super::{Content, Mirror};
use crate::model::NodeId;
use crate::stream::Namespace;
use std::collections::HashMap;

/// The first slot of each name in a shadow tree; of several, the others show nothing.
pub type Slots = HashMap<Box<str>, NodeId>;

impl Mirror {
    /// The slots of the shadow tree with this root. A tree within it has its own.
    pub fn slots_in(&self, shadow: NodeId) -> Slots {
        let mut slots = Slots::new();
        let mut waiting = vec![shadow];
        while let Some(id) = waiting.pop() {
            if self.is_slot(id) {
                slots.entry(self.name_in(id, "name").into()).or_insert(id);
            }
            let from = waiting.len();
            waiting.extend(self.children(id).map(|(child, _)| child));
            waiting[from..].reverse();
        }
        slots
    }

    /// The shadow tree of a node's parent, and the name of the slot there that shows the node; none where it is drawn in its place.
    pub fn assigned(&self, id: NodeId) -> Option<(NodeId, &str)> {
        let node = self.node(id)?;
        let shadow = self.element(node.parent?)?.shadow?;
        match node.content {
            Content::Element(_) => Some((shadow, self.name_in(id, "slot"))),
            Content::Text(_) => Some((shadow, "")),
            Content::Document { .. } | Content::Shadow { .. } | Content::Doctype { .. } | Content::Comment => None,
        }
    }

    pub fn is_slot(&self, id: NodeId) -> bool {
        self.element(id).is_some_and(|element| element.namespace == Namespace::Html && *element.tag == *"slot")
    }

    /// The root of the shadow tree that a node stands in.
    pub fn shadow_of(&self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        loop {
            let node = self.node(at)?;
            match node.content {
                Content::Shadow { .. } => return Some(at),
                Content::Document { .. } => return None,
                Content::Element(_) | Content::Text(_) | Content::Doctype { .. } | Content::Comment => {
                    at = node.parent?
                }
            }
        }
    }

    fn name_in(&self, id: NodeId, attribute: &str) -> &str {
        self.element(id).and_then(|element| element.shown(attribute)).unwrap_or_default()
    }
}
