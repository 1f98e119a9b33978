//! A page told whole, as a recorder would tell it at that moment: the mirror's way to disk and back. Its nodes keep their numbers, so
//! that what was told later of them goes on from there.

use super::{Content, Held, Media, Mirror};
use crate::model::NodeId;
use crate::stream::{self, Malformed, Op, Play, Reader, Value};
use std::collections::HashMap;

/// Where the pointer was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    pub id: NodeId,
    pub x: i32,
    pub y: i32,
    pub touch: bool,
}

/// A page as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyframe {
    /// The number of each node, in the order of the batch, where they count from 1.
    numbers: Vec<NodeId>,
    /// A batch's body.
    body: Vec<u8>,
}

impl Keyframe {
    /// Hand on each op of it, its nodes under the numbers that they had.
    pub fn tell(&self, mut hand_on: impl FnMut(&Op<'_>)) -> Result<(), Malformed> {
        let mut reader = Reader::new(&self.body)?;
        while let Some(op) = reader.next()? {
            let number = |place: NodeId| self.numbers.get((place as usize).checked_sub(1)?).copied();
            match of_page(&op, &number) {
                Some(op) => hand_on(&op),
                None => return Err(Malformed { what: "an op that no keyframe has", at: 0 }),
            }
        }
        Ok(())
    }

    /// Milliseconds since its page began.
    pub fn at(&self) -> Result<u64, Malformed> {
        Ok(Reader::new(&self.body)?.now())
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let mut out = Vec::with_capacity(4 + self.numbers.len() * 4 + self.body.len());
        out.extend(count.to_le_bytes());
        // As steps: most are 1, which compresses to nothing.
        let mut last = 0_u32;
        for number in &self.numbers {
            out.extend(number.wrapping_sub(last).to_le_bytes());
            last = *number;
        }
        out.extend(&self.body);
        out
    }

    /// None where the bytes are cut off.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let (steps, body) = rest.split_at_checked((u32::from_le_bytes(*count) as usize).checked_mul(4)?)?;
        let mut last = 0_u32;
        let number = |step: &[u8]| {
            // Chunks of four have four bytes.
            last = last.wrapping_add(u32::from_le_bytes([step[0], step[1], step[2], step[3]]));
            last
        };
        Some(Self { numbers: steps.chunks_exact(4).map(number).collect(), body: body.to_vec() })
    }
}

impl Mirror {
    /// The page as it stands, `at` milliseconds after it began. None where there is none, where it went over a bound, or where it
    /// could not be told in one batch.
    pub fn keyframe(&self, at: u64, pointer: Option<Pointer>) -> Option<Keyframe> {
        let root = self.root.filter(|_| !self.too_large && self.open.is_empty())?;
        let mut teller =
            Teller { mirror: self, out: stream::Writer::new(1, at), numbers: Vec::new(), places: HashMap::new() };
        teller.tree(root);
        teller.state(pointer);
        let keyframe = Keyframe { numbers: teller.numbers, body: teller.out.finish() };
        // Batches have bounds of their own, which many batches together may have gone over.
        let told = keyframe.tell(|_| {});
        told.is_ok().then_some(keyframe)
    }
}

struct Teller<'a> {
    mirror: &'a Mirror,
    out: stream::Writer,
    numbers: Vec<NodeId>,
    places: HashMap<NodeId, NodeId>,
}

/// What is still to be told of the tree.
enum Todo {
    Node(NodeId),
    /// A list ends.
    End,
}

impl Teller<'_> {
    /// The page, parents first. With a stack, so that deep pages need none of the thread's.
    fn tree(&mut self, root: NodeId) {
        let mut todo = vec![Todo::Node(root)];
        while let Some(next) = todo.pop() {
            let Todo::Node(id) = next else {
                self.out.op(&Op::End);
                continue;
            };
            let Some(inner) = self.node(id) else { continue };
            todo.push(Todo::End);
            let place = todo.len();
            todo.extend(inner.into_iter().map(Todo::Node));
            todo[place..].reverse();
        }
    }

    /// One node; what its list holds, if it has one.
    fn node(&mut self, id: NodeId) -> Option<Vec<NodeId>> {
        let mirror = self.mirror;
        let node = mirror.node(id)?;
        self.numbers.push(id);
        self.places.insert(id, self.numbers.len() as NodeId);
        let children = || mirror.children(id).map(|(child, _)| child);
        match &node.content {
            Content::Document { .. } if mirror.root == Some(id) => {
                let (width, height) = mirror.viewport;
                let title = mirror.title.as_deref().map_or(Value::Masked(0), Value::Shown);
                self.out.op(&Op::Snapshot { id: 0, width, height, url: &mirror.url, title });
                Some(children().collect())
            }
            Content::Document { .. } => {
                self.out.op(&Op::Frame { id: 0 });
                Some(children().collect())
            }
            Content::Shadow { .. } => {
                self.out.op(&Op::Shadow { id: 0 });
                Some(children().collect())
            }
            Content::Doctype { name, public, system } => {
                self.out.op(&Op::Doctype { id: 0, name, public, system });
                None
            }
            Content::Text(Held::Shown(text)) => {
                self.out.op(&Op::Text { id: 0, text, rule: 0 });
                None
            }
            Content::Text(Held::Masked(bucket)) => {
                self.out.op(&Op::Masked { id: 0, bucket: *bucket });
                None
            }
            Content::Comment => {
                self.out.op(&Op::Comment { id: 0 });
                None
            }
            Content::Element(element) => {
                let (namespace, tag) = (element.namespace, &*element.tag);
                if let Some((width, height)) = element.block {
                    self.out.op(&Op::Block { id: 0, namespace, tag, width, height });
                    return None;
                }
                let attributes: Vec<_> = element.attributes.iter().map(|(name, held)| (&**name, value(held))).collect();
                let inner: Vec<_> = element.shadow.into_iter().chain(element.frame).chain(children()).collect();
                let open = !inner.is_empty() || element.css.is_some();
                self.out.op(&Op::Element { id: 0, namespace, tag, attributes: &attributes, open });
                if let Some(css) = &element.css {
                    self.out.op(&Op::Css { text: &css.text() });
                }
                open.then_some(inner)
            }
        }
    }

    /// What the tree does not tell.
    fn state(&mut self, pointer: Option<Pointer>) {
        let mirror = self.mirror;
        let mut sheets: Vec<_> = mirror.sheets.iter().collect();
        sheets.sort_unstable_by_key(|(number, _)| **number);
        for (number, sheet) in sheets {
            self.out.op(&Op::AdoptedSheet { sheet: *number, text: &sheet.text() });
        }
        let mut stands = Vec::new();
        for place in 0..self.numbers.len() {
            let (id, number) = (place as NodeId + 1, self.numbers[place]);
            let Some(node) = mirror.node(number) else { continue };
            match &node.content {
                Content::Document { adopted } | Content::Shadow { adopted } => {
                    if !adopted.is_empty() {
                        self.out.op(&Op::Adopt { root: id, sheets: adopted });
                    }
                }
                Content::Element(element) => {
                    stands.extend(element.stand.map(|stand| (stand.order, id, stand.layer)));
                    self.element(id, element);
                }
                Content::Doctype { .. } | Content::Text(_) | Content::Comment => {}
            }
            let (x, y) = node.scroll;
            if (x, y) != (0, 0) {
                self.out.op(&Op::Scroll { id, x, y });
            }
        }
        stands.sort_unstable_by_key(|(order, ..)| *order);
        for (_, id, layer) in stands {
            self.out.op(&Op::Layer { id, layer: Some(layer) });
        }
        if let Some(id) = mirror.focus.and_then(|id| self.places.get(&id)).copied() {
            self.out.op(&Op::Focus { id });
            if mirror.ring {
                self.out.op(&Op::Ring { id });
            }
        }
        if let Some([scale, left, top, width, height]) = mirror.zoom {
            self.out.op(&Op::Zoom { scale, left, top, width, height });
        }
        if let Some(Pointer { id, x, y, touch }) = pointer
            && let Some(id) = self.places.get(&id).copied()
        {
            self.out.op(&Op::Move { at: 0, id, x, y, touch });
        }
    }

    fn element(&mut self, id: NodeId, element: &super::Element) {
        if let Some(input) = &element.input {
            let shown = input.value.as_ref().map(value);
            self.out.op(&Op::Input { id, value: shown, checked: input.checked, by_visitor: false });
            if let Some(places) = &input.chosen {
                self.out.op(&Op::Chosen { id, places });
            }
            if input.mixed {
                self.out.op(&Op::Mixed { id, on: true });
            }
        }
        if let Some(Media { playing, ms, volume, rate, muted }) = element.media {
            let kind = if playing { Play::Play } else { Play::Pause };
            self.out.op(&Op::Media { id, kind, ms, volume, rate, muted });
        }
        if let Some(picture) = &element.picture {
            self.out.op(&Op::Canvas { id, picture });
        }
    }
}

fn value(held: &Held) -> Value<'_> {
    match held {
        Held::Shown(text) => Value::Shown(text),
        Held::Masked(bucket) => Value::Masked(*bucket),
    }
}

/// An op of a keyframe with the page's numbers in place of its own; none for any other op.
fn of_page<'a>(op: &Op<'a>, number: &dyn Fn(NodeId) -> Option<NodeId>) -> Option<Op<'a>> {
    let mut op = op.clone();
    match &mut op {
        Op::Snapshot { id, .. }
        | Op::Element { id, .. }
        | Op::Text { id, .. }
        | Op::Masked { id, .. }
        | Op::Comment { id }
        | Op::Doctype { id, .. }
        | Op::Shadow { id }
        | Op::Frame { id }
        | Op::Block { id, .. }
        | Op::Adopt { root: id, .. }
        | Op::Scroll { id, .. }
        | Op::Input { id, .. }
        | Op::Chosen { id, .. }
        | Op::Mixed { id, .. }
        | Op::Media { id, .. }
        | Op::Canvas { id, .. }
        | Op::Layer { id, .. }
        | Op::Focus { id }
        | Op::Ring { id }
        | Op::Move { id, .. } => *id = number(*id)?,
        Op::Css { .. } | Op::End | Op::AdoptedSheet { .. } | Op::Zoom { .. } => {}
        _ => return None,
    }
    Some(op)
}
