//! The only room that knows SQL: metadata, keys and sealed chunks in one directory. Plain, blocking code inside; `Store`
//! carries it to its threads.

pub mod account;
pub mod asset;
pub mod audit;
pub mod backup;
mod books;
pub mod breach;
mod chunk;
pub mod clock;
mod day;
pub mod dictionary;
pub mod erasure;
mod facts;
pub mod finding;
pub mod finish;
#[cfg(test)]
mod fixtures;
pub mod history;
mod keyframe;
pub mod keys;
pub mod link;
pub mod login;
pub mod master;
mod migrate;
mod pack;
mod place;
pub mod policy;
mod reader;
pub mod recording;
mod recover;
pub mod refusal;
pub mod register;
pub mod request;
pub mod restriction;
pub mod rewrite;
pub mod room;
pub mod rule;
pub mod shelf;
pub mod site;
pub mod term;
pub mod together;
pub mod token;
pub mod unreadable;
pub mod visitor;
mod writer;

pub use books::Books;
pub use day::Day;
pub use facts::{Facts, GapSeen, PageSeen, Summary, TagSeen, UnreadableSeen};
pub use keys::{Keyring, RecordingKey};
pub use migrate::check_store;
pub use place::{Lock, Place};
pub use reader::{Chapter, Opening, Readable, Reading, Span};
pub use recording::{Recording, State};
pub use recover::reconcile;
pub use request::Actor;
pub use shelf::Shelf;
pub use site::Site;
pub use writer::{Append, Kept, Refusal};

use crate::error::{Error, Result};
use crate::model::{SiteKey, Timestamp};
use rusqlite::Connection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::Semaphore;

/// Reads that run at once.
const READERS: usize = 8;

/// The store of a running server.
pub struct Store {
    place: Place,
    keyring: Arc<Keyring>,
    writer: writer::Writer,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
    changed: Arc<AtomicU64>,
    catalogue: RwLock<(u64, Arc<site::Catalogue>)>,
    register: register::Register,
    _lock: Lock,
}

impl Store {
    /// Open a data directory for this process alone, mended after a crash.
    pub fn open(place: Place, queue: usize) -> Result<Self> {
        migrate::check_store(&place)?;
        let lock = place.lock()?;
        let keyring = Arc::new(Keyring::open(&place)?);
        for id in keyring.missing()? {
            tracing::warn!(master = %id, "recordings need the master key {id}, which is not in its file, and do not open. `hushreel key check` tells how many");
        }
        let mut books = Books::open(&place)?;
        books.transact(|books| recover::reconcile(books, &keyring))?;
        rewrite::settle_all(&mut books, &keyring)?;
        books.transact(shelf::clear_all)?;
        room::take_ballast(&place);
        let catalogue = RwLock::new((0, Arc::new(site::all(&books.meta)?)));
        let changed = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::start(books, keyring.clone(), queue, changed.clone())?;
        let idle = Mutex::new(Vec::new());
        Ok(Self {
            place,
            keyring,
            writer,
            idle,
            permits: Semaphore::new(READERS),
            changed,
            catalogue,
            register: register::Register::default(),
            _lock: lock,
        })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// Read metadata on a blocking thread.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        let _permit = self.permits.acquire().await.map_err(|cause| Error::internal("reading", cause))?;
        tokio::task::spawn_blocking(move || store.read_now(work))
            .await
            .map_err(|cause| Error::internal("reading", cause))?
    }

    /// Every recording in one line, in memory.
    pub fn register(&self) -> &register::Register {
        &self.register
    }

    /// Let the register take in what changed, and forget what it has taken in.
    pub async fn follow(self: &Arc<Self>) -> Result<()> {
        let store = self.clone();
        let seq = self.read(move |db| Ok(store.register.read(db, &store.keyring)?.seq())).await?;
        if self.read(move |db| register::any_up_to(db, seq)).await? {
            self.write(move |books| register::forget_up_to(&books.meta, seq)).await?;
        }
        Ok(())
    }

    /// Write metadata, as one transaction, on the writer's thread.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Books) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.work(work).await
    }

    /// Restrict a recording, or lift that.
    pub async fn carry_out(&self, order: restriction::Order) -> Result<()> {
        let (id, done) = (order.recording, order.verb.done());
        self.write(move |books| order.carry_out(books)).await?;
        tracing::info!(recording.id = %id, "{done} recording {id}");
        // It is done; what is left on the other shelf, a later look takes away.
        if let Err(error) = self.write(move |books| shelf::clear(books, id)).await {
            tracing::warn!(cause = %error, recording.id = %id, "recording {id} lies on two shelves for a while");
        }
        Ok(())
    }

    /// Keep a sealed batch; returns once it is on disk.
    pub async fn append(&self, append: Append) -> Result<Kept> {
        self.writer.append(append).await
    }

    /// Keep all batches of a recording, or none; returns once they are on disk.
    pub async fn keep_together(&self, appends: Vec<Append>) -> Result<()> {
        let keyring = self.keyring.clone();
        self.writer.with_books(move |books| together::keep(books, &keyring, &appends)).await
    }

    /// Count a refused batch and stop its recording.
    pub async fn refuse(&self, refusal: Refusal) -> Result<()> {
        self.writer.refuse(refusal).await
    }

    /// Let go what expires first, where the disk has too little room.
    pub async fn make_room(&self, now: Timestamp) -> Result<()> {
        self.writer.make_room(now).await
    }

    /// A site by its key, as of the last change.
    pub fn site(&self, key: &SiteKey) -> Result<Option<Arc<Site>>> {
        Ok(self.sites()?.get(key).cloned())
    }

    /// All sites. Read again when anything has changed, here or in another process.
    pub fn sites(&self) -> Result<Arc<site::Catalogue>> {
        let changed = self.changed.load(Ordering::Acquire);
        {
            let held = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
            if held.0 == changed {
                return Ok(held.1.clone());
            }
        }
        let mut held = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        if held.0 != changed {
            *held = (changed, Arc::new(self.read_now(site::all)?));
        }
        Ok(held.1.clone())
    }

    /// Whether this store still takes batches.
    pub fn is_alive(&self) -> bool {
        self.writer.is_alive()
    }

    /// Whether what comes can be kept. Writes only where that failed lately, to see whether it does still.
    pub async fn can_write(&self) -> bool {
        let there = rustix::fs::statvfs(self.place.dir());
        if there.is_ok_and(|disk| disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)) {
            return false;
        }
        if !self.writer.is_failing() {
            return self.is_alive();
        }
        match self.write(|books| books.set_setting("written_after_failure", "1")).await {
            Ok(()) => self.writer.set_well(),
            Err(Error::Full) => {}
            Err(_) => return false,
        }
        self.is_alive()
    }

    /// Finish what waits and close the files.
    pub fn stop(&self) {
        self.writer.stop();
    }

    fn read_now<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => migrate::open_reader(&self.place.meta())?,
        };
        let done = work(&db);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        done
    }
}

impl From<rusqlite::Error> for Error {
    fn from(cause: rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy { retry_s: 2 },
            _ => Self::internal("the database", cause),
        }
    }
}
