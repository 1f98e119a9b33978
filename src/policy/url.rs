//! What an address or a title may say. Twin of `assets/recorder/src/hide/url.ts`. No URL crate: browsers differ from it.

use std::borrow::Cow;

use super::text::{DOTS, bucket_of, redact};
use super::{Hidden, Policy, TextMode, UrlMode};

/// An absolute address cut into what may be shown of it; `userinfo` and hash are gone.
struct Address<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    query: &'a str,
}

/// An absolute address with its path as the policy shows it; only the scheme of what is no web page; "" if it is no address.
pub fn reduce_url(href: &str, policy: &Policy) -> String {
    let Some(address) = parse(href) else {
        return scheme_alone(href);
    };
    let segments: Vec<&str> = address.path.split('/').map(|segment| until(segment, ';')).collect();
    let mut out = format!("{}://{}", address.scheme, address.host).to_ascii_lowercase();
    out.push_str(address.port);
    match policy.urls {
        UrlMode::Listed => out.push_str(listed(&segments, &policy.paths)),
        UrlMode::Generalised => join(&mut out, &segments, |segment| {
            let hide = is_id(segment) || readable(segment) != segment;
            if hide { ":id" } else { segment }
        }),
        UrlMode::Path => join(&mut out, &segments, readable),
    }
    let mut sign = '?';
    for pair in address.query.split('&') {
        let name = until(pair, '=');
        if policy.query.iter().any(|shown| shown == name) {
            out.push(sign);
            out.push_str(name);
            if pair.len() > name.len() {
                out.push('=');
                out.push_str(readable(&pair[name.len() + 1..]));
            }
            sign = '&';
        }
    }
    out
}

/// A document's title: nothing of it where addresses are listed, else as the text mode says.
pub fn reduce_title<'t>(title: &'t str, policy: &Policy) -> Hidden<'t> {
    match (policy.urls, policy.text) {
        (UrlMode::Listed, TextMode::Mask | TextMode::Redact | TextMode::Show) => Hidden::Masked(0),
        (UrlMode::Generalised | UrlMode::Path, TextMode::Mask) => Hidden::Masked(bucket_of(title)),
        (UrlMode::Generalised | UrlMode::Path, TextMode::Redact) => Hidden::Shown(redact(title)),
        (UrlMode::Generalised | UrlMode::Path, TextMode::Show) => Hidden::Shown(Cow::Borrowed(title)),
    }
}

fn until(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or(text)
}

fn parse(href: &str) -> Option<Address<'_>> {
    let colon = href.find(':')?;
    let scheme = &href[..colon];
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let rest = href[colon + 1..].strip_prefix("//")?;
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(authority_end);
    if authority.contains('\\') {
        return None;
    }
    let server = authority.rsplit('@').next()?;
    let host_end =
        if server.starts_with('[') { server.find(']')? + 1 } else { server.find(':').unwrap_or(server.len()) };
    let (host, port) = server.split_at(host_end);
    let fits = is_host(host) && is_port(port);
    let rest = until(rest, '#');
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = if path.is_empty() { "/" } else { path };
    fits.then_some(Address { scheme, host, port, path, query })
}

fn is_host(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let bytes = inner.unwrap_or(host).bytes();
    let fits = |byte: u8| match inner {
        Some(_) => byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'),
        None => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'),
    };
    bytes.len() > 0 && bytes.into_iter().all(fits)
}

fn is_port(port: &str) -> bool {
    match port.strip_prefix(':') {
        Some(digits) => (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => port.is_empty(),
    }
}

fn scheme_alone(href: &str) -> String {
    let Some(colon) = href.bytes().take(12).position(|byte| byte == b':') else {
        return String::new();
    };
    let scheme = href[..colon].to_ascii_lowercase();
    // Any other word could be called a scheme.
    let known = matches!(
        scheme.as_str(),
        "mailto"
            | "tel"
            | "sms"
            | "geo"
            | "javascript"
            | "data"
            | "blob"
            | "about"
            | "file"
            | "ftp"
            | "webcal"
            | "whatsapp"
            | "skype"
            | "view-source"
    );
    if known { scheme + ":" } else { String::new() }
}

fn join<'a>(out: &mut String, segments: &[&'a str], hide: impl Fn(&'a str) -> &'a str) {
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 {
            out.push('/');
        }
        out.push_str(hide(segment));
    }
}

/// A segment that names one thing rather than a kind of thing: two digits, long, or with signs beyond a word's.
fn is_id(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let word = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'~' | b'-'));
    let version = bytes.len() == 3 && bytes[0].eq_ignore_ascii_case(&b'v') && digits == 2;
    // A sign beyond a word's decides before length does, so bytes may stand for UTF-16 units here.
    bytes.len() > 32
        || !word
        || (digits > 1 && !version)
        || (digits == 1 && bytes.len() == 1)
        || (bytes.len() >= 8 && bytes.iter().all(u8::is_ascii_hexdigit))
}

/// The part itself, or dots where the patterns find something in it. Percent signs are read once, so that `%40` cannot
/// carry an address past them.
fn readable(part: &str) -> &str {
    let plain = percent_decoded(part);
    match redact(&plain) {
        Cow::Borrowed(_) => part,
        Cow::Owned(hidden) if hidden == plain => part,
        Cow::Owned(_) => DOTS,
    }
}

fn percent_decoded(part: &str) -> Cow<'_, str> {
    if !part.contains('%') {
        return Cow::Borrowed(part);
    }
    let mut out = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|code| (0x20..0x80).contains(code));
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The first pattern that the whole path fits.
fn listed<'p>(segments: &[&str], patterns: &'p [String]) -> &'p str {
    const ANY: &str = "/:any";
    if *segments == ["", ":any"] {
        return ANY;
    }
    let path = trimmed(segments);
    let fits = |pattern: &&String| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        let wanted = trimmed(&wanted);
        wanted.len() == path.len()
            && wanted
                .iter()
                .zip(path)
                .all(|(want, segment)| if want.starts_with(':') { !segment.is_empty() } else { want == segment })
    };
    patterns.iter().find(fits).map_or(ANY, String::as_str)
}

/// Without the empty segment behind a closing slash.
fn trimmed<'s, 'a>(segments: &'s [&'a str]) -> &'s [&'a str] {
    match segments {
        [first @ .., ""] if !first.is_empty() => first,
        _ => segments,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::super::fixtures;
    use super::*;

    #[test]
    fn addresses_and_titles_are_reduced_as_the_recorder_reduces_them() {
        for (policy, href, wanted) in
            ["url", "random"].into_iter().flat_map(|file| fixtures::read::<(Policy, String, String)>(file, "reduceUrl"))
        {
            assert_eq!(reduce_url(&href, &policy), wanted, "{href}");
        }
        for (policy, title, wanted) in fixtures::read::<(Policy, String, Json)>("url", "reduceTitle") {
            let reduced = match reduce_title(&title, &policy) {
                Hidden::Dropped => Json::Null,
                Hidden::Masked(bucket) => bucket.into(),
                Hidden::Shown(text) => text.as_ref().into(),
            };
            assert_eq!(reduced, wanted, "{title}");
        }
    }

    proptest! {
        #[test]
        fn reducing_twice_reduces_no_more(
            href in "(https?://[a-z@:0-9.]{1,12})?(/[a-z0-9%@;:.-]{0,12}){0,4}(\\?[a-z=&0-9@.]{0,20})?(#.{0,5})?|\\PC{0,30}",
            mode in 0..3,
        ) {
            let mut policy = Policy { query: vec!["q".into(), "a".into()], ..Policy::default() };
            policy.paths = ["/", "/a/:x", "/:slug", "/a/b/"].map(str::to_owned).to_vec();
            policy.urls = [UrlMode::Listed, UrlMode::Generalised, UrlMode::Path][mode as usize];
            let once = reduce_url(&href, &policy);
            prop_assert_eq!(reduce_url(&once, &policy), once);
        }
    }
}
