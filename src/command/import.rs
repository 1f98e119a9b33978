//! `hushreel recording import`: recordings of other programs, beside a running server.

use super::recording::{place, site_of};
use super::{Common, now, print};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::import::Importer;
use crate::import::keep::{Outcome, Sealed, seal};
use crate::model::SiteKey;
use crate::store::{Books, Keyring, Site, together};
use clap::Args;
use serde_json::json;
use std::fs::File;
use std::io::{Read, stdin};

/// Bytes read at a time.
const PIECE: usize = 64 << 10;

#[derive(Debug, Args)]
pub struct Import {
    /// Into this site, hidden as its policy says now
    #[arg(long, value_name = "KEY")]
    site: SiteKey,
    /// Files of rrweb events, up to 256 MiB each; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

impl Import {
    pub fn run(self, common: &Common, config: &Config, books: &mut Books) -> Result<()> {
        let site = site_of(books, &self.site)?;
        let keyring = Keyring::open(&place(config)?)?;
        let mut all = Vec::new();
        for file in &self.files {
            let done = one(file, books, &keyring, &site).map_err(|error| match error {
                Error::Unimportable(what) | Error::LargeImport(what) => Error::Failed(format!("{file}: {what}")),
                other => other,
            });
            match done {
                Ok(outcomes) => all.extend(outcomes.into_iter().map(|outcome| (file, outcome))),
                Err(error) if all.is_empty() => return Err(error),
                Err(error) => {
                    // What was imported is there, and is said before the failure.
                    self.print(common, &all)?;
                    return Err(error);
                }
            }
        }
        self.print(common, &all)
    }

    fn print(&self, common: &Common, all: &[(&String, Outcome)]) -> Result<()> {
        let outcomes: Vec<_> = all.iter().map(|(_, outcome)| outcome).collect();
        print::answer(common.json, &json!({ "recordings": outcomes }), || {
            let line = |(file, one): &(&String, Outcome)| {
                vec![
                    one.id.to_string(),
                    one.pages.to_string(),
                    one.events.to_string(),
                    one.taken_out.to_string(),
                    (*file).clone(),
                ]
            };
            let lines: Vec<_> = all.iter().map(line).collect();
            print::table(&["ID", "PAGES", "EVENTS", "TAKEN OUT", "FILE"], &lines)
        })
    }
}

fn one(file: &str, books: &mut Books, keyring: &Keyring, site: &Site) -> Result<Vec<Outcome>> {
    let failed = |cause: std::io::Error| Error::Failed(format!("{file} cannot be read: {cause}."));
    let mut input: Box<dyn Read> = match file {
        "-" => Box::new(stdin().lock()),
        path => Box::new(File::open(path).map_err(failed)?),
    };
    let mut importer = Importer::new(&site.policy.policy);
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece).map_err(failed)? {
            0 => break,
            length => importer.feed(&piece[..length])?,
        }
    }
    let sealed: Vec<Sealed> =
        importer.finish()?.into_iter().map(|imported| seal(imported, keyring, site, now())).collect::<Result<_>>()?;
    let (outcomes, appends): (Vec<_>, Vec<_>) =
        sealed.into_iter().map(|Sealed { outcome, appends }| (outcome, appends)).unzip();
    together::keep(books, keyring, &appends.into_iter().flatten().collect::<Vec<_>>())?;
    Ok(outcomes)
}
