use super::*;
use crate::mirror::{Content, Held, Mirror};
use crate::policy::Preset;
use crate::stream::{Op, Reader};
use serde_json::{Value as Any, json};

const START: i64 = 1_700_000_000_000;

fn meta(href: &str) -> Any {
    json!({ "type": 4, "timestamp": START, "data": { "href": href, "width": 800, "height": 600 } })
}

fn later(ms: i64, mut event: Any) -> Any {
    event["timestamp"] = json!(event["timestamp"].as_i64().unwrap() + ms);
    event
}

fn text(id: u32, text: &str) -> Any {
    json!({ "type": 3, "id": id, "textContent": text })
}

fn element(id: u32, tag: &str, attributes: Any, children: &[Any]) -> Any {
    json!({ "type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": children })
}

fn snapshot(body: &[Any]) -> Any {
    let title = element(4, "title", json!({}), &[text(5, "A title")]);
    let html =
        element(2, "html", json!({}), &[element(3, "head", json!({}), &[title]), element(6, "body", json!({}), body)]);
    json!({ "type": 2, "timestamp": START + 1, "data": { "node": { "type": 0, "id": 1, "childNodes": [html] },
            "initialOffset": { "left": 0, "top": 0 } } })
}

fn change(ms: i64, mut data: Any) -> Any {
    for list in ["adds", "removes", "texts", "attributes"] {
        if data.get(list).is_none() && data.get("source").is_none_or(|source| source == 0) {
            data[list] = json!([]);
        }
    }
    if data.get("source").is_none() {
        data["source"] = json!(0);
    }
    json!({ "type": 3, "timestamp": START + ms, "data": data })
}

fn take(policy: &Policy, bytes: &[u8]) -> Result<Vec<Imported>, Wrong> {
    let mut importer = Importer::new(policy);
    for piece in bytes.chunks(1_000) {
        importer.feed(piece)?;
    }
    importer.finish()
}

fn import(preset: Preset, events: &[Any]) -> Imported {
    let bytes = serde_json::to_vec(events).unwrap();
    let mut all = take(&Policy::preset(preset), &bytes).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn mirror(imported: &Imported) -> Mirror {
    let mut mirror = Mirror::default();
    for (_, body) in imported.bodies().unwrap() {
        let mut reader = Reader::new(&body).unwrap();
        while let Some(op) = reader.next().unwrap() {
            let before = mirror.ignored();
            mirror.apply(&op);
            assert_eq!(mirror.ignored(), before, "{op:?} is about what is there");
        }
    }
    mirror
}

/// The page as markup, with `█` for what is masked.
fn markup(imported: &Imported) -> String {
    fn write(mirror: &Mirror, id: crate::model::NodeId, out: &mut String) {
        let held = |held: &Held| match held {
            Held::Shown(text) => text.to_string(),
            Held::Masked(bucket) => format!("█{bucket}"),
        };
        match &mirror.node(id).unwrap().content {
            Content::Element(element) => {
                out.push_str(&format!("<{}", element.tag));
                for (name, value) in &element.attributes {
                    out.push_str(&format!(" {name}={}", held(value)));
                }
                out.push('>');
                if let Some(value) = element.input.as_ref().and_then(|input| input.value.as_ref()) {
                    out.push_str(&format!("[{}]", held(value)));
                }
                if let Some(css) = &element.css {
                    out.push_str(&css.text());
                }
                if let Some(shadow) = element.shadow {
                    out.push('#');
                    mirror.children(shadow).for_each(|(child, _)| write(mirror, child, out));
                    out.push('#');
                }
                if let Some(frame) = element.frame {
                    mirror.children(frame).for_each(|(child, _)| write(mirror, child, out));
                }
                mirror.children(id).for_each(|(child, _)| write(mirror, child, out));
                out.push_str("</>");
            }
            Content::Text(text) => out.push_str(&held(text)),
            Content::Comment => out.push_str("<!>"),
            Content::Document { .. } | Content::Shadow { .. } => {
                mirror.children(id).for_each(|(child, _)| write(mirror, child, out));
            }
            Content::Doctype { .. } => {}
        }
    }
    let mirror = mirror(imported);
    let mut out = String::new();
    write(&mirror, mirror.root().unwrap(), &mut out);
    out.split_once("<body>").map(|(_, body)| body.strip_suffix("</></>").unwrap_or(body).to_owned()).unwrap_or(out)
}

#[test]
fn a_page_and_its_changes_are_told_as_they_were() {
    let page = [
        element(10, "p", json!({ "class": "lead" }), &[text(11, "one")]),
        element(12, "div", json!({ "style": "color: red; top: 1px" }), &[]),
        element(
            13,
            "my-card",
            json!({}),
            &[text(14, "light"), json!({ "type": 3, "id": 15, "textContent": "dark", "isShadow": true })],
        ),
        element(16, "style", json!({ "_cssText": "p { color: red; }" }), &[text(17, "")]),
        element(18, "iframe", json!({ "src": "https://other.example/" }), &[]),
    ];
    let frame = json!({ "type": 0, "id": 30, "childNodes": [element(31, "html", json!({}), &[text(32, "framed")])] });
    let events = [
        meta("https://shop.example/a?token=1"),
        snapshot(&page),
        // Told in an order in which each waits for the one after it.
        change(
            10,
            json!({ "adds": [
            { "parentId": 20, "nextId": null, "node": text(21, "in b") },
            { "parentId": 6, "nextId": 22, "node": element(20, "b", json!({}), &[]) },
            { "parentId": 6, "nextId": 12, "node": element(22, "i", json!({}), &[]) },
        ] }),
        ),
        change(20, json!({ "adds": [{ "parentId": 18, "nextId": null, "node": frame }] })),
        change(
            30,
            json!({ "texts": [{ "id": 11, "value": "two" }, { "id": 17, "value": "p { color: blue; }" }],
            "attributes": [{ "id": 12, "attributes": { "style": { "top": "2px", "left": ["3px", "important"] }, "title": "t" } },
                           { "id": 10, "attributes": { "class": null } }] }),
        ),
        // A move: the same number again.
        change(40, json!({ "adds": [{ "parentId": 12, "nextId": null, "node": element(10, "p", json!({}), &[]) }] })),
        change(50, json!({ "removes": [{ "parentId": 6, "id": 22 }] })),
    ];
    assert_eq!(
        markup(&import(Preset::Full, &events)),
        "<b>in b</><div style=color: red; left: 3px !important; top: 2px; title=t><p>two</></>\
         <my-card>#dark#light</><style>p { color: blue; }</><iframe><html>framed</></>"
    );
}

#[test]
fn what_looks_personal_runs_or_loads_is_left_out_under_every_policy() {
    let page = [
        text(10, "Card 4111 1111 1111 1111, write to jane.roe@mail.example"),
        element(11, "script", json!({ "src": "https://evil.example/x.js" }), &[text(12, "steal()")]),
        element(
            13,
            "img",
            json!({ "src": "https://pixel.example/p.gif", "onerror": "steal()", "width": "5", "height": "6" }),
            &[],
        ),
        element(14, "input", json!({ "type": "password", "value": "hunter2" }), &[]),
        element(15, "input", json!({ "autocomplete": "cc-number", "value": "4111111111111111" }), &[]),
        element(16, "a", json!({ "href": "javascript:steal()", "onclick": "steal()" }), &[text(17, "go")]),
        element(18, "style", json!({ "_cssText": "p{background:url(https://pixel.example/q)}" }), &[]),
        element(19, "iframe", json!({ "srcdoc": "<script>steal()</script>" }), &[]),
        element(20, "div", json!({ "class": "ph-no-capture" }), &[text(21, "unseen words")]),
        element(22, "p", json!({ "data-private": "" }), &[text(23, "private words")]),
        element(24, "object", json!({ "data": "https://evil.example/" }), &[]),
    ];
    let events = [
        meta("https://shop.example/u/jane.roe@mail.example?token=secret1"),
        snapshot(&page),
        change(10, json!({ "source": 5, "id": 14, "text": "hunter3", "isChecked": false })),
        change(20, json!({ "source": 5, "id": 15, "text": "4111111111111112", "isChecked": false })),
        change(
            30,
            json!({ "attributes": [{ "id": 16, "attributes": { "href": "https://link.example/?token=secret1", "onclick": "steal()" } }] }),
        ),
        change(
            40,
            json!({ "adds": [{ "parentId": 6, "nextId": null, "node": element(40, "script", json!({}), &[text(41, "steal()")]) }] }),
        ),
    ];
    for preset in [Preset::Strict, Preset::Balanced, Preset::Full] {
        let mut imported = import(preset, &events);
        keep::audit(&mut imported, &Policy::preset(preset)).unwrap();
        let all: Vec<u8> = imported.bodies().unwrap().into_iter().flat_map(|(_, body)| body).collect();
        let told = String::from_utf8_lossy(&all);
        for planted in [
            "4111",
            "jane.roe",
            "steal",
            "evil.example",
            "pixel.example",
            "hunter",
            "secret1",
            "javascript:s",
            "unseen words",
            "private words",
            "onerror",
            "onclick",
        ] {
            assert!(!told.contains(planted), "{planted} under {preset:?}");
        }
        assert!(preset != Preset::Full || told.contains("width='5'"), "an image keeps its room");
    }
}

#[test]
fn under_a_mask_words_become_buckets() {
    let page = [element(
        10,
        "p",
        json!({ "title": "words", "alt": "seen words" }),
        &[text(11, "some words"), text(12, " \n")],
    )];
    let imported = import(Preset::Strict, &[meta("https://shop.example/"), snapshot(&page)]);
    assert_eq!(markup(&imported), "<p alt=█4>█4 </>");
}

#[test]
fn the_pointer_goes_its_way_in_time_and_what_happened_is_kept() {
    let page = [
        element(10, "button", json!({}), &[]),
        element(11, "input", json!({ "type": "text", "name": "q", "value": "a" }), &[]),
    ];
    let way = json!({ "source": 1, "positions": [
        { "x": 1, "y": 2, "id": 10, "timeOffset": -400 }, { "x": 3, "y": 4, "id": 99, "timeOffset": -100 },
    ] });
    let events = [
        meta("https://shop.example/"),
        snapshot(&page),
        change(300, json!({ "source": 2, "type": 2, "id": 10, "x": 5, "y": 6 })),
        change(500, way),
        change(600, json!({ "source": 5, "id": 11, "text": "abc", "isChecked": false, "userTriggered": true })),
        change(700, json!({ "source": 3, "id": 1, "x": 0, "y": 90 })),
        change(800, json!({ "source": 4, "width": 400, "height": 300 })),
        change(900, json!({ "source": 9, "id": 1, "commands": [] })),
        json!({ "type": 5, "timestamp": START + 950, "data": { "tag": "$pageview", "payload": { "href": "https://shop.example/b" } } }),
        json!({ "type": 6, "timestamp": START + 960, "data": { "plugin": "rrweb/console@1", "payload": {} } }),
    ];
    let imported = import(Preset::Full, &events);
    let mut happened = Vec::new();
    let mut now = 0;
    for (_, body) in imported.bodies().unwrap() {
        let mut reader = Reader::new(&body).unwrap();
        while let Some(op) = reader.next().unwrap() {
            match op {
                Op::Time { at } => now = at,
                Op::Move { x, .. } => happened.push(format!("{now} move {x}")),
                Op::Press { x, .. } => happened.push(format!("{now} press {x}")),
                Op::Input { value: Some(crate::stream::Value::Shown(value)), by_visitor, .. } => {
                    happened.push(format!("{now} input {value} {by_visitor}"));
                }
                Op::Scroll { y, .. } => happened.push(format!("{now} scroll {y}")),
                Op::Viewport { width, .. } => happened.push(format!("{now} viewport {width}")),
                Op::Page { url, .. } => happened.push(format!("{now} page {url}")),
                Op::Finish => happened.push(format!("{now} finish")),
                _ => {}
            }
        }
    }
    assert_eq!(
        happened,
        [
            "0 input a false",
            "99 move 1",
            "299 press 5",
            "399 move 3",
            "599 input abc true",
            "699 scroll 90",
            "799 viewport 400",
            "949 page https://shop.example/b",
            "949 finish",
        ]
    );
}

#[test]
fn windows_become_recordings_and_pages_pages() {
    let line = |window: &str, events: &[Any]| format!("{{\"window_id\":\"{window}\",\"data\":{}}}\n", json!(events));
    let first = [meta("https://shop.example/"), snapshot(&[])];
    let next = [later(9, meta("https://shop.example/b")), later(9, snapshot(&[]))];
    // Nothing of the last is a whole page.
    let lines = [line("a", &first), line("b", &first), line("a", &next), line("c", &first[..1])].concat();
    let all = take(&Policy::preset(Preset::Full), lines.as_bytes()).unwrap();
    assert_eq!(all.iter().map(|one| one.pages.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_page_that_the_policy_leaves_out_is_left_out() {
    let policy = Policy { skip_urls: vec!["/private/*".to_owned()], ..Policy::preset(Preset::Full) };
    let there = [
        meta("https://shop.example/private/x"),
        snapshot(&[text(10, "hidden page")]),
        later(9, meta("https://shop.example/")),
        later(9, snapshot(&[])),
    ];
    let all = take(&policy, &serde_json::to_vec(&there).unwrap()).unwrap();
    let bodies = all[0].bodies().unwrap();
    assert!(!bodies.iter().any(|(_, body)| String::from_utf8_lossy(body).contains("hidden page")));
    let wrong = take(&policy, &serde_json::to_vec(&there[..2]).unwrap()).unwrap_err();
    assert!(wrong.what.contains("no whole page"));
}

#[test]
fn numbers_that_lead_nowhere_and_circles_change_nothing() {
    let page = [element(10, "div", json!({}), &[element(11, "p", json!({}), &[])])];
    let plain = [meta("https://shop.example/"), snapshot(&page)];
    let add =
        |parent: i64, next: Any, node: Any| json!({ "adds": [{ "parentId": parent, "nextId": next, "node": node }] });
    let mut events = plain.to_vec();
    for (at, data) in [
        add(99, Any::Null, text(50, "nowhere")),
        add(98, json!(97), element(97, "p", json!({}), &[])),
        // Two that wait for each other.
        json!({ "adds": [{ "parentId": 61, "nextId": null, "node": element(60, "p", json!({}), &[]) },
                         { "parentId": 60, "nextId": null, "node": element(61, "p", json!({}), &[]) }] }),
        json!({ "removes": [{ "parentId": 6, "id": 99 }, { "id": "x" }, 5], "texts": [{ "id": 99, "value": "x" }, { "id": 10 }],
                "attributes": [{ "id": 99, "attributes": { "a": "b" } }, { "id": 10, "attributes": 7 }] }),
        json!({ "source": 3, "id": 99, "x": 1e300, "y": -5 }),
        json!({ "source": 2, "type": 2, "id": 99 }),
        json!({ "source": 8, "id": 10, "adds": [{ "rule": "p{}", "index": -1 }] }),
        json!({ "source": 15, "id": 99, "styleIds": [1] }),
        json!({ "source": 77 }),
    ]
    .into_iter()
    .enumerate()
    {
        events.push(change(at as i64 + 10, data));
    }
    assert_eq!(markup(&import(Preset::Full, &events)), markup(&import(Preset::Full, &plain)));
    // What is put below itself is gone, as in a browser that refuses it.
    events.push(change(100, add(11, Any::Null, element(10, "div", json!({}), &[]))));
    assert_eq!(markup(&import(Preset::Full, &events)), "");
}

#[test]
fn deep_pages_are_told_as_deep_as_the_grammar_goes() {
    let mut deep = element(5_000, "p", json!({}), &[]);
    for id in (10..900).rev() {
        deep = json!({ "type": 2, "id": id, "tagName": "div", "attributes": {}, "childNodes": [deep] });
    }
    let imported = import(Preset::Full, &[meta("https://shop.example/"), snapshot(&[deep])]);
    let depth = markup(&imported).matches("<div>").count();
    assert!((470..=480).contains(&depth), "{depth}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let policy = Policy::preset(Preset::Full);
    let wrong = |text: &str| match Error::from(take(&policy, text.as_bytes()).unwrap_err()) {
        Error::Unimportable(what) => what,
        other => panic!("{other}"),
    };
    for (text, what) in [
        ("", "it holds no events"),
        ("<html>", "this is no JSON (byte 0)"),
        ("[1,2]", "it holds no events"),
        (r#"[{"type":4,"data":{}}]"#, "it has no timestamp (event 1, byte 1)"),
        (r#"[{"data":{},"timestamp":1700000000000}]"#, "it has no type"),
        (r#"[{"type":4,"timestamp":1700000000000}]"#, "it has no data (event 1"),
        (r#"[{"type":4,"data":{},"timestamp":17}]"#, "not in milliseconds since 1970"),
        (r#"[{"type":2,"data":{},"timestamp":1700000000000}]"#, "its snapshot has no node (event 1, byte 1)"),
        (r#"[{"type":2,"data":{"node":{"type":0}},"timestamp":1700000000000}]"#, "no document with a number"),
        (
            r#"[{"type":4,"data":{},"timestamp":1700000000000},{"type":3 "x":1}]"#,
            "a comma or a closing bracket is missing (event 2, byte 58)",
        ),
        (r#"[{"type":4,"data":{},"timestamp":1700000000000}"#, "the file ends too early (byte 47)"),
        (r#"[{"type":4,"data":{"href":"x"},"timestamp":1700000000000}]"#, "no whole page"),
    ] {
        assert!(wrong(text).contains(what), "{text}: {}", wrong(text));
    }
    assert!(take(&policy, b"[{\"a\":\"\xff\"}]").unwrap_err().what.contains("UTF-8"));
    let mut importer = Importer::new(&policy);
    let spaces = vec![b' '; 1 << 20];
    let large = (0..=FILE_BYTES_MAX >> 20).find_map(|_| importer.feed(&spaces).err()).unwrap();
    assert!(large.is_large());
}

/// `HUSHREEL_IMPORT=FILE` of a recording a line: each is taken in, passes the door and the auditor, and its page has as many nodes as it
/// was told.
#[test]
fn recordings_of_real_pages_are_taken_in_whole() {
    let Ok(path) = std::env::var("HUSHREEL_IMPORT") else { return };
    let file = std::fs::read_to_string(path).unwrap();
    for line in file.lines() {
        for preset in [Preset::Strict, Preset::Full] {
            let begun = std::time::Instant::now();
            let mut imported = take(&Policy::preset(preset), line.as_bytes()).unwrap().remove(0);
            let took = begun.elapsed();
            let out = keep::audit(&mut imported, &Policy::preset(preset)).unwrap();
            let nodes = mirror(&imported).len();
            let packed: usize = imported.bodies().unwrap().iter().map(|(_, body)| body.len()).sum();
            println!("{preset:?}: {} kB, {took:?}, {nodes} nodes, {packed} bytes, {out} taken out", line.len() / 1000);
        }
    }
}
