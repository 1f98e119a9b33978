//! What a stranger posts: inflated within its bounds, split, and refused or read.
#![no_main]

use hushreel::ingest::inflate;
use hushreel::policy::{Policy, enforce};
use hushreel::stream::split;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|sent: &[u8]| {
    let Ok(opened) = inflate(sent) else { return };
    assert!(opened.len() <= 8 << 20);
    let Ok((header, body)) = split(&opened) else { return };
    let (again, _) = split(&[header.encode(), body.to_vec()].concat()).map(|(header, body)| (header, body.len())).expect("a header reads back");
    assert_eq!(format!("{header:?}"), format!("{again:?}"));
    let policy = Policy::default();
    let _ = enforce(&[&policy], body, &mut |_| ());
});
