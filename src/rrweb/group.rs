//! Changes of one moment, gathered into one mutation event. A player applies removals first, then additions, texts and
//! attributes, so a group ends where that order would not be the page's.

use super::json;
use super::masked::drawn;
use super::tree::{self, Met};
use super::wall;
use crate::mirror::{Content, Element, Held, Mirror};
use crate::model::NodeId;

#[derive(Debug, Default)]
pub(super) struct Group {
    removes: Vec<u8>,
    adds: Vec<u8>,
    texts: Vec<u8>,
    attributes: Vec<u8>,
    pub met: Met,
}

impl Group {
    pub fn is_empty(&self) -> bool {
        self.removes.is_empty()
            && self.adds.is_empty()
            && self.texts.is_empty()
            && self.attributes.is_empty()
            && self.met.frames.is_empty()
            && self.met.states.is_empty()
    }

    /// Whether a removal belongs into the next group: it would come before what is in this one.
    pub fn is_past_removals(&self) -> bool {
        !(self.adds.is_empty() && self.texts.is_empty() && self.attributes.is_empty())
    }

    /// `removal` as `removal_of` made it, before the node went.
    pub fn remove(&mut self, removal: &[u8]) {
        if !self.removes.is_empty() {
            self.removes.push(b',');
        }
        self.removes.extend(removal);
    }

    /// A node with all below it, as it is now.
    pub fn add(&mut self, mirror: &Mirror, id: NodeId) {
        match mirror.node(id).filter(|node| tree::is_told(node)).map(|node| (&node.content, node.parent)) {
            None => {}
            Some((Content::Document { .. }, host)) => self.met.frames.extend(host),
            Some((Content::Shadow { .. }, _)) => {
                let children: Vec<NodeId> = mirror.children(id).map(|(child, _)| child).collect();
                children.into_iter().rev().for_each(|child| self.add(mirror, child));
            }
            Some((Content::Doctype { .. } | Content::Element(_) | Content::Text(_) | Content::Comment, _)) => {
                tree::additions(mirror, id, &mut self.met, &mut self.adds);
            }
        }
    }

    pub fn text(&mut self, mirror: &Mirror, id: NodeId) {
        let Some(node) = mirror.node(id) else { return };
        let Content::Text(held) = &node.content else { return };
        if !tree::is_shown(mirror, id) {
            return;
        }
        json::comma(&mut self.texts);
        json::number(&mut self.texts, "{\"id\":", id);
        json::text(&mut self.texts, ",\"value\":", &tree::words(mirror, node, held));
        self.texts.push(b'}');
    }

    pub fn attribute(&mut self, mirror: &Mirror, id: NodeId, name: &str, value: Option<&Held>) {
        let shown = |element: &&Element| element.block.is_none() && tree::is_shown(mirror, id);
        let Some(element) = mirror.element(id).filter(shown) else { return };
        let out = &mut self.attributes;
        let value = value.map(drawn);
        let value = value.as_deref().map(|value| wall::attribute(&element.tag, name, value));
        json::comma(out);
        json::number(out, "{\"id\":", id);
        out.extend(b",\"attributes\":{");
        json::key(out, name);
        match value.flatten() {
            Some(value) => json::string(out, &value),
            None => out.extend(b"null"),
        }
        out.extend(b"}}");
    }

    /// The data of the mutation event; none if nothing changed in the tree.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        let lists = [&mut self.removes, &mut self.adds, &mut self.texts, &mut self.attributes];
        if lists.iter().all(|list| list.is_empty()) {
            return None;
        }
        let mut out = Vec::with_capacity(80 + lists.iter().map(|list| list.len()).sum::<usize>());
        out.extend(b"{\"source\":0");
        for (name, list) in ["removes", "adds", "texts", "attributes"].into_iter().zip(lists) {
            out.extend(b",\"");
            out.extend(name.as_bytes());
            out.extend(b"\":[");
            out.append(list);
            out.push(b']');
        }
        out.push(b'}');
        Some(out)
    }
}

/// How a player takes this node out of where it is now; none for what it does not have.
pub(super) fn removal_of(mirror: &Mirror, id: NodeId) -> Option<Vec<u8>> {
    let node = mirror.node(id).filter(|_| tree::is_shown(mirror, id))?;
    match node.content {
        Content::Document { .. } | Content::Shadow { .. } => return None,
        Content::Doctype { .. } | Content::Element(_) | Content::Text(_) | Content::Comment => {}
    }
    let mut out = Vec::new();
    json::number(&mut out, "{\"id\":", id);
    json::number(&mut out, ",\"parentId\":", tree::number(mirror, node.parent?));
    if tree::in_shadow(mirror, id) {
        out.extend(b",\"isShadow\":true");
    }
    out.push(b'}');
    Some(out)
}
