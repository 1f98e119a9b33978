//! What other recordings of a site are likely to tell as well, and in which nobody's words are: style sheets, what a page's elements and
//! classes are called, and how its elements stand in one another. What was written on a page, chosen or addressed is never a part.

use crate::stream::{Op, Reader, Value};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Shorter sheets are not worth a row of their own; longer ones would fill a dictionary alone.
const SHEET_BYTES: std::ops::RangeInclusive<usize> = 256..=512 << 10;
/// Names go in blocks. A block ends behind a name whose hash says so, so that one more name on a page changes one block.
const NAMES_PER_BLOCK: u64 = 32;
const BLOCK_BYTES_MAX: usize = 4 << 10;
/// How the elements of one page stand.
const SHAPE_BYTES: std::ops::RangeInclusive<usize> = 256..=128 << 10;
/// Parts of one recording.
const PARTS_MAX: usize = 128;
const BYTES_MAX: usize = 2 << 20;

/// Attributes whose values are the site's own words for its look.
const OWN_WORDS: [&str; 9] = ["class", "role", "type", "d", "viewBox", "points", "fill", "stroke", "xmlns"];

/// Something that recordings may have in common, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: &'static str,
    /// As it stands in a batch's columns.
    pub bytes: Vec<u8>,
}

/// Where an op stands in a run of nodes that a snapshot is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Begin,
    End,
}

/// Collects the parts of one recording.
#[derive(Debug, Default)]
pub struct Parts {
    found: Vec<Part>,
    known: HashSet<u64>,
    bytes: usize,
    /// A snapshot is being told, in one run or in several.
    telling: bool,
    /// Open lists within the run that is being told.
    depth: u32,
    names: HashSet<u64>,
    block: Vec<u8>,
    /// What was read of ops and references where the run begins.
    began: [usize; 2],
    /// Ops and references of the runs so far: how the elements stand. What else is told between two runs is somebody's, and numbers may be,
    /// so they are no part of it.
    shape: [Vec<u8>; 2],
}

impl Parts {
    /// Look at an op; an edge is for `reach`, which has to know how far the reader is.
    pub fn op(&mut self, op: &Op<'_>) -> Option<Edge> {
        match *op {
            Op::Css { text } | Op::Sheet { text, .. } | Op::AdoptedSheet { text, .. } => self.sheet(text),
            Op::Snapshot { .. } => {
                (self.telling, self.depth, self.shape) = (true, 1, Default::default());
                self.names.clear();
                self.block.clear();
                return Some(Edge::Begin);
            }
            // The rest of it comes in runs of its own.
            Op::Part { more } => self.telling = self.telling && more,
            Op::Add { .. } if self.telling => {
                self.depth = 1;
                return Some(Edge::Begin);
            }
            Op::Element { tag, attributes, open, .. } if self.depth > 0 => {
                self.name(tag);
                for (name, value) in attributes {
                    self.name(name);
                    if let Value::Shown(text) = value
                        && OWN_WORDS.contains(name)
                    {
                        self.name(text);
                    }
                }
                self.depth += u32::from(open);
            }
            Op::Shadow { .. } | Op::Frame { .. } if self.depth > 0 => self.depth += 1,
            Op::End if self.depth > 0 => {
                self.depth -= 1;
                return (self.depth == 0).then_some(Edge::End);
            }
            // Of all else nothing is shared.
            _ => {}
        }
        None
    }

    /// The reader stands right behind this edge.
    pub fn reach(&mut self, edge: Edge, reader: &Reader<'_>) {
        let columns = reader.passed();
        match edge {
            Edge::Begin => self.began = columns.map(<[u8]>::len),
            Edge::End => {
                for ((shape, column), began) in self.shape.iter_mut().zip(columns).zip(self.began) {
                    shape.extend_from_slice(&column[began..]);
                }
            }
        }
    }

    /// A batch was read to its end.
    pub fn turn(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.keep("names", block);
        self.telling = false;
        let shape = std::mem::take(&mut self.shape);
        if SHAPE_BYTES.contains(&shape[0].len()) {
            self.keep("shape", shape.concat());
        }
    }

    pub fn into_found(self) -> Vec<Part> {
        self.found
    }

    fn sheet(&mut self, text: &str) {
        if SHEET_BYTES.contains(&text.len()) {
            self.keep("sheet", text.as_bytes().to_vec());
        }
    }

    fn name(&mut self, name: &str) {
        let hash = hash_of(&name);
        if !self.names.insert(hash) || name.len() > BLOCK_BYTES_MAX {
            return;
        }
        self.block.extend_from_slice(name.as_bytes());
        self.block.push(0);
        if hash.is_multiple_of(NAMES_PER_BLOCK) || self.block.len() >= BLOCK_BYTES_MAX {
            let block = std::mem::take(&mut self.block);
            self.keep("names", block);
        }
    }

    fn keep(&mut self, kind: &'static str, bytes: Vec<u8>) {
        let room = self.found.len() < PARTS_MAX && self.bytes + bytes.len() <= BYTES_MAX;
        if !bytes.is_empty() && room && self.known.insert(hash_of(&(kind, &bytes))) {
            self.bytes += bytes.len();
            self.found.push(Part { kind, bytes });
        }
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Namespace, Writer};

    /// A page with this sheet and this said on it, in a window of this width.
    fn page(sheet: &str, said: &str, width: u32) -> Vec<u8> {
        let mut writer = Writer::new(1, 0);
        let element = |id, tag, attributes, open| Op::Element { id, namespace: Namespace::Html, tag, attributes, open };
        writer.op(&Op::Snapshot {
            id: 1,
            width,
            height: 9,
            url: "https://shop.example/for/ada",
            title: Value::Shown(said),
        });
        writer.op(&element(2, "html", &[], true));
        writer.op(&element(3, "style", &[], true));
        writer.op(&Op::Css { text: sheet });
        writer.op(&Op::End);
        let attributes = [("class", Value::Shown("price")), ("title", Value::Shown(said))];
        for id in 0..100 {
            writer.op(&element(4 + 2 * id, "p", &attributes, true));
            writer.op(&Op::Text { id: 5 + 2 * id, text: said, rule: 0 });
            writer.op(&Op::End);
        }
        writer.op(&Op::End);
        writer.op(&Op::End);
        writer.op(&Op::Time { at: 30 });
        writer.op(&Op::Input { id: 4, value: Some(Value::Shown(said)), checked: None, by_visitor: true });
        writer.finish()
    }

    fn parts(body: &[u8]) -> Vec<Part> {
        let (mut parts, mut reader) = (Parts::default(), Reader::new(body).unwrap());
        while let Some(op) = reader.next().unwrap() {
            if let Some(edge) = parts.op(&op) {
                parts.reach(edge, &reader);
            }
        }
        parts.turn();
        parts.into_found()
    }

    #[test]
    fn what_was_said_is_in_no_part() {
        let sheet = "p { color: plum } ".repeat(30);
        let found = parts(&page(&sheet, "Ada Lovelace, 4111", 1280));
        assert_eq!(found.len(), 3, "the sheet, the names, how the elements stand");
        assert_eq!(found[0].bytes, sheet.as_bytes());
        let all: Vec<u8> = found.iter().flat_map(|part| part.bytes.clone()).collect();
        let holds = |word: &str| all.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(holds("price") && holds("title\0") && holds("plum"));
        assert!(!holds("Ada") && !holds("4111") && !holds("ada"));
    }

    #[test]
    fn other_visits_of_a_page_have_the_same_parts() {
        let sheet = "p { color: plum } ".repeat(30);
        let one = parts(&page(&sheet, "Ada", 1280));
        assert_eq!(one, parts(&page(&sheet, "Somebody else", 390)), "in another window, with other words");
        assert_ne!(one, parts(&page(&sheet.replace("plum", "pear"), "Ada", 1280)));
    }

    #[test]
    fn what_a_visitor_does_while_a_page_is_told_is_in_no_part() {
        let told = |moves: bool| {
            let mut writer = Writer::new(1, 0);
            let element = |id| Op::Element { id, namespace: Namespace::Html, tag: "p", attributes: &[], open: false };
            writer.op(&Op::Snapshot { id: 1, width: 8, height: 6, url: "", title: Value::Masked(0) });
            writer.op(&element(2)).op(&Op::End).op(&Op::Part { more: true });
            if moves {
                writer.op(&Op::Time { at: 7 }).op(&Op::Move { at: 7, id: 2, x: 31, y: 41, touch: false });
                writer.op(&Op::Focus { id: 2 });
            }
            writer.op(&Op::Add { parent: 1, previous: Some(2) });
            for id in 3..400 {
                writer.op(&element(id));
            }
            writer.op(&Op::End).op(&Op::Part { more: false });
            writer.finish()
        };
        let (still, moving) = (parts(&told(false)), parts(&told(true)));
        assert!(still.iter().any(|part| part.kind == "shape"));
        assert_eq!(still, moving);
    }
}
