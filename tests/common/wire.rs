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

/// What stands where text may be hidden.
#[derive(Clone, Copy)]
pub enum Said<'a> {
    Shown(&'a str),
    Bucket(u64),
}

/// The five columns of a body.
#[derive(Default)]
pub struct Body {
    began: u64,
    shapes: u64,
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
    pub fn snapshot(self, url: &str, heading: &str) -> Self {
        let page = self.document(url, Said::Shown("A page")).open("html", &[]).open("body", &[]).open("h1", &[]);
        page.text(heading, 0).end().end().end().end()
    }

    /// The document, whose nodes follow until its `end`.
    pub fn document(mut self, url: &str, title: Said<'_>) -> Self {
        self.op(2).number(1440).number(900).string(url).value(title);
        self
    }

    /// New nodes, first in this one, until an `end`.
    pub fn add(mut self, parent: i64) -> Self {
        self.op(4).id(parent);
        self
    }

    /// An HTML element whose children follow until an `end`.
    pub fn open(self, tag: &str, attributes: &[(&str, Said<'_>)]) -> Self {
        self.element(tag, attributes, 1)
    }

    pub fn empty(self, tag: &str, attributes: &[(&str, Said<'_>)]) -> Self {
        self.element(tag, attributes, 0)
    }

    fn element(mut self, tag: &str, attributes: &[(&str, Said<'_>)], open: u64) -> Self {
        // A shape of its own for each: the table may repeat itself.
        self.op(41).string(tag).number(0).number(attributes.len() as u64);
        for (name, _) in attributes {
            self.string(name);
        }
        let shape = self.shapes;
        self.shapes += 1;
        self.op(64 + 2 * shape + open);
        for (_, said) in attributes {
            self.value(*said);
        }
        self
    }

    pub fn end(mut self) -> Self {
        self.op(0);
        self
    }

    pub fn text(mut self, text: &str, rule: u64) -> Self {
        self.op(32).string(text).number(rule);
        self
    }

    pub fn masked(mut self, bucket: u64) -> Self {
        self.op(33).number(bucket);
        self
    }

    pub fn doctype(mut self, name: &str, public: &str, system: &str) -> Self {
        self.op(35).string(name).string(public).string(system);
        self
    }

    pub fn css(mut self, rules: &str) -> Self {
        self.op(39).string(rules);
        self
    }

    pub fn block(mut self, tag: &str) -> Self {
        self.op(40).string(tag).number(0).number(300).number(200);
        self
    }

    pub fn attribute(mut self, node: i64, name: &str, said: Said<'_>) -> Self {
        self.op(6).id(node).string(name).value(said);
        self
    }

    pub fn attribute_gone(mut self, node: i64, name: &str) -> Self {
        self.op(7).id(node).string(name);
        self
    }

    pub fn set_text(mut self, node: i64, text: &str, rule: u64) -> Self {
        self.op(8).id(node).string(text).number(rule);
        self
    }

    pub fn sheet(mut self, node: i64, rules: &str) -> Self {
        self.op(10).id(node).string(rules);
        self
    }

    /// A rule that comes first into the sheet of this element.
    pub fn rule_insert(mut self, node: i64, rule: &str) -> Self {
        self.op(11).id(node).number(1).number(0).string(rule);
        self
    }

    /// The same, of a constructed sheet.
    pub fn adopted_insert(mut self, sheet: u64, rule: &str) -> Self {
        self.op(13).number(sheet).number(1).number(0).string(rule);
        self
    }

    pub fn adopted_sheet(mut self, sheet: u64, rules: &str) -> Self {
        self.op(15).number(sheet).string(rules);
        self
    }

    /// What a visitor made of a form control.
    pub fn input(mut self, node: i64, said: Option<Said<'_>>, checked: Option<bool>) -> Self {
        let flags = u64::from(said.is_some()) + checked.map_or(0, |checked| 2 + 4 * u64::from(checked)) + 8;
        self.op(21).id(node).number(flags);
        if let Some(said) = said {
            self.value(said);
        }
        self
    }

    /// State of a control beyond its value: kind 0 the chosen options, 1 neither checked nor not.
    pub fn state(mut self, node: i64, kind: u64, values: &[u64]) -> Self {
        self.op(48).id(node).number(kind).number(values.len() as u64);
        for value in values {
            self.number(*value);
        }
        self
    }

    /// Video or sound that plays.
    pub fn media(mut self, node: i64) -> Self {
        self.op(29).id(node);
        for number in [0, 1_500, 50, 100, 0] {
            self.number(number);
        }
        self
    }

    /// What a canvas shows.
    pub fn canvas(mut self, node: i64, picture: &str) -> Self {
        self.op(31).id(node).string(picture);
        self
    }

    /// An error that the page did not catch.
    pub fn error(mut self, name: &str, message: Said<'_>, url: &str) -> Self {
        self.op(43).string(name).value(message).string(url).number(3).number(4);
        self
    }

    /// A line of the console.
    pub fn log(mut self, message: Said<'_>) -> Self {
        self.op(44).number(1).value(message);
        self
    }

    /// A request that a script made.
    pub fn request(mut self, url: &str) -> Self {
        self.op(45).number(0).string(url).number(200).number(80).number(900);
        self
    }

    /// What the page's own code says that happened.
    pub fn event(mut self, name: &str, property: &str, said: Said<'_>) -> Self {
        self.op(46).string(name).number(1).string(property).value(said);
        self
    }

    pub fn tag(mut self, name: &str, said: Said<'_>) -> Self {
        self.op(47).string(name).value(said);
        self
    }

    pub fn time(mut self, passed: u64) -> Self {
        self.op(1).number(passed);
        self
    }

    pub fn click(self, node: i64) -> Self {
        self.click_by(node, 10, 20)
    }

    /// A click so far from the one before it.
    pub fn click_by(mut self, node: i64, x: i64, y: i64) -> Self {
        self.op(19).number(2).id(node);
        for coordinate in [x, y] {
            signed(&mut self.numbers, coordinate);
        }
        self
    }

    pub fn page(self, url: &str) -> Self {
        self.page_titled(url, Said::Shown("A page"))
    }

    pub fn page_titled(mut self, url: &str, title: Said<'_>) -> Self {
        self.op(26).string(url).value(title);
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

    /// These bytes stand for the page's `number`-th asset; the first 16 bytes of their SHA-256 are their hash.
    pub fn asset(mut self, number: u64, hash: [u8; 16]) -> Self {
        self.op(53).number(number);
        for word in hash.chunks_exact(4) {
            self.number(u64::from(u32::from_be_bytes(word.try_into().unwrap())));
        }
        self.number(0).number(0).number(0);
        self
    }

    /// The page's `number`-th asset could not be read.
    pub fn unreadable(mut self, number: u64, cause: u64, url: &str) -> Self {
        self.op(54).number(number).number(cause).string(url);
        self
    }

    /// The policy's rules of these places have matched on this page.
    pub fn rules(mut self, first: bool, places: &[u64]) -> Self {
        self.op(56).number(first.into()).number(places.len() as u64);
        for place in places {
            self.number(*place);
        }
        self
    }

    /// Who it is: kind 0 the browser's random id, 1 the site's own pseudonym.
    pub fn who(mut self, kind: u64, words: &str) -> Self {
        self.op(57).number(kind).string(words);
        self
    }

    /// A field on the page of this address that nobody marked; kind 4 is a card.
    pub fn sensitive(mut self, kind: u64, selector: &str, url: &str) -> Self {
        self.op(55).number(kind).string(selector).string(url);
        self
    }

    pub fn finish(mut self) -> Self {
        self.op(28);
        self
    }

    /// A code that no op has.
    pub fn nonsense(mut self) -> Self {
        self.op(63);
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

    fn value(&mut self, said: Said<'_>) -> &mut Self {
        match said {
            Said::Shown(text) => self.string(text),
            Said::Bucket(bucket) => {
                varint(&mut self.refs, 1);
                self.number(bucket)
            }
        }
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
