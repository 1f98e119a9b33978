//! Keys and sealed chunks. A chunk is a readable header and a sealed body; the header is authenticated with the body, so a
//! chunk cannot be moved to another recording or place. Destroying a recording's key makes its chunks noise.

use crate::error::{Error, Result};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

mod chunk;

pub use chunk::{Against, Base, Batch, ChunkHeader, Needs, OpenBase, Sealed, Under, chunk, run};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Of what is kept beside chunks.
const ZSTD_LEVEL: i32 = 3;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_in_its_place() {
        let (outer, inner) = (Key::random().unwrap(), Key::random().unwrap());
        let wrapped = outer.wrap(b"recording 1", &inner).unwrap();
        assert_eq!(wrapped.len(), WRAPPED_BYTES);
        assert_eq!(outer.unwrap(b"recording 1", &wrapped).unwrap().as_bytes(), inner.as_bytes());
        assert!(outer.unwrap(b"recording 2", &wrapped).is_err());
    }
}
