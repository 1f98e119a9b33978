//! The pipeline called in-process: inflate, examine, append, as many at once as there are connections.

use crate::visit::Batch;
use hushreel::app::{Limits, system_clock};
use hushreel::ingest::{Sender, Verdict, classify, examine, inflate};
use hushreel::model::{PolicyHash, RecordingId, SiteKey};
use hushreel::policy::{Policy, Preset};
use hushreel::store::{Books, Kept, Place, Site, Store, site};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where in a recording a chunk stands.
pub type Spot = (RecordingId, [u8; 8], u32);

pub struct Pipeline {
    /// Of the server's own shape.
    runtime: Runtime,
    store: Arc<Store>,
    site: Arc<Site>,
    _dir: TempDir,
}

impl Pipeline {
    /// A store with one site, whose policy is the one that `site add` makes.
    pub fn open(preset: Preset, purpose: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let place = Place::new(&dir.path().join("store"), None).expect("a data directory");
        let store = Arc::new(Store::open(place, Limits::default().queue_batches).expect("a store"));
        let policy = Policy { purpose: purpose.to_owned(), ..Policy::preset(preset) };
        let origins = [hushreel::origin::Origin::parse(crate::common::client::ORIGIN, false).expect("an origin")];
        let now = system_clock();
        let made = store.write(move |books| site::insert(&books.meta, "Shop", &origins, &policy, now));
        let key: SiteKey = runtime.block_on(made).expect("a site");
        let site = store.site(&key).expect("a readable store").expect("the site");
        Self { runtime, store, site, _dir: dir }
    }

    pub fn policy(&self) -> PolicyHash {
        self.site.policy.hash
    }

    /// Keep everything; each lane one batch after the other, as a connection does.
    pub fn keep(&self, lanes: Vec<Arc<[Batch]>>) {
        self.runtime.block_on(async {
            let lanes: Vec<_> = lanes
                .into_iter()
                .map(|lane| {
                    let (store, site) = (self.store.clone(), self.site.clone());
                    tokio::spawn(async move {
                        for batch in &*lane {
                            keep_one(&store, &site, batch).await;
                        }
                    })
                })
                .collect();
            for lane in lanes {
                lane.await.expect("a lane comes to its end");
            }
        });
    }

    pub fn place(&self) -> &Place {
        self.store.place()
    }
}

async fn keep_one(store: &Store, site: &Site, batch: &Batch) {
    let sender = Sender { agent: classify(crate::http::USER_AGENT), gpc: false, dnt: false, country: None };
    let opened = inflate(&batch.sent).expect("honest gzip");
    match examine(store.keyring(), site, batch.address, &opened, sender, system_clock()).expect("an honest batch") {
        Verdict::Passed(append) => assert_eq!(store.append(append).await.expect("room"), Kept::New),
        Verdict::Broken { rule, .. } => panic!("an honest batch breaks {rule}"),
    }
}

/// The chunks that a store holds from the `after`-th group on, in the groups in which they were committed.
pub fn groups(place: &Place, after: i64) -> BTreeMap<i64, Vec<(Spot, Vec<u8>)>> {
    let mut books = Books::open(place).expect("books");
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for shelf in place.shelves().expect("chunk files") {
        let db = books.chunks(shelf).expect("a chunk file");
        let mut statement = db
            .prepare("select commit_no, recording, page, seq, bytes from chunk where commit_no > ?1 order by id")
            .expect("the table");
        let mut rows = statement.query([after]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let read = || -> rusqlite::Result<(i64, Spot, Vec<u8>)> {
                Ok((row.get(0)?, (RecordingId(row.get(1)?), row.get(2)?, row.get(3)?), row.get(4)?))
            };
            let (group, spot, bytes) = read().expect("a chunk");
            groups.entry(group).or_default().push((spot, bytes));
        }
    }
    groups
}
