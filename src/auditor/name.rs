//! Names of the page's own under a mask of all text: one that no style sheet of the page mentions is text too. Twin of
//! `assets/recorder/src/observe/mention.ts`. A sheet may be told behind the elements that it is for, so a page is looked at as a whole.

use super::Spot;
use crate::model::NodeId;
use crate::policy::{is_own_names, mentions};
use crate::stream::Op;
use std::collections::HashSet;

/// The names of one page.
#[derive(Default)]
pub(super) struct Names {
    mentioned: HashSet<Box<str>>,
    waiting: Vec<Told>,
    /// The snapshot was not told to its end: nor were its sheets.
    partial: bool,
}

/// An attribute, some names of which no sheet had mentioned yet when it was told.
struct Told {
    spot: Spot,
    /// Which of the op's attributes it is.
    place: usize,
    id: NodeId,
    value: Box<str>,
}

/// An attribute that says more than it may, and what of it may stay.
pub(super) struct Unmentioned {
    pub spot: Spot,
    pub place: usize,
    pub id: NodeId,
    pub kept: Option<String>,
}

impl Names {
    /// Take in what an op says of sheets.
    pub fn learn(&mut self, op: &Op<'_>) {
        match *op {
            Op::Css { text } | Op::Sheet { text, .. } | Op::RuleInsert { text, .. } | Op::AdoptedSheet { text, .. } => {
                mentions(text, &mut |name| {
                    if !self.mentioned.contains(name) {
                        self.mentioned.insert(name.into());
                    }
                });
            }
            Op::Part { more } => self.partial = more,
            // No other op brings rules; one that did would mention nothing until it stands here.
            _ => {}
        }
    }

    /// Look at an attribute that is told.
    pub fn look(&mut self, spot: Spot, place: usize, id: NodeId, name: &str, value: &str) {
        if names_in(name, value).any(|name| !self.mentioned.contains(name)) {
            self.waiting.push(Told { spot, place, id, value: value.into() });
        }
    }

    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    /// The page is told: what no sheet of it has mentioned.
    pub fn unmentioned(&mut self) -> Vec<Unmentioned> {
        let waiting = std::mem::take(&mut self.waiting);
        if self.partial {
            return Vec::new();
        }
        let judge = |Told { spot, place, id, value }: Told| {
            let is_link = value.starts_with('#');
            let known: Vec<&str> = tokens(&value).filter(|name| self.mentions(name)).collect();
            (known.len() < tokens(&value).count()).then(|| {
                let kept = (!known.is_empty() && !is_link).then(|| known.join(" "));
                Unmentioned { spot, place, id, kept }
            })
        };
        waiting.into_iter().filter_map(judge).collect()
    }
}

/// The names that an attribute says: of its element, of others, or of one behind a `#`.
fn names_in<'v>(name: &str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let name = name.to_ascii_lowercase();
    let says = is_own_names(&name) || (name.ends_with("href") && value.starts_with('#'));
    tokens(if says { value } else { "" })
}

fn tokens(value: &str) -> impl Iterator<Item = &str> {
    value.strip_prefix('#').unwrap_or(value).split_ascii_whitespace()
}
