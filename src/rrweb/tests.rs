mod keyframe;
mod note;
mod state;

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::mirror::tests::{steps, tell};
use crate::mirror::{Content, Mirror};
use crate::model::{NodeId, PageId, Timestamp};
use crate::stream::{self, Namespace, Op, Press, SheetRef, Value};

const PAGE: PageId = PageId([7; 8]);
const HTML: Namespace = Namespace::Html;
const SNAPSHOT: Op<'static> =
    Op::Snapshot { id: 1, width: 800, height: 600, url: "https://x.example/", title: Value::Shown("Shop") };

fn batch(first: NodeId, ops: &[Op<'_>]) -> Vec<u8> {
    let mut writer = stream::Writer::new(first, 0);
    for op in ops {
        writer.op(op);
    }
    writer.finish()
}

/// The events of these batches, each the ops and the number of its first new node.
fn events(batches: &[(NodeId, &[Op<'_>])]) -> Vec<Json> {
    let (mut writer, mut out) = (Writer::new(), Vec::new());
    for (first, ops) in batches {
        writer.batch(PAGE, Timestamp(1_000), &batch(*first, ops), &mut out).unwrap();
    }
    writer.finish(&mut out);
    serde_json::from_slice(&out).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)))
}

fn element<'a>(tag: &'a str, attributes: &'a [(&'a str, Value<'a>)], open: bool) -> Op<'a> {
    Op::Element { id: 0, namespace: HTML, tag, attributes, open }
}

fn text(text: &str) -> Op<'_> {
    Op::Text { id: 0, text, rule: 0 }
}

/// A page: html 2, style 3, body 4, paragraph 5 with text 6, host 7 with shadow root 8 and text 9.
fn page() -> Vec<Op<'static>> {
    vec![
        SNAPSHOT,
        element("html", &[("lang", Value::Shown("cs"))], true),
        element("style", &[], true),
        Op::Css { text: "a{b:c}" },
        Op::End,
        element("body", &[], true),
        element("p", &[("title", Value::Masked(2))], true),
        text("Ahoj"),
        Op::End,
        element("x-card", &[], true),
        Op::Shadow { id: 0 },
        Op::Masked { id: 0, bucket: 5 },
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::End,
    ]
}

fn after_page(ops: &[Op<'_>]) -> Vec<Json> {
    events(&[(1, &page()), (10, ops)]).split_off(3)
}

fn data(events: &[Json]) -> Vec<Json> {
    events.iter().map(|event| event["data"].clone()).collect()
}

#[test]
fn an_empty_recording_is_an_empty_array() {
    assert_eq!(events(&[]), Vec::<Json>::new());
}

#[test]
fn a_snapshot_in_parts_is_written_as_one_and_what_happens_meanwhile_comes_behind_it() {
    let mut shell = page();
    shell.extend([Op::Time { at: 8 }, Op::Part { more: true }, Op::Press { kind: Press::Click, id: 5, x: 1, y: 2 }]);
    let rest = [
        Op::Time { at: 40 },
        Op::Add { parent: 4, previous: Some(7) },
        element("footer", &[], false),
        Op::End,
        Op::SetText { id: 6, text: "Dobrý den", rule: 0 },
        Op::AdoptedSheet { sheet: 4, text: "a{}" },
        Op::Adopt { root: 1, sheets: &[4] },
        Op::Time { at: 50 },
        Op::Focus { id: 5 },
    ];
    let whole = [Op::Part { more: false }, Op::Remove { id: 5 }];
    let told = events(&[(1, &shell), (10, &rest), (11, &whole)]);
    let kinds: Vec<_> =
        told.iter().map(|event| (event["type"].as_i64().unwrap(), event["timestamp"].as_i64().unwrap())).collect();
    assert_eq!(kinds, [(4, 1_000), (2, 1_000), (5, 1_000), (3, 1_000), (3, 1_008), (3, 1_050), (3, 1_050)]);
    let page = told[1].to_string();
    assert!(page.contains("footer") && page.contains("Dobrý den") && !page.contains("Ahoj"), "{page}");
    let adopted =
        json!({"source":15,"id":1,"styleIds":[4],"styles":[{"styleId":4,"rules":[{"rule":"a{}","index":0}]}]});
    assert_eq!(told[3]["data"], adopted);
    assert_eq!(told[4]["data"]["type"], 2, "the click");
    assert_eq!(told[6]["data"]["removes"][0]["id"], 5);
    // A page that was left before all of it was told is shown as far as it was.
    let cut_off = events(&[(1, &shell), (10, &rest)]);
    assert_eq!(cut_off.len(), told.len() - 1);
    assert!(cut_off[1].to_string().contains("footer"));
}

#[test]
fn a_snapshot_is_meta_and_full_snapshot() {
    let told = events(&[(1, &page())]);
    assert_eq!(
        told[0],
        json!({"type":4,"timestamp":1000,"data":{"href":"https://x.example/","width":800,"height":600}})
    );
    assert_eq!(told[1]["type"], 2);
    assert_eq!(told[1]["data"]["initialOffset"], json!({"left":0,"top":0}));
    assert_eq!(
        told[1]["data"]["node"],
        json!({"type":0,"id":1,"compatMode":"BackCompat","childNodes":[
            {"type":2,"tagName":"html","attributes":{"lang":"cs"},"id":2,"childNodes":[
                {"type":2,"tagName":"style","attributes":{"_cssText":"a{b:c}"},"id":3,"childNodes":[]},
                {"type":2,"tagName":"body","attributes":{},"id":4,"childNodes":[
                    {"type":2,"tagName":"p","attributes":{"title":"████"},"id":5,"childNodes":[
                        {"type":3,"textContent":"Ahoj","id":6}]},
                    {"type":2,"tagName":"x-card","attributes":{},"isCustom":true,"isShadowHost":true,"id":7,"childNodes":[
                        {"type":3,"textContent":masked_text(5),"id":9,"isShadow":true}]}]}]}]})
    );
    assert_eq!(told[2]["data"], json!({"tag":"hushreel.page","payload":{"url":"https://x.example/","title":"Shop"}}));
}

#[test]
fn changes_of_one_moment_are_one_event() {
    let told = after_page(&[
        Op::Time { at: 20 },
        Op::Add { parent: 4, previous: Some(5) },
        element("ul", &[], true),
        element("li", &[("class", Value::Shown("a"))], false),
        Op::End,
        text("tail"),
        Op::End,
        Op::Attribute { id: 5, name: "class", value: Some(Value::Shown("b")) },
        Op::Attribute { id: 5, name: "title", value: None },
        Op::SetText { id: 6, text: "Nazdar", rule: 0 },
        Op::Time { at: 40 },
        Op::Remove { id: 5 },
    ]);
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["timestamp"], &told[1]["timestamp"]), (&json!(1020), &json!(1040)));
    assert_eq!(
        told[0]["data"],
        json!({"source":0,"removes":[],"adds":[
            {"parentId":4,"nextId":7,"node":{"type":3,"textContent":"tail","id":12}},
            {"parentId":4,"nextId":12,"node":{"type":2,"tagName":"ul","attributes":{},"id":10,"childNodes":[]}},
            {"parentId":10,"nextId":null,"node":{"type":2,"tagName":"li","attributes":{"class":"a"},"id":11,"childNodes":[]}}],
            "texts":[{"id":6,"value":"Nazdar"}],
            "attributes":[{"id":5,"attributes":{"class":"b"}},{"id":5,"attributes":{"title":null}}]})
    );
    assert_eq!(told[1]["data"]["removes"], json!([{"id":5,"parentId":4}]));
}

#[test]
fn a_moved_node_is_removed_and_added_with_its_state() {
    let told = after_page(&[
        Op::Input { id: 5, value: Some(Value::Masked(3)), checked: None, by_visitor: true },
        Op::Add { parent: 8, previous: None },
        element("b", &[], true),
        Op::Moved { id: 5 },
        Op::End,
        Op::End,
    ]);
    let input = json!({"source":5,"id":5,"text":"████████","isChecked":false,"userTriggered":false});
    let typed = json!({"source":5,"id":5,"text":"████████","isChecked":false,"userTriggered":true});
    assert_eq!(data(&told)[0], typed);
    assert_eq!(told[1]["data"]["removes"], json!([{"id":5,"parentId":4}]));
    assert_eq!(
        told[1]["data"]["adds"],
        json!([
            {"parentId":7,"nextId":9,"node":{"type":2,"tagName":"b","attributes":{},"id":10,"isShadow":true,"childNodes":[]}},
            {"parentId":10,"nextId":null,"node":{"type":2,"tagName":"p","attributes":{"title":"████"},"id":5,"childNodes":[]}},
            {"parentId":5,"nextId":null,"node":{"type":3,"textContent":"Ahoj","id":6}}])
    );
    assert_eq!(data(&told)[2], input);
}

#[test]
fn a_frame_is_attached_behind_the_node_that_holds_it() {
    let told = after_page(&[
        Op::Add { parent: 4, previous: None },
        element("iframe", &[], true),
        Op::Frame { id: 0 },
        element("html", &[], true),
        element("iframe", &[], true),
        Op::Frame { id: 0 },
        element("html", &[], false),
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::End,
        Op::Scroll { id: 11, x: 0, y: 9 },
    ]);
    let told = data(&told);
    assert_eq!(told[0]["adds"][0]["node"]["tagName"], "iframe");
    assert_eq!(told[1]["isAttachIframe"], true);
    assert_eq!(
        told[1]["adds"],
        json!([{"parentId":10,"nextId":null,"node":{"type":0,"id":11,"compatMode":"BackCompat","childNodes":[
            {"type":2,"tagName":"html","attributes":{},"id":12,"rootId":11,"childNodes":[
                {"type":2,"tagName":"iframe","attributes":{},"id":13,"rootId":11,"childNodes":[]}]}]}}])
    );
    assert_eq!((&told[2]["adds"][0]["parentId"], &told[2]["adds"][0]["node"]["id"]), (&json!(13), &json!(14)));
    assert_eq!(told[3], json!({"source":3,"id":11,"x":0,"y":9}));
}

#[test]
fn style_follows_its_rules() {
    let told = data(&after_page(&[
        Op::Sheet { id: 3, text: "x{y:z}" },
        Op::RuleInsert { sheet: SheetRef::Owner(3), path: &[1], text: "q{}" },
        Op::RuleDelete { sheet: SheetRef::Owner(3), path: &[0] },
        Op::RuleDelete { sheet: SheetRef::Owner(99), path: &[0] },
        Op::AdoptedSheet { sheet: 4, text: "a{}b{}" },
        Op::RuleInsert { sheet: SheetRef::Adopted(4), path: &[0], text: "@media all{}" },
        Op::Adopt { root: 8, sheets: &[4] },
        Op::RuleInsert { sheet: SheetRef::Adopted(4), path: &[0, 0], text: "c{}" },
        Op::AdoptedSheet { sheet: 4, text: "d{}" },
        Op::Adopt { root: 1, sheets: &[4] },
    ]));
    assert_eq!(
        told,
        [
            json!({"source":0,"removes":[{"id":3,"parentId":2}],"adds":[{"parentId":2,"nextId":4,"node":
                {"type":2,"tagName":"style","attributes":{"_cssText":"x{y:z}"},"id":3,"childNodes":[]}}],"texts":[],"attributes":[]}),
            json!({"source":8,"id":3,"adds":[{"rule":"q{}","index":1}]}),
            json!({"source":8,"id":3,"removes":[{"index":0}]}),
            json!({"source":15,"id":7,"styleIds":[4],"styles":[{"styleId":4,"rules":[
                {"rule":"@media all{}","index":0},{"rule":"a{}","index":1},{"rule":"b{}","index":2}]}]}),
            json!({"source":8,"styleId":4,"adds":[{"rule":"c{}","index":[0,0]}]}),
            json!({"source":8,"styleId":4,"replaceSync":"d{}"}),
            json!({"source":15,"id":1,"styleIds":[4],"styles":[]}),
        ]
    );
}

#[test]
fn a_moved_host_gets_its_adopted_sheets_again() {
    let told = data(&after_page(&[
        Op::AdoptedSheet { sheet: 4, text: "a{}" },
        Op::Adopt { root: 8, sheets: &[4] },
        Op::Add { parent: 5, previous: None },
        Op::Moved { id: 7 },
        Op::End,
    ]));
    assert_eq!(told.len(), 3);
    assert_eq!(told[2], json!({"source":15,"id":7,"styleIds":[4],"styles":[]}));
}

#[test]
fn what_the_visitor_does_is_told_in_rrwebs_words() {
    let press = |kind| Op::Press { kind, id: 5, x: 3, y: 4 };
    let told = data(&after_page(&[
        press(Press::Down),
        press(Press::TouchCancel),
        Op::Press { kind: Press::Click, id: 99, x: 0, y: 0 },
        Op::Focus { id: 5 },
        Op::Blur { id: 5 },
        Op::Scroll { id: 1, x: 0, y: 40 },
        Op::Input { id: 5, value: None, checked: Some(true), by_visitor: false },
        Op::Viewport { width: 390, height: 844 },
        Op::Visibility { hidden: true },
        Op::Page { url: "https://x.example/b", title: Value::Masked(3) },
        Op::Gap { page: 1, ops: 12, ms: 340 },
        Op::Finish,
        Op::Cost { tenths: 123, tasks: 4, longest: 5 },
        Op::Shed { level: 2 },
    ]));
    assert_eq!(
        told,
        [
            json!({"source":2,"type":1,"id":5,"x":3,"y":4,"pointerType":0}),
            json!({"source":2,"type":10,"id":5,"x":3,"y":4,"pointerType":2}),
            json!({"source":2,"type":5,"id":5}),
            json!({"source":2,"type":6,"id":5}),
            json!({"source":3,"id":1,"x":0,"y":40}),
            json!({"source":5,"id":5,"text":"on","isChecked":true,"userTriggered":false}),
            json!({"source":4,"width":390,"height":844}),
            json!({"tag":"hushreel.visibility","payload":{"hidden":true}}),
            json!({"tag":"hushreel.page","payload":{"url":"https://x.example/b","title":null}}),
            json!({"tag":"hushreel.gap","payload":{"page":"0000000000000001","ops":12,"ms":340}}),
            json!({"tag":"hushreel.finish","payload":{}}),
            json!({"tag":"hushreel.cost","payload":{"ms":12.3,"tasks":4,"longest_ms":0.5}}),
            json!({"tag":"hushreel.shed","payload":{"level":2}}),
        ]
    );
}

#[test]
fn pointer_moves_are_told_together() {
    let at = |at, id, touch| [Op::Time { at }, Op::Move { at, id, x: at as i32, y: 0, touch }];
    let moves = [at(10, 5, false), at(60, 9, false), at(700, 5, false), at(710, 5, true), at(720, 99, true)].concat();
    let told = after_page(&moves);
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["timestamp"], 1060);
    assert_eq!(
        told[0]["data"]["positions"],
        json!([{"x":10,"y":0,"id":5,"timeOffset":-50},{"x":60,"y":0,"id":9,"timeOffset":0}])
    );
    assert_eq!((&told[2]["data"]["source"], &told[2]["timestamp"]), (&json!(6), &json!(1710)));
}

#[test]
fn no_address_loads_and_nothing_runs_whatever_came_in() {
    let told = events(&[(
        1,
        &[
            SNAPSHOT,
            element(
                "link",
                &[("href", Value::Shown("https://x.example/EVIL")), ("rel", Value::Shown("stylesheet"))],
                true,
            ),
            Op::Css { text: "@import 'a';a{b:url(https://x.example/e.png)}" },
            Op::End,
            element("img", &[("src", Value::Shown("https://x.example/EVIL")), ("onload", Value::Shown("EVIL"))], false),
            element("style", &[], true),
            text("EVIL"),
            Op::End,
            element("noscript", &[], true),
            text("EVIL"),
            Op::End,
            Op::End,
            Op::RuleInsert { sheet: SheetRef::Owner(2), path: &[0], text: "a{b:url(//x.example/e)}" },
            Op::Attribute { id: 3, name: "src", value: Some(Value::Shown("//EVIL")) },
            Op::Attribute { id: 3, name: "_cssText", value: Some(Value::Shown("EVIL")) },
        ],
    )]);
    let told = serde_json::to_string(&told).unwrap();
    assert!(
        !told.contains("EVIL") && !told.contains("url(http") && !told.contains("url(//") && !told.contains("@import")
    );
}

#[test]
fn a_blocked_element_is_a_box() {
    let block = Op::Block { id: 0, namespace: HTML, tag: "img", width: 320, height: 200 };
    let told = events(&[(1, &[SNAPSHOT, block, Op::End])]);
    let node = &told[1]["data"]["node"]["childNodes"][0];
    assert_eq!(node["attributes"], json!({"rr_width":"320px","rr_height":"200px"}));
}

#[test]
fn another_page_begins_anew_and_time_never_runs_backwards() {
    let (mut writer, mut out) = (Writer::new(), Vec::new());
    writer.batch(PAGE, Timestamp(5_000), &batch(1, &page()), &mut out).unwrap();
    writer.missing(1, 3, Timestamp(6_000), &mut out);
    writer.batch(PageId([8; 8]), Timestamp(4_000), &batch(1, &page()), &mut out).unwrap();
    assert!(writer.batch(PAGE, Timestamp(4_000), b"\xff", &mut out).is_err());
    writer.finish(&mut out);
    let told: Vec<Json> = serde_json::from_slice(&out).unwrap();
    assert_eq!(told[3]["data"], json!({"tag":"hushreel.gap","payload":{"batches":3,"ops":0,"ms":0}}));
    assert!(told.iter().all(|event| event["timestamp"].as_i64() >= Some(5_000)));
    assert_eq!(told.iter().filter(|event| event["type"] == 2).count(), 2);
}

/// rrweb's player, as far as the tree goes: it must never be asked for a node that it does not have.
#[derive(Default)]
struct Player {
    nodes: HashMap<u64, Played>,
}

#[derive(Default)]
struct Played {
    text: Option<String>,
    children: Vec<u64>,
    shadow: Vec<u64>,
    frame: Option<u64>,
}

impl Player {
    fn play(&mut self, event: &Json) {
        let data = &event["data"];
        if event["type"] == 2 {
            self.nodes.clear();
            self.build(&data["node"]);
        }
        if event["type"] != 3 || data["source"] != 0 {
            return;
        }
        for removal in data["removes"].as_array().unwrap() {
            let (id, parent) = (removal["id"].as_u64().unwrap(), removal["parentId"].as_u64().unwrap());
            let Some(parent) = self.nodes.get_mut(&parent).filter(|_| true) else { continue };
            let list = if removal["isShadow"] == true { &mut parent.shadow } else { &mut parent.children };
            list.retain(|child| *child != id);
            self.forget(id);
        }
        for addition in data["adds"].as_array().unwrap() {
            let (parent, node) = (addition["parentId"].as_u64().unwrap(), &addition["node"]);
            assert!(self.nodes.contains_key(&parent), "no parent for {addition}");
            let id = self.build(node);
            let parent = self.nodes.get_mut(&parent).unwrap();
            if data["isAttachIframe"] == true {
                parent.frame = Some(id);
                continue;
            }
            assert_eq!(node["childNodes"].as_array().map_or(0, Vec::len), 0, "players skip children of additions");
            let list = if node["isShadow"] == true { &mut parent.shadow } else { &mut parent.children };
            let place = match addition["nextId"].as_u64() {
                Some(next) => list.iter().position(|child| *child == next).expect("the next sibling is there"),
                None => list.len(),
            };
            list.insert(place, id);
        }
        for change in data["texts"].as_array().unwrap() {
            let id = change["id"].as_u64().unwrap();
            self.nodes.get_mut(&id).unwrap().text = change["value"].as_str().map(str::to_owned);
        }
        for change in data["attributes"].as_array().unwrap() {
            assert!(self.nodes.contains_key(&change["id"].as_u64().unwrap()));
        }
    }

    fn build(&mut self, node: &Json) -> u64 {
        let id = node["id"].as_u64().unwrap();
        assert!(!self.nodes.contains_key(&id), "{id} is built twice");
        let mut played = Played { text: node["textContent"].as_str().map(str::to_owned), ..Played::default() };
        for child in node["childNodes"].as_array().into_iter().flatten() {
            let built = self.build(child);
            if child["isShadow"] == true { played.shadow.push(built) } else { played.children.push(built) }
        }
        self.nodes.insert(id, played);
        id
    }

    fn forget(&mut self, id: u64) {
        let Some(gone) = self.nodes.remove(&id) else { return };
        gone.children.into_iter().chain(gone.shadow).chain(gone.frame).for_each(|child| self.forget(child));
    }

    fn shape(&self, id: u64) -> String {
        let node = &self.nodes[&id];
        let list = |children: &[u64]| children.iter().map(|child| self.shape(*child)).collect::<Vec<_>>().join(" ");
        let text = node.text.as_deref().unwrap_or_default();
        let frame = node.frame.map(|frame| self.shape(frame)).unwrap_or_default();
        format!("{id}{text}#{}#{frame}[{}]", list(&node.shadow), list(&node.children))
    }
}

fn shape(mirror: &Mirror, id: NodeId) -> String {
    let list = |id: Option<NodeId>| {
        let children = id.into_iter().flat_map(|id| mirror.children(id));
        children.map(|(child, _)| shape(mirror, child)).collect::<Vec<_>>().join(" ")
    };
    let element = mirror.element(id);
    let text = match &mirror.node(id).unwrap().content {
        Content::Text(held) => masked::drawn(held),
        _ => String::new(),
    };
    let frame = element.and_then(|element| element.frame).map(|frame| shape(mirror, frame)).unwrap_or_default();
    let children = element.is_none_or(tree::shows_children).then_some(id);
    format!("{id}{text}#{}#{frame}[{}]", list(element.and_then(|element| element.shadow)), list(children))
}

proptest! {
    #[test]
    fn a_player_shows_what_the_mirror_holds(steps in steps()) {
        let (mut writer, mut out) = (Writer::new(), Vec::new());
        let begin = [SNAPSHOT, element("html", &[], true), Op::End, Op::End];
        writer.batch(PAGE, Timestamp(0), &batch(1, &begin), &mut out).unwrap();
        let mut body = stream::Writer::new(3, 0);
        tell(&steps, &mut 3, &mut |op| {
            body.op(op);
        });
        writer.batch(PAGE, Timestamp(0), &body.finish(), &mut out).unwrap();
        writer.finish(&mut out);
        let told: Vec<Json> = serde_json::from_slice(&out).unwrap();
        let mut player = Player::default();
        told.iter().for_each(|event| player.play(event));
        prop_assert_eq!(player.shape(1), shape(writer.mirror(), 1));
    }
}
