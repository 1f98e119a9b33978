//! What it means that a planted word would have left the page: a leak, or what the policy says it shows. Pure.

use super::search::{Carrier, Form};
use crate::policy::{Field, FormMode, Policy, SecretKind, TextMode, UrlMode, secret_field};
use serde::{Deserialize, Serialize};

/// Where a word was planted, as the page says it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Place {
    pub selector: String,
    pub vector: String,
    pub what: String,
    pub canary: String,
    /// Something in the markup asks that it be hidden.
    pub marked: bool,
    /// The policy's `show` selector that it stands under.
    pub shown_by: Option<String>,
    pub tag: String,
    /// The attribute or parameter that carried it.
    pub attribute: String,
    pub field: Option<Facts>,
    /// Never recorded, whatever the policy says.
    pub secret: bool,
    #[serde(default)]
    pub typed: bool,
}

/// What a field's names and surroundings say.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Facts {
    pub kind: String,
    pub autocomplete: String,
    pub name: String,
    pub id: String,
    pub label: String,
    pub placeholder: String,
    pub aria_label: String,
    pub pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It would have left, though something says that it must not; or one forgotten mark stands between.
    Leak,
    ShownByPolicy,
    /// Nothing left. A mark would make sure that nothing ever does.
    Advice,
}

/// One thing to know, with what to paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    pub page: String,
    pub selector: String,
    pub vector: String,
    pub what: String,
    /// The policy key and value that let it through; what protects it, where it was not sent.
    pub shown_by: String,
    pub carrier: Option<Carrier>,
    pub form: Option<Form>,
    pub fix: Fix,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub markup: String,
    pub policy: String,
}

impl Facts {
    fn secret(&self) -> Option<SecretKind> {
        secret_field(&Field {
            kind: &self.kind,
            autocomplete: &self.autocomplete,
            name: &self.name,
            id: &self.id,
            label: &self.label,
            placeholder: &self.placeholder,
            aria_label: &self.aria_label,
        })
    }

    /// Whether its shape is that of a card's number or date though no name says so.
    fn looks_like_card(&self) -> bool {
        let digits = self.placeholder.chars().filter(char::is_ascii_digit).count();
        let date = self.placeholder.replace(' ', "").to_ascii_lowercase();
        digits >= 12 || matches!(date.as_str(), "mm/yy" | "mm/yyyy" | "mm/rr") || self.pattern.contains("13,19")
    }

    fn is_text(&self) -> bool {
        matches!(self.kind.to_ascii_lowercase().as_str(), "" | "text" | "tel" | "search" | "email" | "url" | "number")
    }
}

/// What is to be said of one place; `found` is how its word would have left.
pub fn judge(place: &Place, found: Option<(Carrier, Form)>, page: &str, policy: &Policy) -> Option<Finding> {
    let secret = place.field.as_ref().and_then(Facts::secret);
    let looks = match secret {
        Some(SecretKind::Payment | SecretKind::Secret | SecretKind::Identity | SecretKind::Health) => true,
        Some(SecretKind::Password | SecretKind::Hidden | SecretKind::File | SecretKind::Autocomplete) => false,
        None => place.field.as_ref().is_some_and(Facts::looks_like_card),
    };
    let finding = |severity, shown_by: String, fix| Finding {
        severity,
        page: page.to_owned(),
        selector: place.selector.clone(),
        vector: place.vector.clone(),
        what: place.what.clone(),
        shown_by,
        carrier: found.map(|(carrier, _)| carrier),
        form: found.map(|(_, form)| form),
        fix,
    };
    if let Some((carrier, _)) = found {
        let hidden = place.marked || place.secret || secret.is_some() || looks;
        let key = shows(place, carrier, policy);
        let severity = if hidden || key.is_none() { Severity::Leak } else { Severity::ShownByPolicy };
        let key = key.unwrap_or_else(|| format!("no key of the policy shows this ({carrier:?})").to_lowercase());
        return Some(finding(severity, key, fix(place, hidden)));
    }
    // Nothing was sent; the word list alone saw to that, or the policy as a whole.
    let bare = looks && !place.marked && place.field.as_ref().is_some_and(Facts::is_text);
    bare.then(|| {
        let (severity, shield) = match policy.forms {
            FormMode::Record => (Severity::Leak, "looks sensitive; only the built-in word list hides it"),
            FormMode::Masked => (Severity::Advice, "looks sensitive; `forms: masked` and the word list hide it"),
            FormMode::Off => (Severity::Advice, "looks sensitive; `forms: off` and the word list hide it"),
        };
        finding(severity, shield.to_owned(), fix(place, true))
    })
}

/// The key of the policy that lets a word of this place out by way of this carrier.
fn shows(place: &Place, carrier: Carrier, policy: &Policy) -> Option<String> {
    let text = match policy.text {
        TextMode::Mask => place.shown_by.as_ref().map(|selector| format!("show: {selector}")),
        TextMode::Redact => Some("text: redact".to_owned()),
        TextMode::Show => Some("text: show".to_owned()),
    };
    if place.field.is_some() {
        let records = match policy.forms {
            FormMode::Record => true,
            FormMode::Off | FormMode::Masked => false,
        };
        return match carrier {
            Carrier::Field | Carrier::Pieces => records.then(|| "forms: record".to_owned()),
            Carrier::Text | Carrier::Attribute | Carrier::Title => {
                records.then(|| text.map_or("forms: record".to_owned(), |text| format!("forms: record, {text}")))
            }
            Carrier::Address | Carrier::Style | Carrier::Name | Carrier::Note => None,
        };
    }
    match place.vector.as_str() {
        "V19" if policy.query.contains(&place.attribute) => Some(format!("query: {}", place.attribute)),
        "V19" if place.selector == "/" => match policy.urls {
            UrlMode::Listed => None,
            UrlMode::Generalised => Some("urls: generalised".to_owned()),
            UrlMode::Path => Some("urls: path".to_owned()),
        },
        "V19" => None,
        "V20" => match policy.urls {
            UrlMode::Listed => None,
            UrlMode::Generalised | UrlMode::Path => text.map(|text| format!("document title, {text}")),
        },
        _ if policy.attributes.contains(&place.attribute) => Some(format!("attributes: {}", place.attribute)),
        _ => text,
    }
}

/// What to paste. A policy's selector ends at a frame or shadow root: its last part is what it matches there.
fn fix(place: &Place, sensitive: bool) -> Fix {
    let inner = place.selector.rsplit(" >>> ").next().unwrap_or(&place.selector);
    let line = |key: &str, value: &str| format!("\"{key}\": [{}]", serde_json::Value::from(value));
    let element = |mark: &str| {
        let id = place.field.as_ref().map(|field| &field.id).filter(|id| !id.is_empty());
        let name = place.field.as_ref().map(|field| &field.name).filter(|name| !name.is_empty());
        let own = match (id, name) {
            (Some(id), _) => format!(" id=\"{id}\""),
            (None, Some(name)) => format!(" name=\"{name}\""),
            (None, None) => String::new(),
        };
        format!("<{}{own} data-hush=\"{mark}\">", place.tag)
    };
    match place.vector.as_str() {
        "V19" if !place.attribute.is_empty() => {
            Fix { markup: String::new(), policy: format!("take \"{}\" out of \"query\"", place.attribute) }
        }
        "V19" | "V20" => Fix { markup: String::new(), policy: "\"urls\": \"listed\"".to_owned() },
        _ if sensitive => Fix { markup: element("sensitive"), policy: line("mask", inner) },
        _ if place.field.is_some() => {
            Fix { markup: element("mask"), policy: format!("{}, or \"forms\": \"masked\"", line("mask", inner)) }
        }
        _ => Fix { markup: element("mask"), policy: line("mask", inner) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Preset;

    fn field(name: &str) -> Place {
        Place {
            selector: format!("input[name=\"{name}\"]"),
            vector: "V3".into(),
            tag: "input".into(),
            field: Some(Facts { name: name.into(), ..Facts::default() }),
            ..Place::default()
        }
    }

    const TYPED: Option<(Carrier, Form)> = Some((Carrier::Field, Form::Plain));

    #[test]
    fn what_a_policy_records_is_no_leak_unless_it_looks_sensitive() {
        let full = Policy::preset(Preset::Full);
        let strict = Policy::preset(Preset::Strict);
        let severity = |place: &Place, found, policy| judge(place, found, "/", policy).map(|found| found.severity);
        assert_eq!(severity(&field("town"), TYPED, &full), Some(Severity::ShownByPolicy));
        assert_eq!(severity(&field("town"), TYPED, &strict), Some(Severity::Leak));
        assert_eq!(severity(&field("town"), None, &full), None);
        assert_eq!(severity(&field("card_number"), TYPED, &full), Some(Severity::Leak));
        assert_eq!(severity(&field("card_number"), None, &full), Some(Severity::Leak));
        assert_eq!(severity(&field("card_number"), None, &strict), Some(Severity::Advice));
        let marked = Place { marked: true, ..field("card_number") };
        assert_eq!(severity(&marked, None, &full), None);
        assert_eq!(severity(&marked, TYPED, &full), Some(Severity::Leak));
    }

    #[test]
    fn a_field_is_known_by_its_shape_too() {
        let mut place = field("f7");
        place.field.as_mut().unwrap().placeholder = "1234 5678 9012 3456".into();
        assert_eq!(judge(&place, TYPED, "/", &Policy::preset(Preset::Full)).unwrap().severity, Severity::Leak);
    }

    #[test]
    fn a_finding_names_the_key_and_the_fix() {
        let attribute = Place {
            vector: "V13".into(),
            attribute: "data-owner".into(),
            selector: "#a >>> p".into(),
            tag: "p".into(),
            ..Place::default()
        };
        let policy = Policy { attributes: vec!["data-owner".into()], ..Policy::default() };
        let found = judge(&attribute, Some((Carrier::Attribute, Form::Plain)), "/", &policy).unwrap();
        assert_eq!((found.severity, found.shown_by.as_str()), (Severity::ShownByPolicy, "attributes: data-owner"));
        assert_eq!(found.fix, Fix { markup: "<p data-hush=\"mask\">".into(), policy: "\"mask\": [\"p\"]".into() });
        let query = Place { vector: "V19".into(), selector: "?q".into(), attribute: "q".into(), ..Place::default() };
        let policy = Policy { query: vec!["q".into()], ..Policy::default() };
        let found = judge(&query, Some((Carrier::Address, Form::Plain)), "/", &policy).unwrap();
        assert_eq!((found.severity, found.shown_by.as_str()), (Severity::ShownByPolicy, "query: q"));
        assert_eq!(
            judge(&query, Some((Carrier::Address, Form::Plain)), "/", &Policy::default()).unwrap().severity,
            Severity::Leak
        );
    }
}
