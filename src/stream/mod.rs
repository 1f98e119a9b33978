//! The wire grammar.
mod op;
pub use op::*;
