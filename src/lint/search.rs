//! Looks for a planted word in everything that a recorder would have sent, in each form in which it could be carried.

use crate::error::{Error, Result};
use crate::ingest::inflate;
use crate::stream::{Op, Reader, Value, split};
use serde::Serialize;

/// The name of the last event of a visit; readable under every policy.
pub const END: &str = "lint.end";

/// What kind of thing in the stream carried a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    Field,
    Text,
    Attribute,
    Style,
    Address,
    Title,
    Name,
    Note,
    /// In pieces, over several of these.
    Pieces,
}

/// How the word stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    Plain,
    UrlEncoded,
    Base64,
    Hexadecimal,
    Reversed,
}

/// Everything readable that one page would have sent.
#[derive(Debug, Default)]
pub struct Sent {
    pub batches: usize,
    pub bytes: usize,
    /// Whether the page itself was told, not only what happened on it.
    pub snapshot: bool,
    pub ended: bool,
    strings: Vec<(Carrier, String)>,
    joined: String,
}

impl Sent {
    /// Take in one batch as it left the page.
    pub fn add(&mut self, body: &[u8]) -> Result<()> {
        let opened = inflate(body)?;
        let malformed = |broken: crate::stream::Malformed| Error::Malformed { what: broken.what, at: broken.at };
        let (_, body) = split(&opened).map_err(malformed)?;
        let mut reader = Reader::new(body).map_err(malformed)?;
        self.batches += 1;
        self.bytes += opened.len();
        while let Some(op) = reader.next().map_err(malformed)? {
            match op {
                Op::Snapshot { .. } => self.snapshot = true,
                Op::Event { name: END, .. } => self.ended = true,
                _ => {}
            }
            strings_of(&op, &mut |carrier, text| {
                self.joined.push_str(text);
                self.strings.push((carrier, text.to_owned()));
            });
        }
        Ok(())
    }

    /// Where and in which form a word was sent; `None` where it was not.
    pub fn find(&self, word: &str) -> Option<(Carrier, Form)> {
        let forms = forms_of(word);
        let holds = |text: &str| {
            let lower = text.to_lowercase();
            let found = forms.iter().find(|(form, needle)| match form {
                Form::Base64 => text.contains(needle.as_str()),
                Form::Plain | Form::UrlEncoded | Form::Hexadecimal | Form::Reversed => lower.contains(needle.as_str()),
            });
            found.map(|(form, _)| *form)
        };
        let whole = self.strings.iter().find_map(|(carrier, text)| Some((*carrier, holds(text)?)));
        whole.or_else(|| Some((Carrier::Pieces, holds(&self.joined)?)))
    }
}

fn forms_of(word: &str) -> Vec<(Form, String)> {
    let word = word.to_lowercase();
    let mut forms = vec![
        (Form::Plain, word.clone()),
        (Form::Reversed, word.chars().rev().collect()),
        (Form::Hexadecimal, data_encoding::HEXLOWER.encode(word.as_bytes())),
        (Form::UrlEncoded, word.bytes().map(|byte| format!("%{byte:02x}")).collect()),
    ];
    // What stands before it in the same text shifts the bits; its first and last signs may hold bits of others.
    for shift in 0..3 {
        let shifted = format!("{}{word}", "\0".repeat(shift));
        let text = data_encoding::BASE64_NOPAD.encode(shifted.as_bytes());
        forms.push((Form::Base64, text[shift + usize::from(shift > 0)..text.len() - 1].to_owned()));
    }
    forms
}

fn strings_of(op: &Op<'_>, told: &mut impl FnMut(Carrier, &str)) {
    let mut value = |carrier, value: &Value<'_>| {
        if let Value::Shown(text) = value {
            told(carrier, text);
        }
    };
    match op {
        Op::Element { tag, attributes, .. } => {
            value(Carrier::Name, &Value::Shown(tag));
            for (name, said) in *attributes {
                value(Carrier::Name, &Value::Shown(name));
                value(carrier_of(name), said);
            }
        }
        Op::Block { tag, .. } => value(Carrier::Name, &Value::Shown(tag)),
        Op::Doctype { name, public, system, .. } => {
            for text in [name, public, system] {
                value(Carrier::Name, &Value::Shown(text));
            }
        }
        Op::Text { text, .. } | Op::SetText { text, .. } => value(Carrier::Text, &Value::Shown(text)),
        Op::Css { text } | Op::Sheet { text, .. } | Op::RuleInsert { text, .. } | Op::AdoptedSheet { text, .. } => {
            value(Carrier::Style, &Value::Shown(text));
        }
        Op::Snapshot { url, title, .. } | Op::Page { url, title } => {
            value(Carrier::Address, &Value::Shown(url));
            value(Carrier::Title, title);
        }
        Op::Attribute { name, value: said, .. } => {
            value(Carrier::Name, &Value::Shown(name));
            if let Some(said) = said {
                value(carrier_of(name), said);
            }
        }
        Op::Input { value: said, .. } => {
            if let Some(said) = said {
                value(Carrier::Field, said);
            }
        }
        Op::Error { name, message, url, .. } => {
            value(Carrier::Note, &Value::Shown(name));
            value(Carrier::Note, message);
            value(Carrier::Address, &Value::Shown(url));
        }
        Op::Log { message, .. } => value(Carrier::Note, message),
        Op::Request { url, .. } | Op::Unreadable { url, .. } => value(Carrier::Address, &Value::Shown(url)),
        Op::Event { name, properties } => {
            value(Carrier::Note, &Value::Shown(name));
            for (property, said) in *properties {
                value(Carrier::Note, &Value::Shown(property));
                value(Carrier::Note, said);
            }
        }
        Op::Tag { name, value: said } => {
            value(Carrier::Note, &Value::Shown(name));
            value(Carrier::Note, said);
        }
        Op::Canvas { picture, .. } => value(Carrier::Note, &Value::Shown(picture)),
        Op::Who { words, .. } => value(Carrier::Note, &Value::Shown(words)),
        Op::Sensitive { selector, url, .. } => {
            value(Carrier::Name, &Value::Shown(selector));
            value(Carrier::Address, &Value::Shown(url));
        }
        Op::Masked { .. }
        | Op::Comment { .. }
        | Op::Shadow { .. }
        | Op::Frame { .. }
        | Op::Moved { .. }
        | Op::End
        | Op::Time { .. }
        | Op::Add { .. }
        | Op::Remove { .. }
        | Op::SetMasked { .. }
        | Op::RuleDelete { .. }
        | Op::Adopt { .. }
        | Op::Move { .. }
        | Op::Press { .. }
        | Op::Scroll { .. }
        | Op::Focus { .. }
        | Op::Blur { .. }
        | Op::Viewport { .. }
        | Op::Visibility { .. }
        | Op::Gap { .. }
        | Op::Finish
        | Op::Part { .. }
        | Op::Cost { .. }
        | Op::Shed { .. }
        | Op::Chosen { .. }
        | Op::Mixed { .. }
        | Op::Ring { .. }
        | Op::Media { .. }
        | Op::Vital { .. }
        | Op::Zoom { .. }
        | Op::Layer { .. }
        | Op::Asset { .. }
        | Op::Rules { .. } => {}
    }
}

fn carrier_of(attribute: &str) -> Carrier {
    match attribute {
        "href" | "src" | "srcset" | "action" => Carrier::Address,
        "style" => Carrier::Style,
        _ => Carrier::Attribute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Sent {
        Sent { strings: vec![(Carrier::Text, text.to_owned())], joined: text.to_owned(), ..Sent::default() }
    }

    #[test]
    fn a_word_is_found_in_every_form() {
        for (text, form) in [
            ("so Dabefi is here", Form::Plain),
            ("ifebad", Form::Reversed),
            ("x646162656669", Form::Hexadecimal),
            ("%64%61%62%65%66%69", Form::UrlEncoded),
            ("ZGFiZWZp", Form::Base64),
            ("eGRhYmVmaQ", Form::Base64),
            ("eHhkYWJlZmk", Form::Base64),
        ] {
            assert_eq!(sent(text).find("dabefi"), Some((Carrier::Text, form)), "{text}");
        }
        assert_eq!(sent("dabef i").find("dabefi"), None);
    }

    #[test]
    fn a_word_in_pieces_is_found() {
        let sent = Sent { joined: "dab".to_owned() + "efi", ..Sent::default() };
        assert_eq!(sent.find("dabefi"), Some((Carrier::Pieces, Form::Plain)));
    }
}
