//! What a list asks for: filters in any combination, an order, and where to go on.

use crate::model::{RecordingId, Timestamp};
use std::collections::HashSet;
use std::str::FromStr;

/// Which recordings, in which order. What is left empty lets everything through.
#[derive(Debug, Default, Clone)]
pub struct Query {
    pub site_id: Option<i64>,
    pub from: Option<Timestamp>,
    /// Not this time itself.
    pub to: Option<Timestamp>,
    /// One of these; the empty name is what is not known.
    pub devices: Vec<String>,
    pub browsers: Vec<String>,
    pub systems: Vec<String>,
    pub countries: Vec<String>,
    pub length_ms_min: Option<u32>,
    pub length_ms_max: Option<u32>,
    /// Clicks and inputs.
    pub actions_min: Option<u32>,
    pub pages_min: Option<u16>,
    /// Each of these at least once.
    pub signals: Vec<Signal>,
    pub bots: Option<Bot>,
    /// Came to this path; with `*` at its end, to one that begins so.
    pub page: Option<String>,
    pub event: Option<String>,
    pub tag: Option<String>,
    /// Words that each stand somewhere in its paths, events or tags, in capitals or not.
    pub text: Option<String>,
    /// Among these.
    pub only: Option<HashSet<RecordingId>>,
    /// Among these, or not.
    pub watched: Option<(bool, HashSet<RecordingId>)>,
    pub sort: Sort,
    pub ascending: bool,
    /// Only what stands after this one.
    pub after: Option<Cursor>,
    pub limit: usize,
    /// Count by choices too.
    pub facets: bool,
}

impl Query {
    /// Whether texts decide what fits.
    pub fn asks_for_text(&self) -> bool {
        [&self.page, &self.event, &self.tag, &self.text].into_iter().any(Option::is_some)
    }
}

/// What a watcher looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    Rage,
    Dead,
    ErrorClick,
    QuickBack,
    Error,
}

impl Signal {
    pub const ALL: [Self; 5] = [Self::Rage, Self::Dead, Self::ErrorClick, Self::QuickBack, Self::Error];

    /// Its bit in a set of signals.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rage => "rage",
            Self::Dead => "dead",
            Self::ErrorClick => "error-click",
            Self::QuickBack => "quick-back",
            Self::Error => "error",
        }
    }
}

/// Programs that say so themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bot {
    Hide,
    Only,
}

impl Bot {
    pub const ALL: [Self; 2] = [Self::Hide, Self::Only];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Only => "only",
        }
    }
}

/// What a list is ordered by; what is equal, by its beginning, newest first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Start,
    Length,
    /// Clicks and inputs.
    Activity,
    /// Rage, dead and error clicks and quick backs, taken together.
    Frustration,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Start, Self::Length, Self::Activity, Self::Frustration];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Length => "length",
            Self::Activity => "activity",
            Self::Frustration => "frustration",
        }
    }
}

/// The place of one recording in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub sort: Sort,
    pub ascending: bool,
    /// What the list is ordered by.
    pub key: i64,
    pub started_at: i64,
    pub id: RecordingId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sort, ascending, key, started_at, id } = self;
        write!(f, "{}.{}.{key}.{started_at}.{id}", sort.as_str(), if *ascending { "asc" } else { "desc" })
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(());
        let sort = next()?;
        let sort = Sort::ALL.into_iter().find(|known| known.as_str() == sort).ok_or(())?;
        let ascending = match next()? {
            "asc" => true,
            "desc" => false,
            _ => return Err(()),
        };
        let key = next()?.parse().map_err(drop)?;
        let started_at = next()?.parse().map_err(drop)?;
        let id = next()?.parse().map_err(drop)?;
        if parts.next().is_some() { Err(()) } else { Ok(Self { sort, ascending, key, started_at, id }) }
    }
}
