//! Which document types have a browser lay a page out as browsers of the nineties did (quirks mode; HTML standard, "The initial
//! insertion mode"). Of the identifiers listed there only those that a recording may tell are asked for.

const OLD: [&str; 13] = [
    "-//ietf//dtd html",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//w3o//dtd w3 html strict 3.0//",
];
/// Only where no system identifier follows.
const OLD_ALONE: [&str; 2] = ["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];

/// Whether a page with this document type is in quirks mode.
pub(super) fn is_quirky(name: &str, public: &str, system: &str) -> bool {
    let public = public.to_ascii_lowercase();
    let begins = |start: &&str| public.starts_with(start);
    !name.eq_ignore_ascii_case("html") || OLD.iter().any(begins) || (system.is_empty() && OLD_ALONE.iter().any(begins))
}

#[cfg(test)]
mod tests {
    use super::is_quirky;

    #[test]
    fn old_document_types_are_quirky_and_those_of_today_are_not() {
        let transitional = "-//W3C//DTD HTML 4.01 Transitional//EN";
        assert!(is_quirky("html", transitional, ""));
        assert!(!is_quirky("html", transitional, "http://www.w3.org/TR/html4/loose.dtd"));
        assert!(is_quirky("HTML", "-//W3C//DTD HTML 3.2 Final//EN", ""));
        assert!(is_quirky("html", "-//IETF//DTD HTML 2.0//EN", ""));
        assert!(!is_quirky("html", "", "about:legacy-compat"));
        assert!(!is_quirky("html", "-//W3C//DTD XHTML 1.0 Strict//EN", ""));
        assert!(is_quirky("note", "", ""));
    }
}
