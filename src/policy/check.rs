//! Whether a policy can be put in force: said before it is saved, with the key that is wrong.

use serde_json::Value;

use super::Policy;

/// What is wrong with a policy, and at which key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct Invalid {
    pub key: String,
    pub message: String,
}

impl Invalid {
    fn new(key: &str, message: impl Into<String>) -> Self {
        Self { key: key.to_owned(), message: message.into() }
    }
}

/// Entries of one list.
const LIST_MAX: usize = 1_000;
/// Characters of one entry.
const ENTRY_MAX: usize = 512;
/// Minutes of one recording.
pub(super) const MINUTES_MAX: u32 = 240;
/// Megabytes: ten terabytes.
const QUOTA_MAX: u32 = 10_000_000;
/// Characters of the purpose.
const PURPOSE_MAX: usize = 2_000;

impl Policy {
    /// Read a policy from JSON and check it; an unknown key is named with its nearest neighbour.
    pub fn parse(json: &str) -> Result<Self, Invalid> {
        let value: Value = serde_json::from_str(json).map_err(|error| Invalid::new("", error.to_string()))?;
        let Value::Object(given) = &value else {
            return Err(Invalid::new("", "a policy is a JSON object"));
        };
        let known = serde_json::to_value(Self::default()).expect("a policy holds nothing that JSON cannot");
        let known: Vec<&String> = known.as_object().into_iter().flat_map(|keys| keys.keys()).collect();
        for (key, value) in given {
            if !known.contains(&key) {
                let nearest = known.iter().min_by_key(|name| strsim::damerau_levenshtein(name, key));
                let nearest = nearest.map_or("", |name| name.as_str());
                return Err(Invalid::new(key, format!("unknown key; did you mean `{nearest}`?")));
            }
            // One key alone, so that the message is about it.
            let alone = serde_json::json!({ key.as_str(): value });
            serde_json::from_value::<Self>(alone).map_err(|error| Invalid::new(key, error.to_string()))?;
        }
        let policy: Self = serde_json::from_value(value).map_err(|error| Invalid::new("", error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// Whether this policy can be put in force. An empty purpose can be saved; it stops recording, not saving.
    pub fn check(&self) -> Result<(), Invalid> {
        let selectors = [("mask", &self.mask), ("block", &self.block), ("ignore", &self.ignore), ("show", &self.show)];
        for (key, list) in selectors {
            each(key, list, check_selector)?;
        }
        each("attributes", &self.attributes, check_attribute)?;
        each("paths", &self.paths, check_path)?;
        each("query", &self.query, check_parameter)?;
        each("only_urls", &self.only_urls, check_pages)?;
        each("skip_urls", &self.skip_urls, check_pages)?;
        if self.sample > 100 {
            return Err(Invalid::new("sample", "a share of visits is 0 to 100 percent"));
        }
        if !(1..=MINUTES_MAX).contains(&self.max_minutes) {
            return Err(Invalid::new("max_minutes", format!("a recording ends after 1 to {MINUTES_MAX} minutes")));
        }
        if self.min_interaction > 1 {
            return Err(Invalid::new("min_interaction", "0 sends at once, 1 once the visitor did something"));
        }
        if !(1..=3650).contains(&self.retention_days) {
            return Err(Invalid::new("retention_days", "retention is 1 to 3650 days"));
        }
        if self.quota > QUOTA_MAX {
            return Err(Invalid::new("quota", format!("a quota is 1 to {QUOTA_MAX} megabytes, or 0 for none")));
        }
        if self.purpose.chars().count() > PURPOSE_MAX {
            return Err(Invalid::new("purpose", format!("a purpose has at most {PURPOSE_MAX} characters")));
        }
        Ok(())
    }
}

fn each(key: &str, list: &[String], check: fn(&str) -> Result<(), &'static str>) -> Result<(), Invalid> {
    if list.len() > LIST_MAX {
        return Err(Invalid::new(key, format!("at most {LIST_MAX} entries")));
    }
    for entry in list {
        if entry.len() > ENTRY_MAX {
            return Err(Invalid::new(key, format!("an entry has at most {ENTRY_MAX} characters")));
        }
        check(entry).map_err(|message| Invalid::new(key, format!("`{entry}`: {message}")))?;
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
}

fn check_attribute(name: &str) -> Result<(), &'static str> {
    let fits = is_name(name) && !name.bytes().any(|byte| byte.is_ascii_uppercase());
    if fits { Ok(()) } else { Err("an attribute is named in lower-case letters, digits, `-`, `_`, `.` and `:`") }
}

fn check_parameter(name: &str) -> Result<(), &'static str> {
    if is_name(name) { Ok(()) } else { Err("a parameter is named in letters, digits, `-`, `_`, `.` and `:`") }
}

fn check_path(pattern: &str) -> Result<(), &'static str> {
    let Some(path) = pattern.strip_prefix('/') else {
        return Err("a path begins with `/`");
    };
    let segment_fits = |segment: &str| {
        let name = segment.strip_prefix(':').unwrap_or(segment);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%+@!$,'()*&=".contains(&byte);
        (!segment.starts_with(':') || !name.is_empty()) && name.bytes().all(fits)
    };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let inner = segments.peek().is_some();
        if !segment_fits(segment) || (segment.is_empty() && inner) {
            return Err(
                "a path is segments of letters, digits and `-_.~%`, or `:name` for any one segment; no `?`, `#`, `;`",
            );
        }
    }
    Ok(())
}

/// The same for pages that are recorded or not: the last segment may be `*`, for whatever follows.
fn check_pages(pattern: &str) -> Result<(), &'static str> {
    let path = pattern.strip_suffix('*').filter(|path| path.ends_with('/')).unwrap_or(pattern);
    if path.contains('*') { Err("`*` stands only as the last segment, for whatever follows") } else { check_path(path) }
}

/// A strict check of a CSS selector: a list of compounds and combinators, with balanced and closed parts. Browsers decide in the
/// end; a recorder whose browser cannot parse one records nothing.
fn check_selector(selector: &str) -> Result<(), &'static str> {
    let mut open = Vec::new();
    let mut signs = selector.chars().peekable();
    // Whether a compound is complete here, so that a comma or the end may follow.
    let mut complete = false;
    while let Some(sign) = signs.next() {
        match sign {
            '"' | '\'' if open.is_empty() => return Err("a string stands only in `[…]` or `(…)`"),
            '"' | '\'' => loop {
                match signs.next() {
                    Some('\\') => drop(signs.next()),
                    Some('\n') | None => return Err("a string is not closed"),
                    Some(end) if end == sign => break,
                    Some(_) => {}
                }
            },
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(sign) => return Err("a bracket is not opened"),
            ')' | ']' => complete = true,
            '{' | '}' | ';' | '@' | '<' | '!' | '`' | '&' => return Err("a sign that no selector has"),
            '\\' => {
                if signs.next().is_none_or(|sign| sign == '\n') {
                    return Err("an escape is not finished");
                }
                complete = true;
            }
            '.' | '#' | ':' => {
                let mut next = signs.peek().copied();
                if sign == ':' && next == Some(':') {
                    return Err("a pseudo-element is no element");
                }
                next = next.filter(|next| next.is_alphabetic() || matches!(next, '-' | '_' | '\\') || !next.is_ascii());
                if open.is_empty() && next.is_none() {
                    return Err("a name is missing behind `.`, `#` or `:`");
                }
                complete = false;
            }
            ',' | '>' | '+' | '~' if open.is_empty() => {
                if !complete && sign == ',' {
                    return Err("a part of the list is empty");
                }
                complete = false;
            }
            '=' | '^' | '$' | '|' | '/' | '%' | '?' if open.is_empty() => return Err("a sign that no selector has"),
            sign if sign.is_whitespace() => {}
            sign if open.is_empty()
                && !(sign.is_alphanumeric() || matches!(sign, '-' | '_' | '*') || !sign.is_ascii()) =>
            {
                return Err("a sign that no selector has");
            }
            _ => complete = true,
        }
    }
    if !open.is_empty() {
        Err("a bracket is not closed")
    } else if !complete {
        Err("the selector is not finished")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_that_browsers_take_are_taken_and_others_are_not() {
        for good in [
            "main",
            ".card > p",
            "#a, #b",
            "input[name=\"q\"]",
            "[data-x='a]b']",
            "li:nth-child(2n+1)",
            "a:not(.b, .c)",
            "*",
            ".md\\:flex",
            "x-card::slotted",
        ] {
            let expected = !good.contains("::");
            assert_eq!(check_selector(good).is_ok(), expected, "{good}");
        }
        for bad in ["", " ", ".", "a,", ",a", "a >", "[x", "a)", "a{", "[x=\"y]", ":", "a::before", "\\", "a b $", "=x"]
        {
            assert!(check_selector(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_patterns() {
        for good in ["/", "/product/:id", "/a/b/", "/a-b_c.d~e"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for bad in ["", "product", "/a//b", "/a?b", "/a#b", "/:", "/a b", "/a;b"] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_may_end_with_whatever_follows() {
        for good in ["/", "/*", "/account/*", "/shop/:id/*"] {
            assert_eq!(check_pages(good), Ok(()), "{good}");
        }
        for bad in ["", "*", "/a*", "/*/a", "/**", "account/*", "/a//*"] {
            assert!(check_pages(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_nearest() {
        let error = Policy::parse(r#"{"preset":"strict","retention_day":3}"#).unwrap_err();
        assert_eq!(error.key, "retention_day");
        assert!(error.message.contains("`retention_days`"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key() {
        for (json, key) in [
            (r#"{"text":"open"}"#, "text"),
            (r#"{"console":"all"}"#, "console"),
            (r#"{"network":true}"#, "network"),
            (r#"{"retention_days":0}"#, "retention_days"),
            (r#"{"retention_days":3651}"#, "retention_days"),
            (r#"{"quota":10000001}"#, "quota"),
            (r#"{"paths":["x"]}"#, "paths"),
            (r#"{"mask":["["]}"#, "mask"),
            (r#"{"attributes":["Title"]}"#, "attributes"),
            (r#"{"sample":101}"#, "sample"),
            (r#"{"sample":-1}"#, "sample"),
            (r#"{"only_urls":["/a*"]}"#, "only_urls"),
            (r#"{"skip_urls":["a"]}"#, "skip_urls"),
            (r#"{"trigger":"later"}"#, "trigger"),
            (r#"{"max_minutes":0}"#, "max_minutes"),
            (r#"{"max_minutes":241}"#, "max_minutes"),
            (r#"{"min_interaction":2}"#, "min_interaction"),
            (r#"{"dnt":"yes"}"#, "dnt"),
            (r#"{"compat":["other"]}"#, "compat"),
            (r#"{"banner":"yes"}"#, "banner"),
            (r#"{"countries":{"Czechia":"required"}}"#, "countries"),
            (r#"{"countries":{"CZ":"maybe"}}"#, "countries"),
            (r#"[]"#, ""),
        ] {
            assert_eq!(Policy::parse(json).unwrap_err().key, key, "{json}");
        }
        assert_eq!(Policy::parse("{}"), Ok(Policy::default()));
    }
}
