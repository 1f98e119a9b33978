//! What the grammar promises: every op survives, and nothing else is read.

use super::*;
use proptest::prelude::*;
use std::fs;

#[test]
fn a_golden_batch_reads_the_same_in_every_version() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stream");
    let bytes = fs::read(format!("{folder}/every-op.batch")).expect("the recorder's unit tests keep this file");
    let (header, body) = split(&bytes).expect("a golden batch is whole");
    let mut told = format!("{header:?}\n");
    let mut reader = Reader::new(body).expect("a golden body is whole");
    while let Some(op) = reader.next().expect("a golden op is known") {
        told.push_str(&format!("{op:?}\n"));
    }
    let golden = format!("{folder}/every-op.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &told).expect("fixtures are writable");
    }
    assert_eq!(told, fs::read_to_string(&golden).expect("the golden text is kept"));
}

/// Ops that can stand one after the other at the top level, with room for any number and text.
fn plain_op() -> impl Strategy<Value = Owned> {
    let id = 1..NODE_MAX;
    let text = "[^\u{0}]{0,12}";
    prop_oneof![
        (any::<u16>()).prop_map(|ms| Owned::Time(ms.into())),
        id.clone().prop_map(Owned::Remove),
        (id.clone(), text, proptest::option::of(value()))
            .prop_map(|(id, name, value)| Owned::Attribute(id, name, value)),
        (id.clone(), text, any::<u32>()).prop_map(|(id, text, rule)| Owned::SetText(id, text, rule)),
        (id.clone(), 0..=BUCKET_MAX).prop_map(|(id, bucket)| Owned::SetMasked(id, bucket)),
        (id.clone(), proptest::collection::vec(any::<u32>(), 1..RULE_PATH_MAX), text)
            .prop_map(|(id, path, text)| Owned::Rule(id, path, text)),
        (id.clone(), -9_999..9_999i32, -9_999..9_999i32, any::<bool>())
            .prop_map(|(id, x, y, touch)| Owned::Move(id, x, y, touch)),
        (id.clone(), proptest::option::of(value()), proptest::option::of(any::<bool>()), any::<bool>())
            .prop_map(|(id, value, checked, by_visitor)| Owned::Input(id, value, checked, by_visitor)),
        (any::<u64>(), any::<u32>(), any::<u32>()).prop_map(|(page, ops, ms)| Owned::Gap(page, ops, ms)),
        (any::<bool>(), text).prop_map(|(said, words)| Owned::Who(said, words)),
        (id, proptest::option::of(1..NODE_MAX), node())
            .prop_map(|(parent, previous, node)| Owned::Add(parent, previous, node)),
    ]
}

fn value() -> impl Strategy<Value = Result<String, u8>> {
    prop_oneof!["[^\u{0}]{0,12}".prop_map(Ok), (0..=BUCKET_MAX).prop_map(Err)]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        "[^\u{0}]{0,9}".prop_map(Node::Text),
        (0..=BUCKET_MAX).prop_map(Node::Masked),
        ("[a-z]{1,4}", 0..9_999u32).prop_map(|(tag, size)| Node::Block(tag, size)),
        (1..NODE_MAX).prop_map(Node::Moved),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let attributes = proptest::collection::vec(("[a-z]{1,4}", value()), 0..4);
        ("[a-z]{1,4}", attributes, proptest::collection::vec(inner, 0..6))
            .prop_map(|(tag, attributes, children)| Node::Element(tag, attributes, children))
    })
}

/// An op that owns its text, so that proptest can make and shrink it.
#[derive(Debug, Clone)]
enum Owned {
    Time(u64),
    Remove(u32),
    Attribute(u32, String, Option<Result<String, u8>>),
    SetText(u32, String, u32),
    SetMasked(u32, u8),
    Who(bool, String),
    Rule(u32, Vec<u32>, String),
    Move(u32, i32, i32, bool),
    Input(u32, Option<Result<String, u8>>, Option<bool>, bool),
    Gap(u64, u32, u32),
    Add(u32, Option<u32>, Node),
}

#[derive(Debug, Clone)]
enum Node {
    Text(String),
    Masked(u8),
    Block(String, u32),
    Moved(u32),
    Element(String, Vec<(String, Result<String, u8>)>, Vec<Node>),
}

fn borrowed(value: &Result<String, u8>) -> Value<'_> {
    match value {
        Ok(text) => Value::Shown(text),
        Err(bucket) => Value::Masked(*bucket),
    }
}

/// Call `each` with the borrowed form of every op, in order, numbering nodes and adding up time as a batch does.
fn tell(ops: &[Owned], each: &mut dyn FnMut(&Op<'_>)) {
    let mut next = 1;
    let mut now = 0;
    for op in ops {
        match op {
            Owned::Time(ms) => {
                now += ms;
                each(&Op::Time { at: now });
            }
            Owned::Remove(id) => each(&Op::Remove { id: *id }),
            Owned::Attribute(id, name, value) => {
                each(&Op::Attribute { id: *id, name, value: value.as_ref().map(borrowed) });
            }
            Owned::Who(said, words) => each(&Op::Who { kind: if *said { Known::Pseudonym } else { Known::Id }, words }),
            Owned::SetText(id, text, rule) => each(&Op::SetText { id: *id, text, rule: *rule }),
            Owned::SetMasked(id, bucket) => each(&Op::SetMasked { id: *id, bucket: *bucket }),
            Owned::Rule(id, path, text) => {
                each(&Op::RuleInsert { sheet: SheetRef::Owner(*id), path, text });
                each(&Op::RuleDelete { sheet: SheetRef::Adopted(*id), path });
            }
            Owned::Move(id, x, y, touch) => each(&Op::Move { at: now, id: *id, x: *x, y: *y, touch: *touch }),
            Owned::Input(id, value, checked, by_visitor) => each(&Op::Input {
                id: *id,
                value: value.as_ref().map(borrowed),
                checked: *checked,
                by_visitor: *by_visitor,
            }),
            Owned::Gap(page, ops, ms) => each(&Op::Gap { page: *page, ops: *ops, ms: *ms }),
            Owned::Add(parent, previous, node) => {
                each(&Op::Add { parent: *parent, previous: *previous });
                tell_node(node, &mut next, each);
                each(&Op::End);
            }
        }
    }
}

fn tell_node(node: &Node, next: &mut u32, each: &mut dyn FnMut(&Op<'_>)) {
    if let Node::Moved(id) = node {
        return each(&Op::Moved { id: *id });
    }
    let id = *next;
    *next += 1;
    match node {
        Node::Text(text) => each(&Op::Text { id, text, rule: 0 }),
        Node::Masked(bucket) => each(&Op::Masked { id, bucket: *bucket }),
        Node::Block(tag, size) => {
            each(&Op::Block { id, namespace: Namespace::Html, tag, width: *size, height: *size });
        }
        Node::Element(tag, attributes, children) => {
            let attributes: Vec<_> = attributes.iter().map(|(name, value)| (&**name, borrowed(value))).collect();
            let open = !children.is_empty();
            each(&Op::Element { id, namespace: Namespace::Svg, tag, attributes: &attributes, open });
            for child in children {
                tell_node(child, next, each);
            }
            if open {
                each(&Op::End);
            }
        }
        Node::Moved(_) => unreachable!("told above"),
    }
}

fn encode(ops: &[Owned]) -> Vec<u8> {
    let mut writer = Writer::new(1, 0);
    tell(ops, &mut |op| {
        writer.op(op);
    });
    writer.finish()
}

proptest! {
    #[test]
    fn any_sequence_of_ops_survives_the_wire(ops in proptest::collection::vec(plain_op(), 0..30)) {
        let mut meant = Vec::new();
        tell(&ops, &mut |op| meant.push(format!("{op:?}")));
        let bytes = encode(&ops);
        let mut reader = Reader::new(&bytes).unwrap();
        let mut read = Vec::new();
        while let Some(op) = reader.next().unwrap() {
            read.push(format!("{op:?}"));
        }
        prop_assert_eq!(read, meant);
    }

    #[test]
    fn bytes_of_a_stranger_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
        if let Ok((_, body)) = split(&bytes) {
            read_all(body);
        }
    }

    #[test]
    fn a_batch_with_one_byte_changed_is_read_or_refused(
        ops in proptest::collection::vec(plain_op(), 1..8), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = encode(&ops);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read_all(&bytes);
    }

    #[test]
    fn rewriting_nothing_changes_nothing(ops in proptest::collection::vec(plain_op(), 0..12)) {
        let bytes = encode(&ops);
        prop_assert_eq!(rewrite_literals(&bytes, |_, _| None).unwrap(), bytes);
    }
}

fn read_all(body: &[u8]) -> bool {
    let Ok(mut reader) = Reader::new(body) else { return false };
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

fn refused(ops: &[Op<'_>]) -> &'static str {
    let mut writer = Writer::new(1, 0);
    for op in ops {
        writer.op(op);
    }
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes).unwrap();
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => return "nothing",
            Err(malformed) => return malformed.what,
        }
    }
}

#[test]
fn nesting_past_the_bound_is_refused() {
    let div = Op::Element { id: 0, namespace: Namespace::Html, tag: "div", attributes: &[], open: true };
    let nest = |depth: usize| {
        let mut ops = vec![Op::Add { parent: 1, previous: None }];
        ops.extend(std::iter::repeat_n(div.clone(), depth));
        ops.extend(std::iter::repeat_n(Op::End, depth + 1));
        ops
    };
    assert_eq!(refused(&nest(DEPTH_MAX - 1)), "nothing");
    assert_eq!(refused(&nest(DEPTH_MAX)), "nodes nest too deep");
}

#[test]
fn ops_out_of_place_are_refused() {
    let run = Op::Add { parent: 1, previous: None };
    assert_eq!(refused(&[Op::Comment { id: 0 }]), "a node outside a run");
    assert_eq!(refused(std::slice::from_ref(&run)), "a run of nodes does not end");
    assert_eq!(refused(&[run.clone(), Op::Finish]), "an event inside a run of nodes");
    assert_eq!(refused(&[Op::End]), "an end without a beginning");
    assert_eq!(refused(&[run.clone(), Op::Css { text: "" }, Op::End]), "style rules outside an element");
    assert_eq!(refused(&[Op::RuleDelete { sheet: SheetRef::Owner(1), path: &[] }]), "a rule without an index");
}
