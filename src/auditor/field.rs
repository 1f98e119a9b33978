//! Whether a control is one that is never recorded, by all that the recorded page says of it. Twin of `isSecret` in
//! `assets/recorder/src/hide/state.ts`, with what was told of the page up to then.

use super::form;
use crate::mirror::{Content, Element, Held, Mirror};
use crate::model::NodeId;
use crate::policy::{Field, SecretKind, secret_field};
use std::collections::{HashMap, HashSet};

/// A caption is short.
const CAPTION_MAX: usize = 100;
/// Labels that are looked at for one that names a control.
const LABELS_MAX: usize = 2_000;

/// The controls of a page that are known, each with its kind where it is a secret one.
#[derive(Default)]
pub(super) struct Secrets {
    known: HashMap<NodeId, Option<&'static str>>,
    /// Names and ids of password fields: one that is put in the place of another is the same field.
    names: HashSet<String>,
    /// What was told to have an id, and labels by what they are for; some may be gone, or called otherwise now.
    named: HashMap<String, Vec<NodeId>>,
}

impl Secrets {
    /// The nodes of a page are gone; its fields may come again under their names.
    pub fn forget_nodes(&mut self) {
        self.known.clear();
        self.named.clear();
    }

    /// The page goes on to tell more: a field that was none may turn out to be one. What was secret once stays it.
    pub fn ask_again(&mut self) {
        self.known.retain(|_, kind| kind.is_some());
    }

    /// Why this control is never recorded; none for one that may be, or no control at all.
    pub fn kind(&mut self, mirror: &Mirror, id: NodeId) -> Option<&'static str> {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let element = mirror.element(id).filter(|element| is_field(element))?;
        let kind = self
            .told_kind(mirror, id, element)
            .or_else(|| names_of(element, "id name").any(|name| self.names.contains(&name)).then_some("password"));
        self.known.insert(id, kind);
        kind
    }

    /// An element was told, or what it is called: keep in mind which ones name others, and what a password field is called.
    pub fn note(&mut self, mirror: &Mirror, id: NodeId) {
        let Some(element) = mirror.element(id) else { return };
        for name in names_of(element, if is(element, "label") { "id for" } else { "id" }) {
            let named = self.named.entry(name).or_default();
            if named.len() < LABELS_MAX && named.last() != Some(&id) {
                named.push(id);
            }
        }
        if is_field(element) && element.shown("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password")) {
            self.names.extend(names_of(element, "id name"));
            self.known.insert(id, Some("password"));
        }
    }

    fn told_kind(&self, mirror: &Mirror, id: NodeId, element: &Element) -> Option<&'static str> {
        let of = |name| element.shown(name).unwrap_or_default();
        let mut words = self.labels(mirror, of("id"), of("aria-labelledby"));
        words.extend(captions(mirror, id));
        words.push(of("title").to_owned());
        let label = words.join("\n");
        let field = Field {
            kind: of("type"),
            autocomplete: of("autocomplete"),
            name: of("name"),
            id: of("id"),
            label: &label,
            placeholder: of("placeholder"),
            aria_label: of("aria-label"),
        };
        secret_field(&field).map(SecretKind::as_str)
    }

    /// The words of the labels that name a control by its id, and of the elements that it names as its labels.
    fn labels(&self, mirror: &Mirror, id: &str, named_by: &str) -> Vec<String> {
        let by_label = (!id.is_empty()).then(|| format!("for {id}"));
        let by_name = named_by.split_ascii_whitespace().map(|name| format!("id {name}"));
        let mut words = Vec::new();
        for name in by_label.into_iter().chain(by_name) {
            let named = self.named.get(&name).into_iter().flatten();
            let still = |at: &&NodeId| {
                mirror.element(**at).is_some_and(|element| names_of(element, "id for").any(|now| now == name))
            };
            words.extend(named.filter(still).filter_map(|at| caption(mirror, *at)));
        }
        words
    }
}

/// Whether a change of this attribute may change what a field is known for.
pub(super) fn may_tell(name: &str) -> bool {
    matches!(
        name,
        "type" | "name" | "id" | "for" | "placeholder" | "autocomplete" | "title" | "aria-label" | "aria-labelledby"
    )
}

fn is_field(element: &Element) -> bool {
    ["input", "textarea", "select", "x-password"].iter().any(|tag| is(element, tag)) || form::is_editable(element)
}

/// What an element is called by these of its attributes, each with the attribute's name before it.
fn names_of(element: &Element, attributes: &'static str) -> impl Iterator<Item = String> {
    attributes.split(' ').filter_map(|name| {
        let value = element.shown(name).filter(|value| !value.is_empty())?;
        Some(format!("{name} {value}"))
    })
}

/// The words around a control: of the label it stands in, its group and its host, and what stands before it.
fn captions(mirror: &Mirror, id: NodeId) -> Vec<String> {
    let mut words = Vec::new();
    let closest = |fits: &dyn Fn(&Element) -> bool| above(mirror, id).find(|at| mirror.element(*at).is_some_and(fits));
    words.extend(closest(&|element| is(element, "label")).and_then(|label| caption(mirror, label)));
    let host =
        mirror.shadow_of(id).and_then(|shadow| mirror.node(shadow)?.parent).and_then(|host| mirror.element(host));
    for name in ["name", "id", "label", "aria-label", "autocomplete"] {
        words.extend(host.and_then(|host| host.shown(name)).map(str::to_owned));
    }
    let node = mirror.node(id);
    let before = element_before(mirror, id).or_else(|| element_before(mirror, node?.parent?));
    let cell = closest(&|element| is(element, "td")).and_then(|cell| element_before(mirror, cell));
    words.extend(
        [node.and_then(|node| node.previous), before, cell].into_iter().filter_map(|at| plain_caption(mirror, at?)),
    );
    if let Some(group) = closest(&is_group) {
        words.extend(mirror.element(group).and_then(|group| group.shown("aria-label")).map(str::to_owned));
        let legend =
            mirror.children(group).find(|(child, _)| mirror.element(*child).is_some_and(|child| is(child, "legend")));
        words.extend(legend.and_then(|(legend, _)| caption(mirror, legend)));
    }
    words
}

fn is_group(element: &Element) -> bool {
    is(element, "fieldset") || element.shown("role").is_some_and(|role| matches!(role, "group" | "radiogroup"))
}

/// An element and those above it, within its document or shadow tree.
fn above(mirror: &Mirror, id: NodeId) -> impl Iterator<Item = NodeId> {
    std::iter::successors(Some(id), |at| mirror.node(*at)?.parent.filter(|parent| mirror.element(*parent).is_some()))
}

fn element_before(mirror: &Mirror, id: NodeId) -> Option<NodeId> {
    let before = |at: &NodeId| mirror.node(*at).and_then(|node| node.previous);
    std::iter::successors(before(&id), before).find(|at| mirror.element(*at).is_some())
}

fn is(element: &Element, tag: &str) -> bool {
    element.tag.eq_ignore_ascii_case(tag)
}

/// The words of a node, where they are few.
fn caption(mirror: &Mirror, id: NodeId) -> Option<String> {
    let text = text_of(mirror, id);
    (text.len() <= 4 * CAPTION_MAX).then_some(text)
}

/// The last words of a node that holds nothing but them, as a caption does.
fn plain_caption(mirror: &Mirror, id: NodeId) -> Option<String> {
    const CAPTIONS: [&str; 19] = [
        "label", "span", "p", "div", "b", "strong", "em", "td", "th", "dt", "li", "legend", "small", "h1", "h2", "h3",
        "h4", "h5", "h6",
    ];
    if let Some(element) = mirror.element(id) {
        let plain = CAPTIONS.iter().any(|tag| is(element, tag));
        if !plain || mirror.children(id).any(|(child, _)| mirror.element(child).is_some()) {
            return None;
        }
    }
    let text = text_of(mirror, id);
    let from = text.char_indices().rev().nth(CAPTION_MAX - 1).map_or(0, |(at, _)| at);
    Some(text[from..].to_owned())
}

/// What a node shows, without what its controls hold.
fn text_of(mirror: &Mirror, id: NodeId) -> String {
    let mut text = String::new();
    let mut waiting = vec![id];
    while let Some(at) = waiting.pop() {
        match mirror.node(at).map(|node| &node.content) {
            Some(Content::Text(Held::Shown(shown))) => text += shown,
            Some(Content::Element(_)) => {
                let from = waiting.len();
                waiting.extend(mirror.children(at).map(|(child, _)| child));
                waiting[from..].reverse();
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
