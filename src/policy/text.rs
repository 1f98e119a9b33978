//! What a text may say: how long it was, and which parts of it look personal. Twin of `assets/recorder/src/hide/text.ts`.

use std::borrow::Cow;

use crate::stream::BUCKET_MAX;

/// What stands where something personal was. Fixed, so that not even its length is told.
pub const DOTS: &str = "\u{2022}\u{2022}\u{2022}\u{2022}";

/// The exponent of the smallest power of two that has room for `length` UTF-16 units, at most 16.
pub fn bucket(length: usize) -> u8 {
    let exponent = usize::BITS - length.saturating_sub(1).leading_zeros();
    u8::try_from(exponent).map_or(BUCKET_MAX, |exponent| exponent.min(BUCKET_MAX))
}

/// The bucket of a text, by its length in UTF-16 units.
pub fn bucket_of(text: &str) -> u8 {
    bucket(text.encode_utf16().take(1 << BUCKET_MAX).count())
}

/// The text with everything that looks personal replaced by dots: cards, accounts, addresses, numbers, tokens.
pub fn redact(text: &str) -> Cow<'_, str> {
    if !may_be_personal(text) {
        return Cow::Borrowed(text);
    }
    let mut out = hide_ibans(text);
    out = then(out, hide_words);
    then(out, hide_numbers)
}

fn then<'a>(text: Cow<'a, str>, hide: impl Fn(&str) -> Cow<'_, str>) -> Cow<'a, str> {
    match text {
        // Only a change makes a new string; the borrow of an unchanged text is handed on.
        Cow::Borrowed(text) => match hide(text) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(hidden) => Cow::Owned(hidden),
        },
        Cow::Owned(text) => Cow::Owned(hide(&text).into_owned()),
    }
}

/// A quick look that lets ordinary text pass: nothing personal is without a digit, an `@` or a long run of letters.
fn may_be_personal(text: &str) -> bool {
    let mut hex = 0;
    text.bytes().any(|byte| {
        hex = if byte.is_ascii_hexdigit() { hex + 1 } else { 0 };
        byte == b'@' || byte.is_ascii_digit() || hex == 24
    }) || text.contains("eyJ")
}

/// Collects a text whose parts are partly replaced; borrows as long as nothing was.
struct Patched<'a> {
    text: &'a str,
    out: String,
    from: usize,
}

impl<'a> Patched<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), from: 0 }
    }

    fn hide(&mut self, start: usize, end: usize) {
        self.out.push_str(&self.text[self.from..start]);
        self.out.push_str(DOTS);
        self.from = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.from == 0 {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(&self.text[self.from..]);
        Cow::Owned(self.out)
    }
}

fn remainder(digits: &[u8], modulus: u32, start: u32) -> u32 {
    digits.iter().fold(start, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % modulus)
}

/// The value of a digit or letter in base 36, as an account number counts it.
fn base36(sign: char) -> Option<u32> {
    sign.to_digit(36)
}

fn is_iban_separator(sign: char) -> bool {
    matches!(sign, ' ' | '\u{a0}' | '\u{202f}' | '-')
}

/// Tries each start once and keeps the longest part that has the right remainder: at most 68 steps a start.
fn hide_ibans(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut patched = Patched::new(text);
    let mut at = 0;
    while at + 4 <= bytes.len() {
        let starts = bytes[at].is_ascii_alphabetic()
            && bytes[at + 1].is_ascii_alphabetic()
            && bytes[at + 2].is_ascii_digit()
            && bytes[at + 3].is_ascii_digit();
        if !starts {
            at += 1;
            continue;
        }
        match iban_end(text, at) {
            Some(end) => {
                patched.hide(at, end);
                at = end;
            }
            None => at += 4,
        }
    }
    patched.finish()
}

fn iban_end(text: &str, start: usize) -> Option<usize> {
    let head: String = text[start..start + 4].chars().filter_map(base36).map(|code| code.to_string()).collect();
    let (mut end, mut rest, mut signs, mut digits) = (None, 0, 4, 2);
    let mut after_separator = false;
    for (at, sign) in text[start + 4..].char_indices() {
        if signs >= 34 {
            break;
        }
        if let Some(code) = base36(sign) {
            rest = (rest * if code > 9 { 100 } else { 10 } + code) % 97;
            digits += u32::from(code < 10);
            signs += 1;
            if signs > 14 && digits > 9 && remainder(head.as_bytes(), 97, rest) == 1 {
                end = Some(start + 4 + at + sign.len_utf8());
            }
            after_separator = false;
        } else if is_iban_separator(sign) && !after_separator {
            after_separator = true;
        } else {
            break;
        }
    }
    end
}

fn ends_word(sign: char) -> bool {
    matches!(sign,
        '\0'..='\x20' | '"' | '#' | '&' | '\'' | '(' | ')' | '*' | ',' | '/' | ':' | ';' | '<' | '=' | '>' | '?' | '['
        | ']' | '`' | '{' | '|' | '}' | '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{2022}' | '\u{2028}' | '\u{2029}'
        | '\u{202f}' | '\u{3000}' | '\u{feff}')
}

fn hide_words(text: &str) -> Cow<'_, str> {
    let mut patched = Patched::new(text);
    let mut at = 0;
    for word in text.split(ends_word) {
        let end = at + word.len();
        if word.encode_utf16().take(6).count() == 6 && is_telling(word) {
            patched.hide(at, end);
        }
        at = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
    patched.finish()
}

/// Each test looks for a part of the word, so a part of a word that passes also passes: hiding twice hides no more.
fn is_telling(word: &str) -> bool {
    holds_email(word) || holds_secret(word.as_bytes()) || holds_token(word.as_bytes())
}

fn holds_email(word: &str) -> bool {
    let mut parts = word.split('@');
    let mut before = parts.next().unwrap_or_default();
    for domain in parts {
        if !before.is_empty() && holds_top_level(domain) {
            return true;
        }
        before = domain;
    }
    false
}

/// A dot behind something that is no dot, with two letters behind it.
fn holds_top_level(domain: &str) -> bool {
    domain.match_indices('.').any(|(at, _)| {
        let mut after = domain[at + 1..].chars();
        let top_level = match after.next() {
            Some(sign) if sign.is_ascii_alphabetic() => after.next().is_some_and(|sign| sign.is_ascii_alphabetic()),
            Some(sign) => sign >= '\u{a1}',
            None => false,
        };
        top_level && at > 0 && !domain[..at].ends_with('.')
    })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn holds_secret(word: &[u8]) -> bool {
    let jwt = word
        .windows(10)
        .any(|part| part.starts_with(b"eyJ") && part[3..].iter().all(|byte| is_word_byte(*byte) || *byte == b'-'));
    jwt || word.split(|byte| !byte.is_ascii_hexdigit()).any(|run| run.len() >= 24)
}

fn holds_token(word: &[u8]) -> bool {
    word.split(|byte| !is_word_byte(*byte)).any(|token| {
        if token.len() < 20 {
            return false;
        }
        let class = |byte: u8| match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        let (mut runs, mut numbers, mut last) = (0, 0, 4);
        for kind in token.iter().map(|byte| class(*byte)) {
            if kind != last {
                runs += 1;
                numbers += u32::from(kind == 2);
            }
            last = kind;
        }
        numbers > 2 || (numbers > 0 && runs > 12)
    })
}

fn is_number_separator(sign: char) -> bool {
    matches!(sign, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2011}' | '(' | ')' | '.' | '/' | '-')
}

fn hide_numbers(text: &str) -> Cow<'_, str> {
    let mut patched = Patched::new(text);
    let mut from = 0;
    while let Some(first) = text[from..].find(|sign: char| sign.is_ascii_digit()).map(|at| from + at) {
        let prefix = text[from..first].bytes().rev().take(2).take_while(|byte| matches!(byte, b'+' | b'(')).count();
        let end = number_end(text, first);
        let run = &text[first - prefix..end];
        if run.bytes().filter(u8::is_ascii_digit).count() >= 8 && is_personal(run) {
            patched.hide(first - prefix, end);
        }
        from = end;
    }
    patched.finish()
}

/// Where a run of digits with at most two separators between them ends.
fn number_end(text: &str, first: usize) -> usize {
    let (mut end, mut gap) = (first, 0);
    for (at, sign) in text[first..].char_indices() {
        if sign.is_ascii_digit() {
            end = first + at + 1;
            gap = 0;
        } else if gap < 2 && is_number_separator(sign) {
            gap += 1;
        } else {
            break;
        }
    }
    end
}

fn is_personal(run: &str) -> bool {
    if run.contains('+') {
        return true;
    }
    let groups: Vec<&str> = run.split(|sign: char| !sign.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let slash = run.contains('/');
    groups.iter().any(|group| group.len() >= 9) || (0..groups.len()).any(|at| begins_personal(&groups[at..], slash))
}

/// Whether some first groups of these are a telephone, card or birth number.
fn begins_personal(groups: &[&str], slash: bool) -> bool {
    let (mut digits, mut shape) = (Vec::with_capacity(48), Vec::with_capacity(6));
    // No shape has more groups; the international form may.
    for group in groups.iter().take(6) {
        digits.extend_from_slice(group.as_bytes());
        shape.push(group.len());
        let trunk =
            digits[0] == b'0' && digits.len() > 8 && (is_trunk(&shape) || (digits[1] == b'0' && digits.len() > 10));
        let birth = match shape[..] {
            [6, 4] => true,
            [6, 3] => slash,
            _ => false,
        };
        if is_local(&shape) || trunk || (is_card(&shape) && passes_luhn(&digits)) || (birth && is_birth_number(&digits))
        {
            return true;
        }
    }
    false
}

/// Lengths of the digit groups of local telephone numbers.
fn is_local(shape: &[usize]) -> bool {
    matches!(shape, [3, 3, 3 | 4] | [3, 6 | 7] | [3, 2, 2, 2])
}

/// The same for those that begin with 0.
fn is_trunk(shape: &[usize]) -> bool {
    matches!(shape, [2..=5, 5..=8] | [2..=5, 3 | 4, 3 | 4] | [2..=5, 2..=4, 2, 2] | [2, 2, 2, 2, 2] | [4, 2, 2, 3])
}

fn is_card(shape: &[usize]) -> bool {
    matches!(shape, [4, 4, 4, 1..=4] | [4, 4, 4, 1..=4, 1..=3] | [4, 6, 4 | 5])
}

pub(super) fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit - b'0') << (at % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A Czech or Slovak birth number: a plausible date, and divisible by eleven unless it is from before 1954.
pub(super) fn is_birth_number(digits: &[u8]) -> bool {
    let month = remainder(&digits[2..4], 100, 0) % 50 % 20;
    let day = remainder(&digits[4..6], 100, 0);
    let rest = remainder(&digits[..9], 11, 0);
    let checks = match digits.get(9) {
        Some(last) => rest % 10 == u32::from(last - b'0'),
        None => true,
    };
    (1..=12).contains(&month) && (1..=31).contains(&day) && checks
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
