//! The door: a batch is walked once, op by op, against the policy it was captured under and the current one, the stricter.
//!
//! What should have been masked or left out refuses the whole batch. Where the policy shows text, what looks personal is
//! taken out of it and the batch goes on.

use std::borrow::Cow;
use std::collections::HashMap;

use super::door::{Door, Verdict};
use super::place::{Place, place_of};
use super::{Policy, redact};
use crate::model::NodeId;
use crate::stream::{self, Body, Op, Reader, Value, Writer};

/// Why a batch is not taken. Says which rule and where, never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Malformed(#[from] stream::Malformed),
    #[error("the batch breaks the policy: {rule}")]
    Broken { rule: &'static str, node: Option<NodeId>, place: Place },
}

/// Check a batch's body against all these policies: the one it was captured under first. `see` is shown each op that passes,
/// as it was sent. The answer is the body, without what looked personal in shown text.
pub fn enforce<'a>(
    policies: &[&Policy],
    body: &'a [u8],
    see: &mut dyn FnMut(&Op<'_>),
) -> Result<Cow<'a, [u8]>, Refusal> {
    let Some((captured, others)) = policies.split_first() else {
        return Err(Refusal::Broken { rule: "policy", node: None, place: Place::default() });
    };
    let mut strictest = Cow::Borrowed(*captured);
    for other in others {
        if **other != *strictest {
            strictest = Cow::Owned(Policy::stricter(&strictest, other));
        }
    }
    let mut door = Door::new(captured, &strictest);
    let mut clean = true;
    let mut reader = Reader::new(body)?;
    while let Some(op) = reader.next()? {
        match door.pass(&op) {
            Verdict::Pass => {}
            Verdict::Redact => clean = false,
            Verdict::Refuse { rule, node } => {
                let place = place_of(body, node, &strictest);
                return Err(Refusal::Broken { rule, node, place });
            }
        }
        see(&op);
    }
    if clean { Ok(Cow::Borrowed(body)) } else { redacted(body).map(Cow::Owned) }
}

/// A body of which whatever this policy refuses is hidden or left out: of a node, its words and attributes. For what no recorder of
/// ours told. Fails where it breaks the grammar, or where a node has no place at all.
pub fn leave_out(policy: &Policy, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let head = Body::parse(body)?;
    let mut door = Door::new(policy, policy);
    let mut writer = Writer::new(head.first_node, head.began);
    let mut reader = Reader::new(body)?;
    while let Some(op) = reader.next()? {
        let Verdict::Refuse { rule, node } = door.pass(&op) else {
            writer.op(&op);
            continue;
        };
        let hidden = match op {
            Op::Element { id, namespace, tag, open, .. } => Op::Element { id, namespace, tag, attributes: &[], open },
            Op::Text { id, text, .. } => Op::Masked { id, bucket: super::bucket_of(text) },
            Op::SetText { id, text, .. } => Op::SetMasked { id, bucket: super::bucket_of(text) },
            Op::Css { .. } => Op::Css { text: "" },
            Op::Doctype { id, .. } => Op::Doctype { id, name: "html", public: "", system: "" },
            Op::Snapshot { id, width, height, .. } => {
                Op::Snapshot { id, width, height, url: "", title: Value::Masked(0) }
            }
            Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Block { .. }
            | Op::End
            | Op::Add { .. } => return Err(Refusal::Broken { rule, node, place: Place::default() }),
            Op::Time { .. }
            | Op::Remove { .. }
            | Op::Attribute { .. }
            | Op::SetMasked { .. }
            | Op::Sheet { .. }
            | Op::RuleInsert { .. }
            | Op::RuleDelete { .. }
            | Op::AdoptedSheet { .. }
            | Op::Adopt { .. }
            | Op::Move { .. }
            | Op::Press { .. }
            | Op::Scroll { .. }
            | Op::Input { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Viewport { .. }
            | Op::Visibility { .. }
            | Op::Page { .. }
            | Op::Gap { .. }
            | Op::Finish
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Shed { .. }
            | Op::Chosen { .. }
            | Op::Mixed { .. }
            | Op::Ring { .. }
            | Op::Media { .. }
            | Op::Vital { .. }
            | Op::Error { .. }
            | Op::Log { .. }
            | Op::Request { .. }
            | Op::Event { .. }
            | Op::Tag { .. }
            | Op::Zoom { .. }
            | Op::Canvas { .. }
            | Op::Layer { .. }
            | Op::Asset { .. }
            | Op::Unreadable { .. }
            | Op::Sensitive { .. }
            | Op::Rules { .. }
            | Op::Who { .. } => continue,
        };
        match door.pass(&hidden) {
            Verdict::Pass | Verdict::Redact => writer.op(&hidden),
            Verdict::Refuse { rule, node } => {
                return Err(Refusal::Broken { rule, node, place: Place::default() });
            }
        };
    }
    Ok(writer.finish())
}

/// The same batch without findings and who it is of, and without what looks personal in the words that it shows. Names, style and addresses passed as they are.
fn redacted(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let head = Body::parse(body)?;
    let mut writer = Writer::new(head.first_node, head.began);
    let mut reader = Reader::new(body)?;
    let mut kinds: HashMap<NodeId, String> = HashMap::new();
    while let Some(op) = reader.next()? {
        match op {
            Op::Text { id, text, rule } => writer.op(&Op::Text { id, text: &redact(text), rule }),
            Op::SetText { id, text, rule } => writer.op(&Op::SetText { id, text: &redact(text), rule }),
            Op::Page { url, title: Value::Shown(title) } => {
                writer.op(&Op::Page { url, title: Value::Shown(&redact(title)) })
            }
            Op::Snapshot { id, width, height, url, title: Value::Shown(title) } => {
                let title = redact(title);
                writer.op(&Op::Snapshot { id, width, height, url, title: Value::Shown(&title) })
            }
            Op::Input { id, value: Some(Value::Shown(value)), checked, by_visitor } => {
                let value = redact(value);
                writer.op(&Op::Input { id, value: Some(Value::Shown(&value)), checked, by_visitor })
            }
            Op::Element { id, namespace, tag, attributes, open } => {
                kinds.insert(id, tag.to_ascii_lowercase());
                let shown: Vec<_> = attributes.iter().map(|(name, value)| (*name, words(tag, name, *value))).collect();
                let attributes: Vec<_> = shown.iter().map(|(name, value)| (*name, value.as_value())).collect();
                writer.op(&Op::Element { id, namespace, tag, attributes: &attributes, open })
            }
            Op::Attribute { id, name, value: Some(value) } => {
                let value = words(kinds.get(&id).map_or("", String::as_str), name, value);
                writer.op(&Op::Attribute { id, name, value: Some(value.as_value()) })
            }
            Op::Error { name, message: Value::Shown(message), url, line, column } => {
                let message = redact(message);
                writer.op(&Op::Error { name, message: Value::Shown(&message), url, line, column })
            }
            Op::Log { level, message: Value::Shown(message) } => {
                writer.op(&Op::Log { level, message: Value::Shown(&redact(message)) })
            }
            Op::Tag { name, value: Value::Shown(value) } => {
                writer.op(&Op::Tag { name, value: Value::Shown(&redact(value)) })
            }
            Op::Event { name, properties } => {
                let shown: Vec<_> = properties
                    .iter()
                    .map(|(property, value)| match value {
                        Value::Shown(text) => (*property, Words::Redacted(redact(text))),
                        Value::Masked(_) => (*property, Words::As(*value)),
                    })
                    .collect();
                let properties: Vec<_> = shown.iter().map(|(property, value)| (*property, value.as_value())).collect();
                writer.op(&Op::Event { name, properties: &properties })
            }
            Op::Sensitive { .. } | Op::Rules { .. } | Op::Who { .. } => continue,
            other => writer.op(&other),
        };
    }
    Ok(writer.finish())
}

/// An attribute's value on its way through.
enum Words<'a> {
    As(Value<'a>),
    Redacted(Cow<'a, str>),
}

impl Words<'_> {
    fn as_value(&self) -> Value<'_> {
        match self {
            Self::As(value) => *value,
            Self::Redacted(text) => Value::Shown(text),
        }
    }
}

fn words<'a>(tag: &str, name: &str, value: Value<'a>) -> Words<'a> {
    match value {
        Value::Shown(text) if super::attribute::is_words(tag, name) => Words::Redacted(redact(text)),
        Value::Shown(_) | Value::Masked(_) => Words::As(value),
    }
}

#[cfg(test)]
#[path = "enforce_tests.rs"]
mod tests;
