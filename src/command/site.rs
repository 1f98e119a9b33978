//! `hushreel site`: recorded websites and their policies.

use super::recording::site_of;
use super::{Common, base_url, now, print};
use crate::admin::finding::View;
use crate::admin::request::View as RequestView;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::{Malformed, SiteKey};
use crate::origin::Origin;
use crate::policy::profile::{Facts, NOTICE, Profile, Verdict};
use crate::policy::{Consent, Fixed, Policy, Preset};
use crate::store::finding::{self, Found};
use crate::store::{Books, erasure, policy, request, site};
use crate::visitor::{self, Language};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Site {
    /// Add a website; prints its key and the tag to put into every page
    Add(Add),
    /// All websites
    List,
    /// Stop recording; every page follows within 5 minutes
    Pause { key: SiteKey },
    /// Record again
    Resume { key: SiteKey },
    /// Forget a website and destroy the keys of everything it recorded
    Remove {
        key: SiteKey,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// The tag to put into every page
    Snippet { key: SiteKey },
    /// What was found that nobody marked, or that a recorder told and may not: kind and place, never a value
    Findings { key: SiteKey },
    /// What visitors, and staff in their name, asked about recordings, and when it was done; newest first
    Requests {
        key: SiteKey,
        /// At most this many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// The sentence for the site's own banner, and the address of the public notice that it names
    Notice {
        key: SiteKey,
        /// cs, sk, en, de, pl, fr, es or it
        #[arg(long, default_value = "en", value_parser = read_language)]
        lang: Language,
    },
    /// What is hidden and what is shown
    #[command(subcommand)]
    Policy(PolicyCommand),
}

#[derive(Debug, Args)]
pub struct Add {
    /// What people call it
    #[arg(long)]
    name: String,
    /// Where it is: https://www.example.com or https://*.example.com; may be repeated
    #[arg(long, required = true, value_name = "URL")]
    origin: Vec<String>,
    /// strict shows no character, balanced shows text but nothing personal, full shows what is not always hidden
    #[arg(long, default_value = "strict")]
    preset: Preset,
    /// required, by-country or not-required
    #[arg(long, default_value = "required", value_parser = read_consent)]
    consent: Consent,
    /// Why this site records; it stands in the notice, and nothing is recorded without it
    #[arg(long)]
    purpose: String,
    /// Allow plain http origins that are not on this machine
    #[arg(long)]
    allow_http_origin: bool,
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// The policy in force, as JSON
    Show { key: SiteKey },
    /// Save a new version, in force at once; keys that the file leaves out stay as they are
    Set {
        key: SiteKey,
        /// Start from this preset
        #[arg(long)]
        preset: Option<Preset>,
        /// JSON file; - is standard input
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Check a policy file without saving it, or a site's policy; with --profile, against the clauses of a law or a
    /// guideline (exit status 1 if any fails). It is no legal advice
    Check {
        /// Key of a site, or a JSON file; - is standard input
        #[arg(value_name = "KEY_OR_FILE")]
        what: String,
        /// cnil-2026, cz, eu-default or us-ca
        #[arg(long, value_name = "NAME")]
        profile: Option<Profile>,
    },
}

impl Site {
    pub fn run(self, common: &Common) -> Result<()> {
        if let Self::Policy(PolicyCommand::Check { what, profile }) = &self
            && what.parse::<SiteKey>().is_err()
        {
            let policy = read_policy(Path::new(what), None)?;
            return check(common, &policy, None, *profile);
        }
        let config = common.settle()?;
        let mut books = common.books(&config)?;
        match self {
            Self::Add(add) => add.run(common, &config, &mut books),
            Self::List => list(common, &config, &books),
            Self::Pause { key } => set_paused(common, &mut books, &key, true),
            Self::Resume { key } => set_paused(common, &mut books, &key, false),
            Self::Remove { key, yes } => remove(common, &mut books, &key, yes),
            Self::Snippet { key } => {
                let snippet = site_of(&books, &key)?.snippet(&base_url(&config, &books)?);
                print::answer(common.json, &json!({ "key": key, "snippet": snippet }), || snippet.clone())
            }
            Self::Findings { key } => findings(common, &config, &books, &key),
            Self::Requests { key, limit } => requests(common, &books, &key, limit),
            Self::Notice { key, lang } => notice(common, &site_of(&books, &key)?, lang, &base_url(&config, &books)?),
            Self::Policy(command) => command.run(common, &config, &mut books),
        }
    }
}

impl Add {
    fn run(self, common: &Common, config: &Config, books: &mut Books) -> Result<()> {
        let read = |text: &String| {
            Origin::parse(text, self.allow_http_origin)
                .map_err(|cause| Error::invalid("origin", format!("--origin {text}: {cause}.")))
        };
        let origins = self.origin.iter().map(read).collect::<Result<Vec<_>>>()?;
        let policy = Policy { consent: self.consent, purpose: self.purpose, ..Policy::preset(self.preset) };
        let policy = config.settings.fixed.put_in(None, &policy);
        let made = books.transact(|books| {
            let key = site::insert(&books.meta, &self.name, &origins, &policy, now())?;
            site::find(&books.meta, &key)
        })?;
        let snippet = made.snippet(&base_url(config, books)?);
        print::answer(common.json, &json!({ "key": made.key, "snippet": snippet }), || {
            format!(
                "Added {} with key {}.\nPut this into every page, as high in <head> as you can:\n{snippet}",
                made.name, made.key
            )
        })
    }
}

impl PolicyCommand {
    fn run(self, common: &Common, config: &Config, books: &mut Books) -> Result<()> {
        let fixed = &config.settings.fixed;
        match self {
            Self::Show { key } => show_policy(common, fixed, &site_of(books, &key)?),
            Self::Set { key, preset, file } => {
                let current = site_of(books, &key)?;
                let mut next = (*current.policy.policy).clone();
                if let Some(preset) = preset {
                    let Policy { purpose, consent, countries, retention_days, quota, .. } = next;
                    next = Policy { purpose, consent, countries, retention_days, quota, ..Policy::preset(preset) };
                }
                if let Some(file) = file {
                    next = read_policy(&file, Some(&next))?;
                }
                fixed.allow(Some(&key), &next)?;
                books.transact(|books| policy::save(&books.meta, current.id, &next, now()))?;
                show_policy(common, fixed, &site_of(books, &key)?)
            }
            Self::Check { what, profile } => {
                let key = what.parse().map_err(|cause: Malformed| Error::Failed(cause.to_string()))?;
                let site = site_of(books, &key)?;
                check(common, &site.policy.policy, Some(&site.facts(&books.meta)?), profile)
            }
        }
    }
}

fn list(common: &Common, config: &Config, books: &Books) -> Result<()> {
    let counts = site::recording_counts(&books.meta)?;
    let mut sites: Vec<_> = site::all(&books.meta)?.into_values().collect();
    sites.sort_by_key(|site| site.id);
    let base = base_url(config, books)?;
    let count = |site: &site::Site| counts.get(&site.id).copied().unwrap_or(0);
    let value: Vec<Value> = sites
        .iter()
        .map(|site| {
            json!({
                "key": site.key, "name": site.name, "origins": site.origins, "preset": site.policy.policy.preset,
                "paused": site.paused, "purpose": site.policy.policy.purpose, "created_at": site.created_at,
                "policy_version": site.policy.number, "policy_hash": site.policy.hash, "recordings": count(site),
                "snippet": site.snippet(&base),
            })
        })
        .collect();
    print::answer(common.json, &json!(value), || {
        let rows = sites.iter().map(|site| {
            let state = if site.paused { "paused" } else { "recording" };
            let preset = site.policy.policy.preset.to_string();
            vec![site.key.to_string(), site.name.clone(), preset, state.to_owned(), count(site).to_string()]
        });
        print::table(&["KEY", "NAME", "PRESET", "STATE", "RECORDINGS"], &rows.collect::<Vec<_>>())
    })
}

fn set_paused(common: &Common, books: &mut Books, key: &SiteKey, paused: bool) -> Result<()> {
    let found = site_of(books, key)?;
    books.transact(|books| site::set_paused(&books.meta, found.id, paused))?;
    print::answer(common.json, &json!({ "key": key, "paused": paused }), || {
        format!("{} is {}.", found.name, if paused { "paused" } else { "recorded again" })
    })
}

fn remove(common: &Common, books: &mut Books, key: &SiteKey, yes: bool) -> Result<()> {
    let found = site_of(books, key)?;
    if !yes {
        return Err(Error::Failed(format!(
            "This would destroy everything recorded of {}, for good. Say --yes if that is what you want.",
            found.name
        )));
    }
    books.transact(|books| erasure::erase_site(books, found.id, now()))?;
    print::answer(common.json, &json!({ "key": key, "removed": true }), || format!("{} is gone.", found.name))
}

fn show_policy(common: &Common, fixed: &Fixed, site: &site::Site) -> Result<()> {
    let version = &site.policy;
    let value = json!({
        "version": version.number, "hash": version.hash, "policy": *version.policy, "saved_at": version.saved_at,
        "fixed": { "file": fixed.file, "keys": fixed.keys(Some(&site.key)) },
    });
    print::answer(common.json, &value, || serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn findings(common: &Common, config: &Config, books: &Books, key: &SiteKey) -> Result<()> {
    let found = site_of(books, key)?;
    let keyring = super::keyring(config)?;
    let list = finding::list(&books.meta, &keyring, found.id)?;
    let views: Vec<_> = list.iter().cloned().map(View::of).collect();
    print::answer(common.json, &json!(views), || {
        let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let rows = list.iter().map(|one| {
            let Found { by, kind, page, selector } = &one.found;
            vec![
                word(json!(one.state)),
                word(json!(by)),
                kind.clone(),
                page.clone(),
                selector.clone(),
                one.times.to_string(),
            ]
        });
        let mut text =
            print::table(&["STATE", "FOUND BY", "KIND", "PAGE", "WHERE", "TIMES"], &rows.collect::<Vec<_>>());
        if let Some(first) = list.first() {
            text += &format!("\nTo mark such an element, put {} into its tag.", first.found.fix().attribute);
        }
        text
    })
}

fn requests(common: &Common, books: &Books, key: &SiteKey, limit: u32) -> Result<()> {
    let lines = request::list(&books.meta, site_of(books, key)?.id, None, limit)?;
    let views: Vec<_> = lines.iter().cloned().map(RequestView::of).collect();
    print::answer(common.json, &json!(views), || {
        if lines.is_empty() {
            return "Nobody has asked anything yet.".to_owned();
        }
        let rows = lines.iter().map(|line| {
            vec![
                print::time(line.asked_at),
                print::time(line.done_at),
                line.kind.as_str().to_owned(),
                line.name.clone().unwrap_or_else(|| line.by.to_string()),
                line.times.to_string(),
                line.recording.to_string(),
                line.reason.clone(),
            ]
        });
        let head = ["ASKED (UTC)", "DONE (UTC)", "KIND", "BY", "TIMES", "RECORDING", "REASON"];
        print::table(&head, &rows.collect::<Vec<_>>())
    })
}

fn notice(common: &Common, site: &site::Site, language: Language, base: &str) -> Result<()> {
    let (sentence, link) = (visitor::paste(site, language, base), visitor::link(site, base));
    let value = json!({ "key": site.key, "language": language, "sentence": sentence, "link": link });
    print::answer(common.json, &value, || format!("{sentence}\n{link}"))
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::of_tag(text).ok_or_else(|| "the notice is written in cs, sk, en, de, pl, fr, es and it".to_owned())
}

/// A policy from JSON; what it leaves out comes from `base`, or is as strict as can be.
pub fn read_policy(file: &Path, base: Option<&Policy>) -> Result<Policy> {
    let text =
        if file.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let text = text.map_err(|cause| Error::Failed(format!("{} cannot be read: {cause}.", file.display())))?;
    let wrong = |cause: serde_json::Error| Error::Config(format!("{}: {cause}.", file.display()));
    let written: Value = serde_json::from_str(&text).map_err(wrong)?;
    let mut whole =
        serde_json::to_value(base.cloned().unwrap_or_else(|| Policy::preset(Preset::Strict))).map_err(wrong)?;
    match (whole.as_object_mut(), written) {
        (Some(whole), Value::Object(written)) => whole.extend(written),
        _ => return Err(Error::Config(format!("{}: a policy is a JSON object.", file.display()))),
    }
    serde_json::from_value(whole).map_err(wrong)
}

/// Whether a policy can be put in force and, where a profile is named, whether it keeps each of its clauses.
fn check(common: &Common, policy: &Policy, facts: Option<&Facts>, profile: Option<Profile>) -> Result<()> {
    policy.check().map_err(|invalid| Error::Config(format!("{}: {}", invalid.key, invalid.message)))?;
    let Some(profile) = profile else {
        return print::answer(common.json, &json!({ "ok": true }), || "The policy is right.".to_owned());
    };
    let clauses = profile.check(policy, facts);
    let failed = clauses.iter().filter(|clause| clause.verdict == Verdict::Fail).count();
    let value = json!({ "profile": profile.as_str(), "ok": failed == 0, "notice": NOTICE, "clauses": clauses });
    print::answer(common.json, &value, || {
        let mut text = format!("Profile {profile}. {}\n", NOTICE.en);
        for clause in &clauses {
            let word = match clause.verdict {
                Verdict::Pass => "pass",
                Verdict::Fail => "FAIL",
                Verdict::DoesNotApply => "-",
            };
            let change = clause.change.as_ref().map(|change| format!("\n        change: {}", change.line()));
            text += &format!(
                "\n{word:4}  {}: {} {}\n        source: {}{}\n",
                clause.id,
                clause.sentence.en,
                clause.reason.en,
                clause.source,
                change.unwrap_or_default()
            );
        }
        text
    })?;
    match failed {
        0 => Ok(()),
        1 => Err(Error::Failed(format!("One clause of {profile} fails; its line says what to change."))),
        some => Err(Error::Failed(format!("{some} clauses of {profile} fail; their lines say what to change."))),
    }
}

fn read_consent(text: &str) -> Result<Consent, String> {
    serde_json::from_value(json!(text)).map_err(|_| "consent is required, by-country or not-required".to_owned())
}
