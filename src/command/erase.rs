//! `hushreel recording erase`: one recording, or all of a site that fit.

use super::recording::{named, place, site_of};
use super::{Common, now, print};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::model::{RecordingId, SiteKey, Timestamp};
use crate::store::register::{Query, Register};
use crate::store::{Actor, Books, Day, Keyring, erasure, term};
use clap::Args;
use serde_json::json;

/// Erased in one transaction.
const SLICE: usize = 200;

#[derive(Debug, Args)]
pub struct Erase {
    /// This recording
    #[arg(required_unless_present = "site", conflicts_with_all = ["site", "from", "to", "page"])]
    id: Option<RecordingId>,
    /// Recordings of this site
    #[arg(long, value_name = "KEY")]
    site: Option<SiteKey>,
    /// of this day (UTC) or later,
    #[arg(long, value_name = "YYYY-MM-DD", requires = "site")]
    from: Option<Day>,
    /// of this day (UTC) or earlier,
    #[arg(long, value_name = "YYYY-MM-DD", requires = "site")]
    to: Option<Day>,
    /// that came to this path, such as /cart; with * at its end, to one that begins so
    #[arg(long, value_name = "PATH", requires = "site")]
    page: Option<String>,
    /// Do it; without this, only what would be erased is counted
    #[arg(long)]
    yes: bool,
}

impl Erase {
    pub fn run(self, common: &Common, config: &Config, books: &mut Books) -> Result<()> {
        match (self.id, &self.site) {
            (Some(id), _) => self.one(common, books, id),
            (None, Some(key)) => {
                let query = Query {
                    site_id: Some(site_of(books, key)?.id),
                    from: self.from.map(Day::begins_at),
                    to: self.to.map(|day| Timestamp(day.begins_at().0 + Timestamp::DAY_MS)),
                    page: self.page.clone(),
                    limit: SLICE,
                    ..Query::default()
                };
                self.many(common, config, books, query)
            }
            (None, None) => Err(Error::Failed("Name a recording, or a site with --site.".to_owned())),
        }
    }

    fn one(self, common: &Common, books: &mut Books, id: RecordingId) -> Result<()> {
        if !self.yes {
            return Err(Error::Failed(format!(
                "This would destroy recording {id} for good. Say --yes if that is what you want."
            )));
        }
        books.transact(|books| erasure::erase(books, id, &Actor::Command, now())).map_err(named(id))?;
        print::answer(common.json, &json!({ "id": id, "erased": true }), || format!("Recording {id} is erased."))
    }

    /// Part after part, so that it can be interrupted and run again: what is gone is not found twice.
    fn many(self, common: &Common, config: &Config, books: &mut Books, mut query: Query) -> Result<()> {
        let keyring = Keyring::open(&place(config)?)?;
        if query.asks_for_text() && term::any_waiting(&books.meta)? {
            return Err(Error::Failed(
                "Recordings of before an upgrade are still being looked through for the pages they came to. Run this again in a minute; the server has to be running."
                    .to_owned(),
            ));
        }
        let register = Register::default();
        let all = register.read(&books.meta, &keyring)?.list(&query).count;
        let (mut erased, mut restricted) = (0, 0);
        if self.yes {
            loop {
                let found = register.read(&books.meta, &keyring)?.list(&query);
                let done = books.transact(|books| erasure::erase_these(books, &found.ids, &Actor::Command, now()))?;
                erased += done.erased.len();
                restricted += done.restricted;
                let Some(next) = found.next else { break };
                eprintln!("{erased} of {all} recordings");
                query.after = Some(next);
            }
        }
        let value = json!({ "recordings": all, "erased": erased, "restricted": restricted, "done": self.yes });
        print::answer(common.json, &value, || {
            if !self.yes {
                return format!("{all} recordings would be destroyed for good. Say --yes if that is what you want.");
            }
            let mut text = format!("{erased} recordings are erased.");
            if restricted > 0 {
                text += &format!(" {restricted} are restricted and stay: run this again once that is lifted.");
            }
            text
        })
    }
}
