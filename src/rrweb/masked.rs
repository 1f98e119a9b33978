//! What stands in a replay where characters were hidden.

use crate::mirror::Held;
use crate::stream::{BUCKET_MAX, INPUT_BUCKET};

/// Longer masks are drawn no longer than this: a grey page, not a heavy one.
const DRAWN_MAX: usize = 256;
/// How long the words of a mask are, over and over, so that its lines break as text does.
const WORDS: [usize; 7] = [4, 6, 3, 5, 2, 6, 4];

/// A bar for up to `2^bucket` characters: words and spaces of that length together, one word if it is short.
pub fn masked_text(bucket: u8) -> String {
    let length = (1_usize << bucket.min(BUCKET_MAX)).min(DRAWN_MAX);
    if bucket <= INPUT_BUCKET {
        return "█".repeat(length);
    }
    let mut out = String::with_capacity(length * 3);
    let mut left = length;
    for word in WORDS.iter().cycle() {
        // What would be left alone behind a space joins the last word.
        let word = if left <= word + 1 { left } else { *word };
        out.push_str(&"█".repeat(word));
        left -= word;
        if left == 0 {
            break;
        }
        out.push(' ');
        left -= 1;
    }
    out
}

/// What is drawn of a value.
pub(super) fn drawn(value: &Held) -> String {
    match value {
        Held::Shown(text) => text.to_string(),
        Held::Masked(bucket) => masked_text(*bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_as_long_as_its_bucket_and_breaks_like_text() {
        for bucket in 0..=8 {
            assert_eq!(masked_text(bucket).chars().count(), 1 << bucket);
        }
        assert_eq!(masked_text(16).chars().count(), DRAWN_MAX);
        assert_eq!(masked_text(3), "████████");
        let words: Vec<usize> = masked_text(8).split(' ').map(|word| word.chars().count()).collect();
        assert!(words.len() > 40 && words.iter().all(|word| (1..=7).contains(word)), "{words:?}");
    }
}
