//! What can go wrong, and the one answer each gets: a problem+json document for a request, an exit code for a command.
//! The cause is logged here, once; the caller reads a short sentence that says what to do.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that a handler or a command may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is nothing at this address.")]
    NotFound,
    #[error("Sign in, or send a bearer token.")]
    Unauthenticated,
    #[error("The e-mail address or the password is wrong.")]
    WrongPassword,
    #[error("This link has been used or has expired. `hushreel setup` prints a new one.")]
    SpentLink,
    #[error("Your role does not allow this.")]
    Forbidden,
    #[error("This request comes from another site.")]
    CrossSite,
    #[error("{message}")]
    Invalid { field: String, message: String },
    #[error("{0}")]
    Taken(String),
    #[error("`{key}` is set in {file}. Change it there, and start the server again.")]
    Fixed { key: String, file: String },

    #[error("This site is not recorded from that origin.")]
    OriginRefused,
    #[error("Another browser began this recording.")]
    SecretRefused,
    #[error("This site is paused.")]
    Paused,
    #[error("This recording takes no more batches.")]
    Gone,
    #[error("The site's policy has changed. Record anew with the next page load.")]
    StalePolicy,
    #[error(
        "This recording is restricted: it is kept, and may not be opened, changed or erased. An owner or an admin can lift the restriction first."
    )]
    Restricted,
    #[error("This recording is not restricted, or not by whoever asks.")]
    NotRestricted,
    #[error("The batch breaks the grammar: {what} (byte {at}).")]
    Malformed { what: &'static str, at: usize },
    #[error("The batch says another page or number than its address.")]
    Misaddressed,
    #[error("The batch is too large.")]
    TooLarge,
    #[error("{0}")]
    LargeImport(String),
    #[error("{0}")]
    Unimportable(String),
    #[error("The batch breaks the site's policy: {rule}.")]
    Refused { rule: String },
    #[error("Another batch already has this number.")]
    Conflicting,
    #[error("Too many requests.")]
    TooMany { retry_s: u32 },
    #[error("Busy.")]
    Busy { retry_s: u32 },
    #[error("The disk is full.")]
    Full,
    #[error("The data directory cannot be written. The server's log says why.")]
    Unwritable,

    #[error(
        "{file} is of version {found}; this program knows versions up to {known}. Nothing was changed. Install the newer program."
    )]
    Newer { file: String, found: i64, known: i64 },
    #[error("{dir} is in use by process {pid}. Stop it first, or choose another directory with --data.")]
    Locked { dir: String, pid: String },
    #[error("{0}")]
    Config(String),
    #[error("{0}")]
    Key(String),
    #[error(
        "This needs the master key {id}, which is not in {file}. Put it back there, on a line of its own; `hushreel key check` tells what else needs it."
    )]
    KeyMissing { id: String, file: String },
    /// A program that a command needs is not there.
    #[error("{0}")]
    Unavailable(String),
    #[error("{0}")]
    Failed(String),
    #[error("{doing}: {cause}")]
    Internal { doing: &'static str, cause: String },
}

impl Error {
    /// A cause from outside, with what was being done when it struck.
    pub fn internal(doing: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Internal { doing, cause: cause.to_string() }
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.into() }
    }

    /// What a command exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Newer { .. } => 3,
            Self::Key(_) | Self::KeyMissing { .. } => 66,
            Self::Unavailable(_) => 69,
            Self::Locked { .. } => 75,
            Self::Config(_) => 78,
            _ => 1,
        }
    }

    /// The status and the stable name of the problem.
    pub fn problem(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::WrongPassword => (StatusCode::UNAUTHORIZED, "wrong-password"),
            Self::SpentLink => (StatusCode::FORBIDDEN, "spent-link"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross-site"),
            Self::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Taken(_) => (StatusCode::CONFLICT, "taken"),
            Self::Fixed { .. } => (StatusCode::CONFLICT, "fixed"),
            Self::OriginRefused => (StatusCode::FORBIDDEN, "origin"),
            Self::SecretRefused => (StatusCode::FORBIDDEN, "secret"),
            Self::Paused => (StatusCode::GONE, "paused"),
            Self::Gone => (StatusCode::GONE, "gone"),
            Self::Restricted => (StatusCode::LOCKED, "restricted"),
            Self::NotRestricted => (StatusCode::CONFLICT, "not-restricted"),
            Self::StalePolicy => (StatusCode::PRECONDITION_FAILED, "stale-policy"),
            Self::Malformed { .. } => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Misaddressed => (StatusCode::BAD_REQUEST, "misaddressed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::LargeImport(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::Unimportable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unimportable"),
            Self::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            Self::Conflicting => (StatusCode::CONFLICT, "conflicting"),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Self::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, "full"),
            Self::Unwritable => (StatusCode::SERVICE_UNAVAILABLE, "unwritable"),
            Self::KeyMissing { .. } => (StatusCode::SERVICE_UNAVAILABLE, "key-missing"),
            Self::Newer { .. }
            | Self::Locked { .. }
            | Self::Config(_)
            | Self::Key(_)
            | Self::Unavailable(_)
            | Self::Failed(_)
            | Self::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    fn retry_s(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_s } | Self::Busy { retry_s } => Some(*retry_s),
            Self::Full => Some(60),
            Self::Unwritable => Some(5),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, name) = self.problem();
        let mut problem = json!({ "type": format!("/problems/{name}"), "title": status.canonical_reason(), "status": status.as_u16() });
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(cause = %self, "a request failed");
            problem["detail"] = json!("The server failed. Its log says why.");
        } else {
            problem["detail"] = json!(self.to_string());
        }
        match &self {
            Self::Refused { rule } => problem["rule"] = json!(rule),
            Self::Invalid { field, .. } => problem["field"] = json!(field),
            Self::Fixed { key, .. } => problem["field"] = json!(key),
            _ => {}
        }
        let mut answer = (status, problem.to_string()).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}
