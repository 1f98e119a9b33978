//! The notice as a page: plain HTML that needs no script, and under it the place where the visitor's own page comes to life.

use super::notice::{Notice, Section};
use super::words::{Language, Words, fill};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::fmt::Write;

pub const STYLE: &str = "/visitor/notice.css";
pub const SCRIPT: &str = "/visitor/own.js";

/// Nothing runs or loads but the page's own style, its own script, and the document that plays recordings.
fn csp(base: &str) -> String {
    format!(
        "default-src 'none'; script-src {base}{SCRIPT}; style-src {base}{STYLE}; img-src {base}/favicon.svg; \
         connect-src {base}/visitor/v1/; frame-src {base}/replay-frame/; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// The notice of a site.
pub fn show(notice: &Notice, base: &str) -> Response {
    let words = notice.language.words();
    let mut main = format!("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", escape(&notice.title), escape(&notice.lead));
    own(&mut main, notice, words);
    for section in &notice.sections {
        write_section(&mut main, section, |out| {
            if section.id == "browser" {
                storage(out, notice, words);
            }
        });
    }
    version(&mut main, notice, words);
    answer(StatusCode::OK, notice.language, &notice.title, &main, Some(SCRIPT), base)
}

/// For a key that no site has.
pub fn missing(language: Language, base: &str) -> Response {
    let page = &language.words().page;
    let main =
        format!("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", escape(&page.missing_title), escape(&page.missing_lead));
    answer(StatusCode::NOT_FOUND, language, &page.missing_title, &main, None, base)
}

fn answer(
    status: StatusCode,
    language: Language,
    title: &str,
    main: &str,
    script: Option<&str>,
    base: &str,
) -> Response {
    let script = script.map_or_else(String::new, |path| format!("<script type=\"module\" src=\"{path}\"></script>\n"));
    let html = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{STYLE}\">\n{script}</head>\n<body>\n{languages}<main>\n{main}</main>\n</body>\n</html>\n",
        code = language.code(),
        title = escape(title),
        languages = languages(language),
    );
    let mut answer = (status, html).into_response();
    let headers = answer.headers_mut();
    // `base` lets through only what a host is made of; should it ever not, nothing may run.
    let csp = HeaderValue::from_str(&csp(base)).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-language", language.code()),
        ("vary", "accept-language"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn languages(current: Language) -> String {
    let links = Language::ALL.map(|language| {
        let (code, name) = (language.code(), escape(&language.words().name));
        let here = if language == current { " aria-current=\"true\"" } else { "" };
        format!("<li><a href=\"?lang={code}\" lang=\"{code}\" hreflang=\"{code}\"{here}>{name}</a></li>\n")
    });
    let label = escape(&current.words().languages);
    format!("<header>\n<nav aria-label=\"{label}\">\n<ul>\n{}</ul>\n</nav>\n</header>\n", links.concat())
}

fn write_section(out: &mut String, section: &Section, more: impl FnOnce(&mut String)) {
    let Section { id, heading, text, list } = section;
    let _ = writeln!(out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>", escape(heading));
    for paragraph in text {
        let _ = writeln!(out, "<p>{}</p>", escape(paragraph));
    }
    if !list.is_empty() {
        let items: String = list.iter().map(|item| format!("<li>{}</li>\n", escape(item))).collect();
        let _ = writeln!(out, "<ul>\n{items}</ul>");
    }
    more(out);
    out.push_str("</section>\n");
}

/// Each cell says its column, so that a narrow window can show rows as blocks.
fn storage(out: &mut String, notice: &Notice, words: &Words) {
    let titles = [&words.browser.key, &words.browser.kind, &words.browser.purpose, &words.browser.time]
        .map(|title| escape(title));
    let head: String = titles.iter().map(|title| format!("<th scope=\"col\">{title}</th>")).collect();
    let mut rows = String::new();
    for kept in &notice.storage {
        let cells = [&kept.kind, &kept.purpose, &kept.time];
        let cells: String = titles[1..]
            .iter()
            .zip(cells)
            .map(|(title, cell)| format!("<td data-title=\"{title}\">{}</td>", escape(cell)))
            .collect();
        let _ = writeln!(rows, "<tr><th scope=\"row\"><code>{}</code></th>{cells}</tr>", escape(&kept.key));
    }
    let _ = writeln!(out, "<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>");
}

fn version(out: &mut String, notice: &Notice, words: &Words) {
    let date = jiff::Timestamp::from_millisecond(notice.policy_saved_at).unwrap_or_default();
    let (number, date) = (notice.policy_version.to_string(), date.strftime("%Y-%m-%d").to_string());
    let version = &words.version;
    let lines = vec![
        fill(&version.policy, &[("version", &number), ("date", &date), ("hash", &notice.policy_hash)]),
        fill(&version.facts, &[("hash", &notice.notice.to_string())]),
        fill(&version.text, &[("hash", &notice.text_hash.to_string())]),
    ];
    let section = Section { id: "version", heading: version.heading.clone(), text: vec![], list: lines };
    write_section(out, &section, |_| {});
}

/// Where the script shows the visitor's own recordings; its words travel as data, which nothing runs.
fn own(out: &mut String, notice: &Notice, words: &Words) {
    let said = serde_json::to_string(&words.own).unwrap_or_default().replace('<', "\\u003c");
    let _ = writeln!(
        out,
        "<section id=\"mine\" aria-labelledby=\"own\" data-site=\"{}\">\n<h2 id=\"own\">{}</h2>\n\
         <noscript><p>{}</p></noscript>\n<script type=\"application/json\" id=\"words\">{said}</script>\n</section>",
        escape(&notice.key),
        escape(&words.own.heading),
        escape(&words.own.noscript),
    );
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_writes_is_text_in_the_page() {
        assert_eq!(escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn the_page_runs_its_own_script_alone() {
        let csp = csp("https://rec.example.com");
        assert!(
            csp.contains("script-src https://rec.example.com/visitor/own.js;") && csp.contains("trusted-types 'none'")
        );
        assert!(!csp.contains("unsafe"));
    }
}
