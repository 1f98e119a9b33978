//! Which of two policies hides more.

use std::collections::BTreeMap;

use super::{Asked, Compat, Consent, Policy, TextMode};
use crate::model::Country;

fn has_more(one: &[String], other: &[String]) -> bool {
    one.iter().any(|entry| !other.contains(entry))
}

fn united(one: &[String], other: &[String]) -> Vec<String> {
    let mut all = one.to_vec();
    all.extend(other.iter().filter(|entry| !one.contains(entry)).cloned());
    all
}

fn common(one: &[String], other: &[String]) -> Vec<String> {
    one.iter().filter(|entry| other.contains(entry)).cloned().collect()
}

/// What a quota allows.
fn bound(quota: u32) -> u32 {
    if quota == 0 { u32::MAX } else { quota }
}

/// A pattern that no path fits.
const NOWHERE: &str = "-";

/// Patterns of the only pages that both lists allow; an empty list allows all.
fn only_common(one: &[String], other: &[String]) -> Vec<String> {
    match (one, other) {
        ([], all) | (all, []) => all.to_vec(),
        (one, other) => {
            let both = common(one, other);
            if both.is_empty() { vec![NOWHERE.to_owned()] } else { both }
        }
    }
}

/// Countries as both policies have them: asked where either asks.
fn both_ask(one: &Policy, other: &Policy) -> BTreeMap<Country, Asked> {
    match (one.consent, other.consent) {
        (Consent::NotRequired, _) => other.countries.clone(),
        (_, Consent::NotRequired) => one.countries.clone(),
        (Consent::Required | Consent::ByCountry, Consent::Required | Consent::ByCountry) => {
            let mut both = one.countries.clone();
            both.extend(other.countries.keys().map(|country| (*country, Asked::NotRequired)));
            for (country, asked) in &mut both {
                let lets = |policy: &Policy| policy.countries.get(country) == Some(&Asked::NotRequired);
                *asked = if lets(one) && lets(other) { Asked::NotRequired } else { Asked::Required };
            }
            both
        }
    }
}

impl Policy {
    /// Whether a country is let off here that the other asks.
    fn lets_more_off(&self, other: &Self) -> bool {
        self.consent == Consent::ByCountry
            && other.consent == Consent::ByCountry
            && self.countries.keys().any(|country| !self.asks_first(Some(*country)) && other.asks_first(Some(*country)))
    }

    /// The first key by which this policy records more than the other; `None` if it nowhere does.
    pub fn looser_than(&self, other: &Self) -> Option<&'static str> {
        let looser = [
            ("text", self.text > other.text),
            ("forms", self.forms > other.forms),
            ("attributes", has_more(&self.attributes, &other.attributes)),
            ("media", self.media > other.media),
            ("urls", self.urls > other.urls),
            ("paths", has_more(&self.paths, &other.paths)),
            ("query", has_more(&self.query, &other.query)),
            ("mask", has_more(&other.mask, &self.mask)),
            ("block", has_more(&other.block, &self.block)),
            ("ignore", has_more(&other.ignore, &self.ignore)),
            ("show", self.text == TextMode::Mask && has_more(&self.show, &other.show)),
            ("console", self.console > other.console),
            ("network", self.network > other.network),
            ("consent", self.consent > other.consent),
            ("countries", self.lets_more_off(other)),
            ("gpc", !self.gpc && other.gpc),
            ("dnt", !self.dnt && other.dnt),
            ("identity", self.identity > other.identity),
            ("sample", self.sample > other.sample),
            ("only_urls", {
                !other.only_urls.is_empty()
                    && (self.only_urls.is_empty() || has_more(&self.only_urls, &other.only_urls))
            }),
            ("skip_urls", has_more(&other.skip_urls, &self.skip_urls)),
            ("trigger", self.trigger > other.trigger),
            ("max_minutes", self.max_minutes > other.max_minutes),
            ("min_interaction", self.min_interaction < other.min_interaction),
            ("compat", self.compat.iter().any(|one| !other.compat.contains(one))),
            ("retention_days", self.retention_days > other.retention_days),
            ("quota", bound(self.quota) > bound(other.quota)),
        ];
        looser.into_iter().find_map(|(key, looser)| looser.then_some(key))
    }

    /// What both policies allow.
    pub fn stricter(one: &Self, other: &Self) -> Self {
        Self {
            preset: one.preset.min(other.preset),
            text: one.text.min(other.text),
            forms: one.forms.min(other.forms),
            attributes: common(&one.attributes, &other.attributes),
            media: one.media.min(other.media),
            urls: one.urls.min(other.urls),
            paths: common(&one.paths, &other.paths),
            query: common(&one.query, &other.query),
            mask: united(&one.mask, &other.mask),
            block: united(&one.block, &other.block),
            ignore: united(&one.ignore, &other.ignore),
            // Where text is shown anyway, an empty list forbids nothing.
            show: match (one.text, other.text) {
                (TextMode::Mask, TextMode::Redact | TextMode::Show) => one.show.clone(),
                (TextMode::Redact | TextMode::Show, TextMode::Mask) => other.show.clone(),
                (TextMode::Mask, TextMode::Mask)
                | (TextMode::Redact | TextMode::Show, TextMode::Redact | TextMode::Show) => {
                    common(&one.show, &other.show)
                }
            },
            console: one.console.min(other.console),
            network: one.network.min(other.network),
            consent: one.consent.min(other.consent),
            countries: both_ask(one, other),
            gpc: one.gpc || other.gpc,
            dnt: one.dnt || other.dnt,
            identity: one.identity.min(other.identity),
            sample: one.sample.min(other.sample),
            only_urls: only_common(&one.only_urls, &other.only_urls),
            skip_urls: united(&one.skip_urls, &other.skip_urls),
            trigger: one.trigger.min(other.trigger),
            max_minutes: one.max_minutes.min(other.max_minutes),
            min_interaction: one.min_interaction.max(other.min_interaction),
            compat: one.compat.iter().filter(|one| other.compat.contains(one)).copied().collect::<Vec<Compat>>(),
            // Who asks records neither more nor less.
            banner: one.banner,
            purpose: one.purpose.clone(),
            retention_days: one.retention_days.min(other.retention_days),
            quota: if bound(one.quota) <= bound(other.quota) { one.quota } else { other.quota },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FormMode, MetaMode, Preset, Trigger};
    use super::*;

    fn countries(list: &[(&str, Asked)]) -> BTreeMap<Country, Asked> {
        list.iter().map(|(code, asked)| (code.parse().unwrap(), *asked)).collect()
    }

    #[test]
    fn presets_stand_from_strict_to_open() {
        let [strict, balanced, full] = Preset::ALL.map(Policy::preset);
        assert_eq!(strict.looser_than(&strict), None);
        assert_eq!(strict.looser_than(&full), None);
        assert_eq!(balanced.looser_than(&strict), Some("text"));
        assert_eq!(full.looser_than(&balanced), Some("text"));
        assert_eq!(Policy::stricter(&strict, &full), strict);
    }

    #[test]
    fn each_key_can_loosen() {
        let base = Policy { mask: vec![".a".into()], ..Policy::default() };
        assert_eq!(Policy { mask: vec![], ..base.clone() }.looser_than(&base), Some("mask"));
        assert_eq!(Policy { show: vec!["p".into()], ..base.clone() }.looser_than(&base), Some("show"));
        assert_eq!(Policy { forms: FormMode::Masked, ..base.clone() }.looser_than(&base), Some("forms"));
        assert_eq!(Policy { console: MetaMode::Meta, ..base.clone() }.looser_than(&base), Some("console"));
        assert_eq!(Policy { network: MetaMode::Redact, ..base.clone() }.looser_than(&base), Some("network"));
        assert_eq!(Policy { gpc: false, ..base.clone() }.looser_than(&base), Some("gpc"));
        assert_eq!(Policy { consent: Consent::NotRequired, ..base.clone() }.looser_than(&base), Some("consent"));
        assert_eq!(Policy { retention_days: 31, ..base.clone() }.looser_than(&base), Some("retention_days"));
        let bounded = Policy { quota: 500, ..base.clone() };
        assert_eq!((bounded.looser_than(&base), base.looser_than(&bounded)), (None, Some("quota")));
        assert_eq!(Policy::stricter(&base, &bounded).quota, 500);
        assert_eq!(Policy { query: vec!["q".into()], ..base.clone() }.looser_than(&base), Some("query"));
        assert_eq!(Policy { dnt: false, ..base.clone() }.looser_than(&base), Some("dnt"));
        assert_eq!(Policy { max_minutes: 31, ..base.clone() }.looser_than(&base), Some("max_minutes"));
        assert_eq!(Policy { min_interaction: 0, ..base.clone() }.looser_than(&base), Some("min_interaction"));
        assert_eq!(Policy { compat: vec![Compat::Smartsupp], ..base.clone() }.looser_than(&base), Some("compat"));
        let less = Policy {
            sample: 10,
            only_urls: vec!["/a".into(), "/b".into()],
            skip_urls: vec!["/c".into()],
            trigger: Trigger::Call,
            ..base.clone()
        };
        assert_eq!(less.looser_than(&base), None);
        assert_eq!(Policy { sample: 11, ..less.clone() }.looser_than(&less), Some("sample"));
        assert_eq!(Policy { only_urls: vec![], ..less.clone() }.looser_than(&less), Some("only_urls"));
        assert_eq!(Policy { only_urls: vec!["/x".into()], ..less.clone() }.looser_than(&less), Some("only_urls"));
        assert_eq!(Policy { only_urls: vec!["/a".into()], ..less.clone() }.looser_than(&less), None);
        assert_eq!(Policy { skip_urls: vec![], ..less.clone() }.looser_than(&less), Some("skip_urls"));
        assert_eq!(Policy { trigger: Trigger::Load, ..less.clone() }.looser_than(&less), Some("trigger"));
        let asks = Policy { consent: Consent::ByCountry, ..base };
        let lets = Policy { countries: countries(&[("US", Asked::NotRequired)]), ..asks.clone() };
        assert_eq!((lets.looser_than(&asks), asks.looser_than(&lets)), (Some("countries"), None));
    }

    #[test]
    fn pages_and_countries_of_two_policies_are_those_of_both() {
        let one = Policy {
            consent: Consent::ByCountry,
            countries: countries(&[("US", Asked::NotRequired), ("CA", Asked::NotRequired)]),
            only_urls: vec!["/a".into()],
            skip_urls: vec!["/s".into()],
            ..Policy::default()
        };
        let other = Policy {
            countries: countries(&[("US", Asked::NotRequired), ("JP", Asked::NotRequired)]),
            only_urls: vec!["/b".into()],
            ..one.clone()
        };
        let both = Policy::stricter(&one, &other);
        assert_eq!(both.only_urls, [NOWHERE], "no page is one of both");
        for (code, asked) in [("US", false), ("CA", true), ("JP", true), ("CZ", true)] {
            assert_eq!(both.asks_first(Some(code.parse().unwrap())), asked, "{code}");
        }
        let open = Policy { consent: Consent::NotRequired, countries: BTreeMap::new(), ..other.clone() };
        assert_eq!(Policy::stricter(&open, &other).countries, other.countries);
        assert_eq!(Policy::stricter(&Policy { only_urls: vec![], ..one.clone() }, &one).only_urls, ["/a"]);
    }

    #[test]
    fn what_two_policies_allow_is_looser_than_neither() {
        let one =
            Policy { show: vec!["a".into(), "b".into()], block: vec!["x".into()], ..Policy::preset(Preset::Full) };
        let other = Policy { show: vec!["b".into()], mask: vec!["y".into()], ..Policy::preset(Preset::Balanced) };
        let both = Policy::stricter(&one, &other);
        assert_eq!(both.looser_than(&one), None);
        assert_eq!(both.looser_than(&other), None);
        let masked = Policy { show: vec!["p".into()], ..Policy::default() };
        assert_eq!(Policy::stricter(&masked, &one).show, ["p"]);
    }
}
