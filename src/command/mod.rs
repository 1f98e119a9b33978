//! The command line: one file a command. Every command works whether or not the server is running.

mod account;
mod asset;
mod backup;
mod config;
mod demo;
mod erase;
mod healthcheck;
mod import;
mod key;
mod lint;
mod officer;
mod print;
mod recording;
mod redact;
mod serve;
mod setup;
mod site;
mod storage;
mod token;
mod visitor;

use crate::config::{Config, Given};
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::store::{Books, Keyring, Place};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Session replay that you run on your own server and can trust.
///
/// Text that the site's policy hides never leaves the visitor's page. `hushreel demo` shows it without installing anything.
#[derive(Debug, Parser)]
#[command(
    name = "hushreel",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 the data is of a newer version, 66 the master key is \
        missing, 69 a program that is needed is missing, 75 another process holds the data, 78 the configuration is wrong."
)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Directory that holds everything recorded; made where it is missing
    #[arg(long, global = true, value_name = "DIR", env = "HUSHREEL_DATA")]
    data: Option<PathBuf>,
    /// Configuration file; flags and environment come before it
    #[arg(long, global = true, value_name = "FILE", env = "HUSHREEL_CONFIG")]
    config: Option<PathBuf>,
    /// File of the master key [default: DIR.key beside the data directory]
    #[arg(long, global = true, value_name = "FILE", env = "HUSHREEL_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// Where browsers reach the server, such as https://rec.example.com
    #[arg(long, global = true, value_name = "URL", env = "HUSHREEL_PUBLIC_URL")]
    public_url: Option<String>,
    /// Print one JSON value on standard output, and nothing else there
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A shop to click through and a dashboard to watch it in, on this machine, with throw-away data
    Demo(demo::Demo),
    /// Run the server
    Serve(serve::Serve),
    /// Print a one-time link (good for 30 minutes) that makes the first account
    Setup,
    /// People who may sign in
    #[command(subcommand)]
    Account(account::Account),
    /// Recorded websites
    #[command(subcommand)]
    Site(site::Site),
    /// Bearer tokens for programs
    #[command(subcommand)]
    Token(token::Token),
    /// Files that stand for pictures and fonts which recorders cannot read
    #[command(subcommand)]
    Asset(asset::Asset),
    /// What was recorded
    #[command(subcommand)]
    Recording(recording::Recording),
    /// Visitors that are known again, where a site's policy lets them be
    #[command(subcommand)]
    Visitor(visitor::Visitor),
    Backup(backup::Backup),
    Restore(backup::Restore),
    /// The master key, without which nothing recorded can be read
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Look through a site's own pages, in a browser on this machine, for what would leave them
    Lint(lint::Lint),
    /// Documents for the data-protection officer
    #[command(subcommand)]
    Officer(officer::Officer),
    Storage(storage::Storage),
    /// The configuration file
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Ask a running server whether it is well
    Healthcheck(healthcheck::Healthcheck),
}

/// Carry out a command line.
pub fn run(cli: Cli) -> Result<()> {
    let common = cli.common;
    match cli.command {
        Command::Demo(demo) => demo.run(&common),
        Command::Serve(serve) => serve.run(&common),
        Command::Setup => setup::run(&common),
        Command::Account(account) => account.run(&common),
        Command::Site(site) => site.run(&common),
        Command::Token(token) => token.run(&common),
        Command::Asset(asset) => asset.run(&common),
        Command::Recording(recording) => recording.run(&common),
        Command::Visitor(visitor) => visitor.run(&common),
        Command::Backup(backup) => backup.run(&common),
        Command::Restore(restore) => restore.run(&common),
        Command::Key(key) => key.run(&common),
        Command::Lint(lint) => lint.run(&common),
        Command::Officer(officer) => officer.run(&common),
        Command::Storage(storage) => storage.run(&common),
        Command::Config(config) => config.run(&common),
        Command::Healthcheck(check) => check.run(&common),
    }
}

impl Common {
    /// Flags and environment of this command, without those of `serve`.
    fn given(&self) -> Given {
        Given {
            config: self.config.clone(),
            data: self.data.clone(),
            key_file: self.key_file.clone(),
            public_url: self.public_url.clone(),
            ..Given::default()
        }
    }

    fn settle(&self) -> Result<Config> {
        self.given().settle()
    }

    /// Open the store's books beside a server that may be running, and say where.
    fn books(&self, config: &Config) -> Result<Books> {
        let place = Place::new(&config.data, config.key_file.as_deref())?;
        crate::store::check_store(&place)?;
        eprintln!("data: {}", place.dir().display());
        Books::open(&place)
    }
}

/// The address to print: as told, else where the server of this store was last reached, else where it would be.
fn base_url(config: &Config, books: &Books) -> Result<String> {
    if config.settings.public_url.is_some() {
        return Ok(config.base_url());
    }
    Ok(books.base_url()?.unwrap_or_else(|| config.base_url()))
}

fn now() -> Timestamp {
    crate::app::system_clock()
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Error::internal("starting the runtime", cause))
}

/// Logs go to standard error, so that standard output stays for answers. `RUST_LOG` chooses what is logged.
fn start_log(quiet: bool) {
    let usual = if quiet { "warn" } else { "info" };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    // A second start in one process keeps the first.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// The keys of a store that is there.
fn keyring(config: &Config) -> Result<Keyring> {
    Keyring::open(&Place::new(&config.data, config.key_file.as_deref())?)
}
