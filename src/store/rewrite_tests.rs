use super::*;
use crate::seal::Sealed;
use crate::store::Summary;
use crate::store::fixtures::{ID, Shop, shop};

fn change(_: PageId, seq: u32, body: Vec<u8>) -> Result<Vec<u8>> {
    Ok(if seq == 1 { b"taken out".to_vec() } else { body })
}

/// The batches and the summary as a fresh start reads them.
fn read(shop: &mut Shop) -> (Vec<String>, Summary) {
    shop.keyring.forget();
    let key = shop.keyring.find(ID).unwrap().unwrap();
    let day = recording::bound(&shop.books.meta, ID).unwrap().unwrap().shelf();
    let chunks = shop.books.chunks(day).unwrap();
    let entries = chunk::list(chunks, ID).unwrap();
    let bodies = entries.iter().map(|entry| {
        let bytes = chunk::bytes(chunks, entry.id).unwrap().unwrap();
        let batch = Sealed::parse(&bytes).unwrap().open(&key.key, &seal::Under::Dictionary(&[])).unwrap().remove(0);
        String::from_utf8(batch.body).unwrap()
    });
    let bodies = bodies.collect();
    let found = recording::find(&shop.books.meta, ID, "").unwrap();
    (bodies, found.open_summary(&key.key).unwrap())
}

#[test]
fn batches_are_sealed_anew_and_the_old_key_opens_nothing() {
    let mut shop = shop();
    let old = shop.keyring.find(ID).unwrap().unwrap();
    let Shop { books, keyring, .. } = &mut shop;
    books.transact(|books| rewrite(books, keyring, ID, &change)).unwrap();
    assert!(old.is_retired(), "no batch may be sealed with it any more");
    settle(books, keyring, ID).unwrap();
    let (bodies, summary) = read(&mut shop);
    assert_eq!(bodies, ["canary 0", "taken out"]);
    assert_eq!(summary.page_list.len(), 2);
    let day = recording::bound(&shop.books.meta, ID).unwrap().unwrap().shelf();
    let chunks = shop.books.chunks(day).unwrap();
    for entry in chunk::list(chunks, ID).unwrap() {
        let bytes = chunk::bytes(chunks, entry.id).unwrap().unwrap();
        assert!(!Sealed::parse(&bytes).unwrap().opens(&old.key));
    }
    let left: i64 = shop.books.keys.query_row("select count(*) from next_key", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_crash_at_any_step_leaves_a_recording_that_opens() {
    // Before the chunks were changed: the new key is forgotten.
    let mut one = shop();
    let old = one.keyring.find(ID).unwrap().unwrap();
    one.keyring.successor(ID, &old).unwrap().keep_beside(&one.books.keys, ID).unwrap();
    settle_all(&mut one.books, &one.keyring).unwrap();
    assert_eq!(read(&mut one).0, ["canary 0", "canary 1"]);

    // After the chunks, before metadata was committed: both go on.
    let mut two = shop();
    let Shop { books, keyring, .. } = &mut two;
    let failed: Result<()> = books.transact(|books| {
        rewrite(books, keyring, ID, &change)?;
        Err(Error::Gone)
    });
    assert!(failed.is_err());
    keyring.forget();
    settle_all(books, keyring).unwrap();
    let (bodies, summary) = read(&mut two);
    assert_eq!((bodies, summary.page_list.len()), (vec!["canary 0".to_owned(), "taken out".to_owned()], 2));

    // After metadata, before the keys changed places.
    let mut three = shop();
    let Shop { books, keyring, .. } = &mut three;
    books.transact(|books| rewrite(books, keyring, ID, &change)).unwrap();
    keyring.forget();
    settle_all(books, keyring).unwrap();
    let (bodies, summary) = read(&mut three);
    assert_eq!((bodies, summary.page_list.len()), (vec!["canary 0".to_owned(), "taken out".to_owned()], 2));
}
