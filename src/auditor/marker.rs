//! Markup that asks for less to be recorded, ours and other recorders'. Twin of `assets/recorder/src/hide/markers.ts`.

use super::State;
use crate::mirror::{Element, Held};

/// A word with a dot is a class, any other an attribute, with the value it must have.
const MASK: &str = "data-hush=mask data-recording-ignore=mask data-sl=mask .rr-mask .ph-mask .sentry-mask .fs-mask \
    data-sentry-mask data-openreplay-obscured data-openreplay-masked data-clarity-mask data-hj-suppress data-matomo-mask \
    data-private";
const BLOCK: &str = "data-hush=block data-recording-disable data-sl=exclude .rr-block .ph-no-capture .sentry-block \
    .fs-exclude .fs-block ._lr-hide data-sentry-block data-openreplay-hidden data-openreplay-htmlmasked";
const IGNORE: &str = "data-hush=ignore data-recording-ignore .rr-ignore .ph-ignore-input .sentry-ignore data-sentry-ignore \
    data-matomo-ignore";
const SENSITIVE: &str = "data-hush=sensitive data-recording-sensitive";

/// Whether an attribute of this name may be a mark.
pub(super) fn is_marker(name: &str) -> bool {
    [MASK, BLOCK, IGNORE, SENSITIVE].iter().any(|list| {
        list.split_ascii_whitespace()
            .any(|word| word.split('=').next().is_some_and(|one| one.eq_ignore_ascii_case(name)))
    })
}

/// What an element's own markup asks for.
pub(super) fn state_of(element: &Element) -> State {
    let mut state = State::default();
    for (name, value) in &element.attributes {
        // Marks are told as they are, or not at all.
        let Held::Shown(value) = value else { continue };
        let name = name.to_ascii_lowercase();
        if name != "class" && !name.starts_with("data-") {
            continue;
        }
        let value = value.to_ascii_lowercase();
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        let asks = |list: &str| {
            list.split_ascii_whitespace().any(|word| match (word.strip_prefix('.'), word.split_once('=')) {
                (Some(class), _) => name == "class" && words.contains(&class),
                (None, Some((attribute, wanted))) => name == attribute && words.contains(&wanted),
                (None, None) => name == word,
            })
        };
        let own = State { mask: asks(MASK), block: asks(BLOCK), ignore: asks(IGNORE), sensitive: asks(SENSITIVE) };
        // A word of ours that nobody knows was meant to hide something.
        let unknown = name == "data-hush" && own == State::default() && !words.contains(&"show");
        state = state.with(State { sensitive: own.sensitive || unknown, ..own });
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorder_knows_the_same_markers() {
        let twin = include_str!("../../assets/recorder/src/hide/markers.ts");
        for (name, words) in [("MASK", MASK), ("BLOCK", BLOCK), ("IGNORE", IGNORE), ("SENSITIVE", SENSITIVE)] {
            let behind = twin.split_once(&format!("export const {name} =")).unwrap().1;
            let told = behind.split('"').nth(1).unwrap();
            assert_eq!(words.split_ascii_whitespace().collect::<Vec<_>>().join(" "), told, "{name}");
        }
    }
}
