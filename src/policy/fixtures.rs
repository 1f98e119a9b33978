//! Reads the cases that hold the hiding functions of both languages to the same answers.

use serde::de::DeserializeOwned;

/// The cases of one function: what is given, and what must come of it. `HIDING_TEXT=other.json` reads others, to compare the
/// twins on more cases than a repository wants to keep.
pub fn read<T: DeserializeOwned>(file: &str, function: &str) -> Vec<T> {
    let path = std::env::var(format!("HIDING_{}", file.to_uppercase()))
        .unwrap_or_else(|_| format!("{}/tests/fixtures/hiding/{file}.json", env!("CARGO_MANIFEST_DIR")));
    let text = std::fs::read_to_string(&path).expect("the fixtures are part of the repository");
    let mut cases: serde_json::Value = serde_json::from_str(&text).expect("fixtures are JSON");
    serde_json::from_value(cases[function].take()).unwrap_or_else(|error| panic!("{file}.{function}: {error}"))
}
