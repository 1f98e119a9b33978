//! Previews: an operator opens his own page and sees beside it what a recording would keep of it under a policy that is not saved yet.
//! What his browser sends passes the same door as a visitor's, and stays in memory alone, for as long as somebody watches.

mod page;

use crate::error::{Error, Result};
use crate::model::{AssetHash, PageId, PolicyHash, PreviewToken, RecordingId, SiteKey, Timestamp};
use crate::policy::{MediaMode, Policy};
use crate::seal;
use crate::store::Site;
use crate::stream;
use page::{Page, Told, Untold};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Previews at once; the one that was left alone for longest makes room.
const PREVIEWS_MAX: usize = 16;
/// A preview that nobody watches ends after this: a dashboard that lost its connection comes back sooner.
const ALONE_MS_MAX: i64 = 2 * 60_000;
/// Notes of one page; whoever posts more is not a person who looks at it.
const NOTES_MAX: usize = 20_000;
/// Pictures and fonts of one preview.
const ASSET_BYTES_MAX: usize = 16 << 20;

/// All previews of this server.
#[derive(Clone, Default)]
pub struct Previews(Arc<Mutex<HashMap<PreviewToken, Preview>>>);

/// What a watcher is told, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A page was opened, or the same one is told anew: what came before is gone.
    Page,
    /// rrweb events, as a JSON array.
    Events(Arc<str>),
    /// Bytes of pictures or fonts have come: whoever asks for the page anew sees them.
    Asset,
    /// The operator clicked something in his page: put it on this list of the policy.
    Picked { list: Pick, entry: String },
    /// The door refused what the page would have sent, by this rule.
    Refused { rule: String, selector: String },
    /// The page is too large to be shown here.
    TooLarge,
}

/// A list of the policy that a click can add to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    Mask,
    Block,
    Ignore,
    Paths,
}

/// How far things are: watchers wait for notes, the page for another draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The number of the next note.
    pub next: u64,
    /// How often the draft was changed.
    pub draft: u32,
}

/// What the recorder's file of a preview needs.
pub struct Draft {
    pub site: SiteKey,
    pub policy: Arc<Policy>,
    pub number: u32,
    pub language: String,
}

struct Preview {
    site_id: i64,
    site_key: SiteKey,
    policy: Arc<Policy>,
    hash: PolicyHash,
    language: String,
    /// The tab that opened it: no other takes part.
    recording: Option<RecordingId>,
    page: Option<Page>,
    assets: HashMap<AssetHash, Asset>,
    /// The number of the first of `notes`.
    first: u64,
    notes: Vec<Note>,
    reached: watch::Sender<Reached>,
    watchers: usize,
    alone_since: Timestamp,
}

/// A picture or a font.
#[derive(Clone)]
pub struct Asset {
    pub kind: &'static str,
    pub bytes: bytes::Bytes,
}

/// Whoever follows a preview; it lives while one does.
pub struct Watching {
    previews: Previews,
    token: PreviewToken,
    now: fn() -> Timestamp,
}

/// A batch of a page under preview.
pub struct Batch<'a> {
    pub recording: RecordingId,
    pub page: PageId,
    pub seq: u32,
    pub opened: &'a [u8],
}

impl Previews {
    /// Begin one for this draft; the token opens it.
    pub fn begin(&self, site: &Site, policy: Policy, language: String, now: Timestamp) -> Result<PreviewToken> {
        self.begin_for(site.id, site.key.clone(), policy, language, now)
    }

    fn begin_for(
        &self,
        site_id: i64,
        site_key: SiteKey,
        policy: Policy,
        language: String,
        now: Timestamp,
    ) -> Result<PreviewToken> {
        let token = PreviewToken(seal::random()?);
        let mut held = self.lock(now);
        if held.len() >= PREVIEWS_MAX
            && let Some(oldest) =
                held.iter().min_by_key(|(_, one)| (one.watchers > 0, one.alone_since)).map(|(token, _)| *token)
        {
            held.remove(&oldest);
        }
        held.insert(
            token,
            Preview {
                site_id,
                site_key,
                hash: policy.hash(),
                policy: Arc::new(policy),
                language,
                recording: None,
                page: None,
                assets: HashMap::new(),
                first: 0,
                notes: Vec::new(),
                reached: watch::Sender::new(Reached { next: 0, draft: 0 }),
                watchers: 0,
                alone_since: now,
            },
        );
        Ok(token)
    }

    /// Change the draft; the page is told, and tells itself anew under it.
    pub fn change(&self, token: PreviewToken, site_id: i64, policy: Policy, now: Timestamp) -> Result<()> {
        self.with(token, site_id, now, |preview| {
            let hash = policy.hash();
            if hash != preview.hash {
                (preview.hash, preview.policy) = (hash, Arc::new(policy));
                preview.reached.send_modify(|reached| reached.draft += 1);
            }
            Ok(())
        })
    }

    pub fn end(&self, token: PreviewToken, site_id: i64, now: Timestamp) -> Result<()> {
        self.with(token, site_id, now, |_| Ok(()))?;
        self.lock(now).remove(&token);
        Ok(())
    }

    /// The draft as it stands, for the recorder's file.
    pub fn draft(&self, token: PreviewToken, now: Timestamp) -> Result<Draft> {
        let held = self.lock(now);
        let preview = held.get(&token).ok_or(Error::NotFound)?;
        Ok(Draft {
            site: preview.site_key.clone(),
            policy: preview.policy.clone(),
            number: preview.reached.borrow().draft,
            language: preview.language.clone(),
        })
    }

    /// What to wait with for another draft, or for another note.
    pub fn follow(&self, token: PreviewToken, site_id: i64, now: Timestamp) -> Result<watch::Receiver<Reached>> {
        self.with(token, site_id, now, |preview| Ok(preview.reached.subscribe()))
    }

    /// Count whoever watches from now on.
    pub fn watch(&self, token: PreviewToken, site_id: i64, now: fn() -> Timestamp) -> Result<Watching> {
        self.with(token, site_id, now(), |preview| {
            preview.watchers += 1;
            Ok(())
        })?;
        Ok(Watching { previews: self.clone(), token, now })
    }

    /// The notes from number `from` on, and the number after them. Where those are gone, all that there are.
    pub fn notes(
        &self,
        token: PreviewToken,
        site_id: i64,
        from: Option<u64>,
        now: Timestamp,
    ) -> Result<(u64, Vec<Note>)> {
        self.with(token, site_id, now, |preview| {
            if from.is_none() {
                preview.tell_anew();
            }
            let skipped = from.unwrap_or(0).saturating_sub(preview.first);
            let skipped = usize::try_from(skipped).unwrap_or(usize::MAX).min(preview.notes.len());
            Ok((preview.next(), preview.notes.get(skipped..).unwrap_or_default().to_vec()))
        })
    }

    /// Take in what the page sent, as the door would.
    pub fn take(&self, token: PreviewToken, site_id: i64, batch: &Batch<'_>, now: Timestamp) -> Result<()> {
        self.with(token, site_id, now, |preview| preview.take(batch, now))
    }

    /// Something was clicked in the page.
    pub fn pick(&self, token: PreviewToken, site_id: i64, list: Pick, entry: String, now: Timestamp) -> Result<()> {
        self.with(token, site_id, now, |preview| {
            list.check(&entry)?;
            preview.tell(Note::Picked { list, entry });
            Ok(())
        })
    }

    /// Which of these pictures and fonts did not come yet?
    pub fn lacks(&self, token: PreviewToken, site_id: i64, hashes: &[AssetHash], now: Timestamp) -> Result<Vec<bool>> {
        self.with(token, site_id, now, |preview| {
            preview.shows_pictures()?;
            Ok(hashes.iter().map(|hash| !preview.assets.contains_key(hash)).collect())
        })
    }

    /// Keep a picture or a font; what does not fit is not shown.
    pub fn bring(&self, token: PreviewToken, site_id: i64, asset: Asset, now: Timestamp) -> Result<()> {
        self.with(token, site_id, now, |preview| {
            preview.shows_pictures()?;
            let held: usize = preview.assets.values().map(|asset| asset.bytes.len()).sum();
            if held + asset.bytes.len() <= ASSET_BYTES_MAX {
                preview.assets.insert(AssetHash::of(&asset.bytes), asset);
                preview.outdate();
            }
            Ok(())
        })
    }

    pub fn asset(&self, token: PreviewToken, site_id: i64, hash: AssetHash, now: Timestamp) -> Result<Asset> {
        self.with(token, site_id, now, |preview| preview.assets.get(&hash).cloned().ok_or(Error::NotFound))
    }

    /// The pictures and fonts that are there.
    pub fn assets(&self, token: PreviewToken, site_id: i64, now: Timestamp) -> Result<Vec<(AssetHash, &'static str)>> {
        self.with(token, site_id, now, |preview| {
            Ok(preview.assets.iter().map(|(hash, asset)| (*hash, asset.kind)).collect())
        })
    }

    fn with<T>(
        &self,
        token: PreviewToken,
        site_id: i64,
        now: Timestamp,
        work: impl FnOnce(&mut Preview) -> Result<T>,
    ) -> Result<T> {
        let mut held = self.lock(now);
        work(held.get_mut(&token).filter(|preview| preview.site_id == site_id).ok_or(Error::NotFound)?)
    }

    /// All that still live.
    fn lock(&self, now: Timestamp) -> std::sync::MutexGuard<'_, HashMap<PreviewToken, Preview>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, preview| preview.watchers > 0 || now.0 - preview.alone_since.0 < ALONE_MS_MAX);
        held
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut held = self.previews.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(preview) = held.get_mut(&self.token) {
            preview.watchers = preview.watchers.saturating_sub(1);
            preview.alone_since = (self.now)();
        }
    }
}

impl Pick {
    /// Whether a policy could hold this on that list.
    fn check(self, entry: &str) -> Result<()> {
        let mut alone = Policy::default();
        let list = match self {
            Self::Mask => &mut alone.mask,
            Self::Block => &mut alone.block,
            Self::Ignore => &mut alone.ignore,
            Self::Paths => &mut alone.paths,
        };
        *list = vec![entry.to_owned()];
        alone.check().map_err(|invalid| Error::invalid(&invalid.key, invalid.message))
    }
}

impl Preview {
    fn next(&self) -> u64 {
        self.first + self.notes.len() as u64
    }

    fn tell(&mut self, note: Note) {
        if self.notes.len() >= NOTES_MAX {
            return;
        }
        self.notes.push(note);
        let next = self.next();
        self.reached.send_modify(|reached| reached.next = next);
    }

    fn shows_pictures(&self) -> Result<()> {
        if self.policy.media == MediaMode::Block {
            return Err(Error::Refused { rule: "media".to_owned() });
        }
        Ok(())
    }

    fn take(&mut self, batch: &Batch<'_>, now: Timestamp) -> Result<()> {
        let (header, body) = stream::split(batch.opened)?;
        if (header.page, header.seq) != (batch.page, batch.seq) {
            return Err(Error::Misaddressed);
        }
        // Captured under a draft that is gone: the page is about to tell itself anew.
        if header.policy != self.hash {
            return Ok(());
        }
        if *self.recording.get_or_insert(batch.recording) != batch.recording {
            return Err(Error::SecretRefused);
        }
        if self.page.as_ref().is_none_or(|page| page.id != batch.page) {
            let began = now.0.saturating_sub(i64::try_from(header.sent_at).unwrap_or(0));
            self.page = Some(Page::new(batch.page, Timestamp(began)));
            self.clear();
        }
        let told = match &mut self.page {
            Some(page) => page.take(&self.policy, batch.seq, body),
            None => Ok(Told::Nothing),
        };
        match told {
            Ok(Told::Nothing) => {}
            Ok(Told::Events { events, assets }) => {
                events.into_iter().for_each(|events| self.tell(Note::Events(events)));
                if assets {
                    self.outdate();
                }
            }
            Err(Untold { note, error }) => {
                note.into_iter().for_each(|note| self.tell(note));
                return Err(error);
            }
        }
        Ok(())
    }

    /// More pictures or fonts could be shown than were told.
    fn outdate(&mut self) {
        if let Some(page) = &mut self.page {
            page.stale = true;
            self.tell(Note::Asset);
        }
    }

    /// Forget what was told, and say so.
    fn clear(&mut self) {
        self.first = self.next();
        self.notes.clear();
        self.tell(Note::Page);
    }

    /// Tell the page again where more pictures or fonts can be shown by now.
    fn tell_anew(&mut self) {
        let Some(page) = self.page.as_mut().filter(|page| page.stale) else { return };
        let events = page.tell_anew(|hash| self.assets.contains_key(hash));
        self.clear();
        events.into_iter().for_each(|events| self.tell(Note::Events(events)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp(1_000_000);

    fn later(ms: i64) -> Timestamp {
        Timestamp(BEGAN.0 + ms)
    }

    fn begin(previews: &Previews, now: Timestamp) -> PreviewToken {
        previews.begin_for(1, SiteKey::from_random([7; 13]), Policy::default(), String::new(), now).unwrap()
    }

    #[test]
    fn one_that_nobody_watches_ends_and_one_that_is_watched_does_not() {
        let previews = Previews::default();
        let (alone, watched) = (begin(&previews, BEGAN), begin(&previews, BEGAN));
        let watching = previews.watch(watched, 1, || BEGAN).unwrap();
        assert!(previews.draft(alone, later(ALONE_MS_MAX - 1)).is_ok());
        assert!(previews.draft(alone, later(ALONE_MS_MAX)).is_err());
        assert!(previews.draft(watched, later(ALONE_MS_MAX)).is_ok());
        drop(watching);
        assert!(previews.draft(watched, later(ALONE_MS_MAX)).is_err());
    }

    #[test]
    fn the_one_left_alone_for_longest_makes_room() {
        let previews = Previews::default();
        let tokens: Vec<_> = (0..=PREVIEWS_MAX as i64).map(|at| begin(&previews, later(at))).collect();
        let now = later(PREVIEWS_MAX as i64);
        let open: Vec<_> = tokens.iter().map(|token| previews.draft(*token, now).is_ok()).collect();
        assert_eq!(open.iter().position(|open| *open), Some(1), "{open:?}");
    }

    #[test]
    fn another_site_s_key_opens_nothing() {
        let previews = Previews::default();
        let token = begin(&previews, BEGAN);
        assert!(matches!(previews.notes(token, 2, None, BEGAN), Err(Error::NotFound)));
        assert!(matches!(previews.end(token, 2, BEGAN), Err(Error::NotFound)));
        assert!(previews.notes(token, 1, None, BEGAN).is_ok(), "and ends nothing");
    }

    #[test]
    fn only_a_draft_that_is_another_one_is_told() {
        let previews = Previews::default();
        let token = begin(&previews, BEGAN);
        let draft = || previews.draft(token, BEGAN).unwrap().number;
        previews.change(token, 1, Policy::default(), BEGAN).unwrap();
        assert_eq!(draft(), 0);
        previews.change(token, 1, Policy { sample: 50, ..Policy::default() }, BEGAN).unwrap();
        assert_eq!(draft(), 1);
    }
}
