//! Documents for the data-protection officer, and how a site stands to each profile.

use super::site::read_key;
use crate::access::{Signed, Watcher};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::officer::{Dpia, Language, Records};
use crate::policy::profile::{Checked, NOTICE, Profile, Verdict, Words};
use crate::store::site as sites;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a site stands to one profile.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileResult)]
pub struct Held {
    /// `cnil-2026`, `cz`, `eu-default` or `us-ca`.
    profile: &'static str,
    /// Whether no clause fails.
    ok: bool,
    clauses: Vec<Checked>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileResultList)]
pub struct List {
    items: Vec<Held>,
    /// That this is no legal advice.
    notice: Words,
}

/// How a document is written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Written {
    /// `en` or `cs`; English where it is not said.
    #[serde(default)]
    lang: String,
}

/// How a site's policy stands to the clauses of each profile.
#[utoipa::path(get, path = "/api/v1/sites/{key}/profiles", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = List), (status = 404, description = "There is none.")))]
pub async fn profiles(State(app): State<Arc<App>>, _: Signed, Path(key): Path<String>) -> Result<Json<List>> {
    let key = read_key(&key)?;
    let (site, facts) = app
        .store
        .read(move |db| {
            let site = sites::find(db, &key)?;
            let facts = site.facts(db)?;
            Ok((site, facts))
        })
        .await?;
    let held = |profile: Profile| {
        let clauses = profile.check(&site.policy.policy, Some(&facts));
        Held { profile: profile.as_str(), ok: clauses.iter().all(|clause| clause.verdict != Verdict::Fail), clauses }
    };
    Ok(Json(List { items: Profile::ALL.map(held).into(), notice: NOTICE }))
}

/// Records of processing (GDPR, Art. 30) from the running settings, as Markdown.
#[utoipa::path(get, path = "/api/v1/sites/{key}/records", tag = "sites", params(("key" = String, Path), Written),
    responses((status = 200, body = String, content_type = "text/markdown"), (status = 404, description = "There is none.")))]
pub async fn records(
    State(app): State<Arc<App>>,
    _: Watcher,
    Path(key): Path<String>,
    Query(Written { lang }): Query<Written>,
) -> Result<Response> {
    let (key, now) = (read_key(&key)?, app.now());
    let language = match lang.as_str() {
        "" => Language::English,
        code => code.parse::<Language>().map_err(|message| Error::invalid("lang", message))?,
    };
    let read = app.store.read(move |db| Records::read(db, &sites::find(db, &key)?, now, language));
    let records = read.await?;
    Ok(document("records", &records.site, records.markdown()))
}

/// The facts of an impact assessment (GDPR, Art. 35) from the running settings, as Markdown.
#[utoipa::path(get, path = "/api/v1/sites/{key}/dpia", tag = "sites", params(("key" = String, Path)),
    responses((status = 200, body = String, content_type = "text/markdown"), (status = 404, description = "There is none.")))]
pub async fn dpia(State(app): State<Arc<App>>, _: Watcher, Path(key): Path<String>) -> Result<Response> {
    let (key, now) = (read_key(&key)?, app.now());
    let keyring = app.store.keyring().clone();
    let dpia = app.store.read(move |db| Dpia::read(db, &keyring, &sites::find(db, &key)?, now)).await?;
    Ok(document("dpia", &dpia.site, dpia.markdown()))
}

/// Markdown that a browser keeps as a file.
fn document(name: &str, site: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}-{site}.md\"");
    (
        [(header::CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        text,
    )
        .into_response()
}
