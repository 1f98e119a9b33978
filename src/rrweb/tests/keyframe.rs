//! A recording that is played from a keyframe is the recording that is played from its start.

use super::*;
use crate::mirror::{Keyframe, Pointer};

/// What a player gets of these batches: one list of events a batch.
fn told(batches: &[Vec<u8>]) -> (Vec<Vec<Json>>, Writer) {
    let mut writer = Writer::new();
    let mut lists = Vec::new();
    for body in batches {
        let mut out = vec![];
        writer.batch(PAGE, Timestamp(1_000), body, &mut out).unwrap();
        lists.push(read(&out));
    }
    (lists, writer)
}

/// Events that were written to the middle of an array.
fn read(out: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(out).unwrap().trim_start_matches(['[', ',']);
    serde_json::from_str(&format!("[{text}]")).unwrap()
}

/// The events from the keyframe on: those of the keyframe, and those that follow.
fn told_from(keyframe: &Keyframe, at: i64, batches: &[Vec<u8>]) -> (Vec<Json>, Vec<Json>, Writer) {
    let (mut writer, mut first, mut rest) = (Writer::new(), Vec::new(), Vec::new());
    writer.begin_at(PAGE, Timestamp(at), keyframe, &mut first).unwrap();
    for body in batches {
        writer.batch(PAGE, Timestamp(1_000), body, &mut rest).unwrap();
    }
    (read(&first), read(&rest), writer)
}

/// A mirror as bytes, to be compared.
fn bytes(mirror: &Mirror) -> Vec<u8> {
    mirror.keyframe(0, None).unwrap().to_bytes()
}

fn check(batches: &[Vec<u8>]) {
    let (lists, whole) = told(batches);
    for cut in 1..=batches.len() {
        let (before, at_cut) = told(&batches[..cut]);
        let last = before.iter().flatten().filter_map(|event| event["timestamp"].as_i64()).max().unwrap();
        let keyframe = at_cut.mirror().keyframe(0, None).unwrap();
        let kept = Keyframe::from_bytes(&keyframe.to_bytes()).unwrap();
        assert_eq!(kept, keyframe);
        let (first, rest, from_there) = told_from(&kept, last, &batches[cut..]);
        assert_eq!((&first[0]["type"], &first[0]["data"]["keyframe"]), (&json!(4), &json!(true)));
        assert_eq!(first[1]["type"], 2);
        assert_eq!(first.last().unwrap()["data"]["tag"], "hushreel.keyframe");
        assert!(first.iter().all(|event| event["timestamp"] == last), "a keyframe has one time");
        assert_eq!(rest, lists[cut..].concat(), "behind batch {cut}");
        assert_eq!(bytes(from_there.mirror()), bytes(whole.mirror()));
    }
}

#[test]
fn all_that_ops_can_do_to_a_page_is_in_its_keyframe() {
    let first = page();
    let fields = [
        Op::Add { parent: 4, previous: None },
        element("dialog", &[("open", Value::Shown(""))], false),
        element("input", &[], false),
        element("select", &[], true),
        element("option", &[], false),
        Op::End,
        element("video", &[], false),
        element("canvas", &[], false),
        element("iframe", &[], true),
        Op::Frame { id: 0 },
        element("html", &[], false),
        Op::End,
        Op::End,
        Op::Block { id: 0, namespace: HTML, tag: "img", width: 30, height: 20 },
        Op::Comment { id: 0 },
        Op::Doctype { id: 0, name: "html", public: "", system: "" },
        Op::End,
    ];
    let state = [
        Op::AdoptedSheet { sheet: 4, text: "a{}b{}" },
        Op::AdoptedSheet { sheet: 6, text: "never adopted{}" },
        Op::Adopt { root: 8, sheets: &[4] },
        Op::Adopt { root: 1, sheets: &[4] },
        Op::RuleInsert { sheet: SheetRef::Adopted(4), path: &[1], text: "c{}" },
        Op::RuleInsert { sheet: SheetRef::Owner(3), path: &[0], text: "d{}" },
        Op::Scroll { id: 1, x: 0, y: 400 },
        Op::Scroll { id: 4, x: 3, y: 4 },
        Op::Input { id: 11, value: Some(Value::Shown("x")), checked: Some(true), by_visitor: true },
        Op::Mixed { id: 11, on: true },
        Op::Chosen { id: 12, places: &[0] },
        Op::Media { id: 14, kind: crate::stream::Play::Play, ms: 5, volume: 50, rate: 100, muted: true },
        Op::Canvas { id: 15, picture: "data:image/png;base64,AA" },
        Op::Layer { id: 10, layer: Some(crate::stream::Layer::Modal) },
        Op::Focus { id: 11 },
        Op::Ring { id: 11 },
        Op::Zoom { scale: 200, left: 1, top: 2, width: 3, height: 4 },
        Op::Page { url: "https://x.example/b", title: Value::Shown("B") },
        Op::Viewport { width: 700, height: 500 },
        Op::Remove { id: 5 },
    ];
    let later = [
        Op::Time { at: 90 },
        Op::RuleDelete { sheet: SheetRef::Adopted(4), path: &[0] },
        Op::Adopt { root: 8, sheets: &[6, 4] },
        Op::Blur { id: 11 },
        Op::Layer { id: 10, layer: None },
        Op::Add { parent: 4, previous: Some(10) },
        Op::Moved { id: 7 },
        Op::End,
    ];
    check(&[batch(1, &first), batch(10, &fields), batch(22, &state), batch(22, &later)]);
    let (_, writer) = told(&[batch(1, &first), batch(10, &fields), batch(22, &state)]);
    let pointer = Pointer { id: 4, x: 9, y: 8, touch: false };
    let keyframe = writer.mirror().keyframe(0, Some(pointer)).unwrap();
    let (first, ..) = told_from(&keyframe, 1_000, &[]);
    let told = data(&first);
    for wanted in [
        json!({"tag":"hushreel.ring","payload":{"id":11}}),
        json!({"tag":"hushreel.zoom","payload":{"scale":2,"left":1,"top":2,"width":3,"height":4}}),
        json!({"tag":"hushreel.layer","payload":{"id":10,"layer":"modal"}}),
        json!({"source":1,"positions":[{"x":9,"y":8,"id":4,"timeOffset":0}]}),
        json!({"source":3,"id":1,"x":0,"y":400}),
    ] {
        assert!(told.contains(&wanted), "{wanted} is missing in {told:?}");
    }
}

#[test]
fn the_page_of_the_fixtures_survives_its_keyframe() {
    let body = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stream/every-op.batch")).unwrap();
    let body = stream::split(&body).map(|(_, body)| body.to_vec()).unwrap_or(body);
    check(&[body]);
}

proptest! {
    #[test]
    fn any_ops_survive_any_keyframe(first in steps(), second in steps(), third in steps()) {
        let mut next = 3;
        let mut batches = vec![batch(1, &[SNAPSHOT, element("html", &[], true), Op::End, Op::End])];
        for steps in [first, second, third] {
            let mut writer = stream::Writer::new(next, 0);
            tell(&steps, &mut next, &mut |op| _ = writer.op(op));
            batches.push(writer.finish());
        }
        check(&batches);
    }
}
