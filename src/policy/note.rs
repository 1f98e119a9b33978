//! What the page says of itself: names that its developers gave, and words around them. Twin of
//! `assets/recorder/src/hide/note.ts`.

use super::{TextMode, redact};

const NAME_MAX: usize = 48;
/// Digits of one name in all, and in a row: fewer than any number of a person has.
const DIGITS_MAX: usize = 4;
const DIGITS_RUN_MAX: usize = 2;

/// Whether this is a name that a developer gave to an event, a tag, a property or an error: hardly a digit, no space.
pub(super) fn is_note_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
    let longest = name.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    name.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && name.len() <= NAME_MAX
        && name.bytes().all(fits)
        && longest <= DIGITS_RUN_MAX
        && name.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX
}

/// UTF-16 units of one pseudonym.
const PSEUDONYM_MAX: usize = 64;
/// Digits of the shortest digest, or of a UUID.
const DIGEST_MIN: usize = 32;

/// Whether this is what a site may call somebody: no address, number or token of a person; a digest or a UUID is none.
pub(super) fn is_pseudonym(words: &str) -> bool {
    let is_digest = words.len() >= DIGEST_MIN
        && words.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && words.bytes().any(|byte| byte.is_ascii_alphabetic());
    !words.trim().is_empty() && words.encode_utf16().count() <= PSEUDONYM_MAX && (is_digest || redact(words) == words)
}

/// Whether this is what an error may be called: under a mask only what nobody made up.
pub(super) fn is_error_name(name: &str, text: TextMode) -> bool {
    let given = matches!(
        name,
        "Error"
            | "AggregateError"
            | "EvalError"
            | "RangeError"
            | "ReferenceError"
            | "SyntaxError"
            | "TypeError"
            | "URIError"
            | "AbortError"
            | "ConstraintError"
            | "DataError"
            | "EncodingError"
            | "InvalidAccessError"
            | "InvalidStateError"
            | "NetworkError"
            | "NotAllowedError"
            | "NotFoundError"
            | "NotReadableError"
            | "NotSupportedError"
            | "OperationError"
            | "QuotaExceededError"
            | "SecurityError"
            | "TimeoutError"
    );
    match text {
        TextMode::Mask => given,
        TextMode::Redact | TextMode::Show => is_note_name(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixtures::read;

    #[test]
    fn errors_are_called_what_the_recorder_calls_them() {
        for (name, text, wanted) in read::<(String, TextMode, bool)>("note", "isErrorName") {
            assert_eq!(is_error_name(&name, text), wanted, "{name}");
        }
    }

    #[test]
    fn pseudonyms_are_what_the_recorder_takes_for_pseudonyms() {
        for (words, wanted) in read::<(String, bool)>("note", "isPseudonym") {
            assert_eq!(is_pseudonym(&words), wanted, "{words}");
        }
    }

    #[test]
    fn names_are_what_the_recorder_takes_for_names() {
        for (name, wanted) in read::<(String, bool)>("note", "isNoteName") {
            assert_eq!(is_note_name(&name), wanted, "{name}");
        }
    }
}
