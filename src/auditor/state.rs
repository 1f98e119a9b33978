//! How a node is hidden: by its own marks, by the policy's selectors, as content of a form, and as what it is shown in is.

use super::field::Secrets;
use super::{form, marker};
use crate::mirror::{Mirror, Selector, Slots};
use crate::model::NodeId;
use crate::policy::{FormMode, Policy, TextMode};
use crate::stream::Value;
use std::collections::HashMap;

/// How an element is hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    pub mask: bool,
    pub block: bool,
    pub ignore: bool,
    pub sensitive: bool,
    /// It is content of a form, and forms are not recorded.
    pub form: bool,
}

impl State {
    pub fn with(self, other: Self) -> Self {
        Self {
            mask: self.mask || other.mask,
            block: self.block || other.block,
            ignore: self.ignore || other.ignore,
            sensitive: self.sensitive || other.sensitive,
            form: self.form || other.form,
        }
    }

    /// Characters are hidden.
    pub fn hides(self) -> bool {
        self.mask || self.block || self.sensitive || self.form
    }

    /// Nothing that happens is told.
    pub fn silent(self) -> bool {
        self.block || self.ignore || self.sensitive
    }

    /// What a finding says of what was told here.
    pub fn kind(self) -> &'static str {
        if self.mask || self.silent() { "marked" } else { "form-text" }
    }
}

/// The states of a page's nodes, as far as they were asked for.
pub(super) struct States {
    rules: Vec<(State, Selector)>,
    hides_forms: bool,
    /// Under a mask of all text, names of slots are told only where a sheet mentions them: what is shown where is not known.
    knows_slots: bool,
    known: HashMap<NodeId, State>,
    slots: HashMap<NodeId, Slots>,
}

impl States {
    /// The states under a policy, and the selectors of it that are not known here.
    pub fn new(policy: &Policy) -> (Self, Vec<&str>) {
        let none = State::default();
        let lists = [
            (State { mask: true, ..none }, &policy.mask),
            (State { block: true, ..none }, &policy.block),
            (State { ignore: true, ..none }, &policy.ignore),
        ];
        let mut rules = Vec::new();
        let mut unknown = Vec::new();
        for (state, text) in lists.into_iter().flat_map(|(state, list)| list.iter().map(move |text| (state, text))) {
            match Selector::parse(text) {
                Some(selector) => rules.push((state, selector)),
                None => unknown.push(text.as_str()),
            }
        }
        let hides_forms = match policy.forms {
            FormMode::Off | FormMode::Masked => true,
            FormMode::Record => false,
        };
        let knows_slots = match policy.text {
            TextMode::Mask => false,
            TextMode::Redact | TextMode::Show => true,
        };
        (Self { rules, hides_forms, knows_slots, known: HashMap::new(), slots: HashMap::new() }, unknown)
    }

    /// Nothing is known any more: the page changed in what hides, or is another.
    pub fn forget(&mut self) {
        self.known.clear();
        self.slots.clear();
    }

    /// An attribute is another: forget what it may have changed, and say whether that is anything.
    pub fn heed_attribute(&mut self, mirror: &Mirror, id: NodeId, name: &str, value: Option<Value<'_>>) -> bool {
        let changes = match (name, value) {
            ("class" | "contenteditable" | "role" | "slot", _) => true,
            ("style", Some(Value::Shown(style))) => form::is_writable_style(style),
            ("style", Some(Value::Masked(_)) | None) => false,
            ("name", _) if mirror.is_slot(id) => true,
            (name, _) => name.starts_with("data-") || !self.rules.is_empty(),
        };
        if changes {
            self.forget();
        }
        changes
    }

    /// An element was told: as a slot, it may show what was known already.
    pub fn heed_element(&mut self, mirror: &Mirror, id: NodeId) {
        let Some(shadow) = mirror.is_slot(id).then(|| mirror.shadow_of(id)).flatten() else { return };
        self.slots.remove(&shadow);
        let host = mirror.node(shadow).and_then(|root| root.parent);
        // A tree is told before the children that it shows, unless it changes later.
        if host.is_some_and(|host| mirror.children(host).next().is_some()) {
            self.forget();
        }
    }

    /// Nodes were removed: what a slot among them showed is shown by another now, or not at all.
    pub fn heed_removal(&mut self, mirror: &Mirror) {
        if self.slots.values().flat_map(Slots::values).any(|slot| mirror.node(*slot).is_none()) {
            self.forget();
        }
    }

    pub fn known(&self, id: NodeId) -> State {
        self.known.get(&id).copied().unwrap_or_default()
    }

    pub fn of(&mut self, mirror: &Mirror, secrets: &mut Secrets, id: NodeId) -> State {
        let mut way = Vec::new();
        let mut at = Some(id);
        let mut state = State::default();
        while let Some(node) = at {
            if let Some(known) = self.known.get(&node) {
                state = *known;
                break;
            }
            way.push(node);
            at = self.shown_in(mirror, node);
        }
        for node in way.into_iter().rev() {
            if let Some(element) = mirror.element(node) {
                state = state.with(marker::state_of(element));
                for (asked, selector) in &self.rules {
                    if selector.matches(mirror, node) {
                        state = state.with(*asked);
                    }
                }
                state.form |= self.hides_forms && form::holds_content(element);
                state.sensitive |= form::is_editable(element) && secrets.kind(mirror, node).is_some();
            }
            self.known.insert(node, state);
        }
        state
    }

    /// What a node inherits from: the slot that shows it, which stands below its parent, or the parent itself.
    fn shown_in(&mut self, mirror: &Mirror, id: NodeId) -> Option<NodeId> {
        if self.knows_slots
            && let Some((shadow, name)) = mirror.assigned(id)
            && let Some(slot) = self.slots.entry(shadow).or_insert_with(|| mirror.slots_in(shadow)).get(name)
        {
            return Some(*slot);
        }
        mirror.node(id).and_then(|node| node.parent)
    }
}
