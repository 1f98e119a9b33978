//! Where an element stands, in names that the recording may tell.

use crate::mirror::{Content, Mirror};
use crate::model::NodeId;

/// Elements on the way to a place.
const STEPS_MAX: usize = 5;

/// The way to an element; of its names only those that `may_tell` lets pass.
pub(super) fn place_of(mirror: &Mirror, id: NodeId, may_tell: impl Fn(&str) -> bool) -> String {
    let plain = |name: &&str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) && may_tell(name)
    };
    let mut steps = Vec::new();
    let mut at = Some(id);
    while let Some((node, element)) = at.and_then(|at| Some((at, mirror.element(at)?))) {
        let mut step = element.tag.to_string();
        let own = element.shown("id").filter(plain);
        match own {
            Some(id) => step += &format!("#{id}"),
            None => {
                let classes = element.shown("class").unwrap_or_default().split_ascii_whitespace();
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
