//! A policy from a file or a request: refused with its key, or one that survives being saved.
#![no_main]

use hushreel::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(policy) = Policy::parse(text) else { return };
    policy.check().expect("what was parsed can be put in force");
    assert_eq!(Policy::saved(&policy.canonical()).expect("it was written here"), policy);
    assert!(policy.changes_of(&policy).is_empty());
});
