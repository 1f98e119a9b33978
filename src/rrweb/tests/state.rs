//! State beyond attributes: told as it changes, and again with each node that a player builds anew.

use super::*;
use crate::stream::Layer;

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
