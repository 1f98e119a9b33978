//! Hushreel: session replay that a company runs on its own server and can trust.
//!
//! A module imports only from modules above it in this list. `ingest`, `replay`, `admin`, `visitor` and `upkeep` never import each other.

/// Nouns that check themselves when made.
pub mod model;

/// The origins that a site may be recorded from.
pub mod origin;

/// What an account or a token may do.
pub mod role;

/// What can go wrong, with one answer each.
pub mod error;

/// The wire grammar: batches and ops, decoded with every bound.
pub mod stream;

/// The recorded page in memory, rebuilt op by op.
pub mod mirror;

/// A recording as rrweb events.
pub mod rrweb;

/// What a finished recording is given: keyframes, and marks of what happened. Pure.
pub mod finish;

/// The policy of a site, and the door's check that a batch keeps it. Pure.
pub mod policy;

/// What no single batch can show: marks, selectors and secret fields over a whole recording. Pure.
pub mod auditor;

/// Keys and sealed chunks.
pub mod seal;

/// Passwords, hashed and measured.
pub mod password;

/// Sites, accounts, recordings and chunks on disk. The only room that knows SQL.
pub mod store;

/// What one batch holds, counted for lists and findings.
pub mod count;

/// An operator's own page under a policy that is not saved yet, in memory alone.
pub mod preview;

/// Documents for the data-protection officer, from the running settings.
pub mod officer;

/// Recorder, dashboard and demo shop out of the binary.
pub mod embedded;

/// How often a stranger may ask.
pub mod limit;

/// Which country an address is of.
pub mod country;

/// What every handler receives.
pub mod app;

/// What an operator settles.
pub mod config;

/// JSON and query strings of requests.
pub mod json;

/// Who asks, and whether he may.
pub mod access;

/// Recordings of other programs on their way in: rrweb events become ops, hidden as the site's policy says.
pub mod import;

/// A recording as a stream of events, with its pictures and fonts, whoever may have it.
pub mod export;

/// The way in: the recorder's file and its batches.
pub mod ingest;

/// The way out: recordings and their events.
pub mod replay;

/// What an operator does.
pub mod admin;

/// What a visitor may read and do without an account.
pub mod visitor;

/// What happens by itself.
pub mod upkeep;

/// A site's own pages, looked through for what would leave them.
pub mod lint;

/// The API's description.
pub mod openapi;

/// Listeners, routes, graceful stop.
pub mod server;

/// One file a command.
pub mod command;
