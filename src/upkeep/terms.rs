//! Takes out of older recordings what lists find them by: the pages of their summaries and the events of their marks. Newer ones say
//! so at the door. Some at a time; what is cut off goes on where it was.

use crate::app::App;
use crate::error::{Error, Result};
use crate::finish::{Mark, What};
use crate::model::{RecordingId, Timestamp};
use crate::store::{Readable, Store, finish, recording, term};
use rusqlite::Connection;
use std::sync::Arc;

/// Recordings in one transaction.
const SLICE: u32 = 200;

/// A recording, its site, and what it is found by.
type Looked = (RecordingId, i64, Vec<term::Line>);

pub(super) async fn run(app: Arc<App>) -> Result<()> {
    loop {
        let (store, now) = (app.store.clone(), app.now());
        let looked = app.store.read(move |db| look(db, &store, now)).await?;
        if looked.is_empty() {
            return Ok(());
        }
        let work = move |books: &mut crate::store::Books| {
            looked.iter().try_for_each(|(id, site_id, lines)| term::set(&books.meta, *site_id, *id, lines))
        };
        app.store.write(work).await?;
    }
}

fn look(db: &Connection, store: &Store, now: Timestamp) -> Result<Vec<Looked>> {
    let waiting = term::waiting(db, SLICE)?;
    waiting.into_iter().map(|id| look_at(db, store, id, now)).filter_map(Result::transpose).collect()
}

/// None where it was erased meanwhile.
fn look_at(db: &Connection, store: &Store, id: RecordingId, now: Timestamp) -> Result<Option<Looked>> {
    let row = match recording::find(db, id, "") {
        Err(Error::NotFound) => return Ok(None),
        other => other?,
    };
    let keyring = store.keyring();
    let summary = match keyring.find(id)?.map(|key| row.open_summary(&key.key)).transpose() {
        Ok(summary) => summary.unwrap_or_default(),
        Err(error) => {
            // It must not hold up the others.
            tracing::warn!(cause = %error, recording.id = %id, "lists do not find recording {id} by its pages: its summary does not open");
            Default::default()
        }
    };
    let marks = Readable::by_staff(db, id).and_then(|readable| finish::marks(db, keyring, store.place(), readable));
    let events: Vec<String> = match marks {
        Ok(marks) => marks.into_iter().flat_map(|marks| marks.marks).filter_map(event).collect(),
        Err(_) => Vec::new(),
    };
    let pages = summary.page_list.iter().map(|page| page.url.as_str());
    let key = keyring.asset_key(row.site_id, now)?;
    let lines = term::lines_of(&key, pages, events.iter().map(String::as_str), &[])?;
    Ok(Some((id, row.site_id, lines)))
}

fn event(mark: Mark) -> Option<String> {
    match mark.what {
        What::Event { name } => Some(name),
        _ => None,
    }
}
