//! The second wall: whatever passed the door, no remote address stands where a replay would load it, and nothing runs.

use super::asset::is_link;
use std::borrow::Cow;

/// The element's name as a replay may have it: one that runs or loads is an empty place.
pub(super) fn tag(name: &str) -> &str {
    const DENIED: [&str; 9] =
        ["script", "object", "embed", "applet", "base", "portal", "frame", "frameset", "fencedframe"];
    if DENIED.iter().any(|denied| name.eq_ignore_ascii_case(denied)) { "noscript" } else { name }
}

/// The attribute's value as a replay may have it; none if it may not.
pub(super) fn attribute<'a>(tag: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let name = name.to_ascii_lowercase();
    // The player reads these as its own words.
    if name.starts_with("rr_") || name.starts_with('_') || name.starts_with("on") {
        return None;
    }
    match name.as_str() {
        "srcdoc" | "http-equiv" | "content" | "ping" | "nonce" | "integrity" | "srcset" | "imagesrcset"
        | "autofocus" | "autoplay" => None,
        // A link loads nothing until it is followed, and a replay follows none.
        "href" if tag.eq_ignore_ascii_case("a") || tag.eq_ignore_ascii_case("area") => {
            let runs = value.trim_start().get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
            (!runs).then_some(Cow::Borrowed(value))
        }
        "href" | "xlink:href" | "src" | "poster" | "data" | "action" | "formaction" | "background" | "cite"
        | "longdesc" | "profile" | "manifest" | "codebase" | "classid" | "archive" | "usemap" | "lowsrc" | "dynsrc"
        | "icon" => stays(value).then_some(Cow::Borrowed(value)),
        // Any presentation attribute may hold an address.
        _ => Some(css(value)),
    }
}

/// Whether an address is within the document, or a picture that brings its own data or was stored.
fn stays(address: &str) -> bool {
    let start = address.get(..11).unwrap_or(address);
    address.starts_with('#') || start.eq_ignore_ascii_case("data:image/") || address == "data:," || is_link(address)
}

/// Whether this is the data of a picture and nothing else; or nothing.
pub(super) fn is_picture(picture: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=;:,".contains(&byte);
    picture.is_empty() || (picture.starts_with("data:image/") && picture.bytes().all(fits))
}

/// Style text in which no address leads out of the document, and nothing is imported.
pub(super) fn css(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(['(', '@']) {
        let (before, behind) = text.split_at(at);
        if behind.get(..7).is_some_and(|rule| rule.eq_ignore_ascii_case("@import")) {
            out.push_str(&text[from..at]);
            out.push_str("@_");
            from = at + 7;
        } else if ends_with(before, "url") && !is_inner(&behind[1..]) {
            // The address that follows is a name of this empty one's content.
            out.push_str(&text[from..=at]);
            out.push_str("data:,");
            from = at + 1;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

fn ends_with(text: &str, end: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= end.len() && bytes[bytes.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
}

fn is_inner(address: &str) -> bool {
    let address = address.trim_start_matches(|sign: char| sign.is_whitespace() || matches!(sign, '"' | '\''));
    let end =
        address.find(|sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | ')')).unwrap_or(address.len());
    address.starts_with('#')
        || address.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
        || is_link(&address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_that_loads_gets_through() {
        for (tag, name) in
            [("img", "src"), ("link", "href"), ("use", "xlink:href"), ("form", "action"), ("video", "poster")]
        {
            assert_eq!(attribute(tag, name, "https://x.example/a"), None, "{tag} {name}");
            assert!(attribute(tag, name, "#a").is_some());
        }
        assert!(attribute("a", "href", "https://x.example/a").is_some());
        let stored = format!("hush:{}", "0f".repeat(16));
        assert_eq!(attribute("img", "src", &stored), Some(Cow::Borrowed(stored.as_str())));
        assert_eq!(attribute("img", "src", "hush:12"), None, "a number that nothing stands for");
        assert!(attribute("img", "src", "data:image/png;base64,AA").is_some());
        assert_eq!(attribute("iframe", "src", "data:text/html,x"), None);
        assert_eq!(attribute("a", "href", " JavaScript:x"), None);
        assert_eq!((tag("SCRIPT"), tag("embed"), tag("p")), ("noscript", "noscript", "p"));
        for name in ["onclick", "_cssText", "rr_dataURL", "srcdoc", "SRCSET"] {
            assert_eq!(attribute("div", name, "x"), None, "{name}");
        }
    }

    #[test]
    fn no_address_in_style_leads_out() {
        for (given, wanted) in [
            ("a{b:c}", "a{b:c}"),
            ("a{b:url(#c) url(\"data:x\")}", "a{b:url(#c) url(\"data:x\")}"),
            ("a{b:URL( https://x)}", "a{b:URL(data:, https://x)}"),
            ("@import url(x);", "@_ url(data:,x);"),
            ("a{b:url(hush:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f)}", "a{b:url(hush:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f)}"),
            ("a{b:url(hush:12)}", "a{b:url(data:,hush:12)}"),
        ] {
            assert_eq!(css(given), wanted);
            assert_eq!(css(&css(given)), wanted);
        }
        assert_eq!(attribute("path", "fill", "url(https://x)"), Some("url(data:,https://x)".into()));
    }
}
