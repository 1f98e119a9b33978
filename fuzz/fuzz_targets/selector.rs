//! A selector, and a page to look for it in: whatever either is, an answer.
#![no_main]

use hushreel::mirror::{Mirror, Selector};
use hushreel::stream::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8])| {
    let (text, body) = input;
    let Some(selector) = Selector::parse(text) else { return };
    let mut mirror = Mirror::default();
    if let Ok(mut reader) = Reader::new(body) {
        while let Ok(Some(op)) = reader.next() {
            mirror.apply(&op);
        }
    }
    for id in 0..64 {
        let _ = selector.matches(&mirror, id);
    }
});
