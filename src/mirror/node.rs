//! What the mirror keeps of one node: what was told of it, and its place among its neighbours.

use crate::model::NodeId;
use crate::stream::{Namespace, Value};

/// A text position as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Shown(String),
    Masked(u8),
}

impl From<Value<'_>> for Told {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Shown(text) => Self::Shown(text.to_owned()),
            Value::Masked(bucket) => Self::Masked(bucket),
        }
    }
}

/// A change of one style rule; `text` is `None` where the rule went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    pub path: Vec<u32>,
    pub text: Option<String>,
}

/// The rules of a sheet: as they were told as a whole, and what changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub text: String,
    pub changes: Vec<RuleChange>,
}

/// What an element is and what happened to it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub namespace: Namespace,
    pub tag: String,
    pub attributes: Vec<(String, Told)>,
    pub sheet: Option<Sheet>,
    pub value: Option<Told>,
    pub checked: Option<bool>,
    pub scroll: Option<(u32, u32)>,
    pub shadow: Option<NodeId>,
    pub frame: Option<NodeId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A page's or a frame's document, with its scroll position and adopted sheets.
    Document {
        scroll: Option<(u32, u32)>,
        adopted: Vec<u32>,
    },
    Shadow {
        adopted: Vec<u32>,
    },
    Doctype {
        name: String,
        public: String,
        system: String,
    },
    Element(Box<Element>),
    /// A blocked element: nothing but its size, in CSS pixels.
    Block {
        namespace: Namespace,
        tag: String,
        width: u32,
        height: u32,
    },
    Text(Told),
    Comment,
}

/// A node and its neighbours. A shadow root's or frame document's parent is its host; the host's children are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    pub parent: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
}

impl Node {
    pub fn new(kind: Kind) -> Self {
        Self { kind, parent: None, first: None, last: None, previous: None, next: None }
    }

    pub fn element(&self) -> Option<&Element> {
        match &self.kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    pub fn element_mut(&mut self) -> Option<&mut Element> {
        match &mut self.kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }
}
