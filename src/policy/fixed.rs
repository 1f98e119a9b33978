//! Keys of policies that the configuration file fixes: they are in force from the server's start, and changed nowhere else.

use super::{Invalid, Policy};
use crate::model::SiteKey;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the configuration file says of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The file's name, for people.
    pub file: String,
    /// For every site.
    pub all: Map<String, Value>,
    /// For one, before what stands for all.
    pub sites: BTreeMap<SiteKey, Map<String, Value>>,
}

/// A change to a key that is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedKey {
    pub key: String,
    pub file: String,
}

impl Fixed {
    /// Whether a policy could hold these keys and values.
    pub fn check(keys: &Map<String, Value>) -> Result<(), Invalid> {
        if keys.contains_key("preset") {
            let message = "a preset is where a policy begins, and fixes nothing; name the keys themselves".to_owned();
            return Err(Invalid { key: "preset".to_owned(), message });
        }
        Policy::parse(&Value::Object(keys.clone()).to_string()).map(drop)
    }

    /// The keys that are fixed for a site; for one that is only being made, those of every site.
    pub fn keys(&self, site: Option<&SiteKey>) -> Vec<&str> {
        self.values(site).map(|(key, _)| key).collect()
    }

    /// The policy with what is fixed put in its place.
    pub fn put_in(&self, site: Option<&SiteKey>, policy: &Policy) -> Policy {
        let whole = serde_json::to_value(policy).map(|mut whole| {
            for (key, value) in self.values(site) {
                whole[key] = value.clone();
            }
            whole
        });
        // Each value was read as part of a policy when the file was.
        whole.and_then(serde_json::from_value).unwrap_or_else(|_| policy.clone())
    }

    /// Whether a policy leaves alone what is fixed.
    pub fn allow(&self, site: Option<&SiteKey>, policy: &Policy) -> Result<(), FixedKey> {
        let fixed = self.put_in(site, policy);
        match fixed.changes_of(policy).into_iter().next() {
            Some(change) => Err(FixedKey { key: change.key, file: self.file.clone() }),
            None => Ok(()),
        }
    }

    fn values(&self, site: Option<&SiteKey>) -> impl Iterator<Item = (&str, &Value)> {
        let own = site.and_then(|site| self.sites.get(site));
        let others = self.all.iter().filter(move |(key, _)| own.is_none_or(|own| !own.contains_key(*key)));
        own.into_iter().flatten().chain(others).map(|(key, value)| (key.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FormMode, TextMode};
    use super::*;
    use serde_json::json;

    fn keys(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn fixed() -> (Fixed, SiteKey) {
        let site = SiteKey::from_random([7; 13]);
        let own = keys(json!({ "text": "redact" }));
        let all = keys(json!({ "text": "mask", "forms": "off", "mask": [".customer"] }));
        (Fixed { file: "hushreel.toml".to_owned(), all, sites: [(site.clone(), own)].into() }, site)
    }

    #[test]
    fn what_stands_for_one_site_comes_before_what_stands_for_all() {
        let (fixed, site) = fixed();
        let open = Policy { text: TextMode::Show, forms: FormMode::Record, retention_days: 7, ..Policy::default() };
        let (own, new) = (fixed.put_in(Some(&site), &open), fixed.put_in(None, &open));
        assert_eq!((own.text, own.forms, own.retention_days), (TextMode::Redact, FormMode::Off, 7));
        assert_eq!((new.text, new.forms, &*new.mask), (TextMode::Mask, FormMode::Off, &[".customer".to_owned()][..]));
        assert_eq!(fixed.keys(Some(&site)), ["text", "forms", "mask"]);
    }

    #[test]
    fn what_no_policy_could_hold_is_named() {
        for (value, key) in [
            (json!({ "txt": "mask" }), "txt"),
            (json!({ "mask": ["div["] }), "mask"),
            (json!({ "retention_days": "x" }), "retention_days"),
            (json!({ "preset": "full" }), "preset"),
        ] {
            assert_eq!(Fixed::check(&keys(value)).unwrap_err().key, key);
        }
        assert_eq!(Fixed::check(&keys(json!({ "forms": "off" }))), Ok(()));
    }

    #[test]
    fn a_change_of_what_is_fixed_is_named_and_all_else_is_free() {
        let (fixed, site) = fixed();
        let kept = fixed.put_in(Some(&site), &Policy::default());
        assert_eq!(fixed.allow(Some(&site), &Policy { retention_days: 5, ..kept.clone() }), Ok(()));
        let refused = fixed.allow(Some(&site), &Policy { forms: FormMode::Masked, ..kept }).unwrap_err();
        assert_eq!((&*refused.key, &*refused.file), ("forms", "hushreel.toml"));
        assert_eq!(Fixed::default().allow(None, &Policy::default()), Ok(()));
    }
}
