//! Which of two policies hides more.

use super::{Policy, TextMode};

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

impl Policy {
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
            ("gpc", !self.gpc && other.gpc),
            ("identity", self.identity > other.identity),
            ("retention_days", self.retention_days > other.retention_days),
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
            gpc: one.gpc || other.gpc,
            identity: one.identity.min(other.identity),
            purpose: one.purpose.clone(),
            retention_days: one.retention_days.min(other.retention_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Consent, FormMode, MetaMode, Preset};
    use super::*;

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
        assert_eq!(Policy { query: vec!["q".into()], ..base.clone() }.looser_than(&base), Some("query"));
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
