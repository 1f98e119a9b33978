use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::stream::{Namespace, Op, SheetRef, Value};

const HTML: Namespace = Namespace::Html;

fn element<'a>(id: NodeId, tag: &'a str, open: bool) -> Op<'a> {
    Op::Element { id, namespace: HTML, tag, attributes: &[("class", Value::Shown("a"))], open }
}

fn text(id: NodeId, text: &str) -> Op<'_> {
    Op::Text { id, text, rule: 0 }
}

fn mirror(ops: &[Op<'_>]) -> Mirror {
    let mut mirror = Mirror::default();
    for op in ops {
        mirror.apply(op);
    }
    check(&mirror);
    mirror
}

const SNAPSHOT: Op<'static> =
    Op::Snapshot { id: 1, width: 800, height: 600, url: "https://x.example/", title: Value::Shown("Shop") };

/// A page of a body (2) with a list (3) of two items (4 with text 5, 6), and a host (7) with a shadow root (8) and text (9).
fn page() -> Mirror {
    mirror(&[
        SNAPSHOT,
        element(2, "body", true),
        element(3, "ul", true),
        element(4, "li", true),
        text(5, "one"),
        Op::End,
        element(6, "li", false),
        Op::End,
        element(7, "x-card", true),
        Op::Shadow { id: 8 },
        text(9, "inside"),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
    ])
}

/// The tree as text: numbers in their order, children in brackets, a shadow root or frame before them.
fn shape(mirror: &Mirror, id: NodeId) -> String {
    let mut out = id.to_string();
    let inner = mirror.element(id).into_iter().flat_map(|element| [element.shadow, element.frame]).flatten();
    let lists: Vec<String> = inner
        .map(|root| format!("#{}", shape(mirror, root)))
        .chain(mirror.children(id).map(|(child, _)| shape(mirror, child)))
        .collect();
    if !lists.is_empty() {
        out.push_str(&format!("[{}]", lists.join(" ")));
    }
    out
}

/// Links agree both ways and every node is reached once.
fn check(mirror: &Mirror) {
    let mut reached = HashSet::new();
    let Some(root) = mirror.root() else {
        assert!(mirror.is_empty());
        return;
    };
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        assert!(reached.insert(id), "{id} is reached twice");
        let node = mirror.node(id).expect("a link leads to a node");
        let mut previous = None;
        for (child, held) in mirror.children(id) {
            assert_eq!((held.parent, held.previous), (Some(id), previous));
            previous = Some(child);
            open.push(child);
        }
        assert_eq!(node.last, previous);
        if let Some(element) = mirror.element(id) {
            for root in [element.shadow, element.frame].into_iter().flatten() {
                assert_eq!(mirror.node(root).map(|node| node.parent), Some(Some(id)));
                open.push(root);
            }
        }
    }
    assert_eq!(reached.len(), mirror.len(), "a node hangs nowhere");
}

#[test]
fn a_snapshot_is_the_page_and_forgets_the_one_before() {
    let mut page = page();
    assert_eq!(shape(&page, 1), "1[2[3[4[5] 6] 7[#8[9]]]]");
    assert_eq!((page.url(), page.title(), page.viewport()), ("https://x.example/", Some("Shop"), (800, 600)));
    assert_eq!(page.document_of(9), Some(1));
    page.apply(&Op::Snapshot { id: 20, width: 1, height: 1, url: "", title: Value::Masked(2) });
    page.apply(&Op::End);
    check(&page);
    assert_eq!((shape(&page, 20).as_str(), page.title()), ("20", None));
}

#[test]
fn nodes_are_added_moved_and_removed() {
    let mut page = page();
    for op in [
        Op::Add { parent: 3, previous: Some(4) },
        element(10, "li", true),
        Op::Moved { id: 5 },
        Op::End,
        Op::Moved { id: 4 },
        Op::End,
        Op::Remove { id: 6 },
        Op::Add { parent: 8, previous: None },
        text(11, "first"),
        Op::End,
    ] {
        page.apply(&op);
    }
    check(&page);
    assert_eq!(shape(&page, 1), "1[2[3[10[5] 4] 7[#8[11 9]]]]");
    page.apply(&Op::Remove { id: 7 });
    check(&page);
    assert_eq!((shape(&page, 1).as_str(), page.ignored()), ("1[2[3[10[5] 4]]]", 0));
}

#[test]
fn a_node_that_is_moved_behind_itself_stays() {
    let mut page = page();
    page.apply(&Op::Add { parent: 3, previous: Some(4) });
    page.apply(&Op::Moved { id: 4 });
    page.apply(&Op::End);
    check(&page);
    assert_eq!(shape(&page, 3), "3[4[5] 6]");
}

#[test]
fn no_cycle_can_be_made() {
    let mut page = page();
    for op in
        [Op::Add { parent: 4, previous: None }, Op::Moved { id: 3 }, Op::Moved { id: 8 }, Op::Moved { id: 1 }, Op::End]
    {
        page.apply(&op);
    }
    check(&page);
    assert_eq!((shape(&page, 3).as_str(), page.ignored()), ("3[4[5] 6]", 3));
}

#[test]
fn what_is_unknown_is_left_out_and_counted() {
    let mut page = page();
    for op in [
        Op::Remove { id: 99 },
        Op::SetText { id: 4, text: "x", rule: 0 },
        Op::Attribute { id: 5, name: "a", value: None },
        Op::Scroll { id: 99, x: 1, y: 1 },
        Op::Add { parent: 5, previous: None },
        text(10, "lost"),
        Op::End,
        Op::Add { parent: 3, previous: None },
        text(4, "a number twice"),
        Op::End,
    ] {
        page.apply(&op);
    }
    check(&page);
    assert_eq!((shape(&page, 3).as_str(), page.ignored()), ("3[4[5] 6]", 6));
}

#[test]
fn state_is_kept() {
    let mut page = page();
    for op in [
        Op::Attribute { id: 4, name: "class", value: Some(Value::Shown("b")) },
        Op::Attribute { id: 4, name: "title", value: Some(Value::Masked(3)) },
        Op::SetMasked { id: 5, bucket: 6 },
        Op::Input { id: 6, value: Some(Value::Masked(3)), checked: None, by_visitor: true },
        Op::Input { id: 6, value: None, checked: Some(true), by_visitor: true },
        Op::Focus { id: 6 },
        Op::Scroll { id: 1, x: 0, y: 40 },
        Op::Sheet { id: 4, text: "a{}" },
        Op::RuleInsert { sheet: SheetRef::Owner(4), path: &[1], text: "b{}" },
        Op::AdoptedSheet { sheet: 3, text: "c{}" },
        Op::Adopt { root: 8, sheets: &[3] },
    ] {
        page.apply(&op);
    }
    check(&page);
    let item = page.element(4).unwrap();
    assert_eq!(item.attribute("class"), Some(&Held::Shown("b".into())));
    assert_eq!(item.attribute("title"), Some(&Held::Masked(3)));
    assert_eq!(item.css.as_ref().unwrap().text(), "a{}\nb{}");
    assert_eq!(
        page.element(6).unwrap().input,
        Some(Input { value: Some(Held::Masked(3)), checked: Some(true), ..Input::default() })
    );
    assert_eq!((page.focus(), page.node(1).unwrap().scroll), (Some(6), (0, 40)));
    assert!(matches!(&page.node(8).unwrap().content, Content::Shadow { adopted } if adopted == &[3]));
    page.apply(&Op::Remove { id: 3 });
    assert_eq!(page.focus(), None);
}

#[test]
fn a_frame_that_is_moved_loses_its_document() {
    let mut page = mirror(&[
        SNAPSHOT,
        element(2, "body", true),
        element(3, "div", true),
        element(4, "iframe", true),
        Op::Frame { id: 5 },
        text(6, "inside"),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::End,
    ]);
    assert_eq!(page.document_of(6), Some(5));
    for op in [Op::Add { parent: 2, previous: None }, Op::Moved { id: 3 }, Op::End] {
        page.apply(&op);
    }
    check(&page);
    assert_eq!(shape(&page, 1), "1[2[3[4]]]");
    for op in [Op::Add { parent: 4, previous: None }, Op::Frame { id: 7 }, Op::End, Op::End] {
        page.apply(&op);
    }
    check(&page);
    assert_eq!(shape(&page, 1), "1[2[3[4[#7]]]]");
}

#[test]
fn a_page_has_bounds() {
    let mut page = page();
    let long = "x".repeat(1 << 20);
    page.apply(&Op::Add { parent: 3, previous: None });
    for id in 100..200 {
        page.apply(&text(id, &long));
    }
    page.apply(&Op::End);
    check(&page);
    assert!(page.is_too_large() && page.len() < 100);
    let mut deep = mirror(&[SNAPSHOT]);
    (2..5_000).for_each(|id| deep.apply(&element(id, "i", true)));
    check(&deep);
    assert_eq!(deep.len(), DEPTH_MAX + 1);
}

/// Steps that may or may not make sense, over few nodes so that they meet.
#[derive(Debug, Clone)]
pub enum Step {
    Add(NodeId, Option<NodeId>, Vec<Step>),
    Element(Vec<Step>),
    Text,
    Shadow(Vec<Step>),
    Frame(Vec<Step>),
    Moved(NodeId),
    Remove(NodeId),
    Attribute(NodeId),
    SetText(NodeId),
    Input(NodeId),
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = 1..25_u32;
    let leaf = prop_oneof![Just(Step::Text), id.clone().prop_map(Step::Moved)];
    let token = leaf.prop_recursive(4, 20, 4, |inner| {
        let list = prop::collection::vec(inner, 0..4);
        prop_oneof![
            4 => list.clone().prop_map(Step::Element),
            1 => list.clone().prop_map(|list| Step::Element(vec![Step::Shadow(list)])),
            1 => list.prop_map(|list| Step::Element(vec![Step::Frame(list)])),
        ]
    });
    let run = prop::collection::vec(token, 1..4);
    let step = prop_oneof![
        4 => (id.clone(), prop::option::of(id.clone()), run).prop_map(|(parent, previous, run)| Step::Add(parent, previous, run)),
        1 => id.clone().prop_map(Step::Remove),
        1 => id.clone().prop_map(Step::Attribute),
        1 => id.clone().prop_map(Step::SetText),
        1 => id.prop_map(Step::Input),
    ];
    prop::collection::vec(step, 0..30)
}

/// Tell each op of these steps; new nodes are numbered on from `next`.
pub fn tell(steps: &[Step], next: &mut NodeId, out: &mut dyn FnMut(&Op<'_>)) {
    fn new(next: &mut NodeId) -> NodeId {
        *next += 1;
        *next - 1
    }
    for step in steps {
        match step {
            Step::Add(parent, previous, run) => {
                out(&Op::Add { parent: *parent, previous: *previous });
                tell(run, next, out);
                out(&Op::End);
            }
            Step::Element(list) => {
                let tag = if matches!(list.first(), Some(Step::Frame(_))) { "iframe" } else { "div" };
                out(&element(new(next), tag, true));
                tell(list, next, out);
                out(&Op::End);
            }
            Step::Shadow(list) => {
                out(&Op::Shadow { id: new(next) });
                tell(list, next, out);
                out(&Op::End);
            }
            Step::Frame(list) => {
                out(&Op::Frame { id: new(next) });
                tell(list, next, out);
                out(&Op::End);
            }
            Step::Text => out(&text(new(next), "t")),
            Step::Moved(id) => out(&Op::Moved { id: *id }),
            Step::Remove(id) => out(&Op::Remove { id: *id }),
            Step::Attribute(id) => out(&Op::Attribute { id: *id, name: "a", value: Some(Value::Shown("1")) }),
            Step::SetText(id) => out(&Op::SetMasked { id: *id, bucket: 5 }),
            Step::Input(id) => {
                out(&Op::Input { id: *id, value: Some(Value::Masked(3)), checked: None, by_visitor: true });
            }
        }
    }
}

proptest! {
    #[test]
    fn links_agree_after_any_ops(steps in steps()) {
        let mut mirror = Mirror::default();
        mirror.apply(&SNAPSHOT);
        mirror.apply(&element(2, "html", true));
        mirror.apply(&Op::End);
        mirror.apply(&Op::End);
        let mut next = 3;
        tell(&steps, &mut next, &mut |op| {
            mirror.apply(op);
            check(&mirror);
        });
    }
}
