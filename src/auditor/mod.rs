//! Checks what no single batch can show: the recorded page is rebuilt op by op, and what stands under a mark, under a selector of
//! the policy, in a secret field or in a form and was told all the same is found, and taken out. Pure: no clock, no database.
//!
//! It sees what a recording holds. A mark that was never told, and a name that the page never had, it cannot know.

mod echo;
mod edit;
mod field;
mod form;
mod line;
mod look;
mod marker;
mod name;
mod place;
mod repeat;
mod state;

pub use edit::{Edit, rewrite};
pub use marker::marked_selector;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::mirror::Mirror;
use crate::model::NodeId;
use crate::policy::{Policy, TextMode};
use crate::stream::{Malformed, Op, Reader};

use echo::Echoes;
use field::Secrets;
use name::Names;
use place::place_of;
use state::States;

/// What was told and should not have been, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    /// `marked` under a mark or a selector of the policy, `form-text` in a form, the kind of a secret field, `typed` for an address
    /// or a telephone number, `number` for one over several nodes or inputs, `repeated` for what was taken out elsewhere, `name` for
    /// one that no sheet mentions, `UNCHECKED_RULE`.
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
    mirror: Mirror,
    states: States,
    secrets: Secrets,
    names: Names,
    echoes: Echoes,
    /// Everything was read once, and is read again for what repeats it.
    repeating: bool,
    /// Where and when the present words of a text node were told, and where each input of a control.
    texts: HashMap<NodeId, (Spot, u64)>,
    inputs: HashMap<NodeId, Vec<Spot>>,
    found: BTreeSet<Shown>,
    edits: BTreeMap<Spot, Edit>,
    /// The page's time, in milliseconds.
    now: u64,
}

/// Places of one recording that are listed; what is more is taken out all the same.
const FOUND_MAX: usize = 100;

impl<'p> Auditor<'p> {
    /// `policy` is the one that the recording was captured under.
    pub fn new(policy: &'p Policy) -> Self {
        let (states, unchecked) = States::new(policy);
        let mut auditor = Self {
            policy,
            covered: Policy { text: TextMode::Mask, attributes: Vec::new(), ..policy.clone() },
            mirror: Mirror::default(),
            states,
            secrets: Secrets::default(),
            names: Names::default(),
            echoes: Echoes::default(),
            repeating: false,
            texts: HashMap::new(),
            inputs: HashMap::new(),
            found: BTreeSet::new(),
            edits: BTreeMap::new(),
            now: 0,
        };
        for selector in unchecked {
            auditor.note(UNCHECKED_RULE, selector.to_owned());
        }
        auditor
    }

    /// Another page begins.
    pub fn turn_page(&mut self) {
        self.begin();
        self.mirror.clear();
        self.secrets = Secrets::default();
    }

    /// What was told of the page up to now is all of it: another comes in its place.
    fn begin(&mut self) {
        self.judge_names();
        self.names = Names::default();
        self.states.forget();
        self.secrets.forget_nodes();
        self.texts.clear();
        self.inputs.clear();
    }

    /// Read the batch of this number.
    pub fn read(&mut self, batch: usize, body: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(body)?;
        self.now = reader.now();
        self.secrets.ask_again();
        let mut at = 0;
        while let Some(op) = reader.next()? {
            if matches!(op, Op::Snapshot { .. }) {
                self.begin();
            }
            self.mirror.apply(&op);
            if self.repeating {
                self.look_again((batch, at), &op);
            } else {
                self.look((batch, at), &op);
            }
            at += 1;
        }
        Ok(())
    }

    /// Every batch was read. Whether all have to be read once more, page after page: what was taken out may be repeated anywhere.
    pub fn begin_again(&mut self) -> bool {
        self.turn_page();
        let again = !self.repeating && !self.echoes.is_empty();
        self.repeating = true;
        again
    }

    /// What was found, and what takes it out.
    pub fn finish(mut self) -> (BTreeSet<Shown>, BTreeMap<Spot, Edit>) {
        self.judge_names();
        (self.found, self.edits)
    }

    /// What no sheet of the page mentions is no name.
    fn judge_names(&mut self) {
        for name::Unmentioned { spot, place, id, kept } in self.names.unmentioned() {
            self.take_out(spot, Edit::Keep(BTreeMap::from([(place, kept)])), id, "name");
        }
    }

    fn take_out(&mut self, spot: Spot, edit: Edit, id: NodeId, kind: &str) {
        match self.edits.entry(spot) {
            Entry::Vacant(entry) => drop(entry.insert(edit)),
            Entry::Occupied(mut entry) => entry.get_mut().and(edit),
        }
        let may_tell = |name: &str| match self.policy.text {
            TextMode::Mask => self.names.mentions(name),
            TextMode::Redact | TextMode::Show => !self.echoes.stand_in(name),
        };
        let selector = place_of(&self.mirror, id, may_tell);
        self.note(kind, selector);
    }

    fn note(&mut self, kind: &str, selector: String) {
        if self.found.len() < FOUND_MAX {
            self.found.insert(Shown { kind: kind.to_owned(), page: self.mirror.url().to_owned(), selector });
        }
    }
}

#[cfg(test)]
mod tests;
