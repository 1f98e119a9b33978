//! What stood in a hidden field and was told all the same may stand elsewhere in the recording too: as text of the page, in an
//! attribute, an event. Twin of `assets/recorder/src/hide/echo.ts`; of a field that was never told nothing is known here.

use crate::policy::DOTS;

/// Fewer characters stand in any text.
const LENGTH_MIN: usize = 4;
/// Values that are looked for in all texts of a recording.
const VALUES_MAX: usize = 100;

/// What was taken out of hidden fields.
#[derive(Default)]
pub(super) struct Echoes(Vec<String>);

impl Echoes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Look for this value from now on. A field is told letter by letter: what it came to stands for what it was on the way.
    pub fn add(&mut self, value: &str) {
        let known = self.0.iter().any(|known| known.starts_with(value));
        if known || value.contains(DOTS) || length(value) < LENGTH_MIN {
            return;
        }
        self.0.retain(|known| !value.starts_with(known.as_str()));
        if self.0.len() < VALUES_MAX {
            self.0.push(value.to_owned());
        }
    }

    /// Whether a text repeats one of them, whole or as far as it was written when the page repeated it.
    pub fn stand_in(&self, text: &str) -> bool {
        let begins =
            |value: &String| text.split_whitespace().any(|word| length(word) >= LENGTH_MIN && value.starts_with(word));
        self.0.iter().any(|value| text.contains(value.as_str()) || begins(value))
    }
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_repeats_a_value_whole_or_as_far_as_it_was_written() {
        let mut echoes = Echoes::default();
        for value in ["q", "quin", "quinces", "quince", "x y", "a\u{2022}\u{2022}\u{2022}\u{2022}", "open sesame"] {
            echoes.add(value);
        }
        for (text, wanted) in [
            ("quinces", true),
            ("of quinces.", true),
            ("my quin", true),
            ("qui", false),
            ("quincy", false),
            ("an open sesame!", true),
            ("open", true),
            ("sesame", false),
            ("x y", false),
            ("", false),
        ] {
            assert_eq!(echoes.stand_in(text), wanted, "{text}");
        }
    }
}
