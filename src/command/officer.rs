//! `hushreel officer`: documents for the data-protection officer.

use super::recording::site_of;
use super::{Common, keyring, now, print};
use crate::error::{Error, Result};
use crate::model::{SiteKey, Timestamp};
use crate::officer::{Breach, Dpia, Language, Records};
use crate::store::{Day, site};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Generated from the settings in force; what only the controller knows is left blank. No legal advice
#[derive(Debug, Subcommand)]
pub enum Officer {
    /// Records of processing (GDPR, Art. 30)
    Records {
        #[command(flatten)]
        which: Which,
        /// en or cs
        #[arg(long, default_value = "en")]
        lang: Language,
        #[command(flatten)]
        output: Output,
    },
    /// The facts of an impact assessment (GDPR, Art. 35): what each key of the policy shows, risks with the results of this
    /// build's leak tests, measures, open findings
    Dpia {
        /// Of this site
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
        #[command(flatten)]
        output: Output,
    },
    /// What was captured unmasked between two moments, in which recordings, and who watched them
    Breach {
        /// Of this site
        #[arg(long, value_name = "KEY")]
        site: SiteKey,
        /// A day (2026-11-20, from its beginning) or a moment (2026-11-20T09:30:00Z)
        #[arg(long, value_name = "DATE", value_parser = read_from)]
        from: Timestamp,
        /// A day (up to its end) or a moment
        #[arg(long, value_name = "DATE", value_parser = read_to)]
        to: Timestamp,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Of this site
    #[arg(long, value_name = "KEY")]
    site: Option<SiteKey>,
    /// Of every site
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
pub struct Output {
    /// md for people, json for programs
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Md,
    Json,
}

impl Officer {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let books = common.books(&config)?;
        match self {
            Self::Records { which: Which { site: Some(key), .. }, lang, output } => {
                let records = Records::read(&books.meta, &site_of(&books, &key)?, now(), lang)?;
                output.write(common, &json!(records), || records.markdown())
            }
            Self::Records { which: Which { site: None, .. }, lang, output } => {
                let mut all: Vec<Arc<site::Site>> = site::all(&books.meta)?.into_values().collect();
                all.sort_by_key(|site| site.id);
                let read = |site: &Arc<site::Site>| Records::read(&books.meta, site, now(), lang);
                let records = all.iter().map(read).collect::<Result<Vec<_>>>()?;
                output.write(common, &json!(records), || {
                    records.iter().map(Records::markdown).collect::<Vec<_>>().join("\n")
                })
            }
            Self::Dpia { site, output } => {
                let dpia = Dpia::read(&books.meta, &keyring(&config)?, &site_of(&books, &site)?, now())?;
                output.write(common, &json!(dpia), || dpia.markdown())
            }
            Self::Breach { site, from, to, output } => {
                if from >= to {
                    return Err(Error::Failed("--from must come before --to.".to_owned()));
                }
                let breach = Breach::read(&books.meta, &keyring(&config)?, &site_of(&books, &site)?, from, to, now())?;
                output.write(common, &json!(breach), || breach.markdown())
            }
        }
    }
}

impl Output {
    fn write(&self, common: &Common, value: &Value, markdown: impl FnOnce() -> String) -> Result<()> {
        let json = common.json || self.format == Format::Json;
        let Some(path) = &self.out else { return print::answer(json, value, markdown) };
        let text = if json { format!("{value}\n") } else { markdown() };
        save(path, &text)
    }
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|cause| Error::Failed(format!("{} cannot be written: {cause}.", path.display())))
}

fn read_from(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Day>() {
        Ok(day) if !text.contains('T') => Ok(day.begins_at()),
        _ => read_moment(text),
    }
}

fn read_to(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Day>() {
        Ok(day) if !text.contains('T') => Ok(day.begins_at().plus_ms(Timestamp::DAY_MS)),
        _ => read_moment(text),
    }
}

fn read_moment(text: &str) -> Result<Timestamp, String> {
    let moment: Result<jiff::Timestamp, _> = text.parse();
    moment
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_| "a day is written 2026-11-20, a moment 2026-11-20T09:30:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_a_moment_is_itself() {
        let day = 20_777 * Timestamp::DAY_MS;
        assert_eq!(read_from("2026-11-20"), Ok(Timestamp(day)));
        assert_eq!(read_to("2026-11-20"), Ok(Timestamp(day + Timestamp::DAY_MS)));
        assert_eq!(read_to("2026-11-20T00:00:01Z"), Ok(Timestamp(day + 1_000)));
        assert_eq!(read_from("2026-11-20T01:00:00+01:00"), Ok(Timestamp(day)));
        for wrong in ["", "yesterday", "2026-13-01", "20.11.2026", "2026-11-20T10:00"] {
            assert!(read_from(wrong).is_err(), "{wrong}");
        }
    }
}
