use proptest::prelude::*;

use super::super::fixtures;
use super::*;

#[test]
fn text_is_hidden_as_the_recorder_hides_it() {
    for (length, wanted) in fixtures::read::<(usize, u8)>("text", "bucket") {
        assert_eq!(bucket(length), wanted, "{length}");
    }
    for (given, wanted) in
        ["text", "random"].into_iter().flat_map(|file| fixtures::read::<(String, String)>(file, "redact"))
    {
        assert_eq!(redact(&given), wanted, "{given:?}");
    }
}

#[test]
fn lengths_are_counted_in_utf16_units() {
    assert_eq!(bucket_of("🐎🐎"), 2);
    assert_eq!(bucket_of("ěščř"), 2);
}

#[test]
fn no_text_makes_reading_it_quadratic() {
    for part in ["eyJ", "a@", "1 ", "1", "AB12", "CZ65 ", "a.b@c.", "+(", "0 0", "dead", "4111 1111 1111 1112 ", "aA0"]
    {
        // Quadratic work on this much text would take far longer than any noise of the machine.
        let text = part.repeat((1 << 18) / part.len());
        let began = std::time::Instant::now();
        redact(&text);
        assert!(began.elapsed().as_secs() < 60, "{part:?}");
    }
}

/// Text made of the parts that the patterns look at.
pub fn telling() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[0-9]{1,7}",
        "[ ./()+@-]{1,3}",
        "[a-zA-Z_]{1,8}",
        Just("CZ65 0800 0000 1920 0014 5399".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("900101/1239".to_owned()),
        Just("eyJhbGciOiJ".to_owned()),
        Just("jan@example.cz".to_owned()),
        Just("da39a3ee5e6b4b0d3255bfef".to_owned()),
        "[\u{a0}\u{202f}•ěš🐎\u{feff}\u{85}:;]",
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn redacting_twice_redacts_no_more(text in telling()) {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once);
    }
}
