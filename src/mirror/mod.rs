//! The recorded page in memory, rebuilt op by op. Tolerant: an op about a node that is not there changes nothing and is
//! counted, because a batch may be missing and a stranger may have sent it.

mod node;

pub use node::{Element, Kind, Node, RuleChange, Sheet, Told};

use crate::model::NodeId;
use crate::stream::{Op, SheetRef};
use std::collections::HashMap;

/// A run of nodes that has been told to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The document of a snapshot; `None` for an addition.
    pub snapshot: Option<NodeId>,
    /// The nodes at the top of the run, in their order.
    pub tops: Vec<NodeId>,
    /// Live nodes that moved into the run, with the parents they left.
    pub moved: Vec<(NodeId, NodeId)>,
}

/// Where the next node of an open list goes.
#[derive(Debug)]
struct Open {
    /// `None` where the list's owner is not there: its nodes are told to nobody.
    parent: Option<NodeId>,
    previous: Option<NodeId>,
}

/// One page of a recording.
#[derive(Debug, Default)]
pub struct Mirror {
    nodes: HashMap<NodeId, Node>,
    document: Option<NodeId>,
    /// Constructed sheets by their number.
    sheets: HashMap<u32, Sheet>,
    open: Vec<Open>,
    run: Option<Run>,
    /// Ops that were about nodes that are not there.
    astray: u64,
}

impl Mirror {
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    pub fn document(&self) -> Option<NodeId> {
        self.document
    }

    pub fn sheet(&self, number: u32) -> Option<&Sheet> {
        self.sheets.get(&number)
    }

    /// How many ops were about nodes that are not there.
    pub fn astray(&self) -> u64 {
        self.astray
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The nodes under `id`, itself first, in document order; shadow roots and frame documents before children.
    pub fn subtree(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            let Some(node) = self.nodes.get(&id) else { continue };
            found.push(id);
            let mut child = node.last;
            while let Some(id) = child {
                waiting.push(id);
                child = self.nodes.get(&id).and_then(|node| node.previous);
            }
            if let Some(element) = node.element() {
                waiting.extend(element.frame);
                waiting.extend(element.shadow);
            }
        }
        found
    }

    /// Take in one op. At the end of a run of nodes, the answer tells what it brought.
    pub fn apply(&mut self, op: &Op<'_>) -> Option<Run> {
        match *op {
            Op::Element { id, namespace, tag, attributes, open } => {
                let element = Element {
                    namespace,
                    tag: tag.to_owned(),
                    attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
                    sheet: None,
                    value: None,
                    checked: None,
                    scroll: None,
                    shadow: None,
                    frame: None,
                };
                self.tell(id, Kind::Element(Box::new(element)), open);
            }
            Op::Text { id, text, .. } => self.tell(id, Kind::Text(Told::Shown(text.to_owned())), false),
            Op::Masked { id, bucket } => self.tell(id, Kind::Text(Told::Masked(bucket)), false),
            Op::Comment { id } => self.tell(id, Kind::Comment, false),
            Op::Doctype { id, name, public, system } => {
                let kind =
                    Kind::Doctype { name: name.to_owned(), public: public.to_owned(), system: system.to_owned() };
                self.tell(id, kind, false);
            }
            Op::Block { id, namespace, tag, width, height } => {
                self.tell(id, Kind::Block { namespace, tag: tag.to_owned(), width, height }, false);
            }
            Op::Shadow { id } => self.tell_root(id, Kind::Shadow { adopted: Vec::new() }),
            Op::Frame { id } => self.tell_root(id, Kind::Document { scroll: None, adopted: Vec::new() }),
            Op::Moved { id } => self.tell_moved(id),
            Op::Css { text } => {
                self.set_sheet(self.open_parent(), text);
            }
            Op::End => {
                self.open.pop();
                if self.open.is_empty() {
                    return self.run.take();
                }
            }
            Op::Snapshot { id, .. } => {
                self.nodes.clear();
                self.sheets.clear();
                self.nodes.insert(id, Node::new(Kind::Document { scroll: None, adopted: Vec::new() }));
                self.document = Some(id);
                self.begin(Some(id), Some(id), None);
            }
            Op::Add { parent, previous } => {
                let known = self.nodes.contains_key(&parent).then_some(parent);
                self.astray += u64::from(known.is_none());
                // A neighbour that is not there any more: the run comes last.
                let previous = match previous {
                    Some(id) if self.is_child(id, parent) => Some(id),
                    Some(_) => self.nodes.get(&parent).and_then(|node| node.last),
                    None => None,
                };
                self.begin(None, known, previous);
            }
            Op::Remove { id } => self.remove(id),
            Op::Attribute { id, name, value } => {
                if let Some(element) = self.element_mut(id) {
                    let attributes = &mut element.attributes;
                    let place = attributes.iter().position(|(known, _)| known == name);
                    match (value, place) {
                        (Some(value), Some(place)) => attributes[place].1 = value.into(),
                        (Some(value), None) => attributes.push((name.to_owned(), value.into())),
                        (None, Some(place)) => drop(attributes.remove(place)),
                        (None, None) => {}
                    }
                }
            }
            Op::SetText { id, text, .. } => self.set_text(id, Told::Shown(text.to_owned())),
            Op::SetMasked { id, bucket } => self.set_text(id, Told::Masked(bucket)),
            Op::Sheet { id, text } => self.set_sheet(Some(id), text),
            Op::RuleInsert { sheet, path, text } => self.change_rule(sheet, path, Some(text)),
            Op::RuleDelete { sheet, path } => self.change_rule(sheet, path, None),
            Op::AdoptedSheet { sheet, text } => {
                self.sheets.insert(sheet, Sheet { text: text.to_owned(), changes: Vec::new() });
            }
            Op::Adopt { root, sheets } => match self.nodes.get_mut(&root).map(|node| &mut node.kind) {
                Some(Kind::Document { adopted, .. } | Kind::Shadow { adopted }) => *adopted = sheets.to_vec(),
                _ => self.astray += 1,
            },
            Op::Scroll { id, x, y } => match self.nodes.get_mut(&id).map(|node| &mut node.kind) {
                Some(Kind::Document { scroll, .. }) => *scroll = Some((x, y)),
                Some(Kind::Element(element)) => element.scroll = Some((x, y)),
                _ => self.astray += 1,
            },
            Op::Input { id, value, checked, .. } => {
                if let Some(element) = self.element_mut(id) {
                    if let Some(value) = value {
                        element.value = Some(value.into());
                    }
                    element.checked = checked.or(element.checked);
                }
            }
            Op::Time { .. }
            | Op::Move { .. }
            | Op::Press { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Viewport { .. }
            | Op::Visibility { .. }
            | Op::Page { .. }
            | Op::Gap { .. }
            | Op::Finish => {}
        }
        None
    }

    fn begin(&mut self, snapshot: Option<NodeId>, parent: Option<NodeId>, previous: Option<NodeId>) {
        self.open.push(Open { parent, previous });
        self.run = Some(Run { snapshot, tops: Vec::new(), moved: Vec::new() });
    }

    /// The node whose list is open, as long as it is there.
    fn open_parent(&self) -> Option<NodeId> {
        self.open.last().and_then(|open| open.parent).filter(|parent| self.nodes.contains_key(parent))
    }

    /// A new node of the open list.
    fn tell(&mut self, id: NodeId, kind: Kind, opens: bool) {
        // A number told twice is another node now.
        self.remove_if_there(id);
        let placed = self.open_parent().is_some();
        if placed {
            self.nodes.insert(id, Node::new(kind));
            self.place(id);
        }
        if opens {
            self.open.push(Open { parent: placed.then_some(id), previous: None });
        }
    }

    /// A shadow root or a frame's document of the open element. One that was there before is forgotten.
    fn tell_root(&mut self, id: NodeId, kind: Kind) {
        self.remove_if_there(id);
        let shadow = matches!(kind, Kind::Shadow { .. });
        let mut placed = None;
        if let Some(host) = self.open_parent()
            && self.nodes.get(&host).is_some_and(|node| node.element().is_some())
        {
            let mut node = Node::new(kind);
            node.parent = Some(host);
            self.nodes.insert(id, node);
            let before = self
                .nodes
                .get_mut(&host)
                .and_then(Node::element_mut)
                .and_then(|element| if shadow { element.shadow.replace(id) } else { element.frame.replace(id) });
            if let Some(before) = before {
                self.forget(before);
            }
            if self.open.len() == 1
                && let Some(run) = &mut self.run
            {
                run.tops.push(id);
            }
            placed = Some(id);
        }
        self.open.push(Open { parent: placed, previous: None });
    }

    fn tell_moved(&mut self, id: NodeId) {
        let parent = self.open_parent();
        let left = self.nodes.get(&id).and_then(|node| node.parent);
        match (parent, left) {
            // Nothing can be moved into itself.
            (Some(parent), Some(left)) if !self.is_above(id, parent) => {
                let before = self.nodes.get(&id).and_then(|node| node.previous);
                for open in self.open.iter_mut().filter(|open| open.previous == Some(id)) {
                    open.previous = before;
                }
                self.take_out(id);
                self.place(id);
                if let Some(run) = &mut self.run {
                    run.moved.push((id, left));
                }
            }
            _ => self.astray += 1,
        }
    }

    /// Put a node that is nobody's child at the open place.
    fn place(&mut self, id: NodeId) {
        let top = self.open.len() == 1;
        let Some(parent) = self.open_parent() else { return };
        let Some(open) = self.open.last_mut() else { return };
        let mut previous = open.previous.replace(id);
        if previous.is_some_and(|previous| !self.is_child(previous, parent)) {
            previous = self.nodes.get(&parent).and_then(|node| node.last);
        }
        if top && let Some(run) = &mut self.run {
            run.tops.push(id);
        }
        let next = match previous {
            Some(previous) => self.nodes.get_mut(&previous).and_then(|node| node.next.replace(id)),
            None => self.nodes.get_mut(&parent).and_then(|node| node.first.replace(id)),
        };
        match next {
            Some(next) => {
                if let Some(next) = self.nodes.get_mut(&next) {
                    next.previous = Some(id);
                }
            }
            None => {
                if let Some(parent) = self.nodes.get_mut(&parent) {
                    parent.last = Some(id);
                }
            }
        }
        if let Some(node) = self.nodes.get_mut(&id) {
            node.parent = Some(parent);
            node.previous = previous;
            node.next = next;
        }
    }

    /// Take a node from among its neighbours; it and what is under it stay known.
    fn take_out(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(&parent)) {
            if parent.first == Some(id) {
                parent.first = next;
            }
            if parent.last == Some(id) {
                parent.last = previous;
            }
            if let Some(element) = parent.element_mut() {
                element.shadow = element.shadow.filter(|shadow| *shadow != id);
                element.frame = element.frame.filter(|frame| *frame != id);
            }
        }
        if let Some(previous) = previous.and_then(|previous| self.nodes.get_mut(&previous)) {
            previous.next = next;
        }
        if let Some(next) = next.and_then(|next| self.nodes.get_mut(&next)) {
            next.previous = previous;
        }
    }

    fn remove(&mut self, id: NodeId) {
        if self.nodes.contains_key(&id) && self.document != Some(id) {
            self.take_out(id);
            self.forget(id);
        } else {
            self.astray += 1;
        }
    }

    fn remove_if_there(&mut self, id: NodeId) {
        if self.nodes.contains_key(&id) {
            self.remove(id);
        }
    }

    fn forget(&mut self, id: NodeId) {
        for id in self.subtree(id) {
            self.nodes.remove(&id);
        }
    }

    fn is_child(&self, id: NodeId, parent: NodeId) -> bool {
        self.nodes.get(&id).is_some_and(|node| {
            node.parent == Some(parent) && !matches!(node.kind, Kind::Shadow { .. } | Kind::Document { .. })
        })
    }

    /// Whether `above` is `id` or stands on the way up from it.
    fn is_above(&self, above: NodeId, id: NodeId) -> bool {
        let mut at = Some(id);
        while let Some(id) = at {
            if id == above {
                return true;
            }
            at = self.nodes.get(&id).and_then(|node| node.parent);
        }
        false
    }

    fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        let element = self.nodes.get_mut(&id).and_then(Node::element_mut);
        if element.is_none() {
            self.astray += 1;
        }
        element
    }

    fn set_text(&mut self, id: NodeId, told: Told) {
        match self.nodes.get_mut(&id).map(|node| &mut node.kind) {
            Some(Kind::Text(text)) => *text = told,
            _ => self.astray += 1,
        }
    }

    fn set_sheet(&mut self, owner: Option<NodeId>, text: &str) {
        if let Some(element) = owner.and_then(|id| self.element_mut(id)) {
            element.sheet = Some(Sheet { text: text.to_owned(), changes: Vec::new() });
        }
    }

    fn change_rule(&mut self, sheet: SheetRef, path: &[u32], text: Option<&str>) {
        let sheet = match sheet {
            SheetRef::Owner(id) => {
                self.nodes.get_mut(&id).and_then(Node::element_mut).and_then(|element| element.sheet.as_mut())
            }
            SheetRef::Adopted(number) => self.sheets.get_mut(&number),
        };
        match sheet {
            Some(sheet) => {
                sheet.changes.push(RuleChange { path: path.to_vec(), text: text.map(str::to_owned) });
            }
            None => self.astray += 1,
        }
    }
}

#[cfg(test)]
mod tests;
