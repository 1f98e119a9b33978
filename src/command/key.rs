//! `hushreel key`: the master key, and the one that takes its place.

use super::{Common, now, print};
use crate::error::{Error, Result};
use crate::store::keys::{self, Need};
use crate::store::master::Masters;
use crate::store::{Books, Keyring, backup};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Which master keys are in the file, and what needs each
    Check,
    /// Make a new master key and seal the keys of all sites under it; the former one stays beside it until `retire`
    Rotate(Rotate),
    /// Take former master keys that nothing needs any more out of the file
    Retire,
    /// Copy the master keys, to keep them apart from the backups
    Export(Export),
}

#[derive(Debug, Args)]
pub struct Rotate {
    /// Write the keys here instead of where they are read, such as for a credential that systemd hands in. Nothing is sealed anew
    /// before they are read from their place: then run this with --again
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Make no key: seal everything under the first one of the file
    #[arg(long, conflicts_with = "to")]
    again: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    /// A file that is not there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl KeyCommand {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let books = common.books(&config)?;
        // Also says whether the keys are those of this store.
        drop(Keyring::open(&books.place)?);
        let masters = Masters::read(&books.place, false)?;
        match self {
            Self::Check => check(common, &books, &masters),
            Self::Rotate(rotate) => rotate.run(common, &books, masters),
            Self::Retire => retire(common, &books, &masters),
            Self::Export(Export { to }) => {
                if to.exists() {
                    return Err(Error::Failed(format!("{} is there already. Name another file.", to.display())));
                }
                masters.write(&to)?;
                let ids: Vec<String> = masters.ids().map(|id| id.to_string()).collect();
                print::answer(common.json, &json!({ "file": to, "keys": ids }), || {
                    format!(
                        "{} holds {} now. Keep it where no backup is: with both, everything recorded can be read.",
                        to.display(),
                        ids.join(", ")
                    )
                })
            }
        }
    }
}

fn check(common: &Common, books: &Books, masters: &Masters) -> Result<()> {
    let needs = keys::needs(&books.keys, masters)?;
    print::answer(common.json, &json!({ "file": masters.file(), "keys": needs }), || table(&needs))?;
    match needs.iter().find(|need| !need.there) {
        Some(missing) => {
            Err(Error::KeyMissing { id: missing.master.clone(), file: masters.file().display().to_string() })
        }
        None => Ok(()),
    }
}

fn table(needs: &[Need]) -> String {
    let rows = needs.iter().map(|need| {
        let state = match (need.there, need.current) {
            (true, true) => "in use",
            (true, false) => "former",
            (false, _) => "MISSING",
        };
        vec![need.master.clone(), state.to_owned(), need.site_keys.to_string(), need.recordings.to_string()]
    });
    print::table(&["MASTER KEY", "STATE", "KEYS OF SITES", "RECORDINGS"], &rows.collect::<Vec<_>>())
}

impl Rotate {
    fn run(self, common: &Common, books: &Books, masters: Masters) -> Result<()> {
        let masters = if self.again { masters } else { masters.rotated()? };
        let (id, _) = masters.current()?;
        if let Some(to) = self.to {
            if to.exists() {
                return Err(Error::Failed(format!("{} is there already. Name another file.", to.display())));
            }
            masters.write(&to)?;
            return print::answer(common.json, &json!({ "key": id.to_string(), "file": to, "resealed": 0 }), || {
                format!(
                    "{} holds the new key {id} and the former. Put it in the place of {}, start the server, and run `hushreel key rotate --again`.",
                    to.display(),
                    masters.file().display()
                )
            });
        }
        if !self.again {
            // On disk before anything needs it.
            masters.write(masters.file())?;
        }
        let resealed = keys::rewrap(&books.keys, &masters)?;
        // A running server sees by this that it has to read its keys again.
        set_rotated(books)?;
        print::answer(
            common.json,
            &json!({ "key": id.to_string(), "file": masters.file(), "resealed": resealed }),
            || {
                format!(
                    "{id} is the master key now; {resealed} keys of sites were sealed under it. The former stays in {} for backups of before: in a day, run `hushreel key retire`.",
                    masters.file().display()
                )
            },
        )
    }
}

fn retire(common: &Common, books: &Books, masters: &Masters) -> Result<()> {
    let needs = keys::needs(&books.keys, masters)?;
    let kept = masters.without(|id| needs.iter().any(|need| need.master == id.to_string() && need.site_keys > 0));
    let gone: Vec<String> =
        masters.ids().filter(|id| kept.ids().all(|other| other != *id)).map(|id| id.to_string()).collect();
    if !gone.is_empty() {
        check_backups(books)?;
        kept.write(kept.file())?;
        // A running server sees by this that it has to read its keys again.
        books.set_setting("keys_retired_at", &now().0.to_string())?;
    }
    print::answer(common.json, &json!({ "retired": gone, "file": kept.file() }), || match gone.as_slice() {
        [] => "Every key in the file is needed, or is the one in use.".to_owned(),
        gone => format!("{} is out of {}. Destroy other copies of it.", gone.join(", "), kept.file().display()),
    })
}

/// Copies of `keys.db` of before the rotation need the former key.
fn check_backups(books: &Books) -> Result<()> {
    let Some(at) = rotated_at(books)? else { return Ok(()) };
    match backup::targets(&books.meta)?.into_iter().find(|target| target.keys_at.0 < at) {
        None => Ok(()),
        Some(target) => Err(Error::Failed(format!(
            "The keys in {} are still sealed under the former key. Run `hushreel backup {}` first; the server does so within a day.",
            target.dir.display(),
            target.dir.display()
        ))),
    }
}

fn rotated_at(books: &Books) -> Result<Option<i64>> {
    books
        .setting("keys_rotated_at")?
        .map(|at| at.parse().map_err(|cause| Error::internal("reading a setting", cause)))
        .transpose()
}

fn set_rotated(books: &Books) -> Result<()> {
    books.set_setting("keys_rotated_at", &now().0.to_string())
}
