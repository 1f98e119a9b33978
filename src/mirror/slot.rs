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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Op, Value};

    #[test]
    fn the_first_slot_of_a_name_shows_what_asks_for_it() {
        let mut mirror = Mirror::default();
        let element = |id, tag, attributes, open| Op::Element { id, namespace: Namespace::Html, tag, attributes, open };
        let (named, asked) = ([("name", Value::Shown("m"))], [("slot", Value::Shown("m"))]);
        for op in [
            Op::Snapshot { id: 1, width: 1, height: 1, url: "", title: Value::Masked(0) },
            element(2, "x-box", &[], true),
            Op::Shadow { id: 3 },
            element(4, "x-inner", &[], true),
            Op::Shadow { id: 5 },
            element(6, "slot", &[], false),
            Op::End,
            element(7, "slot", &named, false),
            Op::End,
            element(8, "slot", &named, false),
            element(9, "slot", &[], false),
            Op::End,
            element(10, "p", &asked, true),
            Op::Text { id: 11, text: "x", rule: 0 },
            Op::End,
            Op::Text { id: 12, text: "x", rule: 0 },
            Op::Comment { id: 13 },
            Op::End,
            Op::End,
        ] {
            mirror.apply(&op);
        }
        assert_eq!(mirror.slots_in(3), [("m".into(), 7), ("".into(), 9)].into());
        assert_eq!(mirror.slots_in(5), [("".into(), 6)].into());
        for (id, wanted) in [
            (10, Some((3, "m"))),
            (12, Some((3, ""))),
            (7, Some((5, ""))),
            (11, None),
            (13, None),
            (4, None),
            (3, None),
        ] {
            assert_eq!(mirror.assigned(id), wanted, "{id}");
        }
        assert_eq!((mirror.shadow_of(7), mirror.shadow_of(10)), (Some(3), None));
    }
}
