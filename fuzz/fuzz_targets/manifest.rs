//! A backup's own word: no file of it leads out of its directory.
#![no_main]

use hushreel::store::backup::Manifest;
use libfuzzer_sys::fuzz_target;
use std::path::{Component, Path};

fuzz_target!(|text: &[u8]| {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(text) else { return };
    for copied in &manifest.files {
        let path = copied.part.path(Path::new("."));
        assert!(path.components().all(|part| matches!(part, Component::CurDir | Component::Normal(_))), "{path:?}");
    }
});
