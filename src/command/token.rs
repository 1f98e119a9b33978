//! `hushreel token`: bearer tokens for programs.

use super::{Common, now, print};
use crate::error::Result;
use crate::role::Role;
use crate::store::token;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token; it is printed once and cannot be shown again
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// owner, admin, analyst, viewer or auditor
        #[arg(long)]
        role: Role,
        /// How many days it lasts [default: for ever]
        #[arg(long)]
        days: Option<u32>,
    },
    /// All tokens, without their secrets
    List,
    /// Make a token worthless
    Revoke {
        /// Its id, from the list
        id: String,
    },
}

impl Token {
    pub fn run(self, common: &Common) -> Result<()> {
        let mut books = common.books(&common.settle()?)?;
        match self {
            Self::Create { name, role, days } => {
                let (made, secret) = books.transact(|books| token::insert(&books.meta, &name, role, days, now()))?;
                let mut value = view(&made);
                value["token"] = json!(secret);
                print::answer(common.json, &value, || secret.clone())
            }
            Self::List => {
                let tokens = token::list(&books.meta)?;
                let value: Vec<Value> = tokens.iter().map(view).collect();
                print::answer(common.json, &json!(value), || {
                    let time = |at: Option<_>, none: &str| at.map_or_else(|| none.to_owned(), print::time);
                    let rows = tokens.iter().map(|token| {
                        let (ends, used) = (time(token.expires_at, "never"), time(token.last_used_at, "never"));
                        vec![token.id.clone(), token.name.clone(), token.role.to_string(), ends, used]
                    });
                    print::table(&["ID", "NAME", "ROLE", "ENDS (UTC)", "LAST USED (UTC)"], &rows.collect::<Vec<_>>())
                })
            }
            Self::Revoke { id } => {
                books.transact(|books| token::delete(&books.meta, &id))?;
                print::answer(common.json, &json!({ "revoked": id }), || format!("Revoked {id}."))
            }
        }
    }
}

fn view(token: &token::Token) -> Value {
    json!({
        "id": token.id, "name": token.name, "role": token.role, "created_at": token.created_at,
        "expires_at": token.expires_at, "last_used_at": token.last_used_at,
    })
}
