use super::*;
use crate::finish::Counts;
use crate::model::{RecordingId, Timestamp};
use crate::store::finish::{Waiting, set_marked};
use crate::store::fixtures::{ID, NOW, PAGE, Shop, facts, shop};
use crate::store::restriction::{Order, Verb};
use crate::store::term::Kind;
use crate::store::{Actor, Facts, PageSeen, TagSeen, erasure, recording};
use proptest::prelude::*;
use std::collections::HashSet;

const DEVICES: [&str; 3] = ["desktop", "phone", "tablet"];
const BROWSERS: [&str; 3] = ["Chrome", "Firefox", ""];
const COUNTRIES: [&str; 3] = ["CZ", "SK", ""];
const PATHS: [&str; 5] = ["/", "/cart", "/cart/done", "/Product/1", "/product/2"];
const EVENTS: [&str; 2] = ["bought", "left"];
const TAGS: [(&str, &str); 2] = [("plan", "pro"), ("plan", "")];

/// A recording as a script forges it, its choices by their place.
#[derive(Debug, Clone)]
struct Forged {
    site: i64,
    started: i64,
    length: u32,
    device: usize,
    browser: usize,
    country: usize,
    clicks: u32,
    signals: [u32; 5],
    bot: bool,
    paths: Vec<usize>,
    event: Option<usize>,
    tag: Option<usize>,
    watched: bool,
}

fn forged() -> impl Strategy<Value = Forged> {
    let who = (1..3i64, 0..3usize, 0..3usize, 0..3usize, any::<bool>(), any::<bool>());
    let what = (0..40i64, 0..6u32, 0..4u32, prop::array::uniform5(0..2u32));
    let texts = (prop::collection::vec(0..5usize, 1..4), prop::option::of(0..2usize), prop::option::of(0..2usize));
    (who, what, texts).prop_map(
        |((site, device, browser, country, bot, watched), (started, length, clicks, signals), (paths, event, tag))| {
            Forged { site, started, length, device, browser, country, clicks, signals, bot, paths, event, tag, watched }
        },
    )
}

/// Each part left out half of the time.
fn query() -> impl Strategy<Value = Query> {
    let some = |list: [&str; 3]| {
        let list = list.map(str::to_owned).to_vec();
        prop_oneof![Just(Vec::new()), prop::sample::subsequence(list, 1..3)]
    };
    let places = (prop::option::of(1..3i64), prop::option::of(0..40i64), prop::option::of(0..40i64));
    let choices = (some(DEVICES), some(BROWSERS), some(COUNTRIES));
    let bounds =
        (prop::option::of(0..6u32), prop::option::of(0..6u32), prop::option::of(0..4u32), prop::option::of(1..4u16));
    let signals = prop::sample::subsequence(Signal::ALL.to_vec(), 0..2);
    let bots = prop::option::of(prop::sample::select(Bot::ALL.to_vec()));
    let texts = (
        prop::option::weighted(0.3, prop::sample::select(vec!["/cart", "/cart*", "/product/*", "/nowhere"])),
        prop::option::weighted(0.2, prop::sample::select(vec!["bought", "left", "Bought"])),
        prop::option::weighted(0.2, prop::sample::select(vec!["plan=pro", "plan"])),
        prop::option::weighted(0.3, prop::sample::select(vec!["PRODUCT", "cart bought", "pro", "  "])),
    );
    let order = (prop::sample::select(Sort::ALL.to_vec()), any::<bool>(), 1..8usize);
    (places, choices, bounds, signals, bots, texts, order).prop_map(
        |(places, choices, bounds, signals, bots, texts, order)| {
            let at = |at: i64| Timestamp(NOW.0 + at);
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Query {
                site_id: places.0,
                from: places.1.map(at),
                to: places.2.map(at),
                devices: choices.0,
                browsers: choices.1,
                countries: choices.2,
                length_ms_min: bounds.0,
                length_ms_max: bounds.1,
                actions_min: bounds.2,
                pages_min: bounds.3,
                signals,
                bots,
                page: owned(texts.0),
                event: owned(texts.1),
                tag: owned(texts.2),
                text: owned(texts.3),
                sort: order.0,
                ascending: order.1,
                limit: order.2,
                facets: true,
                ..Query::default()
            }
        },
    )
}

impl Forged {
    fn keep(&self, shop: &Shop, id: RecordingId) {
        let begun = NOW.0 + self.started;
        let facts = Facts {
            site_id: self.site,
            page_began_at: begun,
            last_at: self.length.into(),
            clicks: self.clicks,
            pages: self.paths.len() as u32,
            device: DEVICES[self.device].into(),
            browser: BROWSERS[self.browser].into(),
            country: COUNTRIES[self.country].parse().ok(),
            bot: self.bot,
            page_list: self.paths.iter().map(|path| page(PATHS[*path])).collect(),
            event_list: self.event.map(|event| EVENTS[event].to_owned()).into_iter().collect(),
            tag_list: self
                .tag
                .map(|tag| TagSeen { name: TAGS[tag].0.into(), value: TAGS[tag].1.into() })
                .into_iter()
                .collect(),
            ..facts(NOW)
        };
        keep(shop, id, &facts);
        let [rage, dead, error_clicks, quick_backs, errors] = self.signals;
        let counts = Counts { rage, dead, error_clicks, quick_backs, errors, custom: 0 };
        set_marked(&shop.books.meta, Waiting { id, last_batch_at: NOW.0 }, &counts, NOW).unwrap();
    }

    fn texts(&self) -> Vec<(Kind, String)> {
        let pages = self.paths.iter().map(|path| (Kind::Page, PATHS[*path].to_owned()));
        let events = self.event.iter().map(|event| (Kind::Event, EVENTS[*event].to_owned()));
        let tags = self.tag.iter().map(|tag| match TAGS[*tag] {
            (name, "") => (Kind::Tag, name.to_owned()),
            (name, value) => (Kind::Tag, format!("{name}={value}")),
        });
        pages.chain(events).chain(tags).collect()
    }

    /// Whether it fits, told as plainly as can be. `aside` is a kind of choice that is left aside.
    fn fits(&self, query: &Query, aside: &str) -> bool {
        let begun = Timestamp(NOW.0 + self.started);
        let one = |kind: &str, wanted: &[String], mine: &str| {
            aside == kind || wanted.is_empty() || wanted.iter().any(|one| one == mine)
        };
        let told = |kind: Kind, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| {
                self.texts().iter().any(|(mine, text)| match wanted.strip_suffix('*') {
                    Some(begin) => *mine == kind && text.starts_with(begin),
                    None => *mine == kind && text == wanted,
                })
            })
        };
        let words = query.text.clone().unwrap_or_default().to_lowercase();
        let said = |word: &str| self.texts().iter().any(|(_, text)| text.to_lowercase().contains(word));
        (aside == "site" || query.site_id.is_none_or(|site| site == self.site))
            && query.from.is_none_or(|from| begun >= from)
            && query.to.is_none_or(|to| begun < to)
            && one("device", &query.devices, DEVICES[self.device])
            && one("browser", &query.browsers, BROWSERS[self.browser])
            && one("country", &query.countries, COUNTRIES[self.country])
            && query.length_ms_min.is_none_or(|min| self.length >= min)
            && query.length_ms_max.is_none_or(|max| self.length <= max)
            && query.actions_min.is_none_or(|min| self.clicks >= min)
            && query.pages_min.is_none_or(|min| self.paths.len() >= usize::from(min))
            && query.signals.iter().all(|signal| self.signals[*signal as usize] > 0)
            && query.bots.is_none_or(|bots| self.bot == (bots == Bot::Only))
            && told(Kind::Page, &query.page)
            && told(Kind::Event, &query.event)
            && told(Kind::Tag, &query.tag)
            && words.split_whitespace().all(said)
            && query.watched.as_ref().is_none_or(|(wanted, _)| *wanted == self.watched)
    }

    fn rank(&self, query: &Query) -> i64 {
        let key = match query.sort {
            Sort::Start => NOW.0 + self.started,
            Sort::Length => self.length.into(),
            Sort::Activity => self.clicks.into(),
            Sort::Frustration => self.signals[..4].iter().sum::<u32>().into(),
        };
        if query.ascending { -key } else { key }
    }
}

fn page(path: &str) -> PageSeen {
    PageSeen { page: PAGE, url: format!("https://shop.example{path}?x=1"), title: String::new(), at: 0 }
}

fn keep(shop: &Shop, id: RecordingId, facts: &Facts) {
    let key = shop.keyring.find_or_make(id, facts.site_id, NOW).unwrap();
    recording::begin(&shop.books.meta, id, facts).unwrap();
    recording::add(&shop.books.meta, &key.key, id, PAGE, 0, 1, facts).unwrap();
    let site_key = shop.keyring.asset_key(facts.site_id, NOW).unwrap();
    term::add(&shop.books.meta, facts.site_id, id, &term::lines(&site_key, facts).unwrap()).unwrap();
}

/// A shop without a recording, that need not be safe from a power cut.
fn empty() -> Shop {
    let shop = shop();
    shop.books.meta.execute_batch("pragma synchronous = off").unwrap();
    erasure::forget(&shop.books, &[ID]).unwrap();
    shop
}

fn id(number: usize) -> RecordingId {
    // Spread, so that equals are ordered by something else than their arrival.
    RecordingId([((number * 37) % 251) as u8; 16])
}

fn list(register: &Register, shop: &Shop, query: &Query) -> Found {
    register.read(&shop.books.meta, &shop.keyring).unwrap().list(query)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_combination_pages_through_exactly_what_fits_in_order_while_others_arrive(
        there in prop::collection::vec(forged(), 0..40),
        arriving in prop::collection::vec(forged(), 12),
        mut query in query(),
        watched in prop::option::of(any::<bool>()),
    ) {
        let (shop, register) = (empty(), Register::default());
        there.iter().enumerate().for_each(|(at, one)| one.keep(&shop, id(at)));
        query.watched = watched.map(|wanted| (wanted, (0..there.len()).filter(|at| there[*at].watched).map(id).collect()));
        let fitting = |aside: &str| there.iter().enumerate().filter(|(_, one)| one.fits(&query, aside)).collect::<Vec<_>>();
        let mut wanted = fitting("");
        wanted.sort_by_key(|(at, one)| std::cmp::Reverse((one.rank(&query), one.started, id(*at))));
        let wanted: Vec<_> = wanted.into_iter().map(|(at, _)| id(at)).collect();

        let first = list(&register, &shop, &query);
        prop_assert_eq!(first.count as usize, wanted.len());
        let facets = first.facets.as_ref().unwrap();
        for (counted, name, names, of) in [
            (&facets.devices, "device", DEVICES, (|one: &Forged| one.device) as fn(&Forged) -> usize),
            (&facets.browsers, "browser", BROWSERS, |one| one.browser),
            (&facets.countries, "country", COUNTRIES, |one| one.country),
        ] {
            for (place, name_of) in names.iter().enumerate() {
                let count = fitting(name).iter().filter(|(_, one)| of(one) == place).count() as u64;
                let told = counted.iter().find(|(said, _)| said == name_of).map_or(0, |(_, count)| *count);
                prop_assert_eq!(told, count, "{} {}", name, name_of);
            }
        }
        for site in 1..3 {
            let count = fitting("site").iter().filter(|(_, one)| one.site == site).count() as u64;
            prop_assert_eq!(facets.sites.iter().find(|(id, _)| *id == site).map_or(0, |(_, count)| *count), count);
        }
        for signal in Signal::ALL {
            let count = fitting("").iter().filter(|(_, one)| one.signals[signal as usize] > 0).count() as u64;
            prop_assert_eq!(facets.signals[signal as usize], count);
        }

        let (mut seen, mut next, mut arrived) = (first.ids, first.next, 0);
        while let Some(cursor) = next {
            if let Some(one) = arriving.get(arrived) {
                one.keep(&shop, id(100 + arrived));
                arrived += 1;
            }
            // It travels as text.
            let found = list(&register, &shop, &Query { after: Some(cursor.to_string().parse().unwrap()), ..query.clone() });
            prop_assert!(!found.ids.is_empty() && found.ids.len() <= query.limit);
            seen.extend(found.ids);
            next = found.next;
        }
        prop_assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "none comes twice");
        let late: HashSet<_> = (0..arriving.len()).map(|at| id(100 + at)).collect();
        seen.retain(|id| !late.contains(id));
        prop_assert_eq!(seen, wanted);
    }
}

#[test]
fn what_is_erased_expired_or_restricted_is_listed_as_such_at_once() {
    let (mut shop, register) = (empty(), Register::default());
    let carts: Vec<_> = (0..4).map(id).collect();
    for id in &carts {
        keep(&shop, *id, &Facts { page_list: vec![page("/cart")], ..facts(NOW) });
    }
    let cart = Query { page: Some("/cart".into()), limit: 9, ..Query::default() };
    assert_eq!(list(&register, &shop, &cart).count, 4);
    erasure::erase(&shop.books, carts[0], &Actor::Command, NOW).unwrap();
    erasure::forget(&shop.books, &carts[1..2]).unwrap();
    let reason = "a complaint".to_owned();
    let order = Order { recording: carts[2], verb: Verb::Restrict, by: Actor::Command, reason, at: NOW };
    shop.books.transact(|books| order.carry_out(books)).unwrap();
    assert_eq!(list(&register, &shop, &cart).ids, [carts[3]], "what is restricted is found by nothing that it holds");
    let all = list(&register, &shop, &Query { limit: 9, ..Query::default() });
    assert_eq!(all.ids.into_iter().collect::<HashSet<_>>(), [carts[2], carts[3]].into());
    let lines = register.read(&shop.books.meta, &shop.keyring).unwrap();
    assert_eq!(lines.suggest(Kind::Page, Some(1), "CAR", 9), [Suggestion { text: "/cart".into(), recordings: 1 }]);
    assert!(lines.suggest(Kind::Page, Some(2), "", 9).is_empty());
}

#[test]
fn changes_that_are_forgotten_were_taken_in() {
    let (shop, register) = (empty(), Register::default());
    keep(&shop, id(1), &facts(NOW));
    assert_eq!(list(&register, &shop, &Query { limit: 9, ..Query::default() }).count, 1);
    let seq = register.read(&shop.books.meta, &shop.keyring).unwrap().seq();
    assert!(any_up_to(&shop.books.meta, seq).unwrap());
    forget_up_to(&shop.books.meta, seq).unwrap();
    assert!(!any_up_to(&shop.books.meta, seq).unwrap());
    keep(&shop, id(2), &facts(NOW));
    assert_eq!(list(&register, &shop, &Query { limit: 9, ..Query::default() }).count, 2);
}

#[test]
fn many_changes_leave_no_more_behind_than_they_found() {
    let (shop, register) = (empty(), Register::default());
    for round in 0..40 {
        for number in 0..8 {
            let path = format!("/{round}/{number}");
            keep(&shop, id(number), &Facts { page_list: vec![page(&path), page("/")], ..facts(NOW) });
        }
        assert_eq!(list(&register, &shop, &Query { page: Some("/".into()), limit: 9, ..Query::default() }).count, 8);
        erasure::forget(&shop.books, &(0..8).map(id).collect::<Vec<_>>()).unwrap();
    }
    let lines = register.read(&shop.books.meta, &shop.keyring).unwrap();
    assert!(lines.entries.is_empty() && lines.places.is_empty());
    assert!(lines.numbers.len() <= 16 && lines.terms.len() <= 16, "{} {}", lines.numbers.len(), lines.terms.len());
}
