//! `hushreel asset`: files of a site's build that stand for pictures and fonts which recorders cannot read.

use super::{Common, now, print};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::SiteKey;
use crate::store::asset::{self, Kind};
use crate::store::{Books, site, unreadable};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Files looked at; a build that has more is the wrong folder.
const FILES_MAX: usize = 50_000;
/// Larger files are no picture of a page.
const FILE_BYTES_MAX: u64 = 8 << 20;

#[derive(Debug, Subcommand)]
pub enum Asset {
    /// Hand in the pictures and fonts of a site's build; each stands for the unreadable address that ends with its path
    Import {
        /// The site's key
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
        /// The folder that is served, such as dist/
        dir: PathBuf,
    },
    /// What recorders of a site could not read, and what was handed in
    List {
        /// The site's key
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
    },
}

impl Asset {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let mut books = common.books(&config)?;
        match self {
            Self::Import { site, dir } => import(common, &config, &mut books, &site, &dir),
            Self::List { site } => list(common, &config, &books, &site),
        }
    }
}

fn import(common: &Common, config: &Config, books: &mut Books, key: &SiteKey, dir: &Path) -> Result<()> {
    let site_id = find(books, key)?;
    let site_key = super::keyring(config)?.asset_key(site_id, now())?;
    let mut files = Vec::new();
    gather(dir, &mut files)?;
    let (mut imported, mut skipped) = (0, 0);
    for file in &files {
        let unreadable = |cause| Error::Failed(format!("{} cannot be read: {cause}.", file.display()));
        let size = std::fs::metadata(file).map_err(unreadable)?.len();
        let bytes = if size <= FILE_BYTES_MAX { std::fs::read(file).map_err(unreadable)? } else { Vec::new() };
        let path = file.strip_prefix(dir).ok().and_then(Path::to_str);
        match (path, Kind::of(&bytes)) {
            (Some(path), Some(_)) => {
                let path = path.replace(std::path::MAIN_SEPARATOR, "/");
                books.transact(|books| asset::import(books, site_id, &site_key, &path, &bytes, now()))?;
                imported += 1;
            }
            (Some(_) | None, Some(_) | None) => skipped += 1,
        }
    }
    print::answer(common.json, &json!({ "imported": imported, "skipped": skipped }), || {
        format!("{imported} pictures and fonts are handed in; {skipped} other files were left out.")
    })
}

fn list(common: &Common, config: &Config, books: &Books, key: &SiteKey) -> Result<()> {
    let site_id = find(books, key)?;
    let (lines, files) = match super::keyring(config)?.find_asset_key(site_id)? {
        Some(key) => (unreadable::list(&books.meta, site_id, &key)?, asset::imported(&books.meta, site_id, &key)?),
        None => (Vec::new(), Vec::new()),
    };
    let value = json!({
        "unreadable": lines.iter().map(|line| json!({ "url": line.url, "cause": line.cause, "times": line.times })).collect::<Vec<_>>(),
        "imported": files.iter().map(|(path, hash, kind, bytes)| {
            json!({ "path": path, "hash": hash, "kind": kind.media_type(), "bytes": bytes })
        }).collect::<Vec<_>>(),
    });
    print::answer(common.json, &value, || {
        let cause = |line: &unreadable::Unreadable| json!(line.cause).as_str().unwrap_or_default().to_owned();
        let unreadable: Vec<_> =
            lines.iter().map(|line| vec![line.url.clone(), cause(line), line.times.to_string()]).collect();
        let imported: Vec<_> = files
            .iter()
            .map(|(path, _, kind, bytes)| vec![path.clone(), kind.media_type().to_owned(), bytes.to_string()])
            .collect();
        format!(
            "{}\n{}",
            print::table(&["UNREADABLE", "CAUSE", "TIMES"], &unreadable),
            print::table(&["HANDED IN", "KIND", "BYTES"], &imported)
        )
    })
}

/// All files below a folder, in a fixed order; links are not followed.
fn gather(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |cause| Error::Failed(format!("{} cannot be read: {cause}.", dir.display()));
    let mut entries =
        std::fs::read_dir(dir).map_err(unreadable)?.collect::<std::io::Result<Vec<_>>>().map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            gather(&entry.path(), found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
        if found.len() > FILES_MAX {
            return Err(Error::Failed(format!(
                "{} has more than {FILES_MAX} files. Name the folder of the build.",
                dir.display()
            )));
        }
    }
    Ok(())
}

fn find(books: &Books, key: &SiteKey) -> Result<i64> {
    match site::find(&books.meta, key) {
        Ok(site) => Ok(site.id),
        Err(Error::NotFound) => {
            Err(Error::Failed(format!("There is no site with key {key}. `hushreel site list` shows them.")))
        }
        Err(error) => Err(error),
    }
}
