//! What a document type may say. Twin of `assets/recorder/src/hide/doctype.ts`.

/// Whether the three parts are such as browsers know, or left out.
pub fn is_doctype(name: &str, public: &str, system: &str) -> bool {
    let named = (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    named && (public.is_empty() || is_public(public)) && (system.is_empty() || is_system(system))
}

fn is_public(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let Some(rest) =
        ["-//w3c//dtd ", "-//ietf//dtd ", "-//w3o//dtd "].iter().find_map(|start| text.strip_prefix(start))
    else {
        return false;
    };
    let Some((title, language)) = rest.split_once("//") else { return false };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_. -".contains(&byte);
    (1..=40).contains(&title.len())
        && title.bytes().all(fits)
        && language.len() == 2
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_system(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
    text == "about:legacy-compat"
        || text
            .strip_prefix("http://www.w3.org/tr/")
            .is_some_and(|rest| (1..=60).contains(&rest.len()) && rest.bytes().all(fits))
}

#[cfg(test)]
mod tests {
    use super::is_doctype;

    #[test]
    fn only_document_types_that_browsers_know_pass() {
        let strict = ("-//W3C//DTD XHTML 1.0 Strict//EN", "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd");
        assert!(is_doctype("html", "", ""));
        assert!(is_doctype("HTML", strict.0, strict.1));
        assert!(is_doctype("html", "", "about:legacy-compat"));
        assert!(!is_doctype("jan-novak", "", ""));
        assert!(!is_doctype("html", "Order of Jan Novak", ""));
        assert!(!is_doctype("html", strict.0, "http://shop.example/orders/17"));
    }
}
