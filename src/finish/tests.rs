use super::*;
use crate::mirror::Kind;
use crate::stream::{self, Namespace, Value};

const PAGE: PageId = PageId([7; 8]);

fn element<'a>(tag: &'a str, attributes: &'a [(&'a str, Value<'a>)], open: bool) -> Op<'a> {
    Op::Element { id: 0, namespace: Namespace::Html, tag, attributes, open }
}

fn text(text: &str) -> Op<'_> {
    Op::Text { id: 0, text, rule: 0 }
}

fn snapshot(url: &str) -> Op<'_> {
    Op::Snapshot { id: 1, width: 800, height: 600, url, title: Value::Masked(0) }
}

/// Body 2, button 3 “Buy”, link 5 “Post”, field 7 with its label, list 8, paragraph 9 with masked text.
const BUTTON: NodeId = 3;
const MAIL: NodeId = 5;
const FIELD: NodeId = 9;
const LIST: NodeId = 10;
const PARAGRAPH: NodeId = 11;
type NodeId = crate::model::NodeId;

fn page(url: &str) -> Vec<Op<'_>> {
    vec![
        snapshot(url),
        element("body", &[], true),
        element("button", &[], true),
        text("Buy"),
        Op::End,
        element("a", &[("href", Value::Shown("mailto:x"))], true),
        text("Post"),
        Op::End,
        element("label", &[("for", Value::Shown("name"))], true),
        text("Your  name"),
        Op::End,
        element("input", &[("id", Value::Shown("name"))], false),
        element("select", &[], false),
        element("p", &[], true),
        Op::Masked { id: 0, bucket: 5 },
        Op::End,
        Op::End,
        Op::End,
    ]
}

/// Runs of ops, each of one page; a new page id for each.
fn finish(pages: &[Vec<Op<'_>>]) -> Marks {
    let mut finisher = Finisher::new(Timestamp(1_000));
    for (number, ops) in pages.iter().enumerate() {
        let mut writer = stream::Writer::new(1, 0);
        ops.iter().for_each(|op| _ = writer.op(op));
        let page = PageId([number as u8; 8]);
        let batch = Batch { page, page_began: Timestamp(1_000), seq: 0, missing: 0, body: &writer.finish() };
        finisher.read(batch).unwrap();
    }
    finisher.finish().marks
}

fn click(id: NodeId, x: i32) -> Op<'static> {
    Op::Press { kind: Press::Click, id, x, y: 5 }
}

fn at(at: u64) -> Op<'static> {
    Op::Time { at }
}

const ERROR: Op<'static> = Op::Error { name: "TypeError", message: Value::Masked(4), url: "", line: 1, column: 1 };
const CHANGE: Op<'static> = Op::Attribute { id: 2, name: "class", value: Some(Value::Shown("a")) };

/// What was counted of a page on which this happened: rage, dead, error clicks.
fn counted(ops: Vec<Op<'_>>) -> (u32, u32, u32) {
    let counts = finish(&[[page("https://x.example/"), ops].concat()]).counts();
    (counts.rage, counts.dead, counts.error_clicks)
}

#[test]
fn clicks_that_tell_of_trouble_are_found() {
    let thrice = |id: NodeId, times: [u64; 3], x: [i32; 3]| {
        let clicks = times.into_iter().zip(x).flat_map(|(time, x)| [at(time), click(id, x)]);
        [clicks.collect(), vec![CHANGE, at(9_000)]].concat()
    };
    for (what, ops, wanted) in [
        ("nothing", vec![], (0, 0, 0)),
        ("three clicks within a second", thrice(PARAGRAPH, [10, 500, 1_010], [5, 5, 5]), (1, 0, 0)),
        ("not quite within a second", thrice(PARAGRAPH, [10, 500, 1_011], [5, 5, 5]), (0, 0, 0)),
        ("thirty pixels apart", thrice(PARAGRAPH, [10, 20, 30], [5, 35, 5]), (1, 0, 0)),
        ("further apart", thrice(PARAGRAPH, [10, 20, 30], [5, 36, 5]), (0, 0, 0)),
        ("words chosen in a field", thrice(FIELD, [10, 20, 30], [5, 5, 5]), (0, 0, 0)),
        ("a dead click", vec![at(10), click(BUTTON, 5), at(1_511)], (0, 1, 0)),
        ("one on the words of a button", vec![at(10), click(4, 5), at(1_511), CHANGE], (0, 1, 0)),
        ("an answer in time", vec![at(10), click(BUTTON, 5), at(1_510), CHANGE, at(9_000)], (0, 0, 0)),
        ("nobody knows", vec![at(10), click(BUTTON, 5), at(1_510)], (0, 0, 0)),
        (
            "what was lost may have been the answer",
            vec![at(10), click(BUTTON, 5), Op::Gap { page: 0, ops: 1, ms: 9 }, at(9_000)],
            (0, 0, 0),
        ),
        ("plain text", vec![at(10), click(PARAGRAPH, 5), at(9_000)], (0, 0, 0)),
        ("a list opens outside the page", vec![at(10), click(LIST, 5), at(9_000)], (0, 0, 0)),
        ("and a mail program", vec![at(10), click(MAIL, 5), at(9_000)], (0, 0, 0)),
        ("a field shows its caret", vec![at(10), click(FIELD, 5), at(9_000)], (0, 0, 0)),
        (
            "the pointer is no answer",
            vec![
                at(10),
                click(BUTTON, 5),
                Op::Move { at: 10, id: 2, x: 1, y: 1, touch: false },
                Op::Focus { id: BUTTON },
                at(9_000),
            ],
            (0, 1, 0),
        ),
        (
            "a field that is led to is one",
            vec![at(10), click(BUTTON, 5), Op::Focus { id: FIELD }, at(9_000)],
            (0, 0, 0),
        ),
        ("an error soon after", vec![at(10), click(PARAGRAPH, 5), at(1_010), ERROR, ERROR], (0, 0, 1)),
        ("an error later", vec![at(10), click(PARAGRAPH, 5), at(1_011), ERROR], (0, 0, 0)),
        (
            "all at once",
            vec![at(10), click(BUTTON, 5), click(BUTTON, 5), click(BUTTON, 5), ERROR, at(9_000)],
            (1, 3, 1),
        ),
    ] {
        assert_eq!(counted(ops), wanted, "{what}");
    }
}

#[test]
fn a_run_of_clicks_is_one_mark() {
    let clicks: Vec<_> = (1..=9).flat_map(|number| [at(number * 200), click(PARAGRAPH, 5)]).collect();
    let marks = finish(&[[page("https://x.example/"), clicks].concat()]).marks;
    let rage: Vec<_> = marks.iter().filter(|mark| matches!(mark.what, What::Rage { .. })).collect();
    assert!(matches!(rage[..], [Mark { at: 200, what: What::Rage { clicks: 9, .. } }]), "{rage:?}");
}

#[test]
fn a_quick_back_is_a_page_left_soon_for_the_one_before() {
    let visit = |times: [u64; 3], urls: [&'static str; 3]| {
        let pages = urls.into_iter().zip(times).map(|(url, time)| {
            let mut ops = page(url);
            ops.insert(0, at(time));
            ops
        });
        finish(&pages.collect::<Vec<_>>()).counts().quick_backs
    };
    let (a, b, c) = ("https://x.example/a", "https://x.example/b", "https://x.example/c");
    assert_eq!(visit([0, 1_000, 5_999], [a, b, a]), 1);
    assert_eq!(visit([0, 1_000, 6_000], [a, b, a]), 0, "it was looked at");
    assert_eq!(visit([0, 1_000, 2_000], [a, b, c]), 0, "went on");
    assert_eq!(visit([0, 1_000, 2_000], [a, a, a]), 0, "loaded again, or all addresses are hidden");
}

#[test]
fn what_happened_is_told_with_its_names() {
    let ops = vec![
        at(10),
        click(4, 5),
        CHANGE,
        at(20),
        Op::Input { id: FIELD, value: Some(Value::Masked(3)), checked: None, by_visitor: true },
        at(4_000),
        Op::Input { id: FIELD, value: Some(Value::Masked(3)), checked: None, by_visitor: true },
        Op::Input { id: LIST, value: Some(Value::Shown("x")), checked: None, by_visitor: false },
        at(4_100),
        click(PARAGRAPH, 5),
        Op::Page { url: "https://x.example/", title: Value::Shown("Shop") },
        Op::Page { url: "https://x.example/b", title: Value::Masked(3) },
        Op::Visibility { hidden: true },
        Op::Event { name: "bought", properties: &[] },
        ERROR,
        Op::Viewport { width: 700, height: 600 },
        Op::Cost { tenths: 25, tasks: 1, longest: 30 },
    ];
    let marks = finish(&[[page("https://x.example/"), ops].concat()]);
    let target = |kind, name: Option<&str>| crate::mirror::Target { kind, name: name.map(str::to_owned) };
    let wanted = [
        (0, What::Page { url: "https://x.example/".into(), title: "Shop".into(), load: true }),
        (10, What::Click { target: target(Kind::Button, Some("Buy")) }),
        (20, What::Input { target: target(Kind::Field, Some("Your name")), toggle: false }),
        (4_100, What::Click { target: target(Kind::Text, Some("")) }),
        (4_100, What::Page { url: "https://x.example/b".into(), title: String::new(), load: false }),
        (4_100, What::Tab { hidden: true }),
        (4_100, What::Event { name: "bought".into() }),
        (4_100, What::ErrorClick { target: target(Kind::Text, Some("")) }),
        (4_100, What::Error { name: "TypeError".into(), message: String::new() }),
        (4_100, What::Resize { width: 700, height: 600 }),
    ];
    let mut told: Vec<_> = marks.marks.iter().map(|mark| (mark.at, mark.what.clone())).collect();
    for mark in wanted {
        let place = told.iter().position(|found| *found == mark);
        told.remove(place.unwrap_or_else(|| panic!("{mark:?} is missing in {told:?}")));
    }
    assert_eq!(told, []);
    assert_eq!((marks.start, marks.end, marks.cost.ms, marks.cost.longest_ms), (1_000, 4_100, 2, 3));
    assert_eq!((marks.hidden.texts, marks.hidden.inputs, marks.hidden.blocked), (1, 1, 0));
    assert_eq!(marks.activity, [0, 4_000]);
    let json = serde_json::to_string(&marks).unwrap();
    assert_eq!(serde_json::from_str::<Marks>(&json).unwrap(), marks);
}

#[test]
fn keyframes_stand_a_minute_of_activity_apart_and_only_within_a_page() {
    let mut finisher = Finisher::new(Timestamp(1_000));
    let mut frames = Vec::new();
    let mut told = |page: PageId, seq: u32, missing: u32, ops: &[Op<'_>]| {
        let mut writer = stream::Writer::new(1, 0);
        ops.iter().for_each(|op| _ = writer.op(op));
        let batch = Batch { page, page_began: Timestamp(1_000), seq, missing, body: &writer.finish() };
        frames.extend(finisher.read(batch).unwrap().map(|frame| (frame.at.0, frame.seq)));
    };
    told(PAGE, 0, 0, &page("https://x.example/"));
    for seq in 1..100 {
        told(PAGE, seq, 0, &[at(u64::from(seq) * 4_000), CHANGE]);
    }
    // Nothing for an hour counts little.
    told(PAGE, 100, 0, &[at(4_000_000), CHANGE]);
    told(PAGE, 101, 0, &[at(4_000_100), CHANGE]);
    // One is due, but not where something is missing, nor where another page begins.
    for seq in 0..16 {
        told(PAGE, 102 + seq, 1, &[at(4_000_200 + u64::from(seq) * 4_000), CHANGE]);
    }
    told(PageId([8; 8]), 0, 0, &[[at(4_100_000)].as_slice(), &page("https://x.example/b")].concat());
    told(PageId([8; 8]), 1, 0, &[at(4_100_500), CHANGE]);
    assert_eq!(
        frames,
        [(61_000, 15), (121_000, 30), (181_000, 45), (241_000, 60), (301_000, 75), (361_000, 90), (4_101_000, 0)]
    );
    assert_eq!(finisher.finish().marks.keyframes, [60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 4_100_000]);
}
