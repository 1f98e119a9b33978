//! Restricting a recording (GDPR, Art. 18), and lifting that: each with a reason.

use super::recordings::read_id;
use crate::access::Manager;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::{Json, Query};
use crate::model::{Malformed, Reason};
use crate::store::restriction::{Order, Verb};
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;

/// Why.
#[derive(Debug, Deserialize, utoipa::ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// 1 to 500 characters; stands beside the recording and in the list of data requests.
    reason: String,
}

/// Restrict a recording: it is kept, past its retention too, and nobody but its visitor may open it. Restricting it again says
/// another reason.
#[utoipa::path(post, path = "/api/v1/recordings/{id}/restriction", tag = "recordings", params(("id" = String, Path)),
    request_body = Why,
    responses((status = 204, description = "Restricted."), (status = 404, description = "There is none."),
              (status = 422, description = "A reason is missing.")))]
pub async fn restrict(
    state: State<Arc<App>>,
    manager: Manager,
    path: Path<String>,
    Json(why): Json<Why>,
) -> Result<StatusCode> {
    carry_out(state, manager, path, Verb::Restrict, &why).await
}

/// Lift every restriction of a recording, also one that its visitor asked for. It expires on its day again; where that is past, it
/// is gone at once.
#[utoipa::path(delete, path = "/api/v1/recordings/{id}/restriction", tag = "recordings", params(("id" = String, Path), Why),
    responses((status = 204, description = "Lifted."), (status = 404, description = "There is none."),
              (status = 409, description = "It is not restricted."), (status = 422, description = "A reason is missing.")))]
pub async fn lift(
    state: State<Arc<App>>,
    manager: Manager,
    path: Path<String>,
    Query(why): Query<Why>,
) -> Result<StatusCode> {
    carry_out(state, manager, path, Verb::Lift, &why).await
}

async fn carry_out(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    Path(id): Path<String>,
    verb: Verb,
    why: &Why,
) -> Result<StatusCode> {
    let reason: Reason =
        why.reason.parse().map_err(|_: Malformed| Error::invalid("reason", "Say why, in 1 to 500 characters."))?;
    let order = Order {
        recording: read_id(&id)?,
        verb,
        by: manager.actor(),
        reason: reason.as_str().to_owned(),
        at: app.now(),
    };
    app.store.carry_out(order).await?;
    Ok(StatusCode::NO_CONTENT)
}
