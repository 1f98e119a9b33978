//! The three policies that a site starts from.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Consent, FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, Trigger, UrlMode};
use crate::model::Malformed;

/// A named policy to start from; a site's policy is a preset plus changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Not one readable character of page or form.
    #[default]
    Strict,
    /// Text without what looks personal; forms masked.
    Balanced,
    /// Text and forms as they are, but for what is always hidden.
    Full,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Strict, Self::Balanced, Self::Full];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Balanced => "balanced",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let preset = Self::ALL.into_iter().find(|preset| preset.as_str() == text);
        preset.ok_or(Malformed("a preset is strict, balanced or full"))
    }
}

impl Policy {
    /// The policy that this preset stands for. Its purpose is still to be written.
    pub fn preset(preset: Preset) -> Self {
        let (text, forms, media, urls) = match preset {
            Preset::Strict => (TextMode::Mask, FormMode::Off, MediaMode::Block, UrlMode::Listed),
            Preset::Balanced => (TextMode::Redact, FormMode::Masked, MediaMode::SameOrigin, UrlMode::Generalised),
            Preset::Full => (TextMode::Show, FormMode::Record, MediaMode::Show, UrlMode::Path),
        };
        Self {
            preset,
            text,
            forms,
            attributes: Vec::new(),
            media,
            urls,
            paths: Vec::new(),
            query: Vec::new(),
            mask: Vec::new(),
            block: Vec::new(),
            ignore: Vec::new(),
            show: Vec::new(),
            console: MetaMode::Off,
            network: MetaMode::Off,
            consent: Consent::Required,
            countries: BTreeMap::new(),
            gpc: true,
            dnt: true,
            identity: Identity::None,
            sample: 100,
            only_urls: Vec::new(),
            skip_urls: Vec::new(),
            trigger: Trigger::Load,
            max_minutes: 30,
            min_interaction: 1,
            compat: Vec::new(),
            banner: false,
            purpose: String::new(),
            retention_days: 30,
            quota: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_reads_back_what_it_wrote() {
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(preset));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.as_str());
        }
        assert!("open".parse::<Preset>().is_err());
    }

    #[test]
    fn a_policy_that_shows_anything_is_told_from_one_that_shows_nothing() {
        let strict = Policy { paths: vec!["/pricing".to_owned()], ..Policy::preset(Preset::Strict) };
        assert!(strict.shows_nothing());
        assert!(!Policy { show: vec![".price".to_owned()], ..strict.clone() }.shows_nothing());
        assert!(!Policy { query: vec!["page".to_owned()], ..strict.clone() }.shows_nothing());
        assert!(!Policy { console: MetaMode::Meta, ..strict.clone() }.shows_nothing());
        assert!(!Policy { network: MetaMode::Meta, ..strict.clone() }.shows_nothing());
        assert!(!Policy { skip_urls: vec!["/account/*".to_owned()], ..strict.clone() }.shows_nothing());
        assert!(!Policy { media: MediaMode::SameOrigin, ..strict.clone() }.shows_nothing());
        assert!(!Policy { attributes: vec!["title".to_owned()], ..strict }.shows_nothing());
        assert!(!Policy::preset(Preset::Balanced).shows_nothing());
        assert!(!Policy::preset(Preset::Full).shows_nothing());
    }

    #[test]
    fn a_version_of_before_a_key_says_what_held_then() {
        let old = r#"{"preset":"full","text":"show","forms":"record","attributes":[],"media":"show","urls":"path","paths":[],"query":[],"mask":[],"block":[],"ignore":[],"show":[],"console":"off","network":"off","consent":"required","gpc":true,"identity":"none","purpose":"x","retention_days":30}"#;
        let read = Policy::saved(old).unwrap();
        assert_eq!((read.dnt, read.min_interaction, read.max_minutes, read.sample), (false, 0, 240, 100));
        assert_eq!(Policy { dnt: true, min_interaction: 1, max_minutes: 30, ..read }, {
            Policy { purpose: "x".to_owned(), ..Policy::preset(Preset::Full) }
        });
        // One that has the keys keeps what they say.
        let strict = Policy::preset(Preset::Strict);
        assert_eq!(Policy::saved(&strict.canonical()).unwrap(), strict);
    }

    #[test]
    fn a_policy_hash_changes_with_the_policy_and_only_with_it() {
        let strict = Policy::preset(Preset::Strict);
        assert_eq!(strict.hash(), Policy::default().hash());
        assert_ne!(strict.hash(), Policy { gpc: false, ..strict.clone() }.hash());
        let read: Policy = serde_json::from_str(&strict.canonical()).unwrap();
        assert_eq!(read, strict);
        assert!(strict.canonical().starts_with(
            r#"{"preset":"strict","text":"mask","forms":"off","attributes":[],"media":"block","urls":"listed","paths":[],"#
        ));
    }
}
