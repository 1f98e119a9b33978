//! What of another program's page may be told, by the functions that the door asks too. What is not known is not told.

use super::json::Json;
use super::tree::Element;
use crate::policy::{self, Field, FormMode, Hidden, Policy, TEXT_MAX, TextMode, bucket_of, redact};
use crate::stream::{ATTRIBUTES_MAX, INPUT_BUCKET, Namespace, Value};
use std::borrow::Cow;

/// A text position that may be hidden, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Shown(String),
    Masked(u8),
}

impl Told {
    pub fn as_value(&self) -> Value<'_> {
        match self {
            Self::Shown(text) => Value::Shown(text),
            Self::Masked(bucket) => Value::Masked(*bucket),
        }
    }

    pub fn of(hidden: Hidden<'_>) -> Option<Self> {
        match hidden {
            Hidden::Dropped => None,
            Hidden::Masked(bucket) => Some(Self::Masked(bucket)),
            Hidden::Shown(text) => Some(Self::Shown(text.into_owned())),
        }
    }
}

/// How an element of this tag is told, as the recorder does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Whole,
    /// An empty, unseen place: what it holds is code, metadata or not rendered.
    Empty,
    /// A box of its size.
    Box,
    /// With its rules in the place of its children.
    Sheet,
    /// Without its children.
    Leaf,
}

pub fn manner_of(tag: &str, namespace: Namespace, policy: &Policy) -> Manner {
    let html = namespace == Namespace::Html;
    match tag {
        "script" => Manner::Empty,
        "object" | "embed" | "applet" | "frame" | "frameset" | "portal" | "fencedframe" => Manner::Box,
        "noscript" | "noframes" | "noembed" | "base" | "template" | "meta" | "title" | "param" | "source" | "track"
            if html =>
        {
            Manner::Empty
        }
        "img" | "video" | "audio" | "canvas" | "picture" | "image" => match policy.media {
            policy::MediaMode::Block => Manner::Box,
            policy::MediaMode::SameOrigin | policy::MediaMode::Show => Manner::Whole,
        },
        "style" | "link" => Manner::Sheet,
        "textarea" => Manner::Leaf,
        _ => Manner::Whole,
    }
}

/// The tag that it is told as.
pub fn told_tag(tag: &str) -> &str {
    match tag {
        "script" | "base" => "noscript",
        "object" | "embed" | "applet" | "frame" | "frameset" | "portal" | "fencedframe" => "div",
        _ if policy::is_markup(tag) => tag,
        _ => "span",
    }
}

/// What may be told of an element's attributes.
pub fn attributes(tag: &str, given: Option<Json<'_>>, kind: &str, policy: &Policy) -> Vec<(String, Told)> {
    let mut told: Vec<(String, Told)> = Vec::new();
    for (name, value) in given.into_iter().flat_map(Json::fields) {
        if told.len() >= ATTRIBUTES_MAX || told.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            continue;
        }
        let Some(text) = written(value) else { continue };
        if let Some(value) = attribute(tag, &name, &text, kind, policy) {
            told.push((name.into_owned(), value));
        }
    }
    told
}

/// An attribute's value as markup would have it; none where it has none or is something of rrweb's own.
pub fn written(value: Json<'_>) -> Option<Cow<'_, str>> {
    match value.bool() {
        Some(true) => Some(Cow::Borrowed("")),
        Some(false) => None,
        None => value.text().or_else(|| value.number().map(|number| Cow::Owned(number.to_string()))),
    }
}

/// What may be told of one attribute.
pub fn attribute(tag: &str, name: &str, value: &str, kind: &str, policy: &Policy) -> Option<Told> {
    // Names of rrweb's own: the size of a box, the bytes of a picture, the rules of a sheet.
    if name.starts_with("rr_") || name == "_cssText" || value.len() > TEXT_MAX {
        return None;
    }
    let told = Told::of(policy::hide_attribute(tag, name, value, policy, kind))?;
    // Where the page's words are shown, the door takes out of them what looks personal.
    match told {
        Told::Shown(text) if text.len() > TEXT_MAX => None,
        told => Some(told),
    }
}

/// What may be told of a text that stands in an element of this tag.
pub fn text(inside: &str, text: &str, policy: &Policy) -> Told {
    let blank = text.trim().is_empty();
    if matches!(inside, "option" | "optgroup" | "datalist" | "select") && !blank {
        match policy.forms {
            FormMode::Off | FormMode::Masked => return Told::Masked(INPUT_BUCKET),
            FormMode::Record => {}
        }
    }
    match policy.text {
        TextMode::Mask if text.is_empty() => Told::Shown(String::new()),
        TextMode::Mask if blank => Told::Shown(" ".to_owned()),
        TextMode::Mask => Told::Masked(bucket_of(text)),
        TextMode::Redact | TextMode::Show => words(text),
    }
}

/// Words without what looks personal, as long as a text may be.
pub fn words(text: &str) -> Told {
    let shown = redact(cut(text)).into_owned();
    if shown.len() > TEXT_MAX { Told::Masked(bucket_of(text)) } else { Told::Shown(shown) }
}

fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(TEXT_MAX / 2)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// Whether nothing that is written into this control may ever be told.
pub fn is_secret(given: Option<Json<'_>>) -> bool {
    let of = |name: &str| given.and_then(|given| given.get(name)).and_then(Json::text).unwrap_or_default();
    let (kind, autocomplete, name) = (of("type"), of("autocomplete"), of("name"));
    let (id, placeholder, aria_label) = (of("id"), of("placeholder"), of("aria-label"));
    let field = Field {
        kind: &kind,
        autocomplete: &autocomplete,
        name: &name,
        id: &id,
        label: "",
        placeholder: &placeholder,
        aria_label: &aria_label,
    };
    policy::secret_field(&field).is_some()
}

/// What may be told of the state of a form control: its value, and whether it is checked. None where nothing may.
pub fn state(
    element: &Element,
    value: Option<&str>,
    checked: Option<bool>,
    policy: &Policy,
) -> Option<(Option<Told>, Option<bool>)> {
    if element.secret {
        return None;
    }
    let box_or_button = matches!(&*element.kind, "checkbox" | "radio" | "submit" | "button" | "reset" | "image");
    let is_box = matches!(&*element.kind, "checkbox" | "radio");
    let value = value.filter(|_| !box_or_button);
    let checked = checked.filter(|_| is_box);
    let masked = |text: &str| if text.is_empty() { Told::Shown(String::new()) } else { Told::Masked(INPUT_BUCKET) };
    let (value, checked) = match policy.forms {
        FormMode::Off => return None,
        FormMode::Masked => (value.map(masked), None),
        FormMode::Record if policy::is_personal_kind(&element.kind) => (value.map(masked), checked),
        FormMode::Record => (
            value.map(|text| match words(text) {
                Told::Masked(_) => Told::Masked(INPUT_BUCKET),
                shown @ Told::Shown(_) => shown,
            }),
            checked,
        ),
    };
    (value.is_some() || checked.is_some()).then_some((value, checked))
}
