//! What a style sheet mentions: under a mask of all text, names of the page's own are told only where a sheet does.
//! Twin of `assets/recorder/src/observe/mention.ts`.

/// Each name that these rules mention is given to `take`: a class, an id, an attribute's value in a selector, a name with a dash. What
/// matches besides does no harm: it is the sheet's own.
pub fn mentions(css: &str, take: &mut dyn FnMut(&str)) {
    let bytes = css.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let found = match byte {
            b'.' | b'#' => Some(at + 1..escaped_name(css, at + 1)),
            b'=' => {
                let spaced = at + 1 + run(&css[at + 1..], char::is_whitespace);
                let from = spaced + usize::from(matches!(bytes.get(spaced), Some(b'"' | b'\'')));
                Some(from..from + run(&css[from..], is_dashed))
            }
            b'a'..=b'z' | b'-' => dashed_name(css, at),
            _ => None,
        };
        match found.filter(|found| !found.is_empty()) {
            Some(found) => {
                at = found.end;
                let name = &css[found];
                if name.contains('\\') { take(&unescaped(name)) } else { take(name) }
            }
            // Within a word without a dash none begins.
            None if byte.is_ascii_lowercase() => at += run(&css[at..], is_word),
            None => at += 1,
        }
    }
}

/// Where the name ends that begins here; escaped signs belong to it.
fn escaped_name(css: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(sign) = css[at..].chars().next() {
        at += match sign {
            '\\' => match css[at + 1..].chars().next() {
                Some(escaped) if !matches!(escaped, '\n' | '\r' | '\u{2028}' | '\u{2029}') => 1 + escaped.len_utf8(),
                Some(_) | None => break,
            },
            sign if is_dashed(sign) || !sign.is_ascii() => sign.len_utf8(),
            _ => break,
        };
    }
    at
}

/// A name that begins here and has a dash in it or before it.
fn dashed_name(css: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let dash = from + 1 + run(&css[from + 1..], is_word);
    css[dash..].starts_with('-').then(|| from..dash + run(&css[dash..], is_dashed))
}

fn unescaped(name: &str) -> String {
    let mut signs = name.chars();
    let mut out = String::with_capacity(name.len());
    while let Some(sign) = signs.next() {
        out.extend(if sign == '\\' { signs.next() } else { Some(sign) });
    }
    out
}

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

fn is_dashed(sign: char) -> bool {
    is_word(sign) || sign == '-'
}

fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|sign| !fits(sign)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn sheets_mention_what_the_recorder_says() {
        let cases: Vec<(String, Vec<String>)> = fixtures::read("mention", "mentions");
        for (css, wanted) in cases {
            let mut found = Vec::new();
            mentions(&css, &mut |name| found.push(name.to_owned()));
            assert_eq!(found, wanted, "{css}");
        }
    }
}
