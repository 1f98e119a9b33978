use super::super::{FormMode, Preset, UrlMode};
use super::*;
use crate::stream::{FindingKind, Namespace, SheetRef};

const HTML: Namespace = Namespace::Html;

fn strict() -> Policy {
    Policy::preset(Preset::Strict)
}

fn balanced() -> Policy {
    Policy::preset(Preset::Balanced)
}

fn full() -> Policy {
    Policy::preset(Preset::Full)
}

fn body(ops: &[Op<'_>]) -> Vec<u8> {
    let mut writer = Writer::new(1, 0);
    for op in ops {
        writer.op(op);
    }
    writer.finish()
}

/// What the door says of these ops: the rule that they break, or nothing.
fn verdict(policy: &Policy, ops: &[Op<'_>]) -> Option<&'static str> {
    verdict_of_all(&[policy], ops)
}

fn verdict_of_all(policies: &[&Policy], ops: &[Op<'_>]) -> Option<&'static str> {
    match enforce(policies, &body(ops), &mut |_| {}) {
        Ok(_) => None,
        Err(Refusal::Broken { rule, .. }) => Some(rule),
        Err(Refusal::Malformed(malformed)) => panic!("{malformed}"),
    }
}

/// These node tokens in a run of their own.
fn run<'a>(tokens: &[Op<'a>]) -> Vec<Op<'a>> {
    let mut ops = vec![Op::Add { parent: 1, previous: None }];
    ops.extend_from_slice(tokens);
    ops.push(Op::End);
    ops
}

fn element<'a>(tag: &'a str, attributes: &'a [(&'a str, Value<'a>)], open: bool) -> Op<'a> {
    Op::Element { id: 1, namespace: HTML, tag, attributes, open }
}

fn text(text: &str, rule: u32) -> Op<'_> {
    Op::Text { id: 1, text, rule }
}

fn attribute<'a>(name: &'a str, value: &'a str) -> Op<'a> {
    Op::Attribute { id: 900, name, value: Some(Value::Shown(value)) }
}

fn input(value: Value<'_>) -> Op<'_> {
    Op::Input { id: 1, value: Some(value), checked: None, by_visitor: true }
}

#[test]
fn shown_text_is_refused_where_text_is_masked() {
    assert_eq!(verdict(&strict(), &run(&[text("Jan", 0)])), Some("text"));
    assert_eq!(verdict(&strict(), &run(&[text(" ", 0), Op::Masked { id: 1, bucket: 4 }])), None);
    assert_eq!(verdict(&strict(), &run(&[text("  ", 0)])), Some("text"));
    assert_eq!(verdict(&strict(), &[Op::SetText { id: 900, text: "Jan", rule: 0 }]), Some("text"));
    assert_eq!(verdict(&strict(), &[Op::SetMasked { id: 900, bucket: 3 }]), None);
}

#[test]
fn what_looks_personal_is_refused_where_text_is_redacted() {
    assert_eq!(verdict(&balanced(), &run(&[text("Jan", 0)])), None);
    assert_eq!(verdict(&balanced(), &run(&[text("jan@example.cz", 0)])), Some("text-personal"));
}

#[test]
fn what_looks_personal_is_taken_out_where_text_is_shown() {
    let sent = body(
        &[
            run(&[
                element("p", &[("title", Value::Shown("+420 777 123 456")), ("class", Value::Shown("a"))], true),
                text("Call +420 777 123 456 today", 0),
                Op::End,
                element("style", &[], true),
                Op::Css { text: "a{color:red}" },
                Op::End,
            ]),
            vec![
                Op::SetText { id: 900, text: "jan@example.cz", rule: 0 },
                Op::Page { url: "https://shop.example/a", title: Value::Shown("jan@example.cz") },
                input(Value::Shown("jan@example.cz")),
                attribute("alt", "jan@example.cz"),
            ],
        ]
        .concat(),
    );
    let mut seen = 0;
    let kept = enforce(&[&full()], &sent, &mut |_| seen += 1).unwrap();
    assert_eq!(seen, 12);
    let kept_text = String::from_utf8_lossy(&kept);
    assert!(!kept_text.contains("777") && !kept_text.contains("jan@"), "{kept_text}");
    assert!(kept_text.contains("Call •••• today") && kept_text.contains("a{color:red}"));
    let again = enforce(&[&full()], &kept, &mut |_| {}).unwrap();
    assert!(matches!(again, Cow::Borrowed(_)));
}

#[test]
fn a_show_rule_must_be_one_of_the_policy_and_still_count() {
    let policy = Policy { show: vec![".price".into()], ..strict() };
    assert_eq!(verdict(&policy, &run(&[text("12 Kč", 1)])), None);
    assert_eq!(verdict(&policy, &run(&[text("jan@example.cz", 1)])), Some("text-personal"));
    assert_eq!(verdict(&policy, &run(&[text("12 Kč", 2)])), Some("show-rule"));
    assert_eq!(verdict(&strict(), &run(&[text("12 Kč", 1)])), Some("show-rule"));
    assert_eq!(verdict(&full(), &run(&[text("12 Kč", 1)])), Some("show-rule"));
    assert_eq!(verdict_of_all(&[&policy, &strict()], &run(&[text("12 Kč", 1)])), Some("show-rule"));
    assert_eq!(verdict_of_all(&[&policy, &full()], &run(&[text("12 Kč", 1)])), None);
}

#[test]
fn the_stricter_of_two_policies_wins() {
    assert_eq!(verdict_of_all(&[&full(), &strict()], &run(&[text("Jan", 0)])), Some("text"));
    assert_eq!(verdict_of_all(&[&strict(), &full()], &run(&[text("Jan", 0)])), Some("text"));
    assert_eq!(verdict_of_all(&[], &run(&[])), Some("policy"));
}

#[test]
fn attributes_are_hidden_or_the_batch_is_refused() {
    let with = |policy: &Policy, tag: &str, name: &str, value: Value<'_>| {
        verdict(policy, &run(&[element(tag, &[(name, value)], false)]))
    };
    assert_eq!(with(&strict(), "p", "title", Value::Shown("Jan")), Some("attribute"));
    assert_eq!(with(&strict(), "p", "class", Value::Shown("lead")), None);
    assert_eq!(with(&strict(), "p", "class", Value::Shown("user-123456")), Some("attribute"));
    assert_eq!(with(&strict(), "input", "placeholder", Value::Masked(3)), None);
    assert_eq!(with(&strict(), "p", "title", Value::Masked(3)), Some("attribute"));
    assert_eq!(with(&full(), "p", "onclick", Value::Shown("x()")), Some("attribute"));
    assert_eq!(with(&full(), "input", "value", Value::Shown("Jan")), Some("attribute"));
    assert_eq!(with(&full(), "img", "src", Value::Shown("https://x.example/a.png")), Some("attribute"));
    assert_eq!(with(&full(), "a", "href", Value::Shown("https://x.example/a?b=c")), Some("attribute"));
    assert_eq!(with(&full(), "a", "href", Value::Shown("https://x.example/a")), None);
    assert_eq!(with(&balanced(), "p", "title", Value::Shown("jan@example.cz")), Some("attribute"));
    assert_eq!(with(&strict(), "p", "style", Value::Shown("background:url(x)")), Some("attribute"));
    assert_eq!(with(&strict(), "p", "a b", Value::Shown("")), Some("name"));
}

/// Markup that was never escaped, such as `Jan <jan@example.cz>`, makes an element of an address.
#[test]
fn no_tag_or_attribute_is_named_by_what_looks_personal() {
    for policy in [strict(), balanced(), full()] {
        for name in ["jan@example.cz", "novák", "data-4111111111111111", "a b", "a=b", ""] {
            let shown = [(name, Value::Shown(""))];
            let block = Op::Block { id: 1, namespace: HTML, tag: name, width: 1, height: 1 };
            assert_eq!(verdict(&policy, &run(&[element("p", &shown, false)])), Some("name"), "{name}");
            assert_eq!(verdict(&policy, &run(&[element(name, &[], false)])), Some("name"), "{name}");
            assert_eq!(verdict(&policy, &run(&[block])), Some("name"), "{name}");
            assert_eq!(verdict(&policy, &[attribute(name, "")]), Some("name"), "{name}");
            assert_eq!(verdict(&policy, &[Op::Attribute { id: 900, name, value: None }]), Some("name"), "{name}");
        }
        assert_eq!(verdict(&policy, &run(&[element("my-card2", &[], false)])), None);
    }
    assert_eq!(verdict(&full(), &[attribute("data-v-12345678", "")]), None);
}

#[test]
fn attributes_of_earlier_nodes_are_read_as_the_element_that_may_say_them() {
    assert_eq!(verdict(&strict(), &[attribute("class", "a")]), None);
    assert_eq!(verdict(&strict(), &[attribute("title", "Jan")]), Some("attribute"));
    assert_eq!(verdict(&strict(), &[attribute("value", "Jan")]), Some("attribute"));
    assert_eq!(verdict(&strict(), &[attribute("value", "3")]), None);
    assert_eq!(verdict(&full(), &[attribute("href", "https://x.example/a")]), None);
    assert_eq!(verdict(&full(), &[attribute("src", "https://x.example/a")]), Some("attribute"));
    let masked = Op::Attribute { id: 900, name: "value", value: Some(Value::Masked(3)) };
    assert_eq!(verdict(&strict(), &[masked]), None);
    let gone = |name| Op::Attribute { id: 900, name, value: None };
    assert_eq!(verdict(&strict(), &[gone("class")]), None);
    assert_eq!(verdict(&strict(), &[gone("jan-novak")]), Some("attribute"));
    assert_eq!(verdict(&full(), &[gone("onjan")]), Some("attribute"));
}

#[test]
fn style_is_hidden_and_stands_in_style_elements_alone() {
    let sheet = |text| [Op::Sheet { id: 900, text }];
    assert_eq!(verdict(&strict(), &sheet("a{color:red}")), None);
    assert_eq!(verdict(&strict(), &sheet("a::before{content:\"Jan\"}")), Some("style"));
    assert_eq!(verdict(&full(), &sheet("@import url(https://x.example/)")), Some("style"));
    let rule = |text| [Op::RuleInsert { sheet: SheetRef::Owner(900), path: &[0], text }];
    assert_eq!(verdict(&full(), &rule("a{background:url(https://x.example/)}")), Some("style"));
    assert_eq!(verdict(&full(), &[Op::AdoptedSheet { sheet: 1, text: "a{b:url(x)}" }]), Some("style"));
    let css = Op::Css { text: "a{}" };
    assert_eq!(verdict(&full(), &run(&[element("div", &[], true), css.clone(), Op::End])), Some("style-place"));
    assert_eq!(verdict(&full(), &run(&[element("style", &[], true), css, Op::End])), None);
    let words = run(&[element("style", &[], true), text("@import 'https://x.example/'", 0), Op::End]);
    assert_eq!(verdict(&full(), &words), Some("style-place"));
}

#[test]
fn addresses_and_titles_are_reduced() {
    let page = |url, title| [Op::Page { url, title }];
    assert_eq!(verdict(&strict(), &page("https://x.example/:any", Value::Masked(4))), None);
    assert_eq!(verdict(&strict(), &page("https://x.example/orders", Value::Masked(4))), Some("address"));
    assert_eq!(verdict(&strict(), &page("https://x.example/:any", Value::Shown("Jan"))), Some("title"));
    assert_eq!(
        verdict(&balanced(), &page("https://x.example/", Value::Shown("jan@example.cz"))),
        Some("title-personal")
    );
    let masked = Policy { urls: UrlMode::Path, ..strict() };
    assert_eq!(verdict(&masked, &page("https://x.example/a", Value::Shown("Jan"))), Some("title"));
    assert_eq!(verdict(&full(), &page("https://x.example/a?token=1", Value::Masked(0))), Some("address"));
    let snapshot = Op::Snapshot { id: 1, width: 1, height: 1, url: "https://x.example/a#b", title: Value::Masked(0) };
    assert_eq!(verdict(&full(), &[snapshot, Op::End]), Some("address"));
}

#[test]
fn pages_that_are_not_recorded_have_no_address() {
    let page = |url| [Op::Page { url, title: Value::Masked(0) }];
    let snapshot = |url| [Op::Snapshot { id: 1, width: 9, height: 9, url, title: Value::Masked(0) }, Op::End];
    let account = "https://a.example/account/orders";
    let skips = Policy { skip_urls: vec!["/account/*".to_owned()], ..full() };
    assert_eq!(verdict(&skips, &page(account)), Some("skipped"));
    assert_eq!(verdict(&skips, &snapshot(account)), Some("skipped"));
    assert_eq!(verdict(&skips, &page("https://a.example/help")), None);
    let only = Policy { only_urls: vec!["/help".to_owned()], ..full() };
    assert_eq!(verdict(&only, &snapshot(account)), Some("skipped"));
    assert_eq!(verdict(&only, &snapshot("https://a.example/help/")), None);
    // Either of two policies is enough.
    assert_eq!(verdict_of_all(&[&full(), &skips], &page(account)), Some("skipped"));
    assert_eq!(verdict_of_all(&[&skips, &full()], &page(account)), Some("skipped"));
    assert_eq!(verdict_of_all(&[&skips, &only], &page("https://a.example/")), Some("skipped"));
}

#[test]
fn form_state_is_told_as_far_as_the_policy_says() {
    assert_eq!(verdict(&strict(), &[input(Value::Masked(3))]), Some("forms"));
    assert_eq!(verdict(&balanced(), &[input(Value::Masked(3))]), None);
    assert_eq!(verdict(&balanced(), &[input(Value::Masked(4))]), Some("input-length"));
    assert_eq!(verdict(&balanced(), &[input(Value::Shown("J"))]), Some("forms"));
    assert_eq!(verdict(&balanced(), &[input(Value::Shown(""))]), None);
    let checked = Op::Input { id: 1, value: None, checked: Some(true), by_visitor: true };
    assert_eq!(verdict(&balanced(), std::slice::from_ref(&checked)), Some("forms"));
    assert_eq!(verdict(&full(), &[checked]), None);
    let record = Policy { forms: FormMode::Record, ..balanced() };
    assert_eq!(verdict(&record, &[input(Value::Shown("Jan"))]), None);
    assert_eq!(verdict(&record, &[input(Value::Shown("4111 1111 1111 1111"))]), Some("input-personal"));
}

#[test]
fn a_secret_field_tells_nothing_and_stays_secret() {
    let typed = |attributes| {
        let mut ops = run(&[element("input", attributes, false)]);
        ops.push(input(Value::Shown("x")));
        verdict(&full(), &ops)
    };
    assert_eq!(typed(&[("type", Value::Shown("text")), ("name", Value::Shown("city"))]), None);
    assert_eq!(typed(&[("type", Value::Shown("Password"))]), Some("secret-field"));
    assert_eq!(typed(&[("name", Value::Shown("cardNumber"))]), Some("secret-field"));
    assert_eq!(typed(&[("placeholder", Value::Shown("Rodné číslo"))]), Some("secret-field"));
    let mut ops = run(&[element("input", &[("type", Value::Shown("password"))], false)]);
    ops.push(Op::Attribute { id: 1, name: "type", value: Some(Value::Shown("text")) });
    ops.push(input(Value::Masked(3)));
    assert_eq!(verdict(&full(), &ops), Some("secret-field"));
    let earlier = Op::Attribute { id: 1, name: "type", value: Some(Value::Shown("password")) };
    assert_eq!(verdict(&full(), &[earlier, input(Value::Masked(3))]), Some("secret-field"));
}

#[test]
fn choices_and_text_areas_hold_no_words_unless_forms_are_recorded() {
    for tag in ["option", "optgroup", "select", "datalist"] {
        let choice = run(&[element(tag, &[], true), text("Czechia", 0), Op::End]);
        assert_eq!(verdict(&balanced(), &choice), Some("form-text"), "{tag}");
        assert_eq!(verdict(&full(), &choice), None, "{tag}");
    }
    assert_eq!(verdict(&full(), &run(&[element("textarea", &[], true), text("Dear", 0), Op::End])), Some("form-text"));
}

#[test]
fn what_runs_or_loads_has_no_place() {
    for tag in ["script", "SCRIPT", "object", "embed", "applet", "base", "portal", "frame", "frameset"] {
        assert_eq!(verdict(&full(), &run(&[element(tag, &[], false)])), Some("tag"), "{tag}");
        let block = Op::Block { id: 1, namespace: HTML, tag, width: 1, height: 1 };
        assert_eq!(verdict(&full(), &run(&[block])), Some("tag"), "{tag}");
    }
    assert_eq!(verdict(&full(), &run(&[element("a b", &[], false)])), Some("name"));
}

#[test]
fn document_types_and_texts_have_bounds() {
    let doctype = |public| Op::Doctype { id: 1, name: "html", public, system: "" };
    assert_eq!(verdict(&strict(), &run(&[doctype("-//W3C//DTD XHTML 1.0 Strict//EN")])), None);
    assert_eq!(verdict(&strict(), &run(&[doctype("jan@example.cz")])), Some("doctype"));
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(verdict(&full(), &run(&[text(&long, 0)])), Some("text-size"));
}

#[test]
fn a_refusal_names_the_rule_and_the_node_and_no_value() {
    let refusal = enforce(&[&strict()], &body(&run(&[text("Jan Novák", 0)])), &mut |_| {}).unwrap_err();
    assert_eq!(refusal, Refusal::Broken { rule: "text", node: Some(1), place: Place::default() });
    assert!(!refusal.to_string().contains("Jan"));
    assert!(matches!(enforce(&[&strict()], b"", &mut |_| {}), Err(Refusal::Malformed(_))));
}

#[test]
fn a_refusal_says_where_on_the_page_in_tags_that_nobody_made_up() {
    let ops = [
        Op::Snapshot { id: 1, width: 9, height: 9, url: "https://shop.example/:any", title: Value::Masked(0) },
        element("main", &[], true),
        element("jana-novak", &[], true),
        element("p", &[], false),
        element("p", &[], true),
        text("Jan Nov\u{e1}k", 0),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
    ];
    let Err(Refusal::Broken { rule, place, .. }) = enforce(&[&strict()], &body(&ops), &mut |_| {}) else { panic!() };
    assert_eq!((rule, place.page.as_str()), ("text", "https://shop.example/:any"));
    assert_eq!(place.selector, "main:nth-of-type(1) > * > p:nth-of-type(2)");
}

#[test]
fn a_field_that_nobody_marked_is_no_part_of_what_is_kept() {
    let url = "https://shop.example/:any";
    let found = Op::Sensitive { kind: FindingKind::Card, selector: "form > input:nth-of-type(2)", url };
    let click = Op::Press { kind: crate::stream::Press::Click, id: 1, x: 0, y: 0 };
    let mut seen = 0;
    let sent = body(&[found.clone(), click.clone()]);
    let kept = enforce(&[&strict()], &sent, &mut |op| seen += u32::from(matches!(op, Op::Sensitive { .. }))).unwrap();
    assert_eq!((seen, &*kept), (1, &*body(&[click])));
    for (selector, url, rule) in [
        ("input[value='Jan']", url, "place"),
        ("p:nth-of-type(4242424242)", url, "place"),
        ("input", "https://shop.example/jan", "address"),
    ] {
        assert_eq!(verdict(&strict(), &[Op::Sensitive { kind: FindingKind::Card, selector, url }]), Some(rule));
    }
}
