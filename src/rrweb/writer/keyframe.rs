//! Beginning in the middle: a keyframe is told as a page load is, with all that the ops before it had done to the page, and what
//! follows goes on from there.

use super::Writer;
use crate::mirror::{Keyframe, Pointer};
use crate::model::{PageId, Timestamp};
use crate::rrweb::{json, tree};
use crate::stream::{Malformed, Op};

impl Writer {
    /// Begin at a keyframe of this page instead of at its first batch. To be called before anything else.
    pub fn begin_at(
        &mut self,
        page: PageId,
        at: Timestamp,
        keyframe: &Keyframe,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        self.page = Some(page);
        self.at = at.0;
        let links = std::mem::take(&mut self.links);
        let mut pointer = None;
        let done = keyframe.tell(|op| {
            if let Op::Move { id, x, y, touch, .. } = *op {
                pointer = Some(Pointer { id, x, y, touch });
            }
            links.fill(page, op, |op| self.mirror.apply(op));
        });
        self.links = links;
        done?;
        self.keyframe = true;
        self.snapshot(out);
        self.keyframe = false;
        self.rest(pointer, out);
        Ok(())
    }

    /// What only ops of their own tell, and that this was all of the keyframe.
    fn rest(&mut self, pointer: Option<Pointer>, out: &mut Vec<u8>) {
        if let Some(id) = self.mirror.focus() {
            self.interaction(5, id, None, out);
            if self.mirror.ring() {
                self.ring(id, out);
            }
        }
        if let Some(zoom) = self.mirror.zoom() {
            self.zoom(zoom, out);
        }
        if let Some(Pointer { id, x, y, touch }) = pointer {
            let id = tree::number(&self.mirror, id);
            self.incremental(if touch { 6 } else { 1 }, out, |out| {
                json::number(out, ",\"positions\":[{\"x\":", x);
                json::number(out, ",\"y\":", y);
                json::number(out, ",\"id\":", id);
                out.extend(b",\"timeOffset\":0}]");
            });
        }
        self.custom("hushreel.keyframe", out, |out| out.extend(b"{}"));
    }
}
