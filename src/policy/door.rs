//! The rules of the door, one op at a time. Every op and every mode is decided here by name: a new one does not compile until
//! someone decides it.

use std::collections::HashMap;

use super::attribute::{accepts, is_markup, may_be_masked, may_go};
use super::doctype::is_doctype;
use super::note::{is_error_name, is_note_name, is_pseudonym};
use super::place::is_place;
use super::reach::may_record;
use super::{
    Field, FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, UrlMode, hide_css, redact, reduce_url,
    secret_field,
};
use crate::model::{NodeId, VisitId};
use crate::stream::{INPUT_BUCKET, Known as KnownBy, Op, Value};

/// Bytes of one text, or of one sheet of style rules.
pub const TEXT_MAX: usize = 1 << 20;

/// What is done with an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    /// It passes once what looks personal, or is for the operator alone, is taken out.
    Redact,
    Refuse {
        rule: &'static str,
        node: Option<NodeId>,
    },
}

/// What the batch itself has said of an element.
#[derive(Debug, Default)]
struct Known {
    tag: String,
    kind: String,
    /// It was a field that is never recorded.
    secret: bool,
    /// It was told as a box of its size, and is nothing else.
    boxed: bool,
}

/// What a batch is measured against, and what it has said so far.
pub(super) struct Door<'p> {
    captured: &'p Policy,
    policy: &'p Policy,
    known: HashMap<NodeId, Known>,
    /// The tags of the open child lists; empty for roots and runs.
    open: Vec<String>,
}

const ALLOWED: Result<Verdict, &str> = Ok(Verdict::Pass);

impl<'p> Door<'p> {
    /// `policy` is the strictest of all; `captured` the one whose `show` rules the batch counts by.
    pub fn new(captured: &'p Policy, policy: &'p Policy) -> Self {
        Self { captured, policy, known: HashMap::new(), open: Vec::new() }
    }

    pub fn pass(&mut self, op: &Op<'_>) -> Verdict {
        let node = node_of(op);
        match self.judge(op) {
            Ok(verdict) => verdict,
            Err(rule) => Verdict::Refuse { rule, node },
        }
    }

    fn judge(&mut self, op: &Op<'_>) -> Result<Verdict, &'static str> {
        match *op {
            Op::Element { id, tag, attributes, open, .. } => {
                let verdict = self.element(id, tag, attributes)?;
                if open {
                    self.open.push(tag.to_ascii_lowercase());
                }
                Ok(verdict)
            }
            Op::Text { text, rule, .. } => {
                self.place(text.trim().is_empty())?;
                self.text(text, rule)
            }
            Op::Masked { .. } => {
                self.place(false)?;
                ALLOWED
            }
            Op::Comment { .. } | Op::Moved { .. } => self.child(),
            Op::Doctype { name, public, system, .. } => {
                self.child()?;
                if is_doctype(name, public, system) { ALLOWED } else { Err("doctype") }
            }
            Op::Shadow { .. } | Op::Frame { .. } => {
                self.child()?;
                self.open.push(String::new());
                ALLOWED
            }
            Op::Css { text } => match self.open.last().map(String::as_str) {
                Some("style" | "link") => self.style(text),
                Some(_) | None => Err("style-place"),
            },
            Op::Block { id, tag, .. } => {
                self.child()?;
                tag_of(tag)?;
                self.known.insert(id, Known { tag: tag.to_ascii_lowercase(), boxed: true, ..Known::default() });
                ALLOWED
            }
            Op::End => {
                self.open.pop();
                ALLOWED
            }
            Op::Time { .. } => ALLOWED,
            Op::Snapshot { url, title, .. } => {
                self.known.clear();
                self.open.push(String::new());
                self.address(url, title)
            }
            Op::Add { parent, .. } => {
                self.is_open(parent)?;
                let tag = self.known.get(&parent).map(|known| known.tag.clone());
                self.open.push(tag.unwrap_or_default());
                ALLOWED
            }
            Op::Remove { .. } => ALLOWED,
            Op::Attribute { id, name, value } => self.attribute(id, name, value),
            Op::SetText { text, rule, .. } => self.text(text, rule),
            Op::SetMasked { .. } => ALLOWED,
            Op::Sheet { text, .. } | Op::RuleInsert { text, .. } | Op::AdoptedSheet { text, .. } => self.style(text),
            Op::RuleDelete { .. } | Op::Adopt { .. } => ALLOWED,
            // Sizes and points have their bounds in the grammar.
            Op::Move { .. }
            | Op::Press { .. }
            | Op::Scroll { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Viewport { .. }
            | Op::Zoom { .. }
            | Op::Visibility { .. } => ALLOWED,
            Op::Input { id, value, checked, .. } => self.input(id, value, checked),
            Op::Media { .. } => self.media(),
            Op::Canvas { picture, .. } => {
                if self.policy.shows_canvas() && is_picture(picture) {
                    ALLOWED
                } else {
                    Err("canvas")
                }
            }
            Op::Chosen { id, .. } | Op::Mixed { id, .. } => self.choice(id),
            Op::Page { url, title } => self.address(url, title),
            Op::Error { name, message, url, .. } => {
                note_name(name)?;
                if !is_error_name(name, self.policy.text) {
                    return Err("error-name");
                }
                self.reduced(url)?;
                match (self.policy.console, message) {
                    (MetaMode::Off | MetaMode::Meta, Value::Shown(_)) => Err("console"),
                    (MetaMode::Off | MetaMode::Meta | MetaMode::Redact, message) => self.note(message),
                }
            }
            Op::Log { message, .. } => match (self.policy.console, message) {
                (MetaMode::Off, _) | (MetaMode::Meta, Value::Shown(_)) => Err("console"),
                (MetaMode::Meta | MetaMode::Redact, message) => self.note(message),
            },
            Op::Request { url, .. } => match self.policy.network {
                MetaMode::Off => Err("network"),
                MetaMode::Meta if !url.is_empty() => Err("network"),
                MetaMode::Meta | MetaMode::Redact => self.reduced(url),
            },
            Op::Event { name, properties } => {
                note_name(name)?;
                let mut verdict = Verdict::Pass;
                for (property, value) in properties {
                    note_name(property)?;
                    if self.note(*value)? == Verdict::Redact {
                        verdict = Verdict::Redact;
                    }
                }
                Ok(verdict)
            }
            Op::Tag { name, value } => {
                note_name(name)?;
                self.note(value)
            }
            // A number that the browser measured.
            Op::Vital { .. } => ALLOWED,
            Op::Gap { .. }
            | Op::Finish
            | Op::Layer { .. }
            | Op::Ring { .. }
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Shed { .. } => ALLOWED,
            Op::Asset { .. } => self.media(),
            Op::Unreadable { url, .. } => {
                self.media()?;
                if reduce_url(url, self.policy) == url { ALLOWED } else { Err("address") }
            }
            Op::Rules { places, .. } => {
                let rules = self.captured.rules().count();
                let known = places.iter().all(|place| usize::try_from(*place).is_ok_and(|place| place < rules));
                if known { Ok(Verdict::Redact) } else { Err("rules") }
            }
            // Taken out on its way too: what is kept of it stands beside the recording.
            Op::Who { kind, words } => match (self.policy.identity, kind) {
                (Identity::None, KnownBy::Id | KnownBy::Pseudonym) => Err("identity"),
                (Identity::Visit | Identity::Visitor, KnownBy::Id) if words.parse::<VisitId>().is_err() => {
                    Err("identity")
                }
                (Identity::Visit | Identity::Visitor, KnownBy::Pseudonym) if !is_pseudonym(words) => Err("pseudonym"),
                (Identity::Visit | Identity::Visitor, KnownBy::Id | KnownBy::Pseudonym) => Ok(Verdict::Redact),
            },
            // It is taken out on its way: findings are no part of a recording.
            Op::Sensitive { selector, url, .. } => match is_place(selector, self.policy) {
                true if reduce_url(url, self.policy) == url => Ok(Verdict::Redact),
                true => Err("address"),
                false => Err("place"),
            },
        }
    }

    /// Whether media, pictures and fonts may be told of at all.
    fn media(&self) -> Result<Verdict, &'static str> {
        match self.policy.media {
            MediaMode::Block => Err("media"),
            MediaMode::SameOrigin | MediaMode::Show => ALLOWED,
        }
    }

    /// Whether any node may stand in the list that is open: style elements hold rules alone.
    fn child(&self) -> Result<Verdict, &'static str> {
        match self.open.last().map(String::as_str) {
            Some("style" | "link") => Err("style-place"),
            Some(_) | None => ALLOWED,
        }
    }

    /// Whether anything may be told of this element: of a box it may not.
    fn is_open(&self, id: NodeId) -> Result<(), &'static str> {
        if self.known.get(&id).is_some_and(|known| known.boxed) { Err("box") } else { Ok(()) }
    }

    /// Whether characters may be told of here; `blank` ones are layout.
    fn place(&self, blank: bool) -> Result<Verdict, &'static str> {
        self.child()?;
        match (self.open.last().map(String::as_str), self.policy.forms) {
            (Some("textarea"), FormMode::Off | FormMode::Masked | FormMode::Record) if !blank => Err("form-text"),
            (Some(_) | None, FormMode::Off | FormMode::Masked | FormMode::Record) => ALLOWED,
        }
    }

    fn text(&self, text: &str, rule: u32) -> Result<Verdict, &'static str> {
        if text.len() > TEXT_MAX {
            return Err("text-size");
        }
        // White space is told as the one space that it renders as.
        let blank = matches!(text, "" | " ");
        let in_choice =
            matches!(self.open.last().map(String::as_str), Some("option" | "optgroup" | "datalist" | "select"));
        match self.policy.forms {
            FormMode::Off | FormMode::Masked if in_choice && !text.trim().is_empty() => return Err("form-text"),
            FormMode::Off | FormMode::Masked | FormMode::Record => {}
        }
        if rule > 0 {
            self.show_rule(rule)?;
            return clean(text, "text-personal");
        }
        match self.policy.text {
            TextMode::Mask if blank => ALLOWED,
            TextMode::Mask => Err("text"),
            TextMode::Redact => clean(text, "text-personal"),
            TextMode::Show => Ok(redactable(text)),
        }
    }

    /// Whether the policy has this `show` rule, and it still counts.
    fn show_rule(&self, rule: u32) -> Result<(), &'static str> {
        match self.captured.text {
            TextMode::Mask => {}
            TextMode::Redact | TextMode::Show => return Err("show-rule"),
        }
        let selector = usize::try_from(rule).ok().and_then(|rule| self.captured.show.get(rule - 1));
        match selector {
            Some(selector) if self.policy.show.contains(selector) => Ok(()),
            Some(_) | None => Err("show-rule"),
        }
    }

    fn style(&self, text: &str) -> Result<Verdict, &'static str> {
        if text.len() > TEXT_MAX * 4 {
            Err("text-size")
        } else if hide_css(text, self.policy) == text {
            ALLOWED
        } else {
            Err("style")
        }
    }

    fn element(&mut self, id: NodeId, tag: &str, attributes: &[(&str, Value<'_>)]) -> Result<Verdict, &'static str> {
        self.child()?;
        tag_of(tag)?;
        let tag = tag.to_ascii_lowercase();
        let of = |wanted: &str| {
            attributes.iter().find_map(|(name, value)| match value {
                Value::Shown(text) if name.eq_ignore_ascii_case(wanted) => Some(*text),
                Value::Shown(_) | Value::Masked(_) => None,
            })
        };
        let kind = of("type").unwrap_or_default();
        let mut verdict = Verdict::Pass;
        for (name, value) in attributes {
            if self.one_attribute(&[(tag.as_str(), kind)], name, *value)? == Verdict::Redact {
                verdict = Verdict::Redact;
            }
        }
        let secret = is_control(&tag) && {
            let [name, id, placeholder, aria_label] =
                ["name", "id", "placeholder", "aria-label"].map(|wanted| of(wanted).unwrap_or_default());
            secret_field(&Field { kind, name, id, placeholder, aria_label, ..Field::default() }).is_some()
        };
        self.known.insert(id, Known { kind: kind.to_owned(), tag, secret, boxed: false });
        Ok(verdict)
    }

    fn attribute(&mut self, id: NodeId, name: &str, value: Option<Value<'_>>) -> Result<Verdict, &'static str> {
        name_of(name)?;
        self.is_open(id)?;
        let known = self.known.get(&id);
        let one = known.map(|known| [(known.tag.as_str(), known.kind.as_str())]);
        let readings = one.as_ref().map_or(&UNKNOWN[..], |one| &one[..]);
        let Some(value) = value else {
            let gone = readings.iter().any(|(tag, kind)| may_go(tag, name, kind, self.policy));
            return if gone { ALLOWED } else { Err("attribute") };
        };
        let verdict = self.one_attribute(readings, name, value)?;
        if let Value::Shown(text) = value {
            self.remember(id, name, text);
        }
        Ok(verdict)
    }

    /// A field that becomes a secret one stays it.
    fn remember(&mut self, id: NodeId, name: &str, text: &str) {
        let mut field = Field::default();
        match name.to_ascii_lowercase().as_str() {
            "type" => field.kind = text,
            "name" => field.name = text,
            "id" => field.id = text,
            "placeholder" => field.placeholder = text,
            "aria-label" => field.aria_label = text,
            _ => return,
        }
        match self.known.get_mut(&id) {
            Some(known) if is_control(&known.tag) => known.secret |= secret_field(&field).is_some(),
            Some(_) => {}
            // What it is was said in an earlier batch; only its type is telling by itself.
            None if !field.kind.is_empty() && secret_field(&field).is_some() => {
                self.known
                    .insert(id, Known { tag: "input".to_owned(), kind: text.to_owned(), secret: true, boxed: false });
            }
            None => {}
        }
    }

    /// An attribute as one of these readings of its element's tag and type allows it.
    fn one_attribute(&self, readings: &[(&str, &str)], name: &str, value: Value<'_>) -> Result<Verdict, &'static str> {
        name_of(name)?;
        let text = match value {
            Value::Masked(bucket) => {
                let forms = self.policy.forms;
                let seen = readings.iter().any(|(tag, kind)| may_be_masked(tag, name, kind, bucket, forms));
                return if seen { ALLOWED } else { Err("attribute") };
            }
            Value::Shown(text) => text,
        };
        if text.len() > TEXT_MAX {
            return Err("text-size");
        }
        let reading = readings.iter().find(|(tag, kind)| accepts(tag, name, text, self.policy, kind));
        match (reading, self.policy.text) {
            (None, TextMode::Mask | TextMode::Redact | TextMode::Show) => Err("attribute"),
            (Some((tag, _)), TextMode::Show) if super::attribute::is_words(tag, name) => Ok(redactable(text)),
            (Some(_), TextMode::Mask | TextMode::Redact | TextMode::Show) => ALLOWED,
        }
    }

    /// Words that the page said of itself.
    fn note(&self, words: Value<'_>) -> Result<Verdict, &'static str> {
        match (words, self.policy.text) {
            (Value::Masked(_), TextMode::Mask | TextMode::Redact | TextMode::Show) => ALLOWED,
            (Value::Shown(_), TextMode::Mask) => Err("note"),
            (Value::Shown(text), TextMode::Redact | TextMode::Show) if text.len() > NOTE_BYTES_MAX => Err("text-size"),
            (Value::Shown(text), TextMode::Redact) => clean(text, "note-personal"),
            (Value::Shown(text), TextMode::Show) => Ok(redactable(text)),
        }
    }

    /// An address that is no page's own; empty where there is none to tell.
    fn reduced(&self, url: &str) -> Result<Verdict, &'static str> {
        if url.is_empty() || reduce_url(url, self.policy) == url { ALLOWED } else { Err("address") }
    }

    fn address(&self, url: &str, title: Value<'_>) -> Result<Verdict, &'static str> {
        if reduce_url(url, self.policy) != url {
            return Err("address");
        }
        if !may_record(url, self.policy) {
            return Err("skipped");
        }
        match (title, self.policy.urls, self.policy.text) {
            (Value::Masked(_), _, _) => ALLOWED,
            (Value::Shown(_), UrlMode::Listed, TextMode::Mask | TextMode::Redact | TextMode::Show) => Err("title"),
            (Value::Shown(_), UrlMode::Generalised | UrlMode::Path, TextMode::Mask) => Err("title"),
            (Value::Shown(title), UrlMode::Generalised | UrlMode::Path, TextMode::Redact) => {
                clean(title, "title-personal")
            }
            (Value::Shown(title), UrlMode::Generalised | UrlMode::Path, TextMode::Show) => Ok(redactable(title)),
        }
    }

    /// What was chosen or toggled is content of the form.
    fn choice(&self, id: NodeId) -> Result<Verdict, &'static str> {
        if self.known.get(&id).is_some_and(|known| known.secret) {
            return Err("secret-field");
        }
        match self.policy.forms {
            FormMode::Off | FormMode::Masked => Err("forms"),
            FormMode::Record => ALLOWED,
        }
    }

    fn input(&self, id: NodeId, value: Option<Value<'_>>, checked: Option<bool>) -> Result<Verdict, &'static str> {
        if self.known.get(&id).is_some_and(|known| known.secret) {
            return Err("secret-field");
        }
        match self.policy.forms {
            FormMode::Off => return Err("forms"),
            FormMode::Masked if checked.is_some() => return Err("forms"),
            FormMode::Masked | FormMode::Record => {}
        }
        match (value, self.policy.forms) {
            (None, FormMode::Off | FormMode::Masked | FormMode::Record) => ALLOWED,
            (Some(Value::Masked(bucket)), FormMode::Off | FormMode::Masked | FormMode::Record) => {
                if bucket == INPUT_BUCKET { ALLOWED } else { Err("input-length") }
            }
            // That a field is empty tells nothing of what was in it.
            (Some(Value::Shown(text)), FormMode::Off | FormMode::Masked) => {
                if text.is_empty() {
                    ALLOWED
                } else {
                    Err("forms")
                }
            }
            (Some(Value::Shown(text)), FormMode::Record) => match self.policy.text {
                _ if text.len() > TEXT_MAX => Err("text-size"),
                TextMode::Mask | TextMode::Redact => clean(text, "input-personal"),
                TextMode::Show => Ok(redactable(text)),
            },
        }
    }
}

/// An element that an earlier batch told of may be any of these: what none of them may say is refused.
const UNKNOWN: [(&str, &str); 8] =
    [("div", ""), ("a", ""), ("img", ""), ("video", ""), ("use", ""), ("button", ""), ("li", ""), ("progress", "")];

/// Bytes of one message or value; the recorder tells 500 characters at most.
const NOTE_BYTES_MAX: usize = 4_096;

fn note_name(name: &str) -> Result<(), &'static str> {
    if is_note_name(name) { Ok(()) } else { Err("note-name") }
}

/// Characters of one picture of a canvas.
const PICTURE_MAX: usize = 60_000;

/// Whether this is a picture that brings its own data, of a kind that cannot hold anything else; or none.
fn is_picture(picture: &str) -> bool {
    let data = ["webp", "jpeg", "png"]
        .iter()
        .find_map(|kind| picture.strip_prefix("data:image/")?.strip_prefix(kind)?.strip_prefix(";base64,"));
    let is_data = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    picture.is_empty() || (picture.len() <= PICTURE_MAX && data.is_some_and(|data| data.bytes().all(is_data)))
}

fn clean(text: &str, rule: &'static str) -> Result<Verdict, &'static str> {
    if redact(text) == text { ALLOWED } else { Err(rule) }
}

fn redactable(text: &str) -> Verdict {
    if redact(text) == text { Verdict::Pass } else { Verdict::Redact }
}

fn is_control(tag: &str) -> bool {
    matches!(tag, "input" | "textarea" | "select")
}

/// Elements that run or load what no policy can see into have no place in the stream.
fn tag_of(tag: &str) -> Result<(), &'static str> {
    const DENIED: [&str; 9] =
        ["script", "object", "embed", "applet", "base", "portal", "frame", "frameset", "fencedframe"];
    name_of(tag)?;
    if DENIED.iter().any(|denied| tag.eq_ignore_ascii_case(denied)) { Err("tag") } else { Ok(()) }
}

fn name_of(name: &str) -> Result<(), &'static str> {
    if is_markup(name) { Ok(()) } else { Err("name") }
}

/// The node that a refused op is about.
fn node_of(op: &Op<'_>) -> Option<NodeId> {
    match *op {
        Op::Element { id, .. }
        | Op::Text { id, .. }
        | Op::Masked { id, .. }
        | Op::Comment { id }
        | Op::Doctype { id, .. }
        | Op::Shadow { id }
        | Op::Frame { id }
        | Op::Moved { id }
        | Op::Block { id, .. }
        | Op::Snapshot { id, .. }
        | Op::Remove { id }
        | Op::Attribute { id, .. }
        | Op::SetText { id, .. }
        | Op::SetMasked { id, .. }
        | Op::Sheet { id, .. }
        | Op::Move { id, .. }
        | Op::Press { id, .. }
        | Op::Scroll { id, .. }
        | Op::Input { id, .. }
        | Op::Focus { id }
        | Op::Blur { id }
        | Op::Media { id, .. }
        | Op::Canvas { id, .. }
        | Op::Chosen { id, .. }
        | Op::Mixed { id, .. }
        | Op::Ring { id }
        | Op::Layer { id, .. } => Some(id),
        Op::Add { parent, .. } => Some(parent),
        Op::Adopt { root, .. } => Some(root),
        Op::RuleInsert { .. }
        | Op::RuleDelete { .. }
        | Op::AdoptedSheet { .. }
        | Op::Css { .. }
        | Op::End
        | Op::Time { .. }
        | Op::Vital { .. }
        | Op::Error { .. }
        | Op::Log { .. }
        | Op::Request { .. }
        | Op::Event { .. }
        | Op::Tag { .. }
        | Op::Viewport { .. }
        | Op::Zoom { .. }
        | Op::Visibility { .. }
        | Op::Page { .. }
        | Op::Gap { .. }
        | Op::Finish
        | Op::Part { .. }
        | Op::Cost { .. }
        | Op::Shed { .. }
        | Op::Asset { .. }
        | Op::Unreadable { .. }
        | Op::Sensitive { .. }
        | Op::Rules { .. }
        | Op::Who { .. } => None,
    }
}
