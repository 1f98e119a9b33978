//! A recording as lists and details show it; marking one as watched; erasing one.

use crate::access::{Manager, Watcher};
use crate::app::App;
use crate::error::{Error, Result};
use crate::finish::Counts;
use crate::json::Json;
use crate::model::{Country, NoticeHash, RecordingId, Timestamp, VisitorId};
use crate::policy::{Facts, Preset};
use crate::store::recording;
use crate::store::restriction::Restriction;
use crate::store::site::Catalogue;
use crate::store::{GapSeen, Keyring, PageSeen, Readable, Recording, State as Stage, Summary, erasure};
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Serialize;
use std::sync::Arc;

/// A recording in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Recording)]
pub struct View {
    id: String,
    /// The site's key.
    site: String,
    started_at: i64,
    ended_at: i64,
    duration_ms: i64,
    /// `live`, `finished` or `refused`.
    state: &'static str,
    /// The rule that stopped it.
    refused_rule: Option<String>,
    pages: u32,
    clicks: u32,
    inputs: u32,
    events: u32,
    bytes: u64,
    /// First and last address, reduced by the policy.
    entry: String,
    exit: String,
    device: String,
    browser: String,
    os: String,
    width: u32,
    height: u32,
    /// Where the visitor's network is, by two letters of ISO 3166; null where that is not known.
    #[schema(value_type = Option<String>)]
    country: Option<Country>,
    /// A program that says so itself, not a person.
    bot: bool,
    /// Names whose browser it was, within its site; null where the policy lets no visit be known again.
    #[schema(value_type = Option<String>)]
    visitor: Option<VisitorId>,
    #[schema(value_type = String)]
    preset: Preset,
    policy_version: u32,
    /// Names the facts of the public notice that was in force: its `notice`.
    #[schema(value_type = String)]
    notice: NoticeHash,
    consent: Basis,
    gaps: u32,
    /// Batches that cannot be read any more, as far as is known: their bytes have changed on the server's disk. Each is a gap too.
    damaged: u64,
    watched: bool,
    /// Another program recorded it; it was hidden on its way in.
    imported: bool,
    /// When it was looked through for what was told and should not have been; none while that is still to come.
    audited_at: Option<i64>,
    /// When its keyframes and marks were made; none while that is still to come.
    marked_at: Option<i64>,
    /// How often what a watcher looks for was found; all zero until then.
    signals: Counts,
    /// What is restricted is kept longer.
    expires_at: i64,
    /// Who asked that it is kept and not used, since longest first; what it holds, addresses too, is told to nobody meanwhile.
    restrictions: Vec<Restricted>,
}

/// Why a recording is restricted (GDPR, Art. 18).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Restriction)]
pub struct Restricted {
    since: i64,
    /// `visitor`, `command`, or the id of an account or a token.
    by: String,
    /// The account's e-mail address or the token's name, as far as it is still there.
    name: Option<String>,
    /// Empty where the visitor asked.
    reason: String,
}

/// On what basis a visit was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Consent)]
pub struct Basis {
    /// `granted`, `not-required`, or `imported` where another program recorded it: what its visitor was asked is not known.
    basis: &'static str,
    /// When the first batch that said so came in, by this server's clock, in milliseconds since 1970.
    at: i64,
    /// The hash of the policy that the page held then; null where its version is too long past to be read.
    policy: Option<String>,
}

/// A recording with the pages it came to and the gaps that were counted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordingDetail)]
pub struct Detail {
    #[serde(flatten)]
    recording: View,
    page_list: Vec<PageSeen>,
    gap_list: Vec<GapSeen>,
    /// What the site called whoever was signed in: its own pseudonyms, in the order in which they were told.
    identified: Vec<String>,
    /// How many pictures and fonts the recorder could not read; `/assets` lists them.
    unreadable: usize,
}

/// One recording, with its pages and gaps.
#[utoipa::path(get, path = "/api/v1/recordings/{id}", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = Detail), (status = 404, description = "There is none.")))]
pub async fn show(
    State(app): State<Arc<App>>,
    Watcher(watcher): Watcher,
    Path(id): Path<String>,
) -> Result<Json<Detail>> {
    let id = read_id(&id)?;
    let (keyring, sites, now) = (app.store.keyring().clone(), app.store.sites()?, app.now());
    let detail = app.store.read(move |db| {
        Detail::read(recording::find(db, id, &watcher.id)?, &keyring, &sites, now).ok_or(Error::NotFound)
    });
    Ok(Json(detail.await?))
}

/// Erase a recording. Its key is destroyed when this answers. One that is restricted stays.
#[utoipa::path(delete, path = "/api/v1/recordings/{id}", tag = "recordings", params(("id" = String, Path)),
    responses((status = 204, description = "Erased."), (status = 404, description = "There is none."),
              (status = 423, description = "It is restricted.")))]
pub async fn erase(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let (id, now) = (read_id(&id)?, app.now());
    app.store.write(move |books| erasure::erase(books, id, &manager.actor(), now)).await?;
    app.store.keyring().forget_recording(id);
    tracing::info!(recording.id = %id, "erased recording {id}");
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a recording as watched by this account.
#[utoipa::path(put, path = "/api/v1/recordings/{id}/watched", tag = "recordings", params(("id" = String, Path)),
    responses((status = 204, description = "Marked."), (status = 404, description = "There is none."),
              (status = 423, description = "It is restricted.")))]
pub async fn watch(
    State(app): State<Arc<App>>,
    Watcher(watcher): Watcher,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = read_id(&id)?;
    app.store
        .write(move |books| {
            Readable::by_staff(&books.meta, id)?;
            recording::set_watched(&books.meta, id, &watcher.id)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Detail {
    pub fn read(row: Recording, keyring: &Keyring, sites: &Catalogue, now: Timestamp) -> Option<Self> {
        let summary = summary(keyring, &row);
        let recording = View::of(row, &summary, sites, now)?;
        let Summary { page_list, gap_list, unreadable_list, identified } = summary;
        Some(Self { recording, page_list, gap_list, identified, unreadable: unreadable_list.len() })
    }
}

impl View {
    /// `None` where the site is gone: its recordings are on their way out too.
    pub fn read(row: Recording, keyring: &Keyring, sites: &Catalogue, now: Timestamp) -> Option<Self> {
        let summary = summary(keyring, &row);
        Self::of(row, &summary, sites, now)
    }

    /// The columns of a list on the command line.
    pub fn row(&self) -> Vec<String> {
        let started = jiff::Timestamp::from_millisecond(self.started_at).unwrap_or_default();
        vec![
            self.id.clone(),
            started.strftime("%Y-%m-%d %H:%M").to_string(),
            if self.restrictions.is_empty() { self.state } else { "restricted" }.to_owned(),
            (self.duration_ms / 1000).to_string(),
            self.pages.to_string(),
            self.entry.clone(),
        ]
    }

    fn of(row: Recording, summary: &Summary, sites: &Catalogue, now: Timestamp) -> Option<Self> {
        let restricted = |one: Restriction| Restricted {
            since: one.since.0,
            by: one.by.to_string(),
            name: one.name,
            reason: one.reason,
        };
        let site = sites.values().find(|site| site.id == row.site_id)?;
        let versions = || std::iter::once(&site.policy).chain(&site.older);
        let known = versions().find(|version| version.number == row.policy_version);
        let captured = known.unwrap_or(&site.policy);
        let live = row.is_live(now);
        Some(Self {
            id: row.id.to_string(),
            site: site.key.to_string(),
            started_at: row.started_at.0,
            ended_at: row.ended_at.0,
            duration_ms: (row.ended_at.0 - row.started_at.0).max(0),
            state: match row.state {
                Stage::Open if live => "live",
                Stage::Open | Stage::Finished => "finished",
                Stage::Refused => "refused",
                Stage::Erased => return None,
            },
            refused_rule: row.refused_rule,
            pages: row.pages,
            clicks: row.clicks,
            inputs: row.inputs,
            events: row.events,
            bytes: row.bytes,
            entry: summary.entry().to_owned(),
            exit: summary.exit().to_owned(),
            device: row.device,
            browser: row.browser,
            os: row.os,
            width: row.width,
            height: row.height,
            country: row.country,
            bot: row.bot,
            visitor: row.visitor,
            preset: captured.policy.preset,
            policy_version: row.policy_version,
            notice: Facts::of(&captured.policy).hash(),
            consent: Basis {
                basis: match (row.imported, row.granted) {
                    (true, _) => "imported",
                    (false, true) => "granted",
                    (false, false) => "not-required",
                },
                at: row.consent_at.unwrap_or(row.started_at).0,
                policy: known.map(|version| version.hash.to_string()),
            },
            gaps: row.gaps,
            damaged: row.damaged,
            watched: row.watched,
            imported: row.imported,
            audited_at: row.audited_at,
            marked_at: row.marked_at,
            signals: row.counts,
            expires_at: row.expires_on.begins_at().0,
            restrictions: row.restrictions.into_iter().map(restricted).collect(),
        })
    }
}

/// The texts of a recording; empty where it is restricted.
fn summary(keyring: &Keyring, row: &Recording) -> Summary {
    if row.restrictions.is_empty() { Summary::open(keyring, row) } else { Summary::default() }
}

/// Only the form of an id is ever refused as such; one that is not there looks the same.
pub fn read_id(text: &str) -> Result<RecordingId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The recording of an address, if staff may read it now.
pub async fn readable(app: &App, id: &str) -> Result<Readable> {
    let id = read_id(id)?;
    app.store.read(move |db| Readable::by_staff(db, id)).await
}
