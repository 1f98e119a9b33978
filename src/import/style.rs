//! Rules of style sheets, and inline style that is told property by property.

use super::json::Json;
use super::page::{children, number_of};
use super::tree::Theirs;
use crate::policy::{self, Policy, TEXT_MAX};

/// What rrweb puts between the texts of one style element.
const SPLIT: &str = "/* rr_split */";
/// Bytes of inline style that are kept of one element.
const INLINE_MAX: usize = 64 << 10;

/// The rules of a style or link element, by the text that they come from, if it is one; none where it has none.
pub fn rules_of(node: Json<'_>) -> Option<Vec<(Option<Theirs>, String)>> {
    let texts: Vec<(Option<Theirs>, String)> = children(node)
        .into_iter()
        .filter_map(|child| Some((Some(number_of(child)?), child.get("textContent")?.text()?.into_owned())))
        .collect();
    let css = node.get("attributes").and_then(|given| given.get("_cssText")).and_then(Json::text);
    match css {
        Some(css) if texts.is_empty() => Some(vec![(None, css.into_owned())]),
        Some(css) => {
            // A part for each text; what is left belongs to the last.
            let mut parts = css.splitn(texts.len(), SPLIT);
            Some(texts.iter().map(|(id, _)| (*id, parts.next().unwrap_or_default().to_owned())).collect())
        }
        None if texts.is_empty() => None,
        None => Some(texts),
    }
}

/// Rules as they may be told.
pub fn hidden(css: &str, policy: &Policy) -> String {
    if css.len() > TEXT_MAX * 4 {
        return String::new();
    }
    let hidden = policy::hide_css(css, policy).into_owned();
    if hidden.len() > TEXT_MAX * 4 { String::new() } else { hidden }
}

/// An inline style with some of its properties set or taken away.
pub fn patched(style: &str, changes: Json<'_>) -> String {
    let mut kept: Vec<(String, String)> = declarations(style);
    for (name, value) in changes.fields() {
        let name = name.to_ascii_lowercase();
        kept.retain(|(known, _)| *known != name);
        let value = match value.text() {
            Some(text) => text.into_owned(),
            None => {
                let parts: Vec<_> = value.items().filter_map(Json::text).collect();
                match parts.as_slice() {
                    [] => continue,
                    [value] => value.to_string(),
                    [value, priority, ..] if priority.is_empty() => value.to_string(),
                    [value, priority, ..] => format!("{value} !{priority}"),
                }
            }
        };
        kept.push((name, value));
    }
    let text: String = kept.iter().map(|(name, value)| format!("{name}: {value}; ")).collect();
    if text.len() > INLINE_MAX { String::new() } else { text.trim_end().to_owned() }
}

fn declarations(style: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut depth, mut quote, mut from) = (0_u32, None, 0);
    for (at, byte) in style.bytes().enumerate().chain([(style.len(), b';')]) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) if at < style.len() => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (_, b';') if depth == 0 || at == style.len() => {
                if let Some((name, value)) = style[from..at].split_once(':') {
                    found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                from = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::json::Document;
    use super::*;

    #[test]
    fn inline_style_changes_property_by_property() {
        let patch = |style: &str, changes: &str| {
            let document = Document::parse(changes).unwrap();
            patched(style, document.root())
        };
        assert_eq!(
            patch("color: red; top:1px", r#"{"top":"2px","left":["3px","important"],"color":false}"#),
            "top: 2px; left: 3px !important;"
        );
        assert_eq!(
            patch("background:url(a;b);content:\";\"", r#"{"color":"red"}"#),
            "background: url(a;b); content: \";\"; color: red;"
        );
        assert_eq!(patch("", "{}"), "");
    }
}
