//! Ops that become an event of their own: changed rules, adopted sheets, and what happened on the page.

use super::Writer;
use crate::mirror::{Held, Node};
use crate::model::{NodeId, PageId};
use crate::rrweb::masked::{drawn, masked_text};
use crate::rrweb::{json, tree, wall};
use crate::stream::{INPUT_BUCKET, Op, Press, SheetRef};

impl Writer {
    pub(super) fn style(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        let ignored = self.mirror.ignored();
        self.mirror.apply(op);
        if self.mirror.ignored() != ignored {
            return;
        }
        match *op {
            Op::RuleInsert { sheet, path, text } if self.has(sheet) => self.incremental(8, out, |out| {
                sheet_number(out, sheet);
                json::text(out, ",\"adds\":[{\"rule\":", &wall::css(text));
                out.push(b',');
                rule_index(out, path);
                out.extend(b"}]");
            }),
            Op::RuleDelete { sheet, path } if self.has(sheet) => self.incremental(8, out, |out| {
                sheet_number(out, sheet);
                out.extend(b",\"removes\":[{");
                rule_index(out, path);
                out.extend(b"}]");
            }),
            Op::AdoptedSheet { sheet, text } if self.sheets.contains(&sheet) => self.incremental(8, out, |out| {
                sheet_number(out, SheetRef::Adopted(sheet));
                json::text(out, ",\"replaceSync\":", &wall::css(text));
            }),
            Op::Adopt { root, sheets } => self.adopt(root, sheets, out),
            _ => {}
        }
    }

    fn has(&self, sheet: SheetRef) -> bool {
        match sheet {
            SheetRef::Owner(id) => self.mirror.element(id).is_some(),
            // One that nobody adopted yet comes with all its rules once somebody does.
            SheetRef::Adopted(sheet) => self.sheets.contains(&sheet),
        }
    }

    pub(super) fn adopt(&mut self, root: NodeId, sheets: &[u32], out: &mut Vec<u8>) {
        let mut styles = Vec::new();
        for sheet in sheets {
            let Some(held) = self.mirror.sheet(*sheet) else { continue };
            if !self.sheets.insert(*sheet) {
                continue;
            }
            json::comma(&mut styles);
            json::number(&mut styles, "{\"styleId\":", *sheet);
            styles.extend(b",\"rules\":[");
            for (index, rule) in held.rules().iter().enumerate() {
                json::comma(&mut styles);
                json::text(&mut styles, "{\"rule\":", &wall::css(rule));
                json::number(&mut styles, ",\"index\":", u32::try_from(index).unwrap_or(u32::MAX));
                styles.push(b'}');
            }
            styles.extend(b"]}");
        }
        let host = tree::number(&self.mirror, root);
        self.incremental(15, out, |out| {
            json::number(out, ",\"id\":", host);
            out.extend(b",\"styleIds\":[");
            for sheet in sheets {
                json::comma(out);
                json::number(out, "", *sheet);
            }
            out.extend(b"],\"styles\":[");
            out.append(&mut styles);
            out.push(b']');
        });
    }

    /// What happened on the page, an event each.
    pub(super) fn happening(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        match *op {
            Op::Press { kind, id, x, y } => self.interaction(press(kind), id, Some((x, y)), out),
            Op::Focus { id } => self.interaction(5, id, None, out),
            Op::Blur { id } => self.interaction(6, id, None, out),
            Op::Scroll { id, .. } => self.scroll(id, out),
            Op::Input { id, by_visitor, .. } => self.input(id, by_visitor, out),
            Op::Viewport { width, height } => self.incremental(4, out, |out| {
                json::number(out, ",\"width\":", width);
                json::number(out, ",\"height\":", height);
            }),
            Op::Visibility { hidden } => self.custom("hushreel.visibility", out, |out| {
                out.extend(if hidden { &b"{\"hidden\":true}"[..] } else { b"{\"hidden\":false}" });
            }),
            Op::Page { .. } => self.page_named(out),
            Op::Gap { page, ops, ms } => self.custom("hushreel.gap", out, |out| {
                json::text(out, "{\"page\":", &PageId(page.to_be_bytes()).to_string());
                json::number(out, ",\"ops\":", ops);
                json::number(out, ",\"ms\":", ms);
                out.push(b'}');
            }),
            Op::Chosen { id, .. } | Op::Mixed { id, .. } => self.input(id, false, out),
            Op::Ring { id } if self.mirror.focus() == Some(id) => self.ring(id, out),
            Op::Media { id, kind, .. } => self.media(id, Some(kind), out),
            Op::Canvas { id, .. } => self.picture(id, out),
            Op::Zoom { scale, left, top, width, height } => self.zoom([scale, left, top, width, height], out),
            Op::Layer { id, .. } => self.layer(id, out),
            Op::Finish => self.custom("hushreel.finish", out, |out| out.extend(b"{}")),
            Op::Cost { tenths, tasks, longest } => self.custom("hushreel.cost", out, |out| {
                json::tenths(out, "{\"ms\":", tenths);
                json::number(out, ",\"tasks\":", tasks);
                json::tenths(out, ",\"longest_ms\":", longest);
                out.push(b'}');
            }),
            Op::Vital { .. }
            | Op::Error { .. }
            | Op::Log { .. }
            | Op::Request { .. }
            | Op::Event { .. }
            | Op::Tag { .. } => self.note(op, out),
            Op::Shed { level } => self.custom("hushreel.shed", out, |out| {
                json::number(out, "{\"level\":", level);
                out.push(b'}');
            }),
            _ => {}
        }
    }

    /// The focus is drawn.
    pub(super) fn ring(&mut self, id: NodeId, out: &mut Vec<u8>) {
        self.custom("hushreel.ring", out, |out| {
            json::number(out, "{\"id\":", id);
            out.push(b'}');
        });
    }

    /// The part of the viewport in sight.
    pub(super) fn zoom(&mut self, [scale, left, top, width, height]: [u32; 5], out: &mut Vec<u8>) {
        self.custom("hushreel.zoom", out, |out| {
            out.extend(format!("{{\"scale\":{}", f64::from(scale) / 100.0).into_bytes());
            for (name, length) in [("left", left), ("top", top), ("width", width), ("height", height)] {
                json::comma(out);
                json::key(out, name);
                json::number(out, "", length);
            }
            out.push(b'}');
        });
    }

    /// Something that was done at a node, with its point and the kind of pointer if there was one.
    pub(super) fn interaction(&mut self, kind: u8, id: NodeId, point: Option<(i32, i32)>, out: &mut Vec<u8>) {
        if self.mirror.node(id).is_none() {
            return;
        }
        let id = tree::number(&self.mirror, id);
        self.incremental(2, out, |out| {
            json::number(out, ",\"type\":", kind);
            json::number(out, ",\"id\":", id);
            if let Some((x, y)) = point {
                json::number(out, ",\"x\":", x);
                json::number(out, ",\"y\":", y);
                // rrweb's kinds of pointer: 0 a mouse, 2 a finger.
                json::number(out, ",\"pointerType\":", if kind >= press(Press::TouchStart) { 2 } else { 0 });
            }
        });
    }

    pub(super) fn scroll(&mut self, id: NodeId, out: &mut Vec<u8>) {
        let Some(Node { scroll: (x, y), .. }) = self.mirror.node(id) else { return };
        let (x, y, id) = (*x, *y, tree::number(&self.mirror, id));
        self.incremental(3, out, |out| {
            json::number(out, ",\"id\":", id);
            json::number(out, ",\"x\":", x);
            json::number(out, ",\"y\":", y);
        });
    }

    /// The state of a control as it is now: rrweb tells value and check together.
    pub(super) fn input(&mut self, id: NodeId, by_visitor: bool, out: &mut Vec<u8>) {
        let Some(input) = self.mirror.element(id).and_then(|element| element.input.clone()) else { return };
        let text = match &input.value {
            Some(Held::Masked(_)) => masked_text(INPUT_BUCKET),
            Some(shown @ Held::Shown(_)) => drawn(shown),
            // A box without a value of its own has the browser's.
            None if input.checked.is_some() => "on".to_owned(),
            None => String::new(),
        };
        self.incremental(5, out, |out| {
            json::number(out, ",\"id\":", id);
            json::text(out, ",\"text\":", &text);
            let checked = input.checked == Some(true);
            out.extend(if checked { &b",\"isChecked\":true"[..] } else { b",\"isChecked\":false" });
            out.extend(if by_visitor { &b",\"userTriggered\":true"[..] } else { b",\"userTriggered\":false" });
            // Words of our own, which other players pass over.
            if input.mixed {
                out.extend(b",\"indeterminate\":true");
            }
            if let Some(places) = &input.chosen {
                out.extend(b",\"selected\":[");
                for place in places {
                    json::comma(out);
                    json::number(out, "", *place);
                }
                out.push(b']');
            }
        });
    }
}

/// rrweb's numbers of what a pointer does.
fn press(kind: Press) -> u8 {
    match kind {
        Press::Up => 0,
        Press::Down => 1,
        Press::Click => 2,
        Press::ContextMenu => 3,
        Press::DoubleClick => 4,
        Press::TouchStart => 7,
        Press::TouchEnd => 9,
        Press::TouchCancel => 10,
    }
}

fn sheet_number(out: &mut Vec<u8>, sheet: SheetRef) {
    match sheet {
        SheetRef::Owner(id) => json::number(out, ",\"id\":", id),
        SheetRef::Adopted(sheet) => json::number(out, ",\"styleId\":", sheet),
    }
}

fn rule_index(out: &mut Vec<u8>, path: &[u32]) {
    if let [index] = path {
        return json::number(out, "\"index\":", *index);
    }
    out.extend(b"\"index\":[");
    for index in path {
        json::comma(out);
        json::number(out, "", *index);
    }
    out.push(b']');
}
