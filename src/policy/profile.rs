//! What laws and regulators ask of a policy, clause by clause. States facts about settings, each with its source; gives no
//! legal advice.

mod clause;
mod set;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value, json};

use super::Policy;
use crate::model::Malformed;

/// Said beside every result.
pub const NOTICE: Words = Words {
    en: "This compares settings with clauses; it is no legal advice.",
    cs: "Porovnává nastavení s jednotlivými body; není to právní rada.",
};

/// A sentence in the languages of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Words {
    pub en: &'static str,
    pub cs: &'static str,
}

/// What is known of a site besides its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Origins by plain HTTP that are not on the visitor's own machine.
    pub open_origins: usize,
    /// Findings that wait for the operator.
    pub open_findings: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    Fail,
    DoesNotApply,
}

/// What one clause comes to, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    pub reason: Words,
}

/// What makes a clause pass that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    /// This value, as JSON, at this key of the policy.
    Set { key: &'static str, to: &'static str },
    /// What only a person can settle: a text to write, an origin to move, findings to look at.
    Settle { what: &'static str, how: Words },
}

/// One thing that is asked of a site.
#[derive(Debug, Clone, Copy)]
pub struct Clause {
    pub id: &'static str,
    pub sentence: Words,
    /// The law or the guideline, with its article.
    pub source: &'static str,
    pub fix: Fix,
    pub check: fn(&Policy, Option<&Facts>) -> Outcome,
}

/// A set of clauses that a site can be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The French regulator's draft recommendation of 2026 on session replay.
    Cnil2026,
    /// Czech law beside the General Data Protection Regulation.
    Cz,
    EuDefault,
    /// California.
    UsCa,
}

impl Profile {
    pub const ALL: [Self; 4] = [Self::Cnil2026, Self::Cz, Self::EuDefault, Self::UsCa];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cnil2026 => "cnil-2026",
            Self::Cz => "cz",
            Self::EuDefault => "eu-default",
            Self::UsCa => "us-ca",
        }
    }

    pub fn clauses(self) -> &'static [Clause] {
        match self {
            Self::Cnil2026 => &set::CNIL_2026,
            Self::Cz => &set::CZ,
            Self::EuDefault => &set::EU_DEFAULT,
            Self::UsCa => &set::US_CA,
        }
    }

    /// Hold a policy to every clause. Without facts, what needs them does not apply.
    pub fn check(self, policy: &Policy, facts: Option<&Facts>) -> Vec<Checked> {
        self.clauses().iter().map(|clause| Checked::of(clause, (clause.check)(policy, facts))).collect()
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let profile = Self::ALL.into_iter().find(|profile| profile.as_str() == text);
        profile.ok_or(Malformed("a profile is cnil-2026, cz, eu-default or us-ca"))
    }
}

/// One clause, held against one policy.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = CheckedClause)]
pub struct Checked {
    pub id: &'static str,
    pub sentence: Words,
    /// The law or the guideline, with its article.
    pub source: &'static str,
    pub verdict: Verdict,
    pub reason: Words,
    /// What to change; none unless the clause fails.
    pub change: Option<Remedy>,
}

/// What to change, so that a clause passes.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Remedy {
    /// The key of the policy, or `origins` or `findings`.
    pub key: &'static str,
    /// The value to set; none where somebody has to settle it.
    #[schema(value_type = Object)]
    pub to: Option<Value>,
    pub how: Words,
}

impl Checked {
    fn of(clause: &Clause, outcome: Outcome) -> Self {
        let Outcome { verdict, reason } = outcome;
        let change = (verdict == Verdict::Fail).then(|| clause.fix.remedy());
        Self { id: clause.id, sentence: clause.sentence, source: clause.source, verdict, reason, change }
    }
}

impl Fix {
    fn remedy(self) -> Remedy {
        match self {
            Self::Set { key, to } => Remedy {
                key,
                // The tests read each of them.
                to: Some(serde_json::from_str(to).unwrap_or(json!(null))),
                how: Words { en: "Set it in the site's policy.", cs: "Nastavte v pravidlech webu." },
            },
            Self::Settle { what, how } => Remedy { key: what, to: None, how },
        }
    }
}

impl Remedy {
    /// `set consent to "required"`, or what somebody has to do.
    pub fn line(&self) -> String {
        match &self.to {
            Some(to) => format!("set `{}` to {to}", self.key),
            None => format!("{}: {}", self.key, self.how.en),
        }
    }
}
