//! Numbers and addresses that stand over several nodes of one line.

use crate::mirror::{Content, Held, Mirror};
use crate::model::NodeId;
use crate::policy::redact;

/// Elements that begin no line of their own; as in the recorder's walk.
const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "code", "data", "em", "font", "i", "kbd", "label", "mark", "output", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];
/// Nodes of a line that are looked at, and bytes of their words: no number is longer.
const NODES_MAX: usize = 40;
const BYTES_MAX: usize = 400;

/// The text nodes of a node's line, if what they say together is personal and no single one of them is; none otherwise.
pub(super) fn crossing(mirror: &Mirror, id: NodeId) -> Vec<NodeId> {
    let line = line_of(mirror, id);
    if line.len() < 2 {
        return Vec::new();
    }
    let text: String = line.iter().map(|(_, text)| *text).collect();
    if text.len() > BYTES_MAX || redact(&text) == line.iter().map(|(_, text)| redact(text)).collect::<String>() {
        return Vec::new();
    }
    // Words without a digit or a sign of an address are no part of it.
    let telling =
        |text: &str| text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'@' | b'.' | b'-' | b'+'));
    let address = text.contains('@');
    line.into_iter().filter(|(_, text)| address || telling(text)).map(|(node, _)| node).collect()
}

/// The shown texts of a line, in their order.
fn line_of(mirror: &Mirror, id: NodeId) -> Vec<(NodeId, &str)> {
    let is_inline = |at: NodeId| {
        mirror.element(at).is_some_and(|element| INLINE.iter().any(|inline| element.tag.eq_ignore_ascii_case(inline)))
    };
    let mut top = id;
    while let Some(parent) = mirror.node(top).and_then(|node| node.parent).filter(|parent| is_inline(*parent)) {
        top = parent;
    }
    // From the top's line: siblings up to the next that begins its own.
    let mut first = top;
    let mut steps = 0;
    while let Some(previous) = mirror.node(first).and_then(|node| node.previous)
        && (is_inline(previous) || is_text(mirror, previous))
        && steps < NODES_MAX
    {
        first = previous;
        steps += 1;
    }
    let mut line = Vec::new();
    let mut waiting = Vec::new();
    let mut next = Some(first);
    while let Some(at) = next.filter(|at| is_inline(*at) || is_text(mirror, *at)) {
        waiting.push(at);
        next = mirror.node(at).and_then(|node| node.next);
        if waiting.len() > 2 * NODES_MAX {
            break;
        }
    }
    waiting.reverse();
    while let Some(at) = waiting.pop() {
        match mirror.node(at).map(|node| &node.content) {
            Some(Content::Text(Held::Shown(text))) => line.push((at, &**text)),
            Some(Content::Element(_)) => {
                let mut children: Vec<NodeId> = mirror.children(at).map(|(child, _)| child).collect();
                children.reverse();
                waiting.extend(children);
            }
            Some(Content::Text(Held::Masked(_)) | Content::Document { .. } | Content::Shadow { .. })
            | Some(Content::Doctype { .. } | Content::Comment)
            | None => {}
        }
        if line.len() > NODES_MAX {
            break;
        }
    }
    line
}

fn is_text(mirror: &Mirror, id: NodeId) -> bool {
    mirror.node(id).is_some_and(|node| matches!(node.content, Content::Text(_) | Content::Comment))
}
