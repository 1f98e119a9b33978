use proptest::prelude::*;

use super::super::fixtures;
use super::*;

#[test]
fn style_is_hidden_as_the_recorder_hides_it() {
    for (policy, given, wanted) in
        ["css", "random"].into_iter().flat_map(|file| fixtures::read::<(Policy, String, String)>(file, "hideCss"))
    {
        assert_eq!(hide_css(&given, &policy), wanted, "{given}");
    }
}

#[test]
fn a_megabyte_of_anything_is_read_in_linear_time() {
    for part in ["url(", "url( ", "\"", "\\", "/*", "(", "@", "[a=", "expression ", "a{", "--a:\"", " ", "<!--"] {
        let css = part.repeat((1 << 20) / part.len());
        let began = std::time::Instant::now();
        hide_css(&css, &Policy::default());
        assert!(began.elapsed().as_secs() < 5, "{part:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn hiding_twice_hides_no_more_and_nothing_loads(parts in prop::collection::vec(prop_oneof![
        "[-a-z\\\\;:{}()\\[\\]\"'@/* \n=!<>é🐎]{1,4}",
        Just("url(".to_owned()), Just("@import ".to_owned()), Just("https://x.example/".to_owned()),
        Just("content:".to_owned()), Just("--a:".to_owned()), Just("/*".to_owned()), Just("*/".to_owned()),
        Just("image-set(".to_owned()), Just("expression".to_owned()), Just("\\72".to_owned()), Just("jan@example.cz".to_owned()),
        Just("data:image/png;base64,AA".to_owned()), Just("hush:12".to_owned()), Just("hush:3/4x5".to_owned()), Just("@charset".to_owned()), Just("font".to_owned()), Just("<!--".to_owned()),
    ], 0..14), text in 0..3, media in 0..2) {
        let css = parts.concat();
        let policy = Policy {
            text: [TextMode::Mask, TextMode::Redact, TextMode::Show][text as usize],
            media: [MediaMode::Block, MediaMode::Show][media as usize],
            ..Policy::default()
        };
        let once = hide_css(&css, &policy).into_owned();
        prop_assert_eq!(&hide_css(&once, &policy), &once, "{:?}", css);
        let mut at = 0;
        while at < once.len() {
            let token = &once[at..at + token_length(&once[at..])];
            prop_assert!(!is_url(token) || is_inner(&token[4..token.len() - 1], policy.media), "{:?} -> {:?}", css, once);
            prop_assert!(!token.eq_ignore_ascii_case("@import"), "{:?} -> {:?}", css, once);
            at += token.len();
        }
    }
}
