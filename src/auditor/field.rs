//! Whether a control is one that is never recorded, by all that the recorded page says of it.

use super::shown;
use crate::mirror::{Content, Held, Mirror};
use crate::model::NodeId;
use crate::policy::{Field, SecretKind, secret_field};
use std::collections::HashSet;

/// A caption is short.
const CAPTION_MAX: usize = 100;
/// Labels that are looked at for one that names a control.
const LABELS_MAX: usize = 2_000;

/// Whether a change of this attribute may change what a field is known for.
pub(super) fn may_tell(name: &str) -> bool {
    matches!(
        name,
        "type" | "name" | "id" | "for" | "placeholder" | "autocomplete" | "title" | "aria-label" | "aria-labelledby"
    )
}

/// The kind of a secret field; `None` for a control that may be recorded, or no control at all.
pub(super) fn secret_kind(mirror: &Mirror, id: NodeId, secret_names: &HashSet<String>) -> Option<&'static str> {
    let element = mirror.element(id)?;
    if !matches!(&*element.tag.to_ascii_lowercase(), "input" | "textarea" | "select") {
        return None;
    }
    let of = |name| shown(element, name).unwrap_or_default();
    let label = captions(mirror, id, of("id"), of("aria-labelledby")) + of("title");
    let field = Field {
        kind: of("type"),
        autocomplete: of("autocomplete"),
        name: of("name"),
        id: of("id"),
        label: &label,
        placeholder: of("placeholder"),
        aria_label: of("aria-label"),
    };
    secret_field(&field).map(SecretKind::as_str).or_else(|| secret_names.contains(of("name")).then_some("password"))
}

/// The words around a control: of its labels, and what stands before it.
fn captions(mirror: &Mirror, id: NodeId, name: &str, named_by: &str) -> String {
    let mut words = String::new();
    let mut add = |node: Option<NodeId>| {
        if let Some(node) = node {
            let text = text_of(mirror, node);
            if text.len() <= 4 * CAPTION_MAX {
                words += &text;
                words.push('\n');
            }
        }
    };
    let node = mirror.node(id);
    let parent = node.and_then(|node| node.parent);
    add(node.and_then(|node| node.previous));
    add(parent.and_then(|parent| mirror.node(parent)).and_then(|parent| parent.previous));
    let above = std::iter::successors(parent, |at| mirror.node(*at).and_then(|node| node.parent));
    add(above.take(20).find(|at| mirror.element(*at).is_some_and(|element| element.tag.eq_ignore_ascii_case("label"))));
    if !(name.is_empty() && named_by.is_empty()) {
        let labels = mirror.ids().filter(|at| {
            mirror.element(*at).is_some_and(|element| {
                (!name.is_empty() && element.tag.eq_ignore_ascii_case("label") && shown(element, "for") == Some(name))
                    || shown(element, "id").is_some_and(|id| named_by.split_ascii_whitespace().any(|one| one == id))
            })
        });
        for label in labels.take(LABELS_MAX) {
            add(Some(label));
        }
    }
    words
}

/// What a node shows, without what its controls hold.
fn text_of(mirror: &Mirror, id: NodeId) -> String {
    let mut text = String::new();
    let mut waiting = vec![id];
    while let Some(at) = waiting.pop() {
        match mirror.node(at).map(|node| &node.content) {
            Some(Content::Text(Held::Shown(shown))) => {
                text += shown;
                text.push(' ');
            }
            Some(Content::Element(_)) => {
                let mut children: Vec<NodeId> = mirror.children(at).map(|(child, _)| child).collect();
                children.reverse();
                waiting.extend(children);
            }
            Some(Content::Text(Held::Masked(_)) | Content::Document { .. } | Content::Shadow { .. })
            | Some(Content::Doctype { .. } | Content::Comment)
            | None => {}
        }
        if text.len() > 4 * CAPTION_MAX {
            break;
        }
    }
    text
}
