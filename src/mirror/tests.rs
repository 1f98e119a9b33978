//! Whatever is told, in whatever order: the mirror stays a tree.

use super::*;
use crate::stream::{Namespace, Value};
use proptest::prelude::*;
use std::collections::HashSet;

fn element(id: NodeId, open: bool) -> Op<'static> {
    Op::Element { id, namespace: Namespace::Html, tag: "div", attributes: &[], open }
}

fn snapshot(mirror: &mut Mirror) {
    mirror.apply(&Op::Snapshot { id: 1, width: 800, height: 600, url: "https://a.example/", title: Value::Masked(0) });
    for op in [element(2, true), element(3, false), element(4, false), Op::End, Op::End] {
        mirror.apply(&op);
    }
}

/// Every link has its counterpart, and every node is reached once.
fn check(mirror: &Mirror) {
    let Some(document) = mirror.document else { return };
    let reached = mirror.subtree(document);
    assert_eq!(reached.len(), reached.iter().collect::<HashSet<_>>().len(), "a node is reached twice");
    assert_eq!(reached.len(), mirror.nodes.len(), "a node is not reached");
    for (id, node) in &mirror.nodes {
        if let Some(next) = node.next {
            assert_eq!(mirror.nodes[&next].previous, Some(*id));
        }
        if let Some(previous) = node.previous {
            assert_eq!(mirror.nodes[&previous].next, Some(*id));
        }
        for child in [node.first, node.last].into_iter().flatten() {
            assert_eq!(mirror.nodes[&child].parent, Some(*id));
        }
    }
}

#[test]
fn a_node_that_moves_leaves_its_old_place() {
    let mut mirror = Mirror::default();
    snapshot(&mut mirror);
    mirror.apply(&Op::Add { parent: 4, previous: None });
    mirror.apply(&Op::Moved { id: 3 });
    let run = mirror.apply(&Op::End).unwrap();
    assert_eq!(run.moved, [(3, 2)]);
    assert_eq!(mirror.subtree(1), [1, 2, 4, 3]);
    check(&mirror);
}

#[test]
fn nothing_is_moved_into_itself() {
    let mut mirror = Mirror::default();
    snapshot(&mut mirror);
    mirror.apply(&Op::Add { parent: 3, previous: None });
    mirror.apply(&Op::Moved { id: 2 });
    mirror.apply(&Op::End);
    assert_eq!(mirror.astray(), 1);
    assert_eq!(mirror.subtree(1), [1, 2, 3, 4]);
}

#[test]
fn an_op_about_a_node_that_is_not_there_changes_nothing() {
    let mut mirror = Mirror::default();
    snapshot(&mut mirror);
    mirror.apply(&Op::Remove { id: 99 });
    mirror.apply(&Op::SetMasked { id: 99, bucket: 1 });
    mirror.apply(&Op::Add { parent: 99, previous: None });
    mirror.apply(&element(5, true));
    mirror.apply(&element(6, false));
    mirror.apply(&Op::End);
    mirror.apply(&Op::End);
    assert_eq!(mirror.len(), 4);
    assert_eq!(mirror.astray(), 3);
}

/// What a batch may say at its top level, about few nodes, so that they meet.
#[derive(Debug, Clone)]
enum Said {
    Add { parent: u32, previous: Option<u32>, moved: Vec<u32>, nested: bool, root: Option<bool> },
    Remove(u32),
}

fn said() -> impl Strategy<Value = Said> {
    let id = 1..24u32;
    prop_oneof![
        3 => (id.clone(), proptest::option::of(id.clone()), proptest::collection::vec(id.clone(), 0..3), any::<bool>(),
            proptest::option::of(any::<bool>()))
            .prop_map(|(parent, previous, moved, nested, root)| Said::Add { parent, previous, moved, nested, root }),
        1 => id.prop_map(Said::Remove),
    ]
}

proptest! {
    #[test]
    fn whatever_is_told_the_mirror_stays_a_tree(sayings in proptest::collection::vec(said(), 0..40)) {
        let mut mirror = Mirror::default();
        snapshot(&mut mirror);
        let mut next = 5;
        for saying in sayings {
            match saying {
                Said::Remove(id) => drop(mirror.apply(&Op::Remove { id })),
                Said::Add { parent, previous, moved, nested, root } => {
                    mirror.apply(&Op::Add { parent, previous });
                    if nested {
                        mirror.apply(&element(next, true));
                        next += 1;
                    }
                    if let Some(shadow) = root {
                        mirror.apply(&if shadow { Op::Shadow { id: next } } else { Op::Frame { id: next } });
                        mirror.apply(&element(next + 1, false));
                        mirror.apply(&Op::End);
                        next += 2;
                    }
                    for id in moved {
                        mirror.apply(&Op::Moved { id });
                    }
                    if nested {
                        mirror.apply(&Op::End);
                    }
                    prop_assert!(mirror.apply(&Op::End).is_some());
                }
            }
            check(&mirror);
        }
    }
}
