//! The body of a batch: where node numbers and time begin, and the five columns.

use super::bytes::{Column, put};
use super::{Malformed, NODE_MAX, STRINGS_MAX};

/// The columns of a batch, cut apart but not yet read.
#[derive(Debug, Clone)]
pub struct Body<'a> {
    /// The number of the first node that this batch introduces.
    pub first_node: u32,
    /// Milliseconds since the page began at which the batch begins.
    pub began: u64,
    pub ops: &'a [u8],
    pub ids: &'a [u8],
    pub numbers: &'a [u8],
    pub refs: &'a [u8],
    pub literals: &'a [u8],
}

impl<'a> Body<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = Column::new(bytes);
        let first_node = rest.up_to(NODE_MAX)?;
        if first_node == 0 {
            return Err(rest.malformed("nodes are numbered from 1"));
        }
        let began = rest.number()?;
        let mut lengths = [0; 4];
        for length in &mut lengths {
            *length = rest.up_to(u32::MAX)? as usize;
        }
        let body = Self {
            first_node,
            began,
            ops: rest.take(lengths[0])?,
            ids: rest.take(lengths[1])?,
            numbers: rest.take(lengths[2])?,
            refs: rest.take(lengths[3])?,
            literals: rest.rest(),
        };
        if body.literals.last().is_some_and(|byte| *byte != 0) {
            return Err(rest.malformed("the last literal does not end"));
        }
        Ok(body)
    }

    /// The batch's strings, in the order in which the ops first use them.
    pub fn strings(&self) -> Result<Vec<&'a str>, Malformed> {
        let text = std::str::from_utf8(self.literals)
            .map_err(|error| Malformed { what: "a string is not UTF-8", at: error.valid_up_to() })?;
        let strings: Vec<_> = text.split_terminator('\0').take(STRINGS_MAX + 1).collect();
        if strings.len() > STRINGS_MAX {
            return Err(Malformed { what: "too many strings", at: self.literals.len() });
        }
        Ok(strings)
    }

    pub fn encode(&self) -> Vec<u8> {
        let columns = [self.ops, self.ids, self.numbers, self.refs];
        let mut out = Vec::with_capacity(32 + self.literals.len() + columns.iter().map(|c| c.len()).sum::<usize>());
        put(&mut out, u64::from(self.first_node));
        put(&mut out, self.began);
        for column in columns {
            put(&mut out, column.len() as u64);
        }
        for column in columns {
            out.extend_from_slice(column);
        }
        out.extend_from_slice(self.literals);
        out
    }
}

/// The same body with some of its strings replaced. `replace` sees each string once, with its place in the table.
pub fn rewrite_literals(
    bytes: &[u8],
    mut replace: impl FnMut(usize, &str) -> Option<String>,
) -> Result<Vec<u8>, Malformed> {
    let body = Body::parse(bytes)?;
    let mut literals = Vec::with_capacity(body.literals.len());
    for (place, string) in body.strings()?.into_iter().enumerate() {
        let replaced = replace(place, string);
        literals.extend(replaced.as_deref().unwrap_or(string).bytes().filter(|byte| *byte != 0));
        literals.push(0);
    }
    Ok(Body { literals: &literals, ..body }.encode())
}
