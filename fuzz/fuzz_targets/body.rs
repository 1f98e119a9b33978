//! A batch's body, as the door, the writer of events and the auditor read it: whatever stands in it, each ends with an answer, and what
//! the door lets through it lets through again unchanged.
#![no_main]

use hushreel::auditor::Auditor;
use hushreel::model::{PageId, Timestamp};
use hushreel::policy::{Policy, Preset, enforce};
use hushreel::rrweb::Writer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for preset in Preset::ALL {
        let policy = Policy::preset(preset);
        let Ok(kept) = enforce(&[&policy, &policy], body, &mut |_| ()) else { continue };
        let again = enforce(&[&policy, &policy], &kept, &mut |_| ()).expect("the door knows what it let through");
        assert_eq!(again, kept, "what was let through changes no more");
        let (mut writer, mut events) = (Writer::new(), Vec::new());
        // The same page twice: the second batch meets what the first left.
        for _ in 0..2 {
            writer.batch(PageId([1; 8]), Timestamp(0), &kept, &mut events).expect("the door has read it");
        }
        writer.finish(&mut events);
        serde_json::from_slice::<serde_json::Value>(&events).expect("events are JSON");
        let mut auditor = Auditor::new(&policy);
        let _ = auditor.read(0, &kept);
        drop(auditor.finish());
    }
    // A reader of stored chunks meets bytes that no door has seen.
    let _ = Writer::new().batch(PageId([2; 8]), Timestamp(0), body, &mut Vec::new());
});
