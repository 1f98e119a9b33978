use super::*;
use crate::model::Timestamp;
use crate::seal::ChunkHeader;
use crate::store::fixtures::{NOW, PAGE, Shop, facts, shop};
use crate::store::{Books, Facts, Readable, Reading, Span, dictionary, finish, reconcile, recording, rewrite};
use crate::stream::{Namespace, Op, Value, Writer};

/// A page whose sheet is the site's and whose words are somebody's.
fn batch(seq: u32, said: &str) -> Vec<u8> {
    let mut writer = Writer::new(if seq == 0 { 1 } else { 200 + seq }, u64::from(seq) * 4_000);
    let element = |id, tag, open| Op::Element { id, namespace: Namespace::Html, tag, attributes: &[], open };
    if seq > 0 {
        let text = format!("{said} {seq}");
        writer.op(&Op::Add { parent: 2, previous: None }).op(&Op::Text { id: 0, text: &text, rule: 0 }).op(&Op::End);
        return writer.finish();
    }
    // Of the kind that does not compress to nothing.
    let sheet: String = (0..400u32)
        .map(|rule| format!(".r{:x} {{ width: {}px }}\n", rule.wrapping_mul(2_654_435_761), rule * 37 % 901))
        .collect();
    writer.op(&Op::Snapshot { id: 1, width: 8, height: 6, url: "https://shop.example/", title: Value::Shown(said) });
    writer.op(&element(2, "html", true)).op(&element(3, "style", true)).op(&Op::Css { text: &sheet }).op(&Op::End);
    for id in 0..90 {
        writer.op(&element(4 + 2 * id, "p", true)).op(&Op::Text { id: 5 + 2 * id, text: said, rule: 0 }).op(&Op::End);
    }
    writer.op(&Op::End).op(&Op::End);
    writer.finish()
}

fn id_of(number: u8) -> RecordingId {
    RecordingId([100 + number; 16])
}

fn add(shop: &mut Shop, id: RecordingId, seq: u32, body: &[u8]) {
    let Shop { books, keyring, .. } = shop;
    let key = keyring.find_or_make(id, 1, NOW).unwrap();
    let at = u64::from(seq) * 4_000;
    let facts = Facts { first_at: at, last_at: at, clicks: 1, ..facts(NOW) };
    if !key.is_kept() {
        key.keep(&books.keys, id).unwrap();
        key.set_kept();
        recording::begin(&books.meta, id, &facts).unwrap();
    }
    let shelf = recording::bound(&books.meta, id).unwrap().unwrap().shelf();
    let header = ChunkHeader { received_at: NOW, first_at: at, last_at: at, recording: id, page: PAGE, seq };
    let bytes = seal::chunk(&key.key, &header, &serde_json::to_vec(&facts).unwrap(), body).unwrap();
    chunk::insert(books.chunks(shelf).unwrap(), (id, PAGE, seq), &digest_of(seq), 1, &bytes).unwrap();
    recording::add(&books.meta, &key.key, id, PAGE, seq, bytes.len(), &facts).unwrap();
}

fn digest_of(seq: u32) -> chunk::Digest {
    [seq as u8 + 1; 16]
}

/// Pack whatever waits for it.
fn pack(shop: &mut Shop) {
    let Shop { books, keyring, .. } = shop;
    books.meta.execute("update recording set audited_at = 1 where id <> ?1", [crate::store::fixtures::ID.0]).unwrap();
    for waiting in finish::unmarked(&books.meta, 20).unwrap() {
        let made = finish::make(&books.meta, keyring, &books.place, waiting.id).unwrap().unwrap();
        books.transact(|books| finish::keep(books, keyring, waiting, &made, NOW)).unwrap();
    }
}

fn record(shop: &mut Shop, id: RecordingId, said: &str) {
    for seq in 0..40 {
        add(shop, id, seq, &batch(seq, said));
    }
    pack(shop);
}

/// Numbers and bodies as a player reads them.
fn read(books: &Books, keyring: &Keyring, id: RecordingId) -> Vec<(u32, Vec<u8>)> {
    let readable = Readable::by_staff(&books.meta, id).unwrap();
    let reading = Reading::open(&books.meta, keyring, &books.place, readable, Span::default()).unwrap().unwrap();
    reading.map(|chapter| chapter.map(|chapter| (chapter.seq, chapter.body)).unwrap()).collect()
}

fn bytes_of(shop: &Shop, id: RecordingId) -> u64 {
    recording::find(&shop.books.meta, id, "").unwrap().bytes
}

fn renewed(shop: &mut Shop, now: Timestamp) -> Vec<u32> {
    let Shop { books, keyring, .. } = shop;
    let waiting = dictionary::waiting(&books.place, now).unwrap();
    let key = keyring.find_asset_key(1).unwrap();
    waiting.into_iter().map(|site| dictionary::renew(books, site, key.as_ref().unwrap(), now).unwrap()).collect()
}

#[test]
fn a_packed_recording_is_smaller_and_reads_as_it_came() {
    let mut shop = shop();
    let id = id_of(1);
    let came: Vec<_> = (0..40).map(|seq| (seq, batch(seq, "Ada"))).collect();
    for (seq, body) in &came {
        add(&mut shop, id, *seq, body);
    }
    let before = bytes_of(&shop, id);
    pack(&mut shop);
    assert!(bytes_of(&shop, id) * 2 < before, "{before} bytes became {}", bytes_of(&shop, id));
    let shelf = recording::bound(&shop.books.meta, id).unwrap().unwrap().shelf();
    let rows = chunk::list(shop.books.chunks(shelf).unwrap(), id).unwrap();
    assert_eq!(rows.iter().map(|row| (row.seq, row.last)).collect::<Vec<_>>(), [(0, 15), (16, 30), (31, 39)]);
    assert_eq!(read(&shop.books, &shop.keyring, id), came);
}

#[test]
fn a_batch_that_was_packed_away_is_still_known_again() {
    let mut shop = shop();
    let id = id_of(1);
    record(&mut shop, id, "Ada");
    let shelf = recording::bound(&shop.books.meta, id).unwrap().unwrap().shelf();
    let chunks = shop.books.chunks(shelf).unwrap();
    for seq in 0..40 {
        assert_eq!(chunk::digest(chunks, id, PAGE, seq).unwrap(), Some(digest_of(seq)));
    }
    assert_eq!(chunk::digest(chunks, id, PAGE, 40).unwrap(), None);
    assert_eq!(chunk::digest(chunks, id, PageId([1; 8]), 3).unwrap(), None);
    assert_eq!(chunk::digest(chunks, id_of(2), PAGE, 3).unwrap(), None);
}

#[test]
fn a_batch_that_comes_late_is_read_in_its_place_and_packed_with_the_others() {
    let mut shop = shop();
    let id = id_of(1);
    for seq in (0..40).filter(|seq| *seq != 7) {
        add(&mut shop, id, seq, &batch(seq, "Ada"));
    }
    pack(&mut shop);
    add(&mut shop, id, 7, &batch(7, "Ada"));
    let numbers =
        |shop: &Shop| read(&shop.books, &shop.keyring, id).into_iter().map(|(seq, _)| seq).collect::<Vec<_>>();
    assert_eq!(numbers(&shop), (0..40).collect::<Vec<_>>());
    pack(&mut shop);
    assert_eq!(numbers(&shop), (0..40).collect::<Vec<_>>());
    let shelf = recording::bound(&shop.books.meta, id).unwrap().unwrap().shelf();
    let chunks = shop.books.chunks(shelf).unwrap();
    assert_eq!(chunk::list(chunks, id).unwrap().len(), 3);
    assert_eq!(chunk::digest(chunks, id, PAGE, 7).unwrap(), Some(digest_of(7)));
}

#[test]
fn what_five_recordings_have_in_common_is_kept_once_and_nobodys_words_with_it() {
    let mut shop = shop();
    for number in 1..=4 {
        record(&mut shop, id_of(number), "Ada Lovelace");
        assert!(renewed(&mut shop, NOW).is_empty(), "{number} are not enough");
    }
    record(&mut shop, id_of(5), "Ada Lovelace");
    let number = renewed(&mut shop, NOW);
    assert_eq!(number.len(), 1);
    assert!(renewed(&mut shop, NOW).is_empty(), "nothing more was learnt");
    let mut dictionaries = Dictionaries::new(&shop.books.place.assets(), &shop.keyring, 1).unwrap();
    let Dictionary { bytes, .. } = dictionaries.current().unwrap().unwrap();
    assert!(bytes.windows(9).any(|part| part == b"{ width: "), "the sheet");
    assert!(!bytes.windows(3).any(|part| part == b"Ada"), "what all five said is theirs");

    record(&mut shop, id_of(6), "Grace Hopper");
    let (without, with) = (bytes_of(&shop, id_of(5)), bytes_of(&shop, id_of(6)));
    assert!(with * 2 < without, "{without} bytes without a dictionary, {with} with it");
    let came: Vec<_> = (0..40).map(|seq| (seq, batch(seq, "Grace Hopper"))).collect();
    assert_eq!(read(&shop.books, &shop.keyring, id_of(6)), came);

    // Packed again, the recordings of before are smaller too, and count no part twice.
    shop.books.meta.execute("update recording set marked_at = null", []).unwrap();
    pack(&mut shop);
    assert!(bytes_of(&shop, id_of(1)) * 2 < without);
    let counted: u32 = shop.books.assets.query_row("select max(recordings) from part", [], |row| row.get(0)).unwrap();
    assert_eq!(counted, 6);
}

#[test]
fn a_dictionary_stays_while_a_recording_needs_it() {
    let mut shop = shop();
    for number in 1..=6 {
        record(&mut shop, id_of(number), "Ada");
        renewed(&mut shop, NOW);
    }
    let later = NOW.plus_ms(2 * Timestamp::DAY_MS);
    shop.books.assets.execute("update dictionary set retired_at = ?1", [NOW.0]).unwrap();
    let count = |shop: &Shop| -> u32 {
        shop.books.assets.query_row("select count(*) from dictionary", [], |row| row.get(0)).unwrap()
    };
    dictionary::sweep(&shop.books, later).unwrap();
    assert_eq!(count(&shop), 1, "the sixth needs it");
    shop.books.meta.execute("update recording set dictionary = null where id = ?1", [id_of(6).0]).unwrap();
    dictionary::sweep(&shop.books, NOW).unwrap();
    assert_eq!(count(&shop), 1, "a recording may be about to say that it needs it");
    dictionary::sweep(&shop.books, later).unwrap();
    assert_eq!(count(&shop), 0);
}

#[test]
fn metadata_of_packed_recordings_is_rebuilt_from_their_chunks() {
    let mut shop = shop();
    for number in 1..=6 {
        record(&mut shop, id_of(number), "Ada");
        renewed(&mut shop, NOW);
    }
    let id = id_of(6);
    let whole = recording::find(&shop.books.meta, id, "").unwrap();
    let came = read(&shop.books, &shop.keyring, id);
    // Metadata of before the recording, as an older copy of it beside newer chunks has it; and one that lacks some of its batches.
    for loss in ["delete from recording where id = ?1", "update recording set clicks = 3, summary = null where id = ?1"]
    {
        shop.books.meta.execute(loss, [id.0]).unwrap();
        shop.books.set_commit_no(-1).unwrap();
        let Shop { books, keyring, .. } = &mut shop;
        books.transact(|books| reconcile(books, keyring)).unwrap();
        let found = recording::find(&books.meta, id, "").unwrap();
        assert_eq!((found.clicks, found.events, found.pages), (whole.clicks, whole.events, whole.pages));
        let key = keyring.find(id).unwrap().unwrap();
        assert_eq!(found.open_summary(&key.key).unwrap(), whole.open_summary(&key.key).unwrap());
        assert_eq!(read(books, keyring, id), came);
        let needs: u32 =
            books.meta.query_row("select dictionary from recording where id = ?1", [id.0], |row| row.get(0)).unwrap();
        assert!(needs > 0, "the dictionary is not swept away under it");
    }
}

/// Change a byte of the chunk that begins with this batch, as a failing disk does.
fn damage(shop: &mut Shop, id: RecordingId, seq: u32) {
    let shelf = recording::bound(&shop.books.meta, id).unwrap().unwrap().shelf();
    let chunks = shop.books.chunks(shelf).unwrap();
    let mut bytes = chunk::beginning_with(chunks, id, PAGE, seq).unwrap().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    chunks.execute("update chunk set bytes = ?3 where recording = ?1 and seq = ?2", (id.0, seq, bytes)).unwrap();
}

/// A batch's number, and the first and last of those that are missing before it.
type Numbered = (u32, Option<(u32, u32)>);

/// What can be read: the numbers, those that are missing before each, and how many are damaged.
fn numbers(shop: &Shop, id: RecordingId) -> (Vec<Numbered>, u64) {
    let Shop { books, keyring, .. } = shop;
    let readable = Readable::by_staff(&books.meta, id).unwrap();
    let mut reading = Reading::open(&books.meta, keyring, &books.place, readable, Span::default()).unwrap().unwrap();
    let read = reading.by_ref().map(|chapter| chapter.map(|chapter| (chapter.seq, chapter.missing)).unwrap()).collect();
    (read, reading.damage())
}

#[test]
fn a_damaged_chunk_is_a_gap_and_the_recording_stays_in_its_chunks() {
    let mut shop = shop();
    let id = id_of(1);
    for seq in 0..6 {
        add(&mut shop, id, seq, &batch(seq, "Ada"));
    }
    for seq in [0, 3, 5] {
        damage(&mut shop, id, seq);
    }
    let expected = vec![(0, Some((0, 0))), (1, None), (2, None), (3, Some((3, 3))), (4, None), (5, Some((5, 5)))];
    assert_eq!(numbers(&shop, id), (expected.clone(), 3));
    pack(&mut shop);
    assert_eq!(numbers(&shop, id), (expected, 3), "nothing was packed away");
    let found = recording::find(&shop.books.meta, id, "").unwrap();
    assert_eq!((found.damaged, found.marked_at.is_some()), (3, true), "it is not tried for ever");
    let shelf = recording::bound(&shop.books.meta, id).unwrap().unwrap().shelf();
    assert_eq!(chunk::list(shop.books.chunks(shelf).unwrap(), id).unwrap().len(), 6);
}

#[test]
fn without_the_run_that_others_need_all_of_them_are_gaps_and_a_start_still_succeeds() {
    let mut shop = shop();
    let id = id_of(1);
    record(&mut shop, id, "Ada");
    damage(&mut shop, id, 16);
    let (read, damaged) = numbers(&shop, id);
    assert_eq!((read.len(), damaged), (16 + 1 + 9, 15), "the other runs play");
    damage(&mut shop, id, 0);
    let gaps = [(0, 15), (16, 30), (31, 39)].map(|(from, to)| (to, Some((from, to)))).to_vec();
    assert_eq!(numbers(&shop, id), (gaps, 40));
    shop.books.set_commit_no(-1).unwrap();
    let Shop { books, keyring, .. } = &mut shop;
    books.transact(|books| reconcile(books, keyring)).unwrap();
    let shelf = recording::bound(&books.meta, id).unwrap().unwrap().shelf();
    assert_eq!(chunk::list(books.chunks(shelf).unwrap(), id).unwrap().len(), 3, "nothing is thrown away");
}

#[test]
fn what_is_taken_out_of_a_damaged_recording_is_out_of_it_and_what_cannot_be_read_is_an_empty_place() {
    for (bad, kept) in [(0, 1), (16, 26)] {
        let mut shop = shop();
        let id = id_of(1);
        record(&mut shop, id, "Ada");
        damage(&mut shop, id, bad);
        add(&mut shop, id, 40, &batch(40, "Ada"));
        let before = numbers(&shop, id);
        let Shop { books, keyring, .. } = &mut shop;
        let change = |_, seq, body| Ok(if seq == 40 { batch(40, "Eve") } else { body });
        books.transact(|books| rewrite::rewrite(books, keyring, id, &change)).unwrap();
        rewrite::settle(books, keyring, id).unwrap();
        let shelf = recording::bound(&books.meta, id).unwrap().unwrap().shelf();
        let chunks = books.chunks(shelf).unwrap();
        let full = chunk::list(chunks, id).unwrap().into_iter();
        let full = full.filter(|entry| !chunk::bytes(chunks, entry.id).unwrap().unwrap().is_empty());
        assert_eq!(full.count(), kept, "nothing of what cannot be read is carried over");
        assert_eq!(read(books, keyring, id).last().unwrap().1, batch(40, "Eve"));
        assert_eq!(numbers(&shop, id), before, "the gaps are those that there were");
    }
}

#[test]
fn a_recording_of_which_nothing_can_be_read_is_left_as_it_is() {
    let mut shop = shop();
    let id = id_of(1);
    record(&mut shop, id, "Ada");
    damage(&mut shop, id, 0);
    let before = numbers(&shop, id);
    let Shop { books, keyring, .. } = &mut shop;
    assert!(books.transact(|books| rewrite::rewrite(books, keyring, id, &|_, _, body| Ok(body))).is_err());
    rewrite::settle(books, keyring, id).unwrap();
    let key = keyring.find(id).unwrap().unwrap();
    assert!(recording::find(&books.meta, id, "").unwrap().open_summary(&key.key).is_ok());
    assert_eq!(numbers(&shop, id), before);
}

#[test]
fn another_key_is_no_damage() {
    let mut shop = shop();
    let id = id_of(1);
    record(&mut shop, id, "Ada");
    // As if the chunks had been sealed anew and the key in their place were not theirs.
    let Shop { books, keyring, .. } = &mut shop;
    let other = keyring.successor(id, &keyring.find(id).unwrap().unwrap()).unwrap();
    other.keep_beside(&books.keys, id).unwrap();
    other.take_place(&books.keys, id).unwrap();
    keyring.forget();
    let readable = Readable::by_staff(&books.meta, id).unwrap();
    assert!(Reading::open(&books.meta, keyring, &books.place, readable, Span::default()).is_err());
}
