use proptest::prelude::*;
use serde_json::Value as Json;

use super::super::fixtures;
use super::*;

fn as_json(hidden: Hidden<'_>) -> Json {
    match hidden {
        Hidden::Dropped => Json::Null,
        Hidden::Masked(bucket) => bucket.into(),
        Hidden::Shown(text) => text.as_ref().into(),
    }
}

#[test]
fn attributes_are_hidden_as_the_recorder_hides_them() {
    for (given, wanted) in
        ["attribute", "random"].into_iter().flat_map(|file| fixtures::read::<(String, String)>(file, "hideTokens"))
    {
        assert_eq!(hide_tokens(&given), wanted, "{given:?}");
    }
    let cases = ["attribute", "random"]
        .into_iter()
        .flat_map(|file| fixtures::read::<(Policy, String, String, String, String, Json)>(file, "hideAttribute"));
    for (policy, tag, name, value, kind, wanted) in cases {
        let hidden = hide_attribute(&tag, &name, &value, &policy, &kind);
        assert_eq!(as_json(hidden), wanted, "<{tag} {name}={value:?}>");
    }
}

proptest! {
    #[test]
    fn what_is_shown_stays_as_it_is(
        tag in "(a|img|input|div|use|li|x-y)",
        name in "(class|style|title|href|src|data-x|alt|value|fill|width|xmlns|placeholder|listed|style)",
        value in "[a-z0-9 :/@.#%(){};\"'-]{0,40}|https://x\\.example/[a-z0-9/@;?=]{0,20}",
        preset in 0..3_usize,
    ) {
        let policy = Policy {
            attributes: vec!["listed".into()],
            ..Policy::preset(super::super::Preset::ALL[preset])
        };
        if let Hidden::Shown(once) = hide_attribute(&tag, &name, &value, &policy, "submit") {
            prop_assert_eq!(hide_attribute(&tag, &name, &once, &policy, "submit"), Hidden::Shown(once.clone()));
        }
    }
}
