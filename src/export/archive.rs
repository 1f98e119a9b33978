//! Everything that is there of one visitor, as one zip file for whoever asks for a copy of it: each recording as data and as a file that
//! plays itself, what is known of it, the policies that it was made under, and a page in plain words that says what is what.

use super::Whole;
use crate::error::{Error, Result};
use crate::model::RecordingId;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::{self, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What the archive says of itself, in the languages that it is likely read in.
const README: &str = include_str!("readme.txt");
/// Bytes that are handed on together.
const PIECE_BYTES: usize = 64 << 10;

/// One recording of the archive.
pub struct Entry {
    pub id: RecordingId,
    /// What lists show of it.
    pub facts: Value,
}

/// What an archive holds beside the recordings.
pub struct Archive {
    /// Milliseconds since 1970.
    pub made_at: i64,
    pub entries: Vec<Entry>,
    /// The policies that the recordings name by `site` and `policy_version`.
    pub policies: Vec<Value>,
    /// Recordings that nobody may open now.
    pub restricted: u64,
}

impl Archive {
    /// Write it, piece by piece, until `send` says that nobody listens. `open` opens a recording; one that is gone or restricted by then
    /// is left out, and the manifest, which comes last, says so. The numbers of recordings that are in it.
    pub fn write(
        self,
        open: &mut dyn FnMut(RecordingId) -> Result<Whole>,
        send: &mut dyn FnMut(Bytes) -> bool,
    ) -> Result<Vec<RecordingId>> {
        let mut zip = ZipWriter::new_stream(Sender { send, waiting: Vec::new() });
        let (mut written, mut left_out) = (Vec::new(), Vec::new());
        begin(&mut zip, "README.txt")?;
        put(&mut zip, README.as_bytes())?;
        for Entry { id, facts } in &self.entries {
            // Twice, since what is opened is written once.
            let (data, file) = match (open(*id), open(*id)) {
                (Ok(data), Ok(file)) => (data, file),
                (Err(Error::NotFound | Error::Restricted), _) | (_, Err(Error::NotFound | Error::Restricted)) => {
                    left_out.push(id.to_string());
                    continue;
                }
                (Err(error), _) | (_, Err(error)) => return Err(error),
            };
            begin(&mut zip, &format!("{id}/recording.json"))?;
            put(&mut zip, &pretty(facts)?)?;
            begin(&mut zip, &format!("{id}/events.json"))?;
            pour(&mut zip, |send| data.write_json(send))?;
            begin(&mut zip, &format!("{id}/replay.html"))?;
            pour(&mut zip, |send| file.write_html(send))?;
            written.push(*id);
        }
        let manifest = json!({
            "made_at": self.made_at,
            "recordings": self.entries.iter().filter(|entry| written.contains(&entry.id)).map(receipt).collect::<Vec<_>>(),
            "left_out": left_out,
            "restricted": self.restricted,
            "policies": self.policies,
        });
        begin(&mut zip, "manifest.json")?;
        put(&mut zip, &pretty(&manifest)?)?;
        zip.finish().map_err(failed)?.into_inner().flush().map_err(failed)?;
        Ok(written)
    }
}

/// What proves on what basis a recording was made.
fn receipt(Entry { id, facts }: &Entry) -> Value {
    json!({
        "id": id.to_string(),
        "site": facts["site"],
        "started_at": facts["started_at"],
        "ended_at": facts["ended_at"],
        "expires_at": facts["expires_at"],
        "consent": facts["consent"],
        "policy_version": facts["policy_version"],
        "notice": facts["notice"],
    })
}

/// Hands on what the zip is made of.
struct Sender<'s> {
    send: &'s mut dyn FnMut(Bytes) -> bool,
    waiting: Vec<u8>,
}

impl Write for Sender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.waiting);
        if piece.is_empty() || (self.send)(piece.into()) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

type Zip<'s> = ZipWriter<zip::write::StreamWriter<Sender<'s>>>;

fn begin(zip: &mut Zip<'_>, name: &str) -> Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o644);
    zip.start_file(name, options).map_err(failed)
}

fn put(zip: &mut Zip<'_>, bytes: &[u8]) -> Result<()> {
    zip.write_all(bytes).map_err(failed)
}

/// Write what comes in pieces.
fn pour(zip: &mut Zip<'_>, write: impl FnOnce(&mut dyn FnMut(Bytes) -> bool) -> Result<()>) -> Result<()> {
    let mut outcome = Ok(());
    write(&mut |piece| {
        outcome = zip.write_all(&piece);
        outcome.is_ok()
    })?;
    outcome.map_err(failed)
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(failed)
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal("writing an archive", cause)
}
