//! Style text without the words and addresses in it. Twin of `assets/recorder/src/hide/css.ts`.
//! A scanner, not a parser: what loads is found token by token wherever it stands, so that no unclosed block hides it.

use std::borrow::Cow;

use super::layout::{is_names, is_shape};
use super::text::{DOTS, redact};
use super::{MediaMode, Policy, TextMode};

const NOWHERE: &str = "data:,";

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80
}

fn is_ascii_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Whether an address stays within the document, or is picture or font data that the policy shows.
pub fn is_inner(address: &str, media: MediaMode) -> bool {
    address == NOWHERE
        || is_fragment(address)
        || match media {
            MediaMode::Block => false,
            MediaMode::SameOrigin | MediaMode::Show => is_data(address) || is_asset(address),
        }
}

/// What stands for a picture or a font whose bytes are sent apart: its number, and its own size where the recorder knew it.
fn is_asset(address: &str) -> bool {
    let number = |text: &str| {
        (1..=5).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    address.strip_prefix("hush:").is_some_and(|rest| match rest.split_once('/') {
        None => number(rest),
        Some((place, size)) => {
            number(place) && size.split_once('x').is_some_and(|(width, height)| number(width) && number(height))
        }
    })
}

fn is_fragment(address: &str) -> bool {
    address.strip_prefix('#').is_some_and(|id| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| is_ascii_name_byte(byte) || matches!(byte, b'.' | b':'))
    })
}

fn is_data(address: &str) -> bool {
    let Some(end) = address.find([';', ',']) else {
        return false;
    };
    let (kind, content) = address.split_at(end);
    let kind = kind.to_ascii_lowercase();
    let Some(kind) = kind.strip_prefix("data:") else {
        return false;
    };
    let known = match kind.strip_prefix("image/") {
        Some(image) => matches!(image, "png" | "jpeg" | "gif" | "webp" | "avif" | "svg+xml"),
        None => is_font(kind.strip_prefix("application/").unwrap_or(kind)),
    };
    known && content[1..].bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'&' | b'*'..=b'[' | b']'..=b'~'))
}

fn is_font(kind: &str) -> bool {
    let kind = kind.strip_prefix("x-").unwrap_or(kind);
    kind.strip_prefix("font-").or_else(|| kind.strip_prefix("font/")).is_some_and(|format| {
        !format.is_empty() && format.bytes().all(|byte| is_ascii_name_byte(byte) || matches!(byte, b'.' | b'+'))
    })
}

/// Style rules or declarations: comments, imports and addresses gone, strings as the text mode says.
pub fn hide_css<'a>(css: &'a str, policy: &Policy) -> Cow<'a, str> {
    if is_plain(css) {
        return Cow::Borrowed(css);
    }
    let mut out = String::with_capacity(css.len());
    let mut parts: Vec<&str> = Vec::new();
    let mut depth = 0_u32;
    let mut at = 0;
    while at < css.len() {
        let token = &css[at..at + token_length(&css[at..])];
        at += token.len();
        match token.as_bytes() {
            // An empty one keeps apart what it kept apart.
            [b'/', b'*', ..] if parts.is_empty() => {}
            [b'/', b'*', ..] => parts.push("/**/"),
            [b';' | b'{' | b'}'] if depth == 0 => {
                hide_statement(&mut out, &parts, token, policy);
                parts.clear();
            }
            _ => {
                match token.as_bytes() {
                    [b'(' | b'['] => depth += 1,
                    [b')' | b']'] => depth = depth.saturating_sub(1),
                    _ => {}
                }
                parts.push(token);
            }
        }
    }
    hide_statement(&mut out, &parts, "", policy);
    if out == css { Cow::Borrowed(css) } else { Cow::Owned(out) }
}

/// A short value such as `red` or `M 10 20` that nothing in this file would change.
fn is_plain(css: &str) -> bool {
    css.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_space(byte) || b".,%-+#".contains(&byte))
}

/// How long the token is that this text begins with: a comment, `url(` and all that is in it, a string, a name (of a rule
/// with its `@`), an escape, a run of lesser signs, or any other sign.
fn token_length(css: &str) -> usize {
    let bytes = css.as_bytes();
    let at_sign = usize::from(bytes[0] == b'@');
    let behind = bytes.get(at_sign).copied();
    if bytes.starts_with(b"/*") {
        return css[2..].find("*/").map_or(css.len(), |end| end + 4);
    }
    if is_url(css) {
        return url_length(bytes);
    }
    match behind {
        Some(quote @ (b'"' | b'\'')) if at_sign == 0 => string_length(bytes, quote),
        Some(byte) if is_name_byte(byte) => at_sign + run(&bytes[at_sign..], is_name_byte),
        Some(b'\\') => at_sign + 1 + css[at_sign + 1..].chars().next().map_or(0, char::len_utf8),
        Some(byte) if at_sign == 0 && is_lesser(byte) => run(bytes, is_lesser),
        _ => 1,
    }
}

fn is_lesser(byte: u8) -> bool {
    is_space(byte) || b",.:#>+~%*=!".contains(&byte)
}

fn run(bytes: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !fits(*byte)).unwrap_or(bytes.len())
}

fn is_url(token: &str) -> bool {
    token.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"url("))
}

fn url_length(bytes: &[u8]) -> usize {
    let mut end = 4 + run(&bytes[4..], is_space);
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(end).copied() {
        end += string_length(&bytes[end..], quote);
    }
    end += run(&bytes[end..], |byte| !matches!(byte, b')' | b'"' | b'\''));
    end + usize::from(bytes.get(end) == Some(&b')'))
}

/// A string ends at its quote, at the end of its line, or with the text; an escape takes the sign behind it along.
fn string_length(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => return at,
            b'\\' if at + 1 < bytes.len() => at += 1 + utf8_length(bytes[at + 1]),
            b'\\' => return at,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn utf8_length(first: u8) -> usize {
    match first {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    }
}

fn hide_statement(out: &mut String, parts: &[&str], end: &str, policy: &Policy) {
    match rule_name(parts).as_deref() {
        Some("charset") => out.push_str(if end == ";" { "" } else { end }),
        Some(rule) if matches!(rule, "import" | "namespace" | "") || (end != "{" && rule != "layer") => {
            // As many rules as before, so that their numbers stay right.
            out.push_str("@media not all");
            out.push_str(match end {
                "{" => "{",
                "}" => "{}}",
                _ => "{}",
            });
        }
        Some(_) => {
            hide_prelude(out, parts, policy);
            out.push_str(end);
        }
        None => {
            if end == "{" {
                hide_prelude(out, parts, policy);
            } else {
                hide_declaration(out, parts, policy);
            }
            out.push_str(end);
        }
    }
}

/// The name behind a statement's `@`; empty if it is written with escapes.
fn rule_name(parts: &[&str]) -> Option<String> {
    // Only what may stand before an `@` is looked at, so a statement is not joined for nothing.
    let mut before = String::new();
    for part in parts {
        if let Some(name) = part.strip_prefix('@') {
            let mut rest = before.as_str();
            loop {
                rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
                match ["<!--", "-->", "/**/"].iter().find_map(|mark| rest.strip_prefix(mark)) {
                    Some(behind) => rest = behind,
                    None => break,
                }
            }
            let ascii = run(name.as_bytes(), is_ascii_name_byte);
            return rest.is_empty().then(|| name[..ascii].to_ascii_lowercase());
        }
        let may_precede = |byte: u8| is_space(byte) || b"<!->/*".contains(&byte);
        if !part.bytes().all(may_precede) {
            return None;
        }
        before.push_str(part);
    }
    None
}

/// What decides where a statement ends stays, whatever it stands in.
fn is_bracket(token: &str) -> bool {
    matches!(token, "(" | ")")
}

fn is_string(token: &str) -> bool {
    token.starts_with(['"', '\''])
}

fn hide_prelude(out: &mut String, parts: &[&str], policy: &Policy) {
    /// Where in `[name=value]` we are.
    #[derive(PartialEq)]
    enum Place {
        Outside,
        Name,
        Value,
        Behind,
    }
    let mut place = Place::Outside;
    let mut name = String::new();
    for token in parts.iter().copied() {
        if token == "[" {
            place = Place::Name;
        } else if token == "]" {
            place = Place::Outside;
        } else if is_url(token) {
            // Behind a value it would be told as a part of that.
            if place != Place::Behind {
                push_url(out, token, policy.media);
            }
            if place == Place::Value {
                place = Place::Behind;
            }
            continue;
        } else if place == Place::Name && token.contains('=') {
            place = Place::Value;
        } else if place == Place::Name && token.starts_with(|sign: char| sign.is_ascii() && is_name_byte(sign as u8)) {
            name = token.to_lowercase();
        } else if matches!(place, Place::Value | Place::Behind) && !is_space(token.as_bytes()[0]) && !is_bracket(token)
        {
            if place == Place::Behind {
                if matches!(token, "i" | "I" | "s" | "S") {
                    out.push_str(token);
                }
                continue;
            }
            place = Place::Behind;
            let shown = match policy.text {
                TextMode::Mask => is_names(&name) || is_shape(&name),
                TextMode::Redact | TextMode::Show => true,
            };
            if !shown {
                out.push_str("\"\"");
                continue;
            }
            if is_string(token) {
                if redact(token) == token {
                    out.push_str(token);
                } else {
                    out.push('"');
                    out.push_str(DOTS);
                    out.push('"');
                }
                continue;
            }
        } else if is_string(token) {
            push_string(out, token, policy.text);
            continue;
        }
        out.push_str(match token {
            import if import.eq_ignore_ascii_case("@import") => "@_",
            long if is_long(long) => "_",
            other => other,
        });
    }
}

fn hide_declaration(out: &mut String, parts: &[&str], policy: &Policy) {
    let property = property_of(parts);
    if matches!(property.as_str(), "-moz-binding" | "behavior") || has_expression(parts) {
        return;
    }
    let custom = property.starts_with("--");
    let foreign = || parts.iter().any(|part| part.bytes().any(|byte| byte == b'@' || byte >= 0x80));
    if custom && policy.text == TextMode::Mask && foreign() {
        for part in parts.iter().copied() {
            if let Some(colon) = part.find(':') {
                out.push_str(&part[..=colon]);
                break;
            }
            out.push_str(shown_name(part));
        }
        out.push(' ');
        return;
    }
    let mut source = String::new();
    for (at, token) in parts.iter().copied().enumerate() {
        if token == "(" {
            // Behind an escape it is the end of another name.
            source = match parts.get(..at).unwrap_or_default() {
                [.., escape, _] if is_word_escape(escape) => String::new(),
                [.., name] => name.to_lowercase(),
                [] => String::new(),
            };
        }
        if is_url(token) {
            push_url(out, token, policy.media);
        } else if !is_string(token) {
            out.push_str(match token {
                import if import.eq_ignore_ascii_case("@import") => "@_",
                escape if is_word_escape(escape) => "_",
                // A number in its place would go on with the one before it.
                long if is_long(long) && long.starts_with('@') => "@_",
                long if is_long(long) && !at.checked_sub(1).is_some_and(|before| parts[before].ends_with('.')) => "0",
                other => other,
            });
        } else if matches!(source.as_str(), "image" | "image-set" | "-webkit-image" | "-webkit-image-set" | "src") {
            out.push('"');
            out.push_str(address_of(token, policy.media));
            out.push('"');
        } else if !custom && is_naming(&property) {
            out.push_str(token);
        } else {
            push_string(out, token, policy.text);
        }
    }
}

/// More digits than any size has, unless they are a fraction.
fn is_long(token: &str) -> bool {
    let mut digits = 0;
    token.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits > 10
    })
}

/// The property that a declaration sets, in lower case; empty if it sets none.
fn property_of(parts: &[&str]) -> String {
    let rest = parts.iter().copied().skip_while(|part| part.bytes().all(is_space));
    let mut name = String::new();
    for part in rest {
        if part.bytes().all(is_ascii_name_byte) {
            name.push_str(part);
        } else if is_word_escape(part) {
            name.push_str(shown_name(part));
        } else {
            // A run of lesser signs may begin with spaces and go on with something else: then there is no name before the colon.
            let ends = part.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']).starts_with(':');
            return if ends { name.to_ascii_lowercase() } else { String::new() };
        }
    }
    String::new()
}

/// A part of a name in a declaration, as it is told.
fn shown_name(part: &str) -> &str {
    if is_word_escape(part) {
        "_"
    } else if is_long(part) {
        "0"
    } else {
        part
    }
}

/// Internet Explorer's `expression(` runs code.
fn has_expression(parts: &[&str]) -> bool {
    const WORD: &[u8] = b"expression";
    let named = |part: &&str| part.as_bytes().windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD));
    if !parts.iter().any(named) {
        return false;
    }
    let raw = parts.concat().to_ascii_lowercase();
    raw.match_indices("expression")
        .any(|(at, word)| raw[at + word.len()..].trim_start_matches([' ', '\t', '\n', '\r', '\x0c']).starts_with('('))
}

/// Strings of these properties are names of the style sheet's own.
fn is_naming(property: &str) -> bool {
    matches!(property, "src" | "syntax")
        || ["font", "grid", "animation"].iter().any(|begin| property.starts_with(begin))
}

/// An escape that may spell a letter, in a declaration.
fn is_word_escape(token: &str) -> bool {
    match token.strip_prefix('@').unwrap_or(token).as_bytes() {
        [b'\\'] => true,
        [b'\\', sign] => sign.is_ascii_alphanumeric(),
        _ => false,
    }
}

fn push_url(out: &mut String, token: &str, media: MediaMode) {
    out.push_str("url(");
    out.push_str(address_of(&token[4..], media));
    out.push(')');
}

fn address_of(text: &str, media: MediaMode) -> &str {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    let text = text.strip_prefix(['"', '\'']).unwrap_or(text);
    let end = text.find(['"', '\'', ' ', '\t', '\n', '\r', '\x0c', ')']).unwrap_or(text.len());
    if is_inner(&text[..end], media) { &text[..end] } else { NOWHERE }
}

fn push_string(out: &mut String, string: &str, text: TextMode) {
    let quote = &string[..1];
    let inner = &string[1..];
    let inner = inner.strip_suffix(['"', '\'']).unwrap_or(inner);
    out.push_str(quote);
    out.push_str(match text {
        _ if is_sign(inner) => inner,
        TextMode::Mask => "",
        TextMode::Redact | TextMode::Show => match redact(inner) == inner {
            true => inner,
            false => DOTS,
        },
    });
    out.push_str(quote);
}

/// Signs and icons are no words: up to two signs that are neither letter nor digit, or private-use characters.
fn is_sign(text: &str) -> bool {
    (text.chars().all(is_lone_sign) && text.chars().count() <= 2) || is_icons(text)
}

fn is_lone_sign(sign: char) -> bool {
    matches!(sign,
        ' '..='/' | ':'..='@' | '[' | ']'..='`' | '{'..='~' | '\u{a0}'..='\u{a9}' | '\u{ab}' | '\u{ac}'
        | '\u{ae}'..='\u{b1}' | '\u{b4}' | '\u{b6}'..='\u{b8}' | '\u{bb}' | '\u{d7}' | '\u{f7}'
        | '\u{2010}'..='\u{205e}' | '\u{2190}'..='\u{23ff}' | '\u{2500}'..='\u{2bff}' | '\u{3000}'..='\u{3020}')
}

fn is_icons(text: &str) -> bool {
    let mut rest = text;
    let mut icons = 0;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Some(sign.len_utf8()),
            '\\' => icon_escape(&rest[1..]).map(|length| length + 1),
            _ => None,
        };
        let Some(length) = length else { return false };
        rest = &rest[length..];
        icons += 1;
    }
    (1..=4).contains(&icons)
}

/// How long an escape of an icon or sign is, with the space that may end it.
fn icon_escape(text: &str) -> Option<usize> {
    let digits = run(text.as_bytes(), |byte| byte.is_ascii_hexdigit());
    let lower = text[..digits.min(5)].to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let length = match bytes {
        [b'f', _, _, _, _] => 5,
        [b'e' | b'f', _, _, _, ..] | [b'2', b'0', b'1' | b'2', _, ..] | [b'2', b'1'..=b'9' | b'a', _, _, ..] => 4,
        [b'0', b'0', b'a', b'0', ..] => 4,
        [b'a', b'0', ..] => 2,
        _ => return None,
    };
    Some(length + usize::from(text.as_bytes().get(length) == Some(&b' ')))
}

#[cfg(test)]
#[path = "css_tests.rs"]
mod tests;
