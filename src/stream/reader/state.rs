//! Ops that tell how an element stands, beyond what its attributes say.

use super::Reader;
use crate::stream::{Layer, Malformed, Op};

impl Reader<'_> {
    pub(super) fn layer(&mut self) -> Result<Op<'_>, Malformed> {
        const LAYERS: [Option<Layer>; 4] = [None, Some(Layer::Modal), Some(Layer::Popover), Some(Layer::Fullscreen)];
        Ok(Op::Layer { id: self.id()?, layer: LAYERS[self.numbers.up_to(3)? as usize] })
    }
}
