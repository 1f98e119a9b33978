//! `hushreel storage`: what recordings take on disk, and what they will.

use super::{Common, now, print};
use crate::admin::storage::View;
use crate::error::Result;
use serde_json::json;

pub fn run(common: &Common) -> Result<()> {
    let config = common.settle()?;
    let books = common.books(&config)?;
    let view = View::of(&books.meta, &books.place, now())?;
    print::answer(common.json, &json!(view), || {
        let mib = |bytes: u64| format!("{} MiB", bytes.div_ceil(1 << 20));
        let rows = view.sites.iter().map(|site| {
            let quota = if site.quota == 0 { "-".to_owned() } else { mib(site.quota) };
            vec![site.recordings.to_string(), mib(site.bytes), mib(site.forecast), quota, site.name.clone()]
        });
        let table = print::table(&["RECORDINGS", "TAKE", "WILL TAKE", "MAY TAKE", "SITE"], &rows.collect::<Vec<_>>());
        let word = if view.fits {
            "That fits."
        } else {
            "That does not fit: recordings will go before their time. Give the disk or the quota more room, or let recordings expire sooner."
        };
        format!("{table}{} of {} free, {} of it to stay so. {word}", mib(view.free), mib(view.bytes), mib(view.reserve))
    })
}
