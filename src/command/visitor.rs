//! `hushreel visitor`: what is there of a visitor who is known again, for whoever asks for a copy of it or has it erased.

use super::recording::{place, site_of};
use super::{Common, now, print};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::export::Whole;
use crate::model::{RecordingId, SiteKey, VisitorId};
use crate::replay::archive::gather;
use crate::store::visitor::{self, Whose};
use crate::store::{Actor, Books, Keyring, Readable, site};
use clap::{Args, Subcommand};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Visitor {
    /// Visitors of a site, those seen last first
    List {
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
        /// At most this many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// A copy of somebody's recordings as one zip file: each as rrweb JSON and as a page that plays itself, what is known of it, and the
    /// policies. What is restricted stays closed
    Export {
        #[command(flatten)]
        who: Who,
        /// Write this file
        #[arg(long, short, value_name = "FILE.zip")]
        output: PathBuf,
    },
    /// Destroy the keys of somebody's recordings; nothing can open them afterwards. What is restricted stays
    Erase {
        #[command(flatten)]
        who: Who,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Whose recordings are meant.
#[derive(Debug, Args)]
pub struct Who {
    /// The visitor, as `hushreel visitor list` and the recordings name him
    #[arg(required_unless_present = "identified", conflicts_with = "identified")]
    id: Option<VisitorId>,
    /// Everybody whom the site called exactly this, such as a customer number
    #[arg(long, value_name = "PSEUDONYM", requires = "site")]
    identified: Option<String>,
    /// The site that called them so
    #[arg(long, value_name = "KEY")]
    site: Option<SiteKey>,
}

impl Visitor {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let books = common.books(&config)?;
        match self {
            Self::List { site, limit } => list(common, &books, &site, limit),
            Self::Export { who, output } => export(common, &config, &books, &who, &output),
            Self::Erase { who, yes } => erase(common, &config, books, &who, yes),
        }
    }
}

impl Who {
    /// Somebody of whom there is at least one recording.
    fn find(&self, config: &Config, books: &Books) -> Result<Whose> {
        let nobody = || Error::Failed("There is no recording of this visitor.".to_owned());
        let whose = match (self.id, &self.identified, &self.site) {
            (Some(id), _, _) => Whose::Visitor(id),
            (None, Some(said), Some(site)) => {
                let site = site_of(books, site)?;
                let key = Keyring::open(&place(config)?)?.find_asset_key(site.id)?.ok_or_else(nobody)?;
                Whose::Identified(visitor::pseudonym(&key, said))
            }
            (None, _, _) => return Err(nobody()),
        };
        if visitor::recordings(&books.meta, whose)?.is_empty() { Err(nobody()) } else { Ok(whose) }
    }
}

fn list(common: &Common, books: &Books, key: &SiteKey, limit: u32) -> Result<()> {
    let all = visitor::list(&books.meta, site_of(books, key)?.id, limit)?;
    let value: Vec<_> = all
        .iter()
        .map(|one| json!({ "id": one.id, "recordings": one.recordings, "first_at": one.first_at, "last_at": one.last_at }))
        .collect();
    print::answer(common.json, &json!(value), || {
        let row = |one: &visitor::Visitor| {
            vec![one.id.to_string(), one.recordings.to_string(), print::time(one.first_at), print::time(one.last_at)]
        };
        print::table(&["ID", "RECORDINGS", "FIRST (UTC)", "LAST (UTC)"], &all.iter().map(row).collect::<Vec<_>>())
    })
}

fn export(common: &Common, config: &Config, books: &Books, who: &Who, path: &Path) -> Result<()> {
    let whose = who.find(config, books)?;
    let failed = |cause: std::io::Error| Error::Failed(format!("{} cannot be written: {cause}.", path.display()));
    let (place, sites) = (place(config)?, site::all(&books.meta)?);
    let keyring = Keyring::open(&place)?;
    let archive = gather(&books.meta, &keyring, &sites, whose, now())?;
    let restricted = archive.restricted;
    let mut file = File::create(path).map_err(failed)?;
    let mut open = |id| Whole::open(&books.meta, &keyring, &place, Readable::by_staff(&books.meta, id)?);
    let mut outcome = Ok(());
    let written = archive.write(&mut open, &mut |piece| {
        outcome = file.write_all(&piece);
        outcome.is_ok()
    });
    outcome.and_then(|()| file.sync_all()).map_err(failed)?;
    let written = written?;
    print::answer(common.json, &json!({ "recordings": written, "restricted": restricted }), || {
        let text = format!("{} recordings are in {}.", written.len(), path.display());
        text + &stayed(restricted, "were left out")
    })
}

fn erase(common: &Common, config: &Config, mut books: Books, who: &Who, yes: bool) -> Result<()> {
    let whose = who.find(config, &books)?;
    let count = visitor::recordings(&books.meta, whose)?.len();
    if !yes {
        return Err(Error::Failed(format!(
            "This would destroy {count} recordings for good. Say --yes if that is what you want."
        )));
    }
    let mut erased: Vec<RecordingId> = Vec::new();
    let restricted = loop {
        let some = books.transact(|books| visitor::erase_some(books, whose, &Actor::Command, now()))?;
        erased.extend(&some.recordings);
        if some.recordings.is_empty() {
            break some.restricted;
        }
    };
    print::answer(common.json, &json!({ "erased": erased, "restricted": restricted }), || {
        format!("{} recordings are erased.", erased.len()) + &stayed(restricted, "stay")
    })
}

/// What happened to those that nobody may open or change.
fn stayed(restricted: u64, how: &str) -> String {
    match restricted {
        0 => String::new(),
        _ => format!(" {restricted} are restricted and {how}: run this again once that is lifted."),
    }
}
