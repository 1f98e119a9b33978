//! What the query string of a list asks for. Whatever is misspelt is answered with the parameter's name and the nearest that there is.

use crate::error::{Error, Result};
use crate::model::{SiteKey, Timestamp, VisitorId};
use crate::store::register::{Bot, Cursor, Query, Signal, Sort};
use serde::Deserialize;
use std::str::FromStr;

const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;
/// Characters and words of a search.
const TEXT_CHARS_MAX: usize = 200;
const WORDS_MAX: usize = 8;
const DEVICES: [&str; 3] = ["desktop", "tablet", "phone"];
/// Asks for what has no name.
pub const UNKNOWN: &str = "unknown";

/// What to list. Filters may be combined as one likes: a recording has to fit all of them.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// A site's key.
    pub site: Option<String>,
    /// Started at this time or later, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Started before this time.
    pub to: Option<i64>,
    /// Came to this path, such as `/cart`; with `*` at its end, to one that begins so.
    pub page: Option<String>,
    /// During which the page told an event of this name.
    pub event: Option<String>,
    /// Has this tag: `name=value`, or the name alone where the policy hides the value.
    pub tag: Option<String>,
    /// Words that each stand somewhere in its paths, events or tags, in capitals or not.
    pub q: Option<String>,
    /// `desktop`, `tablet` or `phone`, several with commas between them. Here and below: one of these.
    pub device: Option<String>,
    /// Names as recordings have them, with commas between them; `unknown` for those without.
    pub browser: Option<String>,
    pub os: Option<String>,
    /// Two letters each, such as `CZ,SK`; `unknown` for those without.
    pub country: Option<String>,
    /// Lasted so many seconds or longer.
    pub length_s_min: Option<u32>,
    /// Lasted so many seconds or less.
    pub length_s_max: Option<u32>,
    /// Has so many clicks and inputs or more, taken together.
    pub actions_min: Option<u32>,
    /// Came to so many pages or more.
    pub pages_min: Option<u16>,
    /// `rage`, `dead`, `error-click`, `quick-back` or `error`, several with commas between them: each of these at least once.
    pub signal: Option<String>,
    /// Whether this account has watched it.
    pub watched: Option<bool>,
    /// `hide`, or `only`: programs that say so themselves.
    pub bots: Option<String>,
    /// Of this visitor, as `visitor` of a recording names him.
    pub visitor: Option<String>,
    /// During which the site called somebody exactly this.
    pub identified: Option<String>,
    /// `start`, `length`, `activity` (clicks and inputs) or `frustration` (rage, dead and error clicks and quick backs, taken together);
    /// `start` where it is left out. What is equal comes newest first.
    pub sort: Option<String>,
    /// `desc` or `asc`; `desc` where it is left out.
    pub order: Option<String>,
    /// `next` of the page before, in the same order.
    pub cursor: Option<String>,
    /// At most this many: 1 to 200, 50 where it is left out.
    pub limit: Option<usize>,
    /// Count by choices too.
    pub facets: Option<bool>,
}

const NAMES: [&str; 25] = [
    "site",
    "from",
    "to",
    "page",
    "event",
    "tag",
    "q",
    "device",
    "browser",
    "os",
    "country",
    "length_s_min",
    "length_s_max",
    "actions_min",
    "pages_min",
    "signal",
    "watched",
    "bots",
    "visitor",
    "identified",
    "sort",
    "order",
    "cursor",
    "limit",
    "facets",
];

impl Asked {
    /// Read a query string's pairs. An empty value is the same as none.
    pub fn read(pairs: Vec<(String, String)>) -> Result<Self> {
        let mut asked = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "site" => asked.site = Some(value),
                "from" => asked.from = Some(number("from", &value)?),
                "to" => asked.to = Some(number("to", &value)?),
                "page" => asked.page = Some(value),
                "event" => asked.event = Some(value),
                "tag" => asked.tag = Some(value),
                "q" => asked.q = Some(value),
                "device" => asked.device = Some(value),
                "browser" => asked.browser = Some(value),
                "os" => asked.os = Some(value),
                "country" => asked.country = Some(value),
                "length_s_min" => asked.length_s_min = Some(number("length_s_min", &value)?),
                "length_s_max" => asked.length_s_max = Some(number("length_s_max", &value)?),
                "actions_min" => asked.actions_min = Some(number("actions_min", &value)?),
                "pages_min" => asked.pages_min = Some(number("pages_min", &value)?),
                "signal" => asked.signal = Some(value),
                "watched" => asked.watched = Some(one_of("watched", &value, &["true", "false"])? == 0),
                "bots" => asked.bots = Some(value),
                "visitor" => asked.visitor = Some(value),
                "identified" => asked.identified = Some(value),
                "sort" => asked.sort = Some(value),
                "order" => asked.order = Some(value),
                "cursor" => asked.cursor = Some(value),
                "limit" => asked.limit = Some(number("limit", &value)?),
                "facets" => asked.facets = Some(one_of("facets", &value, &["true", "false"])? == 0),
                unknown => {
                    let nearest = nearest(unknown, &NAMES);
                    return Err(Error::invalid(
                        unknown,
                        format!("There is no parameter `{unknown}`. Did you mean `{nearest}`?"),
                    ));
                }
            }
        }
        Ok(asked)
    }

    /// Whether anything says which recordings.
    pub fn is_narrow(&self) -> bool {
        let Self { site, page, event, tag, q, device, browser, os, country, signal, bots, visitor, identified, .. } =
            self;
        let words = [site, page, event, tag, q, device, browser, os, country, signal, bots, visitor, identified];
        let numbers = [self.length_s_min, self.length_s_max, self.actions_min, self.pages_min.map(u32::from)];
        words.iter().any(|word| word.is_some())
            || numbers.iter().any(Option::is_some)
            || [self.from, self.to].iter().any(Option::is_some)
            || self.watched.is_some()
    }

    pub fn site_key(&self) -> Result<Option<SiteKey>> {
        self.site.as_deref().map(str::parse).transpose().map_err(|_| Error::NotFound)
    }

    pub fn visitor_id(&self) -> Result<Option<VisitorId>> {
        self.visitor.as_deref().map(str::parse).transpose().map_err(|_| Error::NotFound)
    }

    /// The query, but for what has to be looked up elsewhere: site, visitor, pseudonym, what was watched.
    pub fn query(&self) -> Result<Query> {
        let sort = self.sort.as_deref().map(|said| one_of("sort", said, &Sort::ALL.map(Sort::as_str))).transpose()?;
        let sort = sort.map_or(Sort::Start, |place| Sort::ALL[place]);
        let ascending = match &self.order {
            Some(said) => one_of("order", said, &["desc", "asc"])? == 1,
            None => false,
        };
        let mut signals = Vec::new();
        for said in parts(&self.signal) {
            signals.push(Signal::ALL[one_of("signal", said, &Signal::ALL.map(Signal::as_str))?]);
        }
        let mut devices = Vec::new();
        for said in parts(&self.device) {
            devices.push(DEVICES[one_of("device", said, &DEVICES)?].to_owned());
        }
        let bots = self.bots.as_deref().map(|said| one_of("bots", said, &Bot::ALL.map(Bot::as_str))).transpose()?;
        Ok(Query {
            from: self.from.map(Timestamp),
            to: self.to.map(Timestamp),
            devices,
            browsers: names(&self.browser),
            systems: names(&self.os),
            countries: names(&self.country).into_iter().map(|code| code.to_ascii_uppercase()).collect(),
            length_ms_min: self.length_s_min.map(|seconds| seconds.saturating_mul(1_000)),
            length_ms_max: self.length_s_max.map(|seconds| seconds.saturating_mul(1_000)),
            actions_min: self.actions_min,
            pages_min: self.pages_min,
            signals,
            bots: bots.map(|place| Bot::ALL[place]),
            page: self.page.clone(),
            event: self.event.clone(),
            tag: self.tag.clone(),
            text: self.text()?,
            sort,
            ascending,
            after: self.after(sort, ascending)?,
            limit: self.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
            facets: self.facets.unwrap_or(false),
            ..Query::default()
        })
    }

    fn text(&self) -> Result<Option<String>> {
        let Some(text) = &self.q else { return Ok(None) };
        if text.chars().count() > TEXT_CHARS_MAX || text.split_whitespace().count() > WORDS_MAX {
            return Err(Error::invalid(
                "q",
                format!("Search for up to {WORDS_MAX} words and {TEXT_CHARS_MAX} characters."),
            ));
        }
        Ok(Some(text.clone()))
    }

    fn after(&self, sort: Sort, ascending: bool) -> Result<Option<Cursor>> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let wrong = || Error::invalid("cursor", "The cursor is `next` of the page before, in the same order.");
        let cursor: Cursor = text.parse().map_err(|()| wrong())?;
        if (cursor.sort, cursor.ascending) == (sort, ascending) { Ok(Some(cursor)) } else { Err(wrong()) }
    }
}

fn parts(list: &Option<String>) -> impl Iterator<Item = &str> {
    list.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|part| !part.is_empty())
}

fn names(list: &Option<String>) -> Vec<String> {
    parts(list).map(|name| if name == UNKNOWN { String::new() } else { name.to_owned() }).collect()
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T> {
    value
        .parse()
        .map_err(|_| Error::invalid(name, format!("`{name}` is a whole number, not `{value}`, and not that large.")))
}

/// The place of a value among those that there are.
pub fn one_of(name: &str, value: &str, known: &[&str]) -> Result<usize> {
    known.iter().position(|one| *one == value).ok_or_else(|| {
        let nearest = nearest(value, known);
        let all = known.join("`, `");
        Error::invalid(name, format!("`{name}` is one of `{all}`, not `{value}`. Did you mean `{nearest}`?"))
    })
}

fn nearest<'a>(value: &str, known: &[&'a str]) -> &'a str {
    known.iter().min_by_key(|one| strsim::damerau_levenshtein(one, value)).copied().unwrap_or_default()
}
