//! The open files of a store: what the writer holds, and what a command opens beside a running server.

use super::migrate;
use super::place::Place;
use super::shelf::Shelf;
use crate::error::Result;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Chunk files kept open; recordings under way expire on few different days.
const CHUNK_FILES_MAX: usize = 16;

/// Metadata, keys, shared assets and chunks, open for writing.
pub struct Books {
    pub place: Place,
    pub meta: Connection,
    pub keys: Connection,
    pub assets: Connection,
    chunks: HashMap<Shelf, Connection>,
}

impl Books {
    pub fn open(place: &Place) -> Result<Self> {
        let meta = migrate::open(&place.meta(), &migrate::META)?;
        let keys = migrate::open(&place.keys(), &migrate::KEYS)?;
        let assets = migrate::open(&place.assets(), &migrate::ASSETS)?;
        Ok(Self { place: place.clone(), meta, keys, assets, chunks: HashMap::new() })
    }

    /// A chunk file, made where it is missing.
    pub fn chunks(&mut self, shelf: Shelf) -> Result<&Connection> {
        if self.chunks.len() >= CHUNK_FILES_MAX && !self.chunks.contains_key(&shelf) {
            self.chunks.clear();
        }
        match self.chunks.entry(shelf) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(free) => {
                self.place.make_chunk_dir()?;
                Ok(free.insert(migrate::open(&self.place.chunks(shelf), &migrate::CHUNKS)?))
            }
        }
    }

    pub fn has_chunks(&self, shelf: Shelf) -> bool {
        self.place.chunks(shelf).exists()
    }

    pub fn close_chunks(&mut self, shelf: Shelf) {
        self.chunks.remove(&shelf);
    }

    /// The number of the last group whose metadata is on disk.
    pub fn commit_no(&self) -> Result<i64> {
        let found = self
            .meta
            .prepare_cached("select value from setting where name = 'commit_no'")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(0))
    }

    pub fn set_commit_no(&self, number: i64) -> Result<()> {
        self.meta
            .prepare_cached("insert or replace into setting (name, value) values ('commit_no', ?1)")?
            .execute([number])?;
        Ok(())
    }

    /// Remember where the server was last reached, so that commands beside it print the same address.
    pub fn set_base_url(&self, url: &str) -> Result<()> {
        self.set_setting("base_url", url)
    }

    pub fn base_url(&self) -> Result<Option<String>> {
        self.setting("base_url")
    }

    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        Ok(self.meta.query_row("select value from setting where name = ?1", [name], |row| row.get(0)).optional()?)
    }

    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.meta.execute("insert or replace into setting (name, value) values (?1, ?2)", (name, value))?;
        Ok(())
    }

    /// Do `work` on metadata as one transaction.
    pub fn transact<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.meta.execute_batch("begin immediate")?;
        let done = work(self).and_then(|value| {
            self.meta.execute_batch("commit")?;
            Ok(value)
        });
        if done.is_err() && !self.meta.is_autocommit() {
            let _ = self.meta.execute_batch("rollback");
        }
        done
    }
}
