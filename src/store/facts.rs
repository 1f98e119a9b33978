//! What the door counted in one batch. It is sealed into the chunk, so that metadata can be rebuilt from chunks alone.

use super::visitor::Identified;
use super::{Keyring, Recording};
use crate::model::{Country, PageId, VisitorId};
use crate::stream::Cause;
use serde::{Deserialize, Serialize};

/// One batch, counted. `received_at` and `page_began_at` are the server's time, the others count from the page's beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub site_id: i64,
    pub secret_hash: Vec<u8>,
    pub policy_version: u32,
    pub retention_days: u32,
    /// The visitor granted consent; false where the policy asks for none.
    pub granted: bool,
    pub received_at: i64,
    /// When the page began by the server's clock, as this batch has it.
    pub page_began_at: i64,
    pub first_at: u64,
    pub last_at: u64,
    pub pages: u32,
    pub clicks: u32,
    pub inputs: u32,
    pub events: u32,
    pub finished: bool,
    pub width: u32,
    pub height: u32,
    pub device: String,
    pub browser: String,
    pub os: String,
    pub page_list: Vec<PageSeen>,
    pub gap_list: Vec<GapSeen>,
    /// Chunks of before assets were stored have none.
    #[serde(default)]
    pub unreadable_list: Vec<UnreadableSeen>,
    /// Whose browser it was, where the policy lets that be known again.
    #[serde(default)]
    pub visitor: Option<VisitorId>,
    /// Whom the site says is signed in.
    #[serde(default)]
    pub identified: Vec<Identified>,
    /// Where the visitor's network is; chunks of before this was looked up have none.
    #[serde(default)]
    pub country: Option<Country>,
    /// A program that says so itself, not a person.
    #[serde(default)]
    pub bot: bool,
    /// What the page's own code said that happened, by name, and what it said of the recording.
    #[serde(default)]
    pub event_list: Vec<String>,
    #[serde(default)]
    pub tag_list: Vec<TagSeen>,
    /// Another program recorded it.
    #[serde(default)]
    pub imported: bool,
}

/// A tag that the page gave the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagSeen {
    pub name: String,
    /// Empty where the policy hides it.
    pub value: String,
}

/// An address that the visitor came to, reduced by the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PageSeen {
    #[schema(value_type = String)]
    pub page: PageId,
    pub url: String,
    pub title: String,
    /// Milliseconds since 1970 once in a summary.
    pub at: i64,
}

/// A loss that the recorder counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GapSeen {
    pub at: i64,
    pub ops: u32,
    pub ms: u32,
}

/// A picture or a font whose bytes the recorder could not read: its address, reduced by the policy, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableSeen {
    pub url: String,
    pub cause: Cause,
}

/// The texts of a recording that lists show. Sealed under its key wherever it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub page_list: Vec<PageSeen>,
    pub gap_list: Vec<GapSeen>,
    #[serde(default)]
    pub unreadable_list: Vec<UnreadableSeen>,
    /// The site's pseudonyms for whoever was signed in.
    #[serde(default)]
    pub identified: Vec<String>,
}

impl Summary {
    /// Longer visits keep their first and latest pages.
    const PAGES_MAX: usize = 500;
    const GAPS_MAX: usize = 500;
    const UNREADABLE_MAX: usize = 200;
    const IDENTIFIED_MAX: usize = 20;

    /// Those of a recording; empty where it has none, or where its key was destroyed a moment ago.
    pub fn open(keyring: &Keyring, row: &Recording) -> Self {
        let opened = match (keyring.find(row.id), &row.summary) {
            (Ok(Some(key)), Some(_)) => row.open_summary(&key.key),
            (Ok(_), _) => return Self::default(),
            (Err(error), _) => Err(error),
        };
        opened.unwrap_or_else(|error| {
            tracing::warn!(cause = %error, recording.id = %row.id, "the summary of recording {} does not open", row.id);
            Self::default()
        })
    }

    /// Take in what one batch saw.
    pub fn add(&mut self, facts: &Facts) {
        let absolute = |at: i64| facts.page_began_at.saturating_add(at);
        let pages = facts.page_list.iter().map(|page| PageSeen { at: absolute(page.at), ..page.clone() });
        let gaps = facts.gap_list.iter().map(|gap| GapSeen { at: absolute(gap.at), ..gap.clone() });
        self.page_list.extend(pages);
        self.page_list.sort_by_key(|page| page.at);
        while self.page_list.len() > Self::PAGES_MAX {
            self.page_list.remove(Self::PAGES_MAX - 1);
        }
        self.gap_list.extend(gaps);
        self.gap_list.truncate(Self::GAPS_MAX);
        self.gap_list.sort_by_key(|gap| gap.at);
        for seen in &facts.unreadable_list {
            if self.unreadable_list.len() < Self::UNREADABLE_MAX && !self.unreadable_list.contains(seen) {
                self.unreadable_list.push(seen.clone());
            }
        }
        for Identified { said, .. } in &facts.identified {
            if self.identified.len() < Self::IDENTIFIED_MAX && !self.identified.contains(said) {
                self.identified.push(said.clone());
            }
        }
    }

    pub fn entry(&self) -> &str {
        self.page_list.first().map_or("", |page| &page.url)
    }

    pub fn exit(&self) -> &str {
        self.page_list.last().map_or("", |page| &page.url)
    }
}
