//! How hidden text is drawn: runs of full blocks, in groups so that lines wrap as text does.

use crate::mirror::Told;

/// The character that stands for a hidden one. The dashboard draws it as a grey bar.
pub const MASK: char = '█';
/// Longer texts are not drawn longer.
const DRAWN_MAX: usize = 256;
/// A group is as long as a word.
const GROUP: usize = 6;

/// What is drawn for a hidden text of up to `2^bucket` characters.
pub fn masked_text(bucket: u8) -> String {
    let length = (1_usize << bucket.min(16)).min(DRAWN_MAX);
    (0..length).map(|place| if place % (GROUP + 1) == GROUP { ' ' } else { MASK }).collect()
}

/// A text position as a watcher sees it.
pub fn drawn(told: &Told) -> String {
    match told {
        Told::Shown(text) => text.clone(),
        Told::Masked(bucket) => masked_text(*bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_text_is_as_long_as_its_bucket_and_wraps() {
        assert_eq!(masked_text(0), "█");
        assert_eq!(masked_text(2), "████");
        assert_eq!(masked_text(3), "██████ █");
        assert_eq!(masked_text(16).chars().count(), DRAWN_MAX);
    }
}
