//! What one version of a policy changes of another, key by key.

use super::Policy;
use serde::Serialize;
use serde_json::Value;

/// One key that is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Change {
    pub key: String,
    #[schema(value_type = Object)]
    pub from: Value,
    #[schema(value_type = Object)]
    pub to: Value,
    /// Whether this change alone lets more be recorded, or for longer.
    pub looser: bool,
}

impl Policy {
    /// What this policy changes of another.
    pub fn changes_of(&self, other: &Self) -> Vec<Change> {
        let keys = |policy: &Self| serde_json::to_value(policy).expect("a policy holds nothing that JSON cannot");
        let (before, after) = (keys(other), keys(self));
        let after = after.as_object().into_iter().flatten();
        after
            .filter(|(key, to)| before[key.as_str()] != **to)
            .map(|(key, to)| {
                let mut alone = before.clone();
                alone[key.as_str()] = to.clone();
                let alone: Option<Self> = serde_json::from_value(alone).ok();
                // What cannot stand alone is as loose as it can be.
                let looser = alone.is_none_or(|alone| alone.looser_than(other).is_some());
                Change { key: key.clone(), from: before[key.as_str()].clone(), to: to.clone(), looser }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FormMode, Preset, TextMode};
    use super::*;
    use serde_json::json;

    #[test]
    fn each_key_that_changed_is_told_with_what_it_does() {
        let strict = Policy::preset(Preset::Strict);
        let next = Policy { forms: FormMode::Masked, mask: vec![".x".into()], retention_days: 7, ..strict.clone() };
        let change = |key: &str, from, to, looser| Change { key: key.into(), from, to, looser };
        assert_eq!(
            next.changes_of(&strict),
            [
                change("forms", json!("off"), json!("masked"), true),
                change("mask", json!([]), json!([".x"]), false),
                change("retention_days", json!(30), json!(7), false),
            ]
        );
        assert!(strict.changes_of(&strict).is_empty());
    }

    #[test]
    fn one_that_hides_more_of_one_thing_and_less_of_another_is_looser_where_it_is() {
        let strict = Policy::preset(Preset::Strict);
        let open = Policy { text: TextMode::Show, retention_days: 1, ..strict.clone() };
        let looser: Vec<_> = open.changes_of(&strict).into_iter().map(|change| (change.key, change.looser)).collect();
        assert_eq!(looser, [("retention_days".to_owned(), false), ("text".to_owned(), true)], "by their names");
    }
}
