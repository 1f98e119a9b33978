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

/// Something that recordings may have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is known by: the same in recordings that differ only in what does not matter.
    pub label: Vec<u8>,
    /// As it stands in a batch's columns.
    pub bytes: Vec<u8>,
}

/// Collects the parts of one recording.
#[derive(Debug, Default)]
pub struct Parts {
    found: Vec<Part>,
    labels: HashSet<u64>,
    bytes: usize,
    /// A snapshot is being told, in one run or in several.
    telling: bool,
    /// Open lists within the run that is being told.
    depth: u32,
    names: HashSet<u64>,
    block: Vec<u8>,
    /// How the elements stand that were told so far.
    shape: DefaultHasher,
    /// What was read of the columns when the last of these runs ended.
    reached: [usize; 3],
}

impl Parts {
    /// Look at an op; true where a run of a snapshot ended with it, for `reach` to note how far the reader is.
    pub fn op(&mut self, op: &Op<'_>) -> bool {
        match *op {
            Op::Css { text } | Op::Sheet { text, .. } | Op::AdoptedSheet { text, .. } => self.sheet(text),
            Op::Snapshot { .. } => {
                (self.telling, self.depth, self.reached) = (true, 1, [0; 3]);
                self.shape = DefaultHasher::default();
                self.names.clear();
                self.block.clear();
            }
            // The rest of it comes in runs of its own.
            Op::Part { more } => self.telling = self.telling && more,
            Op::Add { .. } if self.telling => self.depth = 1,
            Op::Element { tag, attributes, open, .. } if self.depth > 0 => {
                (tag, open).hash(&mut self.shape);
                self.name(tag);
                for (name, value) in attributes {
                    name.hash(&mut self.shape);
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
                "end".hash(&mut self.shape);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    pub fn reach(&mut self, reader: &Reader<'_>) {
        self.reached = reader.passed().map(<[u8]>::len);
    }

    /// The reader stands behind the last op of a batch.
    pub fn turn(&mut self, reader: &Reader<'_>) {
        let [ops, numbers, refs] = reader.passed();
        let [of_ops, of_numbers, of_refs] = std::mem::take(&mut self.reached);
        let block = std::mem::take(&mut self.block);
        self.keep(b"names", &block, block.clone());
        self.telling = false;
        if SHAPE_BYTES.contains(&of_ops) {
            // Sizes of the window stand among the numbers: pages are the same whose elements are.
            let known_by = self.shape.finish().to_le_bytes();
            self.keep(b"shape", &known_by, [&ops[..of_ops], &numbers[..of_numbers], &refs[..of_refs]].concat());
        }
    }

    pub fn into_found(self) -> Vec<Part> {
        self.found
    }

    fn sheet(&mut self, text: &str) {
        if SHEET_BYTES.contains(&text.len()) {
            self.keep(b"sheet", text.as_bytes(), text.as_bytes().to_vec());
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
            self.keep(b"names", &block, block.clone());
        }
    }

    fn keep(&mut self, kind: &[u8], known_by: &[u8], bytes: Vec<u8>) {
        let room = self.found.len() < PARTS_MAX && self.bytes + bytes.len() <= BYTES_MAX;
        if !bytes.is_empty() && room && self.labels.insert(hash_of(&(kind, known_by))) {
            self.bytes += bytes.len();
            self.found.push(Part { label: [kind, b" ", known_by].concat(), bytes });
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
            if parts.op(&op) {
                parts.reach(&reader);
            }
        }
        parts.turn(&reader);
        parts.into_found()
    }

    #[test]
    fn what_was_said_is_in_no_part() {
        let sheet = "p { color: plum } ".repeat(30);
        let found = parts(&page(&sheet, "Ada Lovelace, 4111", 1280));
        assert_eq!(found.len(), 3, "the sheet, the names, how the elements stand");
        assert_eq!(found[0].bytes, sheet.as_bytes());
        let all: Vec<u8> = found.iter().flat_map(|part| [part.label.clone(), part.bytes.clone()].concat()).collect();
        let holds = |word: &str| all.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(holds("price") && holds("title\0") && holds("plum"));
        assert!(!holds("Ada") && !holds("4111") && !holds("ada"));
    }

    #[test]
    fn other_visits_of_a_page_have_the_same_parts() {
        let sheet = "p { color: plum } ".repeat(30);
        let labels = |found: Vec<Part>| found.into_iter().map(|part| part.label).collect::<Vec<_>>();
        let one = labels(parts(&page(&sheet, "Ada", 1280)));
        assert_eq!(one, labels(parts(&page(&sheet, "Somebody else", 390))));
        assert_ne!(one, labels(parts(&page(&sheet.replace("plum", "pear"), "Ada", 1280))));
    }
}
