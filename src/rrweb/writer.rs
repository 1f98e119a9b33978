//! From ops to events. What is kept beyond the mirror is the changes of one moment and the pointer's last half second.

mod happening;
mod held;
mod keyframe;
mod note;
mod state;

use std::collections::HashSet;

use super::asset::Links;
use super::group::{Group, removal_of};
use super::json;
use super::tree::{self, Met};
use crate::mirror::{Content, Held, Mirror};
use crate::model::{NodeId, PageId, Timestamp};
use crate::stream::{Malformed, Op, Reader};

/// Points of the pointer are told together for this long at most.
const MOVES_MS: i64 = 500;

/// Writes one recording, batch by batch, as one JSON array of events.
#[derive(Debug, Default)]
pub struct Writer {
    mirror: Mirror,
    page: Option<PageId>,
    began: i64,
    /// When the op at hand happened.
    at: i64,
    /// The time of the last event; none is earlier than the one before.
    last: i64,
    open: bool,
    /// A snapshot that is not written yet.
    held: Option<held::Held>,
    group: Group,
    run: Option<Run>,
    moves: Vec<Point>,
    /// Constructed sheets that a player has by now.
    sheets: HashSet<u32>,
    links: Links,
    /// The snapshot at hand is a keyframe's: no page load.
    keyframe: bool,
}

/// The run of node tokens at hand.
#[derive(Debug)]
struct Run {
    /// Where it comes to; none for a snapshot.
    parent: Option<NodeId>,
    depth: usize,
    /// What stands in it directly.
    tops: Vec<NodeId>,
    removals: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    at: i64,
    id: NodeId,
    x: i32,
    y: i32,
    touch: bool,
}

impl Writer {
    pub fn new() -> Self {
        Self::default()
    }

    /// With what stands for the recording's pictures and fonts; without it, each is missing.
    pub fn with_links(links: Links) -> Self {
        Self { links, ..Self::default() }
    }

    /// The page as it stands after the last batch.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Append the events of one batch. Of a batch that breaks the grammar, what stands before the break is kept.
    pub fn batch(
        &mut self,
        page: PageId,
        page_began: Timestamp,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if self.page != Some(page) {
            self.release(out);
            self.page = Some(page);
            self.mirror.clear();
            self.sheets.clear();
        }
        self.began = page_began.0;
        let done = self.ops(body, out);
        self.run = None;
        self.release_whole(out);
        self.flush(out);
        done
    }

    /// Say that batches of this page never came.
    pub fn missing(&mut self, from_seq: u32, to_seq: u32, at: Timestamp, out: &mut Vec<u8>) {
        self.release(out);
        self.flush(out);
        self.at = at.0;
        self.custom("hushreel.gap", out, |out| {
            json::number(out, "{\"batches\":", to_seq.saturating_sub(from_seq).saturating_add(1));
            out.extend(b",\"ops\":0,\"ms\":0}");
        });
    }

    /// Close the array.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.release(out);
        self.flush(out);
        if !self.open {
            out.push(b'[');
        }
        out.push(b']');
    }

    fn ops(&mut self, body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let mut reader = Reader::new(body)?;
        self.set_time(reader.now(), out);
        // Out of the way, so that an op can be filled while the writer takes it in.
        let links = std::mem::take(&mut self.links);
        let page = self.page.unwrap_or(PageId([0; 8]));
        let done = loop {
            match reader.next() {
                Ok(Some(op)) => links.fill(page, &op, |op| self.op(op, out)),
                Ok(None) => break Ok(()),
                Err(malformed) => break Err(malformed),
            }
        };
        self.links = links;
        done
    }

    fn set_time(&mut self, at: u64, out: &mut Vec<u8>) {
        let at = self.began.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        if at != self.at {
            self.flush_group(out);
            self.at = at;
        }
    }

    fn op(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        if self.is_held(op, out) {
            return;
        }
        match *op {
            Op::Time { at } => self.set_time(at, out),
            // Known before the first event was written.
            Op::Asset { .. } | Op::Unreadable { .. } | Op::Sensitive { .. } | Op::Rules { .. } | Op::Who { .. } => {}
            Op::Move { id, x, y, touch, .. } => self.point(Point { at: self.at, id, x, y, touch }, out),
            Op::Snapshot { .. }
            | Op::Add { .. }
            | Op::Element { .. }
            | Op::Text { .. }
            | Op::Masked { .. }
            | Op::Comment { .. }
            | Op::Doctype { .. }
            | Op::Shadow { .. }
            | Op::Frame { .. }
            | Op::Moved { .. }
            | Op::Css { .. }
            | Op::Block { .. }
            | Op::End => {
                self.flush_moves(out);
                self.token(op, out);
            }
            Op::Remove { .. } | Op::Attribute { .. } | Op::SetText { .. } | Op::SetMasked { .. } | Op::Sheet { .. } => {
                self.flush_moves(out);
                self.change(op, out);
            }
            Op::RuleInsert { .. } | Op::RuleDelete { .. } | Op::AdoptedSheet { .. } | Op::Adopt { .. } => {
                self.flush(out);
                self.style(op, out);
            }
            Op::Press { .. }
            | Op::Scroll { .. }
            | Op::Input { .. }
            | Op::Focus { .. }
            | Op::Blur { .. }
            | Op::Viewport { .. }
            | Op::Visibility { .. }
            | Op::Page { .. }
            | Op::Gap { .. }
            | Op::Finish
            | Op::Media { .. }
            | Op::Canvas { .. }
            | Op::Zoom { .. }
            | Op::Chosen { .. }
            | Op::Mixed { .. }
            | Op::Ring { .. }
            | Op::Layer { .. }
            | Op::Part { .. }
            | Op::Cost { .. }
            | Op::Vital { .. }
            | Op::Error { .. }
            | Op::Log { .. }
            | Op::Request { .. }
            | Op::Event { .. }
            | Op::Tag { .. }
            | Op::Shed { .. } => {
                self.flush(out);
                self.mirror.apply(op);
                self.happening(op, out);
            }
        }
    }

    /// A run of nodes, token by token.
    fn token(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        let mut removal = None;
        let (introduced, opens) = match *op {
            Op::Snapshot { .. } => {
                self.flush(out);
                self.sheets.clear();
                self.run = Some(Run { parent: None, depth: 0, tops: Vec::new(), removals: Vec::new() });
                (None, true)
            }
            Op::Add { parent, .. } => {
                self.run = Some(Run { parent: Some(parent), depth: 0, tops: Vec::new(), removals: Vec::new() });
                (None, true)
            }
            Op::Element { id, open, .. } => (Some(id), open),
            Op::Shadow { id } | Op::Frame { id } => (Some(id), true),
            Op::Moved { id } => {
                removal = removal_of(&self.mirror, id);
                (Some(id), false)
            }
            _ => (node_of(op), false),
        };
        let ignored = self.mirror.ignored();
        self.mirror.apply(op);
        let Some(run) = &mut self.run else { return };
        match op {
            // What the mirror would not move stays where it is.
            Op::Moved { .. } if self.mirror.ignored() != ignored => {}
            Op::End => run.depth -= 1,
            _ => {
                run.removals.extend(removal);
                run.tops.extend(introduced.filter(|_| run.depth == 1));
                run.depth += usize::from(opens);
            }
        }
        if run.depth == 0 {
            self.end_run(out);
        }
    }

    fn end_run(&mut self, out: &mut Vec<u8>) {
        let Some(run) = self.run.take() else { return };
        let Some(parent) = run.parent else { return self.hold() };
        if !run.removals.is_empty() && self.group.is_past_removals() {
            self.flush_group(out);
        }
        run.removals.iter().for_each(|removal| self.group.remove(removal));
        let mut told = HashSet::new();
        // From last to first: what a node stands before is there already. One that was moved here twice stands once.
        for top in run.tops.into_iter().rev().filter(|top| told.insert(*top)) {
            let here = self.mirror.node(top).is_some_and(|node| node.parent == Some(parent));
            if here && tree::is_shown(&self.mirror, top) {
                self.group.add(&self.mirror, top);
            }
        }
        // A frame's document is told as it is now; what comes into it later finds it there.
        if !self.group.met.frames.is_empty() {
            self.flush_group(out);
        }
    }

    /// The whole page.
    fn snapshot(&mut self, out: &mut Vec<u8>) {
        let Some(root) = self.mirror.root() else { return };
        let (width, height) = self.mirror.viewport();
        let url = self.mirror.url().to_owned();
        let keyframe = self.keyframe;
        self.event(4, out, |out| {
            json::text(out, "{\"href\":", &url);
            json::number(out, ",\"width\":", width);
            json::number(out, ",\"height\":", height);
            out.extend(if keyframe { &b",\"keyframe\":true}"[..] } else { b"}" });
        });
        let mut met = Met::default();
        let mut tree = Vec::new();
        tree::whole(&self.mirror, root, &mut met, &mut tree);
        self.event(2, out, |out| {
            out.extend(b"{\"node\":");
            out.append(&mut tree);
            out.extend(b",\"initialOffset\":{\"left\":0,\"top\":0}}");
        });
        self.page_named(out);
        self.group.met = met;
        self.follow(out);
    }

    /// Changes that are gathered into a mutation event.
    fn change(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        match *op {
            Op::Remove { id } => {
                self.take_out(id, out);
                self.mirror.apply(op);
            }
            Op::SetText { id, .. } | Op::SetMasked { id, .. } => {
                self.mirror.apply(op);
                self.group.text(&self.mirror, id);
            }
            Op::Attribute { id, name, value } => {
                self.mirror.apply(op);
                self.group.attribute(&self.mirror, id, name, value.map(Held::from).as_ref());
            }
            // Rules are told with their element. A player that is told of them alone changes what it was told before, and
            // shows the later rules when it goes back.
            Op::Sheet { id, .. } => {
                let known = self.take_out(id, out);
                self.mirror.apply(op);
                if known {
                    self.group.add(&self.mirror, id);
                }
            }
            _ => {}
        }
    }

    /// Have the player take this node out of where it is now; whether it has it.
    fn take_out(&mut self, id: NodeId, out: &mut Vec<u8>) -> bool {
        let Some(removal) = removal_of(&self.mirror, id) else { return false };
        if self.group.is_past_removals() {
            self.flush_group(out);
        }
        self.group.remove(&removal);
        true
    }

    fn page_named(&mut self, out: &mut Vec<u8>) {
        let (url, title) = (self.mirror.url().to_owned(), self.mirror.title().map(str::to_owned));
        self.custom("hushreel.page", out, |out| {
            json::text(out, "{\"url\":", &url);
            match title {
                Some(title) => json::text(out, ",\"title\":", &title),
                None => out.extend(b",\"title\":null"),
            }
            out.push(b'}');
        });
    }

    fn point(&mut self, point: Point, out: &mut Vec<u8>) {
        self.flush_group(out);
        let apart =
            self.moves.first().is_some_and(|first| first.touch != point.touch || point.at - first.at > MOVES_MS);
        if apart {
            self.flush_moves(out);
        }
        if self.mirror.node(point.id).is_some() {
            self.moves.push(Point { id: tree::number(&self.mirror, point.id), ..point });
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        self.flush_group(out);
        self.flush_moves(out);
    }

    fn flush_moves(&mut self, out: &mut Vec<u8>) {
        let Some(last) = self.moves.last().copied() else { return };
        let moves = std::mem::take(&mut self.moves);
        let now = std::mem::replace(&mut self.at, last.at);
        self.incremental(if last.touch { 6 } else { 1 }, out, |out| {
            out.extend(b",\"positions\":[");
            for Point { at, id, x, y, .. } in moves {
                json::comma(out);
                json::number(out, "{\"x\":", x);
                json::number(out, ",\"y\":", y);
                json::number(out, ",\"id\":", id);
                json::number(out, ",\"timeOffset\":", at - last.at);
                out.push(b'}');
            }
            out.push(b']');
        });
        self.at = now;
    }

    fn flush_group(&mut self, out: &mut Vec<u8>) {
        if self.group.is_empty() {
            return;
        }
        if let Some(mut data) = self.group.take() {
            self.event(3, out, |out| out.append(&mut data));
        }
        self.follow(out);
    }

    /// What comes behind the nodes that were just told: the documents of their frames, then state that no attribute tells.
    fn follow(&mut self, out: &mut Vec<u8>) {
        let mut states = std::mem::take(&mut self.group.met.states);
        let mut frames = std::mem::take(&mut self.group.met.frames);
        frames.reverse();
        while let Some(host) = frames.pop() {
            let Some(document) = self.mirror.element(host).and_then(|element| element.frame) else { continue };
            let mut met = Met::default();
            let mut tree = Vec::new();
            tree::whole(&self.mirror, document, &mut met, &mut tree);
            self.event(3, out, |out| {
                out.extend(b"{\"source\":0,\"removes\":[],\"adds\":[");
                json::number(out, "{\"parentId\":", host);
                out.extend(b",\"nextId\":null,\"node\":");
                out.append(&mut tree);
                out.extend(b"}],\"texts\":[],\"attributes\":[],\"isAttachIframe\":true}");
            });
            frames.extend(met.frames.into_iter().rev());
            states.append(&mut met.states);
        }
        self.stands(&states, out);
        for id in states {
            self.input(id, false, out);
            self.media(id, None, out);
            self.picture(id, out);
            let shadow = self.mirror.element(id).and_then(|element| element.shadow);
            for root in [Some(id), shadow].into_iter().flatten() {
                let adopted = match self.mirror.node(root).map(|node| &node.content) {
                    Some(Content::Document { adopted } | Content::Shadow { adopted }) => adopted.clone(),
                    Some(Content::Doctype { .. } | Content::Element(_) | Content::Text(_) | Content::Comment)
                    | None => {
                        continue;
                    }
                };
                if !adopted.is_empty() {
                    self.adopt(root, &adopted, out);
                }
            }
            if self.mirror.node(id).is_some_and(|node| node.scroll != (0, 0)) {
                self.scroll(id, out);
            }
        }
    }

    fn custom(&mut self, tag: &str, out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) {
        self.event(5, out, |out| {
            json::text(out, "{\"tag\":", tag);
            out.extend(b",\"payload\":");
            payload(out);
            out.push(b'}');
        });
    }

    fn incremental(&mut self, source: u8, out: &mut Vec<u8>, data: impl FnOnce(&mut Vec<u8>)) {
        self.event(3, out, |out| {
            json::number(out, "{\"source\":", source);
            data(out);
            out.push(b'}');
        });
    }

    fn event(&mut self, kind: u8, out: &mut Vec<u8>, data: impl FnOnce(&mut Vec<u8>)) {
        // What happens before a snapshot is whole comes behind it.
        let mut behind = self.held.as_mut().map(|held| std::mem::take(&mut held.events));
        let to = behind.as_mut().unwrap_or(out);
        // `out` may have been handed on since the last event, so its last byte does not tell whether one stands before.
        to.push(if self.open || self.held.is_some() { b',' } else { b'[' });
        self.open |= self.held.is_none();
        self.last = self.last.max(self.at);
        json::number(to, "{\"type\":", kind);
        json::number(to, ",\"timestamp\":", self.last);
        to.extend(b",\"data\":");
        data(to);
        to.push(b'}');
        if let (Some(held), Some(events)) = (&mut self.held, behind) {
            held.events = events;
        }
    }
}

fn node_of(op: &Op<'_>) -> Option<NodeId> {
    match *op {
        Op::Text { id, .. }
        | Op::Masked { id, .. }
        | Op::Comment { id }
        | Op::Doctype { id, .. }
        | Op::Block { id, .. } => Some(id),
        _ => None,
    }
}
