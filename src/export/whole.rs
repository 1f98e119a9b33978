//! A recording as it leaves for good: with its pictures and fonts inside, as rrweb JSON or as a file that plays itself.

use super::assets::gather;
use super::inline::Inliner;
use super::write_events;
use crate::embedded;
use crate::error::{Error, Result};
use crate::model::RecordingId;
use crate::rrweb::Links;
use crate::store::{Keyring, Place, Readable, Reading, Span, asset};
use bytes::Bytes;
use data_encoding::BASE64;
use rusqlite::Connection;

/// Where the build put the player.
const PLAYER: &str = "dashboard/alone/player.js";

/// An opened recording, ready to be written once.
pub struct Whole {
    id: RecordingId,
    reading: Option<Reading>,
    links: Links,
    inliner: Inliner,
}

impl Whole {
    /// Blocking. Memory holds its pictures and fonts, 16 MiB at most.
    pub fn open(db: &Connection, keyring: &Keyring, place: &Place, readable: Readable) -> Result<Self> {
        let reading = Reading::open(db, keyring, place, readable, Span::default())?;
        let gathered = gather(db, keyring, place, readable)?;
        let mut inlined = Vec::new();
        for hash in gathered.hashes() {
            if let Some(opened) = asset::open(db, keyring, place, readable, hash)? {
                inlined.push((hash, opened));
            }
        }
        Ok(Self { id: readable.id(), reading, links: gathered.links, inliner: Inliner::new(inlined) })
    }

    /// As rrweb JSON, piece by piece, until `send` says that nobody listens.
    pub fn write_json(self, send: &mut dyn FnMut(Bytes) -> bool) -> Result<()> {
        let Self { reading, links, inliner, .. } = self;
        write_events(reading, links, &mut |piece| send(inliner.fill(&piece).into_owned().into())).map(drop)
    }

    /// As one HTML file: the player, and the events in it. It opens from a disk and loads nothing.
    pub fn write_html(self, send: &mut dyn FnMut(Bytes) -> bool) -> Result<()> {
        let player = player()?;
        if !send(head(self.id, &player).into()) {
            return Ok(());
        }
        let mut listening = true;
        self.write_json(&mut |piece| {
            listening = send(within_script(&piece).into());
            listening
        })?;
        if listening {
            send(format!("</script>\n<script>{player}</script>\n</body>\n</html>\n").into());
        }
        Ok(())
    }
}

/// The player's script, so that it may stand inside a script element.
fn player() -> Result<String> {
    let bytes = embedded::bytes(PLAYER).ok_or_else(|| {
        Error::Unavailable("This build has no player for exported files: it was made with HUSHREEL_UI=skip.".to_owned())
    })?;
    let script = String::from_utf8(bytes.into_owned()).map_err(|cause| Error::internal("reading the player", cause))?;
    Ok(script.trim_end().replace("</script", "<\\/script").replace("<!--", "<\\!--"))
}

/// Everything before the events. The policy lets the one script run, and nothing be loaded, whatever the recording holds.
fn head(id: RecordingId, player: &str) -> String {
    let hash = BASE64.encode(ring::digest::digest(&ring::digest::SHA256, player.as_bytes()).as_ref());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-{hash}'; \
         style-src 'unsafe-inline'; img-src data: blob:; font-src data: blob:; media-src 'none'; connect-src 'none'; \
         frame-src 'none'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Recording {id}</title>\n</head>\n<body>\n\
         <script type=\"application/json\" id=\"events\">"
    )
}

/// JSON that ends no script element: the sign that tags begin with stands only in strings, where it can be written otherwise.
fn within_script(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + json.len() / 32);
    let mut rest = json;
    while let Some(at) = memchr::memchr(b'<', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\\u003c");
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_recording_ends_the_script_that_it_stands_in() {
        let hostile = r#"["</script><script>steal()</script>","<!--<script>"]"#;
        let written = String::from_utf8(within_script(hostile.as_bytes())).unwrap();
        assert!(!written.contains('<'));
        let read: Vec<String> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, serde_json::from_str::<Vec<String>>(hostile).unwrap());
    }
}
