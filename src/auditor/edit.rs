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
    /// These attributes of an element are left out, by place.
    Strip(Vec<usize>),
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
            (Op::Text { id, text, .. }, Some(_)) => writer.op(&Op::Masked { id, bucket: length_of(text) }),
            (Op::SetText { id, text, .. }, Some(_)) => writer.op(&Op::SetMasked { id, bucket: length_of(text) }),
            (Op::Input { id, by_visitor, .. }, Some(Edit::Mask)) => {
                writer.op(&Op::Input { id, value: Some(Value::Masked(INPUT_BUCKET)), checked: None, by_visitor })
            }
            (Op::Element { id, namespace, tag, attributes, open }, Some(Edit::Strip(places))) => {
                let kept: Vec<_> = attributes
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| !places.contains(place))
                    .map(|(_, attribute)| *attribute)
                    .collect();
                writer.op(&Op::Element { id, namespace, tag, attributes: &kept, open })
            }
            (op @ Op::Element { .. }, Some(Edit::Mask | Edit::Drop)) => writer.op(&op),
            (_, Some(Edit::Mask | Edit::Drop | Edit::Strip(_))) => continue,
        };
    }
    Ok(writer.finish())
}

fn length_of(text: &str) -> u8 {
    bucket(text.encode_utf16().count())
}
