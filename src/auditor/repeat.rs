//! Looks at each op again for what was taken out elsewhere. Every op is decided here by name.

use super::{Auditor, Edit, Spot};
use crate::model::NodeId;
use crate::stream::{Op, Value};

impl Auditor<'_> {
    pub(super) fn look_again(&mut self, spot: Spot, op: &Op<'_>) {
        if let Some(Edit::Mask | Edit::Drop) = self.edits.get(&spot) {
            return;
        }
        match *op {
            Op::Element { id, attributes, .. } => self.repeated_in(spot, Some(id), attributes),
            Op::Event { properties, .. } => self.repeated_in(spot, None, properties),
            Op::Attribute { id, value: Some(value), .. } => self.repeated(spot, Some(id), value, Edit::Drop),
            Op::Text { id, text, .. } | Op::SetText { id, text, .. } => {
                let parent = self.mirror.node(id).and_then(|node| node.parent);
                self.repeated(spot, parent, Value::Shown(text), Edit::Mask);
            }
            Op::Input { id, value: Some(value), .. } => self.repeated(spot, Some(id), value, Edit::Mask),
            Op::Snapshot { title: words, .. }
            | Op::Page { title: words, .. }
            | Op::Error { message: words, .. }
            | Op::Log { message: words, .. } => self.repeated(spot, None, words, Edit::Mask),
            Op::Tag { value, .. } => self.repeated(spot, None, value, Edit::Drop),
            // What has no words, or words of the site's own alone: style, names of rules, addresses that the policy shows.
            Op::Attribute { value: None, .. }
            | Op::Input { value: None, .. }
            | Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End
            | Op::Time { .. }
            | Op::Add { .. }
            | Op::Remove { .. }
            | Op::SetMasked { .. }
            | Op::Sheet { .. }
            | Op::RuleInsert { .. }
            | Op::RuleDelete { .. }
            | Op::AdoptedSheet { .. }
            | Op::Adopt { .. }
            | Op::Move { .. }
            | Op::Press { .. }
            | Op::Scroll { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Viewport { .. }
            | Op::Zoom { .. }
            | Op::Visibility { .. }
            | Op::Gap { .. }
            | Op::Finish
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Shed { .. }
            | Op::Chosen { .. }
            | Op::Mixed { .. }
            | Op::Ring { .. }
            | Op::Media { .. }
            | Op::Vital { .. }
            | Op::Request { .. }
            | Op::Canvas { .. }
            | Op::Layer { .. }
            | Op::Asset { .. }
            | Op::Unreadable { .. }
            | Op::Sensitive { .. }
            | Op::Rules { .. }
            | Op::Who { .. } => {}
        }
    }

    /// Leave out which of these values repeat something.
    fn repeated_in(&mut self, spot: Spot, id: Option<NodeId>, values: &[(&str, Value<'_>)]) {
        let repeats = |(place, (_, value)): (usize, &(&str, Value<'_>))| self.repeats(*value).then_some(place);
        let places: Vec<usize> = values.iter().enumerate().filter_map(repeats).collect();
        if !places.is_empty() {
            self.take_repeated(spot, id, Edit::strip(places));
        }
    }

    fn repeated(&mut self, spot: Spot, id: Option<NodeId>, value: Value<'_>, edit: Edit) {
        if self.repeats(value) {
            self.take_repeated(spot, id, edit);
        }
    }

    fn repeats(&self, value: Value<'_>) -> bool {
        match value {
            Value::Shown(text) => self.echoes.stand_in(text),
            Value::Masked(_) => false,
        }
    }

    fn take_repeated(&mut self, spot: Spot, id: Option<NodeId>, edit: Edit) {
        // What was said of the page as a whole stands at no place of it.
        let Some(id) = id.or(self.mirror.root()) else { return };
        self.take_out(spot, edit, id, "repeated");
    }
}
