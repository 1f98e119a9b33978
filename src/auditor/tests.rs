use super::*;
use crate::policy::Preset;
use crate::stream::{INPUT_BUCKET, Namespace, Press, Writer};

const URL: &str = "https://shop.example/";

fn open<'a>(tag: &'a str, attributes: &'a [(&'a str, Value<'a>)]) -> Op<'a> {
    Op::Element { id: 0, namespace: Namespace::Html, tag, attributes, open: true }
}

fn empty<'a>(tag: &'a str, attributes: &'a [(&'a str, Value<'a>)]) -> Op<'a> {
    Op::Element { id: 0, namespace: Namespace::Html, tag, attributes, open: false }
}

fn text(text: &str) -> Op<'_> {
    Op::Text { id: 0, text, rule: 0 }
}

fn typed(id: NodeId, value: &str) -> Op<'_> {
    Op::Input { id, value: Some(Value::Shown(value)), checked: None, by_visitor: true }
}

/// The batches of one page: the first begins with a document, number 1, whose content are the tokens of `page`.
fn batches(page: &[Op<'_>], later: &[&[Op<'_>]]) -> Vec<Vec<u8>> {
    let mut first = Writer::new(1, 0);
    first.op(&Op::Snapshot { id: 1, width: 9, height: 9, url: URL, title: Value::Masked(0) });
    let mut nodes = 1;
    for op in page {
        first.op(op);
        nodes += u64::from(!matches!(op, Op::End));
    }
    first.op(&Op::End);
    let mut all = vec![first.finish()];
    for ops in later {
        let mut writer = Writer::new((nodes + 1).try_into().unwrap(), 0);
        for op in *ops {
            writer.op(op);
        }
        all.push(writer.finish());
    }
    all
}

/// What is found in them, and everything that they say after it was taken out.
fn audited(policy: &Policy, all: &[Vec<u8>]) -> (Vec<(String, String)>, String) {
    let run = |all: &[Vec<u8>]| {
        let mut auditor = Auditor::new(policy);
        all.iter().for_each(|body| auditor.read(body).unwrap());
        auditor.finish()
    };
    let (found, edits) = run(all);
    let clean: Vec<Vec<u8>> =
        all.iter().enumerate().map(|(batch, body)| rewrite(body, batch, &edits).unwrap()).collect();
    assert_eq!(run(&clean).1, BTreeMap::new(), "nothing is left to be found");
    let said = clean.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect();
    (found.into_iter().map(|one| (one.kind, one.selector)).collect(), said)
}

fn balanced() -> Policy {
    Policy::preset(Preset::Balanced)
}

fn full() -> Policy {
    Policy::preset(Preset::Full)
}

#[test]
fn words_under_a_mark_of_an_earlier_batch_are_taken_out() {
    let mark = [("data-hush", Value::Shown("mask")), ("title", Value::Shown("Tipcanary"))];
    let page = [
        open("body", &[]),
        open("div", &mark),
        open("p", &[]),
        text("Canary"),
        Op::End,
        Op::End,
        text("Marker"),
        Op::End,
    ];
    let (found, said) =
        audited(&balanced(), &batches(&page, &[&[Op::SetText { id: 5, text: "Othercanary", rule: 0 }]]));
    assert!(found.contains(&("marked".into(), "body > div > p".into())), "{found:?}");
    assert!(!said.contains("anary") && said.contains("Marker") && said.contains("mask"));
}

#[test]
fn every_marker_class_and_attribute_hides_what_is_below() {
    for (name, value) in [
        ("class", "x rr-mask"),
        ("class", "PH-no-capture"),
        ("data-recording-sensitive", ""),
        ("data-hush", "nobody-knows"),
    ] {
        let mark = [(name, Value::Shown(value))];
        let page = [open("div", &mark), text("Canary"), Op::End, text("Marker")];
        let (_, said) = audited(&full(), &batches(&page, &[]));
        assert!(!said.contains("Canary") && said.contains("Marker"), "{name}={value}");
    }
}

#[test]
fn the_policys_selectors_hold_through_shadow_trees_and_frames() {
    let class = [("class", Value::Shown("private"))];
    let policy = Policy { mask: vec!["main > .private".into()], ..full() };
    let page = [
        open("main", &[]),
        open("x-box", &class),
        Op::Shadow { id: 0 },
        text("Shadowcanary"),
        open("iframe", &[]),
        Op::Frame { id: 0 },
        text("Framecanary"),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        open("p", &class),
        text("Marker"),
        Op::End,
    ];
    let (found, said) = audited(&policy, &batches(&page, &[]));
    assert!(!said.contains("canary") && said.contains("Marker"), "{found:?}");
}

#[test]
fn nothing_that_happens_in_an_ignored_part_stays() {
    let policy = Policy { ignore: vec!["#keypad".into()], ..full() };
    let page = [
        open("div", &[("id", Value::Shown("keypad"))]),
        empty("button", &[]),
        empty("input", &[]),
        Op::End,
        empty("input", &[]),
    ];
    let press = |id| Op::Press { kind: Press::Click, id, x: 1, y: 1 };
    let (found, said) =
        audited(&policy, &batches(&page, &[&[press(3), typed(4, "Canary"), press(5), typed(5, "Marker")]]));
    assert_eq!(found.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["marked", "marked"]);
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn a_field_is_secret_by_what_stands_around_it() {
    let named = [("for", Value::Shown("f7"))];
    let page = [
        open("label", &named),
        text("Card number"),
        Op::End,
        empty("input", &[("id", Value::Shown("f7"))]),
        open("label", &[]),
        text("Town"),
        empty("input", &[]),
        Op::End,
    ];
    let (found, said) = audited(&full(), &batches(&page, &[&[typed(4, "Canary"), typed(7, "Marker")]]));
    assert_eq!(found, [("payment".to_owned(), "input#f7".to_owned())]);
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn a_password_field_that_becomes_text_or_is_put_in_anothers_place_stays_secret() {
    let secret = [("type", Value::Shown("password")), ("name", Value::Shown("f1"))];
    let shown = [("type", Value::Shown("text")), ("name", Value::Shown("f1"))];
    let page = [open("form", &[]), empty("input", &secret), Op::End];
    let toggled = [Op::Attribute { id: 3, name: "type", value: Some(Value::Shown("text")) }, typed(3, "Onecanary")];
    let replaced = [Op::Add { parent: 2, previous: None }, empty("input", &shown), Op::End, typed(4, "Twocanary")];
    let (found, said) = audited(&full(), &batches(&page, &[&toggled, &replaced]));
    assert!(!said.contains("canary"), "{found:?}");
}

#[test]
fn a_number_over_several_nodes_or_told_sign_by_sign_goes_as_a_whole() {
    let page = [
        open("p", &[]),
        open("b", &[]),
        text("4242 4242 "),
        Op::End,
        text("4242 4242"),
        Op::End,
        open("p", &[]),
        text("Room 12"),
        open("b", &[]),
        text("Marker"),
        Op::End,
        Op::End,
        empty("input", &[]),
    ];
    let steps =
        [typed(10, "5555 5555"), typed(10, "5555 5555 5555 444"), typed(10, "\u{2022}\u{2022}\u{2022}\u{2022}")];
    let (found, said) = audited(&full(), &batches(&page, &[&steps]));
    assert!(!said.contains("4242") && !said.contains("5555") && said.contains("Marker") && said.contains("Room 12"));
    assert!(found.iter().all(|(kind, _)| kind == "number"));
}

#[test]
fn an_honest_recording_is_left_as_it_is() {
    let mark =
        [("class", Value::Shown("rr-mask")), ("role", Value::Shown("note")), ("style", Value::Shown("color: red"))];
    let page = [
        open("main", &mark),
        Op::Masked { id: 0, bucket: 3 },
        text(" "),
        Op::End,
        open("p", &[("title", Value::Shown("Order"))]),
        text("Order 17, open until 18:30"),
        Op::End,
        empty("input", &[("type", Value::Shown("password"))]),
        empty("input", &[("type", Value::Shown("email"))]),
        empty("input", &[("name", Value::Shown("town"))]),
    ];
    let masked = Op::Input { id: 8, value: Some(Value::Masked(INPUT_BUCKET)), checked: None, by_visitor: true };
    let all = batches(&page, &[&[masked, typed(9, "Brno"), Op::Press { kind: Press::Click, id: 7, x: 1, y: 1 }]]);
    let mut auditor = Auditor::new(&BALANCED_RECORDING);
    all.iter().for_each(|body| auditor.read(body).unwrap());
    let (found, edits) = auditor.finish();
    assert_eq!((found.len(), edits.len()), (0, 0), "{found:?}");
}

static BALANCED_RECORDING: std::sync::LazyLock<Policy> =
    std::sync::LazyLock::new(|| Policy { forms: crate::policy::FormMode::Record, ..balanced() });

#[test]
fn a_rule_that_cannot_be_checked_is_said() {
    let policy = Policy { mask: vec!["p:has(b)".into()], ..full() };
    let (found, _) = Auditor::new(&policy).finish();
    assert_eq!(found.into_iter().next().unwrap().kind, "unchecked-rule");
}

#[test]
fn a_mark_holds_for_what_was_told_in_the_same_moment_and_not_for_what_was_told_before() {
    let page = [open("p", &[]), text("Marker"), Op::End, open("p", &[]), text("Canary"), Op::End];
    let mark = |id| Op::Attribute { id, name: "class", value: Some(Value::Shown("rr-mask")) };
    let (_, said) = audited(&full(), &batches(&page, &[&[mark(4), Op::Time { at: 400 }, mark(2)]]));
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn nothing_that_a_box_or_an_ignored_part_scrolls_or_plays_stays() {
    let mark = [("class", Value::Shown("rr-ignore"))];
    let page = [open("div", &mark), empty("video", &[]), Op::End, empty("div", &[])];
    let later =
        [Op::Scroll { id: 2, x: 0, y: 4_242 }, Op::Scroll { id: 4, x: 0, y: 7 }, Op::Scroll { id: 1, x: 0, y: 9 }];
    let (found, _) = audited(&full(), &batches(&page, &[&later]));
    assert_eq!(found, [("marked".to_owned(), "div.rr-ignore:nth-of-type(1)".to_owned())]);
}
