//! The page: snapshots and what is added to them, node by node. A node is hidden before it is told, as the recorder does it.

use super::batch::Batches;
use super::hide::{self, Manner, Told};
use super::json::Json;
use super::tree::{Content, Element, NODES_MAX, Theirs, Tree, shadow_of};
use super::{Wrong, style};
use crate::model::NodeId;
use crate::policy::{self, Policy};
use crate::stream::{Namespace, Op, PIXELS_MAX};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Lists that may be open in one run of nodes; deeper nodes are not told.
const DEPTH_MAX: usize = 480;

/// What rrweb calls kinds of nodes.
mod kind {
    pub const DOCUMENT: i64 = 0;
    pub const DOCTYPE: i64 = 1;
    pub const ELEMENT: i64 = 2;
    pub const TEXT: i64 = 3;
    pub const COMMENT: i64 = 5;
}

/// A page on its way in.
pub struct Page<'p> {
    pub policy: &'p Policy,
    pub batches: Batches<'p>,
    pub tree: Tree,
    /// The page's document, as the other program numbers it.
    pub root: Theirs,
    /// Constructed sheets that were told, and which each root uses: some come later than their use.
    pub sheets: HashSet<u32>,
    pub adopted: BTreeMap<Theirs, Vec<u32>>,
    /// What is told once the run of nodes has ended.
    after: Vec<After>,
}

enum After {
    State {
        id: NodeId,
        value: Option<Told>,
        checked: Option<bool>,
    },
    Media {
        id: NodeId,
        playing: bool,
        ms: u32,
    },
    /// A shadow root that may use constructed sheets, by its host.
    Adopt(Theirs),
}

/// What is still to be told of a run, the next last.
enum Step<'d> {
    Node { node: Json<'d>, parent: Theirs, next: Option<Theirs> },
    Shadow { host: Theirs, children: Vec<Json<'d>> },
    End,
}

impl<'p> Page<'p> {
    pub fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            batches: Batches::new(policy),
            tree: Tree::default(),
            root: 0,
            sheets: HashSet::new(),
            adopted: BTreeMap::new(),
            after: Vec::new(),
        }
    }

    /// Tell a whole page. `url` is reduced already.
    pub fn snapshot(&mut self, document: Json<'_>, url: &str, size: (u32, u32)) -> Result<(), Wrong> {
        let wrong = || Wrong::event("its snapshot has no document with a number");
        if whole(document, "type") != Some(kind::DOCUMENT) {
            return Err(wrong());
        }
        let root = number_of(document).ok_or_else(wrong)?;
        self.tree.clear();
        self.sheets.clear();
        self.adopted.clear();
        self.root = root;
        let title = title_of(document);
        let title = Told::of(policy::reduce_title(&title, self.policy)).unwrap_or(Told::Masked(0));
        let id = self.batches.introduce();
        self.batches.op(&Op::Snapshot { id, width: size.0, height: size.1, url, title: title.as_value() });
        self.tree.put(root, 0, None, Some(id), Content::Root);
        let mut steps = vec![Step::End];
        push_children(&mut steps, children(document), root);
        self.walk(steps)
    }

    /// Tell nodes that were added, whatever order they stand in: each once what it stands in and before is there.
    pub fn add(&mut self, adds: Json<'_>) -> Result<(), Wrong> {
        // By the node that they wait for.
        let mut waiting: HashMap<Theirs, Vec<Json<'_>>> = HashMap::new();
        let mut ready: Vec<Json<'_>> = adds.items().collect();
        ready.reverse();
        while let Some(add) = ready.pop() {
            let (Some(node), Some(parent)) = (add.get("node"), whole(add, "parentId")) else { continue };
            let Some(id) = number_of(node) else { continue };
            let next = whole(add, "nextId").filter(|next| *next > 0);
            if self.tree.get(parent).is_none() {
                waiting.entry(parent).or_default().push(add);
                continue;
            }
            if let Some(next) = next.filter(|next| self.tree.get(*next).is_none()) {
                waiting.entry(next).or_default().push(add);
                continue;
            }
            self.add_one(node, parent, next)?;
            ready.extend(waiting.remove(&id).into_iter().flatten());
        }
        // What waits for a node that never comes stands last in its parent, if that is there.
        let mut left: Vec<_> = waiting.into_iter().collect();
        left.sort_by_key(|(id, _)| *id);
        for add in left.into_iter().flat_map(|(_, adds)| adds) {
            let parent = whole(add, "parentId").filter(|parent| self.tree.get(*parent).is_some());
            if let (Some(node), Some(parent)) = (add.get("node"), parent) {
                self.add_one(node, parent, None)?;
            }
        }
        Ok(())
    }

    fn add_one(&mut self, node: Json<'_>, parent: Theirs, next: Option<Theirs>) -> Result<(), Wrong> {
        let Some(id) = number_of(node) else { return Ok(()) };
        if whole(node, "type") == Some(kind::DOCUMENT) {
            return self.add_frame(node, id, parent);
        }
        let in_shadow = is(node, "isShadow");
        let list = if in_shadow { shadow_of(parent) } else { parent };
        if self.move_there(node, id, list, next) {
            return Ok(());
        }
        if let Some(element) = self.tree.element(parent) {
            if element.sheet {
                return self.add_rules(node, id, parent, next);
            }
            if element.leaf {
                return Ok(());
            }
        }
        if in_shadow && self.tree.get(list).is_none() {
            let Some(host) = self.told(parent) else { return Ok(()) };
            self.batches.op(&Op::Add { parent: host, previous: None });
            return self.walk(vec![Step::End, Step::Shadow { host: parent, children: vec![node] }]);
        }
        let Some(ours) = self.told(list) else { return Ok(()) };
        let next = next.filter(|next| self.tree.get(*next).is_some_and(|node| node.parent == list));
        let previous = self.tree.told_before(list, next);
        self.batches.op(&Op::Add { parent: ours, previous });
        self.walk(vec![Step::End, Step::Node { node, parent: list, next }])
    }

    /// Whether the node was there already, and stands in its new place now.
    fn move_there(&mut self, node: Json<'_>, id: Theirs, list: Theirs, next: Option<Theirs>) -> bool {
        let Some(known) = self.tree.get(id) else { return false };
        let same = match &known.content {
            Content::Element(element) => tag_of(node) == *element.tag,
            Content::Text => whole(node, "type") == Some(kind::TEXT),
            Content::Root | Content::Css(_) | Content::Other => false,
        };
        let next = next.filter(|next| *next != id && self.tree.get(*next).is_some_and(|node| node.parent == list));
        let there = self.told(list).filter(|_| !self.tree.is_within(list, id));
        let open = self.tree.element(list).is_none_or(|element| !element.leaf && !element.sheet);
        let (Some(ours), Some(parent), true, true) = (known.ours, there, same, open) else {
            self.remove(id);
            return false;
        };
        self.tree.replace(id, list, next);
        let previous = self.tree.told_before(list, Some(id));
        self.batches.op(&Op::Add { parent, previous });
        self.batches.op(&Op::Moved { id: ours });
        self.batches.op(&Op::End);
        true
    }

    fn add_frame(&mut self, document: Json<'_>, id: Theirs, host: Theirs) -> Result<(), Wrong> {
        let framed = self.tree.element(host).filter(|element| &*element.tag == "iframe" && !element.leaf);
        let Some(frame) = framed.map(|element| element.frame) else { return Ok(()) };
        let Some(parent) = self.told(host) else { return Ok(()) };
        if let Some(old) = frame {
            self.remove(old);
        }
        if self.tree.get(id).is_some() {
            return Ok(());
        }
        self.batches.op(&Op::Add { parent, previous: None });
        let ours = self.batches.introduce();
        self.batches.op(&Op::Frame { id: ours });
        self.tree.put(id, host, None, Some(ours), Content::Root);
        if let Some(element) = self.tree.element_mut(host) {
            element.frame = Some(id);
        }
        let mut steps = vec![Step::End, Step::End];
        push_children(&mut steps, children(document), id);
        self.walk(steps)
    }

    /// Text that was added to a style element changes its rules.
    fn add_rules(&mut self, node: Json<'_>, id: Theirs, parent: Theirs, next: Option<Theirs>) -> Result<(), Wrong> {
        if whole(node, "type") == Some(kind::TEXT) {
            let css = node.get("textContent").and_then(Json::text).unwrap_or_default();
            let next = next.filter(|next| self.tree.get(*next).is_some_and(|node| node.parent == parent));
            self.tree.put(id, parent, next, None, Content::Css(css.as_ref().into()));
            self.tell_rules(parent);
        }
        Ok(())
    }

    /// Tell the rules of a style element anew.
    pub fn tell_rules(&mut self, id: Theirs) {
        if let (Some(ours), true) = (self.told(id), self.tree.element(id).is_some_and(|element| element.sheet)) {
            let css = style::hidden(&self.tree.css_of(id), self.policy);
            self.batches.op(&Op::Sheet { id: ours, text: &css });
        }
    }

    /// Take a node out.
    pub fn remove(&mut self, id: Theirs) {
        let Some(node) = self.tree.get(id).filter(|_| id != self.root) else { return };
        let (ours, parent) = (node.ours, node.parent);
        self.tree.remove(id);
        match ours {
            Some(ours) => self.batches.op(&Op::Remove { id: ours }),
            None => self.tell_rules(parent),
        };
    }

    /// Our number of a node that was told.
    pub fn told(&self, id: Theirs) -> Option<NodeId> {
        self.tree.ours(id)
    }

    fn walk(&mut self, mut steps: Vec<Step<'_>>) -> Result<(), Wrong> {
        // What opened the run is open too.
        let mut depth = 1 + steps.iter().filter(|step| matches!(step, Step::End)).count();
        while let Some(step) = steps.pop() {
            match step {
                Step::End => {
                    self.batches.op(&Op::End);
                    depth -= 1;
                }
                Step::Shadow { host, children } => {
                    let id = self.batches.introduce();
                    self.batches.op(&Op::Shadow { id });
                    self.tree.put(shadow_of(host), host, None, Some(id), Content::Root);
                    if let Some(element) = self.tree.element_mut(host) {
                        element.shadow = true;
                    }
                    if self.adopted.contains_key(&host) {
                        self.after.push(After::Adopt(host));
                    }
                    depth += 1;
                    steps.push(Step::End);
                    push_children(&mut steps, children, shadow_of(host));
                }
                Step::Node { node, parent, next } => depth += self.node(node, parent, next, depth, &mut steps)?,
            }
        }
        self.tell_after();
        Ok(())
    }

    /// Tell one node; how many lists it opened.
    fn node<'d>(
        &mut self,
        node: Json<'d>,
        parent: Theirs,
        next: Option<Theirs>,
        depth: usize,
        steps: &mut Vec<Step<'d>>,
    ) -> Result<usize, Wrong> {
        let Some(id) = number_of(node).filter(|id| self.tree.get(*id).is_none()) else { return Ok(0) };
        if self.tree.is_full() {
            return Err(Wrong::large(format!("A page has more than {NODES_MAX} nodes.")));
        }
        let content = match whole(node, "type") {
            Some(kind::ELEMENT) => return self.element(node, id, parent, next, depth, steps),
            Some(kind::TEXT) => {
                let text = node.get("textContent").and_then(Json::text).unwrap_or_default();
                let inside = self.tree.element(parent).map_or("", |element| &element.tag);
                let told = hide::text(inside, &text, self.policy);
                let id = self.batches.introduce();
                self.batches.op(&match &told {
                    Told::Shown(text) => Op::Text { id, text, rule: 0 },
                    Told::Masked(bucket) => Op::Masked { id, bucket: *bucket },
                });
                Some((id, Content::Text))
            }
            Some(kind::DOCTYPE) => {
                let of = |name: &str| node.get(name).and_then(Json::text).unwrap_or_default();
                let (name, public, system) = (of("name"), of("publicId"), of("systemId"));
                let id = self.batches.introduce();
                let known = policy::is_doctype(&name, &public, &system);
                let (name, public, system) =
                    if known { (name.as_ref(), public.as_ref(), system.as_ref()) } else { ("html", "", "") };
                self.batches.op(&Op::Doctype { id, name, public, system });
                Some((id, Content::Other))
            }
            Some(kind::COMMENT) => {
                let id = self.batches.introduce();
                self.batches.op(&Op::Comment { id });
                Some((id, Content::Other))
            }
            Some(_) | None => None,
        };
        let (ours, content) = content.map_or((None, Content::Other), |(ours, content)| (Some(ours), content));
        self.tree.put(id, parent, next, ours, content);
        Ok(0)
    }

    fn element<'d>(
        &mut self,
        node: Json<'d>,
        id: Theirs,
        parent: Theirs,
        next: Option<Theirs>,
        depth: usize,
        steps: &mut Vec<Step<'d>>,
    ) -> Result<usize, Wrong> {
        let tag = tag_of(node);
        let namespace = if is(node, "isSVG") { Namespace::Svg } else { Namespace::Html };
        let given = node.get("attributes");
        let manner = match is(node, "needBlock") {
            true => Manner::Box,
            false => hide::manner_of(&tag.to_ascii_lowercase(), namespace, self.policy),
        };
        let told_tag = hide::told_tag(&tag);
        let ours = self.batches.introduce();
        let mut element = Element { tag: tag.as_str().into(), leaf: manner != Manner::Whole, ..Element::default() };
        if manner == Manner::Box {
            let (width, height) = size_of(given);
            self.batches.op(&Op::Block { id: ours, namespace, tag: told_tag, width, height });
            self.tree.put(id, parent, next, Some(ours), Content::Element(Box::new(element)));
            return Ok(0);
        }
        let mut attributes = Vec::new();
        if manner != Manner::Empty {
            let kind = given.and_then(|given| given.get("type")).and_then(Json::text).unwrap_or_default();
            attributes = hide::attributes(told_tag, given, &kind, self.policy);
            picture(&tag, given, &mut attributes, self.policy);
            let told = attributes.iter().find(|(name, _)| name == "type").map(|(_, value)| value);
            if let Some(Told::Shown(kind)) = told {
                element.kind = kind.to_ascii_lowercase().into();
            }
            let style = given.and_then(|given| given.get("style")).and_then(Json::text).unwrap_or_default();
            element.style = style.as_ref().into();
        }
        if matches!(tag.as_str(), "input" | "textarea" | "select") {
            element.secret = hide::is_secret(given);
            let of = |name: &str| given.and_then(|given| given.get(name));
            let value = of("value").and_then(hide::written);
            let checked = of("checked").map(|checked| checked.bool() != Some(false) && !checked.is_null());
            self.keep_state(&element, ours, value.as_deref(), checked);
        }
        self.keep_media(&tag, given, ours);
        element.sheet = manner == Manner::Sheet;
        let (light, shadow): (Vec<_>, Vec<_>) = match manner {
            Manner::Whole if depth < DEPTH_MAX => children(node).into_iter().partition(|child| !is(*child, "isShadow")),
            Manner::Whole | Manner::Empty | Manner::Box | Manner::Sheet | Manner::Leaf => Default::default(),
        };
        element.leaf |= manner == Manner::Whole && depth >= DEPTH_MAX;
        let css = element.sheet.then(|| style::rules_of(node)).flatten();
        let open = css.is_some() || !light.is_empty() || !shadow.is_empty();
        let values: Vec<_> = attributes.iter().map(|(name, value)| (name.as_str(), value.as_value())).collect();
        self.batches.op(&Op::Element { id: ours, namespace, tag: told_tag, attributes: &values, open });
        self.tree.put(id, parent, next, Some(ours), Content::Element(Box::new(element)));
        if let Some(parts) = css {
            let whole: String = parts.iter().map(|(_, css)| css.as_str()).collect();
            for (text, css) in parts {
                self.tree.put(text.unwrap_or_else(|| shadow_of(id)), id, None, None, Content::Css(css.into()));
            }
            self.batches.op(&Op::Css { text: &style::hidden(&whole, self.policy) });
            self.batches.op(&Op::End);
            return Ok(0);
        }
        if !open {
            return Ok(0);
        }
        steps.push(Step::End);
        push_children(steps, light, id);
        if !shadow.is_empty() {
            steps.push(Step::Shadow { host: id, children: shadow });
        }
        Ok(1)
    }

    fn keep_state(&mut self, element: &Element, id: NodeId, value: Option<&str>, checked: Option<bool>) {
        let Some((value, checked)) = hide::state(element, value, checked, self.policy) else { return };
        let nothing = matches!(&value, None | Some(Told::Shown(_))) && checked != Some(true);
        if !(nothing && matches!(&value, Some(Told::Shown(text)) if text.is_empty())) {
            self.after.push(After::State { id, value, checked });
        }
    }

    fn keep_media(&mut self, tag: &str, given: Option<Json<'_>>, id: NodeId) {
        if self.policy.media == policy::MediaMode::Block || !matches!(tag, "video" | "audio") {
            return;
        }
        let of = |name: &str| given.and_then(|given| given.get(name));
        let playing = of("rr_mediaState").and_then(Json::text).is_some_and(|state| state == "played");
        let seconds = of("rr_mediaCurrentTime").and_then(Json::number).unwrap_or(0.0);
        if playing || seconds > 0.0 {
            self.after.push(After::Media { id, playing, ms: (seconds * 1000.0).clamp(0.0, 1e9) as u32 });
        }
    }

    fn tell_after(&mut self) {
        use crate::stream::Play;
        for after in std::mem::take(&mut self.after) {
            match after {
                After::State { id, value, checked } => {
                    let value = value.as_ref().map(Told::as_value);
                    self.batches.op(&Op::Input { id, value, checked, by_visitor: false });
                }
                After::Adopt(host) => self.adopt(host),
                After::Media { id, playing, ms } => {
                    let kind = if playing { Play::Play } else { Play::Pause };
                    self.batches.op(&Op::Media { id, kind, ms, volume: 100, rate: 100, muted: false });
                }
            }
        }
    }
}

/// An image that names no picture it may show: the bytes that rrweb kept of it, or else an empty one of its size.
fn picture(tag: &str, given: Option<Json<'_>>, told: &mut Vec<(String, Told)>, policy: &Policy) {
    let Some(given) = given.filter(|_| tag == "img" && !told.iter().any(|(name, _)| name == "src")) else { return };
    let kept = given.get("rr_dataURL").and_then(Json::text);
    let kept = kept.and_then(|data| hide::attribute("img", "src", &data, "", policy));
    let (width, height) = size_of(Some(given));
    let empty = || {
        let sized = width > 0 && height > 0 && width <= 999_999 && height <= 999_999;
        sized.then(|| {
            Told::Shown(format!(
                "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'/%3E"
            ))
        })
    };
    if let Some(source) = kept.or_else(empty) {
        told.push(("src".to_owned(), source));
    }
}

/// The size that rrweb says a box has, or its own attributes do, in CSS pixels.
fn size_of(given: Option<Json<'_>>) -> (u32, u32) {
    let side = |own: &str, markup: &str| {
        let value = given.and_then(|given| given.get(own).or_else(|| given.get(markup))).and_then(hide::written);
        let number = value.and_then(|text| text.trim_end_matches("px").parse::<f64>().ok()).unwrap_or(0.0);
        number.clamp(0.0, f64::from(PIXELS_MAX)).round() as u32
    };
    (side("rr_width", "width"), side("rr_height", "height"))
}

fn push_children<'d>(steps: &mut Vec<Step<'d>>, children: Vec<Json<'d>>, parent: Theirs) {
    steps.extend(children.into_iter().rev().map(|node| Step::Node { node, parent, next: None }));
}

pub fn children(node: Json<'_>) -> Vec<Json<'_>> {
    node.get("childNodes").into_iter().flat_map(Json::items).collect()
}

/// A node's number; they count from 1.
pub fn number_of(node: Json<'_>) -> Option<Theirs> {
    whole(node, "id").filter(|id| (1..1 << 40).contains(id))
}

pub fn whole(of: Json<'_>, key: &str) -> Option<i64> {
    of.get(key).and_then(Json::whole)
}

fn is(node: Json<'_>, key: &str) -> bool {
    node.get(key).and_then(Json::bool) == Some(true)
}

fn tag_of(node: Json<'_>) -> String {
    node.get("tagName").and_then(Json::text).unwrap_or_default().into_owned()
}

/// The words of a document's title.
fn title_of(document: Json<'_>) -> String {
    fn within<'d>(nodes: Vec<Json<'d>>, tag: &str) -> Option<Vec<Json<'d>>> {
        nodes.into_iter().find(|node| tag_of(*node) == tag).map(children)
    }
    let head = within(children(document), "html").and_then(|html| within(html, "head"));
    let title = head.and_then(|head| within(head, "title")).unwrap_or_default();
    let words = title.into_iter().filter_map(|node| node.get("textContent").and_then(Json::text));
    words.collect::<String>().chars().take(500).collect()
}
