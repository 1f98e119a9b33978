//! `hushreel backup` and `hushreel restore`.

use super::{Common, now, print};
use crate::error::{Error, Result};
use crate::store::backup::{self, Made, Progress, Restored};
use crate::store::{Books, Keyring, Place};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Back up the store into a directory, while the server runs. Run it again to go on with one that was cut off.
///
/// Each run makes a set in DIR and keeps the newest; DIR/keys.db holds the keys of all of them and is overwritten by the server within
/// a day, so that what is erased cannot be read from any set. The master key is in no backup: keep a copy of it elsewhere.
#[derive(Debug, Args)]
pub struct Backup {
    /// Where to; best on another disk
    #[arg(required_unless_present_any = ["list", "forget"])]
    dir: Option<PathBuf>,
    /// Sets to keep
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
    keep: u16,
    /// The directories that this store is backed up to
    #[arg(long, conflicts_with = "dir")]
    list: bool,
    /// No longer tell this directory what is erased; what lies in it stays, so delete it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dir", "list"])]
    forget: Option<PathBuf>,
}

/// Make a store out of a backup, at --data, which must be empty. What was erased since is erased in it first.
///
/// To move to another server: back up here, copy the directory and the master key, and restore there.
#[derive(Debug, Args)]
pub struct Restore {
    /// The directory of backups, for its newest set, or one set in it
    dir: PathBuf,
    /// The keys, where they are kept apart [default: keys.db beside the sets]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

impl Backup {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let mut books = common.books(&config)?;
        if self.list {
            return list(common, &books);
        }
        if let Some(dir) = &self.forget {
            let dir = dir.canonicalize().unwrap_or_else(|_| dir.clone());
            if !backup::forget(&books.meta, &dir)? {
                return Err(Error::Failed(format!("This store is not backed up to {}.", dir.display())));
            }
            return print::answer(common.json, &json!({ "forgotten": dir }), || {
                format!("{} is told nothing more. Delete it: what is erased from now on stays in it.", dir.display())
            });
        }
        let Some(dir) = self.dir else { return Ok(()) };
        let keyring = Keyring::open(&Place::new(&config.data, config.key_file.as_deref())?)?;
        let made =
            backup::back_up(&mut books, &keyring, &dir, self.keep.into(), now(), &mut |at| eprintln!("{}", told(at)))?;
        print::answer(common.json, &value(&made), || {
            let Made { set, counts, copied, unchanged, bytes, .. } = &made;
            format!(
                "Backed up to {}: {} recordings of {} sites. {copied} files copied ({bytes} bytes), {unchanged} as in the set before.\n\
                 Without the master key {} nothing in it can be read: keep a copy of that elsewhere.",
                set.display(),
                counts.recordings,
                counts.sites,
                books.place.key_path().display()
            )
        })
    }
}

impl Restore {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let place = Place::new(&config.data, config.key_file.as_deref())?;
        eprintln!("data: {}", place.dir().display());
        let Restored { set, store, made_at, counts, erased, lost } =
            backup::restore(&self.dir, self.keys.as_deref(), &place, now(), &mut |name, bytes| {
                eprintln!("{name}: {bytes} bytes, checked");
            })?;
        let value = json!({
            "set": set, "store": store, "made_at": made_at, "counts": counts, "erased": erased,
            "lost": lost.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        print::answer(common.json, &value, || {
            let mut text = format!(
                "Restored {} of {}: {} recordings of {} sites.\n{erased} of them were erased since, and are.",
                place.dir().display(),
                print::time(made_at),
                counts.recordings,
                counts.sites
            );
            if !lost.is_empty() {
                text += &format!("\n{} have no key in this backup and are lost:", lost.len());
                lost.iter().for_each(|id| text += &format!("\n{id}"));
            }
            text
        })
    }
}

fn list(common: &Common, books: &Books) -> Result<()> {
    let targets = backup::targets(&books.meta)?;
    let value: Vec<Value> = targets
        .iter()
        .map(|one| json!({ "dir": one.dir, "made_at": one.made_at, "keys_at": one.keys_at, "reached": one.dir.is_dir() }))
        .collect();
    print::answer(common.json, &json!(value), || {
        if targets.is_empty() {
            return "This store has no backup. `hushreel backup DIR` makes one.".to_owned();
        }
        let rows = targets.iter().map(|one| {
            let reached = if one.dir.is_dir() { "yes" } else { "NO" };
            vec![print::time(one.made_at), print::time(one.keys_at), reached.to_owned(), one.dir.display().to_string()]
        });
        print::table(&["MADE (UTC)", "KEYS (UTC)", "REACHED", "DIRECTORY"], &rows.collect::<Vec<_>>())
    })
}

fn value(made: &Made) -> Value {
    json!({
        "set": made.set, "store": made.store, "counts": made.counts, "copied": made.copied, "unchanged": made.unchanged,
        "bytes": made.bytes, "compared": made.compared.map(|id| id.to_string()),
    })
}

fn told(Progress { part, bytes, unchanged, done, of }: Progress) -> String {
    format!("{done}/{of} {part}: {bytes} bytes{}", if unchanged { ", as before" } else { ", copied and checked" })
}
