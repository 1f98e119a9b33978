//! Looks through a site's own pages for what would leave them: the real recorder runs in a real browser, words that stand nowhere else are
//! planted wherever visitors and pages put theirs, and what the recorder would send is caught, decoded and searched for them.
//!
//! Nothing is sent to any server: batches are answered here, and once planting begins, every other request is refused.

mod browser;
mod search;
mod tab;
mod verdict;

pub use browser::find as find_browser;
pub use verdict::{Finding, Fix, Severity};

use crate::error::{Error, Result};
use crate::ingest;
use crate::model::{SiteKey, Timestamp};
use crate::policy::{Consent, Policy};
use crate::store::Site;
use browser::Browser;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Stands in addresses of batches that no server gets.
const KEY: &str = "hushreellinthushreel";

/// What to look through.
pub struct Job {
    /// Where to begin: http or https.
    pub url: http::Uri,
    pub policy: Policy,
    /// Pages in all.
    pub pages: usize,
    pub browser: PathBuf,
    pub now: Timestamp,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Addresses of the pages, in the order of the visits.
    pub pages: Vec<String>,
    /// Words planted.
    pub places: usize,
    pub batches: usize,
    pub findings: Vec<Finding>,
}

/// Visit the pages one after the other; `told` hears what is done.
pub fn run(job: &Job, told: &mut dyn FnMut(&str)) -> Result<Report> {
    let host = job.url.host().unwrap_or_default();
    // A certificate that nobody signed is as good as any on one's own machine, and nowhere else.
    let mut browser = Browser::start(&job.browser, crate::origin::is_loopback(host))?;
    let recorder = recorder(&job.policy, job.now)?;
    let mut report = Report::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![job.url.to_string()];
    while let Some(address) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
        if report.pages.len() >= job.pages || !seen.insert(path_of(&address).to_owned()) {
            continue;
        }
        told(&format!("{address}: planting and listening"));
        let visit = match tab::visit(&mut browser, &address, &recorder, &job.policy) {
            Ok(visit) => visit,
            Err(error @ Error::Unavailable(_)) => return Err(error),
            // The page that was asked for must be there; one that it links to need not be.
            Err(error) if report.pages.is_empty() => return Err(error),
            Err(error) => {
                told(&format!("{address}: left out. {error}"));
                continue;
            }
        };
        told(&format!("{address}: {} words planted, {} batches caught", visit.places.len(), visit.sent.batches));
        report.places += visit.places.len();
        report.batches += visit.sent.batches;
        let page = path_of(&address);
        let judged = |place| verdict::judge(place, visit.sent.find(&place.canary), page, &job.policy);
        report.findings.extend(visit.places.iter().filter_map(judged));
        report.pages.push(address);
        waiting.extend(visit.links);
    }
    report.findings.sort_by_key(|finding| finding.severity);
    Ok(report)
}

/// The recorder as pages get it under this policy, of a visitor who was asked and agreed.
fn recorder(policy: &Policy, now: Timestamp) -> Result<String> {
    // What only makes a policy record less often must not make this find less.
    let Policy { trigger, max_minutes, compat, .. } = Policy::default();
    let policy = Policy {
        consent: Consent::NotRequired,
        gpc: false,
        dnt: false,
        sample: 100,
        min_interaction: 0,
        only_urls: Vec::new(),
        skip_urls: Vec::new(),
        trigger,
        max_minutes,
        compat,
        banner: false,
        ..policy.clone()
    };
    let version =
        crate::store::policy::Version { number: 1, hash: policy.hash(), policy: Arc::new(policy), saved_at: now };
    let key: SiteKey = KEY.parse().map_err(|cause| Error::internal("the key of lint", cause))?;
    let site = Site {
        id: 0,
        key,
        name: String::new(),
        origins: Vec::new(),
        paused: false,
        created_at: now,
        last_fetched_at: None,
        last_batch_at: None,
        policy: version,
        older: Vec::new(),
    };
    ingest::assemble(&site, now.0)
}

/// What an address says after its host; two that differ in their query alone are one page.
fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_path() {
        assert_eq!(path_of("https://example.com"), "/");
        assert_eq!(path_of("https://example.com/a/b?c=/d#e"), "/a/b");
    }
}
