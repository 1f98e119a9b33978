//! What belongs to a form: what can be chosen, and what is written into without being a control. Twin of
//! `assets/recorder/src/hide/state.ts`; what a script alone made editable (`designMode`) no recording tells.

use crate::mirror::Element;

/// Whether the words in this element are content of a form.
pub(super) fn holds_content(element: &Element) -> bool {
    is_choice(element) || is_editable(element)
}

/// What can be chosen, and what was.
const CHOICES: [&str; 5] = ["select", "option", "optgroup", "datalist", "selectedcontent"];

fn is_choice(element: &Element) -> bool {
    CHOICES.iter().any(|choice| element.tag.eq_ignore_ascii_case(choice))
}

/// Whether the visitor writes this element's text.
pub(super) fn is_editable(element: &Element) -> bool {
    element.shown("contenteditable").is_some_and(|value| value != "false")
        || element.shown("role").is_some_and(|role| matches!(role, "textbox" | "searchbox" | "combobox"))
        || element.shown("style").is_some_and(is_writable_style)
}

/// Whether style makes an element one that is written into.
pub(super) fn is_writable_style(style: &str) -> bool {
    style.contains("user-modify")
}
