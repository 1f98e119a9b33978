//! `hushreel recording`: list, show, export, restrict and erase what was recorded.

use super::erase::Erase;
use super::import::Import;
use super::redact::Redact;
use super::{Common, now, print};
use crate::auditor::Shown;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::export::Whole;
use crate::model::{Reason, RecordingId, SiteKey};
use crate::replay::recordings::{Detail, View};
use crate::replay::table;
use crate::store::audit::{self, Waiting};
use crate::store::recording::{self, Filter};
use crate::store::restriction::{Order, Verb};
use crate::store::{Actor, Books, Keyring, Place, Readable, reconcile, shelf, site};
use bytes::Bytes;
use clap::Subcommand;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Recording {
    /// Recordings, newest first
    List {
        /// Of this site only
        #[arg(long, value_name = "KEY")]
        site: Option<SiteKey>,
        /// At most this many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// As a table for spreadsheets
        #[arg(long)]
        csv: bool,
    },
    /// One recording with its pages
    Show { id: RecordingId },
    /// A recording as rrweb JSON with its pictures and fonts inside, which any rrweb player shows, or as a file that plays itself
    Export {
        id: RecordingId,
        /// Write one HTML file that any browser opens, with the player in it; it loads nothing
        #[arg(long)]
        html: bool,
        /// Write to this file instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take in recordings that rrweb made in another program, hidden as the site's policy says; a file's recordings come whole or
    /// not at all
    Import(Import),
    /// Look now, and change nothing, for what was told and should not have been: marks, selectors and secret fields over whole
    /// recordings; the server does so by itself when one is finished
    Audit {
        /// Of this site
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
        /// The newest so many
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Take words out of what was recorded already, for good
    Redact(Redact),
    /// Keep a recording past its retention, and let nobody but its visitor open it (GDPR, Art. 18)
    Restrict {
        id: RecordingId,
        /// Why, in 1 to 500 characters; stands beside the recording and in the list of data requests
        #[arg(long)]
        reason: Reason,
    },
    /// Lift every restriction of a recording, also one that its visitor asked for; where its retention is over, it is gone at once
    Lift {
        id: RecordingId,
        /// Why, in 1 to 500 characters; stands in the list of data requests
        #[arg(long)]
        reason: Reason,
    },
    /// Destroy the key of a recording, or of all of a site that fit; nothing can open them afterwards. One that is restricted stays
    Erase(Erase),
}

impl Recording {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let mut books = common.books(&config)?;
        match self {
            Self::List { site, limit, csv } => {
                let views = list(&config, &books, site, limit)?;
                if csv { print_csv(&views) } else { print_list(common, &views) }
            }
            Self::Show { id } => show(common, &config, &books, id),
            Self::Export { id, html, output } => {
                export(&config, &books, id, if html { Form::Html } else { Form::Json }, output)
            }
            Self::Import(import) => import.run(common, &config, &mut books),
            Self::Audit { site, limit } => audit(common, &config, &books, &site, limit),
            Self::Redact(redact) => redact.run(common, &config, &mut books),
            Self::Restrict { id, reason } => carry_out(common, &config, &mut books, id, Verb::Restrict, &reason),
            Self::Lift { id, reason } => carry_out(common, &config, &mut books, id, Verb::Lift, &reason),
            Self::Erase(erase) => erase.run(common, &config, &mut books),
        }
    }
}

fn list(config: &Config, books: &Books, site: Option<SiteKey>, limit: u32) -> Result<Vec<View>> {
    let sites = site::all(&books.meta)?;
    let site_id = match &site {
        Some(key) => Some(sites.get(key).ok_or_else(|| Error::Failed(format!("There is no site with key {key}.")))?.id),
        None => None,
    };
    let keyring = Keyring::open(&place(config)?)?;
    let filter = Filter { site_id, ..Filter::default() };
    let rows = recording::list(&books.meta, &filter, "", limit)?;
    Ok(rows.into_iter().filter_map(|row| View::read(row, &keyring, &sites, now())).collect())
}

fn print_csv(views: &[View]) -> Result<()> {
    let failed = |cause: std::io::Error| Error::Failed(format!("The list cannot be written: {cause}."));
    let mut out = std::io::stdout().lock();
    out.write_all(table::head().as_bytes()).map_err(failed)?;
    for view in views {
        out.write_all(table::line(&json!(view)).as_bytes()).map_err(failed)?;
    }
    out.flush().map_err(failed)
}

fn print_list(common: &Common, views: &[View]) -> Result<()> {
    print::answer(common.json, &json!(views), || {
        let rows: Vec<_> = views.iter().map(View::row).collect();
        print::table(&["ID", "STARTED (UTC)", "STATE", "SECONDS", "PAGES", "ENTRY"], &rows)
    })
}

fn show(common: &Common, config: &Config, books: &Books, id: RecordingId) -> Result<()> {
    let keyring = Keyring::open(&place(config)?)?;
    let row = recording::find(&books.meta, id, "").map_err(named(id))?;
    let detail =
        Detail::read(row, &keyring, &site::all(&books.meta)?, now()).ok_or(Error::NotFound).map_err(named(id))?;
    let value = json!(detail);
    print::answer(common.json, &value, || serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn export(config: &Config, books: &Books, id: RecordingId, form: Form, output: Option<PathBuf>) -> Result<()> {
    let place = place(config)?;
    let keyring = Keyring::open(&place)?;
    let readable = Readable::by_staff(&books.meta, id).map_err(named(id))?;
    let failed = |cause: std::io::Error| Error::Failed(format!("The export cannot be written: {cause}."));
    let mut out: Box<dyn Write> = match &output {
        Some(path) => Box::new(std::fs::File::create(path).map_err(failed)?),
        None => Box::new(std::io::stdout().lock()),
    };
    write_out(form, books, &keyring, &place, readable, &mut out)
}

/// As what a recording is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Html,
}

/// Write a recording with its pictures and fonts inside.
fn write_out(
    form: Form,
    books: &Books,
    keyring: &Keyring,
    place: &Place,
    readable: Readable,
    out: &mut dyn Write,
) -> Result<()> {
    let whole = Whole::open(&books.meta, keyring, place, readable)?;
    let mut outcome = Ok(());
    let mut send = |piece: Bytes| {
        outcome = out.write_all(&piece);
        outcome.is_ok()
    };
    match form {
        Form::Json => whole.write_json(&mut send)?,
        Form::Html => whole.write_html(&mut send)?,
    }
    outcome.and_then(|()| out.flush()).map_err(|cause| Error::Failed(format!("The export cannot be written: {cause}.")))
}

fn audit(common: &Common, config: &Config, books: &Books, key: &SiteKey, limit: u32) -> Result<()> {
    let found = site_of(books, key)?;
    let place = place(config)?;
    let keyring = Keyring::open(&place)?;
    let filter = Filter { site_id: Some(found.id), ..Filter::default() };
    let mut rows = recording::list(&books.meta, &filter, "", limit)?;
    let all = rows.len();
    rows.retain(|row| row.restrictions.is_empty());
    let restricted = all - rows.len();
    let mut shown = Vec::new();
    for row in &rows {
        if let Some(report) = audit::look(&books.meta, &keyring, &place, &Waiting::of(row))? {
            shown.extend(report.found.into_iter().map(|one| (row.id, one)));
        }
    }
    let value = json!({
        "recordings": rows.len(),
        "restricted": restricted,
        "found": shown.iter().map(|(id, Shown { kind, page, selector })| {
            json!({ "recording": id, "kind": kind, "page": page, "selector": selector })
        }).collect::<Vec<_>>(),
    });
    print::answer(common.json, &value, || {
        let lines = shown.iter().map(|(id, Shown { kind, page, selector })| {
            vec![id.to_string(), kind.clone(), page.clone(), selector.clone()]
        });
        let lines: Vec<_> = lines.collect();
        match lines.len() {
            0 => format!("{} recordings hold nothing that they should not.", rows.len()),
            _ => print::table(&["RECORDING", "KIND", "PAGE", "WHERE"], &lines),
        }
    })
}

fn carry_out(
    common: &Common,
    config: &Config,
    books: &mut Books,
    id: RecordingId,
    verb: Verb,
    reason: &Reason,
) -> Result<()> {
    let keyring = Keyring::open(&place(config)?)?;
    let order = Order { recording: id, verb, by: Actor::Command, reason: reason.as_str().to_owned(), at: now() };
    let done = books.transact(|books| {
        // A start looks for what a crash left at the end of a file, which this may move.
        reconcile(books, &keyring)?;
        order.carry_out(books)
    });
    done.map_err(named(id))?;
    books.transact(|books| shelf::clear(books, id))?;
    let left = match recording::find(&books.meta, id, "") {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(error) => return Err(error),
    };
    print::answer(common.json, &json!({ "id": id, "restricted": verb == Verb::Restrict, "left": left }), || {
        match (verb, left) {
            (Verb::Restrict, _) => {
                format!("Recording {id} is restricted: it is kept, and nobody but its visitor may open it.")
            }
            (Verb::Lift, true) => format!("Recording {id} is not restricted any more."),
            (Verb::Lift, false) => format!("Recording {id} is gone with its restriction: its retention was over."),
        }
    })
}

/// The site of this key.
pub(super) fn site_of(books: &Books, key: &SiteKey) -> Result<site::Site> {
    site::find(&books.meta, key).map_err(|error| match error {
        Error::NotFound => Error::Failed(format!("There is no site with key {key}. `hushreel site list` shows them.")),
        other => other,
    })
}

pub(super) fn place(config: &Config) -> Result<Place> {
    Place::new(&config.data, config.key_file.as_deref())
}

pub(super) fn named(id: RecordingId) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::NotFound => Error::Failed(format!("There is no recording {id}.")),
        other => other,
    }
}
