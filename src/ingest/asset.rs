//! Pictures and fonts on their way in: a recording's browser asks which of them the store lacks, then brings those. Their
//! hash is computed here again and their kind read from their own bytes, so that nobody can put one thing in another's place.
//!
//! ```text
//! POST /i/v1/{site}/assets    version=1 u8 | 0 ask, 1 bring u8 | policy hash 8 | secret 16 | recording 16 | rest
//! ask:   rest is hashes of 16 bytes; the answer is a text of one digit each: 1 lacks it, 0 has it;
//!        202 while the recording's first batch has not come
//! bring: rest is the bytes
//! ```

use super::Door;
use super::batch::{admit, in_site, read};
use super::sender::Sender;
use crate::app::Peer;
use crate::error::{Error, Result};
use crate::model::{AssetHash, PolicyHash, RecordingId};
use crate::policy::MediaMode;
use crate::seal;
use crate::store::asset::{self, Asker, Fresh, Held, Kind, Name};
use crate::store::{Day, Refusal, Site};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

const VERSION: u8 = 1;
/// Version, what is wanted, policy, secret, recording.
pub(super) const HEAD_BYTES: usize = 42;
/// One picture or font. The recorder offers none above three quarters of this.
pub(super) const ASSET_BYTES_MAX: usize = 2 << 20;
/// Hashes asked for at once; a page has fewer.
const HASHES_MAX: usize = 512;
/// Visits remembered in memory; above it none is counted until the next day.
const VISITS_MAX: usize = 100_000;

/// Which client has shown which asset today: the same one counts as one visit, however many recordings it makes.
#[derive(Default)]
pub struct Visits(Mutex<Option<(Day, Shown)>>);

/// Client and asset.
type Shown = HashSet<([u8; 16], Name)>;

impl Visits {
    /// Whether this client shows this asset for the first time today.
    fn count(&self, day: Day, client: [u8; 16], name: Name) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let today = match held.as_mut() {
            Some((held_day, seen)) if *held_day == day => seen,
            Some(_) | None => &mut held.insert((day, Shown::new())).1,
        };
        today.len() < VISITS_MAX && today.insert((client, name))
    }
}

/// What a browser says before it asks or brings.
pub(super) struct Head<'a> {
    pub brings: bool,
    policy: PolicyHash,
    asker: Asker,
    pub rest: &'a [u8],
}

/// `POST /i/v1/{site}/assets`
pub async fn receive(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_site(&door, &site, &headers, async |site| take_in(&door, site, &headers, peer, body).await).await
}

async fn take_in(door: &Arc<Door>, site: &Arc<Site>, headers: &HeaderMap, peer: Peer, body: Body) -> Result<Response> {
    admit(door, site, headers, peer)?;
    let client = door.client_mark(door.app.client(headers, peer))?;
    let (sent, _kib) = read(door, headers, body, HEAD_BYTES + ASSET_BYTES_MAX).await?;
    let head = Head::read(&sent, site.id, door)?;
    allow(door, site, headers, head.policy).await?;
    if head.brings {
        let bytes = sent.slice(HEAD_BYTES..);
        bring(door, head.asker, bytes, client).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    match ask(door, head.asker, head.rest).await {
        Ok(answer) => Ok(answer.into_response()),
        // Its first batch is on its way. No failure: browsers show those to the site's developers.
        Err(Error::NotFound) => Ok(StatusCode::ACCEPTED.into_response()),
        Err(error) => Err(error),
    }
}

impl<'a> Head<'a> {
    pub fn read(sent: &'a [u8], site_id: i64, door: &Door) -> Result<Self> {
        let malformed = |what| Err(Error::Malformed { what, at: 0 });
        let Some((head, rest)) = sent.split_first_chunk::<HEAD_BYTES>() else { return malformed("it ends too early") };
        let brings = match head[..2] {
            [VERSION, 0] => false,
            [VERSION, 1] => true,
            _ => return malformed("unknown version or wish"),
        };
        let (mut policy, mut recording) = ([0; 8], [0; 16]);
        policy.copy_from_slice(&head[2..10]);
        recording.copy_from_slice(&head[26..42]);
        let secret_hash = seal::hash(&head[10..26]).to_vec();
        let asker = Asker { site_id, recording: RecordingId(recording), secret_hash, at: door.app.now() };
        Ok(Self { brings, policy: PolicyHash(policy), asker, rest })
    }
}

/// Whether pictures may come in: under the policy that the page was captured under and the current one, the stricter.
async fn allow(door: &Door, site: &Site, headers: &HeaderMap, policy: PolicyHash) -> Result<()> {
    let now = door.app.now();
    let captured = site.captured_under(policy, now).ok_or(Error::StalePolicy)?;
    let rule = if let Some(signal) = Sender::of(headers).opted_out([&captured.policy, &site.policy.policy]) {
        signal
    } else {
        match captured.policy.media.min(site.policy.policy.media) {
            MediaMode::Block => "media",
            MediaMode::SameOrigin | MediaMode::Show => return Ok(()),
        }
    };
    let refusal = Refusal { site_id: site.id, rule: rule.to_owned(), at: now, finding: None, recording: None };
    door.app.store.refuse(refusal).await?;
    Err(Error::Refused { rule: rule.to_owned() })
}

/// The hashes that a browser asks for.
pub(super) fn hashes_in(asked: &[u8]) -> Result<Vec<AssetHash>> {
    let (hashes, rest) = asked.as_chunks::<16>();
    if !rest.is_empty() || hashes.is_empty() || hashes.len() > HASHES_MAX {
        return Err(Error::Malformed {
            what: "it asks for no whole number of hashes, or for too many",
            at: HEAD_BYTES,
        });
    }
    Ok(hashes.iter().map(|hash| AssetHash(*hash)).collect())
}

/// What each of them is answered: `1` lacks it, `0` has it.
pub(super) fn digits(lacks: impl IntoIterator<Item = bool>) -> String {
    lacks.into_iter().map(|lacks| if lacks { '1' } else { '0' }).collect()
}

/// What these bytes are, where they are something that may be kept.
pub(super) fn kind_of(bytes: &[u8]) -> Result<Kind> {
    Kind::of(bytes).ok_or_else(|| Error::Refused { rule: "asset-type".to_owned() })
}

async fn ask(door: &Door, asker: Asker, asked: &[u8]) -> Result<String> {
    let hashes = hashes_in(asked)?;
    let store = &door.app.store;
    // Before anything is made for a stranger, he shows that he has a recording.
    let claim = asker.clone();
    store.read(move |db| asset::held(db, &claim, &[]).map(drop)).await?;
    let key = store.keyring().asset_key(asker.site_id, asker.at)?;
    let names: Vec<Name> = hashes.iter().map(|hash| asset::name(&key, *hash)).collect();
    let (claim, looked_up) = (asker.clone(), names.clone());
    let held = store.read(move |db| asset::held(db, &claim, &looked_up)).await?;
    let shown: Vec<Name> =
        names.iter().zip(&held).filter(|(_, held)| **held == Held::Shared).map(|(name, _)| *name).collect();
    if !shown.is_empty() {
        store.write(move |books| asset::add_uses(books, &asker, &shown)).await?;
    }
    Ok(digits(held.into_iter().map(|held| held == Held::No)))
}

async fn bring(door: &Door, asker: Asker, bytes: Bytes, client: [u8; 16]) -> Result<()> {
    let store = &door.app.store;
    let claim = asker.clone();
    store.read(move |db| asset::held(db, &claim, &[]).map(drop)).await?;
    let kind = kind_of(&bytes)?;
    let site_key = store.keyring().asset_key(asker.site_id, asker.at)?;
    let recording_key = store.keyring().find(asker.recording)?.ok_or(Error::Gone)?.key.clone();
    let hashed = bytes.clone();
    let hash = tokio::task::spawn_blocking(move || AssetHash::of(&hashed))
        .await
        .map_err(|cause| Error::internal("the door", cause))?;
    let name = asset::name(&site_key, hash);
    let counts = door.visits.count(Day::of(asker.at), client, name);
    let fresh = Fresh { name, kind, bytes, counts, site_key, recording_key };
    store.write(move |books| asset::keep(books, &asker, &fresh)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_counts_once_a_day() {
        let visits = Visits::default();
        let (name, other) = ([1; 16], [2; 16]);
        assert!(visits.count(Day(1), [7; 16], name));
        assert!(!visits.count(Day(1), [7; 16], name));
        assert!(visits.count(Day(1), [7; 16], other) && visits.count(Day(1), [8; 16], name));
        assert!(visits.count(Day(2), [7; 16], name), "another day is another visit");
    }
}
