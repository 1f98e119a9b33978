//! Hushreel: session replay that a company runs on its own server and can trust.
//!
//! A module imports only from modules above it in this list. `ingest`, `replay`, `admin` and `upkeep` never import each other.

/// What can go wrong, with one answer each.
pub mod error;
/// Nouns that check themselves when made.
pub mod model;
/// The origins that a site may be recorded from.
pub mod origin;
/// What an account or a token may do.
pub mod role;
/// Keys and sealed chunks.
pub mod seal;
/// The wire grammar: batches and ops, decoded with every bound.
pub mod stream;
