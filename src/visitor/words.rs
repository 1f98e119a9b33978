//! The notice's words: one file a language under `assets/notice/`, read into types, so that none can lack a sentence.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A language that the notice is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Cs,
    Sk,
    En,
    De,
    Pl,
    Fr,
    Es,
    It,
}

impl Language {
    pub const ALL: [Self; 8] = [Self::Cs, Self::Sk, Self::En, Self::De, Self::Pl, Self::Fr, Self::Es, Self::It];

    pub fn code(self) -> &'static str {
        match self {
            Self::Cs => "cs",
            Self::Sk => "sk",
            Self::En => "en",
            Self::De => "de",
            Self::Pl => "pl",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::It => "it",
        }
    }

    /// The language of a tag such as `de` or `de-AT`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.trim().split('-').next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == first)
    }

    /// The one that was asked for, else the best of an `Accept-Language` header, else English.
    pub fn choose(asked: Option<&str>, accepted: &str) -> Self {
        if let Some(language) = asked.and_then(Self::of_tag) {
            return language;
        }
        let mut best: Option<(Self, f32)> = None;
        for one in accepted.split(',') {
            let mut parts = one.split(';');
            let Some(language) = parts.next().and_then(Self::of_tag) else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            // The first of equals.
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map_or(Self::En, |(language, _)| language)
    }

    pub fn words(self) -> &'static Words {
        &WORDS[self as usize]
    }

    fn source(self) -> &'static str {
        match self {
            Self::Cs => include_str!("../../assets/notice/cs.toml"),
            Self::Sk => include_str!("../../assets/notice/sk.toml"),
            Self::En => include_str!("../../assets/notice/en.toml"),
            Self::De => include_str!("../../assets/notice/de.toml"),
            Self::Pl => include_str!("../../assets/notice/pl.toml"),
            Self::Fr => include_str!("../../assets/notice/fr.toml"),
            Self::Es => include_str!("../../assets/notice/es.toml"),
            Self::It => include_str!("../../assets/notice/it.toml"),
        }
    }
}

static WORDS: LazyLock<[Words; 8]> = LazyLock::new(|| {
    Language::ALL.map(|language| toml::from_str(language.source()).expect("a test reads every language of the binary"))
});

/// Put values into a sentence's braces.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    // One pass, so that braces in a value stay what they are.
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = behind;
    }
    filled + rest
}

/// Sentences of one kind, each with a name of its own.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $(pub $field: String),* }
    )*};
}

/// All that is said in one language.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What the language calls itself.
    pub name: String,
    pub languages: String,
    pub page: Page,
    pub who: Who,
    pub purpose: Purpose,
    pub silent: Silent,
    pub recorded: Recorded,
    pub never: Never,
    pub consent: ConsentWords,
    pub identity: IdentityWords,
    pub storage: Storage,
    pub browser: Browser,
    pub rights: Rights,
    pub version: Version,
    pub own: Own,
    pub paste: Paste,
}

words! {
    Page { title, lead, missing_title, missing_lead }
    Who { heading, text, origins }
    Purpose { heading }
    /// Said where nothing is recorded.
    Silent { heading, paused, purpose, earlier }
    Recorded {
        heading, visit, text_mask, text_exceptions, text_redact, text_show, forms_off, forms_masked, forms_record, attributes,
        media_block, media_same_origin, media_show, urls_listed, urls_generalised, urls_path, errors,
        console_meta, console_redact, network_meta, network_redact, sample, some_pages, minutes,
    }
    Never { heading, passwords, sensitive, marked, frames, clipboard, ip }
    ConsentWords { heading, required, by_country, not_required, gpc_on, gpc_off, dnt_on, dnt_off }
    IdentityWords { heading, none, visit, visitor, pseudonym }
    Storage { heading, days, server }
    Browser { heading, lead, key, kind, purpose, time, session, local, tab_purpose, tab_time, visit_purpose, visitor_purpose, visitor_time, erase_purpose, erase_time, banner_purpose, banner_time, objection_purpose, objection_time, off_purpose, off_time }
    Rights { heading, withdraw, object, access, access_visitor, restrict, receipt, receipt_visitor }
    Version { heading, policy, facts, text }
    /// What the script of the visitor's own page says.
    Own {
        heading, none, gone, lead, noscript, started, pages, length, until, watch, close, play, pause, position, stage, download,
        linked_visit, linked_visitor, identified, restrict, lift, restricted, restricted_by_you, restricted_by_site, now_restricted, now_lifted,
        erase, erase_all, sure, yes, no, erased, save, load, unreadable, failed, too_often,
    }
    /// For the site's own banner.
    Paste { sentence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every sentence by its path.
    fn sentences(language: Language) -> BTreeMap<String, String> {
        let table: toml::Table = toml::from_str(language.source()).unwrap();
        let mut found = BTreeMap::new();
        for (group, value) in table {
            match value {
                toml::Value::Table(inner) => {
                    found.extend(
                        inner.into_iter().map(|(key, value)| {
                            (format!("{group}.{key}"), value.as_str().unwrap_or_default().to_owned())
                        }),
                    );
                }
                other => drop(found.insert(group, other.as_str().unwrap_or_default().to_owned())),
            }
        }
        found
    }

    fn braces(sentence: &str) -> Vec<&str> {
        let mut found: Vec<_> =
            sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_has_every_sentence_with_the_same_braces() {
        let english = sentences(Language::En);
        for language in Language::ALL {
            toml::from_str::<Words>(language.source()).unwrap_or_else(|error| panic!("{language:?}: {error}"));
            let own = sentences(language);
            assert_eq!(own.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{language:?}");
            for (key, sentence) in &own {
                assert!(!sentence.trim().is_empty(), "{language:?} {key}");
                assert_eq!(braces(sentence), braces(&english[key]), "{language:?} {key}");
                let short = sentence.chars().count() < 16;
                assert!(
                    short || language == Language::En || *sentence != english[key],
                    "{language:?} {key} is not translated"
                );
            }
        }
    }

    #[test]
    fn the_language_is_the_one_asked_for_else_the_browsers_else_english() {
        for (asked, accepted, chosen) in [
            (Some("cs"), "de", Language::Cs),
            (Some("xx"), "de-AT,de;q=0.9,en;q=0.8", Language::De),
            (None, "ja, en;q=0.4, fr;q=0.7", Language::Fr),
            (None, "ja,*", Language::En),
            (None, "pl;q=0", Language::En),
            (None, "", Language::En),
        ] {
            assert_eq!(Language::choose(asked, accepted), chosen, "{asked:?} {accepted}");
        }
    }

    #[test]
    fn a_value_is_filled_in_as_it_is() {
        assert_eq!(fill("{a} and {b}.", &[("a", "{b}"), ("b", "x")]), "{b} and x.");
        assert_eq!(fill("{unknown}{", &[]), "{");
    }
}
