//! Answers on standard output: one JSON value, or lines for people.

use crate::error::{Error, Result};
use serde_json::Value;
use std::io::Write;

/// Print `value` where JSON is asked for, else the lines.
pub fn answer(json: bool, value: &Value, lines: impl FnOnce() -> String) -> Result<()> {
    line(&if json { value.to_string() } else { lines() })
}

pub fn line(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n')).map_err(|cause| Error::internal("standard output", cause))
}

/// Columns of equal width; the last is left as long as it is.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let widths: Vec<usize> =
        (0..head.len()).map(|column| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in all {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A time as people read it, in UTC.
pub fn time(at: crate::model::Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "?".to_owned(),
    }
}
