//! A file of another program's events, under each preset: what is taken in passes the door as it is, and can be played.
#![no_main]

use hushreel::import::Importer;
use hushreel::model::{PageId, Timestamp};
use hushreel::policy::{Policy, Preset, enforce};
use hushreel::rrweb::Writer;
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;

fuzz_target!(|file: &[u8]| {
    for preset in Preset::ALL {
        let policy = Policy::preset(preset);
        let mut importer = Importer::new(&policy);
        // However it comes in pieces.
        if file.chunks(1 + file.len() / 3).any(|piece| importer.feed(piece).is_err()) {
            continue;
        }
        for imported in importer.finish().unwrap_or_default() {
            let mut writer = Writer::with_links(Default::default());
            let mut out = Vec::new();
            for (page, body) in imported.bodies().expect("a batch opens") {
                let passed = enforce(&[&policy], &body, &mut |_| ()).expect("the door takes what it took before");
                assert!(matches!(passed, Cow::Borrowed(_)), "nothing is left to be taken out");
                writer.batch(PageId([page as u8; 8]), Timestamp(0), &body, &mut out).expect("a batch is read");
            }
        }
    }
});
