//! A batch written by hand from the grammar's table in `assets/recorder/src/stream.ts`, sharing no code with the server.

/// The head of a batch.
#[derive(Clone)]
pub struct Head {
    pub granted: bool,
    pub policy: [u8; 8],
    pub secret: [u8; 16],
    pub page: [u8; 8],
    pub seq: u64,
    pub sent_at: u64,
}

impl Head {
    pub fn with(&self, body: &[u8]) -> Vec<u8> {
        let mut out = vec![1, u8::from(self.granted)];
        out.extend(self.policy);
        out.extend(self.secret);
        out.extend(self.page);
        varint(&mut out, self.seq);
        varint(&mut out, self.sent_at);
        out.extend(body);
        out
    }
}

/// The five columns of a body.
#[derive(Default)]
pub struct Body {
    began: u64,
    ops: Vec<u8>,
    ids: Vec<u8>,
    numbers: Vec<u8>,
    refs: Vec<u8>,
    literals: Vec<u8>,
    last_id: i64,
}

impl Body {
    pub fn new(began: u64) -> Self {
        Self { began, ..Self::default() }
    }

    /// A page with one heading: document 1, html 2, body 3, h1 4, text 5.
    pub fn snapshot(mut self, url: &str, heading: &str) -> Self {
        self.op(2).number(1440).number(900).string(url).string("A page");
        for (shape, tag) in ["html", "body", "h1"].into_iter().enumerate() {
            // A shape of an HTML element without attributes, and the element, open.
            self.op(41).string(tag).number(0).number(0);
            self.op(65 + 2 * shape as u64);
        }
        self.op(32).string(heading).number(0);
        for _ in 0..4 {
            self.op(0);
        }
        self
    }

    pub fn time(mut self, passed: u64) -> Self {
        self.op(1).number(passed);
        self
    }

    pub fn click(mut self, node: i64) -> Self {
        self.op(19).number(2).id(node);
        for coordinate in [10, 20] {
            signed(&mut self.numbers, coordinate);
        }
        self
    }

    pub fn page(mut self, url: &str) -> Self {
        self.op(26).string(url).string("A page");
        self
    }

    pub fn visible(mut self, hidden: bool) -> Self {
        self.op(25).number(u64::from(hidden));
        self
    }

    pub fn lost(mut self, ops: u64, ms: u64) -> Self {
        self.op(27).number(0).number(0).number(ops).number(ms);
        self
    }

    pub fn finish(mut self) -> Self {
        self.op(28);
        self
    }

    /// A code that no op has.
    pub fn nonsense(mut self) -> Self {
        self.op(31);
        self
    }

    pub fn bytes(self) -> Vec<u8> {
        let mut out = Vec::new();
        varint(&mut out, 1);
        varint(&mut out, self.began);
        for column in [&self.ops, &self.ids, &self.numbers, &self.refs] {
            varint(&mut out, column.len() as u64);
        }
        for column in [self.ops, self.ids, self.numbers, self.refs, self.literals] {
            out.extend(column);
        }
        out
    }

    fn op(&mut self, code: u64) -> &mut Self {
        varint(&mut self.ops, code);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        varint(&mut self.numbers, number);
        self
    }

    fn id(&mut self, id: i64) -> &mut Self {
        signed(&mut self.ids, id - self.last_id);
        self.last_id = id;
        self
    }

    /// Always a new literal: the table may repeat itself.
    fn string(&mut self, text: &str) -> &mut Self {
        varint(&mut self.refs, 0);
        self.literals.extend(text.bytes());
        self.literals.push(0);
        self
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        out.push((number % 128) as u8 + 128);
        number /= 128;
    }
    out.push(number as u8);
}

fn signed(out: &mut Vec<u8>, number: i64) {
    varint(out, if number < 0 { (-2 * number - 1) as u64 } else { 2 * number as u64 });
}
