//! The scope of a breach: what was captured unmasked between two moments, whose recordings hold it, and who watched them.

use super::records::bullets;
use super::{Language, NOTICE, code, plain, time};
use crate::error::Result;
use crate::model::Timestamp;
use crate::policy::{FormMode, MediaMode, TextMode, UrlMode};
use crate::store::breach::{self, Recorded};
use crate::store::finding;
use crate::store::history::{self, Entry};
use crate::store::{Keyring, Site};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What the report cannot tell, said in each.
const LIMITS: [&str; 5] = [
    "A recording stands under the version of its first batch; pages loaded later in it may be under a later version of the table.",
    "An older version is still taken for a day after the next was saved, where it is not looser.",
    "Recordings that were erased, or whose retention has ended, are not listed: their keys are gone.",
    "Watched means opened in the dashboard, or marked so through the API; the moment is not kept. Exports, and events read by a \
     token, are not told.",
    "What the auditor found was taken out of the recordings; backups made before may still hold it.",
];

/// What was captured in a stretch of time.
#[derive(Debug, Serialize)]
pub struct Breach {
    pub site: String,
    pub name: String,
    pub from: i64,
    pub to: i64,
    /// Versions in force or recorded under, oldest first.
    pub versions: Vec<InForce>,
    pub recordings: Vec<Listed>,
    /// Everybody who watched one of the recordings.
    pub watchers: Vec<String>,
    pub findings: Vec<Met>,
    pub limits: [&'static str; 5],
    pub generated_at: i64,
}

/// One version of the policy, as far as it shows something.
#[derive(Debug, Serialize)]
pub struct InForce {
    pub version: u32,
    pub hash: String,
    /// When it came into force.
    pub from: i64,
    /// When the next took its place; none while it is in force.
    pub to: Option<i64>,
    pub saved_by: Option<String>,
    pub reason: String,
    /// Whether a recording under it may hold anything readable.
    pub readable: bool,
    pub text: TextMode,
    pub forms: FormMode,
    pub media: MediaMode,
    pub urls: UrlMode,
    pub show: Vec<String>,
    pub recordings: usize,
}

/// One recording.
#[derive(Debug, Serialize)]
pub struct Listed {
    pub id: String,
    pub started_at: i64,
    pub ended_at: i64,
    pub policy_version: u32,
    /// Whether its version of the policy lets it hold anything readable.
    pub readable: bool,
    /// Stopped by a rule that one of its batches broke.
    pub refused: bool,
    pub watched_by: Vec<String>,
}

/// One finding that was met in the time.
#[derive(Debug, Serialize)]
pub struct Met {
    pub by: finding::Finder,
    pub kind: String,
    pub page: String,
    pub selector: String,
    pub times: u64,
    pub first_at: i64,
    pub last_at: i64,
    pub state: finding::State,
}

impl Breach {
    /// From `from` up to, and without, `to`.
    pub fn read(
        db: &Connection,
        keyring: &Keyring,
        site: &Site,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<Self> {
        let recorded = breach::recorded(db, site.id, from, to)?;
        let versions = in_force(&history::list(db, site.id)?, &recorded, from, to);
        // A version that nobody knows of any more may have shown everything.
        let readable: BTreeMap<_, _> = versions.iter().map(|version| (version.version, version.readable)).collect();
        let watchers: BTreeSet<_> = recorded.iter().flat_map(|one| one.watched_by.iter().cloned()).collect();
        let found = finding::list(db, keyring, site.id)?;
        let met = found.into_iter().filter(|one| one.first_at < to && one.last_at >= from);
        Ok(Self {
            site: site.key.to_string(),
            name: site.name.clone(),
            from: from.0,
            to: to.0,
            recordings: recorded
                .into_iter()
                .map(|one| Listed {
                    id: one.id.to_string(),
                    started_at: one.started_at.0,
                    ended_at: one.ended_at.0,
                    policy_version: one.policy_version,
                    readable: readable.get(&one.policy_version).copied().unwrap_or(true),
                    refused: one.refused,
                    watched_by: one.watched_by,
                })
                .collect(),
            versions,
            watchers: watchers.into_iter().collect(),
            findings: met
                .map(|one| Met {
                    by: one.found.by,
                    kind: one.found.kind,
                    page: one.found.page,
                    selector: one.found.selector,
                    times: one.times,
                    first_at: one.first_at.0,
                    last_at: one.last_at.0,
                    state: one.state,
                })
                .collect(),
            limits: LIMITS,
            generated_at: now.0,
        })
    }

    pub fn markdown(&self) -> String {
        let at = |ms: i64| time(Timestamp(ms));
        let mut text = format!("# Scope of a breach: {} ({})\n\n", plain(&self.name), code(&self.site));
        text += &format!("From {} up to {}.\n\n", at(self.from), at(self.to));
        let readable = self.recordings.iter().filter(|one| one.readable).count();
        text += &format!(
            "{} recordings ran in this time, {readable} of them under a policy that shows something readable. Watched by: {}.\n",
            self.recordings.len(),
            names(&self.watchers)
        );
        text += "\n## Policy in force\n\n";
        text += "| version | from | to | saved by | reason | text | forms | media | urls | show | readable | recordings |\n";
        text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
        for one in &self.versions {
            let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let show: Vec<_> = one.show.iter().map(|selector| code(selector)).collect();
            let cells = [
                format!("{} {}", one.version, code(&one.hash)),
                at(one.from),
                one.to.map_or_else(|| "in force".to_owned(), at),
                one.saved_by.as_deref().map_or_else(|| "a command".to_owned(), plain),
                plain(&one.reason),
                word(json!(one.text)),
                word(json!(one.forms)),
                word(json!(one.media)),
                word(json!(one.urls)),
                show.join(", "),
                if one.readable { "yes" } else { "no" }.to_owned(),
                one.recordings.to_string(),
            ];
            text += &format!("| {} |\n", cells.join(" | "));
        }
        text += "\n## Recordings\n\n";
        if !self.recordings.is_empty() {
            text +=
                "| recording | from | to | version | readable | watched by |\n| --- | --- | --- | --- | --- | --- |\n";
        } else {
            text += "None.\n";
        }
        for one in &self.recordings {
            text += &format!(
                "| {} | {} | {} | {}{} | {} | {} |\n",
                code(&one.id),
                at(one.started_at),
                at(one.ended_at),
                one.policy_version,
                if one.refused { ", refused" } else { "" },
                if one.readable { "yes" } else { "no" },
                names(&one.watched_by)
            );
        }
        text += "\n## Findings in this time\n\n";
        if self.findings.is_empty() {
            text += "None.\n";
        } else {
            text += "| found by | kind | page | where | times | first | last | state |\n";
            text += "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
        }
        for one in &self.findings {
            let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            text += &format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                word(json!(one.by)),
                plain(&one.kind),
                code(&one.page),
                code(&one.selector),
                one.times,
                at(one.first_at),
                at(one.last_at),
                word(json!(one.state))
            );
        }
        text += &format!("\n## What this report cannot tell\n\n{}", bullets(&self.limits));
        text + &format!("\n{} {}\n", Language::English.of(NOTICE), at(self.generated_at))
    }
}

/// The versions that were in force in the time, and those that something was recorded under, oldest first.
fn in_force(entries: &[Entry], recorded: &[Recorded], from: Timestamp, to: Timestamp) -> Vec<InForce> {
    // Replaced by the version before it in the list.
    let replaced = [None].into_iter().chain(entries.iter().map(|entry| Some(entry.version.saved_at)));
    let mut versions: Vec<_> = entries
        .iter()
        .zip(replaced)
        .filter_map(|(Entry { version, by, reason }, replaced)| {
            let recordings = recorded.iter().filter(|one| one.policy_version == version.number).count();
            let held = version.saved_at < to && replaced.is_none_or(|at| at > from);
            let policy = &version.policy;
            (held || recordings > 0).then(|| InForce {
                version: version.number,
                hash: version.hash.to_string(),
                from: version.saved_at.0,
                to: replaced.map(|at| at.0),
                saved_by: by.clone(),
                reason: reason.clone(),
                readable: !policy.shows_nothing(),
                text: policy.text,
                forms: policy.forms,
                media: policy.media,
                urls: policy.urls,
                show: policy.show.clone(),
                recordings,
            })
        })
        .collect();
    versions.reverse();
    versions
}

fn names(list: &[String]) -> String {
    if list.is_empty() {
        return "nobody".to_owned();
    }
    list.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ")
}
