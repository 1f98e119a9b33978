//! Where on a page something stands: a selector as recorder and door write it, of words that the policy shows of any element.

use std::collections::HashMap;

use super::attribute::{accepts, is_markup};
use super::{Policy, reduce_url};
use crate::model::NodeId;
use crate::stream::{Op, Reader};

/// Elements on the way, and signs in all.
const STEPS_MAX: usize = 8;
const LENGTH_MAX: usize = 600;

/// Whether this is such a selector: steps `tag#id` or `tag.class.class:nth-of-type(n)`, each the parent of the next.
pub(super) fn is_place(selector: &str, policy: &Policy) -> bool {
    selector.len() <= LENGTH_MAX
        && selector.split(" > ").count() <= STEPS_MAX
        && selector.split(" > ").all(|step| is_step(step, policy))
}

fn is_step(step: &str, policy: &Policy) -> bool {
    let (names, place) = step.split_once(':').unwrap_or((step, "nth-of-type(1)"));
    let number = place.strip_prefix("nth-of-type(").and_then(|rest| rest.strip_suffix(')'));
    let counted = number.is_some_and(|number| {
        (1..=5).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) && number != "0"
    });
    let is_name = |attribute: &str, name: &str| is_markup(name) && accepts("div", attribute, name, policy, "");
    let mut parts = names.split('.');
    let (tag, id) = match parts.next().unwrap_or_default().split_once('#') {
        Some((tag, id)) => (tag, Some(id)),
        None => (names.split('.').next().unwrap_or_default(), None),
    };
    counted
        && (tag == "*" || is_markup(tag))
        && id.is_none_or(|id| is_name("id", id))
        && parts.all(|class| is_name("class", class))
}

/// Where a node of a batch stands, as far as the batch itself tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The page's address; empty where the batch does not tell one that the policy shows.
    pub page: String,
    /// Tags on the way to the node; empty where an earlier batch told them.
    pub selector: String,
}

/// Tags that say nothing of whoever wrote them.
const TAGS: &str = " a article aside body button div fieldset footer form h1 h2 h3 h4 h5 h6 header iframe img input label legend li \
    link main nav ol option p section select span style svg table tbody td textarea th thead tr ul video ";

/// Look for a node in a batch that was refused: its elements' names may be what was wrong, so that their tags alone are told.
pub(super) fn place_of(body: &[u8], node: Option<NodeId>, policy: &Policy) -> Place {
    let mut place = Place::default();
    let mut open: Vec<Option<NodeId>> = Vec::new();
    let mut known: HashMap<NodeId, (Option<NodeId>, String)> = HashMap::new();
    let mut children: HashMap<Option<NodeId>, HashMap<String, usize>> = HashMap::new();
    let Ok(mut reader) = Reader::new(body) else { return place };
    while let Ok(Some(op)) = reader.next() {
        match op {
            Op::Snapshot { id, url, .. } => {
                open.push(Some(id));
                shown(url, policy, &mut place);
            }
            Op::Page { url, .. } => shown(url, policy, &mut place),
            Op::Add { parent, .. } => open.push(Some(parent)),
            Op::Element { id, tag, .. } | Op::Block { id, tag, .. } => {
                let parent = open.last().copied().flatten();
                let number = children.entry(parent).or_default().entry(tag.to_owned()).or_default();
                *number += 1;
                let plain = TAGS.split(' ').any(|plain| !plain.is_empty() && plain == tag);
                let step = if plain { format!("{tag}:nth-of-type({number})") } else { "*".to_owned() };
                known.insert(id, (parent, step));
                if matches!(op, Op::Element { open: true, .. }) {
                    open.push(Some(id));
                }
            }
            Op::Text { id, .. } | Op::Masked { id, .. } | Op::Shadow { id } | Op::Frame { id } => {
                known.insert(id, (open.last().copied().flatten(), String::new()));
                if matches!(op, Op::Shadow { .. } | Op::Frame { .. }) {
                    open.push(Some(id));
                }
            }
            Op::End => drop(open.pop()),
            _ => {}
        }
    }
    let mut steps = Vec::new();
    let mut at = node;
    // Bounded by steps of any kind: a hostile batch may close a circle.
    for _ in 0..2 * STEPS_MAX {
        let Some((parent, step)) = at.and_then(|at| known.get(&at)) else { break };
        if !step.is_empty() {
            steps.push(step.as_str());
        }
        at = *parent;
    }
    steps.truncate(STEPS_MAX);
    steps.reverse();
    place.selector = steps.join(" > ");
    place
}

fn shown(url: &str, policy: &Policy, place: &mut Place) {
    if place.page.is_empty() && reduce_url(url, policy) == url {
        place.page = url.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_steps_of_names_that_the_policy_shows() {
        let policy = Policy::default();
        for good in ["input", "form#pay > input:nth-of-type(2)", "main > div.row.wide > *", "li:nth-of-type(12) > a"] {
            assert!(is_place(good, &policy), "{good}");
        }
        for bad in [
            "",
            "input[value=4242]",
            "input > ",
            "a b",
            "p:has(b)",
            "p:nth-of-type(x)",
            "p:nth-of-type(4242424242)",
            "p#Jan Novak",
            "p.4242424242424242",
            "p#x4242424242424242",
            "a > a > a > a > a > a > a > a > a",
        ] {
            assert!(!is_place(bad, &policy), "{bad}");
        }
    }
}
