//! The facts of a data-protection impact assessment (GDPR, Art. 35(7)) of a site: what is done, why, what could go wrong by
//! the leak suite's own results, what is done against it, and what is still open.

use super::records::{MEASURES, PolicyInForce, bullets, table};
use super::shown::{ALWAYS, NEVER, Shown, shown};
use super::{Language, NOTICE, Running, code, plain, time};
use crate::error::Result;
use crate::model::Timestamp;
use crate::policy::profile::{Checked, Profile, Verdict};
use crate::policy::{Change, Policy, Preset};
use crate::store::finding::{self, Finding, State};
use crate::store::{Keyring, Site};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The README of this build, whose table of leaks is written by the leak suite.
const README: &str = include_str!("../../README.md");

/// One site's pack.
#[derive(Debug, Serialize)]
pub struct Dpia {
    pub site: String,
    pub name: String,
    pub origins: Vec<String>,
    pub purpose: String,
    pub recording: bool,
    pub policy: PolicyInForce,
    pub shows: Vec<Shown>,
    /// Against the preset that the site began with.
    pub changes: Vec<Change>,
    pub retention_days: u32,
    pub recordings: u64,
    pub watchers: usize,
    /// The table of the leak suite, as Markdown.
    pub leaks: &'static str,
    /// Rows of that table that are not zero under the site's preset.
    pub leaking: Vec<String>,
    pub measures: Vec<&'static str>,
    /// How many clauses of each profile fail.
    pub profiles: Vec<Held>,
    /// What was found and waits for somebody, by who found it and kind.
    pub open_findings: Vec<Waiting>,
    /// How many findings are open, fixed and accepted.
    pub findings: BTreeMap<String, u64>,
    pub generated_at: i64,
}

/// How a site stands to one profile.
#[derive(Debug, Serialize)]
pub struct Held {
    pub profile: &'static str,
    pub failed: Vec<&'static str>,
}

/// Open findings of one kind.
#[derive(Debug, Serialize)]
pub struct Waiting {
    pub by: String,
    pub kind: String,
    pub places: usize,
    pub times: u64,
}

impl Dpia {
    pub fn read(db: &Connection, keyring: &Keyring, site: &Site, now: Timestamp) -> Result<Self> {
        let running = Running::read(db, site, now)?;
        let policy = &running.policy.policy;
        let facts = site.facts(db)?;
        let found = finding::list(db, keyring, site.id)?;
        let mut findings = BTreeMap::from(["open", "fixed", "accepted"].map(|state| (state.to_owned(), 0)));
        for one in &found {
            *findings.entry(word(&json!(one.state))).or_default() += 1;
        }
        let failed = |clause: &Checked| (clause.verdict == Verdict::Fail).then_some(clause.id);
        let profiles = Profile::ALL.map(|profile| Held {
            profile: profile.as_str(),
            failed: profile.check(policy, Some(&facts)).iter().filter_map(failed).collect(),
        });
        let preset = Policy { purpose: policy.purpose.clone(), ..Policy::preset(policy.preset) };
        Ok(Self {
            site: running.key.to_string(),
            name: running.name,
            origins: running.origins,
            purpose: policy.purpose.trim().to_owned(),
            recording: running.recording,
            policy: PolicyInForce::of(&running.policy),
            shows: shown(policy, Language::English),
            changes: policy.changes_of(&preset),
            retention_days: policy.retention_days,
            recordings: running.recordings,
            watchers: running.watchers,
            leaks: leaks(),
            leaking: leaking(policy.preset),
            measures: MEASURES.iter().map(|words| Language::English.of(*words)).collect(),
            profiles: profiles.into(),
            open_findings: waiting(&found),
            findings,
            generated_at: now.0,
        })
    }

    pub fn markdown(&self) -> String {
        let origins: Vec<_> = self.origins.iter().map(|origin| code(origin)).collect();
        let purpose = match self.purpose.as_str() {
            "" => "not written; nothing is recorded before it is".to_owned(),
            purpose => plain(purpose),
        };
        let english = |words: &[[&'static str; 2]]| bullets(&words.iter().map(|[one, _]| *one).collect::<Vec<_>>());
        let mut text = format!("# Data-protection impact assessment: {}\n\n", plain(&self.name));
        text += "The facts that GDPR, Art. 35(7) asks for. What stands in brackets only the controller can judge.\n\n";
        text += "## 1. What is done (Art. 35(7)(a))\n\n";
        text += &format!(
            "Hushreel records visits to {} (site {}) as the structure of pages and what happens on them, hides in the visitor's \
             page what the policy hides, and lets {} accounts and tokens of this server watch the result. Nothing is sent to \
             anybody else.\n\n",
            origins.join(", "),
            code(&self.site),
            self.watchers
        );
        text += &format!(
            "- purpose: {purpose}\n- recording now: {}\n- recordings kept now: {}\n- policy: version {}, {}, preset {}, saved {}\n",
            if self.recording { "yes" } else { "no" },
            self.recordings,
            self.policy.version,
            code(&self.policy.hash),
            self.policy.preset,
            time(Timestamp(self.policy.saved_at))
        );
        text += &format!("\nRecorded under every policy:\n\n{}", english(&ALWAYS));
        text += "\n## 2. Necessity and proportionality (Art. 35(7)(b))\n\n";
        text += "(Why this purpose needs recordings, and no less would do.)\n\n";
        text += &format!(
            "Recordings are kept for {} days. What each key of the policy shows:\n\n{}",
            self.retention_days,
            table(&self.shows, Language::English)
        );
        text += &format!("\n{}", self.changes_in_words());
        text += &format!("\nRecorded under no policy:\n\n{}", english(&NEVER));
        text += "\nClauses that fail, by profile (`hushreel site policy check` says what to change):\n\n";
        for Held { profile, failed } in &self.profiles {
            let failed = if failed.is_empty() { "none".to_owned() } else { failed.join(", ") };
            text += &format!("- {profile}: {failed}\n");
        }
        text += "\n## 3. Risks to visitors (Art. 35(7)(c))\n\n";
        text += "Each row is a way by which personal data has left a page through some recorder; the numbers are of this build's \
                 leak tests. (How likely and how severe each is on this site.)\n\n";
        text += &match self.leaking.as_slice() {
            [] => format!("No variant leaks under the preset `{}`.\n\n", self.policy.preset),
            rows => format!("Under the preset `{}` these leak: {}.\n\n", self.policy.preset, rows.join(", ")),
        };
        text += &format!("{}\n", self.leaks);
        text += &format!("\n## 4. Measures (Art. 35(7)(d))\n\n{}", bullets(&self.measures));
        text += &format!("\n## 5. Open findings\n\n{}", self.findings_in_words());
        text + &format!("\n{} {}\n", Language::English.of(NOTICE), time(Timestamp(self.generated_at)))
    }

    fn changes_in_words(&self) -> String {
        if self.changes.is_empty() {
            return format!("It is the preset `{}` as it comes.\n", self.policy.preset);
        }
        let mut text = format!("Changed from the preset `{}`:\n\n", self.policy.preset);
        for change in &self.changes {
            let more = if change.looser { " (records more)" } else { "" };
            let value = |value: &serde_json::Value| code(&value.to_string());
            text += &format!("- `{}`: {} to {}{more}\n", change.key, value(&change.from), value(&change.to));
        }
        text
    }

    fn findings_in_words(&self) -> String {
        let counts: Vec<_> = self.findings.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let mut text = format!("{}.\n", counts.join(", "));
        if !self.open_findings.is_empty() {
            text += "\n| found by | kind | places | times |\n| --- | --- | --- | --- |\n";
        }
        for Waiting { by, kind, places, times } in &self.open_findings {
            text += &format!("| {by} | {} | {places} | {times} |\n", plain(kind));
        }
        text
    }
}

/// The table between the README's marks.
fn leaks() -> &'static str {
    let table = README.split_once("<!-- leaks -->").and_then(|(_, rest)| rest.split_once("<!-- /leaks -->"));
    table.map_or("", |(table, _)| table.trim())
}

/// Rows of the table whose cell of this preset is not zero; a cell that cannot be read counts as such.
fn leaking(preset: Preset) -> Vec<String> {
    let column = 3 + preset as usize;
    let rows = leaks().lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    rows.filter(|cells| cells.get(1).is_some_and(|name| name.starts_with('V')))
        .filter(|cells| cells.get(column) != Some(&"0"))
        .map(|cells| cells[1].to_owned())
        .collect()
}

fn waiting(found: &[Finding]) -> Vec<Waiting> {
    let mut kinds: BTreeMap<(String, String), (usize, u64)> = BTreeMap::new();
    for one in found.iter().filter(|one| one.state == State::Open) {
        let (places, times) = kinds.entry((word(&json!(one.found.by)), one.found.kind.clone())).or_default();
        *places += 1;
        *times += one.times;
    }
    kinds.into_iter().map(|((by, kind), (places, times))| Waiting { by, kind, places, times }).collect()
}

fn word(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_leaks_is_in_this_build_with_its_columns() {
        let head = leaks().lines().next().unwrap();
        let cells: Vec<_> = head.split('|').map(str::trim).collect();
        for (at, preset) in [(3, "strict"), (4, "balanced"), (5, "full")] {
            assert!(cells[at].contains(preset), "{head}");
        }
        assert_eq!((Preset::Strict as usize, Preset::Full as usize), (0, 2));
        assert!(leaks().lines().filter(|line| line.starts_with("| V")).count() >= 28);
        assert!(leaks().contains("**all**"));
    }
}
