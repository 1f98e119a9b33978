//! One batch: from a stranger's bytes to an fsynced chunk, or to an answer that names what was wrong with it.

use super::Door;
use super::inflate::{SENT_BYTES_MAX, inflate};
use super::sender::Sender;
use crate::app::Peer;
use crate::count::Count;
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, SiteKey, Timestamp};
use crate::policy::{self, Place};
use crate::seal::{self, ChunkHeader};
use crate::store::finding::{self, Finder, Found};
use crate::store::policy::Version;
use crate::store::{Append, Day, Facts, Keyring, Refusal, Site, term, unreadable, visitor};
use crate::stream::{self, Header};
use axum::Extension;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A body that takes longer is a slow attack or a lost connection; the recorder sends it again.
const BODY_WAIT: Duration = Duration::from_secs(30);
/// What is too large is read away for this long, so that the browser sees the answer instead of a broken connection.
const DRAIN_WAIT: Duration = Duration::from_secs(2);
const DRAIN_BYTES_MAX: usize = 16 << 20;
/// Larger batches leave the thread that other requests wait for: as sent, and opened.
const SENT_INLINE_BYTES_MAX: usize = 16 << 10;
const INLINE_BYTES_MAX: usize = 128 << 10;
/// How far a page's clock may be off, and how old a page may be.
const CLOCK_MS_MAX: u64 = Timestamp::DAY_MS as u64;

/// Where a batch says it belongs.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    pub recording: RecordingId,
    pub page: PageId,
    pub seq: u32,
}

/// A batch that passed, or the rule that it broke.
pub enum Verdict {
    Passed(Append),
    Broken { rule: String, finding: Option<finding::Line>, stops: Option<(RecordingId, Facts)> },
}

/// `POST /i/v1/{site}/{recording}/{page}/{seq}`
pub async fn receive(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path((site, recording, page, seq)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let address = (recording.parse(), page.parse(), seq.parse());
    in_site(&door, &site, &headers, async |site| match address {
        (Ok(recording), Ok(page), Ok(seq)) => {
            take_in(&door, site, Address { recording, page, seq }, &headers, peer, body).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(Error::NotFound),
    })
    .await
}

/// What every answer to a recorder has in common: the site must exist, the origin be one of its own, and only that one is told.
pub(super) async fn in_site(
    door: &Door,
    key: &str,
    headers: &HeaderMap,
    work: impl AsyncFnOnce(&Arc<Site>) -> Result<Response>,
) -> Response {
    let site = match key.parse::<SiteKey>().map(|key| door.app.store.site(&key)) {
        Ok(Ok(Some(site))) => site,
        Ok(Err(error)) => return error.into_response(),
        Ok(Ok(None)) | Err(_) => return Error::NotFound.into_response(),
    };
    let Some(origin) = headers.get(header::ORIGIN).filter(|origin| origin.to_str().is_ok_and(|text| site.admits(text)))
    else {
        return Error::OriginRefused.into_response();
    };
    let mut answer = work(&site).await.unwrap_or_else(IntoResponse::into_response);
    let cors = answer.headers_mut();
    cors.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    cors.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After, Hushreel-Want"));
    cors.insert(header::VARY, HeaderValue::from_static("origin"));
    answer
}

async fn take_in(
    door: &Arc<Door>,
    site: &Arc<Site>,
    address: Address,
    headers: &HeaderMap,
    peer: Peer,
    body: Body,
) -> Result<()> {
    let app = &door.app;
    admit(door, site, headers, peer)?;
    let (sent, _kib) = read(door, headers, body, SENT_BYTES_MAX).await?;
    let now = app.now();
    let sender = Sender::of(headers).in_country(app, headers, peer);
    let verdict = if sent.len() <= SENT_INLINE_BYTES_MAX {
        let opened = inflate(&sent)?;
        if opened.len() <= INLINE_BYTES_MAX {
            Some(examine(app.store.keyring(), site, address, &opened, sender, now)?)
        } else {
            None
        }
    } else {
        None
    };
    let verdict = match verdict {
        Some(verdict) => verdict,
        None => {
            let (keyring, site) = (app.store.keyring().clone(), site.clone());
            door.large.run(move || examine(&keyring, &site, address, &inflate(&sent)?, sender, now)).await?
        }
    };
    let outcome = match verdict {
        Verdict::Passed(append) => match app.store.append(append).await {
            Err(Error::Refused { rule }) => {
                let refusal = Refusal { site_id: site.id, rule: rule.clone(), at: now, finding: None, recording: None };
                app.store.refuse(refusal).await?;
                Err(Error::Refused { rule })
            }
            other => other.map(drop),
        },
        Verdict::Broken { rule, finding, stops } => {
            tracing::info!(site.id = site.id, rule, "refused a batch for site {}", site.key);
            let refusal = Refusal { site_id: site.id, rule: rule.clone(), at: now, finding, recording: stops };
            app.store.refuse(refusal).await?;
            Err(Error::Refused { rule })
        }
    };
    app.bell.ring(site.id);
    outcome
}

/// What can be told before a byte of the body is read.
pub(super) fn admit(door: &Door, site: &Site, headers: &HeaderMap, peer: Peer) -> Result<()> {
    limit(door, site, headers, peer)?;
    if site.records() { Ok(()) } else { Err(Error::Paused) }
}

/// Whether this client and this site may send anything now.
pub(super) fn limit(door: &Door, site: &Site, headers: &HeaderMap, peer: Peer) -> Result<()> {
    door.app.clients.take(door.app.client(headers, peer), Day::of(door.app.now()))?;
    door.sites.take(site.id, Instant::now()).map_err(|retry_s| Error::TooMany { retry_s })
}

/// Read the body within its bounds. The permit is held until the batch is examined, so that memory is bounded.
pub(super) async fn read(
    door: &Door,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<(Bytes, tokio::sync::OwnedSemaphorePermit)> {
    let stated = text_of(headers, &header::CONTENT_LENGTH).parse::<usize>().ok();
    let length = stated.unwrap_or(bytes_max);
    if length > bytes_max {
        drain(body.into_data_stream()).await;
        return Err(Error::TooLarge);
    }
    let kib = (length / 1024 + 1) as u32;
    let permit = door.kib.clone().try_acquire_many_owned(kib).map_err(|_| Error::Busy { retry_s: 2 })?;
    let mut stream = body.into_data_stream();
    let collect = async {
        let mut sent = BytesMut::with_capacity(stated.unwrap_or(0));
        while let Some(part) = stream.next().await {
            let part = part.map_err(|_| Error::Malformed { what: "the body breaks off", at: sent.len() })?;
            if sent.len() + part.len() > bytes_max {
                return Err(Error::TooLarge);
            }
            sent.extend_from_slice(&part);
        }
        Ok(sent.freeze())
    };
    match tokio::time::timeout(BODY_WAIT, collect).await {
        Ok(Ok(sent)) => Ok((sent, permit)),
        Ok(Err(error)) => {
            if matches!(error, Error::TooLarge) {
                drain(stream).await;
            }
            Err(error)
        }
        Err(_) => Err(Error::Malformed { what: "the body comes too slowly", at: 0 }),
    }
}

async fn drain(mut stream: BodyDataStream) {
    let read_away = async {
        let mut left = DRAIN_BYTES_MAX;
        while let Some(Ok(part)) = stream.next().await {
            match left.checked_sub(part.len()) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_WAIT, read_away).await;
}

/// Read, check and seal a batch. Touches no disk but for the key of a recording that is not in memory.
pub fn examine(
    keyring: &Keyring,
    site: &Site,
    address: Address,
    opened: &[u8],
    sender: Sender,
    now: Timestamp,
) -> Result<Verdict> {
    let (header, body) = stream::split(opened)?;
    if (header.page, header.seq) != (address.page, address.seq) {
        return Err(Error::Misaddressed);
    }
    let captured = site.captured_under(header.policy, now).ok_or(Error::StalePolicy)?;
    // A visitor who did not agree, or opted out, leaves no trace: the rule is counted, nothing else.
    let traceless = |rule: &str| Ok(Verdict::Broken { rule: rule.to_owned(), finding: None, stops: None });
    let policies = [&*captured.policy, &*site.policy.policy];
    if let Some(signal) = sender.opted_out(policies) {
        return traceless(signal);
    }
    if !header.granted && policies.iter().any(|policy| policy.asks_first(sender.country)) {
        return traceless("consent");
    }
    let began = stream::Body::parse(body)?.began;
    let mut count = Count::new(address.page, began);
    let kept = match policy::enforce(&policies, body, &mut |op| count.see(op)) {
        Ok(Cow::Borrowed(kept)) => Cow::Borrowed(kept),
        Ok(Cow::Owned(kept)) => {
            // Something was taken out; the page list must not remember it.
            let Count { findings, rules, who, .. } = count;
            count = recount(address.page, &kept)?;
            (count.findings, count.rules, count.who) = (findings, rules, who);
            Cow::Owned(kept)
        }
        Err(policy::Refusal::Malformed(malformed)) => return Err(malformed.into()),
        Err(policy::Refusal::Broken { rule, place: Place { page, selector }, .. }) => {
            let found = Found { by: Finder::Door, kind: rule.to_owned(), page, selector };
            let finding = Some(finding::Line::seal(&keyring.asset_key(site.id, now)?, &found)?);
            let facts = facts(site, captured, &header, Count::new(address.page, began), sender, began, now);
            return Ok(Verdict::Broken { rule: rule.to_string(), finding, stops: Some((address.recording, facts)) });
        }
    };
    if header.sent_at > CLOCK_MS_MAX || count.last_at > header.sent_at.saturating_add(CLOCK_MS_MAX) {
        return traceless("clock");
    }
    let (found, seen) = (std::mem::take(&mut count.findings), std::mem::take(&mut count.rules));
    let rules = seen.counted(&captured.policy);
    let who = std::mem::take(&mut count.who);
    let mut facts = facts(site, captured, &header, count, sender, began, now);
    if who.visit.is_some() || !who.pseudonyms.is_empty() {
        let key = keyring.asset_key(site.id, now)?;
        facts.visitor = who.visit.map(|visit| visitor::name(&key, visit));
        facts.identified = who.pseudonyms.into_iter().map(|said| visitor::Identified::of(&key, said)).collect();
    }
    let key = keyring.find_or_make(address.recording, site.id, now)?;
    let chunk_header = ChunkHeader {
        received_at: now,
        first_at: facts.first_at,
        last_at: facts.last_at,
        recording: address.recording,
        page: address.page,
        seq: address.seq,
    };
    let written = serde_json::to_vec(&facts).map_err(|cause| Error::internal("writing facts", cause))?;
    let chunk = seal::chunk(&key.key, &chunk_header, &written, &kept)?;
    let digest = key.key.digest(body);
    let (mut unreadable, mut findings) = (Vec::new(), Vec::new());
    if !(facts.unreadable_list.is_empty() && found.is_empty()) {
        let key = keyring.asset_key(site.id, now)?;
        unreadable =
            facts.unreadable_list.iter().map(|seen| unreadable::Line::seal(&key, seen)).collect::<Result<_>>()?;
        findings = found.iter().map(|found| finding::Line::seal(&key, found)).collect::<Result<_>>()?;
    }
    let terms = if term::any(&facts) { term::lines(&keyring.asset_key(site.id, now)?, &facts)? } else { Vec::new() };
    let Address { recording, page, seq } = address;
    let minutes_max = captured.policy.max_minutes.min(site.policy.policy.max_minutes);
    Ok(Verdict::Passed(Append {
        recording,
        page,
        seq,
        digest,
        chunk,
        facts,
        key,
        minutes_max,
        unreadable,
        findings,
        rules,
        terms,
    }))
}

fn recount(page: PageId, body: &[u8]) -> Result<Count> {
    let mut reader = stream::Reader::new(body)?;
    let mut count = Count::new(page, reader.now());
    while let Some(op) = reader.next()? {
        count.see(&op);
    }
    Ok(count)
}

fn facts(
    site: &Site,
    captured: &Version,
    header: &Header,
    count: Count,
    sender: Sender,
    began: u64,
    now: Timestamp,
) -> Facts {
    let (width, height) = count.size.unwrap_or_default();
    let agent = sender.agent;
    Facts {
        site_id: site.id,
        secret_hash: seal::hash(&header.secret).to_vec(),
        policy_version: captured.number,
        // The stricter of the two, like every other rule.
        retention_days: captured.policy.retention_days.min(site.policy.policy.retention_days),
        granted: header.granted,
        received_at: now.0,
        page_began_at: now.0.saturating_sub(header.sent_at.min(CLOCK_MS_MAX) as i64),
        first_at: began.min(header.sent_at),
        last_at: count.last_at.min(header.sent_at),
        pages: count.pages,
        clicks: count.clicks,
        inputs: count.inputs,
        events: count.events,
        finished: count.finished,
        width,
        height,
        device: agent.device.to_owned(),
        browser: agent.browser.to_owned(),
        os: agent.os.to_owned(),
        page_list: count.page_list,
        gap_list: count.gap_list,
        unreadable_list: count.unreadable_list,
        visitor: None,
        identified: Vec::new(),
        country: sender.country,
        bot: agent.bot,
        event_list: count.event_list,
        tag_list: count.tag_list,
        imported: false,
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl From<stream::Malformed> for Error {
    fn from(malformed: stream::Malformed) -> Self {
        Self::Malformed { what: malformed.what, at: malformed.at }
    }
}
