//! The wire grammar: how a batch is laid out, and its ops one by one. Every bound on what a stranger may send stands here.
//! Twin of `assets/recorder/src/stream.ts`, which documents the bytes; golden files in `tests/fixtures/stream` hold both to it.

mod body;
mod bytes;
mod code;
mod header;
mod op;
mod reader;
mod writer;

pub use body::{Body, rewrite_literals};
pub use bytes::{Column, put, put_signed};
pub use header::{Header, VERSION, split};
pub use op::*;
pub use reader::Reader;
pub use writer::Writer;

/// Elements may nest this deep; deeper pages do not lay out in browsers either.
pub const DEPTH_MAX: usize = 512;
/// Different element shapes in one batch.
pub const SHAPES_MAX: usize = 20_000;
/// Different strings in one batch.
pub const STRINGS_MAX: usize = 200_000;
/// Attributes of one element.
pub const ATTRIBUTES_MAX: usize = 256;
/// Rules of a policy in all.
pub const POLICY_RULES_MAX: usize = 4_000;
/// Nested rules on the way to one style rule.
pub const RULE_PATH_MAX: usize = 16;
/// Constructed sheets that one root may adopt.
pub const ADOPTED_MAX: usize = 1_024;
/// Chosen options of one select.
pub const CHOSEN_MAX: usize = 500;
/// Properties of one event that the page's own code told.
pub const PROPERTIES_MAX: u32 = 20;
/// Nodes are numbered up to here within one page.
pub const NODE_MAX: u32 = 50_000_000;
/// Assets are numbered up to here within one page.
pub const ASSET_MAX: u32 = 99_999;
/// The side of a picture that was drawn as pixels, in CSS pixels.
pub const PICTURE_SIDE_MAX: u32 = 99_999;
/// Sizes, coordinates and positions in CSS pixels.
pub const PIXELS_MAX: u32 = 100_000_000;

/// What broke the grammar, and at which byte of its column or header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed batch: {what} (byte {at})")]
pub struct Malformed {
    pub what: &'static str,
    pub at: usize,
}

#[cfg(test)]
mod tests;
