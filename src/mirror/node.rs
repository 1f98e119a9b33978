//! What the mirror holds of one node.

use super::Sheet;
use crate::model::NodeId;
use crate::stream::{Layer, Namespace, Value};

/// A text position, as the stream's `Value`, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Shown(Box<str>),
    /// Up to `2^bucket` characters were here.
    Masked(u8),
}

impl From<Value<'_>> for Held {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Shown(text) => Self::Shown(text.into()),
            Value::Masked(bucket) => Self::Masked(bucket),
        }
    }
}

impl Held {
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Shown(text) => text.len(),
            Self::Masked(_) => 0,
        }
    }
}

/// A node and its place.
#[derive(Debug)]
pub struct Node {
    pub parent: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
    /// How far it was scrolled; of the document for the page itself.
    pub scroll: (u32, u32),
    pub content: Content,
}

/// What a node is.
#[derive(Debug)]
pub enum Content {
    /// The page's document, or with a parent that of a frame.
    Document {
        adopted: Vec<u32>,
    },
    /// A shadow root; its parent is the host, which knows it as `shadow`.
    Shadow {
        adopted: Vec<u32>,
    },
    Doctype {
        name: Box<str>,
        public: Box<str>,
        system: Box<str>,
    },
    Element(Box<Element>),
    Text(Held),
    Comment,
}

/// An element and its state.
#[derive(Debug)]
pub struct Element {
    pub namespace: Namespace,
    pub tag: Box<str>,
    pub attributes: Vec<(Box<str>, Held)>,
    /// A blocked element's width and height.
    pub block: Option<(u32, u32)>,
    /// The rules of a style or link element.
    pub css: Option<Sheet>,
    pub shadow: Option<NodeId>,
    /// The document inside a frame.
    pub frame: Option<NodeId>,
    pub input: Option<Input>,
    pub stand: Option<Stand>,
    pub media: Option<Media>,
    /// What a canvas shows.
    pub picture: Option<Box<str>>,
}

/// How video or sound stands: its own time, loudness and speed in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    pub playing: bool,
    pub ms: u32,
    pub volume: u32,
    pub rate: u32,
    pub muted: bool,
}

/// A place in the top layer; a larger `order` is nearer to the watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub layer: Layer,
    pub order: u32,
}

/// The state of a form control, as far as it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    pub value: Option<Held>,
    pub checked: Option<bool>,
    /// Neither checked nor not.
    pub mixed: bool,
    /// The places of the chosen options, where the value does not tell them.
    pub chosen: Option<Vec<u32>>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&Held> {
        self.attributes.iter().find_map(|(held, value)| (**held == *name).then_some(value))
    }

    /// An attribute's value, where it is told.
    pub fn shown(&self, name: &str) -> Option<&str> {
        match self.attribute(name) {
            Some(Held::Shown(text)) => Some(text),
            Some(Held::Masked(_)) | None => None,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Option<Held>) {
        let place = self.attributes.iter().position(|(held, _)| **held == *name);
        match (place, value) {
            (Some(place), Some(value)) => self.attributes[place].1 = value,
            (Some(place), None) => drop(self.attributes.remove(place)),
            (None, Some(value)) => self.attributes.push((name.into(), value)),
            (None, None) => {}
        }
    }
}

impl Content {
    /// About how many bytes this holds beyond its own size.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Document { .. } | Self::Shadow { .. } | Self::Comment => 0,
            Self::Doctype { name, public, system } => name.len() + public.len() + system.len(),
            Self::Text(text) => text.bytes(),
            Self::Element(element) => {
                let attributes: usize = element.attributes.iter().map(|(name, value)| name.len() + value.bytes()).sum();
                element.tag.len()
                    + attributes
                    + element.css.as_ref().map_or(0, Sheet::bytes)
                    + element.picture.as_ref().map_or(0, |picture| picture.len())
            }
        }
    }
}
