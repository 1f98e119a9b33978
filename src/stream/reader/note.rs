//! Ops that tell what the browser and the page's own code say of the page.

use super::Reader;
use crate::stream::{Asking, Level, Malformed, Op, PIXELS_MAX, PROPERTIES_MAX, Vital, code};

impl Reader<'_> {
    pub(super) fn note(&mut self, code: u32) -> Result<Op<'_>, Malformed> {
        const VITALS: [Vital; 5] =
            [Vital::FirstByte, Vital::FirstPaint, Vital::LargestPaint, Vital::Interaction, Vital::Shift];
        const LEVELS: [Level; 5] = [Level::Debug, Level::Log, Level::Info, Level::Warn, Level::Error];
        const KINDS: [Asking; 3] = [Asking::Fetch, Asking::Xhr, Asking::Beacon];
        Ok(match code {
            code::VITAL => {
                Op::Vital { kind: VITALS[self.numbers.up_to(4)? as usize], number: self.numbers.up_to(PIXELS_MAX)? }
            }
            code::ERROR => Op::Error {
                name: self.string()?,
                message: self.value()?,
                url: self.string()?,
                line: self.numbers.up_to(PIXELS_MAX)?,
                column: self.numbers.up_to(PIXELS_MAX)?,
            },
            code::LOG => Op::Log { level: LEVELS[self.numbers.up_to(4)? as usize], message: self.value()? },
            code::REQUEST => Op::Request {
                kind: KINDS[self.numbers.up_to(2)? as usize],
                url: self.string()?,
                status: self.numbers.up_to(999)?,
                ms: self.numbers.up_to(PIXELS_MAX)?,
                bytes: self.numbers.up_to(PIXELS_MAX)?,
            },
            code::EVENT => {
                let name = self.string()?;
                let count = self.numbers.up_to(PROPERTIES_MAX)?;
                self.attributes.clear();
                for _ in 0..count {
                    let property = self.string()?;
                    let value = self.value()?;
                    self.attributes.push((property, value));
                }
                Op::Event { name, properties: &self.attributes }
            }
            _ => Op::Tag { name: self.string()?, value: self.value()? },
        })
    }
}
