//! The nouns everyone shares. Each checks itself when made, so that one that exists is valid.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Why a noun could not be made: a sentence that names the form it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// Milliseconds since 1970-01-01 UTC, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const DAY_MS: i64 = 86_400_000;

    /// This moment moved by `ms` milliseconds; stays within range.
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// Why somebody does something with a recording, in an operator's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    pub const CHARS_MAX: usize = 500;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= Self::CHARS_MAX;
        if fits { Ok(Self(text.to_owned())) } else { Err(Malformed("a reason has 1 to 500 characters")) }
    }
}

/// A node of one page, numbered from 1 in the order in which the recorder first sent it.
pub type NodeId = u32;

/// The public key of a recorded website: 20 characters of `a-z2-7`. It stands in the snippet and is no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteKey(String);

impl SiteKey {
    pub const LENGTH: usize = 20;

    /// Make a key from 13 random bytes, of which 100 bits are used.
    pub fn from_random(bytes: [u8; 13]) -> Self {
        let mut text = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        text.truncate(Self::LENGTH);
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteKey {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits = text.len() == Self::LENGTH && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        if fits { Ok(Self(text.to_owned())) } else { Err(Malformed("a site key is 20 characters of a-z and 2-7")) }
    }
}

impl fmt::Display for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A country by its two capital letters of ISO 3166.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl FromStr for Country {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.as_bytes() {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Ok(Self([*a, *b])),
            _ => Err(Malformed("a country is two capital letters, such as CZ")),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// A noun of fixed size that is written as lower-case hexadecimal.
macro_rules! hex_noun {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let mut bytes = [0; $bytes];
                if text.len() != $bytes * 2 {
                    return Err(Malformed($form));
                }
                match HEXLOWER.decode_mut(text.as_bytes(), &mut bytes) {
                    Ok(_) => Ok(Self(bytes)),
                    Err(_) => Err(Malformed($form)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

hex_noun!(
    /// Names a finding of a site.
    FindingId, 16, "a finding's id is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// Opens one preview: 128 random bits, known to its operator's dashboard and to the tab that it opened.
    PreviewToken, 16, "a preview's token is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// One recording: 128 random bits made in the visitor's browser.
    RecordingId, 16, "a recording id is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// What one browser says of itself, for a visit or for months: 128 random bits. Never stored: see `VisitorId`.
    VisitId, 16, "a visit's id is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// One visitor, or one visit, of a site: a digest of the browser's own id under a key of that site, which the database alone
    /// leads to no browser.
    VisitorId, 16, "a visitor's id is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// Whom a site calls by one pseudonym: its digest under a key of that site.
    PseudonymId, 16, "a pseudonym's id is 32 lower-case hexadecimal digits"
);
hex_noun!(
    /// One page load within a recording: 64 random bits made in the browser.
    PageId, 8, "a page id is 16 lower-case hexadecimal digits"
);
hex_noun!(
    /// The first 8 bytes of the SHA-256 of a policy's canonical JSON: names one policy version.
    PolicyHash, 8, "a policy hash is 16 lower-case hexadecimal digits"
);
hex_noun!(
    /// The first 8 bytes of a SHA-256: names the facts of a public notice, or their words in one language.
    NoticeHash, 8, "a notice's hash is 16 lower-case hexadecimal digits"
);
hex_noun!(
    /// The first 16 bytes of the SHA-256 of an asset's bytes: names a picture or a font.
    AssetHash, 16, "an asset's hash is 32 lower-case hexadecimal digits"
);

impl AssetHash {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let mut first = [0; 16];
        first.copy_from_slice(&digest.as_ref()[..16]);
        Self(first)
    }
}

impl NoticeHash {
    /// The name of this content.
    pub fn of(content: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, content);
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_ref()[..8]);
        Self(first)
    }
}

/// Nouns that travel as text in JSON.
macro_rules! text_serde {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_serde!(
    SiteKey,
    PreviewToken,
    RecordingId,
    VisitorId,
    PseudonymId,
    PageId,
    PolicyHash,
    NoticeHash,
    AssetHash,
    Country
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_refuse_what_they_are_not() {
        assert!("abc".parse::<SiteKey>().is_err());
        assert!("ABCDEFGHIJKLMNOPQRST".parse::<SiteKey>().is_err());
        assert!("zz".repeat(16).parse::<RecordingId>().is_err());
        assert!("AA".repeat(16).parse::<RecordingId>().is_err());
        assert!("ab".repeat(17).parse::<RecordingId>().is_err());
        for reason in [String::new(), "  \n".to_owned(), "x".repeat(501)] {
            assert!(reason.parse::<Reason>().is_err(), "{reason}");
        }
        for country in ["cz", "C", "CZE", "Č", "C1"] {
            assert!(country.parse::<Country>().is_err(), "{country}");
        }
    }

    #[test]
    fn nouns_read_back_what_they_wrote() {
        let key = SiteKey::from_random([7; 13]);
        assert_eq!(key.to_string().parse(), Ok(key));
        let id = RecordingId([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(" ü ".parse::<Reason>().unwrap().as_str(), "ü");
        assert!("ü".repeat(500).parse::<Reason>().is_ok());
        assert_eq!("CZ".parse::<Country>().unwrap().to_string(), "CZ");
    }
}
