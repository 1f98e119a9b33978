//! The attributes that a page needs to look and lie as it did. Twin of `assets/recorder/src/hide/layout.ts`.
//! Names are lower-case here: SVG's camel case makes no difference to what may be shown.

/// Lists of names that the site's developers made: shown token by token.
pub fn is_names(name: &str) -> bool {
    match name {
        "class" | "id" | "name" | "for" | "form" | "list" | "headers" | "slot" | "part" | "exportparts" | "is"
        | "type" | "rel" | "role" | "in" | "in2" | "result" | "popovertarget" | "commandfor" => true,
        _ => match name.strip_prefix("aria-") {
            Some("controls" | "owns" | "activedescendant" | "details") => true,
            Some(rest) => rest.strip_suffix("by").is_some_and(|stem| !stem.is_empty() && is_word(stem)),
            None => false,
        },
    }
}

/// Numbers and keywords: shown if they have the shape of them, and with no address but a fragment.
pub fn is_shape(name: &str) -> bool {
    let any_before = |ends: &[&str]| ends.iter().any(|end| name.strip_suffix(end).is_some_and(is_word));
    let any_behind = |begins: &[&str], least: usize| {
        begins.iter().any(|begin| name.strip_prefix(begin).is_some_and(|rest| rest.len() >= least && is_word(rest)))
    };
    is_keyword(name)
        || any_before(&["span", "width", "height", "size", "spacing", "align", "units", "transform", "mode", "offset"])
        || name.strip_suffix("length").is_some_and(|stem| !stem.is_empty() && is_word(stem))
        || any_behind(&["shadowroot", "math"], 1)
        || any_behind(&["accent"], 0)
        || is_coordinate(name)
        || is_paint(name)
}

/// `xmlns`, alone or of a prefix.
pub fn is_namespace(name: &str) -> bool {
    name == "xmlns" || name.strip_prefix("xmlns:").is_some_and(|prefix| !prefix.is_empty() && is_word(prefix))
}

/// Whole names of HTML, ARIA and SVG.
fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "rows"
            | "cols"
            | "dir"
            | "lang"
            | "hidden"
            | "inert"
            | "open"
            | "disabled"
            | "readonly"
            | "required"
            | "multiple"
            | "start"
            | "reversed"
            | "popover"
            | "tabindex"
            | "color"
            | "face"
            | "border"
            | "cellpadding"
            | "nowrap"
            | "wrap"
            | "scope"
            | "min"
            | "max"
            | "step"
            | "low"
            | "high"
            | "optimum"
            | "contenteditable"
            | "inputmode"
            | "controls"
            | "loop"
            | "muted"
            | "playsinline"
            | "loading"
            | "media"
            | "sizes"
            | "scrolling"
            | "compact"
            | "display"
            | "displaystyle"
            | "stretchy"
            | "lspace"
            | "rspace"
            | "aria-hidden"
            | "aria-expanded"
            | "aria-selected"
            | "aria-checked"
            | "aria-pressed"
            | "aria-disabled"
            | "aria-current"
            | "aria-modal"
            | "aria-orientation"
            | "aria-level"
            | "aria-haspopup"
            | "aria-busy"
            | "aria-live"
            | "aria-invalid"
            | "aria-required"
            | "aria-sort"
            | "viewbox"
            | "preserveaspectratio"
            | "rotate"
            | "path"
            | "opacity"
            | "filter"
            | "visibility"
            | "overflow"
            | "orient"
            | "spreadmethod"
            | "stddeviation"
            | "operator"
            | "slope"
            | "intercept"
            | "amplitude"
            | "exponent"
            | "basefrequency"
            | "numoctaves"
            | "seed"
    )
}

/// How SVG is painted and its text set: these names, alone or with more behind a dash.
fn is_paint(name: &str) -> bool {
    let (stem, rest) = name.split_once('-').unwrap_or((name, "x"));
    let painted = matches!(
        stem,
        "fill"
            | "stroke"
            | "stop"
            | "flood"
            | "lighting"
            | "clip"
            | "mask"
            | "marker"
            | "font"
            | "text"
            | "dominant"
            | "alignment"
            | "shape"
            | "image"
            | "letter"
            | "word"
            | "vector"
            | "paint"
            | "color"
            | "pointer"
            | "writing"
    );
    painted && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Names that say where a shape lies.
fn is_coordinate(name: &str) -> bool {
    let fits = matches!(
        name.as_bytes(),
        [b'x' | b'y' | b'r' | b'z']
            | [b'x' | b'y' | b'r' | b'z', b'1' | b'2']
            | [b'c' | b'f' | b'd', b'x' | b'y' | b'r']
            | [b'r', b'x' | b'y']
            | [b'k', b'1'..=b'4']
    );
    fits || matches!(name, "d" | "points" | "refx" | "refy" | "scale" | "radius" | "values" | "tablevalues")
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
