//! Batches in, rrweb events out.

use super::*;
use crate::stream::{self, Namespace, Value};

const PAGE: PageId = PageId([1; 8]);

fn events(ops: &[Op<'_>]) -> Vec<Json> {
    let mut batch = stream::Writer::new(1, 0);
    for op in ops {
        batch.op(op);
    }
    let mut writer = Writer::new();
    let mut out = Vec::new();
    writer.batch(PAGE, Timestamp(1_000), &batch.finish(), &mut out).unwrap();
    writer.finish(&mut out);
    serde_json::from_slice(&out).unwrap()
}

fn element(tag: &'static str, open: bool) -> Op<'static> {
    Op::Element { id: 0, namespace: Namespace::Html, tag, attributes: &[], open }
}

/// Document 1, html 2, p 3, text 4, div 5.
fn page() -> Vec<Op<'static>> {
    vec![
        Op::Snapshot { id: 1, width: 800, height: 600, url: "https://a.example/", title: Value::Masked(0) },
        element("html", true),
        element("p", true),
        Op::Masked { id: 0, bucket: 3 },
        Op::End,
        element("div", false),
        Op::End,
        Op::End,
    ]
}

#[test]
fn a_page_becomes_meta_and_full_snapshot() {
    let told = events(&page());
    assert_eq!(told[0]["data"], json!({ "href": "https://a.example/", "width": 800, "height": 600 }));
    let html = &told[1]["data"]["node"]["childNodes"][0];
    assert_eq!(html["tagName"], "html");
    assert_eq!(html["childNodes"][0]["childNodes"][0]["textContent"], "██████ █");
    assert_eq!(html["childNodes"][1]["id"], 5);
    assert_eq!(told[1]["timestamp"], 1_000);
}

#[test]
fn a_moved_node_is_removed_and_added_with_all_that_it_holds() {
    let mut ops = page();
    ops.extend([Op::Time { at: 50 }, Op::Add { parent: 5, previous: None }, Op::Moved { id: 3 }, Op::End]);
    let told = events(&ops);
    let data = &told[2]["data"];
    assert_eq!(data["removes"], json!([{ "parentId": 2, "id": 3 }]));
    let added: Vec<_> =
        data["adds"].as_array().unwrap().iter().map(|add| (&add["parentId"], &add["node"]["id"])).collect();
    assert_eq!(added, [(&json!(5), &json!(3)), (&json!(3), &json!(4))]);
    assert_eq!(told[2]["timestamp"], 1_050);
}

#[test]
fn a_frame_gets_its_document_by_an_event_of_its_own() {
    let mut ops = page();
    ops.extend([
        Op::Add { parent: 2, previous: Some(5) },
        element("iframe", true),
        Op::Frame { id: 0 },
        element("html", true),
        element("body", false),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
    ]);
    let told = events(&ops);
    assert_eq!(told[2]["data"]["adds"][0]["node"]["tagName"], "iframe");
    let attached = &told[3]["data"];
    assert_eq!(attached["isAttachIframe"], true);
    assert_eq!(attached["adds"][0]["parentId"], 6);
    assert_eq!(attached["adds"][0]["node"]["childNodes"][0]["childNodes"][0]["rootId"], 7);
}

#[test]
fn what_is_in_a_shadow_root_stands_under_its_host() {
    let mut ops = page();
    ops.extend([
        Op::Add { parent: 2, previous: Some(5) },
        element("x-card", true),
        Op::Shadow { id: 0 },
        element("b", false),
        Op::End,
        element("i", false),
        Op::End,
        Op::End,
    ]);
    let told = events(&ops);
    let adds = told[2]["data"]["adds"].as_array().unwrap();
    assert_eq!(adds[0]["node"]["isShadowHost"], true);
    assert_eq!((&adds[1]["parentId"], &adds[1]["node"]["isShadow"]), (&json!(6), &json!(true)));
    assert_eq!((&adds[2]["parentId"], &adds[2]["node"]["isShadow"]), (&json!(6), &Json::Null));
}

#[test]
fn an_addition_behind_a_node_that_goes_away_comes_first() {
    let mut ops = page();
    ops.extend([
        Op::Add { parent: 2, previous: None },
        element("h1", false),
        Op::End,
        Op::Remove { id: 3 },
        Op::Attribute { id: 5, name: "class", value: Some(Value::Shown("wide")) },
    ]);
    let told = events(&ops);
    assert_eq!(told[2]["data"]["adds"][0]["nextId"], 3);
    assert_eq!(told[3]["data"]["removes"], json!([{ "parentId": 2, "id": 3 }]));
    assert_eq!(told[3]["data"]["attributes"], json!([{ "id": 5, "attributes": { "class": "wide" } }]));
}

#[test]
fn siblings_that_come_together_stand_before_a_neighbour_that_is_there() {
    let mut ops = page();
    ops.extend([Op::Add { parent: 2, previous: Some(3) }, element("h1", false), element("h2", false), Op::End]);
    let told = events(&ops);
    let adds = told[2]["data"]["adds"].as_array().unwrap();
    assert_eq!((&adds[0]["nextId"], &adds[1]["nextId"]), (&json!(5), &json!(5)));
}

#[test]
fn nothing_that_loads_or_runs_leaves_the_writer() {
    let attributes = [
        ("onerror", Value::Shown("alert(1)")),
        ("src", Value::Shown("https://evil.example/beacon.png")),
        ("srcdoc", Value::Shown("<script>")),
        ("class", Value::Shown("kept")),
    ];
    let mut ops = page();
    ops.extend([
        Op::Add { parent: 2, previous: None },
        Op::Element { id: 0, namespace: Namespace::Html, tag: "img", attributes: &attributes, open: false },
        element("SCRIPT", false),
        Op::End,
        Op::Attribute { id: 6, name: "ONLOAD", value: Some(Value::Shown("alert(1)")) },
    ]);
    let told = events(&ops);
    let text = serde_json::to_string(&told[2..]).unwrap();
    assert!(text.contains("kept"));
    for hostile in ["evil.example", "alert", "srcdoc", "SCRIPT"] {
        assert!(!text.contains(hostile), "{hostile} in {text}");
    }
}

#[test]
fn moves_are_gathered_and_other_events_keep_their_order() {
    let mut ops = page();
    ops.extend([
        Op::Time { at: 100 },
        Op::Move { at: 0, id: 3, x: 1, y: 2, touch: false },
        Op::Time { at: 150 },
        Op::Move { at: 0, id: 3, x: 3, y: 4, touch: false },
        Op::Time { at: 160 },
        Op::Press { kind: Press::Click, id: 3, x: 3, y: 4 },
    ]);
    let told = events(&ops);
    assert_eq!(told[2]["timestamp"], 1_150);
    assert_eq!(told[2]["data"]["positions"][0]["timeOffset"], -50);
    assert_eq!((&told[3]["data"]["type"], &told[3]["timestamp"]), (&json!(2), &json!(1_160)));
}
