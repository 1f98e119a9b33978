//! What each op does to the page.

use super::{
    BYTES_MAX, Content, DEPTH_MAX, Element, Held, Input, Media, Mirror, NODES_MAX, Node, SHEETS_MAX, Sheet, Stand,
};
use crate::model::NodeId;
use crate::stream::{Namespace, Op, Play, SheetRef, Value};

/// A child list that the current run stands in. Without a parent, what stands in it is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    depth: usize,
}

impl Mirror {
    /// Change the page as this op says.
    pub fn apply(&mut self, op: &Op<'_>) {
        match *op {
            Op::Element { id, namespace, tag, attributes, open } => {
                let content = Content::Element(Box::new(Element {
                    attributes: attributes.iter().map(|(name, value)| ((*name).into(), Held::from(*value))).collect(),
                    ..element(namespace, tag)
                }));
                let placed = self.place(id, content);
                if open {
                    self.enter(placed);
                }
            }
            Op::Text { id, text, .. } => drop(self.place(id, Content::Text(Held::Shown(text.into())))),
            Op::Masked { id, bucket } => drop(self.place(id, Content::Text(Held::Masked(bucket)))),
            Op::Comment { id } => drop(self.place(id, Content::Comment)),
            Op::Doctype { id, name, public, system } => {
                let content = Content::Doctype { name: name.into(), public: public.into(), system: system.into() };
                self.place(id, content);
            }
            Op::Shadow { id } => {
                let placed = self.host(id, Content::Shadow { adopted: Vec::new() });
                self.enter(placed);
            }
            Op::Frame { id } => {
                let placed = self.host(id, Content::Document { adopted: Vec::new() });
                self.enter(placed);
            }
            Op::Moved { id } => self.move_here(id),
            Op::Css { text } => {
                let parent = self.open.last().and_then(|list| list.parent);
                self.set_sheet(parent, text);
            }
            Op::Block { id, namespace, tag, width, height } => {
                let block = Element { block: Some((width, height)), ..element(namespace, tag) };
                self.place(id, Content::Element(Box::new(block)));
            }
            Op::End => drop(self.open.pop()),
            Op::Time { .. } => {}
            Op::Snapshot { id, width, height, url, title } => self.begin(id, (width, height), url, title),
            Op::Add { parent, previous } => {
                let known = self.nodes.get(&parent).is_some_and(|node| holds_children(&node.content));
                self.count(known);
                let depth = if known { self.depth(parent) } else { 0 };
                self.open.push(List { parent: known.then_some(parent), previous, depth });
            }
            Op::Remove { id } => self.remove(id),
            Op::Attribute { id, name, value } => self.set_attribute(id, name, value),
            Op::SetText { id, text, .. } => self.set_text(id, Held::Shown(text.into())),
            Op::SetMasked { id, bucket } => self.set_text(id, Held::Masked(bucket)),
            Op::Sheet { id, text } => self.set_sheet(Some(id), text),
            Op::RuleInsert { sheet, path, text } => self.edit_sheet(sheet, path, Some(text)),
            Op::RuleDelete { sheet, path } => self.edit_sheet(sheet, path, None),
            Op::AdoptedSheet { sheet, text } => {
                let room = self.sheets.contains_key(&sheet) || self.sheets.len() < SHEETS_MAX;
                if room && self.take_room(text.len()) {
                    let before = self.sheets.insert(sheet, Sheet::new(text));
                    self.bytes = self.bytes.saturating_sub(before.map_or(0, |sheet| sheet.bytes()));
                } else {
                    self.too_large = true;
                }
            }
            Op::Adopt { root, sheets } => match self.nodes.get_mut(&root).map(|node| &mut node.content) {
                Some(Content::Document { adopted } | Content::Shadow { adopted }) => *adopted = sheets.to_vec(),
                Some(Content::Doctype { .. } | Content::Element(_) | Content::Text(_) | Content::Comment) | None => {
                    self.ignored += 1;
                }
            },
            Op::Scroll { id, x, y } => match self.nodes.get_mut(&id) {
                Some(node) => node.scroll = (x, y),
                None => self.ignored += 1,
            },
            Op::Input { id, value, checked, .. } => self.set_input(id, value, checked),
            Op::Chosen { id, places } => self.with_input(id, |input| input.chosen = Some(places.to_vec())),
            Op::Mixed { id, on } => self.with_input(id, |input| {
                // It is a box, though nobody told yet whether it is checked.
                input.checked.get_or_insert(false);
                input.mixed = on;
            }),
            Op::Ring { id } => {
                self.ring |= self.focus == Some(id);
                self.count(self.focus == Some(id));
            }
            Op::Focus { id } => {
                self.count(self.nodes.contains_key(&id));
                self.ring = false;
                self.focus = self.nodes.contains_key(&id).then_some(id);
            }
            Op::Blur { id } => {
                if self.focus == Some(id) {
                    self.focus = None;
                }
            }
            Op::Media { id, kind, ms, volume, rate, muted } => match self.element_mut(id) {
                Some(element) => {
                    let played = element.media.is_some_and(|media| media.playing);
                    let playing = match kind {
                        Play::Play => true,
                        Play::Pause => false,
                        Play::Seeked | Play::Volume | Play::Rate => played,
                    };
                    element.media = Some(Media { playing, ms, volume, rate, muted });
                }
                None => self.ignored += 1,
            },
            Op::Canvas { id, picture } => self.set_picture(id, picture),
            Op::Zoom { scale, left, top, width, height } => self.zoom = Some([scale, left, top, width, height]),
            Op::Layer { id, layer } => {
                self.layers += 1;
                let order = self.layers;
                match self.element_mut(id) {
                    Some(element) => element.stand = layer.map(|layer| Stand { layer, order }),
                    None => self.ignored += 1,
                }
            }
            Op::Viewport { width, height } => self.viewport = (width, height),
            Op::Page { url, title } => self.name(url, title),
            Op::Move { .. }
            | Op::Press { .. }
            | Op::Visibility { .. }
            | Op::Gap { .. }
            | Op::Finish
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Vital { .. }
            | Op::Error { .. }
            | Op::Log { .. }
            | Op::Request { .. }
            | Op::Event { .. }
            | Op::Tag { .. }
            | Op::Shed { .. } => {}
            // Whose bytes they are is told once the whole recording was looked through.
            Op::Asset { .. } | Op::Unreadable { .. } | Op::Sensitive { .. } | Op::Rules { .. } | Op::Who { .. } => {}
        }
    }

    fn begin(&mut self, id: NodeId, viewport: (u32, u32), url: &str, title: Value<'_>) {
        let ignored = self.ignored;
        *self = Self { ignored, viewport, root: Some(id), ..Self::default() };
        self.name(url, title);
        self.nodes.insert(id, free_node(Content::Document { adopted: Vec::new() }));
        self.open.push(List { parent: Some(id), previous: None, depth: 0 });
    }

    fn name(&mut self, url: &str, title: Value<'_>) {
        self.url = url.to_owned();
        self.title = match title {
            Value::Shown(title) => Some(title.to_owned()),
            Value::Masked(_) => None,
        };
    }

    /// Add a new node to the open list; `None` if it is left out.
    fn place(&mut self, id: NodeId, content: Content) -> Option<NodeId> {
        let list = self.open.last().copied()?;
        let parent = list.parent?;
        let taken = self.nodes.contains_key(&id);
        self.count(!taken);
        if taken || list.depth >= DEPTH_MAX || !self.take_room(content.bytes()) {
            return None;
        }
        self.nodes.insert(id, free_node(content));
        // What comes first in a run into the middle of a list has its `previous`; the first of all has none.
        self.link(id, parent, list.previous);
        if let Some(list) = self.open.last_mut() {
            list.previous = Some(id);
        }
        Some(id)
    }

    /// Give the element whose list is open its shadow root, once, or the document of a frame in the place of an earlier one.
    fn host(&mut self, id: NodeId, content: Content) -> Option<NodeId> {
        let list = self.open.last().copied()?;
        let parent = list.parent?;
        let is_shadow = matches!(content, Content::Shadow { .. });
        let free = |element: &Element| !is_shadow || element.shadow.is_none();
        let known = !self.nodes.contains_key(&id) && self.element(parent).is_some_and(free);
        self.count(known);
        if !known || list.depth >= DEPTH_MAX || !self.take_room(0) {
            return None;
        }
        let mut node = free_node(content);
        node.parent = Some(parent);
        self.nodes.insert(id, node);
        let before = match self.element_mut(parent) {
            Some(element) if is_shadow => element.shadow.replace(id),
            Some(element) => element.frame.replace(id),
            None => None,
        };
        if let Some(before) = before {
            self.free(before);
        }
        Some(id)
    }

    fn enter(&mut self, parent: Option<NodeId>) {
        let depth = self.open.last().map_or(0, |list| list.depth) + 1;
        self.open.push(List { parent, previous: None, depth });
    }

    fn move_here(&mut self, id: NodeId) {
        let Some(List { parent: Some(parent), previous, .. }) = self.open.last().copied() else {
            self.ignored += 1;
            return;
        };
        let movable = self.nodes.get(&id).is_some_and(|node| !is_root(&node.content)) && !self.is_above(id, parent);
        self.count(movable);
        if !movable {
            return;
        }
        let previous = if previous == Some(id) { self.nodes.get(&id).and_then(|node| node.previous) } else { previous };
        self.unlink(id);
        self.link(id, parent, previous);
        // A browser loads a frame anew when it is moved; what was in it comes again as a new document.
        for frame in self.subtree(id) {
            let document = self.element_mut(frame).and_then(|element| element.frame.take());
            if let Some(document) = document {
                self.free(document);
            }
        }
        if let Some(list) = self.open.last_mut() {
            list.previous = Some(id);
        }
    }

    fn remove(&mut self, id: NodeId) {
        // Roots stay with their host: a frame's document goes when another comes.
        let removable = self.nodes.get(&id).is_some_and(|node| node.parent.is_some() && !is_root(&node.content));
        self.count(removable);
        if removable {
            self.unlink(id);
            self.free(id);
        }
    }

    fn set_attribute(&mut self, id: NodeId, name: &str, value: Option<Value<'_>>) {
        let value = value.map(Held::from);
        let room = self.take_room(value.as_ref().map_or(0, |value| value.bytes() + name.len()));
        match self.element_mut(id) {
            Some(element) if room => {
                let before = element.attribute(name).map_or(0, |value| value.bytes() + name.len());
                element.set(name, value);
                self.bytes = self.bytes.saturating_sub(before);
            }
            Some(_) => {}
            None => self.ignored += 1,
        }
    }

    fn set_text(&mut self, id: NodeId, text: Held) {
        let room = self.take_room(text.bytes());
        match self.nodes.get_mut(&id).map(|node| &mut node.content) {
            Some(Content::Text(held)) if room => {
                self.bytes = self.bytes.saturating_sub(held.bytes());
                *held = text;
            }
            // A comment's words are told by nobody.
            Some(Content::Text(_) | Content::Comment) => {}
            Some(Content::Document { .. } | Content::Shadow { .. } | Content::Doctype { .. } | Content::Element(_))
            | None => {
                self.ignored += 1;
            }
        }
    }

    fn set_sheet(&mut self, id: Option<NodeId>, text: &str) {
        let room = self.take_room(text.len());
        match id.and_then(|id| self.element_mut(id)) {
            Some(element) if room => {
                let before = element.css.replace(Sheet::new(text));
                self.bytes = self.bytes.saturating_sub(before.map_or(0, |sheet| sheet.bytes()));
            }
            Some(_) => {}
            None => self.ignored += 1,
        }
    }

    fn set_picture(&mut self, id: NodeId, picture: &str) {
        let room = self.take_room(picture.len());
        match self.element_mut(id) {
            Some(element) if room => {
                let before = element.picture.replace(picture.into());
                self.bytes = self.bytes.saturating_sub(before.map_or(0, |picture| picture.len()));
            }
            Some(_) => {}
            None => self.ignored += 1,
        }
    }

    fn edit_sheet(&mut self, sheet: SheetRef, path: &[u32], text: Option<&str>) {
        if !self.take_room(text.map_or(0, str::len)) {
            return;
        }
        let found = match sheet {
            SheetRef::Owner(id) => {
                self.element_mut(id).map(|element| element.css.get_or_insert_with(|| Sheet::new("")))
            }
            SheetRef::Adopted(sheet) => self.sheets.get_mut(&sheet),
        };
        let done = found.is_some_and(|sheet| sheet.edit(path, text));
        self.count(done);
    }

    /// Change the state of a control, if there is such an element.
    fn with_input(&mut self, id: NodeId, change: impl FnOnce(&mut Input)) {
        match self.element_mut(id) {
            Some(element) => change(element.input.get_or_insert_with(Input::default)),
            None => self.ignored += 1,
        }
    }

    fn set_input(&mut self, id: NodeId, value: Option<Value<'_>>, checked: Option<bool>) {
        let value = value.map(Held::from);
        match self.element_mut(id) {
            Some(element) => {
                let input = element.input.get_or_insert_with(Input::default);
                if value.is_some() {
                    input.value = value;
                    input.chosen = None;
                }
                input.checked = checked.or(input.checked);
            }
            None => self.ignored += 1,
        }
    }

    pub(super) fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match &mut self.nodes.get_mut(&id)?.content {
            Content::Element(element) => Some(element),
            Content::Document { .. }
            | Content::Shadow { .. }
            | Content::Doctype { .. }
            | Content::Text(_)
            | Content::Comment => None,
        }
    }

    /// Whether there is room for one more thing of this many bytes, which is then taken.
    fn take_room(&mut self, bytes: usize) -> bool {
        let room = self.nodes.len() < NODES_MAX && self.bytes + bytes <= BYTES_MAX;
        if room {
            self.bytes += bytes;
        } else {
            self.too_large = true;
        }
        room
    }

    fn count(&mut self, known: bool) {
        self.ignored += u64::from(!known);
    }
}

fn element(namespace: Namespace, tag: &str) -> Element {
    Element {
        namespace,
        tag: tag.into(),
        attributes: Vec::new(),
        block: None,
        css: None,
        shadow: None,
        frame: None,
        input: None,
        stand: None,
        media: None,
        picture: None,
    }
}

fn free_node(content: Content) -> Node {
    Node { parent: None, first: None, last: None, previous: None, next: None, scroll: (0, 0), content }
}

fn holds_children(content: &Content) -> bool {
    match content {
        Content::Document { .. } | Content::Shadow { .. } | Content::Element(_) => true,
        Content::Doctype { .. } | Content::Text(_) | Content::Comment => false,
    }
}

/// Roots hang on a host, not in a list, and do not move.
pub(super) fn is_root(content: &Content) -> bool {
    match content {
        Content::Document { .. } | Content::Shadow { .. } => true,
        Content::Doctype { .. } | Content::Element(_) | Content::Text(_) | Content::Comment => false,
    }
}
