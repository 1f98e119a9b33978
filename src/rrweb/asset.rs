//! Pictures and fonts: the stream says `hush:NUMBER` before it knows whose bytes these are. A recording is looked through once
//! for the hashes; then each number is written as `hush:HASH`, which a player replaces by what it was handed.

use crate::model::{AssetHash, PageId};
use crate::stream::{Cause, Form, Malformed, Op, Reader, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

const SCHEME: &str = "hush:";
/// Where nothing stands, in style.
const NOWHERE: &str = "data:,";
/// Assets remembered of one recording; the recorder numbers far fewer on a page.
const SEEN_MAX: usize = 20_000;

/// What became of one asset of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Read { hash: AssetHash, form: Form },
    Unreadable { cause: Cause, url: String },
}

/// What the batches of a recording say of its assets.
#[derive(Debug, Default)]
pub struct Assets(HashMap<(PageId, u32), Seen>);

impl Assets {
    /// Take in one batch. What is said first of an asset counts.
    pub fn learn(&mut self, page: PageId, body: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(body)?;
        while let Some(op) = reader.next()? {
            let (number, seen) = match op {
                Op::Asset { number, hash, form } => (number, Seen::Read { hash, form }),
                Op::Unreadable { number, cause, url } => (number, Seen::Unreadable { cause, url: url.to_owned() }),
                _ => continue,
            };
            let full = self.0.len() >= SEEN_MAX;
            if let Entry::Vacant(free) = self.0.entry((page, number))
                && !full
            {
                free.insert(seen);
            }
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Seen> {
        self.0.values()
    }

    /// What to write for each number. `held` gives the hash of what the store has, if it has it.
    pub fn link(&self, held: impl Fn(&Seen) -> Option<AssetHash>) -> Links {
        let link = |(place, seen): (&(PageId, u32), &Seen)| {
            let hash = held(seen)?;
            let size = match seen {
                Seen::Read { form: Form::Drawn { width, height }, .. } => format!("/{width}x{height}"),
                Seen::Read { form: Form::DrawnUnsized { width, height }, .. } => format!("/{width}x{height}u"),
                Seen::Read { form: Form::AsItIs, .. } | Seen::Unreadable { .. } => String::new(),
            };
            Some((*place, format!("{SCHEME}{hash}{size}").into()))
        };
        Links(self.0.iter().filter_map(link).collect())
    }
}

/// What stands for each asset of each page.
#[derive(Debug, Default)]
pub struct Links(HashMap<(PageId, u32), Box<str>>);

impl Links {
    /// Hand on the op with each asset's number replaced by its hash; by nothing, or an empty picture, where its bytes are missing.
    pub(super) fn fill(&self, page: PageId, op: &Op<'_>, mut hand_on: impl FnMut(&Op<'_>)) {
        match *op {
            Op::Element { id, namespace, tag, attributes, open }
                if attributes.iter().any(|(_, value)| names(*value)) =>
            {
                let filled: Vec<_> = attributes.iter().map(|(name, value)| (*name, self.value(page, *value))).collect();
                let attributes: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_value())).collect();
                hand_on(&Op::Element { id, namespace, tag, attributes: &attributes, open });
            }
            Op::Attribute { id, name, value: Some(value) } if names(value) => {
                let filled = self.value(page, value);
                hand_on(&Op::Attribute { id, name, value: Some(filled.as_value()) });
            }
            Op::Css { text } => hand_on(&Op::Css { text: &self.css(page, text) }),
            Op::Sheet { id, text } => hand_on(&Op::Sheet { id, text: &self.css(page, text) }),
            Op::RuleInsert { sheet, path, text } => {
                hand_on(&Op::RuleInsert { sheet, path, text: &self.css(page, text) });
            }
            Op::AdoptedSheet { sheet, text } => hand_on(&Op::AdoptedSheet { sheet, text: &self.css(page, text) }),
            _ => hand_on(op),
        }
    }

    fn value<'a>(&self, page: PageId, value: Value<'a>) -> Filled<'a> {
        match value {
            Value::Masked(_) => Filled::As(value),
            Value::Shown(text) => match token(text) {
                Some(token) if token.length == text.len() => Filled::Text(match self.0.get(&(page, token.number)) {
                    Some(link) => Cow::Owned(link.to_string()),
                    None => token.size.map_or(Cow::Borrowed(NOWHERE), |size| Cow::Owned(empty_picture(size))),
                }),
                Some(_) | None => Filled::Text(self.css(page, text)),
            },
        }
    }

    /// Style text: only where an address stands, which begins behind a bracket or a quote.
    fn css<'a>(&self, page: PageId, text: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let mut from = 0;
        for (at, _) in text.match_indices(SCHEME) {
            let Some(token) = token(&text[at..]) else { continue };
            if !text[..at].ends_with(['(', '"', '\'']) || !text[at + token.length..].starts_with([')', '"', '\'']) {
                continue;
            }
            out.push_str(&text[from..at]);
            out.push_str(self.0.get(&(page, token.number)).map_or(NOWHERE, |link| link));
            from = at + token.length;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[from..]);
        Cow::Owned(out)
    }
}

/// An attribute's value on its way through.
enum Filled<'a> {
    As(Value<'a>),
    Text(Cow<'a, str>),
}

impl Filled<'_> {
    fn as_value(&self) -> Value<'_> {
        match self {
            Self::As(value) => *value,
            Self::Text(text) => Value::Shown(text),
        }
    }
}

fn names(value: Value<'_>) -> bool {
    matches!(value, Value::Shown(text) if text.contains(SCHEME))
}

/// `hush:NUMBER` or `hush:NUMBER/WIDTHxHEIGHT`.
struct Token<'a> {
    number: u32,
    size: Option<(&'a str, &'a str)>,
    length: usize,
}

fn token(text: &str) -> Option<Token<'_>> {
    let rest = text.strip_prefix(SCHEME)?;
    let (number, rest) = digits(rest)?;
    let size = rest.strip_prefix('/').and_then(|rest| {
        let (width, rest) = digits(rest)?;
        let (height, rest) = digits(rest.strip_prefix('x')?)?;
        Some((width, height, rest))
    });
    let rest = size.map_or(rest, |(_, _, rest)| rest);
    let length = text.len() - rest.len();
    Some(Token { number: number.parse().ok()?, size: size.map(|(width, height, _)| (width, height)), length })
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (1..=5).contains(&end).then(|| text.split_at(end))
}

/// A picture of nothing that takes as much room as the one whose bytes are missing.
fn empty_picture((width, height): (&str, &str)) -> String {
    format!("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'/%3E")
}

/// Whether this is how an asset stands in events: `hush:HASH`, with the size of a drawn one; `length` of the text is that.
pub(super) fn is_link(text: &str) -> bool {
    let Some((hash, rest)) = text.strip_prefix(SCHEME).and_then(|rest| rest.split_at_checked(32)) else { return false };
    let sized = |rest: &str| {
        let rest = rest.strip_suffix('u').unwrap_or(rest);
        let size = rest.strip_prefix('/').and_then(digits).and_then(|(_, rest)| digits(rest.strip_prefix('x')?));
        size.is_some_and(|(_, rest)| rest.is_empty())
    };
    hash.parse::<AssetHash>().is_ok() && (rest.is_empty() || sized(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Writer;

    const PAGE: PageId = PageId([1; 8]);
    const HASH: AssetHash = AssetHash([0xab; 16]);

    fn links() -> Links {
        let mut writer = Writer::new(1, 0);
        writer.op(&Op::Asset { number: 1, hash: HASH, form: Form::AsItIs });
        writer.op(&Op::Asset { number: 2, hash: HASH, form: Form::DrawnUnsized { width: 24, height: 16 } });
        writer.op(&Op::Asset { number: 1, hash: AssetHash([0; 16]), form: Form::AsItIs });
        writer.op(&Op::Unreadable { number: 3, cause: Cause::Cors, url: "https://cdn.example/a.png" });
        let mut assets = Assets::default();
        assets.learn(PAGE, &writer.finish()).unwrap();
        assets.link(|seen| match seen {
            Seen::Read { hash, .. } => Some(*hash),
            Seen::Unreadable { .. } => None,
        })
    }

    #[test]
    fn numbers_in_style_become_hashes_and_what_is_missing_nothing() {
        let hash = "ab".repeat(16);
        for (given, wanted) in [
            ("a{b:url(hush:1) url(\"hush:2\")}", format!("a{{b:url(hush:{hash}) url(\"hush:{hash}/24x16u\")}}")),
            ("a{b:url(hush:3)}c{d:url(hush:9)}", "a{b:url(data:,)}c{d:url(data:,)}".to_owned()),
            ("a{content:\"say hush:1\"}", "a{content:\"say hush:1\"}".to_owned()),
            ("a{b:image-set(\"hush:1\" 1x)}", format!("a{{b:image-set(\"hush:{hash}\" 1x)}}")),
        ] {
            assert_eq!(links().css(PAGE, given), wanted);
            assert_eq!(
                links().css(PageId([2; 8]), given).matches(&hash).count(),
                0,
                "another page has its own numbers"
            );
        }
    }

    #[test]
    fn a_missing_picture_keeps_its_room() {
        let value = |text| match links().value(PAGE, Value::Shown(text)) {
            Filled::Text(text) => text.into_owned(),
            Filled::As(_) => String::new(),
        };
        assert_eq!(value("hush:1/30x20"), format!("hush:{}", "ab".repeat(16)));
        assert!(value("hush:3/30x20").ends_with("width='30' height='20'/%3E"));
        assert_eq!(value("hush:3"), "data:,");
        assert_eq!(value("fill:url(hush:3)"), "fill:url(data:,)");
    }

    #[test]
    fn a_link_is_known_by_its_form() {
        let hash = format!("hush:{}", "ab".repeat(16));
        for good in ["", "/1x2", "/12345x1u"] {
            assert!(is_link(&format!("{hash}{good}")), "{good}");
        }
        for bad in ["0", "/", "/1x", "/x2", "/1x2v", "/1x2 url(x", "/123456x1", "u"] {
            assert!(!is_link(&format!("{hash}{bad}")), "{bad}");
        }
        assert!(!is_link("hush:1") && !is_link("hush://x.example/") && !is_link("https://x.example/"));
    }
}
