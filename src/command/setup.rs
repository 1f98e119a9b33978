//! `hushreel setup`: a one-time link for the first account.

use super::{Common, base_url, now, print};
use crate::error::{Error, Result};
use crate::store::{account, link};
use serde_json::json;

pub fn run(common: &Common) -> Result<()> {
    let config = common.settle()?;
    let mut books = common.books(&config)?;
    let token = books.transact(|books| {
        if account::any(&books.meta)? {
            return Err(Error::Failed(
                "There is an account already. An owner adds others with `hushreel account add`; a forgotten password is \
                 changed with `hushreel account reset`."
                    .to_owned(),
            ));
        }
        link::insert(&books.meta, link::Kind::Setup, None, link::GOOD_FOR_MS, now())
    })?;
    let link = format!("{}/setup#token={token}", base_url(&config, &books)?);
    print::answer(common.json, &json!({ "link": link }), || {
        format!("Open this link within 30 minutes; it works once, and earlier links no longer do:\n{link}")
    })
}
