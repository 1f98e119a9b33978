//! Puts the bytes of pictures and fonts into exported events, so that a player which knows nothing of this server shows them.

use crate::model::AssetHash;
use crate::store::asset::Opened;
use data_encoding::BASE64;
use std::borrow::Cow;
use std::collections::HashMap;

const SCHEME: &[u8] = b"hush:";
const HASH_DIGITS: usize = 32;

/// What stands in exported events for each asset: an address that brings its own data.
pub struct Inliner(HashMap<String, String>);

impl Inliner {
    pub fn new(assets: Vec<(AssetHash, Opened)>) -> Self {
        let data =
            |opened: Opened| format!("data:{};base64,{}", opened.kind.media_type(), BASE64.encode(&opened.bytes));
        Self(assets.into_iter().map(|(hash, opened)| (hash.to_string(), data(opened))).collect())
    }

    /// The same JSON with each `hush:HASH` that is known replaced. Base64 needs no escape in a JSON string.
    pub fn fill<'p>(&self, piece: &'p [u8]) -> Cow<'p, [u8]> {
        let mut out = Vec::new();
        let mut from = 0;
        let mut at = 0;
        while let Some(found) = find(&piece[at..], SCHEME) {
            let begin = at + found;
            let hash = begin + SCHEME.len();
            at = hash;
            let known = piece.get(hash..hash + HASH_DIGITS).and_then(|digits| std::str::from_utf8(digits).ok());
            let Some(data) = known.and_then(|hash| self.0.get(hash)) else { continue };
            let (size, length) = size(&piece[hash + HASH_DIGITS..]);
            out.extend_from_slice(&piece[from..begin]);
            match size {
                Some(size) => out.extend_from_slice(framed(data, size).as_bytes()),
                None => out.extend_from_slice(data.as_bytes()),
            }
            from = hash + HASH_DIGITS + length;
            at = from;
        }
        if from == 0 {
            return Cow::Borrowed(piece);
        }
        out.extend_from_slice(&piece[from..]);
        Cow::Owned(out)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// `/WIDTHxHEIGHT`, with `u` where the picture had no size of its own, and how long that is.
fn size(rest: &[u8]) -> (Option<(&str, &str, bool)>, usize) {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let parse = || {
        let inner = rest.strip_prefix(b"/")?;
        let width = digits(inner);
        let behind = inner[width..].strip_prefix(b"x")?;
        let height = digits(behind);
        let unsized_ = behind.get(height) == Some(&b'u');
        let length = 1 + width + 1 + height + usize::from(unsized_);
        let (width, height) =
            (std::str::from_utf8(&inner[..width]).ok()?, std::str::from_utf8(&behind[..height]).ok()?);
        Some(((width, height, unsized_), length))
    };
    parse().map_or((None, 0), |(size, length)| (Some(size), length))
}

/// A drawn picture in a frame of the size that the vector picture had, so that it is laid out as that was.
fn framed(data: &str, (width, height, unsized_): (&str, &str, bool)) -> String {
    let own = if unsized_ { String::new() } else { format!(" width='{width}' height='{height}'") };
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg'{own} viewBox='0 0 {width} {height}'><image href='{data}' width='{width}' \
         height='{height}'/></svg>"
    );
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::asset::Kind;

    #[test]
    fn what_is_known_is_put_in_and_the_rest_stays() {
        let hash = AssetHash([0xab; 16]);
        let inliner = Inliner::new(vec![(hash, Opened { kind: Kind::Png, shared: true, bytes: b"png".to_vec() })]);
        let fill = |text: &str| String::from_utf8(inliner.fill(text.as_bytes()).into_owned()).unwrap();
        assert_eq!(fill("[\"nothing\"]"), "[\"nothing\"]");
        assert_eq!(
            fill(&format!("\"hush:{hash}\",\"url(hush:{hash})\"")),
            "\"data:image/png;base64,cG5n\",\"url(data:image/png;base64,cG5n)\""
        );
        let other = format!("\"hush:{}\"", "cd".repeat(16));
        assert_eq!(fill(&other), other);
        let framed = |size: &str| {
            let filled = fill(&format!("\"hush:{hash}{size}\""));
            let coded = filled.trim_matches('"').strip_prefix("data:image/svg+xml;base64,").unwrap().to_owned();
            String::from_utf8(BASE64.decode(coded.as_bytes()).unwrap()).unwrap()
        };
        let (sized, unsized_) = (framed("/24x16"), framed("/24x16u"));
        assert!(sized.contains("svg' width='24' height='16' viewBox='0 0 24 16'") && sized.contains("base64,cG5n"));
        assert!(unsized_.contains("svg' viewBox='0 0 24 16'"));
    }
}
