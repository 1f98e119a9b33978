//! JSON written piece by piece: a recording is streamed, so no event is ever a tree of values.

use std::io::Write;

/// A comma, unless a list or object has just begun.
pub(super) fn comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'[' | b'{')) {
        out.push(b',');
    }
}

pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("text is written to memory as JSON");
}

pub(super) fn key(out: &mut Vec<u8>, name: &str) {
    string(out, name);
    out.push(b':');
}

/// `before` as it stands, then the text.
pub(super) fn text(out: &mut Vec<u8>, before: &str, text: &str) {
    out.extend(before.as_bytes());
    string(out, text);
}

/// `before` as it stands, then the number.
pub(super) fn number(out: &mut Vec<u8>, before: &str, number: impl Into<i64>) {
    write!(out, "{before}{}", number.into()).expect("memory takes what is written");
}

/// `before` as it stands, then a number of tenths as a number.
pub(super) fn tenths(out: &mut Vec<u8>, before: &str, tenths: u32) {
    write!(out, "{before}{}.{}", tenths / 10, tenths % 10).expect("memory takes what is written");
}
