//! The one thread that writes. What waits is taken together and committed as one group: keys, then chunks, then metadata,
//! each synced. A batch is answered only after its group is on disk.

use super::books::Books;
use super::facts::Facts;
use super::keys::{Keyring, RecordingKey};
use super::recording::{self, State};
use super::shelf::Shelf;
use super::{chunk, clock, finding, recover, refusal, room, rule, site, term, unreadable};
use crate::error::{Error, Result};
use crate::model::{PageId, RecordingId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Batches in one group; more would make the first of them wait.
const GROUP_MAX: usize = 512;
const GROUP_BYTES_MAX: usize = 16 << 20;
/// How soon a change made by another process is noticed.
const NOTICE_EVERY: Duration = Duration::from_millis(250);

/// A sealed batch on its way to disk.
pub struct Append {
    pub recording: RecordingId,
    pub page: PageId,
    pub seq: u32,
    pub digest: [u8; 16],
    pub chunk: Vec<u8>,
    pub facts: Facts,
    pub key: Arc<RecordingKey>,
    /// A recording may be so long.
    pub minutes_max: u32,
    /// What the site's operator is told could not be read,
    pub unreadable: Vec<unreadable::Line>,
    /// and what nobody marked.
    pub findings: Vec<finding::Line>,
    /// Which rules of the policy were looked for on a page.
    pub rules: Vec<rule::Counted>,
    /// What the recording is found by.
    pub terms: Vec<term::Line>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    New,
    /// The same bytes were kept before.
    Already,
}

/// A batch that broke a rule.
pub struct Refusal {
    pub site_id: i64,
    pub rule: String,
    pub at: Timestamp,
    /// Where it happened, for the operator.
    pub finding: Option<finding::Line>,
    /// The recording to stop. `None` where the refusal itself must leave no trace of the visitor.
    pub recording: Option<(RecordingId, Facts)>,
}

/// Days that may go for one group.
const DAYS_MAX: u32 = 400;

type Work = Box<dyn FnOnce(Result<&mut Books>) + Send>;

enum Job {
    Append(Box<Append>, oneshot::Sender<Result<Kept>>),
    Refuse(Box<Refusal>, oneshot::Sender<Result<()>>),
    Work(Work),
    MakeRoom(Timestamp, oneshot::Sender<Result<()>>),
}

/// Sends work to the thread. Dropping it, or `stop`, lets the thread finish what waits and end.
pub struct Writer {
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    changed: Arc<AtomicU64>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    /// Start the thread. `changed` counts changes to sites that anyone made, in this process or another.
    pub fn start(books: Books, keyring: Arc<Keyring>, queue: usize, changed: Arc<AtomicU64>) -> Result<Self> {
        let (jobs, inbox) = sync_channel(queue);
        let mut desk = Desk {
            data_version: data_version(&books)?,
            books,
            keyring,
            changed: changed.clone(),
            mend: false,
            full: false,
            failing: Arc::default(),
        };
        let failing = desk.failing.clone();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.run(&inbox))
            .map_err(|cause| Error::internal("starting the writer", cause))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), changed, failing })
    }

    /// Keep a batch; returns once it is on disk.
    pub async fn append(&self, append: Append) -> Result<Kept> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Append(Box::new(append), reply))?;
        answer.await.map_err(|_| Error::Busy { retry_s: 5 })?
    }

    pub async fn refuse(&self, refusal: Refusal) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Refuse(Box::new(refusal), reply))?;
        answer.await.map_err(|_| Error::Busy { retry_s: 5 })?
    }

    /// Do anything else that writes, as one transaction on metadata.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Books) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with_books(move |books| books.transact(work)).await
    }

    /// The same, with transactions of its own.
    pub async fn with_books<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Books) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let changed = self.changed.clone();
        let job = move |books: Result<&mut Books>| {
            let done = books.and_then(work);
            // It may have changed a site, and whoever asked must find it so. Reading the list again is cheap.
            changed.fetch_add(1, Ordering::AcqRel);
            // The asker may be gone; the work is done all the same.
            let _ = reply.send(done);
        };
        self.send(Job::Work(Box::new(job)))?;
        answer.await.map_err(|_| Error::Busy { retry_s: 5 })?
    }

    /// Let days go until the disk has room again, or nothing may go.
    pub async fn make_room(&self, now: Timestamp) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::MakeRoom(now, reply))?;
        answer.await.map_err(|_| Error::Busy { retry_s: 5 })?
    }

    /// Whether the thread still runs; it ends only when it is told to, or by a fault that a restart mends.
    pub fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Whether the last group could not be written, for another reason than a full disk.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Something was written since.
    pub fn set_well(&self) {
        self.failing.store(false, Ordering::Release);
    }

    /// Take no more work, finish what waits, close the files.
    pub fn stop(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }

    fn send(&self, job: Job) -> Result<()> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(Error::Busy { retry_s: 2 }),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Error::Busy { retry_s: 10 }),
        }
    }
}

/// What the thread works with.
struct Desk {
    books: Books,
    keyring: Arc<Keyring>,
    changed: Arc<AtomicU64>,
    data_version: i64,
    /// A group failed between its commits and has to be mended before the next.
    mend: bool,
    /// There is no room, and nothing that may go.
    full: bool,
    /// The last group could not be written, for another reason.
    failing: Arc<AtomicBool>,
}

impl Desk {
    fn run(&mut self, inbox: &Receiver<Job>) {
        loop {
            match inbox.recv_timeout(NOTICE_EVERY) {
                Ok(job) => self.work_off(job, inbox),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.notice();
        }
    }

    /// Take what waits; commit batches together, and other work between them.
    fn work_off(&mut self, first: Job, inbox: &Receiver<Job>) {
        let mut group = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Append(append, reply) => {
                    bytes += append.chunk.len();
                    group.push(Entry::Append(append, reply));
                }
                Job::Refuse(refusal, reply) => group.push(Entry::Refuse(refusal, reply)),
                Job::Work(work) => {
                    self.commit(std::mem::take(&mut group));
                    if self.full {
                        // Whoever erases on a full disk needs some of it.
                        room::drop_ballast(&self.books.place);
                    }
                    let ready = self.mended();
                    work(ready.map(|()| &mut self.books));
                    return;
                }
                Job::MakeRoom(now, reply) => {
                    self.commit(std::mem::take(&mut group));
                    let _ = reply.send(self.make_room(now));
                    return;
                }
            }
            if group.len() >= GROUP_MAX || bytes >= GROUP_BYTES_MAX {
                break;
            }
            next = inbox.try_recv().ok();
        }
        self.commit(group);
    }

    fn commit(&mut self, group: Vec<Entry>) {
        if group.is_empty() {
            return;
        }
        match self.keep(&group) {
            Ok(outcomes) => {
                self.full = false;
                self.failing.store(false, Ordering::Release);
                for (entry, outcome) in group.into_iter().zip(outcomes) {
                    entry.answer(outcome);
                }
            }
            Err(error) => {
                tracing::error!(cause = %error, batches = group.len(), "a group of batches was not kept");
                self.failing.store(!matches!(error, Error::Full), Ordering::Release);
                for entry in group {
                    entry.fail(&error);
                }
            }
        }
    }

    /// Write a group, and let go of older days where there is no room for it.
    fn keep(&mut self, group: &[Entry]) -> Result<Vec<Result<Kept>>> {
        let now = group.iter().map(Entry::received_at).max().unwrap_or(Timestamp(0));
        for _ in 0..DAYS_MAX {
            match self.mended().and_then(|()| self.write(group)) {
                Err(Error::Full) => {}
                other => return other,
            }
            if !self.let_go(now)? {
                break;
            }
        }
        self.full = true;
        Err(Error::Full)
    }

    /// Let one day go; whether one could. None goes by a clock that cannot be believed: which expires first hangs on it.
    fn let_go(&mut self, now: Timestamp) -> Result<bool> {
        if clock::jump(&self.books.meta, now)?.is_some() {
            return Ok(false);
        }
        let gone = room::make(&mut self.books)?.is_some();
        if gone {
            self.keyring.forget();
            room::take_ballast(&self.books.place);
        }
        Ok(gone)
    }

    fn make_room(&mut self, now: Timestamp) -> Result<()> {
        self.mended()?;
        loop {
            let disk = room::Disk::of(&self.books.place)?;
            if !disk.is_low() || !room::would_help(&self.books.place, disk)? || !self.let_go(now)? {
                break;
            }
        }
        room::take_ballast(&self.books.place);
        Ok(())
    }

    /// Write a group and commit it: keys, chunks, metadata.
    fn write(&mut self, group: &[Entry]) -> Result<Vec<Result<Kept>>> {
        let commit_no = self.books.commit_no()? + 1;
        let mut open = BTreeSet::new();
        let mut keys_open = false;
        let run = |books: &mut Books, open: &mut BTreeSet<Shelf>, keys_open: &mut bool| -> Result<_> {
            books.meta.execute_batch("begin immediate")?;
            let mut outcomes = Vec::with_capacity(group.len());
            let mut sites = BTreeMap::new();
            for entry in group {
                outcomes.push(match entry {
                    Entry::Append(append, _) => settle(take_in(books, append, commit_no, open, keys_open))?,
                    Entry::Refuse(refusal, _) => settle(refuse(books, refusal).map(|()| Kept::New))?,
                });
                if let (Entry::Append(append, _), Some(Ok(Kept::New))) = (entry, outcomes.last()) {
                    sites.insert(append.facts.site_id, append.facts.received_at);
                }
            }
            for (site_id, at) in sites {
                site::set_batch(&books.meta, site_id, Timestamp(at))?;
            }
            books.set_commit_no(commit_no)?;
            if *keys_open {
                books.keys.execute_batch("commit")?;
            }
            Ok(outcomes)
        };
        let mut chunks_committed = false;
        let done = run(&mut self.books, &mut open, &mut keys_open).and_then(|outcomes| {
            for shelf in &open {
                self.books.chunks(*shelf)?.execute_batch("commit")?;
                chunks_committed = true;
            }
            self.books.meta.execute_batch("commit")?;
            Ok(outcomes)
        });
        if done.is_err() {
            self.roll_back(&open);
            self.mend = chunks_committed;
        } else {
            for entry in group {
                if let Entry::Append(append, _) = entry {
                    append.key.set_kept();
                }
            }
        }
        done
    }

    fn roll_back(&mut self, open: &BTreeSet<Shelf>) {
        for db in [&self.books.meta, &self.books.keys] {
            if !db.is_autocommit() {
                let _ = db.execute_batch("rollback");
            }
        }
        for shelf in open {
            if let Ok(db) = self.books.chunks(*shelf)
                && !db.is_autocommit()
            {
                let _ = db.execute_batch("rollback");
            }
        }
    }

    fn mended(&mut self) -> Result<()> {
        if self.mend {
            let keyring = self.keyring.clone();
            self.books.transact(|books| recover::reconcile(books, &keyring))?;
            self.mend = false;
        }
        Ok(())
    }

    /// See whether another process wrote: a command that adds a site, or one that erases.
    fn notice(&mut self) {
        match data_version(&self.books) {
            Ok(version) if version != self.data_version => {
                self.data_version = version;
                self.keyring.forget();
                self.changed.fetch_add(1, Ordering::AcqRel);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(cause = %error, "the data directory cannot be watched for changes"),
        }
    }
}

enum Entry {
    Append(Box<Append>, oneshot::Sender<Result<Kept>>),
    Refuse(Box<Refusal>, oneshot::Sender<Result<()>>),
}

impl Entry {
    fn received_at(&self) -> Timestamp {
        match self {
            Self::Append(append, _) => Timestamp(append.facts.received_at),
            Self::Refuse(refusal, _) => refusal.at,
        }
    }

    /// An asker that has gone away needs no answer.
    fn answer(self, outcome: Result<Kept>) {
        match self {
            Self::Append(_, reply) => drop(reply.send(outcome)),
            Self::Refuse(_, reply) => drop(reply.send(outcome.map(drop))),
        }
    }

    fn fail(self, error: &Error) {
        let error = match error {
            Error::Full => Error::Full,
            _ => Error::Busy { retry_s: 5 },
        };
        self.answer(Err(error));
    }
}

/// What concerns one batch is its answer; what concerns the disk fails the whole group.
fn settle(outcome: Result<Kept>) -> Result<Result<Kept>> {
    match outcome {
        Err(error @ (Error::Internal { .. } | Error::Full)) => Err(error),
        other => Ok(other),
    }
}

pub(super) fn take_in(
    books: &mut Books,
    append: &Append,
    commit_no: i64,
    open: &mut BTreeSet<Shelf>,
    keys_open: &mut bool,
) -> Result<Kept> {
    let Append { recording: id, page, seq, facts, .. } = append;
    if append.key.is_retired() {
        // It was sealed anew while this batch waited; the next try finds the new key.
        return Err(Error::Busy { retry_s: 1 });
    }
    let bound = check_bound(books, *id, facts)?;
    if let Some(shelf) = bound
        && books.has_chunks(shelf)
        && let Some(digest) = chunk::digest(books.chunks(shelf)?, *id, *page, *seq)?
    {
        return if digest == append.digest { Ok(Kept::Already) } else { Err(Error::Conflicting) };
    }
    if bound.is_some() && recording::length_at(&books.meta, *id, *page, facts.first_at)? > longest(append.minutes_max) {
        return Err(Error::Refused { rule: "max-minutes".to_owned() });
    }
    if !append.key.is_kept() {
        if !*keys_open {
            books.keys.execute_batch("begin immediate")?;
            *keys_open = true;
        }
        append.key.keep(&books.keys, *id)?;
    }
    let shelf = match bound {
        Some(shelf) => shelf,
        None => recording::begin(&books.meta, *id, facts)?,
    };
    let chunks = books.chunks(shelf)?;
    if !open.contains(&shelf) {
        chunks.execute_batch("begin immediate")?;
        open.insert(shelf);
    }
    chunk::insert(chunks, (*id, *page, *seq), &append.digest, commit_no, &append.chunk)?;
    recording::add(&books.meta, &append.key.key, *id, *page, *seq, append.chunk.len(), facts)?;
    term::add(&books.meta, facts.site_id, *id, &append.terms)?;
    let received = Timestamp(facts.received_at);
    unreadable::add(&books.meta, facts.site_id, &append.unreadable, received)?;
    finding::add(&books.meta, facts.site_id, &append.findings, received)?;
    rule::add(&books.meta, facts.site_id, &append.rules)?;
    Ok(Kept::New)
}

/// Milliseconds that an honest recorder keeps to: a background tab's timers come late.
fn longest(minutes: u32) -> u64 {
    (u64::from(minutes) + 2) * 60_000
}

fn refuse(books: &Books, refusal: &Refusal) -> Result<()> {
    refusal::count(&books.meta, refusal.site_id, &refusal.rule, refusal.at)?;
    finding::add(&books.meta, refusal.site_id, refusal.finding.as_slice(), refusal.at)?;
    let Some((id, facts)) = &refusal.recording else { return Ok(()) };
    match check_bound(books, *id, facts) {
        Ok(Some(_)) => {}
        Ok(None) => {
            recording::begin(&books.meta, *id, facts)?;
        }
        // Someone else's, or stopped already: nothing to stop.
        Err(Error::SecretRefused | Error::Gone) => return Ok(()),
        Err(error) => return Err(error),
    }
    recording::refuse(&books.meta, *id, &refusal.rule)
}

/// Whether this browser may add to this recording, and where its chunks lie; `None` for a new one.
fn check_bound(books: &Books, id: RecordingId, facts: &Facts) -> Result<Option<Shelf>> {
    let Some(bound) = recording::bound(&books.meta, id)? else { return Ok(None) };
    if bound.state == State::Erased {
        return Err(Error::Gone);
    }
    if bound.site_id != facts.site_id || bound.secret_hash.as_deref() != Some(&facts.secret_hash) {
        return Err(Error::SecretRefused);
    }
    match bound.state {
        // To record more would be to process it.
        State::Open | State::Finished if !bound.restricted => Ok(Some(bound.shelf())),
        State::Open | State::Finished | State::Refused | State::Erased => Err(Error::Gone),
    }
}

/// Changes when any other connection has written.
fn data_version(books: &Books) -> Result<i64> {
    Ok(books.meta.query_row("pragma data_version", [], |row| row.get(0))?)
}
