//! A recording as rrweb's events, which any rrweb player shows: the ops of each batch go through a mirror, and what they change
//! is appended to one JSON array as it comes.

mod asset;
mod group;
mod json;
mod masked;
mod quirks;
mod tree;
mod wall;
mod writer;

pub use asset::{Assets, Links, Seen};
pub use masked::masked_text;
pub use writer::Writer;

#[cfg(test)]
mod tests;
