//! A chunk: a readable header and a sealed body. One holds a single batch, as it came in, with what was counted of it; or a *run*, the
//! batches of one page that follow each other, packed together once their recording is finished.
//!
//! A run is compressed against what the store has already: another run of its recording, its *base*, or the dictionary of its site.

use super::{Key, NONCE_BYTES, TAG_BYTES, broken};
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, Timestamp};
use crate::stream::{Body, Column, Malformed, put, put_signed};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

const MAGIC: [u8; 4] = *b"HRCH";
/// A single batch.
const VERSION_BATCH: u8 = 1;
/// A run of batches.
const VERSION_RUN: u8 = 2;
const CODEC_ZSTD: u8 = 1;
const CIPHER_AES_256_GCM: u8 = 1;
/// While a visitor waits.
const BATCH_LEVEL: i32 = 3;
/// Once, in the background. Higher levels take several times as long for a hundredth.
const RUN_LEVEL: i32 = 12;
/// Magic to dictionary; the checksum stands behind it.
const BATCH_HEADER_BYTES: usize = 80;
/// The same, and the place of the base.
const RUN_HEADER_BYTES: usize = 92;
/// A batch never opens to more than the door lets in, nor a run to much more.
const OPENED_BYTES_MAX: usize = 24 << 20;
/// Of a base, so much helps others; it is held in memory while they are read.
const BASE_BYTES_MAX: usize = 1 << 20;
/// Batches in one run.
const RUN_BATCHES_MAX: usize = 100_000;

/// What a chunk says about itself without a key. Of a run, the times are of the first and the last batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkHeader {
    pub received_at: Timestamp,
    /// Milliseconds since the page began, of the first and the last event.
    pub first_at: u64,
    pub last_at: u64,
    pub recording: RecordingId,
    pub page: PageId,
    pub seq: u32,
}

/// A batch out of a chunk: what was counted when it came in, and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub header: ChunkHeader,
    pub facts: Vec<u8>,
    pub body: Vec<u8>,
}

/// What one has to have to open a chunk, beside its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The site's dictionary of this number.
    Dictionary(u32),
    /// The run that begins with this batch.
    Base {
        page: PageId,
        seq: u32,
    },
}

/// What a run is compressed against.
pub enum Against<'a> {
    Nothing,
    Dictionary { number: u32, bytes: &'a [u8] },
    Base(&'a Base),
}

/// The same when it is opened.
pub enum Under<'a> {
    /// Empty where it needs nothing.
    Dictionary(&'a [u8]),
    Base(&'a OpenBase),
}

/// A run, prepared for others.
pub struct Base {
    page: PageId,
    seq: u32,
    packing: EncoderDictionary<'static>,
}

/// The same for reading.
pub struct OpenBase(DecoderDictionary<'static>);

impl Base {
    /// `batches` are the run's own; `dictionary` is what it was compressed against, empty where that was another run. None without a batch.
    pub fn new(batches: &[Batch], dictionary: &[u8]) -> Option<Self> {
        let ChunkHeader { page, seq, .. } = batches.first()?.header;
        Some(Self { page, seq, packing: EncoderDictionary::copy(&shared(&join(batches), dictionary), RUN_LEVEL) })
    }

    /// The batch that it begins with.
    pub fn place(&self) -> (PageId, u32) {
        (self.page, self.seq)
    }

    /// Compress and seal what is kept beside the chunks of the same recording.
    pub fn pack(&self, key: &Key, place: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let packed = Compressor::with_prepared_dictionary(&self.packing).and_then(|mut packer| packer.compress(plain));
        key.seal(place, packed.map_err(|cause| Error::internal("compressing", cause))?)
    }
}

impl OpenBase {
    /// The plain bytes of `Base::pack`, if they are no more than `bytes_max`.
    pub fn unpack(&self, key: &Key, place: &[u8], sealed: &[u8], bytes_max: usize) -> Result<Vec<u8>> {
        let packed = key.open(place, sealed)?;
        let length = Decompressor::upper_bound(&packed).unwrap_or(bytes_max).min(bytes_max);
        self.decompress(&packed, length)
    }

    fn decompress(&self, packed: &[u8], length: usize) -> Result<Vec<u8>> {
        Decompressor::with_prepared_dictionary(&self.0)
            .and_then(|mut unpacker| unpacker.decompress(packed, length))
            .map_err(|cause| Error::internal("reading what was compressed", cause))
    }
}

/// What stands nearer is found more cheaply: the recording's own behind the site's.
fn shared(base: &[u8], dictionary: &[u8]) -> Vec<u8> {
    [dictionary, &base[..base.len().min(BASE_BYTES_MAX)]].concat()
}

/// Make the chunk of one batch: header, checksum, nonce, sealed facts and compressed body.
pub fn chunk(key: &Key, header: &ChunkHeader, facts: &[u8], body: &[u8]) -> Result<Vec<u8>> {
    let packed =
        zstd::bulk::compress(body, BATCH_LEVEL).map_err(|cause| Error::internal("compressing a chunk", cause))?;
    let mut plain = Vec::with_capacity(facts.len() + packed.len() + TAG_BYTES + NONCE_BYTES);
    plain.extend_from_slice(facts);
    plain.extend_from_slice(&packed);
    let mut head = write_header(header, VERSION_BATCH, &plain);
    head[64..68].copy_from_slice(&(facts.len() as u32).to_le_bytes());
    head[68..72].copy_from_slice(&(body.len() as u32).to_le_bytes());
    finish(key, head, plain)
}

/// Make the chunk of a run: batches of one page in their order, at least one.
pub fn run(key: &Key, batches: &[Batch], against: &Against<'_>) -> Result<Vec<u8>> {
    let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
        return Err(broken("a run without a batch"));
    };
    let joined = join(batches);
    let packer = match against {
        Against::Nothing => Compressor::new(RUN_LEVEL),
        Against::Dictionary { bytes, .. } => Compressor::with_dictionary(RUN_LEVEL, bytes),
        Against::Base(base) => Compressor::with_prepared_dictionary(&base.packing),
    };
    let plain = packer
        .and_then(|mut packer| packer.compress(&joined))
        .map_err(|cause| Error::internal("compressing a chunk", cause))?;
    let header = ChunkHeader { last_at: last.header.last_at, ..first.header.clone() };
    let mut head = write_header(&header, VERSION_RUN, &plain);
    head[60..64].copy_from_slice(&last.header.seq.to_le_bytes());
    head[64..68].copy_from_slice(&(batches.len() as u32).to_le_bytes());
    head[68..72].copy_from_slice(&(joined.len() as u32).to_le_bytes());
    head.extend_from_slice(&[0; RUN_HEADER_BYTES - BATCH_HEADER_BYTES]);
    match against {
        Against::Nothing => {}
        Against::Dictionary { number, .. } => head[76..80].copy_from_slice(&number.to_le_bytes()),
        Against::Base(base) => {
            head[7] = FLAG_BASE;
            head[80..88].copy_from_slice(&base.page.0);
            head[88..92].copy_from_slice(&base.seq.to_le_bytes());
        }
    }
    finish(key, head, plain)
}

/// The eighth byte holds flags: it is compressed against the base of its recording.
const FLAG_BASE: u8 = 1;

/// A chunk of which nothing is opened yet.
pub struct Sealed<'a> {
    head: &'a [u8],
    sealed: &'a [u8],
    pub header: ChunkHeader,
}

impl<'a> Sealed<'a> {
    /// Read a chunk's header and check that no byte of it changed on disk.
    pub fn parse(chunk: &'a [u8]) -> Result<Self> {
        let length = match chunk.get(4) {
            Some(&VERSION_BATCH) => BATCH_HEADER_BYTES,
            Some(&VERSION_RUN) => RUN_HEADER_BYTES,
            Some(_) => return Err(broken("a chunk is of a version that this program does not know")),
            None => return Err(broken("a chunk is cut off")),
        };
        let (head, rest) = chunk.split_at_checked(length).ok_or_else(|| broken("a chunk is cut off"))?;
        let (sum, sealed) = rest.split_at_checked(4).ok_or_else(|| broken("a chunk is cut off"))?;
        if head[0..4] != MAGIC || head[5..7] != [CODEC_ZSTD, CIPHER_AES_256_GCM] || head[7] > FLAG_BASE {
            return Err(broken("a chunk is of a version that this program does not know"));
        }
        if le_u32(sum) != checksum(head, sealed) || le_u32(&head[72..76]) as usize != sealed.len() {
            return Err(broken("a chunk has changed on disk"));
        }
        let header = ChunkHeader {
            received_at: Timestamp(i64::from_le_bytes(fixed(&head[8..16]))),
            first_at: u64::from_le_bytes(fixed(&head[16..24])),
            last_at: u64::from_le_bytes(fixed(&head[24..32])),
            recording: RecordingId(fixed(&head[32..48])),
            page: PageId(fixed(&head[48..56])),
            seq: le_u32(&head[56..60]),
        };
        Ok(Self { head, sealed, header })
    }

    pub fn is_run(&self) -> bool {
        self.head[4] == VERSION_RUN
    }

    pub fn needs(&self) -> Needs {
        match le_u32(&self.head[76..80]) {
            _ if self.head[7] == FLAG_BASE && self.is_run() => {
                Needs::Base { page: PageId(fixed(&self.head[80..88])), seq: le_u32(&self.head[88..92]) }
            }
            0 => Needs::Nothing,
            number => Needs::Dictionary(number),
        }
    }

    /// Whether it is sealed under this key. What it is compressed against is not needed.
    pub fn opens(&self, key: &Key) -> bool {
        key.open(self.head, self.sealed).is_ok()
    }

    /// The batches in it.
    pub fn open(&self, key: &Key, under: &Under<'_>) -> Result<Vec<Batch>> {
        if !self.is_run() {
            return Ok(vec![self.batch(key)?]);
        }
        let plain = self.plain(key, under)?;
        split(&self.header, &plain, self.lengths().0).map_err(|_| broken("a run's table does not fit"))
    }

    /// Open a run as the base of others.
    pub fn as_base(&self, key: &Key, under: &Under<'_>) -> Result<OpenBase> {
        let dictionary = match under {
            Under::Dictionary(dictionary) => dictionary,
            Under::Base(_) => &[][..],
        };
        Ok(OpenBase(DecoderDictionary::copy(&shared(&self.plain(key, under)?, dictionary))))
    }

    fn batch(&self, key: &Key) -> Result<Batch> {
        let mut facts = key.open(self.head, self.sealed)?;
        let (facts_bytes, body_bytes) = self.lengths();
        if facts_bytes > facts.len() || body_bytes > OPENED_BYTES_MAX {
            return Err(broken("a chunk's lengths do not fit"));
        }
        let packed = facts.split_off(facts_bytes);
        let body =
            zstd::bulk::decompress(&packed, body_bytes).map_err(|cause| Error::internal("reading a chunk", cause))?;
        Ok(Batch { header: self.header.clone(), facts, body })
    }

    fn plain(&self, key: &Key, under: &Under<'_>) -> Result<Vec<u8>> {
        let length = self.run_bytes()?;
        let packed = key.open(self.head, self.sealed)?;
        match under {
            Under::Dictionary(dictionary) => Decompressor::with_dictionary(dictionary)
                .and_then(|mut unpacker| unpacker.decompress(&packed, length))
                .map_err(|cause| Error::internal("reading a chunk", cause)),
            Under::Base(base) => base.decompress(&packed, length),
        }
    }

    /// What a run opens to.
    fn run_bytes(&self) -> Result<usize> {
        match self.lengths() {
            (count, length) if self.is_run() && count <= RUN_BATCHES_MAX && length <= OPENED_BYTES_MAX => Ok(length),
            _ => Err(broken("a chunk's lengths do not fit")),
        }
    }

    fn lengths(&self) -> (usize, usize) {
        (le_u32(&self.head[64..68]) as usize, le_u32(&self.head[68..72]) as usize)
    }
}

fn write_header(header: &ChunkHeader, version: u8, plain: &[u8]) -> Vec<u8> {
    let mut out = vec![0; BATCH_HEADER_BYTES];
    out[0..4].copy_from_slice(&MAGIC);
    out[4..8].copy_from_slice(&[version, CODEC_ZSTD, CIPHER_AES_256_GCM, 0]);
    out[8..16].copy_from_slice(&header.received_at.0.to_le_bytes());
    out[16..24].copy_from_slice(&header.first_at.to_le_bytes());
    out[24..32].copy_from_slice(&header.last_at.to_le_bytes());
    out[32..48].copy_from_slice(&header.recording.0);
    out[48..56].copy_from_slice(&header.page.0);
    out[56..60].copy_from_slice(&header.seq.to_le_bytes());
    let sealed = plain.len() + NONCE_BYTES + TAG_BYTES;
    out[72..76].copy_from_slice(&(sealed as u32).to_le_bytes());
    // 76..80 names the dictionary; zero is none.
    out
}

fn finish(key: &Key, head: Vec<u8>, plain: Vec<u8>) -> Result<Vec<u8>> {
    let sealed = key.seal(&head, plain)?;
    let sum = checksum(&head, &sealed);
    let mut out = head;
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// What the batches have in common, one after the other: a table of numbers, then their facts, then their heads, then each column of all
/// of them. What is no batch stands among the heads, as it is.
fn join(batches: &[Batch]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut parts: [Vec<u8>; PARTS] = Default::default();
    let (mut received, mut seq, mut at) = (0, 0, 0);
    for Batch { header, facts, body } in batches {
        put_signed(&mut out, header.received_at.0.wrapping_sub(received));
        put(&mut out, u64::from(header.seq.wrapping_sub(seq)));
        put_signed(&mut out, header.first_at.wrapping_sub(at) as i64);
        put_signed(&mut out, header.last_at.wrapping_sub(header.first_at) as i64);
        (received, seq, at) = (header.received_at.0, header.seq, header.last_at);
        for (part, bytes) in parts.iter_mut().zip(cut(facts, body)) {
            put(&mut out, bytes.len() as u64);
            part.extend_from_slice(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(&part);
    }
    out
}

/// The batches of a run whose header this is.
fn split(header: &ChunkHeader, plain: &[u8], count: usize) -> Result<Vec<Batch>, Malformed> {
    let mut rest = Column::new(plain);
    let mut table = Vec::with_capacity(count);
    let mut totals = [0; PARTS];
    let (mut received, mut seq, mut at) = (0i64, 0u32, 0u64);
    for _ in 0..count {
        received = received.wrapping_add(rest.signed()?);
        seq = seq.wrapping_add(rest.up_to(u32::MAX)?);
        let first_at = at.wrapping_add(rest.signed()? as u64);
        at = first_at.wrapping_add(rest.signed()? as u64);
        let mut lengths = [0; PARTS];
        for (length, total) in lengths.iter_mut().zip(&mut totals) {
            *length = rest.up_to(OPENED_BYTES_MAX as u32)? as usize;
            *total += *length;
        }
        let header = ChunkHeader { received_at: Timestamp(received), seq, first_at, last_at: at, ..header.clone() };
        table.push((header, lengths));
    }
    let mut parts = Vec::with_capacity(PARTS);
    for total in totals {
        parts.push(Column::new(rest.take(total)?));
    }
    let batches = table.into_iter().map(|(header, lengths)| {
        let facts = parts[0].take(lengths[0])?.to_vec();
        let mut body = Vec::with_capacity(lengths[1..].iter().sum());
        for (part, length) in parts.iter_mut().zip(lengths).skip(1) {
            body.extend_from_slice(part.take(length)?);
        }
        Ok(Batch { header, facts, body })
    });
    batches.collect()
}

/// Facts, head and five columns.
const PARTS: usize = 7;

fn cut<'a>(facts: &'a [u8], body: &'a [u8]) -> [&'a [u8]; PARTS] {
    let Ok(Body { ops, ids, numbers, refs, literals, .. }) = Body::parse(body) else {
        return [facts, body, &[], &[], &[], &[], &[]];
    };
    let columns = [ops, ids, numbers, refs, literals];
    let behind: usize = columns.iter().map(|column| column.len()).sum();
    [facts, &body[..body.len() - behind], ops, ids, numbers, refs, literals]
}

/// CRC-32: finds a bad disk without a key. Forgery is the seal's business.
fn checksum(head: &[u8], sealed: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(head);
    crc.update(sealed);
    crc.sum()
}

fn le_u32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(fixed(bytes))
}

/// The caller's ranges have constant bounds of this length.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Op, Value, Writer};

    fn header() -> ChunkHeader {
        ChunkHeader {
            received_at: Timestamp(1_700_000_000_000),
            first_at: 5,
            last_at: 900,
            recording: RecordingId([7; 16]),
            page: PageId([9; 8]),
            seq: 3,
        }
    }

    fn open(key: &Key, chunk: &[u8]) -> Result<Vec<Batch>> {
        Sealed::parse(chunk)?.open(key, &Under::Dictionary(b""))
    }

    #[test]
    fn a_chunk_opens_to_what_was_sealed() {
        let key = Key::random().unwrap();
        let chunk = chunk(&key, &header(), b"facts", &[b'x'; 5000]).unwrap();
        assert!(chunk.len() < 300, "the body is compressed");
        let whole = Batch { header: header(), facts: b"facts".to_vec(), body: vec![b'x'; 5000] };
        assert_eq!(open(&key, &chunk).unwrap(), [whole]);
    }

    #[test]
    fn a_chunk_does_not_open_with_another_key() {
        let chunk = chunk(&Key::random().unwrap(), &header(), b"", b"body").unwrap();
        assert!(open(&Key::random().unwrap(), &chunk).is_err());
    }

    /// Batches as a recorder sends them, one that is none, and numbers at their bounds.
    fn batches() -> Vec<Batch> {
        let body = |text: &str| {
            let mut writer = Writer::new(1, 20);
            writer.op(&Op::Page { url: text, title: Value::Masked(2) });
            writer.finish()
        };
        let batch = |seq, first_at, last_at, body| Batch {
            header: ChunkHeader {
                seq,
                first_at,
                last_at,
                received_at: Timestamp(1_700_000_000_000 - i64::from(seq / 2)),
                ..header()
            },
            facts: format!("facts of {seq}").into_bytes(),
            body,
        };
        vec![
            batch(3, 5, 20, body("/one")),
            batch(4, 20, 19, b"no batch".to_vec()),
            batch(9, 0, 1 << 50, body("/two")),
            batch(u32::MAX, 7, 8, Vec::new()),
        ]
    }

    #[test]
    fn a_run_opens_to_its_batches_whatever_it_was_compressed_against() {
        let key = Key::random().unwrap();
        let dictionary = b"what many recordings have in common: facts of /one and /two";
        let base = Base::new(&batches(), dictionary).unwrap();
        let plain = run(&key, &batches(), &Against::Nothing).unwrap();
        let by_site = run(&key, &batches(), &Against::Dictionary { number: 12, bytes: dictionary }).unwrap();
        let by_base = run(&key, &batches(), &Against::Base(&base)).unwrap();
        assert!(by_base.len() < plain.len());

        let parse = |run| Sealed::parse(run).unwrap();
        assert_eq!(parse(&plain).needs(), Needs::Nothing);
        assert_eq!(parse(&plain).open(&key, &Under::Dictionary(b"")).unwrap(), batches());
        assert_eq!(parse(&by_site).needs(), Needs::Dictionary(12));
        assert_eq!(parse(&by_site).open(&key, &Under::Dictionary(dictionary)).unwrap(), batches());
        assert_eq!(parse(&by_base).needs(), Needs::Base { page: header().page, seq: 3 });
        let open = parse(&by_site).as_base(&key, &Under::Dictionary(dictionary)).unwrap();
        assert_eq!(parse(&by_base).open(&key, &Under::Base(&open)).unwrap(), batches());

        // And one that is compressed against that.
        let next = Base::new(&batches(), &[]).unwrap();
        let third = run(&key, &batches(), &Against::Base(&next)).unwrap();
        let next = parse(&by_base).as_base(&key, &Under::Base(&open)).unwrap();
        assert_eq!(parse(&third).open(&key, &Under::Base(&next)).unwrap(), batches());

        let packed = base.pack(&key, b"beside", b"/one /two").unwrap();
        assert_eq!(open.unpack(&key, b"beside", &packed, 100).unwrap(), b"/one /two");
        assert!(open.unpack(&key, b"elsewhere", &packed, 100).is_err());
        assert!(open.unpack(&key, b"beside", &packed, 3).is_err());
    }

    #[test]
    fn no_byte_of_a_chunk_can_change_unseen() {
        let key = Key::random().unwrap();
        let one = chunk(&key, &header(), b"facts", b"body").unwrap();
        let many = run(&key, &batches(), &Against::Nothing).unwrap();
        for good in [one, many] {
            assert!(open(&key, &good).is_ok());
            for at in 0..good.len() {
                let mut bad = good.clone();
                bad[at] ^= 1;
                assert!(open(&key, &bad).is_err(), "byte {at}");
                assert!(open(&key, &good[..at]).is_err(), "cut at {at}");
            }
        }
    }

    #[test]
    fn a_chunk_cannot_be_moved_even_with_a_mended_checksum() {
        let key = Key::random().unwrap();
        let mut moved = chunk(&key, &header(), b"", b"body").unwrap();
        moved[56] ^= 1;
        let sum = checksum(&moved[..BATCH_HEADER_BYTES], &moved[BATCH_HEADER_BYTES + 4..]);
        moved[BATCH_HEADER_BYTES..BATCH_HEADER_BYTES + 4].copy_from_slice(&sum.to_le_bytes());
        assert!(Sealed::parse(&moved).is_ok());
        assert!(open(&key, &moved).is_err());
    }

    #[test]
    fn a_table_that_lies_is_refused() {
        let joined = join(&batches());
        assert_eq!(split(&header(), &joined, 4).unwrap(), batches());
        assert!(split(&header(), &joined, 5).is_err());
        for cut in 0..joined.len() {
            assert!(split(&header(), &joined[..cut], 4).is_err());
        }
        assert!(split(&header(), &[0xff; 400], 20).is_err());
    }
}
