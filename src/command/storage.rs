//! `hushreel storage`: what recordings take on disk, and what they will.

use super::{Common, now, print};
use crate::admin::storage::View;
use crate::error::Result;
use crate::store::{Books, clock};
use clap::Args;
use serde_json::json;

/// What recordings take on disk, and what they will
#[derive(Debug, Args)]
pub struct Storage {
    /// Say that this machine's clock is right, where it is far from what the store saw last: what has expired meanwhile is deleted
    /// within ten minutes
    #[arg(long)]
    confirm_clock: bool,
}

impl Storage {
    pub fn run(&self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let books = common.books(&config)?;
        if self.confirm_clock {
            clock::confirm(&books, now())?;
        }
        show(common, &books)
    }
}

fn show(common: &Common, books: &Books) -> Result<()> {
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
        let clock = view.clock.as_ref().map(|clock| format!("\n{}", clock.detail)).unwrap_or_default();
        format!(
            "{table}{} of {} free, {} of it to stay so. {word}{clock}",
            mib(view.free),
            mib(view.bytes),
            mib(view.reserve)
        )
    })
}
