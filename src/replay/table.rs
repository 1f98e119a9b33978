//! The list of recordings as a table that spreadsheets open (CSV, RFC 4180). What a cell holds may come from strangers: none is a formula.

use super::list::{self, List, Pairs};
use crate::access::{Principal, Watcher};
use crate::app::App;
use crate::error::Result;
use crate::json::{Json, Query};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header;
use serde_json::Value;
use std::sync::Arc;

/// Recordings read at once.
const ROWS: u32 = 200;
/// Spreadsheets know by it that the file is UTF-8.
const MARK: &str = "\u{feff}";

/// What a column shows of a recording as the API has it; a dot leads into what it holds.
const COLUMNS: [&str; 32] = [
    "id",
    "site",
    "started_at",
    "ended_at",
    "duration_ms",
    "state",
    "pages",
    "clicks",
    "inputs",
    "events",
    "entry",
    "exit",
    "device",
    "browser",
    "os",
    "country",
    "bot",
    "width",
    "height",
    "visitor",
    "preset",
    "policy_version",
    "consent.basis",
    "gaps",
    "watched",
    "imported",
    "signals.rage",
    "signals.dead",
    "signals.error_clicks",
    "signals.quick_backs",
    "signals.errors",
    "expires_at",
];
/// Columns of moments: milliseconds since 1970 in the API, a date and a time in UTC here.
const MOMENTS: [&str; 3] = ["started_at", "ended_at", "expires_at"];

/// The list with all of its pages, as CSV.
#[utoipa::path(get, path = "/api/v1/recordings.csv", tag = "recordings", params(super::asked::Asked),
    responses((status = 200, description = "A line for each recording, below one of names.", body = String, content_type = "text/csv"),
              (status = 403, description = "The role may not watch.")))]
pub async fn csv(
    State(app): State<Arc<App>>,
    Watcher(watcher): Watcher,
    Query(asked): Query<Pairs>,
) -> Result<Response> {
    // Whatever is wrong with what is asked is answered before the first line.
    let first = page(&app, &watcher, &asked, None).await?;
    let begin = (Some(first), MARK.to_owned() + &head());
    let lines = stream::unfold(Some(begin), move |state| {
        let (app, watcher, asked) = (app.clone(), watcher.clone(), asked.clone());
        async move {
            let (list, mut text) = state?;
            let list = list?;
            text.extend(list.items.iter().map(|view| line(&serde_json::json!(view))));
            let next = match list.next {
                None => Ok(None),
                Some(cursor) => page(&app, &watcher, &asked, Some(cursor)).await.map(Some),
            };
            match next {
                Ok(next) => Some((Ok(Bytes::from(text)), next.map(|list| (Some(list), String::new())))),
                Err(error) => {
                    tracing::error!(cause = %error, "the list of recordings could not be read to its end");
                    // Breaks the answer off, so that nobody takes a part for the whole.
                    Some((Err(error), None))
                }
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"recordings.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

async fn page(app: &Arc<App>, watcher: &Principal, asked: &Pairs, cursor: Option<String>) -> Result<List> {
    // How many come at once is this table's own matter, and so is where the next page begins.
    let own = |name: &str| name == "limit" || name == "facets" || (name == "cursor" && cursor.is_some());
    let mut pairs: Pairs = asked.iter().filter(|(name, _)| !own(name)).cloned().collect();
    pairs.push(("limit".to_owned(), ROWS.to_string()));
    pairs.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
    let Json(list) = list::list(State(app.clone()), Watcher(watcher.clone()), Query(pairs)).await?;
    Ok(list)
}

/// The line of names.
pub fn head() -> String {
    joined(COLUMNS.iter().map(|name| cell(&name.replace('.', "_"))))
}

/// The line of a recording, as the API has it.
pub fn line(recording: &Value) -> String {
    joined(COLUMNS.iter().map(|name| {
        let value = name.split('.').fold(recording, |value, key| &value[key]);
        match value {
            Value::Null => String::new(),
            Value::Number(at) if MOMENTS.contains(name) => cell(&moment(at.as_i64().unwrap_or(0))),
            Value::String(text) => cell(text),
            other => cell(&other.to_string()),
        }
    }))
}

fn moment(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell that says what it says: a spreadsheet takes what begins like a formula for one, behind spaces too, and quotes do not change that.
fn cell(text: &str) -> String {
    let begins =
        |sign: char| matches!(sign, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '|' | '%');
    let formula = text.starts_with(begins) || text.trim_start().starts_with(begins);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', ';', '\r', '\n', '\t', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_its_line() {
        for (text, wanted) in [
            ("plain", "plain"),
            ("https://shop.example/a", "https://shop.example/a"),
            ("=1+1", "\"'=1+1\""),
            ("+420", "\"'+420\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "\"'  =1\""),
            ("＝1", "\"'＝1\""),
            ("a,\"b\"\r\nc", "\"a,\"\"b\"\"\r\nc\""),
            ("a;=1", "\"a;=1\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_line_has_a_cell_for_each_name() {
        let recording = serde_json::json!({ "id": "0a", "started_at": 1_700_000_000_000_i64, "entry": "=cmd|'/c calc'!A1", "watched": false,
            "visitor": null, "consent": { "basis": "granted" }, "signals": { "rage": 2 } });
        let line = line(&recording);
        assert!(line.starts_with("0a,,2023-11-14 22:13:20,") && line.ends_with("\r\n"));
        assert!(line.contains(",\"'=cmd|'/c calc'!A1\",") && line.contains(",granted,") && line.contains(",false,"));
        assert_eq!(line.matches(',').count(), COLUMNS.len() - 1);
        assert_eq!(head().matches(',').count(), COLUMNS.len() - 1);
    }
}
