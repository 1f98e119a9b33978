//! One-time links: 256 random bits, of which only the hash is kept; whoever takes one has taken it from everybody else.

use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::seal;
use rusqlite::{Connection, OptionalExtension};

/// How long a link is usually good for.
pub const GOOD_FOR_MS: i64 = 30 * 60_000;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first account.
    Setup,
    /// Signs in to one account, once: a reset password's.
    SignIn,
    /// Signs in to the demo's account as often as it is opened; its data is thrown away with it.
    Demo,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::SignIn => "sign-in",
            Self::Demo => "demo",
        }
    }
}

/// Make a link; the returned text goes into it. A new setup link makes the earlier ones worthless.
pub fn insert(
    db: &Connection,
    kind: Kind,
    account_id: Option<&str>,
    good_for_ms: i64,
    now: Timestamp,
) -> Result<String> {
    let token = data_encoding::BASE64URL_NOPAD.encode(&seal::random::<32>()?);
    if kind == Kind::Setup {
        db.execute("delete from link where kind = ?1", [kind.as_str()])?;
    }
    db.execute(
        "insert into link (hash, kind, account_id, expires_at) values (?1, ?2, ?3, ?4)",
        (seal::hash(token.as_bytes()), kind.as_str(), account_id, now.0 + good_for_ms),
    )?;
    Ok(token)
}

/// Whether a link is still good, without taking it. Found by its hash, so that timing tells nothing about the token.
pub fn check(db: &Connection, kind: Kind, token: &str, now: Timestamp) -> Result<()> {
    let good: bool = db.query_row(
        "select exists (select 1 from link where hash = ?1 and kind = ?2 and expires_at > ?3)",
        (seal::hash(token.as_bytes()), kind.as_str(), now.0),
        |row| row.get(0),
    )?;
    if good { Ok(()) } else { Err(Error::SpentLink) }
}

/// Take a link; exactly one caller ever gets it. Returns the account it was made for.
pub fn take(db: &Connection, kind: Kind, token: &str, now: Timestamp) -> Result<Option<String>> {
    db.query_row(
        "delete from link where hash = ?1 and kind = ?2 and expires_at > ?3 returning account_id",
        (seal::hash(token.as_bytes()), kind.as_str(), now.0),
        |row| row.get(0),
    )
    .optional()?
    .ok_or(Error::SpentLink)
}

/// The account of a demo's link, which stays good.
pub fn of_demo(db: &Connection, token: &str, now: Timestamp) -> Result<String> {
    db.query_row(
        "select account_id from link where hash = ?1 and kind = ?2 and expires_at > ?3",
        (seal::hash(token.as_bytes()), Kind::Demo.as_str(), now.0),
        |row| row.get(0),
    )
    .optional()?
    .ok_or(Error::SpentLink)
}

pub fn delete_expired(db: &Connection, now: Timestamp) -> Result<()> {
    db.execute("delete from link where expires_at <= ?1", [now.0])?;
    Ok(())
}
