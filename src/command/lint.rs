//! `hushreel lint`: what would leave a site's own pages under a policy.

use super::recording::site_of;
use super::site::read_policy;
use super::{Common, now, print};
use crate::error::{Error, Result};
use crate::lint::{Finding, Job, Report, Severity, find_browser, run};
use crate::model::SiteKey;
use crate::policy::{Policy, Preset};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// Words are planted in the fields, attributes and addresses of the pages, in a Chromium on this machine, and looked for in what the
/// recorder would send. Nothing is sent to any server. Pages are loaded as any visitor loads them.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 nothing would leave, 1 something would, 2 wrong usage, 69 no browser.")]
pub struct Lint {
    /// Where to begin, such as https://www.example.com/checkout
    #[arg(value_parser = read_url)]
    url: http::Uri,
    /// Look under this preset
    #[arg(long, default_value = "strict", conflicts_with_all = ["policy", "site"])]
    preset: Preset,
    /// Look under the policy of this JSON file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "site")]
    policy: Option<PathBuf>,
    /// Look under the policy in force of this site
    #[arg(long, value_name = "KEY")]
    site: Option<SiteKey>,
    /// Pages to look at: the one given, and those of the same origin that it leads to
    #[arg(long, value_name = "PAGES", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=200))]
    depth: u16,
    /// Where Chromium is [default: $CHROMIUM, else chromium, chromium-browser or google-chrome on PATH]
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
    /// Fail on what the policy shows, too
    #[arg(long)]
    deny_shown: bool,
}

impl Lint {
    pub fn run(self, common: &Common) -> Result<()> {
        let browser = find_browser(self.browser.as_deref())?;
        let policy = self.choose(common)?;
        let job = Job { url: self.url, policy, pages: usize::from(self.depth), browser, now: now() };
        let report = run(&job, &mut |line| eprintln!("{line}"))?;
        let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
        let (leaks, shown) = (count(Severity::Leak), count(Severity::ShownByPolicy));
        let value = json!({
            "url": job.url.to_string(), "policy": { "preset": job.policy.preset, "hash": job.policy.hash() },
            "pages": report.pages, "places": report.places, "batches": report.batches,
            "leaks": leaks, "shown_by_policy": shown, "advice": count(Severity::Advice), "findings": report.findings,
        });
        print::answer(common.json, &value, || lines(&report, leaks, shown))?;
        match (leaks, self.deny_shown, shown) {
            (1.., _, _) => Err(Error::Failed(format!("{leaks} leaks. Paste the fixes above, and look again."))),
            (0, true, 1..) => {
                Err(Error::Failed(format!("{shown} places are shown by the policy, and --deny-shown was said.")))
            }
            (0, _, _) => Ok(()),
        }
    }

    fn choose(&self, common: &Common) -> Result<Policy> {
        if let Some(key) = &self.site {
            let books = common.books(&common.settle()?)?;
            return Ok((*site_of(&books, key)?.policy.policy).clone());
        }
        let Some(file) = &self.policy else { return Ok(Policy::preset(self.preset)) };
        let policy = read_policy(file, None)?;
        policy.check().map_err(|invalid| Error::Config(format!("{}: {}", invalid.key, invalid.message)))?;
        Ok(policy)
    }
}

/// The findings for people: each leak by itself, what the policy shows by its key, advice.
fn lines(report: &Report, leaks: usize, shown: usize) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.severity != Severity::ShownByPolicy) {
        let name = if finding.severity == Severity::Leak { "leak" } else { "advice" };
        let _ = writeln!(out, "{name}  {}  {}", finding.page, finding.selector);
        let _ = writeln!(out, "      {} {}", finding.vector, finding.what);
        let _ = writeln!(out, "      {}", finding.shown_by);
        let _ = writeln!(out, "      fix: {}", fix(finding));
    }
    let mut by_key: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.severity == Severity::ShownByPolicy) {
        by_key.entry(&finding.shown_by).or_default().push(finding);
    }
    for (key, findings) in by_key {
        let _ = writeln!(out, "shown by policy  {key}  ({} places)", findings.len());
        for finding in findings {
            let _ = writeln!(out, "      {}  {}  {} {}", finding.page, finding.selector, finding.vector, finding.what);
        }
    }
    let _ = write!(
        out,
        "{} pages, {} words planted, {} batches: {leaks} leaks, {shown} shown by policy.",
        report.pages.len(),
        report.places,
        report.batches
    );
    out
}

fn fix(finding: &Finding) -> String {
    let fix = &finding.fix;
    match (fix.markup.is_empty(), fix.policy.is_empty()) {
        (false, false) => format!("{}   or in the policy: {}", fix.markup, fix.policy),
        (false, true) => fix.markup.clone(),
        (true, _) => format!("in the policy: {}", fix.policy),
    }
}

fn read_url(text: &str) -> Result<http::Uri, String> {
    let url: http::Uri = text.parse().map_err(|cause| format!("{cause}"))?;
    match url.scheme_str() {
        Some("http" | "https") if url.host().is_some() => Ok(url),
        _ => Err("an address begins with http:// or https://".to_owned()),
    }
}
