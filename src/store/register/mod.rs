//! Every recording in a line of 56 bytes, in memory: what lists are filtered, sorted and counted by. Metadata is the truth; the
//! register follows it by the numbered changes that triggers note, whichever process made them. A million recordings take some 90 MB
//! and are read through in milliseconds, whatever combination is asked for; no set of indexes on disk does that.

mod entry;
mod query;
mod scan;
#[cfg(test)]
mod tests;

pub use query::{Bot, Cursor, Query, Signal, Sort};
pub use scan::{Counted, Facets, Found, Suggestion};

use super::Keyring;
use super::term::{self, Term};
use crate::error::Result;
use entry::{Entry, LISTED, Names, Tail};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Changes taken in one by one; for more, everything is read anew.
const CHANGES_MAX: u64 = 100_000;

/// The register of a running server.
#[derive(Default)]
pub struct Register {
    lines: RwLock<Lines>,
}

/// What the register holds.
pub struct Lines {
    /// The last change taken in; none before everything was read once.
    seq: Option<i64>,
    entries: Vec<Entry>,
    /// The rest of each, in the same order.
    tails: Vec<Tail>,
    /// Where each recording stands in `entries`. Numbers alone, a fifth of what a map of ids would take.
    places: HashTable<u32>,
    hasher: RandomState,
    /// The numbers of all recordings' texts, one recording after another.
    numbers: Vec<u32>,
    /// Of these, how many no recording points to any more.
    stale: usize,
    names: Names,
    terms: BTreeMap<u32, Text>,
    /// By a text's number: how many recordings have it.
    uses: Vec<u32>,
}

/// A text with what it is compared by.
struct Text {
    term: Term,
    folded: String,
}

impl Register {
    /// The lines as metadata has them now.
    pub fn read(&self, db: &Connection, keyring: &Keyring) -> Result<RwLockReadGuard<'_, Lines>> {
        let now = changes(db)?;
        {
            let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
            if lines.seq.is_some_and(|seq| seq >= now) {
                return Ok(lines);
            }
        }
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        lines.follow(db, keyring)?;
        drop(lines);
        Ok(self.lines.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether there are changes up to this one that can be forgotten.
pub fn any_up_to(db: &Connection, seq: i64) -> Result<bool> {
    Ok(db.query_row("select exists (select 1 from list_change where seq <= ?1)", [seq], |row| row.get(0))?)
}

/// Forget the changes up to this one. Only for the server whose register has taken them in.
pub fn forget_up_to(db: &Connection, seq: i64) -> Result<()> {
    db.execute("delete from list_change where seq <= ?1", [seq])?;
    Ok(())
}

/// The number of the last change.
fn changes(db: &Connection) -> Result<i64> {
    let mut statement =
        db.prepare_cached("select coalesce((select seq from sqlite_sequence where name = 'list_change'), 0)")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            seq: None,
            entries: Vec::new(),
            tails: Vec::new(),
            places: HashTable::new(),
            hasher: RandomState::new(),
            numbers: Vec::new(),
            stale: 0,
            names: Names::default(),
            terms: BTreeMap::new(),
            uses: Vec::new(),
        }
    }
}

impl Lines {
    /// The last change taken in.
    pub fn seq(&self) -> i64 {
        self.seq.unwrap_or(0)
    }

    /// Take in what changed since the last time; all of it the first time.
    fn follow(&mut self, db: &Connection, keyring: &Keyring) -> Result<()> {
        // One state of metadata for the number and the rows.
        let state = db.unchecked_transaction()?;
        let now = changes(db)?;
        let missed = self.seq.map(|seq| now - seq);
        match (self.seq, missed) {
            (_, Some(missed)) if missed <= 0 => return Ok(()),
            (Some(seq), Some(missed)) if missed.unsigned_abs() <= CHANGES_MAX => self.take_in(db, seq)?,
            _ => self.read_all(db)?,
        }
        self.read_terms(db, keyring)?;
        if self.stale > self.numbers.len() / 2 {
            self.tidy();
        }
        self.seq = Some(now);
        Ok(state.commit()?)
    }

    fn read_all(&mut self, db: &Connection) -> Result<()> {
        let seen = std::mem::take(&mut self.terms);
        *self = Self { terms: seen, ..Self::default() };
        let count: usize = db.query_row("select count(*) from recording where state <> 3", [], |row| row.get(0))?;
        self.entries.reserve_exact(count + count / 16);
        self.tails.reserve_exact(count + count / 16);
        // Without rehashing on the way: that would take twice the memory for a moment.
        let (tails, hasher) = (&self.tails, &self.hasher);
        self.places.reserve(count, |place| hasher.hash_one(tails[*place as usize].id));
        // In the order in which they lie on disk: nearly that of time, which is how most lists want them.
        let mut statement = db.prepare(&format!("{LISTED} where state <> 3"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (entry, id, numbers) = Entry::read(row, &mut self.names)?;
            self.put(entry, id, numbers);
        }
        Ok(())
    }

    fn take_in(&mut self, db: &Connection, since: i64) -> Result<()> {
        let mut changed = db.prepare_cached("select distinct recording from list_change where seq > ?1")?;
        let mut one = db.prepare_cached(&format!("{LISTED} where id = ?1 and state <> 3"))?;
        let mut rows = changed.query([since])?;
        while let Some(row) = rows.next()? {
            let id: [u8; 16] = row.get(0)?;
            let mut found = one.query([id])?;
            match found.next()? {
                Some(row) => {
                    let (entry, id, numbers) = Entry::read(row, &mut self.names)?;
                    self.put(entry, id, numbers);
                }
                None => self.remove(id),
            }
        }
        Ok(())
    }

    fn read_terms(&mut self, db: &Connection, keyring: &Keyring) -> Result<()> {
        let last = self.terms.last_key_value().map_or(0, |(id, _)| *id);
        for term in term::after(db, keyring, last)? {
            let folded = term.text.to_lowercase();
            self.terms.insert(term.id, Text { term, folded });
        }
        Ok(())
    }

    /// A recording as it is now, new or not.
    fn put(&mut self, entry: Entry, id: RecordingBytes, numbers: &[u8]) {
        let (tails, hasher) = (&self.tails, &self.hasher);
        let known = |place: &u32| tails[*place as usize].id == id;
        let rehash = |place: &u32| hasher.hash_one(tails[*place as usize].id);
        let place = match self.places.entry(hasher.hash_one(id), known, rehash) {
            Slot::Occupied(known) => Some(*known.get() as usize),
            Slot::Vacant(free) => {
                free.insert(tails.len() as u32);
                None
            }
        };
        if let Some(place) = place {
            self.let_go(self.tails[place]);
        }
        let mut tail = Tail { id, numbers_at: self.numbers.len() as u32, numbers: 0 };
        for number in term::numbers(numbers).take(usize::from(u16::MAX)) {
            self.numbers.push(number);
            tail.numbers += 1;
            let at = number as usize;
            if self.uses.len() <= at {
                self.uses.resize(at + 1, 0);
            }
            self.uses[at] += 1;
        }
        match place {
            Some(place) => (self.entries[place], self.tails[place]) = (entry, tail),
            None => {
                self.entries.push(entry);
                self.tails.push(tail);
            }
        }
    }

    fn remove(&mut self, id: RecordingBytes) {
        let tails = &self.tails;
        let found = self.places.find_entry(self.hasher.hash_one(id), |place| tails[*place as usize].id == id);
        let Ok(found) = found else { return };
        let (place, _) = found.remove();
        self.entries.swap_remove(place as usize);
        let gone = self.tails.swap_remove(place as usize);
        self.let_go(gone);
        // The last one stands in its place now.
        if let Some(moved) = self.tails.get(place as usize) {
            let (hash, last) = (self.hasher.hash_one(moved.id), self.tails.len() as u32);
            if let Some(known) = self.places.find_mut(hash, |place| *place == last) {
                *known = place;
            }
        }
    }

    /// The texts of what is no longer so.
    fn let_go(&mut self, tail: Tail) {
        for number in &self.numbers[tail.range()] {
            self.uses[*number as usize] -= 1;
        }
        self.stale += usize::from(tail.numbers);
    }

    /// Close the gaps, and forget the texts that nobody has.
    fn tidy(&mut self) {
        let mut numbers = Vec::with_capacity(self.numbers.len() - self.stale);
        for tail in &mut self.tails {
            let range = tail.range();
            tail.numbers_at = numbers.len() as u32;
            numbers.extend_from_slice(&self.numbers[range]);
        }
        (self.numbers, self.stale) = (numbers, 0);
        let newest = self.terms.last_key_value().map_or(0, |(id, _)| *id);
        // The newest stays: it says from where to read on.
        let uses = &self.uses;
        self.terms.retain(|id, _| *id == newest || uses.get(*id as usize).is_some_and(|uses| *uses > 0));
    }
}

type RecordingBytes = [u8; 16];
