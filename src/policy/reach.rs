//! Which pages are recorded at all: `only_urls` and `skip_urls`. The recorder decides by the path itself, see
//! `assets/recorder/src/hide/reach.ts`; the door sees the path reduced, and refuses what was skipped for sure.

use super::Policy;
use super::text::DOTS;

/// Whether a page of this reduced address may be one that the policy records.
pub fn may_record(url: &str, policy: &Policy) -> bool {
    if policy.only_urls.is_empty() && policy.skip_urls.is_empty() {
        return true;
    }
    let path: Vec<&str> = path_of(url).split('/').collect();
    let fits = |pattern: &String, doubt| fits(pattern, &path, doubt);
    (policy.only_urls.is_empty() || policy.only_urls.iter().any(|pattern| fits(pattern, true)))
        && !policy.skip_urls.iter().any(|pattern| fits(pattern, false))
}

/// Whether a path fits a pattern; where what the policy hid of it decides, the answer is `doubt`.
fn fits(pattern: &str, path: &[&str], doubt: bool) -> bool {
    // Stands for a path of any length.
    if *path == ["", ":any"] {
        return doubt || pattern == "/*";
    }
    let mut wanted = trimmed(pattern.split('/').collect());
    let mut path = trimmed(path.to_vec());
    if wanted.last() == Some(&"*") {
        wanted.pop();
        path.truncate(wanted.len());
    }
    wanted.len() == path.len()
        && wanted.iter().zip(path).all(|(want, segment)| {
            let hidden = segment.starts_with(':') || segment.contains(DOTS);
            if want.starts_with(':') { !segment.is_empty() } else { *want == segment || (hidden && doubt) }
        })
}

/// What stands between the host and the query of an address that was reduced.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    path.split('?').next().unwrap_or(path)
}

/// Without the empty segment behind a closing slash.
fn trimmed(mut segments: Vec<&str>) -> Vec<&str> {
    if segments.len() > 1 && segments.last() == Some(&"") {
        segments.pop();
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::super::{UrlMode, fixtures, reduce_url};
    use super::*;

    #[test]
    fn the_door_doubts_nothing_that_the_recorder_records() {
        for (policy, path, recorded) in fixtures::read::<(Policy, String, bool)>("reach", "isRecorded") {
            for urls in [UrlMode::Listed, UrlMode::Generalised, UrlMode::Path] {
                for paths in [vec![], vec!["/account/:tab".to_owned(), "/help".to_owned()]] {
                    let policy = Policy { urls, paths, ..policy.clone() };
                    let url = reduce_url(&format!("https://shop.example{path}"), &policy);
                    let may = may_record(&url, &policy);
                    assert!(may || !recorded, "{path} as {url}");
                    if urls == UrlMode::Path && !url.contains(DOTS) {
                        assert_eq!(may, recorded, "{path} is told whole");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_hidden_of_a_path_counts_for_the_recorder() {
        let policy = |only: &[&str], skip: &[&str]| Policy {
            only_urls: only.iter().map(|one| (*one).to_owned()).collect(),
            skip_urls: skip.iter().map(|one| (*one).to_owned()).collect(),
            ..Policy::default()
        };
        for (only, skip, url, may) in [
            (&["/help/*"][..], &[][..], "https://a.example/:any", true),
            (&[], &["/account"], "https://a.example/:any", true),
            (&[], &["/*"], "https://a.example/:any", false),
            (&["/help/*"], &[], "https://a.example/order/:id", false),
            (&["/order/new"], &[], "https://a.example/order/:id", true),
            (&[], &["/order/:id"], "https://a.example/order/:id", false),
            (&[], &["/order/new"], "https://a.example/order/:id", true),
            (&[], &["/"], "https://a.example", false),
            (&["-"], &[], "https://a.example/", false),
        ] {
            assert_eq!(may_record(url, &policy(only, skip)), may, "{url} of {only:?} without {skip:?}");
        }
    }
}
