//! What happened on a page: rrweb's incremental events, by their source.

use super::hide::{self, Told};
use super::json::Json;
use super::page::{Page, whole};
use super::tree::{Content, Theirs, shadow_of};
use super::{Wrong, style};
use crate::model::NodeId;
use crate::policy::{self, MediaMode};
use crate::stream::{ADOPTED_MAX, NODE_MAX, Op, PIXELS_MAX, Play, Press, RULE_PATH_MAX, SheetRef, Value};

/// Documents and shadow roots of one page that use constructed sheets.
const ROOTS_MAX: usize = 10_000;

/// What rrweb calls sources.
pub mod source {
    pub const MUTATION: i64 = 0;
    pub const MOUSE_MOVE: i64 = 1;
    pub const INTERACTION: i64 = 2;
    pub const SCROLL: i64 = 3;
    pub const VIEWPORT: i64 = 4;
    pub const INPUT: i64 = 5;
    pub const TOUCH_MOVE: i64 = 6;
    pub const MEDIA: i64 = 7;
    pub const RULES: i64 = 8;
    pub const DRAG: i64 = 12;
    pub const ADOPTED: i64 = 15;
}

impl Page<'_> {
    /// Take in an incremental event. Of sources that are not named here nothing is taken: pictures of canvases, the console,
    /// fonts, selections, single declarations.
    pub fn happened(&mut self, data: Json<'_>) -> Result<(), Wrong> {
        match whole(data, "source") {
            Some(source::MUTATION) => self.mutation(data),
            Some(source::INTERACTION) => {
                self.interaction(data);
                Ok(())
            }
            Some(source::SCROLL) => {
                if let Some(id) = self.target(data) {
                    self.batches.op(&Op::Scroll { id, x: size(data, "x"), y: size(data, "y") });
                }
                Ok(())
            }
            Some(source::VIEWPORT) => {
                self.batches.op(&Op::Viewport { width: size(data, "width"), height: size(data, "height") });
                Ok(())
            }
            Some(source::INPUT) => {
                self.input(data);
                Ok(())
            }
            Some(source::MEDIA) => {
                self.media(data);
                Ok(())
            }
            Some(source::RULES) => {
                self.rules(data);
                Ok(())
            }
            Some(source::ADOPTED) => {
                self.adopted(data);
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The pointer passed here.
    pub fn moved(&mut self, id: Theirs, x: f64, y: f64, touch: bool) {
        let Some(id) = self.told(id).or_else(|| self.told(self.root)) else { return };
        self.batches.op(&Op::Move { at: 0, id, x: coordinate(x), y: coordinate(y), touch });
    }

    fn mutation(&mut self, data: Json<'_>) -> Result<(), Wrong> {
        let list = |key: &str| data.get(key).into_iter().flat_map(Json::items);
        for removal in list("removes") {
            if let Some(id) = whole(removal, "id") {
                self.remove(id);
            }
        }
        if let Some(adds) = data.get("adds") {
            self.add(adds)?;
        }
        for change in list("texts") {
            self.text(change);
        }
        for change in list("attributes") {
            if let (Some(id), Some(changes)) = (whole(change, "id"), change.get("attributes")) {
                self.attributes(id, changes);
            }
        }
        Ok(())
    }

    fn text(&mut self, change: Json<'_>) {
        let Some((id, node)) = whole(change, "id").and_then(|id| Some((id, self.tree.get(id)?))) else { return };
        let text = change.get("value").and_then(Json::text).unwrap_or_default();
        let (parent, ours) = (node.parent, node.ours);
        match (&node.content, ours) {
            (Content::Css(_), _) => {
                self.tree.set_css(id, &text);
                self.tell_rules(parent);
            }
            (Content::Text, Some(id)) => {
                let inside = self.tree.element(parent).map_or("", |element| &element.tag);
                match hide::text(inside, &text, self.policy) {
                    Told::Shown(text) => self.batches.op(&Op::SetText { id, text: &text, rule: 0 }),
                    Told::Masked(bucket) => self.batches.op(&Op::SetMasked { id, bucket }),
                };
            }
            (Content::Root | Content::Element(_) | Content::Text | Content::Other, _) => {}
        }
    }

    fn attributes(&mut self, id: Theirs, changes: Json<'_>) {
        let (Some(ours), Some(element)) = (self.told(id), self.tree.element(id)) else { return };
        let (tag, kind) = (hide::told_tag(&element.tag).to_owned(), element.kind.to_string());
        if element.leaf && !element.sheet && &*element.tag != "textarea" {
            return;
        }
        if matches!(&*element.tag, "input" | "textarea" | "select")
            && hide::is_secret(Some(changes))
            && let Some(element) = self.tree.element_mut(id)
        {
            // A field that becomes a secret one stays it.
            element.secret = true;
        }
        for (name, value) in changes.fields() {
            if name == "_cssText" {
                let css = value.text().unwrap_or_default();
                self.set_rules(id, &css);
                continue;
            }
            let written = if name == "style" {
                self.style(id, value)
            } else {
                hide::written(value).map(|text| text.into_owned())
            };
            match written {
                Some(text) => {
                    if let Some(value) = hide::attribute(&tag, &name, &text, &kind, self.policy) {
                        self.batches.op(&Op::Attribute { id: ours, name: &name, value: Some(value.as_value()) });
                        self.remember_kind(id, &name, &value);
                    } else if policy::is_markup(&name) && policy::may_go(&tag, &name, &kind, self.policy) {
                        self.batches.op(&Op::Attribute { id: ours, name: &name, value: None });
                    }
                }
                None if policy::is_markup(&name) && policy::may_go(&tag, &name, &kind, self.policy) => {
                    self.batches.op(&Op::Attribute { id: ours, name: &name, value: None });
                }
                None => {}
            }
        }
    }

    fn remember_kind(&mut self, id: Theirs, name: &str, value: &Told) {
        if let (true, Told::Shown(kind), Some(element)) = (name == "type", value, self.tree.element_mut(id)) {
            element.kind = kind.to_ascii_lowercase().into();
        }
    }

    /// The inline style as it is now; none where there is none.
    fn style(&mut self, id: Theirs, value: Json<'_>) -> Option<String> {
        let element = self.tree.element_mut(id)?;
        let style = match value.text() {
            Some(text) => text.into_owned(),
            None if value.is_object() => style::patched(&element.style, value),
            None => return None,
        };
        element.style = style.as_str().into();
        Some(style)
    }

    /// All rules of a style element anew.
    fn set_rules(&mut self, id: Theirs, css: &str) {
        if !self.tree.element(id).is_some_and(|element| element.sheet) {
            return;
        }
        let texts: Vec<Theirs> = self.tree.children(id).map(|(text, _)| text).collect();
        match texts.split_first() {
            Some((first, others)) => {
                self.tree.set_css(*first, css);
                others.iter().for_each(|text| self.tree.set_css(*text, ""));
            }
            None => {
                self.tree.put(shadow_of(id), id, None, None, Content::Css(css.into()));
            }
        }
        self.tell_rules(id);
    }

    fn interaction(&mut self, data: Json<'_>) {
        let Some(id) = self.target(data) else { return };
        let kind = match whole(data, "type") {
            Some(0) => Press::Up,
            Some(1) => Press::Down,
            Some(2) => Press::Click,
            Some(3) => Press::ContextMenu,
            Some(4) => Press::DoubleClick,
            Some(5) => return self.batches.op(&Op::Focus { id }),
            Some(6) => return self.batches.op(&Op::Blur { id }),
            Some(7) => Press::TouchStart,
            Some(9) => Press::TouchEnd,
            Some(10) => Press::TouchCancel,
            Some(_) | None => return,
        };
        let at = |key: &str| coordinate(data.get(key).and_then(Json::number).unwrap_or(0.0));
        self.batches.op(&Op::Press { kind, id, x: at("x"), y: at("y") });
    }

    fn input(&mut self, data: Json<'_>) {
        let Some(theirs) = whole(data, "id") else { return };
        let (Some(id), Some(element)) = (self.told(theirs), self.tree.element(theirs)) else { return };
        if !matches!(&*element.tag, "input" | "textarea" | "select") {
            return;
        }
        let text = data.get("text").and_then(Json::text);
        let checked = data.get("isChecked").and_then(Json::bool);
        let by_visitor = data.get("userTriggered").and_then(Json::bool).unwrap_or(true);
        if let Some((value, checked)) = hide::state(element, text.as_deref(), checked, self.policy) {
            let value = value.as_ref().map(Told::as_value);
            self.batches.op(&Op::Input { id, value, checked, by_visitor });
        }
    }

    fn media(&mut self, data: Json<'_>) {
        let Some(id) = self.target(data).filter(|_| self.policy.media != MediaMode::Block) else { return };
        let kind = match whole(data, "type") {
            Some(0) => Play::Play,
            Some(1) => Play::Pause,
            Some(2) => Play::Seeked,
            Some(3) => Play::Volume,
            Some(4) => Play::Rate,
            Some(_) | None => return,
        };
        let number = |key: &str, times: f64, otherwise: u32| match data.get(key).and_then(Json::number) {
            Some(number) => (number * times).clamp(0.0, 1e9) as u32,
            None => otherwise,
        };
        self.batches.op(&Op::Media {
            id,
            kind,
            ms: number("currentTime", 1000.0, 0),
            volume: number("volume", 100.0, 100).min(100),
            rate: number("playbackRate", 100.0, 100).min(10_000),
            muted: data.get("muted").and_then(Json::bool).unwrap_or(false),
        });
    }

    fn rules(&mut self, data: Json<'_>) {
        let owner = whole(data, "id").filter(|id| self.tree.element(*id).is_some_and(|element| element.sheet));
        let Some(sheet) =
            sheet_of(data).map(SheetRef::Adopted).or_else(|| owner.and_then(|id| self.told(id)).map(SheetRef::Owner))
        else {
            return;
        };
        for key in ["replace", "replaceSync"] {
            if let (Some(css), SheetRef::Adopted(sheet)) = (data.get(key).and_then(Json::text), sheet) {
                self.constructed(sheet, &css);
            }
        }
        if matches!(sheet, SheetRef::Adopted(sheet) if !self.sheets.contains(&sheet)) {
            return;
        }
        for add in data.get("adds").into_iter().flat_map(Json::items) {
            let rule = add.get("rule").and_then(Json::text).unwrap_or_default();
            let path = path_of(add).unwrap_or_else(|| vec![0]);
            let text = style::hidden(&rule, self.policy);
            self.batches.op(&Op::RuleInsert { sheet, path: &path, text: &text });
        }
        for removal in data.get("removes").into_iter().flat_map(Json::items) {
            if let Some(path) = path_of(removal) {
                self.batches.op(&Op::RuleDelete { sheet, path: &path });
            }
        }
    }

    fn adopted(&mut self, data: Json<'_>) {
        for style in data.get("styles").into_iter().flat_map(Json::items) {
            let Some(sheet) = sheet_of(style) else { continue };
            let rules = style.get("rules").into_iter().flat_map(Json::items);
            let rules: Vec<_> = rules.filter_map(|rule| rule.get("rule").and_then(Json::text)).collect();
            self.constructed(sheet, &rules.join("\n"));
        }
        let Some(id) = whole(data, "id") else { return };
        let sheets: Vec<u32> = data
            .get("styleIds")
            .into_iter()
            .flat_map(Json::items)
            .filter_map(|id| id.whole().and_then(|id| u32::try_from(id).ok()).filter(|id| *id <= NODE_MAX))
            .take(ADOPTED_MAX)
            .collect();
        if self.adopted.len() < ROOTS_MAX {
            self.adopted.insert(id, sheets);
            self.adopt(id);
        }
    }

    /// All rules of a constructed sheet; whoever used it before it was told uses it now.
    fn constructed(&mut self, sheet: u32, css: &str) {
        let css = style::hidden(css, self.policy);
        self.batches.op(&Op::AdoptedSheet { sheet, text: &css });
        if self.sheets.len() < ADOPTED_MAX && self.sheets.insert(sheet) {
            let users = self.adopted.iter().filter(|(_, sheets)| sheets.contains(&sheet)).map(|(id, _)| *id);
            let users: Vec<Theirs> = users.collect();
            users.into_iter().for_each(|id| self.adopt(id));
        }
    }

    /// Tell which sheets a document, or the shadow root of a host, uses of those that were told.
    pub fn adopt(&mut self, id: Theirs) {
        let is_root = |id: &Theirs| self.tree.get(*id).is_some_and(|node| matches!(node.content, Content::Root));
        let Some(root) = [shadow_of(id), id].into_iter().find(is_root).and_then(|id| self.told(id)) else { return };
        let wanted = self.adopted.get(&id).into_iter().flatten().copied();
        let told: Vec<u32> = wanted.filter(|sheet| self.sheets.contains(sheet)).collect();
        self.batches.op(&Op::Adopt { root, sheets: &told });
    }

    /// Another address without a page load; both are reduced here.
    pub fn came_to(&mut self, url: &str, title: &str) {
        let url = policy::reduce_url(url, self.policy);
        let title = Told::of(policy::reduce_title(title, self.policy)).unwrap_or(Told::Masked(0));
        if policy::may_record(&url, self.policy) {
            let title = title.as_value();
            let title = if title == Value::Shown("") { Value::Masked(0) } else { title };
            self.batches.op(&Op::Page { url: &url, title });
        }
    }

    fn target(&self, data: Json<'_>) -> Option<NodeId> {
        self.told(whole(data, "id")?)
    }
}

fn sheet_of(of: Json<'_>) -> Option<u32> {
    whole(of, "styleId").and_then(|id| u32::try_from(id).ok()).filter(|id| *id <= NODE_MAX)
}

/// The way to a rule through those around it.
fn path_of(of: Json<'_>) -> Option<Vec<u32>> {
    let place =
        |value: Json<'_>| value.whole().and_then(|place| u32::try_from(place).ok()).filter(|at| *at <= NODE_MAX);
    let index = of.get("index")?;
    let path: Vec<u32> = match place(index) {
        Some(place) => vec![place],
        None => index.items().map(place).collect::<Option<_>>()?,
    };
    (1..=RULE_PATH_MAX).contains(&path.len()).then_some(path)
}

fn coordinate(number: f64) -> i32 {
    number.clamp(-1e6, 1e6) as i32
}

fn size(of: Json<'_>, key: &str) -> u32 {
    of.get(key).and_then(Json::number).unwrap_or(0.0).clamp(0.0, f64::from(PIXELS_MAX)).round() as u32
}
