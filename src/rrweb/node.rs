//! Nodes of the mirror as rrweb serialises them. What loads or runs has no place here: addresses of links are text that
//! nothing follows, and no other address leaves the grammar.

use super::text::drawn;
use crate::mirror::{Element, Kind, Mirror, Node};
use crate::model::NodeId;
use crate::stream::Namespace;
use serde_json::{Map, Value as Json, json};

/// rrweb's node types.
mod kind {
    pub const DOCUMENT: u8 = 0;
    pub const DOCTYPE: u8 = 1;
    pub const ELEMENT: u8 = 2;
    pub const TEXT: u8 = 3;
    pub const COMMENT: u8 = 5;
}

/// Attributes that make a browser load or run something when they are set.
const LOADING: [&str; 14] = [
    "srcdoc",
    "srcset",
    "imagesrcset",
    "data",
    "poster",
    "background",
    "action",
    "formaction",
    "ping",
    "manifest",
    "code",
    "codebase",
    "archive",
    "http-equiv",
];

/// A node alone, without what is under it.
pub fn alone(mirror: &Mirror, id: NodeId, node: &Node) -> Json {
    let mut told = match &node.kind {
        Kind::Document { .. } => document(mirror, node),
        Kind::Doctype { name, public, system } => {
            json!({ "type": kind::DOCTYPE, "name": name, "publicId": public, "systemId": system })
        }
        Kind::Element(element) => self::element(element),
        Kind::Block { namespace, tag, width, height } => block(*namespace, tag, *width, *height),
        Kind::Text(text) => json!({ "type": kind::TEXT, "textContent": drawn(text) }),
        Kind::Comment => json!({ "type": kind::COMMENT, "textContent": "" }),
        // Its content stands among its host's children.
        Kind::Shadow { .. } => Json::Null,
    };
    if let Json::Object(told) = &mut told {
        told.insert("id".into(), id.into());
        let (shadow, root) = place(mirror, node);
        if shadow {
            told.insert("isShadow".into(), true.into());
        }
        if let Some(root) = root {
            told.insert("rootId".into(), root.into());
        }
    }
    told
}

/// A node with all that is under it, except frame documents, which rrweb attaches by events of their own.
pub fn whole(mirror: &Mirror, id: NodeId) -> Json {
    // Depth-first with a stack of its own: what is recorded must not choose how deep this recurses.
    let mut built: Vec<(Json, Vec<Json>)> = Vec::new();
    let mut waiting = vec![Step::Enter(id)];
    let mut done = Json::Null;
    while let Some(step) = waiting.pop() {
        match step {
            Step::Enter(id) => {
                let Some(node) = mirror.get(id) else { continue };
                built.push((alone(mirror, id, node), Vec::new()));
                waiting.push(Step::Leave);
                let children = children(mirror, node);
                waiting.extend(children.into_iter().rev().map(Step::Enter));
            }
            Step::Leave => {
                let Some((mut told, children)) = built.pop() else { continue };
                if told.get("childNodes").is_some() {
                    told["childNodes"] = children.into();
                }
                match built.last_mut() {
                    Some((_, siblings)) => siblings.push(told),
                    None => done = told,
                }
            }
        }
    }
    done
}

enum Step {
    Enter(NodeId),
    Leave,
}

/// Children as rrweb has them: those in the shadow root first, then the element's own.
pub fn children(mirror: &Mirror, node: &Node) -> Vec<NodeId> {
    let shadow = node.element().and_then(|element| element.shadow).and_then(|shadow| mirror.get(shadow));
    let mut found = Vec::new();
    for list in shadow.into_iter().chain([node]) {
        let mut child = list.first;
        while let Some(id) = child {
            found.push(id);
            child = mirror.get(id).and_then(|node| node.next);
        }
    }
    found
}

/// The parent that rrweb names: a shadow root's host stands for it.
pub fn parent_of(mirror: &Mirror, parent: NodeId) -> NodeId {
    match mirror.get(parent) {
        Some(Node { kind: Kind::Shadow { .. }, parent: Some(host), .. }) => *host,
        _ => parent,
    }
}

/// Whether a node is a shadow root's child, and the frame document that it is in.
fn place(mirror: &Mirror, node: &Node) -> (bool, Option<NodeId>) {
    let mut shadow = false;
    let mut at = node.parent;
    let mut first = true;
    while let Some(id) = at {
        let Some(above) = mirror.get(id) else { break };
        match above.kind {
            Kind::Shadow { .. } if first => shadow = true,
            Kind::Document { .. } => return (shadow, (mirror.document() != Some(id)).then_some(id)),
            _ => {}
        }
        first = false;
        at = above.parent;
    }
    (shadow, None)
}

fn document(mirror: &Mirror, node: &Node) -> Json {
    let doctype = children(mirror, node)
        .into_iter()
        .any(|child| mirror.get(child).is_some_and(|child| matches!(child.kind, Kind::Doctype { .. })));
    let mut told = json!({ "type": kind::DOCUMENT, "childNodes": [] });
    if !doctype {
        told["compatMode"] = "BackCompat".into();
    }
    told
}

fn element(element: &Element) -> Json {
    let mut attributes = Map::new();
    for (name, value) in &element.attributes {
        if let Some(value) = attribute(&element.tag, name, &drawn(value)) {
            attributes.insert(name.clone(), value.into());
        }
    }
    if let Some(sheet) = &element.sheet {
        attributes.insert("_cssText".into(), sheet.text.as_str().into());
    }
    let mut told = json!({
        "type": kind::ELEMENT, "tagName": tag(&element.tag), "attributes": attributes, "childNodes": [],
    });
    if element.namespace == Namespace::Svg {
        told["isSVG"] = true.into();
    }
    if element.shadow.is_some() {
        told["isShadowHost"] = true.into();
    }
    told
}

fn block(namespace: Namespace, name: &str, width: u32, height: u32) -> Json {
    let size = json!({ "rr_width": format!("{width}px"), "rr_height": format!("{height}px") });
    let mut told = json!({
        "type": kind::ELEMENT, "tagName": tag(name), "attributes": size, "childNodes": [], "needBlock": true,
    });
    if namespace == Namespace::Svg {
        told["isSVG"] = true.into();
    }
    told
}

/// An element's name; one that runs or loads is an empty place, should it ever get here.
fn tag(name: &str) -> &str {
    match name.to_ascii_lowercase().as_str() {
        "script" | "object" | "embed" | "applet" | "base" | "frame" | "frameset" | "portal" => "noscript",
        _ => name,
    }
}

/// What an attribute may be in a replay; the second wall behind the door's policy.
pub fn attribute(tag: &str, name: &str, value: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let address = matches!(lower.as_str(), "src" | "href" | "xlink:href");
    let link = matches!(tag, "a" | "area") && lower == "href";
    let inside = value.starts_with('#') || value.starts_with("data:image/") || value.starts_with("data:font/");
    let refused = lower.starts_with("on")
        || lower.starts_with("rr_")
        || lower == "_csstext"
        || LOADING.contains(&lower.as_str())
        || (tag.eq_ignore_ascii_case("link") && address)
        || (address && !link && !inside)
        || (link && value.trim_start().to_ascii_lowercase().starts_with("javascript"));
    (!refused).then(|| value.to_owned())
}
