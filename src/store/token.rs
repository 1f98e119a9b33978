//! Bearer tokens for programs. Shown once; only the hash is kept.

use super::account::new_id;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::role::Role;
use crate::seal;
use rusqlite::{Connection, OptionalExtension, Row};

/// "Last used" is exact to this.
const USED_EVERY_MS: i64 = 60_000;
/// What every token begins with, so that one that leaks can be recognised.
pub const PREFIX: &str = "hush_";

/// A token as the list shows it.
#[derive(Debug, Clone)]
pub struct Token {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|used| now.0 - used.0 > USED_EVERY_MS)
    }
}

/// Make a token. The second value is the token itself, to be shown once.
pub fn insert(db: &Connection, name: &str, role: Role, days: Option<u32>, now: Timestamp) -> Result<(Token, String)> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "A token's name has 1 to 100 characters."));
    }
    if days.is_some_and(|days| days == 0 || days > 3650) {
        return Err(Error::invalid("days", "A token lasts 1 to 3650 days."));
    }
    let secret = format!("{PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&seal::random::<32>()?));
    let token = Token {
        id: new_id()?,
        name: name.to_owned(),
        role,
        created_at: now,
        expires_at: days.map(|days| now.plus_ms(i64::from(days) * Timestamp::DAY_MS)),
        last_used_at: None,
    };
    db.execute(
        "insert into token (id, name, role, hash, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6)",
        (&token.id, &token.name, role.as_str(), seal::hash(secret.as_bytes()), now.0, token.expires_at.map(|at| at.0)),
    )?;
    Ok((token, secret))
}

pub fn list(db: &Connection) -> Result<Vec<Token>> {
    let mut statement = db.prepare_cached(&format!("{SELECT} order by created_at desc, id"))?;
    Ok(statement.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// The token that a request bears, if it is good now.
pub fn find(db: &Connection, secret: &str, now: Timestamp) -> Result<Option<Token>> {
    Ok(db
        .prepare_cached(&format!("{SELECT} where hash = ?1 and (expires_at is null or expires_at > ?2)"))?
        .query_row((seal::hash(secret.as_bytes()), now.0), from_row)
        .optional()?)
}

pub fn set_used(db: &Connection, id: &str, now: Timestamp) -> Result<()> {
    db.execute("update token set last_used_at = ?2 where id = ?1", (id, now.0))?;
    Ok(())
}

pub fn delete(db: &Connection, id: &str) -> Result<()> {
    match db.execute("delete from token where id = ?1", [id])? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

const SELECT: &str = "select id, name, role, created_at, expires_at, last_used_at from token";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
        created_at: Timestamp(row.get(3)?),
        expires_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        last_used_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
    })
}
