//! Hushreel: session replay that a company runs on its own server and can trust.
//!
//! A module imports only from modules above it in this list. `ingest`, `replay`, `admin` and `upkeep` never import each other.

/// Who asks, and whether he may.
pub mod access;
/// What an operator does.
pub mod admin;
/// What every handler receives.
pub mod app;
/// What an operator settles.
pub mod config;
/// Recorder, dashboard and demo shop out of the binary.
pub mod embedded;
/// What can go wrong, with one answer each.
pub mod error;
/// JSON and query strings of requests.
pub mod json;
/// The recorded page in memory, rebuilt op by op.
pub mod mirror;
/// Nouns that check themselves when made.
pub mod model;
/// The origins that a site may be recorded from.
pub mod origin;
/// Passwords, hashed and measured.
pub mod password;
/// The policy of a site, and the door's check that a batch keeps it. Pure.
pub mod policy;
/// What an account or a token may do.
pub mod role;
/// A recording as rrweb events.
pub mod rrweb;
/// Keys and sealed chunks.
pub mod seal;
/// Sites, accounts, recordings and chunks on disk. The only room that knows SQL.
pub mod store;
/// The wire grammar: batches and ops, decoded with every bound.
pub mod stream;
/// What happens by itself.
pub mod upkeep;
