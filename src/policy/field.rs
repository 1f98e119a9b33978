//! Which form fields are never recorded, whatever the policy says. Twin of `assets/recorder/src/hide/field.ts`.

/// What is known of a field. `label` is the text of its labels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    pub kind: &'a str,
    pub autocomplete: &'a str,
    pub name: &'a str,
    pub id: &'a str,
    pub label: &'a str,
    pub placeholder: &'a str,
    pub aria_label: &'a str,
}

/// Why a field is never recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    Password,
    Hidden,
    File,
    Autocomplete,
    /// Its names speak of cards or accounts,
    Payment,
    /// of passwords or codes,
    Secret,
    /// of who somebody is, or when born,
    Identity,
    /// or of health.
    Health,
}

impl SecretKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Hidden => "hidden",
            Self::File => "file",
            Self::Autocomplete => "autocomplete",
            Self::Payment => "payment",
            Self::Secret => "secret",
            Self::Identity => "identity",
            Self::Health => "health",
        }
    }
}

/// Whether what is typed into a field of this type is told letter by letter before it can be known for what it is, so that it is
/// masked in every preset.
pub fn is_personal_kind(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("email") || kind.eq_ignore_ascii_case("tel")
}

/// Why this field is never recorded; `None` for a field that may be.
pub fn secret_field(field: &Field<'_>) -> Option<SecretKind> {
    match field.kind.to_ascii_lowercase().as_str() {
        "password" => return Some(SecretKind::Password),
        "hidden" => return Some(SecretKind::Hidden),
        "file" => return Some(SecretKind::File),
        _ => {}
    }
    let autocomplete = field.autocomplete.to_ascii_lowercase();
    let secret = |token: &str| {
        token.starts_with("cc-")
            || token.starts_with("one-time-code")
            || token.rfind("-password").is_some_and(|at| at > 0)
    };
    if autocomplete.split_whitespace().any(secret) {
        return Some(SecretKind::Autocomplete);
    }
    let texts = [field.autocomplete, field.name, field.id, field.label, field.placeholder, field.aria_label];
    let texts = texts.map(|text| if text.is_empty() { String::new() } else { words(text) });
    let speaks = |(_, beginnings, whole): &&(SecretKind, &str, &str)| {
        texts.iter().any(|text| {
            beginnings.split('|').any(|word| begins(text, word)) || whole.split('|').any(|word| stands(text, word))
        })
    };
    SENSITIVE.iter().find(speaks).map(|(kind, ..)| *kind)
}

/// Words without diacritics in eight languages: of each kind beginnings, then whole words.
const SENSITIVE: [(SecretKind, &str, &str); 4] = [
    (
        SecretKind::Payment,
        "cardn|cardh|creditc|debitc|ccn|cvv|cvc|platebni|kreditk|prufziff|pruefziff|cryptogr|tarjeta|iban|account nu|\
         accountn|bank|routing|konto|cislouct|rachunk|cuenta",
        "card|cards|credit|cc|csc|cvn|expiry|expiration|karta|karte|karty|kartu|carte|carta|bic|swift|sort code|ucet|\
         uctu|konta|compte|conto",
    ),
    (
        SecretKind::Secret,
        "password|passw|pwd|kennwort|mot de pass|contrasen|hasl|hesl|api key|einmal|one time|security co|\
         verification co",
        "passcode|passphrase|clave|secret|token|pin|otp|totp|mfa|2fa|puk|pas",
    ),
    (
        SecretKind::Identity,
        "social se|national id|nationalid|passport|driver|rodne|obcansk|obciansk|cestovni|reisepass|ausweis|\
         personalaus|steuer|sozialv|paszport|passep|securit|segurid|fiscal|pasaport|codice f|codicef|passapor|birth|\
         bday|dateofb|narozen|naroden|datumnar|geburt|urodz|naissanc|nacimien|nascita",
        "ssn|nino|tax id|taxid|tin|rc|pesel|dic|dowod|secu|nir|dni|nif|dob",
    ),
    (
        SecretKind::Health,
        "health|medical|diagnos|disease|illness|allerg|insuranc|zdrav|poji|poist|gesundh|krank|versich|zdrow|maladie|\
         enfermed|malatt|sanitar",
        "sante|salud|salute",
    ),
];

fn begins(padded: &str, word: &str) -> bool {
    padded.match_indices(word).any(|(at, _)| padded[..at].ends_with(' '))
}

fn stands(padded: &str, word: &str) -> bool {
    padded.match_indices(word).any(|(at, _)| padded[..at].ends_with(' ') && padded[at + word.len()..].starts_with(' '))
}

/// The words of a name or label with a space on either side. camelCase and signs part words; what is left of a letter
/// without its accent is the letter.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    let mut after_small = false;
    for sign in text.chars() {
        if after_small && sign.is_ascii_uppercase() {
            out.push(' ');
        }
        after_small = sign.is_ascii_lowercase() || sign.is_ascii_digit();
        for plain in sign.to_lowercase().map(without_accent) {
            match plain {
                'a'..='z' | '0'..='9' => out.push(plain),
                // A combining accent belongs to the letter before it.
                '\u{300}'..='\u{36f}' => {}
                _ if !out.ends_with(' ') => out.push(' '),
                _ => {}
            }
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

fn without_accent(sign: char) -> char {
    match sign {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn fields_are_secret_as_the_recorder_says() {
        let cases: Vec<(std::collections::BTreeMap<String, String>, Option<String>)> =
            ["field", "random"].into_iter().flat_map(|file| fixtures::read(file, "secretField")).collect();
        for (given, wanted) in cases {
            let of = |key: &str| given.get(key).map_or("", String::as_str);
            let field = Field {
                kind: of("type"),
                autocomplete: of("autocomplete"),
                name: of("name"),
                id: of("id"),
                label: of("label"),
                placeholder: of("placeholder"),
                aria_label: of("ariaLabel"),
            };
            assert_eq!(secret_field(&field).map(SecretKind::as_str), wanted.as_deref(), "{given:?}");
        }
    }
}
