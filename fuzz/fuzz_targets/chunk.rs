//! A chunk from a disk that lies: an error, never a body.
#![no_main]

use hushreel::seal::{Key, inspect, open};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = inspect(bytes);
    assert!(open(&Key::from_bytes([7; 32]), bytes).is_err(), "nobody sealed this");
});
