//! Cuts events out of a file while it comes in: a list of them, lines, or an export that wraps them. Memory holds one event.
//!
//! An event is an object that stands in a list, or alone. An object with one of `LISTS` in it is no event but wraps them.

use super::Wrong;

/// Keys of an object whose list holds events, at its own level or within its `data`.
const LISTS: [&str; 5] = ["events", "snapshots", "data", "recording", "results"];
/// Within `data`, where an event has lists of other things.
const INNER_LISTS: [&str; 2] = ["events", "snapshots"];
/// An object of lists, a window each.
const BY_WINDOW: &str = "snapshot_data_by_window_id";
/// Keys that name the window an event is of.
const WINDOW: [&str; 2] = ["window_id", "windowId"];
/// Bytes of one event: the longest is a snapshot with its style sheets.
pub const EVENT_BYTES_MAX: usize = 32 << 20;
/// Lists and wrappers around an event.
const AROUND_MAX: usize = 12;
/// Levels of brackets in all; deeper ones are refused before they are kept.
const DEPTH_MAX: usize = 2_300;
/// Bytes of a key or of a window's name that count.
const WORD_MAX: usize = 64;

/// An event that was cut out.
#[derive(Debug)]
pub struct Cut<'a> {
    pub bytes: &'a [u8],
    /// Where it begins in the file.
    pub at: u64,
    /// The window that it is of; empty where none is named.
    pub window: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A list whose objects are events or wrap some.
    List,
    /// An object that may be an event; it is kept.
    Event,
    /// An object that wraps lists; what else it has is passed over.
    Wrapper,
    /// Anything further in.
    Inner,
}

#[derive(Debug)]
struct Level {
    close: u8,
    role: Role,
    /// The last key of an object at the outer levels.
    key: String,
    key_next: bool,
    window: String,
}

/// Reads a file piece by piece.
#[derive(Debug, Default)]
pub struct Scanner {
    at: u64,
    levels: Vec<Level>,
    string: bool,
    escaped: bool,
    word: Vec<u8>,
    kept: Vec<u8>,
    kept_at: u64,
    /// What comes belongs to an event.
    keeping: bool,
}

impl Scanner {
    /// Take in the next bytes; `take` gets each event that ends in them.
    pub fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(Cut<'_>) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            if self.string && !self.escaped {
                // Most of a file is strings: what is in them is taken as it is, as far as it means nothing.
                let run = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                if run > 0 {
                    let (plain, behind) = rest.split_at(run);
                    self.keep(plain)?;
                    let room = (WORD_MAX + 1).saturating_sub(self.word.len());
                    self.word.extend_from_slice(&plain[..run.min(room)]);
                    self.at += run as u64;
                    rest = behind;
                    continue;
                }
            }
            // A byte order mark stands before what some programs export.
            let mark = self.at < 3 && [0xef, 0xbb, 0xbf][self.at as usize] == *byte;
            if !mark {
                self.byte(*byte, take)?;
            }
            self.at += 1;
            rest = behind;
        }
        Ok(())
    }

    /// The file has ended.
    pub fn finish(&self) -> Result<(), Wrong> {
        if self.string || !self.levels.is_empty() { Err(self.wrong("the file ends too early")) } else { Ok(()) }
    }

    fn byte(&mut self, byte: u8, take: &mut dyn FnMut(Cut<'_>) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let opens = matches!(byte, b'{' | b'[') && !self.string;
        if opens {
            self.open(byte)?;
        }
        self.keep(&[byte])?;
        if opens {
            return Ok(());
        }
        if self.string {
            self.within_string(byte);
            return Ok(());
        }
        match byte {
            b'"' => {
                self.string = true;
                self.word.clear();
            }
            b'}' | b']' => self.close(byte, take)?,
            b':' => self.set_key_next(false),
            b',' => self.set_key_next(true),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E' => {
                if self.levels.is_empty() {
                    return Err(self.wrong("this is neither a list nor an object"));
                }
            }
            _ => return Err(self.wrong("this is no JSON")),
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        if self.keeping {
            if self.kept.len() + bytes.len() > EVENT_BYTES_MAX {
                return Err(Wrong::large(format!("An event is larger than {} MiB.", EVENT_BYTES_MAX >> 20)));
            }
            self.kept.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn within_string(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.string = false;
            self.note_word();
            return;
        }
        if self.word.len() <= WORD_MAX {
            self.word.push(byte);
        }
    }

    /// A string has ended: it is a key, or names a window.
    fn note_word(&mut self) {
        if self.levels.len() > AROUND_MAX * 2 || self.word.len() > WORD_MAX {
            self.word.clear();
        }
        let word = String::from_utf8_lossy(&self.word).into_owned();
        let Some(level) = self.levels.last_mut() else { return };
        match level.role {
            Role::List if level.window.is_empty() => level.window = word,
            Role::List => {}
            Role::Event | Role::Wrapper | Role::Inner if level.close == b'}' && level.key_next => level.key = word,
            Role::Event | Role::Wrapper if WINDOW.contains(&level.key.as_str()) => level.window = word,
            Role::Event | Role::Wrapper | Role::Inner => {}
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Wrong> {
        let close = if byte == b'{' { b'}' } else { b']' };
        if self.levels.len() >= DEPTH_MAX {
            return Err(self.wrong("it nests too deeply"));
        }
        let (role, window) = self.role_of(byte);
        match role {
            Role::List => self.unwrap_around(),
            Role::Event => {
                self.kept.clear();
                self.kept_at = self.at;
            }
            Role::Wrapper | Role::Inner => {}
        }
        let around = self.levels.iter().filter(|level| level.role != Role::Inner).count();
        if matches!(role, Role::List | Role::Event) && around >= AROUND_MAX {
            return Err(self.wrong("events do not stand so deep"));
        }
        self.levels.push(Level { close, role, key: String::new(), key_next: true, window });
        self.keeping = match role {
            Role::List | Role::Wrapper => false,
            Role::Event => true,
            Role::Inner => self.keeping,
        };
        Ok(())
    }

    /// What opens here, and the window that it is of.
    fn role_of(&self, byte: u8) -> (Role, String) {
        let Some(level) = self.levels.last() else {
            return (if byte == b'[' { Role::List } else { Role::Event }, String::new());
        };
        let list = byte == b'[';
        let key = level.key.as_str();
        let of = |level: &Level| level.window.clone();
        match level.role {
            Role::List => (if list { Role::List } else { Role::Event }, of(level)),
            Role::Event | Role::Wrapper if list && LISTS.contains(&key) => (Role::List, of(level)),
            Role::Event | Role::Wrapper => (Role::Inner, of(level)),
            Role::Inner => {
                let outer = self.levels.len().checked_sub(2).map(|at| &self.levels[at]);
                let outer = outer.filter(|outer| matches!(outer.role, Role::Event | Role::Wrapper));
                match outer {
                    Some(outer) if list && outer.key == BY_WINDOW => (Role::List, key.to_owned()),
                    Some(outer) if list && outer.key == "data" && INNER_LISTS.contains(&key) => (Role::List, of(outer)),
                    Some(_) | None => (Role::Inner, String::new()),
                }
            }
        }
    }

    /// A list of events opens: what was kept up to here only wraps it.
    fn unwrap_around(&mut self) {
        for level in &mut self.levels {
            if level.role == Role::Event {
                level.role = Role::Wrapper;
            }
        }
        self.kept.clear();
    }

    fn close(&mut self, byte: u8, take: &mut dyn FnMut(Cut<'_>) -> Result<(), Wrong>) -> Result<(), Wrong> {
        match self.levels.pop() {
            Some(level) if level.close == byte => {
                if level.role == Role::Event {
                    take(Cut { bytes: &self.kept, at: self.kept_at, window: &level.window })?;
                    self.kept.clear();
                    // One huge event is no reason to hold its room for all the others.
                    self.kept.shrink_to(1 << 20);
                    self.keeping = false;
                }
                Ok(())
            }
            _ => Err(self.wrong("a bracket closes what is not open")),
        }
    }

    fn set_key_next(&mut self, next: bool) {
        if let Some(level) = self.levels.last_mut() {
            level.key_next = next;
        }
    }

    fn wrong(&self, what: &'static str) -> Wrong {
        Wrong::file(self.at, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(text: &str) -> Result<Vec<(String, String)>, Wrong> {
        let whole = cut_by(text, text.len().max(1));
        // However the file is cut into pieces, its events are the same.
        assert_eq!(format!("{whole:?}"), format!("{:?}", cut_by(text, 1)));
        whole
    }

    fn cut_by(text: &str, piece: usize) -> Result<Vec<(String, String)>, Wrong> {
        let mut scanner = Scanner::default();
        let mut found = Vec::new();
        for bytes in text.as_bytes().chunks(piece) {
            scanner.feed(bytes, &mut |cut| {
                assert!(text[cut.at as usize..].starts_with('{'));
                found.push((cut.window.to_owned(), String::from_utf8_lossy(cut.bytes).into_owned()));
                Ok(())
            })?;
        }
        scanner.finish()?;
        Ok(found)
    }

    #[test]
    fn events_are_found_in_every_kind_of_file() {
        let (a, b) = (r#"{"type":4,"data":{"href":"]}\""}}"#, r#"{"data":{"adds":[{"x":[]}]},"type":3}"#);
        let plain: Vec<_> = [a, b].map(|event| (String::new(), event.to_owned())).into();
        for text in [
            format!("[{a},{b}]"),
            format!("{a}\n{b}\n"),
            format!("\u{feff}[{a} , {b}]"),
            format!(r#"{{"version":1,"events":[{a},{b}],"more":{{"x":[1]}}}}"#),
            format!(r#"{{"id":"x","data":{{"person":{{"a":[{{}}]}},"snapshots":[{a},{b}]}}}}"#),
            format!("[[{a}],[{b}]]"),
            format!(r#"{{"data":[{{"chunk":1,"events":[{a}]}},{{"chunk":2,"events":[{b}]}}]}}"#),
        ] {
            assert_eq!(cuts(&text).unwrap(), plain, "{text}");
        }
        let windows = [("w1", a), ("w2", b)].map(|(window, event)| (window.to_owned(), event.to_owned()));
        for text in [
            format!("[\"w1\",{a}]\n[\"w2\",{b}]"),
            format!(r#"{{"window_id":"w1","data":[{a}]}}{{"window_id":"w2","data":[{b}]}}"#),
            format!(r#"{{"result":{{"x":{{}}}},"snapshot_data_by_window_id":{{"w1":[{a}],"w2":[{b}]}}}}"#),
        ] {
            assert_eq!(cuts(&text).unwrap(), windows, "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_events_is_refused() {
        for text in ["[", "{\"a\":1", "\"a", "]", "[}", "12", "\0\0\0", "<html>", "[{\"a\":\"b"] {
            assert!(cuts(text).is_err(), "{text}");
        }
        assert!(cut_by(&"[".repeat(100_000), 1_000).is_err());
        assert!(cut_by(&("{\"a\":".repeat(100_000)), 1_000).is_err());
        assert_eq!(cuts("").unwrap(), []);
    }
}
