//! Encodes ops as the recorder does: for fixtures, tests and tools. Twin of `Stream` in `assets/recorder/src/stream.ts`.

use super::bytes::{put, put_signed};
use super::code;
use super::reader::{REF_FIRST, REF_MASKED, REF_NEW};
use super::{Body, Form, Namespace, Op, Press, SheetRef, Value};
use crate::model::{AssetHash, NodeId};
use std::collections::HashMap;

/// Collects the ops of one batch.
#[derive(Debug, Default)]
pub struct Writer {
    first_node: u32,
    began: u64,
    now: u64,
    last_id: i64,
    pointer: (i64, i64),
    strings: HashMap<String, u32>,
    shapes: HashMap<(String, u8, Vec<String>), u32>,
    ops: Vec<u8>,
    ids: Vec<u8>,
    numbers: Vec<u8>,
    refs: Vec<u8>,
    literals: Vec<u8>,
}

impl Writer {
    /// A batch whose first new node is `first_node` and which begins `began` milliseconds after its page.
    pub fn new(first_node: NodeId, began: u64) -> Self {
        Self { first_node, began, now: began, ..Self::default() }
    }

    /// About how many bytes its body has so far.
    pub fn bytes(&self) -> usize {
        [&self.ops, &self.ids, &self.numbers, &self.refs, &self.literals].iter().map(|column| column.len()).sum()
    }

    /// The body, ready to stand behind a header.
    pub fn finish(self) -> Vec<u8> {
        Body {
            first_node: self.first_node,
            began: self.began,
            ops: &self.ops,
            ids: &self.ids,
            numbers: &self.numbers,
            refs: &self.refs,
            literals: &self.literals,
        }
        .encode()
    }

    /// Append one op. Node numbers that an op introduces follow from the order and are not written.
    pub fn op(&mut self, op: &Op<'_>) -> &mut Self {
        match *op {
            Op::Element { namespace, tag, attributes, open, .. } => self.element(namespace, tag, attributes, open),
            Op::Text { text, rule, .. } => self.code(code::TEXT).string(text).number(rule),
            Op::Masked { bucket, .. } => self.code(code::MASKED).number(bucket.into()),
            Op::Comment { .. } => self.code(code::COMMENT),
            Op::Doctype { name, public, system, .. } => {
                self.code(code::DOCTYPE).string(name).string(public).string(system)
            }
            Op::Shadow { .. } => self.code(code::SHADOW),
            Op::Frame { .. } => self.code(code::FRAME),
            Op::Moved { id } => self.code(code::MOVED).id(id),
            Op::Css { text } => self.code(code::CSS).string(text),
            Op::Block { namespace, tag, width, height, .. } => {
                self.code(code::BLOCK).string(tag).number(namespace as u32).number(width).number(height)
            }
            Op::End => self.code(code::END),
            Op::Time { at } => {
                let passed = at.saturating_sub(self.now);
                self.now += passed;
                put(&mut self.numbers, passed);
                self.code(code::TIME)
            }
            Op::Snapshot { width, height, url, title, .. } => {
                self.code(code::SNAPSHOT).number(width).number(height).string(url).value(title)
            }
            Op::Add { parent, previous: Some(previous) } => self.code(code::ADD).id(parent).id(previous),
            Op::Add { parent, previous: None } => self.code(code::ADD_FIRST).id(parent),
            Op::Remove { id } => self.code(code::REMOVE).id(id),
            Op::Attribute { id, name, value: Some(value) } => {
                self.code(code::ATTRIBUTE).id(id).string(name).value(value)
            }
            Op::Attribute { id, name, value: None } => self.code(code::ATTRIBUTE_GONE).id(id).string(name),
            Op::SetText { id, text, rule } => self.code(code::SET_TEXT).id(id).string(text).number(rule),
            Op::SetMasked { id, bucket } => self.code(code::SET_MASKED).id(id).number(bucket.into()),
            Op::Sheet { id, text } => self.code(code::SHEET).id(id).string(text),
            Op::RuleInsert { sheet: SheetRef::Owner(id), path, text } => {
                self.code(code::RULE_INSERT).id(id).list(path).string(text)
            }
            Op::RuleInsert { sheet: SheetRef::Adopted(sheet), path, text } => {
                self.code(code::ADOPTED_INSERT).number(sheet).list(path).string(text)
            }
            Op::RuleDelete { sheet: SheetRef::Owner(id), path } => self.code(code::RULE_DELETE).id(id).list(path),
            Op::RuleDelete { sheet: SheetRef::Adopted(sheet), path } => {
                self.code(code::ADOPTED_DELETE).number(sheet).list(path)
            }
            Op::AdoptedSheet { sheet, text } => self.code(code::ADOPTED_SHEET).number(sheet).string(text),
            Op::Adopt { root, sheets } => self.code(code::ADOPT).id(root).list(sheets),
            Op::Move { id, x, y, touch, .. } => {
                self.code(if touch { code::TOUCH_MOVE } else { code::MOVE }).id(id).point(x, y)
            }
            Op::Press { kind, id, x, y } => self.code(code::PRESS).number(press(kind)).id(id).point(x, y),
            Op::Scroll { id, x, y } => self.code(code::SCROLL).id(id).number(x).number(y),
            Op::Input { id, value, checked, by_visitor } => self.input(id, value, checked, by_visitor),
            Op::Focus { id } => self.code(code::FOCUS).id(id),
            Op::Blur { id } => self.code(code::BLUR).id(id),
            Op::Viewport { width, height } => self.code(code::VIEWPORT).number(width).number(height),
            Op::Visibility { hidden } => self.code(code::VISIBILITY).number(hidden.into()),
            Op::Page { url, title } => self.code(code::PAGE).string(url).value(title),
            Op::Gap { page, ops, ms } => {
                self.code(code::GAP).number((page >> 32) as u32).number(page as u32).number(ops).number(ms)
            }
            Op::Finish => self.code(code::FINISH),
            Op::Part { more } => self.code(code::PART).number(more.into()),
            Op::Cost { tenths, tasks, longest } => self.code(code::COST).number(tenths).number(tasks).number(longest),
            Op::Shed { level } => self.code(code::SHED).number(level.into()),
            Op::Chosen { id, places } => self.code(code::STATE).id(id).number(0).list(places),
            Op::Mixed { id, on } => self.code(code::STATE).id(id).number(1).list(if on { &[1] } else { &[] }),
            Op::Ring { id } => self.code(code::STATE).id(id).number(2).list(&[]),
            Op::Media { id, kind, ms, volume, rate, muted } => self
                .code(code::MEDIA)
                .id(id)
                .number(kind as u32)
                .number(ms)
                .number(volume)
                .number(rate)
                .number(muted.into()),
            Op::Zoom { scale, left, top, width, height } => {
                self.code(code::ZOOM).number(scale).number(left).number(top).number(width).number(height)
            }
            Op::Vital { kind, number } => self.code(code::VITAL).number(kind as u32).number(number),
            Op::Error { name, message, url, line, column } => {
                self.code(code::ERROR).string(name).value(message).string(url).number(line).number(column)
            }
            Op::Log { level, message } => self.code(code::LOG).number(level as u32).value(message),
            Op::Request { kind, url, status, ms, bytes } => {
                self.code(code::REQUEST).number(kind as u32).string(url).number(status).number(ms).number(bytes)
            }
            Op::Event { name, properties } => {
                self.code(code::EVENT).string(name).number(properties.len() as u32);
                for (property, value) in properties {
                    self.string(property).value(*value);
                }
                self
            }
            Op::Tag { name, value } => self.code(code::TAG).string(name).value(value),
            Op::Canvas { id, picture } => self.code(code::CANVAS).id(id).string(picture),
            Op::Layer { id, layer } => self.code(code::LAYER).id(id).number(layer.map_or(0, |layer| layer as u32 + 1)),
            Op::Asset { number, hash, form } => self.asset(number, hash, form),
            Op::Unreadable { number, cause, url } => {
                self.code(code::UNREADABLE).number(number).number(cause as u32).string(url)
            }
            Op::Rules { first, places } => self.code(code::RULES).number(first.into()).list(places),
            Op::Who { kind, words } => self.code(code::WHO).number(kind as u32).string(words),
            Op::Sensitive { kind, selector, url } => {
                self.code(code::SENSITIVE).number(kind as u32).string(selector).string(url)
            }
        }
    }

    fn element(&mut self, namespace: Namespace, tag: &str, attributes: &[(&str, Value<'_>)], open: bool) -> &mut Self {
        let names = attributes.iter().map(|(name, _)| (*name).to_owned()).collect();
        let key = (tag.to_owned(), namespace as u8, names);
        let shape = match self.shapes.get(&key) {
            Some(shape) => *shape,
            None => {
                let shape = self.shapes.len() as u32;
                self.shapes.insert(key, shape);
                self.code(code::SHAPE).string(tag).number(namespace as u32).number(attributes.len() as u32);
                for (name, _) in attributes {
                    self.string(name);
                }
                shape
            }
        };
        self.code(code::ELEMENT + shape * 2 + u32::from(open));
        for (_, value) in attributes {
            self.value(*value);
        }
        self
    }

    fn asset(&mut self, number: u32, hash: AssetHash, form: Form) -> &mut Self {
        self.code(code::ASSET).number(number);
        for word in hash.0.chunks_exact(4) {
            // A chunk of four has four bytes.
            self.number(u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        }
        match form {
            Form::AsItIs => self.number(0).number(0).number(0),
            Form::Drawn { width, height } => self.number(1).number(width).number(height),
            Form::DrawnUnsized { width, height } => self.number(2).number(width).number(height),
        }
    }

    fn input(&mut self, id: NodeId, value: Option<Value<'_>>, checked: Option<bool>, by_visitor: bool) -> &mut Self {
        let flags = u32::from(value.is_some())
            | checked.map_or(0, |on| 2 | (u32::from(on) << 2))
            | (u32::from(by_visitor) << 3);
        self.code(code::INPUT).id(id).number(flags);
        if let Some(value) = value {
            self.value(value);
        }
        self
    }

    fn code(&mut self, code: u32) -> &mut Self {
        put(&mut self.ops, code.into());
        self
    }

    fn id(&mut self, id: NodeId) -> &mut Self {
        put_signed(&mut self.ids, i64::from(id) - self.last_id);
        self.last_id = id.into();
        self
    }

    fn number(&mut self, number: u32) -> &mut Self {
        put(&mut self.numbers, number.into());
        self
    }

    fn point(&mut self, x: i32, y: i32) -> &mut Self {
        put_signed(&mut self.numbers, i64::from(x) - self.pointer.0);
        put_signed(&mut self.numbers, i64::from(y) - self.pointer.1);
        self.pointer = (x.into(), y.into());
        self
    }

    fn list(&mut self, numbers: &[u32]) -> &mut Self {
        self.number(numbers.len() as u32);
        for number in numbers {
            self.number(*number);
        }
        self
    }

    fn value(&mut self, value: Value<'_>) -> &mut Self {
        match value {
            Value::Shown(text) => self.string(text),
            Value::Masked(bucket) => {
                put(&mut self.refs, REF_MASKED.into());
                self.number(bucket.into())
            }
        }
    }

    fn string(&mut self, text: &str) -> &mut Self {
        let text = text.replace('\0', "\u{fffd}");
        if let Some(place) = self.strings.get(&text) {
            put(&mut self.refs, (place + REF_FIRST).into());
            return self;
        }
        put(&mut self.refs, REF_NEW.into());
        self.literals.extend(text.bytes());
        self.literals.push(0);
        self.strings.insert(text, self.strings.len() as u32);
        self
    }
}

fn press(kind: Press) -> u32 {
    kind as u32
}
