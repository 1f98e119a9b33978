//! What tests of the whole binary share: starting it, speaking to it, and batches written by hand.
#![allow(dead_code)] // Each test program uses its own part.

pub mod client;
pub mod disk;
pub mod load;
pub mod wire;
