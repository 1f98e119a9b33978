//! One batch for every way to break a rule of the door, and nothing but that rule. `forged.rs` sends them.

use crate::common::wire::{Body, Said};
use Under::{Balanced, BalancedForms, Full, FullMeta, FullSkips, FullVisitors, Strict, StrictForms};

/// The policy that a batch says it was captured under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Under {
    Strict,
    Balanced,
    Full,
    /// `strict` that records forms and paths.
    StrictForms,
    /// `balanced` that records forms.
    BalancedForms,
    /// `full` with what it may tell of the console and of requests.
    FullMeta,
    /// `full` that leaves pages out.
    FullSkips,
    /// `full` that knows visitors again.
    FullVisitors,
}

impl Under {
    pub const ALL: [Self; 8] = [Strict, Balanced, Full, StrictForms, BalancedForms, FullMeta, FullSkips, FullVisitors];

    pub fn preset(self) -> &'static str {
        match self {
            Strict | StrictForms => "strict",
            Balanced | BalancedForms => "balanced",
            Full | FullMeta | FullSkips | FullVisitors => "full",
        }
    }

    /// What differs from the preset.
    pub fn changes(self) -> serde_json::Value {
        match self {
            Strict => serde_json::json!({ "paths": ["/"], "show": [".price"] }),
            StrictForms => serde_json::json!({ "forms": "record", "urls": "path" }),
            BalancedForms => serde_json::json!({ "forms": "record" }),
            FullMeta => serde_json::json!({ "console": "meta", "network": "meta" }),
            FullSkips => serde_json::json!({ "skip_urls": ["/account/*"] }),
            FullVisitors => serde_json::json!({ "identity": "visitor" }),
            Balanced | Full => serde_json::json!({}),
        }
    }
}

/// Where in the batch the rule is broken.
pub enum Place {
    /// Among the nodes of the page's body; the first is number 5.
    Inside(fn(Body, &str) -> Body),
    /// After the page.
    Behind(fn(Body, &str) -> Body),
}

use Place::{Behind, Inside};

/// A broken rule, the policies under which it is one, and how a forger breaks it with the words given.
pub struct Forgery {
    pub rule: &'static str,
    pub under: &'static [Under],
    place: Place,
}

pub const START: &str = "https://shop.example.com/";

impl Forgery {
    /// A page that every policy allows, whose one class is `canary`, and what breaks the rule.
    pub fn body(&self, canary: &str) -> Body {
        match self.place {
            Inside(forge) => forge(page(canary), canary).end().end().end(),
            Behind(forge) => forge(page(canary).end().end().end(), canary),
        }
    }
}

/// Document 1, html 2, body 3, div 4; the body is still open.
pub fn page(class: &str) -> Body {
    Body::new(0)
        .document(START, Said::Bucket(0))
        .open("html", &[])
        .open("body", &[])
        .empty("div", &[("class", Said::Shown(class))])
}

/// A node that an earlier batch may have told of.
const EARLIER: i64 = 900;
const ALL: &[Under] = &Under::ALL;
const MASKING: &[Under] = &[Strict, StrictForms];
const REDACTING: &[Under] = &[Balanced, BalancedForms];
const SHOWING_MEDIA: &[Under] = &[Balanced, BalancedForms, Full];
const HIDING_FORMS: &[Under] = &[Strict, Balanced];
const RECORDING_FORMS: &[Under] = &[Full, StrictForms, BalancedForms];
/// Policies that tell nothing of the console and of requests.
const WITHOUT_META: &[Under] = &[Strict, Balanced, Full, StrictForms, BalancedForms];
const META: &[Under] = &[FullMeta];
/// Policies that know nobody again, and one that does.
const LINKING_NOBODY: &[Under] = &[Strict, Balanced, Full, StrictForms, BalancedForms, FullMeta, FullSkips];
const LINKING: &[Under] = &[FullVisitors];

fn email(canary: &str) -> String {
    format!("{canary}@example.com")
}

/// Words without end that compress less than a bomb does.
fn noise(canary: &str, bytes: usize) -> String {
    let mut state = 1_u32;
    let mut out = canary.to_owned();
    while out.len() <= bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        out.push_str(if state >> 31 == 0 { "mmmmmmmm" } else { "nnnnnnnn" });
    }
    out
}

fn password(body: Body) -> Body {
    body.empty("input", &[("type", Said::Shown("password"))])
}

/// A box of its size, number 5.
fn boxed(body: Body) -> Body {
    body.add(3).block("p").end()
}

fn picture(data: &str) -> String {
    format!("data:image/webp;base64,{data}")
}

const fn row(rule: &'static str, under: &'static [Under], place: Place) -> Forgery {
    Forgery { rule, under, place }
}

pub const TABLE: &[Forgery] = &[
    row("text", MASKING, Inside(|body, canary| body.text(canary, 0))),
    row("text", MASKING, Inside(|body, canary| body.open("p", &[]).text(&format!(" {canary} "), 0).end())),
    row("text", MASKING, Inside(|body, canary| body.open("noscript", &[]).text(canary, 0).end())),
    row("text", MASKING, Behind(|body, canary| body.set_text(EARLIER, canary, 0))),
    row("text-personal", REDACTING, Inside(|body, canary| body.text(&email(canary), 0))),
    row("text-personal", REDACTING, Behind(|body, canary| body.set_text(EARLIER, &email(canary), 0))),
    row("text-personal", &[Strict], Inside(|body, canary| body.text(&email(canary), 1))),
    row("media", MASKING, Behind(|body, _| body.asset(1, *b"canarycanarycana"))),
    row("media", MASKING, Behind(|body, canary| body.unreadable(1, 0, &format!("{START}{canary}.png")))),
    row(
        "address",
        &[Balanced, BalancedForms],
        Behind(|body, canary| body.unreadable(1, 0, &format!("{START}{canary}?q=1"))),
    ),
    row("rules", ALL, Behind(|body, canary| body.rules(true, &[canary.len() as u64 + 4_000]))),
    row("place", ALL, Behind(|body, canary| body.sensitive(4, &format!("input[value='{canary}']"), START))),
    row("address", &[Strict], Behind(|body, canary| body.sensitive(4, "input", &format!("{START}{canary}")))),
    row("identity", LINKING_NOBODY, Behind(|body, _| body.who(0, &"0f".repeat(16)))),
    row("identity", LINKING_NOBODY, Behind(|body, canary| body.who(1, canary))),
    row("identity", LINKING, Behind(|body, canary| body.who(0, canary))),
    row("pseudonym", LINKING, Behind(|body, canary| body.who(1, &email(canary)))),
    row("pseudonym", LINKING, Behind(|body, canary| body.who(1, &canary.repeat(7)))),
    row("pseudonym", LINKING, Behind(|body, _| body.who(1, "+420 777 123 456"))),
    row("pseudonym", LINKING, Behind(|body, _| body.who(1, "4111 1111 1111 1111"))),
    row("pseudonym", LINKING, Behind(|body, _| body.who(1, ""))),
    row("address", SHOWING_MEDIA, Behind(|body, canary| body.unreadable(1, 1, &format!("{START}#{canary}")))),
    row("attribute", MASKING, Inside(|body, _| body.empty("img", &[("src", Said::Shown("hush:1/2x2"))]))),
    row("attribute", ALL, Inside(|body, canary| body.empty("img", &[("src", Said::Shown(&format!("hush:{canary}")))]))),
    row("attribute", ALL, Inside(|body, _| body.empty("iframe", &[("src", Said::Shown("hush:1"))]))),
    row("attribute", ALL, Behind(|body, _| body.attribute(EARLIER, "srcset", Said::Shown("hush:1")))),
    row("style", MASKING, Behind(|body, _| body.sheet(EARLIER, "a{b:url(hush:1)}"))),
    row("style", ALL, Behind(|body, canary| body.sheet(EARLIER, &format!("a{{b:url(hush:{canary})}}")))),
    row("text-size", ALL, Inside(|body, canary| body.text(&noise(canary, 1 << 20), 0))),
    row("text-size", ALL, Behind(|body, canary| body.set_text(EARLIER, &noise(canary, 1 << 20), 0))),
    row("text-size", ALL, Inside(|body, canary| body.empty("p", &[("class", Said::Shown(&noise(canary, 1 << 20)))]))),
    row("text-size", ALL, Behind(|body, canary| body.sheet(EARLIER, &noise(canary, 4 << 20)))),
    row(
        "text-size",
        RECORDING_FORMS,
        Behind(|body, canary| body.input(EARLIER, Some(Said::Shown(&noise(canary, 1 << 20))), None)),
    ),
    row("show-rule", &[Strict], Inside(|body, canary| body.text(canary, 2))),
    row("show-rule", &[Strict], Behind(|body, canary| body.set_text(EARLIER, canary, u64::from(u32::MAX)))),
    row("show-rule", &[StrictForms, Balanced, BalancedForms, Full], Inside(|body, canary| body.text(canary, 1))),
    row(
        "form-text",
        HIDING_FORMS,
        Inside(|body, canary| body.open("select", &[]).open("option", &[]).text(canary, 0).end().end()),
    ),
    row("form-text", HIDING_FORMS, Inside(|body, canary| body.open("DATALIST", &[]).text(canary, 0).end())),
    row("form-text", ALL, Inside(|body, canary| body.open("textarea", &[]).text(canary, 0).end())),
    row("form-text", ALL, Inside(|body, _| body.open("textarea", &[]).masked(7).end())),
    row(
        "form-text",
        ALL,
        Behind(|body, canary| {
            let with = |body: Body| body.add(3).open("TextArea", &[]).end().end();
            with(body).add(5).text(canary, 0).end()
        }),
    ),
    row("forms", &[Strict], Behind(|body, _| body.input(EARLIER, Some(Said::Bucket(3)), None))),
    row("forms", &[Strict], Behind(|body, _| body.input(EARLIER, None, None))),
    row("forms", HIDING_FORMS, Behind(|body, canary| body.input(EARLIER, Some(Said::Shown(canary)), None))),
    row("forms", HIDING_FORMS, Behind(|body, _| body.input(EARLIER, None, Some(true)))),
    row("forms", HIDING_FORMS, Behind(|body, _| body.state(EARLIER, 0, &[3]))),
    row("forms", HIDING_FORMS, Behind(|body, _| body.state(EARLIER, 1, &[1]))),
    row(
        "input-length",
        &[Balanced, Full, StrictForms, BalancedForms],
        Behind(|body, _| body.input(EARLIER, Some(Said::Bucket(4)), None)),
    ),
    row(
        "input-personal",
        &[StrictForms, BalancedForms],
        Behind(|body, canary| body.input(EARLIER, Some(Said::Shown(&email(canary))), None)),
    ),
    row(
        "secret-field",
        ALL,
        Behind(|body, canary| {
            let body = password(body.add(3)).end();
            body.input(5, Some(Said::Shown(canary)), None)
        }),
    ),
    row(
        "secret-field",
        ALL,
        Behind(|body, canary| {
            let body = body.add(3).empty("INPUT", &[("Name", Said::Shown("card-number"))]).end();
            body.input(5, Some(Said::Shown(canary)), None)
        }),
    ),
    row(
        "secret-field",
        ALL,
        Behind(|body, canary| {
            let body = password(body.add(3)).end().attribute(5, "type", Said::Shown("text"));
            body.input(5, Some(Said::Shown(canary)), None)
        }),
    ),
    row(
        "secret-field",
        ALL,
        Behind(|body, canary| {
            let body = body.attribute(EARLIER, "type", Said::Shown("password"));
            body.input(EARLIER, Some(Said::Shown(canary)), None)
        }),
    ),
    row("secret-field", ALL, Behind(|body, _| password(body.add(3)).end().state(5, 0, &[1]))),
    row("secret-field", ALL, Behind(|body, _| password(body.add(3)).end().state(5, 1, &[]))),
    row("attribute", MASKING, Inside(|body, canary| body.empty("p", &[("title", Said::Shown(canary))]))),
    row("attribute", MASKING, Inside(|body, canary| body.empty("p", &[("data-name", Said::Shown(canary))]))),
    row("attribute", MASKING, Inside(|body, canary| body.empty("img", &[("alt", Said::Shown(canary))]))),
    row("attribute", MASKING, Behind(|body, canary| body.attribute(EARLIER, "aria-label", Said::Shown(canary)))),
    row("attribute", MASKING, Behind(|body, canary| body.attribute_gone(EARLIER, canary))),
    row("attribute", REDACTING, Inside(|body, canary| body.empty("p", &[("title", Said::Shown(&email(canary)))]))),
    row("attribute", REDACTING, Behind(|body, canary| body.attribute(EARLIER, "alt", Said::Shown(&email(canary))))),
    row("attribute", ALL, Inside(|body, canary| body.empty("p", &[("class", Said::Shown(&email(canary)))]))),
    row("attribute", ALL, Inside(|body, canary| body.empty("p", &[("onclick", Said::Shown(canary))]))),
    row("attribute", ALL, Inside(|body, canary| body.empty("input", &[("value", Said::Shown(canary))]))),
    row("attribute", ALL, Inside(|body, canary| body.empty("INPUT", &[("VALUE", Said::Shown(canary))]))),
    row("attribute", ALL, Inside(|body, canary| body.empty("p", &[("data-text", Said::Shown(&email(canary)))]))),
    row("attribute", ALL, Inside(|body, _| body.empty("p", &[("title", Said::Bucket(9))]))),
    row(
        "attribute",
        ALL,
        Inside(|body, canary| body.empty("img", &[("src", Said::Shown(&format!("https://x.example/{canary}")))])),
    ),
    row(
        "attribute",
        ALL,
        Inside(|body, canary| body.empty("a", &[("href", Said::Shown(&format!("{START}?q={canary}")))])),
    ),
    row(
        "attribute",
        ALL,
        Inside(|body, canary| {
            body.empty("p", &[("style", Said::Shown(&format!("background:url(https://x.example/{canary})")))])
        }),
    ),
    row("attribute", ALL, Behind(|body, canary| body.attribute(EARLIER, "srcdoc", Said::Shown(canary)))),
    row("attribute", ALL, Behind(|body, canary| body.attribute_gone(EARLIER, &format!("on{canary}")))),
    row("name", ALL, Inside(|body, canary| body.empty("p", &[(&format!("{canary} {canary}"), Said::Shown(""))]))),
    row("name", ALL, Inside(|body, canary| body.empty("p", &[(&email(canary), Said::Shown(""))]))),
    row("name", ALL, Inside(|body, _| body.empty("p", &[("", Said::Shown(""))]))),
    row("name", ALL, Inside(|body, canary| body.empty(&format!("p {canary}"), &[]))),
    row("name", ALL, Inside(|body, canary| body.empty(&email(canary), &[]))),
    row("name", ALL, Inside(|body, canary| body.block(&email(canary)))),
    row("name", ALL, Behind(|body, canary| body.attribute(EARLIER, &email(canary), Said::Shown("")))),
    row("name", ALL, Behind(|body, canary| body.attribute_gone(EARLIER, &format!("aria-{canary} {canary}")))),
    row("tag", ALL, Inside(|body, canary| body.empty("script", &[("class", Said::Shown(canary))]))),
    row("tag", ALL, Inside(|body, _| body.open("SCRIPT", &[]).end())),
    row("tag", ALL, Inside(|body, _| body.block("object"))),
    row("box", ALL, Behind(|body, canary| boxed(body).attribute(5, "class", Said::Shown(canary)))),
    row("box", ALL, Behind(|body, canary| boxed(body).add(5).empty("p", &[("class", Said::Shown(canary))]).end())),
    row("media", MASKING, Behind(|body, _| body.media(EARLIER))),
    row("canvas", MASKING, Behind(|body, canary| body.canvas(EARLIER, &picture(canary)))),
    row("canvas", REDACTING, Behind(|body, canary| body.canvas(EARLIER, &picture(canary)))),
    row("canvas", ALL, Behind(|body, canary| body.canvas(EARLIER, &format!("https://x.example/{canary}.png")))),
    row("canvas", ALL, Behind(|body, canary| body.canvas(EARLIER, &format!("data:image/svg+xml;base64,{canary}")))),
    row("canvas", ALL, Behind(|body, canary| body.canvas(EARLIER, &format!("{}\"{canary}", picture(""))))),
    row("canvas", ALL, Behind(|body, canary| body.canvas(EARLIER, &picture(&noise(canary, 60_000))))),
    row("note", MASKING, Behind(|body, canary| body.event("cart", "item", Said::Shown(canary)))),
    row("note", MASKING, Behind(|body, canary| body.tag("plan", Said::Shown(canary)))),
    row("note-personal", REDACTING, Behind(|body, canary| body.event("cart", "item", Said::Shown(&email(canary))))),
    row("note-personal", REDACTING, Behind(|body, canary| body.tag("plan", Said::Shown(&email(canary))))),
    row("note-name", ALL, Behind(|body, canary| body.error(&format!("{canary} {canary}"), Said::Bucket(3), ""))),
    row("note-name", ALL, Behind(|body, canary| body.event(&email(canary), "item", Said::Bucket(3)))),
    row("note-name", ALL, Behind(|body, canary| body.event("cart", &format!("{canary}12345"), Said::Bucket(3)))),
    row("note-name", ALL, Behind(|body, canary| body.tag(&email(canary), Said::Bucket(3)))),
    row("text-size", &[Balanced, Full], Behind(|body, canary| body.tag("plan", Said::Shown(&noise(canary, 5_000))))),
    row("address", ALL, Behind(|body, canary| body.error("Error", Said::Bucket(3), &format!("{START}?q={canary}")))),
    row("attribute", &[Strict, Balanced], Inside(|body, _| body.empty("option", &[("label", Said::Bucket(6))]))),
    row("error-name", MASKING, Behind(|body, canary| body.error(canary, Said::Bucket(3), ""))),
    row("console", WITHOUT_META, Behind(|body, canary| body.error("Error", Said::Shown(canary), ""))),
    row("console", META, Behind(|body, canary| body.error("Error", Said::Shown(canary), ""))),
    row("console", WITHOUT_META, Behind(|body, _| body.log(Said::Bucket(3)))),
    row("console", META, Behind(|body, canary| body.log(Said::Shown(canary)))),
    row("network", WITHOUT_META, Behind(|body, _| body.request(""))),
    row("network", META, Behind(|body, canary| body.request(&format!("{START}{canary}")))),
    row("style", ALL, Inside(|body, canary| body.open("style", &[]).css(&loading(canary)).end())),
    row("style", ALL, Behind(|body, canary| body.sheet(EARLIER, &format!("@import 'https://x.example/{canary}';")))),
    row("style", ALL, Behind(|body, canary| body.sheet(EARLIER, &format!("a{{color:red}}/* {canary} */")))),
    row("style", ALL, Behind(|body, canary| body.rule_insert(EARLIER, &loading(canary)))),
    row("style", ALL, Behind(|body, canary| body.adopted_sheet(1, &loading(canary)))),
    row("style", ALL, Behind(|body, canary| body.adopted_insert(1, &loading(canary)))),
    row("style", MASKING, Behind(|body, canary| body.sheet(EARLIER, &saying(canary)))),
    row("style", REDACTING, Behind(|body, canary| body.sheet(EARLIER, &saying(&email(canary))))),
    row("style-place", ALL, Inside(|body, canary| body.open("div", &[]).css(&format!(".{canary}{{color:red}}")).end())),
    row("style-place", ALL, Inside(|body, canary| body.open("style", &[]).text(canary, 0).end())),
    row("style-place", ALL, Inside(|body, canary| body.open("STYLE", &[]).open(canary, &[]).end().end())),
    row("address", ALL, Behind(|body, canary| body.page_titled(&format!("{START}?q={canary}"), Said::Bucket(0)))),
    row("address", ALL, Behind(|body, canary| body.page_titled(&format!("{START}#{canary}"), Said::Bucket(0)))),
    row("address", ALL, Behind(|body, canary| body.page_titled(&format!("{START}{}", email(canary)), Said::Bucket(0)))),
    row("address", ALL, Behind(|body, canary| body.page_titled(canary, Said::Bucket(0)))),
    row(
        "address",
        &[Strict, Balanced, BalancedForms],
        Behind(|body, canary| body.document(&format!("{START}{canary}"), Said::Bucket(0)).end()),
    ),
    row(
        "skipped",
        &[FullSkips],
        Behind(|body, canary| body.page_titled(&format!("{START}account/{canary}"), Said::Bucket(0))),
    ),
    row(
        "skipped",
        &[FullSkips],
        Behind(|body, canary| body.document(&format!("{START}account/{canary}"), Said::Bucket(0)).end()),
    ),
    row("title", MASKING, Behind(|body, canary| body.page_titled(START, Said::Shown(canary)))),
    row("title", MASKING, Behind(|body, canary| body.document(START, Said::Shown(canary)).end())),
    row("title-personal", REDACTING, Behind(|body, canary| body.page_titled(START, Said::Shown(&email(canary))))),
    row("title-personal", REDACTING, Behind(|body, canary| body.document(START, Said::Shown(&email(canary))).end())),
    row("doctype", ALL, Inside(|body, canary| body.doctype("html", "", &email(canary)))),
    row("doctype", ALL, Inside(|body, canary| body.doctype("html", &format!("{canary}é"), ""))),
    row("doctype", ALL, Inside(|body, canary| body.doctype("html", &format!("Order of {canary}"), ""))),
    row("doctype", ALL, Inside(|body, canary| body.doctype(&noise(canary, 300), "", ""))),
];

fn loading(canary: &str) -> String {
    format!("a{{background:url(https://x.example/{canary}.png)}}")
}

fn saying(words: &str) -> String {
    format!("a::before{{content:\"{words}\"}}")
}
