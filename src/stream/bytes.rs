//! Numbers in a column: LEB128 varints, and zigzag for those with a sign.

use super::Malformed;

/// A cursor over one column.
#[derive(Debug, Clone)]
pub struct Column<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Column<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The next `length` bytes as they are.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let rest = &self.bytes[self.at..];
        if rest.len() < length {
            return Err(self.malformed("it ends too early"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// What was read of it.
    pub fn passed(&self) -> &'a [u8] {
        &self.bytes[..self.at]
    }

    pub fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// A number of at most 53 bits, as JavaScript holds them exactly.
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..56).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if value < 1 << 53 { Ok(value) } else { Err(self.malformed("a number is too large")) };
            }
        }
        Err(self.malformed("a number is too long"))
    }

    /// A number up to `max`.
    pub fn up_to(&mut self, max: u32) -> Result<u32, Malformed> {
        match u32::try_from(self.number()?) {
            Ok(number) if number <= max => Ok(number),
            _ => Err(self.malformed("a number is out of bounds")),
        }
    }

    /// A number with a sign, zigzag: 0, -1, 1, -2 …
    pub fn signed(&mut self) -> Result<i64, Malformed> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { what, at: self.at }
    }
}

/// Append `number` as a varint.
pub fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Append `number` as a zigzag varint.
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)) as u64);
}
