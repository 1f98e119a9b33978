//! Checks what no single batch can show: the recorded page is rebuilt op by op, and what stands under a mark, under a selector of
//! the policy or in a secret field and was told all the same is found, and taken out. Pure: no clock, no database.
//!
//! It sees what a recording holds. A mark that was never told, and a name that the page never had, it cannot know.

mod edit;
mod field;
mod line;
mod marker;

pub use edit::{Edit, rewrite};
pub use marker::marked_selector;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::mirror::{Content, Element, Held, Mirror, Selector};
use crate::model::NodeId;
use crate::policy::{DOTS, Hidden, Policy, TextMode, hide_attribute, is_personal_kind, number_kind};
use crate::stream::{Malformed, Op, Reader, Value};

/// How an element is hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    mask: bool,
    block: bool,
    ignore: bool,
    sensitive: bool,
}

impl State {
    fn with(self, other: Self) -> Self {
        Self {
            mask: self.mask || other.mask,
            block: self.block || other.block,
            ignore: self.ignore || other.ignore,
            sensitive: self.sensitive || other.sensitive,
        }
    }

    /// Characters are hidden.
    fn hides(self) -> bool {
        self.mask || self.block || self.sensitive
    }

    /// Nothing that happens is told.
    fn silent(self) -> bool {
        self.block || self.ignore || self.sensitive
    }
}

/// What was told and should not have been, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    /// `marked` under a mark or a selector of the policy, the kind of a secret field, `number` for one over several nodes or
    /// inputs, `UNCHECKED_RULE`.
    pub kind: String,
    pub page: String,
    pub selector: String,
}

/// The kind of a selector of the policy that cannot be checked here.
pub const UNCHECKED_RULE: &str = "unchecked-rule";

/// A place in a recording: the batch, and the op within it.
pub type Spot = (usize, usize);

/// Reads the batches of one recording, page after page.
pub struct Auditor<'p> {
    policy: &'p Policy,
    /// The policy as it is under a mask.
    covered: Policy,
    rules: Vec<(State, Selector)>,
    mirror: Mirror,
    states: HashMap<NodeId, State>,
    secret: HashMap<NodeId, Option<&'static str>>,
    secret_names: HashSet<String>,
    /// Where and when the present words of a text node were told, and where each input of a control.
    texts: HashMap<NodeId, (Spot, u64)>,
    inputs: HashMap<NodeId, Vec<Spot>>,
    found: BTreeSet<Shown>,
    edits: BTreeMap<Spot, Edit>,
    batch: usize,
    /// The page's time, in milliseconds.
    now: u64,
}

/// A mark holds for what was told so shortly before it: a recorder tells what is new, then what changed, and reads both at once.
const MOMENT_MS: u64 = 100;

/// Places of one recording that are listed; what is more is taken out all the same.
const FOUND_MAX: usize = 100;

impl<'p> Auditor<'p> {
    /// `policy` is the one that the recording was captured under.
    pub fn new(policy: &'p Policy) -> Self {
        let covered = Policy { text: TextMode::Mask, attributes: Vec::new(), ..policy.clone() };
        let mut auditor = Self {
            policy,
            covered,
            rules: Vec::new(),
            mirror: Mirror::default(),
            states: HashMap::new(),
            secret: HashMap::new(),
            secret_names: HashSet::new(),
            texts: HashMap::new(),
            inputs: HashMap::new(),
            found: BTreeSet::new(),
            edits: BTreeMap::new(),
            batch: 0,
            now: 0,
        };
        let none = State::default();
        let lists = [
            (State { mask: true, ..none }, &policy.mask),
            (State { block: true, ..none }, &policy.block),
            (State { ignore: true, ..none }, &policy.ignore),
        ];
        for (state, list) in lists {
            for text in list {
                match Selector::parse(text) {
                    Some(selector) => auditor.rules.push((state, selector)),
                    None => auditor.note(UNCHECKED_RULE, String::new(), text.clone()),
                }
            }
        }
        auditor
    }

    /// Another page begins.
    pub fn turn_page(&mut self) {
        self.mirror.clear();
        self.forget();
    }

    fn forget(&mut self) {
        self.states.clear();
        self.secret.clear();
        self.texts.clear();
        self.inputs.clear();
    }

    /// Read the next batch.
    pub fn read(&mut self, body: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(body)?;
        self.now = reader.now();
        let mut at = 0;
        while let Some(op) = reader.next()? {
            self.mirror.apply(&op);
            self.look((self.batch, at), &op);
            at += 1;
        }
        self.batch += 1;
        Ok(())
    }

    /// Whether a page went over the mirror's bounds, so that it was not looked at as a whole.
    pub fn is_too_large(&self) -> bool {
        self.mirror.is_too_large()
    }

    /// What was found, and what takes it out.
    pub fn finish(self) -> (BTreeSet<Shown>, BTreeMap<Spot, Edit>) {
        (self.found, self.edits)
    }

    fn look(&mut self, spot: Spot, op: &Op<'_>) {
        match *op {
            Op::Time { at } => self.now = at,
            Op::Snapshot { .. } => self.forget(),
            Op::Element { id, tag, attributes, .. } => self.element(spot, id, tag, attributes),
            Op::Text { id, text, .. } | Op::SetText { id, text, .. } => self.text(spot, id, text),
            Op::Attribute { id, name, value } => {
                if name == "class" || name.starts_with("data-") || !(self.rules.is_empty() || name == "style") {
                    let before = self.states.get(&id).copied().unwrap_or_default();
                    self.states.clear();
                    if self.state(id).hides() && !before.hides() {
                        self.marked_now(id);
                    }
                }
                if field::may_tell(name) {
                    // What was secret once stays it.
                    self.secret.retain(|_, kind| kind.is_some());
                    self.remember(id);
                }
                if let Some(Value::Shown(value)) = value {
                    self.attribute(spot, id, name, value);
                }
            }
            Op::Moved { .. } => self.states.clear(),
            Op::Input { id, value, checked, .. } => self.input(spot, id, value, checked.is_some()),
            Op::Chosen { id, .. } | Op::Mixed { id, .. } => {
                if self.state(id).hides() || self.state(id).ignore {
                    self.take_out(spot, Edit::Drop, id, "marked");
                } else if let Some(kind) = self.secret_kind(id) {
                    self.take_out(spot, Edit::Drop, id, kind);
                }
            }
            Op::Canvas { id, picture } => {
                if !picture.is_empty() && self.state(id).hides() {
                    self.take_out(spot, Edit::Drop, id, "marked");
                }
            }
            // What the recorder tells of no element that is ignored, sensitive or a box.
            Op::Move { id, .. }
            | Op::Press { id, .. }
            | Op::Focus { id }
            | Op::Blur { id }
            | Op::Ring { id }
            | Op::Scroll { id, .. }
            | Op::Media { id, .. } => {
                if self.mirror.element(id).is_some() && self.state(id).silent() {
                    self.take_out(spot, Edit::Drop, id, "marked");
                }
            }
            // Nodes and changes without words, style, the page as a whole, and what the recorder says of itself.
            Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End
            | Op::Add { .. }
            | Op::Remove { .. }
            | Op::SetMasked { .. }
            | Op::Sheet { .. }
            | Op::RuleInsert { .. }
            | Op::RuleDelete { .. }
            | Op::AdoptedSheet { .. }
            | Op::Adopt { .. }
            | Op::Viewport { .. }
            | Op::Zoom { .. }
            | Op::Visibility { .. }
            | Op::Page { .. }
            | Op::Gap { .. }
            | Op::Finish
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Shed { .. }
            | Op::Vital { .. }
            | Op::Error { .. }
            | Op::Log { .. }
            | Op::Request { .. }
            | Op::Event { .. }
            | Op::Tag { .. }
            | Op::Layer { .. }
            | Op::Asset { .. }
            | Op::Unreadable { .. }
            | Op::Sensitive { .. }
            | Op::Rules { .. } => {}
        }
    }

    fn element(&mut self, spot: Spot, id: NodeId, tag: &str, attributes: &[(&str, Value<'_>)]) {
        let state = self.state(id);
        self.remember(id);
        if !state.hides() {
            return;
        }
        let kind = self.mirror.element(id).and_then(|element| shown(element, "type")).unwrap_or_default().to_owned();
        let told = |(name, value): &(&str, Value<'_>)| match value {
            Value::Shown(value) => !self.may_stay(tag, name, value, &kind, state),
            Value::Masked(_) => false,
        };
        let strip: Vec<usize> =
            attributes.iter().enumerate().filter_map(|(place, attribute)| told(attribute).then_some(place)).collect();
        if !strip.is_empty() {
            self.take_out(spot, Edit::Strip(strip), id, "marked");
        }
    }

    /// A password field that is put in the place of another is the same field.
    fn remember(&mut self, id: NodeId) {
        if self.secret_kind(id) == Some("password")
            && let Some(Held::Shown(name)) = self.mirror.element(id).and_then(|element| element.attribute("name"))
        {
            self.secret_names.insert(name.to_string());
        }
    }

    fn attribute(&mut self, spot: Spot, id: NodeId, name: &str, value: &str) {
        let state = self.state(id);
        let Some(element) = self.mirror.element(id).filter(|_| state.hides()) else { return };
        let kind = shown(element, "type").unwrap_or_default();
        if !self.may_stay(&element.tag, name, value, kind, state) {
            self.take_out(spot, Edit::Drop, id, "marked");
        }
    }

    /// Whether a hidden element may say this: what is layout under a mask, and of a box not even a picture.
    fn may_stay(&self, tag: &str, name: &str, value: &str, kind: &str, state: State) -> bool {
        let loads =
            matches!(&*name.to_ascii_lowercase(), "src" | "srcset" | "href" | "xlink:href" | "poster" | "style");
        if loads && state.block {
            return false;
        }
        match hide_attribute(tag, name, value, &self.covered, kind) {
            Hidden::Shown(shown) => shown == value,
            // Marks themselves are what the page's developers wrote.
            Hidden::Dropped | Hidden::Masked(_) => name.starts_with("data-") && marker::is_marker(name),
        }
    }

    /// This element is hidden from now on: so is what was told of it in the same moment.
    fn marked_now(&mut self, id: NodeId) {
        for node in self.mirror.subtree(id) {
            if let Some((spot, told_at)) = self.texts.get(&node).copied()
                && self.now.saturating_sub(told_at) <= MOMENT_MS
            {
                self.take_out(spot, Edit::Mask, id, "marked");
            }
        }
    }

    fn text(&mut self, spot: Spot, id: NodeId, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let Some(parent) = self.mirror.node(id).and_then(|node| node.parent) else { return };
        if self.state(parent).hides() {
            return self.take_out(spot, Edit::Mask, parent, "marked");
        }
        self.texts.insert(id, (spot, self.now));
        match self.policy.text {
            // Nothing is shown but by rules of its own.
            TextMode::Mask => {}
            TextMode::Redact | TextMode::Show => {
                for node in line::crossing(&self.mirror, id) {
                    if let Some((spot, _)) = self.texts.get(&node).copied() {
                        self.take_out(spot, Edit::Mask, parent, "number");
                    }
                }
            }
        }
    }

    fn input(&mut self, spot: Spot, id: NodeId, value: Option<Value<'_>>, toggles: bool) {
        let state = self.state(id);
        if state.silent() {
            return self.take_out(spot, Edit::Drop, id, "marked");
        }
        if let Some(kind) = self.secret_kind(id) {
            return self.take_out(spot, Edit::Drop, id, kind);
        }
        let shown = match value {
            Some(Value::Shown(text)) if !text.is_empty() => Some(text),
            Some(Value::Shown(_) | Value::Masked(_)) | None => None,
        };
        if state.mask && (shown.is_some() || toggles) {
            return self.take_out(spot, Edit::Mask, id, "marked");
        }
        let Some(text) = shown else { return };
        let kind = self.mirror.element(id).and_then(|element| self::shown(element, "type")).unwrap_or_default();
        if is_personal_kind(kind) {
            return self.take_out(spot, Edit::Mask, id, "typed");
        }
        // A number is told letter by letter before it can be known as one.
        let earlier = self.inputs.entry(id).or_default();
        earlier.push(spot);
        if text.contains(DOTS) || number_kind(text).is_some() {
            for spot in std::mem::take(earlier) {
                self.take_out(spot, Edit::Mask, id, "number");
            }
        }
    }

    /// How a node is hidden: by its own marks, by the policy's selectors, and as what it stands in is.
    fn state(&mut self, id: NodeId) -> State {
        let mut way = Vec::new();
        let mut at = Some(id);
        let mut state = State::default();
        while let Some(node) = at {
            if let Some(known) = self.states.get(&node) {
                state = *known;
                break;
            }
            way.push(node);
            at = self.mirror.node(node).and_then(|node| node.parent);
        }
        for node in way.into_iter().rev() {
            if let Some(element) = self.mirror.element(node) {
                state = state.with(marker::state_of(element));
                for (asked, selector) in &self.rules {
                    if selector.matches(&self.mirror, node) {
                        state = state.with(*asked);
                    }
                }
            }
            self.states.insert(node, state);
        }
        state
    }

    /// Why this control is never recorded. What was secret once stays it.
    fn secret_kind(&mut self, id: NodeId) -> Option<&'static str> {
        if let Some(known) = self.secret.get(&id) {
            return *known;
        }
        let kind = field::secret_kind(&self.mirror, id, &self.secret_names);
        self.secret.insert(id, kind);
        kind
    }

    fn take_out(&mut self, spot: Spot, edit: Edit, id: NodeId, kind: &str) {
        self.edits.insert(spot, edit);
        let selector = place_of(&self.mirror, id);
        self.note(kind, self.mirror.url().to_owned(), selector);
    }

    fn note(&mut self, kind: &str, page: String, selector: String) {
        if self.found.len() < FOUND_MAX {
            self.found.insert(Shown { kind: kind.to_owned(), page, selector });
        }
    }
}

fn shown<'m>(element: &'m Element, name: &str) -> Option<&'m str> {
    match element.attribute(name) {
        Some(Held::Shown(text)) => Some(text),
        Some(Held::Masked(_)) | None => None,
    }
}

/// Elements on the way to a place.
const STEPS_MAX: usize = 5;

/// Where an element stands, in names that the recording tells.
fn place_of(mirror: &Mirror, id: NodeId) -> String {
    let mut steps = Vec::new();
    let mut at = Some(id);
    while let Some((node, element)) = at.and_then(|at| Some((at, mirror.element(at)?))) {
        let plain = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let mut step = element.tag.to_string();
        let own = shown(element, "id").filter(plain);
        match own {
            Some(id) => step += &format!("#{id}"),
            None => {
                let classes = shown(element, "class").unwrap_or_default().split_ascii_whitespace();
                classes.filter(plain).take(2).for_each(|class| step += &format!(".{class}"));
            }
        }
        let above = mirror.node(node).and_then(|node| node.parent);
        let alike: Vec<NodeId> = above
            .into_iter()
            .flat_map(|above| mirror.children(above))
            .filter(|(_, child)| matches!(&child.content, Content::Element(child) if child.tag == element.tag))
            .map(|(child, _)| child)
            .collect();
        if own.is_none() && alike.len() > 1 {
            let place = alike.iter().position(|child| *child == node).map_or(0, |place| place + 1);
            step += &format!(":nth-of-type({place})");
        }
        steps.push(step);
        if own.is_some() || steps.len() == STEPS_MAX {
            break;
        }
        at = above;
    }
    steps.reverse();
    steps.join(" > ")
}

#[cfg(test)]
mod tests;
