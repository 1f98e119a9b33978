//! The head of a batch: who sends it, under which policy, and where in the page's order it stands. Never stored.

use super::Malformed;
use super::bytes::{Column, put};
use crate::model::{PageId, PolicyHash};

/// The version of the grammar that this build reads and writes.
pub const VERSION: u8 = 1;

const GRANTED: u8 = 1;
const LAST: u8 = 2;

/// What stands before the ops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub version: u8,
    /// The visitor granted consent; false where the policy asks for none.
    pub granted: bool,
    /// The page's last batch, sent while it was being left.
    pub last: bool,
    /// The policy that the recorder ran under.
    pub policy: PolicyHash,
    /// What only the browser that began the recording knows.
    pub secret: [u8; 16],
    pub page: PageId,
    /// Counts the page's batches from 0.
    pub seq: u32,
    /// Milliseconds since the page began, by its own monotonic clock.
    pub sent_at: u64,
}

/// Cut a batch into its header and its body, which decodes alone.
pub fn split(bytes: &[u8]) -> Result<(Header, &[u8]), Malformed> {
    let mut head = Column::new(bytes);
    let version = head.take(1)?[0];
    if version != VERSION {
        return Err(Malformed { what: "unknown version of the grammar", at: 0 });
    }
    let flags = head.take(1)?[0];
    if flags & !(GRANTED | LAST) != 0 {
        return Err(head.malformed("unknown flag"));
    }
    let header = Header {
        version,
        granted: flags & GRANTED != 0,
        last: flags & LAST != 0,
        policy: PolicyHash(fixed(&mut head)?),
        secret: fixed(&mut head)?,
        page: PageId(fixed(&mut head)?),
        seq: head.up_to(u32::MAX)?,
        sent_at: head.number()?,
    };
    Ok((header, head.rest()))
}

impl Header {
    /// The header's bytes, to stand before a body.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.version, (u8::from(self.granted) * GRANTED) | (u8::from(self.last) * LAST)];
        out.extend(self.policy.0);
        out.extend(self.secret);
        out.extend(self.page.0);
        put(&mut out, u64::from(self.seq));
        put(&mut out, self.sent_at);
        out
    }
}

fn fixed<const N: usize>(head: &mut Column<'_>) -> Result<[u8; N], Malformed> {
    let mut bytes = [0; N];
    bytes.copy_from_slice(head.take(N)?);
    Ok(bytes)
}
