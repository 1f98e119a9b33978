//! Ops that tell how an element stands, beyond what its attributes say.

use super::Reader;
use crate::stream::{CHOSEN_MAX, Layer, Malformed, Op, PIXELS_MAX, Play};

impl Reader<'_> {
    pub(super) fn state(&mut self) -> Result<Op<'_>, Malformed> {
        let id = self.id()?;
        let kind = self.numbers.up_to(2)?;
        self.list(CHOSEN_MAX)?;
        match (kind, self.list.as_slice()) {
            (0, places) => Ok(Op::Chosen { id, places }),
            (1, []) => Ok(Op::Mixed { id, on: false }),
            (1, [1]) => Ok(Op::Mixed { id, on: true }),
            (2, []) => Ok(Op::Ring { id }),
            _ => Err(self.numbers.malformed("unknown state")),
        }
    }

    pub(super) fn media(&mut self) -> Result<Op<'_>, Malformed> {
        const KINDS: [Play; 5] = [Play::Play, Play::Pause, Play::Seeked, Play::Volume, Play::Rate];
        Ok(Op::Media {
            id: self.id()?,
            kind: KINDS[self.numbers.up_to(4)? as usize],
            ms: self.numbers.up_to(PIXELS_MAX)?,
            volume: self.numbers.up_to(100)?,
            rate: self.numbers.up_to(10_000)?,
            muted: self.numbers.up_to(1)? == 1,
        })
    }

    pub(super) fn zoom(&mut self) -> Result<Op<'_>, Malformed> {
        let scale = self.numbers.up_to(100_000)?;
        let mut part = [0; 4];
        for length in &mut part {
            *length = self.numbers.up_to(PIXELS_MAX)?;
        }
        let [left, top, width, height] = part;
        Ok(Op::Zoom { scale, left, top, width, height })
    }

    pub(super) fn layer(&mut self) -> Result<Op<'_>, Malformed> {
        const LAYERS: [Option<Layer>; 4] = [None, Some(Layer::Modal), Some(Layer::Popover), Some(Layer::Fullscreen)];
        Ok(Op::Layer { id: self.id()?, layer: LAYERS[self.numbers.up_to(3)? as usize] })
    }
}
