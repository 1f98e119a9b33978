//! `GET /r/KEY.js`: the recorder with the site's policy inside. Made once a policy version and hour, in every encoding.
//! `GET /r/KEY.json`: what is put into it alone, for pages that carry the recorder as a module; `null` where nothing is recorded.

use super::Door;
use crate::app::Peer;
use crate::embedded::{bytes, cacheable, encodings};
use crate::error::{Error, Result};
use crate::model::{PolicyHash, PreviewToken, SiteKey, Timestamp};
use crate::policy::{Compat, Consent, Identity, MediaMode, Policy, Trigger, UrlMode};
use crate::preview::Draft;
use crate::seal;
use crate::store::{Site, site};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Whether a build does all that a policy asks for.
type WillDo = fn(&Policy) -> bool;

/// The recorder's builds, the smallest first: each leaves out what its policies never use. The second of each knows visits or visitors
/// again; where nothing readable is shown there is none, and the next build does.
const CORES: [(WillDo, [&str; 2]); 4] = [
    (|policy| policy.shows_nothing() && policy.identity == Identity::None, ["recorder/core.masked.js"; 2]),
    (
        |policy| policy.media == MediaMode::Block && !policy.records_meta(),
        ["recorder/core.block.js", "recorder/core.block.who.js"],
    ),
    (|policy| !policy.records_meta(), ["recorder/core.js", "recorder/core.who.js"]),
    (|_| true, ["recorder/core.meta.js", "recorder/core.meta.who.js"]),
];
/// What hears a page's calls to Smartsupp, for policies that ask for it.
const SMARTSUPP: &str = "recorder/compat.smartsupp.js";
/// A consent banner, for policies that ask for it and visitors who are asked.
const BANNER: &str = "recorder/banner.js";
/// The bar in an operator's own page while it is previewed.
const PREVIEW: &str = "recorder/preview.js";
const PLACE: &str = "__HUSHREEL__";
const PREVIEW_PLACE: &str = "__PREVIEW__";
const MEDIA_TYPE: &str = "text/javascript; charset=utf-8";
const CACHING: &str = "private, max-age=300, must-revalidate";
/// The recorder counts a policy's age from `issued`, so that a file may not wait here for long.
const ISSUED_EVERY_MS: i64 = 3_600_000;
/// Files kept ready. One site needs one, and a second for a moment when its policy changes.
const HELD_MAX: usize = 256;
/// "Last fetched" is exact to this: a write for every page view would be too many.
const FETCHED_EVERY_MS: i64 = 5_000;

/// The files made so far, and when each site's was last fetched.
#[derive(Default)]
pub struct Scripts {
    made: Mutex<HashMap<Mark, Arc<Script>>>,
    fetched: Mutex<HashMap<i64, Timestamp>>,
}

/// What a file differs by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Mark {
    site: i64,
    policy: PolicyHash,
    /// Whether the visitor is asked: where the policy goes by country, that is settled while the file is served.
    asks: bool,
    issued: i64,
}

struct Script {
    etag: String,
    plain: Vec<u8>,
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

pub async fn serve(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    if let Some(token) = file.strip_prefix("preview.").and_then(|file| file.strip_suffix(".js")) {
        return preview(&door, token.parse().map_err(|_| Error::NotFound)?);
    }
    let (key, alone) = match file.strip_suffix(".json") {
        Some(key) => (Some(key), true),
        None => (file.strip_suffix(".js"), false),
    };
    let key: SiteKey = key.and_then(|key| key.parse().ok()).ok_or(Error::NotFound)?;
    let site = door.app.store.site(&key)?.ok_or(Error::NotFound)?;
    note_fetch(&door, &site).await?;
    let policy = &site.policy.policy;
    let country = if policy.consent == Consent::ByCountry { door.app.country(&headers, peer) } else { None };
    let (asks, issued) = (policy.asks_first(country), issued(door.app.now()));
    let mark = Mark { site: site.id, policy: site.policy.hash, asks, issued };
    if alone {
        let config = if site.records() { config(&site, mark)? } else { serde_json::Value::Null };
        let config = config.to_string().into_bytes();
        let etag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&seal::hash(&config)[..12]));
        return Ok(open_to_all(cacheable(&headers, &etag, "application/json", None, CACHING, Cow::Owned(config))));
    }
    if !site.records() {
        let why = if site.paused { "paused" } else { "without a purpose" };
        return Ok(open_to_all(cacheable(
            &headers,
            &format!("\"{why}\"", why = why.replace(' ', "-")),
            MEDIA_TYPE,
            None,
            CACHING,
            Cow::Owned(format!("// Hushreel: this site is {why}; nothing is recorded.\n").into_bytes()),
        )));
    }
    let made = door.scripts.find_or_make(&site, mark)?;
    let encoding = encodings(&headers).next().map(|(name, _)| name);
    let (data, suffix) = match encoding {
        Some("br") => (&made.brotli, "-br"),
        Some(_) => (&made.gzip, "-gz"),
        None => (&made.plain, ""),
    };
    let etag = format!("\"{}{suffix}\"", made.etag);
    Ok(open_to_all(cacheable(&headers, &etag, MEDIA_TYPE, encoding, CACHING, Cow::Owned(data.clone()))))
}

impl Scripts {
    fn find_or_make(&self, site: &Site, mark: Mark) -> Result<Arc<Script>> {
        // Held while one is made: a hundred askers of a new version wait for one file instead of making a hundred.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = made.get(&mark) {
            return Ok(script.clone());
        }
        made.retain(|old, _| old.issued == mark.issued && (old.site != mark.site || old.policy == mark.policy));
        if made.len() >= HELD_MAX {
            made.clear();
        }
        let script = Arc::new(make(site, mark)?);
        made.insert(mark, script.clone());
        Ok(script)
    }
}

/// The smallest build that does all that a policy asks for.
fn core_of(policy: &Policy) -> &'static str {
    let [plain, who] = CORES.iter().find(|(will_do, _)| will_do(policy)).map_or(CORES[3].1, |(_, names)| *names);
    if policy.identity == Identity::None { plain } else { who }
}

fn issued(now: Timestamp) -> i64 {
    now.0 - now.0.rem_euclid(ISSUED_EVERY_MS)
}

/// What the recorder needs to know of its site.
fn config(site: &Site, mark: Mark) -> Result<serde_json::Value> {
    config_of(&site.policy.policy, site.key.as_str(), mark.policy, mark.asks, mark.issued)
}

fn config_of(policy: &Policy, key: &str, hash: PolicyHash, asks: bool, issued: i64) -> Result<serde_json::Value> {
    let mut config = serde_json::to_value(policy).map_err(|cause| Error::internal("writing a policy", cause))?;
    if let Some(keys) = config.as_object_mut() {
        // For people and for the server; the recorder has no use for them.
        for key in ["purpose", "retention_days", "quota", "countries", "compat", "banner"] {
            keys.remove(key);
        }
        // Already settled for this visitor; the country itself goes nowhere.
        keys.insert("consent".to_owned(), if asks { "required" } else { "not-required" }.into());
        keys.insert("key".to_owned(), key.into());
        keys.insert("policy".to_owned(), hash.to_string().into());
        keys.insert("issued".to_owned(), issued.into());
    }
    Ok(config)
}

/// The recorder with a site's policy inside, for a visitor who is not asked.
pub fn assemble(site: &Site, issued: i64) -> Result<String> {
    assemble_for(site, Mark { site: site.id, policy: site.policy.hash, issued, asks: false })
}

fn assemble_for(site: &Site, mark: Mark) -> Result<String> {
    let policy = &site.policy.policy;
    let mut core = read(core_of(policy))?;
    // Behind the first line, which is for the browser.
    let at = core.find('\n').map_or(0, |end| end + 1);
    if policy.compat.contains(&Compat::Smartsupp) {
        core.insert_str(at, &read(SMARTSUPP)?);
    }
    if policy.banner && mark.asks {
        core.insert_str(at, &read(BANNER)?);
    }
    Ok(core.replacen(PLACE, &config(site, mark)?.to_string(), 1))
}

/// The recorder under an operator's draft, for his own tab: it asks nobody, leaves out no visit, waits for nothing, knows nobody again, and what it sends
/// goes to the preview alone.
fn preview(door: &Door, token: PreviewToken) -> Result<Response> {
    let Draft { site, policy, number, language } = door.app.previews.draft(token, door.app.now())?;
    let shown = Policy {
        gpc: false,
        dnt: false,
        sample: 100,
        trigger: Trigger::Load,
        min_interaction: 0,
        // Nothing is kept in an operator's own browser.
        identity: Identity::None,
        compat: Vec::new(),
        banner: false,
        ..(*policy).clone()
    };
    // Below this name the recorder posts, and keeps the tab's entry apart from that of its recording.
    let key = format!("{site}/preview/{token}");
    let mut config = config_of(&shown, &key, policy.hash(), false, issued(door.app.now()))?;
    config["live"] = true.into();
    let part = serde_json::json!({
        "key": config["key"], "draft": number, "listed": policy.urls == UrlMode::Listed, "paths": policy.paths, "language": language,
    });
    let mut file = read(core_of(&shown))?.replacen(PLACE, &config.to_string(), 1);
    file.insert_str(0, &read(PREVIEW)?.replacen(PREVIEW_PLACE, &part.to_string(), 1));
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok(open_to_all((headers, file).into_response()))
}

fn make(site: &Site, mark: Mark) -> Result<Script> {
    let plain = assemble_for(site, mark)?.into_bytes();
    let failed = |cause: std::io::Error| Error::internal("compressing the recorder", cause);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&plain).map_err(failed)?;
    let params = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: plain.len(), ..Default::default() };
    let mut brotli = Vec::new();
    brotli::BrotliCompress(&mut plain.as_slice(), &mut brotli, &params).map_err(failed)?;
    Ok(Script {
        etag: data_encoding::HEXLOWER.encode(&seal::hash(&plain)[..12]),
        gzip: gzip.finish().map_err(failed)?,
        plain,
        brotli,
    })
}

/// A part of the recorder.
fn read(name: &str) -> Result<String> {
    let part = bytes(name).ok_or(Error::NotFound)?;
    String::from_utf8(part.into_owned()).map_err(|cause| Error::internal("the recorder's core", cause))
}

/// Remember that a page asked for the recorder, for those who wait for its first sign of life.
async fn note_fetch(door: &Door, site: &Site) -> Result<()> {
    let (now, id) = (door.app.now(), site.id);
    {
        let mut fetched = door.scripts.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        let last = fetched.entry(id).or_insert(Timestamp(0));
        if now.0 - last.0 < FETCHED_EVERY_MS {
            return Ok(());
        }
        *last = now;
    }
    // A page must get its file even when the disk is busy.
    if let Err(error) = door.app.store.write(move |books| site::set_fetched(&books.meta, id, now)).await {
        tracing::warn!(cause = %error, "a fetch of the recorder was not noted");
    }
    door.app.bell.ring(id);
    Ok(())
}

/// A public file: pages with `crossorigin` or an embedder policy may load it too.
fn open_to_all(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Preset;

    #[test]
    fn a_policy_gets_the_smallest_build_that_does_what_it_asks() {
        let with = |preset, media| core_of(&Policy { media, ..Policy::preset(preset) });
        assert_eq!(core_of(&Policy::preset(Preset::Strict)), "recorder/core.masked.js");
        assert_eq!(core_of(&Policy::preset(Preset::Balanced)), "recorder/core.js");
        assert_eq!(core_of(&Policy::preset(Preset::Full)), "recorder/core.js");
        assert_eq!(with(Preset::Full, MediaMode::Block), "recorder/core.block.js");
        assert_eq!(with(Preset::Strict, MediaMode::Show), "recorder/core.js");
        let linked = Policy { identity: Identity::Visit, ..Policy::preset(Preset::Strict) };
        assert_eq!(core_of(&linked), "recorder/core.block.who.js");
    }
}
