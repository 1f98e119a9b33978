//! What the binary carries: the recorder, the dashboard and the demo shop, each file with its compressed twins.
//! In a debug build they are read from the build folder on each request.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::Embed;
use std::borrow::Cow;

#[derive(Embed)]
#[folder = "$OUT_DIR/embedded"]
#[allow_missing = true]
struct Files;

/// How a browser may keep a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The name changes with the content.
    Immutable,
    /// Ask each time whether it has changed.
    Revalidate,
}

/// The bytes of one file.
pub fn bytes(path: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(path).map(|file| file.data)
}

/// Answer with a file, in the best encoding the asker takes; `None` where there is no such file.
pub fn answer(path: &str, asked: &HeaderMap, caching: Caching) -> Option<Response> {
    let plain = Files::get(path)?;
    let hash = data_encoding::HEXLOWER.encode(&plain.metadata.sha256_hash()[..12]);
    let variant = encodings(asked).find_map(|(name, suffix)| Some((name, Files::get(&format!("{path}{suffix}"))?)));
    let (encoding, data) = match variant {
        Some((encoding, file)) => (Some(encoding), file.data),
        None => (None, plain.data),
    };
    let etag = format!("\"{hash}{}\"", encoding.unwrap_or_default());
    Some(cacheable(asked, &etag, media_type(path), encoding, caching_header(caching), data))
}

/// An answer with an `ETag`, or 304 where the asker has these bytes.
pub fn cacheable(
    asked: &HeaderMap,
    etag: &str,
    media_type: &'static str,
    encoding: Option<&'static str>,
    cache_control: &'static str,
    data: Cow<'static, [u8]>,
) -> Response {
    let known = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|list| list.split(',').any(|one| one.trim().trim_start_matches("W/") == etag));
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match data {
            Cow::Borrowed(bytes) => bytes.into_response(),
            Cow::Owned(bytes) => bytes.into_response(),
        }
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer
}

/// The encodings that the asker takes, best first, with the suffix of the twin.
pub fn encodings(asked: &HeaderMap) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
    let takes = |name: &str| {
        let lists = asked.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
        lists.flat_map(|list| list.split(',')).any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some(name) && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    [("br", ".br"), ("gzip", ".gz")].into_iter().filter(move |(name, _)| takes(name))
}

fn caching_header(caching: Caching) -> &'static str {
    match caching {
        Caching::Immutable => "public, max-age=31536000, immutable",
        Caching::Revalidate => "no-cache",
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("gif") => "image/gif",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_encoding_that_the_asker_takes_is_chosen() {
        for (header, chosen) in [
            ("gzip, deflate, br, zstd", vec!["br", "gzip"]),
            ("gzip;q=1.0, br;q=0", vec!["gzip"]),
            ("identity", vec![]),
            ("gzipped, brrr", vec![]),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(encodings(&asked).map(|(name, _)| name).collect::<Vec<_>>(), chosen, "{header}");
        }
    }

    #[test]
    fn what_the_asker_has_is_not_sent_again() {
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"b\", W/\"a\""));
        let answer = cacheable(&asked, "\"a\"", "text/plain", None, "no-cache", Cow::Borrowed(b"x"));
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
    }
}
