//! A recording as a JSON array of rrweb events, streamed batch by batch: memory holds one batch, however long it is.

use super::assets::gather;
use super::pieces;
use crate::app::App;
use crate::embedded::encodings;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::rrweb::{self, Links};
use crate::store::{Chapter, Opening, Readable, Reading, Span, recording};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};
use std::io::Write;

/// Small batches travel together.
const PIECE_BYTES: usize = 64 << 10;

/// The part of a recording that is asked for, in milliseconds since it began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// From the last whole page by then,
    pub from: Option<u64>,
    /// to the first keyframe then or later.
    pub to: Option<u64>,
}

/// Answer with a recording's events, or a part of them, gzipped where the asker takes it.
pub async fn events(app: &App, readable: Readable, part: Part, headers: &HeaderMap) -> Result<Response> {
    let id = readable.id();
    let leave = pieces::leave().await?;
    let store = app.store.clone();
    let (reading, links) = app
        .store
        .read(move |db| {
            let started = recording::find(db, id, "")?.started_at;
            let time = |ms: u64| started.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX));
            let span = Span { from: part.from.map(time), to: part.to.map(time) };
            let reading = Reading::open(db, store.keyring(), store.place(), readable, span)?;
            Ok((reading, gather(db, store.keyring(), store.place(), readable)?.links))
        })
        .await?;
    let zipped = encodings(headers).any(|(name, _)| name == "gzip");
    let runtime = tokio::runtime::Handle::current();
    let store = app.store.clone();
    let body = pieces::body(leave, format!("recording {id}"), move |send| {
        let damage = if zipped { write_zipped(reading, links, send)? } else { write_events(reading, links, send)? };
        if damage > 0 {
            let noted = store.write(move |books| recording::note_damage(&books.meta, id, damage));
            if let Err(error) = runtime.block_on(noted) {
                tracing::warn!(cause = %error, recording.id = %id, "it could not be noted that recording {id} is damaged");
            }
        }
        Ok(())
    });
    let mut answer =
        ([(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept-encoding")], body).into_response();
    if zipped {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(answer)
}

/// Write a recording as JSON, piece by piece, until `send` says that nobody listens.
/// How many of its batches could not be read.
pub fn write_events(mut reading: Option<Reading>, links: Links, send: &mut dyn FnMut(Bytes) -> bool) -> Result<u64> {
    let mut writer = rrweb::Writer::with_links(links);
    let mut out = Vec::with_capacity(PIECE_BYTES * 2);
    let mut reached = None;
    if let Some(Opening { at, place, keyframe }) = reading.as_mut().and_then(Reading::take_opening) {
        writer.begin_at(place.page, at, &keyframe, &mut out).map_err(broken)?;
        reached = Some((place.page, at));
    }
    while let Some(chapter) = reading.as_mut().and_then(Reading::next) {
        let chapter = chapter?;
        write_chapter(&mut writer, &chapter, reached, &mut out)?;
        reached = Some((chapter.page, chapter.page_began.plus_ms(chapter.last_at as i64)));
        if out.len() >= PIECE_BYTES && !send(std::mem::take(&mut out).into()) {
            break;
        }
    }
    writer.finish(&mut out);
    send(out.into());
    Ok(reading.map_or(0, |reading| reading.damage()))
}

/// The same, gzipped; each piece can be read as soon as it has come.
fn write_zipped(reading: Option<Reading>, links: Links, send: &mut dyn FnMut(Bytes) -> bool) -> Result<u64> {
    let failed = |cause: std::io::Error| Error::internal("compressing events", cause);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut outcome = Ok(());
    let damage = write_events(reading, links, &mut |piece| {
        outcome = encoder.write_all(&piece).and_then(|()| encoder.flush());
        outcome.is_ok() && send(std::mem::take(encoder.get_mut()).into())
    })?;
    outcome.map_err(failed)?;
    send(encoder.finish().map_err(failed)?.into());
    Ok(damage)
}

fn write_chapter(
    writer: &mut rrweb::Writer,
    chapter: &Chapter,
    reached: Option<(crate::model::PageId, Timestamp)>,
    out: &mut Vec<u8>,
) -> Result<()> {
    if let Some((from, to)) = chapter.missing {
        // The gap begins where the page was last heard of.
        let at = reached.filter(|(page, _)| *page == chapter.page).map_or(chapter.page_began, |(_, at)| at);
        writer.missing(from, to, at, out);
    }
    writer.batch(chapter.page, chapter.page_began, &chapter.body, out).map_err(broken)
}

fn broken(malformed: crate::stream::Malformed) -> Error {
    Error::internal("reading a chunk", malformed)
}
