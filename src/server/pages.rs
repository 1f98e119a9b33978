//! The dashboard's files, and the headers that make its walls: nothing runs or loads but what this binary carries.

use crate::app::App;
use crate::embedded::{self, Caching};
use crate::error::{Error, Result};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use std::sync::Arc;

/// The third wall's address: the document that plays recordings.
const FRAME: &str = "/replay-frame/";
/// Addresses that are never a page of the dashboard.
const NO_PAGES: [&str; 5] = ["/api/", "/i/", "/r/", "/privacy/", "/visitor/"];

const DASHBOARD_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html hushreel 'allow-duplicates'";

/// Any address that no route has: a file of the dashboard, or the dashboard itself, which knows its own addresses.
pub async fn serve(State(app): State<Arc<App>>, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response> {
    let path = uri.path();
    let read_only = matches!(method, Method::GET | Method::HEAD);
    if !read_only || NO_PAGES.iter().any(|prefix| path.starts_with(prefix)) || path.contains("..") {
        return Err(Error::NotFound);
    }
    if let Some(rest) = path.strip_prefix(FRAME) {
        let name = if rest.is_empty() { "index.html" } else { rest };
        let answer = embedded::answer(&format!("dashboard{FRAME}{name}"), &headers, caching(path));
        return answer.map(|answer| walled(answer, &frame_csp(&app.base_url(&headers)))).ok_or(Error::NotFound);
    }
    if is_file(path) {
        let answer = embedded::answer(&format!("dashboard{path}"), &headers, caching(path));
        return answer.map(|answer| walled(answer, DASHBOARD_CSP)).ok_or(Error::NotFound);
    }
    let answer = embedded::answer("dashboard/index.html", &headers, Caching::Revalidate);
    answer.map(|answer| walled(answer, DASHBOARD_CSP)).ok_or(Error::NotFound)
}

/// The replay document may run its own scripts and show what it is handed; nothing in it reaches the network.
fn frame_csp(base: &str) -> String {
    format!(
        "default-src 'none'; script-src {base}{FRAME}; style-src 'unsafe-inline' {base}{FRAME}; img-src blob: data:; \
         font-src blob: data:; media-src blob:; connect-src 'none'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self'"
    )
}

fn walled(mut answer: Response, csp: &str) -> Response {
    let headers = answer.headers_mut();
    // `base_url` lets through only what a host is made of; should it ever not, nothing may run.
    let csp = HeaderValue::from_str(csp).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    answer
}

/// Whether the last part of a path names a file.
fn is_file(path: &str) -> bool {
    path.starts_with("/assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// Built files carry a hash of their content: `name-a1b2c3d4.js`.
fn caching(path: &str) -> Caching {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let hashed = path.contains("/assets/") && stem.rsplit_once('-').is_some_and(|(_, hash)| hash.len() >= 6);
    if hashed { Caching::Immutable } else { Caching::Revalidate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert_eq!(caching("/assets/index-DkX9aZ12.js"), Caching::Immutable);
        assert_eq!(caching("/replay-frame/assets/main-abc123ff.css"), Caching::Immutable);
        assert_eq!(caching("/assets/index.js"), Caching::Revalidate);
        assert_eq!(caching("/favicon.svg"), Caching::Revalidate);
    }

    #[test]
    fn the_replay_documents_policy_names_its_own_host_alone() {
        let csp = frame_csp("https://rec.example.com");
        assert!(csp.contains("script-src https://rec.example.com/replay-frame/;"));
        assert!(csp.contains("connect-src 'none'"));
    }
}
