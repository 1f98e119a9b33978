//! A store with so many recordings as a busy shop has in ninety days, written by the store's own functions. They have metadata, keys
//! and sealed summaries; batches, which no list reads, they have none.

use crate::random::Random;
use hushreel::finish::Counts;
use hushreel::model::{PageId, RecordingId, Timestamp, VisitorId};
use hushreel::seal::Key;
use hushreel::store::finish::{Waiting, set_marked};
use hushreel::store::{Books, Facts, Keyring, PageSeen, Place, RecordingKey, TagSeen, audit, recording, term};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// Recordings in one transaction.
const SLICE: usize = 5_000;
/// Slices that tell what a recording costs, with and without in turns.
const MEASURED: usize = 10;
const SITES: [(i64, u64); 4] = [(1, 60), (2, 25), (3, 12), (4, 3)];
const DAYS: u64 = 90;

/// When the newest of them began.
pub static NOW: LazyLock<Timestamp> = LazyLock::new(hushreel::app::system_clock);

/// The writer's time for one recording, in microseconds.
pub struct Cost {
    pub with: f64,
    pub without: f64,
}

/// Fill a store whose sites are there already.
pub fn fill(data: &Path, count: usize, watcher: &str) -> Cost {
    let place = Place::new(data, None).expect("a data directory");
    let keyring = Keyring::open(&place).expect("its keys");
    let mut books = Books::open(&place).expect("its files");
    let mut random = Random::new(1);
    let slices = count.div_ceil(SLICE);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for slice in 0..slices {
        let places = slice * SLICE..count.min((slice + 1) * SLICE);
        let visits: Vec<_> = places.map(|number| Made::new(&keyring, &mut random, number, count)).collect();
        keep_keys(&books, &visits);
        // The last slices meet tables as large as they come.
        let measured = slice + MEASURED >= slices;
        let bare = measured && slice % 2 == 1;
        let triggers = if bare { drop_triggers(&books) } else { Vec::new() };
        let began = Instant::now();
        write(&mut books, &visits, bare);
        let took = began.elapsed().as_secs_f64() * 1e6 / visits.len() as f64;
        if measured {
            if bare { &mut without } else { &mut with }.push(took);
        }
        if bare {
            triggers.iter().for_each(|sql| books.meta.execute_batch(sql).expect("a trigger"));
            // So that these are found like all others.
            books.transact(|books| visits.iter().try_for_each(|made| made.find_by(books))).expect("terms");
        }
    }
    watch_some(&mut books, watcher);
    Cost { with: median(with), without: median(without) }
}

struct Made {
    id: RecordingId,
    key: Arc<RecordingKey>,
    facts: Facts,
    lines: Vec<term::Line>,
    counts: Counts,
}

impl Made {
    fn new(keyring: &Keyring, random: &mut Random, number: usize, count: usize) -> Self {
        let site_id = random.one(&SITES);
        let age_ms = (count - number) as u64 * (DAYS * 86_400_000) / count as u64;
        let began = Timestamp(NOW.0 - age_ms as i64);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&random.next().to_le_bytes());
        id[8..].copy_from_slice(&random.next().to_le_bytes());
        let facts = facts(random, site_id, began);
        let key = site_key(keyring, site_id);
        let key_of = keyring.find_or_make(RecordingId(id), site_id, began).expect("a key");
        let lines = term::lines(&key, &facts).expect("lines");
        Self { id: RecordingId(id), key: key_of, facts, lines, counts: counts(random) }
    }

    fn find_by(&self, books: &Books) -> hushreel::error::Result<()> {
        term::add(&books.meta, self.facts.site_id, self.id, &self.lines)
    }
}

fn write(books: &mut Books, visits: &[Made], bare: bool) {
    let all = books.transact(|books| {
        for made in visits {
            let Made { id, key, facts, .. } = made;
            recording::begin(&books.meta, *id, facts)?;
            recording::add(&books.meta, &key.key, *id, PageId([1; 8]), 0, 9_000, facts)?;
            if !bare {
                made.find_by(books)?;
            }
            audit::set_audited(&books.meta, *id, facts.received_at, facts.received_at)?;
            let waiting = Waiting { id: *id, last_batch_at: facts.received_at };
            set_marked(&books.meta, waiting, &made.counts, Timestamp(facts.received_at))?;
        }
        Ok(())
    });
    all.expect("recordings");
}

/// In a transaction of their own: they are looked up by another connection.
fn keep_keys(books: &Books, visits: &[Made]) {
    books.keys.execute_batch("begin immediate").expect("a transaction");
    for made in visits {
        made.key.keep(&books.keys, made.id).expect("a key");
    }
    books.keys.execute_batch("commit").expect("a commit");
    visits.iter().for_each(|made| made.key.set_kept());
}

/// Take the triggers away; what makes them again.
fn drop_triggers(books: &Books) -> Vec<String> {
    let mut found = books.meta.prepare("select name, sql from sqlite_master where type = 'trigger'").expect("triggers");
    let all: Vec<(String, String)> = found
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("triggers")
        .map(|row| row.expect("one"))
        .collect();
    all.iter().for_each(|(name, _)| books.meta.execute_batch(&format!("drop trigger {name}")).expect("dropped"));
    all.into_iter().map(|(_, sql)| sql).collect()
}

fn watch_some(books: &mut Books, watcher: &str) {
    let sql =
        "insert into watched (recording, watcher) select id, ?1 from recording where state <> 3 and rowid % 50 = 0";
    books.transact(|books| Ok(books.meta.execute(sql, [watcher])?)).expect("watched");
}

fn site_key(keyring: &Keyring, site_id: i64) -> Key {
    keyring.asset_key(site_id, *NOW).expect("a site's key")
}

fn facts(random: &mut Random, site_id: i64, began: Timestamp) -> Facts {
    let device = random.one(&[("desktop", 45), ("phone", 50), ("tablet", 5)]);
    let browser =
        random.one(&[("Chrome", 55), ("Safari", 25), ("Edge", 9), ("Firefox", 7), ("Samsung Internet", 3), ("", 1)]);
    let os = random.one(&[("Windows", 35), ("Android", 30), ("iOS", 22), ("macOS", 9), ("Linux", 4)]);
    let country = random.one(&[
        ("CZ", 550),
        ("SK", 150),
        ("DE", 90),
        ("PL", 70),
        ("AT", 50),
        ("HU", 40),
        ("US", 30),
        ("VN", 10),
        ("", 10),
    ]);
    let length_ms = 1_000 + random.skewed(3_600_000);
    let pages = 1 + random.skewed(20);
    let page_list = (0..pages).map(|number| PageSeen {
        page: PageId([1; 8]),
        url: format!("https://shop{site_id}.example{}", path(random)),
        title: "A page of the shop".to_owned(),
        at: (length_ms * number / pages) as i64,
    });
    Facts {
        site_id,
        secret_hash: vec![1; 32],
        policy_version: 1,
        // Nothing expires while lists are measured.
        retention_days: 365,
        granted: true,
        received_at: began.0 + length_ms as i64,
        page_began_at: began.0,
        first_at: 0,
        last_at: length_ms,
        page_list: page_list.collect(),
        pages: pages as u32,
        clicks: random.skewed(120) as u32,
        inputs: random.skewed(30) as u32,
        events: random.skewed(5_000) as u32,
        finished: true,
        width: 1_440,
        height: 900,
        device: device.to_owned(),
        browser: browser.to_owned(),
        os: os.to_owned(),
        gap_list: Vec::new(),
        unreadable_list: Vec::new(),
        visitor: random.chance(300).then(|| VisitorId([random.below(200) as u8; 16])),
        identified: Vec::new(),
        imported: false,
        country: country.parse().ok(),
        bot: random.chance(40),
        event_list: if random.chance(60) { vec!["purchase".to_owned()] } else { Vec::new() },
        tag_list: match random.below(20) {
            0 => vec![TagSeen { name: "plan".into(), value: "pro".into() }],
            1 => vec![TagSeen { name: "plan".into(), value: "free".into() }],
            _ => Vec::new(),
        },
    }
}

/// Few pages that most come to, and thousands that few do.
fn path(random: &mut Random) -> String {
    match random.below(10) {
        0..=2 => "/".to_owned(),
        3 => "/cart".to_owned(),
        4 => "/search".to_owned(),
        5..=6 => format!("/category/{}", random.skewed(60)),
        _ => format!("/product/{}", random.skewed(5_000)),
    }
}

fn counts(random: &mut Random) -> Counts {
    let mut some = |thousandths| if random.chance(thousandths) { 1 + random.skewed(6) as u32 } else { 0 };
    Counts {
        rage: some(30),
        dead: some(90),
        error_clicks: some(12),
        quick_backs: some(45),
        errors: some(70),
        custom: some(60),
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
