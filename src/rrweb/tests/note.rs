//! What the browser and the page say of the page comes out by its own names, masked words as a bar.

use super::*;
use crate::stream::{Asking, Level, Vital};

#[test]
fn what_the_page_says_of_itself_is_told() {
    let told = data(&after_page(&[
        Op::Vital { kind: Vital::LargestPaint, number: 1_234 },
        Op::Vital { kind: Vital::Shift, number: 105 },
        Op::Error { name: "TypeError", message: Value::Masked(2), url: "https://x.example/a.js", line: 3, column: 4 },
        Op::Log { level: Level::Warn, message: Value::Shown("careful") },
        Op::Request { kind: Asking::Xhr, url: "", status: 404, ms: 87, bytes: 1_200 },
        Op::Event { name: "cart.add", properties: &[("sku", Value::Shown("fern")), ("note", Value::Masked(1))] },
        Op::Tag { name: "plan", value: Value::Shown("free") },
    ]));
    let event = |tag: &str, payload: Json| json!({"tag":format!("hushreel.{tag}"),"payload":payload});
    assert_eq!(
        told,
        [
            event("vital", json!({"name":"LCP","value":1234})),
            event("vital", json!({"name":"CLS","value":0.105})),
            event(
                "error",
                json!({"name":"TypeError","message":"████","url":"https://x.example/a.js","line":3,"column":4})
            ),
            event("console", json!({"level":"warn","message":"careful"})),
            event("request", json!({"kind":"xhr","url":"","status":404,"ms":87,"bytes":1200})),
            event("event", json!({"name":"cart.add","properties":{"sku":"fern","note":"██"}})),
            event("tag", json!({"name":"plan","value":"free"})),
        ]
    );
}
