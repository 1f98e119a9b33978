//! What a node is to a visitor, so that what happened to it can be said in words: “button Add to cart”. Twin of
//! `dashboard-ui/src/player/nodes.ts`, which names what happens in recordings that are still under way.

use super::{Content, Element, Held, Mirror};
use crate::model::NodeId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const NAME_LENGTH_MAX: usize = 60;
const NAME_NODES_MAX: usize = 200;
const ANCESTORS_MAX: usize = 8;
const NAMING: [&str; 3] = ["title", "alt", "placeholder"];
/// Stands for a hidden character where words are masked in part.
const MASK: char = '█';

/// What something happened to, as a visitor sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TargetKind)]
pub enum Kind {
    Link,
    Button,
    Field,
    Choice,
    Image,
    Text,
    Element,
    Page,
}

impl Kind {
    /// Whether a visitor expects something of a click on it. One on a field shows itself by the caret.
    pub fn invites_clicks(self) -> bool {
        match self {
            Self::Link | Self::Button | Self::Choice => true,
            Self::Field | Self::Image | Self::Text | Self::Element | Self::Page => false,
        }
    }
}

/// The link, button or field that something happened to, else the node itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Target {
    pub kind: Kind,
    /// Null where nothing names it, empty where its name is hidden.
    pub name: Option<String>,
}

/// The labels of a page, by the field that each is for. Read once for all that is asked of one page in one moment.
type Labels = HashMap<String, NodeId>;

impl Mirror {
    /// What a node is, and what it is called.
    pub fn target(&self, id: NodeId) -> Target {
        let Some(node) = self.node(id) else { return Target { kind: Kind::Element, name: None } };
        if let Some((holder, kind)) = self.control(id) {
            return Target { kind, name: self.name_of(holder, kind) };
        }
        let tag = self.element(id).map(|element| &*element.tag);
        if matches!(node.content, Content::Document { .. }) || matches!(tag, Some("html" | "body")) {
            return Target { kind: Kind::Page, name: None };
        }
        let holds_text = self.children(id).any(|(_, child)| matches!(child.content, Content::Text(_)));
        let name = if holds_text { tidy(&self.words(id)) } else { None };
        Target { kind: if name.is_none() { Kind::Element } else { Kind::Text }, name }
    }

    /// The control that a node is or lies in.
    pub fn control(&self, id: NodeId) -> Option<(NodeId, Kind)> {
        self.way(id).find_map(|at| Some((at, control(self.element(at)?)?)))
    }

    /// A node and what stands above it, nearest first.
    fn way(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |at| self.node(*at)?.parent).take(ANCESTORS_MAX)
    }

    /// What it tells screen readers, its text, or for a field the label around it or for it.
    fn name_of(&self, id: NodeId, kind: Kind) -> Option<String> {
        let element = self.element(id)?;
        let said = |name: &str| element.attribute(name).map(words_of).unwrap_or_default();
        if let Some(name) = tidy(&said("aria-label")) {
            return Some(name);
        }
        let own = match kind {
            Kind::Field | Kind::Choice => self.label(id, element),
            _ if &*element.tag == "input" => said("value"),
            _ => self.words(id),
        };
        tidy(&own).or_else(|| tidy(&NAMING.into_iter().map(said).find(|text| !text.is_empty())?))
    }

    fn label(&self, id: NodeId, element: &Element) -> String {
        let around = || self.way(id).skip(1).find(|at| self.element(*at).is_some_and(|above| &*above.tag == "label"));
        let named = element.shown("id").and_then(|name| self.labels().get(name).copied());
        named.or_else(around).map(|label| self.words(label)).unwrap_or_default()
    }

    fn labels(&self) -> Labels {
        let label = |(id, node): (&NodeId, &super::Node)| match &node.content {
            Content::Element(element) if &*element.tag == "label" => Some((element.shown("for")?.to_owned(), *id)),
            _ => None,
        };
        self.nodes.iter().filter_map(label).collect()
    }

    /// The text under a node, as much as a name needs.
    fn words(&self, root: NodeId) -> String {
        let mut waiting = vec![root];
        let mut text = String::new();
        for _ in 0..NAME_NODES_MAX {
            let Some(id) = waiting.pop().filter(|_| text.chars().count() <= NAME_LENGTH_MAX) else { break };
            match self.node(id).map(|node| &node.content) {
                Some(Content::Text(held)) => {
                    text.push_str(&words_of(held));
                    text.push(' ');
                }
                // What a choice offers, and what a drawing is called, is no name of the control around it.
                Some(Content::Element(element)) if matches!(&*element.tag, "select" | "svg" | "style") => {}
                _ => {
                    let place = waiting.len();
                    waiting.extend(self.children(id).map(|(child, _)| child));
                    waiting[place..].reverse();
                }
            }
        }
        text
    }
}

fn control(element: &Element) -> Option<Kind> {
    match &*element.tag {
        "a" => Some(Kind::Link),
        "button" | "summary" => Some(Kind::Button),
        "textarea" => Some(Kind::Field),
        "select" | "option" => Some(Kind::Choice),
        "img" => Some(Kind::Image),
        "input" => Some(match element.shown("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "checkbox" | "radio" => Kind::Choice,
            "button" | "submit" | "reset" | "image" => Kind::Button,
            _ => Kind::Field,
        }),
        _ => matches!(element.shown("role"), Some("button")).then_some(Kind::Button),
    }
}

fn words_of(held: &Held) -> String {
    match held {
        Held::Shown(text) => text.to_string(),
        Held::Masked(_) => MASK.to_string(),
    }
}

/// A name on one line and not too long; none where there is none, empty where it is hidden.
fn tidy(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return None;
    }
    if line.contains(MASK) {
        return Some(String::new());
    }
    if line.chars().count() <= NAME_LENGTH_MAX {
        return Some(line);
    }
    Some(line.chars().take(NAME_LENGTH_MAX - 1).chain(['…']).collect())
}
