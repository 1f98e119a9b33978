//! A batch without what was found in it. Every node keeps its number.

use super::Spot;
use crate::policy::bucket;
use crate::stream::{Body, INPUT_BUCKET, Malformed, Op, Reader, Value, Writer};
use std::collections::BTreeMap;

/// What is done to one op.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Its words become a bucket.
    Mask,
    /// It is left out. Never a node.
    Drop,
    /// Of attributes of an element, or properties of an event, by place: what is left of each.
    Keep(BTreeMap<usize, Option<String>>),
}

impl Edit {
    /// These attributes are left out.
    pub(super) fn strip(places: impl IntoIterator<Item = usize>) -> Self {
        Self::Keep(places.into_iter().map(|place| (place, None)).collect())
    }

    /// Both are done: what is left is what either leaves.
    pub(super) fn and(&mut self, other: Self) {
        match (self, other) {
            (Self::Keep(kept), Self::Keep(more)) => {
                for (place, left) in more {
                    let before = kept.entry(place).or_insert_with(|| left.clone());
                    if left.is_none() {
                        *before = None;
                    }
                }
            }
            (Self::Drop, _) | (_, Self::Keep(_)) => {}
            (this, other) => *this = other,
        }
    }
}

/// The batch of number `batch` with its edits made.
pub fn rewrite(body: &[u8], batch: usize, edits: &BTreeMap<Spot, Edit>) -> Result<Vec<u8>, Malformed> {
    let head = Body::parse(body)?;
    let mut writer = Writer::new(head.first_node, head.began);
    let mut reader = Reader::new(body)?;
    let mut at = 0;
    while let Some(op) = reader.next()? {
        let edit = edits.get(&(batch, at));
        at += 1;
        match (op, edit) {
            (op, None) => writer.op(&op),
            (op, Some(Edit::Mask)) => match masked(&op) {
                Some(masked) => writer.op(&masked),
                None => continue,
            },
            (Op::Element { id, namespace, tag, attributes, open }, Some(Edit::Keep(kept))) => {
                writer.op(&Op::Element { id, namespace, tag, attributes: &left(attributes, kept), open })
            }
            (Op::Event { name, properties }, Some(Edit::Keep(kept))) => {
                writer.op(&Op::Event { name, properties: &left(properties, kept) })
            }
            (Op::Attribute { id, name, .. }, Some(Edit::Keep(kept))) => {
                let value = kept.values().next().and_then(|left| left.as_deref()).map(Value::Shown);
                writer.op(&Op::Attribute { id, name, value })
            }
            (op @ Op::Element { .. }, Some(Edit::Drop)) => writer.op(&op),
            (_, Some(Edit::Drop | Edit::Keep(_))) => continue,
        };
    }
    Ok(writer.finish())
}

/// An op without its words; none where nothing is left of it.
fn masked<'a>(op: &Op<'a>) -> Option<Op<'a>> {
    Some(match *op {
        Op::Text { id, text, .. } => Op::Masked { id, bucket: length_of(text) },
        Op::SetText { id, text, .. } => Op::SetMasked { id, bucket: length_of(text) },
        Op::Input { id, by_visitor, .. } => {
            Op::Input { id, value: Some(Value::Masked(INPUT_BUCKET)), checked: None, by_visitor }
        }
        Op::Snapshot { id, width, height, url, .. } => Op::Snapshot { id, width, height, url, title: Value::Masked(0) },
        Op::Page { url, .. } => Op::Page { url, title: Value::Masked(0) },
        Op::Error { name, url, line, column, .. } => Op::Error { name, message: Value::Masked(0), url, line, column },
        Op::Log { level, .. } => Op::Log { level, message: Value::Masked(0) },
        // A node is never left out.
        Op::Element { .. } => op.clone(),
        // What has no place for a bucket is left out.
        _ => return None,
    })
}

/// What is left of attributes or properties.
fn left<'a>(told: &[(&'a str, Value<'a>)], kept: &'a BTreeMap<usize, Option<String>>) -> Vec<(&'a str, Value<'a>)> {
    let left = |(place, (name, value)): (usize, &(&'a str, Value<'a>))| match kept.get(&place) {
        None => Some((*name, *value)),
        Some(left) => left.as_deref().map(|left| (*name, Value::Shown(left))),
    };
    told.iter().enumerate().filter_map(left).collect()
}

fn length_of(text: &str) -> u8 {
    bucket(text.encode_utf16().count())
}
