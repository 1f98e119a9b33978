//! State beyond attributes: told as it changes, and again with each node that a player builds anew.

use super::*;
use crate::stream::{Layer, Play};

#[test]
fn the_top_layer_is_told_and_told_again_with_a_moved_node_the_lowest_first() {
    let told = data(&after_page(&[
        Op::Layer { id: 7, layer: Some(Layer::Popover) },
        Op::Layer { id: 5, layer: Some(Layer::Modal) },
        Op::Layer { id: 99, layer: Some(Layer::Fullscreen) },
        Op::Add { parent: 7, previous: None },
        Op::Moved { id: 5 },
        Op::End,
        Op::Layer { id: 5, layer: None },
        Op::Add { parent: 4, previous: None },
        Op::Moved { id: 7 },
        Op::End,
    ]));
    let layers: Vec<_> =
        told.iter().filter(|data| data["tag"] == "hushreel.layer").map(|data| &data["payload"]).collect();
    assert_eq!(
        layers,
        [
            &json!({"id":7,"layer":"popover"}),
            &json!({"id":5,"layer":"modal"}),
            &json!({"id":5,"layer":"modal"}),
            &json!({"id":5,"layer":null}),
            &json!({"id":7,"layer":"popover"}),
        ]
    );
}

#[test]
fn what_is_chosen_or_undecided_is_told_with_the_value() {
    let told = data(&after_page(&[
        Op::Chosen { id: 5, places: &[0, 2] },
        Op::Mixed { id: 7, on: true },
        Op::Input { id: 5, value: Some(Value::Shown("a")), checked: None, by_visitor: true },
        Op::Ring { id: 5 },
        Op::Focus { id: 5 },
        Op::Ring { id: 5 },
    ]));
    assert_eq!(
        told,
        [
            json!({"source":5,"id":5,"text":"","isChecked":false,"userTriggered":false,"selected":[0,2]}),
            json!({"source":5,"id":7,"text":"on","isChecked":false,"userTriggered":false,"indeterminate":true}),
            json!({"source":5,"id":5,"text":"a","isChecked":false,"userTriggered":true}),
            json!({"source":2,"type":5,"id":5}),
            json!({"tag":"hushreel.ring","payload":{"id":5}}),
        ]
    );
}

#[test]
fn video_is_told_in_rrwebs_words_and_told_again_with_its_element() {
    let media = |kind, ms| Op::Media { id: 5, kind, ms, volume: 50, rate: 150, muted: true };
    let told = data(&after_page(&[
        media(Play::Play, 1_500),
        media(Play::Seeked, 3_000),
        Op::Add { parent: 7, previous: None },
        Op::Moved { id: 5 },
        Op::End,
    ]));
    let event = |kind, seconds: f64| json!({"source":7,"type":kind,"id":5,"currentTime":seconds,"volume":0.5,"playbackRate":1.5,"muted":true});
    let numbers = |data: &Json| data.to_string().replace(":3,", ":3.0,");
    let told: Vec<_> = told.iter().filter(|data| data["source"] == 7).map(numbers).collect();
    assert_eq!(told, [event(0, 1.5), event(2, 3.0), event(0, 3.0)].map(|data| numbers(&data)));
}

#[test]
fn a_canvas_is_told_as_a_picture_and_never_as_an_address() {
    let told = data(&after_page(&[
        Op::Canvas { id: 5, picture: "data:image/webp;base64,AA==" },
        Op::Canvas { id: 7, picture: "https://x.example/a.png" },
        Op::Add { parent: 7, previous: None },
        Op::Moved { id: 5 },
        Op::End,
    ]));
    let told: Vec<_> =
        told.iter().filter(|data| data["tag"] == "hushreel.canvas").map(|data| &data["payload"]).collect();
    let event = json!({"id":5,"picture":"data:image/webp;base64,AA=="});
    assert_eq!(told, [&event, &event]);
}

#[test]
fn the_part_of_the_page_in_sight_is_told() {
    let told = data(&after_page(&[Op::Zoom { scale: 150, left: 10, top: 20, width: 260, height: 400 }]));
    let part = json!({"scale":1.5,"left":10,"top":20,"width":260,"height":400});
    assert_eq!(told, [json!({"tag":"hushreel.zoom","payload":part})]);
}
