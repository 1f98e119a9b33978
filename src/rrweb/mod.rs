//! A recording as rrweb 2 events: what any rrweb player shows, and what an export holds. Batches go in as they were stored,
//! events come out as one JSON array, piece by piece.

mod node;
mod text;

pub use text::{MASK, masked_text};

use crate::mirror::{Kind, Mirror, RuleChange, Run, Sheet};
use crate::model::{NodeId, PageId, Timestamp};
use crate::stream::{Malformed, Op, Press, Reader, SheetRef};
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use text::drawn;

/// rrweb's event types.
mod event {
    pub const FULL_SNAPSHOT: u8 = 2;
    pub const INCREMENTAL: u8 = 3;
    pub const META: u8 = 4;
    pub const CUSTOM: u8 = 5;
}

/// rrweb's sources of incremental events.
mod source {
    pub const MUTATION: u8 = 0;
    pub const MOUSE_MOVE: u8 = 1;
    pub const MOUSE_INTERACTION: u8 = 2;
    pub const SCROLL: u8 = 3;
    pub const VIEWPORT_RESIZE: u8 = 4;
    pub const INPUT: u8 = 5;
    pub const TOUCH_MOVE: u8 = 6;
    pub const STYLE_SHEET_RULE: u8 = 8;
    pub const ADOPTED_STYLE_SHEET: u8 = 15;
}

/// Pointer positions of one event lie at most this far apart, as rrweb's own do.
const MOVES_MS_MAX: i64 = 500;
/// Sheets of elements get numbers of their own below this one; constructed sheets begin here.
const FOCUS: u8 = 5;
const BLUR: u8 = 6;

/// A mutation event in the making. rrweb applies removals, then additions, then texts, then attributes, whatever their order
/// was; what must come in another order begins a new event.
#[derive(Debug, Default)]
struct Group {
    removes: Vec<Json>,
    adds: Vec<Json>,
    texts: Vec<Json>,
    attributes: Vec<(NodeId, Map<String, Json>)>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.removes.is_empty() && self.adds.is_empty() && self.texts.is_empty() && self.attributes.is_empty()
    }
}

/// Writes one recording's events.
#[derive(Debug)]
pub struct Writer {
    mirror: Mirror,
    page: Option<PageId>,
    /// No event is earlier than the one before it.
    last: i64,
    now: i64,
    group: Group,
    moves: Vec<(i64, NodeId, i32, i32)>,
    touch: bool,
    created: HashSet<u32>,
    viewport: (u32, u32),
    started: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    pub fn new() -> Self {
        Self {
            mirror: Mirror::default(),
            page: None,
            last: i64::MIN,
            now: 0,
            group: Group::default(),
            moves: Vec::new(),
            touch: false,
            created: HashSet::new(),
            viewport: (0, 0),
            started: false,
        }
    }

    /// Write the events of one batch of `page`, which began at `page_began`. Batches come in the order in which they happened.
    ///
    /// # Errors
    /// Where the body breaks the grammar; the events before that place are written.
    pub fn batch(
        &mut self,
        page: PageId,
        page_began: Timestamp,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if self.page != Some(page) {
            self.page = Some(page);
            self.mirror = Mirror::default();
        }
        let mut reader = Reader::new(body)?;
        self.now = page_began.plus_ms(i64::try_from(reader.now()).unwrap_or(i64::MAX)).0;
        let outcome = loop {
            match reader.next() {
                Ok(Some(Op::Time { at })) => {
                    self.flush(out);
                    self.now = page_began.plus_ms(i64::try_from(at).unwrap_or(i64::MAX)).0;
                }
                Ok(Some(op)) => self.op(&op, out),
                Ok(None) => break Ok(()),
                Err(malformed) => break Err(malformed),
            }
        };
        self.flush(out);
        self.flush_moves(out);
        outcome
    }

    /// Tell that batches `from` to `to` are not there.
    pub fn missing(&mut self, from: u32, to: u32, at: Timestamp, out: &mut Vec<u8>) {
        self.now = at.0;
        let batches = to.saturating_sub(from).saturating_add(1);
        self.custom("hushreel.gap", json!({ "batches": batches, "ops": 0, "ms": 0 }), out);
    }

    /// Close the array.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.begin(out);
        out.push(b']');
    }

    fn op(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        if !matches!(op, Op::Move { .. }) {
            self.flush_moves(out);
        }
        match *op {
            Op::Snapshot { width, height, url, .. } => {
                self.flush(out);
                self.created.clear();
                self.viewport = (width, height);
                self.emit(event::META, json!({ "href": url, "width": width, "height": height }), out);
                self.mirror.apply(op);
            }
            Op::Remove { id } => {
                if let Some(parent) = self.mirror.get(id).and_then(|node| node.parent) {
                    if !self.group.adds.is_empty() || !self.group.texts.is_empty() || !self.group.attributes.is_empty()
                    {
                        self.flush(out);
                    }
                    let removed = self.removed(id, parent);
                    self.group.removes.push(removed);
                }
                self.mirror.apply(op);
            }
            Op::Attribute { id, name, .. } => {
                self.mirror.apply(op);
                self.attribute(id, name);
            }
            Op::SetText { id, .. } | Op::SetMasked { id, .. } => {
                self.mirror.apply(op);
                if let Some(Kind::Text(told)) = self.mirror.get(id).map(|node| &node.kind) {
                    if !self.group.attributes.is_empty() {
                        let value = drawn(told);
                        self.flush(out);
                        self.group.texts.push(json!({ "id": id, "value": value }));
                    } else {
                        self.group.texts.push(json!({ "id": id, "value": drawn(told) }));
                    }
                }
            }
            Op::Sheet { id, text } => {
                self.mirror.apply(op);
                if self.mirror.get(id).is_some_and(|node| node.element().is_some()) {
                    self.set_attribute(id, "_cssText", text.into());
                }
            }
            Op::RuleInsert { sheet, path, text } => {
                self.mirror.apply(op);
                self.flush(out);
                self.rule(sheet, &RuleChange { path: path.to_vec(), text: Some(text.to_owned()) }, out);
            }
            Op::RuleDelete { sheet, path } => {
                self.mirror.apply(op);
                self.flush(out);
                self.rule(sheet, &RuleChange { path: path.to_vec(), text: None }, out);
            }
            Op::AdoptedSheet { sheet, text } => {
                self.mirror.apply(op);
                if self.created.contains(&sheet) {
                    self.flush(out);
                    self.replace_sheet(sheet, text, out);
                }
            }
            Op::Adopt { root, sheets } => {
                self.mirror.apply(op);
                self.flush(out);
                self.adopt(root, sheets, out);
            }
            Op::Move { id, x, y, touch, .. } => {
                self.flush(out);
                let first = self.moves.first().map(|(at, ..)| *at);
                if self.touch != touch || first.is_some_and(|at| self.now - at > MOVES_MS_MAX) {
                    self.flush_moves(out);
                }
                self.touch = touch;
                self.moves.push((self.now, id, x, y));
            }
            Op::Press { kind, id, x, y } => {
                self.flush(out);
                self.press(kind, id, x, y, out);
            }
            Op::Scroll { id, x, y } => {
                self.mirror.apply(op);
                self.flush(out);
                self.incremental(source::SCROLL, json!({ "id": id, "x": x, "y": y }), out);
            }
            Op::Input { id, by_visitor, .. } => {
                self.mirror.apply(op);
                self.flush(out);
                self.input(id, by_visitor, out);
            }
            Op::Focus { id } | Op::Blur { id } => {
                self.flush(out);
                let kind = if matches!(op, Op::Focus { .. }) { FOCUS } else { BLUR };
                self.incremental(source::MOUSE_INTERACTION, json!({ "type": kind, "id": id, "x": 0, "y": 0 }), out);
            }
            Op::Viewport { width, height } => {
                self.flush(out);
                self.viewport = (width, height);
                self.incremental(source::VIEWPORT_RESIZE, json!({ "width": width, "height": height }), out);
            }
            Op::Visibility { hidden } => self.custom("hushreel.visibility", json!({ "hidden": hidden }), out),
            Op::Page { url, title } => {
                let title = drawn(&title.into());
                self.custom("hushreel.page", json!({ "url": url, "title": title }), out);
            }
            Op::Gap { ops, ms, .. } => self.custom("hushreel.gap", json!({ "ops": ops, "ms": ms }), out),
            Op::Finish => self.custom("hushreel.finish", json!({}), out),
            Op::Add { .. }
            | Op::Element { .. }
            | Op::Text { .. }
            | Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End => {
                if let Some(run) = self.mirror.apply(op) {
                    self.run(&run, out);
                }
            }
            // Taken by the caller.
            Op::Time { .. } => {}
        }
    }

    /// A run of nodes is complete: a whole page, or an addition.
    fn run(&mut self, run: &Run, out: &mut Vec<u8>) {
        if let Some(document) = run.snapshot {
            let node = node::whole(&self.mirror, document);
            self.emit(event::FULL_SNAPSHOT, json!({ "node": node, "initialOffset": { "left": 0, "top": 0 } }), out);
            self.attach_frames(document, out);
            return;
        }
        if !self.group.texts.is_empty() || !self.group.attributes.is_empty() {
            self.flush(out);
        }
        if !run.moved.is_empty() {
            // Their removal comes before every addition of its event.
            self.flush(out);
            for (id, left) in &run.moved {
                let removed = self.removed(*id, *left);
                self.group.removes.push(removed);
            }
        }
        // Siblings of one run come in their order before the same neighbour: the next of them is not there yet.
        let after = run.tops.last().and_then(|last| self.mirror.get(*last)).and_then(|node| node.next);
        for top in &run.tops {
            match self.mirror.get(*top).map(|node| &node.kind) {
                // A late document of a frame.
                Some(Kind::Document { .. }) => {
                    self.flush(out);
                    self.attach(*top, out);
                    self.attach_frames(*top, out);
                }
                Some(_) => self.add(*top, after),
                None => {}
            }
        }
        let told: Vec<_> = run.tops.iter().flat_map(|top| self.mirror.subtree(*top)).collect();
        let moved: Vec<_> = run.moved.iter().flat_map(|(id, _)| self.mirror.subtree(*id)).collect();
        for top in &run.tops {
            self.attach_frames(*top, out);
        }
        if told.iter().any(|id| self.has_changed_sheet(*id)) || !moved.is_empty() {
            self.flush(out);
            self.tell_state(&moved, out);
        }
    }

    /// The additions of a node before `after` or last, and of all that is under it, frame documents left out.
    fn add(&mut self, top: NodeId, after: Option<NodeId>) {
        let mut waiting = vec![(top, after)];
        while let Some((id, next)) = waiting.pop() {
            let Some(node) = self.mirror.get(id) else { continue };
            if matches!(node.kind, Kind::Shadow { .. } | Kind::Document { .. }) {
                continue;
            }
            let parent = node.parent.map(|parent| node::parent_of(&self.mirror, parent));
            let told = node::alone(&self.mirror, id, node);
            // Children come in their order, each behind the one before.
            waiting.extend(node::children(&self.mirror, node).into_iter().rev().map(|child| (child, None)));
            self.group.adds.push(json!({ "parentId": parent, "nextId": next, "node": told }));
        }
    }

    /// Attach the documents of all frames under `top`.
    fn attach_frames(&mut self, top: NodeId, out: &mut Vec<u8>) {
        let frames: Vec<_> = self
            .mirror
            .subtree(top)
            .into_iter()
            .filter(|id| *id != top)
            .filter(|id| self.mirror.get(*id).is_some_and(|node| matches!(node.kind, Kind::Document { .. })))
            .collect();
        if !frames.is_empty() {
            self.flush(out);
        }
        for frame in frames {
            self.attach(frame, out);
        }
    }

    fn attach(&mut self, document: NodeId, out: &mut Vec<u8>) {
        let Some(parent) = self.mirror.get(document).and_then(|node| node.parent) else { return };
        let node = node::whole(&self.mirror, document);
        let data = json!({
            "adds": [{ "parentId": parent, "nextId": null, "node": node }],
            "removes": [], "texts": [], "attributes": [], "isAttachIframe": true,
        });
        self.incremental(source::MUTATION, data, out);
    }

    /// What a moved node had and its new copy lacks: values, scroll positions, changed rules, adopted sheets.
    fn tell_state(&mut self, ids: &[NodeId], out: &mut Vec<u8>) {
        for id in ids {
            let Some(node) = self.mirror.get(*id) else { continue };
            match &node.kind {
                Kind::Element(element) => {
                    let (scroll, stateful) = (element.scroll, element.value.is_some() || element.checked.is_some());
                    let changes = element.sheet.as_ref().map(|sheet| sheet.changes.clone()).unwrap_or_default();
                    if let Some((x, y)) = scroll {
                        self.incremental(source::SCROLL, json!({ "id": id, "x": x, "y": y }), out);
                    }
                    if stateful {
                        self.input(*id, false, out);
                    }
                    for change in changes {
                        self.rule(SheetRef::Owner(*id), &change, out);
                    }
                }
                Kind::Shadow { adopted } | Kind::Document { adopted, .. } => {
                    if !adopted.is_empty() {
                        let adopted = adopted.clone();
                        self.adopt(*id, &adopted, out);
                    }
                }
                Kind::Doctype { .. } | Kind::Block { .. } | Kind::Text(_) | Kind::Comment => {}
            }
        }
    }

    fn has_changed_sheet(&self, id: NodeId) -> bool {
        let sheet = self.mirror.get(id).and_then(|node| node.element()).and_then(|element| element.sheet.as_ref());
        sheet.is_some_and(|sheet| !sheet.changes.is_empty())
    }

    fn removed(&self, id: NodeId, parent: NodeId) -> Json {
        let mut told = json!({ "parentId": node::parent_of(&self.mirror, parent), "id": id });
        if self.mirror.get(parent).is_some_and(|node| matches!(node.kind, Kind::Shadow { .. })) {
            told["isShadow"] = true.into();
        }
        told
    }

    fn attribute(&mut self, id: NodeId, name: &str) {
        let Some(element) = self.mirror.get(id).and_then(|node| node.element()) else { return };
        let told = element.attributes.iter().find(|(known, _)| known == name);
        let value = match told {
            Some((_, value)) => match node::attribute(&element.tag, name, &drawn(value)) {
                Some(value) => Json::String(value),
                None => return,
            },
            None => Json::Null,
        };
        self.set_attribute(id, name, value);
    }

    fn set_attribute(&mut self, id: NodeId, name: &str, value: Json) {
        match self.group.attributes.last_mut() {
            Some((last, attributes)) if *last == id => drop(attributes.insert(name.to_owned(), value)),
            _ => self.group.attributes.push((id, Map::from_iter([(name.to_owned(), value)]))),
        }
    }

    fn rule(&mut self, sheet: SheetRef, change: &RuleChange, out: &mut Vec<u8>) {
        let index = match change.path.as_slice() {
            [index] => Json::from(*index),
            path => Json::from(path.to_vec()),
        };
        let mut data = match &change.text {
            Some(text) => json!({ "adds": [{ "rule": text, "index": index }] }),
            None => json!({ "removes": [{ "index": index }] }),
        };
        match sheet {
            SheetRef::Owner(id) => data["id"] = id.into(),
            SheetRef::Adopted(number) => data["styleId"] = number.into(),
        }
        self.incremental(source::STYLE_SHEET_RULE, data, out);
    }

    fn replace_sheet(&mut self, sheet: u32, text: &str, out: &mut Vec<u8>) {
        self.incremental(source::STYLE_SHEET_RULE, json!({ "styleId": sheet, "replaceSync": text }), out);
    }

    fn adopt(&mut self, root: NodeId, sheets: &[u32], out: &mut Vec<u8>) {
        let host = node::parent_of(&self.mirror, root);
        let new: Vec<_> = sheets.iter().copied().filter(|sheet| self.created.insert(*sheet)).collect();
        let styles: Vec<_> = new.iter().map(|sheet| json!({ "styleId": sheet, "rules": [] })).collect();
        self.incremental(source::ADOPTED_STYLE_SHEET, json!({ "id": host, "styles": styles, "styleIds": sheets }), out);
        for number in new {
            let Some(Sheet { text, changes }) = self.mirror.sheet(number).cloned() else { continue };
            self.replace_sheet(number, &text, out);
            for change in changes {
                self.rule(SheetRef::Adopted(number), &change, out);
            }
        }
    }

    fn press(&mut self, kind: Press, id: NodeId, x: i32, y: i32, out: &mut Vec<u8>) {
        let (kind, pointer) = match kind {
            Press::Up => (0, 0),
            Press::Down => (1, 0),
            Press::Click => (2, 0),
            Press::ContextMenu => (3, 0),
            Press::DoubleClick => (4, 0),
            Press::TouchStart => (7, 2),
            Press::TouchEnd => (9, 2),
            Press::TouchCancel => (10, 2),
        };
        let data = json!({ "type": kind, "id": id, "x": x, "y": y, "pointerType": pointer });
        self.incremental(source::MOUSE_INTERACTION, data, out);
    }

    fn input(&mut self, id: NodeId, by_visitor: bool, out: &mut Vec<u8>) {
        let Some(element) = self.mirror.get(id).and_then(|node| node.element()) else { return };
        // rrweb sets both, always: a box without a value keeps the browser's own.
        let text = element
            .value
            .as_ref()
            .map_or_else(|| if element.checked.is_some() { "on".to_owned() } else { String::new() }, drawn);
        let checked = element.checked.unwrap_or(false);
        let data = json!({ "id": id, "text": text, "isChecked": checked, "userTriggered": by_visitor });
        self.incremental(source::INPUT, data, out);
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.group.is_empty() {
            return;
        }
        let Group { removes, adds, texts, attributes } = std::mem::take(&mut self.group);
        let attributes: Vec<_> =
            attributes.into_iter().map(|(id, attributes)| json!({ "id": id, "attributes": attributes })).collect();
        let data = json!({ "removes": removes, "adds": adds, "texts": texts, "attributes": attributes });
        self.incremental(source::MUTATION, data, out);
    }

    fn flush_moves(&mut self, out: &mut Vec<u8>) {
        let Some((end, ..)) = self.moves.last().copied() else { return };
        let positions: Vec<_> = std::mem::take(&mut self.moves)
            .into_iter()
            .map(|(at, id, x, y)| json!({ "x": x, "y": y, "id": id, "timeOffset": at - end }))
            .collect();
        let now = std::mem::replace(&mut self.now, end);
        let source = if self.touch { source::TOUCH_MOVE } else { source::MOUSE_MOVE };
        self.incremental(source, json!({ "positions": positions }), out);
        self.now = now;
    }

    fn custom(&mut self, tag: &str, payload: Json, out: &mut Vec<u8>) {
        self.flush(out);
        self.emit(event::CUSTOM, json!({ "tag": tag, "payload": payload }), out);
    }

    fn incremental(&mut self, source: u8, mut data: Json, out: &mut Vec<u8>) {
        data["source"] = source.into();
        self.emit(event::INCREMENTAL, data, out);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.started {
            out.push(b'[');
            self.started = true;
        }
    }

    fn emit(&mut self, kind: u8, data: Json, out: &mut Vec<u8>) {
        if self.started {
            out.extend_from_slice(b",\n");
        }
        self.begin(out);
        self.last = self.last.max(self.now);
        let told = json!({ "type": kind, "timestamp": self.last, "data": data });
        serde_json::to_writer(&mut *out, &told).expect("a JSON value is written to memory");
    }
}

#[cfg(test)]
mod tests;
