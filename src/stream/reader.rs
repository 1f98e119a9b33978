//! Reads a batch op by op, and refuses the first that the grammar does not know. Allocates once a batch, not once an op.

mod note;
mod state;

use super::bytes::Column;
use super::code;
use super::{
    ADOPTED_MAX, ASSET_MAX, ATTRIBUTES_MAX, BUCKET_MAX, Body, Cause, DEPTH_MAX, FindingKind, Form, Known, Malformed,
    NODE_MAX, Namespace, Op, PICTURE_SIDE_MAX, PIXELS_MAX, POLICY_RULES_MAX, Press, RULE_PATH_MAX, SHAPES_MAX,
    SHED_MAX, SheetRef, Value,
};
use crate::model::{AssetHash, NodeId};

/// A reference below this one is no place in the string table.
pub(super) const REF_NEW: u32 = 0;
pub(super) const REF_MASKED: u32 = 1;
pub(super) const REF_FIRST: u32 = 3;

#[derive(Debug)]
struct Shape<'a> {
    namespace: Namespace,
    tag: &'a str,
    names: Vec<&'a str>,
}

/// What an open child list belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A `Snapshot` or an `Add`.
    Run,
    Element,
    Shadow,
    Frame,
}

/// A lending iterator over the ops of one batch.
#[derive(Debug)]
pub struct Reader<'a> {
    ops: Column<'a>,
    ids: Column<'a>,
    numbers: Column<'a>,
    refs: Column<'a>,
    strings: Vec<&'a str>,
    strings_used: usize,
    shapes: Vec<Shape<'a>>,
    open: Vec<Open>,
    next_node: NodeId,
    last_id: i64,
    pointer: (i64, i64),
    now: u64,
    attributes: Vec<(&'a str, Value<'a>)>,
    list: Vec<u32>,
}

impl<'a> Reader<'a> {
    /// Begin to read a batch's body.
    pub fn new(body: &'a [u8]) -> Result<Self, Malformed> {
        let body = Body::parse(body)?;
        Ok(Self {
            ops: Column::new(body.ops),
            ids: Column::new(body.ids),
            numbers: Column::new(body.numbers),
            refs: Column::new(body.refs),
            strings: body.strings()?,
            strings_used: 0,
            shapes: Vec::new(),
            open: Vec::new(),
            next_node: body.first_node,
            last_id: 0,
            pointer: (0, 0),
            now: body.began,
            attributes: Vec::new(),
            list: Vec::new(),
        })
    }

    /// Milliseconds since the page began, at the op last read.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The place in the string table that the next new string will take: lets a caller tell which op brought which string.
    pub fn strings_used(&self) -> usize {
        self.strings_used
    }

    /// What was read of the columns of ops and references.
    pub fn passed(&self) -> [&'a [u8]; 2] {
        [&self.ops, &self.refs].map(Column::passed)
    }

    /// The next op; `None` at the end of a batch that is whole.
    #[allow(clippy::should_implement_trait)] // It lends from itself, which `Iterator` cannot.
    pub fn next(&mut self) -> Result<Option<Op<'_>>, Malformed> {
        loop {
            if self.ops.is_empty() {
                return self.finish();
            }
            let code = self.ops.up_to(u32::MAX)?;
            match code {
                code::SHAPE => self.shape()?,
                code::ELEMENT.. => return self.element(code - code::ELEMENT).map(Some),
                code::TEXT..=code::BLOCK => return self.node(code).map(Some),
                code::END => return self.close().map(Some),
                _ if !self.open.is_empty() => return Err(self.ops.malformed("an event inside a run of nodes")),
                code::SNAPSHOT | code::ADD | code::ADD_FIRST => return self.run(code).map(Some),
                code::SHEET..=code::ADOPT => return self.style(code).map(Some),
                code::MOVE..=code::BLUR => return self.action(code).map(Some),
                _ => return self.event(code).map(Some),
            }
        }
    }

    fn finish(&self) -> Result<Option<Op<'_>>, Malformed> {
        if !self.open.is_empty() {
            return Err(self.ops.malformed("a run of nodes does not end"));
        }
        let columns_left = [&self.ids, &self.numbers, &self.refs].into_iter().find(|column| !column.is_empty());
        if let Some(column) = columns_left {
            return Err(column.malformed("a column holds more than the ops use"));
        }
        if self.strings_used != self.strings.len() {
            return Err(self.refs.malformed("a string is used by no op"));
        }
        Ok(None)
    }

    fn shape(&mut self) -> Result<(), Malformed> {
        if self.shapes.len() == SHAPES_MAX {
            return Err(self.ops.malformed("too many shapes"));
        }
        let tag = self.string()?;
        let namespace = self.namespace()?;
        let count = self.numbers.up_to(ATTRIBUTES_MAX as u32)?;
        let mut names = Vec::with_capacity(count as usize);
        for _ in 0..count {
            names.push(self.string()?);
        }
        self.shapes.push(Shape { namespace, tag, names });
        Ok(())
    }

    fn element(&mut self, token: u32) -> Result<Op<'_>, Malformed> {
        let place = (token >> 1) as usize;
        let open = token & 1 == 1;
        let id = self.introduce()?;
        let count = match self.shapes.get(place) {
            Some(shape) => shape.names.len(),
            None => return Err(self.ops.malformed("unknown shape")),
        };
        self.attributes.clear();
        for attribute in 0..count {
            let value = self.value()?;
            self.attributes.push((self.shapes[place].names[attribute], value));
        }
        if open {
            self.enter(Open::Element)?;
        }
        let Shape { namespace, tag, .. } = self.shapes[place];
        Ok(Op::Element { id, namespace, tag, attributes: &self.attributes, open })
    }

    fn node(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        Ok(match code {
            code::TEXT => Op::Text { id: self.introduce()?, text: self.string()?, rule: self.numbers.up_to(u32::MAX)? },
            code::MASKED => Op::Masked { id: self.introduce()?, bucket: self.bucket()? },
            code::COMMENT => Op::Comment { id: self.introduce()? },
            code::DOCTYPE => Op::Doctype {
                id: self.introduce()?,
                name: self.string()?,
                public: self.string()?,
                system: self.string()?,
            },
            code::SHADOW => Op::Shadow { id: self.inside_element(Open::Shadow)? },
            code::FRAME => Op::Frame { id: self.inside_element(Open::Frame)? },
            code::MOVED => {
                if self.open.is_empty() {
                    return Err(self.ops.malformed("a node outside a run"));
                }
                Op::Moved { id: self.id()? }
            }
            code::CSS => {
                if self.open.last() != Some(&Open::Element) {
                    return Err(self.ops.malformed("style rules outside an element"));
                }
                Op::Css { text: self.string()? }
            }
            code::BLOCK => Op::Block {
                id: self.introduce()?,
                tag: self.string()?,
                namespace: self.namespace()?,
                width: self.numbers.up_to(PIXELS_MAX)?,
                height: self.numbers.up_to(PIXELS_MAX)?,
            },
            _ => return Err(self.ops.malformed("unknown node")),
        })
    }

    fn close(&mut self) -> Result<Op<'_>, Malformed> {
        match self.open.pop() {
            Some(_) => Ok(Op::End),
            None => Err(self.ops.malformed("an end without a beginning")),
        }
    }

    fn run(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        self.enter(Open::Run)?;
        if code != code::SNAPSHOT {
            let parent = self.id()?;
            let previous = if code == code::ADD { Some(self.id()?) } else { None };
            return Ok(Op::Add { parent, previous });
        }
        Ok(Op::Snapshot {
            id: self.introduce()?,
            width: self.numbers.up_to(PIXELS_MAX)?,
            height: self.numbers.up_to(PIXELS_MAX)?,
            url: self.string()?,
            title: self.value()?,
        })
    }

    fn style(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        Ok(match code {
            code::SHEET => Op::Sheet { id: self.id()?, text: self.string()? },
            code::ADOPTED_SHEET => Op::AdoptedSheet { sheet: self.numbers.up_to(NODE_MAX)?, text: self.string()? },
            code::ADOPT => {
                let root = self.id()?;
                self.list(ADOPTED_MAX)?;
                Op::Adopt { root, sheets: &self.list }
            }
            _ => {
                let owned = matches!(code, code::RULE_INSERT | code::RULE_DELETE);
                let sheet =
                    if owned { SheetRef::Owner(self.id()?) } else { SheetRef::Adopted(self.numbers.up_to(NODE_MAX)?) };
                self.list(RULE_PATH_MAX)?;
                if self.list.is_empty() {
                    return Err(self.numbers.malformed("a rule without an index"));
                }
                if matches!(code, code::RULE_INSERT | code::ADOPTED_INSERT) {
                    let text = self.string()?;
                    Op::RuleInsert { sheet, path: &self.list, text }
                } else {
                    Op::RuleDelete { sheet, path: &self.list }
                }
            }
        })
    }

    fn action(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        Ok(match code {
            code::MOVE | code::TOUCH_MOVE => {
                let id = self.id()?;
                let (x, y) = self.point()?;
                Op::Move { at: self.now, id, x, y, touch: code == code::TOUCH_MOVE }
            }
            code::PRESS => {
                let kind = self.press()?;
                let id = self.id()?;
                let (x, y) = self.point()?;
                Op::Press { kind, id, x, y }
            }
            code::SCROLL => {
                Op::Scroll { id: self.id()?, x: self.numbers.up_to(PIXELS_MAX)?, y: self.numbers.up_to(PIXELS_MAX)? }
            }
            code::INPUT => {
                let id = self.id()?;
                let flags = self.numbers.up_to(15)?;
                let value = if flags & 1 != 0 { Some(self.value()?) } else { None };
                let checked = (flags & 2 != 0).then_some(flags & 4 != 0);
                Op::Input { id, value, checked, by_visitor: flags & 8 != 0 }
            }
            code::FOCUS => Op::Focus { id: self.id()? },
            _ => Op::Blur { id: self.id()? },
        })
    }

    fn event(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        Ok(match code {
            code::TIME => {
                self.now = self.now.saturating_add(self.numbers.number()?);
                Op::Time { at: self.now }
            }
            code::REMOVE => Op::Remove { id: self.id()? },
            code::ATTRIBUTE => Op::Attribute { id: self.id()?, name: self.string()?, value: Some(self.value()?) },
            code::ATTRIBUTE_GONE => Op::Attribute { id: self.id()?, name: self.string()?, value: None },
            code::SET_TEXT => Op::SetText { id: self.id()?, text: self.string()?, rule: self.numbers.up_to(u32::MAX)? },
            code::SET_MASKED => Op::SetMasked { id: self.id()?, bucket: self.bucket()? },
            code::VIEWPORT => {
                Op::Viewport { width: self.numbers.up_to(PIXELS_MAX)?, height: self.numbers.up_to(PIXELS_MAX)? }
            }
            code::VISIBILITY => Op::Visibility { hidden: self.numbers.up_to(1)? == 1 },
            code::PAGE => Op::Page { url: self.string()?, title: self.value()? },
            code::GAP => {
                let high = self.numbers.up_to(u32::MAX)?;
                let low = self.numbers.up_to(u32::MAX)?;
                Op::Gap {
                    page: (u64::from(high) << 32) | u64::from(low),
                    ops: self.numbers.up_to(u32::MAX)?,
                    ms: self.numbers.up_to(u32::MAX)?,
                }
            }
            code::FINISH => Op::Finish,
            code::PART => Op::Part { more: self.numbers.up_to(1)? == 1 },
            code::COST => Op::Cost {
                tenths: self.numbers.up_to(u32::MAX)?,
                tasks: self.numbers.up_to(u32::MAX)?,
                longest: self.numbers.up_to(u32::MAX)?,
            },
            code::SHED => Op::Shed { level: self.numbers.up_to(SHED_MAX.into())? as u8 },
            code::MEDIA => self.media()?,
            code::LAYER => self.layer()?,
            code::CANVAS => Op::Canvas { id: self.id()?, picture: self.string()? },
            code::STATE => self.state()?,
            code::VITAL..=code::TAG => self.note(code)?,
            code::ZOOM => self.zoom()?,
            code::ASSET => Op::Asset { number: self.asset()?, hash: self.hash()?, form: self.form()? },
            code::UNREADABLE => Op::Unreadable {
                number: self.asset()?,
                cause: Cause::ALL[self.numbers.up_to(Cause::ALL.len() as u32 - 1)? as usize],
                url: self.string()?,
            },
            code::RULES => {
                let first = self.numbers.up_to(1)? == 1;
                self.list(POLICY_RULES_MAX)?;
                Op::Rules { first, places: &self.list }
            }
            code::WHO => {
                Op::Who { kind: [Known::Id, Known::Pseudonym][self.numbers.up_to(1)? as usize], words: self.string()? }
            }
            code::SENSITIVE => Op::Sensitive {
                kind: FindingKind::ALL[self.numbers.up_to(FindingKind::ALL.len() as u32 - 1)? as usize],
                selector: self.string()?,
                url: self.string()?,
            },
            _ => return Err(self.ops.malformed("unknown op")),
        })
    }

    fn asset(&mut self) -> Result<u32, Malformed> {
        match self.numbers.up_to(ASSET_MAX)? {
            0 => Err(self.numbers.malformed("assets are numbered from 1")),
            number => Ok(number),
        }
    }

    fn hash(&mut self) -> Result<AssetHash, Malformed> {
        let mut hash = [0; 16];
        for word in hash.chunks_exact_mut(4) {
            word.copy_from_slice(&self.numbers.up_to(u32::MAX)?.to_be_bytes());
        }
        Ok(AssetHash(hash))
    }

    fn form(&mut self) -> Result<Form, Malformed> {
        let form = self.numbers.up_to(2)?;
        let width = self.numbers.up_to(PICTURE_SIDE_MAX)?;
        let height = self.numbers.up_to(PICTURE_SIDE_MAX)?;
        Ok(match form {
            0 if (width, height) == (0, 0) => Form::AsItIs,
            1 if width > 0 && height > 0 => Form::Drawn { width, height },
            2 if width > 0 && height > 0 => Form::DrawnUnsized { width, height },
            _ => return Err(self.numbers.malformed("a picture whose form and size do not fit")),
        })
    }

    /// The number of a node that this op introduces.
    fn introduce(&mut self) -> Result<NodeId, Malformed> {
        if self.open.is_empty() {
            return Err(self.ops.malformed("a node outside a run"));
        }
        if self.next_node > NODE_MAX {
            return Err(self.ops.malformed("too many nodes"));
        }
        let id = self.next_node;
        self.next_node += 1;
        Ok(id)
    }

    fn inside_element(&mut self, list: Open) -> Result<NodeId, Malformed> {
        // A run may be a late shadow root or frame document, added to its host.
        if !matches!(self.open.last(), Some(Open::Element | Open::Run)) {
            return Err(self.ops.malformed("a root outside an element"));
        }
        let id = self.introduce()?;
        self.enter(list)?;
        Ok(id)
    }

    fn enter(&mut self, list: Open) -> Result<(), Malformed> {
        if self.open.len() == DEPTH_MAX {
            return Err(self.ops.malformed("nodes nest too deep"));
        }
        self.open.push(list);
        Ok(())
    }

    /// The number of a node that exists already; a difference to the one named last.
    fn id(&mut self) -> Result<NodeId, Malformed> {
        self.last_id += self.ids.signed()?;
        match u32::try_from(self.last_id) {
            Ok(id) if (1..=NODE_MAX).contains(&id) => Ok(id),
            _ => Err(self.ids.malformed("a node number is out of bounds")),
        }
    }

    fn string(&mut self) -> Result<&'a str, Malformed> {
        match self.value()? {
            Value::Shown(text) => Ok(text),
            Value::Masked(_) => Err(self.refs.malformed("a mask where only text can stand")),
        }
    }

    fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let place = match self.refs.up_to(u32::MAX)? {
            REF_NEW => {
                self.strings_used += 1;
                self.strings_used - 1
            }
            REF_MASKED => return self.bucket().map(Value::Masked),
            reference if reference >= REF_FIRST => (reference - REF_FIRST) as usize,
            _ => return Err(self.refs.malformed("unknown reference")),
        };
        if place >= self.strings_used {
            return Err(self.refs.malformed("a string before its first use"));
        }
        match self.strings.get(place) {
            Some(text) => Ok(Value::Shown(text)),
            None => Err(self.refs.malformed("unknown string")),
        }
    }

    fn bucket(&mut self) -> Result<u8, Malformed> {
        Ok(self.numbers.up_to(u32::from(BUCKET_MAX))? as u8)
    }

    fn namespace(&mut self) -> Result<Namespace, Malformed> {
        Ok(match self.numbers.up_to(2)? {
            0 => Namespace::Html,
            1 => Namespace::Svg,
            _ => Namespace::MathMl,
        })
    }

    fn press(&mut self) -> Result<Press, Malformed> {
        const KINDS: [Press; 8] = [
            Press::Down,
            Press::Up,
            Press::Click,
            Press::DoubleClick,
            Press::ContextMenu,
            Press::TouchStart,
            Press::TouchEnd,
            Press::TouchCancel,
        ];
        Ok(KINDS[self.numbers.up_to(7)? as usize])
    }

    /// A point, as a difference to the pointer's last.
    fn point(&mut self) -> Result<(i32, i32), Malformed> {
        let x = self.pointer.0.saturating_add(self.numbers.signed()?);
        let y = self.pointer.1.saturating_add(self.numbers.signed()?);
        self.pointer = (x, y);
        let max = i64::from(PIXELS_MAX);
        if x.abs() > max || y.abs() > max {
            return Err(self.numbers.malformed("a point is out of bounds"));
        }
        Ok((x as i32, y as i32))
    }

    fn list(&mut self, max: usize) -> Result<(), Malformed> {
        let count = self.numbers.up_to(max as u32)?;
        self.list.clear();
        for _ in 0..count {
            let number = self.numbers.up_to(u32::MAX)?;
            self.list.push(number);
        }
        Ok(())
    }
}
