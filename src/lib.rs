//! Hushreel: session replay that a company runs on its own server and can trust.
//!
//! A module imports only from modules above it in this list.

/// The recorded page, rebuilt in memory.
pub mod mirror;
/// Nouns that check themselves when made.
pub mod model;
/// What an operator lets a recording hold, and the functions that hide the rest.
pub mod policy;
/// Our ops as rrweb's JSON, which any rrweb player shows.
pub mod rrweb;
/// The wire grammar: batches and ops, decoded with every bound.
pub mod stream;
