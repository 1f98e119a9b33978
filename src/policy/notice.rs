//! What a policy means for a visitor: the facts that the public notice states. Pure; the words for them stand in `assets/notice/`.

use super::{Compat, Consent, FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, UrlMode};
use crate::model::NoticeHash;
use serde::Serialize;

/// The facts of one policy version, in no language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub purpose: String,
    pub text: TextMode,
    /// Some places show their text although the rest is masked.
    pub text_exceptions: bool,
    pub forms: FormMode,
    /// Attributes are shown beyond those of layout.
    pub attributes: bool,
    pub media: MediaMode,
    pub urls: UrlMode,
    pub console: MetaMode,
    pub network: MetaMode,
    pub consent: Consent,
    pub gpc: bool,
    pub dnt: bool,
    /// The page's calls to Smartsupp are heard.
    pub smartsupp: bool,
    /// Our own banner asks.
    pub banner: bool,
    /// Of 100 visits.
    pub sample: u8,
    /// Some pages are left out.
    pub some_pages: bool,
    pub max_minutes: u32,
    pub identity: Identity,
    pub retention_days: u32,
}

impl Facts {
    pub fn of(policy: &Policy) -> Self {
        Self {
            purpose: policy.purpose.trim().to_owned(),
            text: policy.text,
            text_exceptions: policy.text == TextMode::Mask && !policy.show.is_empty(),
            forms: policy.forms,
            attributes: !policy.attributes.is_empty(),
            media: policy.media,
            urls: policy.urls,
            console: policy.console,
            network: policy.network,
            consent: policy.consent,
            gpc: policy.gpc,
            dnt: policy.dnt,
            smartsupp: policy.compat.contains(&Compat::Smartsupp),
            banner: policy.banner,
            sample: policy.sample,
            some_pages: !(policy.only_urls.is_empty() && policy.skip_urls.is_empty()),
            max_minutes: policy.max_minutes,
            identity: policy.identity,
            retention_days: policy.retention_days,
        }
    }

    /// Names these facts, in whatever language they are told: the first 8 bytes of the SHA-256 of their JSON.
    pub fn hash(&self) -> NoticeHash {
        NoticeHash::of(&serde_json::to_vec(self).expect("facts hold nothing that JSON cannot"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Preset;

    #[test]
    fn the_hash_follows_what_a_visitor_is_told_and_nothing_else() {
        let strict = Policy::preset(Preset::Strict);
        let hash = |policy: &Policy| Facts::of(policy).hash();
        for told in [
            Policy { retention_days: 31, ..strict.clone() },
            Policy { gpc: false, ..strict.clone() },
            Policy { dnt: false, ..strict.clone() },
            Policy { sample: 50, ..strict.clone() },
            Policy { skip_urls: vec!["/account".to_owned()], ..strict.clone() },
            Policy { banner: true, ..strict.clone() },
            Policy { purpose: "To mend forms".to_owned(), ..strict.clone() },
            Policy { show: vec![".price".to_owned()], ..strict.clone() },
            Policy { network: MetaMode::Meta, ..strict.clone() },
            Policy { identity: Identity::Visit, ..strict.clone() },
        ] {
            assert_ne!(hash(&told), hash(&strict));
        }
        assert_eq!(hash(&Policy { block: vec![".map".to_owned()], ..strict.clone() }), hash(&strict));
    }
}
