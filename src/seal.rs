//! Keys and sealed chunks. A chunk is a readable header and a sealed body; the header is authenticated with the body, so a
//! chunk cannot be moved to another recording or place. Destroying a recording's key makes its chunks noise.

use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, Timestamp};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// A key sealed under another: nonce, key, tag.
pub const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// A secret key of any level: master, site and month, recording.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    pub fn random() -> Result<Self> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seal `key` under this one. `place` says where it belongs; it opens nowhere else.
    pub fn wrap(&self, place: &[u8], key: &Key) -> Result<Vec<u8>> {
        self.seal(place, key.0.to_vec())
    }

    pub fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Key> {
        let opened = Zeroizing::new(self.open(place, wrapped)?);
        let bytes = <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map_err(|_| broken("a key has the wrong length"))?;
        Ok(Key::from_bytes(bytes))
    }

    /// Nonce, sealed bytes, tag.
    pub fn seal(&self, place: &[u8], mut plain: Vec<u8>) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        self.cipher()
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut plain)
            .map_err(|_| broken("sealing failed"))?;
        plain.splice(0..0, nonce);
        Ok(plain)
    }

    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, rest) =
            sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| broken("something sealed is too short"))?;
        let mut bytes = rest.to_vec();
        let length = self
            .cipher()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut bytes)
            .map_err(|_| broken("something sealed does not open with its key"))?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }

    /// A digest that only holders of this key can make: tells a repeated batch from a different one.
    pub fn digest(&self, bytes: &[u8]) -> [u8; 16] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0), bytes);
        let mut digest = [0; 16];
        digest.copy_from_slice(&tag.as_ref()[..16]);
        digest
    }

    fn cipher(&self) -> LessSafeKey {
        // ring refuses only keys of another length, which the type rules out.
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*self.0).expect("an AES-256 key has 32 bytes"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| broken("the system gives no random bytes"))?;
    Ok(bytes)
}

/// Whether two hashes are equal, in a time that does not tell where they differ.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |found, (a, b)| std::hint::black_box(found | (a ^ b)));
    one.len() == other.len() && differing == 0
}

/// The SHA-256 under which tokens and secrets are remembered.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

fn broken(what: &'static str) -> Error {
    Error::internal("the seal", what)
}

const MAGIC: [u8; 4] = *b"HRCH";
const VERSION: u8 = 1;
const CODEC_ZSTD: u8 = 1;
const CIPHER_AES_256_GCM: u8 = 1;
const ZSTD_LEVEL: i32 = 3;
/// Magic to dictionary; the checksum stands behind it.
const HEADER_BYTES: usize = 80;
/// A chunk never opens to more than the door lets in.
const OPENED_BYTES_MAX: usize = 16 << 20;

/// What a chunk says about itself without a key.
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

/// A chunk, opened: what was counted when it came in, and the batch's body.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    pub facts: Vec<u8>,
    pub body: Vec<u8>,
}

/// Make the chunk of one batch: header, checksum, nonce, sealed facts and compressed body.
pub fn chunk(key: &Key, header: &ChunkHeader, facts: &[u8], body: &[u8]) -> Result<Vec<u8>> {
    let packed =
        zstd::bulk::compress(body, ZSTD_LEVEL).map_err(|cause| Error::internal("compressing a chunk", cause))?;
    let mut plain = Vec::with_capacity(facts.len() + packed.len() + TAG_BYTES + NONCE_BYTES);
    plain.extend_from_slice(facts);
    plain.extend_from_slice(&packed);
    let sealed_bytes = plain.len() + NONCE_BYTES + TAG_BYTES;
    let head = write_header(header, facts.len(), body.len(), sealed_bytes);
    let sealed = key.seal(&head, plain)?;
    let mut out = Vec::with_capacity(HEADER_BYTES + 4 + sealed.len());
    out.extend_from_slice(&head);
    out.extend_from_slice(&checksum(&head, &sealed).to_le_bytes());
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Compress and seal what is kept beside chunks. `place` says what it is and whose; it opens nowhere else.
pub fn pack(key: &Key, place: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let packed = zstd::bulk::compress(plain, ZSTD_LEVEL).map_err(|cause| Error::internal("compressing", cause))?;
    key.seal(place, packed)
}

/// The plain bytes of `pack`, if they are no more than `bytes_max`.
pub fn unpack(key: &Key, place: &[u8], sealed: &[u8], bytes_max: usize) -> Result<Vec<u8>> {
    let packed = key.open(place, sealed)?;
    let length = zstd::bulk::Decompressor::upper_bound(&packed).unwrap_or(bytes_max).min(bytes_max);
    zstd::bulk::decompress(&packed, length).map_err(|cause| Error::internal("reading what was compressed", cause))
}

/// Read a chunk's header and check that no byte of it changed on disk.
pub fn inspect(chunk: &[u8]) -> Result<ChunkHeader> {
    parts(chunk).map(|(_, header, _)| header)
}

/// Open a chunk with its recording's key.
pub fn open(key: &Key, chunk: &[u8]) -> Result<Opened> {
    let (head, _, sealed) = parts(chunk)?;
    let mut facts = key.open(head, sealed)?;
    let lengths = &head[64..76];
    let facts_bytes = le_u32(&lengths[0..4]) as usize;
    let body_bytes = le_u32(&lengths[4..8]) as usize;
    if facts_bytes > facts.len() || body_bytes > OPENED_BYTES_MAX {
        return Err(broken("a chunk's lengths do not fit"));
    }
    let packed = facts.split_off(facts_bytes);
    let body =
        zstd::bulk::decompress(&packed, body_bytes).map_err(|cause| Error::internal("reading a chunk", cause))?;
    Ok(Opened { facts, body })
}

fn write_header(header: &ChunkHeader, facts: usize, body: usize, sealed: usize) -> [u8; HEADER_BYTES] {
    let mut out = [0; HEADER_BYTES];
    out[0..4].copy_from_slice(&MAGIC);
    // The eighth byte holds flags, of which there are none yet.
    out[4..8].copy_from_slice(&[VERSION, CODEC_ZSTD, CIPHER_AES_256_GCM, 0]);
    out[8..16].copy_from_slice(&header.received_at.0.to_le_bytes());
    out[16..24].copy_from_slice(&header.first_at.to_le_bytes());
    out[24..32].copy_from_slice(&header.last_at.to_le_bytes());
    out[32..48].copy_from_slice(&header.recording.0);
    out[48..56].copy_from_slice(&header.page.0);
    out[56..60].copy_from_slice(&header.seq.to_le_bytes());
    // 60..64 is free; zero.
    out[64..68].copy_from_slice(&(facts as u32).to_le_bytes());
    out[68..72].copy_from_slice(&(body as u32).to_le_bytes());
    out[72..76].copy_from_slice(&(sealed as u32).to_le_bytes());
    // 76..80 names the dictionary; zero is none.
    out
}

fn parts(chunk: &[u8]) -> Result<(&[u8], ChunkHeader, &[u8])> {
    let (head, rest) = chunk.split_at_checked(HEADER_BYTES).ok_or_else(|| broken("a chunk is cut off"))?;
    let (sum, sealed) = rest.split_at_checked(4).ok_or_else(|| broken("a chunk is cut off"))?;
    if head[0..4] != MAGIC || head[4..8] != [VERSION, CODEC_ZSTD, CIPHER_AES_256_GCM, 0] || head[76..80] != [0; 4] {
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
    Ok((head, header, sealed))
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

    #[test]
    fn a_chunk_opens_to_what_was_sealed() {
        let key = Key::random().unwrap();
        let chunk = chunk(&key, &header(), b"facts", &[b'x'; 5000]).unwrap();
        assert!(chunk.len() < 300, "the body is compressed");
        assert_eq!(inspect(&chunk).unwrap(), header());
        assert_eq!(open(&key, &chunk).unwrap(), Opened { facts: b"facts".to_vec(), body: vec![b'x'; 5000] });
    }

    #[test]
    fn a_chunk_does_not_open_with_another_key() {
        let chunk = chunk(&Key::random().unwrap(), &header(), b"", b"body").unwrap();
        assert!(open(&Key::random().unwrap(), &chunk).is_err());
    }

    #[test]
    fn no_byte_of_a_chunk_can_change_unseen() {
        let key = Key::random().unwrap();
        let good = chunk(&key, &header(), b"facts", b"body").unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(open(&key, &bad).is_err(), "byte {at}");
            assert!(open(&key, &good[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_chunk_cannot_be_moved_even_with_a_mended_checksum() {
        let key = Key::random().unwrap();
        let mut moved = chunk(&key, &header(), b"", b"body").unwrap();
        moved[56] ^= 1;
        let sum = checksum(&moved[..HEADER_BYTES], &moved[HEADER_BYTES + 4..]);
        moved[HEADER_BYTES..HEADER_BYTES + 4].copy_from_slice(&sum.to_le_bytes());
        assert!(inspect(&moved).is_ok());
        assert!(open(&key, &moved).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_only_in_its_place() {
        let (outer, inner) = (Key::random().unwrap(), Key::random().unwrap());
        let wrapped = outer.wrap(b"recording 1", &inner).unwrap();
        assert_eq!(wrapped.len(), WRAPPED_BYTES);
        assert_eq!(outer.unwrap(b"recording 1", &wrapped).unwrap().as_bytes(), inner.as_bytes());
        assert!(outer.unwrap(b"recording 2", &wrapped).is_err());
    }
}
