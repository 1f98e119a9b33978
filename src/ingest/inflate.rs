//! Opens a batch's gzip with a ceiling, so that a bomb costs no more than an honest batch.

use crate::error::{Error, Result};
use flate2::read::GzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// A batch on the wire.
pub const SENT_BYTES_MAX: usize = 1 << 20;
/// A batch opened.
const OPENED_BYTES_MAX: usize = 8 << 20;
/// Pages compress well, but not better than this.
const RATIO_MAX: usize = 100;
/// Below this the ratio says nothing.
const RATIO_BYTES_MIN: usize = 64 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The batch as it was before it was compressed; gzip is known by its first two bytes.
pub fn inflate(sent: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !sent.starts_with(&GZIP) {
        return Ok(Cow::Borrowed(sent));
    }
    let ceiling = (sent.len() * RATIO_MAX).clamp(RATIO_BYTES_MIN, OPENED_BYTES_MAX);
    let mut opened = Vec::with_capacity((sent.len() * 4).min(ceiling));
    let mut decoder = GzDecoder::new(sent).take(ceiling as u64 + 1);
    decoder.read_to_end(&mut opened).map_err(|_| Error::Malformed { what: "the gzip is damaged", at: 0 })?;
    if opened.len() > ceiling {
        return Err(Error::TooLarge);
    }
    Ok(Cow::Owned(opened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn an_honest_batch_opens_and_a_bomb_does_not() {
        assert_eq!(&*inflate(b"plain").unwrap(), b"plain");
        let text: Vec<u8> = (0..200_000u32).flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(&*inflate(&gzip(&text)).unwrap(), text);
        assert!(matches!(inflate(&gzip(&vec![0; 900_000])), Err(Error::TooLarge)), "100 times");
        let noise: Vec<u8> = (0..3_000_000u32).flat_map(|n| (n / 4).to_le_bytes()).collect();
        assert!(matches!(inflate(&gzip(&noise)), Err(Error::TooLarge)), "8 MiB");
        assert!(matches!(inflate(&gzip(&text)[..5000]), Err(Error::Malformed { .. })));
        assert!(matches!(inflate(&GZIP), Err(Error::Malformed { .. })));
    }
}
