//! Reads the register through once: what fits, the next so many of it in order, and counts by choices.

use super::entry::{Entry, Table, Tail};
use super::query::{Bot, Cursor, Query, Signal, Sort};
use super::{Lines, Text};
use crate::model::RecordingId;
use crate::store::term::Kind;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What a query came to.
#[derive(Debug, Default)]
pub struct Found {
    /// In order.
    pub ids: Vec<RecordingId>,
    /// All that fit, before the cursor too.
    pub count: u64,
    /// Where the next page begins; none where this is the last.
    pub next: Option<Cursor>,
    pub facets: Option<Facets>,
}

/// How many fit for each choice of one kind, if that choice were made and the others of its kind were not. What is most first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// By a site's number.
    pub sites: Vec<(i64, u64)>,
    pub devices: Vec<Counted>,
    pub browsers: Vec<Counted>,
    pub systems: Vec<Counted>,
    pub countries: Vec<Counted>,
    /// Among those that fit, how many show each; in the order of `Signal::ALL`.
    pub signals: [u64; 5],
}

/// A name and how often.
pub type Counted = (String, u64);

/// A text that recordings are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub text: String,
    pub recordings: u64,
}

/// Where a recording stands in an order; greater comes first.
type Rank = (i64, i64, [u8; 16]);

const KINDS: usize = 5;
/// Recordings judged together: as many as the processor holds at hand.
const BLOCK: usize = 512;
/// In a recording's misses: it fails something else than a choice. The lower bits are the kinds of choices.
const FAILS: u8 = 1 << 7;
/// Counts are kept in so many parts, since one that was just raised is slow to be raised again.
const LANES: usize = 4;

/// A query with its names and texts looked up, so that a recording is judged by numbers alone.
struct Judge<'a> {
    query: &'a Query,
    from: i64,
    to: i64,
    length: (u32, u32),
    actions_min: u32,
    pages_min: u16,
    signals: u8,
    bot: Option<bool>,
    /// Its texts, or itself, are looked up: what costs more than a glance.
    looks_closer: bool,
    /// Something else than choices is asked for at all.
    bounded: bool,
    /// Which places of each kind are let through; none lets all through.
    choices: [Option<Vec<bool>>; KINDS],
    /// Of each of these sets of texts, one at least.
    texts: Vec<Bits>,
}

impl Lines {
    /// What fits a query. Reads every line once, block after block: each filter that is asked for and each count passes over a block that the
    /// processor holds, so that nothing is asked of a recording that was not asked for.
    pub fn list(&self, query: &Query) -> Found {
        let judge = Judge::of(self, query);
        let mut tally = Tally::of(self, query);
        let mut blocks = self.entries.chunks(BLOCK).zip(self.tails.chunks(BLOCK));
        // Where the order is that of time, what comes first is met first: the rest is then only counted.
        while let Some((entries, tails)) = if query.ascending { blocks.next() } else { blocks.next_back() } {
            let mut misses = [0; BLOCK];
            judge.judge(self, entries, tails, &mut misses);
            tally.see(entries, tails, &misses);
        }
        tally.finish(self)
    }

    /// The texts of one kind that most recordings have, of those that hold `part`.
    pub fn suggest(&self, kind: Kind, site_id: Option<i64>, part: &str, limit: usize) -> Vec<Suggestion> {
        let part = part.to_lowercase();
        // What two sites both have is one.
        let mut found: BTreeMap<&str, u64> = BTreeMap::new();
        for (id, Text { term, folded }) in &self.terms {
            let uses = self.uses.get(*id as usize).copied().unwrap_or(0);
            let wanted = term.kind == kind && site_id.is_none_or(|site| site == term.site_id) && uses > 0;
            if wanted && folded.contains(&part) {
                *found.entry(&term.text).or_default() += u64::from(uses);
            }
        }
        let mut found: Vec<_> =
            found.into_iter().map(|(text, recordings)| Suggestion { text: text.to_owned(), recordings }).collect();
        found.sort_by(|a, b| (b.recordings, &a.text).cmp(&(a.recordings, &b.text)));
        found.truncate(limit);
        found
    }
}

impl<'a> Judge<'a> {
    fn of(lines: &Lines, query: &'a Query) -> Self {
        let names = &lines.names;
        let sites = query.site_id.map(|wanted| names.sites.iter().map(|site| *site == wanted).collect());
        let choices = [
            sites,
            chosen(&names.devices, &query.devices),
            chosen(&names.browsers, &query.browsers),
            chosen(&names.systems, &query.systems),
            chosen(&names.countries, &query.countries),
        ];
        let mut texts = Vec::new();
        for (kind, wanted) in [(Kind::Page, &query.page), (Kind::Event, &query.event), (Kind::Tag, &query.tag)] {
            let Some(wanted) = wanted else { continue };
            let begin = wanted.strip_suffix('*').filter(|_| kind == Kind::Page);
            texts.push(Bits::of(lines, |text| {
                text.term.kind == kind
                    && begin.map_or(text.term.text == *wanted, |begin| text.term.text.starts_with(begin))
            }));
        }
        for word in query.text.iter().flat_map(|text| text.split_whitespace()) {
            let word = word.to_lowercase();
            texts.push(Bits::of(lines, |text| text.folded.contains(&word)));
        }
        let bounds =
            [query.from.is_some(), query.to.is_some(), query.length_ms_min.is_some(), query.length_ms_max.is_some()];
        let more =
            [query.actions_min.is_some(), query.pages_min.is_some(), !query.signals.is_empty(), query.bots.is_some()];
        Self {
            bounded: bounds.contains(&true) || more.contains(&true),
            query,
            from: query.from.map_or(i64::MIN, |at| at.0),
            to: query.to.map_or(i64::MAX, |at| at.0),
            length: (query.length_ms_min.unwrap_or(0), query.length_ms_max.unwrap_or(u32::MAX)),
            actions_min: query.actions_min.unwrap_or(0),
            pages_min: query.pages_min.unwrap_or(0),
            signals: query.signals.iter().fold(0, |bits, signal| bits | signal.bit()),
            bot: query.bots.map(|bots| bots == Bot::Only),
            looks_closer: !texts.is_empty() || query.only.is_some() || query.watched.is_some(),
            choices,
            texts,
        }
    }

    /// Write down for each recording of a block what it fails.
    fn judge(&self, lines: &Lines, entries: &[Entry], tails: &[Tail], misses: &mut [u8; BLOCK]) {
        for (kind, choice) in self.choices.iter().enumerate() {
            let Some(allowed) = choice else { continue };
            for (misses, entry) in misses.iter_mut().zip(entries) {
                let allowed = allowed.get(usize::from(places(entry)[kind])).copied().unwrap_or(false);
                *misses |= u8::from(!allowed) << kind;
            }
        }
        if self.bounded {
            for (misses, entry) in misses.iter_mut().zip(entries) {
                *misses |= u8::from(!self.fits(entry)) << 7;
            }
        }
        if self.looks_closer {
            for (misses, tail) in misses.iter_mut().zip(tails) {
                let matters = *misses == 0 || (self.query.facets && misses.is_power_of_two() && *misses != FAILS);
                if matters && !self.holds(lines, tail) {
                    *misses |= FAILS;
                }
            }
        }
    }

    /// Whether it fits all that can be told from its line. All of it is looked at: a branch that cannot be foreseen costs more.
    fn fits(&self, entry: &Entry) -> bool {
        (entry.started_at >= self.from)
            & (entry.started_at < self.to)
            & (entry.length_ms >= self.length.0)
            & (entry.length_ms <= self.length.1)
            & (entry.actions >= self.actions_min)
            & (entry.pages >= self.pages_min)
            & (entry.signals & self.signals == self.signals)
            & self.bot.is_none_or(|bot| entry.bot == bot)
    }

    fn holds(&self, lines: &Lines, tail: &Tail) -> bool {
        let (query, id) = (self.query, RecordingId(tail.id));
        let numbers = &lines.numbers[tail.range()];
        self.texts.iter().all(|set| numbers.iter().any(|number| set.has(*number)))
            && query.only.as_ref().is_none_or(|only| only.contains(&id))
            && query.watched.as_ref().is_none_or(|(wanted, seen)| seen.contains(&id) == *wanted)
    }
}

/// What was found so far.
struct Tally {
    count: u64,
    by_choice: [Counts; KINDS],
    /// By the set of signals that a recording shows.
    by_signals: Counts,
    facets: bool,
    sort: Sort,
    ascending: bool,
    after: Option<Rank>,
    /// The first so many after the cursor, and one more, which tells whether there is a next page.
    first: BinaryHeap<Reverse<Rank>>,
    limit: usize,
}

impl Tally {
    fn of(lines: &Lines, query: &Query) -> Self {
        let names = &lines.names;
        let tables = [&names.devices, &names.browsers, &names.systems, &names.countries];
        let [devices, browsers, systems, countries] = tables.map(|table| Counts::of(table.names().len()));
        Self {
            count: 0,
            by_choice: [Counts::of(names.sites.len()), devices, browsers, systems, countries],
            by_signals: Counts::of(256),
            facets: query.facets,
            sort: query.sort,
            ascending: query.ascending,
            after: query.after.map(|cursor| (signed(cursor.key, query.ascending), cursor.started_at, cursor.id.0)),
            first: BinaryHeap::with_capacity(query.limit + 2),
            limit: query.limit,
        }
    }

    fn see(&mut self, entries: &[Entry], tails: &[Tail], misses: &[u8; BLOCK]) {
        let misses = &misses[..entries.len()];
        self.count += misses.iter().map(|misses| u64::from(*misses == 0)).sum::<u64>();
        if self.facets {
            let [sites, devices, browsers, systems, countries] = &mut self.by_choice;
            sites.add(0, entries, misses, |entry| entry.site.into());
            devices.add(1, entries, misses, |entry| entry.device.into());
            browsers.add(2, entries, misses, |entry| entry.browser.into());
            systems.add(3, entries, misses, |entry| entry.os.into());
            countries.add(4, entries, misses, |entry| entry.country.into());
            // No kind of choice: whatever is missed counts.
            self.by_signals.add(7, entries, misses, |entry| entry.signals.into());
        }
        match self.sort {
            Sort::Start => self.rank(entries, tails, misses, |entry| entry.started_at),
            Sort::Length => self.rank(entries, tails, misses, |entry| entry.length_ms.into()),
            Sort::Activity => self.rank(entries, tails, misses, |entry| entry.actions.into()),
            Sort::Frustration => self.rank(entries, tails, misses, |entry| entry.frustration.into()),
        }
    }

    /// Take those of a block that stand among the first.
    fn rank(&mut self, entries: &[Entry], tails: &[Tail], misses: &[u8], key: impl Fn(&Entry) -> i64) {
        // Most stand behind those that were found already, or before the cursor: the key alone tells that.
        let last = |first: &BinaryHeap<Reverse<Rank>>, limit| {
            if first.len() > limit { first.peek().map_or(i64::MIN, |last| last.0.0) } else { i64::MIN }
        };
        let (mut least, most) = (last(&self.first, self.limit), self.after.map_or(i64::MAX, |after| after.0));
        let mut one = |at: usize| {
            let key = signed(key(&entries[at]), self.ascending);
            if (misses[at] != 0) | (key < least) | (key > most) {
                return;
            }
            let rank = (key, entries[at].started_at, tails[at].id);
            if self.after.is_some_and(|after| rank >= after) {
                return;
            }
            if self.first.len() <= self.limit {
                self.first.push(Reverse(rank));
            } else if let Some(mut last) = self.first.peek_mut()
                && rank > last.0
            {
                *last = Reverse(rank);
            }
            least = last(&self.first, self.limit);
        };
        if self.ascending { (0..entries.len()).for_each(&mut one) } else { (0..entries.len()).rev().for_each(&mut one) }
    }

    fn finish(self, lines: &Lines) -> Found {
        let names = &lines.names;
        let [sites, devices, browsers, systems, countries] = self.by_choice;
        let by_signals: Vec<u64> = self.by_signals.totals().collect();
        let facets = self.facets.then(|| Facets {
            sites: names.sites.iter().copied().zip(sites.totals()).filter(|(_, count)| *count > 0).collect(),
            devices: counted(&names.devices, devices),
            browsers: counted(&names.browsers, browsers),
            systems: counted(&names.systems, systems),
            countries: counted(&names.countries, countries),
            signals: Signal::ALL.map(|signal| {
                let with = by_signals.iter().enumerate().filter(|(set, _)| *set as u8 & signal.bit() != 0);
                with.map(|(_, count)| count).sum()
            }),
        });
        // Reversed, so that this is greatest first.
        let mut first: Vec<Rank> = self.first.into_sorted_vec().into_iter().map(|Reverse(rank)| rank).collect();
        let more = first.len() > self.limit;
        first.truncate(self.limit);
        let next = first.last().filter(|_| more).map(|(key, started_at, id)| Cursor {
            sort: self.sort,
            ascending: self.ascending,
            key: signed(*key, self.ascending),
            started_at: *started_at,
            id: RecordingId(*id),
        });
        Found { ids: first.into_iter().map(|(_, _, id)| RecordingId(id)).collect(), count: self.count, next, facets }
    }
}

/// Counts by the place of a name.
struct Counts(Vec<[u32; LANES]>);

impl Counts {
    fn of(names: usize) -> Self {
        Self(vec![[0; LANES]; names])
    }

    /// Count those of a block that miss nothing, or this kind of choice alone.
    fn add(&mut self, kind: u8, entries: &[Entry], misses: &[u8], place: impl Fn(&Entry) -> usize) {
        let aside = if kind < KINDS as u8 { !(1 << kind) } else { u8::MAX };
        for (at, (entry, misses)) in entries.iter().zip(misses).enumerate() {
            if let Some(count) = self.0.get_mut(place(entry)) {
                count[at % LANES] += u32::from(misses & aside == 0);
            }
        }
    }

    fn totals(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().map(|lanes| lanes.iter().map(|lane| u64::from(*lane)).sum())
    }
}

fn places(entry: &Entry) -> [u16; KINDS] {
    [entry.site, entry.device.into(), entry.browser.into(), entry.os.into(), entry.country.into()]
}

/// Greater comes first; in an ascending order, what is less.
fn signed(key: i64, ascending: bool) -> i64 {
    if ascending { key.saturating_neg() } else { key }
}

fn chosen(table: &Table, wanted: &[String]) -> Option<Vec<bool>> {
    (!wanted.is_empty()).then(|| table.names().iter().map(|name| wanted.contains(name)).collect())
}

fn counted(table: &Table, counts: Counts) -> Vec<Counted> {
    let mut counted: Vec<_> =
        table.names().iter().cloned().zip(counts.totals()).filter(|(_, count)| *count > 0).collect();
    counted.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    counted
}

/// A set of texts, by their numbers.
struct Bits(Vec<u64>);

impl Bits {
    fn of(lines: &Lines, wanted: impl Fn(&Text) -> bool) -> Self {
        let last = lines.terms.last_key_value().map_or(0, |(id, _)| *id as usize);
        let mut bits = vec![0; last / 64 + 1];
        for (id, text) in &lines.terms {
            if wanted(text) {
                bits[*id as usize / 64] |= 1 << (id % 64);
            }
        }
        Self(bits)
    }

    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }
}
