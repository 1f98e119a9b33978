//! The limit: sealed bytes that somebody else made, inserted into one table, in groups of the same sizes, each synced.

use rusqlite::Connection;
use tempfile::TempDir;

pub struct Limit {
    db: Connection,
    _dir: TempDir,
}

impl Limit {
    /// A file with the pragmas of the store's chunk files.
    pub fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let db = Connection::open(dir.path().join("limit.db")).expect("a database");
        db.execute_batch(
            "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full;
             create table chunk (id integer primary key, bytes blob not null) strict;",
        )
        .expect("an empty database takes a table");
        Self { db, _dir: dir }
    }

    pub fn insert<'a>(&self, groups: impl Iterator<Item = Vec<&'a [u8]>>) {
        let mut insert = self.db.prepare("insert into chunk (bytes) values (?1)").expect("the table");
        for group in groups {
            self.db.execute_batch("begin immediate").expect("nobody else writes");
            for bytes in group {
                insert.execute([bytes]).expect("room");
            }
            self.db.execute_batch("commit").expect("room");
        }
    }
}
