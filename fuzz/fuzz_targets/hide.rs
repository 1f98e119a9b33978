//! Every function that hides: what it made of something it leaves as it is.
#![no_main]

use hushreel::policy::{Policy, Preset, hide_css, hide_tokens, redact, reduce_url};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let once = redact(text);
    assert_eq!(redact(&once), once);
    let once = hide_tokens(text);
    assert_eq!(hide_tokens(&once), once);
    for preset in Preset::ALL {
        let policy = Policy::preset(preset);
        let once = reduce_url(text, &policy);
        assert_eq!(reduce_url(&once, &policy), once);
        let once = hide_css(text, &policy);
        assert_eq!(hide_css(&once, &policy), once);
    }
});
