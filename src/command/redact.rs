//! `hushreel recording redact`: takes words out of what was recorded already, in place, under new keys.

use super::recording::{place, site_of};
use super::{Common, now, print};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::mirror::Selector;
use crate::model::{SiteKey, Timestamp};
use crate::store::audit::{self, Waiting};
use crate::store::recording::{self, Filter};
use crate::store::{Books, Day, Keyring, rewrite};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;

/// Recordings that one run can take in; the command may be repeated.
const RECORDINGS_MAX: u32 = 1_000_000;

#[derive(Debug, Args)]
pub struct Redact {
    /// Of this site
    #[arg(long, value_name = "KEY")]
    site: SiteKey,
    /// What to take out: a CSS selector of the elements whose words, fields and attributes go; may be repeated
    #[arg(long, required = true)]
    selector: Vec<String>,
    /// Recorded on this day (UTC) or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Day>,
    /// Recorded on this day (UTC) or earlier
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Day>,
    /// Do it; without this, only what would be taken out is counted
    #[arg(long)]
    yes: bool,
}

impl Redact {
    /// Recording after recording, so that it can be interrupted and run again: what is gone is not found twice.
    pub fn run(self, common: &Common, config: &Config, books: &mut Books) -> Result<()> {
        for selector in &self.selector {
            if Selector::parse(selector).is_none() {
                return Err(Error::Failed(format!(
                    "`{selector}` cannot be looked for in recordings. Use tags, classes, ids, attributes, `:not()`, `:is()` and `:nth-child()`."
                )));
            }
        }
        let site = site_of(books, &self.site)?;
        let place = place(config)?;
        let keyring = Keyring::open(&place)?;
        let filter = Filter {
            site_id: Some(site.id),
            from: self.from.map(Day::begins_at),
            to: self.to.map(|day| Timestamp(day.begins_at().0 + Timestamp::DAY_MS)),
        };
        let rows = recording::list(&books.meta, &filter, "", RECORDINGS_MAX)?;
        let (mut changed, mut running, mut restricted, mut places) =
            (0_u64, 0_u64, 0_u64, BTreeMap::<String, u64>::new());
        for (done, row) in rows.iter().enumerate() {
            if done > 0 && done % 100 == 0 {
                eprintln!("{done} of {} recordings", rows.len());
            }
            if row.is_live(now()) {
                running += 1;
                continue;
            }
            // It stays as it is: nobody can open what it holds, and it may be a proof.
            if !row.restrictions.is_empty() {
                restricted += 1;
                continue;
            }
            let look = audit::look_for(&books.meta, &keyring, &place, &Waiting::of(row), &self.selector)?;
            let Some(report) = look.filter(|report| !report.edits.is_empty()) else { continue };
            changed += 1;
            for one in &report.found {
                *places.entry(one.selector.clone()).or_default() += 1;
            }
            if self.yes {
                books.transact(|books| report.take_out(books, &keyring, row.id))?;
                rewrite::settle(books, &keyring, row.id)?;
            }
        }
        let value = json!({
            "recordings": rows.len(), "changed": changed, "running": running, "restricted": restricted, "done": self.yes, "places": places,
        });
        print::answer(common.json, &value, || {
            let what = if self.yes { "were changed" } else { "would be changed; say --yes to do it" };
            let mut text = format!("{changed} of {} recordings {what}.", rows.len());
            if running > 0 {
                text += &format!(" {running} are still under way: run this again in half an hour.");
            }
            if restricted > 0 {
                text +=
                    &format!(" {restricted} are restricted and stay as they are: run this again once that is lifted.");
            }
            for (place, times) in &places {
                text += &format!("\n{times} × {place}");
            }
            text
        })
    }
}
