//! What an attribute may say. Twin of `assets/recorder/src/hide/attribute.ts`. What is not known is not shown.

use std::borrow::Cow;

use super::css::{hide_css, is_inner};
use super::layout::{is_names, is_namespace, is_shape};
use super::text::{bucket_of, redact};
use super::url::reduce_url;
use super::{FormMode, Policy, TextMode};
use crate::stream::INPUT_BUCKET;

/// What hiding makes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hidden<'a> {
    /// It is left out.
    Dropped,
    /// Only its bucket is told.
    Masked(u8),
    Shown(Cow<'a, str>),
}

impl<'a> Hidden<'a> {
    fn shown_if(shown: bool, text: &'a str) -> Self {
        if shown { Self::Shown(Cow::Borrowed(text)) } else { Self::Dropped }
    }
}

/// Attributes by what may be told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Handlers, state and secrets: in no mode.
    Never,
    /// A link, followed only by a click.
    Link,
    /// An address that loads something or is sent to.
    Address,
    Style,
    Names,
    Shape,
    Namespace,
    /// Named by the policy.
    Listed,
    /// Words that are seen on the page.
    Seen,
    /// Words that are not.
    Unseen,
    /// A place in a list.
    Ordinal,
    /// What the visitor wrote or chose, said by markup: told where forms are recorded.
    FormState,
    /// Words of what can be chosen.
    Choice,
    /// Anybody's own.
    Custom,
}

/// What kind of attribute this is on this element; `kind` is the element's own `type`.
pub(super) fn kind_of(tag: &str, name: &str, kind: &str, policy: &Policy) -> Kind {
    let is_value = name == "value";
    let button = tag == "button"
        || (tag == "input" && ["button", "submit", "reset"].iter().any(|button| kind.eq_ignore_ascii_case(button)));
    if is_never(name) || (is_value && tag == "input" && !button) {
        Kind::Never
    } else if name == "href" && matches!(tag, "a" | "area") {
        Kind::Link
    } else if is_address(name) {
        Kind::Address
    } else if policy.forms != FormMode::Record && is_form_state(name) {
        Kind::FormState
    } else if policy.forms != FormMode::Record && name == "label" && tag.starts_with("opt") {
        Kind::Choice
    } else if name == "style" {
        Kind::Style
    } else if is_names(name) {
        Kind::Names
    } else if is_shape(name) {
        Kind::Shape
    } else if is_namespace(name) {
        Kind::Namespace
    } else if policy.attributes.iter().any(|listed| listed == name) {
        Kind::Listed
    } else if matches!(name, "placeholder" | "alt" | "label") || (is_value && button) {
        Kind::Seen
    } else if is_value && tag == "li" {
        Kind::Ordinal
    } else if is_unseen(name) || (is_value && matches!(tag, "meter" | "progress")) {
        Kind::Unseen
    } else if is_value {
        Kind::Never
    } else {
        Kind::Custom
    }
}

/// What to keep of an attribute. `kind` is the element's own `type`, where it has one.
pub fn hide_attribute<'a>(tag: &str, name: &str, value: &'a str, policy: &Policy, kind: &str) -> Hidden<'a> {
    if !is_markup(name) {
        return Hidden::Dropped;
    }
    let tag = lower(tag);
    let name = lower(name);
    match (kind_of(&tag, &name, kind, policy), policy.text) {
        (Kind::Never | Kind::FormState, TextMode::Mask | TextMode::Redact | TextMode::Show) => Hidden::Dropped,
        (Kind::Choice, _) => Hidden::Masked(INPUT_BUCKET),
        (Kind::Link, _) => match reduce_url(value, policy) {
            address if address.is_empty() => Hidden::Dropped,
            address => Hidden::Shown(Cow::Owned(address)),
        },
        (Kind::Address, _) => {
            let inner = is_inner(value, policy.media) || is_empty_picture(value);
            Hidden::shown_if(inner && may_load(&tag, &name, value), value)
        }
        (Kind::Style, _) => Hidden::Shown(hide_css(value, policy)),
        (Kind::Names, _) => Hidden::Shown(hide_tokens(value)),
        (Kind::Shape, _) if has_shape(value) => Hidden::Shown(hide_css(value, policy)),
        (Kind::Shape, _) => Hidden::Dropped,
        (Kind::Namespace, _) => Hidden::shown_if(is_w3(value), value),
        (Kind::Listed, text) => hide_text(value, text),
        (Kind::Seen, TextMode::Mask) => Hidden::Masked(bucket_of(value)),
        (Kind::Seen | Kind::Unseen, text @ (TextMode::Redact | TextMode::Show)) => hide_text(value, text),
        (Kind::Unseen | Kind::Custom, TextMode::Mask) => Hidden::Dropped,
        (Kind::Ordinal, _) => Hidden::shown_if(is_ordinal(value), value),
        (Kind::Custom, TextMode::Redact | TextMode::Show) => {
            Hidden::shown_if(value.is_empty() || is_name(value), value)
        }
    }
}

/// Whether hiding leaves this value as it is.
pub(super) fn accepts(tag: &str, name: &str, value: &str, policy: &Policy, kind: &str) -> bool {
    matches!(hide_attribute(tag, name, value, policy, kind), Hidden::Shown(shown) if shown == value)
}

/// Whether this attribute may be told as a bucket: words that are seen on the page, under a mask.
///
/// What can be chosen tells no length where forms are hidden.
pub(super) fn may_be_masked(tag: &str, name: &str, kind: &str, bucket: u8, forms: FormMode) -> bool {
    match kind_of(&lower(tag), &lower(name), kind, &Policy::default()) {
        Kind::Seen => true,
        Kind::Choice => match forms {
            FormMode::Off | FormMode::Masked => bucket == INPUT_BUCKET,
            FormMode::Record => true,
        },
        Kind::Never
        | Kind::Link
        | Kind::Address
        | Kind::Style
        | Kind::Names
        | Kind::Shape
        | Kind::Namespace
        | Kind::Listed
        | Kind::Unseen
        | Kind::Ordinal
        | Kind::FormState
        | Kind::Custom => false,
    }
}

/// Whether it may be told that this attribute is gone.
pub fn may_go(tag: &str, name: &str, kind: &str, policy: &Policy) -> bool {
    match (kind_of(&lower(tag), &lower(name), kind, policy), policy.text) {
        (Kind::Never | Kind::FormState, TextMode::Mask | TextMode::Redact | TextMode::Show)
        | (Kind::Unseen | Kind::Custom, TextMode::Mask) => false,
        (_, TextMode::Mask | TextMode::Redact | TextMode::Show) => true,
    }
}

/// Whether this attribute holds words: they are shown, masked or redacted as text is.
pub(super) fn is_words(tag: &str, name: &str) -> bool {
    // What is no layout attribute, no address and no style is words, or may be named by a policy as such.
    match kind_of(&lower(tag), &lower(name), "submit", &Policy::default()) {
        Kind::Seen | Kind::Unseen | Kind::Custom | Kind::FormState | Kind::Choice => true,
        Kind::Never
        | Kind::Link
        | Kind::Address
        | Kind::Style
        | Kind::Names
        | Kind::Shape
        | Kind::Namespace
        | Kind::Listed
        | Kind::Ordinal => false,
    }
}

/// A list of names, without those that look as if they told of a person or were made by a machine.
pub fn hide_tokens(value: &str) -> Cow<'_, str> {
    let tokens = || value.split([' ', '\t', '\n', '\r', '\x0c']).filter(|token| !token.is_empty());
    if tokens().all(is_name) {
        return Cow::Borrowed(value);
    }
    let kept: Vec<&str> = tokens().filter(|token| is_name(token)).collect();
    Cow::Owned(kept.join(" "))
}

fn hide_text(value: &str, text: TextMode) -> Hidden<'_> {
    match text {
        TextMode::Mask | TextMode::Redact => Hidden::Shown(redact(value)),
        TextMode::Show => Hidden::Shown(Cow::Borrowed(value)),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn is_never(name: &str) -> bool {
    name.starts_with("on")
        || matches!(
            name,
            "srcdoc"
                | "nonce"
                | "integrity"
                | "http-equiv"
                | "content"
                | "checked"
                | "selected"
                | "ping"
                | "autofocus"
                | "autocomplete"
        )
}

/// What a control of the page's own make says of its state, and where frameworks keep what was typed.
fn is_form_state(name: &str) -> bool {
    matches!(name, "aria-checked" | "aria-valuetext" | "aria-valuenow")
        || ["-value", ":value", "-val", ":val"].iter().any(|end| name.ends_with(end))
}

fn is_address(name: &str) -> bool {
    matches!(
        name,
        "href"
            | "xlink:href"
            | "src"
            | "datasrc"
            | "srcset"
            | "imagesrcset"
            | "action"
            | "formaction"
            | "poster"
            | "cite"
            | "data"
            | "background"
            | "longdesc"
            | "profile"
            | "manifest"
            | "codebase"
            | "classid"
            | "archive"
            | "usemap"
            | "lowsrc"
            | "dynsrc"
            | "icon"
    )
}

fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "summary"
            | "abbr"
            | "aria-label"
            | "aria-description"
            | "aria-roledescription"
            | "aria-valuetext"
            | "aria-valuenow"
            | "aria-valuemin"
            | "aria-valuemax"
            | "aria-placeholder"
    )
}

fn may_load(tag: &str, name: &str, value: &str) -> bool {
    let loads = matches!(tag, "img" | "image" | "feimage" | "use" | "input" | "source")
        && matches!(name, "src" | "href" | "xlink:href");
    loads || (tag, name) == ("video", "poster") || value.starts_with('#')
}

/// What the recorder puts in the place of a picture: an empty one of its size.
fn is_empty_picture(value: &str) -> bool {
    let size = |text: &str| (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    value
        .strip_prefix("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='")
        .and_then(|rest| rest.strip_suffix("'/%3E"))
        .and_then(|sizes| sizes.split_once("' height='"))
        .is_some_and(|(width, height)| size(width) && size(height))
}

fn has_shape(value: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'+' | b'_' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
            || b".,%#():;/<>=*'\"".contains(&byte)
    };
    let mut digits = 0;
    let mut fraction = false;
    let mut before = 0;
    value.bytes().all(|byte| {
        if byte.is_ascii_digit() {
            fraction = if digits == 0 { before == b'.' } else { fraction };
            digits += 1;
        } else {
            digits = 0;
        }
        before = byte;
        fits(byte) && digits < if fraction { 17 } else { 9 }
    })
}

fn is_w3(value: &str) -> bool {
    value
        .strip_prefix("http://www.w3.org/")
        .is_some_and(|rest| matches!(rest, "1999/xhtml" | "1999/xlink" | "2000/svg" | "1998/Math/MathML"))
}

fn is_ordinal(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a tag or an attribute may be called that. Markup that was never escaped makes names of anything:
/// `Jan <jan@example.cz>` is an element.
pub fn is_markup(name: &str) -> bool {
    is_token(name) && !name.contains(['/', '=', '>']) && redact(name) == name
}

fn is_token(token: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:/[].()%#!,;@&>~+*='|^".contains(&byte);
    (1..=128).contains(&token.len()) && token.bytes().all(fits)
}

/// A token shaped as developers and style frameworks write them.
fn is_name(token: &str) -> bool {
    is_token(token) && !holds_email(token.as_bytes()) && !is_machine_made(token.as_bytes())
}

fn holds_email(token: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    (1..token.len()).any(|at| {
        let domain = &token[at + 1..];
        let host = domain.iter().take_while(|byte| is_word(byte) || **byte == b'-').count();
        token[at] == b'@'
            && is_word(&token[at - 1])
            && host > 0
            && domain.get(host) == Some(&b'.')
            && domain.get(host + 1).is_some_and(u8::is_ascii_alphabetic)
    })
}

/// With a digit in it: a long number, digits in groups, a long code.
fn is_machine_made(token: &[u8]) -> bool {
    let run = |fits: fn(&u8) -> bool| token.split(|byte| !fits(byte)).map(<[u8]>::len).max().unwrap_or(0);
    let dashed = token
        .windows(14)
        .any(|part| part[8] == b'-' && part[13] == b'-' && (0..13).all(|at| at == 8 || part[at].is_ascii_hexdigit()));
    token.iter().any(u8::is_ascii_digit)
        && (run(u8::is_ascii_digit) >= 5
            || run(u8::is_ascii_hexdigit) >= 16
            || run(u8::is_ascii_alphanumeric) >= 24
            || holds_groups(token)
            || dashed)
}

/// Three groups of two to four digits with one sign between each: the last may go on.
fn holds_groups(token: &[u8]) -> bool {
    let digits = |at: usize| token[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (0..token.len()).any(|start| {
        let mut at = start;
        for _ in 0..2 {
            let group = digits(at);
            if !(2..=4).contains(&group) || !token.get(at + group).is_some_and(|sign| b"-./()".contains(sign)) {
                return false;
            }
            at += group + 1;
        }
        digits(at) >= 2
    })
}

#[cfg(test)]
#[path = "attribute_tests.rs"]
mod tests;
