//! The page as the other program numbered it: which of its nodes has which of our numbers, and what stands before what.

use crate::model::NodeId;
use std::collections::HashMap;

/// The other program's number of a node. A shadow root has none there: it gets a negative one, by its host's.
pub type Theirs = i64;

/// Nodes of one page; a larger one could not be rebuilt.
pub const NODES_MAX: usize = crate::mirror::NODES_MAX;

/// What of a node decides how it is told later.
#[derive(Debug, Default)]
pub struct Node {
    /// None for what is not told: a script, text in a style element.
    pub ours: Option<NodeId>,
    pub parent: Theirs,
    pub content: Content,
    previous: Option<Theirs>,
    next: Option<Theirs>,
    first: Option<Theirs>,
    last: Option<Theirs>,
}

#[derive(Debug, Default)]
pub enum Content {
    /// A document or a shadow root.
    Root,
    Element(Box<Element>),
    Text,
    /// Text in a style element: its part of the rules.
    Css(Box<str>),
    #[default]
    Other,
}

#[derive(Debug, Default)]
pub struct Element {
    /// In lower case.
    pub tag: Box<str>,
    /// The `type` that was told.
    pub kind: Box<str>,
    /// Its inline style as the page had it: changes of it are told property by property.
    pub style: Box<str>,
    /// Nothing of it that a visitor writes is ever told.
    pub secret: bool,
    /// Its children are not told.
    pub leaf: bool,
    /// It has style rules.
    pub sheet: bool,
    pub shadow: bool,
    /// The document inside a frame.
    pub frame: Option<Theirs>,
}

/// The nodes of one page.
#[derive(Debug, Default)]
pub struct Tree(HashMap<Theirs, Node>);

pub fn shadow_of(host: Theirs) -> Theirs {
    -host - 1
}

impl Tree {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn is_full(&self) -> bool {
        self.0.len() >= NODES_MAX
    }

    pub fn get(&self, id: Theirs) -> Option<&Node> {
        self.0.get(&id)
    }

    pub fn ours(&self, id: Theirs) -> Option<NodeId> {
        self.0.get(&id)?.ours
    }

    pub fn element(&self, id: Theirs) -> Option<&Element> {
        match &self.0.get(&id)?.content {
            Content::Element(element) => Some(element),
            Content::Root | Content::Text | Content::Css(_) | Content::Other => None,
        }
    }

    pub fn element_mut(&mut self, id: Theirs) -> Option<&mut Element> {
        match &mut self.0.get_mut(&id)?.content {
            Content::Element(element) => Some(element),
            Content::Root | Content::Text | Content::Css(_) | Content::Other => None,
        }
    }

    /// Put a node that is not in the tree into it: before `next`, or as the last of its parent. A document or shadow root is
    /// nobody's sibling. False where the number is taken.
    pub fn put(
        &mut self,
        id: Theirs,
        parent: Theirs,
        next: Option<Theirs>,
        ours: Option<NodeId>,
        content: Content,
    ) -> bool {
        if self.0.contains_key(&id) || self.is_full() {
            return false;
        }
        let root = matches!(content, Content::Root);
        self.0.insert(id, Node { ours, parent, content, ..Node::default() });
        if !root {
            self.link(id, parent, next);
        }
        true
    }

    /// Put a node elsewhere, with all below it.
    pub fn replace(&mut self, id: Theirs, parent: Theirs, next: Option<Theirs>) {
        self.unlink(id);
        if let Some(node) = self.0.get_mut(&id) {
            node.parent = parent;
        }
        self.link(id, parent, next);
    }

    /// Whether `id` is `above` or stands somewhere below it.
    pub fn is_within(&self, id: Theirs, above: Theirs) -> bool {
        let mut at = id;
        for _ in 0..=self.0.len() {
            if at == above {
                return true;
            }
            match self.0.get(&at) {
                Some(node) if node.parent != at => at = node.parent,
                Some(_) | None => return false,
            }
        }
        true
    }

    /// The nearest sibling that stands before `next`, or is the last, and was told.
    pub fn told_before(&self, parent: Theirs, next: Option<Theirs>) -> Option<NodeId> {
        let mut at = match next {
            Some(next) => self.0.get(&next)?.previous,
            None => self.0.get(&parent)?.last,
        };
        while let Some(node) = at.and_then(|at| self.0.get(&at)) {
            if node.ours.is_some() {
                return node.ours;
            }
            at = node.previous;
        }
        None
    }

    /// The children of a node, in their order.
    pub fn children(&self, id: Theirs) -> impl Iterator<Item = (Theirs, &Node)> {
        let mut next = self.0.get(&id).and_then(|node| node.first);
        std::iter::from_fn(move || {
            let id = next?;
            let node = self.0.get(&id)?;
            next = node.next;
            Some((id, node))
        })
    }

    pub fn set_css(&mut self, id: Theirs, css: &str) {
        if let Some(node) = self.0.get_mut(&id) {
            node.content = Content::Css(css.into());
        }
    }

    /// The rules of a style element: what its texts say.
    pub fn css_of(&self, id: Theirs) -> String {
        self.children(id)
            .filter_map(|(_, node)| match &node.content {
                Content::Css(css) => Some(&**css),
                Content::Root | Content::Element(_) | Content::Text | Content::Other => None,
            })
            .collect()
    }

    /// Take a node out, with all below it.
    pub fn remove(&mut self, id: Theirs) {
        self.unlink(id);
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            waiting.extend(self.children(id).map(|(child, _)| child));
            if let Some(Node { content: Content::Element(element), .. }) = self.0.remove(&id) {
                waiting.extend(element.shadow.then(|| shadow_of(id)));
                waiting.extend(element.frame);
            }
        }
    }

    fn link(&mut self, id: Theirs, parent: Theirs, next: Option<Theirs>) {
        let previous = match next {
            Some(next) => self.0.get(&next).and_then(|node| node.previous),
            None => self.0.get(&parent).and_then(|node| node.last),
        };
        match previous.and_then(|previous| self.0.get_mut(&previous)) {
            Some(before) => before.next = Some(id),
            None => {
                if let Some(parent) = self.0.get_mut(&parent) {
                    parent.first = Some(id);
                }
            }
        }
        match next.and_then(|next| self.0.get_mut(&next)) {
            Some(behind) => behind.previous = Some(id),
            None => {
                if let Some(parent) = self.0.get_mut(&parent) {
                    parent.last = Some(id);
                }
            }
        }
        if let Some(node) = self.0.get_mut(&id) {
            (node.previous, node.next) = (previous, next);
        }
    }

    fn unlink(&mut self, id: Theirs) {
        let Some(node) = self.0.get_mut(&id) else { return };
        if matches!(node.content, Content::Root) {
            return;
        }
        let (parent, previous, next) = (node.parent, node.previous.take(), node.next.take());
        match previous.and_then(|previous| self.0.get_mut(&previous)) {
            Some(before) => before.next = next,
            None => {
                if let Some(parent) = self.0.get_mut(&parent)
                    && parent.first == Some(id)
                {
                    parent.first = next;
                }
            }
        }
        match next.and_then(|next| self.0.get_mut(&next)) {
            Some(behind) => behind.previous = previous,
            None => {
                if let Some(parent) = self.0.get_mut(&parent)
                    && parent.last == Some(id)
                {
                    parent.last = previous;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        assert!(tree.put(1, 0, None, Some(1), Content::Root));
        for (id, next, ours) in [(2, None, Some(2)), (4, None, Some(4)), (3, Some(4), None)] {
            assert!(tree.put(id, 1, next, ours, Content::Other));
        }
        tree
    }

    fn order(tree: &Tree, id: Theirs) -> Vec<Theirs> {
        tree.children(id).map(|(child, _)| child).collect()
    }

    #[test]
    fn nodes_stand_where_they_were_put_and_what_is_not_told_is_passed_over() {
        let mut tree = tree();
        assert_eq!(order(&tree, 1), [2, 3, 4]);
        assert_eq!(
            (tree.told_before(1, Some(4)), tree.told_before(1, Some(2)), tree.told_before(1, None)),
            (Some(2), None, Some(4))
        );
        assert!(!tree.put(2, 1, None, None, Content::Other));
        tree.replace(2, 4, None);
        tree.replace(4, 1, Some(3));
        assert_eq!((order(&tree, 1), order(&tree, 4)), (vec![4, 3], vec![2]));
        assert!(tree.is_within(2, 4) && tree.is_within(2, 1) && !tree.is_within(4, 2));
        tree.remove(4);
        assert_eq!(order(&tree, 1), [3]);
        assert!(tree.get(2).is_none());
        tree.remove(3);
        assert!(tree.told_before(1, None).is_none() && order(&tree, 1).is_empty());
    }
}
