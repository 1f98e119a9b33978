//! What an operator lets a recording hold, and the functions that hide the rest. Pure: no clock, no database, no network.
//!
//! The hiding functions are twins of those in `assets/recorder/src/hide/`; each is idempotent, and the door accepts x only
//! if hide(x) = x. `tests/fixtures/hiding/*.json` holds both to the same answers.

mod attribute;
mod change;
mod check;
mod compare;
mod css;
mod doctype;
mod door;
mod enforce;

mod field;
mod fixed;
#[cfg(test)]
mod fixtures;
mod kind;
mod layout;
mod mention;
mod note;
mod notice;
mod place;
mod preset;
pub mod profile;
mod reach;
mod text;
mod url;

pub use attribute::{Hidden, hide_attribute, hide_tokens, is_markup, may_go};
pub use change::Change;
pub use check::Invalid;
pub use css::{hide_css, is_inner};
pub use doctype::is_doctype;
pub use door::TEXT_MAX;

pub use enforce::{Refusal, enforce, leave_out};
pub use field::{Field, SecretKind, is_personal_kind, secret_field};
pub use fixed::{Fixed, FixedKey};
pub use kind::number_kind;
pub use layout::is_own_names;
pub use mention::mentions;
pub use notice::Facts;
pub use place::Place;
pub use preset::Preset;
pub use reach::may_record;
pub use text::{DOTS, bucket, bucket_of, redact};
pub use url::{reduce_title, reduce_url};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Country, PolicyHash};

/// What is recorded of page text, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextMode {
    /// How long it was, roughly.
    #[default]
    Mask,
    /// All but what looks personal.
    Redact,
    /// All; what looks personal is taken out at the door.
    Show,
}

/// What is recorded of form controls, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormMode {
    #[default]
    Off,
    /// That something was typed.
    Masked,
    Record,
}

/// Which pictures are recorded, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediaMode {
    #[default]
    Block,
    SameOrigin,
    Show,
}

/// What is recorded of addresses, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrlMode {
    #[default]
    Listed,
    Generalised,
    Path,
}

/// What is recorded of the console and of requests, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetaMode {
    #[default]
    Off,
    /// That it was and how it went, without words or addresses.
    Meta,
    /// Words as the text mode shows them, addresses as theirs does. Never a header or a body.
    Redact,
}

/// Whether a visitor is asked first, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    #[default]
    Required,
    ByCountry,
    NotRequired,
}

/// Whether visitors of one country are asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    Required,
    NotRequired,
}

/// When recording begins, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// When the page calls `hushreel('start')`.
    Call,
    #[default]
    Load,
}

/// Another recorder whose calls are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    Smartsupp,
}

/// What is kept in the browser to know it again, from strict to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    #[default]
    None,
    Visit,
    Visitor,
}

/// One site's policy. A saved version never changes. What JSON leaves out is as strict as it can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    pub preset: Preset,
    pub text: TextMode,
    pub forms: FormMode,
    /// Names of attributes shown beyond the layout list.
    pub attributes: Vec<String>,
    pub media: MediaMode,
    pub urls: UrlMode,
    /// Patterns of the paths that `listed` shows, such as `/product/:id`.
    pub paths: Vec<String>,
    /// Names of query parameters that may be shown.
    pub query: Vec<String>,
    /// Selectors of what is masked.
    pub mask: Vec<String>,
    /// Selectors of what becomes a box of its size.
    pub block: Vec<String>,
    /// Selectors of where nothing that happens is recorded.
    pub ignore: Vec<String>,
    /// Selectors of what is shown although `text` is `mask`.
    pub show: Vec<String>,
    /// What the page writes to the console.
    pub console: MetaMode,
    /// Requests that its scripts make.
    pub network: MetaMode,
    pub consent: Consent,
    /// For `by-country`: where visitors are asked. A country that is not listed, or not known, asks.
    pub countries: BTreeMap<Country, Asked>,
    /// Whether Global Privacy Control stops recording.
    pub gpc: bool,
    /// Whether Do Not Track does.
    pub dnt: bool,
    pub identity: Identity,
    /// Of a hundred visits, so many are recorded.
    pub sample: u8,
    /// Patterns of the only paths that are recorded, such as `/help/*`; all where there is none.
    pub only_urls: Vec<String>,
    /// Patterns of paths that are not.
    pub skip_urls: Vec<String>,
    pub trigger: Trigger,
    /// A recording ends after so long.
    pub max_minutes: u32,
    /// What the visitor must do before anything is sent: 1 for a single pointer, key, touch or scroll event.
    pub min_interaction: u8,
    pub compat: Vec<Compat>,
    /// Whether the recorder brings a consent banner of ours along, for sites that have none.
    pub banner: bool,
    /// Why this site records. Nothing is recorded before it is written.
    pub purpose: String,
    pub retention_days: u32,
    /// Megabytes that a site's recordings may take, the oldest go first; 0 for no bound of its own.
    pub quota: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self::preset(Preset::Strict)
    }
}

impl Policy {
    /// The canonical JSON: serde's field order, no spaces.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a policy holds nothing that JSON cannot")
    }

    /// A version as it was saved. Keys younger than it say what held before there was a choice, so that an upgrade changes nothing.
    pub fn saved(json: &str) -> serde_json::Result<Self> {
        let mut keys: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json)?;
        let before = [("dnt", false.into()), ("max_minutes", check::MINUTES_MAX.into()), ("min_interaction", 0.into())];
        for (key, value) in before {
            keys.entry(key).or_insert(value);
        }
        serde_json::from_value(keys.into())
    }

    /// Whether a visitor of this country must agree before anything is recorded.
    pub fn asks_first(&self, country: Option<Country>) -> bool {
        match self.consent {
            Consent::Required => true,
            Consent::ByCountry => match country.and_then(|country| self.countries.get(&country)) {
                Some(Asked::NotRequired) => false,
                Some(Asked::Required) | None => true,
            },
            Consent::NotRequired => false,
        }
    }

    /// Whether nothing readable and no media are ever shown, no form recorded and no page skipped, so that a recorder without those
    /// parts will do.
    pub fn shows_nothing(&self) -> bool {
        let lists = [&self.show, &self.attributes, &self.query, &self.only_urls, &self.skip_urls];
        self.text == TextMode::Mask
            && self.forms == FormMode::Off
            && self.media == MediaMode::Block
            && self.urls == UrlMode::Listed
            && !self.records_meta()
            && lists.iter().all(|list| list.is_empty())
    }

    /// The policy's rules with the list that each stands in, as recorders count them.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lists = [("mask", &self.mask), ("block", &self.block), ("ignore", &self.ignore), ("show", &self.show)];
        lists.into_iter().flat_map(|(key, list)| list.iter().map(move |selector| (key, selector.as_str())))
    }

    /// Whether anything is recorded of the console or of requests.
    pub fn records_meta(&self) -> bool {
        self.console != MetaMode::Off || self.network != MetaMode::Off
    }

    /// Whether pictures of canvases may be recorded: they show words as well as pictures, and nothing can be taken out of them.
    pub fn shows_canvas(&self) -> bool {
        self.text == TextMode::Show && self.media == MediaMode::Show
    }

    /// Names this version of the policy.
    pub fn hash(&self) -> PolicyHash {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.canonical().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_ref()[..8]);
        PolicyHash(first)
    }
}
