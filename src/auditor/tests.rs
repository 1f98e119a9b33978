use super::*;
use crate::policy::Preset;
use crate::stream::{INPUT_BUCKET, Namespace, Press, SheetRef, Value, Writer};

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
        loop {
            all.iter().enumerate().for_each(|(batch, body)| auditor.read(batch, body).unwrap());
            if !auditor.begin_again() {
                break;
            }
        }
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
    all.iter().enumerate().for_each(|(batch, body)| auditor.read(batch, body).unwrap());
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

/// What is left of a page under a policy, as text.
fn left(policy: &Policy, page: &[Op<'_>], later: &[Op<'_>]) -> String {
    audited(policy, &batches(page, &[later])).1
}

#[test]
fn what_is_written_or_can_be_chosen_is_taken_out_unless_forms_are_recorded() {
    let attribute = |name, value| [(name, Value::Shown(value))];
    for (tag, name, value) in [
        ("div", "contenteditable", ""),
        ("div", "contenteditable", "plaintext-only"),
        ("div", "role", "textbox"),
        ("div", "role", "combobox"),
        ("p", "style", "-webkit-user-modify: read-write"),
        ("select", "class", "x"),
        ("datalist", "class", "x"),
        ("optgroup", "class", "x"),
    ] {
        let told = attribute(name, value);
        let page = [open(tag, &told), open("span", &[]), text("Canary"), Op::End, Op::End, text("Marker")];
        let later = [Op::SetText { id: 4, text: "Othercanary", rule: 0 }];
        let said = left(&balanced(), &page, &later);
        assert!(!said.contains("anary") && said.contains("Marker"), "{tag} {name}={value}");
        let said = left(&full(), &page, &later);
        assert!(said.contains("Canary"), "{tag} {name}={value} where forms are recorded");
    }
    let told = attribute("contenteditable", "false");
    let said = left(&balanced(), &[open("div", &told), text("Marker"), Op::End], &[]);
    assert!(said.contains("Marker"));
}

#[test]
fn text_of_what_became_editable_later_is_taken_out() {
    let page = [open("div", &[]), text("Marker"), Op::End];
    let editable = Op::Attribute { id: 2, name: "contenteditable", value: Some(Value::Shown("true")) };
    let said =
        left(&balanced(), &page, &[Op::Time { at: 900 }, editable, Op::SetText { id: 3, text: "Canary", rule: 0 }]);
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn what_a_slot_hides_is_hidden_where_it_stands() {
    let mark = [("data-hush", Value::Shown("mask"))];
    let named = [("name", Value::Shown("m"))];
    let shown = [("slot", Value::Shown("m"))];
    let page = [
        open("x-box", &[]),
        Op::Shadow { id: 0 },
        open("div", &mark),
        empty("slot", &named),
        Op::End,
        empty("slot", &[]),
        Op::End,
        open("p", &shown),
        text("Onecanary"),
        Op::End,
        text("Marker"),
        open("p", &[]),
        text("Public"),
        Op::End,
        Op::End,
    ];
    let into = Op::Attribute { id: 10, name: "slot", value: Some(Value::Shown("m")) };
    let later = [Op::Time { at: 900 }, into, Op::SetText { id: 11, text: "Twocanary", rule: 0 }];
    let (found, said) = audited(&full(), &batches(&page, &[&later]));
    assert!(!said.contains("canary") && said.contains("Marker") && said.contains("Public"), "{found:?}");
}

#[test]
fn text_in_a_nameless_slot_and_through_two_trees_is_hidden_by_it() {
    let mark = [("class", Value::Shown("rr-mask"))];
    let page = [
        open("x-outer", &[]),
        Op::Shadow { id: 0 },
        open("x-inner", &[]),
        Op::Shadow { id: 0 },
        open("div", &mark),
        empty("slot", &[]),
        Op::End,
        Op::End,
        empty("slot", &[]),
        Op::End,
        Op::End,
        text("Canary"),
        Op::End,
        text("Marker"),
    ];
    let said = left(&full(), &page, &[]);
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn a_slot_that_is_gone_hides_nothing_more() {
    let mark = [("class", Value::Shown("rr-mask"))];
    let page = [
        open("x-box", &[]),
        Op::Shadow { id: 0 },
        open("div", &mark),
        empty("slot", &[]),
        Op::End,
        empty("slot", &[]),
        Op::End,
        open("p", &[]),
        text("Canary"),
        Op::End,
        Op::End,
    ];
    let later = [Op::Time { at: 900 }, Op::Remove { id: 4 }, Op::SetText { id: 8, text: "Marker", rule: 0 }];
    let said = left(&full(), &page, &later);
    assert!(!said.contains("Canary") && said.contains("Marker"));
}

#[test]
fn a_field_is_secret_by_its_host_its_group_and_the_cell_before_it_and_an_editable_one_too() {
    let host = [("label", Value::Shown("IBAN"))];
    let editable = [("contenteditable", Value::Shown("")), ("aria-label", Value::Shown("Card number"))];
    let page = [
        open("x-field", &host),
        Op::Shadow { id: 0 },
        empty("input", &[]),
        Op::End,
        Op::End,
        open("fieldset", &[]),
        open("legend", &[]),
        text("Security code"),
        Op::End,
        empty("input", &[]),
        Op::End,
        open("tr", &[]),
        open("td", &[]),
        text("Card number"),
        Op::End,
        open("td", &[]),
        empty("input", &[]),
        Op::End,
        Op::End,
        open("div", &editable),
        text("Canary"),
        Op::End,
        open("div", &[]),
        text("Card"),
        Op::End,
        open("div", &[]),
        open("span", &[]),
        text("Town"),
        Op::End,
        empty("input", &[]),
        Op::End,
    ];
    let later = [typed(4, "Hostcanary"), typed(8, "Groupcanary"), typed(13, "Cellcanary"), typed(21, "Marker")];
    let (found, said) = audited(&full(), &batches(&page, &[&later]));
    assert!(!said.contains("anary") && said.contains("Marker"), "{found:?}");
}

#[test]
fn a_secret_field_says_nothing_by_its_attributes() {
    let field =
        [("type", Value::Shown("password")), ("data-last", Value::Shown("canary")), ("class", Value::Shown("x"))];
    let page = [empty("input", &field), empty("input", &[("data-last", Value::Shown("marker"))])];
    let said = left(&full(), &page, &[Op::Attribute { id: 2, name: "data-pwd", value: Some(Value::Shown("canary")) }]);
    assert!(!said.contains("canary") && said.contains("marker"));
}

#[test]
fn what_was_taken_out_of_a_field_is_taken_out_wherever_it_is_repeated() {
    let pin = [("name", Value::Shown("userPin"))];
    let page =
        [empty("input", &pin), open("p", &[]), text("Marker tin"), Op::End, empty("input", &[]), empty("i", &[])];
    let later = [
        typed(2, "tincan"),
        Op::SetText { id: 4, text: "It is tincanary", rule: 0 },
        typed(2, "tincanary"),
        typed(5, "tincanary"),
        Op::Attribute { id: 6, name: "title", value: Some(Value::Shown("of tincan so far")) },
        Op::Event {
            name: "typed",
            properties: &[("text", Value::Shown("tincanary")), ("kind", Value::Shown("marker"))],
        },
        Op::Tag { name: "last", value: Value::Shown("tincanary") },
        Op::Page { url: URL, title: Value::Shown("Search: tincanary") },
    ];
    let (found, said) = audited(&full(), &batches(&page, &[&later]));
    assert!(!said.contains("tincan"), "{found:?}");
    assert!(said.contains("Marker tin") && said.contains("marker"));
}

#[test]
fn what_an_ordinary_field_holds_may_be_repeated() {
    let page = [empty("input", &[("name", Value::Shown("town"))]), open("p", &[]), text("Brno"), Op::End];
    let said = left(&full(), &page, &[typed(2, "Brno")]);
    assert_eq!(said.matches("Brno").count(), 2);
}

#[test]
fn under_a_mask_names_stay_only_where_a_sheet_mentions_them() {
    let strict = Policy::preset(Preset::Strict);
    let names = [
        ("class", Value::Shown("card jan-novak late inserted")),
        ("id", Value::Shown("jan-novak")),
        ("type", Value::Shown("button")),
    ];
    let labels = [("aria-labelledby", Value::Shown("title canary"))];
    let page = [
        open("html", &names),
        open("style", &[]),
        Op::Css { text: ".card > #title { color: red; }" },
        Op::End,
        empty("p", &labels),
        Op::End,
    ];
    let sheets = [
        Op::AdoptedSheet { sheet: 1, text: ".late { color: red; }" },
        Op::RuleInsert { sheet: SheetRef::Owner(3), path: &[0], text: ".inserted { color: red; }" },
        Op::Attribute { id: 4, name: "class", value: Some(Value::Shown("canary")) },
    ];
    let (found, said) = audited(&strict, &batches(&page, &[&sheets]));
    assert!(!said.contains("jan-novak") && !said.contains("canary"), "{said:?}");
    assert!(said.contains("card late inserted") && said.contains("title") && said.contains("button"), "{said:?}");
    assert!(found.iter().all(|(kind, place)| kind == "name" && !place.contains("novak")), "{found:?}");
    let (found, _) = audited(&balanced(), &batches(&page, &[&sheets]));
    assert_eq!(found, []);
}

#[test]
fn names_of_a_page_that_was_never_told_to_its_end_are_left() {
    let strict = Policy::preset(Preset::Strict);
    let page = [empty("p", &[("class", Value::Shown("marker"))])];
    let (found, said) = audited(&strict, &batches(&page, &[&[Op::Part { more: true }]]));
    assert!(found.is_empty() && said.contains("marker"));
    let (_, said) = audited(&strict, &batches(&page, &[&[Op::Part { more: true }, Op::Part { more: false }]]));
    assert!(!said.contains("marker"));
}
