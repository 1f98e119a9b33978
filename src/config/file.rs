//! The configuration file: TOML. An unknown key is an error that names its line and the nearest key there is.

use crate::error::{Error, Result};
use crate::model::SiteKey;
use crate::policy::{Fixed, Invalid};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Every key, with what it means.
pub const KEYS: &[(&str, &str)] = &[
    ("listen", "address or addresses to listen on, such as \"127.0.0.1:8080\""),
    ("data", "directory that holds everything recorded"),
    ("key_file", "file of the master key; beside the data directory where it is left out"),
    ("public_url", "where browsers reach this server, such as \"https://rec.example.com\""),
    ("behind_proxy", "true where a proxy in front of this server ends TLS"),
    ("trusted_proxies", "addresses or ranges whose X-Forwarded-For is believed"),
    ("geo_mmdb", "your own database of countries (MMDB), asked before the one that comes along"),
    ("backup_dir", "directory that the server backs itself up to once a day; best on another disk"),
    ("site_batches_per_second", "batches taken for one site"),
    ("client_batches_per_second", "batches taken from one address"),
    ("queue_batches", "batches that may wait for the disk before the door says busy"),
    ("policy", "a table of policy keys that hold for every site and cannot be changed elsewhere"),
    ("sites", "the same for one site: [sites.KEY.policy]"),
];

/// Alike enough to be what was meant.
const NEAR: f64 = 0.6;

/// The file as it stands.
#[derive(Debug, Default, Deserialize)]
pub struct File {
    #[serde(default, deserialize_with = "one_or_many")]
    pub listen: Option<Vec<String>>,
    pub data: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub public_url: Option<String>,
    pub behind_proxy: Option<bool>,
    pub trusted_proxies: Option<Vec<String>>,
    pub geo_mmdb: Option<PathBuf>,
    pub backup_dir: Option<PathBuf>,
    pub site_batches_per_second: Option<u32>,
    pub client_batches_per_second: Option<u32>,
    pub queue_batches: Option<usize>,
    #[serde(default)]
    pub policy: Map<String, Value>,
    #[serde(default)]
    pub sites: BTreeMap<SiteKey, SiteTable>,
}

/// What the file says of one site.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTable {
    #[serde(default)]
    pub policy: Map<String, Value>,
}

/// Read and check a file. What is wrong is named as `file:line`.
pub fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::Config(format!("{} cannot be read: {cause}.", path.display())))?;
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, name: &str) -> Result<File> {
    let wrong = |span: Option<Range<usize>>, message: &str| {
        let at = span.map_or(0, |span| span.start.min(text.len()));
        let line = text[..at].matches('\n').count() + 1;
        Error::Config(format!("{name}:{line}: {message}"))
    };
    let table = DeTable::parse(text).map_err(|cause| wrong(cause.span(), cause.message()))?;
    for key in table.get_ref().keys() {
        let written = key.get_ref().as_ref();
        if KEYS.iter().any(|(known, _)| *known == written) {
            continue;
        }
        let nearest = KEYS
            .iter()
            .map(|(known, _)| (strsim::jaro_winkler(known, written), *known))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(likeness, _)| *likeness >= NEAR);
        let hint = nearest.map_or_else(String::new, |(_, known)| format!(" Did you mean `{known}`?"));
        return Err(wrong(Some(key.span()), &format!("unknown key `{written}`.{hint}")));
    }
    let file: File = toml::from_str(text).map_err(|cause| wrong(cause.span(), cause.message()))?;
    let tables = file.sites.iter().map(|(key, site)| (vec!["sites", key.as_str(), "policy"], &site.policy));
    for (path, keys) in std::iter::once((vec!["policy"], &file.policy)).chain(tables) {
        Fixed::check(keys).map_err(|Invalid { key, message }| {
            wrong(place_of(table.get_ref(), &path, &key), &format!("[{}] `{key}`: {message}.", path.join(".")))
        })?;
    }
    Ok(file)
}

/// Where a key of a table within tables stands.
fn place_of(table: &DeTable<'_>, path: &[&str], key: &str) -> Option<Range<usize>> {
    match path {
        [] => table.iter().find(|(name, _)| name.get_ref() == key).map(|(name, _)| name.span()),
        [first, rest @ ..] => place_of(table.get(*first)?.get_ref().as_table()?, rest, key),
    }
}

/// `listen = "…"` or `listen = ["…", "…"]`.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(match Form::deserialize(deserializer)? {
        Form::One(one) => vec![one],
        Form::Many(many) => many,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read() {
        let file = parse("listen = \"127.0.0.1:1\"\nbehind_proxy = true\nqueue_batches = 4\n", "f").unwrap();
        assert_eq!(file.listen, Some(vec!["127.0.0.1:1".to_owned()]));
        assert_eq!((file.behind_proxy, file.queue_batches), (Some(true), Some(4)));
        assert_eq!(parse("listen = [\"a\", \"b\"]", "f").unwrap().listen.map(|list| list.len()), Some(2));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, message) in [
            ("\n\nlistn = \"x\"", "f.toml:3: unknown key `listn`. Did you mean `listen`?"),
            ("zzz = 1", "f.toml:1: unknown key `zzz`."),
            ("data = \"x\"\nbehind_proxy = \"yes\"", "f.toml:2: "),
            ("data = ", "f.toml:1: "),
            (
                "[policy]\nforms = \"off\"\ntxt = \"mask\"",
                "f.toml:3: [policy] `txt`: unknown key; did you mean `text`?",
            ),
            ("[policy]\ntext = \"hide\"", "f.toml:2: [policy] `text`: unknown variant `hide`"),
            ("[sites.shop.policy]\ntext = \"mask\"", "f.toml:1: "),
            (
                "\n[sites.abcdefghijklmnopqrst]\npolicy.mask = [\"div[\"]",
                "f.toml:3: [sites.abcdefghijklmnopqrst.policy] `mask`: ",
            ),
            ("[sites.abcdefghijklmnopqrst]\npolice = 1", "f.toml:2: unknown field `police`"),
        ] {
            let error = parse(text, "f.toml").unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            assert_eq!(error.exit_code(), 78);
        }
    }
}
