//! `hushreel account`: people who may sign in.

use super::{Common, now, print};
use crate::error::{Error, Result};
use crate::password;
use crate::role::Role;
use crate::store::account::{self, NewAccount};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::Read;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Add someone; without --password-stdin a password is made and printed once
    Add(Add),
    /// Everyone who may sign in
    List,
    /// Give someone another role
    Role {
        /// Whose
        email: String,
        /// owner, admin, analyst, viewer or auditor
        role: Role,
    },
    /// Close an account and sign it out everywhere
    Disable {
        email: String,
        /// Open it again instead
        #[arg(long)]
        undo: bool,
    },
    /// Set a new password and sign the account out everywhere
    Reset {
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Args)]
pub struct Add {
    #[arg(long)]
    email: String,
    /// owner, admin, analyst, viewer or auditor
    #[arg(long)]
    role: Role,
    /// Language of the dashboard: en or cs
    #[arg(long, default_value = "en")]
    language: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Account {
    pub fn run(self, common: &Common) -> Result<()> {
        let mut books = common.books(&common.settle()?)?;
        match self {
            Self::Add(add) => {
                let (password, made) = choose_password(add.password_stdin, &add.email)?;
                let password_hash = password::hash(&password)?;
                let new = NewAccount {
                    email: &add.email,
                    role: add.role,
                    language: &add.language,
                    password_hash: &password_hash,
                };
                let account = books.transact(|books| account::insert(&books.meta, &new, now()))?;
                let mut value = view(&account);
                if made {
                    value["password"] = json!(password);
                }
                print::answer(common.json, &value, || told(&format!("Added {}.", account.email), made, &password))
            }
            Self::List => {
                let accounts = account::list(&books.meta)?;
                let value: Vec<Value> = accounts.iter().map(view).collect();
                print::answer(common.json, &json!(value), || {
                    let rows = accounts.iter().map(|account| {
                        let state = if account.disabled { "disabled" } else { "open" };
                        vec![
                            account.email.clone(),
                            account.role.to_string(),
                            state.to_owned(),
                            print::time(account.created_at),
                        ]
                    });
                    print::table(&["E-MAIL", "ROLE", "STATE", "ADDED (UTC)"], &rows.collect::<Vec<_>>())
                })
            }
            Self::Role { email, role } => {
                let account = change(&mut books, &email, |db, id| account::set_role(db, id, role))?;
                print::answer(common.json, &view(&account), || format!("{} is now {role}.", account.email))
            }
            Self::Disable { email, undo } => {
                let account = change(&mut books, &email, |db, id| account::set_disabled(db, id, !undo))?;
                let state = if undo { "open again" } else { "closed" };
                print::answer(common.json, &view(&account), || format!("{} is {state}.", account.email))
            }
            Self::Reset { email, password_stdin } => {
                let (password, made) = choose_password(password_stdin, &email)?;
                let hash = password::hash(&password)?;
                let account = change(&mut books, &email, |db, id| account::set_password_hash(db, id, &hash))?;
                let mut value = view(&account);
                if made {
                    value["password"] = json!(password);
                }
                print::answer(common.json, &value, || {
                    told(&format!("{} has a new password.", account.email), made, &password)
                })
            }
        }
    }
}

fn change(
    books: &mut crate::store::Books,
    email: &str,
    work: impl FnOnce(&rusqlite::Connection, &str) -> Result<()>,
) -> Result<account::Account> {
    books.transact(|books| {
        let found = account::find_by_email(&books.meta, email)?
            .ok_or_else(|| Error::Failed(format!("There is no account for {email}.")))?;
        work(&books.meta, &found.id)?;
        account::find(&books.meta, &found.id)?.ok_or(Error::NotFound)
    })
}

/// The password from standard input, or a new one; true where it was made here.
fn choose_password(from_stdin: bool, email: &str) -> Result<(String, bool)> {
    if !from_stdin {
        let bytes: [u8; 15] = crate::seal::random()?;
        return Ok((data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase(), true));
    }
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|cause| Error::internal("reading the password", cause))?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    password::check(&password, email)?;
    Ok((password, false))
}

fn told(done: &str, made: bool, password: &str) -> String {
    if made { format!("{done} Password, shown this once: {password}") } else { done.to_owned() }
}

fn view(account: &account::Account) -> Value {
    json!({
        "id": account.id, "email": account.email, "role": account.role, "language": account.language,
        "disabled": account.disabled, "created_at": account.created_at,
    })
}
