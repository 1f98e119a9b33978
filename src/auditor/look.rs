//! Looks at each op of a recording in its turn, with the page as it stood then. Every op is decided here by name.

use super::state::State;
use super::{Auditor, Edit, Spot, field, line, marker};
use crate::model::NodeId;
use crate::policy::{DOTS, Hidden, TextMode, hide_attribute, is_personal_kind, number_kind};
use crate::stream::{Op, Value};

/// A mark holds for what was told so shortly before it: a recorder tells what is new, then what changed, and reads both at once.
const MOMENT_MS: u64 = 100;

impl Auditor<'_> {
    pub(super) fn look(&mut self, spot: Spot, op: &Op<'_>) {
        match self.policy.text {
            TextMode::Mask => self.names.learn(op),
            TextMode::Redact | TextMode::Show => {}
        }
        match *op {
            Op::Time { at } => self.now = at,
            Op::Element { id, tag, attributes, .. } => self.element(spot, id, tag, attributes),
            Op::Text { id, text, .. } | Op::SetText { id, text, .. } => self.text(spot, id, text),
            Op::Attribute { id, name, value } => self.attribute(spot, id, name, value),
            Op::Moved { .. } => self.states.forget(),
            Op::Remove { .. } => self.states.heed_removal(&self.mirror),
            Op::Input { id, value, checked, .. } => self.input(spot, id, value, checked.is_some()),
            Op::Chosen { id, .. } | Op::Mixed { id, .. } => {
                let state = self.state(id);
                if state.hides() || state.ignore {
                    self.take_out(spot, Edit::Drop, id, state.kind());
                } else if let Some(kind) = self.secrets.kind(&self.mirror, id) {
                    self.take_out(spot, Edit::Drop, id, kind);
                }
            }
            Op::Canvas { id, picture } => {
                let state = self.state(id);
                if !picture.is_empty() && state.hides() {
                    self.take_out(spot, Edit::Drop, id, state.kind());
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
            | Op::Snapshot { .. }
            | Op::Add { .. }
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
            | Op::Rules { .. }
            | Op::Who { .. } => {}
        }
    }

    fn element(&mut self, spot: Spot, id: NodeId, tag: &str, attributes: &[(&str, Value<'_>)]) {
        self.states.heed_element(&self.mirror, id);
        self.secrets.note(&self.mirror, id);
        for (place, (name, value)) in attributes.iter().enumerate() {
            self.name(spot, place, id, name, *value);
        }
        let (state, kind) = self.covered_by(id);
        if !state.hides() {
            return;
        }
        let of = self.type_of(id);
        let told = |(name, value): &(&str, Value<'_>)| match value {
            Value::Shown(value) => !self.may_stay(tag, name, value, &of, state),
            Value::Masked(_) => false,
        };
        let strip: Vec<usize> =
            attributes.iter().enumerate().filter_map(|(place, attribute)| told(attribute).then_some(place)).collect();
        if !strip.is_empty() {
            self.take_out(spot, Edit::strip(strip), id, kind);
        }
    }

    fn attribute(&mut self, spot: Spot, id: NodeId, name: &str, value: Option<Value<'_>>) {
        let before = self.states.known(id);
        if self.states.heed_attribute(&self.mirror, id, name, value) && self.state(id).hides() && !before.hides() {
            self.marked_now(id);
        }
        if field::may_tell(name) {
            self.secrets.ask_again();
            self.secrets.note(&self.mirror, id);
        }
        let Some(Value::Shown(value)) = value else { return };
        self.name(spot, 0, id, name, Value::Shown(value));
        let (state, kind) = self.covered_by(id);
        let Some(element) = self.mirror.element(id).filter(|_| state.hides()) else { return };
        if !self.may_stay(&element.tag, name, value, &self.type_of(id), state) {
            self.take_out(spot, Edit::Drop, id, kind);
        }
    }

    /// Under a mask of all text, names are text too.
    fn name(&mut self, spot: Spot, place: usize, id: NodeId, name: &str, value: Value<'_>) {
        match (self.policy.text, value) {
            (TextMode::Mask, Value::Shown(value)) => self.names.look(spot, place, id, name, value),
            (TextMode::Mask, Value::Masked(_)) | (TextMode::Redact | TextMode::Show, _) => {}
        }
    }

    /// How an element's attributes are hidden, and why: a field that is never recorded says nothing by them either.
    fn covered_by(&mut self, id: NodeId) -> (State, &'static str) {
        let state = self.state(id);
        match self.secrets.kind(&self.mirror, id) {
            Some(kind) => (State { sensitive: true, ..state }, kind),
            None => (state, state.kind()),
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
        let kind = self.state(id).kind();
        for node in self.mirror.subtree(id) {
            if let Some((spot, told_at)) = self.texts.get(&node).copied()
                && self.now.saturating_sub(told_at) <= MOMENT_MS
            {
                self.take_out(spot, Edit::Mask, id, kind);
            }
        }
    }

    fn text(&mut self, spot: Spot, id: NodeId, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let Some(parent) = self.mirror.node(id).and_then(|node| node.parent) else { return };
        let state = self.state(id);
        if state.hides() {
            return self.take_out(spot, Edit::Mask, parent, state.kind());
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
        let shown = match value {
            Some(Value::Shown(text)) if !text.is_empty() => Some(text),
            Some(Value::Shown(_) | Value::Masked(_)) | None => None,
        };
        if let Some((edit, kind)) = self.hidden_input(id, shown.is_some() || toggles) {
            // What was chosen stands on the page as what can be.
            let written = self.mirror.element(id).is_some_and(|element| !element.tag.eq_ignore_ascii_case("select"));
            shown.filter(|_| written).into_iter().for_each(|text| self.echoes.add(text));
            return self.take_out(spot, edit, id, kind);
        }
        let Some(text) = shown else { return };
        // A number is told letter by letter before it can be known as one.
        let earlier = self.inputs.entry(id).or_default();
        earlier.push(spot);
        if text.contains(DOTS) || number_kind(text).is_some() {
            for spot in std::mem::take(earlier) {
                self.take_out(spot, Edit::Mask, id, "number");
            }
        }
    }

    /// What is to be done to an input of this control, and why; none where it may stay. `tells` whether it says what was put in.
    fn hidden_input(&mut self, id: NodeId, tells: bool) -> Option<(Edit, &'static str)> {
        let state = self.state(id);
        if state.silent() {
            return Some((Edit::Drop, "marked"));
        }
        if let Some(kind) = self.secrets.kind(&self.mirror, id) {
            return Some((Edit::Drop, kind));
        }
        if (state.mask || state.form) && tells {
            return Some((Edit::Mask, state.kind()));
        }
        (tells && is_personal_kind(&self.type_of(id))).then_some((Edit::Mask, "typed"))
    }

    fn state(&mut self, id: NodeId) -> State {
        self.states.of(&self.mirror, &mut self.secrets, id)
    }

    fn type_of(&self, id: NodeId) -> String {
        self.mirror.element(id).and_then(|element| element.shown("type")).unwrap_or_default().to_owned()
    }
}
