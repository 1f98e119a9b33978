//! How nodes hang together. Both ends of each link are set in one place, so that they cannot disagree.

use super::apply::is_root;
use super::{Content, Mirror, Node};
use crate::model::NodeId;

impl Mirror {
    /// Put a node that hangs nowhere into `parent`, behind `previous` or first. A `previous` that is no child of it means last.
    pub(super) fn link(&mut self, id: NodeId, parent: NodeId, previous: Option<NodeId>) {
        let is_child = |node: &Node| node.parent == Some(parent) && !is_root(&node.content);
        let previous = match previous {
            Some(previous) if self.nodes.get(&previous).is_some_and(is_child) => Some(previous),
            Some(_) => self.nodes.get(&parent).and_then(|node| node.last),
            None => None,
        };
        let next = match previous {
            Some(previous) => self.nodes.get(&previous).and_then(|node| node.next),
            None => self.nodes.get(&parent).and_then(|node| node.first),
        };
        if let Some(node) = self.nodes.get_mut(&id) {
            (node.parent, node.previous, node.next) = (Some(parent), previous, next);
        }
        match previous.and_then(|previous| self.nodes.get_mut(&previous)) {
            Some(before) => before.next = Some(id),
            None => self.with(parent, |parent| parent.first = Some(id)),
        }
        match next.and_then(|next| self.nodes.get_mut(&next)) {
            Some(behind) => behind.previous = Some(id),
            None => self.with(parent, |parent| parent.last = Some(id)),
        }
    }

    /// Take a node with all below it out of its parent's list.
    pub(super) fn unlink(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        match previous {
            Some(previous) => self.with(previous, |node| node.next = next),
            None => parent.into_iter().for_each(|parent| self.with(parent, |node| node.first = next)),
        }
        match next {
            Some(next) => self.with(next, |node| node.previous = previous),
            None => parent.into_iter().for_each(|parent| self.with(parent, |node| node.last = previous)),
        }
    }

    /// Forget a node that hangs nowhere, and all below it.
    pub(super) fn free(&mut self, id: NodeId) {
        let mut doomed = vec![id];
        while let Some(id) = doomed.pop() {
            let Some(node) = self.nodes.remove(&id) else { continue };
            self.bytes = self.bytes.saturating_sub(node.content.bytes());
            if self.focus == Some(id) {
                self.focus = None;
            }
            if let Content::Element(element) = &node.content {
                doomed.extend(element.shadow);
                doomed.extend(element.frame);
            }
            let mut next = node.first;
            while let Some(child) = next {
                doomed.push(child);
                next = self.nodes.get(&child).and_then(|node| node.next);
            }
        }
    }

    /// Whether `id` is `other` or above it, through shadow roots and frames.
    pub(super) fn is_above(&self, id: NodeId, other: NodeId) -> bool {
        let mut at = Some(other);
        while let Some(node) = at {
            if node == id {
                return true;
            }
            at = self.nodes.get(&node).and_then(|node| node.parent);
        }
        false
    }

    /// How many nodes stand above this one.
    pub(super) fn depth(&self, id: NodeId) -> usize {
        let mut at = self.nodes.get(&id).and_then(|node| node.parent);
        let mut depth = 0;
        while let Some(node) = at {
            depth += 1;
            at = self.nodes.get(&node).and_then(|node| node.parent);
        }
        depth
    }

    /// Everything below and including this node, frames and shadow roots too.
    pub fn subtree(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = vec![id];
        let mut at = 0;
        while let Some(id) = found.get(at).copied() {
            at += 1;
            if let Some(element) = self.element(id) {
                found.extend(element.shadow);
                found.extend(element.frame);
            }
            let children: Vec<_> = self.children(id).map(|(child, _)| child).collect();
            found.extend(children);
        }
        found
    }

    fn with(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(&id) {
            change(node);
        }
    }
}
