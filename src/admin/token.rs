//! Bearer tokens: everything that the dashboard does, a program may do with one.

use crate::access::Manager;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::role::Role;
use crate::store::token::{self, Token};
use axum::extract::{Path, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A token as the list shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub struct View {
    id: String,
    name: String,
    role: Role,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

/// A token just made: the only time it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MadeToken {
    token: String,
    #[serde(flatten)]
    view: View,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TokenList)]
pub struct List {
    items: Vec<View>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    name: String,
    role: Role,
    /// How long it lasts; for ever where it is left out.
    days: Option<u32>,
}

impl From<Token> for View {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            role: token.role,
            created_at: token.created_at.0,
            expires_at: token.expires_at.map(|at| at.0),
            last_used_at: token.last_used_at.map(|at| at.0),
        }
    }
}

/// All tokens.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses((status = 200, body = List)))]
pub async fn list(State(app): State<Arc<App>>, _: Manager) -> Result<Json<List>> {
    let items = app.store.read(token::list).await?;
    Ok(Json(List { items: items.into_iter().map(View::from).collect() }))
}

/// Make a token. It is shown in this answer and never again.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 403, description = "The role is more than one's own.")))]
pub async fn add(
    State(app): State<Arc<App>>,
    Manager(manager): Manager,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>)> {
    if !manager.role.may_grant(new.role) {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let made = app.store.write(move |books| token::insert(&books.meta, &new.name, new.role, new.days, now));
    let (token, secret) = made.await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: secret, view: token.into() })))
}

/// Revoke a token.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked."), (status = 404, description = "There is none.")))]
pub async fn revoke(State(app): State<Arc<App>>, _: Manager, Path(id): Path<String>) -> Result<StatusCode> {
    app.store.write(move |books| token::delete(&books.meta, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
