//! Markup that asks for less to be recorded, ours and other recorders'. Twin of `assets/recorder/src/hide/markers.ts`.

use super::state::State;
use crate::mirror::{Element, Held};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A word with a dot is a class, any other an attribute, with the value it must have.
const MASK: &str = "data-hush=mask data-recording-ignore=mask data-sl=mask .rr-mask .ph-mask .sentry-mask .fs-mask \
    data-sentry-mask data-openreplay-obscured data-openreplay-masked data-clarity-mask data-hj-suppress data-matomo-mask \
    data-private";
const BLOCK: &str = "data-hush=block data-recording-disable data-sl=exclude .rr-block .ph-no-capture .sentry-block \
    .fs-exclude .fs-block ._lr-hide data-sentry-block data-openreplay-hidden data-openreplay-htmlmasked";
const IGNORE: &str = "data-hush=ignore data-recording-ignore .rr-ignore .ph-ignore-input .sentry-ignore data-sentry-ignore \
    data-matomo-ignore";
const SENSITIVE: &str = "data-hush=sensitive data-recording-sensitive";

/// A value that an attribute must have, or any, and what it asks for then.
type Asked = (Option<&'static str>, State);

/// What each class asks for, and each attribute with the value it must have (none for any).
static CLASSES: LazyLock<HashMap<&str, State>> = LazyLock::new(|| {
    let mut classes: HashMap<&str, State> = HashMap::new();
    for (word, state) in words() {
        if let Some(class) = word.strip_prefix('.') {
            let known = classes.entry(class).or_default();
            *known = known.with(state);
        }
    }
    classes
});
static ATTRIBUTES: LazyLock<HashMap<&str, Vec<Asked>>> = LazyLock::new(|| {
    let mut attributes: HashMap<&str, Vec<Asked>> = HashMap::new();
    for (word, state) in words().filter(|(word, _)| !word.starts_with('.')) {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        attributes.entry(name).or_default().push((value, state));
    }
    attributes
});

fn words() -> impl Iterator<Item = (&'static str, State)> {
    let none = State::default();
    let lists = [
        (MASK, State { mask: true, ..none }),
        (BLOCK, State { block: true, ..none }),
        (IGNORE, State { ignore: true, ..none }),
        (SENSITIVE, State { sensitive: true, ..none }),
    ];
    lists.into_iter().flat_map(|(list, state)| list.split_ascii_whitespace().map(move |word| (word, state)))
}

/// All markers as one CSS selector. Any word in our own attribute hides but `show`.
pub fn marked_selector() -> String {
    let ours = "[data-hush]:not([data-hush=show])".to_owned();
    let others = words().map(|(word, _)| word).filter(|word| !word.starts_with("data-hush="));
    let selector = |word: &str| match (word.starts_with('.'), word.split_once('=')) {
        (true, _) => word.to_owned(),
        (false, Some((name, value))) => format!("[{name}~={value}]"),
        (false, None) => format!("[{word}]"),
    };
    std::iter::once(ours).chain(others.map(selector)).collect::<Vec<_>>().join(",")
}

/// Whether an attribute of this name may be a mark.
pub(super) fn is_marker(name: &str) -> bool {
    ATTRIBUTES.contains_key(lower(name).as_ref())
}

/// What an element's own markup asks for.
pub(super) fn state_of(element: &Element) -> State {
    let mut state = State::default();
    for (name, value) in &element.attributes {
        // Marks are told as they are, or not at all.
        let Held::Shown(value) = value else { continue };
        if name.eq_ignore_ascii_case("class") {
            for token in value.split_ascii_whitespace() {
                state = state.with(CLASSES.get(lower(token).as_ref()).copied().unwrap_or_default());
            }
        } else if let Some(wanted) = ATTRIBUTES.get(lower(name).as_ref()) {
            let has = |word: &str| value.split_ascii_whitespace().any(|token| token.eq_ignore_ascii_case(word));
            let asked = wanted.iter().filter(|(word, _)| word.is_none_or(has));
            let own = asked.fold(State::default(), |own, (_, state)| own.with(*state));
            // A word of ours that nobody knows was meant to hide something.
            let unknown = name.eq_ignore_ascii_case("data-hush") && own == State::default() && !has("show");
            state = state.with(State { sensitive: own.sensitive || unknown, ..own });
        }
    }
    state
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selector_of_all_markers_parses() {
        let selector = marked_selector();
        assert!(crate::mirror::Selector::parse(&selector).is_some());
        assert!(selector.contains(".rr-mask,") && selector.contains("[data-sl~=exclude]"));
    }

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
