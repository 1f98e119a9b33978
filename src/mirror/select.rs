//! CSS selectors over the mirror, as far as policies use them: compounds and combinators, attributes, and the pseudo-classes that
//! depend on nothing but the tree (Selectors Level 4). What is not known here does not parse, so that whoever asks can say so.

use super::{Content, Element, Held, Mirror};
use crate::model::NodeId;

/// A list of alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(Vec<Complex>);

/// Compounds from right to left, each with how the next one stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complex {
    subject: Vec<Simple>,
    before: Vec<(Combinator, Vec<Simple>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Simple {
    Any,
    Tag(String),
    Id(String),
    Class(String),
    Attribute { name: String, test: Test, value: String, any_case: bool },
    Is(Selector),
    Not(Selector),
    Root,
    Empty,
    Nth { step: i64, offset: i64, of_type: bool, from_end: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Present,
    Equals,
    Word,
    Dash,
    Begins,
    Ends,
    Contains,
}

impl Selector {
    /// `None` for what does not parse, or is not known here.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { signs: text.chars().collect(), at: 0, depth: 0 };
        let list = parser.list()?;
        (parser.at == parser.signs.len()).then_some(list)
    }

    /// Whether this element is one of those that are meant.
    pub fn matches(&self, mirror: &Mirror, id: NodeId) -> bool {
        self.0
            .iter()
            .any(|complex| meets_all(&complex.subject, mirror, id) && stands_behind(&complex.before, mirror, id))
    }
}

fn stands_behind(before: &[(Combinator, Vec<Simple>)], mirror: &Mirror, id: NodeId) -> bool {
    let Some(((combinator, compound), rest)) = before.split_first() else { return true };
    let fits = |at: NodeId| meets_all(compound, mirror, at) && stands_behind(rest, mirror, at);
    match combinator {
        Combinator::Child => parent(mirror, id).is_some_and(fits),
        Combinator::Next => beside(mirror, id, false).next().is_some_and(fits),
        Combinator::Later => beside(mirror, id, false).any(fits),
        Combinator::Descendant => std::iter::successors(parent(mirror, id), |at| parent(mirror, *at)).any(fits),
    }
}

fn meets_all(compound: &[Simple], mirror: &Mirror, id: NodeId) -> bool {
    mirror.element(id).is_some_and(|element| compound.iter().all(|simple| meets(simple, mirror, id, element)))
}

fn meets(simple: &Simple, mirror: &Mirror, id: NodeId, element: &Element) -> bool {
    match simple {
        Simple::Any => true,
        Simple::Tag(tag) => element.tag.eq_ignore_ascii_case(tag),
        Simple::Id(name) => element.shown("id") == Some(name),
        Simple::Class(name) => {
            element.shown("class").is_some_and(|value| value.split_ascii_whitespace().any(|one| one == name))
        }
        Simple::Attribute { name, test, value, any_case } => element.attribute(name).is_some_and(|held| match held {
            Held::Shown(text) if *any_case => test.holds(&text.to_lowercase(), &value.to_lowercase()),
            Held::Shown(text) => test.holds(text, value),
            Held::Masked(_) => *test == Test::Present,
        }),
        Simple::Is(list) => list.matches(mirror, id),
        Simple::Not(list) => !list.matches(mirror, id),
        Simple::Root => parent(mirror, id).is_none(),
        Simple::Empty => mirror.children(id).all(|(_, node)| matches!(node.content, Content::Comment)),
        Simple::Nth { step, offset, of_type, from_end } => {
            let alike = |other: &NodeId| {
                !of_type || mirror.element(*other).is_some_and(|other| other.tag.eq_ignore_ascii_case(&element.tag))
            };
            let place = beside(mirror, id, *from_end).filter(alike).count() as i64 + 1;
            match step {
                0 => place == *offset,
                step => (place - offset) % step == 0 && (place - offset) / step >= 0,
            }
        }
    }
}

impl Test {
    fn holds(self, text: &str, value: &str) -> bool {
        match self {
            Self::Present => true,
            Self::Equals => text == value,
            Self::Word => !value.is_empty() && text.split_ascii_whitespace().any(|word| word == value),
            Self::Dash => text.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            Self::Begins => !value.is_empty() && text.starts_with(value),
            Self::Ends => !value.is_empty() && text.ends_with(value),
            Self::Contains => !value.is_empty() && text.contains(value),
        }
    }
}

/// The parent, where it is an element: no selector leaves its document or shadow tree.
fn parent(mirror: &Mirror, id: NodeId) -> Option<NodeId> {
    let parent = mirror.node(id)?.parent?;
    mirror.element(parent).map(|_| parent)
}

/// The elements before this one, nearest first; or behind it.
fn beside(mirror: &Mirror, id: NodeId, behind: bool) -> impl Iterator<Item = NodeId> {
    let step = move |at: &NodeId| mirror.node(*at).and_then(|node| if behind { node.next } else { node.previous });
    std::iter::successors(step(&id), step).filter(|at| mirror.element(*at).is_some())
}

/// Lists within lists.
const DEPTH_MAX: u32 = 8;

struct Parser {
    signs: Vec<char>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.signs.get(self.at).copied()
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) -> bool {
        let from = self.at;
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.at > from
    }

    fn list(&mut self) -> Option<Selector> {
        let mut list = vec![self.complex()?];
        while self.take(',') {
            list.push(self.complex()?);
        }
        Some(Selector(list))
    }

    fn complex(&mut self) -> Option<Complex> {
        self.space();
        let mut subject = self.compound()?;
        let mut before = Vec::new();
        loop {
            let spaced = self.space();
            let combinator = match self.peek() {
                None | Some(',' | ')') => return Some(Complex { subject, before }),
                Some('>') => Combinator::Child,
                Some('+') => Combinator::Next,
                Some('~') => Combinator::Later,
                Some(_) if spaced => Combinator::Descendant,
                Some(_) => return None,
            };
            if combinator != Combinator::Descendant {
                self.at += 1;
            }
            self.space();
            before.insert(0, (combinator, std::mem::replace(&mut subject, self.compound()?)));
        }
    }

    fn compound(&mut self) -> Option<Vec<Simple>> {
        let mut found = Vec::new();
        loop {
            found.push(match self.peek() {
                Some('*') if found.is_empty() => {
                    self.at += 1;
                    Simple::Any
                }
                Some('#') => {
                    self.at += 1;
                    Simple::Id(self.name()?)
                }
                Some('.') => {
                    self.at += 1;
                    Simple::Class(self.name()?)
                }
                Some('[') => self.attribute()?,
                Some(':') => self.pseudo()?,
                Some(sign) if found.is_empty() && is_name_sign(sign) => Simple::Tag(self.name()?),
                _ => return (!found.is_empty()).then_some(found),
            });
        }
    }

    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(sign) = self.peek() {
            if sign == '\\' {
                self.at += 1;
                name.push(self.escaped()?);
            } else if is_name_sign(sign) {
                self.at += 1;
                name.push(sign);
            } else {
                break;
            }
        }
        (!name.is_empty()).then_some(name)
    }

    /// A sign behind a backslash: itself, or up to six hexadecimal digits and one space.
    fn escaped(&mut self) -> Option<char> {
        let mut code = 0;
        let from = self.at;
        while let Some(digit) = self.peek().and_then(|sign| sign.to_digit(16)).filter(|_| self.at < from + 6) {
            code = code * 16 + digit;
            self.at += 1;
        }
        if self.at > from {
            if self.peek().is_some_and(char::is_whitespace) {
                self.at += 1;
            }
            return char::from_u32(code);
        }
        let sign = self.peek()?;
        self.at += 1;
        Some(sign)
    }

    fn attribute(&mut self) -> Option<Simple> {
        self.at += 1;
        self.space();
        let name = self.name()?;
        self.space();
        let test = match self.peek()? {
            ']' => Test::Present,
            '=' => Test::Equals,
            '~' => Test::Word,
            '|' => Test::Dash,
            '^' => Test::Begins,
            '$' => Test::Ends,
            '*' => Test::Contains,
            _ => return None,
        };
        let (mut value, mut any_case) = (String::new(), false);
        if test != Test::Present {
            self.at += usize::from(test != Test::Equals);
            if !self.take('=') {
                return None;
            }
            self.space();
            value = match self.peek()? {
                quote @ ('"' | '\'') => self.quoted(quote)?,
                _ => self.name()?,
            };
            if self.space() || self.peek() == Some('i') {
                any_case = self.take('i') || self.take('I');
                self.space();
            }
        }
        self.take(']').then_some(Simple::Attribute { name, test, value, any_case })
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let sign = self.peek()?;
            self.at += 1;
            match sign {
                '\\' => value.push(self.escaped()?),
                sign if sign == quote => return Some(value),
                sign => value.push(sign),
            }
        }
    }

    fn pseudo(&mut self) -> Option<Simple> {
        self.at += 1;
        let name = self.name()?.to_ascii_lowercase();
        let nth = |offset, of_type, from_end| Simple::Nth { step: 0, offset, of_type, from_end };
        if !self.take('(') {
            return Some(match name.as_str() {
                "root" => Simple::Root,
                "empty" => Simple::Empty,
                "first-child" => nth(1, false, false),
                "last-child" => nth(1, false, true),
                "first-of-type" => nth(1, true, false),
                "last-of-type" => nth(1, true, true),
                "only-child" | "only-of-type" => {
                    let of_type = name == "only-of-type";
                    let both = vec![nth(1, of_type, false), nth(1, of_type, true)];
                    Simple::Is(Selector(vec![Complex { subject: both, before: Vec::new() }]))
                }
                _ => return None,
            });
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let made = match name.as_str() {
            "is" | "where" | "matches" => Simple::Is(self.list()?),
            "not" => Simple::Not(self.list()?),
            "nth-child" => self.nth(false, false)?,
            "nth-last-child" => self.nth(false, true)?,
            "nth-of-type" => self.nth(true, false)?,
            "nth-last-of-type" => self.nth(true, true)?,
            _ => return None,
        };
        self.depth -= 1;
        self.space();
        self.take(')').then_some(made)
    }

    /// `odd`, `even`, `3`, `2n`, `-n + 3`.
    fn nth(&mut self, of_type: bool, from_end: bool) -> Option<Simple> {
        let from = self.at;
        while self.peek().is_some_and(|sign| sign != ')') {
            self.at += 1;
        }
        let text: String = self.signs[from..self.at].iter().filter(|sign| !sign.is_whitespace()).collect();
        let text = text.to_ascii_lowercase();
        let (step, offset) = match text.as_str() {
            "odd" => (2, 1),
            "even" => (2, 0),
            _ => match text.split_once('n') {
                None => (0, text.parse().ok()?),
                Some((step, offset)) => {
                    let step = match step {
                        "" | "+" => 1,
                        "-" => -1,
                        step => step.parse().ok()?,
                    };
                    (step, if offset.is_empty() { 0 } else { offset.parse().ok()? })
                }
            },
        };
        Some(Simple::Nth { step, offset, of_type, from_end })
    }
}

fn is_name_sign(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '\\') || !sign.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Namespace, Op, Value};

    /// `<main id=top class="a b"><ul><li>…</li><li data-x="Jan Smith" class=b/><li/></ul><p/>…</main>`
    fn page() -> Mirror {
        let mut mirror = Mirror::default();
        let element = |id, tag, attributes, open| Op::Element { id, namespace: Namespace::Html, tag, attributes, open };
        let (a, b) = (
            [("id", Value::Shown("top")), ("class", Value::Shown("a b"))],
            [("data-x", Value::Shown("Jan Smith")), ("class", Value::Shown("b"))],
        );
        for op in [
            Op::Snapshot { id: 1, width: 1, height: 1, url: "", title: Value::Masked(0) },
            element(2, "main", &a, true),
            element(3, "ul", &[], true),
            element(4, "li", &[], true),
            Op::Text { id: 5, text: "x", rule: 0 },
            Op::End,
            element(6, "LI", &b, false),
            element(7, "li", &[], false),
            Op::End,
            element(8, "p", &[("title", Value::Masked(3))], false),
            Op::End,
            Op::End,
        ] {
            mirror.apply(&op);
        }
        mirror
    }

    #[test]
    fn selectors_find_what_a_browser_finds() {
        let mirror = page();
        for (selector, wanted) in [
            ("*", vec![2, 3, 4, 6, 7, 8]),
            ("li", vec![4, 6, 7]),
            ("#top", vec![2]),
            (".b", vec![2, 6]),
            ("main.a.b", vec![2]),
            (".a .b", vec![6]),
            ("main > li", vec![]),
            ("ul > li", vec![4, 6, 7]),
            ("li + li", vec![6, 7]),
            ("li ~ .b", vec![6]),
            ("ul + p, .nobody", vec![8]),
            ("[data-x]", vec![6]),
            ("[data-x='Jan Smith']", vec![6]),
            ("[data-x=\"jan smith\" i]", vec![6]),
            ("[data-x~=Smith]", vec![6]),
            ("[data-x^=Jan]", vec![6]),
            ("[data-x$=ith]", vec![6]),
            ("[data-x*='n S']", vec![6]),
            ("[title]", vec![8]),
            ("[title='']", vec![]),
            ("li:not(.b)", vec![4, 7]),
            (":is(p, ul) li:nth-child(odd)", vec![4, 7]),
            ("li:nth-child(2n+1)", vec![4, 7]),
            ("li:nth-of-type(-n+2)", vec![4, 6]),
            ("li:last-child", vec![7]),
            ("li:first-of-type", vec![4]),
            ("p:only-of-type", vec![8]),
            ("li:empty", vec![6, 7]),
            (":root", vec![2]),
            ("#\\74 op", vec![2]),
        ] {
            let parsed = Selector::parse(selector).unwrap_or_else(|| panic!("{selector} parses"));
            let found: Vec<NodeId> = (1..9).filter(|id| parsed.matches(&mirror, *id)).collect();
            assert_eq!(found, wanted, "{selector}");
        }
    }

    #[test]
    fn what_is_not_known_does_not_parse() {
        for selector in ["", "a >", "a:hover", "a:has(b)", "a::before", "[x", "a,,b", "a)b", ":nth-child(x)", "a | b"] {
            assert_eq!(Selector::parse(selector), None, "{selector}");
        }
    }
}
