//! A recording that comes whole: all of its batches are kept, or none is. For imports, by the server and by commands beside it.

use super::writer::{Append, take_in};
use super::{Books, Keyring, Shelf, recover};
use crate::error::Result;
use std::collections::BTreeSet;

/// Keep all of these batches: keys, then chunks, then metadata, each synced.
pub fn keep(books: &mut Books, keyring: &Keyring, appends: &[Append]) -> Result<()> {
    let mut open = BTreeSet::new();
    let mut chunks_committed = false;
    let done = write(books, appends, &mut open).and_then(|()| {
        for shelf in &open {
            books.chunks(*shelf)?.execute_batch("commit")?;
            chunks_committed = true;
        }
        Ok(books.meta.execute_batch("commit")?)
    });
    if let Err(error) = done {
        roll_back(books, &open);
        if chunks_committed {
            books.transact(|books| recover::reconcile(books, keyring))?;
        }
        return Err(error);
    }
    appends.iter().for_each(|append| append.key.set_kept());
    Ok(())
}

fn write(books: &mut Books, appends: &[Append], open: &mut BTreeSet<Shelf>) -> Result<()> {
    books.meta.execute_batch("begin immediate")?;
    let commit_no = books.commit_no()? + 1;
    let mut keys_open = false;
    for append in appends {
        take_in(books, append, commit_no, open, &mut keys_open)?;
    }
    books.set_commit_no(commit_no)?;
    if keys_open {
        books.keys.execute_batch("commit")?;
    }
    Ok(())
}

fn roll_back(books: &mut Books, open: &BTreeSet<Shelf>) {
    for db in [&books.meta, &books.keys] {
        if !db.is_autocommit() {
            let _ = db.execute_batch("rollback");
        }
    }
    for shelf in open {
        if let Ok(db) = books.chunks(*shelf)
            && !db.is_autocommit()
        {
            let _ = db.execute_batch("rollback");
        }
    }
}
