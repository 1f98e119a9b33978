//! Hushreel: session replay that a company runs on its own server and can trust.
//!
//! A module imports only from modules above it in this list.

/// Nouns that check themselves when made.
pub mod model;
/// What an operator lets a recording hold, and the functions that hide the rest.
pub mod policy;
/// The wire grammar: batches and ops, decoded with every bound.
pub mod stream;
