//! People who may sign in. The password is kept as an argon2id hash and nothing else.

use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::role::Role;
use crate::seal;
use rusqlite::{Connection, OptionalExtension, Row};

/// Someone who may sign in.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub role: Role,
    pub language: String,
    pub disabled: bool,
    pub created_at: Timestamp,
}

/// What a new account needs.
pub struct NewAccount<'a> {
    pub email: &'a str,
    pub role: Role,
    pub language: &'a str,
    pub password_hash: &'a str,
}

pub fn insert(db: &Connection, new: &NewAccount<'_>, now: Timestamp) -> Result<Account> {
    let email = check_email(new.email)?;
    let id = new_id()?;
    let inserted = db.execute(
        "insert into account (id, email, role, language, password_hash, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict do nothing",
        (&id, email, new.role.as_str(), check_language(new.language)?, new.password_hash, now.0),
    )?;
    if inserted == 0 {
        return Err(Error::Taken(format!("There is an account for {email} already.")));
    }
    find(db, &id)?.ok_or(Error::NotFound)
}

pub fn any(db: &Connection) -> Result<bool> {
    Ok(db.query_row("select exists (select 1 from account)", [], |row| row.get(0))?)
}

pub fn find(db: &Connection, id: &str) -> Result<Option<Account>> {
    Ok(db.prepare_cached(&format!("{SELECT} where id = ?1"))?.query_row([id], from_row).optional()?)
}

pub fn find_by_email(db: &Connection, email: &str) -> Result<Option<Account>> {
    Ok(db.prepare_cached(&format!("{SELECT} where email = ?1"))?.query_row([email], from_row).optional()?)
}

/// The account and its password hash, for a sign-in.
pub fn password_hash(db: &Connection, email: &str) -> Result<Option<(Account, String)>> {
    let Some(account) = find_by_email(db, email.trim())? else { return Ok(None) };
    let hash = db.query_row("select password_hash from account where id = ?1", [&account.id], |row| row.get(0))?;
    Ok(Some((account, hash)))
}

pub fn list(db: &Connection) -> Result<Vec<Account>> {
    let mut statement = db.prepare_cached(&format!("{SELECT} order by created_at, id"))?;
    Ok(statement.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn set_language(db: &Connection, id: &str, language: &str) -> Result<()> {
    db.execute("update account set language = ?2 where id = ?1", (id, check_language(language)?))?;
    Ok(())
}

/// Change a role. The last owner stays one, or nobody could manage the server.
pub fn set_role(db: &Connection, id: &str, role: Role) -> Result<()> {
    keep_an_owner(db, id, role != Role::Owner)?;
    db.execute("update account set role = ?2 where id = ?1", (id, role.as_str()))?;
    Ok(())
}

/// Close an account or open it again; closing signs it out everywhere.
pub fn set_disabled(db: &Connection, id: &str, disabled: bool) -> Result<()> {
    keep_an_owner(db, id, disabled)?;
    db.execute("update account set disabled = ?2 where id = ?1", (id, disabled))?;
    if disabled {
        db.execute("delete from login where account_id = ?1", [id])?;
    }
    Ok(())
}

/// A new password signs out every browser that knew the old one.
pub fn set_password_hash(db: &Connection, id: &str, hash: &str) -> Result<()> {
    db.execute("update account set password_hash = ?2 where id = ?1", (id, hash))?;
    db.execute("delete from login where account_id = ?1", [id])?;
    Ok(())
}

/// 80 random bits: enough that no two accounts or tokens meet, and nothing to count up.
pub fn new_id() -> Result<String> {
    Ok(data_encoding::BASE32_NOPAD.encode(&seal::random::<10>()?).to_ascii_lowercase())
}

const SELECT: &str = "select id, email, role, language, disabled, created_at from account";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        email: row.get(1)?,
        role: row.get(2)?,
        language: row.get(3)?,
        disabled: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
    })
}

fn keep_an_owner(db: &Connection, id: &str, leaving: bool) -> Result<()> {
    let others: bool = db.query_row(
        "select exists (select 1 from account where role = 'owner' and not disabled and id <> ?1)
             or not exists (select 1 from account where role = 'owner' and not disabled and id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    if leaving && !others {
        return Err(Error::Taken("This is the last owner. Make another owner first.".to_owned()));
    }
    Ok(())
}

fn check_email(email: &str) -> Result<&str> {
    let email = email.trim();
    let fits = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if fits { Ok(email) } else { Err(Error::invalid("email", "This is not an e-mail address.")) }
}

fn check_language(language: &str) -> Result<&str> {
    let fits = (2..=8).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if fits { Ok(language) } else { Err(Error::invalid("language", "A language is a code such as en or cs.")) }
}

impl rusqlite::types::FromSql for Role {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|message: String| rusqlite::types::FromSqlError::Other(message.into()))
    }
}
