//! Clicks that tell of trouble: again and again in one place, without an effect, or with an error.

use super::marks::{Mark, What};
use crate::mirror::{Content, Kind, Mirror, Target};
use crate::model::NodeId;
use crate::stream::Op;
use std::collections::VecDeque;

const RAGE_CLICKS: u32 = 3;
const RAGE_MS: i64 = 1_000;
const RAGE_PX: i64 = 30;
/// A page that answers later than this has not answered for the visitor.
const DEAD_MS: i64 = 1_500;
const ERROR_MS: i64 = 1_000;

/// Clicks in one place, one soon after the other.
#[derive(Debug)]
struct Run {
    place: (i32, i32),
    /// The times of the last of them.
    times: VecDeque<i64>,
    clicks: u32,
    /// Its mark, once it has one.
    mark: Option<usize>,
}

/// A click that may still have an effect.
#[derive(Debug)]
struct Waiting {
    at: i64,
    target: Target,
}

#[derive(Debug, Default)]
pub struct Clicks {
    run: Option<Run>,
    waiting: Vec<Waiting>,
    last: Option<Waiting>,
}

impl Clicks {
    /// The visitor clicked.
    pub fn click(
        &mut self,
        at: i64,
        id: NodeId,
        place: (i32, i32),
        target: &Target,
        mirror: &Mirror,
        marks: &mut Vec<Mark>,
    ) {
        self.rage(at, place, target, marks);
        if expects_change(id, target.kind, mirror) {
            self.waiting.push(Waiting { at, target: target.clone() });
        }
        self.last = Some(Waiting { at, target: target.clone() });
    }

    /// It is `at` now: clicks that waited too long are dead.
    pub fn pass(&mut self, at: i64, marks: &mut Vec<Mark>) {
        self.waiting.retain(|click| {
            let dead = at - click.at > DEAD_MS;
            if dead {
                marks.push(Mark { at: click.at, what: What::Dead { target: click.target.clone() } });
            }
            !dead
        });
    }

    /// The page answered.
    pub fn answered(&mut self) {
        self.waiting.clear();
    }

    /// The page's own code failed.
    pub fn failed(&mut self, at: i64, marks: &mut Vec<Mark>) {
        if let Some(click) = self.last.take_if(|click| at - click.at <= ERROR_MS) {
            marks.push(Mark { at: click.at, what: What::ErrorClick { target: click.target } });
        }
    }

    /// Nobody knows what came of the clicks before: the page was left, or batches are missing.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn rage(&mut self, at: i64, place: (i32, i32), target: &Target, marks: &mut Vec<Mark>) {
        // Words in a field are chosen by three clicks.
        if target.kind == Kind::Field {
            self.run = None;
            return;
        }
        let goes_on = |run: &Run| run.times.back().is_some_and(|last| at - last <= RAGE_MS) && near(run.place, place);
        let run = match self.run.take() {
            Some(run) if goes_on(&run) => self.run.insert(run),
            Some(_) | None => self.run.insert(Run { place, times: VecDeque::new(), clicks: 0, mark: None }),
        };
        run.clicks += 1;
        run.times.push_back(at);
        if run.times.len() > RAGE_CLICKS as usize {
            run.times.pop_front();
        }
        let first = run.times.front().copied().unwrap_or(at);
        match run.mark.and_then(|place| marks.get_mut(place)) {
            Some(Mark { what: What::Rage { clicks, .. }, .. }) => *clicks = run.clicks,
            Some(_) => {}
            None if run.times.len() == RAGE_CLICKS as usize && at - first <= RAGE_MS => {
                run.mark = Some(marks.len());
                marks.push(Mark { at: first, what: What::Rage { target: target.clone(), clicks: run.clicks } });
            }
            None => {}
        }
    }
}

fn near(one: (i32, i32), other: (i32, i32)) -> bool {
    let (x, y) = (i64::from(one.0) - i64::from(other.0), i64::from(one.1) - i64::from(other.1));
    x * x + y * y <= RAGE_PX * RAGE_PX
}

/// Whether a page should show that this was clicked. A list of choices opens outside the page, and so do other programs.
fn expects_change(id: NodeId, kind: Kind, mirror: &Mirror) -> bool {
    let Some((holder, _)) = mirror.control(id).filter(|_| kind.invites_clicks()) else { return false };
    let Some(element) = mirror.element(holder) else { return false };
    let href = element.shown("href").unwrap_or_default();
    let elsewhere = ["mailto:", "tel:", "sms:"].iter().any(|scheme| href.starts_with(scheme));
    !matches!(&*element.tag, "select" | "option") && !elsewhere && element.attribute("download").is_none()
}

/// Whether this op shows a visitor that something happened.
pub fn is_answer(op: &Op<'_>, mirror: &Mirror) -> bool {
    match op {
        Op::Snapshot { .. }
        | Op::Add { .. }
        | Op::Remove { .. }
        | Op::Attribute { .. }
        | Op::SetText { .. }
        | Op::SetMasked { .. }
        | Op::Sheet { .. }
        | Op::RuleInsert { .. }
        | Op::RuleDelete { .. }
        | Op::AdoptedSheet { .. }
        | Op::Adopt { .. }
        | Op::Scroll { .. }
        | Op::Input { .. }
        | Op::Chosen { .. }
        | Op::Mixed { .. }
        | Op::Media { .. }
        | Op::Canvas { .. }
        | Op::Zoom { .. }
        | Op::Layer { .. }
        | Op::Viewport { .. }
        | Op::Visibility { .. }
        | Op::Page { .. } => true,
        // A button takes the focus when it is pressed; a field that gets it was led to.
        Op::Focus { id } => {
            let field = mirror.control(*id).is_some_and(|(_, kind)| kind == Kind::Field);
            field || mirror.node(*id).is_some_and(|node| matches!(node.content, Content::Document { .. }))
        }
        Op::Element { .. }
        | Op::Text { .. }
        | Op::Masked { .. }
        | Op::Comment { .. }
        | Op::Doctype { .. }
        | Op::Shadow { .. }
        | Op::Frame { .. }
        | Op::Moved { .. }
        | Op::Css { .. }
        | Op::Block { .. }
        | Op::End
        | Op::Time { .. }
        | Op::Move { .. }
        | Op::Press { .. }
        | Op::Blur { .. }
        | Op::Ring { .. }
        | Op::Gap { .. }
        | Op::Finish
        | Op::Part { .. }
        | Op::Cost { .. }
        | Op::Vital { .. }
        | Op::Error { .. }
        | Op::Log { .. }
        | Op::Request { .. }
        | Op::Event { .. }
        | Op::Tag { .. }
        | Op::Shed { .. }
        | Op::Asset { .. }
        | Op::Unreadable { .. }
        | Op::Sensitive { .. }
        | Op::Rules { .. }
        | Op::Who { .. } => false,
    }
}
