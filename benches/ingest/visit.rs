//! What visitors of a shop send: batches of mean size, in the grammar, every one different.

use flate2::{Compression, write::GzEncoder};
use hushreel::ingest::Address;
use hushreel::model::{PageId, PolicyHash, RecordingId};
use hushreel::stream::{Header, Namespace, Op, Press, VERSION, Value, Writer};
use std::fmt::Write as _;
use std::io::Write as _;

const PAGES: u8 = 2;
const BATCHES_PER_PAGE: u32 = 4;
/// Batches of one visit.
pub const BATCHES: usize = PAGES as usize * BATCHES_PER_PAGE as usize;
/// How long a page gathers before it sends.
const BATCH_MS: u64 = 5_000;

const CARDS: usize = 14;
const WORDS: &[&str] = &[
    "amber", "ash", "basket", "bench", "birch", "black", "blue", "bowl", "brown", "cedar", "chair", "cherry", "clear",
    "cream", "desk", "elm", "frame", "golden", "green", "grey", "hazel", "ivory", "jar", "lamp", "larch", "light",
    "linen", "maple", "mirror", "moss", "oak", "olive", "pale", "plain", "plate", "rowan", "shelf", "silver", "spruce",
    "stool", "table", "tray", "walnut", "white",
];
const STYLE: &str =
    ".card{margin:8px;padding:12px;border:1px solid #ccc}.name{font-size:16px}.tags{display:flex;gap:4px}";

/// A batch as it goes over the wire.
pub struct Batch {
    pub address: Address,
    pub sent: Vec<u8>,
}

/// All batches of the `number`-th visit, in their order.
pub fn visit(number: u64, policy: PolicyHash) -> Vec<Batch> {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    id[8..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    let mut batches = Vec::with_capacity(BATCHES);
    for page in 0..PAGES {
        let page = PageId([page, 0, 0, 0, id[4], id[5], id[6], id[7]]);
        for seq in 0..BATCHES_PER_PAGE {
            let began = u64::from(seq) * BATCH_MS;
            let header = Header {
                version: VERSION,
                granted: true,
                last: false,
                policy,
                secret: id,
                page,
                seq,
                sent_at: began + BATCH_MS,
            };
            let seed = number * BATCHES as u64 + batches.len() as u64;
            let mut bytes = header.encode();
            bytes.extend(body(seed, began));
            batches.push(Batch { address: Address { recording: RecordingId(id), page, seq }, sent: gzip(&bytes) });
        }
    }
    batches
}

/// A page of some hundred nodes, and what a visitor does in five seconds on it: he points, clicks, scrolls and chooses, and the
/// list under his pointer changes.
pub fn body(seed: u64, began: u64) -> Vec<u8> {
    let mut shop = Shop { writer: Writer::new(1, began), next: 1, random: seed.wrapping_mul(2).wrapping_add(1) };
    let list = shop.page();
    for moment in 0..10 {
        let at = began + 500 * moment;
        shop.pointer(at, list);
        shop.writer.op(&Op::Time { at: at + 460 });
        shop.change(list);
    }
    shop.writer.finish()
}

struct Shop {
    writer: Writer,
    next: u32,
    random: u64,
}

impl Shop {
    fn below(&mut self, bound: usize) -> usize {
        // An LCG: the same batches at each run.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound
    }

    fn words(&mut self, count: usize) -> String {
        let mut text = String::new();
        for place in 0..count {
            let word = WORDS[self.below(WORDS.len())];
            let _ = write!(text, "{}{word}", if place == 0 { "" } else { " " });
        }
        text
    }

    fn open(&mut self, tag: &str, attributes: &[(&str, &str)]) -> u32 {
        let id = self.next;
        self.next += 1;
        let shown: Vec<_> = attributes.iter().map(|(name, value)| (*name, Value::Shown(value))).collect();
        self.writer.op(&Op::Element { id, namespace: Namespace::Html, tag, attributes: &shown, open: true });
        id
    }

    fn text(&mut self, text: &str) {
        self.writer.op(&Op::Text { id: self.next, text, rule: 0 });
        self.next += 1;
    }

    fn close(&mut self) {
        self.writer.op(&Op::End);
    }

    fn leaf(&mut self, tag: &str, class: &str, text: &str) {
        self.open(tag, &[("class", class)]);
        self.text(text);
        self.close();
    }

    /// The whole page; answers its list.
    fn page(&mut self) -> u32 {
        let title = self.words(2);
        self.writer.op(&Op::Snapshot {
            id: self.next,
            width: 1440,
            height: 900,
            url: "https://shop.example.com/lamps",
            title: Value::Shown(&title),
        });
        self.next += 1;
        self.open("html", &[("lang", "en")]);
        self.open("head", &[]);
        self.open("style", &[]);
        self.writer.op(&Op::Css { text: STYLE });
        self.close();
        self.close();
        self.open("body", &[("class", "shop")]);
        self.leaf("h1", "title", &title);
        let list = self.open("ul", &[("class", "list"), ("role", "list")]);
        for _ in 0..CARDS {
            self.card();
        }
        for _ in 0..4 {
            self.close();
        }
        list
    }

    fn card(&mut self) {
        let (name, about) = (self.words(3), 9 + self.below(9));
        let about = self.words(about);
        let (price, href) = (self.below(400), format!("https://shop.example.com/lamps/{}", name.replace(' ', "-")));
        self.open("li", &[("class", "card card-plain"), ("data-kind", "lamp")]);
        self.open("a", &[("class", "link"), ("href", &href)]);
        self.leaf("h3", "name", &name);
        self.close();
        self.leaf("p", "about", &about);
        self.open("p", &[("class", "price")]);
        self.leaf("b", "sum", &format!("{price}.90"));
        self.leaf("span", "unit", "EUR");
        self.close();
        self.leaf("button", "button", "Add to cart");
        self.close();
    }

    /// The pointer passes over the list, eight times in half a second.
    fn pointer(&mut self, at: u64, list: u32) {
        for step in 0..8 {
            let (x, y) = (200 + self.below(900) as i32, 100 + self.below(700) as i32);
            let id = list + 1 + self.below(CARDS * 10) as u32;
            self.writer.op(&Op::Time { at: at + 50 * step });
            self.writer.op(&Op::Move { at: at + 50 * step, id, x, y, touch: false });
        }
    }

    /// One answer of the page: a card comes, classes and texts change, and something was pressed.
    fn change(&mut self, list: u32) {
        let card = list + 1;
        self.writer.op(&Op::Press { kind: Press::Click, id: card, x: 640, y: 400 });
        self.writer.op(&Op::Scroll { id: 1, x: 0, y: 120 });
        self.writer.op(&Op::Attribute { id: card, name: "class", value: Some(Value::Shown("card card-chosen")) });
        let text = self.words(4);
        self.writer.op(&Op::SetText { id: card + 3, text: &text, rule: 0 });
        self.writer.op(&Op::Add { parent: list, previous: None });
        self.card();
        self.close();
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // The level of browsers' CompressionStream.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}
