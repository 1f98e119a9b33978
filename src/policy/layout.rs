//! The attributes that a page needs to look and lie as it did. Twin of `assets/recorder/src/hide/layout.ts`.
//! Names are lower-case here: SVG's camel case makes no difference to what may be shown.

/// Lists of names that the site's developers made: shown token by token.
pub fn is_names(name: &str) -> bool {
    is_own_names(name) || matches!(name, "is" | "type" | "rel" | "role" | "in" | "in2" | "result")
}

/// Those of them that may be any word of the page's own.
pub fn is_own_names(name: &str) -> bool {
    match name {
        "class" | "id" | "name" | "for" | "form" | "list" | "headers" | "slot" | "part" | "exportparts"
        | "popovertarget" | "commandfor" => true,
        _ => match name.strip_prefix("aria-") {
            Some("labelledby" | "describedby" | "controls" | "owns" | "activedescendant" | "details") => true,
            Some(_) | None => false,
        },
    }
}

/// Numbers and keywords: shown if they have the shape of them, and with no address but a fragment.
pub fn is_shape(name: &str) -> bool {
    is_keyword(name) || is_measure(name) || is_coordinate(name) || is_paint(name)
}

/// Names made of a part and what is measured of it.
fn is_measure(name: &str) -> bool {
    let made_of = |ends: &[&str], begins: &[&str]| {
        ends.iter().any(|end| name.strip_suffix(end).is_some_and(|begin| begins.contains(&begin)))
    };
    made_of(&["span"], &["", "row", "col"])
        || made_of(&["width", "height", "size"], &["", "margin", "marker", "pattern", "font"])
        || made_of(&["spacing"], &["", "cell"])
        || made_of(&["align"], &["", "v"])
        || made_of(
            &["units"],
            &[
                "pattern",
                "patterncontent",
                "mask",
                "maskcontent",
                "gradient",
                "clippath",
                "filter",
                "primitive",
                "marker",
            ],
        )
        || made_of(&["transform"], &["", "gradient", "pattern"])
        || made_of(&["mode"], &["", "edge", "input", "shadowroot"])
        || made_of(&["offset"], &["", "start"])
        || made_of(&["length"], &["max", "min", "text", "path"])
        || made_of(&["clonable", "serializable", "delegatesfocus"], &["shadowroot"])
        || made_of(&["variant", "size", "color", "background"], &["math"])
        || made_of(&["", "-height", "under"], &["accent"])
}

/// `xmlns`, alone or of a prefix.
pub fn is_namespace(name: &str) -> bool {
    name == "xmlns"
        || name
            .strip_prefix("xmlns:")
            .is_some_and(|prefix| matches!(prefix, "xlink" | "svg" | "html" | "xhtml" | "mml" | "mathml"))
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
    let (stem, rest) = name.split_once('-').map_or((name, None), |(stem, rest)| (stem, Some(rest)));
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
    painted
        && rest.is_none_or(|rest| {
            matches!(
                rest,
                "opacity"
                    | "rule"
                    | "width"
                    | "linecap"
                    | "linejoin"
                    | "miterlimit"
                    | "dasharray"
                    | "dashoffset"
                    | "color"
                    | "family"
                    | "size"
                    | "size-adjust"
                    | "style"
                    | "weight"
                    | "variant"
                    | "stretch"
                    | "anchor"
                    | "decoration"
                    | "rendering"
                    | "overflow"
                    | "spacing"
                    | "mode"
                    | "events"
                    | "baseline"
                    | "order"
                    | "effect"
                    | "interpolation"
                    | "interpolation-filters"
                    | "start"
                    | "mid"
                    | "end"
                    | "path"
                    | "outside"
            )
        })
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
