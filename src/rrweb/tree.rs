//! Nodes of the mirror as rrweb's serialised nodes.

use super::json;
use super::masked::{drawn, masked_text};
use super::quirks;
use super::wall;
use crate::mirror::{Content, Element, Held, Mirror, Node};
use crate::model::NodeId;
use crate::stream::{INPUT_BUCKET, Namespace};

/// What was met on the way and follows behind the event: frames whose documents are attached one by one, and elements with
/// state that no attribute tells.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub frames: Vec<NodeId>,
    pub states: Vec<NodeId>,
}

/// rrweb has no number for a shadow root: its host's is used.
pub(super) fn number(mirror: &Mirror, id: NodeId) -> NodeId {
    match mirror.node(id) {
        Some(Node { content: Content::Shadow { .. }, parent: Some(host), .. }) => *host,
        Some(_) | None => id,
    }
}

/// Whether a node is a direct child of a shadow root.
pub(super) fn in_shadow(mirror: &Mirror, id: NodeId) -> bool {
    let parent = mirror.node(id).and_then(|node| node.parent).and_then(|parent| mirror.node(parent));
    matches!(parent.map(|parent| &parent.content), Some(Content::Shadow { .. }))
}

/// A frame's document, for nodes that are inside one.
pub(super) fn frame_of(mirror: &Mirror, id: NodeId) -> Option<NodeId> {
    mirror.document_of(id).filter(|document| mirror.root() != Some(*document))
}

/// One node with all that is below it, in one object. Frames are left empty and noted.
pub(super) fn whole(mirror: &Mirror, id: NodeId, met: &mut Met, out: &mut Vec<u8>) {
    let frame = frame_of(mirror, id);
    // The end of a child list, or a node still to be written; in a stack, so that deep pages need none of the thread's.
    let mut todo = vec![Some(id)];
    while let Some(next) = todo.pop() {
        let Some(id) = next else {
            out.extend(b"]}");
            continue;
        };
        if begin(mirror, id, frame, met, out) {
            todo.push(None);
            let place = todo.len();
            todo.extend(children(mirror, id).map(Some));
            todo[place..].reverse();
        }
    }
}

/// One node with all that is below it, each node an addition of its own: parents first, siblings from first to last.
pub(super) fn additions(mirror: &Mirror, id: NodeId, met: &mut Met, out: &mut Vec<u8>) {
    let frame = frame_of(mirror, id);
    let mut todo = vec![(id, true)];
    while let Some((id, top)) = todo.pop() {
        let Some(node) = mirror.node(id) else { continue };
        let Some(parent) = node.parent else { continue };
        json::comma(out);
        json::number(out, "{\"parentId\":", number(mirror, parent));
        // Below the first, each comes last in a list that was empty.
        match node.next.filter(|_| top) {
            Some(next) => json::number(out, ",\"nextId\":", next),
            None => out.extend(b",\"nextId\":null"),
        }
        out.extend(b",\"node\":");
        if begin(mirror, id, frame, met, out) {
            out.extend(b"]}");
            let place = todo.len();
            todo.extend(children(mirror, id).map(|child| (child, false)));
            todo[place..].reverse();
        }
        out.push(b'}');
    }
}

/// The children that a replay has: those in the shadow root, then those in the list.
fn children(mirror: &Mirror, id: NodeId) -> impl Iterator<Item = NodeId> {
    let element = mirror.element(id);
    let shown = element.is_none_or(shows_children);
    let shadow = element.and_then(|element| element.shadow).filter(|_| shown);
    let inside = shadow.into_iter().flat_map(|shadow| mirror.children(shadow).map(|(child, _)| child));
    inside.chain(mirror.children(id).filter(move |(_, child)| shown && is_told(child)).map(|(child, _)| child))
}

/// A document type that stands for quirks mode is left out: a replayer sets that mode, with a type of its own, only where there is none.
pub(super) fn is_told(node: &Node) -> bool {
    !matches!(&node.content, Content::Doctype { name, public, system } if quirks::is_quirky(name, public, system))
}

/// Rules are no children, a box has none, and what a browser without scripts would show was not seen.
pub(super) fn shows_children(element: &Element) -> bool {
    let hidden = ["style", "link", "noscript", "template", "textarea", "iframe"];
    element.block.is_none() && !hidden.iter().any(|tag| wall::tag(&element.tag).eq_ignore_ascii_case(tag))
}

/// Whether a replay has this node: nothing above it keeps its children out.
pub(super) fn is_shown(mirror: &Mirror, id: NodeId) -> bool {
    let mut at = id;
    while let Some(node) = mirror.node(at) {
        let Some(parent) = node.parent else { return mirror.root() == Some(at) };
        let in_frame = matches!(node.content, Content::Document { .. });
        if !in_frame && mirror.element(parent).is_some_and(|element| !shows_children(element)) {
            return false;
        }
        at = parent;
    }
    false
}

/// A node up to its children; true if its child list is open.
fn begin(mirror: &Mirror, id: NodeId, frame: Option<NodeId>, met: &mut Met, out: &mut Vec<u8>) -> bool {
    let Some(node) = mirror.node(id) else { return false };
    if out.last() != Some(&b':') {
        json::comma(out);
    }
    match &node.content {
        Content::Document { adopted } => {
            if !adopted.is_empty() || node.scroll != (0, 0) {
                met.states.push(id);
            }
            json::number(out, "{\"type\":0,\"id\":", id);
            let typed =
                |(_, child): (NodeId, &Node)| matches!(child.content, Content::Doctype { .. }) && is_told(child);
            if node.first.is_some() && !mirror.children(id).any(typed) {
                out.extend(b",\"compatMode\":\"BackCompat\"");
            }
        }
        Content::Doctype { name, public, system } => {
            json::text(out, "{\"type\":1,\"name\":", name);
            json::text(out, ",\"publicId\":", public);
            json::text(out, ",\"systemId\":", system);
        }
        Content::Element(element) => {
            begin_element(element, out);
            if element.frame.is_some() {
                met.frames.push(id);
            }
            let stands = element.input.is_some() || element.stand.is_some();
            let stands = stands || element.media.is_some() || element.picture.is_some();
            if stands || node.scroll != (0, 0) || adopts(mirror, element.shadow) {
                met.states.push(id);
            }
        }
        Content::Text(held) => json::text(out, "{\"type\":3,\"textContent\":", &words(mirror, node, held)),
        // A shadow root is no node to rrweb; its children are its host's.
        Content::Comment | Content::Shadow { .. } => out.extend(b"{\"type\":5,\"textContent\":\"\""),
    }
    if !matches!(node.content, Content::Document { .. }) {
        json::number(out, ",\"id\":", id);
        if let Some(frame) = frame {
            json::number(out, ",\"rootId\":", frame);
        }
        if in_shadow(mirror, id) {
            out.extend(b",\"isShadow\":true");
        }
    }
    let open = matches!(node.content, Content::Document { .. } | Content::Element(_));
    out.extend(if open { &b",\"childNodes\":["[..] } else { b"}" });
    open
}

fn adopts(mirror: &Mirror, root: Option<NodeId>) -> bool {
    let root = root.and_then(|root| mirror.node(root));
    matches!(root.map(|root| &root.content), Some(Content::Shadow { adopted }) if !adopted.is_empty())
}

fn begin_element(element: &Element, out: &mut Vec<u8>) {
    json::text(out, "{\"type\":2,\"tagName\":", wall::tag(&element.tag));
    out.extend(b",\"attributes\":");
    attributes(element, out);
    match element.namespace {
        Namespace::Svg => out.extend(b",\"isSVG\":true"),
        Namespace::Html if is_custom(&element.tag) => out.extend(b",\"isCustom\":true"),
        Namespace::Html | Namespace::MathMl => {}
    }
    if element.shadow.is_some() {
        out.extend(b",\"isShadowHost\":true");
    }
    if element.block.is_some() {
        out.extend(b",\"needBlock\":true");
    }
}

/// All attributes as one object; the rules of a style sheet and the size of a box are attributes too.
fn attributes(element: &Element, out: &mut Vec<u8>) {
    out.push(b'{');
    for (name, value) in &element.attributes {
        let value = drawn(value);
        if let Some(value) = wall::attribute(&element.tag, name, &value) {
            json::comma(out);
            json::key(out, name);
            json::string(out, &value);
        }
    }
    if let Some((width, height)) = element.block {
        json::comma(out);
        json::text(out, "\"rr_width\":", &format!("{width}px"));
        json::text(out, ",\"rr_height\":", &format!("{height}px"));
    }
    if let Some(sheet) = &element.css {
        json::comma(out);
        // A link with rules becomes a style element; one without, such as a disabled one, stays a link.
        json::text(out, "\"_cssText\":", &wall::css(&sheet.text()));
    }
    out.push(b'}');
}

/// A text as it is drawn. Choices of a masked list look like its masked value, so that one is seen as chosen.
pub(super) fn words(mirror: &Mirror, node: &Node, held: &Held) -> String {
    let parent = node.parent.and_then(|parent| mirror.element(parent));
    match held {
        Held::Masked(_) if parent.is_some_and(|parent| &*parent.tag == "option") => masked_text(INPUT_BUCKET),
        Held::Masked(_) | Held::Shown(_) => drawn(held),
    }
}

/// A name that `customElements.define` takes; rrweb's player defines these, so that `:defined` holds as it did.
fn is_custom(tag: &str) -> bool {
    const RESERVED: [&str; 8] = [
        "annotation-xml",
        "color-profile",
        "font-face",
        "font-face-src",
        "font-face-uri",
        "font-face-format",
        "font-face-name",
        "missing-glyph",
    ];
    tag.starts_with(|sign: char| sign.is_ascii_lowercase())
        && tag.contains('-')
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.'))
        && !RESERVED.contains(&tag)
}
