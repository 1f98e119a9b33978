//! JSON from somebody else, read into one flat list: however deep it nests, nothing here calls itself. Half a surrogate pair, which
//! browsers write and the standard library's strings cannot hold, is read as a replacement character.

use std::borrow::Cow;

/// Values of one event. A page of as many nodes as the mirror holds has about ten a node.
const VALUES_MAX: usize = 3_000_000;
/// A node takes two levels, its object and its list.
const DEPTH_MAX: usize = 2_200;

/// What is no JSON, and at which byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub what: &'static str,
    pub at: usize,
}

#[derive(Debug, Clone, Copy)]
enum Kind<'a> {
    Null,
    Bool(bool),
    Number(f64),
    /// As it is written, without its quotes.
    Text(&'a str),
    List,
    Object,
}

#[derive(Debug)]
struct Value<'a> {
    kind: Kind<'a>,
    /// As it is written; empty in a list.
    key: &'a str,
    first: u32,
    next: u32,
    /// Where it stands in the text.
    start: u32,
    end: u32,
}

/// A text that was read.
#[derive(Debug)]
pub struct Document<'a> {
    text: &'a str,
    values: Vec<Value<'a>>,
}

/// A value in a document.
#[derive(Debug, Clone, Copy)]
pub struct Json<'d> {
    document: &'d Document<'d>,
    at: u32,
}

/// No value has this place, since the first is the outermost.
const NONE: u32 = 0;

impl<'a> Document<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        Parser { text, bytes: text.as_bytes(), at: 0, values: Vec::new(), open: Vec::new() }.parse()
    }

    pub fn root(&'a self) -> Json<'a> {
        Json { document: self, at: 0 }
    }
}

impl<'d> Json<'d> {
    /// The value of this key of an object.
    pub fn get(self, key: &str) -> Option<Self> {
        self.fields().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The values of a list; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let mut next = match self.value().kind {
            Kind::List => self.value().first,
            _ => NONE,
        };
        std::iter::from_fn(move || self.step(&mut next))
    }

    /// Keys and values of an object; none of anything else.
    pub fn fields(self) -> impl Iterator<Item = (Cow<'d, str>, Self)> {
        let mut next = match self.value().kind {
            Kind::Object => self.value().first,
            _ => NONE,
        };
        std::iter::from_fn(move || self.step(&mut next).map(|value| (unescape(value.value().key), value)))
    }

    pub fn text(self) -> Option<Cow<'d, str>> {
        match self.value().kind {
            Kind::Text(raw) => Some(unescape(raw)),
            _ => None,
        }
    }

    pub fn number(self) -> Option<f64> {
        match self.value().kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A whole number.
    pub fn whole(self) -> Option<i64> {
        self.number().filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|number| number as i64)
    }

    pub fn bool(self) -> Option<bool> {
        match self.value().kind {
            Kind::Bool(bool) => Some(bool),
            _ => None,
        }
    }

    pub fn is_null(self) -> bool {
        matches!(self.value().kind, Kind::Null)
    }

    pub fn is_object(self) -> bool {
        matches!(self.value().kind, Kind::Object)
    }

    /// As it is written.
    pub fn raw(self) -> &'d str {
        self.document.text.get(self.value().start as usize..self.value().end as usize).unwrap_or_default()
    }

    fn value(self) -> &'d Value<'d> {
        // A handle is made only of places that are there.
        &self.document.values[self.at as usize]
    }

    fn step(self, next: &mut u32) -> Option<Self> {
        if *next == NONE {
            return None;
        }
        let here = Self { at: *next, ..self };
        *next = here.value().next;
        Some(here)
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    /// Open lists and objects, and the last value in each.
    open: Vec<(u32, u32)>,
}

impl<'a> Parser<'a> {
    fn parse(mut self) -> Result<Document<'a>, Malformed> {
        self.value("")?;
        while let Some((owner, last)) = self.open.last().copied() {
            let object = matches!(self.values[owner as usize].kind, Kind::Object);
            let close = if object { b'}' } else { b']' };
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    self.values[owner as usize].end = self.at as u32;
                    self.open.pop();
                    continue;
                }
                Some(b',') if last != NONE => self.at += 1,
                Some(_) if last == NONE => {}
                _ => return Err(self.malformed("a comma or a closing bracket is missing")),
            }
            let key = if object { self.key()? } else { "" };
            self.value(key)?;
        }
        match self.peek() {
            None => Ok(Document { text: self.text, values: self.values }),
            Some(_) => Err(self.malformed("something follows behind the value")),
        }
    }

    fn key(&mut self) -> Result<&'a str, Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.malformed("a key is missing"));
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.malformed("a colon is missing"));
        }
        self.at += 1;
        Ok(key)
    }

    fn value(&mut self, key: &'a str) -> Result<(), Malformed> {
        if self.values.len() >= VALUES_MAX {
            return Err(self.malformed("it has more values than a page has"));
        }
        let next = self.peek();
        let start = self.at as u32;
        let kind = match next {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.malformed("no value begins like this")),
            None => return Err(self.malformed("it ends too early")),
        };
        let place = self.values.len() as u32;
        self.values.push(Value { kind, key, first: NONE, next: NONE, start, end: self.at as u32 });
        if let Some((owner, last)) = self.open.last_mut() {
            match std::mem::replace(last, place) {
                NONE => self.values[*owner as usize].first = place,
                before => self.values[before as usize].next = place,
            }
        }
        if matches!(kind, Kind::Object | Kind::List) {
            self.at += 1;
            if self.open.len() >= DEPTH_MAX {
                return Err(self.malformed("it nests too deeply"));
            }
            self.open.push((place, NONE));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                return Err(self.malformed("a string does not end"));
            };
            at += found;
            if rest[found] == b'"' {
                break;
            }
            at += 2;
        }
        self.at = at + 1;
        // Behind a backslash may stand half a character only in what is no JSON.
        self.text.get(start..at).ok_or_else(|| self.malformed("a string is broken"))
    }

    fn word(&mut self, word: &str, kind: Kind<'a>) -> Result<Kind<'a>, Malformed> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(kind)
        } else {
            Err(self.malformed("no value begins like this"))
        }
    }

    fn number(&mut self) -> Result<Kind<'a>, Malformed> {
        let digits = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let length = self.bytes[self.at..].iter().take_while(|byte| digits(byte)).count();
        let number = self.text[self.at..self.at + length].parse().map_err(|_| self.malformed("a number is broken"))?;
        self.at += length;
        Ok(Kind::Number(number))
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { what, at: self.at }
    }
}

/// A string as it is meant.
fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut signs = rest.chars();
        match signs.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let (sign, length) = code_point(rest);
                out.push(sign);
                rest = &rest[length..];
                continue;
            }
            Some(sign) => out.push(sign),
            None => {}
        }
        rest = signs.as_str();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that `uXXXX`, or a pair of them, stands for, and how long that is.
fn code_point(text: &str) -> (char, usize) {
    let unit = |from: usize| text.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let lost = char::REPLACEMENT_CHARACTER;
    match unit(1) {
        Some(high @ 0xd800..=0xdbff) if text.get(5..7) == Some("\\u") => match unit(7) {
            Some(low @ 0xdc00..=0xdfff) => {
                (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or(lost), 11)
            }
            _ => (lost, 5),
        },
        Some(unit) => (char::from_u32(unit).unwrap_or(lost), 5),
        None => (lost, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_meant() {
        let text = r#" {"a":[1,-2.5e1,{"b":null}],"c\n":"\ud83d\ude00 \ud83d x é\u00e9\"\/","d":true,"e":{},"f":[]} "#;
        let document = Document::parse(text).unwrap();
        let root = document.root();
        let list: Vec<_> = root.get("a").unwrap().items().collect();
        assert_eq!((list[0].whole(), list[1].number(), list.len()), (Some(1), Some(-25.0), 3));
        assert!(list[2].get("b").unwrap().is_null());
        assert_eq!(root.get("c\n").unwrap().text().unwrap(), "😀 \u{fffd} x éé\"/");
        assert_eq!(root.get("d").unwrap().bool(), Some(true));
        assert_eq!(root.get("e").unwrap().fields().count() + root.get("f").unwrap().items().count(), 0);
        assert_eq!((root.get("a").unwrap().raw(), root.get("d").unwrap().raw()), (r#"[1,-2.5e1,{"b":null}]"#, "true"));
        assert!(root.get("g").is_none() && root.get("d").unwrap().get("x").is_none());
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("[1 2]", 3),
            ("[,1]", 1),
            ("{\"a\" 1}", 5),
            ("{1:2}", 1),
            ("\"a", 0),
            ("[1]x", 3),
            ("nul", 0),
            ("--", 0),
            ("[1}", 2),
        ] {
            assert_eq!(Document::parse(text).err().map(|error| error.at), Some(at), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_and_costs_no_stack() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Document::parse(&deep(DEPTH_MAX)).is_ok());
        assert_eq!(Document::parse(&deep(1_000_000)).err().map(|error| error.what), Some("it nests too deeply"));
    }
}
