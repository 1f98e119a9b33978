//! Every clause of every profile is shown a policy that passes and one that fails.

use std::collections::BTreeSet;

use super::*;
use crate::policy::{Asked, Consent, FormMode, Identity, MediaMode, MetaMode, Preset, TextMode, UrlMode};

const CALM: Facts = Facts { open_origins: 0, open_findings: 0 };

/// Passes every clause of every profile, and is beside the point of none.
fn good() -> Policy {
    Policy {
        purpose: "Find where the checkout fails".into(),
        show: vec![".price".into()],
        query: vec!["page".into()],
        identity: Identity::Visit,
        sample: 50,
        ..Policy::preset(Preset::Strict)
    }
}

/// Breaks this clause. A new clause needs a line here.
fn bad(profile: Profile, id: &str) -> (Policy, Facts) {
    let policy = match id {
        "consent" => Policy { consent: Consent::NotRequired, identity: Identity::None, ..good() },
        "signal" => Policy { gpc: false, ..good() },
        "purpose" => Policy { purpose: "analytics".into(), ..good() },
        "text" if profile == Profile::Cnil2026 => Policy { text: TextMode::Redact, ..good() },
        "text" => Policy { text: TextMode::Show, ..good() },
        "show" => Policy { show: vec![".price, body".into()], ..good() },
        "forms" => Policy { forms: FormMode::Record, ..good() },
        "media" => Policy { media: MediaMode::Show, ..good() },
        "addresses" => Policy { urls: UrlMode::Path, ..good() },
        "query" => Policy { query: vec!["page".into(), "reset-token".into()], ..good() },
        "console" => Policy { console: MetaMode::Redact, ..good() },
        "network" => Policy { network: MetaMode::Redact, ..good() },
        "identity" if profile == Profile::Cnil2026 => Policy { identity: Identity::Visitor, ..good() },
        "identity" => not_asked("SK"),
        "sample" => Policy { sample: 100, ..good() },
        "retention" if profile == Profile::UsCa => Policy { retention_days: 366, ..good() },
        "retention" if profile == Profile::Cnil2026 => Policy { retention_days: 31, ..good() },
        "retention" => Policy { retention_days: 91, ..good() },
        "transport" => return (good(), Facts { open_origins: 1, ..CALM }),
        "findings" => return (good(), Facts { open_findings: 1, ..CALM }),
        other => panic!("clause {other} of {profile} has no policy that breaks it"),
    };
    (policy, CALM)
}

/// By country, and this one is not asked.
fn not_asked(country: &str) -> Policy {
    let countries = [(country.parse().unwrap(), Asked::NotRequired)].into();
    Policy { consent: Consent::ByCountry, countries, ..good() }
}

fn verdict(profile: Profile, id: &str, policy: &Policy, facts: Option<&Facts>) -> Verdict {
    profile.check(policy, facts).into_iter().find(|checked| checked.id == id).unwrap().verdict
}

#[test]
fn every_clause_of_every_profile_passes_one_policy_and_fails_another() {
    for profile in Profile::ALL {
        for clause in profile.clauses() {
            let id = clause.id;
            assert_eq!(verdict(profile, id, &good(), Some(&CALM)), Verdict::Pass, "{profile} {id}");
            let (policy, facts) = bad(profile, id);
            assert_eq!(verdict(profile, id, &policy, Some(&facts)), Verdict::Fail, "{profile} {id}");
        }
    }
}

#[test]
fn what_a_failing_clause_says_to_change_makes_it_pass() {
    for profile in Profile::ALL {
        for clause in profile.clauses() {
            let (policy, facts) = bad(profile, clause.id);
            let checked = profile.check(&policy, Some(&facts)).into_iter().find(|checked| checked.id == clause.id);
            let change = checked.unwrap().change.unwrap();
            let Some(to) = &change.to else { continue };
            let mut value = serde_json::to_value(&policy).unwrap();
            value[change.key] = to.clone();
            let mended = Policy::parse(&value.to_string()).unwrap();
            assert_ne!(verdict(profile, clause.id, &mended, Some(&facts)), Verdict::Fail, "{profile} {}", clause.id);
        }
    }
}

#[test]
fn clauses_have_names_of_their_own_and_words_in_both_languages() {
    for profile in Profile::ALL {
        assert_eq!(profile.to_string().parse(), Ok(profile));
        let ids: BTreeSet<_> = profile.clauses().iter().map(|clause| clause.id).collect();
        assert_eq!(ids.len(), profile.clauses().len(), "{profile}");
        for clause in profile.clauses() {
            assert!(!clause.source.is_empty() && clause.sentence.en != clause.sentence.cs, "{profile} {}", clause.id);
        }
    }
    assert!("gdpr".parse::<Profile>().is_err());
}

#[test]
fn strict_with_a_purpose_passes_and_full_does_not() {
    let strict = Policy { purpose: good().purpose, sample: 50, ..Policy::preset(Preset::Strict) };
    let full = Policy { purpose: good().purpose, ..Policy::preset(Preset::Full) };
    for profile in Profile::ALL {
        let fails = |policy| profile.check(policy, None).iter().any(|checked| checked.verdict == Verdict::Fail);
        assert!(!fails(&strict), "{profile}");
        assert!(fails(&full), "{profile}");
        let nothing = profile.check(&Policy { sample: 50, ..Policy::preset(Preset::Strict) }, None);
        let failed: Vec<_> = nothing.iter().filter(|one| one.verdict == Verdict::Fail).map(|one| one.id).collect();
        assert_eq!(failed, ["purpose"], "{profile}");
    }
}

#[test]
fn only_countries_that_a_profile_is_about_have_to_be_asked() {
    let consent = |profile, country| verdict(profile, "consent", &not_asked(country), None);
    for profile in [Profile::Cnil2026, Profile::Cz, Profile::EuDefault] {
        assert_eq!((consent(profile, "FR"), consent(profile, "US")), (Verdict::Fail, Verdict::Pass), "{profile}");
    }
    assert_eq!((consent(Profile::UsCa, "FR"), consent(Profile::UsCa, "US")), (Verdict::Pass, Verdict::Fail));
}

#[test]
fn what_a_file_does_not_tell_does_not_apply() {
    for id in ["transport", "findings"] {
        assert_eq!(verdict(Profile::EuDefault, id, &good(), None), Verdict::DoesNotApply);
    }
}
