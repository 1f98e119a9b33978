//! Passwords: how strong one is, its argon2id hash, and the check of a sign-in that takes as long for an unknown account.

use crate::error::{Error, Result};
use crate::seal;
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Longer texts are not passwords; measuring them would only cost time.
const CHARACTERS_MAX: usize = 200;
/// Hashes computed at once: each takes 19 MiB.
static SLOTS: Semaphore = Semaphore::const_new(2);
/// Checked against where there is no account, so that the answer takes as long.
static DECOY: LazyLock<String> = LazyLock::new(|| encode(&[0; SALT_BYTES], &[0; HASH_BYTES]));

/// What a form may say while a password is being typed.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Strength {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    pub warning: String,
    pub suggestions: Vec<String>,
}

pub fn strength(password: &str, email: &str) -> Strength {
    let measured: String = password.chars().take(CHARACTERS_MAX).collect();
    let name = email.split('@').next().unwrap_or_default();
    let estimate = zxcvbn(&measured, &[email, name, "hushreel"]);
    let feedback = estimate.feedback();
    Strength {
        score: estimate.score().into(),
        warning: feedback.and_then(|feedback| feedback.warning()).map(|text| text.to_string()).unwrap_or_default(),
        suggestions: feedback
            .map(|feedback| feedback.suggestions().iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
    }
}

/// Refuse a password that can be guessed.
pub fn check(password: &str, email: &str) -> Result<()> {
    if password.chars().count() > CHARACTERS_MAX {
        return Err(Error::invalid("password", "A password has at most 200 characters."));
    }
    let strength = strength(password, email);
    if strength.score < u8::from(Score::Three) {
        let why = if strength.warning.is_empty() { strength.suggestions.join(" ") } else { strength.warning };
        return Err(Error::invalid("password", format!("This password is too easy to guess. {why}").trim()));
    }
    Ok(())
}

/// The text that is kept instead of a password.
pub fn hash(password: &str) -> Result<String> {
    let salt: [u8; SALT_BYTES] = seal::random()?;
    Ok(encode(&salt, &compute(password, &salt)?))
}

/// `hash` on a blocking thread, two at once.
pub async fn hash_later(password: String) -> Result<String> {
    in_slot(move || hash(&password)).await
}

/// Whether the password is the one that was hashed; without a hash the answer is no, after the same work.
pub async fn verify(password: String, kept: Option<String>) -> Result<bool> {
    in_slot(move || {
        let (salt, expected) = decode(kept.as_deref().unwrap_or(&DECOY))?;
        let found = compute(&password, &salt)?;
        let equal = found.iter().zip(&expected).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0;
        Ok(equal && kept.is_some())
    })
    .await
}

async fn in_slot<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _slot = SLOTS.acquire().await.map_err(|cause| Error::internal("hashing", cause))?;
    tokio::task::spawn_blocking(work).await.map_err(|cause| Error::internal("hashing", cause))?
}

fn compute(password: &str, salt: &[u8]) -> Result<[u8; HASH_BYTES]> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(failed)?;
    let mut out = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .map_err(failed)?;
    Ok(out)
}

/// The usual text form, so that the figures can change without losing old passwords.
fn encode(salt: &[u8], hash: &[u8]) -> String {
    let base64 = data_encoding::BASE64_NOPAD;
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", base64.encode(salt), base64.encode(hash))
}

fn decode(text: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut parts = text.rsplit('$').map(|part| data_encoding::BASE64_NOPAD.decode(part.as_bytes()));
    match (parts.next(), parts.next()) {
        (Some(Ok(hash)), Some(Ok(salt))) if hash.len() == HASH_BYTES => Ok((salt, hash)),
        _ => Err(failed("a kept hash is damaged")),
    }
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal("hashing", cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let kept = hash("correct horse battery staple").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse battery staple".into(), Some(kept.clone())).await.unwrap());
        assert!(!verify("Correct horse battery staple".into(), Some(kept)).await.unwrap());
        assert!(!verify("anything".into(), None).await.unwrap());
    }

    #[test]
    fn a_password_made_of_the_address_is_refused() {
        assert!(check("jana.novakova", "jana.novakova@example.com").is_err());
        assert!(check("password1", "a@example.com").is_err());
        assert!(check("plum-otter-sails-92-quiet", "a@example.com").is_ok());
    }
}
