//! What kind of number a value is, by its check digits. Twin of `assets/recorder/src/hide/kind.ts`.

use super::text::{is_birth_number, passes_luhn};
use crate::stream::FindingKind;

/// The kind of a value that is nothing but such a number.
pub fn number_kind(value: &str) -> Option<FindingKind> {
    let is_gap = |sign: char| sign.is_whitespace() || matches!(sign, '\u{2011}' | '.' | '-' | '\u{feff}');
    let signs: String = value.chars().filter(|sign| !is_gap(*sign)).collect();
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let bytes = signs.as_bytes();
    let varied = bytes.windows(2).any(|pair| pair[0] != pair[1]);
    if (13..=19).contains(&signs.len()) && are_digits(&signs) && varied && passes_luhn(bytes) {
        return Some(FindingKind::Card);
    }
    if is_iban(bytes) {
        return Some(FindingKind::Iban);
    }
    // Nine digits without the slash are a telephone number as well.
    let (bare, shortest) = match signs.split_once('/') {
        Some((date, rest)) if date.len() == 6 => ([date, rest].concat(), 9),
        Some(_) => return None,
        None => (signs, 10),
    };
    let fits = (shortest..=10).contains(&bare.len()) && are_digits(&bare) && is_birth_number(bare.as_bytes());
    fits.then_some(FindingKind::BirthNumber)
}

/// ISO 13616: the remainder by 97 of what stands behind the first four signs, then those.
fn is_iban(signs: &[u8]) -> bool {
    let fits = (15..=34).contains(&signs.len())
        && signs[..2].iter().all(u8::is_ascii_alphabetic)
        && signs[2..4].iter().all(u8::is_ascii_digit)
        && signs[4..].iter().all(u8::is_ascii_alphanumeric);
    fits && {
        let digits = signs[4..].iter().chain(&signs[..4]).filter_map(|sign| char::from(*sign).to_digit(36));
        digits.fold(0, |rest, digit| (rest * if digit > 9 { 100 } else { 10 } + digit) % 97) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixtures::read;

    #[test]
    fn numbers_are_of_the_kind_that_the_recorder_says() {
        for (value, wanted) in read::<(String, Option<String>)>("kind", "numberKind") {
            assert_eq!(number_kind(&value).map(FindingKind::as_str), wanted.as_deref(), "{value}");
        }
    }
}
