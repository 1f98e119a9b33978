//! The visitor's own recordings: list, watch, take along, restrict, erase. A recording's secret is the key to it; secrets come in
//! bodies, never in addresses. A wrong secret finds as little as an unknown id.

use crate::access::SameOrigin;
use crate::app::{App, Peer};
use crate::error::{Error, Result};
use crate::export::{self, AssetList, Part};
use crate::json::Json;
use crate::model::{AssetHash, RecordingId, SiteKey};
use crate::policy::Identity;
use crate::store::request::{self, Kind, Request};
use crate::store::restriction::{Order, Verb};
use crate::store::{Actor, Day, Keyring, Readable, Recording, Site, Summary, erasure, policy, recording};
use axum::extract::{FromRequestParts, Path, State};
use axum::response::Response;
use axum::{Extension, RequestPartsExt};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Recordings asked for at once.
const PROOFS_MAX: usize = 200;

/// A recording's id and secret: `ID.SECRET`, 32 hexadecimal digits each.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Proof {
    id: RecordingId,
    secret: Vec<u8>,
}

impl TryFrom<String> for Proof {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let wrong = "a proof is a recording's id, a dot and its secret";
        let (id, secret) = text.split_once('.').ok_or(wrong)?;
        let secret = data_encoding::HEXLOWER.decode(secret.as_bytes()).map_err(|_| wrong)?;
        Ok(Self { id: id.parse().map_err(|_| wrong)?, secret })
    }
}

/// The site of an address that our own page asks, at no more than a client's pace.
pub struct Asked(Arc<Site>);

impl FromRequestParts<Arc<App>> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        SameOrigin::from_request_parts(parts, app).await?;
        let Extension(peer) =
            parts.extract::<Extension<Peer>>().await.map_err(|cause| Error::internal("asking", cause))?;
        app.clients.take(app.client(&parts.headers, peer), Day::of(app.now()))?;
        let Path(key) = parts.extract::<Path<String>>().await.map_err(|_| Error::NotFound)?;
        let key: SiteKey = key.parse().map_err(|_| Error::NotFound)?;
        app.store.site(&key)?.map(Self).ok_or(Error::NotFound)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Several {
    proofs: Vec<Proof>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    proof: Proof,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneAsset {
    proof: Proof,
    hash: AssetHash,
}

/// A recording as its visitor sees it.
#[derive(Debug, Serialize)]
pub struct View {
    id: RecordingId,
    started_at: i64,
    duration_ms: i64,
    pages: u32,
    expires_at: i64,
    policy_version: u32,
    /// Since when it is kept and not used, and whether it is so because this visitor asked.
    restricted_at: Option<i64>,
    restricted_by_visitor: bool,
    /// With what it is linked by a random number: the others of its tab, or the browser's other visits.
    linked: Option<Identity>,
    /// What the site called whoever was signed in.
    identified: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct List {
    items: Vec<View>,
}

/// `POST /visitor/v1/{site}/recordings`: those of these that are there, newest first.
pub async fn list(State(app): State<Arc<App>>, Asked(site): Asked, Json(asked): Json<Several>) -> Result<Json<List>> {
    if asked.proofs.len() > PROOFS_MAX {
        return Err(Error::invalid("proofs", format!("At most {PROOFS_MAX} recordings are shown at once.")));
    }
    let (site_id, store) = (site.id, app.store.clone());
    let list = app.store.read(move |db| {
        let policies = policy::versions(db, site_id)?;
        let mut items = Vec::new();
        for Proof { id, secret } in asked.proofs {
            match recording::own(db, site_id, id, &secret) {
                Ok(()) => items.push(View::of(&recording::find(db, id, "")?, store.keyring(), &policies)),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        items.sort_by_key(|item| (std::cmp::Reverse(item.started_at), item.id));
        items.dedup_by_key(|item| item.id);
        Ok(List { items })
    });
    let list = list.await?;
    note(&app, &site, Kind::Access, list.items.iter().map(|item| item.id).collect()).await;
    Ok(Json(list))
}

/// `POST /visitor/v1/{site}/events`: the recording as rrweb events.
pub async fn events(
    State(app): State<Arc<App>>,
    Asked(site): Asked,
    headers: HeaderMap,
    Json(One { proof }): Json<One>,
) -> Result<Response> {
    let readable = open(&app, &site, proof).await?;
    export::events(&app, readable, Part::default(), &headers).await
}

/// `POST /visitor/v1/{site}/copy`: the same, to be taken along.
pub async fn copy(
    State(app): State<Arc<App>>,
    Asked(site): Asked,
    headers: HeaderMap,
    Json(One { proof }): Json<One>,
) -> Result<Response> {
    let readable = open(&app, &site, proof).await?;
    note(&app, &site, Kind::Copy, vec![readable.id()]).await;
    export::events(&app, readable, Part::default(), &headers).await
}

/// `POST /visitor/v1/{site}/assets`: its pictures and fonts.
pub async fn assets(
    State(app): State<Arc<App>>,
    Asked(site): Asked,
    Json(One { proof }): Json<One>,
) -> Result<Json<AssetList>> {
    let readable = open(&app, &site, proof).await?;
    Ok(Json(export::assets(&app, readable).await?))
}

/// `POST /visitor/v1/{site}/asset`: the bytes of one.
pub async fn asset(
    State(app): State<Arc<App>>,
    Asked(site): Asked,
    Json(OneAsset { proof, hash }): Json<OneAsset>,
) -> Result<Response> {
    let readable = open(&app, &site, proof).await?;
    let mut answer = export::asset(&app, readable, hash).await?;
    answer.headers_mut().remove(http::header::CACHE_CONTROL);
    Ok(answer)
}

/// `POST /visitor/v1/{site}/erase`: destroy its key, also where it is restricted.
pub async fn erase(
    State(app): State<Arc<App>>,
    Asked(site): Asked,
    Json(One { proof }): Json<One>,
) -> Result<StatusCode> {
    let (Proof { id, secret }, now) = (proof, app.now());
    let write = app.store.write(move |books| {
        recording::own(&books.meta, site.id, id, &secret)?;
        erasure::erase(books, id, &Actor::Visitor, now)
    });
    write.await?;
    app.store.keyring().forget_recording(id);
    tracing::info!(recording.id = %id, "erased recording {id}, as its visitor asked");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /visitor/v1/{site}/restrict`: have it kept and not used.
pub async fn restrict(state: State<Arc<App>>, asked: Asked, Json(One { proof }): Json<One>) -> Result<StatusCode> {
    carry_out(state, asked, proof, Verb::Restrict).await
}

/// `POST /visitor/v1/{site}/lift`: take that back. What staff restricted stays so.
pub async fn lift(state: State<Arc<App>>, asked: Asked, Json(One { proof }): Json<One>) -> Result<StatusCode> {
    carry_out(state, asked, proof, Verb::Lift).await
}

async fn carry_out(State(app): State<Arc<App>>, Asked(site): Asked, proof: Proof, verb: Verb) -> Result<StatusCode> {
    let recording = open(&app, &site, proof).await?.id();
    let order = Order { recording, verb, by: Actor::Visitor, reason: String::new(), at: app.now() };
    app.store.carry_out(order).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The recording that this proof opens.
async fn open(app: &App, site: &Site, proof: Proof) -> Result<Readable> {
    let (Proof { id, secret }, site_id) = (proof, site.id);
    app.store.read(move |db| Readable::by_visitor(db, site_id, id, &secret)).await
}

/// Note that the visitor asked for these. Where that fails, he has them all the same.
async fn note(app: &App, site: &Site, kind: Kind, recordings: Vec<RecordingId>) {
    if recordings.is_empty() {
        return;
    }
    let (site_id, at) = (site.id, app.now());
    let write = app.store.write(move |books| {
        recordings.iter().try_for_each(|recording| {
            let (recording, by) = (*recording, &Actor::Visitor);
            request::note(&books.meta, &Request { site_id, recording, kind, by, reason: "", at }).map(drop)
        })
    });
    if let Err(error) = write.await {
        tracing::warn!(cause = %error, "what a visitor asked for could not be noted");
    }
}

impl View {
    fn of(row: &Recording, keyring: &Keyring, policies: &[policy::Version]) -> Self {
        let under = policies.iter().find(|version| version.number == row.policy_version);
        // Of a version that is too old to be read back, what links more.
        let linked = under.map_or(Identity::Visitor, |version| version.policy.identity);
        Self {
            id: row.id,
            started_at: row.started_at.0,
            duration_ms: (row.ended_at.0 - row.started_at.0).max(0),
            pages: row.pages,
            expires_at: row.expires_on.begins_at().0,
            policy_version: row.policy_version,
            restricted_at: row.restrictions.first().map(|first| first.since.0),
            restricted_by_visitor: row.restrictions.iter().any(|one| one.by == Actor::Visitor),
            linked: row.visitor.map(|_| linked),
            identified: Summary::open(keyring, row).identified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_an_id_and_a_secret_and_nothing_else() {
        let (id, secret) = ("ab".repeat(16), "cd".repeat(16));
        assert!(Proof::try_from(format!("{id}.{secret}")).is_ok());
        for wrong in [
            id.clone(),
            format!("{id}{secret}"),
            format!("{id}.xyz"),
            format!("{id}."),
            format!(".{secret}"),
            String::new(),
        ] {
            // An empty secret is well formed and opens nothing.
            assert!(Proof::try_from(wrong.clone()).is_err() || wrong.ends_with('.'), "{wrong}");
        }
    }
}
